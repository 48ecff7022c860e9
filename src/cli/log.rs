//! `testamur log`: is this in a log, since when, and is the log whole?

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy as Redirects;
use serde_json::Value;

use super::{Failure, files, open, say};
use crate::clock::{Clock, SystemClock};
use crate::codec::{jcs, json};
use crate::credential::id::CredentialId;
use crate::crypto::sha256;
use crate::log::checkpoint::CheckpointError;
use crate::log::note::NoteError;
use crate::log::policy::{Policy, PolicyError};
use crate::log::proof::TlogProofError;
use crate::log::tile::Tile;
use crate::log::{Leaf, SignedCheckpoint, TlogProof, VerifierKey};
use crate::publish::audit::{self, Alarm};
use crate::publish::proof;
use crate::store::Store;
use crate::store::logs::cut;
use crate::web::routes;

/// The clocks of others may go this much ahead.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// The most time for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer read: a bundle of 256 entries is smaller, and so is a list of a hundred logs.
const MAX_ANSWER: usize = 128 * 1024;

/// Check the transparency log.
#[derive(Debug, Args)]
pub(super) struct Log {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(Verify),
    Audit(Box<Audit>),
    Prove(Box<Prove>),
}

/// Check that a document is in a log, and since when. Offline.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 it is in the log, seen by a quorum of independent witnesses · 1 it is not, or a signature is wrong ·
2 could not be checked (a log or witnesses the policy does not know, too few of them).")]
struct Verify {
    /// The proof, as `/c/ID/tlog-proof` gives it
    #[arg(value_name = "PROOF")]
    proof: PathBuf,
    /// The signed credential or status list, JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which logs and witnesses count (C2SP tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
}

/// Read a whole log again: every tile from its entries, the root, the signature.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 every log is whole · 1 alarm: forked, shrunk, changed or not signed · 2 could not be read.

Without --url the logs of the data folder are read; the service must not be running on it.")]
struct Audit {
    /// The service whose logs are read, over HTTP
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// An older checkpoint of the log, kept by you: the log must go on from there
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// The verifier key of the log, had from elsewhere; without it the key is believed as served
    #[arg(long, value_name = "KEY")]
    key: Option<VerifierKey>,
    #[command(flatten)]
    settings: open::Settings,
}

/// Print the proof that a credential is in the log, to be kept beside it.
#[derive(Debug, Args)]
#[command(after_help = "\
  testamur log prove https://diplomas.example.edu/c/01KTESTAMUR0000000000000000 > diploma.tlog-proof

Without --server the store of the data folder is read; the service must not be running on it.")]
struct Prove {
    /// The credential: its id here, or the URL of its page
    id: String,
    /// The service that issued it, over HTTP
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The file with a bearer token, for a credential that is not open to everybody
    #[arg(long, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    settings: open::Settings,
}

impl Log {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Audit(audit) => audit.run().await,
            Command::Prove(prove) => prove.run().await,
        }
    }
}

impl Verify {
    fn run(&self) -> Result<ExitCode, Failure> {
        let policy = Policy::parse(&files::read(&self.policy)?)
            .map_err(|error| format!("{}: {error}", self.policy.display()))?;
        let document = files::json(&self.file)?;
        let now = SystemClock.now();
        let proved = TlogProof::parse(&files::read(&self.proof)?)
            .and_then(|proof| prove(&proof, &document, &policy, now));
        match proved {
            Ok(told) => {
                say::line(&told);
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                let code = if refuted(&error) { 1 } else { 2 };
                let said = if code == 1 { "NOT PROVED" } else { "COULD NOT BE CHECKED" };
                say::line(&format!("{said}: {error}"));
                Ok(ExitCode::from(code))
            }
        }
    }
}

/// What the proof shows of the document, in words.
fn prove(
    proof: &TlogProof,
    document: &Value,
    policy: &Policy,
    now: Timestamp,
) -> Result<String, TlogProofError> {
    let digest = sha256(&jcs::canonicalize(document));
    let leaf = match proof.extra {
        None if is_status_list(document) => Leaf::StatusList { digest },
        _ => proof.credential(digest)?,
    };
    let logged = proof.verify(&leaf.entry(), policy, |_, at| at <= now + LEEWAY)?;
    let seen = &logged.witnessed;
    let by: Vec<String> =
        seen.by.iter().map(|(witness, at)| format!("{} {at}", witness.key.name())).collect();
    Ok(format!(
        "IN THE LOG since {}\n    {} leaf {} of {}\n    seen by {}",
        seen.time,
        seen.log.key.name(),
        logged.index,
        seen.size,
        by.join(" · ")
    ))
}

fn is_status_list(document: &Value) -> bool {
    let types = document.get("type").and_then(Value::as_array);
    types.is_some_and(|types| types.iter().any(|name| name == "BitstringStatusListCredential"))
}

/// Whether the proof is shown to be wrong, rather than beyond what can be checked here.
fn refuted(error: &TlogProofError) -> bool {
    match error {
        TlogProofError::Merkle(_) => true,
        TlogProofError::Policy(PolicyError::Checkpoint(CheckpointError::Note(note))) => bad(note),
        TlogProofError::Policy(PolicyError::Cosignature(note)) => bad(note),
        _ => false,
    }
}

fn bad(error: &NoteError) -> bool {
    matches!(error, NoteError::BadSignature(_))
}

