//! eddsa-rdfc-2022: Ed25519 over canonical RDF (Data Integrity EdDSA Cryptosuites 1.0 §3.2).

use serde_json::{Map, Value};

use super::{Suite, rdfc};
use crate::crypto::proof::{ProofError, Unsecured};
use crate::crypto::{KeyType, sha256};
use crate::jsonld::HashAlgorithm;

/// The suite; see the file.
pub(super) struct EddsaRdfc2022;

impl Suite for EddsaRdfc2022 {
    fn name(&self) -> &'static str {
        "eddsa-rdfc-2022"
    }

    fn signs(&self) -> bool {
        true
    }

    fn accepts(&self, key: KeyType) -> bool {
        key == KeyType::Ed25519
    }

    fn hash_data(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        _: KeyType,
    ) -> Result<Vec<u8>, ProofError> {
        // The document first: a context that cannot be used is the document's fault, wherever it shows.
        let hash = document.rdfc_sha256()?;
        let options = rdfc::options(document, config, HashAlgorithm::Sha256)?;
        Ok([sha256(options.as_bytes()), hash].concat())
    }
}
