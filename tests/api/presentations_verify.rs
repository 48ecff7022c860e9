//! `POST /presentations/verify`

use serde_json::{Value, json};

use crate::support::TestHouse;

const VERIFY: &str = "/presentations/verify";

fn envelope(credentials: &[Value]) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": credentials,
    })
}

#[tokio::test]
async fn an_unsigned_presentation_is_only_an_envelope() {
    let house = TestHouse::new().await;
    let (one, two) = (house.diploma().await, house.diploma().await);
    let body = json!({"verifiablePresentation": envelope(&[one.clone(), two])});
    let answer = house.stranger().post(VERIFY, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["credentials"].as_array().unwrap().len(), 2);
    let body = json!({"verifiablePresentation": envelope(&[one]), "options": {"challenge": "7"}});
    assert_eq!(house.stranger().post(VERIFY, &body).await.status, 422, "nothing answers the challenge");
}

#[tokio::test]
async fn one_bad_credential_spoils_it() {
    let house = TestHouse::new().await;
    let good = house.diploma().await;
    let mut bad = house.diploma().await;
    bad["name"] = json!("other");
    let answer =
        house.stranger().post(VERIFY, &json!({"verifiablePresentation": envelope(&[good, bad])})).await;
    assert_eq!((answer.status, answer.json()["state"].clone()), (422, json!("not-genuine")));
}

#[tokio::test]
async fn what_is_malformed_is_named() {
    let house = TestHouse::new().await;
    for (body, pointer) in [
        (json!({}), "/verifiablePresentation"),
        (json!({"verifiablePresentation": 4}), "/verifiablePresentation"),
        (json!({"verifiablePresentation": {}, "holder": "x"}), "/holder"),
        (json!({"verifiablePresentation": {}, "options": {"nonce": "x"}}), "/options/nonce"),
    ] {
        let answer = house.stranger().post(VERIFY, &body).await;
        assert_eq!(answer.problem(400).0, "request-invalid", "{body}");
        assert_eq!(answer.pointers(), [pointer]);
    }
    for (name, value) in [
        ("@context", json!(null)),
        (
            "@context",
            json!(["https://www.w3.org/ns/credentials/examples/v2", "https://www.w3.org/ns/credentials/v2"]),
        ),
        ("type", json!("VerifiableCredential")),
    ] {
        let mut presentation = envelope(&[]);
        presentation[name] = value;
        let answer = house.stranger().post(VERIFY, &json!({"verifiablePresentation": presentation})).await;
        assert_eq!(answer.status, 422, "{name}");
    }
}
