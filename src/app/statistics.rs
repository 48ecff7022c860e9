//! What was counted so far, and up to where in the order of facts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::codec::hex;
use crate::credential::id::CredentialId;
use crate::crypto::sha256;
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
    /// Of which awards the public is told a fact that an award may have several of: 128 bits of a digest, in hex.
    pub once: BTreeSet<String>,
    /// Whether the file was looked for.
    #[serde(skip)]
    pub looked: bool,
    /// The release the file is of.
    #[serde(skip)]
    pub kept: Option<Timestamp>,
}

impl Statistics {
    /// Nothing counted yet; releases are at least `every` apart.
    pub fn new(every: SignedDuration) -> Self {
        let ledger = Ledger::new(every);
        let (events, once) = (BTreeMap::new(), BTreeSet::new());
        Self { ledger, after: None, events, once, looked: false, kept: None }
    }

    /// Counts a fact of which an award may have several, as five decisions about one: the public is told the first alone,
    /// so that five facts are of five awards. `names` are those by which the award is known, the same ones or some of
    /// them each time.
    pub fn count_once(&mut self, at: Timestamp, subject: &str, values: &[&str], names: &[&str]) {
        let named = names.iter().filter(|name| !name.is_empty());
        let names: Vec<String> = named.map(|name| short(subject, name)).collect();
        let seen = names.is_empty() || names.iter().any(|name| self.once.contains(name));
        self.once.extend(names);
        if seen {
            self.ledger.note(at, subject, values);
        } else {
            self.ledger.count(at, subject, values);
        }
    }
}

fn short(subject: &str, name: &str) -> String {
    let digest = sha256(format!("{subject} {name}").as_bytes());
    hex::encode(&digest[..16])
}
