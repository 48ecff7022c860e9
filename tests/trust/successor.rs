//! A closed college: its successor's status lists count, for its list addresses alone, and nobody else's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use testamur::clock::FixedClock;
use testamur::credential::Credential;
use testamur::crypto::Ed25519Signer;
use testamur::crypto::Signer as _;
use testamur::did::{Did, DidDocument};
use testamur::resolve::{FetchedList, Layered, Mirror, NoOwn, ResolveError, Resolved, Resolver, Source};
use testamur::status::Bitstring;
use testamur::trust::{Pinned, Trust};
use testamur::trustlist::TrustListError;
use testamur::verify::gather::{self, Sources};
use testamur::verify::{Extent, State, Verdict, judge};
use url::Url;

use crate::support::TestHouse;

use super::judged::{codes, diploma, pinned};
use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";
const ISSUED: &str = "2026-11-10T00:00:00Z";
const KEEPER: &str = "did:web:diplomas.vn.example:institutions:sau";
const OLD: &str = "https://diplomas.vn.example/institutions/mau/status/";
const NEW: &str = "https://diplomas.vn.example/institutions/sau/status/mau/";

type Change = fn(&mut Value);

/// The world: lists by address, and what was asked of it.
#[derive(Default)]
struct World {
    /// The college's DID document, where its domain still shows one.
    document: Option<Value>,
    lists: HashMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Resolver for World {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        let Some(document) = self.document.as_ref().filter(|_| did.as_str() == COLLEGE) else {
            return Err(ResolveError::NotFound { what: did.to_string() });
        };
        let document = Arc::new(DidDocument::parse(document).unwrap());
        Ok(Arc::new(Resolved { document, fetched: at(NOW), from: Source::Web }))
    }

    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        self.asked.lock().unwrap().push(url.to_string());
        let found = self.lists.get(url.as_str()).ok_or(ResolveError::NotFound { what: url.to_string() })?;
        Ok(Arc::new(FetchedList::new(found.clone().into(), at(NOW)).unwrap()))
    }
}

fn keeper(n: u8) -> Ed25519Signer {
    key(n, KEEPER)
}

/// A status list of `id` by `issuer` for the list at `stands_for`, its bit 7 as told.
fn bits(id: &str, stands_for: &str, issuer: &str, revoked: bool) -> Value {
    let mut bits = Bitstring::new(131_072);
    bits.set(7, revoked);
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": id, "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer,
        "validFrom": "2026-11-11T00:00:00Z", "validUntil": "2026-11-18T00:00:00Z",
        "credentialSubject": {
            "id": format!("{stands_for}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": bits.encode(),
        },
    })
}

/// List 1 as the successor serves it.
fn mirrored(revoked: bool) -> Value {
    bits(&format!("{NEW}revocation/1"), &format!("{OLD}revocation/1"), KEEPER, revoked)
}

fn signed_on(document: &Value, signer: Ed25519Signer) -> Vec<u8> {
    signed(document, &[signer], "2026-11-11T00:00:00Z")
}

fn award(list: &str) -> Vec<u8> {
    let entry = json!({
        "id": format!("{list}#7"), "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "7", "statusListCredential": list,
    });
    diploma(21, |draft| draft["credentialStatus"] = entry)
}

/// The college, closed; `change` its `successor`.
fn closed(change: impl FnOnce(&mut Value)) -> Value {
    let mut entry = college();
    entry["successor"] = json!({
        "id": KEEPER, "since": "2026-10-01",
        "statusMirror": [{"prefix": OLD, "mirror": NEW, "trustedKey": {
            "id": keeper(31).key_id(), "keyUse": "status", "notBefore": "2026-10-01T00:00:00Z",
        }}],
    });
    change(&mut entry["successor"]);
    entry
}

fn on_list(entry: Value) -> Arc<Pinned> {
    pinned(root(), list(&list_document(7, ISSUED, &[entry])).unwrap())
}

async fn judged(resolver: &dyn Resolver, document: Vec<u8>, pinned: Arc<Pinned>) -> Verdict {
    let sources = Sources { resolver, trust: Arc::new(Trust::new([], &[], vec![pinned])), own: None };
    let credential = Credential::parse(document).unwrap();
    let evidence = gather::credential(&sources, &credential, Extent::Full).await;
    judge::credential(credential, &evidence, at(NOW), Extent::Full)
}

