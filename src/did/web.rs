//! did:web: a DID whose document lies at an https address. This room only translates; fetching is `resolve`'s.

use percent_encoding::percent_decode_str;
use url::Url;

use super::Did;

/// Why a did:web has no address, or an address no did:web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DidWebError {
    /// The method is another.
    #[error("not a did:web")]
    NotWeb,
    /// The host is not a domain name, or the port no number.
    #[error("the host of the did:web is malformed")]
    Host,
    /// A path segment is empty, climbs, or hides a character that means something in a URL.
    #[error("the path of the did:web is malformed")]
    Path,
}

/// Where the document of `did` lies: `https://HOST/.well-known/did.json`, or `https://HOST/PATH/did.json`.
///
/// The host is lowered and kept in letters, digits, hyphens and dots; whether it may be dialled is decided there.
pub fn url(did: &Did) -> Result<Url, DidWebError> {
    if did.method() != "web" {
        return Err(DidWebError::NotWeb);
    }
    let mut parts = did.method_specific_id().split(':');
    let (host, port) = authority(parts.next().unwrap_or_default())?;
    let mut address = format!("https://{host}{}", port.map(|port| format!(":{port}")).unwrap_or_default());
    let mut in_path = false;
    for segment in parts {
        if !segment_ok(segment) {
            return Err(DidWebError::Path);
        }
        address.extend(["/", segment]);
        in_path = true;
    }
    address.push_str(if in_path { "/did.json" } else { "/.well-known/did.json" });
    Url::parse(&address).map_err(|_| DidWebError::Host)
}

/// The did:web of a host, with a port that is not 443, and of path segments such as `["institutions", "hanoi"]`.
pub fn from_parts(host: &str, port: Option<u16>, path: &[&str]) -> Result<Did, DidWebError> {
    let host = host.to_ascii_lowercase();
    if !host_ok(&host) {
        return Err(DidWebError::Host);
    }
    let mut did = format!("did:web:{host}");
    if let Some(port) = port.filter(|port| *port != 443) {
        did.push_str(&format!("%3A{port}"));
    }
    for segment in path {
        if !segment_ok(segment) {
            return Err(DidWebError::Path);
        }
        did.extend([":", segment]);
    }
    Did::parse(&did).map_err(|_| DidWebError::Path)
}

/// The did:web of an institution served at `public`: `did:web:HOST:institutions:SLUG` below the service's own path, or
/// without a slug the root form `did:web:HOST`. A port is written unless it is the scheme's own.
pub fn of_institution(public: &Url, slug: Option<&str>) -> Result<Did, DidWebError> {
    let host = public.host_str().ok_or(DidWebError::Host)?;
    let mut path: Vec<&str> =
        public.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if let Some(slug) = slug {
        path.extend(["institutions", slug]);
    }
    from_parts(host, public.port(), &path)
}

fn authority(text: &str) -> Result<(String, Option<u16>), DidWebError> {
    let lower = text.to_ascii_lowercase();
    let (host, port) = match lower.split_once("%3a") {
        Some((host, port)) => {
            let plain =
                !port.is_empty() && !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
            (host, Some(port.parse().ok().filter(|_| plain).ok_or(DidWebError::Host)?))
        }
        None => (lower.as_str(), None),
    };
    if host_ok(host) { Ok((host.to_owned(), port)) } else { Err(DidWebError::Host) }
}

/// A domain name in lower case; names in other scripts come as `xn--`.
fn host_ok(host: &str) -> bool {
    let label_ok = |label: &str| {
        let letters = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        letters && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label_ok)
}

fn segment_ok(segment: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    let letters = segment.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_%".contains(&b));
    let hidden =
        segment.contains('%') && decoded.iter().any(|b| *b <= b' ' || *b == 0x7f || b"/\\.?#%@:".contains(b));
    !segment.is_empty() && decoded != b"." && decoded != b".." && letters && !hidden
}
