//! Which applications for recognition wait for somebody, by authority: enough to order a queue, and nobody's name.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use crate::institution::Slug;
use crate::store::{Filing, Register, Store, StoreError};

/// How many files are read at once.
const PAGE: usize = 256;

/// The applications that wait, and the last number of a decision by year.
#[derive(Debug, Default)]
pub struct Applications(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<(Slug, String), Waiting>,
    numbers: HashMap<(Slug, i16), u32>,
}

/// An application that waits for an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// `received`, `proposed`, `appealed` or `reopened`.
    pub state: String,
    /// When it was received.
    pub received: Option<Timestamp>,
    /// The last day for a decision, YYYY-MM-DD.
    pub deadline: String,
    /// What for.
    pub purpose: String,
    /// The verdict proposed.
    pub verdict: Option<String>,
    /// Where the award is from.
    pub origin: Option<String>,
    /// What kind of award.
    pub kind: Option<String>,
    /// The level of the award, such as VQF:5.
    pub level: Option<String>,
    /// The version of the file.
    pub version: u64,
}

impl Waiting {
    /// Its place in the queue: the nearest deadline first, then whoever came first.
    pub fn place(&self) -> (String, Timestamp, String) {
        (self.deadline.clone(), self.received.unwrap_or_default(), self.id.clone())
    }

    /// From the body of its file; `None` for one that nobody waits for.
    fn of(filing: &Filing, body: &Value) -> Option<Self> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let state = text("/state")?;
        if !matches!(state.as_str(), "received" | "proposed" | "appealed" | "reopened") {
            return None;
        }
        let level = body.pointer("/facts/level/value").and_then(Value::as_u64);
        Some(Self {
            id: filing.id.clone(),
            received: text("/application/receivedAt").and_then(|at| at.parse().ok()),
            deadline: text("/deadline").unwrap_or_default(),
            purpose: text("/application/purpose").unwrap_or_default(),
            verdict: text("/proposal/verdict"),
            origin: text("/facts/country/value"),
            kind: text("/facts/type/value"),
            level: text("/facts/framework/value").zip(level).map(|(name, level)| format!("{name}:{level}")),
            version: filing.version,
            state,
        })
    }
}

impl Applications {
    /// Reads what waits from the store.
    ///
    /// # Errors
    /// The store.
    pub async fn load(&self, store: &dyn Store, authorities: &[Slug]) -> Result<(), StoreError> {
        for authority in authorities {
            let mut after = None;
            loop {
                let page = store.filings(authority, Register::Application, after, PAGE).await?;
                page.items.iter().for_each(|filing| self.note(filing));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes over a version of an application that is on record now.
    pub fn note(&self, filing: &Filing) {
        let key = (filing.institution.clone(), filing.id.clone());
        let body = filing.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let mut state = self.state();
        let waiting = body.as_ref().and_then(|body| Waiting::of(filing, body));
        match waiting {
            Some(waiting) => _ = state.waiting.insert(key, waiting),
            None => _ = state.waiting.remove(&key),
        }
        let number = body.as_ref().and_then(|body| body.pointer("/decision/number")?.as_str());
        if let Some((year, number)) = number.and_then(numbered) {
            let last = state.numbers.entry((filing.institution.clone(), year)).or_default();
            *last = number.max(*last);
        }
    }

    /// An application was erased.
    pub fn forget(&self, authority: &Slug, id: &str) {
        self.state().waiting.remove(&(authority.clone(), id.to_owned()));
    }

    /// What waits at an authority, the nearest deadline first.
    pub fn waiting(&self, authority: &Slug) -> Vec<Waiting> {
        let state = self.state();
        let of_it = state.waiting.iter().filter(|((slug, _), _)| slug == authority);
        let mut found: Vec<_> = of_it.map(|(_, waiting)| waiting.clone()).collect();
        found.sort_by_cached_key(Waiting::place);
        found
    }

    /// How many wait at an authority.
    pub fn count(&self, authority: &Slug) -> usize {
        self.state().waiting.keys().filter(|(slug, _)| slug == authority).count()
    }

    /// The number of the next decision of a year: `REC-2026-000031`.
    pub fn next_number(&self, authority: &Slug, year: i16) -> String {
        let last = self.state().numbers.get(&(authority.clone(), year)).copied().unwrap_or_default();
        format!("REC-{year:04}-{:06}", last.saturating_add(1))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn numbered(text: &str) -> Option<(i16, u32)> {
    let (year, number) = text.strip_prefix("REC-")?.split_once('-')?;
    Some((year.parse().ok()?, number.parse().ok()?))
}
