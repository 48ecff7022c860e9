//! Proofs: what is refused and how it is named, sets, chains, and the one property that matters: any change fails.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use testamur::codec::multibase;
use testamur::crypto::proof::{
    Expected, ProofError, ProofOptions, Purpose, Secured, attach, proofs, sign, verify,
};
use testamur::crypto::{Ed25519Signer, KeyType, PublicKey, Signer};

const SUITE: &str = "eddsa-jcs-2022";

fn signer(n: u8) -> Ed25519Signer {
    let key = Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey();
    Ed25519Signer::from_seed(format!("did:key:{key}#{key}"), &[n; 32])
}

fn options() -> ProofOptions {
    ProofOptions::new(SUITE, "2026-07-03T02:00:00.4Z".parse::<Timestamp>().unwrap()).unwrap()
}

fn draft() -> Map<String, Value> {
    let draft = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", { "@vocab": "https://a.example/" }],
        "type": ["VerifiableCredential"], "issuer": "did:web:a.example",
        "credentialSubject": { "name": "Nguyễn Thị Đào", "list": [1, 2.5, true, null] },
    });
    draft.as_object().unwrap().clone()
}

fn signed() -> Map<String, Value> {
    let mut document = draft();
    let proof = sign(&document, &options(), &signer(1)).unwrap();
    attach(&mut document, proof);
    document
}

/// Parses, then verifies every proof with its own did:key.
fn verify_all(document: &Map<String, Value>) -> Result<usize, ProofError> {
    verify_as(document, &Expected::default())
}

fn verify_as(document: &Map<String, Value>, expected: &Expected<'_>) -> Result<usize, ProofError> {
    let secured = Secured::parse(document)?;
    for proof in secured.proofs() {
        proof.known_suite()?;
        let key = proof.verification_method.split_once('#').map(|(_, key)| PublicKey::from_multikey(key));
        let Some(Ok(key)) = key else { return Err(ProofError::BadSignature) };
        secured.verify(proof, &key, expected)?;
    }
    Ok(secured.proofs().len())
}

fn with(change: impl FnOnce(&mut Value)) -> ProofError {
    let mut document = Value::Object(signed());
    change(&mut document["proof"]);
    verify_all(document.as_object().unwrap()).unwrap_err()
}

/// The pointer of a malformed member; any other error reads as itself.
fn malformed_at(error: &ProofError) -> String {
    match error {
        ProofError::Malformed { pointer, .. } => pointer.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_proof_holds_what_the_options_say() {
    let mut more = options();
    more.id = Some("urn:uuid:1".into());
    more.purpose = Purpose::Authentication;
    more.domain = Some("a.example".into());
    more.challenge = Some("c1".into());
    more.expires = Some("2027-01-01T00:00:00Z".parse().unwrap());
    let proof = sign(&draft(), &more, &signer(1)).unwrap();
    let members: Vec<_> = proof.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "@context",
            "type",
            "id",
            "cryptosuite",
            "created",
            "expires",
            "verificationMethod",
            "proofPurpose",
            "domain",
            "challenge",
            "proofValue"
        ]
    );
    assert_eq!(
        (&proof["created"], &proof["@context"]),
        (&json!("2026-07-03T02:00:00Z"), &draft()["@context"])
    );

    let mut document = draft();
    attach(&mut document, proof);
    let expected = |domain, challenge| Expected { purpose: Purpose::Authentication, domain, challenge };
    assert_eq!(verify_as(&document, &expected(None, None)), Ok(1));
    assert_eq!(verify_as(&document, &expected(Some("a.example"), Some("c1"))), Ok(1));
    assert!(matches!(
        verify_as(&document, &expected(Some("b.example"), None)),
        Err(ProofError::WrongDomain { .. })
    ));
    assert!(matches!(
        verify_as(&document, &expected(None, Some("c2"))),
        Err(ProofError::WrongChallenge { .. })
    ));
    assert!(
        matches!(verify_all(&document), Err(ProofError::WrongPurpose { pointer, .. }) if pointer == "/proof/proofPurpose")
    );
}

