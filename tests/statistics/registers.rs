//! Recognitions, agreements and activities: counted from their registers.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::store::{Change, Filing, Register};

use crate::agreements::keepers::authority;
use crate::recognise::laos::{Countries, asked};
use crate::support::{Actor, TestHouse};
use crate::trust::ministry::slug;

async fn total(actor: &Actor, path: &str) -> Value {
    let answer = actor.get(&format!("/statistics/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["total"].clone()
}

#[tokio::test]
async fn agreements_and_activities_are_those_of_the_register() {
    let house = TestHouse::new().await;
    let path = format!("{}/fixtures/agreements/consortium.json", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).unwrap();
    authority(&house, "consortium", "CN").await;
    let path = "/agreements/import?institution=consortium";
    let taken = house.admin().send(Method::POST, path, file.into(), &[]).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let stranger = house.stranger();
    assert_eq!(total(&stranger, "agreements").await, 128);
    assert_eq!(total(&stranger, "activities?by=pair,year").await, 417);
    let report = stranger.get("/agreements/report").await.json();
    let counted = stranger.get("/statistics/activities?by=type").await.json();
    for row in counted["rows"].as_array().unwrap() {
        assert_eq!(report["activitiesByType"][row["type"].as_str().unwrap()], row["count"]);
    }
    for tag in ["vi", "en", "lo"] {
        for path in ["agreements?by=kind&by=state&by=pair", "activities?by=type&by=year", "recognitions"] {
            let page = house.browser().with("accept-language", tag).get(&format!("/statistics/{path}")).await;
            assert!(page.status == 200 && !page.text().contains('⟦'), "{tag} {path}");
        }
    }
}

#[tokio::test]
async fn recognitions_are_decisions_by_country_pair_and_verdict() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let mut last = Value::Null;
    for _ in 0..6 {
        let credential = countries.diploma(|_| {}).await;
        last = countries.apply(&asked(&credential)).await;
        assert_eq!(last["state"], "decided");
    }
    // What is noted in a file later is no other decision.
    let path = format!("/applications/{}/appeal", last["application"].as_str().unwrap());
    let officer = countries.officer();
    let exact = "recognitions?by=receiving,origin,verdict&exact=true";
    assert_eq!(
        countries
            .laos
            .stranger()
            .post(&path, &json!({"key": last["key"], "reason": "another level"}))
            .await
            .status
            / 100,
        2
    );
    let told = officer.get(&format!("/statistics/{exact}")).await.json();
    let row = json!({"receiving": "LA", "origin": "VN", "verdict": "RECOGNISED_AUTOMATIC", "count": 6});
    assert_eq!(told["rows"], json!([row]));
    assert_eq!(total(&countries.laos.stranger(), "recognitions").await, 0);
    countries.pass(SignedDuration::from_secs(70));
    let told =
        countries.laos.stranger().get("/statistics/recognitions?by=receiving,origin,verdict").await.json();
    assert_eq!(told["rows"], json!([row]));
}

/// Files a decision about an award as the workflow leaves it.
async fn decided(countries: &Countries, at: usize, digest: &str, id: &str, checked: &str) {
    let body = json!({
        "state": "decided",
        "application": {"purpose": "further-study", "award": {"id": id, "digestMultibase": digest}},
        "facts": {"country": {"value": "VN"}, "verification": {"value": checked}},
        "decision": {"date": "2026-11-22", "verdict": "CASE_BY_CASE", "statement": format!("https://x.example/c/{at}")},
    });
    let filing = Filing {
        institution: slug("recognition"),
        register: Register::Application,
        id: format!("{at:032x}"),
        version: 1,
        at: countries.laos.app.now(),
        actor: "officer".to_owned(),
        body: Some(body.to_string().into_bytes()),
    };
    countries.laos.app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
}

#[tokio::test]
async fn five_decisions_about_one_award_are_no_group_of_five() {
    let countries = Countries::new().await;
    let (officer, stranger) = (countries.officer(), countries.laos.stranger());
    // The same award, the same with another proof, and the same once more.
    for (at, digest) in ["zOne", "zOne", "zTwo", "zOne", "zTwo", "zOne"].into_iter().enumerate() {
        decided(&countries, at, digest, "https://x.example/award", "valid").await;
    }
    countries.pass(SignedDuration::from_secs(70));
    assert_eq!(total(&officer, "recognitions?exact=true").await, 6);
    assert_eq!(total(&stranger, "recognitions").await, 0);
    // Four others, and they are five. The id of somebody's award in what does not verify passes nobody over.
    for at in 6..10 {
        decided(&countries, at, &format!("z{at}"), "https://x.example/award", "invalid").await;
    }
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(total(&officer, "recognitions?exact=true").await, 10);
    assert_eq!(total(&stranger, "recognitions").await, 5);
}
