//! Who asks, when a proxy stands before the service: `X-Forwarded-For`, believed of the proxies in the settings alone.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::config::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The most hops followed: nobody stands more proxies one behind the other.
const MAX_HOPS: usize = 16;

/// The address that asks: the peer, or, when the peer is a trusted proxy, the last one in `X-Forwarded-For` that is
/// no trusted proxy. What stands before that one is what the client itself wrote, and is not looked at.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    if !is_trusted(peer) {
        return client;
    }
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    for hop in hops.take(MAX_HOPS) {
        // Whatever is no address was not written by a proxy of ours: the last hop known is who asks.
        let Some(address) = address(hop.trim()) else { break };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    client
}

/// An address, alone or with a port, as proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(bracketed).or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let trusted = ["10.0.0.0/8", "::1"].map(|text| Network::parse(text).unwrap());
        for (peer, lines, expected) in [
            ("203.0.113.1", &["192.0.2.1"][..], "203.0.113.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.66, 192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.66", "192.0.2.1,10.0.0.2"], "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.66, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.1:4711"], "192.0.2.1"),
            ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["127.0.0.1, 192.0.2.1"], "192.0.2.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let client = client(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
    }

    #[test]
    fn a_long_line_of_proxies_is_not_followed_for_ever() {
        let trusted = [Network::parse("10.0.0.0/8").unwrap()];
        let mut headers = HeaderMap::new();
        let line = format!("192.0.2.1{}", ",10.0.0.1".repeat(2_000));
        headers.append(FORWARDED_FOR, line.parse().unwrap());
        assert_eq!(client(trusted_peer(), &headers, &trusted), trusted_peer());
    }

    fn trusted_peer() -> IpAddr {
        IpAddr::from([10, 0, 0, 1])
    }
}
