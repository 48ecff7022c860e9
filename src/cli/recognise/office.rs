//! `testamur recognise queue`, `show`, `decide` and `--replay`: applications at the authority's own desk.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use crate::cli::listing::{Listing, text};
use crate::cli::remote::Remote;
use crate::cli::{FAILED, Failure, open, say};
use crate::credential::id::CredentialId;
use crate::issue::operator;
use crate::recognise::replay::{self, Replayed};
use crate::recognise::told::{for_officer, waits};
use crate::recognise::{self, File, Inputs};

/// List the applications that wait.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 nothing is overdue · 1 something is.")]
pub(in crate::cli) struct Queue {
    /// One JSON object a line instead of words
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    listing: Listing,
}

/// Show an application: facts with their sources, what was decided from, proposal, events.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// Its id
    id: String,
    #[command(flatten)]
    at: Desk,
}

/// Decide on an application: the statement is signed and issued.
#[derive(Debug, Args)]
pub(in crate::cli) struct Decide {
    /// Its id
    id: String,
    /// As the rules propose
    #[arg(long, conflicts_with_all = ["verdict", "level", "reason"], required_unless_present = "verdict")]
    confirm: bool,
    /// RECOGNISED_FULL, RECOGNISED_CONDITIONAL, RECOGNISED_PARTIAL, NOT_RECOGNISED or REFER
    #[arg(long, value_name = "VERDICT", requires = "reason")]
    verdict: Option<String>,
    /// The level it is recognised at, such as LNQF:5
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    /// Why it is decided otherwise than proposed
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// How an award was checked that could not be verified; the statement tells it
    #[arg(long, value_name = "TEXT", requires = "verdict")]
    checked_by_hand: Option<String>,
    /// Only on the version that was looked at
    #[arg(long, value_name = "NUMBER")]
    version: Option<u32>,
    #[command(flatten)]
    at: Desk,
}

/// Where applications are kept.
#[derive(Debug, Args)]
pub(in crate::cli) struct Desk {
    #[command(flatten)]
    pub(in crate::cli) settings: open::Settings,
    #[command(flatten)]
    pub(in crate::cli) remote: Remote,
}

impl Queue {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let rows = self.listing.pages("/applications", "applications", async |app| {
            let today = recognise::today(app);
            let queue = app.waiting().await?;
            let of = |member: &std::sync::Arc<crate::registry::Member>| {
                let waiting = queue.of(&member.institution.slug);
                let country = member.institution.territory().map(str::to_owned);
                waiting.into_iter().map(move |one| (one, country.clone()))
            };
            let found = recognise::authorities(app);
            Ok(found.iter().flat_map(of).map(|(one, at)| waits(&one, at.as_deref(), &today)).collect())
        });
        let mut overdue = false;
        for row in &rows.await? {
            let late = row.get("overdue").and_then(Value::as_bool) == Some(true);
            overdue |= late;
            if self.json {
                say::line(&row.to_string());
                continue;
            }
            say::line(&format!(
                "{}{}  {}  {:<8}  {:<22}  {} {} {}  {}",
                text(row, "deadline"),
                if late { " OVERDUE" } else { "" },
                text(row, "application"),
                text(row, "state"),
                text(row, "proposal"),
                text(row, "origin"),
                text(row, "type"),
                text(row, "level"),
                text(row, "purpose"),
            ));
        }
        Ok(ExitCode::from(u8::from(overdue)))
    }
}

impl Show {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let told = match self.at.remote.client()? {
            Some(client) => client.get(&format!("/applications/{}", parsed(&self.id)?)).await?,
            None => {
                let app = open::app(self.at.settings.load()?).await?;
                for_officer(&File::find(&app, parsed(&self.id)?).await?)
            }
        };
        say::line(&serde_json::to_string_pretty(&told)?);
        Ok(ExitCode::SUCCESS)
    }
}

impl Decide {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let id = parsed(&self.id)?;
        let mut asked = Map::new();
        if self.confirm {
            asked.insert("confirm".to_owned(), json!(true));
        }
        for (name, value) in [
            ("verdict", self.verdict.map(Value::from)),
            ("level", self.level.map(Value::from)),
            ("reason", self.reason.map(Value::from)),
            ("checkedByHand", self.checked_by_hand.map(Value::from)),
            ("version", self.version.map(Value::from)),
        ] {
            if let Some(value) = value {
                asked.insert(name.to_owned(), value);
            }
        }
        let told = match self.at.remote.client()? {
            Some(client) => {
                client.post(&format!("/applications/{id}/decision"), &Value::Object(asked)).await?
            }
            None => {
                let app = open::app(self.at.settings.load()?).await?;
                let file = recognise::decide::decide(&app, &operator(app.now()), id, asked).await?;
                json!({"application": id.to_string(), "version": file.version, "state": file.state(),
                    "decision": file.body.get("decision")})
            }
        };
        say::line(&told.to_string());
        Ok(ExitCode::SUCCESS)
    }
}

/// Decides again from the inputs on record, and compares.
pub(super) async fn replay(id: &str, at: &Desk, json: bool) -> Result<ExitCode, Failure> {
    let id = parsed(id)?;
    let replayed = match at.remote.client()? {
        Some(client) => {
            let told = client.get(&format!("/applications/{id}")).await?;
            let part = |name: &str| told.get(name).cloned().unwrap_or_default();
            let again = Inputs::of(part("inputs")).decide()?.to_members();
            Replayed { kept: part("proposal").to_string(), again: Value::Object(again).to_string() }
        }
        None => {
            let app = open::app(at.settings.load()?).await?;
            replay::replay(&File::find(&app, id).await?)?
        }
    };
    let same = replayed.is_same();
    if json {
        let told = json!({"application": id.to_string(), "same": same, "kept": replayed.kept, "again": replayed.again});
        say::line(&told.to_string());
    } else {
        say::line(&replayed.again);
        say::aside(if same { "the same, byte for byte, as was proposed" } else { "NOT what was proposed:" });
        if !same {
            say::aside(&replayed.kept);
        }
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn parsed(id: &str) -> Result<CredentialId, Failure> {
    CredentialId::parse(id)
        .map_err(|_| format!("{id} is no id of an application: 26 letters and digits").into())
}
