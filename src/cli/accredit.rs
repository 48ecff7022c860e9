//! `testamur accredit`: what an authority decides; each decision is the next trust list.

mod count;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::remote::Remote;
use super::{Failure, open, say};
use crate::accredit::{self, Decision};
use crate::codec::json;
use crate::issue::operator;

/// Decide for an authority: whom its trust list names, what they are accredited for, what became of that.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
The authority and its root come first: `testamur institutions new SLUG --authority CC`, `testamur trust root --help`.

  testamur accredit issuer did:web:diplomas.vn.example:institutions:ha-noi --code CDD0101 --location geo:21.03,105.85
  testamur accredit grant did:web:… --decision 12/2026 --from 2026-08-01 --to 2031-07-31 --scope scope.json
  testamur accredit standing urn:uuid:… suspended --reason 'under review, decision 44/2027'

Nothing on a list is ever taken back: what was said stays said, a history only grows, and only an annulment dates back.
Beside a running service: --server URL --token-file FILE, with a token of the role authority.")]
pub(super) enum Accredit {
    /// List an issuer, or tell its names, place, keys or DID document anew
    Issuer(Issuer),
    /// Accredit an issuer on the list: signs the accreditation and lists the grant
    Grant(Grant),
    /// Change the standing of a grant: teach-out, suspended, granted again, withdrawn, annulled
    Standing(Standing),
    /// A key of an issuer has ended, or somebody else may have it
    Key(Key),
    /// List the root of another authority, as pinned
    Pointer(Pointer),
    /// Name who takes over the register of a closed issuer
    Successor(Successor),
    /// Set the policy by which logs are judged, or close a log
    Policy(Policy),
    /// Announce how many graduates a cohort has; a later number takes the place of an earlier one
    Cohort(count::Cohort),
    /// Show the count: leaves of logs against graduates
    Count(count::Count),
}

/// For which authority, and where.
#[derive(Debug, Args)]
struct At {
    /// The authority, by its territory, where there are several
    #[arg(long, value_name = "CC")]
    authority: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

/// List an issuer.
#[derive(Debug, Args)]
pub(super) struct Issuer {
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

/// Accredit an issuer.
#[derive(Debug, Args)]
#[command(after_help = "\
The scope is a JSON list; an award is covered by any one entry, and each thing that the entry names has to match:

