//! did:jwk: the DID is a JSON Web Key in base64url. Nothing is fetched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Did, DidDocument};
use crate::codec::json::{self, Limits};
use crate::crypto::{KeyError, PublicKey};

/// Why a did:jwk has no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DidJwkError {
    /// Not `did:jwk:` and base64url of a JSON object.
    #[error("not a did:jwk")]
    InvalidDid,
    /// The key inside cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The document of `did`: one method, `#0`.
pub fn document(did: &Did) -> Result<DidDocument, DidJwkError> {
    if did.method() != "jwk" {
        return Err(DidJwkError::InvalidDid);
    }
    let bytes = URL_SAFE_NO_PAD.decode(did.method_specific_id()).map_err(|_| DidJwkError::InvalidDid)?;
    let limits = Limits { max_bytes: 2048, max_depth: 2, max_values: 32 };
    let jwk = json::parse_with(&bytes, &limits).map_err(|_| DidJwkError::InvalidDid)?;
    PublicKey::from_jwk(&jwk)?;
    let id = did.with_fragment("0");
    let raw: Value = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": did,
        "verificationMethod": [{ "id": id, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk }],
        "assertionMethod": [id],
        "authentication": [id],
        "capabilityInvocation": [id],
        "capabilityDelegation": [id],
    });
    DidDocument::parse(&raw).map_err(|_| DidJwkError::InvalidDid)
}
