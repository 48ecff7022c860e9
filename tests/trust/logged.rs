//! Since when a document exists: a log proof beside it, under the policy of the issuer's trust list.

use std::sync::Arc;

use serde_json::{Value, json};
use testamur::codec::{jcs, json as strict};
use testamur::crypto::sha256;
use testamur::log::proof::TlogProof;
use testamur::log::{Leaf, cosign, merkle};
use testamur::trust::Pinned;
use testamur::trustlist::{Root, TrustList};
use testamur::verify::{State, Verdict};

use super::judged::{codes, diploma, pinned, verdict_with};
use super::maker::*;
use crate::log::{Key, Log, entry};
use crate::shared;

const NOW: &str = "2026-11-12T00:00:00Z";
const ISSUED: &str = "2026-11-10T00:00:00Z";
const ORIGIN: &str = "log.diplomas.vn.example/2026";
/// Some minutes after the diploma says it was signed.
const SEEN: &str = "2026-07-20T00:10:00Z";

fn witnesses() -> [Key; 2] {
    [Key::witness("witness.trust.la.example"), Key::witness("witness.region.example")]
}

pub fn policy() -> String {
    let [la, region] = witnesses();
    let log = Key::log(ORIGIN);
    format!(
        "log {} https://diplomas.vn.example/log/2026\nwitness la {}\nwitness region {}\ngroup both all la region\nquorum both\n",
        log.public, la.public, region.public
    )
}

/// The proof of a document at place 9 of a log of 13, seen by the witnesses at these times.
pub fn proof(document: &[u8], seen: [&str; 2]) -> Vec<u8> {
    let salt = [7; 16];
    let digest = sha256(&jcs::canonicalize(&strict::parse(document).unwrap()));
    let mut entries: Vec<_> = (0..13).map(entry).collect();
    entries[9] = Leaf::Credential { salt, digest }.entry();
    let mut log = Log::default();
    log.append(&entries);
    let mut checkpoint = log.checkpoint(&Key::log(ORIGIN));
    for (witness, time) in witnesses().iter().zip(seen) {
        let line = cosign::cosign(&checkpoint, &witness.public, &witness.signer, at(time)).unwrap();
        checkpoint.add(line);
    }
    let ranges = merkle::inclusion(9, 13).unwrap();
    let tiles = log.tiles(&ranges);
    let path = merkle::prove(&ranges, |node| tiles.node(node)).unwrap();
    TlogProof { extra: Some(salt.to_vec()), index: 9, path, checkpoint }.to_string().into_bytes()
}

fn with_log(change: impl FnOnce(&mut Value)) -> Vec<Arc<Pinned>> {
    let mut document = list_document(7, ISSUED, &[college()]);
    document["credentialSubject"]["logPolicy"] = json!(policy());
    document["credentialSubject"]["trustedIssuer"][0]["loggedSince"] = json!("2026-01-01T00:00:00Z");
    change(&mut document["credentialSubject"]);
    vec![pinned(root(), list(&document).unwrap())]
}

async fn verdict(proof: Option<Vec<u8>>, list: Vec<Arc<Pinned>>) -> Verdict {
    verdict_with(NOW, diploma(21, |_| {}), list, proof).await
}

fn good() -> Option<Vec<u8>> {
    Some(proof(&diploma(21, |_| {}), [SEEN, SEEN]))
}

#[tokio::test]
async fn a_proof_tells_since_when_the_diploma_exists() {
    let found = verdict(good(), with_log(|_| {})).await;
    assert_eq!((found.state, codes(&found)), (State::Genuine, vec![]), "{:#?}", found.checks);
    let log = found.log.unwrap();
    assert_eq!((log.origin.as_str(), log.index, log.size, log.time), (ORIGIN, 9, 13, at(SEEN)));
    assert_eq!(log.witnesses.len(), 2);
    // The moment at which the last of the quorum saw it.
    let later = Some(proof(&diploma(21, |_| {}), [SEEN, "2026-07-21T00:00:00Z"]));
    assert_eq!(verdict(later, with_log(|_| {})).await.log.unwrap().time, at("2026-07-21T00:00:00Z"));
}

#[tokio::test]
async fn who_is_logged_brings_a_proof() {
    let bare = verdict(None, with_log(|_| {})).await;
    assert_eq!((bare.state, codes(&bare)), (State::CouldNotBeChecked, vec!["log.proof.missing"]));
    let fresh = verdict_with("2026-07-20T20:00:00Z", diploma(21, |_| {}), with_log(|_| {}), None).await;
    assert!(codes(&fresh).contains(&"log.pending"), "{:?}", codes(&fresh));
    let before =
        with_log(|subject| subject["trustedIssuer"][0]["loggedSince"] = json!("2026-08-01T00:00:00Z"));
    assert_eq!(verdict(None, before).await.state, State::Genuine, "signed before the log began");
}

