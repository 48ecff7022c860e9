//! The layers of settings: defaults, file, environment, flags; and complaints that name the place.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::Offset;
use toml::de::{DeTable, DeValue};

use super::given::Given;
use super::{
    Authority, Config, DEFAULTS, FILE, Fetch, Keys, Limits, Log, LogFormat, Recognition, SETTINGS, Server,
    Setting, Statistics, Status, Transparency, Trust, Witness,
};

/// What is wrong with one setting, and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// `testamur.toml line 3`, `the variable TESTAMUR_SERVER_LISTEN`, `the command line`; `None` between settings.
    pub place: Option<String>,
    /// `section.key`, or what stood there instead.
    pub name: String,
    /// What it should be.
    pub because: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {} {}", self.name, self.because),
            None => write!(f, "{}: {}", self.name, self.because),
        }
    }
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// In the order found; never empty.
    pub complaints: Vec<Complaint>,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, complaint) in self.complaints.iter().enumerate() {
            write!(f, "{}{complaint}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// The settings of the built-in file.
    pub fn defaults() -> Self {
        let mut config = Self::blank();
        let complaints = config.file(DEFAULTS, "config.default.toml");
        debug_assert!(complaints.is_empty(), "{complaints:?}");
        config
    }

    /// Defaults, then `file` (or `./testamur.toml` where there is one), then the environment.
    /// Flags follow by [`Config::apply`], and [`Config::check`] at the end.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::defaults();
        let path = file.unwrap_or(Path::new(FILE));
        let name = path.display().to_string();
        let mut complaints = match std::fs::read_to_string(path) {
            Ok(text) => config.file(&text, &name),
            Err(why) if file.is_none() && why.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(why) => vec![Complaint { place: None, name, because: format!("cannot be read: {why}") }],
        };
        complaints.extend(config.environment(env));
        if complaints.is_empty() { Ok(config) } else { Err(ConfigError { complaints }) }
    }

    /// One setting from the command line, as text; a list with commas.
    pub fn apply(&mut self, section: &str, key: &str, value: &str) -> Result<(), ConfigError> {
        let place = "the command line";
        let complaint = match find(section, key) {
            Some(setting) => self.set(setting, &Given::Text(value.to_owned()), place).err(),
            None => Some(unknown(place, &format!("{section}.{key}"))),
        };
        complaint.map_or(Ok(()), |complaint| Err(ConfigError { complaints: vec![complaint] }))
    }

    fn file(&mut self, text: &str, name: &str) -> Vec<Complaint> {
        let place =
            |at: usize| format!("{name} line {}", text[..at.min(text.len())].matches('\n').count() + 1);
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(why) => {
                let at = place(why.span().map_or(0, |span| span.start));
                let because = format!("cannot be read: {}", why.message());
                return vec![Complaint { place: Some(at), name: "it".to_owned(), because }];
            }
        };
        let mut complaints = Vec::new();
        for (section, inner) in table.get_ref() {
            let known = SETTINGS.iter().any(|setting| setting.section == section.get_ref().as_ref());
            let at = place(section.span().start);
            if !known {
                complaints.push(unknown(&at, section.get_ref()));
                continue;
            }
            let DeValue::Table(inner) = inner.get_ref() else {
                let (name, because) =
                    (section.get_ref().to_string(), "is a table: [section], then key = value".to_owned());
                complaints.push(Complaint { place: Some(at), name, because });
                continue;
            };
            for (key, value) in inner {
                let at = place(key.span().start);
                let complaint = match find(section.get_ref(), key.get_ref()) {
                    Some(setting) => self.set(setting, &Given::of(value.get_ref()), &at).err(),
                    None => Some(unknown(&at, &format!("{}.{}", section.get_ref(), key.get_ref()))),
                };
                complaints.extend(complaint);
            }
        }
        complaints
    }

    fn environment(&mut self, env: impl IntoIterator<Item = (String, String)>) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for (variable, value) in env {
            let Some(name) = variable.strip_prefix("TESTAMUR_") else { continue };
            // One word cannot be section and key. SERVICE_… and PORT_… are what a container platform sets by itself
            // for a service called testamur.
            if !name.contains('_') || name.starts_with("SERVICE_") || name.starts_with("PORT_") {
                continue;
            }
            let place = format!("the variable {variable}");
            let setting = SETTINGS.iter().find(|setting| {
                let rest = name.strip_prefix(&setting.section.to_ascii_uppercase());
                rest.and_then(|rest| rest.strip_prefix('_'))
                    .is_some_and(|key| key == setting.key.to_ascii_uppercase())
            });
            complaints.extend(match setting {
                Some(setting) => self.set(setting, &Given::Text(value), &place).err(),
                None => Some(unknown(&place, &name.to_ascii_lowercase().replacen('_', ".", 1))),
            });
        }
        complaints
    }

    fn set(&mut self, setting: &Setting, given: &Given, place: &str) -> Result<(), Complaint> {
        (setting.set)(self, given).map_err(|because| Complaint {
            place: Some(place.to_owned()),
            name: format!("{}.{}", setting.section, setting.key),
            because,
        })
    }

    /// What stands before the defaults are read; every member is in the default file or has none.
    fn blank() -> Self {
        let nothing = Duration::ZERO;
        Self {
            server: Server {
                listen: ([127, 0, 0, 1], 0).into(),
                public_url: None,
                tls_cert: None,
                tls_key: None,
                data: "".into(),
                trusted_proxies: Vec::new(),
            },
            keys: Keys { dir: "".into(), passphrase_file: None, passphrase: None },
            trust: Trust::default(),
            fetch: Fetch {
                allow_fetch_origins: Vec::new(),
                trust_ca: None,
                connect_timeout: nothing,
                total_timeout: nothing,
                concurrency: 1,
            },
            status: Status { valid_for: SignedDuration::ZERO, ttl: SignedDuration::ZERO },
            authority: Authority { list_valid_for: SignedDuration::ZERO, count_grace: SignedDuration::ZERO },
            recognition: Recognition {
                rules: None,
                automatic: false,
                deadline: SignedDuration::ZERO,
                remind: SignedDuration::ZERO,
                look_again: SignedDuration::ZERO,
                per_day: 0,
                appeal: None,
                offset: Offset::UTC,
            },
            statistics: Statistics { every: SignedDuration::ZERO },
            transparency: Transparency::default(),
            witness: Witness::default(),
            limits: Limits { body: 0, rate: 0, burst: 0, concurrency: 1, timeout: nothing },
            log: Log { format: LogFormat::Text, level: String::new() },
        }
    }
}

