//! DID methods and documents: what resolves without a network, what is refused, and what we publish.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use testamur::crypto::{KeyError, KeyType, PublicKey};
use testamur::did::{Did, DidDocument, DidUrl, PublishedKey, build, jwk, key, web};

use crate::shared;

const KEY: &str = "z6MkhxTVtKvojDtEEZaw2NYjStoDaUEnYj8skzetFbafi5Tt";
const OLD: &str = "z6MkurBz5636ME9ZKSmWtd9dWQZt6oEy1DGW7ogxQUcuZTiM";
const P256: &str = "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv";

fn did(text: &str) -> Did {
    Did::parse(text).unwrap()
}

#[test]
fn did_key_has_the_standard_document() {
    let document = key::document(&did(&format!("did:key:{KEY}"))).unwrap();
    let id = format!("did:key:{KEY}#{KEY}");
    assert_eq!(
        document.raw,
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": format!("did:key:{KEY}"),
            "verificationMethod": [{ "id": id, "type": "Multikey", "controller": format!("did:key:{KEY}"), "publicKeyMultibase": KEY }],
            "authentication": [id], "assertionMethod": [id], "capabilityDelegation": [id], "capabilityInvocation": [id],
        })
    );
    let method = document.method(&id).unwrap();
    assert_eq!(method.key.as_ref().unwrap().to_multikey(), KEY);
    assert!(document.assertion_method.contains(&id) && document.authentication.contains(&id));
    assert_eq!(key::from_public_key(method.key.as_ref().unwrap()), document.id);
}

#[test]
fn did_key_errors_have_their_standard_names() {
    for (text, code) in [
        ("did:key:1:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", ""),
        ("did:key:-4:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:2:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:z0OIl", "invalidDid"),
        ("did:key:z", "unsupportedPublicKeyType"),
        ("did:key:zTjsVPtY", "invalidPublicKeyLength"),
        ("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "unsupportedPublicKeyType"),
        ("did:web:key.example", "invalidDid"),
    ] {
        let got = key::document(&did(text)).err().map_or("", |error| error.code());
        assert_eq!(got, code, "{text}");
    }
    let format = |name| key::PublicKeyFormat::parse(name).unwrap_err().code();
    assert_eq!(
        (format("unknown"), format("Ed25519VerificationKey2018")),
        ("unsupportedPublicKeyType", "invalidPublicKeyType")
    );
    let p256 = did(&format!("did:key:{P256}"));
    let error = key::document_as(&p256, key::PublicKeyFormat::Ed25519VerificationKey2020).unwrap_err();
    assert_eq!(error.code(), "invalidPublicKeyType");
    for format in [
        key::PublicKeyFormat::JsonWebKey,
        key::PublicKeyFormat::JsonWebKey2020,
        key::PublicKeyFormat::Multikey,
    ] {
        let document = key::document_as(&p256, format).unwrap();
        assert_eq!(document.methods[0].key.as_ref().unwrap().to_multikey(), P256);
    }
}

#[test]
fn did_key_agrees_with_the_vectors() {
    let Some(vectors) = shared::json("vectors/did-key/test-vectors/nist-curves.json") else { return };
    for (text, case) in vectors.as_object().unwrap() {
        let expected = &case["didDocument"];
        if expected["verificationMethod"][0]["publicKeyJwk"]["crv"] == "P-521" {
            assert_eq!(key::document(&did(text)).unwrap_err().code(), "unsupportedPublicKeyType");
            continue;
        }
        let ours = key::document_as(&did(text), key::PublicKeyFormat::JsonWebKey2020).unwrap().raw;
        for member in [
            "@context",
            "id",
            "verificationMethod",
            "assertionMethod",
            "authentication",
            "capabilityDelegation",
            "capabilityInvocation",
        ] {
            if expected["verificationMethod"][0]["publicKeyJwk"].is_object() {
                assert_eq!(ours[member], expected[member], "{text} {member}");
            }
        }
    }
}

#[test]
fn did_jwk_resolves_to_its_one_key() {
    let public = PublicKey::from_multikey(P256).unwrap().to_jwk();
    let of = |jwk: &Value| did(&format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(jwk.to_string())));
    let document = jwk::document(&of(&public)).unwrap();
    let method = document.method(&document.id.with_fragment("0")).unwrap();
    assert_eq!(method.key.as_ref().unwrap().key_type(), KeyType::P256);
    assert!(document.assertion_method.contains(method.id.as_str()));
    let mut private = public.clone();
    private["d"] = "AA".into();
    assert_eq!(jwk::document(&of(&private)), Err(jwk::DidJwkError::Key(KeyError::PrivateKey)));
    for bad in [
        "did:jwk:e30",
        "did:jwk:bnVsbA",
        "did:jwk:A",
        "did:jwk:eyJrdHkiOiJFQyIsImt0eSI6IkVDIn0",
        "did:key:z6Mk",
    ] {
        assert!(jwk::document(&did(bad)).is_err(), "{bad}");
    }
}

