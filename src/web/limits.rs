//! How much one stranger, and all of them together, may ask of the service.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The limits of the HTTP door; generous for people, firm against floods.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest request body, bytes.
    pub body: usize,
    /// A request must be answered within this time, its body read.
    pub request_timeout: Duration,
    /// Requests in work at once.
    pub requests: usize,
    /// Requests a second one address may make in the long run; 0 for no limit. Loopback has none.
    pub per_second: u32,
    /// Requests one address may make at once.
    pub burst: u32,
    /// Connections open at once; those beyond are told to come back later.
    pub connections: usize,
    /// Connections open at once from one address. Loopback and trusted proxies may take all.
    pub connections_per_address: usize,
}

/// Longest request head, bytes.
pub const HEAD: usize = 32 << 10;
/// A connection on which nothing moves is closed after this time, or after the time a request may take and ten seconds.
pub const IDLE: Duration = Duration::from_secs(30);
/// A request head must be complete within this time of its first byte.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// What is begun is finished within this time when the service is asked to stop.
pub const GRACE: Duration = Duration::from_secs(10);
/// A longer body is heavy: parsed and verified beside the others, so that nobody waits behind it. Bytes.
pub const LIGHT: usize = 64 << 10;
/// Heavy bodies in memory at once.
pub const HEAVY_BODIES: usize = 24;
/// Heavy bodies in work at once.
pub const HEAVY_WORK: usize = 2;

impl Limits {
    /// As set in `[limits]`.
    pub fn of(config: &crate::config::Limits) -> Self {
        Self {
            body: config.body,
            request_timeout: config.timeout,
            requests: config.concurrency,
            per_second: config.rate,
            burst: config.burst,
            connections: 2_048,
            connections_per_address: 256,
        }
    }
}

/// Addresses remembered at most; beyond, those that have their full burst again are forgotten.
const ADDRESSES: usize = 20_000;

/// A token bucket for each address.
pub struct PerAddress {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl PerAddress {
    /// Buckets that hold `burst` and fill by `per_second`; `None` when `per_second` is 0.
    pub fn new(per_second: u32, burst: u32) -> Option<Self> {
        (per_second > 0).then(|| Self {
            per_second: f64::from(per_second),
            burst: f64::from(burst.max(1)),
            buckets: Mutex::default(),
        })
    }

    /// Buckets that hold `count` and fill in a day; `None` when it is 0.
    pub fn a_day(count: u32) -> Option<Self> {
        (count > 0).then(|| Self {
            per_second: f64::from(count) / 86_400.0,
            burst: f64::from(count),
            buckets: Mutex::default(),
        })
    }

    /// Takes one request out of the address's bucket, or tells after how many seconds there is one again.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), u64> {
        if address.to_canonical().is_loopback() {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if buckets.len() >= ADDRESSES && !buckets.contains_key(&address) {
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.burst);
            if buckets.len() >= ADDRESSES {
                return Err(1);
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: self.burst, at: now });
        bucket.left = self.filled(bucket, now);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - bucket.left) / self.per_second).ceil().max(1.0) as u64)
    }

    fn filled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        (bucket.left + gained).min(self.burst)
    }
}

/// Whoever holds an IPv6 address usually holds its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limit = PerAddress::new(2, 3).unwrap();
        let start = Instant::now();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(limit.take(address, start), Ok(()));
        }
        assert_eq!(limit.take(address, start), Err(1));
        assert_eq!(limit.take("192.0.2.2".parse().unwrap(), start), Ok(()));
        assert_eq!(limit.take("::ffff:192.0.2.1".parse().unwrap(), start), Err(1));
        assert_eq!(limit.take(address, start + Duration::from_millis(500)), Ok(()));
        assert_eq!(limit.take(address, start + Duration::from_millis(500)), Err(1));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let limit = PerAddress::new(1, 1).unwrap();
        let start = Instant::now();
        assert_eq!(limit.take("2001:db8::1".parse().unwrap(), start), Ok(()));
        assert_eq!(limit.take("2001:db8::2".parse().unwrap(), start), Err(1));
        assert_eq!(limit.take("2001:db8:0:1::2".parse().unwrap(), start), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_full_buckets_are_forgotten() {
        let limit = PerAddress::new(1, 1).unwrap();
        let start = Instant::now();
        for n in 0..ADDRESSES as u32 {
            assert_eq!(limit.take(IpAddr::V4(n.into()), start), Ok(()));
        }
        assert_eq!(limit.take("203.0.113.1".parse().unwrap(), start), Err(1));
        assert_eq!(limit.take("203.0.113.1".parse().unwrap(), start + Duration::from_secs(2)), Ok(()));
        assert_eq!(limit.buckets.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_day_is_long() {
        let limit = PerAddress::a_day(2).unwrap();
        let (start, address) = (Instant::now(), "192.0.2.1".parse().unwrap());
        assert_eq!([limit.take(address, start), limit.take(address, start)], [Ok(()); 2]);
        assert_eq!(limit.take(address, start), Err(43_200));
        assert_eq!(limit.take(address, start + Duration::from_secs(43_201)), Ok(()));
        assert!(PerAddress::a_day(0).is_none());
    }

    #[test]
    fn no_rate_means_no_limit() {
        assert!(PerAddress::new(0, 5).is_none());
    }
}
