//! Signatures: public keys, signers, cryptosuites and Data Integrity proofs.

pub mod proof;
pub mod suites;

mod hash;
mod jwk;
mod key;
mod multikey;
mod signer;

pub use hash::{digest_multibase, sha256};
pub use key::{BadSignature, KeyError, KeyType, PublicKey};
pub use signer::{Ed25519Signer, SignError, Signer};
