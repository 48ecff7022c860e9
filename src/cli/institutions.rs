//! `testamur institutions`: found, list, close.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::listing::{Listing, text};
use super::remote::Remote;
use super::{Failure, open, say};
use crate::administer::{self, Naming, NewInstitution};
use crate::app::App;
use crate::institution::{Kind, Slug};
use crate::issue::operator;
use crate::text::{LangTag, LocalizedText};

/// Found, list and close institutions.
#[derive(Debug, Subcommand)]
pub(super) enum Institutions {
    /// Found an institution, with its first key
    New(New),
    /// List the institutions of the store
    List(Listing),
    /// Close an institution: it issues nothing any more, and another keeps its register
    Close(Close),
}

/// Close an institution. Prints what the authority enters in its trust list: the member `successor` of the entry of each
/// institution whose register the successor keeps. The same command prints it again.
#[derive(Debug, Args)]
pub(super) struct Close {
    /// The institution that closes
    slug: String,
    /// The institution that keeps its register from now on
    #[arg(long, value_name = "SLUG")]
    successor: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

/// Found an institution.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Its short name in URLs: lower-case letters, digits, hyphens
    slug: String,
    /// Its name, a language tag before it; repeat for each language (--name 'vi=…' --name 'en=…')
    #[arg(long, value_name = "LANG=NAME", required = true)]
    name: Vec<String>,
    /// How the world names it: did:web under this service's address, did:web of the whole host, or did:key
    #[arg(long, value_enum, default_value_t = Did::Web)]
    did: Did,
    /// ISO 3166-1 code of its country
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// Where a reader may ask: a mail address, telephone number or URL
    #[arg(long)]
    contact: Option<String>,
    /// It is the authority of this territory (two capital letters, ISO 3166-1): it accredits, and publishes a trust list
    #[arg(long, value_name = "CC")]
    authority: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Did {
    Web,
    Root,
    Key,
}

impl Institutions {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::New(new) => new.run().await,
            Self::List(listing) => list(listing).await,
            Self::Close(close) => close.run().await,
        }
    }
}

impl New {
    async fn run(self) -> Result<ExitCode, Failure> {
        let name = names(&self.name)?;
        let authority = self.authority.is_some();
        let did = if let Some(client) = self.remote.client()? {
            let word = self.did.to_possible_value().map(|value| value.get_name().to_owned());
            let body = json!({
                "slug": self.slug, "name": name, "did": word, "country": self.country, "contact": self.contact,
                "authority": self.authority,
            });
            let answer = client.post("/institutions", &body).await?;
            answer.get("did").and_then(Value::as_str).unwrap_or_default().to_owned()
        } else {
            let app = open::app(self.settings.load()?).await?;
            let new = NewInstitution {
                slug: Slug::parse(&self.slug)?,
                name,
                naming: match self.did {
                    Did::Web => Naming::Web,
                    Did::Root => Naming::WebRoot,
                    Did::Key => Naming::Key,
                },
                country: self.country,
                contact: self.contact,
                kind: self.authority.map_or(Kind::College, |territory| Kind::Authority { territory }),
            };
            administer::found(&app, &operator(app.now()), new).await?.did.to_string()
        };
        say::line(&did);
        if authority {
            say::aside(&format!(
                "`testamur keys list {}` tells its two keys; the second, {did}#z6Mk…, is for its root to let sign lists: \
                 testamur trust root --help",
                self.slug
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Close {
    async fn run(self) -> Result<ExitCode, Failure> {
        let (slug, successor) = (Slug::parse(&self.slug)?, Slug::parse(&self.successor)?);
        let entries = if let Some(client) = self.remote.client()? {
            let body = match &self.reason {
                Some(reason) => json!({ "successor": successor, "reason": reason }),
                None => json!({ "successor": successor }),
            };
            let mut answer = client.post(&format!("/institutions/{slug}/close"), &body).await?;
            answer.get_mut("trustedIssuer").map(Value::take).unwrap_or_default()
        } else {
            let app = open::app(self.settings.load()?).await?;
            let caller = operator(app.now());
            administer::close(&app, &caller, &slug, &successor, self.reason.as_deref()).await?.into()
        };
        say::line(&serde_json::to_string_pretty(&json!({ "trustedIssuer": entries }))?);
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(listing: Listing) -> Result<ExitCode, Failure> {
    let read =
        async |app: &App| Ok(app.registry.members().iter().map(|one| json!(one.institution)).collect());
    for row in listing.rows("/institutions", "institutions", read).await? {
        let name = row.get("name").and_then(Value::as_object).and_then(|names| names.values().next());
        let name = name.and_then(Value::as_str).unwrap_or_default();
        let keeper = row.pointer("/closed/successor").and_then(Value::as_str);
        let closed = keeper.map(|keeper| format!("\tclosed, register kept by {keeper}")).unwrap_or_default();
        say::line(&format!("{}\t{}\t{name}{closed}", text(&row, "slug"), text(&row, "did")));
    }
    Ok(ExitCode::SUCCESS)
}

fn names(given: &[String]) -> Result<LocalizedText, Failure> {
    let mut names = LocalizedText::default();
    for text in given {
        let (tag, name) =
            text.split_once('=').filter(|(_, name)| !name.trim().is_empty()).ok_or_else(|| {
                format!("--name {text}: write LANG=NAME, as in --name 'vi=Trường Cao đẳng Mẫu'")
            })?;
        names.set(LangTag::parse(tag)?, name.trim());
    }
    Ok(names)
}
