//! ecdsa-rdfc-2019: ECDSA over canonical RDF (Data Integrity ECDSA Cryptosuites 1.0 §3.2). Verified, never made.
//!
//! The curve names the hash, everywhere: SHA-256 with P-256, SHA-384 with P-384, inside RDFC-1.0 too.

use serde_json::{Map, Value};

use super::{Suite, rdfc};
use crate::crypto::hash::sha384;
use crate::crypto::proof::{ProofError, Unsecured};
use crate::crypto::{KeyType, sha256};
use crate::jsonld::HashAlgorithm;

/// The suite; see the file.
pub(super) struct EcdsaRdfc2019;

impl Suite for EcdsaRdfc2019 {
    fn name(&self) -> &'static str {
        "ecdsa-rdfc-2019"
    }

    fn accepts(&self, key: KeyType) -> bool {
        matches!(key, KeyType::P256 | KeyType::P384)
    }

    fn hash_data(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        key: KeyType,
    ) -> Result<Vec<u8>, ProofError> {
        if key == KeyType::P384 {
            let hash = document.rdfc_sha384()?;
            let options = rdfc::options(document, config, HashAlgorithm::Sha384)?;
            return Ok([sha384(options.as_bytes()), hash].concat());
        }
        let hash = document.rdfc_sha256()?;
        let options = rdfc::options(document, config, HashAlgorithm::Sha256)?;
        Ok([sha256(options.as_bytes()), hash].concat())
    }
}
