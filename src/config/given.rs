//! A setting as given, in a file or as text, and how it is read into each type.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::Offset;
use toml::de::DeValue;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{LogFormat, Network, Origin, PinSetting, Secret};
use crate::did::Did;
use crate::log::vkey::{KeyName, Kind};
use crate::log::{Policy, VerifierKey};

/// A value before its meaning is known.
#[derive(Debug)]
pub(crate) enum Given {
    /// From the environment or a flag.
    Text(String),
    /// A string in a file.
    Quoted(String),
    /// A whole number in a file.
    Number(i64),
    /// A list of strings in a file.
    List(Vec<String>),
    /// A list of tables of strings in a file.
    Tables(Vec<Vec<(String, String)>>),
    /// True or false in a file.
    Flag(bool),
    /// Anything else in a file, by the name of its type.
    Other(&'static str),
}

type Read<T> = Result<T, String>;

/// A table that holds strings alone.
fn table(value: &DeValue<'_>) -> Option<Vec<(String, String)>> {
    let DeValue::Table(table) = value else { return None };
    let row = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| match value.get_ref() {
        DeValue::String(text) => Some((AsRef::<str>::as_ref(name.get_ref()).to_owned(), text.to_string())),
        _ => None,
    };
    table.iter().map(row).collect()
}

impl Given {
    /// A value of a file.
    pub(crate) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Quoted(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Self::Number(number),
                Err(_) => Self::Other("a number that large"),
            },
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                });
                let list = texts.collect::<Option<_>>().map(Self::List);
                let tables = || items.iter().map(|item| table(item.get_ref())).collect::<Option<_>>();
                list.or_else(|| tables().map(Self::Tables)).unwrap_or(Self::Other("a list of other things"))
            }
            DeValue::Float(_) => Self::Other("a fraction"),
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Table(_) => Self::Other("a table"),
        }
    }

    fn text(&self, what: &str) -> Read<&str> {
        match self {
            Self::Text(text) | Self::Quoted(text) if !text.trim().is_empty() => Ok(text.trim()),
            Self::Text(_) | Self::Quoted(_) => Err(format!("is {what}, not empty")),
            Self::Number(number) => Err(format!("is {what}, not the number {number}")),
            Self::List(_) | Self::Tables(_) => Err(format!("is {what}, not a list")),
            Self::Flag(_) => Err(format!("is {what}, not true or false")),
            Self::Other(other) => Err(format!("is {what}, not {other}")),
        }
    }

    fn list(&self) -> Read<Vec<String>> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Text(text) => Ok(text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()),
            _ => Err("is a list of texts: [\"…\", \"…\"]".to_owned()),
        }
    }

    fn whole(&self, what: &str) -> Read<u64> {
        let number = match self {
            Self::Number(number) => u64::try_from(*number).ok(),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| format!("is {what}: a whole number"))
    }

    pub(crate) fn flag(&self) -> Read<bool> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Text(text) if text.trim() == "true" => Ok(true),
            Self::Text(text) if text.trim() == "false" => Ok(false),
            _ => Err("is true or false".to_owned()),
        }
    }

    /// An offset from UTC.
    pub(crate) fn offset(&self) -> Read<Offset> {
        let text = self.text("an offset from UTC, like +07:00")?;
        let wrong = || format!("is an offset from UTC, like +07:00, not {text:?}");
        let (sign, rest) = text.split_at_checked(1).ok_or_else(wrong)?;
        let (hours, minutes) = rest.split_once(':').filter(|_| rest.len() == 5).ok_or_else(wrong)?;
        let number =
            |text: &str| text.parse::<i32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let (hours, minutes) = number(hours).zip(number(minutes)).ok_or_else(wrong)?;
        let seconds = hours * 3600 + minutes * 60;
        let seconds = match sign {
            "+" => seconds,
            "-" => -seconds,
            _ => return Err(wrong()),
        };
        let fits = hours <= 14 && minutes < 60;
        Offset::from_seconds(seconds).ok().filter(|_| fits).ok_or_else(wrong)
    }

    /// In a file tables of `url` and `fingerprint`; as text both, a space between.
    pub(crate) fn pins(&self) -> Read<Vec<PinSetting>> {
        const FORM: &str =
            "is a list of roots to pin: [{ url = \"https://…/root/1\", fingerprint = \"uEi…\" }]";
        let pairs = match self {
            Self::Tables(tables) => {
                let of = |table: &Vec<(String, String)>, name: &str| {
                    table.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
                };
                let pair = |table| Some((of(table, "url")?, of(table, "fingerprint")?));
                let pairs: Option<Vec<_>> =
                    tables.iter().map(|table| pair(table).filter(|_| table.len() == 2)).collect();
                pairs.ok_or_else(|| FORM.to_owned())?
            }
            _ => {
                let pair = |text: String| {
                    text.split_once(' ').map(|(url, rest)| (url.to_owned(), rest.trim().to_owned()))
                };
                let pairs: Option<Vec<_>> = self.list()?.into_iter().map(pair).collect();
                pairs.ok_or_else(|| FORM.to_owned())?
            }
        };
        let pin = |(url, fingerprint): (String, String)| {
            let fingerprint = crate::trustlist::fingerprint_of(&fingerprint);
            if crate::trustlist::spoken(&fingerprint).is_none() {
                return Err(format!(
                    "names a fingerprint of a root, u and 46 characters, not {fingerprint:?}"
                ));
            }
            match Url::parse(&url) {
                Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(PinSetting { url, fingerprint }),
                _ => Err(format!("names the URL of a root, not {url:?}")),
            }
        };
        pairs.into_iter().map(pin).collect()
    }

    pub(crate) fn path(&self) -> Read<PathBuf> {
        self.text("a path").map(PathBuf::from)
    }

    pub(crate) fn address(&self) -> Read<SocketAddr> {
        let text = self.text("an address and port, like 127.0.0.1:8080")?;
        let localhost = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let read = localhost.as_deref().unwrap_or(text).parse();
        read.map_err(|_| format!("is an address and port, like 127.0.0.1:8080 or [::]:8080, not {text:?}"))
    }

    pub(crate) fn public_url(&self) -> Read<String> {
        let text = self.text("a URL, like https://diplomas.example.edu")?;
        let url =
            Url::parse(text).map_err(|why| format!("is a URL, like https://diplomas.example.edu: {why}"))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err("is scheme, host and port alone: no path, no question mark, no user".to_owned());
        }
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_loopback(&host) => {}
            ("http", _) => return Err("begins with https:// (http only for localhost)".to_owned()),
            _ => return Err("begins with https://".to_owned()),
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    pub(crate) fn secret(&self) -> Read<Secret> {
        match self {
            Self::Text(text) if !text.is_empty() => Ok(Secret(Zeroizing::new(text.clone()))),
            Self::Text(_) => Err("is not empty".to_owned()),
            _ => Err(
                "has no place in a settings file: name a passphrase_file, or set TESTAMUR_KEYS_PASSPHRASE"
                    .to_owned(),
            ),
        }
    }

    pub(crate) fn dids(&self) -> Read<Vec<Did>> {
        let read = |text: String| {
            Did::parse(&text).map_err(|_| format!("lists DIDs, like did:web:HOST, not {text:?}"))
        };
        self.list()?.into_iter().map(read).collect()
    }

    pub(crate) fn networks(&self) -> Read<Vec<Network>> {
        let read = |text: String| {
            Network::parse(&text)
                .ok_or_else(|| format!("lists networks, like 10.0.0.0/8 or 192.0.2.7, not {text:?}"))
        };
        self.list()?.into_iter().map(read).collect()
    }

    pub(crate) fn origins(&self) -> Read<Vec<Origin>> {
        let wrong = |text: &str| format!("lists origins, like http://localhost:8080, not {text:?}");
        let read = |text: String| {
            let url = Url::parse(&text).ok().filter(|url| url.path() == "/" && url.query().is_none());
            url.as_ref().and_then(Origin::of).ok_or_else(|| wrong(&text))
        };
        self.list()?.into_iter().map(read).collect()
    }

    pub(crate) fn span(&self) -> Read<SignedDuration> {
        SignedDuration::try_from(self.wait()?).map_err(|_| "is too long".to_owned())
    }

    /// More than nothing, at most ten years.
    pub(crate) fn wait(&self) -> Read<Duration> {
        let wrong = "is a duration: 500ms, 30s, 5m, 12h, 7d";
        let text = self.text("a duration: 500ms, 30s, 5m, 12h, 7d")?;
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(wrong)?;
        let number: u64 = text[..digits].parse().map_err(|_| wrong)?;
        let unit = match text[digits..].trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong.to_owned()),
        };
        let span = number.checked_mul(unit).filter(|ms| (1..=3650 * 86_400_000).contains(ms));
        span.map(Duration::from_millis).ok_or_else(|| "is more than nothing and at most 3650d".to_owned())
    }

    pub(crate) fn size(&self) -> Read<usize> {
        let wrong = "is a size: 4096, 512KiB, 2MiB (at most 64MiB)";
        let number = match self {
            Self::Quoted(text) | Self::Text(text) => {
                let text = text.trim();
                let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
                let unit = match text[digits..].trim() {
                    "" | "B" => 1,
                    "KiB" => 1024,
                    "MiB" => 1024 * 1024,
                    _ => return Err(wrong.to_owned()),
                };
                text[..digits].parse::<u64>().ok().and_then(|number| number.checked_mul(unit))
            }
            _ => self.whole("a size").ok(),
        };
        let fits = number.filter(|size| (1024..=64 * 1024 * 1024).contains(size));
        fits.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| wrong.to_owned())
    }

    /// From 1 to 65,536.
    pub(crate) fn count(&self) -> Read<usize> {
        let number = self.whole("a count")?;
        let fits = Some(number).filter(|number| (1..=65_536).contains(number));
        fits.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| "is from 1 to 65536".to_owned())
    }

    /// From 0 to a million.
    pub(crate) fn rate(&self) -> Read<u32> {
        let number = self.whole("a rate")?;
        let fits = u32::try_from(number).ok().filter(|number| *number <= 1_000_000);
        fits.ok_or_else(|| "is from 0 to 1000000".to_owned())
    }

    pub(crate) fn log_origin(&self) -> Read<String> {
        let text = self.text("a name, like log.diplomas.example.edu")?;
        match KeyName::parse(text) {
            Ok(_) if text.len() <= 200 && !text.contains('/') => Ok(text.to_owned()),
            _ => Err(format!("is a name without a slash, like log.diplomas.example.edu, not {text:?}")),
        }
    }

    pub(crate) fn witness_name(&self) -> Read<KeyName> {
        let text = self.text("a name, like witness.diplomas.example.edu")?;
        KeyName::parse(text)
            .map_err(|_| format!("is a name without spaces or +, like witness.example.edu, not {text:?}"))
    }

    /// Names of logs, each with its year.
    pub(crate) fn origins_of_logs(&self) -> Read<Vec<String>> {
        let read = |text: String| {
            let year = text.rsplit_once('/').and_then(|(_, year)| year.parse::<i16>().ok());
            match (KeyName::parse(&text), year) {
                (Ok(_), Some(_)) => Ok(text),
                _ => Err(format!("lists logs, like log.diplomas.example.edu/2026, not {text:?}")),
            }
        };
        self.list()?.into_iter().map(read).collect()
    }

    /// The address of a service of others.
    pub(crate) fn service(&self) -> Read<Url> {
        let text = self.text("an address, like https://moet.vn.example")?;
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "https" | "http") && url.query().is_none() && url.fragment().is_none()
        });
        url.ok_or_else(|| format!("is an address, like https://moet.vn.example, not {text:?}"))
    }

    /// A policy whose witnesses can be asked.
    pub(crate) fn witness_policy(&self) -> Read<Policy> {
        let text = self.text("a policy (C2SP tlog-policy)")?;
        let policy = Policy::parse(format!("{text}\n").as_bytes())
            .map_err(|why| format!("is a policy (C2SP tlog-policy): {why}"))?;
        for url in policy.witnesses().iter().filter_map(|witness| witness.url.as_ref()) {
            if !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
                return Err(format!(
                    "tells where witnesses are, like https://diplomas.la.example, not {url:?}"
                ));
            }
        }
        Ok(policy)
    }

    /// Verifier keys of logs.
    pub(crate) fn log_keys(&self) -> Read<Vec<VerifierKey>> {
        let read = |text: String| {
            let key: Result<VerifierKey, _> = text.trim().parse();
            match key {
                Ok(key) if key.kind() == Kind::Ed25519 => Ok(key),
                Ok(_) => Err(format!("lists keys of logs; {text:?} is that of a witness")),
                Err(why) => Err(format!("lists verifier keys, like log.example.edu/2026+…: {text:?}: {why}")),
            }
        };
        self.list()?.into_iter().map(read).collect()
    }

    pub(crate) fn log_format(&self) -> Read<LogFormat> {
        match self.text("\"text\" or \"json\"")? {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("is \"text\" or \"json\", not {other:?}")),
        }
    }

    pub(crate) fn log_level(&self) -> Read<String> {
        let text = self.text("error, warn, info, debug or trace")?;
        let read = text.parse::<tracing_subscriber::filter::EnvFilter>();
        read.map_err(|_| format!("is error, warn, info, debug or trace, also per module, not {text:?}"))?;
        Ok(text.to_owned())
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}
