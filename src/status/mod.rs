//! Bitstring Status List 1.0: lists, entries, and what they say.

pub mod allocate;
pub mod bits;
pub mod entry;
pub mod list;

pub use bits::Bitstring;
pub use entry::{Entry, EntryFault, EntryKind, EntryProblem};
pub use list::{ListProblem, Reading, StatusList};

use serde::{Deserialize, Serialize};

/// What a set bit says of a credential (Bitstring Status List 1.0, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Withdrawn for good.
    Revocation,
    /// Withdrawn for a while.
    Suspension,
}

impl Purpose {
    /// The word in `statusPurpose` and in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }

    /// The purpose of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Revocation, Self::Suspension].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