/// The verdict where the successor serves `list` at its address, and what was asked.
async fn served(list: Vec<u8>, entry: Value) -> (Verdict, Vec<String>) {
    let mut world = World::default();
    world.lists.insert(format!("{NEW}revocation/1"), list);
    // Whoever owns the domain now serves the list of before, which the college itself had signed.
    let before = bits(&format!("{OLD}revocation/1"), &format!("{OLD}revocation/1"), COLLEGE, false);
    world.lists.insert(format!("{OLD}revocation/1"), signed_on(&before, key(21, COLLEGE)));
    let found = judged(&world, award(&format!("{OLD}revocation/1")), on_list(entry)).await;
    (found, world.asked.into_inner().unwrap())
}

#[tokio::test]
async fn the_successor_says_what_is_withdrawn_and_the_old_host_is_not_asked() {
    let (stands, asked) = served(signed_on(&mirrored(false), keeper(31)), closed(|_| {})).await;
    assert_eq!((stands.state, codes(&stands)), (State::Genuine, vec![]), "{:#?}", stands.checks);
    assert_eq!(asked, [format!("{NEW}revocation/1")]);
    assert_eq!(stands.times.status_as_of.as_deref(), Some("2026-11-11T00:00:00Z"));
    let kept_by = stands.issuer.unwrap().kept_by.unwrap();
    assert_eq!((kept_by.id.as_str(), kept_by.since.as_str()), (KEEPER, "2026-10-01"));
    assert!(stands.checks.iter().any(|check| check.code.as_str() == "issuer.closed"));

    let (revoked, _) = served(signed_on(&mirrored(true), keeper(31)), closed(|_| {})).await;
    assert_eq!((revoked.state, codes(&revoked)), (State::Withdrawn, vec!["status.revoked"]));
}

#[tokio::test]
async fn a_mirror_that_cannot_be_had_is_no_reason_to_ask_the_old_host() {
    let world = World::default();
    let found = judged(&world, award(&format!("{OLD}revocation/1")), on_list(closed(|_| {}))).await;
    assert_eq!((found.state, codes(&found)), (State::CouldNotBeChecked, vec!["status.unreachable"]));
    let none = closed(|successor| successor["statusMirror"] = json!([]));
    let elsewhere =
        closed(|successor| successor["statusMirror"][0]["prefix"] = json!("https://other.example/"));
    let far = format!("{OLD}revocation/..%5c1");
    for (list, entry) in [
        (format!("{OLD}revocation/1"), none),
        (format!("{OLD}revocation/1"), elsewhere),
        (format!("{OLD}revocation//1"), closed(|_| {})),
        (format!("{OLD}../1"), closed(|_| {})),
        (format!("{OLD}revocation/1?version=1"), closed(|_| {})),
        (far, closed(|_| {})),
    ] {
        let found = judged(&world, award(&list), on_list(entry)).await;
        assert_eq!(
            (found.state, codes(&found)),
            (State::CouldNotBeChecked, vec!["status.mirror.none"]),
            "{list}"
        );
    }
    assert_eq!(world.asked.into_inner().unwrap(), [format!("{NEW}revocation/1")]);
}

