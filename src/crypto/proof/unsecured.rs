//! The document as a proof sees it: without proofs, or with those it builds on, under the context it binds.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::codec::jcs;
use crate::crypto::sha256;

/// A document to be hashed. Its `proof` member is left out without copying anything.
pub struct Unsecured<'a> {
    document: &'a Map<String, Value>,
    context: Option<&'a Value>,
    previous: Option<&'a Value>,
    hashes: &'a Hashes,
}

/// Hashes of one document without proofs and under its own context, computed once for all its proofs.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    jcs_sha256: OnceLock<[u8; 32]>,
}

impl<'a> Unsecured<'a> {
    /// `document` as it stands, but for its proofs.
    pub(super) fn new(document: &'a Map<String, Value>, hashes: &'a Hashes) -> Unsecured<'a> {
        Unsecured { document, context: document.get("@context"), previous: None, hashes }
    }

    /// Under `context` instead of its own.
    pub(super) fn with_context(self, context: &'a Value) -> Unsecured<'a> {
        Unsecured { context: Some(context), ..self }
    }

    /// With the array of `previous` proofs as its `proof`.
    pub(super) fn with_previous(self, previous: Option<&'a Value>) -> Unsecured<'a> {
        Unsecured { previous, ..self }
    }

    /// SHA-256 of the canonical JSON.
    pub fn jcs_sha256(&self) -> [u8; 32] {
        if self.previous.is_none() && self.context == self.document.get("@context") {
            return *self
                .hashes
                .jcs_sha256
                .get_or_init(|| sha256(&jcs::canonicalize_without(self.document, &["proof"])));
        }
        let own = self.document.iter().filter(|(name, _)| !matches!(name.as_str(), "proof" | "@context"));
        let own = own.map(|(name, value)| (name.as_str(), value));
        let context = self.context.map(|context| ("@context", context));
        let previous = self.previous.map(|previous| ("proof", previous));
        sha256(&jcs::canonicalize_members(own.chain(context).chain(previous)))
    }
}
