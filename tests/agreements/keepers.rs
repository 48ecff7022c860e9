//! Who may keep which agreement: what binds a country is its authority's, and nobody stands in another's way.

use serde_json::{Value, json};
use testamur::access::{Reach, Role};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::institution::{Kind, Slug};
use testamur::issue::operator;
use testamur::text::{LangTag, LocalizedText};

use super::filed::terms;
use crate::support::{Actor, TestHouse};

/// Founds the authority of a territory.
pub async fn authority(house: &TestHouse, name: &str, territory: &str) {
    let mut names = LocalizedText::default();
    names.set(LangTag::parse("en").unwrap(), "Ministry (sample)");
    let new = NewInstitution {
        slug: Slug::parse(name).unwrap(),
        name: names,
        naming: Naming::Web,
        country: Some(territory.to_owned()),
        contact: None,
        kind: Kind::Authority { territory: territory.to_owned() },
    };
    administer::found(&house.app, &operator(house.app.now()), new).await.unwrap();
}

/// Somebody of that institution in that role.
pub async fn of(house: &TestHouse, slug: &str, role: Role) -> Actor {
    let (app, caller) = (&house.app, operator(house.app.now()));
    let reach = Reach::Institutions(vec![Slug::parse(slug).unwrap()]);
    let token = administer::new_token(app, &caller, &format!("{slug} {}", role.as_str()), vec![role], reach)
        .await
        .unwrap();
    house.bearing(&token)
}

fn between(house: &TestHouse, id: &str, kind: &str, countries: [&str; 2]) -> Value {
    let mut terms = terms(house, id);
    terms["kind"] = json!(kind);
    for (at, country) in countries.iter().enumerate() {
        terms["party"][at] =
            json!({"id": format!("did:web:{}.example", country.to_lowercase()), "territory": country});
    }
    terms["scope"] = json!([{"origin": countries[0], "receiving": countries[1], "framework": "VQF", "levelMin": 5, "levelMax": 5,
        "automatic": true, "target": "LNQF:5"}]);
    terms["instrument"] = json!({"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"});
    terms
}

#[tokio::test]
async fn a_college_files_no_treaty_and_a_registrar_binds_no_ministry() {
    let house = TestHouse::new().await;
    authority(&house, "moes", "LA").await;
    let (college, registrar) = (house.college(), of(&house, "moes", Role::Registrar).await);
    let acting = of(&house, "moes", Role::Authority).await;
    let file = |who: &Actor, terms: Value| {
        let who = who.clone();
        async move { who.post("/agreements", &json!({"agreement": terms})).await }
    };
    // A treaty of two states in the register of a college, also with itself among the parties; pairs of others.
    for kind in ["treaty", "ministry"] {
        let mut own = between(&house, "MILL-1", kind, ["VN", "LA"]);
        for _ in 0..2 {
            let refused = file(&college, own.clone()).await;
            assert_eq!((refused.status, refused.pointers()), (400, vec!["/agreement/kind".to_owned()]));
            own["party"][0]["id"] = json!(house.did("ha-noi"));
        }
    }
    for kind in ["institution", "training-contract"] {
        let mut other = between(&house, "MILL-1", kind, ["VN", "LA"]);
        if kind == "training-contract" {
            other["scope"] = json!([]);
        }
        let refused = file(&college, other).await;
        assert_eq!((refused.status, refused.pointers()), (400, vec!["/agreement/party".to_owned()]));
    }
    // In a file as well.
    let row = json!({"agreements": [between(&house, "MILL-1", "treaty", ["VN", "LA"])]});
    let refused = college.post("/agreements/import", &row).await;
    assert_eq!((refused.status, refused.pointers()), (400, vec!["/agreements/1/kind".to_owned()]));
    // The authority of Laos has nothing to say between Vietnam and Thailand, and its registrar nothing for Laos.
    let refused = file(&acting, between(&house, "VN-TH-1", "treaty", ["VN", "TH"])).await;
    assert_eq!((refused.status, refused.pointers()), (400, vec!["/agreement/party".to_owned()]));
    for kind in ["treaty", "institution"] {
        assert_eq!(file(&registrar, between(&house, "VN-LA-9", kind, ["VN", "LA"])).await.status, 403);
        let row = json!({"agreements": [between(&house, "VN-LA-9", kind, ["VN", "LA"])]});
        assert_eq!(registrar.post("/agreements/import", &row).await.status, 400);
    }
    assert_eq!(house.app.registry.agreements().count(), 0);

    let filed = file(&acting, between(&house, "VN-LA-9", "ministry", ["VN", "LA"])).await;
    assert_eq!(filed.status, 201, "{}", filed.text());
    for (asked, body) in [("state", json!({"state": "signed"})), ("signature", json!({}))] {
        let refused = registrar.post(&format!("/agreements/VN-LA-9/{asked}"), &body).await;
        assert_eq!(refused.status, 403, "{asked}: {}", refused.text());
    }
    let signed = acting.post("/agreements/VN-LA-9/state", &json!({"state": "signed"})).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
}

