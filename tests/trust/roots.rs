//! An authority's roots: signed by enough keys, one after the other, served as they were published.

use http::Method;
use serde_json::{Value, json};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::trustlist::edit::root::{ListKey, Rotation, signers};
use testamur::trustlist::{Root, fingerprint_of, spoken};

use super::ministry::*;

#[tokio::test]
async fn a_root_is_published_when_enough_of_its_keys_signed_and_served_for_ever() {
    let mut ministry = Ministry::founded().await;
    let first = ministry.first_root(&[1, 2, 3], 2);
    for too_few in [&[][..], &[2], &[2, 9]] {
        let refused = ministry.publish(ministry.signed(first.clone(), too_few)).await.unwrap_err();
        assert_eq!(refused.0, 400, "{refused:?}");
    }
    let partial = ministry.signed(first, &[2]);
    assert_eq!(signers(partial.as_object().unwrap()).unwrap().len(), 1);
    // The second signature is added elsewhere, to the document as it was handed on.
    let whole = ministry.signed(partial.as_object().unwrap().clone(), &[3]);
    ministry.publish(whole.clone()).await.unwrap();
    ministry.publish(whole.clone()).await.unwrap(); // the very same again is nothing new
    let served = ministry.house.stranger().get("/trust/VN/root/1").await;
    assert_eq!((served.status, served.header("content-type")), (200, "application/vc"));
    assert_eq!(
        Root::parse(served.text().as_bytes()).unwrap(),
        Root::parse(whole.to_string().as_bytes()).unwrap()
    );
    for nothing in ["/trust/VN/root/2", "/trust/VN/root/01", "/trust/LA/root/1", "/trust/VN/root/x"] {
        assert_eq!(ministry.house.stranger().get(nothing).await.status, 404, "{nothing}");
    }
    let reopened = ministry.house.reopened().await;
    assert_eq!(reopened.registry.own_trust(&slug("moet")).unwrap().root.version, 1);
}

#[tokio::test]
async fn the_next_root_takes_the_old_keys_and_the_new() {
    let mut ministry = Ministry::rooted().await;
    let fresh: Vec<_> = [4, 5].iter().map(|n| root_key(*n).public_key().to_multikey()).collect();
    let change = Rotation { keys: Some((&fresh, 2)), ..Rotation::default() };
    let second = ministry.next_root(&change);
    for too_few in [&[4, 5][..], &[1, 2], &[1, 4, 5], &[1, 2, 4]] {
        let refused = ministry.publish(ministry.signed(second.clone(), too_few)).await.unwrap_err();
        assert_eq!(refused.0, 400, "{too_few:?} {refused:?}");
    }
    ministry.publish(ministry.signed(second.clone(), &[1, 2, 4, 5])).await.unwrap();
    // An older one, and another of the same number.
    let again = ministry.signed(second, &[2, 3, 4, 5]);
    assert_eq!(ministry.publish(again).await.unwrap_err().0, 409);
    let revoke = [ministry.keys()[1].clone()];
    let other = ListKey { id: ministry.keys()[0].clone(), ..ministry.list_key() };
    let change = Rotation { delegate: &[other], revoke: &revoke, ..Rotation::default() };
    ministry.publish(ministry.signed(ministry.next_root(&change), &[4, 5])).await.unwrap();
    let own = ministry.house.app.registry.own_trust(&slug("moet")).unwrap();
    assert_eq!((own.root.version, own.root.delegations.len()), (3, 1));
    assert_eq!(own.root.delegations[0].id, ministry.keys()[0]);
}

