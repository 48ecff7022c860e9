//! An institution that closes: it issues no more, its successor keeps its register.

use serde_json::{Value, json};
use testamur::publish;

use crate::support::{Actor, Answer, TestHouse, diploma, page_of};

async fn close(actor: Actor, slug: &str, body: Value) -> Answer {
    actor.post(&format!("/institutions/{slug}/close"), &body).await
}

async fn revoke(actor: Actor, id: &Value) -> Answer {
    let body = json!({"credentialId": id, "statusPurpose": "revocation", "value": true, "reason": "error"});
    actor.post("/credentials/status", &body).await
}

const OLD: &str = "/institutions/ha-noi/status/revocation/1";
const COPY: &str = "/institutions/vientiane/status/ha-noi/revocation/1";

#[tokio::test]
async fn who_closes_it_and_in_whose_favour_is_checked() {
    let house = TestHouse::new().await;
    let to = |slug: &str| json!({ "successor": slug });
    assert_eq!(close(house.stranger(), "ha-noi", to("vientiane")).await.problem(401).0, "token-missing");
    assert_eq!(close(house.college(), "ha-noi", to("vientiane")).await.problem(403).0, "not-allowed");
    assert_eq!(close(house.admin(), "nobody", to("vientiane")).await.problem(404).0, "not-found");
    assert_eq!(close(house.admin(), "ha-noi", to("nobody")).await.problem(404).0, "not-found");
    assert_eq!(close(house.admin(), "ha-noi", to("ha-noi")).await.problem(400).0, "request-invalid");
    assert_eq!(close(house.admin(), "ha-noi", to("Hà Nội")).await.problem(400).0, "request-invalid");
    assert_eq!(close(house.admin(), "ha-noi", json!({})).await.problem(400).0, "request-invalid");
    let long = json!({"successor": "vientiane", "reason": "x".repeat(1001)});
    assert_eq!(close(house.admin(), "ha-noi", long).await.problem(400).0, "reason-invalid");
    house.diploma().await;

    assert_eq!(close(house.admin(), "ha-noi", to("vientiane")).await.status, 200);
    let again = close(house.admin(), "ha-noi", to("vientiane")).await;
    assert_eq!(again.status, 200, "the same again changes nothing");
    assert_eq!(close(house.admin(), "ha-noi", to("conformance")).await.problem(409).0, "institution-closed");
    let back = close(house.admin(), "vientiane", to("ha-noi")).await;
    assert_eq!(back.problem(400).0, "request-invalid");
    let told = house.stranger().get("/institutions").await.json();
    let college =
        told["institutions"].as_array().unwrap().iter().find(|one| one["slug"] == "ha-noi").unwrap();
    assert_eq!(college["closed"]["successor"], "vientiane");
    assert!(!told.to_string().contains("admin"), "who had it closed is nobody's business");
}

#[tokio::test]
async fn it_issues_no_more_and_its_successor_withdraws() {
    let house = TestHouse::new().await;
    let (one, two) = (house.diploma().await, house.diploma().await);
    close(house.admin(), "ha-noi", json!({"successor": "vientiane", "reason": "sáp nhập"})).await;
    for path in ["/credentials/issue", "/credentials/prepare"] {
        let (code, detail) = house.college().post(path, &json!({"credential": diploma()})).await.problem(409);
        assert_eq!(code, "institution-closed");
        assert!(detail.contains("vientiane"), "{detail}");
    }
    assert_eq!(revoke(house.college(), &one["id"]).await.problem(403).0, "not-allowed");
    assert_eq!(revoke(house.conformance(), &one["id"]).await.status, 404);
    assert_eq!(revoke(house.neighbour(), &one["id"]).await.status, 200);

    let (old, copy) = (house.stranger().get(OLD).await.json(), house.stranger().get(COPY).await.json());
    assert_eq!(old["issuer"], house.did("ha-noi"));
    assert_eq!(copy["issuer"], house.did("vientiane"));
    assert_eq!(copy["id"], format!("http://localhost:8080{COPY}"));
    assert_eq!(copy["credentialSubject"]["id"], format!("http://localhost:8080{OLD}#list"));
    let bits = |list: &Value| list["credentialSubject"]["encodedList"].clone();
    assert_eq!(bits(&old), bits(&copy));
    let before = house.stranger().get(&format!("{COPY}?version=1")).await.json();
    assert_ne!(bits(&before), bits(&copy), "the first version says that nothing is withdrawn");
    let data = &house.app.config.server.data;
    assert!(
        data.join(format!("public{COPY}.json")).exists() && data.join(format!("public{OLD}.json")).exists()
    );
    for nowhere in [
        "/institutions/conformance/status/ha-noi/revocation/1",
        "/institutions/ha-noi/status/vientiane/revocation/1",
        "/institutions/vientiane/status/ha-noi/revocation/01",
        "/institutions/vientiane/status/ha-noi/revocation/2",
    ] {
        assert_eq!(house.stranger().get(nowhere).await.problem(404).0, "not-found", "{nowhere}");
    }

    for (credential, state) in [(&one, "withdrawn"), (&two, "genuine")] {
        let verdict =
            house.stranger().post("/credentials/verify", &json!({"verifiableCredential": credential})).await;
        let verdict = verdict.json();
        assert_eq!(
            (&verdict["state"], &verdict["issuer"]["keptBy"]["id"]),
            (&json!(state), &json!(house.did("vientiane")))
        );
        let closed =
            verdict["checks"].as_array().unwrap().iter().find(|check| check["code"] == "issuer.closed");
        assert_eq!(closed.unwrap()["because"]["since"], "2026-11-22T08:00:00Z");
        let page = house.browser().get(&format!("{}?lang=vi", page_of(credential))).await;
        assert!(page.text().contains("Sổ gốc do ວິທະຍາໄລຕົວຢ່າງ lưu giữ"), "{}", page.text());
    }
    // After a start it is all still so.
    let again = house.reopened().await;
    assert!(publish::due_lists(&again).await.is_empty());
    let keys = again.registry.list_keys();
    assert_eq!(keys.iter().filter(|key| key.mirror).count(), 2, "{keys:?}");
}

#[tokio::test]
async fn a_register_goes_on_with_whoever_keeps_it_last() {
    let house = TestHouse::new().await;
    let diploma = house.diploma().await;
    close(house.admin(), "ha-noi", json!({"successor": "vientiane"})).await;
    let handed = close(house.admin(), "vientiane", json!({"successor": "conformance"})).await.json();
    let ids: Vec<_> = handed["trustedIssuer"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(house.did("ha-noi")), &json!(house.did("vientiane"))]);
    assert_eq!(revoke(house.neighbour(), &diploma["id"]).await.problem(404).0, "not-found");
    assert_eq!(revoke(house.conformance(), &diploma["id"]).await.status, 200);
    assert_eq!(house.stranger().get(COPY).await.status, 404);
    let copy = house.stranger().get("/institutions/conformance/status/ha-noi/revocation/1").await.json();
    assert_eq!(copy["issuer"], house.did("conformance"));
    assert_eq!(copy["credentialSubject"]["id"], format!("http://localhost:8080{OLD}#list"));
}

#[tokio::test]
async fn every_version_of_the_copies_is_logged() {
    let house = TestHouse::new().await;
    house.diploma().await;
    publish::due_lists(&house.app).await;
    let mut log = publish::log::Publisher::new(house.app.clone());
    assert_eq!(log.tick().await.unwrap(), 3, "the diploma and two lists");
    close(house.admin(), "ha-noi", json!({"successor": "vientiane"})).await;
    assert_eq!(log.tick().await.unwrap(), 2, "the copies of two lists");
}
