//! Signers: whoever holds a private key, be it a file today or a security module tomorrow.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use super::PublicKey;

/// Signs with one private key.
pub trait Signer: Send + Sync {
    /// The full URL of the verification method under which the public key is published.
    fn key_id(&self) -> &str;

    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// A raw signature of `message`, in the form [`PublicKey::verify`] reads.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// The key could not be used. Never the document's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signing key cannot be used: {0}")]
pub struct SignError(pub String);

/// An Ed25519 key in memory, wiped when dropped.
pub struct Ed25519Signer {
    key_id: String,
    key: SigningKey,
    public: PublicKey,
}

impl Ed25519Signer {
    /// Signs as the verification method `key_id`.
    pub fn new(key_id: impl Into<String>, key: SigningKey) -> Ed25519Signer {
        let public = PublicKey::Ed25519(key.verifying_key());
        Ed25519Signer { key_id: key_id.into(), key, public }
    }

    /// The signer of a 32-byte seed (RFC 8032 §5.1.5).
    pub fn from_seed(key_id: impl Into<String>, seed: &[u8; 32]) -> Ed25519Signer {
        Ed25519Signer::new(key_id, SigningKey::from_bytes(seed))
    }
}

impl Signer for Ed25519Signer {
    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519Signer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
