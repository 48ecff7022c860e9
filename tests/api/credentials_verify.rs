//! `POST /credentials/verify`

use serde_json::{Map, Value, json};
use testamur::crypto::proof::{self, ProofOptions};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did;

use crate::shared;
use crate::support::TestHouse;

const VERIFY: &str = "/credentials/verify";

#[tokio::test]
async fn a_genuine_diploma_verifies_without_a_token() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let answer = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let verdict = answer.json();
    assert_eq!((&verdict["verified"], &verdict["state"]), (&json!(true), &json!("genuine")));
    assert_eq!(verdict["issuer"]["id"], house.did("ha-noi"));
    assert_eq!(verdict["issuer"]["vouchedBy"], "this-service");
    assert_eq!(verdict["verifiableCredential"], issued);
    assert_eq!(verdict["times"]["checked"], "2026-11-22T08:00:00Z");
    assert!(verdict.get("problemDetails").is_none() && verdict.get("errors").is_none());
    // A token that is not good here does not matter: anybody may verify.
    assert_eq!(
        house.bearing("nonsense").post(VERIFY, &json!({"verifiableCredential": issued})).await.status,
        200
    );
}

#[tokio::test]
async fn an_issuer_named_by_its_key_verifies_everywhere() {
    let house = TestHouse::new().await;
    let draft = json!({"credential": crate::support::generic()});
    let issued = house.conformance().post("/credentials/issue", &draft).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let elsewhere = TestHouse::new().await;
    let mut bare = issued.json();
    bare["options"] = json!({"checks": ["proof"]});
    assert_eq!(elsewhere.stranger().post(VERIFY, &bare).await.status, 200);
    let verdict = house.stranger().post(VERIFY, &issued.json()).await;
    assert_eq!((verdict.status, verdict.json()["state"].clone()), (200, json!("genuine")));
}

#[tokio::test]
async fn a_changed_diploma_does_not() {
    let house = TestHouse::new().await;
    let mut issued = house.diploma().await;
    issued["awardedDate"] = json!("2025-07-15T00:00:00+07:00");
    let answer = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!(answer.status, 422);
    let verdict = answer.json();
    assert_eq!((&verdict["verified"], &verdict["state"]), (&json!(false), &json!("not-genuine")));
    assert!(verdict.get("verifiableCredential").is_none(), "what is not verified is not returned");
    assert!(answer.troubles().contains(&"proof.invalid".to_owned()), "{:?}", answer.troubles());
    let details = verdict["problemDetails"].as_array().unwrap();
    assert!(details.iter().any(|detail| detail["title"] == "proof.invalid"));
}

#[tokio::test]
async fn an_expired_one_is_genuine_but() {
    let house = TestHouse::new().await;
    let mut draft = crate::support::generic();
    draft["validUntil"] = json!("2026-12-31T00:00:00Z");
    let issued = house.college().post("/credentials/issue", &json!({"credential": draft})).await.json();
    house.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    let answer = house.stranger().post(VERIFY, &issued).await;
    assert_eq!((answer.status, answer.json()["state"].clone()), (422, json!("genuine-but")));
    let narrowed =
        json!({"verifiableCredential": issued["verifiableCredential"], "options": {"checks": ["proof"]}});
    assert_eq!(house.stranger().post(VERIFY, &narrowed).await.status, 200);
    let everything = format!("{VERIFY}?checks=proof");
    assert_eq!(house.stranger().post(&everything, &issued).await.status, 200);
}

#[tokio::test]
async fn what_is_malformed_is_named() {
    let house = TestHouse::new().await;
    let stranger = house.stranger();
    let issued = house.diploma().await;
    let with = |options: Value| json!({"verifiableCredential": issued, "options": options});
    for (body, pointer) in [
        (json!({}), "/verifiableCredential"),
        (json!([]), ""),
        (json!({"verifiableCredential": "text"}), "/verifiableCredential"),
        (json!({"verifiableCredential": []}), "/verifiableCredential"),
        (json!({"verifiableCredential": {}, "also": 1}), "/also"),
        (with(json!([])), "/options"),
        (with(json!({"trust": "me"})), "/options/trust"),
        (with(json!({"checks": "proof"})), "/options/checks"),
        (with(json!({"checks": ["status"]})), "/options/checks"),
        (with(json!({"checks": ["proof", "proof"]})), "/options/checks"),
        (with(json!({"domain": 4})), "/options/domain"),
    ] {
        let answer = stranger.post(VERIFY, &body).await;
        assert_eq!(answer.problem(400).0, "request-invalid", "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    assert_eq!(stranger.post_text(VERIFY, "").await.problem(400).0, "json-invalid");
    assert_eq!(stranger.post_text(VERIFY, "{\"verifiableCredential\":").await.problem(400).0, "json-invalid");
    assert_eq!(stranger.post(&format!("{VERIFY}?checks=none"), &with(json!({}))).await.status, 400);
    assert_eq!(stranger.post(VERIFY, &json!({"verifiableCredential": {}})).await.status, 422);
}

#[tokio::test]
async fn a_proof_for_somebody_else_does_not_verify() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    for options in [json!({"domain": "https://employer.example"}), json!({"challenge": "7"})] {
        let body = json!({"verifiableCredential": issued, "options": options});
        let answer = house.stranger().post(VERIFY, &body).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.troubles(), ["proof.audience"]);
        assert_eq!(answer.json()["verified"], false);
    }
}

