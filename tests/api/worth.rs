//! What an award is worth elsewhere: on its page, and upon `options.country` of a verification.

use serde_json::{Value, json};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::codec::jcs;
use testamur::crypto::digest_multibase;
use testamur::institution::{Kind, Slug};
use testamur::issue::operator;
use testamur::store::{Change, Filing, Register};
use testamur::text::{LangTag, LocalizedText};

use crate::support::{TestHouse, diploma, generic, page_of};

const VERIFY: &str = "/credentials/verify";

async fn found(house: &TestHouse, slug: &str, country: Option<&str>, kind: Kind) {
    let mut name = LocalizedText::default();
    name.set(LangTag::parse("en").unwrap(), slug);
    let new = NewInstitution {
        slug: Slug::parse(slug).unwrap(),
        name,
        naming: Naming::Web,
        country: country.map(str::to_owned),
        contact: None,
        kind,
    };
    administer::found(&house.app, &operator(house.app.now()), new).await.unwrap();
}

/// A college in Vietnam, the ministry of Laos.
async fn house() -> TestHouse {
    let house = TestHouse::new().await;
    found(&house, "vinh", Some("VN"), Kind::College).await;
    found(&house, "moes", None, Kind::Authority { territory: "LA".to_owned() }).await;
    house
}

/// A diploma of the college at VQF 5.
async fn award(house: &TestHouse, change: impl FnOnce(&mut Value)) -> Value {
    let mut draft = diploma();
    draft["credentialSubject"]["achievement"]["alignment"] = json!([{
        "type": ["Alignment"], "targetType": "ext:FrameworkLevel", "targetFramework": "VQF", "targetCode": "5",
        "targetName": "Level 5", "targetUrl": "https://example.org/vqf/5"
    }]);
    change(&mut draft);
    let request = json!({"credential": draft, "options": {"institution": "vinh"}});
    let answer = house.admin().post("/credentials/issue", &request).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].clone()
}

async fn file(house: &TestHouse, keeper: &str, register: Register, id: &str, version: u64, body: &Value) {
    let filing = Filing {
        institution: Slug::parse(keeper).unwrap(),
        register,
        id: id.to_owned(),
        version,
        at: house.app.now(),
        actor: "officer".to_owned(),
        body: Some(body.to_string().into_bytes()),
    };
    house.app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
}

/// An agreement of that kind from Vietnam to Laos, signed on paper.
fn agreement(id: &str, kind: &str) -> Value {
    json!({"agreement": {"agreementId": id, "kind": kind, "effectiveFrom": "2026-01-01", "effectiveTo": "2027-12-31",
        "party": [{"id": "did:web:a.example", "territory": "VN"}, {"id": "did:web:b.example", "territory": "LA"}],
        "scope": [{"origin": "VN", "receiving": "LA", "framework": "VQF", "levelMin": 4, "levelMax": 5, "types": ["diploma"],
            "automatic": true, "target": "LNQF:5", "conditions": [{"field": "notionalHours", "op": "ge", "value": 2000}]}]},
        "history": [{"state": "signed", "since": "2025-12-01", "recordedAt": "2025-12-02T00:00:00Z"}]})
}

async fn worth(house: &TestHouse, award: &Value, country: &str) -> Value {
    let request = json!({"verifiableCredential": award, "options": {"country": country}});
    house.stranger().post(VERIFY, &request).await.json()["worth"].clone()
}

