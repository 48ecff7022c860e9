//! Joint awards: what the other half may say, and what nobody can make it say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use testamur::clock::FixedClock;
use testamur::config::Config;
use testamur::credential::{Credential, endorsement};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did::Did;
use testamur::resolve::{
    FetchedList, Layered, MAX_SERVED, Mirror, NoOwn, ResolveError, Resolved, Resolver, Web,
};
use testamur::status::Bitstring;
use testamur::trust::Trust;
use testamur::verify::gather::{self, Sources};
use testamur::verify::{Extent, State, Verdict, judge};
use url::Url;

use super::judged::codes;
use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";
const HERE: &str = "https://diplomas.cn.example/c/1";
const THERE: &str = "https://diplomas.la.example/c/2";
const LIST: &str = "https://diplomas.la.example/status/revocation/1";

/// What stands where, and what was asked for.
#[derive(Default)]
struct World {
    served: HashMap<String, Vec<u8>>,
    lists: HashMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Resolver for World {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        Err(ResolveError::NotFound { what: did.to_string() })
    }
    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        let found = self.lists.get(url.as_str()).ok_or(ResolveError::NotFound { what: url.to_string() })?;
        Ok(Arc::new(FetchedList::new(found.clone().into(), at(NOW)).unwrap()))
    }
    async fn served(&self, url: &Url) -> Result<Arc<Bytes>, ResolveError> {
        self.asked.lock().unwrap().push(url.to_string());
        let found = self.served.get(url.as_str()).ok_or(ResolveError::NotFound { what: url.to_string() })?;
        Ok(Arc::new(found.clone().into()))
    }
}

/// Institution number `n`, named by its key.
fn did(n: u8) -> String {
    format!("did:key:{}", Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey())
}

/// A diploma of institution `n`, unsigned, that names `partner`.
fn draft(n: u8, id: &str, partner: &str) -> Value {
    let text = include_str!("../../fixtures/credentials/diploma/minimal.json");
    let mut draft: Value = serde_json::from_str(text).unwrap();
    draft["id"] = json!(id);
    draft["issuer"] = json!(did(n));
    draft["validFrom"] = json!("2026-07-20T00:00:00Z");
    draft["credentialSubject"]["partnerAward"] = json!(partner);
    draft
}

/// What institution `n` signs about a draft.
fn endorsed_by(n: u8, draft: &Value) -> Value {
    let digest = endorsement::digest_of(draft.as_object().unwrap());
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://registry.example/contexts/testamur-award-v1.jsonld"],
        "id": format!("urn:uuid:7d0743eb-1002-4f1a-a479-e68be901b5{n:02x}"),
        "type": ["VerifiableCredential", "EndorsementCredential"], "issuer": did(n), "name": "Joint award",
        "validFrom": "2026-07-20T00:00:00Z",
        "credentialSubject": {"id": draft["id"], "type": ["EndorsementSubject"], "digestMultibase": digest},
    });
    serde_json::from_slice(&by(n, &document)).unwrap()
}

fn by(n: u8, document: &Value) -> Vec<u8> {
    signed(document, &[key(n, &did(n))], "2026-07-20T00:00:00Z")
}

/// A half of institution `n`, endorsed by institution `other`.
fn half(n: u8, id: &str, partner: &str, other: u8) -> Vec<u8> {
    let mut draft = draft(n, id, partner);
    draft["endorsement"] = json!([endorsed_by(other, &draft)]);
    by(n, &draft)
}

/// What the first half says of the other, where institutions 1 and 2 are vouched for, and what was asked for.
async fn verdict(world: World, document: Vec<u8>) -> (Verdict, Vec<String>) {
    let world = Arc::new(world);
    let clock = Arc::new(FixedClock::at(at(NOW)));
    let resolver = Layered::new(Arc::new(NoOwn), world.clone(), clock);
    let found = judged(&resolver, document).await;
    let asked = std::mem::take(&mut *world.asked.lock().unwrap());
    (found, asked)
}

async fn judged(resolver: &dyn Resolver, document: Vec<u8>) -> Verdict {
    let trusted = [did(1), did(2)].map(|did| Did::parse(&did).unwrap());
    let sources = Sources { resolver, trust: Arc::new(Trust::new([], &trusted, Vec::new())), own: None };
    let credential = Credential::parse(document).unwrap();
    let evidence = gather::credential(&sources, &credential, Extent::Full).await;
    judge::credential(credential, &evidence, at(NOW), Extent::Full)
}

/// Where this stands at the other address.
async fn beside(other: Vec<u8>) -> Verdict {
    let world = World { served: HashMap::from([(THERE.to_owned(), other)]), ..World::default() };
    verdict(world, half(1, HERE, THERE, 2)).await.0
}

