//! What else stands on a list: keys that end, successors, pointers, policies; and that all of it is logged.

use serde_json::{Value, json};
use testamur::accredit;
use testamur::administer;
use testamur::issue::operator;
use testamur::log::tile::Level;
use testamur::publish::log::Publisher;
use testamur::trustlist::TrustedKey;

use super::ministry::*;
use crate::support::TestHouse;

async fn college(ministry: &Ministry) -> Vec<TrustedKey> {
    ministry.list().await.issuer(&ministry.house.did("ha-noi")).unwrap().keys.clone()
}

#[tokio::test]
async fn a_list_follows_the_keys_of_its_own_service() {
    let (ministry, _) = Ministry::accrediting().await;
    let app = &ministry.house.app;
    let before = college(&ministry).await;
    assert_eq!((before.len(), before[0].not_after), (1, None));
    administer::new_key(app, &operator(app.now()), &slug("ha-noi"), true).await.unwrap();
    let rotated = college(&ministry).await;
    assert_eq!(
        (rotated.len(), rotated[0].not_after),
        (1, Some(app.now())),
        "a new key is the authority's to admit"
    );
    ministry.done("/authority/issuers", json!({"id": ministry.house.did("ha-noi")})).await;
    let admitted = college(&ministry).await;
    assert_eq!((admitted.len(), admitted[1].not_after), (2, None));
    assert_eq!(accredit::follow(app).await.unwrap(), 0, "nothing is told twice");

    let key = admitted[1].id.rsplit_once('#').unwrap().1.to_owned();
    let since = app.now() - jiff::SignedDuration::from_hours(5);
    administer::retire_key(app, &operator(app.now()), &slug("ha-noi"), &key, Some(since)).await.unwrap();
    let stolen = college(&ministry).await;
    assert_eq!(stolen[1].compromised_since, Some(since));
    // The archive is what it was when the key was admitted; the list itself tells what became of it.
    assert_eq!(ministry.list().await.sequence, 6);

    // What became of a key of an issuer elsewhere, the authority tells itself; an end only comes closer.
    let asked =
        |at: &str| json!({"issuer": ministry.house.did("ha-noi"), "key": stolen[0].id, "notAfter": at});
    ministry.done("/authority/keys", asked("2026-11-20T00:00:00Z")).await;
    let later = ministry.actor().post("/authority/keys", &asked("2027-11-20T00:00:00Z")).await;
    assert_eq!(later.problem(409).0, "conflict");
    // Looked at again, it stays with the earlier end that the authority told.
    ministry.done("/authority/issuers", json!({"id": ministry.house.did("ha-noi")})).await;
    let again = college(&ministry).await;
    assert_eq!(again[0].not_after.unwrap().to_string(), "2026-11-20T00:00:00Z");
    let earlier = json!({"id": stolen[0].id, "notAfter": "2026-11-19T00:00:00Z"});
    let asked = json!({"id": ministry.house.did("ha-noi"), "trustedKey": [earlier]});
    ministry.done("/authority/issuers", asked).await;
    assert_eq!(college(&ministry).await[0].not_after.unwrap().to_string(), "2026-11-19T00:00:00Z");
}

#[tokio::test]
async fn an_issuer_elsewhere_is_listed_by_what_is_given_of_it() {
    let ministry = Ministry::rooted().await;
    let did = super::maker::COLLEGE;
    let body = json!({
        "id": did, "nameI18n": {"vi": "Doanh nghiệp mẫu"}, "keyUse": "endorsement", "location": "geo:18.6,105.6",
        "archivedDidDocument": super::maker::did_document(&[21, 22]),
    });
    ministry.done("/authority/issuers", body).await;
    let list = ministry.list().await;
    let listed = list.issuer(did).unwrap();
    assert_eq!((listed.keys.len(), listed.keys[0].not_before), (2, ministry.now()));
    assert_eq!(listed.location, Some((18.6, 105.6)));
    let other = json!({"id": did, "trustedKey": [{"id": listed.keys[0].id, "keyUse": "award"}]});
    assert_eq!(ministry.actor().post("/authority/issuers", &other).await.problem(409).0, "conflict");
    let back = json!({"id": did, "loggedSince": "2026-01-01T00:00:00Z"});
    ministry.done("/authority/issuers", back).await;
    let later = json!({"id": did, "loggedSince": "2026-02-01T00:00:00Z"});
    assert_eq!(ministry.actor().post("/authority/issuers", &later).await.problem(409).0, "conflict");
}

