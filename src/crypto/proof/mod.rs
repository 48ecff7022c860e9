//! Data Integrity proofs (W3C VC Data Integrity 1.0): made, read, and checked one by one, sets and chains included.
//!
//! [`Secured::parse`] reads the proofs of a document; each [`ProofView`] is then checked with the key of its
//! verification method. Who that key belongs to, and when it was good, is judged elsewhere.

mod create;
mod error;
mod secured;
mod unsecured;
mod view;

pub use create::{ProofOptions, attach, sign, sign_hashed};
pub use error::ProofError;
pub use secured::{Expected, Secured, proofs, verify};
pub use unsecured::{Hashes, Unsecured};
pub use view::{MAX_PROOFS, ProofView, Purpose};
