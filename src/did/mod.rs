//! Decentralized identifiers: names whose holder proves itself with a key (W3C DID 1.0).

mod id;

pub use id::{Did, DidError, DidUrl};