#[test]
fn malformed_proofs_are_named() {
    assert_eq!(verify_all(&draft()), Err(ProofError::NoProof));
    assert_eq!(with(|proof| *proof = json!([])), ProofError::NoProof);
    assert_eq!(malformed_at(&with(|proof| *proof = json!("x"))), "/proof");
    assert_eq!(malformed_at(&with(|proof| *proof = json!([proof.take(), 1]))), "/proof/1");
    for member in ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"] {
        let gone = with(|proof| drop(proof.as_object_mut().unwrap().remove(member)));
        assert_eq!(malformed_at(&gone), format!("/proof/{member}"));
        assert_eq!(malformed_at(&with(|proof| proof[member] = json!(["a"]))), format!("/proof/{member}"));
    }
    for (member, value) in [
        ("created", json!("2026-07-03")),
        ("created", json!("2026-07-03T02:00:00")),
        ("created", json!(1)),
        ("expires", json!("never")),
        ("id", json!("")),
        ("id", json!({})),
        ("domain", json!([1])),
        ("challenge", json!(["x"])),
        ("previousProof", json!({})),
        ("verificationMethod", json!("x".repeat(3000))),
        ("proofValue", json!("u0000")),
        ("proofValue", json!("f00")),
        ("proofValue", json!("")),
    ] {
        assert_eq!(
            malformed_at(&with(|proof| proof[member] = value.clone())),
            format!("/proof/{member}"),
            "{value}"
        );
    }
    for value in ["z0", "zOIl", &format!("z{}", "2".repeat(1_000_000))[..]] {
        let problem = with(|proof| proof["proofValue"] = value.into());
        assert!(matches!(problem, ProofError::ProofValue { .. } | ProofError::Malformed { .. }), "{problem}");
    }
    let many = with(|proof| *proof = Value::Array(vec![proof.take(); 17]));
    assert_eq!(many, ProofError::TooMany { count: 17, max: 16 });
}

#[test]
fn suites_and_keys_must_be_known_and_fit() {
    let unknown = |name: &str| ProofError::UnsupportedSuite { pointer: "/proof".into(), name: name.into() };
    assert_eq!(with(|proof| proof["cryptosuite"] = "bbs-2023".into()), unknown("bbs-2023"));
    assert_eq!(with(|proof| proof["cryptosuite"] = "eddsa-jcs-2022 ".into()), unknown("eddsa-jcs-2022 "));
    assert_eq!(
        with(|proof| proof["cryptosuite"] = "Ed25519Signature2020".into()),
        unknown("Ed25519Signature2020")
    );
    let document = json!({ "proof": { "type": "Ed25519Signature2018", "jws": "a..b" } });
    let views = proofs(document.as_object().unwrap()).unwrap();
    assert_eq!((views[0].suite_name, views[0].suite.is_none()), ("Ed25519Signature2018", true));

    let p256 = PublicKey::from_multikey("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv").unwrap();
    let document = signed();
    let error = verify(&document, document["proof"].as_object().unwrap(), &p256).unwrap_err();
    assert_eq!(
        error,
        ProofError::WrongKeyType { pointer: "/proof".into(), suite: SUITE, key: KeyType::P256 }
    );
    assert!(ProofOptions::new("eddsa-jcs-2023", Timestamp::UNIX_EPOCH).is_err());
}

#[test]
fn wrong_keys_and_lengths_do_not_verify() {
    let document = signed();
    let proof = document["proof"].as_object().unwrap();
    assert_eq!(verify(&document, proof, signer(1).public_key()), Ok(()));
    assert_eq!(verify(&document, proof, signer(2).public_key()), Err(ProofError::BadSignature));
    for length in [0, 1, 63, 65, 96] {
        let short = with(|proof| proof["proofValue"] = multibase::encode_base58btc(&vec![1; length]).into());
        assert_eq!(short, ProofError::BadSignature, "{length}");
    }
    // A missing created is allowed, and is then signed as missing.
    assert_eq!(
        with(|proof| drop(proof.as_object_mut().unwrap().remove("created"))),
        ProofError::BadSignature
    );
    let mut undated = options();
    undated.created = None;
    let mut document = draft();
    let proof = sign(&document, &undated, &signer(1)).unwrap();
    attach(&mut document, proof);
    assert_eq!(verify_all(&document), Ok(1));
}