#[tokio::test]
async fn nothing_but_that_list_signed_with_that_key_counts() {
    let (at_new, at_old) = (format!("{NEW}revocation/1"), format!("{OLD}revocation/1"));
    let other = "did:web:x.example";
    let wrong: Vec<(&str, Vec<u8>)> = vec![
        ("another key of the successor", signed_on(&mirrored(false), keeper(32))),
        ("the key of the closed college", signed_on(&mirrored(false), key(21, COLLEGE))),
        ("its own list of before", signed_on(&bits(&at_old, &at_old, COLLEGE, false), key(21, COLLEGE))),
        ("another issuer", signed_on(&bits(&at_new, &at_old, other, false), keeper(31))),
        (
            "another list",
            signed_on(&bits(&at_new, &format!("{OLD}revocation/12"), KEEPER, false), keeper(31)),
        ),
        ("a list of the successor's own", signed_on(&bits(&at_new, &at_new, KEEPER, false), keeper(31))),
        ("another place", signed_on(&bits(&at_old, &at_old, KEEPER, false), keeper(31))),
        ("dated in the future", signed(&mirrored(false), &[keeper(31)], "2026-11-13T00:00:00Z")),
        ("before its key's time", signed(&mirrored(false), &[keeper(31)], "2026-09-30T00:00:00Z")),
        ("no proof", serde_json::to_vec(&mirrored(false)).unwrap()),
    ];
    for (what, list) in wrong {
        let (found, _) = served(list, closed(|_| {})).await;
        assert_eq!(
            (found.state, codes(&found)),
            (State::CouldNotBeChecked, vec!["status.list.invalid"]),
            "{what}"
        );
    }
    let mut altered: Value = serde_json::from_slice(&signed_on(&mirrored(true), keeper(31))).unwrap();
    altered["credentialSubject"]["encodedList"] = mirrored(false)["credentialSubject"]["encodedList"].clone();
    let (found, _) = served(serde_json::to_vec(&altered).unwrap(), closed(|_| {})).await;
    assert_eq!(codes(&found), ["status.list.invalid"]);
    let ends: [(&str, Change); 2] = [
        ("its key has ended", |key| key["notAfter"] = json!("2026-11-11T12:00:00Z")),
        ("its key was stolen", |key| key["compromisedSince"] = json!("2026-11-11T12:00:00Z")),
    ];
    for (what, end) in ends {
        let entry = closed(|successor| end(&mut successor["statusMirror"][0]["trustedKey"]));
        let (found, _) = served(signed_on(&mirrored(false), keeper(31)), entry).await;
        assert_eq!(codes(&found), ["status.list.invalid"], "{what}");
    }
}

#[tokio::test]
async fn a_key_is_replaced_by_naming_the_place_twice() {
    let two = closed(|successor| {
        let mut second = successor["statusMirror"][0].clone();
        second["trustedKey"]["id"] = json!(keeper(32).key_id());
        successor["statusMirror"][0]["trustedKey"]["notAfter"] = json!("2026-11-01T00:00:00Z");
        successor["statusMirror"].as_array_mut().unwrap().push(second);
    });
    let (found, _) = served(signed_on(&mirrored(false), keeper(32)), two.clone()).await;
    assert_eq!(codes(&found), Vec::<&str>::new());
    let (found, _) = served(signed_on(&mirrored(false), keeper(31)), two).await;
    assert_eq!(codes(&found), ["status.list.invalid"]);
}

#[tokio::test]
async fn a_take_over_begins_with_the_first_list_of_its_day() {
    let later = closed(|successor| successor["since"] = json!("2026-11-11"));
    let (found, asked) = served(signed_on(&mirrored(true), keeper(31)), later).await;
    assert_eq!((found.state, codes(&found)), (State::Genuine, vec![]));
    assert_eq!(asked, [format!("{OLD}revocation/1")]);
    let today = closed(|successor| successor["since"] = json!("2026-11-10"));
    let (found, _) = served(signed_on(&mirrored(true), keeper(31)), today).await;
    assert_eq!(found.state, State::Withdrawn);
}

/// The college is open; its DID document shows another key, and that key signs the list.
#[tokio::test]
async fn whoever_has_the_domain_lifts_no_revocation() {
    let url = format!("{OLD}revocation/1");
    let judged_by = async |signer: Ed25519Signer, entry: Value| {
        let unset = bits(&url, &url, COLLEGE, false);
        let world = World {
            document: Some(did_document(&[21, 66])),
            lists: HashMap::from([(url.clone(), signed_on(&unset, signer))]),
            ..World::default()
        };
        judged(&world, award(&url), on_list(entry)).await
    };
    let with = |member: &str, at: &str| {
        let mut entry = college();
        entry["trustedKey"].as_array_mut().unwrap().push(json!({
            "id": key(66, COLLEGE).key_id(), "keyUse": "status", "notBefore": "2026-10-01T00:00:00Z",
        }));
        entry["trustedKey"][1][member] = json!(at);
        entry
    };
    let own = judged_by(key(21, COLLEGE), college()).await;
    assert_eq!((own.state, codes(&own)), (State::Genuine, vec![]), "{:#?}", own.checks);
    let listed = judged_by(key(66, COLLEGE), with("notAfter", "2026-11-11T12:00:00Z")).await;
    assert_eq!((listed.state, codes(&listed)), (State::Genuine, vec![]), "{:#?}", listed.checks);
    for entry in [
        college(),
        with("notAfter", "2026-11-10T00:00:00Z"),
        with("compromisedSince", "2026-11-11T12:00:00Z"),
        with("keyUse", "endorsement"),
    ] {
        let thief = judged_by(key(66, COLLEGE), entry).await;
        assert_eq!((thief.state, codes(&thief)), (State::CouldNotBeChecked, vec!["status.list.invalid"]));
    }
    // His key goes by the name of a listed one.
    let named = key(22, COLLEGE).key_id().to_owned();
    let mut listed = college();
    listed["trustedKey"].as_array_mut().unwrap().push(json!({
        "id": named, "keyUse": "status", "notBefore": "2026-10-01T00:00:00Z",
    }));
    let mut document = did_document(&[21, 22]);
    let his = key(66, COLLEGE).public_key().to_multikey();
    document["verificationMethod"][1]["publicKeyMultibase"] = json!(his);
    let unset = signed_on(&bits(&url, &url, COLLEGE, false), Ed25519Signer::from_seed(named, &[66; 32]));
    let world =
        World { document: Some(document), lists: HashMap::from([(url.clone(), unset)]), ..World::default() };
    let thief = judged(&world, award(&url), on_list(listed)).await;
    assert_eq!((thief.state, codes(&thief)), (State::CouldNotBeChecked, vec!["status.list.invalid"]));
}

