//! `testamur accredit cohort` and `count`: how many graduates there are, and how many leaves.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::{At, object};
use crate::accredit::{cohort, watch};
use crate::cli::listing::{Listing, text};
use crate::cli::{Failure, open, say};
use crate::issue::operator;

/// Announce a cohort.
#[derive(Debug, Args)]
pub(in crate::cli) struct Cohort {
    /// The issuer's DID
    did: String,
    /// The programme, as its diplomas name it (`qualificationId`)
    #[arg(long, value_name = "ID")]
    programme: String,
    /// The award date, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    award_date: String,
    /// How many graduates, as the decision on their graduation says
    #[arg(long, value_name = "NUMBER")]
    graduates: u64,
    /// What each of them gets one of [default: diploma]
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The number of the decision
    #[arg(long, value_name = "NUMBER")]
    decision: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Show the count.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 no alarm is on · 1 there is one.")]
pub(in crate::cli) struct Count {
    #[command(flatten)]
    listing: Listing,
}

impl Cohort {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let mut body = object(json!({
            "issuer": self.did, "programme": self.programme, "awardDate": self.award_date,
            "graduates": self.graduates, "type": self.kind, "decision": self.decision,
            "authority": self.at.authority,
        }));
        body.retain(|_, value| !value.is_null());
        let told = match self.at.remote.client()? {
            Some(client) => client.post("/authority/cohorts", &Value::Object(body)).await?,
            None => {
                let app = open::app(self.at.settings.load()?).await?;
                cohort::announce(&app, &operator(app.now()), body).await?
            }
        };
        say::line(&told.to_string());
        Ok(ExitCode::SUCCESS)
    }
}

impl Count {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let rows = self.listing.rows("/authority/count", "authorities", async |app| {
            // The logs of others are looked at now: no service does.
            watch::look(app, &mut Default::default()).await?;
            let mut rows = Vec::new();
            for member in app.registry.members() {
                if member.institution.territory().is_some() {
                    rows.push(watch::figures(&member, &watch::count(app, &member.institution.slug).await?));
                }
            }
            Ok(rows)
        });
        let mut alarms = 0;
        for row in &rows.await? {
            alarms += table(row);
        }
        Ok(ExitCode::from(u8::from(alarms > 0)))
    }
}

/// Prints the count of an authority; how many alarms are on.
fn table(row: &Value) -> usize {
    let all = |name: &str| row.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64);
    let or_dash = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    for one in all("cohorts") {
        let (leaves, graduates) = (number(&one, "leaves"), number(&one, "graduates"));
        say::line(&format!(
            "{:>6} leaves {:>6} graduates  {:<13}  {}  {}  {}  {}",
            or_dash(leaves),
            or_dash(graduates),
            text(&one, "outcome"),
            text(&one, "issuer"),
            text(&one, "type"),
            text(&one, "programme"),
            text(&one, "awardDate"),
        ));
    }
    for log in all("logs") {
        say::line(&format!(
            "{:>6} leaves {:>6} unaccounted  {}  {}",
            or_dash(number(&log, "size")),
            or_dash(number(&log, "unaccounted")),
            text(&log, "origin"),
            text(&log, "since"),
        ));
    }
    let alarms = all("alarms");
    for alarm in alarms.iter().filter_map(Value::as_str) {
        say::line(&format!("ALARM: {alarm}"));
    }
    alarms.len()
}
