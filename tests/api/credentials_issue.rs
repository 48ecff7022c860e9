//! `POST /credentials/issue`

use serde_json::{Value, json};
use testamur::crypto::proof::{self, ProofOptions};
use testamur::crypto::{Ed25519Signer, Signer};
use testamur::did;

use crate::support::{TestHouse, diploma, draft, generic, page_of};

const ISSUE: &str = "/credentials/issue";

#[tokio::test]
async fn a_diploma_is_issued_and_stands_at_its_address() {
    let house = TestHouse::new().await;
    let answer = house.college().post(ISSUE, &json!({"credential": diploma()})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let issued = answer.json()["verifiableCredential"].clone();
    assert_eq!(answer.header("location"), issued["id"].as_str().unwrap());
    assert_eq!(issued["issuer"]["id"], house.did("ha-noi"));
    assert_eq!(issued["proof"]["cryptosuite"], "eddsa-rdfc-2022");
    assert_eq!(issued["validFrom"], "2026-11-22T08:00:00Z");
    assert_eq!(issued["credentialStatus"].as_array().unwrap().len(), 2);
    // The bytes on record are the bytes that left.
    let shown = house.stranger().get(&page_of(&issued)).await;
    let prefix = b"{\"verifiableCredential\":".len();
    assert_eq!(shown.body, &answer.body[prefix..answer.body.len() - 1]);
}

#[tokio::test]
async fn every_kind_is_issued_with_both_suites() {
    for kind in ["diploma", "micro-credential", "skill-certificate", "transcript", "generic"] {
        for suite in ["eddsa-rdfc-2022", "eddsa-jcs-2022"] {
            for size in ["minimal", "full"] {
                let house = TestHouse::new().await;
                let body = json!({"credential": draft(&format!("{kind}/{size}.json")), "options": {"cryptosuite": suite}});
                let answer = house.college().post(ISSUE, &body).await;
                assert_eq!(answer.status, 201, "{kind} {size}: {}", answer.text());
                assert_eq!(answer.json()["verifiableCredential"]["proof"]["cryptosuite"], suite);
                let verdict = house.stranger().post("/credentials/verify", &answer.json()).await;
                assert_eq!(verdict.status, 200, "{kind} {size}: {}", verdict.text());
                assert_eq!(verdict.json()["state"], "genuine");
            }
        }
    }
}

#[tokio::test]
async fn a_transcript_holds_courses_issued_before_it() {
    let house = TestHouse::new().await;
    let mut transcript = draft("transcript/full.json");
    for course in transcript["credentialSubject"]["verifiableCredential"].as_array_mut().unwrap() {
        let answer = house.college().post(ISSUE, &json!({"credential": course})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        *course = answer.json()["verifiableCredential"].clone();
    }
    let answer = house.college().post(ISSUE, &json!({"credential": transcript})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let verdict = house.stranger().post("/credentials/verify", &answer.json()).await;
    assert_eq!(verdict.json()["state"], "genuine", "{}", verdict.text());
}

#[tokio::test]
async fn vc_1_1_gains_one_context_and_nothing_else() {
    let house = TestHouse::new().await;
    let mut posted = draft("generic/vc-1.1.json");
    posted["issuer"] = json!(house.did("ha-noi"));
    let answer = house.college().post(ISSUE, &json!({"credential": posted})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let mut issued = answer.json()["verifiableCredential"].clone();
    let contexts = issued["@context"].as_array_mut().unwrap();
    assert_eq!(contexts.pop().unwrap(), "https://w3id.org/security/data-integrity/v2");
    issued.as_object_mut().unwrap().shift_remove("proof");
    posted["issuanceDate"] = issued["issuanceDate"].clone();
    assert_eq!(issued.as_object().unwrap().len(), posted.as_object().unwrap().len());
}

#[tokio::test]
async fn who_may_not_issue_is_told_so() {
    let house = TestHouse::new().await;
    let body = json!({"credential": diploma()});
    let answer = house.stranger().post(ISSUE, &body).await;
    assert_eq!(answer.problem(401).0, "token-missing");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(house.bearing("nonsense").post(ISSUE, &body).await.problem(401).0, "token-invalid");
    assert_eq!(house.auditor().post(ISSUE, &body).await.problem(403).0, "not-allowed");
    let foreign = json!({"credential": with(diploma(), "issuer", json!(house.did("ha-noi")))});
    assert_eq!(house.neighbour().post(ISSUE, &foreign).await.problem(403).0, "not-allowed");
    let nobody = json!({"credential": with(diploma(), "issuer", json!("did:web:elsewhere.example"))});
    assert_eq!(house.college().post(ISSUE, &nobody).await.problem(403).0, "issuer-not-ours");
    assert_eq!(house.admin().post(ISSUE, &body).await.problem(400).0, "issuer-ambiguous");
    let named = json!({"credential": diploma(), "options": {"institution": "vientiane"}});
    assert_eq!(house.admin().post(ISSUE, &named).await.status, 201);
}

#[tokio::test]
async fn what_is_not_understood_is_named() {
    let house = TestHouse::new().await;
    let college = house.college();
    for (body, pointer) in [
        (json!([]), ""),
        (json!({}), "/credential"),
        (json!({"verifiableCredential": diploma(), "options": {}}), "/verifiableCredential"),
        (json!({"credential": "text"}), "/credential"),
        (json!({"credential": diploma(), "options": 4}), "/options"),
        (
            json!({"credential": diploma(), "options": {"mandatoryPointers": []}}),
            "/options/mandatoryPointers",
        ),
        (json!({"credential": diploma(), "options": {"cryptosuite": 1}}), "/options/cryptosuite"),
        (json!({"credential": diploma(), "options": {"institution": "Hà Nội"}}), "/options/institution"),
        (json!({"credential": diploma(), "options": {"profile": "other"}}), "/options/profile"),
        (json!({"credential": diploma(), "options": {"visibility": "secret"}}), "/options/visibility"),
    ] {
        let answer = college.post(ISSUE, &body).await;
        assert_eq!(answer.problem(400).0, "request-invalid", "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    let body = json!({"credential": diploma(), "options": {"cryptosuite": "bbs-2023"}});
    assert_eq!(college.post(ISSUE, &body).await.problem(400).0, "suite-unsupported");
    let (code, detail) =
        college.post_text(ISSUE, "{\"credential\": {\"a\": 1,\n \"a\": 2}}").await.problem(400);
    assert_eq!(code, "json-invalid");
    assert!(detail.contains("line 2") && detail.contains("/credential/a"), "{detail}");
    let text = college
        .clone()
        .with("content-type", "text/plain")
        .send(http::Method::POST, ISSUE, "{}".into(), &[])
        .await;
    assert_eq!(text.problem(415).0, "media-type-unsupported");
}

#[tokio::test]
async fn a_bad_draft_is_refused_member_by_member() {
    let house = TestHouse::new().await;
    let mut bad = diploma();
    bad["validUntil"] = json!("tomorrow");
    let answer = house.college().post(ISSUE, &json!({"credential": bad})).await;
    assert_eq!(answer.problem(422).0, "draft-invalid");
    let pointers = answer.pointers();
    assert!(pointers.iter().any(|pointer| pointer == "/credential/validUntil"), "{pointers:?}");
    let mut bad = diploma();
    bad.as_object_mut().unwrap().shift_remove("awardedDate");
    let answer = house.college().post(ISSUE, &json!({"credential": bad})).await;
    assert_eq!(answer.pointers(), ["/credential/awardedDate"]);
    let undefined = with(generic(), "statusEntry", json!("x"));
    assert_eq!(
        house.college().post(ISSUE, &json!({"credential": undefined})).await.problem(422).0,
        "draft-invalid"
    );
}

#[tokio::test]
async fn an_id_is_issued_once_per_institution() {
    let house = TestHouse::new().await;
    let body =
        json!({"credential": with(diploma(), "id", json!("urn:uuid:0b7e6a4e-5f2b-4f5e-9d0a-000000000001"))});
    assert_eq!(house.college().post(ISSUE, &body).await.status, 201);
    assert_eq!(house.college().post(ISSUE, &body).await.problem(409).0, "already-issued");
    assert_eq!(house.neighbour().post(ISSUE, &body).await.status, 201);
}

#[tokio::test]
async fn a_retry_issues_once() {
    let house = TestHouse::new().await;
    let college = house.college().with("idempotency-key", "cohort 2026, row 7");
    let body = json!({"credential": diploma()});
    let first = college.post(ISSUE, &body).await;
    let second = college.post(ISSUE, &body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(second.header("idempotency-replayed"), "true");
    let other = json!({"credential": with(diploma(), "name", json!("Khác"))});
    assert_eq!(college.post(ISSUE, &other).await.problem(409).0, "idempotency-mismatch");
    let long = house.college().with("idempotency-key", &"x".repeat(256));
    assert_eq!(long.post(ISSUE, &body).await.problem(400).0, "request-invalid");
}

#[tokio::test]
async fn what_has_its_own_procedure_is_not_issued_here() {
    let house = TestHouse::new().await;
    let list = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": "u"},
    });
    assert_eq!(
        house.college().post(ISSUE, &json!({"credential": list})).await.problem(403).0,
        "type-reserved"
    );
}

#[tokio::test]
async fn a_prepared_draft_is_issued_as_it_was_prepared() {
    let house = TestHouse::new().await;
    let answer = house.college().post("/credentials/prepare", &json!({"credential": diploma()})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let prepared = answer.json()["credential"].clone();
    let issued = house.college().post(ISSUE, &json!({"credential": prepared})).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let issued = issued.json()["verifiableCredential"].clone();
    assert_eq!(
        (&issued["id"], &issued["credentialStatus"]),
        (&prepared["id"], &prepared["credentialStatus"])
    );
    assert_eq!(house.stranger().get(&crate::support::page_of(&issued)).await.json(), issued);
}

fn with(mut draft: Value, name: &str, value: Value) -> Value {
    draft[name] = value;
    draft
}

#[tokio::test]
async fn a_bit_of_another_credential_cannot_be_borrowed() {
    let house = TestHouse::new().await;
    let answer = house.college().post(ISSUE, &json!({"credential": diploma()})).await;
    let theirs = answer.json()["verifiableCredential"]["credentialStatus"].clone();
    // By the same institution, and by its neighbour in the same service.
    for actor in [house.college(), house.neighbour()] {
        let mut draft = generic();
        draft["credentialStatus"] = theirs.clone();
        let answer = actor.post(ISSUE, &json!({"credential": draft})).await;
        assert_eq!(answer.problem(409).0, "conflict", "{}", answer.text());
    }
    // By somebody elsewhere: our list says nothing of a credential that is not our institution's.
    let seed = [9; 32];
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &seed).public_key());
    let signer = Ed25519Signer::from_seed(did.with_fragment(did.method_specific_id()), &seed);
    let mut stranger = generic().as_object().cloned().unwrap();
    stranger.insert("issuer".into(), json!(did));
    stranger.insert("credentialStatus".into(), theirs);
    let options = ProofOptions::new("eddsa-jcs-2022", house.app.now()).unwrap();
    let proof = proof::sign(&stranger, &options, &signer).unwrap();
    proof::attach(&mut stranger, proof);
    let verdict =
        house.stranger().post("/credentials/verify", &json!({"verifiableCredential": stranger})).await;
    assert_eq!(verdict.status, 422, "{}", verdict.text());
    let codes: Vec<_> =
        verdict.json()["checks"].as_array().unwrap().iter().map(|check| check["code"].clone()).collect();
    assert!(!codes.contains(&json!("status.active")), "{codes:?}");
}
