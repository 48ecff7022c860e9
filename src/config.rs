//! Settings: one small struct per concern, typed and checked at the door.
//!
//! [`DEFAULTS`] is the first layer and the manual; then a file, the environment, flags (see [`Config::load`] and
//! [`Config::apply`]); [`Config::check`] looks at what only holds between settings.

mod given;
mod load;
mod network;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::Offset;
use url::Url;
use zeroize::Zeroizing;

use crate::did::Did;
use crate::log::vkey::KeyName;
use crate::log::{Policy, VerifierKey};
use given::Given;
pub use load::{Complaint, ConfigError};
pub use network::Network;

/// The defaults, with every setting explained.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// The longest an application may wait: four months (Revised Recommendation on Criteria and Procedures, 2010).
const CEILING: SignedDuration = SignedDuration::from_hours(120 * 24);

/// The file taken from the folder the program runs in, when there is one.
pub const FILE: &str = "testamur.toml";

/// Every setting.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where and as whom to serve.
    pub server: Server,
    /// Where the signing keys lie.
    pub keys: Keys,
    /// Whom to trust.
    pub trust: Trust,
    /// How to fetch from others.
    pub fetch: Fetch,
    /// How status lists are published.
    pub status: Status,
    /// How trust lists are published.
    pub authority: Authority,
    /// How awards of elsewhere are recognised.
    pub recognition: Recognition,
    /// `[statistics]`
    pub statistics: Statistics,
    /// How the transparency log is published.
    pub transparency: Transparency,
    /// Whose logs are witnessed here.
    pub witness: Witness,
    /// How much a client may ask for.
    pub limits: Limits,
    /// What to log.
    pub log: Log,
}

/// `[server]`
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address the world sees, without a slash at its end. See [`Config::public_url`].
    pub public_url: Option<String>,
    /// PEM certificate chain.
    pub tls_cert: Option<PathBuf>,
    /// PEM private key.
    pub tls_key: Option<PathBuf>,
    /// The folder of the store.
    pub data: PathBuf,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<Network>,
}

/// `[keys]`
#[derive(Debug, Clone)]
pub struct Keys {
    /// The folder of the keys.
    pub dir: PathBuf,
    /// The file whose first line is the passphrase.
    pub passphrase_file: Option<PathBuf>,
    /// The passphrase itself, from the environment only.
    pub passphrase: Option<Secret>,
}

/// `[trust]`
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Issuers vouched for here.
    pub issuers: Vec<Did>,
    /// Authorities pinned at start when they are not yet.
    pub pins: Vec<PinSetting>,
}

/// An authority to pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinSetting {
    /// Where its root is served.
    pub url: Url,
    /// The fingerprint of that root, from a second channel.
    pub fingerprint: String,
}

/// `[fetch]`
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Origins exempt from the guards.
    pub allow_fetch_origins: Vec<Origin>,
    /// A PEM file of further certification authorities.
    pub trust_ca: Option<PathBuf>,
    /// The most time for one connection.
    pub connect_timeout: Duration,
    /// The most time for one answer in all.
    pub total_timeout: Duration,
    /// The most answers awaited at once.
    pub concurrency: usize,
}

/// `[status]`
#[derive(Debug, Clone)]
pub struct Status {
    /// How long a list may be relied on.
    pub valid_for: SignedDuration,
    /// How long a copy may be kept.
    pub ttl: SignedDuration,
}

/// `[authority]`
#[derive(Debug, Clone)]
pub struct Authority {
    /// How long a trust list may be relied on; a newer one is due after half of it.
    pub list_valid_for: SignedDuration,
    /// How long leaves may be unaccounted for before that is an alarm.
    pub count_grace: SignedDuration,
}

/// `[recognition]`
#[derive(Debug, Clone)]
pub struct Recognition {
    /// The file of the rule set, with the thresholds of national policy.
    pub rules: Option<PathBuf>,
    /// Whether a verdict that an agreement gives by itself is issued without an officer.
    pub automatic: bool,
    /// How long an application may wait for its decision.
    pub deadline: SignedDuration,
    /// How long before that an officer is reminded.
    pub remind: SignedDuration,
    /// How often the source of a decision is looked at again.
    pub look_again: SignedDuration,
    /// How many applications one address may send a day; 0 for no limit.
    pub per_day: u32,
    /// Where appeals are explained.
    pub appeal: Option<Url>,
    /// The offset in which days of applications and decisions are counted.
    pub offset: Offset,
}

/// `[statistics]`
#[derive(Debug, Clone)]
pub struct Statistics {
    /// Between two releases, at least.
    pub every: SignedDuration,
}

/// `[transparency]`
#[derive(Debug, Clone, Default)]
pub struct Transparency {
    /// The name of the log, without the year. See [`Config::log_origin`].
    pub origin: Option<String>,
    /// Who is to witness the log, where, and how many of them; the log itself need not be named.
    pub policy: Option<Policy>,
    /// Origins of logs, years included, that are at their end although their year is not.
    pub closed: Vec<String>,
    /// The service of the authority that the leaves are accounted for to.
    pub deliver_to: Option<Url>,
}

/// `[witness]`
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// The name of the key that cosigns; without it there is no witness here.
    pub name: Option<KeyName>,
    /// The keys of the logs that are witnessed, besides those kept in the data folder.
    pub logs: Vec<VerifierKey>,
}

