//! Any document is turned into RDF or refused, within bounds; the order of members is of no account.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use testamur::codec::json;
use testamur::jsonld::{self, Options};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse(bytes) else { return };
    let _ = jsonld::expand(&value, &Options::default());
    let _ = jsonld::to_rdf(&value, &Options { base: Some("https://example.org/"), ..Options::default() });
    let Value::Object(document) = &value else { return };
    let Ok(canonical) = jsonld::canonicalize(document, &["proof"]) else { return };
    let Value::Object(turned) = turn(value) else { return };
    assert_eq!(jsonld::canonicalize(&turned, &["proof"]), Ok(canonical));
});

/// The same document, the members of each object in the opposite order.
fn turn(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let turned: Map<String, Value> = members.into_iter().rev().map(|(name, value)| (name, turn(value))).collect();
            turned.into()
        }
        Value::Array(items) => items.into_iter().map(turn).collect(),
        other => other,
    }
}
