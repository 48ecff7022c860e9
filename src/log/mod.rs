//! The transparency log's formats and mathematics: entries, the Merkle tree, signed notes, witnesses and proofs.
//!
//! Everything here is pure: no clock, no network, no store. The formats are those of C2SP (<https://c2sp.org>), so that
//! other people's tools check our logs and ours check theirs. What comes from outside is hostile: each parser has a
//! bound, accepts one spelling only, and never panics.

pub mod checkpoint;
pub mod cosign;
pub mod edge;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod vkey;
pub mod witness;

mod lines;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use edge::Edge;
pub use note::Note;
pub use policy::Policy;
pub use proof::TlogProof;
pub use vkey::VerifierKey;

use crate::crypto::sha256;

/// A SHA-256 hash of the Merkle tree: of a leaf, of a node, or of the whole.
pub type Hash = [u8; 32];

/// Bytes of an entry.
pub const ENTRY_LEN: usize = 32;

/// Bytes of a credential's salt.
pub const SALT_LEN: usize = 16;

/// What the log is asked to remember, as SHA-256 of the JCS bytes (RFC 8785) of a signed document, proof included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// A credential as first issued. The salt keeps the log from telling anything about it to whoever does not hold
    /// it, and makes the entry meaningless once it is destroyed.
    Credential {
        /// 16 random bytes, kept with the credential.
        salt: [u8; SALT_LEN],
        /// Digest of the credential.
        digest: [u8; 32],
    },
    /// A version of a status list; public, so without salt.
    StatusList {
        /// Digest of the status list credential.
        digest: [u8; 32],
    },
    /// A version of a trust list; public, so without salt.
    TrustList {
        /// Digest of the trust list credential.
        digest: [u8; 32],
    },
}

/// What stands in the log: 32 bytes that say nothing to whoever does not know what was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry(pub [u8; ENTRY_LEN]);

impl Leaf {
    /// The entry: SHA-256 of the kind's name and a newline, the salt where there is one, and the digest.
    pub fn entry(&self) -> Entry {
        let (kind, salt, digest): (&str, &[u8], _) = match self {
            Leaf::Credential { salt, digest } => ("testamur-leaf/v1\n", salt, digest),
            Leaf::StatusList { digest } => ("testamur-status/v1\n", &[], digest),
            Leaf::TrustList { digest } => ("testamur-list/v1\n", &[], digest),
        };
        Entry(sha256(&[kind.as_bytes(), salt, digest].concat()))
    }
}

impl Entry {
    /// The hash of the leaf that holds this entry (RFC 6962 §2.1).
    pub fn leaf_hash(&self) -> Hash {
        merkle::leaf_hash(&self.0)
    }
}
