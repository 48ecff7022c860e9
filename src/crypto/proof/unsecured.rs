//! The document as a proof sees it: without proofs, or with those it builds on, under the context it binds.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::codec::jcs;
use crate::crypto::hash::sha384;
use crate::crypto::sha256;
use crate::jsonld::{self, HashAlgorithm, JsonLdError};

/// A document to be hashed. Its `proof` member is left out without copying anything.
pub struct Unsecured<'a> {
    document: &'a Map<String, Value>,
    context: Option<&'a Value>,
    previous: Option<&'a Value>,
    pointer: &'a str,
    hashes: &'a Hashes,
}

/// Hashes of one document without proofs and under its own context, computed once for all its proofs.
#[derive(Debug, Default)]
pub struct Hashes {
    jcs_sha256: OnceLock<[u8; 32]>,
    rdfc_sha256: OnceLock<Result<[u8; 32], JsonLdError>>,
    rdfc_sha384: OnceLock<Result<[u8; 48], JsonLdError>>,
}

impl Hashes {
    /// Whether those that are known are this document's; computes them again.
    pub(super) fn are_of(&self, document: &Map<String, Value>) -> bool {
        let fresh = Hashes::default();
        let unsecured = Unsecured::new(document, &fresh);
        self.jcs_sha256.get().is_none_or(|known| *known == unsecured.jcs_sha256())
            && self.rdfc_sha256.get().is_none_or(|known| *known == unsecured.rdfc_sha256())
            && self.rdfc_sha384.get().is_none_or(|known| *known == unsecured.rdfc_sha384())
    }
}

impl<'a> Unsecured<'a> {
    /// `document` as it stands, but for its proofs.
    pub(super) fn new(document: &'a Map<String, Value>, hashes: &'a Hashes) -> Unsecured<'a> {
        Unsecured { document, context: document.get("@context"), previous: None, pointer: "/proof", hashes }
    }

    /// Under `context` instead of its own.
    pub(super) fn with_context(self, context: &'a Value) -> Unsecured<'a> {
        Unsecured { context: Some(context), ..self }
    }

    /// With the array of `previous` proofs as its `proof`.
    pub(super) fn with_previous(self, previous: Option<&'a Value>) -> Unsecured<'a> {
        Unsecured { previous, ..self }
    }

    /// For the proof that stands at `pointer`.
    pub(super) fn with_pointer(self, pointer: &'a str) -> Unsecured<'a> {
        Unsecured { pointer, ..self }
    }

    /// Where the proof stands, as a JSON pointer.
    pub fn proof_pointer(&self) -> &str {
        self.pointer
    }

    /// The context under which it is hashed.
    pub fn context(&self) -> Option<&Value> {
        self.context
    }

    /// SHA-256 of the canonical N-Quads.
    pub fn rdfc_sha256(&self) -> Result<[u8; 32], JsonLdError> {
        let hash = || Ok(sha256(self.nquads(HashAlgorithm::Sha256)?.as_bytes()));
        if self.is_whole() { self.hashes.rdfc_sha256.get_or_init(hash).clone() } else { hash() }
    }

    /// SHA-384 of the canonical N-Quads, canonical under SHA-384.
    pub fn rdfc_sha384(&self) -> Result<[u8; 48], JsonLdError> {
        let hash = || Ok(sha384(self.nquads(HashAlgorithm::Sha384)?.as_bytes()));
        if self.is_whole() { self.hashes.rdfc_sha384.get_or_init(hash).clone() } else { hash() }
    }

    fn nquads(&self, hash: HashAlgorithm) -> Result<String, JsonLdError> {
        if self.is_whole() {
            return jsonld::canonicalize_with(self.document, &["proof"], hash);
        }
        let mut document = self.document.clone();
        document.shift_remove("proof");
        for (name, value) in [("@context", self.context), ("proof", self.previous)] {
            document.extend(value.map(|value| (name.to_owned(), value.clone())));
        }
        jsonld::canonicalize_with(&document, &[], hash)
    }

    /// Whether it is the document as it stands, but for its proofs: then its hash is kept.
    fn is_whole(&self) -> bool {
        self.previous.is_none() && self.context == self.document.get("@context")
    }

    /// SHA-256 of the canonical JSON.
    pub fn jcs_sha256(&self) -> [u8; 32] {
        if self.is_whole() {
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
