//! eddsa-jcs-2022: Ed25519 over canonical JSON (Data Integrity EdDSA Cryptosuites 1.0 §3.3).

use serde_json::{Map, Value};

use super::Suite;
use crate::codec::jcs;
use crate::crypto::proof::{ProofError, Unsecured};
use crate::crypto::{KeyType, sha256};

/// The suite; see the file.
pub(super) struct EddsaJcs2022;

impl Suite for EddsaJcs2022 {
    fn name(&self) -> &'static str {
        "eddsa-jcs-2022"
    }

    fn signs(&self) -> bool {
        true
    }

    fn binds_context(&self) -> bool {
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
        let options = jcs::canonicalize_without(config, &["proofValue"]);
        Ok([sha256(&options), document.jcs_sha256()].concat())
    }
}
