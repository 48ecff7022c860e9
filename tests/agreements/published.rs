//! What an authority keeps of agreements stands on its trust list: at once, as its register has it, and never unsaid.

use serde_json::{Value, json};
use testamur::codec::jcs;
use testamur::crypto::digest_multibase;
use testamur::publish::trust::list;
use testamur::store::{Change, Filing, Register};

use super::filed::{signed_by, terms};
use crate::trust::ministry::{Ministry, slug};

const DIGEST: &str = "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg";

/// Terms between the ministry of Vietnam and a partner in Laos, for whom the college in Vientiane stands.
fn treaty(ministry: &Ministry, id: &str, kind: &str) -> Value {
    let mut terms = terms(&ministry.house, id);
    terms["kind"] = json!(kind);
    terms["effectiveFrom"] = json!("2026-01-01");
    terms["signedOn"] = json!("2025-12-20");
    terms["party"][0]["id"] = json!(ministry.house.did("moet"));
    terms["instrument"] = json!({"digestMultibase": DIGEST});
    terms
}

async fn post(ministry: &Ministry, path: &str, body: Value) -> Value {
    let answer = ministry.actor().post(path, &body).await;
    assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text());
    answer.json()
}

/// The numbers of the list and what it tells of agreements.
async fn told(ministry: &Ministry) -> (u64, Vec<Value>) {
    let list = ministry.list().await;
    let document: Value = serde_json::from_slice(&list.bytes).unwrap();
    let told = &document["credentialSubject"]["agreement"];
    (list.sequence, told.as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn what_binds_the_country_is_on_the_list_at_once_and_drafts_are_not() {
    let ministry = Ministry::rooted().await;
    let (first, none) = told(&ministry).await;
    post(&ministry, "/agreements", json!({"agreement": treaty(&ministry, "VN-LA-1", "treaty")})).await;
    assert_eq!((told(&ministry).await, none.len()), ((first, vec![]), 0), "a draft");

    post(&ministry, "/agreements/VN-LA-1/state", json!({"state": "signed"})).await;
    let (second, agreements) = told(&ministry).await;
    assert_eq!((second, agreements.len()), (first + 1, 1));
    let one = &agreements[0];
    assert_eq!(one["id"], "http://localhost:8080/agreements/VN-LA-1");
    assert_eq!((&one["signedBy"], one.get("digestMultibase")), (&json!("paper"), None));
    assert_eq!((&one["instrument"]["digestMultibase"], &one["kind"]), (&json!(DIGEST), &json!("treaty")));
    assert_eq!(one["history"][0]["since"], "2025-12-20");

    // Every party signs after all; then it is suspended: each the next list, by the same request.
    let begun = post(&ministry, "/agreements/VN-LA-1/signature", json!({})).await;
    assert_eq!(told(&ministry).await.0, second, "one signature of two is told to nobody");
    let both = signed_by(&ministry.house, "vientiane", &begun["verifiableCredential"]).await;
    let signed =
        post(&ministry, "/agreements/VN-LA-1/signature", json!({"verifiableCredential": both})).await;
    let (third, agreements) = told(&ministry).await;
    let digest = digest_multibase(&jcs::canonicalize_without(
        signed["verifiableCredential"].as_object().unwrap(),
        &["proof"],
    ));
    assert_eq!((third, &agreements[0]["signedBy"]), (second + 1, &json!("parties")));
    assert_eq!(agreements[0]["digestMultibase"], digest.as_str());
    let asked = json!({"state": "suspended", "since": "2026-11-22", "reason": "both ministries"});
    post(&ministry, "/agreements/VN-LA-1/state", asked).await;
    let (fourth, agreements) = told(&ministry).await;
    let last = &agreements[0]["history"][1];
    assert_eq!(
        (fourth, &last["state"], &last["reason"]),
        (third + 1, &json!("suspended"), &json!("both ministries"))
    );

    // Of institutions what gives recognition; what trains, and what only exchanges teachers, binds no country.
    let mut exchange = treaty(&ministry, "EXCHANGE", "institution");
    exchange["scope"] = json!([]);
    let mut training = treaty(&ministry, "TRAINING", "training-contract");
    training["scope"] = json!([]);
    for (terms, more) in [
        (exchange, 0),
        (training, 0),
        (treaty(&ministry, "PAIR", "institution"), 1),
        (treaty(&ministry, "MOU", "ministry"), 2),
    ] {
        let id = terms["agreementId"].as_str().unwrap().to_owned();
        post(&ministry, "/agreements", json!({"agreement": terms})).await;
        post(&ministry, &format!("/agreements/{id}/state"), json!({"state": "signed"})).await;
        let (number, agreements) = told(&ministry).await;
        assert_eq!((number, agreements.len()), (fourth + more, 1 + usize::try_from(more).unwrap()), "{id}");
    }
    assert_eq!(ministry.list().await.agreements().len(), 3);
    assert!(!list::renew(&ministry.house.app, &slug("moet")).await.unwrap(), "nothing is due");
    // Whoever restarts has the same list.
    let reopened = ministry.house.reopened().await;
    assert!(!list::renew(&reopened, &slug("moet")).await.unwrap());
}

#[tokio::test]
async fn a_register_that_would_unsay_the_list_is_not_told_and_keeps_no_list_from_being_renewed() {
    let ministry = Ministry::rooted().await;
    for id in ["VN-LA-1", "VN-LA-2"] {
        post(&ministry, "/agreements", json!({"agreement": treaty(&ministry, id, "treaty")})).await;
        post(&ministry, &format!("/agreements/{id}/state"), json!({"state": "signed"})).await;
    }
    let (before, agreements) = told(&ministry).await;
    let app = &ministry.house.app;
    let refile = async |id: &str, body: Option<Value>| {
        let mut known =
            app.store.filing(&slug("moet"), Register::Agreement, id, None).await.unwrap().unwrap();
        known = Filing {
            version: known.version + 1,
            body: body.map(|body| body.to_string().into_bytes()),
            ..known
        };
        app.commit(vec![Change::Filed(Box::new(known))]).await.unwrap();
    };
    // A register put back from an old copy, or written by hand.
    let other = json!({"agreement": treaty(&ministry, "VN-LA-1", "ministry"),
        "history": [{"state": "signed", "since": "2020-01-01", "recordedAt": "2020-01-01T00:00:00Z"}]});
    refile("VN-LA-1", Some(other)).await;
    assert!(!list::renew(app, &slug("moet")).await.unwrap());
    ministry.done("/authority/issuers", json!({"id": ministry.house.did("ha-noi")})).await;
    let (after, same) = told(&ministry).await;
    assert_eq!((after, &same), (before + 1, &agreements));
    // The other one goes on.
    post(
        &ministry,
        "/agreements/VN-LA-2/state",
        json!({"state": "terminated", "reason": "notice of a year"}),
    )
    .await;
    let (last, now) = told(&ministry).await;
    assert_eq!((last, &now[0]), (after + 1, &agreements[0]));
    assert_eq!(now[1]["history"][1]["state"], "terminated");
}

#[tokio::test]
async fn a_list_tells_of_as_many_as_there_are_and_an_import_makes_one_list() {
    let ministry = Ministry::rooted().await;
    let (before, _) = told(&ministry).await;
    let row = |n: usize| {
        let mut terms = treaty(&ministry, &format!("VN-LA-{n}"), "ministry");
        terms["state"] = json!("signed");
        terms
    };
    let file = json!({"agreements": (0..200).map(row).collect::<Vec<_>>()});
    post(&ministry, "/agreements/import", file.clone()).await;
    let list = ministry.list().await;
    assert_eq!((list.sequence, list.agreements().len()), (before + 1, 200));
    post(&ministry, "/agreements/import", file).await;
    assert_eq!(told(&ministry).await.0, before + 1, "nothing has changed");
    let asked = json!({"state": "terminated", "reason": "one of many"});
    post(&ministry, "/agreements/VN-LA-7/state", asked).await;
    let (next, agreements) = told(&ministry).await;
    let ended = agreements.iter().filter(|one| one["history"].as_array().unwrap().len() > 1);
    assert_eq!((next, agreements.len(), ended.count()), (before + 2, 200, 1));
}

#[tokio::test]
async fn nobody_waits_for_a_large_list() {
    let ministry = Ministry::rooted().await;
    let (before, _) = told(&ministry).await;
    let row = |n: usize| {
        let mut terms = treaty(&ministry, &format!("VN-LA-{n}"), "ministry");
        let scope = terms["scope"][0].clone();
        terms["scope"] = json!(vec![scope; 1_000]);
        terms["state"] = json!("signed");
        terms
    };
    let file = json!({"agreements": (0..4).map(row).collect::<Vec<_>>()});
    post(&ministry, "/agreements/import", file).await;
    assert_eq!(told(&ministry).await, (before, vec![]));
    assert!(list::renew(&ministry.house.app, &slug("moet")).await.unwrap());
    assert_eq!((told(&ministry).await.0, ministry.list().await.agreements().len()), (before + 1, 4));
}

#[tokio::test]
async fn no_agreement_keeps_an_authority_from_its_next_list() {
    let ministry = Ministry::rooted().await;
    let app = &ministry.house.app;
    let (first, _) = told(&ministry).await;
    let dense = |n: usize| {
        let mut terms = treaty(&ministry, &format!("DENSE-{n}"), "ministry");
        let condition = json!({"field": "mode", "op": "in", "value": vec![1; 256]});
        terms["scope"][0]["conditions"] = json!(vec![condition; 50]);
        terms["scope"] = json!(vec![terms["scope"][0].clone(); 4]);
        terms["state"] = json!("signed");
        terms
    };
    let small = |n: usize| {
        let mut terms = treaty(&ministry, &format!("VN-LA-{n}"), "treaty");
        terms["state"] = json!("signed");
        terms
    };
    let rows: Vec<_> = (0..26).map(small).chain((0..4).map(dense)).collect();
    post(&ministry, "/agreements/import", json!({"agreements": rows})).await;
    assert!(list::renew(app, &slug("moet")).await.unwrap());
    assert_eq!(ministry.list().await.agreements().len(), 27, "one of those of many values");
    assert!(!list::renew(app, &slug("moet")).await.unwrap(), "the others have no room");

    for n in 0..26 {
        let id = format!("VN-LA-{n}");
        let known = app.store.filing(&slug("moet"), Register::Agreement, &id, None).await.unwrap().unwrap();
        let mut body: Value = serde_json::from_slice(known.body.as_deref().unwrap()).unwrap();
        let decided = (0..118).map(|n| {
            let state = if n % 2 == 0 { "suspended" } else { "in-force" };
            let (since, recorded) = ("2026-11-22", app.now().to_string());
            json!({"state": state, "since": since, "recordedAt": recorded, "reason": "ດ".repeat(500)})
        });
        body["history"].as_array_mut().unwrap().extend(decided);
        let body = Some(body.to_string().into_bytes());
        let next = Filing { version: known.version + 1, body, ..known };
        app.commit(vec![Change::Filed(Box::new(next))]).await.unwrap();
    }
    assert!(list::renew(app, &slug("moet")).await.unwrap());
    assert!(!list::renew(app, &slug("moet")).await.unwrap(), "the others have no room");
    ministry.done("/authority/issuers", json!({"id": ministry.house.did("ha-noi")})).await;
    let (last, agreements) = told(&ministry).await;
    let went_on = agreements.iter().filter(|one| one["history"].as_array().unwrap().len() > 1).count();
    assert_eq!((last, agreements.len()), (first + 3, 27));
    assert!((5..26).contains(&went_on), "{went_on}");
}