#[test]
fn a_context_appended_after_signing_is_not_in_the_verified_document() {
    let mut document = signed();
    let context = |document: &mut Map<String, Value>| document["@context"].as_array_mut().unwrap().clone();
    let own = context(&mut document);
    document["@context"].as_array_mut().unwrap().push("https://evil.example/v1".into());
    let secured = Secured::parse(&document).unwrap();
    let proof = &secured.proofs()[0];
    assert_eq!(secured.verify(proof, signer(1).public_key(), &Expected::default()), Ok(()));
    let verified = secured.verified(proof);
    assert_eq!(verified["@context"], Value::Array(own));
    assert_eq!(verified.keys().collect::<Vec<_>>(), document.keys().collect::<Vec<_>>());

    let mut prefixed = signed();
    prefixed["@context"].as_array_mut().unwrap().insert(0, "https://evil.example/v1".into());
    assert!(
        matches!(verify_all(&prefixed), Err(ProofError::ContextMismatch { pointer }) if pointer == "/proof/@context")
    );
    let mut dropped = signed();
    dropped.remove("@context");
    assert!(matches!(verify_all(&dropped), Err(ProofError::ContextMismatch { .. })));
    let mut unbound = signed();
    unbound["proof"].as_object_mut().unwrap().remove("@context");
    assert_eq!(verify_all(&unbound), Err(ProofError::BadSignature));
}

#[test]
fn every_proof_of_a_set_stands_alone() {
    let mut document = signed();
    let second = sign(&document, &options(), &signer(2)).unwrap();
    attach(&mut document, second);
    let third = sign(&document, &options(), &signer(3)).unwrap();
    attach(&mut document, third);
    assert_eq!(verify_all(&document), Ok(3));
    for broken in 0..3 {
        let mut copy = document.clone();
        copy["proof"][broken]["created"] = "2026-07-03T02:00:01Z".into();
        assert_eq!(verify_all(&copy), Err(ProofError::BadSignature));
    }
    document["proof"].as_array_mut().unwrap().remove(1);
    assert_eq!(verify_all(&document), Ok(2));
}

fn chain() -> Map<String, Value> {
    let mut document = draft();
    for (n, id, previous) in
        [(1, Some("urn:1"), vec![]), (2, Some("urn:2"), vec!["urn:1"]), (3, None, vec!["urn:1", "urn:2"])]
    {
        let mut options = options();
        options.id = id.map(str::to_owned);
        options.previous = previous.into_iter().map(str::to_owned).collect();
        let proof = sign(&document, &options, &signer(n)).unwrap();
        attach(&mut document, proof);
    }
    document
}

#[test]
fn a_chain_binds_the_proofs_it_builds_on() {
    let document = chain();
    assert_eq!(verify_all(&document), Ok(3));
    let proof = document["proof"][2].as_object().unwrap().clone();
    assert_eq!(verify(&document, &proof, signer(3).public_key()), Ok(()));

    let mut gone = document.clone();
    gone["proof"].as_array_mut().unwrap().remove(0);
    assert!(
        matches!(verify_all(&gone), Err(ProofError::PreviousMissing { pointer, id }) if pointer == "/proof/0/previousProof" && id == "urn:1")
    );
    let mut swapped = document.clone();
    let mut options = options();
    options.id = Some("urn:1".into());
    swapped["proof"][0] = sign(&draft(), &options, &signer(9)).unwrap();
    assert_eq!(verify_all(&swapped), Err(ProofError::BadSignature));
    let mut twice = document.clone();
    twice["proof"][1]["id"] = "urn:1".into();
    assert!(
        matches!(verify_all(&twice), Err(ProofError::DuplicateId { pointer }) if pointer == "/proof/1/id")
    );
    options.previous = vec!["urn:404".into()];
    assert!(matches!(sign(&document, &options, &signer(1)), Err(ProofError::PreviousMissing { .. })));
}

#[test]
fn chains_that_lead_back_are_refused() {
    let mut document = chain();
    document["proof"][0]["previousProof"] = json!(["urn:2"]);
    assert!(
        matches!(verify_all(&document), Err(ProofError::PreviousCycle { pointer }) if pointer == "/proof/0/previousProof")
    );
    let mut document = signed();
    document["proof"]["id"] = "urn:1".into();
    document["proof"]["previousProof"] = "urn:1".into();
    assert!(
        matches!(verify_all(&document), Err(ProofError::PreviousCycle { pointer }) if pointer == "/proof/previousProof")
    );
}

/// Every place in a JSON value, as pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), out))
        }
        Value::Object(object) => {
            object.iter().for_each(|(name, item)| {
                places(item, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), out)
            });
        }
        _ => {}
    }
}

