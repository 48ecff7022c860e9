//! Ed25519Signature2020: what came before eddsa-rdfc-2022, and hashes the same (VC DI EdDSA 1.0 §3.4). Verified, never made.

use serde_json::{Map, Value};

use super::Suite;
use super::eddsa_rdfc_2022::EddsaRdfc2022;
use crate::crypto::KeyType;
use crate::crypto::proof::{ProofError, Unsecured};

/// The suite; see the file.
pub(super) struct Ed25519Signature2020;

impl Suite for Ed25519Signature2020 {
    fn name(&self) -> &'static str {
        "Ed25519Signature2020"
    }

    fn is_legacy(&self) -> bool {
        true
    }

    fn accepts(&self, key: KeyType) -> bool {
        key == KeyType::Ed25519
    }

    fn hash_data(
        &self,
        document: &Unsecured<'_>,
        config: &Map<String, Value>,
        key: KeyType,
    ) -> Result<Vec<u8>, ProofError> {
        EddsaRdfc2022.hash_data(document, config, key)
    }
}