  [{\"framework\": \"VQF\", \"levelMin\": 4, \"levelMax\": 5, \"iscedPrefix\": \"071\", \"types\": [\"diploma\", \"transcript\"]},
   {\"types\": [\"micro-credential\"]}]

It may name qualificationId, iscedPrefix, framework with levelMin and levelMax, types, mode, campus. The evidence:

  {\"selfAssessment\": {\"on\": \"2026-02-01\"},
   \"visit\": {\"on\": \"2026-03-15\", \"assessors\": [{\"name\": \"…\", \"number\": \"…\", \"from\": \"2025-01-01\"}]}}")]
pub(super) struct Grant {
    /// The issuer's DID
    did: String,
    /// The number of the decision
    #[arg(long, value_name = "NUMBER")]
    decision: Option<String>,
    /// The first day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    from: String,
    /// The last day; without: until further notice
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// What it covers: a JSON file, see below
    #[arg(long, value_name = "FILE")]
    scope: PathBuf,
    /// What it rests on: a JSON file, see below
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// Change the standing of a grant.
#[derive(Debug, Args)]
pub(super) struct Standing {
    /// The grant's id, as `accredit grant` told it: urn:uuid:…
    grant: String,
    /// granted, teach-out, suspended, withdrawn or annulled
    standing: String,
    /// Since which day, YYYY-MM-DD; not before the last list [default: today]
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// For an annulment: from which day on it never held
    #[arg(long, value_name = "DAY")]
    effective: Option<String>,
    /// Why: stands in the record of the accreditation
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    at: At,
}

/// What became of a key.
#[derive(Debug, Args)]
pub(super) struct Key {
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

/// List the root of another authority.
#[derive(Debug, Args)]
pub(super) struct Pointer {
    /// The other territory, two capital letters
    territory: String,
    /// Where its list is served
    #[arg(long, value_name = "URL")]
    list_url: String,
    /// Where its root is served
    #[arg(long, value_name = "URL")]
    root_url: String,
    /// The fingerprint of that root, from the annex of the agreement
    #[arg(long)]
    fingerprint: String,
    /// The agreement
    #[arg(long, value_name = "ID")]
    agreement: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Name a successor.
#[derive(Debug, Args)]
pub(super) struct Successor {
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

/// By what logs are judged.
#[derive(Debug, Args)]
pub(super) struct Policy {
    /// A tlog-policy file (C2SP)
    #[arg(long, value_name = "FILE", required_unless_present = "closed_log")]
    log_policy: Option<PathBuf>,
    /// A log that takes nothing more: ORIGIN SIZE ROOT, in one argument (repeatable)
    #[arg(long, value_name = "'ORIGIN SIZE ROOT'")]
    closed_log: Vec<String>,
    #[command(flatten)]
    at: At,
}

impl Accredit {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Issuer(one) => one.run().await,
            Self::Grant(one) => one.run().await,
            Self::Standing(one) => one.run().await,
            Self::Key(one) => one.run().await,
            Self::Pointer(one) => one.run().await,
            Self::Successor(one) => one.run().await,
            Self::Policy(one) => one.run().await,
            Self::Cohort(one) => one.run().await,
            Self::Count(one) => one.run().await,
        }
    }
}

impl At {
    /// Decides here or through the service, and tells the number of the list.
    async fn decide(self, decision: Decision, mut body: Map<String, Value>) -> Result<ExitCode, Failure> {
        body.retain(|_, value| !value.is_null());
        if let Some(authority) = self.authority {
            body.insert("authority".to_owned(), authority.into());
        }
        let told = if let Some(client) = self.remote.client()? {
            let path = match decision {
                Decision::Issuer => "issuers".to_owned(),
                Decision::Key => "keys".to_owned(),
                Decision::Grant => "accreditations".to_owned(),
                Decision::Standing => {
                    let grant = body.shift_remove("grant").unwrap_or_default();
                    let grant = grant.as_str().unwrap_or_default().as_bytes();
                    let grant: String = url::form_urlencoded::byte_serialize(grant).collect();
                    format!("accreditations/{grant}/standing")
                }
                Decision::Successor => "successors".to_owned(),
                Decision::Pointer => "pointers".to_owned(),
                Decision::Policy => "policy".to_owned(),
            };
            client.post(&format!("/authority/{path}"), &Value::Object(body)).await?
        } else {
            let app = open::app(self.settings.load()?).await?;
            accredit::decide(&app, &operator(app.now()), decision, body).await?.to_json()
        };
        for name in ["grant", "accreditation"] {
            if let Some(value) = told.get(name).and_then(Value::as_str) {
                say::line(value);
            }
        }
        let number = told.get("sequence").and_then(Value::as_u64).unwrap_or_default();
        let list = told.get("list").and_then(Value::as_str).unwrap_or_default();
        say::aside(&format!("list {number} is published: {list}"));
        Ok(ExitCode::SUCCESS)
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn file(path: &PathBuf) -> Result<Value, Failure> {
    let bytes = std::fs::read(path).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(json::parse(&bytes).map_err(|why| format!("{}: {why}", path.display()))?)
}

fn pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    Ok(text.rsplit_once('=').ok_or_else(|| format!("{text}: write {form}"))?)
}

impl Issuer {
    async fn run(self) -> Result<ExitCode, Failure> {
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
        let document = self.did_document.as_ref().map(file).transpose()?;
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

impl Grant {
    async fn run(self) -> Result<ExitCode, Failure> {
        let mut grant = object(json!({
            "decisionNumber": self.decision, "effectiveFrom": self.from, "effectiveTo": self.to,
            "scope": file(&self.scope)?,
        }));
        grant.retain(|_, value| !value.is_null());
        let evidence = self.evidence.as_ref().map(file).transpose()?;
        let body = json!({ "issuer": self.did, "grant": grant, "evidence": evidence });
        self.at.decide(Decision::Grant, object(body)).await
    }
}

impl Standing {
    async fn run(self) -> Result<ExitCode, Failure> {
        let body = json!({
            "grant": self.grant, "standing": self.standing, "since": self.since, "effective": self.effective,
            "reason": self.reason,
        });
        self.at.decide(Decision::Standing, object(body)).await
    }
}

impl Key {
    async fn run(self) -> Result<ExitCode, Failure> {
        let issuer = self.key.split_once('#').map_or(self.key.as_str(), |(did, _)| did);
        let body = json!({
            "issuer": issuer, "key": self.key, "notAfter": self.until, "compromisedSince": self.compromised_since,
        });
        self.at.decide(Decision::Key, object(body)).await
    }
}

impl Pointer {
    async fn run(self) -> Result<ExitCode, Failure> {
        let body = json!({
            "territory": self.territory, "listUrl": self.list_url, "rootUrl": self.root_url,
            "fingerprint": self.fingerprint, "agreementId": self.agreement,
        });
        self.at.decide(Decision::Pointer, object(body)).await
    }
}

impl Successor {
    async fn run(self) -> Result<ExitCode, Failure> {
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

impl Policy {
    async fn run(self) -> Result<ExitCode, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))
        };
        let policy = self.log_policy.as_ref().map(read).transpose()?;
        let mut closed = Vec::new();
        for log in &self.closed_log {
            let [origin, size, root] = log.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(format!("--closed-log {log}: write 'ORIGIN SIZE ROOT'").into());
            };
            let size: u64 = size.parse().map_err(|_| format!("--closed-log {log}: {size} is no size"))?;
            closed.push(json!({"origin": origin, "treeSize": size, "rootHash": root}));
        }
        let body = json!({"logPolicy": policy, "closedLog": closed});
        self.at.decide(Decision::Policy, object(body)).await
    }
}
