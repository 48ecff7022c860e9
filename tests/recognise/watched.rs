//! What became of awards that were decided on, and what is due.

use jiff::SignedDuration;
use serde_json::json;
use testamur::recognise::watch::{self, Round};

use super::laos::{Countries, asked};
use crate::trust::ministry::slug;

async fn look(countries: &Countries, round: &mut Round) -> usize {
    let app = &countries.laos.app;
    let member = app.registry.member(&slug("recognition")).unwrap();
    watch::look(app, &member, round, 64).await.unwrap()
}

#[tokio::test]
async fn a_revoked_award_reopens_its_decision_and_the_page_says_so() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let other = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let mut round = Round::default();
    assert_eq!(look(&countries, &mut round).await, 0);
    countries.set_status(&credential, "revocation").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut round).await, 0, "not before the next round");
    countries.pass(SignedDuration::from_hours(24));
    assert_eq!(look(&countries, &mut round).await, 1);

    let file = countries.file(&received).await;
    assert_eq!((&file["state"], &file["proposal"]["verdict"]), (&json!("reopened"), &json!("NOT_VERIFIED")));
    assert_eq!(file["sourceRevoked"], json!({"status": "revoked", "seen": "2026-11-23"}));
    assert_eq!(countries.file(&other).await["state"], "decided");
    let queue = countries.officer().get("/applications?state=reopened").await.json();
    assert_eq!(queue["applications"][0]["application"], received["application"]);
    let page =
        received["decision"]["statement"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
    let page = countries.laos.browser().get(&format!("{page}?lang=en")).await.text();
    assert!(page.contains("revoked by its issuer") && page.contains("23 November 2026"), "{page}");
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 0, "told once");

    // The officer confirms: the first statement is replaced by one that recognises nothing.
    let decided = countries.decide(&countries.officer(), &received, json!({"confirm": true})).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    let decided = decided.json();
    assert_eq!(decided["decision"]["verdict"], "NOT_VERIFIED");
    let first = countries.statement(&received["decision"]).await;
    let verdict =
        countries.laos.stranger().post("/credentials/verify", &json!({"verifiableCredential": first})).await;
    assert!(verdict.troubles().contains(&"status.replaced".to_owned()), "{}", verdict.text());
}

#[tokio::test]
async fn a_suspension_that_is_lifted_settles_it_again() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let mut round = Round::default();
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert_eq!(countries.file(&received).await["state"], "reopened");
    let lifted = json!({"credentialId": credential["id"], "statusPurpose": "suspension", "value": false, "reason": "cleared"});
    let answer = countries.vietnam.house.college().post("/credentials/status", &lifted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    let file = countries.file(&received).await;
    assert_eq!((&file["state"], file.get("sourceRevoked")), (&json!("decided"), None), "{file:#}");
    assert_eq!(file["events"].as_array().unwrap().last().unwrap()["what"], "restored");
}

#[tokio::test]
async fn what_is_due_is_told_in_the_queue_and_in_the_figures() {
    let countries = Countries::with(|config| {
        config.recognition.deadline = SignedDuration::from_hours(30 * 24);
        config.recognition.remind = SignedDuration::from_hours(10 * 24);
    })
    .await;
    countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let figures = async || {
        let text = countries.laos.stranger().get("/metrics").await.text();
        ["waiting", "due_soon", "overdue"].map(|name| {
            let line = format!("testamur_recognition_{name}{{authority=\"LA\"}} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).unwrap().to_owned()
        })
    };
    assert_eq!(figures().await, ["1", "0", "0"]);
    countries.pass(SignedDuration::from_hours(21 * 24));
    assert_eq!(figures().await, ["1", "1", "0"]);
    countries.pass(SignedDuration::from_hours(10 * 24));
    assert_eq!(figures().await, ["1", "0", "1"]);
    let queue = countries.officer().get("/applications").await.json();
    assert_eq!(queue["applications"][0]["overdue"], true);
}

#[tokio::test]
async fn what_was_taken_back_is_erased_after_a_while() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let path = format!("/applications/{}", received["application"].as_str().unwrap());
    let back = json!({"key": received["key"]});
    assert_eq!(countries.laos.stranger().post(&format!("{path}/withdraw"), &back).await.status, 200);
    let mut round = Round::default();
    look(&countries, &mut round).await;
    assert_eq!(countries.file(&received).await["state"], "withdrawn");
    countries.pass(SignedDuration::from_hours(31 * 24));
    look(&countries, &mut round).await;
    assert_eq!(countries.officer().get(&path).await.status, 410);
}

#[tokio::test]
async fn an_appeal_does_not_hide_that_the_award_was_revoked() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let path = format!("/applications/{}/appeal", received["application"].as_str().unwrap());
    let appeal = json!({"key": received["key"], "reason": "a higher level"});
    assert_eq!(countries.laos.stranger().post(&path, &appeal).await.status, 200);
    countries.set_status(&credential, "revocation").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut Round::default()).await, 1);
    let file = countries.file(&received).await;
    assert_eq!((&file["state"], &file["sourceRevoked"]["status"]), (&json!("appealed"), &json!("revoked")));
    assert!(countries.page(&received["decision"]).await.contains("revoked by its issuer"));
}

#[tokio::test]
async fn an_erased_application_does_not_hide_it_either() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let path = format!("/applications/{}/erase", received["application"].as_str().unwrap());
    assert_eq!(countries.keeper().post(&path, &json!({"reason": "asked for"})).await.status, 204);
    let mut round = Round::default();
    assert_eq!(look(&countries, &mut round).await, 0);
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert!(countries.page(&received["decision"]).await.contains("suspended by its issuer"));
    let lifted = json!({"credentialId": credential["id"], "statusPurpose": "suspension", "value": false, "reason": "cleared"});
    let answer = countries.vietnam.house.college().post("/credentials/status", &lifted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert!(!countries.page(&received["decision"]).await.contains("suspended by its issuer"));
}

#[tokio::test]
async fn a_later_decision_does_not_wipe_what_became_of_the_award() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut Round::default()).await, 1);
    let mut another = asked(&credential);
    another["purpose"] = json!("credit-transfer");
    let another = countries.apply(&another).await;
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "suspended"});
    let decided = countries.decide(&countries.officer(), &another, no).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    assert!(countries.page(&received["decision"]).await.contains("suspended by its issuer"));
}
