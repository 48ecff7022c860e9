//! What an embedded endorsement confirms: the digest of the credential without its endorsements and proofs.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use crate::codec::jcs;
use crate::crypto::digest_multibase;

/// Members of the credential that an endorser cannot cover: they come after it.
const NOT_COVERED: [&str; 2] = ["endorsement", "proof"];

/// The digest an endorser signs: `u` and the base64url of the multihash of SHA-256 over the RFC 8785 bytes of the
/// credential without its members `endorsement` and `proof`.
pub fn digest_of(credential: &Map<String, Value>) -> String {
    digest_multibase(&jcs::canonicalize_without(credential, &NOT_COVERED))
}

/// A credential as its endorsers should have seen it; its digest is computed once, however many there are.
pub struct Endorsed<'a> {
    credential: &'a Map<String, Value>,
    digest: OnceCell<String>,
}

impl<'a> Endorsed<'a> {
    /// The credential the endorsements stand on.
    pub fn of(credential: &'a Map<String, Value>) -> Self {
        Self { credential, digest: OnceCell::new() }
    }

    /// Its digest, as [`digest_of`] makes it.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| digest_of(self.credential))
    }

    /// Whether the endorsement is about this credential, as far as it says: its subject's `id` is the credential's,
    /// and its `digestMultibase`, where it carries one, is the credential's digest.
    ///
    /// Only for endorsements that stand on the credential itself (`/endorsement`): one on an achievement or a profile
    /// is about that.
    pub fn check(&self, endorsement: &Map<String, Value>) -> Result<(), NotAbout> {
        let subject = endorsement.get("credentialSubject").and_then(Value::as_object);
        let claimed = subject.and_then(|subject| subject.get("id")).and_then(Value::as_str);
        if claimed.is_none() || claimed != self.credential.get("id").and_then(Value::as_str) {
            return Err(NotAbout::Id);
        }
        match subject.and_then(|subject| subject.get("digestMultibase")) {
            None => Ok(()),
            Some(Value::String(digest)) if digest == self.digest() => Ok(()),
            Some(_) => Err(NotAbout::Digest),
        }
    }
}

/// [`Endorsed::check`] for one endorsement.
pub fn is_about(endorsement: &Map<String, Value>, credential: &Map<String, Value>) -> Result<(), NotAbout> {
    Endorsed::of(credential).check(endorsement)
}

/// Why an endorsement is not about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAbout {
    /// `credentialSubject.id` is not the credential's id.
    #[error("the endorsement is about another credential")]
    Id,
    /// `credentialSubject.digestMultibase` is not the credential's digest.
    #[error("the endorsed credential has been changed since: the digest does not match")]
    Digest,
}

impl NotAbout {
    /// The member of the endorsement's subject at fault.
    pub fn member(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Digest => "digestMultibase",
        }
    }
}
