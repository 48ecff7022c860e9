//! Writes the DID document of an institution, with the life of each of its keys.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Did;
use crate::codec::datetime;

/// A key as its institution publishes it.
#[derive(Debug, Clone, Copy)]
pub struct PublishedKey<'a> {
    /// `publicKeyMultibase`; also the fragment of the method's id.
    pub multikey: &'a str,
    /// When it stopped signing. It goes on vouching for what it signed before.
    pub retired: Option<Timestamp>,
    /// Since when it is compromised. It vouches for nothing any more.
    pub compromised: Option<Timestamp>,
}

/// The document of `did` with `keys`, oldest first: an active key asserts and authenticates, a retired one stays in
/// `assertionMethod` with `expires`, a compromised one leaves it and carries `revoked`. Times are whole seconds.
pub fn build(did: &Did, keys: &[PublishedKey<'_>]) -> Value {
    let id = |key: &PublishedKey<'_>| Value::from(did.with_fragment(key.multikey));
    let methods: Vec<Value> = keys.iter().map(|key| method(did, key)).collect();
    let asserting: Vec<Value> = keys.iter().filter(|key| key.compromised.is_none()).map(id).collect();
    let active = keys.iter().filter(|key| key.compromised.is_none() && key.retired.is_none());
    let authenticating: Vec<Value> = active.map(id).collect();
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": asserting,
        "authentication": authenticating,
    })
}

fn method(did: &Did, key: &PublishedKey<'_>) -> Value {
    let mut method = Map::new();
    method.insert("id".into(), did.with_fragment(key.multikey).into());
    method.insert("type".into(), "Multikey".into());
    method.insert("controller".into(), did.as_str().into());
    if let Some(at) = key.retired {
        method.insert("expires".into(), datetime::to_seconds(at).into());
    }
    if let Some(at) = key.compromised {
        method.insert("revoked".into(), datetime::to_seconds(at).into());
    }
    method.insert("publicKeyMultibase".into(), key.multikey.into());
    Value::Object(method)
}
