//! Agreements over HTTP: drafted, signed by both parties, in force on their days, changed, found.

use serde_json::{Value, json};

use crate::support::TestHouse;

pub(super) fn terms(house: &TestHouse, id: &str) -> Value {
    json!({
        "agreementId": id, "name": "Exchange of students", "kind": "institution",
        "effectiveFrom": "2026-12-01", "effectiveTo": "2029-11-30",
        "party": [
            {"id": house.did("ha-noi"), "territory": "VN"}, {"id": house.did("vientiane"), "territory": "LA"},
        ],
        "scope": [{"origin": "VN", "receiving": "LA", "framework": "VQF", "levelMin": 5, "levelMax": 5}],
    })
}

async fn state(house: &TestHouse, id: &str, on: &str) -> Value {
    house.stranger().get(&format!("/agreements/{id}?on={on}")).await.json()["state"].clone()
}

#[tokio::test]
async fn both_parties_sign_and_it_enters_into_force_on_its_day() {
    let house = TestHouse::new().await;
    let (college, neighbour) = (house.college(), house.neighbour());
    let filed = college.post("/agreements", &json!({"agreement": terms(&house, "VN-LA-1")})).await;
    assert_eq!((filed.status, filed.json()["state"].clone()), (201, json!("draft")), "{}", filed.text());
    assert_eq!(house.stranger().get("/agreements/VN-LA-1").await.status, 404, "a draft is the keeper's");
    assert_eq!(house.auditor().get("/agreements/VN-LA-1").await.status, 200);
    let mut corrected = terms(&house, "VN-LA-1");
    corrected["name"] = json!("Exchange of students and teachers");
    let again = college.post("/agreements", &json!({"agreement": corrected})).await.json();
    assert_eq!(again["version"], 2);

    let ours = college.post("/agreements/VN-LA-1/signature", &json!({})).await.json();
    assert_eq!((&ours["state"], &ours["signedBy"]), (&json!("draft"), &Value::Null));
    let twice = college.post("/agreements/VN-LA-1/signature", &json!({})).await;
    assert_eq!(twice.status, 409, "{}", twice.text());
    assert_eq!(
        neighbour.post("/agreements/VN-LA-1/signature", &json!({})).await.status,
        403,
        "not its keeper"
    );

    // What the partner signs with its own key, elsewhere, and sends back.
    let document = ours["verifiableCredential"].clone();
    let both = signed_by(&house, "vientiane", &document).await;
    let mut forged = both.clone();
    forged["proof"][1]["proofValue"] = forged["proof"][0]["proofValue"].clone();
    let refused =
        college.post("/agreements/VN-LA-1/signature", &json!({"verifiableCredential": forged})).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let mut other = both.clone();
    other["credentialSubject"]["effectiveTo"] = json!("2039-11-30");
    let refused =
        college.post("/agreements/VN-LA-1/signature", &json!({"verifiableCredential": other})).await.json();
    assert_eq!(refused["errors"][0]["pointer"], "/verifiableCredential/credentialSubject/effectiveTo");
    let strange = signed_by(&house, "conformance", &document).await;
    let refused =
        college.post("/agreements/VN-LA-1/signature", &json!({"verifiableCredential": strange})).await.json();
    assert_eq!(refused["errors"][0]["pointer"], "/verifiableCredential/proof/1/verificationMethod");

    let signed =
        college.post("/agreements/VN-LA-1/signature", &json!({"verifiableCredential": both})).await.json();
    assert_eq!((&signed["state"], &signed["signedBy"]), (&json!("signed"), &json!("parties")), "{signed}");
    assert_eq!(state(&house, "VN-LA-1", "2026-12-01").await, "in-force");
    assert_eq!(state(&house, "VN-LA-1", "2029-12-01").await, "expired");
    let verified = house
        .stranger()
        .post("/credentials/verify", &json!({"verifiableCredential": signed["verifiableCredential"]}))
        .await
        .json();
    assert_eq!(verified["verified"], true, "{verified}");

    let rewritten = college.post("/agreements", &json!({"agreement": terms(&house, "VN-LA-1")})).await;
    assert_eq!(rewritten.status, 409, "what was signed never changes");
}

/// The document with the proof of an institution of this house beside those it has.
pub(super) async fn signed_by(house: &TestHouse, slug: &str, document: &Value) -> Value {
    use testamur::crypto::proof::{ProofOptions, attach, sign};
    let member = house.app.registry.member(&testamur::institution::Slug::parse(slug).unwrap()).unwrap();
    let signer = house.app.signer(&member.institution).unwrap().unwrap();
    let mut document = document.as_object().cloned().unwrap();
    let mut bare = document.clone();
    bare.shift_remove("proof");
    let options = ProofOptions::new("eddsa-jcs-2022", house.app.now()).unwrap();
    attach(&mut document, sign(&bare, &options, signer.as_ref()).unwrap());
    Value::Object(document)
}

