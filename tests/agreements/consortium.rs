//! A consortium: 62 colleges of eight countries, 128 agreements, 417 activities, taken in from files and reported.

use http::Method;
use serde_json::{Value, json};

use super::keepers::authority;
use crate::support::TestHouse;

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/agreements/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

async fn import(house: &TestHouse, file: &str, more: &str) -> crate::support::Answer {
    let path = format!("/agreements/import?institution=consortium&{more}");
    house.admin().send(Method::POST, &path, file.to_owned().into(), &[]).await
}

fn outcome(new: u64, changed: u64, unchanged: u64) -> Value {
    json!({"new": new, "changed": changed, "unchanged": unchanged})
}

#[tokio::test]
async fn it_loads_twice_without_a_change_and_the_report_is_exact() {
    let house = TestHouse::new().await;
    authority(&house, "consortium", "CN").await;
    let file = fixture("consortium.json");
    let tried = import(&house, &file, "dry-run=true").await;
    assert_eq!(
        (tried.status, tried.json()["agreements"].clone()),
        (200, outcome(128, 0, 0)),
        "{}",
        tried.text()
    );
    assert_eq!(house.app.registry.agreements().count(), 0, "only tried");

    let first = import(&house, &file, "").await.json();
    assert_eq!(
        first,
        json!({"agreements": outcome(128, 0, 0), "activities": outcome(417, 0, 0), "dryRun": false})
    );
    let kept = house.app.registry.agreements();
    let again = import(&house, &file, "").await.json();
    assert_eq!(
        again,
        json!({"agreements": outcome(0, 0, 128), "activities": outcome(0, 0, 417), "dryRun": false})
    );
    assert!(std::sync::Arc::ptr_eq(&kept, &house.app.registry.agreements()), "nothing was filed");
    for table in ["agreements.csv", "activities.csv"] {
        let told = import(&house, &fixture(table), "").await.json();
        let same = |list: &str| told[list]["new"] == 0 && told[list]["changed"] == 0;
        assert!(same("agreements") && same("activities"), "{table}: {told}");
    }

    let report = house.stranger().get("/agreements/report").await.json();
    assert_eq!(
        (&report["institutions"], &report["agreements"], &report["activities"]),
        (&json!(62), &json!(128), &json!(417))
    );
    let pairs = report["countryPairs"].as_array().unwrap();
    let countries: Vec<&str> = pairs.iter().map(|pair| pair["countries"][1].as_str().unwrap()).collect();
    assert_eq!(countries, ["ID", "KH", "LA", "MM", "MY", "PH", "TH"]);
    let sum = |name: &str| pairs.iter().map(|pair| pair[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("agreements"), sum("activities")), (128, 417));
    let of = |list: &Value| list.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!((of(&report["activitiesByType"]), of(&report["agreementsByState"])), (417, 128));
    assert_eq!(report["activitiesByType"].as_object().unwrap().len(), 9);

    let csv = house.stranger().with("accept", "text/csv").get("/agreements/report").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let records = testamur::codec::csv::read(csv.text().as_bytes()).unwrap();
    let last = &records.last().unwrap().1;
    assert_eq!((records.len(), &last[..5]), (9, &["total", "", "62", "128", "417"].map(str::to_owned)[..]));
}

#[tokio::test]
async fn one_bad_row_and_nothing_is_taken_in() {
    let house = TestHouse::new().await;
    authority(&house, "consortium", "CN").await;
    let table = fixture("agreements.csv").replacen(",LA,", ",XX,", 1);
    let row = table.lines().position(|line| line.contains(",XX,")).unwrap() + 1;
    let refused = import(&house, &table, "").await;
    assert_eq!(refused.status, 400);
    let told = refused.json();
    assert_eq!(told["errors"][0]["pointer"], format!("/agreements/{row}/country2"), "{told}");
    assert_eq!(house.app.registry.agreements().count(), 0);

    let stray = json!({"activities": [{"activityId": "A-1", "agreementId": "NONE", "type": "finance"}]});
    let refused = import(&house, &stray.to_string(), "").await.json();
    assert_eq!(refused["errors"][0]["pointer"], "/activities/1/agreementId");
    // Other terms of what was signed are no correction.
    assert_eq!(import(&house, &fixture("agreements.csv"), "").await.status, 200);
    let other = fixture("agreements.csv").replacen("MoU 1/", "MoU 1000/", 1);
    let refused = import(&house, &other, "").await.json();
    assert_eq!(refused["errors"][0]["pointer"], "/agreements/2/agreementId", "{refused}");
    // Nobody else's.
    let theirs = house
        .neighbour()
        .send(Method::POST, "/agreements/import", fixture("agreements.csv").into(), &[])
        .await;
    assert_eq!(theirs.json()["errors"][0]["pointer"], "/agreements/2/party");
    let stranger = house.stranger().send(Method::POST, "/agreements/import", "{}".into(), &[]).await;
    assert_eq!(stranger.status, 401);
    for hostile in
        ["", "[]", "\u{0}", "{\"agreements\": {}}", "\"", "agreementId\n\"", "agreementId,kind\nA\n"]
    {
        assert_eq!(import(&house, hostile, "").await.status, 400, "{hostile:?}");
    }
}
