//! Decentralized identifiers: names whose holder proves itself with a key (W3C DID 1.0).

pub mod jwk;
pub mod key;
pub mod web;

mod build;
mod document;
mod id;

pub use build::{PublishedKey, build};
pub use document::{DidDocument, DidDocumentError, VerificationMethod};
pub use id::{Did, DidError, DidUrl};
