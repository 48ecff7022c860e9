//! `/healthz`, `/readyz`, `/metrics`, `/openapi.json`

use serde_json::json;

use crate::support::TestHouse;

#[tokio::test]
async fn a_well_house_says_so() {
    let house = TestHouse::on_disk().await;
    assert_eq!(house.stranger().get("/healthz").await.json()["status"], "alive");
    assert_eq!(house.stranger().get("/readyz").await.json(), json!({"status": "ready"}));
    assert_eq!(house.stranger().get("/openapi.json").await.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn what_is_counted_names_nobody() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    house.stranger().post("/credentials/verify", &json!({"verifiableCredential": issued})).await;
    let text = house.stranger().get("/metrics").await.text();
    assert!(text.contains("testamur_http_answers_total{what=\"issue\",class=\"2xx\"} 1"), "{text}");
    assert!(text.contains("testamur_verdicts_total{state=\"genuine\"} 1"));
    for personal in ["ສົມພອນ", "ha-noi", "registrar", "/c/"] {
        assert!(!text.contains(personal));
    }
}