#[tokio::test]
async fn the_same_list_of_another_issuer_is_asked_for_where_it_was() {
    let neighbour = "did:web:diplomas.vn.example:institutions:khac";
    let mut open = college();
    open["id"] = json!(neighbour);
    open.as_object_mut().unwrap().remove("archivedDidDocument");
    let list = list(&list_document(7, ISSUED, &[closed(|_| {}), open])).unwrap();
    let world = World::default();
    let entry: Value = serde_json::from_slice(&award(&format!("{OLD}revocation/1"))).unwrap();
    let document = diploma(21, |draft| {
        draft["issuer"]["id"] = json!(neighbour);
        draft["credentialStatus"] = entry["credentialStatus"].clone();
    });
    judged(&world, document, pinned(root(), list)).await;
    assert_eq!(world.asked.into_inner().unwrap(), [format!("{OLD}revocation/1")]);
}

#[tokio::test]
async fn the_mirror_is_found_among_saved_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("public/institutions/sau/status/mau/revocation");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("1.json"), signed_on(&mirrored(true), keeper(31))).unwrap();
    let own = folder.path().join("public/institutions/mau/status/revocation");
    std::fs::create_dir_all(&own).unwrap();
    let before = bits(&format!("{OLD}revocation/1"), &format!("{OLD}revocation/1"), COLLEGE, false);
    std::fs::write(own.join("1.json"), signed_on(&before, key(21, COLLEGE))).unwrap();
    let mirror = Mirror::open(folder.path()).unwrap();
    let resolver = Layered::new(Arc::new(NoOwn), Arc::new(mirror), Arc::new(FixedClock::at(at(NOW))));
    let found = judged(&resolver, award(&format!("{OLD}revocation/1")), on_list(closed(|_| {}))).await;
    assert_eq!((found.state, codes(&found)), (State::Withdrawn, vec!["status.revoked"]));
}

#[test]
fn a_mirror_that_is_no_folder_or_has_another_key_refuses_the_list() {
    let wrong: [(&str, Change); 7] = [
        ("prefix", |one| one["prefix"] = json!("https://diplomas.vn.example/institutions/mau/status")),
        ("prefix", |one| one["prefix"] = json!("https://diplomas.vn.example/?a/")),
        ("prefix", |one| one["prefix"] = json!("urn:a/")),
        ("mirror", |one| one["mirror"] = json!("https://diplomas.vn.example/a")),
        ("trustedKey", |one| one["trustedKey"]["keyUse"] = json!("award")),
        ("trustedKey", |one| one["trustedKey"]["id"] = json!(key(31, COLLEGE).key_id())),
        ("trustedKey", |one| drop(one.as_object_mut().unwrap().remove("trustedKey"))),
    ];
    for (member, change) in wrong {
        let entry = closed(|successor| change(&mut successor["statusMirror"][0]));
        match list(&list_document(7, ISSUED, &[entry])) {
            Err(TrustListError::Form(problem)) => assert_eq!(
                problem.pointer,
                format!("/credentialSubject/trustedIssuer/0/successor/statusMirror/0/{member}")
            ),
            other => panic!("{member}: {other:?}"),
        }
    }
    let twice = closed(|successor| {
        let mut second = successor["statusMirror"][0].clone();
        second["mirror"] = json!("https://other.example/");
        successor["statusMirror"].as_array_mut().unwrap().push(second);
    });
    assert!(list(&list_document(7, ISSUED, &[twice])).is_err(), "a prefix in two places");
}