impl Prove {
    async fn run(self) -> Result<ExitCode, Failure> {
        let id = self.id.rsplit('/').next().unwrap_or_default();
        let id =
            CredentialId::parse(id).map_err(|_| format!("{}: not the id of a credential here", self.id))?;
        let text = match &self.server {
            Some(url) => {
                let mut source = Source::http(url)?;
                if let (Some(file), Source::Http { token, .. }) = (&self.token_file, &mut source) {
                    *token = Some(String::from_utf8(files::read(file)?)?.trim().to_owned());
                }
                let proof = source.get(&format!("{}/tlog-proof", routes::show(id))).await?;
                // What is kept beside a diploma for years is read once before.
                TlogProof::parse(&proof)?.to_string()
            }
            None => {
                let app = open::app(self.settings.load()?).await?;
                let record =
                    app.store.credential(id).await?.ok_or_else(|| format!("there is no credential {id}"))?;
                let proof = proof::of_credential(app.store.as_ref(), &record).await?;
                let missing = match record.salt {
                    Some(_) => "it is not in the log yet; a running service takes it in within seconds",
                    None => "its content was erased, and with it what the proof needs",
                };
                proof.ok_or(missing)?.to_string()
            }
        };
        say::line(text.trim_end_matches('\n'));
        Ok(ExitCode::SUCCESS)
    }
}

impl Audit {
    async fn run(self) -> Result<ExitCode, Failure> {
        let since = self.since.as_deref().map(checkpoint_in).transpose()?;
        let source = match &self.url {
            Some(url) => Source::http(url)?,
            None => Source::Store(open::app(self.settings.load()?).await?.store.clone()),
        };
        let (mut told, mut alarms, mut silent) = (0, 0, 0);
        let mut met = since.is_none();
        for (year, key) in source.logs().await? {
            let key = match &self.key {
                Some(pinned) if pinned.name() == key.name() => pinned,
                _ => &key,
            };
            let since = since.as_ref().filter(|since| since.claimed().origin == key.name().as_str());
            met |= since.is_some();
            told += 1;
            let origin = key.name();
            let checkpoint = SignedCheckpoint::parse(&source.file(year, "checkpoint").await?);
            let audited = match &checkpoint {
                Ok(checkpoint) => {
                    let file = async |tile: Tile| source.file(year, &tile.to_string()).await;
                    audit::audit(key, checkpoint, since, file).await
                }
                Err(error) => Err(Alarm::Checkpoint(error.clone())),
            };
            match audited {
                Ok(head) => say::line(&format!("{origin}  whole, {} leaves", head.size)),
                Err(error @ Alarm::Unavailable(..)) => {
                    silent += 1;
                    say::line(&format!("{origin}  COULD NOT BE READ: {error}"));
                }
                Err(alarm) => {
                    alarms += 1;
                    say::line(&format!("{origin}  ALARM: {alarm}"));
                }
            }
        }
        if !met {
            alarms += 1;
            say::line("ALARM: the log of the older checkpoint is not there any more");
        }
        say::line(&format!("{told} logs read, {alarms} alarms"));
        Ok(ExitCode::from(match (alarms, silent) {
            (0, 0) => 0,
            (0, _) => 2,
            _ => 1,
        }))
    }
}

/// Where a log is read from.
enum Source {
    Store(Arc<dyn Store>),
    Http { client: reqwest::Client, base: String, token: Option<String> },
}

impl Source {
    fn http(url: &str) -> Result<Source, Failure> {
        // Already installed is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().timeout(PATIENCE).redirect(Redirects::none()).no_proxy().build()?;
        Ok(Source::Http { client, base: url.trim_end_matches('/').to_owned(), token: None })
    }

    /// Each log's year and key.
    async fn logs(&self) -> Result<Vec<(i16, VerifierKey)>, Failure> {
        let mut logs = Vec::new();
        match self {
            Source::Store(store) => {
                for log in store.logs().await? {
                    logs.push((log.year, log.key.parse()?));
                }
            }
            Source::Http { .. } => {
                let listed = json::parse(&self.get("/log").await?)?;
                for log in listed.get("logs").and_then(Value::as_array).into_iter().flatten() {
                    let year = log.get("year").and_then(Value::as_i64).and_then(|year| year.try_into().ok());
                    let key = log.get("key").and_then(Value::as_str);
                    let (Some(year), Some(key)) = (year, key) else {
                        return Err("/log is not a list of logs".into());
                    };
                    logs.push((year, key.parse()?));
                }
            }
        }
        Ok(logs)
    }

    /// A file below the base of a year's log.
    async fn file(&self, year: i16, path: &str) -> Result<Vec<u8>, Failure> {
        let store = match self {
            Source::Http { .. } => return self.get(&format!("/log/{year}/{path}")).await,
            Source::Store(store) => store,
        };
        let missing = || format!("log/{year}/{path} is missing");
        if path == "checkpoint" {
            let log = store.logs().await?.into_iter().find(|log| log.year == year);
            return Ok(log.ok_or_else(missing)?.checkpoint);
        }
        let tile: Tile = path.parse()?;
        let row = store.log_tile(year, tile.level, tile.index).await?;
        Ok(row.and_then(|row| cut(tile, row)).ok_or_else(missing)?)
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let Source::Http { client, base, token } = self else { return Err("not over HTTP".into()) };
        let mut request = client.get(format!("{base}{path}"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let mut answer = request.send().await?;
        if !answer.status().is_success() {
            return Err(format!("{base}{path} answers {}", answer.status()).into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER {
                return Err(format!("{base}{path} answers too much").into());
            }
        }
        Ok(bytes)
    }
}

fn checkpoint_in(path: &Path) -> Result<SignedCheckpoint, Failure> {
    Ok(SignedCheckpoint::parse(&files::read(path)?)
        .map_err(|error| format!("{}: {error}", path.display()))?)
}
