//! Official signed vectors and the worked examples: every proof verifies, and what we can sign comes out the same.

use std::collections::HashMap;

use serde_json::{Map, Value};
use testamur::codec::{datetime, multibase};
use testamur::crypto::proof::{Expected, ProofOptions, ProofView, Secured, sign};
use testamur::crypto::{Ed25519Signer, PublicKey, suites};

use crate::shared;

const EDDSA: &str = "vectors/vc-di-eddsa/TestVectors";

/// The key of a did:key verification method.
fn key_of(method: &str) -> PublicKey {
    PublicKey::from_multikey(method.split_once('#').unwrap().1).unwrap()
}

fn unsigned(document: &Map<String, Value>) -> Map<String, Value> {
    let mut unsigned = document.clone();
    unsigned.remove("proof");
    unsigned
}

/// Makes the same proof again.
fn resign(document: &Map<String, Value>, proof: &ProofView<'_>, seed: &[u8; 32]) -> Value {
    let mut options = ProofOptions::new(proof.suite_name, proof.created.unwrap()).unwrap();
    options.id = proof.id.map(str::to_owned);
    options.previous = proof.previous.iter().map(|id| (*id).to_owned()).collect();
    let document = if proof.previous.is_empty() { unsigned(document) } else { document.clone() };
    sign(&document, &options, &Ed25519Signer::from_seed(proof.verification_method, seed)).unwrap()
}

/// Verifies every proof of `document`; those whose seed is known are made again.
fn check(document: &Value, seeds: &HashMap<String, [u8; 32]>) -> usize {
    let document = document.as_object().unwrap();
    let secured = Secured::parse(document).unwrap();
    for proof in secured.proofs().iter().filter(|proof| proof.suite.is_some()) {
        secured.verify(proof, &key_of(proof.verification_method), &Expected::default()).unwrap();
        let fragment = proof.verification_method.split_once('#').unwrap().1;
        if let Some(seed) = seeds.get(fragment).filter(|_| proof.suite.unwrap().signs()) {
            assert_eq!(resign(document, proof, seed), Value::Object(proof.object.clone()));
        }
    }
    secured.proofs().iter().filter(|proof| proof.suite.is_some()).count()
}

/// Public key → seed, from `privateKeyMultibase` pairs.
fn seeds<'a>(pairs: impl IntoIterator<Item = &'a Value>) -> HashMap<String, [u8; 32]> {
    let pair = |pair: &Value| {
        let secret = multibase::decode(pair["privateKeyMultibase"].as_str().unwrap(), 66).unwrap();
        (pair["publicKeyMultibase"].as_str().unwrap().to_owned(), secret[2..34].try_into().unwrap())
    };
    pairs.into_iter().map(pair).collect()
}

#[test]
fn eddsa_jcs_2022_vector() {
    let Some(pair) = shared::json(&format!("{EDDSA}/keyPair.json")) else { return };
    let folder = format!("{EDDSA}/eddsa-jcs-2022");
    let signed = shared::json(&format!("{folder}/signedJCS.json")).unwrap();
    assert_eq!(check(&signed, &seeds([&pair])), 1);
    let unsigned = shared::json(&format!("{EDDSA}/unsigned.json")).unwrap();
    let canonical = String::from_utf8(testamur::codec::jcs::canonicalize(&unsigned)).unwrap();
    assert_eq!(canonical, shared::text(&format!("{folder}/canonDocJCS.txt")).unwrap());
    let config = shared::json(&format!("{folder}/proofConfigJCS.json")).unwrap();
    let canonical = String::from_utf8(testamur::codec::jcs::canonicalize(&config)).unwrap();
    assert_eq!(canonical, shared::text(&format!("{folder}/proofCanonJCS.txt")).unwrap());
}

#[test]
fn every_example_verifies_and_is_signed_again_to_the_same_bytes() {
    let Some(keys) = shared::json("examples/keys.json") else { return };
    let mut known = HashMap::new();
    for key in keys["keys"].as_array().unwrap() {
        let hex = key["seedHex"].as_str().unwrap();
        let seed: Vec<u8> =
            (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        known.insert(key["publicKeyMultibase"].as_str().unwrap().to_owned(), seed.try_into().unwrap());
    }
    let mut proofs = 0;
    for file in shared::files("examples", ".json") {
        let document = testamur::codec::json::parse(&std::fs::read(&file).unwrap()).unwrap();
        proofs += check_deep(&document, &known);
    }
    assert_eq!(proofs, 24);
}

/// Checks a document and every signed one inside it.
fn check_deep(value: &Value, seeds: &HashMap<String, [u8; 32]>) -> usize {
    let inside: usize = match value {
        Value::Array(items) => items.iter().map(|item| check_deep(item, seeds)).sum(),
        Value::Object(object) => object.values().map(|item| check_deep(item, seeds)).sum(),
        _ => 0,
    };
    let signed = value.get("proof").is_some() && value.get("@context").is_some();
    inside + if signed { check(value, seeds) } else { 0 }
}

#[test]
fn proof_values_hold_their_created_time() {
    // A guard for the tests above: a signature is deterministic only when the options are the same to the letter.
    assert_eq!(
        datetime::to_seconds(datetime::parse("2023-02-24T23:36:38Z").unwrap()),
        "2023-02-24T23:36:38Z"
    );
    assert!(suites::by_name("eddsa-jcs-2022").unwrap().signs());
}
