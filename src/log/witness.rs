//! What a witness is asked, and when it may cosign (C2SP tlog-witness, "add-checkpoint"). Whoever runs one persists
//! what it cosigned before it answers, and looks it up and replaces it in one step.

use std::fmt;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::merkle::{self, MAX_PROOF};
use super::note::MAX_NOTE;
use super::vkey::VerifierKey;
use super::{Hash, lines};

/// Longest request read, in bytes.
pub const MAX_REQUEST: usize = MAX_NOTE + 4 * 1024;

/// A log's request to cosign its newest checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the log believes the witness has seen last; 0 for none.
    pub old: u64,
    /// The consistency proof from there, at most [`MAX_PROOF`] hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// The head of a log a witness has cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How many leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// Why a witness does not cosign. In brackets the status code it answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request at all, or the old size is above the new (400).
    #[error("malformed request")]
    Malformed,
    /// A log it does not watch (404).
    #[error("unknown log")]
    UnknownLog,
    /// Not signed by the log, or a signature is wrong (403).
    #[error("not signed by the log")]
    Unsigned,
    /// The old size is not that of the head it cosigned last, which is this (409).
    #[error("the last checkpoint cosigned has size {0}")]
    Stale(u64),
    /// The log signed another tree of the very size it cosigned last, which is this (409). Both checkpoints together
    /// prove that the log is forked.
    #[error("the checkpoint states another tree of {0} leaves than the one cosigned")]
    Forked(u64),
    /// The proof does not show that the new tree is a continuation of the one it cosigned (422).
    #[error("the checkpoint is not consistent with the last one cosigned")]
    Inconsistent,
}

impl AddCheckpoint {
    /// Reads the body of a request.
    pub fn parse(bytes: &[u8]) -> Result<AddCheckpoint, Refusal> {
        let read = || {
            let text = str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_REQUEST)?;
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut head = head.split('\n');
            let old = lines::decimal(head.next()?.strip_prefix("old ")?)?;
            let mut proof = Vec::new();
            for line in head {
                (proof.len() < MAX_PROOF).then_some(())?;
                proof.push(lines::hash(line)?);
            }
            Some(AddCheckpoint {
                old,
                proof,
                checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes()).ok()?,
            })
        };
        read().ok_or(Refusal::Malformed)
    }

    /// Whether a witness that watches the logs with these keys, and has cosigned `seen` of this one last, may cosign.
    pub fn judge(&self, logs: &[VerifierKey], seen: Option<Seen>) -> Result<&Checkpoint, Refusal> {
        let signer = self.checkpoint.signer(logs.iter()).map_err(|_| Refusal::Unsigned)?;
        let log = signer.ok_or(Refusal::UnknownLog)?;
        let head = self.checkpoint.verified(log).map_err(|_| Refusal::Unsigned)?;
        if self.old > head.size {
            return Err(Refusal::Malformed);
        }
        let seen = seen.unwrap_or(Seen { size: 0, root: merkle::empty_root() });
        if self.old != seen.size {
            return Err(Refusal::Stale(seen.size));
        }
        if head.size == seen.size && head.root != seen.root {
            return Err(Refusal::Forked(seen.size));
        }
        merkle::verify_consistency(seen.size, head.size, &seen.root, &head.root, &self.proof)
            .map_err(|_| Refusal::Inconsistent)?;
        Ok(head)
    }
}

impl fmt::Display for AddCheckpoint {
    /// The very bytes [`AddCheckpoint::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", lines::base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
