//! `testamur trust`: whose word counts here. Pins foreign trust lists by the fingerprint of their root.

mod root;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use url::Url;

use super::{Failure, open, say};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::pin;
use crate::resolve::fetch::{Fetcher, SystemNames};
use crate::trust::pins::read;
use crate::trust::{Pinned, Pins};
use crate::trustlist::{MAX_LIST, MAX_ROOT, Root, fingerprint_of, spoken};

/// Pin the trust lists of authorities.
#[derive(Debug, Subcommand)]
pub(super) enum Trust {
    /// Believe an authority: its root by fingerprint, and the trust list under it
    Pin(Pin),
    /// List the pins: territory, list, age, fingerprint
    List(All),
    /// Ask for newer roots and lists now; a running service does so by itself every hour
    Refresh(Which),
    /// Believe an authority no more
    Unpin(One),
    /// For an authority: make, sign, rotate and publish its root
    #[command(subcommand)]
    Root(root::Root),
}

/// Believe an authority.
#[derive(Debug, Args)]
#[command(after_help = "\
The fingerprint comes from a second channel: the annex of the agreement, a letter, a telephone call to a number you
know. Never from the address that serves the root: whoever controls the address would vouch for himself.

  testamur trust pin https://trust.vn.example/trust/VN/root/1 --fingerprint uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng
  testamur trust pin root.json --list list.json --fingerprint …      without a network")]
pub(super) struct Pin {
    /// Where the root document is: a URL, or a file
    root: String,
    /// The fingerprint of that root, as the authority told it: u and 46 characters, or its 64 digits as read aloud
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: String,
    /// The trust list, when the root is a file
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    fetching: Fetching,
}

/// List the pins.
#[derive(Debug, Args)]
pub(super) struct All {
    #[command(flatten)]
    settings: open::Settings,
}

/// Ask for newer roots and lists.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Of which territory (two capital letters); without: of all
    territory: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    fetching: Fetching,
}

/// Believe an authority no more.
#[derive(Debug, Args)]
pub(super) struct One {
    /// Which territory (two capital letters)
    territory: String,
    #[command(flatten)]
    settings: open::Settings,
}

/// How things are asked for over the network.
#[derive(Debug, Args)]
struct Fetching {
    /// Ask this origin although it is on this machine (repeatable; for tests)
    #[arg(long, value_name = "URL")]
    allow_fetch_origin: Vec<String>,
    /// Trust the certification authorities in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    trust_ca: Option<PathBuf>,
}

impl Fetching {
    fn fetcher(&self, mut config: Config) -> Result<Fetcher, Failure> {
        if !self.allow_fetch_origin.is_empty() {
            config.apply("fetch", "allow_fetch_origins", &self.allow_fetch_origin.join(","))?;
        }
        if let Some(file) = &self.trust_ca {
            config.apply("fetch", "trust_ca", &file.to_string_lossy())?;
        }
        Ok(Fetcher::new(config.fetch, Arc::new(SystemNames)))
    }
}

impl Trust {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let now = SystemClock.now();
        match self {
            Self::Pin(pin) => pin.run(now).await,
            Self::List(all) => {
                let config = all.settings.load()?;
                let pinned = Pins::of(&config.server.data).load()?;
                if pinned.is_empty() {
                    say::aside("nothing is pinned; `testamur trust pin --help` tells how");
                }
                pinned.iter().for_each(|pinned| say::line(&words(pinned, now)));
                Ok(ExitCode::SUCCESS)
            }
            Self::Refresh(some) => some.run(now).await,
            Self::Root(root) => root.run().await,
            Self::Unpin(one) => {
                let config = one.settings.load()?;
                Pins::of(&config.server.data).unpin(&one.territory)?;
                say::line(&format!("{} is pinned no more: its issuers are unknown here", one.territory));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Pin {
    async fn run(self, now: Timestamp) -> Result<ExitCode, Failure> {
        let config = self.settings.load()?;
        let pins = Pins::of(&config.server.data);
        let fingerprint = fingerprint_of(&self.fingerprint);
        let pinned = match (&self.list, Url::parse(&self.root)) {
            (None, Ok(url)) if matches!(url.scheme(), "https" | "http") => {
                pin::pin(&self.fetching.fetcher(config)?, &pins, &url, &fingerprint, now).await?
            }
            (Some(list), _) => {
                let path = Path::new(&self.root);
                let root =
                    Root::parse(&read(path, MAX_ROOT)?).map_err(|why| format!("{}: {why}", self.root))?;
                pins.pin(root, &read(list, MAX_LIST)?, &fingerprint, None, now)?
            }
            (None, _) => {
                return Err(format!("{} is a file: name its trust list too, --list FILE", self.root).into());
            }
        };
        say::line(&words(&pinned, now));
        Ok(ExitCode::SUCCESS)
    }
}

impl Which {
    async fn run(self, now: Timestamp) -> Result<ExitCode, Failure> {
        let config = self.settings.load()?;
        let pins = Pins::of(&config.server.data);
        let fetcher = self.fetching.fetcher(config)?;
        let territories = match self.territory {
            Some(one) => vec![one],
            None => pins.load()?.iter().map(|pinned| pinned.pin.territory.clone()).collect(),
        };
        let mut refused = 0;
        for territory in territories {
            match pin::refresh(&fetcher, &pins, &territory, now).await {
                Ok(pinned) => say::line(&words(&pinned, now)),
                Err(error) => {
                    refused += 1;
                    say::aside(&format!("{territory}: {error}; what was known stays"));
                }
            }
        }
        Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// A pin on two lines.
fn words(pinned: &Pinned, now: Timestamp) -> String {
    let (pin, root) = (&pinned.pin, &pinned.root);
    let list = match &pinned.list {
        None => say::paint(33, "no list: the root has put out the key that signed the last one"),
        Some(list) => {
            let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
            let age = now.duration_since(list.issued_at).as_hours() / 24;
            let told = format!(
                "list {} of {} ({age} days old), {} issuers, {} agreements, next by {}",
                list.sequence,
                day(list.issued_at),
                list.issuers().count(),
                list.agreements().len(),
                day(list.next_update)
            );
            if list.is_over(now) {
                format!("{told}  {}", say::paint(31, "OVER: it says nothing any more"))
            } else if list.is_stale(now) {
                format!("{told}  {}", say::paint(33, "STALE: a newer one is due"))
            } else {
                told
            }
        }
    };
    let by = pin.root_url.as_deref().unwrap_or("from files");
    format!(
        "{}  {list}\n    root {}, {} of its keys sign · pinned {} · {by}\n    {}\n    aloud: {}",
        pin.territory,
        root.version,
        root.threshold,
        pin.pinned.strftime("%Y-%m-%d"),
        pin.fingerprint,
        spoken(&pin.fingerprint).unwrap_or_default()
    )
}