#[tokio::test]
async fn on_paper_it_is_told_as_such_and_changes_as_states_may() {
    let house = TestHouse::new().await;
    let college = house.college();
    let mut paper = terms(&house, "PAPER-1");
    paper["effectiveFrom"] = json!("2024-01-01");
    paper["signedOn"] = json!("2023-11-20");
    college.post("/agreements", &json!({"agreement": paper})).await;
    let change = |body: Value| {
        let college = house.college();
        async move { college.post("/agreements/PAPER-1/state", &body).await }
    };
    let refused = change(json!({"state": "signed"})).await.json();
    assert_eq!(refused["errors"][0]["pointer"], "/state", "there is no instrument");
    assert_eq!(
        college.post("/agreements/PAPER-1/activities", &json!({"type": "finance"})).await.status,
        409,
        "a draft"
    );
    paper["instrument"] = json!({"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"});
    college.post("/agreements", &json!({"agreement": paper})).await;
    let signed = change(json!({"state": "signed"})).await.json();
    assert_eq!((&signed["signedBy"], &signed["state"]), (&json!("paper"), &json!("in-force")), "{signed}");
    assert_eq!(state(&house, "PAPER-1", "2023-12-31").await, "signed");

    for (body, pointer) in [
        (json!({"state": "suspended"}), "/reason"),
        (json!({"state": "draft"}), "/state"),
        (json!({"state": "gone"}), "/state"),
        (json!({"state": "suspended", "reason": "x", "since": "2023-01-01"}), "/since"),
        (json!({"state": "superseded", "supersededBy": "NONE"}), "/supersededBy"),
        (json!({"state": "suspended", "reason": "x", "other": 1}), "/other"),
    ] {
        let refused = change(body.clone()).await;
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["pointer"].clone()),
            (400, json!(pointer)),
            "{body}"
        );
    }
    let suspended =
        change(json!({"state": "suspended", "reason": "both ministries", "since": "2026-11-01"})).await;
    assert_eq!(suspended.json()["state"], "suspended");
    assert_eq!(state(&house, "PAPER-1", "2026-10-31").await, "in-force");
    let activity = college
        .post("/agreements/PAPER-1/activities", &json!({"type": "short-course", "participants": 12}))
        .await;
    assert_eq!((activity.status, activity.json()["activityId"].as_str().unwrap().len()), (201, 26));
    let told = college.get("/agreements/PAPER-1").await.json();
    assert_eq!(
        (&told["activities"]["total"], told["activities"]["items"].as_array().unwrap().len()),
        (&json!(1), 1)
    );
    assert!(house.stranger().get("/agreements/PAPER-1").await.json()["activities"].get("items").is_none());
}

#[tokio::test]
async fn agreements_are_found_by_country_kind_and_state() {
    let house = TestHouse::new().await;
    super::keepers::authority(&house, "moet", "VN").await;
    let (college, ministry) = (house.college(), house.admin());
    for (id, kind, signed) in
        [("A-1", "ministry", true), ("B-2", "institution", true), ("C-3", "institution", false)]
    {
        let mut one = terms(&house, id);
        one["kind"] = json!(kind);
        one["instrument"] = json!({"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"});
        one["signedOn"] = json!("2026-10-01");
        let (who, keeper) = if kind == "ministry" { (&ministry, "moet") } else { (&college, "ha-noi") };
        assert_eq!(
            who.post("/agreements", &json!({"institution": keeper, "agreement": one})).await.status,
            201
        );
        if signed {
            assert_eq!(
                who.post(&format!("/agreements/{id}/state"), &json!({"state": "signed"})).await.status,
                200
            );
        }
    }
    let found = |query: &'static str| {
        let stranger = house.stranger();
        async move {
            let told = stranger.get(&format!("/agreements{query}")).await.json();
            let ids = told["agreements"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["agreementId"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(found("").await, "A-1 B-2");
    assert_eq!(found("?country=VN&country=la&kind=ministry").await, "A-1");
    assert_eq!(found("?country=TH").await, "");
    assert_eq!(found("?state=in-force").await, "");
    assert_eq!(found("?state=in-force&on=2026-12-01").await, "A-1 B-2");
    assert_eq!(found("?limit=1").await, "A-1");
    assert_eq!(found("?limit=1&after=A-1").await, "B-2");
    for wrong in ["?kind=pact", "?state=x", "?on=2026-02-30", "?country=VNM", "?limit=0", "?keeper=%2F"] {
        assert_eq!(house.stranger().get(&format!("/agreements{wrong}")).await.status, 400, "{wrong}");
    }
    for wrong in [
        json!({}),
        json!({"agreement": []}),
        json!({"agreement": {"agreementId": "x/y"}}),
        json!({"agreement": terms(&house, "Z-1"), "state": "signed"}),
        json!({"agreement": terms(&house, "Z-1"), "institution": 4}),
    ] {
        assert_eq!(college.post("/agreements", &wrong).await.status, 400, "{wrong}");
    }
    let elsewhere = json!({"agreement": terms(&house, "Z-1"), "institution": "vientiane"});
    assert_eq!(college.post("/agreements", &elsewhere).await.status, 403);
    assert_eq!(
        house.auditor().post("/agreements", &json!({"agreement": terms(&house, "Z-1")})).await.status,
        403
    );
}