#[track_caller]
fn said(verdict: &Verdict, code: &str, problem: &str) {
    assert!(verdict.verified, "{:#?}", verdict.checks);
    assert_eq!((verdict.state, codes(verdict)), (State::GenuineBut, vec![code]), "{:#?}", verdict.checks);
    let check = verdict.checks.last().unwrap();
    assert!(check.because["problem"].contains(problem), "{:?}", check.because);
}

#[tokio::test]
async fn two_halves_that_name_each_other_confirm_each_other() {
    let other = half(2, THERE, HERE, 1);
    let world = || World { served: HashMap::from([(THERE.to_owned(), other.clone())]), ..World::default() };
    let (found, asked) = verdict(world(), half(1, HERE, THERE, 2)).await;
    assert_eq!((found.state, codes(&found)), (State::Genuine, vec![]), "{:#?}", found.checks);
    assert_eq!(found.checks.last().unwrap().code.as_str(), "partner.confirmed");
    let partner = found.partner_award.unwrap();
    assert_eq!((partner.state, partner.issuer.unwrap().id), (Some(State::Genuine), did(2)));
    assert_eq!(asked, [THERE], "the other half is asked for, and what it names is not");
    // A document without a partner asks for nothing and says nothing.
    let mut plain = draft(1, HERE, THERE);
    plain["credentialSubject"].as_object_mut().unwrap().remove("partnerAward");
    let (found, asked) = verdict(world(), by(1, &plain)).await;
    assert!(found.partner_award.is_none() && asked.is_empty(), "{asked:?}");
}

#[tokio::test]
async fn a_half_that_was_withdrawn_shows_and_withdraws_nothing_else() {
    for (purpose, code) in [("revocation", "partner.revoked"), ("suspension", "partner.suspended")] {
        let entry = json!({
            "id": format!("{LIST}#7"), "type": "BitstringStatusListEntry", "statusPurpose": purpose,
            "statusListIndex": "7", "statusListCredential": LIST,
        });
        let mut bits = Bitstring::new(131_072);
        bits.set(7, true);
        let list = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": LIST,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": did(2),
            "validFrom": "2026-07-20T00:00:00Z", "validUntil": "2026-11-18T00:00:00Z",
            "credentialSubject": {"id": format!("{LIST}#list"), "type": "BitstringStatusList",
                "statusPurpose": purpose, "encodedList": bits.encode()},
        });
        let mut other = draft(2, THERE, HERE);
        other["credentialStatus"] = entry;
        other["endorsement"] = json!([endorsed_by(1, &other)]);
        let mut world = World::default();
        world.served.insert(THERE.to_owned(), by(2, &other));
        world.lists.insert(LIST.to_owned(), by(2, &list));
        let (found, _) = verdict(world, half(1, HERE, THERE, 2)).await;
        assert_eq!((found.verified, found.state), (true, State::GenuineBut));
        assert_eq!(codes(&found), [code]);
        assert_eq!(found.partner_award.unwrap().state, Some(State::Withdrawn));
        // Its list cannot be had: nobody knows.
        let served = HashMap::from([(THERE.to_owned(), by(2, &other))]);
        let (found, _) = verdict(World { served, ..World::default() }, half(1, HERE, THERE, 2)).await;
        said(&found, "partner.unknown", "status.unreachable");
    }
}

#[tokio::test]
async fn whoever_does_not_stand_by_it_is_only_claimed() {
    let elsewhere = "https://diplomas.cn.example/c/3";
    for (what, other, problem) in [
        ("it names another award", half(2, THERE, elsewhere, 1), "does not name this award"),
        ("it names itself", half(2, THERE, THERE, 1), "does not name this award"),
        ("another credential stands there", half(2, elsewhere, HERE, 1), "another credential"),
        ("the same institution made both", half(1, THERE, HERE, 1), "same institution"),
    ] {
        said(&beside(other).await, "partner.claimed", problem);
        let _ = what;
    }
    // It says that it is the partner's, and somebody else signed it.
    let mut forged = draft(2, THERE, HERE);
    forged["endorsement"] = json!([endorsed_by(1, &forged)]);
    let by_other = signed(&forged, &[key(3, &did(3))], "2026-07-20T00:00:00Z");
    said(&beside(by_other).await, "partner.claimed", "issuer.not.bound");
    let altered = String::from_utf8(half(2, THERE, HERE, 1)).unwrap().replace("2026-07-15", "2026-07-16");
    said(&beside(altered.into_bytes()).await, "partner.claimed", "proof.invalid");
    // Nobody vouches for the third one, and nobody needs to know what it says.
    let world =
        World { served: HashMap::from([(THERE.to_owned(), half(3, THERE, HERE, 1))]), ..World::default() };
    let (found, _) = verdict(world, half(1, HERE, THERE, 3)).await;
    said(&found, "partner.unknown", "issuer.not.listed");
}

