//! An invented authority that makes roots and lists, right ones and wrong ones.

use jiff::Timestamp;
use serde_json::{Value, json};
use testamur::crypto::proof::{ProofOptions, attach, sign};
use testamur::crypto::{Ed25519Signer, Signer};
use testamur::trustlist::{Root, TrustList, TrustListError};

pub const COLLEGE: &str = "did:web:diplomas.vn.example:institutions:mau";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Key number `n` under a DID.
pub fn key(n: u8, did: &str) -> Ed25519Signer {
    let key = Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey();
    Ed25519Signer::from_seed(format!("{did}#{key}"), &[n; 32])
}

pub fn root_key(n: u8) -> Ed25519Signer {
    key(n, "did:web:trust.vn.example:institutions:root")
}

pub fn list_key(n: u8) -> Ed25519Signer {
    key(n, "did:web:trust.vn.example:institutions:moet")
}

/// The document with a proof of each key, made at `created`.
pub fn signed(document: &Value, keys: &[Ed25519Signer], created: &str) -> Vec<u8> {
    let mut document = document.as_object().unwrap().clone();
    let options = ProofOptions::new("eddsa-jcs-2022", at(created)).unwrap();
    let proofs: Vec<_> = keys.iter().map(|key| sign(&document, &options, key).unwrap()).collect();
    for proof in proofs {
        attach(&mut document, proof);
    }
    serde_json::to_vec(&document).unwrap()
}

const CONTEXTS: [&str; 4] = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://registry.example/contexts/testamur-award-v1.jsonld",
    "https://registry.example/contexts/testamur-authority-v1.jsonld",
];

/// A root of Vietnam: keys by number, list keys with their intervals.
pub fn root_document(version: u64, threshold: u64, keys: &[u8], lists: &[(u8, &str, &str)]) -> Value {
    let keys: Vec<_> = keys
        .iter()
        .map(|n| json!({"id": root_key(*n).key_id(), "notBefore": "2026-01-01T00:00:00Z"}))
        .collect();
    let delegation: Vec<_> = lists
        .iter()
        .map(|(n, from, until)| {
            json!({"id": list_key(*n).key_id(), "keyUse": "trust-list", "notBefore": from, "notAfter": until})
        })
        .collect();
    json!({
        "@context": CONTEXTS,
        "id": format!("https://trust.vn.example/trust/VN/root/{version}"),
        "type": ["VerifiableCredential", "TrustRootCredential"],
        "issuer": "did:web:trust.vn.example:institutions:root",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "https://trust.vn.example/trust/VN/root", "territory": "VN", "rootVersion": version,
            "threshold": threshold, "listUrl": "https://trust.vn.example/trust/VN/list",
            "rootKey": keys, "delegation": delegation,
        },
    })
}

/// Version 1: two of the keys 1, 2, 3; key 11 signs lists.
pub fn first_root() -> Value {
    root_document(1, 2, &[1, 2, 3], &[(11, "2026-01-01T00:00:00Z", "2027-01-31T00:00:00Z")])
}

pub fn root() -> Root {
    Root::parse(&signed(&first_root(), &[root_key(1), root_key(3)], "2026-01-01T00:00:00Z")).unwrap()
}

/// The college with key 21, accredited for diplomas at VQF 4 and 5 from 2024-08-01 to 2029-07-31.
pub fn college() -> Value {
    json!({
        "id": COLLEGE,
        "nameI18n": {"vi": "Trường Cao đẳng Mẫu", "en": "Sample College"},
        "location": "geo:18.6734,105.6923",
        "trustedKey": [{"id": key(21, COLLEGE).key_id(), "keyUse": "award", "notBefore": "2024-08-01T00:00:00Z"}],
        "archivedDidDocument": did_document(&[21]),
        "grant": [{
            "id": "urn:uuid:310f3ee8-99a5-4abf-9903-44e50fa436e9", "decisionNumber": "1/2024",
            "effectiveFrom": "2024-08-01", "effectiveTo": "2029-07-31",
            "scope": [{"framework": "VQF", "levelMin": 4, "levelMax": 5, "types": ["diploma"]}],
            "history": [{"standing": "granted", "since": "2024-08-01", "recordedAt": "2024-08-02T02:00:00Z"}],
        }],
    })
}

pub fn did_document(keys: &[u8]) -> Value {
    let methods: Vec<_> = keys
        .iter()
        .map(|n| {
            let key = key(*n, COLLEGE);
            json!({"id": key.key_id(), "type": "Multikey", "controller": COLLEGE,
                "publicKeyMultibase": key.public_key().to_multikey()})
        })
        .collect();
    let ids: Vec<_> = methods.iter().map(|method| method["id"].clone()).collect();
    json!({"@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"], "id": COLLEGE,
        "verificationMethod": methods, "assertionMethod": ids})
}

/// List number `sequence` of Vietnam, issued at `issued`, the next one due half a month later.
pub fn list_document(sequence: u64, issued: &str, issuers: &[Value]) -> Value {
    let next = at(issued) + jiff::SignedDuration::from_hours(15 * 24);
    let until = at(issued) + jiff::SignedDuration::from_hours(30 * 24);
    json!({
        "@context": CONTEXTS,
        "id": format!("https://trust.vn.example/trust/VN/list/{sequence}"),
        "type": ["VerifiableCredential", "TrustListCredential"],
        "issuer": "did:web:trust.vn.example:institutions:moet",
        "validFrom": issued, "validUntil": until.to_string(),
        "credentialSubject": {
            "id": "https://trust.vn.example/trust/VN/list", "territory": "VN", "sequenceNumber": sequence,
            "issuedAt": issued, "nextUpdate": next.to_string(), "rootVersion": 1, "trustedIssuer": issuers,
            "closedLog": [{"origin": "log.vn.example/2025", "treeSize": 7, "rootHash": "AAAA"}],
        },
    })
}

/// The list, signed with list key 11 when it says it was issued.
pub fn list_bytes(document: &Value) -> Vec<u8> {
    let issued = document["credentialSubject"]["issuedAt"].as_str().unwrap();
    signed(document, &[list_key(11)], issued)
}

pub fn list(document: &Value) -> Result<TrustList, TrustListError> {
    TrustList::parse(&list_bytes(document), &root())
}