#[tokio::test]
async fn a_proof_of_something_else_proves_nothing() {
    let refused = |proof: Vec<u8>, list: Vec<Arc<Pinned>>| async move {
        let found = verdict(Some(proof), list).await;
        assert_eq!((found.state, codes(&found)), (State::CouldNotBeChecked, vec!["log.proof.invalid"]));
        assert_eq!(found.log, None);
    };
    let other = diploma(21, |draft| draft["awardedDate"] = json!("2026-07-14T00:00:00+07:00"));
    refused(proof(&other, [SEEN, SEEN]), with_log(|_| {})).await;
    refused(b"not a proof".to_vec(), with_log(|_| {})).await;
    refused(vec![b'x'; 1 << 20], with_log(|_| {})).await;
    refused(proof(&diploma(21, |_| {}), [SEEN, "2030-01-01T00:00:00Z"]), with_log(|_| {})).await;
    let strangers =
        with_log(|subject| subject["logPolicy"] = json!(policy().replace("log.diplomas", "log.others")));
    refused(good().unwrap(), strangers).await;
    let none =
        with_log(|subject| subject["logPolicy"] = json!(policy().replace("quorum both", "quorum none")));
    refused(good().unwrap(), none).await;
    let closed = |size: u64| {
        with_log(move |subject| {
            subject["closedLog"] = json!([{"origin": ORIGIN, "treeSize": size, "rootHash": "AAAA"}]);
        })
    };
    refused(good().unwrap(), closed(12)).await;
    refused(good().unwrap(), closed(13)).await;
    assert_eq!(verdict(good(), closed(20)).await.state, State::Genuine);
}

#[tokio::test]
async fn what_the_log_shows_stands_when_the_college_falls() {
    let withdrawn = |since: &'static str| {
        with_log(move |subject| {
            subject["trustedIssuer"][0]["grant"][0]["history"]
                .as_array_mut()
                .unwrap()
                .push(json!({"standing": "withdrawn", "since": since, "recordedAt": ISSUED}));
        })
    };
    let stands = verdict(good(), withdrawn("2026-08-01")).await;
    assert_eq!((stands.state, codes(&stands)), (State::GenuineBut, vec!["accreditation.withdrawn.later"]));
    // Back-dated: the award date lies before the loss, the log shows it long after.
    let late = "2026-11-11T00:00:00Z";
    let back_dated = verdict(Some(proof(&diploma(21, |_| {}), [late, late])), withdrawn("2026-07-25")).await;
    assert_eq!(
        (back_dated.state, codes(&back_dated)),
        (State::NotGenuine, vec!["accreditation.withdrawn.later", "award.registered.out.of.standing"])
    );
    assert!(back_dated.verified);
}

#[tokio::test]
async fn a_stolen_or_retired_key_leaves_standing_what_the_log_saw_before() {
    let key = |member: &'static str, time: &'static str| {
        with_log(move |subject| subject["trustedIssuer"][0]["trustedKey"][0][member] = json!(time))
    };
    for member in ["compromisedSince", "notAfter"] {
        assert_eq!(
            verdict(good(), key(member, "2026-07-21T00:00:00Z")).await.state,
            State::Genuine,
            "{member}"
        );
        let later = verdict(good(), key(member, "2026-07-20T00:05:00Z")).await;
        assert_eq!(later.state, State::CouldNotBeChecked, "{member}: seen after that");
    }
    // The college says the same of its key in its own DID document, and has taken it out of use.
    let withdrawn = |since: &'static str| {
        with_log(move |subject| {
            let issuer = &mut subject["trustedIssuer"][0];
            issuer["archivedDidDocument"]["verificationMethod"][0]["revoked"] = json!(since);
            issuer["archivedDidDocument"]["assertionMethod"] = json!([]);
            issuer["trustedKey"][0]["compromisedSince"] = json!(since);
        })
    };
    let seen = verdict(good(), withdrawn("2026-07-21T00:00:00Z")).await;
    assert_eq!((seen.state, codes(&seen)), (State::Genuine, vec![]), "{:#?}", seen.checks);
    for (proof, since) in [(good(), "2026-07-20T00:10:00Z"), (None, "2026-07-21T00:00:00Z")] {
        let unseen = verdict(proof, withdrawn(since)).await;
        let told = (unseen.state, unseen.verified, codes(&unseen)[0]);
        assert_eq!(told, (State::CouldNotBeChecked, false, "proof.key.revoked"), "{since}");
    }
    let bare = verdict(None, key("notAfter", "2026-07-21T00:00:00Z")).await;
    assert_eq!(codes(&bare), ["log.proof.missing", "key.retired.unlogged"]);
    // Seen before it says it was signed: one of the two is wrong.
    let early = "2026-07-19T00:00:00Z";
    let early = verdict(Some(proof(&diploma(21, |_| {}), [early, early])), with_log(|_| {})).await;
    assert_eq!((early.state, codes(&early)), (State::CouldNotBeChecked, vec!["facts.contradictory"]));
}

#[tokio::test]
async fn the_worked_example_is_proved_to_have_existed() {
    let read = |name: &str| Some(std::fs::read(shared::path(&format!("examples/{name}"))?).unwrap());
    let (Some(diploma), Some(proof), Some(root), Some(list)) = (
        read("01-vn-college-diploma-welding.json"),
        read("12-vn-college-diploma-welding.tlog-proof"),
        read("13-trust-root-vn.json"),
        read("10-trust-list-vn.json"),
    ) else {
        return;
    };
    let root = Root::parse(&root).unwrap();
    let list = TrustList::parse(&list, &root).unwrap();
    let now = "2026-11-22T00:00:00Z";
    let found = verdict_with(now, diploma, vec![pinned(root, list)], Some(proof)).await;
    let log = found.log.as_ref().unwrap();
    assert_eq!((log.index, log.size, log.witnesses.len()), (9, 13, 2));
    // Nobody mirrored its status lists; everything else is known, offline.
    assert_eq!(codes(&found), ["status.unreachable", "status.unreachable"]);
    assert_eq!(found.state, State::CouldNotBeChecked);
}
