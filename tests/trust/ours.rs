//! Our own issuer on a pinned trust list that asks for log proofs: the node that issued brings the proof itself.

use serde_json::json;
use testamur::institution::Slug;
use testamur::log::{SignedCheckpoint, cosign};
use testamur::publish::log::Publisher;
use testamur::store::Change;

use super::judged::pinned;
use super::maker::*;
use crate::log::Key;
use crate::support::{OPENED, TestHouse};

#[tokio::test]
async fn a_listed_issuer_of_ours_is_shown_in_the_log_as_soon_as_it_is_witnessed() {
    let house = TestHouse::new().await;
    let diploma = house.diploma().await;
    Publisher::new(house.app.clone()).tick().await.unwrap();
    let log = house.app.store.logs().await.unwrap().pop().unwrap();
    let witnesses = [Key::witness("witness.laos.example"), Key::witness("witness.thailand.example")];
    let policy = format!(
        "log {}\nwitness la {}\nwitness th {}\ngroup both all la th\nquorum both\n",
        log.key, witnesses[0].public, witnesses[1].public
    );

    let member = house.app.registry.member(&Slug::parse("ha-noi").unwrap()).unwrap();
    let method = member.institution.method_of(&member.institution.keys[0].key);
    let mut issuer = college();
    issuer["id"] = json!(house.did("ha-noi"));
    issuer["trustedKey"][0]["id"] = json!(method);
    issuer["loggedSince"] = json!("2026-01-01T00:00:00Z");
    issuer.as_object_mut().unwrap().remove("archivedDidDocument");
    let mut document = list_document(7, "2026-11-20T00:00:00Z", &[issuer]);
    document["credentialSubject"]["logPolicy"] = json!(policy);
    house.app.registry.pin(vec![pinned(root(), list(&document).unwrap())]);

    let verify = async || {
        let body = json!({"verifiableCredential": diploma});
        let answer = house.stranger().post("/credentials/verify", &body).await;
        (answer.troubles(), answer.json().get("log").cloned())
    };
    // In the log, and nobody has seen it: on its way, not refuted by a proof that nobody brought.
    let (troubles, shown) = verify().await;
    assert!(troubles.contains(&"log.pending".to_owned()), "{troubles:?}");
    assert_eq!(shown, None);

    let mut checkpoint = SignedCheckpoint::parse(&log.checkpoint).unwrap();
    for witness in &witnesses {
        let at = OPENED.parse().unwrap();
        checkpoint.add(cosign::cosign(&checkpoint, &witness.public, &witness.signer, at).unwrap());
    }
    let checkpoint = checkpoint.to_string().into_bytes();
    let seen = Change::LogWitnessed { year: log.year, size: log.size, checkpoint };
    house.app.store.commit(vec![seen]).await.unwrap();
    let (troubles, shown) = verify().await;
    assert!(!troubles.iter().any(|code| code.starts_with("log.")), "{troubles:?}");
    let shown = shown.unwrap();
    assert_eq!((&shown["included"], &shown["time"]), (&json!(true), &json!(OPENED)));
}
