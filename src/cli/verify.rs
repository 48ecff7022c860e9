//! `testamur verify`: is this genuine? Offline: nothing is fetched and no store is opened.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::{Failure, open, say};
use crate::clock::{Clock, SystemClock};
use crate::credential::Credential;
use crate::log::proof::MAX_TLOG_PROOF;
use crate::publish;
use crate::resolve::{Layered, Mirror, NoOwn};
use crate::trust::{Pins, Trust, with_own};
use crate::verify::gather::{self, Sources};
use crate::verify::verdict::{Outcome, State, Verdict};
use crate::verify::{Extent, judge};

/// Check credentials from files.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 genuine · 3 genuine, but (expired, not yet valid, …) · 1 withdrawn or not genuine · 2 could not be checked.
Of several files the gravest counts: 1, then 2, then 3.

Whom to believe: the institutions in DIR/public (--data), those on the trust lists you pinned (testamur trust), and
the DIDs under [trust] issuers in the settings. DID documents and status lists are read from DIR/public and from the
trust lists, never fetched; did:key needs no file. A log proof is read from beside the credential: diploma.tlog-proof
for diploma.json.")]
pub(super) struct Verify {
    /// Credentials in JSON; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON verdict a line instead of words
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: open::Settings,
}

impl Verify {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.settings.load()?;
        let data = &config.server.data;
        let mirror = if data.join("public").exists() {
            Mirror::open(data)?
        } else {
            if self.settings.data.is_some() {
                say::aside(&format!(
                    "testamur: {}/public is not there: only did:key can be resolved",
                    data.display()
                ));
            }
            Mirror::default()
        };
        let resolver = Layered::new(Arc::new(NoOwn), Arc::new(mirror), Arc::new(SystemClock));
        let institutions = publish::read_directory(data)?;
        let own = publish::trust::read_own(data, &institutions);
        let pinned = with_own(Pins::of(data).load()?, own);
        let trust = Arc::new(Trust::new(&institutions, &config.trust.issuers, pinned));
        let sources = Sources { resolver: &resolver, trust, own: None };
        let mut gravest = State::Genuine;
        for file in &self.files {
            let (state, told) = self.one(file, &sources).await?;
            gravest = gravest.graver(state);
            say::line(&told);
        }
        Ok(ExitCode::from(exit_code(gravest)))
    }

    async fn one(&self, file: &Path, sources: &Sources<'_>) -> Result<(State, String), Failure> {
        let bytes = read(file)?;
        let credential = match Credential::parse(bytes) {
            Ok(credential) => credential,
            Err(error) => {
                let state = State::CouldNotBeChecked;
                let told = if self.json {
                    json!({ "file": name(file), "verified": false, "state": state, "error": error.to_string() })
                        .to_string()
                } else {
                    format!("{}  {}\n    {error}", name(file), headline(state))
                };
                return Ok((state, told));
            }
        };
        let mut evidence = gather::credential(sources, &credential, Extent::Full).await;
        evidence.tlog_proof = beside(file)?;
        let verdict = judge::credential(credential, &evidence, SystemClock.now(), Extent::Full);
        let told = if self.json {
            let mut told = serde_json::to_value(&verdict)?;
            if let Value::Object(members) = &mut told {
                members.shift_insert(0, "file".to_owned(), json!(name(file)));
            }
            told.to_string()
        } else {
            format!("{}  {}", name(file), words(&verdict))
        };
        Ok((verdict.state, told))
    }
}

/// The log proof that lies beside a credential: the same name, ending in `.tlog-proof`.
fn beside(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let path = file.with_extension("tlog-proof");
    if file.as_os_str() == "-" || !path.exists() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(&path).map_err(|error| format!("{}: {error}", name(&path)))?;
    opened.take(MAX_TLOG_PROOF as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The verdict in a few lines for a terminal.
pub(super) fn words(verdict: &Verdict) -> String {
    let mut lines = vec![match verdict.state {
        // Every signature holds: refused for want of standing, which no reader should take for a forgery.
        State::NotGenuine if verdict.verified => {
            say::paint(31, "REFUSED: signed by its issuer, which had no standing for it")
        }
        state => headline(state),
    }];
    if let Some(issuer) = &verdict.issuer {
        let proved =
            issuer.name.as_ref().and_then(|name| name.iter().next().map(|(_, name)| name.to_owned()));
        lines.push(match (proved, &issuer.claims_to_be) {
            (Some(name), _) => format!("    issued by {name} ({})", issuer.id),
            (None, Some(claim)) => format!("    signed by {}, which claims to be {claim}", issuer.id),
            (None, None) => format!("    signed by {}", issuer.id),
        });
    }
    if let Some(log) = &verdict.log {
        lines.push(format!(
            "    existed by {}, as {} saw in {}",
            log.time,
            log.witnesses.join(" and "),
            log.origin
        ));
    }
    for check in verdict.troubles() {
        let mark = if check.code.outcome() == Outcome::Fail { "✗" } else { "?" };
        let facts: Vec<_> = check.because.iter().map(|(name, fact)| format!("{name}: {fact}")).collect();
        lines
            .push(format!("    {mark} {}  {}", check.code.as_str(), facts.join(" · ")).trim_end().to_owned());
    }
    lines.join("\n")
}

/// The state in words and colour.
pub(super) fn headline(state: State) -> String {
    match state {
        State::Genuine => say::paint(32, "GENUINE and in force"),
        State::GenuineBut => say::paint(33, "GENUINE, BUT"),
        State::Withdrawn => say::paint(35, "WITHDRAWN"),
        State::CouldNotBeChecked => say::paint(36, "COULD NOT BE CHECKED"),
        State::NotGenuine => say::paint(31, "NOT GENUINE"),
    }
}

fn exit_code(state: State) -> u8 {
    match state {
        State::Genuine => 0,
        State::GenuineBut => 3,
        State::CouldNotBeChecked => 2,
        State::Withdrawn | State::NotGenuine => 1,
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", name(file));
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    Ok(std::fs::read(file).map_err(failed)?)
}

fn name(file: &Path) -> String {
    file.display().to_string()
}
