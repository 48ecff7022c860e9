//! `testamur keys`: make, list, rotate, retire.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::listing::{Listing, text};
use super::remote::Remote;
use super::{Failure, open, say};
use crate::administer;
use crate::app::App;
use crate::institution::Slug;
use crate::issue::operator;

/// Make, list, rotate and retire signing keys.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make one more key; it signs from now on
    New(Of),
    /// List the keys of an institution and what became of them
    List(Of),
    /// Make a new key and retire the others; what they signed stays good
    Rotate(Of),
    /// Retire a key; what it signed stays good
    Retire(Retire),
    /// Report a key that somebody else may have; a trust list of this service that names it follows
    Compromised(Compromised),
}

/// Which institution.
#[derive(Debug, Args)]
pub(super) struct Of {
    /// The institution
    slug: String,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

/// Which key.
#[derive(Debug, Args)]
pub(super) struct Retire {
    #[command(flatten)]
    of: Of,
    /// The key: z6Mk…
    key: String,
    /// Since when somebody else may have used it (2026-11-22T08:00:00Z): nothing it signed is vouched for any more
    #[arg(long, value_name = "TIME")]
    compromised_since: Option<jiff::Timestamp>,
}

/// Which key, and since when.
#[derive(Debug, Args)]
pub(super) struct Compromised {
    #[command(flatten)]
    of: Of,
    /// The key: z6Mk…
    key: String,
    /// Since when somebody else may have used it (2026-11-22T08:00:00Z); what a log shows from before stays good
    #[arg(long, value_name = "TIME")]
    since: jiff::Timestamp,
}

impl Keys {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::New(of) => of.make(false).await,
            Self::Rotate(of) => of.make(true).await,
            Self::List(of) => of.list().await,
            Self::Retire(retire) => retire.run().await,
            Self::Compromised(Compromised { of, key, since }) => {
                Retire { of, key, compromised_since: Some(since) }.run().await
            }
        }
    }
}

impl Of {
    async fn make(self, retire: bool) -> Result<ExitCode, Failure> {
        let slug = Slug::parse(&self.slug)?;
        let key = if let Some(client) = self.remote.client()? {
            let body = json!({ "retireOthers": retire });
            let answer = client.post(&format!("/institutions/{slug}/keys"), &body).await?;
            answer.get("key").and_then(Value::as_str).unwrap_or_default().to_owned()
        } else {
            let app = open::app(self.settings.load()?).await?;
            administer::new_key(&app, &operator(app.now()), &slug, retire).await?.key
        };
        say::line(&key);
        Ok(ExitCode::SUCCESS)
    }

    async fn list(self) -> Result<ExitCode, Failure> {
        let slug = Slug::parse(&self.slug)?;
        let listing = Listing { settings: self.settings, remote: self.remote };
        let read = async |app: &App| {
            let member = app.registry.member(&slug);
            let member = member.ok_or_else(|| format!("there is no institution {slug}"))?;
            Ok(member.institution.keys.iter().map(|key| json!(key)).collect())
        };
        for row in listing.rows(&format!("/institutions/{slug}/keys"), "keys", read).await? {
            let state = match (text(&row, "compromised"), text(&row, "retired")) {
                ("", "") => "active".to_owned(),
                ("", since) => format!("retired {since}"),
                (since, _) => format!("compromised since {since}"),
            };
            say::line(&format!("{}\t{}\t{state}", text(&row, "key"), text(&row, "created")));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Retire {
    async fn run(self) -> Result<ExitCode, Failure> {
        let slug = Slug::parse(&self.of.slug)?;
        let body = match self.compromised_since {
            Some(since) => json!({ "compromisedSince": since }),
            None => json!({}),
        };
        if let Some(client) = self.of.remote.client()? {
            client.post(&format!("/institutions/{slug}/keys/{}/retire", self.key), &body).await?;
        } else {
            let app = open::app(self.of.settings.load()?).await?;
            let caller = operator(app.now());
            administer::retire_key(&app, &caller, &slug, &self.key, self.compromised_since).await?;
        }
        let consequence = match self.compromised_since {
            Some(_) => "nothing it signed is vouched for any more",
            None => "what it signed stays good",
        };
        say::line(&format!("{} signs no more; {consequence}", self.key));
        Ok(ExitCode::SUCCESS)
    }
}
