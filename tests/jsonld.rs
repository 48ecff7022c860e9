//! JSON-LD to canonical N-Quads: the official proof vectors, the worked examples, safe mode, hostile documents.

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use testamur::jsonld::{self, Code, HashAlgorithm, Options};

use crate::shared;

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

fn canonical(value: &Value, skip: &[&str]) -> String {
    jsonld::canonicalize(object(value), skip).unwrap()
}

/// The hex SHA-256 of canonical N-Quads.
fn hashed(nquads: &str) -> String {
    Sha256::digest(nquads).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_pinned_context_holds_up() {
    jsonld::validate_pinned().unwrap();
}

#[test]
fn vectors_of_vc_di_eddsa() {
    let base = "vectors/vc-di-eddsa/TestVectors";
    for (folder, end) in [
        ("eddsa-rdfc-2022", "DataInt"),
        ("eddsa-rdfc-2022/employ", "DataInt"),
        ("Ed25519Signature2020", "EdSig"),
    ] {
        let at = format!("{base}/{folder}");
        let Some(signed) = shared::json(&format!("{at}/signed{end}.json")) else { return };
        let document = canonical(&signed, &["proof"]);
        assert_eq!(
            document.trim_end(),
            shared::text(&format!("{at}/canonDoc{end}.txt")).unwrap(),
            "{folder}"
        );
        assert_eq!(hashed(&document), shared::text(&format!("{at}/docHash{end}.txt")).unwrap(), "{folder}");
        let config = shared::json(&format!("{at}/proofConfig{end}.json")).unwrap();
        let proof = canonical(&config, &[]);
        assert_eq!(proof.trim_end(), shared::text(&format!("{at}/proofCanon{end}.txt")).unwrap(), "{folder}");
        assert_eq!(hashed(&proof), shared::text(&format!("{at}/proofHash{end}.txt")).unwrap(), "{folder}");
    }
}

#[test]
fn vectors_of_vc_di_ecdsa() {
    let base = "vectors/vc-di-ecdsa/TestVectors";
    for (curve, end, hash) in
        [("p256", "P256", HashAlgorithm::Sha256), ("p384", "P384", HashAlgorithm::Sha384)]
    {
        for employ in ["", "/employ"] {
            let at = format!("{base}/ecdsa-rdfc-2019-{curve}{employ}");
            let Some(signed) = shared::json(&format!("{at}/signedECDSA{end}.json")) else { return };
            let canonical =
                |value: &Value, skip: &[&str]| jsonld::canonicalize_with(object(value), skip, hash).unwrap();
            let document = canonical(&signed, &["proof"]);
            assert_eq!(
                document.trim_end(),
                shared::text(&format!("{at}/canonDocECDSA{end}.txt")).unwrap(),
                "{at}"
            );
            let config = shared::json(&format!("{at}/proofConfigECDSA{end}.json")).unwrap();
            let proof = canonical(&config, &[]);
            assert_eq!(
                proof.trim_end(),
                shared::text(&format!("{at}/proofCanonECDSA{end}.txt")).unwrap(),
                "{at}"
            );
        }
    }
}

/// Verifies an `eddsa-rdfc-2022` proof whose key stands in its verification method's fragment; also those of documents inside.
fn verify_within(value: &Value, verified: &mut usize) {
    match value {
        Value::Object(members) => {
            if let Some(proof) = members.get("proof").filter(|p| p["cryptosuite"] == "eddsa-rdfc-2022") {
                let mut config = proof.as_object().unwrap().clone();
                let signature = config.remove("proofValue").unwrap();
                config.insert("@context".into(), members["@context"].clone());
                let mut hashes = Sha256::digest(canonical(&Value::Object(config), &[])).to_vec();
                hashes.extend(Sha256::digest(canonical(value, &["proof"])));
                let method = proof["verificationMethod"].as_str().unwrap();
                let key = bs58::decode(method.split_once("#z").unwrap().1).into_vec().unwrap();
                let key = VerifyingKey::from_bytes(key[2..].try_into().unwrap()).unwrap();
                let signature = bs58::decode(&signature.as_str().unwrap()[1..]).into_vec().unwrap();
                key.verify_strict(&hashes, &Signature::from_slice(&signature).unwrap()).unwrap();
                *verified += 1;
            }
            members.values().for_each(|member| verify_within(member, verified));
        }
        Value::Array(items) => items.iter().for_each(|item| verify_within(item, verified)),
        _ => {}
    }
}

#[test]
fn worked_examples_canonicalize_and_verify() {
    let (mut documents, mut verified) = (0, 0);
    for file in shared::files("examples", ".json") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if value.get("@context").is_none() {
            continue; // keys.json, 12-log-entries.json
        }
        jsonld::canonicalize(object(&value), &[]).unwrap_or_else(|e| panic!("{name}: {e}"));
        documents += 1;
        verify_within(&value, &mut verified);
    }
    eprintln!("worked examples: {documents} in safe mode, {verified} eddsa-rdfc-2022 proofs verified");
    assert!(documents == 0 || (documents >= 19 && verified >= 6), "{documents} {verified}");
}

