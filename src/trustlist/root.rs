//! The root of an authority: which keys it takes to speak for it, and which keys it lets sign lists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::read::Reader;
use super::signed::{self, LEEWAY, Signature};
use super::{KeyUse, MAX_ROOT, TrustListError};
use crate::credential::problem::At;

/// Most keys of a root, and most delegations.
const MAX_KEYS: usize = 32;

/// A root document whose signatures hold and whose own keys have signed it in sufficient number.
///
/// `TrustRootCredential`: versioned, k of n keys, rotated by the old and the new threshold (as The Update Framework
/// does, §5.3).
#[derive(Debug, Clone, PartialEq)]
pub struct Root {
    /// The territory it speaks for, ISO 3166-1 alpha-2.
    pub territory: String,
    /// From 1, one more each time.
    pub version: u64,
    /// How many of its keys it takes.
    pub threshold: usize,
    /// Keys that may sign trust lists.
    pub delegations: Vec<Delegation>,
    /// Where the list is served.
    pub list_url: Url,
    /// The document's own URL.
    pub id: String,
    /// By which it is pinned, see [`super::fingerprint`].
    pub fingerprint: String,
    /// The document as it came.
    pub bytes: Vec<u8>,
    /// Its keys and from when on each may sign, by `publicKeyMultibase`.
    keys: BTreeMap<String, (Timestamp, Option<Timestamp>)>,
    signatures: Vec<Signature>,
}

/// A key that may sign trust lists for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Delegation {
    /// The full URL of the key.
    pub id: String,
    /// The key as `publicKeyMultibase`.
    pub key: String,
    /// From when.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl Root {
    /// Reads a root and proves it by itself: every signature holds, enough of its own keys have signed.
    ///
    /// That says nothing about who made it: compare [`Root::fingerprint`], or ask whether it [`Root::succeeds`] a root
    /// that is believed.
    ///
    /// # Errors
    /// The member or the signature at fault.
    pub fn parse(bytes: &[u8]) -> Result<Root, TrustListError> {
        let document = signed::parse(bytes, MAX_ROOT)?;
        let signatures = signed::signatures(&document)?;
        let root = read(&document, bytes, signatures)?;
        root.enough(&root)?;
        Ok(root)
    }

    /// Whether this root follows `before`: the same territory, the next version, signed by enough keys of both.
    ///
    /// # Errors
    /// What is missing.
    pub fn succeeds(&self, before: &Root) -> Result<(), TrustListError> {
        if self.territory != before.territory {
            return Err(TrustListError::Territory {
                found: self.territory.clone(),
                wanted: before.territory.clone(),
            });
        }
        let wanted = before.version.saturating_add(1);
        if self.version != wanted {
            return Err(TrustListError::RootVersion { found: self.version, wanted });
        }
        self.enough(before)
    }

    /// The keys of this root, as `publicKeyMultibase`.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// The delegation under which a key may sign a list made at `made` and looked at `now`.
    pub(super) fn delegation(&self, key: &str, made: Timestamp, now: Timestamp) -> Option<&Delegation> {
        let within = |one: &&Delegation, at: Timestamp| {
            one.not_before.duration_since(at) <= LEEWAY && at.duration_since(one.not_after) <= LEEWAY
        };
        self.delegations.iter().find(|one| one.key == key && within(one, made) && within(one, now))
    }

    /// Whether the key, by its full URL, may sign a list now.
    pub fn may_sign(&self, method: &str, now: Timestamp) -> bool {
        let key = method.rsplit_once('#').map_or("", |(_, key)| key);
        self.delegation(key, now, now).is_some_and(|delegation| delegation.id == method)
    }

    /// Whether any delegation names the key, whenever.
    pub fn delegates(&self, key: &str) -> bool {
        self.delegations.iter().any(|one| one.key == key)
    }

    /// Whether enough keys of `by` have signed this document.
    fn enough(&self, by: &Root) -> Result<(), TrustListError> {
        let good = |signature: &&Signature| {
            by.keys.get(&signature.key).is_some_and(|(from, until)| {
                from.duration_since(signature.created) <= LEEWAY
                    && until.is_none_or(|until| signature.created.duration_since(until) <= LEEWAY)
            })
        };
        let found = self.signatures.iter().filter(good).count();
        if found >= by.threshold {
            Ok(())
        } else {
            Err(TrustListError::Threshold { found, wanted: by.threshold })
        }
    }
}

fn read(
    document: &Map<String, Value>,
    bytes: &[u8],
    signatures: Vec<Signature>,
) -> Result<Root, TrustListError> {
    let whole = Reader { map: document, at: At::ROOT };
    if !crate::credential::View::of(document).has_type("TrustRootCredential") {
        return Err(whole.wrong("type", "it is no TrustRootCredential"));
    }
    let subject_at = At::ROOT.name("credentialSubject");
    let subject = Reader::of(document.get("credentialSubject").unwrap_or(&Value::Null), subject_at)?;
    let mut keys = BTreeMap::new();
    for (key, interval) in subject.each("rootKey", MAX_KEYS, |one| {
        Ok((one.key("id")?.1, (one.time("notBefore")?, one.maybe_time("notAfter")?)))
    })? {
        if keys.insert(key, interval).is_some() {
            return Err(subject.wrong("rootKey", "a key stands there twice"));
        }
    }
    let threshold = usize::try_from(subject.number("threshold")?).unwrap_or(usize::MAX);
    if threshold == 0 || threshold > keys.len() {
        return Err(subject.wrong("threshold", "it is to be at least 1 and at most the number of keys"));
    }
    let delegations = subject.each("delegation", MAX_KEYS, |one| {
        if KeyUse::parse(one.text("keyUse")?) != Some(KeyUse::TrustList) {
            return Err(one.wrong("keyUse", "a root delegates trust-list keys only"));
        }
        let (url, key) = one.key("id")?;
        let (not_before, not_after) = (one.time("notBefore")?, one.time("notAfter")?);
        Ok(Delegation { id: url.to_string(), key, not_before, not_after })
    })?;
    Ok(Root {
        territory: territory(&subject)?,
        version: subject.number("rootVersion")?,
        threshold,
        delegations,
        list_url: subject.url("listUrl")?,
        id: whole.text("id")?.to_owned(),
        fingerprint: signed::fingerprint(document),
        bytes: bytes.to_vec(),
        keys,
        signatures,
    })
}

/// ISO 3166-1 alpha-2.
pub(super) fn territory(subject: &Reader<'_>) -> Result<String, TrustListError> {
    let text = subject.text("territory")?;
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(subject.wrong("territory", "it is to be a country code of two capital letters (ISO 3166-1)"))
    }
}
