//! `testamur agreements list`, `show` and `report`: what the registry says.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::At;
use crate::agree::{self, AgreeError, list, report};
use crate::app::App;
use crate::cli::listing::text;
use crate::cli::{Failure, open, say};
use crate::credential::validity::Day;
use crate::issue::operator;
use crate::urls::agreement_path;

/// List agreements.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
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
pub(in crate::cli) struct Show {
    /// Its id
    id: String,
    /// Only the document that its parties sign
    #[arg(long)]
    signed: bool,
    #[command(flatten)]
    at: At,
}

/// Report.
#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
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

impl List {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
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
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
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

impl Report {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
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

fn day(app: &App, on: Option<&str>) -> Result<Day, Failure> {
    match on {
        Some(day) => Ok(Day::parse(day).map_err(|why| format!("{day}: {why}"))?),
        None => Ok(agree::today(app)?),
    }
}

fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}