#[tokio::test]
async fn an_id_that_a_college_squats_is_the_authoritys_and_nobody_elses_work_is_lost() {
    let house = TestHouse::new().await;
    authority(&house, "moes", "LA").await;
    let (college, neighbour) = (house.college(), house.neighbour());
    let acting = of(&house, "moes", Role::Authority).await;
    let mut own = terms(&house, "VN-LA-2026");
    own["instrument"] = json!({"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"});
    assert_eq!(college.post("/agreements", &json!({"agreement": own})).await.status, 201);
    let refused = neighbour.post("/agreements", &json!({"agreement": own})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("ha-noi has filed an agreement of this id"), "{}", refused.text());
    college.post("/agreements/VN-LA-2026/state", &json!({"state": "signed"})).await;
    college.post("/agreements/VN-LA-2026/activities", &json!({"type": "finance", "activityId": "X-1"})).await;
    let told = house.stranger().get("/agreements/VN-LA-2026").await.json();
    assert_eq!((&told["keeper"], &told["activities"]["total"]), (&json!("ha-noi"), &json!(1)));

    let ministry = between(&house, "VN-LA-2026", "ministry", ["VN", "LA"]);
    let filed = acting.post("/agreements", &json!({"agreement": ministry})).await;
    assert_eq!((filed.status, filed.json()["version"].clone()), (201, json!(1)), "{}", filed.text());
    assert_eq!(
        house.stranger().get("/agreements/VN-LA-2026").await.json()["keeper"],
        "ha-noi",
        "a draft shows nothing"
    );
    let signed = acting.post("/agreements/VN-LA-2026/state", &json!({"state": "signed"})).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
    let again = acting
        .post("/agreements/VN-LA-2026/activities", &json!({"type": "finance", "activityId": "X-1"}))
        .await;
    assert_eq!(again.status, 201, "an id of another keeper stands in nobody's way: {}", again.text());
    let reopened = house.reopened().await;
    for app in [&house.app, &reopened] {
        let kept = app.registry.agreements();
        assert_eq!((kept.count(), kept.get("VN-LA-2026").unwrap().keeper.as_str()), (1, "moes"));
        assert_eq!((kept.each("VN-LA-2026").count(), kept.activity_count()), (2, 2));
    }
    let told = house.stranger().get("/agreements/VN-LA-2026").await.json();
    assert_eq!((&told["keeper"], &told["activities"]["total"]), (&json!("moes"), &json!(1)));
    let listed = house.stranger().get("/agreements").await.json();
    assert_eq!((&listed["total"], &listed["agreements"][0]["keeper"]), (&json!(1), &json!("moes")));
    // The college goes on with its own.
    let ended = json!({"state": "terminated", "reason": "the ministry has made one", "since": "2026-12-02"});
    let ended = college.post("/agreements/VN-LA-2026/state", &ended).await;
    assert_eq!((ended.status, ended.json()["keeper"].clone()), (200, json!("ha-noi")), "{}", ended.text());
}
