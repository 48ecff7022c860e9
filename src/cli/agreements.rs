//! `testamur agreements`: the registry of agreements: look up, file, sign, change, import, report.

mod import;
mod look;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::listing::text;
use super::remote::Remote;
use super::{Failure, files, open, say};
use crate::agree::{self, AgreeError, list};
use crate::issue::operator;
use crate::urls::agreement_path;
use import::Import;
use look::{List, Report, Show};

/// Keep the registry of agreements: between states, ministries, institutions, and with enterprises.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
  testamur agreements new agreement.json        a draft: agreementId, kind, effectiveFrom, party, scope, …
  testamur agreements sign VN-LA-2026           with the key of a party here; `show --signed` is what the partner signs
  testamur agreements sign VN-LA-2026 --document signed-by-both.json
  testamur agreements state VN-LA-2026 suspended --reason 'exchange of notes of 3 May 2027'
  testamur agreements import agreements.csv --dry-run
  testamur agreements report --csv

What was signed never changes: another agreement supersedes it. Beside a running service: --server URL --token-file FILE.")]
pub(super) enum Agreements {
    /// List agreements and where each stands
    List(List),
    /// Show all that is on record of one
    Show(Show),
    /// File a draft, or other terms of one: a JSON file
    New(New),
    /// Sign as a party, or take in the document that all have signed
    Sign(Sign),
    /// Change the state: suspended, in-force again, terminated, superseded; signed, on paper
    State(State),
    /// Take in a file of agreements and activities, JSON or CSV: all of it or nothing
    Import(Import),
    /// Count institutions, agreements and activities, by sort and by country pair
    Report(Report),
}

/// Where the registry is.
#[derive(Debug, Args)]
struct At {
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

/// File a draft.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Its terms, a JSON file
    file: PathBuf,
    /// Which institution keeps it, where there are several
    #[arg(long, value_name = "SLUG")]
    institution: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Sign.
#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The agreement
    id: String,
    /// Which party signs, where several are here
    #[arg(long, value_name = "SLUG", conflicts_with = "document")]
    institution: Option<String>,
    /// The document as others have signed it
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// Change the state.
#[derive(Debug, Args)]
pub(super) struct State {
    /// The agreement
    id: String,
    /// signed, in-force, suspended, terminated, expired or superseded
    state: String,
    /// Since which day, YYYY-MM-DD [default: today; of `signed`, the day its terms name]
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// The agreement that takes its place
    #[arg(long, value_name = "ID")]
    by: Option<String>,
    #[command(flatten)]
    at: At,
}

impl Agreements {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::List(one) => one.run().await,
            Self::Show(one) => one.run().await,
            Self::New(one) => one.run().await,
            Self::Sign(one) => one.run().await,
            Self::State(one) => one.run().await,
            Self::Import(one) => one.run().await,
            Self::Report(one) => one.run().await,
        }
    }
}

fn given(pairs: &[(&str, Option<Value>)]) -> Map<String, Value> {
    let there = pairs.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
    there.collect()
}

/// A complaint with every member it is about.
fn told(error: AgreeError) -> Failure {
    match &error {
        AgreeError::Form(problems) => {
            let each: Vec<_> = problems.iter().map(ToString::to_string).collect();
            each.join("\n").into()
        }
        _ => error.into(),
    }
}

/// Tells of an agreement that was filed.
fn say_filed(whole: &Value) -> ExitCode {
    say::line(&format!("{} · {}", text(whole, "agreementId"), text(whole, "state")));
    ExitCode::SUCCESS
}

impl New {
    async fn run(self) -> Result<ExitCode, Failure> {
        let body = given(&[
            ("institution", self.institution.map(Value::from)),
            ("agreement", Some(files::json(&self.file)?)),
        ]);
        if let Some(client) = self.at.remote.client()? {
            return Ok(say_filed(&client.post("/agreements", &Value::Object(body)).await?));
        }
        let app = open::app(self.at.settings.load()?).await?;
        let filed = agree::file(&app, &operator(app.now()), body).await.map_err(told)?;
        Ok(say_filed(&list::short(&filed, agree::today(&app)?)))
    }
}

impl Sign {
    async fn run(self) -> Result<ExitCode, Failure> {
        let document = self.document.as_deref().map(files::json).transpose()?;
        let body =
            given(&[("institution", self.institution.map(Value::from)), ("verifiableCredential", document)]);
        if let Some(client) = self.at.remote.client()? {
            let path = format!("{}/signature", agreement_path(&self.id));
            return Ok(say_filed(&client.post(&path, &Value::Object(body)).await?));
        }
        let app = open::app(self.at.settings.load()?).await?;
        let signed = agree::sign(&app, &operator(app.now()), &self.id, body).await.map_err(told)?;
        Ok(say_filed(&list::short(&signed, agree::today(&app)?)))
    }
}

impl State {
    async fn run(self) -> Result<ExitCode, Failure> {
        let body = given(&[
            ("state", Some(json!(self.state))),
            ("since", self.since.map(Value::from)),
            ("reason", self.reason.map(Value::from)),
            ("supersededBy", self.by.map(Value::from)),
        ]);
        if let Some(client) = self.at.remote.client()? {
            let path = format!("{}/state", agreement_path(&self.id));
            return Ok(say_filed(&client.post(&path, &Value::Object(body)).await?));
        }
        let app = open::app(self.at.settings.load()?).await?;
        let changed = agree::change(&app, &operator(app.now()), &self.id, &body).await.map_err(told)?;
        Ok(say_filed(&list::short(&changed, agree::today(&app)?)))
    }
}