fn refused(document: Value) -> (Code, String) {
    let error = jsonld::canonicalize(object(&document), &["proof"]).unwrap_err();
    (error.code, error.pointer)
}

fn credential(subject: Value) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": subject,
    })
}

#[test]
fn safe_mode_names_the_member() {
    let cases = [
        (json!({"degree": "x"}), Code::UndefinedTerm, "/credentialSubject/degree"),
        (json!([{"id": "did:a:b"}, {"a/b~c": 1}]), Code::UndefinedTerm, "/credentialSubject/1/a~1b~0c"),
        (json!({"type": "Undefined"}), Code::UndefinedType, "/credentialSubject/type"),
        (
            json!({"type": ["VerifiableCredential", "Undefined"]}),
            Code::UndefinedType,
            "/credentialSubject/type/1",
        ),
        (json!({"id": "relative"}), Code::RelativeReference, "/credentialSubject/id"),
        (json!({"id": "https://a.example/with space"}), Code::RelativeReference, "/credentialSubject/id"),
        (
            json!({"id": "https://a.example/> <b:c> <d:e> .\n"}),
            Code::RelativeReference,
            "/credentialSubject/id",
        ),
        (json!({"id": "@reserved"}), Code::ReservedKeyword, "/credentialSubject/id"),
        (json!({"@ignored": 1}), Code::UndefinedTerm, "/credentialSubject/@ignored"),
        (json!({"@version": 1.1}), Code::UndefinedTerm, "/credentialSubject/@version"),
        (
            json!({"name": {"@value": "x", "@language": "not a tag"}}),
            Code::InvalidLanguage,
            "/credentialSubject/name/@language",
        ),
        (json!({"name": {"@value": null}}), Code::DroppedValue, "/credentialSubject/name"),
        (json!({"name": {"@language": "vi"}}), Code::DroppedValue, "/credentialSubject/name"),
        (json!({"id": 5}), Code::InvalidIdValue, "/credentialSubject/id"),
        (
            json!({"@context": "https://nowhere.example/v1"}),
            Code::LoadingRemoteContextFailed,
            "/credentialSubject/@context",
        ),
        (
            json!({"@context": {"name": "https://b.example/name"}}),
            Code::ProtectedTermRedefinition,
            "/credentialSubject/@context/name",
        ),
        (json!({"@context": null}), Code::InvalidContextNullification, "/credentialSubject/@context"),
        (
            json!({"@context": {"@vocab": "relative#"}}),
            Code::RelativeReference,
            "/credentialSubject/@context",
        ),
        (
            json!({"@context": {"p": {"@id": "_:p"}}, "p": 1}),
            Code::BlankNodePredicate,
            "/credentialSubject/p",
        ),
        (json!({"@included": {"id": "x:only"}}), Code::DroppedValue, "/credentialSubject/@included"),
        (
            json!({"@context": {"g": {"@id": "x:g", "@container": ["@graph", "@id"]}}, "g": {"x:1": {"id": "x:only"}}}),
            Code::DroppedValue,
            "/credentialSubject/g/x:1",
        ),
    ];
    for (subject, code, pointer) in cases {
        assert_eq!(refused(credential(subject.clone())), (code, pointer.to_owned()), "{subject}");
    }
    let mut document = credential(json!({"id": "did:example:s"}));
    document["@context"] = json!(["https://www.w3.org/ns/credentials/v2", "https://unknown.example/ctx"]);
    let error = jsonld::canonicalize(object(&document), &[]).unwrap_err();
    assert_eq!((error.code, error.pointer.as_str()), (Code::LoadingRemoteContextFailed, "/@context/1"));
    assert!(error.detail.contains("https://unknown.example/ctx"));
}

