//! `/institutions`, DID documents and status lists

use std::io::Read as _;

use serde_json::json;
use testamur::store::Change;

use crate::support::TestHouse;

#[tokio::test]
async fn a_did_document_stands_where_did_web_looks() {
    let house = TestHouse::new().await;
    let answer = house.stranger().get("/institutions/ha-noi/did.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/did+json"));
    let document = answer.json();
    assert_eq!(document["id"], "did:web:localhost%3A8080:institutions:ha-noi");
    assert_eq!(document["verificationMethod"][0]["type"], "Multikey");
    let again = house
        .stranger()
        .with("if-none-match", answer.header("etag"))
        .get("/institutions/ha-noi/did.json")
        .await;
    assert_eq!(again.status, 304);
    for path in [
        "/institutions/nobody/did.json",
        "/institutions/conformance/did.json",
        "/institutions/%C3%A0/did.json",
        "/.well-known/did.json",
    ] {
        assert_eq!(house.stranger().get(path).await.problem(404).0, "not-found", "{path}");
    }
}

#[tokio::test]
async fn a_status_list_is_signed_compressed_and_versioned() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let path = "/institutions/ha-noi/status/revocation/1";
    let plain = house.stranger().with("accept", "application/ld+json").get(path).await;
    assert_eq!((plain.status, plain.header("content-type")), (200, "application/ld+json"));
    let list = plain.json();
    assert_eq!(list["issuer"], house.did("ha-noi"));
    assert_eq!(list["id"], format!("http://localhost:8080{path}"));
    let verdict = house.stranger().post("/credentials/verify", &json!({"verifiableCredential": list})).await;
    assert_eq!(verdict.status, 200, "{}", verdict.text());

    let squeezed = house.stranger().with("accept-encoding", "gzip").get(path).await;
    assert_eq!(
        (squeezed.header("content-encoding"), squeezed.header("content-type")),
        ("gzip", "application/vc")
    );
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(squeezed.body.as_slice()).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    assert_eq!(house.stranger().with("if-none-match", plain.header("etag")).get(path).await.status, 304);
    assert_eq!(
        house
            .stranger()
            .with("accept-encoding", "gzip")
            .with("if-none-match", squeezed.header("etag"))
            .get(path)
            .await
            .status,
        304
    );

    let body = json!({"credentialId": issued["id"], "statusPurpose": "revocation", "value": true, "reason": "error"});
    assert_eq!(house.college().post("/credentials/status", &body).await.status, 200);
    let newer = house.stranger().with("if-none-match", plain.header("etag")).get(path).await;
    assert_eq!(newer.status, 200);
    assert_ne!(newer.json()["credentialSubject"]["encodedList"], list["credentialSubject"]["encodedList"]);
    let old = house.stranger().get(&format!("{path}?version=1")).await;
    assert_eq!((old.status, old.body), (200, plain.body));
    assert_eq!(house.stranger().get(&format!("{path}?version=99")).await.status, 404);
    assert_eq!(house.stranger().get(&format!("{path}?version=x")).await.problem(400).0, "request-invalid");
}

#[tokio::test]
async fn a_list_not_begun_is_not_there() {
    let house = TestHouse::new().await;
    for path in [
        "revocation/2",
        "revocation/01",
        "revocation/0",
        "refresh/1",
        "revocation/x",
        "revocation/99999999999",
    ] {
        let answer = house.stranger().get(&format!("/institutions/ha-noi/status/{path}")).await;
        assert_eq!(answer.problem(404).0, "not-found", "{path}");
    }
}

#[tokio::test]
async fn an_institution_is_founded_by_an_admin() {
    let house = TestHouse::new().await;
    let body = json!({"slug": "da-nang", "name": {"vi": "Trường Cao đẳng Đà Nẵng"}, "did": "web", "country": "VN", "contact": null});
    assert_eq!(house.college().post("/institutions", &body).await.problem(403).0, "not-allowed");
    let answer = house.admin().post("/institutions", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["did"], "did:web:localhost%3A8080:institutions:da-nang");
    assert_eq!(house.stranger().get("/institutions/da-nang/did.json").await.status, 200);
    assert_eq!(house.admin().post("/institutions", &body).await.problem(409).0, "conflict");
    let listed = house.stranger().get("/institutions").await.json();
    assert_eq!(listed["institutions"].as_array().unwrap().len(), 4);
    assert!(!listed.to_string().contains("keys"));
    let wrong = json!({"slug": "Đà Nẵng", "name": {"vi": "x"}});
    assert_eq!(house.admin().post("/institutions", &wrong).await.pointers(), ["/slug"]);
}

#[tokio::test]
async fn of_what_changes_at_one_moment_nothing_is_lost() {
    let house = TestHouse::new().await;
    let (registry, now) = (&house.app.registry, house.app.now());
    let token = |n: usize| testamur::access::TokenRecord {
        hash: format!("{n:064}"),
        label: format!("token {n}"),
        roles: vec![testamur::access::Role::Auditor],
        reach: testamur::access::Reach::All,
        created: now,
        revoked: None,
    };
    let added: Vec<_> = (0..200).map(|n| Change::TokenAdded(token(n))).collect();
    registry.apply(&added).unwrap();
    std::thread::scope(|threads| {
        for quarter in 0..4 {
            threads.spawn(move || {
                for n in (quarter..200).step_by(4) {
                    let revoked = Change::TokenRevoked { hash: format!("{n:064}"), at: now };
                    registry.apply(&[revoked]).unwrap();
                    registry.pin(Vec::new());
                }
            });
        }
    });
    let works = (0..200).filter(|n| registry.token(&format!("{n:064}")).unwrap().revoked.is_none());
    assert_eq!(works.count(), 0, "a token that was withdrawn still works");
}
