//! did:key: the DID is the key. Nothing is fetched; errors carry the names the method's specification gives them.

use serde_json::{Value, json};

use super::{Did, DidDocument};
use crate::crypto::{KeyError, KeyType, PublicKey};

/// How the document writes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublicKeyFormat {
    /// `Multikey`, what everything here uses.
    #[default]
    Multikey,
    /// `JsonWebKey`.
    JsonWebKey,
    /// `JsonWebKey2020`, the older name of the same.
    JsonWebKey2020,
    /// `Ed25519VerificationKey2020`; Ed25519 keys only.
    Ed25519VerificationKey2020,
}

/// Why a did:key has no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DidKeyError {
    /// Not `did:key:z…`, with nothing or version 1 between.
    #[error("not a did:key of version 1")]
    InvalidDid,
    /// The key inside cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A `publicKeyFormat` nobody knows.
    #[error("unknown publicKeyFormat")]
    UnsupportedFormat,
    /// A known `publicKeyFormat` that is experimental, or not for this key.
    #[error("this publicKeyFormat is not for this key")]
    InvalidFormat,
}

impl DidKeyError {
    /// The error name of the did:key specification.
    pub fn code(&self) -> &'static str {
        match self {
            DidKeyError::InvalidDid | DidKeyError::Key(KeyError::Multibase(_)) => "invalidDid",
            DidKeyError::Key(KeyError::Length { .. }) => "invalidPublicKeyLength",
            DidKeyError::Key(KeyError::NotAPoint(_) | KeyError::PrivateKey | KeyError::JwkMember(_)) => {
                "invalidPublicKey"
            }
            DidKeyError::Key(KeyError::Unsupported(_)) | DidKeyError::UnsupportedFormat => {
                "unsupportedPublicKeyType"
            }
            DidKeyError::InvalidFormat => "invalidPublicKeyType",
        }
    }
}

impl PublicKeyFormat {
    /// Reads the `publicKeyFormat` option of a resolution request.
    pub fn parse(name: &str) -> Result<PublicKeyFormat, DidKeyError> {
        match name {
            "Multikey" => Ok(PublicKeyFormat::Multikey),
            "JsonWebKey" => Ok(PublicKeyFormat::JsonWebKey),
            "JsonWebKey2020" => Ok(PublicKeyFormat::JsonWebKey2020),
            "Ed25519VerificationKey2020" => Ok(PublicKeyFormat::Ed25519VerificationKey2020),
            "Ed25519VerificationKey2018"
            | "X25519KeyAgreementKey2019"
            | "X25519KeyAgreementKey2020"
            | "EcdsaSecp256k1VerificationKey2019" => Err(DidKeyError::InvalidFormat),
            _ => Err(DidKeyError::UnsupportedFormat),
        }
    }

    fn name(self) -> &'static str {
        match self {
            PublicKeyFormat::Multikey => "Multikey",
            PublicKeyFormat::JsonWebKey => "JsonWebKey",
            PublicKeyFormat::JsonWebKey2020 => "JsonWebKey2020",
            PublicKeyFormat::Ed25519VerificationKey2020 => "Ed25519VerificationKey2020",
        }
    }

    fn context(self) -> &'static str {
        match self {
            PublicKeyFormat::Multikey => "https://w3id.org/security/multikey/v1",
            PublicKeyFormat::JsonWebKey => "https://w3id.org/security/jwk/v1",
            PublicKeyFormat::JsonWebKey2020 => "https://w3id.org/security/suites/jws-2020/v1",
            PublicKeyFormat::Ed25519VerificationKey2020 => "https://w3id.org/security/suites/ed25519-2020/v1",
        }
    }
}

/// The did:key of `key`.
pub fn from_public_key(key: &PublicKey) -> Did {
    Did::of_multikey(&key.to_multikey())
}

/// The key inside `did`.
pub fn public_key(did: &Did) -> Result<PublicKey, DidKeyError> {
    PublicKey::from_multikey(multikey(did)?).map_err(DidKeyError::Key)
}

/// The document of `did`, its key as Multikey.
pub fn document(did: &Did) -> Result<DidDocument, DidKeyError> {
    document_as(did, PublicKeyFormat::Multikey)
}

/// The document of `did`, its key in the given format.
pub fn document_as(did: &Did, format: PublicKeyFormat) -> Result<DidDocument, DidKeyError> {
    let multikey = multikey(did)?;
    let key = PublicKey::from_multikey(multikey)?;
    let id = did.with_fragment(multikey);
    let mut method = json!({ "id": id, "type": format.name(), "controller": did });
    match format {
        PublicKeyFormat::Ed25519VerificationKey2020 if key.key_type() != KeyType::Ed25519 => {
            return Err(DidKeyError::InvalidFormat);
        }
        PublicKeyFormat::Multikey | PublicKeyFormat::Ed25519VerificationKey2020 => {
            method["publicKeyMultibase"] = multikey.into();
        }
        PublicKeyFormat::JsonWebKey | PublicKeyFormat::JsonWebKey2020 => {
            method["publicKeyJwk"] = key.to_jwk()
        }
    }
    let raw: Value = json!({
        "@context": ["https://www.w3.org/ns/did/v1", format.context()],
        "id": did,
        "verificationMethod": [method],
        "authentication": [id],
        "assertionMethod": [id],
        "capabilityDelegation": [id],
        "capabilityInvocation": [id],
    });
    DidDocument::parse(&raw).map_err(|_| DidKeyError::InvalidDid)
}

fn multikey(did: &Did) -> Result<&str, DidKeyError> {
    let id = did.method_specific_id();
    let multikey = id.strip_prefix("1:").unwrap_or(id);
    let whole = did.method() == "key" && multikey.starts_with('z') && !multikey.contains(':');
    if whole { Ok(multikey) } else { Err(DidKeyError::InvalidDid) }
}
