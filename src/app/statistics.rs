//! What was counted so far, and up to where in the order of facts.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::credential::id::CredentialId;
use crate::statistics::Ledger;
use crate::store::Cursor;

/// The statistics of a service, carried on in memory and kept in a file beside the store.
#[derive(Debug, Serialize, Deserialize)]
pub struct Statistics {
    /// What was counted.
    pub ledger: Ledger,
    /// The last fact counted.
    pub after: Option<Cursor>,
    /// How many changes of status were seen of each credential that has any.
    pub events: BTreeMap<CredentialId, u32>,
    /// Whether the file was looked for.
    #[serde(skip)]
    pub looked: bool,
    /// The release the file is of.
    #[serde(skip)]
    pub kept: Option<jiff::Timestamp>,
}

impl Statistics {
    /// Nothing counted yet; releases are at least `every` apart.
    pub fn new(every: SignedDuration) -> Self {
        Self { ledger: Ledger::new(every), after: None, events: BTreeMap::new(), looked: false, kept: None }
    }
}
