//! How the log stands with its witnesses: told by whoever asks them, read by readiness, metrics and the publisher.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// Every witness that was asked, by its name, and how the newest log stands.
#[derive(Debug, Default)]
pub struct Witnesses(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    witnesses: BTreeMap<String, Standing>,
    alarms: BTreeMap<(String, String), RolledBack>,
    size: u64,
    witnessed: u64,
}

/// What came of asking a witness.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it cosigned last.
    pub cosigned: Option<Timestamp>,
    /// How often it failed since.
    pub failures: u64,
    /// Why, the last time.
    pub trouble: Option<String>,
}

/// A witness has cosigned a tree of our log that is not in this store, nor goes on from what is: the store is older than
/// what was published. Whatever is signed now forks the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{witness} has cosigned {}; this store has {ours} leaves. It is older than what was published, as a restored backup \
     is, or somebody else signs with the log's key. The log does not grow: it would fork. Stop the service and restore \
     the newest store (operations.md, \"An old backup\"). If the witness is wrong, take it off [transparency] policy",
    match known > ours { true => format!("{known} leaves of {origin}"), false => format!("another tree of {origin}, at {known} leaves") }
)]
pub struct RolledBack {
    /// Who says so.
    pub witness: String,
    /// Of which log.
    pub origin: String,
    /// The size it has cosigned.
    pub known: u64,
    /// The size of the log on record.
    pub ours: u64,
}

impl Witnesses {
    /// A witness has cosigned a log as it is.
    pub fn cosigned(&self, witness: &str, origin: &str, at: Timestamp) {
        let mut state = self.state();
        let standing = Standing { cosigned: Some(at), ..Standing::default() };
        state.witnesses.insert(witness.to_owned(), standing);
        state.alarms.remove(&(witness.to_owned(), origin.to_owned()));
    }

    /// A witness has not; tells how often in a row.
    pub fn failed(&self, witness: &str, why: String) -> u64 {
        let mut state = self.state();
        let standing = state.witnesses.entry(witness.to_owned()).or_default();
        standing.failures += 1;
        standing.trouble = Some(why);
        standing.failures
    }

    /// Raises an alarm; says whether it is new.
    pub fn rolled_back(&self, alarm: RolledBack) -> bool {
        let key = (alarm.witness.clone(), alarm.origin.clone());
        self.state().alarms.insert(key, alarm.clone()) != Some(alarm)
    }

    /// The alarm that is on, if any.
    pub fn alarm(&self) -> Option<RolledBack> {
        self.state().alarms.values().next().cloned()
    }

    /// The alarm about this log, if any.
    pub fn alarm_of(&self, origin: &str) -> Option<RolledBack> {
        self.state().alarms.values().find(|alarm| alarm.origin == origin).cloned()
    }

    /// How many leaves the newest log has, and how many of them a quorum has seen.
    pub fn grown(&self, size: u64, witnessed: u64) {
        let mut state = self.state();
        (state.size, state.witnessed) = (size, witnessed);
    }

    /// What [`Witnesses::grown`] was told last.
    pub fn sizes(&self) -> (u64, u64) {
        let state = self.state();
        (state.size, state.witnessed)
    }

    /// Each witness and how it stands.
    pub fn all(&self) -> Vec<(String, Standing)> {
        self.state().witnesses.iter().map(|(name, standing)| (name.clone(), standing.clone())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
