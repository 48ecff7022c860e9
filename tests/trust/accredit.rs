//! An authority at work: from its root to a diploma that another service finds genuine, and what becomes of that.

use serde_json::{Value, json};
use testamur::credential::Credential;
use testamur::pin;
use testamur::publish::trust::list;
use testamur::store::{Change, Conflict, StoreError, TrustKind, TrustVersion};
use testamur::trustlist::edit::root::{ListKey, Rotation};
use testamur::trustlist::{KeyUse, TrustList};

use super::ministry::*;
use crate::support::{Answer, TestHouse, diploma};

fn codes(verdict: &Value) -> Vec<&str> {
    verdict["checks"].as_array().unwrap().iter().filter_map(|check| check["code"].as_str()).collect()
}

async fn verdict(house: &TestHouse, credential: &Value) -> Value {
    let asked = json!({ "verifiableCredential": credential });
    house.stranger().post("/credentials/verify", &asked).await.json()
}

#[tokio::test]
async fn a_root_brings_its_first_list_and_each_decision_the_next() {
    let (ministry, grant) = Ministry::accrediting().await;
    let newest = ministry.list().await;
    assert_eq!((newest.sequence, newest.territory.as_str(), newest.issuers().count()), (3, "VN", 1));
    assert_eq!(newest.key, ministry.keys()[1].rsplit_once('#').unwrap().1);
    let college = newest.issuers().next().unwrap();
    assert_eq!(college.names.iter().next().unwrap().1, "Trường Cao đẳng Mẫu Hà Nội");
    assert_eq!((college.keys.len(), college.keys[0].key_use), (1, KeyUse::Award));
    assert!(college.archived.is_some() && college.code.as_deref() == Some("CDD0000"));
    assert_eq!(college.grants[0].id, grant);
    let accreditation = college.grants[0].accreditation.clone().unwrap();

    // The accreditation is a credential of the ministry, signed with its other key, and genuine here.
    let page = accreditation.strip_prefix("http://localhost:8080").unwrap();
    let served = ministry.house.stranger().get(page).await.json();
    assert_eq!(served["credentialSubject"]["grant"]["id"], json!(grant));
    assert_eq!(served["proof"]["verificationMethod"], json!(ministry.keys()[0]));
    let found = verdict(&ministry.house, &served).await;
    assert_eq!((&found["state"], &found["verified"]), (&json!("genuine"), &json!(true)), "{found:#}");

    // Each list stays where it was published, and says what the one before said.
    let stranger = ministry.house.stranger();
    for number in 1..=3 {
        let old = stranger.get(&format!("/trust/VN/list/{number}")).await;
        assert_eq!((old.status, old.header("content-type")), (200, "application/vc"));
        assert!(old.header("cache-control").contains("immutable"));
        assert_eq!(TrustList::parse(old.text().as_bytes(), &ministry.roots[0]).unwrap().sequence, number);
    }
    let now = stranger.get("/trust/VN/list").await;
    assert_eq!(now.header("etag"), "\"3\"");
    assert_eq!(stranger.clone().with("if-none-match", "\"3\"").get("/trust-list").await.status, 304);
    for nothing in ["/trust/VN/list/4", "/trust/VN/list/0", "/trust/LA/list", "/trust/VN/list/x"] {
        assert_eq!(stranger.get(nothing).await.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn the_authoritys_own_service_goes_by_its_list_at_once() {
    let (ministry, grant) = Ministry::accrediting().await;
    let credential = ministry.house.diploma().await;
    let found = verdict(&ministry.house, &credential).await;
    assert_eq!(found["state"], "genuine", "{found:#}");
    assert_eq!(found["issuer"]["vouchedBy"], "trust-list");
    assert!(codes(&found).contains(&"accredited.on.award.date"));
    let on_map = async || {
        let map = ministry.house.stranger().get("/map.geojson").await.json();
        map["features"][0]["properties"]["standing"].clone()
    };
    assert_eq!(on_map().await, "accredited");
    let standing = format!("/authority/accreditations/{grant}/standing");
    ministry.done(&standing, json!({"standing": "withdrawn", "reason": "closed by decision 9/2026"})).await;
    assert_eq!(on_map().await, "ended");
    let after = verdict(&ministry.house, &credential).await;
    assert_eq!(after["state"], "could-not-be-checked", "{after:#}");
    assert!(codes(&after).contains(&"award.unanchored"));
    // Its accreditation is revoked with it, and says why.
    let accreditation =
        ministry.list().await.issuers().next().unwrap().grants[0].accreditation.clone().unwrap();
    let page = accreditation.strip_prefix("http://localhost:8080").unwrap().to_owned();
    let served = ministry.house.stranger().get(&page).await.json();
    let found = verdict(&ministry.house, &served).await;
    assert_eq!(found["state"], "withdrawn", "{found:#}");
    // What is awarded from now on is refused.
    let mut draft = diploma();
    draft["awardedDate"] = json!("2026-11-22T08:00:00Z");
    let issued = ministry.house.college().post("/credentials/issue", &json!({"credential": draft})).await;
    let found = verdict(&ministry.house, &issued.json()["verifiableCredential"]).await;
    assert_eq!(found["state"], "not-genuine", "{found:#}");
    assert!(codes(&found).contains(&"accreditation.withdrawn.on.award.date"));
    // Also after the service began again.
    let reopened = ministry.house.reopened().await;
    assert_eq!(reopened.registry.own_trust(&slug("moet")).unwrap().list.as_ref().unwrap().sequence, 4);
}

#[tokio::test]
async fn another_service_pins_the_root_and_finds_the_diploma_genuine() {
    let house = on_a_port().await;
    let (mut ministry, grant) = Ministry::accrediting_in(house).await;
    let listening = ministry.house.listening().await;
    let url = ministry.root_url();
    let laos = abroad(&ministry, |_| {}).await;
    let credential = ministry.house.diploma().await;
    let before = verdict(&laos, &credential).await;
    assert_eq!(before["state"], "could-not-be-checked", "{before:#}");

    let app = &laos.app;
    let fingerprint = ministry.roots[0].fingerprint.clone();
    let pinned = pin::pin(&app.fetcher, &app.pins, &url, &fingerprint, app.now()).await.unwrap();
    assert_eq!(pinned.list.unwrap().sequence, 3);
    app.registry.pin(app.pins.load().unwrap());
    let found = verdict(&laos, &credential).await;
    assert_eq!(found["state"], "genuine", "{found:#}");
    assert!(codes(&found).contains(&"accredited.on.award.date"));

    let standing = format!("/authority/accreditations/{grant}/standing");
    ministry.done(&standing, json!({"standing": "suspended", "reason": "under review"})).await;
    pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
    app.registry.pin(app.pins.load().unwrap());
    let found = verdict(&laos, &credential).await;
    assert!(codes(&found).contains(&"accreditation.suspended.later"), "{found:#}");

    // The list key is stolen and replaced: the pin holds, and takes the list that the new key has signed.
    let revoke = [ministry.keys()[1].clone()];
    let delegate = [ListKey { id: ministry.keys()[0].clone(), ..ministry.list_key() }];
    let change = Rotation { delegate: &delegate, revoke: &revoke, ..Rotation::default() };
    let second = ministry.signed(ministry.next_root(&change), &[2, 3]);
    ministry.publish(second).await.unwrap();
    let renewed = pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
    assert_eq!((renewed.root.version, renewed.pin.fingerprint.as_str()), (2, fingerprint.as_str()));
    assert_eq!(renewed.list.unwrap().sequence, 5);
    listening.stop().await;
}

#[tokio::test]
async fn what_a_list_has_said_it_goes_on_saying() {
    let (ministry, grant) = Ministry::accrediting().await;
    let path = format!("/authority/accreditations/{grant}/standing");
    let refused = async |body: Value, status: u16| -> String {
        let answer = ministry.actor().post(&path, &body).await;
        let (code, detail) = answer.problem(status);
        format!("{code}: {detail}")
    };
    let withdrawn = |since: &str| json!({"standing": "withdrawn", "since": since, "reason": "it closes"});
    let back = refused(withdrawn("2026-06-01"), 409).await;
    assert!(back.contains("dates back to before the last list"), "{back}");
    refused(withdrawn("2025-06-01"), 400).await;
    refused(withdrawn("yesterday"), 400).await;
    refused(json!({"standing": "withdrawn"}), 400).await;
    refused(json!({"standing": "withdrawn", "reason": " "}), 400).await;
    refused(json!({"standing": "granted", "reason": "again"}), 409).await;
    refused(json!({"standing": "gone", "reason": "it closes"}), 400).await;
    refused(json!({"standing": "annulled", "reason": "fraud"}), 400).await;
    let elsewhere = "/authority/accreditations/urn:uuid:0/standing";
    assert_eq!(ministry.actor().post(elsewhere, &withdrawn("2026-11-23")).await.status, 404);
    assert_eq!(ministry.list().await.sequence, 3, "nothing was published");

    ministry.done(&path, json!({"standing": "suspended", "reason": "under review"})).await;
    ministry.done(&path, json!({"standing": "granted", "reason": "reviewed"})).await;
    ministry.done(&path, json!({"standing": "annulled", "effective": "2026-03-01", "reason": "fraud"})).await;
    refused(withdrawn("2026-11-23"), 409).await;
    let list = ministry.list().await;
    assert_eq!((list.sequence, list.issuers().next().unwrap().grants[0].history.len()), (6, 4));
    let again = ministry.actor().post("/authority/accreditations", &ministry.diplomas("1/2026")).await;
    assert_eq!(again.problem(409).0, "conflict", "the decision is on the list");
    ministry.done("/authority/accreditations", ministry.diplomas("2/2026")).await;
}

#[tokio::test]
async fn what_is_decided_for_a_later_day_is_done_on_that_day() {
    let (ministry, grant) = Ministry::accrediting().await;
    let path = format!("/authority/accreditations/{grant}/standing");
    ministry
        .done(&path, json!({"standing": "withdrawn", "since": "2026-11-24", "reason": "it closes"}))
        .await;
    let credential = ministry.house.diploma().await;
    assert_eq!(verdict(&ministry.house, &credential).await["state"], "genuine");
    let accreditation =
        ministry.list().await.issuers().next().unwrap().grants[0].accreditation.clone().unwrap();
    let page = accreditation.strip_prefix("http://localhost:8080").unwrap().to_owned();
    let served = ministry.house.stranger().get(&page).await.json();
    assert_eq!(verdict(&ministry.house, &served).await["state"], "genuine");
    ministry.house.clock.advance(jiff::SignedDuration::from_hours(48));
    let keeper = tokio::spawn(testamur::accredit::keep_lists(ministry.house.app.clone()));
    for _ in 0..200 {
        if verdict(&ministry.house, &served).await["state"] == "withdrawn" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    keeper.abort();
    assert_eq!(verdict(&ministry.house, &served).await["state"], "withdrawn");
}

#[tokio::test]
async fn a_list_is_signed_anew_in_time_and_after_a_new_root() {
    let (mut ministry, _) = Ministry::accrediting().await;
    let app = ministry.house.app.clone();
    let moet = slug("moet");
    assert!(!list::renew(&app, &moet).await.unwrap(), "fresh");
    ministry.house.clock.advance(jiff::SignedDuration::from_hours(8 * 24));
    assert!(list::renew(&app, &moet).await.unwrap());
    let renewed = ministry.list().await;
    assert_eq!((renewed.sequence, renewed.issuers().count(), renewed.issued_at), (4, 1, app.now()));
    let due = "testamur_trust_list_due_seconds{territory=\"VN\",whose=\"own\"} 1296000";
    assert!(ministry.house.stranger().get("/metrics").await.text().contains(due));

    // The list key is stolen: the root names another, and the list on record binds nobody any more.
    let revoke = [ministry.keys()[1].clone()];
    let delegate = [ListKey { id: ministry.keys()[0].clone(), ..ministry.list_key() }];
    let change = Rotation { delegate: &delegate, revoke: &revoke, ..Rotation::default() };
    let second = ministry.signed(ministry.next_root(&change), &[1, 2]);
    ministry.publish(second).await.unwrap();
    let renewed = ministry.list().await;
    assert_eq!((renewed.sequence, renewed.root_version, renewed.issuers().count()), (5, 2, 1));
    assert_eq!(renewed.key, ministry.keys()[0].rsplit_once('#').unwrap().1);

    // Without any key the root stands, the list does not, and nothing can be decided.
    let revoke = [ministry.keys()[0].clone()];
    let change = Rotation { revoke: &revoke, ..Rotation::default() };
    let third = ministry.signed(ministry.next_root(&change), &[2, 3]);
    ministry.publish(third).await.unwrap();
    assert_eq!(ministry.house.stranger().get("/trust-list").await.status, 404);
    assert!(!ministry.house.stranger().get("/metrics").await.text().contains("territory=\"VN\""));
    let refused = ministry.actor().post("/authority/accreditations", &ministry.diplomas("7/2026")).await;
    assert!(refused.problem(409).1.contains("trust root delegate"));
    assert!(ministry.house.reopened().await.registry.own_trust(&moet).unwrap().list.is_none());
}

#[tokio::test]
async fn of_two_edits_of_one_list_neither_is_lost_and_none_is_forked() {
    let (ministry, _) = Ministry::accrediting().await;
    let numbers: Vec<_> = (10..16).map(|n| format!("{n}/2026")).collect();
    let asked = numbers.iter().map(|number| {
        let (actor, body) = (ministry.actor(), ministry.diplomas(number));
        tokio::spawn(async move { actor.post("/authority/accreditations", &body).await.status })
    });
    let asked: Vec<_> = asked.collect();
    for one in asked {
        assert_eq!(one.await.unwrap(), 201);
    }
    let list = ministry.list().await;
    assert_eq!((list.sequence, list.issuers().next().unwrap().grants.len()), (9, 7));
    // Whoever goes on from an older one, past this process, is sent back by the store.
    let stale = TrustVersion {
        institution: slug("moet"),
        kind: TrustKind::List,
        number: 9,
        at: ministry.now(),
        body: list.bytes.clone(),
    };
    let refused = ministry.house.app.commit(vec![Change::TrustPublished(stale)]).await;
    assert_eq!(refused, Err(StoreError::Conflict(Conflict::TrustMoved)));
}

#[tokio::test]
async fn only_this_verb_signs_and_only_for_its_own_authority() {
    let (ministry, grant) = Ministry::accrediting().await;
    let house = &ministry.house;
    let served = house.stranger().get("/trust-list").await.json();
    for document in [served.clone(), serde_json::from_slice(&ministry.roots[0].bytes).unwrap()] {
        let mut draft: Value = document;
        draft.as_object_mut().unwrap().shift_remove("proof");
        let refused = house.admin().post("/credentials/issue", &json!({ "credential": draft })).await;
        assert_eq!(refused.problem(403).0, "type-reserved");
    }
    let body = ministry.diplomas("3/2026");
    let standing = format!("/authority/accreditations/{grant}/standing");
    for path in ["issuers", "keys", "accreditations", "pointers", "successors", "policy", "roots"] {
        let path = format!("/authority/{path}");
        assert_eq!(house.stranger().post(&path, &body).await.status, 401, "{path}");
        assert_eq!(house.college().post(&path, &body).await.status, 403, "{path}");
        assert_eq!(house.auditor().post(&path, &body).await.status, 403, "{path}");
    }
    assert_eq!(house.college().post(&standing, &json!({})).await.status, 403);
    let mut elsewhere = body.clone();
    elsewhere["authority"] = json!("LA");
    assert_eq!(ministry.actor().post("/authority/accreditations", &elsewhere).await.status, 404);
    elsewhere["authority"] = json!("VN");
    elsewhere["issuer"] = json!(house.did("vientiane"));
    let unlisted = ministry.actor().post("/authority/accreditations", &elsewhere).await;
    assert!(unlisted.problem(404).1.contains("is not on the list"));
    // The status of an accreditation follows its standing, and nothing else.
    let accreditation =
        ministry.list().await.issuers().next().unwrap().grants[0].accreditation.clone().unwrap();
    let revoke =
        json!({"credentialId": accreditation, "statusPurpose": "revocation", "value": true, "reason": "x"});
    assert_eq!(house.admin().post("/credentials/status", &revoke).await.problem(409).0, "status-conflict");
    let page = accreditation.strip_prefix("http://localhost:8080").unwrap().to_owned();
    assert_eq!(house.browser().get(&page).await.status, 200);
}

#[tokio::test]
async fn hostile_requests_are_refused_by_the_place_at_fault() {
    let (ministry, grant) = Ministry::accrediting().await;
    let did = ministry.house.did("ha-noi");
    let stranger = "did:web:nobody.example";
    let key = format!("{did}#z6MkgfS5MHSy8j4C3YsH3BmB9qCH7u7tpXocbxBC7YWQTky7");
    let answer = async |path: &str, body: &Value| -> Answer {
        ministry.actor().post(&format!("/authority/{path}"), body).await
    };
    for (path, body, pointer) in [
        ("issuers", json!({}), "/id"),
        ("issuers", json!({"id": 7}), "/id"),
        ("issuers", json!({"id": did, "name": "x"}), "/name"),
        ("issuers", json!({"id": did, "nameI18n": {}}), "/nameI18n"),
        ("issuers", json!({"id": did, "nameI18n": {"vi": 1}}), "/nameI18n"),
        ("issuers", json!({"id": did, "location": "geo:91,0"}), "/location"),
        ("issuers", json!({"id": did, "loggedSince": "2026"}), "/loggedSince"),
        ("issuers", json!({"id": did, "keyUse": "trust-list"}), "/keyUse"),
        ("issuers", json!({"id": did, "trustedKey": [{"id": "x"}]}), "/trustedKey/0/id"),
        ("issuers", json!({"id": stranger, "trustedKey": [{"id": key}]}), "/trustedKey/0/id"),
        ("issuers", json!({"id": did, "trustedKey": vec![json!({"id": key}); 65]}), "/trustedKey"),
        ("issuers", json!({"id": did, "archivedDidDocument": {"id": stranger}}), "/archivedDidDocument"),
        ("issuers", json!({"id": stranger, "nameI18n": {"en": "X"}}), "/trustedKey"),
        ("keys", json!({"issuer": did, "key": key}), "/notAfter"),
        ("keys", json!({"issuer": did, "key": "k", "notAfter": "2026-11-22T00:00:00Z"}), "/key"),
        ("accreditations", json!({"issuer": did}), "/grant"),
        ("accreditations", json!({"issuer": [], "grant": {}}), "/issuer"),
        ("accreditations", json!({"issuer": did, "grant": {"scope": [{}]}}), "/grant/effectiveFrom"),
        (
            "accreditations",
            json!({"issuer": did, "grant": {"effectiveFrom": "2026-01-01", "scope": [{"typo": 1}]}}),
            "/grant/scope/0/typo",
        ),
        (
            "accreditations",
            json!({"issuer": did, "grant": {"effectiveFrom": "2026-01-01", "scope": [], "history": []}}),
            "/grant/history",
        ),
        (
            "pointers",
            json!({"territory": "LA", "listUrl": "https://x.example/l", "rootUrl": "https://x.example/r", "fingerprint": "u"}),
            "/fingerprint",
        ),
        (
            "pointers",
            json!({"territory": "laos", "fingerprint": ministry.roots[0].fingerprint}),
            "/territory",
        ),
        ("successors", json!({"issuer": did, "successor": stranger, "since": "now"}), "/since"),
        ("policy", json!({}), "/logPolicy"),
        ("policy", json!({"logPolicy": "quorum of nobody"}), "/logPolicy"),
        ("policy", json!({"authority": 7}), "/authority"),
    ] {
        let refused = answer(path, &body).await;
        refused.problem(400);
        assert_eq!(refused.pointers(), [pointer], "{path} {body}");
    }
    let standing = format!("accreditations/{grant}/standing");
    for path in ["issuers", "keys", "accreditations", "pointers", "successors", "policy", "roots", &standing]
    {
        for hostile in ["[]", "{\"a\":1,\"a\":2}", "", "{", "null", &"[".repeat(5000)] {
            let refused = ministry.actor().post_text(&format!("/authority/{path}"), hostile.to_owned()).await;
            assert!((400..500).contains(&refused.status), "{path} {hostile:.20}: {}", refused.status);
        }
    }
    assert_eq!(ministry.list().await.sequence, 3, "nothing was published");
    assert!(Credential::parse(ministry.list().await.bytes.clone()).is_ok());
}

#[tokio::test]
async fn an_accreditation_tells_what_it_rests_on() {
    let (ministry, _) = Ministry::accrediting().await;
    let mut body = ministry.diplomas("4/2026");
    body["name"] = json!({"lo": "ໃບຢັ້ງຢືນ"});
    body["evidence"] = json!({
        "selfAssessment": {"on": "2026-02-01", "url": "https://college.example/report.pdf"},
        "visit": {"on": "2026-03-15", "assessors": [
            {"name": "Bà A", "number": "7/ĐG", "from": "2025-01-01", "to": "2026-03-15"},
            {"name": "Ông B", "from": "2026-03-16"},
        ]},
    });
    let refused = ministry.actor().post("/authority/accreditations", &body).await;
    assert_eq!(refused.pointers(), ["/evidence/visit/assessors/1"], "{}", refused.text());
    body["evidence"]["visit"]["assessors"][1]["from"] = json!("2026-03-15");
    let granted = ministry.done("/authority/accreditations", body).await;
    let credential = &granted["verifiableCredential"];
    assert_eq!(credential["evidence"][0]["id"], "https://college.example/report.pdf");
    assert!(
        credential["evidence"][1]["narrative"]
            .as_str()
            .unwrap()
            .contains("Ông B, authorised from 2026-03-15")
    );
    assert_eq!(credential["name"], "ໃບຢັ້ງຢືນ");
    assert_eq!(verdict(&ministry.house, credential).await["state"], "genuine");
}

#[tokio::test]
async fn a_list_that_is_put_out_leaves_nobody_accredited() {
    let (mut ministry, grant) = Ministry::accrediting().await;
    let standing = format!("/authority/accreditations/{grant}/standing");
    ministry.done(&standing, json!({"standing": "withdrawn", "reason": "closed by decision 9/2026"})).await;
    let credential = ministry.house.diploma().await;
    let now = async |house: &TestHouse| verdict(house, &credential).await["state"].clone();
    assert_ne!(now(&ministry.house).await, "genuine");
    // The root takes the list key away, and no other is to be had: nothing says any more that it was withdrawn.
    let revoke = [ministry.keys()[1].clone()];
    let change = Rotation { revoke: &revoke, ..Rotation::default() };
    let second = ministry.signed(ministry.next_root(&change), &[1, 2]);
    ministry.publish(second).await.unwrap();
    let found = verdict(&ministry.house, &credential).await;
    assert_eq!(found["state"], "could-not-be-checked", "{found:#}");
    assert!(codes(&found).contains(&"trust.list.over"));
}

#[tokio::test]
async fn a_decision_is_carried_out_on_its_day_whatever_is_decided_for_later() {
    let (ministry, grant) = Ministry::accrediting().await;
    let path = format!("/authority/accreditations/{grant}/standing");
    for (standing, since) in [("suspended", "2026-11-24"), ("withdrawn", "2026-12-24")] {
        ministry.done(&path, json!({"standing": standing, "since": since, "reason": "under review"})).await;
    }
    let accreditation =
        ministry.list().await.issuers().next().unwrap().grants[0].accreditation.clone().unwrap();
    let page = accreditation.strip_prefix("http://localhost:8080").unwrap().to_owned();
    let served = ministry.house.stranger().get(&page).await.json();
    ministry.house.clock.advance(jiff::SignedDuration::from_hours(48));
    let keeper = tokio::spawn(testamur::accredit::keep_lists(ministry.house.app.clone()));
    for _ in 0..200 {
        if verdict(&ministry.house, &served).await["state"] != "genuine" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    keeper.abort();
    let found = verdict(&ministry.house, &served).await;
    assert!(codes(&found).contains(&"status.suspended"), "{found:#}");
}

#[tokio::test]
async fn a_list_dated_by_a_wrong_clock_is_signed_anew_once_the_clock_is_right() {
    let (ministry, _) = Ministry::accrediting().await;
    let (app, right) = (ministry.house.app.clone(), ministry.now());
    ministry.house.clock.advance(jiff::SignedDuration::from_hours(10 * 24));
    assert!(list::renew(&app, &slug("moet")).await.unwrap());
    ministry.house.clock.set(right);
    assert!(list::renew(&app, &slug("moet")).await.unwrap(), "nobody takes a list of the future");
    let renewed = ministry.list().await;
    assert_eq!((renewed.sequence, renewed.issued_at), (5, right));
    assert!(!list::renew(&app, &slug("moet")).await.unwrap());
}