#[tokio::test]
async fn the_partner_has_to_have_endorsed_this_very_content() {
    let world =
        || World { served: HashMap::from([(THERE.to_owned(), half(2, THERE, HERE, 1))]), ..World::default() };
    let none = by(1, &draft(1, HERE, THERE));
    said(&verdict(world(), none).await.0, "partner.claimed", "has not endorsed");
    let own = half(1, HERE, THERE, 1);
    said(&verdict(world(), own).await.0, "partner.claimed", "has not endorsed");
    // Without a digest it may have been given to anything.
    let mut draft = draft(1, HERE, THERE);
    let mut loose = endorsed_by(2, &draft);
    loose.as_object_mut().unwrap().remove("proof");
    loose["credentialSubject"].as_object_mut().unwrap().remove("digestMultibase");
    let loose: Value = serde_json::from_slice(&by(2, &loose)).unwrap();
    draft["endorsement"] = json!([loose]);
    said(&verdict(world(), by(1, &draft)).await.0, "partner.claimed", "has not endorsed");
    // Given to another content: the endorsement itself does not hold, and that is graver.
    draft["endorsement"] = json!([endorsed_by(2, &draft)]);
    draft["name"] = json!("Another programme");
    let (found, _) = verdict(world(), by(1, &draft)).await;
    assert_eq!(codes(&found), ["endorsement.invalid", "partner.claimed"]);
}

#[tokio::test]
async fn what_cannot_be_had_fails_nothing() {
    let (found, _) = verdict(World::default(), half(1, HERE, THERE, 2)).await;
    said(&found, "partner.unknown", "no such document");
    said(&beside(b"<!doctype html>".to_vec()).await, "partner.unknown", "no credential");
    said(&beside(b"{}".to_vec()).await, "partner.claimed", "another credential");
    let deep = [b"{\"a\":".repeat(5_000), b"1".to_vec(), b"}".repeat(5_000)].concat();
    said(&beside(deep).await, "partner.unknown", "no credential");
    // Offline, nothing is asked at all.
    let clock = Arc::new(FixedClock::at(at(NOW)));
    let offline = Layered::new(Arc::new(NoOwn), Arc::new(Mirror::default()), clock);
    said(
        &judged(&offline, half(1, HERE, THERE, 2)).await,
        "partner.unknown",
        "nothing is asked over the network",
    );
    for (partner, problem) in [
        (HERE, "not its own other half"),
        ("urn:uuid:7d0743eb-1002-4f1a-a479-e68be901b54b", ""),
        ("x", "URL"),
    ] {
        let (found, asked) = verdict(World::default(), by(1, &draft(1, HERE, partner))).await;
        said(&found, "partner.unknown", problem);
        assert!(partner != HERE || asked.is_empty());
    }
}

#[tokio::test]
async fn the_network_is_asked_under_guard() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let large = vec![b' '; MAX_SERVED + 1];
    let pages = axum::Router::new().route("/large", axum::routing::get(move || async move { large.clone() }));
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    let clock = || Arc::new(FixedClock::at(at(NOW)));
    let strict = Arc::new(Web::new(Config::for_testing().fetch, clock()));
    for inside in [
        "http://127.0.0.1:80/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://10.0.0.7/",
        "http://diplomas.la.example/c/2",
        "file:///etc/passwd",
    ] {
        let found =
            judged(&Layered::new(Arc::new(NoOwn), strict.clone(), clock()), by(1, &draft(1, HERE, inside)))
                .await;
        said(&found, "partner.unknown", "");
        let because = &found.checks.last().unwrap().because["problem"];
        assert!(
            because.contains("not on the public internet") || because.contains("only https"),
            "{because}"
        );
    }
    let mut open = Config::for_testing().fetch;
    open.allow_fetch_origins =
        vec![testamur::config::Origin { scheme: "http".to_owned(), host: "127.0.0.1".to_owned(), port }];
    let web = Arc::new(Web::new(open, clock()));
    let partner = format!("http://127.0.0.1:{port}/large");
    let found = judged(&Layered::new(Arc::new(NoOwn), web, clock()), by(1, &draft(1, HERE, &partner))).await;
    said(&found, "partner.unknown", "more than 65536 bytes");
}