#[tokio::test]
async fn successors_pointers_and_policies_stand_on_the_list() {
    let (ministry, _) = Ministry::accrediting().await;
    let (closed, keeper) = (ministry.house.did("ha-noi"), ministry.house.did("vientiane"));
    let key = ministry.house.app.registry.member(&slug("vientiane")).unwrap().institution.keys[0].key.clone();
    let successor = json!({
        "issuer": closed, "successor": keeper, "since": "2026-11-22",
        "statusMirror": [{
            "prefix": "http://localhost:8080/institutions/ha-noi/status/",
            "mirror": "http://localhost:8080/institutions/vientiane/status/ha-noi/",
            "key": format!("{keeper}#{key}"), "notBefore": "2026-11-22T08:00:00Z",
        }],
    });
    ministry.done("/authority/successors", successor.clone()).await;
    let list = ministry.list().await;
    assert_eq!(list.issuer(&closed).unwrap().successor.as_ref().unwrap().did.as_str(), keeper);
    let mut wrong = successor;
    wrong["statusMirror"][0]["prefix"] = json!("http://localhost:8080/no-slash");
    let refused = ministry.actor().post("/authority/successors", &wrong).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text());

    let fingerprint = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    let pointer = json!({
        "territory": "LA", "listUrl": "https://trust.la.example/trust/LA/list",
        "rootUrl": "https://trust.la.example/trust/LA/root/1", "fingerprint": fingerprint, "agreementId": "VN-LA",
    });
    ministry.done("/authority/pointers", pointer.clone()).await;
    ministry.done("/authority/pointers", pointer).await;
    let list = ministry.list().await;
    assert_eq!((list.pointers.len(), list.pointers[0].fingerprint.as_str()), (1, fingerprint));

    let policy = json!({"logPolicy": "quorum none\n", "closedLog": [{"origin": "log.x/2025", "treeSize": 7, "rootHash": "AAAA"}]});
    ministry.done("/authority/policy", policy).await;
    let list = ministry.list().await;
    assert_eq!((list.log_policy.as_deref(), list.closed_logs.len()), (Some("quorum none\n"), 1));
    let other = json!({"closedLog": [{"origin": "log.x/2025", "treeSize": 8, "rootHash": "AAAA"}]});
    let refused = ministry.actor().post("/authority/policy", &other).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text());
}

#[tokio::test]
async fn every_list_is_a_leaf_of_the_log() {
    let ministry = Ministry::rooted_in(TestHouse::on_disk().await).await;
    let house = &ministry.house;
    ministry.done("/authority/issuers", json!({"id": house.did("ha-noi")})).await;
    let mut publisher = Publisher::new(house.app.clone());
    assert_eq!(publisher.tick().await.unwrap(), 2);
    let served: Value = house.stranger().get("/trust-list").await.json();
    let digest = testamur::crypto::sha256(&testamur::codec::jcs::canonicalize(&served));
    let entry = testamur::log::Leaf::TrustList { digest }.entry();
    let bundle = house.app.store.log_tile(2026, Level::Entries, 0).await.unwrap().unwrap();
    assert!(bundle.windows(32).any(|bytes| bytes == entry.0.as_slice()));
    assert_eq!(house.app.store.check(&|_, _| {}).await, Ok(vec![]));
}

