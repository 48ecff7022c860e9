//! What can be wrong with a proof.

use crate::codec::multibase::MultibaseError;
use crate::crypto::{KeyType, SignError};
use crate::jsonld::JsonLdError;

/// Why a proof cannot be read, made or accepted. Pointers are JSON pointers into the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The document has no proof.
    #[error("the document has no proof")]
    NoProof,
    /// More proofs than are looked at.
    #[error("the document has {count} proofs, more than {max}")]
    TooMany {
        /// How many.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
    /// A member is missing or has the wrong form.
    #[error("{pointer}: {expected} is expected")]
    Malformed {
        /// The member.
        pointer: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A suite that is not in the table: nothing is said about the document.
    #[error("{pointer}: the cryptosuite {name:?} is not supported")]
    UnsupportedSuite {
        /// The proof.
        pointer: String,
        /// The `cryptosuite`, or the `type` of an older proof; cut when long.
        name: String,
    },
    /// The proof was made for something else.
    #[error("{pointer}: the purpose is {found:?}, not {expected:?}")]
    WrongPurpose {
        /// The member.
        pointer: String,
        /// What it was made for; cut when long.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// The proof was made for another verifier.
    #[error("{pointer}: not the domain asked for")]
    WrongDomain {
        /// The member.
        pointer: String,
    },
    /// The proof answers another challenge.
    #[error("{pointer}: not the challenge given")]
    WrongChallenge {
        /// The member.
        pointer: String,
    },
    /// Two proofs carry the same id.
    #[error("{pointer}: another proof has the same id")]
    DuplicateId {
        /// The member of the later one.
        pointer: String,
    },
    /// `previousProof` names a proof that is not there.
    #[error("{pointer}: the document has no proof {id:?}")]
    PreviousMissing {
        /// The member.
        pointer: String,
        /// The id looked for; cut when long.
        id: String,
    },
    /// A chain that leads back to itself.
    #[error("{pointer}: the chain of proofs leads back to itself")]
    PreviousCycle {
        /// The member.
        pointer: String,
    },
    /// The `proofValue` is not the multibase the suite writes.
    #[error("{pointer}: {problem}")]
    ProofValue {
        /// The member.
        pointer: String,
        /// What is wrong.
        problem: MultibaseError,
    },
    /// The proof's `@context` is not how the document's begins.
    #[error("{pointer}: the document's @context does not begin with the proof's")]
    ContextMismatch {
        /// The member.
        pointer: String,
    },
    /// The suite does not use keys of this kind.
    #[error("{pointer}: {suite} is not for {key} keys")]
    WrongKeyType {
        /// The proof.
        pointer: String,
        /// The suite.
        suite: &'static str,
        /// The kind of key.
        key: KeyType,
    },
    /// The document, or the proof's options under its context, is not JSON-LD that can be signed. Its pointer is into
    /// the document too.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
    /// Everything is well-formed and the signature is not of this document, these options and this key.
    #[error("the signature does not match")]
    BadSignature,
    /// Asked to sign with a suite that only verifies, or with a key it does not use.
    #[error("{suite} cannot sign with an {key} key")]
    CannotSign {
        /// The suite.
        suite: &'static str,
        /// The kind of key.
        key: KeyType,
    },
    /// The key could not be used: our failure, not the document's.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Text from a document, short enough for an error.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(100).collect()
}