#[test]
fn did_web_becomes_an_https_address_and_back() {
    for (text, address) in [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:W3C-CCG.github.io:user:Alice", "https://w3c-ccg.github.io/user/Alice/did.json"),
        (
            "did:web:localhost%3A8080:institutions:cd-han",
            "https://localhost:8080/institutions/cd-han/did.json",
        ),
        ("did:web:localhost%3a8080", "https://localhost:8080/.well-known/did.json"),
        ("did:web:a.example:tr%C6%B0%E1%BB%9Dng", "https://a.example/tr%C6%B0%E1%BB%9Dng/did.json"),
    ] {
        assert_eq!(web::url(&did(text)).unwrap().as_str(), address);
    }
    for bad in [
        "did:web:a.example:..",
        "did:web:a.example:%2e%2e",
        "did:web:a.example:a%2Fb",
        "did:web:a.example:a%5Cb",
        "did:web:a.example::b",
        "did:web:a.example%3A",
        "did:web:a.example%3A0",
        "did:web:a.example%3A99999",
        "did:web:a.example%3A80%3A80",
        "did:web:a%40b.example",
        "did:web:-a.example",
        "did:web:a..example",
        "did:web:a.example.",
        "did:web:a.example%2Fb",
        "did:web:a.example:a%3Fb",
        "did:web:a.example:%00",
        "did:web:a_b.example",
        "did:web:%5B%3A%3A1%5D",
        "did:web:a.example:%23",
        "did:key:z6Mk",
    ] {
        assert!(web::url(&did(bad)).is_err(), "{bad}");
    }
    let public = url::Url::parse("https://Diplomas.vn.example/").unwrap();
    let local = url::Url::parse("http://localhost:8080").unwrap();
    let below = url::Url::parse("https://a.example/registry/").unwrap();
    let of = |url, slug| web::of_institution(url, slug).unwrap().to_string();
    assert_eq!(of(&public, Some("cdktcn-mau")), "did:web:diplomas.vn.example:institutions:cdktcn-mau");
    assert_eq!(of(&local, Some("a")), "did:web:localhost%3A8080:institutions:a");
    assert_eq!(of(&public, None), "did:web:diplomas.vn.example");
    assert_eq!(of(&below, Some("a")), "did:web:a.example:registry:institutions:a");
    assert!(web::of_institution(&public, Some("a/b")).is_err());
    assert_eq!(web::from_parts("a.example", Some(443), &[]).unwrap().as_str(), "did:web:a.example");
}

