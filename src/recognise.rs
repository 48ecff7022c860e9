//! What an award of elsewhere is worth here: the facts a verifier finds, what is decided from them, and by whom.
//!
//! An applicant is never believed: the facts come from the signed document, its status and the lists pinned here, each with
//! its source. What was decided from is kept as JSON, so that the decision replays from it years later.

pub mod facts;
pub mod inputs;

pub use facts::facts;
pub use inputs::{Inputs, inputs};