#[tokio::test]
async fn a_heavy_document_is_judged_beside_the_others() {
    let house = TestHouse::new().await;
    let mut heavy = crate::support::generic();
    heavy["description"] = json!("x".repeat(100_000));
    let issued = house.college().post("/credentials/issue", &json!({"credential": heavy})).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    assert_eq!(house.stranger().post(VERIFY, &issued.json()).await.status, 200);
}

#[tokio::test]
async fn the_worked_examples_verify_but_for_the_way_to_their_issuer() {
    let house = TestHouse::new().await;
    for name in ["examples/01-vn-college-diploma-welding.json", "examples/04-vn-transcript-clr.json"] {
        let Some(example) = shared::json(name) else { return };
        let answer = house.stranger().post(VERIFY, &json!({"verifiableCredential": example})).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["state"], "could-not-be-checked", "{}", answer.text());
    }
}

/// A credential of somebody elsewhere, with these members beside the usual ones.
fn foreign(house: &TestHouse, members: Value, with: impl FnOnce(&mut ProofOptions)) -> Map<String, Value> {
    let seed = [9; 32];
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &seed).public_key());
    let signer = Ed25519Signer::from_seed(did.with_fragment(did.method_specific_id()), &seed);
    let mut document = crate::support::generic().as_object().cloned().unwrap();
    document.insert("issuer".into(), json!(did));
    document.extend(members.as_object().cloned().unwrap());
    let mut options = ProofOptions::new("eddsa-jcs-2022", house.app.now()).unwrap();
    with(&mut options);
    let proof = proof::sign(&document, &options, &signer).unwrap();
    proof::attach(&mut document, proof);
    document
}

#[tokio::test]
async fn a_related_resource_nobody_here_knows_is_neither_confirmed_nor_held_against_it() {
    let house = TestHouse::new().await;
    let known = json!({"id": "https://www.w3.org/ns/credentials/v2",
        "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"});
    let unknown = json!({"id": "https://elsewhere.example/logo.svg",
        "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"});
    let wrong = json!({"id": "https://www.w3.org/ns/credentials/v2",
        "digestMultibase": "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"});
    for (resource, status, code) in [
        (known.clone(), 200, None),
        (json!([known, unknown]), 422, Some("form.resource.unknown")),
        (json!([unknown, wrong]), 422, Some("form.resource.digest")),
    ] {
        let document = foreign(&house, json!({"relatedResource": resource}), |_| {});
        let answer =
            house.stranger().post(VERIFY, &json!({"verifiableCredential": document, "options": {}})).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let troubles = answer.troubles();
        assert_eq!(troubles.first().map(String::as_str).filter(|one| one.starts_with("form")), code);
        assert_eq!(answer.json()["state"], "could-not-be-checked");
        assert_eq!(answer.json()["checks"][0]["code"] == "form.valid", code != Some("form.resource.digest"));
    }
    // What cannot be confirmed is not signed here.
    let mut draft = crate::support::generic();
    draft["relatedResource"] = unknown;
    let answer = house.college().post("/credentials/issue", &json!({"credential": draft})).await;
    assert_eq!(answer.problem(422).0, "draft-invalid");
    assert_eq!(answer.pointers(), ["/credential/relatedResource/id"]);
}

#[tokio::test]
async fn a_proof_for_this_audience_verifies_and_a_broken_one_is_told_as_broken() {
    let house = TestHouse::new().await;
    let document = foreign(&house, json!({}), |options| {
        options.domain = Some("https://employer.example".to_owned());
        options.challenge = Some("7".to_owned());
    });
    let ask = |document: &Map<String, Value>, domain: &str, challenge: &str| json!({"verifiableCredential": document, "options": {"domain": domain, "challenge": challenge}});
    let stranger = house.stranger();
    let good = stranger.post(VERIFY, &ask(&document, "https://employer.example", "7")).await;
    assert_eq!(good.status, 200, "{}", good.text());
    for (domain, challenge) in [("https://other.example", "7"), ("https://employer.example", "8")] {
        let answer = stranger.post(VERIFY, &ask(&document, domain, challenge)).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.troubles(), ["proof.audience", "issuer.not.listed"]);
        assert!(answer.json().get("issuer").is_some(), "whoever signed it is proved all the same");
        let mut narrowed = ask(&document, domain, challenge);
        narrowed["options"]["checks"] = json!(["proof"]);
        assert_eq!(stranger.post(VERIFY, &narrowed).await.troubles(), ["proof.audience"]);
    }
    let mut changed = document.clone();
    changed.insert("name".into(), json!("other"));
    let answer = stranger.post(VERIFY, &ask(&changed, "https://other.example", "7")).await;
    assert_eq!(answer.troubles(), ["proof.invalid", "proof.audience"]);
    assert_eq!(answer.json()["state"], "not-genuine");
}