#[test]
fn a_register_does_not_go_back_to_where_it_was() {
    let known = list(&list_document(7, "2026-11-01T00:00:00Z", &[closed(|_| {})])).unwrap();
    let next = |entry: Value| {
        list(&list_document(8, ISSUED, &[entry])).unwrap().admit(&root(), Some(&known), at(NOW))
    };
    next(closed(|_| {})).unwrap();
    let heir = closed(|successor| {
        successor["id"] = json!("did:web:heir.example");
        successor["statusMirror"][0]["mirror"] = json!("https://heir.example/");
        successor["statusMirror"][0]["trustedKey"]["id"] = json!(key(41, "did:web:heir.example").key_id());
    });
    next(heir).unwrap();
    for gone in [college(), closed(|successor| successor["statusMirror"] = json!([]))] {
        assert!(matches!(next(gone), Err(TrustListError::Forgot { .. })));
    }
}

/// Asks a house in this process for what stands at its addresses.
struct AskHouse<'a>(&'a TestHouse);

#[async_trait]
impl Resolver for AskHouse<'_> {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        Err(ResolveError::NotFound { what: did.to_string() })
    }

    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        let answer = self.0.stranger().get(url.path()).await;
        assert_eq!(answer.status, 200, "{url}");
        Ok(Arc::new(FetchedList::new(answer.body.into(), self.0.app.now()).unwrap()))
    }
}

#[tokio::test]
async fn what_closing_prints_is_what_the_authority_enters() {
    let house = TestHouse::new().await;
    let diploma = house.diploma().await;
    let document = house.stranger().get("/institutions/ha-noi/did.json").await.json();
    let closed = house.admin().post("/institutions/ha-noi/close", &json!({"successor": "vientiane"})).await;
    let mut entry = closed.json()["trustedIssuer"][0].clone();
    entry["nameI18n"] = json!({"vi": "Trường"});
    entry["trustedKey"] = json!([{
        "id": document["verificationMethod"][0]["id"], "keyUse": "award", "notBefore": "2026-01-01T00:00:00Z",
    }]);
    entry["archivedDidDocument"] = document;
    entry["grant"] = college()["grant"].clone();
    let now = house.app.now();
    let listed = pinned(root(), list(&list_document(7, &now.to_string(), &[entry])).unwrap());
    let trust = Arc::new(Trust::new([], &[], vec![listed]));
    let resolver = AskHouse(&house);
    let verdict = async || {
        let sources = Sources { resolver: &resolver, trust: trust.clone(), own: None };
        let credential = Credential::parse(serde_json::to_vec(&diploma).unwrap()).unwrap();
        let evidence = gather::credential(&sources, &credential, Extent::Full).await;
        judge::credential(credential, &evidence, now, Extent::Full)
    };
    let told = |verdict: &Verdict| {
        verdict
            .checks
            .iter()
            .filter(|one| one.code.as_str().starts_with("status."))
            .map(|one| one.code.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&verdict().await), ["status.active"]);
    let body =
        json!({"credentialId": diploma["id"], "statusPurpose": "suspension", "value": true, "reason": "x"});
    assert_eq!(house.neighbour().post("/credentials/status", &body).await.status, 200);
    assert_eq!(told(&verdict().await), ["status.suspended"]);
}

#[tokio::test]
async fn a_closed_college_awards_nothing_more() {
    let dated = |day: &'static str| diploma(21, move |draft| draft["awardedDate"] = json!(day));
    let world = World::default();
    // Whoever finds its key writes any day he likes; the days after its end give him away.
    let late = judged(&world, dated("2026-10-03T00:00:00+07:00"), on_list(closed(|_| {}))).await;
    assert_eq!((late.state, codes(&late)), (State::CouldNotBeChecked, vec!["facts.contradictory"]));
    for day in ["2026-10-02T06:00:00+07:00", "2026-07-15T00:00:00+07:00"] {
        let last = judged(&world, dated(day), on_list(closed(|_| {}))).await;
        assert_eq!((last.state, codes(&last)), (State::Genuine, vec![]), "{day}");
    }
}
