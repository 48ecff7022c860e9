//! `testamur statistics`: tables of what is on record, as the public is told or exact, as text, CSV, JSON or signed.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::remote::Remote;
use super::{Failure, open, say};
use crate::issue::operator;
use crate::report::{self, Question};
use crate::statistics::{definitions, document};

/// Count what is on record: awards, withdrawals, recognitions, agreements, activities.
#[derive(Debug, Args)]
#[command(after_help = "\
  testamur statistics                              what is counted, and by what (JSON)
  testamur statistics awards --by year,field
  testamur statistics awards --by institution,sex --only year=2026 --csv
  testamur statistics awards --by year --exact      for official use: nothing is withheld
  testamur statistics awards --by year --signed > report.json && testamur verify report.json

Without --exact nothing leads to fewer than five awards, and what is shown is the last release: docs/statistics.md.
Beside a running service: --server URL --token-file FILE.")]
pub(super) struct Statistics {
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
    /// What is counted; without it, the definitions
    subject: Option<String>,
    /// The dimensions, with commas between them [default: the usual ones]
    #[arg(long, value_name = "NAMES", requires = "subject", value_delimiter = ',')]
    by: Vec<String>,
    /// Those alone that have this value (repeatable)
    #[arg(long, value_name = "NAME=VALUE", requires = "subject")]
    only: Vec<String>,
    /// What is on record now, nothing withheld; not for publication
    #[arg(long, requires = "subject")]
    exact: bool,
    /// As CSV
    #[arg(long, requires = "subject", conflicts_with_all = ["json", "signed"])]
    csv: bool,
    /// As JSON
    #[arg(long, requires = "subject")]
    json: bool,
    /// As a signed report
    #[arg(long, requires = "subject")]
    signed: bool,
    /// The short name of the institution that signs it
    #[arg(long, value_name = "SLUG", requires = "signed")]
    signer: Option<String>,
}

impl Statistics {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let Some(subject) = self.subject.clone() else {
            say::line(&format!("{:#}", document()));
            return Ok(ExitCode::SUCCESS);
        };
        let told = match self.remote.client()? {
            Some(client) => {
                let query = self.query()?;
                let path = format!("/statistics/{subject}?{query}");
                let kind = if self.csv { "text/csv" } else { "application/json" };
                if self.csv || !(self.json || self.signed) {
                    // Asked for as JSON first: a refusal is told in words.
                    let table = client.get(&format!("{path}&format=json")).await?;
                    if self.csv { client.text(&path, kind).await? } else { lines(&table) }
                } else {
                    client.get(&path).await?.to_string()
                }
            }
            None => self.here(&subject).await?,
        };
        say::line(told.trim_end());
        Ok(ExitCode::SUCCESS)
    }

    fn only(&self) -> Result<Vec<(String, String)>, Failure> {
        let pair = |text: &String| {
            let (name, value) =
                text.split_once('=').ok_or_else(|| format!("--only {text}: write NAME=VALUE"))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        self.only.iter().map(pair).collect()
    }

    fn query(&self) -> Result<String, Failure> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("by", &self.by.join(","));
        for (name, value) in self.only()? {
            query.append_pair(&name, &value);
        }
        for (name, set) in [("exact", self.exact), ("signed", self.signed)] {
            query.append_pair(name, if set { "true" } else { "false" });
        }
        if let Some(signer) = &self.signer {
            query.append_pair("signer", signer);
        }
        Ok(query.finish())
    }

    async fn here(&self, subject: &str) -> Result<String, Failure> {
        let known =
            || definitions().subjects.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
        let subject = definitions().subject(subject);
        let subject =
            subject.ok_or_else(|| format!("nothing of that name is counted; known are {}", known()))?;
        let only = self.only()?;
        let app = open::app(self.settings.load()?).await?;
        report::read(&app, usize::MAX).await?;
        let token = operator(app.now());
        let question = Question { subject, by: self.by.clone(), only };
        let figures = report::figures(&app, question, self.exact.then_some(&token)).await?;
        if self.signed {
            let signer = report::signer(&app, &figures, self.signer.as_deref(), &token)?;
            return Ok(Value::Object(report::sign(&app, &figures, &signer)?).to_string());
        }
        let table = Value::Object(figures.to_json(&app));
        Ok(if self.csv {
            figures.to_csv()
        } else if self.json {
            table.to_string()
        } else {
            lines(&table)
        })
    }
}

/// The table as lines for a person: the number, then its values.
fn lines(table: &Value) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "nothing is released yet".to_owned(),
        Some(other) => other.to_string(),
    };
    let items = |name: &str| table.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let by: Vec<String> = items("by").iter().map(|id| text(Some(id))).collect();
    let mut out = String::new();
    for row in items("rows") {
        let values: Vec<String> = by.iter().map(|id| text(row.get(id))).collect();
        out.push_str(&format!("{:>10}  {}\n", text(row.get("count")), values.join("  ")));
    }
    let exact =
        if table.get("exact") == Some(&Value::Bool(true)) { ", exact: not for publication" } else { "" };
    out.push_str(&format!(
        "{:>10}  in all, as of {}{exact}\n",
        text(table.get("total")),
        text(table.get("asOf"))
    ));
    out
}