#[test]
fn the_example_documents_parse() {
    let Some(keys) = shared::json("examples/keys.json") else { return };
    let documents = keys.as_object().unwrap().values().filter_map(Value::as_array).flatten();
    let mut seen = 0;
    for raw in documents.filter(|value| value["verificationMethod"].is_array()) {
        let document = DidDocument::parse(raw).unwrap();
        assert!(document.unusable.is_empty() && document.methods.iter().all(|method| method.key.is_ok()));
        assert_eq!(document.methods[0].controller, document.id);
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn published_documents_tell_the_life_of_each_key() {
    let college = did("did:web:diplomas.vn.example:institutions:cdktcn-mau");
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let keys = [
        PublishedKey { multikey: OLD, retired: at("2026-01-02T03:04:05.678Z"), compromised: None },
        PublishedKey { multikey: P256, retired: None, compromised: at("2026-05-01T00:00:00Z") },
        PublishedKey { multikey: KEY, retired: None, compromised: None },
    ];
    let document = DidDocument::parse(&build(&college, &keys)).unwrap();
    assert!(document.unusable.is_empty());
    let method = |multikey| document.method(&college.with_fragment(multikey)).unwrap();
    assert_eq!(method(OLD).expires, at("2026-01-02T03:04:05Z"));
    assert_eq!(method(P256).revoked, at("2026-05-01T00:00:00Z"));
    let listed = |set: &std::collections::BTreeSet<String>| {
        [OLD, P256, KEY].map(|k| set.contains(&college.with_fragment(k)))
    };
    assert_eq!(
        (listed(&document.assertion_method), listed(&document.authentication)),
        ([true, false, true], [false, false, true])
    );
}

#[test]
fn documents_of_others_are_read_with_care() {
    let base = "did:web:a.example";
    let raw = json!({
        "id": base,
        "verificationMethod": [
            { "id": "#k1", "type": "Multikey", "controller": base, "publicKeyMultibase": KEY },
            { "id": "did:web:a.example#jwk", "type": "JsonWebKey2020", "controller": base, "publicKeyJwk": PublicKey::from_multikey(P256).unwrap().to_jwk() },
            { "id": "did:web:a.example#2020", "type": "Ed25519VerificationKey2020", "controller": "did:web:b.example", "publicKeyMultibase": OLD, "revoked": "2026-01-01T00:00:00Z" },
            { "id": "did:web:a.example#wrong", "type": "Ed25519VerificationKey2020", "controller": base, "publicKeyMultibase": P256 },
            { "id": "did:web:a.example#leak", "type": "Multikey", "controller": base, "publicKeyMultibase": KEY, "secretKeyMultibase": "z3u2" },
            { "id": "did:web:b.example#k", "type": "Multikey", "controller": base, "publicKeyMultibase": KEY },
            { "id": "did:web:a.example#when", "type": "Multikey", "controller": base, "publicKeyMultibase": KEY, "expires": "soon" },
            { "id": "did:web:a.example#twice", "type": "Multikey", "controller": base, "publicKeyMultibase": KEY },
            { "id": "#twice", "type": "Multikey", "controller": base, "publicKeyMultibase": OLD },
            { "id": "no", "type": "Multikey", "controller": base, "publicKeyMultibase": OLD },
            7,
        ],
        "assertionMethod": ["#k1", { "id": "#embedded", "type": "Multikey", "controller": base, "publicKeyMultibase": OLD }, "bare"],
        "authentication": "#jwk",
    });
    let document = DidDocument::parse(&raw).unwrap();
    let fragments: Vec<_> = document.methods.iter().filter_map(|method| method.id.fragment()).collect();
    assert_eq!(fragments, ["k1", "jwk", "2020", "wrong", "leak", "embedded"]);
    let key = |fragment: &str| document.method(&format!("{base}#{fragment}")).unwrap().key.clone();
    assert!(key("k1").is_ok() && key("jwk").is_ok() && key("2020").is_ok() && key("embedded").is_ok());
    assert!(matches!(key("wrong"), Err(KeyError::Unsupported(_))));
    assert_eq!(key("leak"), Err(KeyError::PrivateKey));
    assert_eq!(document.method("did:web:a.example#2020").unwrap().controller.as_str(), "did:web:b.example");
    assert_eq!(
        document.assertion_method.iter().collect::<Vec<_>>(),
        ["did:web:a.example#embedded", "did:web:a.example#k1"]
    );
    assert!(document.authentication.contains("did:web:a.example#jwk"));
    let unusable: Vec<_> = document.unusable.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        unusable,
        [
            "/verificationMethod/5/id",
            "/verificationMethod/6/expires",
            "/verificationMethod/8/id",
            "/verificationMethod/9/id",
            "/verificationMethod/10",
            "/assertionMethod/2"
        ]
    );
}

#[test]
fn malformed_documents_say_where() {
    let pointer = |raw: Value| DidDocument::parse(&raw).unwrap_err().pointer;
    assert_eq!(pointer(json!([])), "");
    assert_eq!(pointer(json!({ "id": "x" })), "/id");
    assert_eq!(pointer(json!({ "id": "did:web:a", "verificationMethod": 1 })), "/verificationMethod");
    assert_eq!(pointer(json!({ "id": "did:web:a", "assertionMethod": vec!["#k"; 257] })), "/assertionMethod");
}

proptest! {
    #[test]
    fn no_text_panics_the_did_readers(text in "(did:(web|key|jwk):)?([a-zA-Z0-9.%:/?#@\\\\ -]|%[0-9a-fA-F]{2}){0,40}|.{0,20}") {
        let _ = DidUrl::parse(&text);
        if let Ok(did) = Did::parse(&text) {
            prop_assert_eq!(did.as_str(), &text);
            let _ = (key::document(&did), jwk::document(&did));
            if let Ok(url) = web::url(&did) {
                prop_assert!(url.scheme() == "https" && url.username().is_empty() && url.query().is_none() && url.fragment().is_none());
                prop_assert!(url.path().ends_with("/did.json"));
            }
        }
    }
}
