//! What an authority writes: its root, and each next list from the one before. Pure; nothing here signs by itself.

pub mod root;

use serde_json::{Map, Value, json};

/// The suite of these documents: what is signed is the very JSON, so that a reader needs no context to check it.
pub const SUITE: &str = "eddsa-jcs-2022";

/// The contexts of these documents; ours on the host that publishes them.
fn contexts(award: &str, authority: &str) -> Value {
    json!([crate::credential::view::CONTEXT_V2, crate::credential::kinds::CONTEXT_OB, award, authority,])
}

/// The subject of such a document.
fn subject(document: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    document.get_mut("credentialSubject").and_then(Value::as_object_mut)
}
