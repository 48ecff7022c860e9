//! `testamur agreements`: the registry of agreements: look up, file, sign, change, import, report.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::listing::text;
use super::remote::Remote;
use super::{Failure, open, say};
use crate::agree::{self, AgreeError, list, report};
use crate::app::App;
use crate::codec::json;
use crate::credential::validity::Day;
use crate::issue::operator;
use crate::urls::agreement_path;

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

/// List agreements.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those with a party of this country; twice for a pair
    #[arg(long, value_name = "CC")]
    country: Vec<String>,
    /// Only treaty, ministry, institution or training-contract
    #[arg(long)]
    kind: Option<String>,
    /// Only those in this state on the day
    #[arg(long)]
    state: Option<String>,
    /// On which day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Show an agreement.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id
    id: String,
    /// Only the document that its parties sign
    #[arg(long)]
    signed: bool,
    #[command(flatten)]
    at: At,
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

/// Take in a file.
#[derive(Debug, Args)]
#[command(after_help = "\
JSON: {\"agreements\": [terms and \"state\"], \"activities\": [activityId, agreementId, type, from, to, participants, amount, note]}.
CSV, agreements: agreementId,name,kind,state,signedOn,effectiveFrom,effectiveTo,temporalBasis,languages,
  party1,country1,partyName1,party2,country2,partyName2,…,instrumentTitle,instrumentUrl,instrumentDigest,scope (JSON).
CSV, activities: activityId,agreementId,type,from,to,participants,amount ('120000 CNY'),note.
`state` is draft, signed or in-force; signed on paper needs signedOn and the digest of the instrument.
The same file again changes nothing. Every row at fault is named, and then nothing is taken in.")]
pub(super) struct Import {
    /// The file
    file: PathBuf,
    /// Which institution keeps them, where there are several
    #[arg(long, value_name = "SLUG")]
    institution: Option<String>,
    /// Only tell what would come of it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: At,
}

/// Report.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// On which day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// As JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV
    #[arg(long)]
    csv: bool,
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

fn file(path: &PathBuf) -> Result<Value, Failure> {
    let bytes = std::fs::read(path).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(json::parse(&bytes).map_err(|why| format!("{}: {why}", path.display()))?)
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

fn day(app: &App, on: Option<&str>) -> Result<Day, Failure> {
    match on {
        Some(day) => Ok(Day::parse(day).map_err(|why| format!("{day}: {why}"))?),
        None => Ok(agree::today(app)?),
    }
}

/// Tells of an agreement that was filed.
fn say_filed(whole: &Value) -> ExitCode {
    say::line(&format!("{} · {}", text(whole, "agreementId"), text(whole, "state")));
    ExitCode::SUCCESS
}

impl List {
    async fn run(self) -> Result<ExitCode, Failure> {
        let mut rows: Vec<Value> = Vec::new();
        if let Some(client) = self.at.remote.client()? {
            let query = self.query();
            let mut after = String::new();
            loop {
                let answer = client.get(&format!("/agreements?{query}&limit=1000&after={after}")).await?;
                rows.extend(answer.get("agreements").and_then(Value::as_array).cloned().unwrap_or_default());
                match answer.get("next").and_then(Value::as_str) {
                    Some(next) if next != after => next.clone_into(&mut after),
                    _ => break,
                }
            }
        } else {
            let app = open::app(self.at.settings.load()?).await?;
            let on = day(&app, self.on.as_deref())?;
            let filter =
                list::Filter::parse(&self.country, self.kind.as_deref(), self.state.as_deref(), None)
                    .map_err(|wrong| format!("--{wrong}"))?;
            let agreements = app.registry.agreements();
            let operator = operator(app.now());
            rows.extend(filter.of(&agreements, on, Some(&operator)).map(|file| list::short(file, on)));
        }
        for row in &rows {
            let countries: Vec<&str> = row
                .get("party")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|party| text(party, "territory"))
                .collect();
            let until = Some(text(row, "effectiveTo")).filter(|day| !day.is_empty()).unwrap_or("…");
            say::line(&format!(
                "{}  {:<10}  {:<17}  {:<8}  {} – {until}  {}",
                text(row, "agreementId"),
                text(row, "state"),
                text(row, "kind"),
                countries.join("–"),
                text(row, "effectiveFrom"),
                text(row, "name"),
            ));
        }
        say::aside(&format!("{} agreements", rows.len()));
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.country.iter().map(|country| ("country", country)));
        let single = [("kind", &self.kind), ("state", &self.state), ("on", &self.on)];
        query.extend_pairs(single.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        query.finish()
    }
}

impl Show {
    async fn run(self) -> Result<ExitCode, Failure> {
        let whole = if let Some(client) = self.at.remote.client()? {
            client.get(&agreement_path(&self.id)).await?
        } else {
            let app = open::app(self.at.settings.load()?).await?;
            let agreements = app.registry.agreements();
            let found = agreements.get(&self.id).ok_or_else(|| AgreeError::NoAgreement(self.id.clone()))?;
            list::whole(&agreements, found, agree::today(&app)?, Some(&operator(app.now())))
        };
        if self.signed {
            let document = whole.get("verifiableCredential");
            let document = document.ok_or("nobody has signed it yet: testamur agreements sign")?;
            say::line(&serde_json::to_string_pretty(document)?);
        } else {
            say::line(&serde_json::to_string_pretty(&whole)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

impl New {
    async fn run(self) -> Result<ExitCode, Failure> {
        let body = given(&[
            ("institution", self.institution.map(Value::from)),
            ("agreement", Some(file(&self.file)?)),
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
        let document = self.document.as_ref().map(file).transpose()?;
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

impl Import {
    async fn run(self) -> Result<ExitCode, Failure> {
        let bytes = std::fs::read(&self.file).map_err(|why| format!("{}: {why}", self.file.display()))?;
        let imported = if let Some(client) = self.at.remote.client()? {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("dry-run", if self.dry_run { "true" } else { "false" });
            if let Some(institution) = &self.institution {
                query.append_pair("institution", institution);
            }
            client.send(&format!("/agreements/import?{}", query.finish()), bytes).await?
        } else {
            let app = open::app(self.at.settings.load()?).await?;
            let imported =
                agree::import(&app, &operator(app.now()), self.institution, &bytes, self.dry_run).await;
            match imported {
                Ok(imported) => imported.to_json(),
                Err(AgreeError::Faults(faults)) => {
                    faults.iter().for_each(|fault| say::line(&fault.to_string()));
                    return Err(format!("{} faults: nothing was taken in", faults.len()).into());
                }
                Err(other) => return Err(told(other)),
            }
        };
        for list in ["agreements", "activities"] {
            let number = |name: &str| imported.get(list).and_then(|one| one.get(name)?.as_u64()).unwrap_or(0);
            say::line(&format!(
                "{list}: {} new, {} changed, {} unchanged",
                number("new"),
                number("changed"),
                number("unchanged")
            ));
        }
        if self.dry_run {
            say::aside("a dry run: nothing was taken in");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Report {
    async fn run(self) -> Result<ExitCode, Failure> {
        let Some(client) = self.at.remote.client()? else {
            let app = open::app(self.at.settings.load()?).await?;
            let on = day(&app, self.on.as_deref())?;
            let report = report::report(&app.registry.agreements(), on);
            if self.csv {
                say::line(report.to_csv().trim_end());
            } else {
                show(&report.to_json(on), self.json);
            }
            return Ok(ExitCode::SUCCESS);
        };
        let query = self.on.map(|on| format!("?on={}", encoded(&on))).unwrap_or_default();
        let path = format!("/agreements/report{query}");
        if self.csv {
            say::line(client.text(&path, "text/csv").await?.trim_end());
        } else {
            show(&client.get(&path).await?, self.json);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints a report: as it is, or as tables.
fn show(report: &Value, as_json: bool) {
    if as_json {
        say::line(&report.to_string());
        return;
    }
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64).unwrap_or(0);
    say::line(&format!(
        "{} institutions · {} agreements · {} activities",
        number(report, "institutions"),
        number(report, "agreements"),
        number(report, "activities")
    ));
    for pair in report.get("countryPairs").and_then(Value::as_array).into_iter().flatten() {
        let countries = pair.get("countries").and_then(Value::as_array).into_iter().flatten();
        let countries: Vec<_> = countries.filter_map(Value::as_str).collect();
        say::line(&format!(
            "{:<7} {:>6} institutions {:>6} agreements {:>6} activities",
            countries.join("–"),
            number(pair, "institutions"),
            number(pair, "agreements"),
            number(pair, "activities")
        ));
    }
    for (name, number) in report.get("activitiesByType").and_then(Value::as_object).into_iter().flatten() {
        say::line(&format!("{:>6} {name}", number.as_u64().unwrap_or(0)));
    }
}
