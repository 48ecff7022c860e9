//! A workplace record is issued under a training contract in force, and under nothing else.

use serde_json::{Value, json};

use crate::support::{self, TestHouse};

const CONTRACT: &str = "HĐ-ĐTK-2025-021-MAU";

fn record(enterprise: &str) -> Value {
    let mut draft = support::draft("workplace-learning/minimal.json");
    draft["credentialSubject"]["agreementId"] = json!(CONTRACT);
    draft["credentialSubject"]["source"]["id"] = json!(enterprise);
    draft["credentialSubject"]["workplaceStart"] = json!("2025-11-03");
    draft["credentialSubject"]["workplaceEnd"] = json!("2026-05-29");
    draft
}

#[tokio::test]
async fn it_needs_a_contract_of_the_college_with_the_enterprise_on_the_first_day() {
    let house = TestHouse::new().await;
    let (college, enterprise) = (house.college(), "did:web:partners.vn.example:institutions:co-khi-mau");
    let refused = |draft: Value| {
        let college = house.college();
        async move {
            let answer = college.post("/credentials/issue", &json!({"credential": draft})).await;
            let problem = answer.problem(422);
            assert_eq!(problem.0, "draft-invalid");
            answer.json()["errors"][0].clone()
        }
    };
    let error = refused(record(enterprise)).await;
    assert_eq!(error["pointer"], "/credential/credentialSubject/agreementId", "{error}");

    let terms = |kind: &str, from: &str| {
        json!({
            "agreementId": CONTRACT, "kind": kind, "signedOn": "2025-08-20", "effectiveFrom": from,
            "effectiveTo": "2026-12-31", "instrument": {"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"},
            "party": [{"id": house.did("ha-noi"), "territory": "VN"}, {"id": enterprise, "territory": "VN"}],
        })
    };
    let file = |terms: Value| {
        let college = house.college();
        async move { college.post("/agreements", &json!({"agreement": terms})).await.status }
    };
    assert_eq!(file(terms("institution", "2025-09-01")).await, 201);
    assert!(refused(record(enterprise)).await["detail"].as_str().unwrap().contains("no training contract"));
    assert_eq!(file(terms("training-contract", "2025-11-04")).await, 201);
    assert!(
        refused(record(enterprise)).await["detail"].as_str().unwrap().contains("draft"),
        "nobody signed it"
    );
    assert_eq!(file(terms("training-contract", "2025-09-01")).await, 201);
    let path = "/agreements/H%C4%90-%C4%90TK-2025-021-MAU";
    assert_eq!(college.post(&format!("{path}/state"), &json!({"state": "signed"})).await.status, 200);

    let other = refused(record("did:web:partners.vn.example:institutions:khac")).await;
    assert_eq!(other["pointer"], "/credential/credentialSubject/source/id");
    let mut early = record(enterprise);
    early["credentialSubject"]["workplaceStart"] = json!("2025-08-31");
    assert!(refused(early).await["detail"].as_str().unwrap().contains("2025-08-31"));
    let issued = college.post("/credentials/issue", &json!({"credential": record(enterprise)})).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    // Another college cannot rest on it.
    let theirs =
        house.neighbour().post("/credentials/issue", &json!({"credential": record(enterprise)})).await;
    assert_eq!(theirs.status, 422);

    let ended = json!({"state": "terminated", "since": "2026-11-01", "reason": "the enterprise has closed"});
    assert_eq!(college.post(&format!("{path}/state"), &ended).await.status, 200);
    let issued = college.post("/credentials/issue", &json!({"credential": record(enterprise)})).await;
    assert_eq!(issued.status, 201, "it was in force when the training began");
    let mut late = record(enterprise);
    late["credentialSubject"]["workplaceStart"] = json!("2026-11-02");
    late["credentialSubject"]["workplaceEnd"] = json!("2026-11-20");
    assert!(refused(late).await["detail"].as_str().unwrap().contains("terminated"));
}
