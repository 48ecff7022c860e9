//! What was acknowledged, and what was asked for without an answer.

use std::sync::Mutex;

use serde_json::Value;
use sha2::{Digest, Sha256};

pub const PURPOSES: [&str; 2] = ["revocation", "suspension"];

/// What is known of a bit of a status list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bit {
    /// Nobody asked for anything, or an answer told.
    Told(bool),
    /// It was asked for, and nobody answered.
    Asked(bool),
}

/// A credential of which an answer told.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub digest: [u8; 32],
    /// The path of the list and the index, by purpose.
    pub slots: [(String, u64); 2],
    /// By purpose.
    pub bits: [Bit; 2],
}

/// A request to issue.
#[derive(Debug, Clone)]
pub struct Draft {
    pub body: String,
    /// Its idempotency key; a draft without one has an id of its own.
    pub key: Option<String>,
    pub own_id: Option<String>,
}

#[derive(Default)]
pub struct Ledger(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    /// Entries that no client is working on.
    free: Vec<usize>,
    unanswered: Vec<Draft>,
    faults: Vec<String>,
    issued: u64,
    changed: u64,
}

impl Ledger {
    pub fn issued(&self, entry: Entry) {
        let mut inner = self.0.lock().unwrap();
        inner.issued += 1;
        let place = inner.entries.len();
        inner.free.push(place);
        inner.entries.push(entry);
    }

    pub fn unanswered(&self, draft: Draft) {
        self.0.lock().unwrap().unanswered.push(draft);
    }

    /// The requests to issue that nobody answered; they are to be settled.
    pub fn take_unanswered(&self) -> Vec<Draft> {
        std::mem::take(&mut self.0.lock().unwrap().unanswered)
    }

    /// An entry for one client alone, which promises to [`Self::give_back`].
    pub fn take(&self) -> Option<(usize, Entry)> {
        let mut inner = self.0.lock().unwrap();
        if inner.free.is_empty() {
            return None;
        }
        // Mostly a recent one, sometimes one of long ago.
        let length = inner.free.len();
        let reach = if super::below(4) == 0 { length } else { length.min(64) };
        let at = length - 1 - super::below(reach as u64) as usize;
        let place = inner.free.swap_remove(at);
        Some((place, inner.entries[place].clone()))
    }

    pub fn note(&self, place: usize, purpose: usize, bit: Bit) {
        let mut inner = self.0.lock().unwrap();
        if let Bit::Told(_) = bit {
            inner.changed += 1;
        }
        inner.entries[place].bits[purpose] = bit;
    }

    pub fn give_back(&self, place: usize) {
        self.0.lock().unwrap().free.push(place);
    }

    pub fn fault(&self, fault: String) {
        self.0.lock().unwrap().faults.push(fault);
    }

    pub fn faults(&self) -> Vec<String> {
        self.0.lock().unwrap().faults.clone()
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().entries.clone()
    }

    /// How many acknowledgements there were: of credentials, and of changes of status.
    pub fn told(&self) -> (u64, u64) {
        let inner = self.0.lock().unwrap();
        (inner.issued, inner.changed)
    }
}

/// The entry that the body of an answer to `POST /credentials/issue` tells of.
pub fn entry(body: &[u8], location: &str) -> Option<Entry> {
    let signed = body.strip_prefix(b"{\"verifiableCredential\":")?.strip_suffix(b"}")?;
    let credential: Value = serde_json::from_slice(signed).ok()?;
    let id = location.rsplit_once("/c/")?.1.to_owned();
    let statuses = credential["credentialStatus"].as_array()?;
    let slot = |purpose: &str| {
        let status = statuses.iter().find(|status| status["statusPurpose"] == purpose)?;
        let list = status["statusListCredential"].as_str()?.strip_prefix("http://localhost:8080")?;
        Some((list.to_owned(), status["statusListIndex"].as_str()?.parse().ok()?))
    };
    Some(Entry {
        id,
        digest: Sha256::digest(signed).into(),
        slots: [slot(PURPOSES[0])?, slot(PURPOSES[1])?],
        bits: [Bit::Told(false); 2],
    })
}
