//! Two colleges make a joint award: prepared, endorsed by each other, issued; and what becomes of the pair.

use serde_json::{Value, json};
use testamur::credential::endorsement;

use crate::support::{Actor, TestHouse, diploma, page_of};

async fn prepared(college: &Actor) -> Value {
    let answer = college.post("/credentials/prepare", &json!({"credential": diploma()})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["credential"].clone()
}

async fn issued(college: &Actor, draft: &Value, visibility: &str) -> Value {
    let request = json!({"credential": draft, "options": {"visibility": visibility}});
    let answer = college.post("/credentials/issue", &request).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].clone()
}

/// What a college signs about the other's draft.
async fn endorsement(college: &Actor, draft: &Value) -> Value {
    let digest = endorsement::digest_of(draft.as_object().unwrap());
    let document = json!({
        "@context": draft["@context"], "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement of a joint award",
        "credentialSubject": {"id": draft["id"], "type": ["EndorsementSubject"], "digestMultibase": digest,
            "endorsementComment": "Our half and this one are one programme."},
    });
    issued(college, &document, "public").await
}

/// The pair, as docs/api.md says how it is made.
async fn pair(house: &TestHouse, visibility: &str) -> [Value; 2] {
    let (one, other) = (house.college(), house.neighbour());
    let (mut first, mut second) = (prepared(&one).await, prepared(&other).await);
    first["credentialSubject"]["partnerAward"] = second["id"].clone();
    second["credentialSubject"]["partnerAward"] = first["id"].clone();
    let (to_first, to_second) = (endorsement(&other, &first).await, endorsement(&one, &second).await);
    first["endorsement"] = json!([to_first]);
    second["endorsement"] = json!([to_second]);
    [issued(&one, &first, visibility).await, issued(&other, &second, visibility).await]
}

async fn verdict(house: &TestHouse, document: &Value) -> Value {
    let answer =
        house.stranger().post("/credentials/verify", &json!({"verifiableCredential": document})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(verdict: &Value) -> Vec<&str> {
    let checks = verdict["checks"].as_array().unwrap().iter();
    checks.filter_map(|check| check["code"].as_str()).filter(|code| code.starts_with("partner.")).collect()
}

#[tokio::test]
async fn two_colleges_make_a_pair_and_each_half_shows_what_became_of_the_other() {
    let house = TestHouse::new().await;
    let [first, second] = pair(&house, "public").await;
    for (half, partner, other) in [(&first, &second, "vientiane"), (&second, &first, "ha-noi")] {
        let found = verdict(&house, half).await;
        assert_eq!((&found["state"], codes(&found)), (&json!("genuine"), vec!["partner.confirmed"]));
        assert_eq!(found["partnerAward"]["id"], partner["id"]);
        assert_eq!(found["partnerAward"]["issuer"]["id"], house.did(other));
        assert_eq!(found["partnerAward"]["state"], "genuine");
    }
    let page = house.browser().get(&page_of(&first)).await.text();
    assert!(page.contains("id=\"partner\"") && page.contains("ວິທະຍາໄລຕົວຢ່າງ"), "{page}");
    assert!(page.contains(&format!("href=\"{}\"", second["id"].as_str().unwrap())));

    let status = |value: bool, purpose: &str| json!({"credentialId": second["id"], "statusPurpose": purpose, "value": value, "reason": "an error"});
    for (change, code, state) in [
        (status(true, "suspension"), "partner.suspended", "genuine-but"),
        (status(false, "suspension"), "partner.confirmed", "genuine"),
        (status(true, "revocation"), "partner.revoked", "genuine-but"),
    ] {
        assert_eq!(house.neighbour().post("/credentials/status", &change).await.status, 200);
        let found = verdict(&house, &first).await;
        assert_eq!((codes(&found), &found["state"]), (vec![code], &json!(state)));
        assert_eq!(found["verified"], true, "the first half stays valid");
    }
    let page = house.browser().get(&page_of(&first)).await.text();
    assert!(page.contains("Genuine, but the partner’s award was revoked"), "{page}");
}

#[tokio::test]
async fn a_replaced_half_leads_on_and_an_erased_one_is_unknown() {
    let house = TestHouse::new().await;
    let [first, second] = pair(&house, "public").await;
    let replaced = json!({"credentialId": second["id"], "statusPurpose": "revocation", "value": true,
        "reason": "corrected", "successor": "http://localhost:8080/c/0123456789abcdefghjkmnpqrs"});
    assert_eq!(house.neighbour().post("/credentials/status", &replaced).await.status, 200);
    let found = verdict(&house, &first).await;
    assert_eq!(codes(&found), ["partner.replaced"]);
    let erased = json!({"credentialId": second["id"], "reason": "asked for"});
    assert_eq!(house.neighbour().post("/credentials/erase", &erased).await.status, 200);
    let found = verdict(&house, &first).await;
    assert_eq!((codes(&found), &found["state"]), (vec!["partner.unknown"], &json!("genuine-but")));
}

#[tokio::test]
async fn a_closed_page_is_there_for_its_own_other_half_alone() {
    let house = TestHouse::new().await;
    let [first, second] = pair(&house, "token").await;
    assert_eq!(codes(&verdict(&house, &first).await), ["partner.confirmed"]);
    // Whoever names it, or an award that is not there, is told the same.
    let told = async |partner: &Value| {
        let mut draft = diploma();
        draft["credentialSubject"]["partnerAward"] = partner.clone();
        let found = verdict(&house, &issued(&house.college(), &draft, "public").await).await;
        assert_eq!(codes(&found), ["partner.unknown"]);
        let text = found["checks"].as_array().unwrap().last().unwrap()["because"]["problem"].to_string();
        text.replace(partner.as_str().unwrap(), "")
    };
    let nobody = json!("http://localhost:8080/c/0123456789abcdefghjkmnpqrs");
    assert_eq!(told(&second["id"]).await, told(&nobody).await);
}