#[tokio::test]
async fn levels_agreements_and_statements_are_told_for_the_country_asked_for() {
    let house = house().await;
    let award = award(&house, |_| {}).await;
    let bare = house.stranger().post(VERIFY, &json!({"verifiableCredential": award})).await;
    assert!(bare.json().get("worth").is_none(), "whoever does not ask is not told");
    let told = worth(&house, &award, "LA").await;
    assert_eq!((&told["origin"], &told["level"]), (&json!("VN"), &json!({"framework": "VQF", "level": 5})));
    let compared: Vec<_> = told["compared"].as_array().unwrap().iter().map(|one| &one["framework"]).collect();
    assert_eq!(compared, ["AQRF", "EQF", "LNQF"]);
    assert_eq!(
        (&told["compared"][0]["basis"], &told["compared"][1]["levels"]),
        (&json!("assumed"), &Value::Null)
    );
    assert!(told.get("agreements").is_none() && told.get("statements").is_none());

    file(&house, "moes", Register::Agreement, "VN-LA-1", 1, &agreement("VN-LA-1", "ministry")).await;
    // A college may file what it likes about itself.
    file(&house, "vinh", Register::Agreement, "VN-LA-0", 1, &agreement("VN-LA-0", "treaty")).await;
    file(&house, "vinh", Register::Agreement, "VN-LA-2", 1, &agreement("VN-LA-2", "institution")).await;
    let told = worth(&house, &award, "LA").await;
    let offers = told["agreements"].as_array().unwrap();
    assert_eq!(offers.len(), 1, "{told}");
    assert_eq!(offers[0]["agreement"], "VN-LA-1");
    assert_eq!((&offers[0]["automatic"], &offers[0]["level"]), (&json!(true), &json!("LNQF:5")));
    assert_eq!((&offers[0]["keeper"], &offers[0]["signed"]), (&json!(house.did("moes")), &json!(false)));
    assert_eq!(offers[0]["conditions"][0]["met"], "unknown");
    for elsewhere in ["TH", "VN"] {
        assert!(worth(&house, &award, elsewhere).await.get("agreements").is_none(), "{elsewhere}");
    }

    // A statement, and what an officer refused, which is nobody else's business.
    let statement = house.diploma().await;
    let digest = digest_multibase(&jcs::canonicalize_without(award.as_object().unwrap(), &[]));
    let said = |url: &Value, verdict: &str| json!({"url": url, "application": "x", "verdict": verdict, "level": "LNQF:5", "date": "2026-11-20"});
    let body = json!({"source": {"id": award["id"]}, "statements": [
        said(&json!("http://localhost:8080/c/0123456789abcdefghjkmnpqrs"), "RECOGNISED_FULL"),
        said(&statement["id"], "NOT_RECOGNISED"), said(&statement["id"], "RECOGNISED_FULL")]});
    file(&house, "moes", Register::Recognised, &digest, 1, &body).await;
    let told = worth(&house, &award, "LA").await;
    assert_eq!(
        told["statements"],
        json!([{"url": statement["id"], "verdict": "RECOGNISED_FULL", "level": "LNQF:5", "date": "2026-11-20"}])
    );
    let page = house.browser().get(&page_of(&award)).await;
    // The one authority here is that of Laos, and whoever reads here reads there.
    for words in [
        "What it is worth in Laos",
        "Assumed, not agreed: indicative only.",
        "LNQF 5, without a decision case by case",
        statement["id"].as_str().unwrap(),
        "name=\"country\"",
        "agreement of ministries",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(page.text().len() < 30_000);
    let there = house.browser().get(&format!("{}?country=TH&lang=vi", page_of(&award))).await.text();
    // Another language keeps the country, and another country the language.
    assert!(
        ["&#38;", "&amp;"].iter().any(|and| there.contains(&format!("?country=TH{and}lang=lo"))),
        "{there}"
    );
    assert!(there.contains("name=\"lang\" value=\"vi\""));
    assert!(there.contains(&format!("action=\"{}\"", page_of(&award))));
    assert!(
        there.contains("Giá trị của văn bằng tại Thái Lan") && there.contains("Chưa biết thỏa thuận nào"),
        "{there}"
    );
    let withdrawn = json!({"credentialId": statement["id"], "statusPurpose": "revocation", "value": true, "reason": "an error"});
    assert_eq!(house.college().post("/credentials/status", &withdrawn).await.status, 200);
    assert!(worth(&house, &award, "LA").await.get("statements").is_none());
}

#[tokio::test]
async fn an_agreement_ends_on_its_day() {
    let house = house().await;
    let award = award(&house, |_| {}).await;
    file(&house, "moes", Register::Agreement, "VN-LA-1", 1, &agreement("VN-LA-1", "ministry")).await;
    for (now, there) in [("2027-12-31T12:00:00Z", true), ("2028-01-01T00:00:00Z", false)] {
        house.clock.set(now.parse().unwrap());
        assert_eq!(worth(&house, &award, "LA").await.get("agreements").is_some(), there, "{now}");
    }
}

#[tokio::test]
async fn nothing_is_worth_anything_that_cannot_be_relied_on() {
    let house = house().await;
    let award = award(&house, |_| {}).await;
    file(&house, "moes", Register::Agreement, "VN-LA-1", 1, &agreement("VN-LA-1", "ministry")).await;
    let mut changed = award.clone();
    changed["name"] = json!("Doctor of everything");
    assert!(worth(&house, &changed, "LA").await.is_null());
    let nobody = house.conformance().post("/credentials/issue", &json!({"credential": generic()})).await;
    assert!(worth(&house, &nobody.json()["verifiableCredential"], "LA").await.is_null(), "no award");
    let elsewhere = TestHouse::new().await;
    assert!(worth(&elsewhere, &award, "LA").await.is_null(), "nobody there vouches for its issuer");
    let expiring = self::award(&house, |draft| draft["validUntil"] = json!("2026-12-31T00:00:00Z")).await;
    assert!(worth(&house, &expiring, "LA").await.get("agreements").is_some());
    let revoked = json!({"credentialId": award["id"], "statusPurpose": "revocation", "value": true, "reason": "an error"});
    assert_eq!(house.admin().post("/credentials/status", &revoked).await.status, 200);
    assert!(worth(&house, &award, "LA").await.is_null());
    assert!(!house.browser().get(&page_of(&award)).await.text().contains("class=\"worth\""));
    house.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    let told = worth(&house, &expiring, "LA").await;
    assert!(told.get("level").is_some() && told.get("agreements").is_none(), "{told}");
}

#[tokio::test]
async fn a_country_that_is_none_is_refused() {
    let house = house().await;
    let award = award(&house, |_| {}).await;
    for country in ["XX", "la", "LAO", "", "%3Cb%3E"] {
        let request = json!({"verifiableCredential": award, "options": {"country": country}});
        let answer = house.stranger().post(VERIFY, &request).await;
        assert_eq!(
            (answer.problem(400).0.as_str(), answer.pointers()),
            ("request-invalid", vec!["/options/country".to_owned()])
        );
        let page = house.browser().get(&format!("{}?country={country}", page_of(&award))).await;
        assert_eq!(page.status, if country.is_empty() { 200 } else { 400 });
    }
    let presented = json!({"verifiablePresentation": {}, "options": {"country": "LA"}});
    let answer = house.stranger().post("/presentations/verify", &presented).await;
    assert_eq!(answer.pointers(), ["/options/country"]);
}
