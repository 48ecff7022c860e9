//! Root documents as they are made: the first one, the next one, and one signature more.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;

use super::{SUITE, subject};
use crate::codec::datetime::to_seconds;
use crate::credential::kinds::authority_contexts;
use crate::crypto::Signer;
use crate::crypto::proof::{ProofError, ProofOptions, attach, sign};
use crate::did::Did;
use crate::trustlist::signed;
use crate::trustlist::{Root, TrustListError};

/// A key that a root lets sign lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey {
    /// The full URL of the key, `did:web:…#z6Mk…`.
    pub id: String,
    /// Until when.
    pub until: Timestamp,
}

/// What a first root says.
#[derive(Debug, Clone)]
pub struct NewRoot<'a> {
    /// ISO 3166-1 alpha-2.
    pub territory: &'a str,
    /// The DID of the root, under which its keys are named.
    pub did: &'a Did,
    /// Where the list will be served; the root lies beside it.
    pub list_url: &'a Url,
    /// Its keys, as `publicKeyMultibase`.
    pub keys: &'a [String],
    /// How many of them it takes.
    pub threshold: usize,
    /// Keys that may sign lists.
    pub delegations: &'a [ListKey],
    /// When.
    pub now: Timestamp,
}

/// What changes from one root to the next; what is `None` or empty stays.
#[derive(Debug, Clone, Default)]
pub struct Rotation<'a> {
    /// A new set of keys, and how many of them it takes.
    pub keys: Option<(&'a [String], usize)>,
    /// Keys that may sign lists from now on; one that is named already gets this end.
    pub delegate: &'a [ListKey],
    /// Keys that may not sign lists any more, by their full URL.
    pub revoke: &'a [String],
}

/// The first root, unsigned.
///
/// # Errors
/// The list's URL has no path to lay the root beside.
pub fn first(new: &NewRoot<'_>) -> Result<Map<String, Value>, TrustListError> {
    let base = beside(new.list_url)?;
    let host = new.list_url.origin().ascii_serialization();
    let keys: Vec<_> = new.keys.iter().map(|key| root_key(new.did, key, new.now)).collect();
    let document = json!({
        "@context": authority_contexts(&host),
        "id": format!("{base}/1"),
        "type": ["VerifiableCredential", "TrustRootCredential"],
        "name": name(new.territory, 1),
        "issuer": {"id": new.did, "type": ["Profile"]},
        "validFrom": to_seconds(new.now),
        "credentialSubject": {
            "id": base,
            "territory": new.territory,
            "rootVersion": 1,
            "threshold": new.threshold,
            "listUrl": new.list_url.as_str(),
            "rootKey": keys,
            "delegation": new.delegations.iter().map(|one| delegation(one, new.now)).collect::<Vec<_>>(),
        },
    });
    Ok(if let Value::Object(document) = document { document } else { Map::new() })
}

/// The root that comes after `before`, unsigned. It takes the signatures of enough keys of both.
///
/// # Errors
/// A key to revoke that `before` does not name, or a root that does not read.
pub fn next(
    before: &Root,
    change: &Rotation<'_>,
    now: Timestamp,
) -> Result<Map<String, Value>, TrustListError> {
    let mut document = signed::parse(&before.bytes, crate::trustlist::MAX_ROOT)?;
    let did = crate::credential::View::of(&document).issuer_id().and_then(|did| Did::parse(did).ok());
    let did = did.ok_or_else(|| signed::wrong("/issuer", "it is to be a DID"))?;
    let version = before.version.saturating_add(1);
    document.shift_remove("proof");
    let id = document.get("credentialSubject").and_then(|subject| subject.get("id")?.as_str());
    let base = id.unwrap_or_else(|| before.id.rsplit_once('/').map_or("", |(base, _)| base));
    document.insert("id".to_owned(), format!("{base}/{version}").into());
    document.insert("name".to_owned(), name(&before.territory, version).into());
    document.insert("validFrom".to_owned(), to_seconds(now).into());
    let Some(subject) = subject(&mut document) else {
        return Err(signed::wrong("/credentialSubject", "it is to be an object"));
    };
    subject.insert("rootVersion".to_owned(), version.into());
    if let Some((keys, threshold)) = change.keys {
        subject.insert("threshold".to_owned(), threshold.into());
        subject.insert("rootKey".to_owned(), keys.iter().map(|key| root_key(&did, key, now)).collect());
    }
    let mut delegations = match subject.get_mut("delegation").map(Value::take) {
        Some(Value::Array(delegations)) => delegations,
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    for id in change.revoke {
        let known = delegations.len();
        delegations.retain(|one| one.get("id").and_then(Value::as_str) != Some(id));
        if delegations.len() == known {
            return Err(signed::wrong("/credentialSubject/delegation", "no key of this name signs lists"));
        }
    }
    for new in change.delegate {
        let known = delegations.iter_mut().find(|one| one.get("id").and_then(Value::as_str) == Some(&new.id));
        match known.and_then(Value::as_object_mut) {
            Some(known) => drop(known.insert("notAfter".to_owned(), to_seconds(new.until).into())),
            None => delegations.push(delegation(new, now)),
        }
    }
    subject.insert("delegation".to_owned(), Value::Array(delegations));
    Ok(document)
}

/// Adds the signature of a key.
///
/// # Errors
/// The proof cannot be made.
pub fn add_signature(
    document: &mut Map<String, Value>,
    key: &dyn Signer,
    now: Timestamp,
) -> Result<(), ProofError> {
    let mut bare = document.clone();
    bare.shift_remove("proof");
    let proof = sign(&bare, &ProofOptions::new(SUITE, now)?, key)?;
    attach(document, proof);
    Ok(())
}

/// Who has signed a root document so far: each as the key's `publicKeyMultibase`. A document without proofs is
/// nobody's yet.
///
/// # Errors
/// A signature that does not hold, or a document that is no root.
pub fn signers(document: &Map<String, Value>) -> Result<Vec<String>, TrustListError> {
    if !document.contains_key("proof") {
        return Ok(Vec::new());
    }
    Ok(signed::signatures(document)?.into_iter().map(|one| one.key).collect())
}

fn name(territory: &str, version: u64) -> String {
    format!("{territory} trust root, version {version}")
}

fn root_key(did: &Did, key: &str, now: Timestamp) -> Value {
    json!({"id": did.with_fragment(key), "notBefore": to_seconds(now)})
}

fn delegation(one: &ListKey, now: Timestamp) -> Value {
    json!({
        "id": one.id, "keyUse": "trust-list", "notBefore": to_seconds(now), "notAfter": to_seconds(one.until),
    })
}

/// `…/trust/VN/list` → `…/trust/VN/root`
fn beside(list: &Url) -> Result<String, TrustListError> {
    let path = list.path().trim_end_matches('/');
    let folder = path.rsplit_once('/').map(|(folder, _)| folder).filter(|_| list.query().is_none());
    let folder = folder.ok_or_else(|| signed::wrong("/credentialSubject/listUrl", "it has no path"))?;
    Ok(format!("{}{folder}/root", list.origin().ascii_serialization()))
}
