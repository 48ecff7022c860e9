//! Signed national trust lists and the roots they hang on: read, proved, and held against what was known before.
//!
//! An authority speaks for its own territory alone. Its *root* (k of n offline keys) says which keys sign its *list*;
//! the list names the issuers of the territory with their keys and their accreditation. A verifier pins the root by
//! fingerprint, from a second channel; everything else follows from the signatures. All of it is hostile until proved.

mod agreement;
pub mod edit;
mod history;
mod issuer;
mod list;
mod read;
mod root;
mod signed;
mod successor;

use jiff::Timestamp;

use crate::codec::json::JsonError;
use crate::credential::Problem;

pub use agreement::ListedAgreement;
pub use issuer::{KeyUse, TrustedIssuer, TrustedKey};
pub use list::{ClosedLog, Pointer, TrustList};
pub use root::{Delegation, Root};
pub use signed::{fingerprint, fingerprint_of, spoken};
pub use successor::{Mirrored, Successor};

/// The longest list read, in bytes: some thousand issuers with their histories.
pub const MAX_LIST: usize = 4 * 1024 * 1024;
/// The longest root document read, in bytes.
pub const MAX_ROOT: usize = 256 * 1024;

/// Why a root or a list is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustListError {
    /// More bytes than are read.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    Json(JsonError),
    /// Not of the form of such a document.
    #[error("{0}")]
    Form(Problem),
    /// A proof of it does not hold.
    #[error("its signature does not hold: {0}")]
    Proof(String),
    /// Fewer keys of the root signed than it takes.
    #[error("{found} of the {wanted} root keys it takes have signed it")]
    Threshold {
        /// Keys that signed.
        found: usize,
        /// Keys it takes.
        wanted: usize,
    },
    /// The next root does not follow this one.
    #[error("it is version {found} of the root; version {wanted} has to come next")]
    RootVersion {
        /// What it is.
        found: u64,
        /// What it has to be.
        wanted: u64,
    },
    /// The list rests on a root that is newer than the one pinned.
    #[error("it rests on version {0} of the root, which is not known here yet")]
    NewerRoot(u64),
    /// The document speaks for a territory that is not its own.
    #[error("it speaks for {found}, and this is the place of {wanted}")]
    Territory {
        /// The territory it speaks for.
        found: String,
        /// The territory it may speak for.
        wanted: String,
    },
    /// No key that the root delegates to lists has signed it.
    #[error("it is signed by {0}, a key to which the root gives no right to sign lists now")]
    Undelegated(String),
    /// It should have been replaced by now.
    #[error("it is stale: a newer one was due on {0}")]
    Stale(Timestamp),
    /// It is dated in the future.
    #[error("it is dated in the future: {0}")]
    Future(Timestamp),
    /// An older list than the one known.
    #[error("it has number {found}, and number {known} is known already")]
    Rollback {
        /// Its number.
        found: u64,
        /// The number known.
        known: u64,
    },
    /// Two lists with one number.
    #[error("it is another list with the number {0} that is known already")]
    Fork(u64),
    /// It leaves out or changes what an earlier list said.
    #[error("{what}: an earlier list said otherwise, and what a list has said it may not unsay")]
    Forgot {
        /// What: an issuer, a key, a grant, an agreement, an entry of a history.
        what: String,
    },
    /// A loss or gain of standing dated back, or a decision about an agreement recorded before a list that does not tell of it.
    #[error("{what} dates back to before the last list: only an annulment may")]
    Retroactive {
        /// The grant or the agreement.
        what: String,
    },
    /// One issuer stands on it twice.
    #[error("it names {0} twice")]
    Twice(String),
}