#[tokio::test]
async fn a_root_is_the_authoritys_own_and_leads_here() {
    let mut ministry = Ministry::founded().await;
    let whole = ministry.signed(ministry.first_root(&[1, 2, 3], 2), &[1, 2]);
    let body = json!({ "root": whole });
    let house = &ministry.house;
    assert_eq!(house.stranger().post("/authority/roots", &body).await.status, 401);
    assert_eq!(house.college().post("/authority/roots", &body).await.status, 403);
    assert_eq!(house.auditor().post("/authority/roots", &body).await.status, 403);
    for hostile in [
        json!({}),
        json!({"root": 7}),
        json!({"root": []}),
        json!({"root": {}}),
        json!({"root": whole, "force": true}),
    ] {
        let answer = ministry.actor().post("/authority/roots", &hostile).await;
        assert_eq!(answer.problem(400).0, "request-invalid", "{hostile}");
    }
    let mut elsewhere = ministry.first_root(&[1, 2, 3], 2);
    elsewhere["credentialSubject"]["listUrl"] = json!("https://elsewhere.example/trust/VN/list");
    let refused = ministry.publish(ministry.signed(elsewhere, &[1, 2])).await.unwrap_err();
    assert!(refused.0 == 400 && refused.1.contains("http://localhost:8080/trust/VN/list"), "{refused:?}");
    let mut laos = ministry.first_root(&[1, 2, 3], 2);
    laos["credentialSubject"]["territory"] = json!("LA");
    assert_eq!(ministry.publish(ministry.signed(laos, &[1, 2])).await.unwrap_err().0, 404);
    let mut second = ministry.first_root(&[1, 2, 3], 2);
    second["credentialSubject"]["rootVersion"] = json!(2);
    assert_eq!(ministry.publish(ministry.signed(second, &[1, 2])).await.unwrap_err().0, 409, "no first one");
    let changed = whole.to_string().replace("\"threshold\":2", "\"threshold\":1");
    assert_eq!(ministry.publish(serde_json::from_str(&changed).unwrap()).await.unwrap_err().0, 400);
}

#[tokio::test]
async fn an_authority_has_a_territory_of_its_own_and_two_keys() {
    let ministry = Ministry::founded().await;
    assert_eq!(ministry.keys().len(), 2);
    let found = async |body: Value| {
        ministry.house.admin().send(Method::POST, "/institutions", body.to_string().into(), &[]).await
    };
    let name = json!({"lo": "ກະຊວງ"});
    let taken = found(json!({"slug": "other", "name": name, "authority": "VN"})).await;
    assert_eq!(taken.problem(409).0, "conflict");
    for wrong in ["vn", "VNM", "", "V1"] {
        let answer = found(json!({"slug": "other", "name": name, "authority": wrong})).await;
        assert_eq!(answer.problem(400).0, "request-invalid", "{wrong}");
    }
    let by_key = found(json!({"slug": "other", "name": name, "authority": "LA", "did": "key"})).await;
    assert_eq!(by_key.problem(400).0, "request-invalid");
    let made = found(json!({"slug": "moes", "name": name, "authority": "LA"})).await;
    assert_eq!(
        (made.status, &made.json()["authority"], &made.json()["country"]),
        (201, &json!("LA"), &json!("LA"))
    );
    let all = ministry.house.stranger().get("/institutions").await.json();
    let authorities =
        all["institutions"].as_array().unwrap().iter().filter(|one| one["authority"].is_string());
    assert_eq!(authorities.count(), 2);
    assert_eq!(all["institutions"][0]["authority"], json!(null));
}

#[test]
fn a_fingerprint_read_aloud_is_the_same_fingerprint() {
    let key = Ed25519Signer::from_seed("", &[1; 32]);
    assert!(spoken(&key.public_key().to_multikey()).is_none());
    let fingerprint = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    let aloud = spoken(fingerprint).unwrap();
    assert_eq!(aloud.split(' ').count(), 16);
    assert_eq!(fingerprint_of(&aloud), fingerprint);
    assert_eq!(fingerprint_of(&aloud.to_uppercase().replace(' ', "-")), fingerprint);
    assert_eq!(fingerprint_of(fingerprint), fingerprint);
    for other in ["", "f672", &"zz".repeat(32)] {
        assert_eq!(fingerprint_of(other), other);
    }
}
