//! How the own log stands with the authority it is accounted for to: told by whoever delivers, read by the metrics.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far the deliveries are behind.
#[derive(Debug, Default)]
pub struct Deliveries(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    behind: Option<u64>,
    failures: u64,
}

impl Deliveries {
    /// So many leaves wait; the authority has answered.
    pub fn behind(&self, leaves: u64) {
        let mut state = self.state();
        (state.behind, state.failures) = (Some(leaves), 0);
    }

    /// The authority could not be reached, or refused.
    pub fn failed(&self) {
        let mut state = self.state();
        state.failures += 1;
        state.behind.get_or_insert(0);
    }

    /// How many leaves wait, and how often in a row it failed; `None` while nobody delivers.
    pub fn standing(&self) -> (Option<u64>, u64) {
        let state = self.state();
        (state.behind, state.failures)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
