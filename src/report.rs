//! Reports: what is on record as figures, read in the order of facts and carried on; tables, and signed ones.

mod facts;
mod kept;
mod registers;
mod sign;
mod values;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::MissedTickBehavior;

use crate::access::{Act, Reach, TokenRecord};
use crate::app::App;
use crate::codec::csv;
use crate::statistics::{self, Dimension, Shown, Subject, Table, TableError, definitions, table};
use crate::store::StoreError;
pub use sign::{SignError, Signer, sign, signer};

/// How many facts are read in one go.
const PAGE: usize = 256;
/// How many facts whoever asks waits for.
const MOST: usize = 4_096;
/// Between two looks at what was recorded.
const LOOK: Duration = Duration::from_secs(10);

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Such figures are not kept.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No such value can be.
    #[error("{0}={1:?} is no value of {0}; the definitions say which there are (GET /statistics)")]
    Value(&'static str, String),
    /// The record is longer than what was read so far.
    #[error("the record is still being read")]
    Reading,
    /// Exact figures are for whoever reads the register anyway.
    #[error("exact figures are for a token that reads the register")]
    NotAllowed,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of what.
    pub subject: &'static Subject,
    /// The ids of the dimensions; the usual ones where it is empty.
    pub by: Vec<String>,
    /// A dimension and the value it is to have.
    pub only: Vec<(String, String)>,
}

/// A table with what has to be known about it.
#[derive(Debug, Clone)]
pub struct Figures {
    /// What was asked.
    pub question: Question,
    /// The table.
    pub table: Table,
    /// Up to when facts count; `None` before the first release.
    pub as_of: Option<Timestamp>,
    /// Whether it is what is on record, which is not for publication.
    pub exact: bool,
    /// Of exact figures, the dimension and those of its values that the token reaches; `None` where it reaches all.
    pub within: Option<(&'static str, Vec<String>)>,
}

/// The figures asked for: what the public is told, or, for somebody who reads the register, all of what is in reach.
///
/// # Errors
/// A dimension or a value that there is not; [`ReportError::Reading`] right after a start on a long record.
pub async fn figures(
    app: &App,
    question: Question,
    exact: Option<&TokenRecord>,
) -> Result<Figures, ReportError> {
    let mut question = question;
    if question.by.is_empty() {
        question.by.clone_from(&question.subject.usual);
    }
    for (asked, value) in &question.only {
        let dimension = question.subject.dimensions.iter().find(|dimension| dimension.id == *asked);
        if let Some(dimension) = dimension.filter(|known| !values::may_be(app, known, value)) {
            return Err(ReportError::Value(&dimension.id, value.chars().take(80).collect()));
        }
    }
    let shown = match exact {
        None => Shown::Told,
        Some(token) => within(app, question.subject, token)?,
    };
    if let Some(tally) = registers::tally(app, question.subject)? {
        let table = table(question.subject, &tally, &Shown::Exact(None), &question.by, &question.only)?;
        return Ok(Figures { question, table, as_of: Some(app.now()), exact: false, within: None });
    }
    if !read(app, MOST).await? {
        return Err(ReportError::Reading);
    }
    let held = app.statistics.lock().await;
    let Some(tally) = held.ledger.tally(&question.subject.id) else { return Err(ReportError::Reading) };
    let table = table(question.subject, tally, &shown, &question.by, &question.only)?;
    let within = match shown {
        Shown::Exact(within) => within,
        Shown::Told => None,
    };
    let exact = exact.is_some();
    let as_of = if exact { Some(app.now()) } else { held.ledger.releases().last() };
    Ok(Figures { question, table, as_of, exact, within })
}

/// What of a subject a token may know exactly.
fn within(app: &App, subject: &'static Subject, token: &TokenRecord) -> Result<Shown, ReportError> {
    let reads = token.revoked.is_none() && token.roles.iter().any(|role| role.may(Act::Read));
    match &token.reach {
        _ if !reads => Err(ReportError::NotAllowed),
        Reach::All => Ok(Shown::Exact(None)),
        Reach::Institutions(_) => {
            let members = app.registry.members();
            let own = members.iter().map(|member| &member.institution);
            let own = own.filter(|institution| token.allows(Act::Read, &institution.slug));
            let of = |dimension: &&Dimension| matches!(dimension.id.as_str(), "institution" | "receiving");
            let dimension = subject.dimensions.iter().find(of).ok_or(ReportError::NotAllowed)?;
            let values = own.filter_map(|institution| match dimension.id.as_str() {
                "institution" => Some(institution.slug.to_string()),
                _ => institution.territory().map(str::to_owned),
            });
            Ok(Shown::Exact(Some((&dimension.id, values.collect()))))
        }
    }
}

/// Reads what was recorded since the last time, at most about `most` facts; whether all of it was read.
///
/// # Errors
/// The store.
pub async fn read(app: &App, most: usize) -> Result<bool, StoreError> {
    let mut read = 0;
    while read < most {
        // Held for a page at a time: others ask meanwhile.
        let mut held = app.statistics.lock().await;
        if !held.looked {
            kept::take_up(app, &mut held).await?;
        }
        let now = app.now();
        let page = app.store.changes(held.after, PAGE).await?;
        for change in &page.items {
            facts::count(app, &mut held, change).await?;
            held.after = Some(change.cursor);
        }
        read += page.items.len();
        if page.next.is_none() {
            held.ledger.settle(now);
            kept::keep(app, &mut held).await;
            return Ok(true);
        }
        drop(held);
        tokio::task::yield_now().await;
    }
    Ok(false)
}

/// Reads on, until the task is dropped: whoever asks finds it read.
pub async fn keep_reading(app: Arc<App>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let began = std::time::Instant::now();
        match read(&app, usize::MAX).await {
            Ok(_) if began.elapsed() > LOOK => {
                tracing::info!(seconds = began.elapsed().as_secs(), "the record was read for statistics");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the record cannot be read for statistics"),
        }
    }
}

impl Figures {
    /// As a program reads them.
    pub fn to_json(&self, app: &App) -> Map<String, Value> {
        let row = |row: &statistics::Row| {
            let values = self.table.by.iter().zip(&row.values);
            let mut told: Map<String, Value> =
                values.map(|(id, value)| ((*id).to_owned(), value.as_str().into())).collect();
            told.insert("count".to_owned(), row.count.into());
            Value::Object(told)
        };
        let only: Map<String, Value> =
            self.question.only.iter().map(|(id, value)| (id.clone(), value.as_str().into())).collect();
        let told = json!({
            "subject": self.question.subject.id,
            "definitions": format!("{}/statistics", app.urls.public()),
            "definitionsVersion": definitions().version,
            "asOf": self.as_of,
            "exact": self.exact,
            "by": self.table.by,
            "only": only,
            "rows": self.table.rows.iter().map(row).collect::<Vec<_>>(),
            "total": self.table.total,
        });
        match told {
            Value::Object(mut told) => {
                if let Some((dimension, values)) = &self.within {
                    told.insert("within".to_owned(), json!({ *dimension: values }));
                }
                told
            }
            _ => Map::new(),
        }
    }

    /// As a spreadsheet reads them: a header and a line for each row (RFC 4180, UTF-8).
    pub fn to_csv(&self) -> String {
        let mut text = String::new();
        csv::write(&mut text, self.table.by.iter().copied().chain(["count"]));
        for row in &self.table.rows {
            let count = row.count.to_string();
            csv::write(&mut text, row.values.iter().map(String::as_str).chain([count.as_str()]));
        }
        text
    }
}