#[test]
fn any_single_change_fails() {
    let document = Value::Object(chain());
    let mut all = Vec::new();
    places(&document, "", &mut all);
    for pointer in all.iter().filter(|pointer| !pointer.is_empty()) {
        for replacement in [json!("changed"), json!(null), json!(0), json!([]), json!({})] {
            let mut copy = document.clone();
            let slot = copy.pointer_mut(pointer).unwrap();
            if *slot == replacement {
                continue;
            }
            *slot = replacement;
            assert!(verify_all(copy.as_object().unwrap()).is_err(), "{pointer}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_whatever_it_says(name in ".*", value in ".*", number in -9007199254740991i64..=9007199254740991) {
        let mut document = draft();
        document["credentialSubject"][name] = json!([value, number]);
        let proof = sign(&document, &options(), &signer(4)).unwrap();
        attach(&mut document, proof);
        prop_assert_eq!(verify_all(&document), Ok(1));
    }
}

/// A credential whose every term is defined, so that both suites can sign it.
fn open_badge() -> Map<String, Value> {
    let draft = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "https://a.example/c/1", "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": { "id": "did:web:a.example", "type": ["Profile"], "name": "Trường" }, "validFrom": "2026-07-03T00:00:00+07:00",
        "credentialSubject": { "type": ["AchievementSubject"], "achievement": {
            "id": "https://a.example/a/1", "type": ["Achievement"], "name": "Hàn", "description": "Hàn hồ quang", "criteria": { "narrative": "Thi" } } },
    });
    draft.as_object().unwrap().clone()
}

fn rdfc() -> ProofOptions {
    ProofOptions::new("eddsa-rdfc-2022", "2026-07-03T02:00:00Z".parse().unwrap()).unwrap()
}

#[test]
fn under_rdfc_any_changed_value_fails() {
    let mut document = open_badge();
    let proof = sign(&document, &rdfc(), &signer(1)).unwrap();
    attach(&mut document, proof);
    assert_eq!(verify_all(&document), Ok(1));
    let document = Value::Object(document);
    let mut all = Vec::new();
    places(&document, "", &mut all);
    for pointer in all.iter().filter(|pointer| document.pointer(pointer).is_some_and(Value::is_string)) {
        for replacement in [json!("changed"), json!("https://b.example/"), json!({}), json!(0)] {
            let mut copy = document.clone();
            *copy.pointer_mut(pointer).unwrap() = replacement;
            assert!(verify_all(copy.as_object().unwrap()).is_err(), "{pointer}");
        }
    }
    let mut added = document.clone();
    added["credentialSubject"]["grade"] = "9".into();
    let error = verify_all(added.as_object().unwrap()).unwrap_err();
    assert!(
        matches!(&error, ProofError::JsonLd(problem) if problem.pointer == "/credentialSubject/grade"),
        "{error}"
    );
    let mut noted = document.clone();
    noted["proof"]["note"] = "x".into();
    let error = verify_all(noted.as_object().unwrap()).unwrap_err();
    assert!(matches!(&error, ProofError::JsonLd(problem) if problem.pointer == "/proof/note"), "{error}");
}

#[test]
fn a_set_may_mix_suites_and_a_chain_bind_across_them() {
    let mut document = open_badge();
    let mut first = rdfc();
    first.id = Some("urn:uuid:1b3f0e0c-6d6a-4b25-9a53-7b0c1a1f0c01".into());
    let proof = sign(&document, &first, &signer(1)).unwrap();
    attach(&mut document, proof);
    let proof = sign(&document, &options(), &signer(2)).unwrap();
    attach(&mut document, proof);
    for mut third in [rdfc(), options()] {
        third.previous = vec![first.id.clone().unwrap()];
        let proof = sign(&document, &third, &signer(3)).unwrap();
        attach(&mut document, proof);
    }
    assert_eq!(verify_all(&document), Ok(4));
    // The later two no longer hold when the first is replaced by another good one.
    first.created = None;
    document["proof"][0] = sign(&open_badge(), &first, &signer(1)).unwrap();
    let secured = Secured::parse(&document).unwrap();
    let holds: Vec<bool> = secured
        .proofs()
        .iter()
        .map(|proof| {
            let key = PublicKey::from_multikey(proof.verification_method.split_once('#').unwrap().1).unwrap();
            secured.verify(proof, &key, &Expected::default()).is_ok()
        })
        .collect();
    assert_eq!(holds, [true, true, false, false]);
}

#[test]
fn suites_that_only_verify_do_not_sign() {
    let error = ProofOptions::new("ecdsa-rdfc-2019", Timestamp::UNIX_EPOCH)
        .map(|options| sign(&open_badge(), &options, &signer(1)));
    assert!(matches!(error, Ok(Err(ProofError::CannotSign { suite: "ecdsa-rdfc-2019", .. }))));
    assert!(matches!(
        ProofOptions::new("Ed25519Signature2020", Timestamp::UNIX_EPOCH),
        Err(ProofError::UnsupportedSuite { .. })
    ));
}