fn find(section: &str, key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.section == section && setting.key == key)
}

/// A name nobody knows, with the nearest one that is known.
fn unknown(place: &str, name: &str) -> Complaint {
    let names = SETTINGS.iter().flat_map(|s| [s.section.to_owned(), format!("{}.{}", s.section, s.key)]);
    let near = names.map(|known| (distance(name, &known), known)).min();
    let because = match near {
        Some((steps, known)) if steps <= 2 + name.len() / 4 => {
            format!("is no setting; did you mean {known}?")
        }
        _ => "is no setting".to_owned(),
    };
    let shown = name.chars().take(80).collect();
    Complaint { place: Some(place.to_owned()), name: shown, because }
}

/// How many letters to add, drop or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_setting_in_its_section() {
        let sections: Vec<_> = DEFAULTS.split("\n[").skip(1).collect();
        for Setting { section, key, .. } in
            SETTINGS.iter().filter(|s| (s.section, s.key) != ("keys", "passphrase"))
        {
            let manual = sections.iter().find(|text| text.starts_with(&format!("{section}]"))).unwrap();
            let line = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            assert_eq!(manual.lines().filter(|text| line(text)).count(), 1, "{section}.{key}");
        }
    }

    #[test]
    fn distance_counts_letters() {
        for (a, b, steps) in
            [("", "", 0), ("ttl", "ttl", 0), ("lisen", "listen", 1), ("abc", "", 3), ("ab", "ba", 2)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (steps, steps), "{a} {b}");
        }
    }
}
