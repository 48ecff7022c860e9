//! Which applications for recognition wait for somebody, by authority: enough to order a queue, and nobody's name.
//!
//! Read from the store when it is first asked for, since it takes a look at every file there ever was: neither a start nor a
//! command that does not ask waits for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::institution::Slug;
use crate::registry::Registry;
use crate::store::{Filing, Register, Store, StoreError};

/// How many files are read at once.
const PAGE: usize = 256;

/// The applications that wait.
#[derive(Debug, Default)]
pub struct Applications {
    state: Mutex<State>,
    read: OnceCell<()>,
}

#[derive(Debug)]
struct State {
    waiting: BTreeMap<(Slug, String), Waiting>,
    /// Until all was read: the versions that came meanwhile, which what is read does not put back.
    newer: Option<HashMap<(Slug, String), u64>>,
}

impl Default for State {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), newer: Some(HashMap::new()) }
    }
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
    /// What waits, once all of it was read: by whoever asks first, the others wait for that.
    ///
    /// # Errors
    /// The store; whoever asks next tries again.
    pub async fn read(&self, store: &dyn Store, registry: &Registry) -> Result<Queue<'_>, StoreError> {
        self.read.get_or_try_init(|| self.load(store, registry)).await?;
        Ok(Queue(self))
    }

    async fn load(&self, store: &dyn Store, registry: &Registry) -> Result<(), StoreError> {
        let members = registry.members();
        for member in members.iter().filter(|member| member.institution.territory().is_some()) {
            let authority = &member.institution.slug;
            let mut after = None;
            loop {
                let page = store.filings(authority, Register::Application, after, PAGE).await?;
                page.items.iter().for_each(|filing| self.state().take(filing));
                after = page.next;
                if after.is_none() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        self.state().newer = None;
        Ok(())
    }

    /// Takes over a version of an application that is on record now.
    pub fn note(&self, filing: &Filing) {
        let mut state = self.state();
        if let Some(newer) = &mut state.newer {
            newer.insert((filing.institution.clone(), filing.id.clone()), filing.version);
        }
        state.take(filing);
    }

    /// An application was erased.
    pub fn forget(&self, authority: &Slug, id: &str) {
        let key = (authority.clone(), id.to_owned());
        let mut state = self.state();
        state.waiting.remove(&key);
        if let Some(newer) = &mut state.newer {
            newer.insert(key, u64::MAX);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, filing: &Filing) {
        let key = (filing.institution.clone(), filing.id.clone());
        let newer = self.newer.as_ref().and_then(|newer| newer.get(&key));
        if newer.is_some_and(|version| *version > filing.version) {
            return;
        }
        let body = filing.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        match body.and_then(|body| Waiting::of(filing, &body)) {
            Some(waiting) => _ = self.waiting.insert(key, waiting),
            None => _ = self.waiting.remove(&key),
        }
    }
}

/// All that waits.
pub struct Queue<'a>(&'a Applications);

impl Queue<'_> {
    /// What waits at an authority, the nearest deadline first.
    pub fn of(&self, authority: &Slug) -> Vec<Waiting> {
        let state = self.0.state();
        let of_it = state.waiting.iter().filter(|((slug, _), _)| slug == authority);
        let mut found: Vec<_> = of_it.map(|(_, waiting)| waiting.clone()).collect();
        found.sort_by_cached_key(Waiting::place);
        found
    }

    /// How many wait at an authority.
    pub fn count(&self, authority: &Slug) -> usize {
        self.0.state().waiting.keys().filter(|(slug, _)| slug == authority).count()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn version(version: u64, state: &str) -> Filing {
        Filing {
            institution: Slug::parse("moes").unwrap(),
            register: Register::Application,
            id: "A".to_owned(),
            version,
            at: Timestamp::UNIX_EPOCH,
            actor: "officer".to_owned(),
            body: Some(json!({"state": state, "deadline": "2026-12-01"}).to_string().into_bytes()),
        }
    }

    #[test]
    fn what_was_read_does_not_put_back_what_came_meanwhile() {
        let applications = Applications::default();
        let moes = Slug::parse("moes").unwrap();
        let count = || Queue(&applications).count(&moes);
        applications.state().take(&version(1, "proposed"));
        assert_eq!(count(), 1);
        applications.note(&version(2, "decided"));
        applications.state().take(&version(1, "proposed"));
        assert_eq!(count(), 0, "the page was read before the decision");
        applications.note(&version(3, "reopened"));
        assert_eq!(count(), 1);
        applications.forget(&moes, "A");
        applications.state().take(&version(3, "reopened"));
        assert_eq!(count(), 0, "the page was read before the erasure");
    }
}
