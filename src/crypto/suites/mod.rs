//! Cryptosuites: how a document becomes the bytes that are signed. One file each, one row each in [`SUITES`].

mod ecdsa_rdfc_2019;
mod ed25519_signature_2020;
mod eddsa_jcs_2022;
mod eddsa_rdfc_2022;
mod rdfc;

use std::fmt;

use serde_json::{Map, Value};

use super::proof::{ProofError, Unsecured};
use super::{KeyType, PublicKey, Signer};

/// Every suite known here. A proof of any other is not judged.
pub static SUITES: [&dyn Suite; 4] = [
    &eddsa_rdfc_2022::EddsaRdfc2022,
    &eddsa_jcs_2022::EddsaJcs2022,
    &ecdsa_rdfc_2019::EcdsaRdfc2019,
    &ed25519_signature_2020::Ed25519Signature2020,
];

/// A cryptosuite. `config` is the proof itself; its `proofValue` is left out of what is hashed.
pub trait Suite: Send + Sync {
    /// The `cryptosuite` of a `DataIntegrityProof`; for older suites the `type` of the proof.
    fn name(&self) -> &'static str;

    /// Whether `name` stands in `type`, as it did before Data Integrity.
    fn is_legacy(&self) -> bool {
        false
    }

    /// Whether new documents are signed with it here.
    fn signs(&self) -> bool {
        false
    }

    /// Whether the proof carries the document's `@context` in itself.
    fn binds_context(&self) -> bool {
        false
    }

    /// Whether keys of this kind belong to the suite.
    fn accepts(&self, key: KeyType) -> bool;

    /// The bytes to sign: the hash of the proof's options, then the hash of the document.
    fn hash_data(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        key: KeyType,
    ) -> Result<Vec<u8>, ProofError>;

    /// The raw signature over `document` and `config`.
    fn sign(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, ProofError> {
        let key = signer.public_key().key_type();
        if !self.signs() || !self.accepts(key) {
            return Err(ProofError::CannotSign { suite: self.name(), key });
        }
        Ok(signer.sign(&self.hash_data(document, config, key)?)?)
    }

    /// Checks a raw signature over `document` and `config`.
    fn verify(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        key: &PublicKey,
        signature: &[u8],
    ) -> Result<(), ProofError> {
        key.verify(&self.hash_data(document, config, key.key_type())?, signature)
            .map_err(|_| ProofError::BadSignature)
    }
}

impl fmt::Debug for dyn Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The Data Integrity suite of this name.
pub fn by_name(name: &str) -> Option<&'static dyn Suite> {
    SUITES.into_iter().find(|suite| suite.name() == name && !suite.is_legacy())
}

/// The suite of a proof, and its name whether it is known or not.
pub(super) fn of_proof(proof: &Map<String, Value>) -> Option<(Option<&'static dyn Suite>, &str)> {
    let proof_type = proof.get("type")?.as_str()?;
    if proof_type == "DataIntegrityProof" {
        let name = proof.get("cryptosuite")?.as_str()?;
        return Some((by_name(name), name));
    }
    let legacy = SUITES.into_iter().find(|suite| suite.name() == proof_type && suite.is_legacy());
    Some((legacy, proof_type))
}
