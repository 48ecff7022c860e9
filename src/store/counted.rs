//! What an authority keeps of the leaves that colleges account for: of which cohort each is, never of whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Conflict;
use crate::did::Did;
use crate::institution::Slug;

/// Most leaves of one delivery: those of a bundle of entries.
pub const MAX_DELIVERY: usize = crate::log::tile::FULL as usize;

/// What a leaf was said to be. Its salt was looked at and is not kept: what the college erases later stays erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum CountedLeaf {
    /// A credential.
    Credential {
        /// Who issued it.
        institution: Did,
        /// The name of its kind, or `generic`.
        r#type: String,
        /// Its programme (`achievement.qualificationId`).
        programme: Option<String>,
        /// The award date as written, without a time: `YYYY-MM-DD`.
        award_date: Option<String>,
    },
    /// A version of a status list.
    StatusList,
    /// A trust list.
    TrustList,
    /// A credential whose content was erased before it was accounted for: nothing shows what it was.
    Erased {
        /// Who issued it.
        institution: Did,
    },
}

/// A run of leaves of a log, accounted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To which authority.
    pub authority: Slug,
    /// Of which log.
    pub origin: String,
    /// The index of the first leaf.
    pub from: u64,
    /// The leaves from there on, one to [`MAX_DELIVERY`].
    pub leaves: Vec<CountedLeaf>,
    /// How many leaves the log had then.
    pub size: u64,
    /// The full URL of the key that signed the delivery; the public URL of this service for its own log.
    pub by: String,
    /// When it came.
    pub at: Timestamp,
}

/// How far a log is accounted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedLog {
    /// Which log.
    pub origin: String,
    /// The index of the first leaf that is not accounted for.
    pub next: u64,
    /// The first time it was seen to be longer than that, while it still is as far as is known.
    pub behind: Option<Behind>,
}

/// A log was seen to be longer than what is accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// How many leaves it had.
    pub size: u64,
    /// When.
    pub since: Timestamp,
}

/// What an authority decided: how many graduates a cohort has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// Which authority.
    pub authority: Slug,
    /// Who graduates them.
    pub issuer: Did,
    /// The name of the kind of credential that each gets one of.
    pub r#type: String,
    /// The programme.
    pub programme: String,
    /// The award date, `YYYY-MM-DD`.
    pub award_date: String,
    /// How many.
    pub graduates: u64,
    /// The number of the decision.
    pub decision: Option<String>,
    /// When it was told.
    pub at: Timestamp,
    /// Who told it: the label of the token.
    pub actor: String,
}

impl Delivery {
    /// How far its log is accounted for after it. Refused unless it goes on exactly where `known` ends.
    pub(super) fn follow(&self, known: Option<&CountedLog>) -> Result<CountedLog, Conflict> {
        let next = known.map_or(0, |known| known.next);
        let until = self.from.checked_add(self.leaves.len() as u64).filter(|until| *until <= self.size);
        let fits = (1..=MAX_DELIVERY).contains(&self.leaves.len());
        let (Some(until), true) = (until, fits && self.from == next) else {
            return Err(Conflict::CountMoved);
        };
        let before = known.and_then(|known| known.behind).filter(|behind| behind.size > until);
        let now = (until < self.size).then_some(Behind { size: self.size, since: self.at });
        Ok(CountedLog { origin: self.origin.clone(), next: until, behind: before.or(now) })
    }
}

impl Behind {
    /// How far a log is accounted for once it was seen to be longer. Refused when that is known, or not so.
    pub(super) fn follow(self, origin: &str, known: Option<&CountedLog>) -> Result<CountedLog, Conflict> {
        let next = known.map_or(0, |known| known.next);
        if self.size <= next || known.is_some_and(|known| known.behind.is_some()) {
            return Err(Conflict::CountMoved);
        }
        Ok(CountedLog { origin: origin.to_owned(), next, behind: Some(self) })
    }
}
