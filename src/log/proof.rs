//! Proofs of logging: a text that travels beside a credential and proves offline since when it exists (C2SP tlog-proof).

use std::fmt;

use jiff::Timestamp;

use super::checkpoint::{CheckpointError, SignedCheckpoint};
use super::merkle::{self, MAX_PROOF, MerkleError};
use super::note::MAX_NOTE;
use super::policy::{Policy, PolicyError, Witness, Witnessed};
use super::{Entry, Hash, Leaf, SALT_LEN, lines};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Longest extra data read, in bytes of base64.
const MAX_EXTRA: usize = 1024;

/// Longest proof read, in bytes.
pub const MAX_TLOG_PROOF: usize = MAX_NOTE + 8 * 1024;

/// An inclusion proof and the checkpoint it leads to; nothing in it is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Application data that nobody has signed; for a credential its salt.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry in the log, from 0.
    pub index: u64,
    /// The hashes beside the way from the leaf to the root, at most [`MAX_PROOF`].
    pub path: Vec<Hash>,
    /// The head of a tree that holds the entry.
    pub checkpoint: SignedCheckpoint,
}

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// More bytes or hashes than a proof can have.
    #[error("the proof is too long")]
    TooLong,
    /// A line, counted from 1, that is not as the specification wants it.
    #[error("not a tlog-proof: line {0} is malformed")]
    Line(usize),
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The proof of a credential carries its 16-byte salt, that of a list carries nothing.
    #[error("the extra line is not the salt of a credential")]
    Salt,
    /// The log or its witnesses.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The entry is not where the proof says.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
}

/// An entry proved to be in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<'a> {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The tree the proof leads to, who vouches for it, and the moment since when the entry provably exists.
    pub witnessed: Witnessed<'a>,
}

impl TlogProof {
    /// Reads a proof.
    pub fn parse(bytes: &[u8]) -> Result<TlogProof, TlogProofError> {
        if bytes.len() > MAX_TLOG_PROOF {
            return Err(TlogProofError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| TlogProofError::Line(1))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Line(1))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        lines.next_if(|(_, line)| *line == HEADER).ok_or(TlogProofError::Line(1))?;
        let extra = match lines.next_if(|(_, line)| line.starts_with("extra ")) {
            Some((number, line)) => Some(extra(line).ok_or(TlogProofError::Line(number))?),
            None => None,
        };
        let (number, line) = lines.next().ok_or(TlogProofError::Line(2))?;
        let index =
            line.strip_prefix("index ").and_then(lines::decimal).ok_or(TlogProofError::Line(number))?;
        let mut path = Vec::new();
        for (number, line) in lines {
            if path.len() == MAX_PROOF {
                return Err(TlogProofError::TooLong);
            }
            path.push(lines::hash(line).ok_or(TlogProofError::Line(number))?);
        }
        Ok(TlogProof { extra, index, path, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// The leaf of the credential with this digest (SHA-256 of its JCS bytes), salted by the extra line.
    pub fn credential(&self, digest: [u8; 32]) -> Result<Leaf, TlogProofError> {
        let salt: [u8; SALT_LEN] =
            self.extra.as_deref().and_then(|extra| extra.try_into().ok()).ok_or(TlogProofError::Salt)?;
        Ok(Leaf::Credential { salt, digest })
    }

    /// Verifies everything: the log's signature, the witnesses, and that the entry stands where the proof says.
    /// See [`Policy::judge`] for `counts`.
    pub fn verify<'a>(
        &self,
        entry: &Entry,
        policy: &'a Policy,
        counts: impl Fn(&Witness, Timestamp) -> bool,
    ) -> Result<Logged<'a>, TlogProofError> {
        let witnessed = policy.judge(&self.checkpoint, counts)?;
        let (size, root) = (witnessed.size, &witnessed.root);
        merkle::verify_inclusion(self.index, size, &entry.leaf_hash(), &self.path, root)?;
        Ok(Logged { index: self.index, witnessed })
    }
}

impl fmt::Display for TlogProof {
    /// The very bytes [`TlogProof::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", lines::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", lines::base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn extra(line: &str) -> Option<Vec<u8>> {
    let data = line.strip_prefix("extra ").filter(|data| data.len() <= MAX_EXTRA)?;
    lines::from_base64(data).filter(|data| !data.is_empty())
}
