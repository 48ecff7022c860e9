//! The newest status list seen at each URL, so that an older one served later is noticed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::status::StatusList;
use crate::status::list::LEEWAY;

/// How many lists are remembered.
const MAX: usize = 10_000;

/// Copies this much older than the newest are what caches and several servers of one issuer give in good faith.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// What was seen. Only lists whose proof holds may be noted.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<String, Timestamp>>);

impl Seen {
    /// Notes a list served at `at`: by address, so that nobody speaks for a list of somebody else's. `Err` with the date
    /// of the newer one seen before when this one is rolled back.
    ///
    /// One of the future counts for nothing: whoever had the address for an hour would shut out every list after his.
    pub fn note(&self, at: &str, list: &StatusList, now: Timestamp) -> Result<(), Timestamp> {
        let from = list.valid_from.filter(|from| from.duration_since(now) <= LEEWAY);
        let Some(from) = from else { return Ok(()) };
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = newest.get_mut(at) {
            if before.duration_since(from) > SLACK.max(list.ttl) {
                return Err(*before);
            }
            *before = from.max(*before);
            return Ok(());
        }
        if newest.len() >= MAX {
            // Whichever goes: a list seen again is noted again.
            if let Some(any) = newest.keys().next().cloned() {
                newest.remove(&any);
            }
        }
        newest.insert(at.to_owned(), from);
        Ok(())
    }
}