#[test]
fn skipped_members_and_vocab() {
    let mut document = credential(
        json!({"id": "did:example:s", "@context": {"@vocab": "https://v.example/"}, "anything": [1, "x"]}),
    );
    let plain = canonical(&document, &[]);
    assert!(plain.contains(
        "<did:example:s> <https://v.example/anything> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n"
    ));
    document["proof"] = json!({"undefined": true});
    document["credentialSubject"]["proof"] = json!("kept: only the top level is skipped");
    assert!(canonical(&document, &["proof"]).contains("kept:"));
}

#[test]
fn a_list_object_is_read_with_the_context_around_the_typed_node() {
    // below a typed node its type's context is gone, and with it the term's type: the list holds plain integers
    let scoped = json!({"p": {"@id": "x:p", "@type": "x:datatype"}});
    let document = json!({
        "@context": {"T": {"@id": "x:T", "@context": scoped}},
        "@id": "x:s", "@type": "T", "p": {"@list": [1]},
    });
    let nquads = canonical(&document, &[]);
    assert!(nquads.contains("\"1\"^^<http://www.w3.org/2001/XMLSchema#integer>"), "{nquads}");
}

#[test]
fn direction_becomes_a_datatype() {
    let text = json!({"@value": "ສະບາຍດີ", "@language": "LO", "@direction": "ltr"});
    let nquads = canonical(&credential(json!({"id": "did:example:s", "name": text})), &[]);
    assert!(nquads.contains("\"ສະບາຍດີ\"^^<https://www.w3.org/ns/i18n#lo_ltr> .\n"), "{nquads}");
}

#[test]
fn hostile_documents_are_refused_quickly() {
    let nested = (0..200).fold(json!("x"), |inner, _| json!({"name": inner}));
    assert_eq!(refused(credential(nested)).0, Code::TooLarge);
    let context = (0..200).fold(json!({}), |inner, _| json!({"t": {"@id": "x:t", "@context": inner}}));
    assert!(matches!(refused(json!({"@context": context})).0, Code::TooLarge | Code::InvalidScopedContext));
    let big: Map<String, Value> = (0..30_000).map(|n| (format!("t{n}"), json!(format!("x:{n}")))).collect();
    assert_eq!(refused(json!({"@context": big})).0, Code::TooLarge);
    let wide: Map<String, Value> =
        (0..5_000).map(|n| (format!("t{n}"), json!({"@id": "x:y", "@context": {}}))).collect();
    assert_eq!(refused(json!({"@context": wide})).0, Code::TooLarge);
    let many: Vec<Value> = (0..5_000).map(|n| json!({"@context": {"p": format!("x:{n}")}, "p": n})).collect();
    assert_eq!(refused(credential(Value::Array(many))).0, Code::TooLarge);
    let chain: Map<String, Value> =
        (0..2_000).map(|n| (format!("t{n}"), json!(format!("t{}:x", n + 1)))).collect();
    assert_eq!(refused(json!({"@context": chain})).0, Code::TooLarge);
    let quads: Vec<Value> = (0..150_000).map(Value::from).collect();
    assert_eq!(refused(json!({"@context": {"p": "x:p"}, "p": quads})).0, Code::TooLarge);
    // all alike: a clique of nameless nodes
    let clique: Vec<Value> = (0..12)
        .map(|a| {
            let others: Vec<Value> =
                (0..12).filter(|b| *b != a).map(|b| json!({"@id": format!("_:n{b}")})).collect();
            json!({"@id": format!("_:n{a}"), "p": others})
        })
        .collect();
    assert_eq!(refused(json!({"@context": {"p": "x:p"}, "@graph": clique})).0, Code::PoisonGraph);
    // a long list of the same value is no attack, up to a length
    let list = |length: usize| json!({"@context": {"p": {"@id": "x:p", "@container": "@list"}}, "p": vec![1; length]});
    canonical(&list(100), &[]);
}

#[test]
fn expand_follows_options() {
    let document = json!({"@id": "a", "x:p": "v"});
    let options = Options { base: Some("https://b.example/c/"), ..Options::default() };
    assert_eq!(
        jsonld::expand(&document, &options).unwrap(),
        json!([{"@id": "https://b.example/c/a", "x:p": [{"@value": "v"}]}])
    );
}
