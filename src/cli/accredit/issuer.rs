//! `testamur accredit issuer`, `key` and `successor`: whom the list names, by which keys, and who comes after.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{At, object};
use crate::accredit::Decision;
use crate::cli::{Failure, files};

/// List an issuer.
#[derive(Debug, Args)]
pub(in crate::cli) struct Issuer {
    /// Its DID. Of an institution of this service everything is known; of another one the DID document is fetched
    did: String,
    /// Its name, a language tag before it (repeatable): --name 'vi=…'
    #[arg(long, value_name = "LANG=NAME")]
    name: Vec<String>,
    /// The authority's own code for it
    #[arg(long)]
    code: Option<String>,
    /// Where it is: geo:LATITUDE,LONGITUDE
    #[arg(long, value_name = "GEO")]
    location: Option<String>,
    /// From when on all of its credentials are in a log
    #[arg(long, value_name = "TIME")]
    logged_since: Option<jiff::Timestamp>,
    /// What its keys are for: award, endorsement (an enterprise), status
    #[arg(long, value_name = "USE")]
    key_use: Option<String>,
    /// A key and from when on it is good, instead of those known: DID#z6Mk…=TIME (repeatable)
    #[arg(long, value_name = "KEY-URL=TIME")]
    key: Vec<String>,
    /// Its DID document, from a file, to archive
    #[arg(long, value_name = "FILE")]
    did_document: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// What became of a key.
#[derive(Debug, Args)]
pub(in crate::cli) struct Key {
    /// The key's full URL: DID#z6Mk…
    key: String,
    /// Until when it was good
    #[arg(long, value_name = "TIME")]
    until: Option<jiff::Timestamp>,
    /// Since when somebody else may have it
    #[arg(long, value_name = "TIME")]
    compromised_since: Option<jiff::Timestamp>,
    #[command(flatten)]
    at: At,
}

/// Name a successor.
#[derive(Debug, Args)]
pub(in crate::cli) struct Successor {
    /// The closed issuer's DID
    issuer: String,
    /// The successor's DID
    successor: String,
    /// Since which day
    #[arg(long, value_name = "DAY")]
    since: String,
    /// Where its status lists were, and where the successor serves them now; both end in a slash
    #[arg(long, value_name = "OLD-URL=NEW-URL", requires = "status_key")]
    mirror: Vec<String>,
    /// The successor's key that signs them: DID#z6Mk…
    #[arg(long, value_name = "KEY-URL")]
    status_key: Option<String>,
    /// From when on that key is good [default: now]
    #[arg(long, value_name = "TIME")]
    key_from: Option<jiff::Timestamp>,
    #[command(flatten)]
    at: At,
}

impl Issuer {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let mut names = Map::new();
        for name in &self.name {
            let (tag, name) =
                name.split_once('=').ok_or_else(|| format!("--name {name}: write LANG=NAME"))?;
            names.insert(tag.to_owned(), name.into());
        }
        let mut keys = Vec::new();
        for key in &self.key {
            let (id, from) = pair(key, "KEY-URL=TIME")?;
            keys.push(json!({"id": id, "notBefore": from}));
        }
        let document = self.did_document.as_deref().map(files::json).transpose()?;
        let body = json!({
            "id": self.did,
            "nameI18n": if names.is_empty() { Value::Null } else { Value::Object(names) },
            "institutionCode": self.code, "location": self.location, "loggedSince": self.logged_since,
            "keyUse": self.key_use,
            "trustedKey": if keys.is_empty() { Value::Null } else { Value::Array(keys) },
            "archivedDidDocument": document,
        });
        self.at.decide(Decision::Issuer, object(body)).await
    }
}

impl Key {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let issuer = self.key.split_once('#').map_or(self.key.as_str(), |(did, _)| did);
        let body = json!({
            "issuer": issuer, "key": self.key, "notAfter": self.until, "compromisedSince": self.compromised_since,
        });
        self.at.decide(Decision::Key, object(body)).await
    }
}

impl Successor {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        use crate::clock::Clock as _;
        let from = self.key_from.unwrap_or_else(|| crate::clock::SystemClock.now());
        let mut mirrors = Vec::new();
        for mirror in &self.mirror {
            let (prefix, mirror) = pair(mirror, "OLD-URL=NEW-URL")?;
            mirrors.push(json!({
                "prefix": prefix, "mirror": mirror, "key": self.status_key, "notBefore": from,
            }));
        }
        let body = json!({
            "issuer": self.issuer, "successor": self.successor, "since": self.since, "statusMirror": mirrors,
        });
        self.at.decide(Decision::Successor, object(body)).await
    }
}

fn pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    Ok(text.rsplit_once('=').ok_or_else(|| format!("{text}: write {form}"))?)
}
