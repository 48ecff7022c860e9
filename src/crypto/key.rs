//! Public keys, and what each can check.

use std::fmt;

use ecdsa_verify::Verifier as _;
use p256::ecdsa::signature as ecdsa_verify;

use crate::codec::multibase::MultibaseError;

/// A public key that signs credentials here; its point was checked to lie on the curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Ed25519 (RFC 8032).
    Ed25519(ed25519_dalek::VerifyingKey),
    /// ECDSA on P-256 with SHA-256.
    P256(p256::ecdsa::VerifyingKey),
    /// ECDSA on P-384 with SHA-384.
    P384(p384::ecdsa::VerifyingKey),
}

/// The kinds of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Ed25519.
    Ed25519,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// Why a text or JSON object is not a public key we use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The multibase text is broken.
    #[error("the key is not base58btc multibase: {0}")]
    Multibase(#[from] MultibaseError),
    /// A key of another kind; the name is ours, or that of the `kty` and `crv` given.
    #[error("unsupported key type {0}")]
    Unsupported(String),
    /// The wrong number of bytes for the kind of key.
    #[error("{name} keys have {expected} bytes, this one has {found}")]
    Length {
        /// The kind of key.
        name: KeyType,
        /// Its length in bytes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// Not a point of the curve.
    #[error("not a valid {0} public key")]
    NotAPoint(KeyType),
    /// A private key where a public one belongs. Whoever published it must treat it as stolen.
    #[error("a private key stands where a public key belongs")]
    PrivateKey,
    /// A JWK without a needed member, or with one of the wrong form.
    #[error("the JWK's member {0:?} is missing or malformed")]
    JwkMember(&'static str),
}

/// The signature does not belong to this key and message. Nothing more is said: there is nothing more to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

impl PublicKey {
    /// Reads 32 bytes. A point written with y ≥ 2^255 − 19 is refused, so that one key has one name.
    pub(crate) fn ed25519(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        let key = ed25519_dalek::VerifyingKey::try_from(bytes)
            .map_err(|_| KeyError::NotAPoint(KeyType::Ed25519))?;
        let high =
            matches!(bytes, [0xed..=0xff, middle @ .., 0x7f | 0xff] if middle.iter().all(|b| *b == 0xff));
        if high { Err(KeyError::NotAPoint(KeyType::Ed25519)) } else { Ok(PublicKey::Ed25519(key)) }
    }

    /// The kind of key.
    pub fn key_type(&self) -> KeyType {
        match self {
            PublicKey::Ed25519(_) => KeyType::Ed25519,
            PublicKey::P256(_) => KeyType::P256,
            PublicKey::P384(_) => KeyType::P384,
        }
    }

    /// Checks a raw signature: Ed25519 as in `verify_strict` (no small-order keys, one encoding only), ECDSA as r ‖ s
    /// over the curve's own hash of `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match self {
            PublicKey::Ed25519(key) => {
                let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| BadSignature)?;
                key.verify_strict(message, &signature).map_err(|_| BadSignature)
            }
            PublicKey::P256(key) => {
                let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
                key.verify(message, &signature).map_err(|_| BadSignature)
            }
            PublicKey::P384(key) => {
                let signature = p384::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
                key.verify(message, &signature).map_err(|_| BadSignature)
            }
        }
    }
}

impl KeyType {
    /// Length of the encoded public key in bytes; points of NIST curves are compressed.
    pub fn public_len(self) -> usize {
        match self {
            KeyType::Ed25519 => 32,
            KeyType::P256 => 33,
            KeyType::P384 => 49,
        }
    }

    /// Length of a raw signature in bytes.
    pub fn signature_len(self) -> usize {
        match self {
            KeyType::Ed25519 | KeyType::P256 => 64,
            KeyType::P384 => 96,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyType::Ed25519 => "Ed25519",
            KeyType::P256 => "P-256",
            KeyType::P384 => "P-384",
        })
    }
}
