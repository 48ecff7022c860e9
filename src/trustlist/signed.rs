//! The signatures of a root or a list: each proved with the key that its verification method spells out.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::TrustListError;
use crate::codec::{digest, hex, jcs, json};
use crate::credential::{Problem, form};
use crate::crypto::proof::{Expected, Secured};
use crate::crypto::{PublicKey, digest_multibase};
use crate::did::DidUrl;

/// Clocks may differ by so much.
pub(super) const LEEWAY: SignedDuration = SignedDuration::from_secs(300);

/// The suites these documents are signed with: both bind every member a reader looks at.
const SUITES: &[&str] = &["eddsa-jcs-2022", "eddsa-rdfc-2022"];

/// A key that signed, and when it says it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    /// The full URL of the key; its fragment is the key itself.
    pub(super) method: String,
    /// The DID before the fragment.
    pub(super) did: String,
    /// The key as `publicKeyMultibase`.
    pub(super) key: String,
    /// When.
    pub(super) created: Timestamp,
}

/// Parses a document of these rooms: strict JSON, at most `max` bytes, one object.
pub(super) fn parse(bytes: &[u8], max: usize) -> Result<Map<String, Value>, TrustListError> {
    if bytes.len() > max {
        return Err(TrustListError::TooLarge(max));
    }
    match json::parse(bytes).map_err(TrustListError::Json)? {
        Value::Object(document) => Ok(document),
        _ => Err(wrong("", "it is to be a JSON object")),
    }
}

/// Every signature of the document, each proved; one that does not hold refuses the document.
pub(super) fn signatures(document: &Map<String, Value>) -> Result<Vec<Signature>, TrustListError> {
    if let Some(problem) = form::check(document).into_iter().next() {
        return Err(TrustListError::Form(problem));
    }
    let contexts = document.get("@context").and_then(Value::as_array);
    // A context of its own could give a term another meaning than the one read here.
    if contexts.is_none_or(|contexts| !contexts.iter().all(Value::is_string)) {
        return Err(wrong("/@context", "a trust document has contexts named by URL only"));
    }
    let refuse = |why: String| TrustListError::Proof(why);
    let secured = Secured::parse(document).map_err(|error| refuse(error.to_string()))?;
    let mut signatures: Vec<Signature> = Vec::new();
    for proof in secured.proofs() {
        if !SUITES.contains(&proof.suite_name) {
            return Err(refuse(format!("{}: the suites are {}", proof.pointer, SUITES.join(" and "))));
        }
        let method = DidUrl::parse(proof.verification_method).map_err(|error| refuse(error.to_string()))?;
        let key = method.fragment().unwrap_or_default().to_owned();
        let public = PublicKey::from_multikey(&key)
            .map_err(|_| refuse(format!("{}: the key is not spelt out in its id", proof.pointer)))?;
        secured.verify(proof, &public, &Expected::default()).map_err(|error| refuse(error.to_string()))?;
        if matches!(secured.verified(proof), std::borrow::Cow::Owned(_)) {
            return Err(refuse(format!("{}: contexts were added after it was signed", proof.pointer)));
        }
        let Some(created) = proof.created else {
            return Err(refuse(format!("{}: it does not say when it was made", proof.pointer)));
        };
        if signatures.iter().any(|other| other.key == key) {
            return Err(refuse(format!("{}: a key signs once", proof.pointer)));
        }
        let did = method.did_str().to_owned();
        signatures.push(Signature { method: method.as_str().to_owned(), did, key, created });
    }
    Ok(signatures)
}

/// The fingerprint by which a root is pinned: `digestMultibase`, `u` and base64url of the SHA-256 multihash of the
/// JCS bytes (RFC 8785) of the whole signed document.
pub fn fingerprint(document: &Map<String, Value>) -> String {
    digest_multibase(&jcs::canonicalize_without(document, &[]))
}

/// A fingerprint as a person reads it over the telephone: the SHA-256 in hexadecimal digits, sixteen groups of four.
/// `None` for what is no fingerprint.
pub fn spoken(fingerprint: &str) -> Option<String> {
    let digest = digest::from_multihash(fingerprint)?;
    Some(digest.chunks(2).map(hex::encode).collect::<Vec<_>>().join(" "))
}

/// The fingerprint that somebody typed: as it is, or from the digits of [`spoken`], however grouped.
pub fn fingerprint_of(typed: &str) -> String {
    let bare: String = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | ':')).collect();
    let digits = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(bare.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..64).step_by(2).map(byte).collect();
    match bytes.filter(|_| digits).and_then(|bytes| bytes.try_into().ok()) {
        Some(digest) => digest::to_multihash(&digest),
        None => typed.trim().to_owned(),
    }
}

/// The complaint that a member is not what it has to be.
pub(super) fn wrong(pointer: impl Into<String>, message: &'static str) -> TrustListError {
    TrustListError::Form(Problem { pointer: pointer.into(), message: message.into() })
}
