//! Signed reports: who has one signed, whose words stand in it, and who believes it.

use serde_json::{Value, json};
use testamur::access::{Reach, Role};
use testamur::administer;
use testamur::issue::operator;
use testamur::pin;
use testamur::statistics::{FEW, definitions};

use super::counted::{issue, later};
use crate::support::{Actor, TestHouse, generic};
use crate::trust::ministry::{Ministry, abroad, on_a_port, slug};

use jiff::SignedDuration;

async fn verdict(at: &TestHouse, document: &Value) -> Value {
    at.stranger().post("/credentials/verify", &json!({ "verifiableCredential": document })).await.json()
}

fn codes(verdict: &Value) -> Vec<&str> {
    verdict["checks"].as_array().unwrap().iter().map(|check| check["code"].as_str().unwrap()).collect()
}

async fn report(actor: &Actor, query: &str) -> Value {
    let answer = actor.get(&format!("/statistics/awards?{query}&signed=true")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/vc"), "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_signed_report_is_checked_like_any_other_document() {
    let house = TestHouse::new().await;
    let college = house.college();
    issue(&college, FEW as usize, "0716", "in-person", 2026).await;
    later(&house, SignedDuration::from_secs(70));
    // Three institutions and no authority: each for itself.
    let unnamed = house.admin().get("/statistics/awards?signed=true").await;
    assert_eq!(unnamed.problem(400).0, "issuer-ambiguous");
    let of_all = college.get("/statistics/awards?signed=true&signer=ha-noi").await;
    assert_eq!(of_all.problem(400).0, "request-invalid");
    let report = report(&college, "by=field&institution=ha-noi").await;
    assert_eq!(report["credentialSubject"]["rows"], json!([{"field": "07", "count": 5}]));
    let found = verdict(&house, &report).await;
    assert_eq!(found["verified"], true, "{found}");
    let mut changed = report;
    changed["credentialSubject"]["rows"][0]["count"] = json!(6);
    assert_eq!(verdict(&house, &changed).await["verified"], false);
}

#[tokio::test]
async fn nobody_has_a_sentence_of_his_own_signed() {
    let house = TestHouse::new().await;
    let (college, stranger) = (house.college(), house.stranger());
    issue(&college, 2, "0913", "in-person", 2026).await;
    // Whoever asks without leave has nothing signed, be it true.
    let signed = "/statistics/awards?signed=true&institution=ha-noi&signer=ha-noi";
    assert_eq!(stranger.get(signed).await.problem(401).0, "token-missing");
    assert_eq!(house.neighbour().get(signed).await.problem(403).0, "not-allowed");
    let reach = Reach::Institutions(vec![slug("ha-noi")]);
    let caller = operator(house.app.now());
    let mentor = administer::new_token(&house.app, &caller, "mentor", vec![Role::Mentor], reach).await;
    let mentor = house.bearing(&mentor.unwrap());
    assert_eq!(mentor.get(signed).await.problem(403).0, "not-allowed");
    assert_eq!(college.get(signed).await.status, 200);
    // Nor with leave, what is no value; in every subject and dimension, also where nothing is signed.
    let sentence = "Mill+College+is+accredited";
    for subject in &definitions().subjects {
        for dimension in &subject.dimensions {
            for more in ["", "&signed=true&signer=ha-noi", "&exact=true"] {
                let path = format!("/statistics/{}?{}={sentence}{more}", subject.id, dimension.id);
                let (code, detail) = house.admin().get(&path).await.problem(400);
                assert!(code == "request-invalid" && detail.contains(&dimension.id), "{path}: {detail}");
            }
        }
    }
    for wrong in
        ["year=２０２６", "level=VQF:99", "level=VQF", "field=11", "institution=", "kind=treaty", "sex=F"]
    {
        assert_eq!(house.admin().get(&format!("/statistics/awards?{wrong}")).await.status, 400, "{wrong}");
    }
    for wrong in ["pair=LA-XY", "pair=VN-LA", "pair=LA-LA", "pair="] {
        assert_eq!(stranger.get(&format!("/statistics/agreements?{wrong}")).await.status, 400, "{wrong}");
    }
    // Two values of a dimension would be signed as one of them, with the figures of neither.
    let two = format!("{signed}&institution=vientiane");
    assert_eq!(college.get(&two).await.problem(400).0, "request-invalid");
    // What is refused does not depend on the record: one field has two awards that wait, the other none.
    for field in ["09", "08"] {
        let told = stranger.get(&format!("/statistics/awards?field={field}")).await;
        assert_eq!((told.status, &told.json()["total"]), (200, &json!(0)));
    }
    // Nor are figures written by hand signed as a report, on the document or on its subject.
    for name in ["StatisticalReportCredential", "https://w3id.org/testamur/vocab#StatisticalReportCredential"]
    {
        let mut forged = generic();
        forged["type"] = json!(["VerifiableCredential", name]);
        let answer = college.post("/credentials/issue", &json!({ "credential": forged })).await;
        assert_eq!(answer.problem(403).0, "type-reserved", "{name}");
    }
    let mut forged = generic();
    forged["credentialSubject"]["type"] = json!("StatisticalReport");
    let answer = college.post("/credentials/issue", &json!({ "credential": forged })).await;
    assert_eq!(answer.problem(403).0, "type-reserved");
}

#[tokio::test]
async fn exact_figures_say_whose_they_are() {
    let house = TestHouse::new().await;
    issue(&house.college(), 2, "0716", "in-person", 2026).await;
    issue(&house.neighbour(), 1, "0716", "in-person", 2026).await;
    let own = report(&house.college(), "exact=true&institution=ha-noi").await;
    assert_eq!(own["credentialSubject"]["within"], json!({"institution": ["ha-noi"]}));
    // Of others it is told nothing, and the report does not read as if there were none.
    let other = house.college().get("/statistics/awards?exact=true&institution=vientiane").await.json();
    assert_eq!((&other["total"], &other["within"]), (&json!(0), &json!({"institution": ["ha-noi"]})));
    let all = house.admin().get("/statistics/awards?exact=true").await.json();
    assert_eq!((&all["total"], all.get("within")), (&json!(3), None));
}

#[tokio::test]
async fn the_report_of_an_authority_is_genuine_here_and_by_its_list_elsewhere() {
    let (ministry, _) = Ministry::accrediting_in(on_a_port().await).await;
    let listening = ministry.house.listening().await;
    let laos = abroad(&ministry, |_| {}).await;
    let app = &laos.app;
    pin::pin(&app.fetcher, &app.pins, &ministry.root_url(), &ministry.roots[0].fingerprint, app.now())
        .await
        .unwrap();
    app.registry.pin(app.pins.load().unwrap());
    issue(&ministry.house.college(), 7, "0716", "in-person", 2026).await;
    later(&ministry.house, SignedDuration::from_secs(70));
    laos.clock.set(ministry.now());
    let signed = report(&ministry.actor(), "by=field").await;
    assert_eq!(signed["issuer"], ministry.house.did("moet"));
    assert_eq!(signed["credentialSubject"]["total"], 7);
    for at in [&ministry.house, &laos] {
        let found = verdict(at, &signed).await;
        assert_eq!(found["state"], "genuine", "{found:#}");
        assert!(codes(&found).contains(&"issuer.key.listed"), "{found:#}");
    }
    // A listed college decides nothing: its keys are for awards, and its report shows by its proof alone who signed it.
    let own = report(&ministry.house.college(), "institution=ha-noi").await;
    for at in [&ministry.house, &laos] {
        let found = verdict(at, &own).await;
        assert_eq!(found["state"], "could-not-be-checked", "{found:#}");
        assert!(codes(&found).contains(&"issuer.key.not.listed"), "{found:#}");
        assert!(!codes(&found).contains(&"accreditation.scope.unknown"), "{found:#}");
    }
    listening.stop().await;
}
