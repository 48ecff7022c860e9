//! Official signed vectors and the worked examples: every proof verifies, and what we can sign comes out the same.

use std::collections::HashMap;

use serde_json::{Map, Value};
use testamur::codec::multibase;
use testamur::crypto::proof::{Expected, ProofError, ProofOptions, ProofView, Secured, sign};
use testamur::crypto::{Ed25519Signer, PublicKey};
use testamur::jsonld::{self, HashAlgorithm};

use crate::shared;

const EDDSA: &str = "vectors/vc-di-eddsa/TestVectors";
const ECDSA: &str = "vectors/vc-di-ecdsa/TestVectors";

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
    for proof in secured.proofs() {
        secured.verify(proof, &key_of(proof.verification_method), &Expected::default()).unwrap();
        let fragment = proof.verification_method.split_once('#').unwrap().1;
        if let Some(seed) = seeds.get(fragment).filter(|_| proof.suite.unwrap().signs()) {
            assert_eq!(resign(document, proof, seed), Value::Object(proof.object.clone()));
        }
    }
    secured.proofs().len()
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
    assert_eq!(proofs, 30);
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
fn eddsa_rdfc_2022_and_ed25519_signature_2020_vectors() {
    let Some(pair) = shared::json(&format!("{EDDSA}/keyPair.json")) else { return };
    for (folder, name) in [
        ("eddsa-rdfc-2022", "DataInt"),
        ("eddsa-rdfc-2022/employ", "DataInt"),
        ("Ed25519Signature2020", "EdSig"),
    ] {
        let file = |stem: &str, kind: &str| format!("{EDDSA}/{folder}/{stem}{name}.{kind}");
        let signed = shared::json(&file("signed", "json")).unwrap();
        assert_eq!(check(&signed, &seeds([&pair])), 1, "{folder}");
        check_canonical(&signed, &shared::text(&file("canonDoc", "txt")).unwrap(), HashAlgorithm::Sha256);
        let config = shared::json(&file("proofConfig", "json")).unwrap();
        check_canonical(&config, &shared::text(&file("proofCanon", "txt")).unwrap(), HashAlgorithm::Sha256);
    }
}

fn check_canonical(document: &Value, expected: &str, hash: HashAlgorithm) {
    let ours = jsonld::canonicalize_with(document.as_object().unwrap(), &["proof"], hash).unwrap();
    assert_eq!(ours.trim(), expected);
}

#[test]
fn ecdsa_rdfc_2019_vectors() {
    if shared::path(ECDSA).is_none() {
        return;
    }
    for (folder, name, hash) in [
        ("ecdsa-rdfc-2019-p256", "P256", HashAlgorithm::Sha256),
        ("ecdsa-rdfc-2019-p256/employ", "P256", HashAlgorithm::Sha256),
        ("ecdsa-rdfc-2019-p384", "P384", HashAlgorithm::Sha384),
        ("ecdsa-rdfc-2019-p384/employ", "P384", HashAlgorithm::Sha384),
    ] {
        let file = |stem: &str, kind: &str| format!("{ECDSA}/{folder}/{stem}ECDSA{name}.{kind}");
        let signed = shared::json(&file("signed", "json")).unwrap();
        assert_eq!(check(&signed, &HashMap::new()), 1, "{folder}");
        check_canonical(&signed, &shared::text(&file("canonDoc", "txt")).unwrap(), hash);
        let mut changed = signed.clone();
        changed["validFrom"] = "2023-01-01T00:00:01Z".into();
        let secured = Secured::parse(changed.as_object().unwrap()).unwrap();
        let proof = &secured.proofs()[0];
        let verdict = secured.verify(proof, &key_of(proof.verification_method), &Expected::default());
        assert_eq!(verdict, Err(ProofError::BadSignature));
    }
}

#[test]
fn proof_set_and_chain_vectors() {
    let Some(pairs) = shared::json(&format!("{EDDSA}/proof-set-chain/multiKeyPairs.json")) else { return };
    let seeds = seeds(pairs.as_object().unwrap().values());
    for (name, proofs) in
        [("signedProofSet1", 1), ("signedProofSet2", 2), ("signedProofChain1", 3), ("signedProofChain2", 4)]
    {
        let signed = shared::json(&format!("{EDDSA}/proof-set-chain/{name}.json")).unwrap();
        assert_eq!(check(&signed, &seeds), proofs, "{name}");
    }
}
