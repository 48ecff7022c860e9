//! `POST /credentials/status`

use serde_json::{Value, json};

use crate::support::{TestHouse, page_of};

const STATUS: &str = "/credentials/status";
const VERIFY: &str = "/credentials/verify";

#[tokio::test]
async fn a_revocation_is_seen_at_once_and_is_final() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let body = change(&issued, "revocation", true);
    let answer = house.college().post(STATUS, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["value"], true);
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!((verdict.status, verdict.json()["state"].clone()), (422, json!("withdrawn")));
    assert_eq!(verdict.troubles(), ["status.revoked"]);
    assert_eq!(house.college().post(STATUS, &body).await.problem(409).0, "status-conflict");
    let lifted = change(&issued, "revocation", false);
    assert_eq!(house.college().post(STATUS, &lifted).await.problem(409).0, "status-conflict");
    let page = house.browser().with("accept-language", "en").get(&page_of(&issued)).await;
    assert!(page.text().contains("issued in error"));
}

#[tokio::test]
async fn a_suspension_can_be_lifted() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    for (value, state) in [(true, "withdrawn"), (false, "genuine")] {
        assert_eq!(house.college().post(STATUS, &change(&issued, "suspension", value)).await.status, 200);
        let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
        assert_eq!(verdict.json()["state"], state);
    }
}

#[tokio::test]
async fn the_words_of_vc_api_are_understood() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": "1"});
    let body = json!({"credentialId": issued["id"], "credentialStatus": [entry]});
    let answer = house.college().post(STATUS, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["reason"], "unspecified");
}

#[tokio::test]
async fn a_replaced_credential_names_its_successor() {
    let house = TestHouse::new().await;
    let (old, new) = (house.diploma().await, house.diploma().await);
    let mut body = change(&old, "revocation", true);
    body["successor"] = new["id"].clone();
    body.as_object_mut().unwrap().shift_remove("reason");
    assert_eq!(house.college().post(STATUS, &body).await.json()["reason"], "superseded");
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": old})).await;
    assert_eq!(verdict.troubles(), ["status.replaced"]);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_record_and_memory_in_step() {
    use futures_util::FutureExt as _;
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let body = change(&issued, "revocation", true);
    assert!(house.college().post(STATUS, &body).now_or_never().is_none(), "gone before the answer");
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.college().post(STATUS, &body).await.problem(409).0, "status-conflict");
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!(verdict.troubles(), ["status.revoked"]);
}

#[tokio::test]
async fn who_may_not_or_says_not_why_is_refused() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let body = change(&issued, "revocation", true);
    assert_eq!(house.stranger().post(STATUS, &body).await.problem(401).0, "token-missing");
    assert_eq!(house.auditor().post(STATUS, &body).await.problem(403).0, "not-allowed");
    assert_eq!(house.neighbour().post(STATUS, &body).await.problem(404).0, "not-found");
    let mut silent = body.clone();
    silent["reason"] = Value::Null;
    assert_eq!(house.college().post(STATUS, &silent).await.problem(400).0, "reason-invalid");
    silent["reason"] = json!("x".repeat(1001));
    assert_eq!(house.college().post(STATUS, &silent).await.problem(400).0, "reason-invalid");
    let unknown = change(&json!({"id": "urn:uuid:none"}), "revocation", true);
    assert_eq!(house.college().post(STATUS, &unknown).await.problem(404).0, "not-found");
    assert_eq!(house.college().post(STATUS, &json!({})).await.problem(400).0, "request-invalid");
}

fn change(credential: &Value, purpose: &str, value: bool) -> Value {
    json!({"credentialId": credential["id"], "statusPurpose": purpose, "value": value, "reason": "issued in error"})
}