#[tokio::test]
async fn what_an_authority_signs_means_the_same_as_linked_data() {
    let (ministry, _) = Ministry::accrediting().await;
    let (closed, keeper) = (ministry.house.did("ha-noi"), ministry.house.did("vientiane"));
    let key = ministry.house.app.registry.member(&slug("vientiane")).unwrap().institution.keys[0].key.clone();
    let mirror = json!({
        "prefix": "http://localhost:8080/a/", "mirror": "http://localhost:8080/b/",
        "key": format!("{keeper}#{key}"), "notBefore": "2026-11-22T08:00:00Z",
    });
    let successor =
        json!({"issuer": closed, "successor": keeper, "since": "2026-11-22", "statusMirror": [mirror]});
    ministry.done("/authority/successors", successor).await;
    ministry
        .done(
            "/authority/issuers",
            json!({"id": closed, "location": "geo:1,2", "loggedSince": "2026-11-22T08:00:00Z"}),
        )
        .await;
    ministry.done("/authority/policy", json!({"logPolicy": "quorum none\n", "closedLog": [{"origin": "log.x/2025", "treeSize": 7, "rootHash": "AAAA"}]})).await;
    let pointer = json!({
        "territory": "LA", "listUrl": "https://la.example/trust/LA/list", "agreementId": "VN-LA",
        "rootUrl": "https://la.example/trust/LA/root/1",
        "fingerprint": "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng",
    });
    ministry.done("/authority/pointers", pointer).await;
    let list: Value = serde_json::from_slice(&ministry.list().await.bytes).unwrap();
    let root: Value = serde_json::from_slice(&ministry.roots[0].bytes).unwrap();
    for document in [list, root] {
        // Safe mode: a member that no context defines would be lost to whoever reads it as linked data.
        let quads = testamur::jsonld::canonicalize(document.as_object().unwrap(), &["proof"]).unwrap();
        assert!(quads.contains("https://w3id.org/testamur/vocab#territory"));
    }
}

#[tokio::test]
async fn several_authorities_in_one_house_are_each_at_their_own_address() {
    let (ministry, _) = Ministry::accrediting().await;
    let body = json!({"slug": "moes", "name": {"lo": "ກະຊວງ"}, "authority": "LA"});
    assert_eq!(ministry.house.admin().post("/institutions", &body).await.status, 201);
    let (_, detail) = ministry.house.stranger().get("/trust-list").await.problem(404);
    assert!(detail.contains("/trust/VN/list") && detail.contains("/trust/LA/list"), "{detail}");
    assert_eq!(ministry.house.stranger().get("/trust/VN/list").await.status, 200);
    assert_eq!(ministry.house.stranger().get("/trust/LA/list").await.status, 404);
    let unnamed =
        ministry.house.admin().post("/authority/policy", &json!({"logPolicy": "quorum none\n"})).await;
    assert_eq!(unnamed.problem(400).0, "issuer-ambiguous");
    let laos = json!({"authority": "LA", "logPolicy": "quorum none\n"});
    let rootless = ministry.house.admin().post("/authority/policy", &laos).await;
    assert!(rootless.problem(409).1.contains("has no root yet"));
}

#[tokio::test]
async fn a_key_that_has_ended_is_listed_with_its_end() {
    let ministry = Ministry::rooted().await;
    let did = super::maker::COLLEGE;
    let mut document = super::maker::did_document(&[21, 22, 23]);
    document["verificationMethod"][0]["expires"] = json!("2026-06-30T00:00:00Z");
    document["verificationMethod"][1]["expires"] = json!("2027-06-30T00:00:00Z");
    document["verificationMethod"][2]["revoked"] = json!("2026-06-01T00:00:00Z");
    let body = json!({"id": did, "nameI18n": {"vi": "Trường"}, "archivedDidDocument": document});
    ministry.done("/authority/issuers", body.clone()).await;
    ministry.done("/authority/issuers", body).await;
    let keys = ministry.list().await.issuer(did).unwrap().keys.clone();
    let ends: Vec<_> = keys.iter().map(|key| key.not_after.map(|at| at.to_string())).collect();
    assert_eq!(
        ends,
        [Some("2026-06-30T00:00:00Z".to_owned()), Some("2027-06-30T00:00:00Z".to_owned()), None]
    );
    assert_eq!(keys[2].compromised_since, Some(super::maker::at("2026-06-01T00:00:00Z")));
}