/// `[limits]`
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, bytes.
    pub body: usize,
    /// Requests per second from one address; 0 is no limit.
    pub rate: u32,
    /// Requests from one address before `rate` counts.
    pub burst: u32,
    /// The most requests worked on at once.
    pub concurrency: usize,
    /// The most time for one request.
    pub timeout: Duration,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// A filter as `tracing-subscriber` reads it.
    pub level: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Scheme, host and port: what a fetch exemption names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: String,
    /// The host as a URL writes it.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Origin {
    /// The origin of a URL; `None` unless it is http or https.
    pub fn of(url: &Url) -> Option<Self> {
        let scheme = Some(url.scheme()).filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let port = url.port_or_known_default()?;
        Some(Self { scheme: scheme.to_owned(), host: url.host_str()?.to_owned(), port })
    }
}

/// A text that shows itself to nobody by accident.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// A row of the table of settings.
pub(crate) struct Setting {
    pub(crate) section: &'static str,
    pub(crate) key: &'static str,
    pub(crate) set: fn(&mut Config, &Given) -> Result<(), String>,
}

macro_rules! settings {
    ($($section:ident . $key:ident = $read:ident;)*) => {
        /// Every setting there is. The default file explains each; a test compares the two.
        pub(crate) const SETTINGS: &[Setting] = &[$(Setting {
            section: stringify!($section),
            key: stringify!($key),
            set: |config, given| given.$read().map(|value| config.$section.$key = value.into()),
        },)*];
    };
}

settings! {
    server.listen = address;
    server.public_url = public_url;
    server.tls_cert = path;
    server.tls_key = path;
    server.data = path;
    server.trusted_proxies = networks;
    keys.dir = path;
    keys.passphrase_file = path;
    keys.passphrase = secret;
    trust.issuers = dids;
    trust.pins = pins;
    fetch.allow_fetch_origins = origins;
    fetch.trust_ca = path;
    fetch.connect_timeout = wait;
    fetch.total_timeout = wait;
    fetch.concurrency = count;
    status.valid_for = span;
    status.ttl = span;
    authority.list_valid_for = span;
    authority.count_grace = span;
    recognition.rules = path;
    recognition.automatic = flag;
    recognition.deadline = span;
    recognition.remind = span;
    recognition.look_again = span;
    recognition.per_day = rate;
    recognition.appeal = service;
    recognition.offset = offset;
    statistics.every = span;
    transparency.origin = log_origin;
    transparency.policy = witness_policy;
    transparency.closed = origins_of_logs;
    transparency.deliver_to = service;
    witness.name = witness_name;
    witness.logs = log_keys;
    limits.body = size;
    limits.rate = rate;
    limits.burst = rate;
    limits.concurrency = count;
    limits.timeout = wait;
    log.format = log_format;
    log.level = log_level;
}

impl Config {
    /// The defaults, on a free port of this machine.
    pub fn for_testing() -> Self {
        let mut config = Self::defaults();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.public_url = Some("http://localhost:8080".to_owned());
        config.limits.rate = 0;
        config
    }

    /// The public URL: as set, or made from `listen`. Without a slash at its end.
    pub fn public_url(&self) -> String {
        if let Some(url) = &self.server.public_url {
            return url.clone();
        }
        let (scheme, usual) = if self.server.tls_cert.is_some() { ("https", 443) } else { ("http", 80) };
        let ip = self.server.listen.ip();
        let host = match ip {
            ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            std::net::IpAddr::V4(ip) => ip.to_string(),
        };
        match self.server.listen.port() {
            port if port == usual => format!("{scheme}://{host}"),
            port => format!("{scheme}://{host}:{port}"),
        }
    }

    /// The name of the log, to which each year is appended: as set, or `log.` and the host of the public URL.
    pub fn log_origin(&self) -> String {
        if let Some(origin) = &self.transparency.origin {
            return origin.clone();
        }
        let url = Url::parse(&self.public_url()).ok();
        format!("log.{}", url.as_ref().and_then(Url::host_str).unwrap_or("localhost"))
    }

    /// What only holds between settings. To be called when every layer is in.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut complaints = Vec::new();
        let mut wrong = |name: &str, because: &str| {
            complaints.push(Complaint { place: None, name: name.to_owned(), because: because.to_owned() });
        };
        if self.server.tls_cert.is_some() != self.server.tls_key.is_some() {
            wrong(
                "server.tls_cert",
                "a certificate needs its key and a key its certificate: set tls_cert and tls_key",
            );
        }
        if self.keys.passphrase.is_some() && self.keys.passphrase_file.is_some() {
            wrong(
                "keys.passphrase_file",
                "the passphrase comes from the file or from TESTAMUR_KEYS_PASSPHRASE, not both",
            );
        }
        if self.status.ttl > self.status.valid_for / 2 {
            wrong("status.ttl", "at most half of status.valid_for: a copy may not outlive its list");
        }
        if self.recognition.deadline > CEILING {
            wrong("recognition.deadline", "at most 120d: four months are the ceiling");
        }
        if self.recognition.remind > self.recognition.deadline {
            wrong("recognition.remind", "at most recognition.deadline");
        }
        if self.fetch.connect_timeout > self.fetch.total_timeout {
            wrong("fetch.connect_timeout", "at most fetch.total_timeout");
        }
        if complaints.is_empty() { Ok(()) } else { Err(ConfigError { complaints }) }
    }
}
