//! What a verdict makes of a trust list: offline, with no word from the college's own host.

use std::sync::Arc;

use serde_json::{Value, json};
use testamur::clock::FixedClock;
use testamur::credential::Credential;
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::resolve::{Layered, Mirror, NoOwn};
use testamur::trust::{Pin, Pinned, Trust};
use testamur::trustlist::{Root, TrustList};
use testamur::verify::gather::{self, Sources};
use testamur::verify::{Extent, State, Verdict, judge};

use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";
const ISSUED: &str = "2026-11-10T00:00:00Z";

/// A diploma of the college at VQF 5, as its key number `n` signs it.
pub fn diploma(n: u8, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let text = include_str!("../../fixtures/credentials/diploma/minimal.json");
    let mut draft: Value = serde_json::from_str(text).unwrap();
    draft["id"] = json!("https://diplomas.vn.example/c/1");
    draft["issuer"] = json!({"id": COLLEGE, "type": ["Profile"], "name": "Trường Cao đẳng nào đó"});
    draft["validFrom"] = json!("2026-07-20T00:00:00Z");
    draft["credentialSubject"]["achievement"]["alignment"] = json!([{
        "type": ["Alignment"], "targetType": "ext:FrameworkLevel", "targetFramework": "VQF", "targetCode": "5",
        "targetName": "Level 5", "targetUrl": "https://example.org/vqf/5"
    }]);
    change(&mut draft);
    signed(&draft, &[key(n, COLLEGE)], "2026-07-20T00:00:00Z")
}

pub fn pinned(root: Root, list: TrustList) -> Arc<Pinned> {
    let pin = Pin {
        territory: root.territory.clone(),
        fingerprint: root.fingerprint.clone(),
        root_fingerprint: root.fingerprint.clone(),
        root_url: None,
        pinned: at(NOW),
        refreshed: at(NOW),
    };
    Arc::new(Pinned { pin, root, list: Some(list) })
}

fn with_college(change: impl FnOnce(&mut Value)) -> Arc<Pinned> {
    let mut entry = college();
    change(&mut entry);
    pinned(root(), list(&list_document(7, ISSUED, &[entry])).unwrap())
}

async fn verdict_at(now: &str, document: Vec<u8>, pinned: Vec<Arc<Pinned>>) -> Verdict {
    verdict_with(now, document, pinned, None).await
}

/// The same with a log proof beside the document.
pub async fn verdict_with(
    now: &str,
    document: Vec<u8>,
    pinned: Vec<Arc<Pinned>>,
    tlog_proof: Option<Vec<u8>>,
) -> Verdict {
    let clock = Arc::new(FixedClock::at(at(now)));
    let resolver = Layered::new(Arc::new(NoOwn), Arc::new(Mirror::default()), clock);
    let sources = Sources { resolver: &resolver, trust: Arc::new(Trust::new([], &[], pinned)), own: None };
    let credential = Credential::parse(document).unwrap();
    let mut evidence = gather::credential(&sources, &credential, Extent::Full).await;
    evidence.tlog_proof = tlog_proof;
    judge::credential(credential, &evidence, at(now), Extent::Full)
}

async fn verdict(document: Vec<u8>, pinned: Vec<Arc<Pinned>>) -> Verdict {
    verdict_at(NOW, document, pinned).await
}

pub fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.troubles().map(|check| check.code.as_str()).collect()
}

#[tokio::test]
async fn a_listed_college_is_known_by_the_name_its_authority_gives_it() {
    let found = verdict(diploma(21, |_| {}), vec![with_college(|_| {})]).await;
    assert_eq!((found.state, codes(&found)), (State::Genuine, vec![]), "{:#?}", found.checks);
    let issuer = found.issuer.unwrap();
    assert_eq!(issuer.vouched_by.as_deref(), Some("trust-list"));
    assert_eq!(issuer.country.as_deref(), Some("VN"));
    assert!(issuer.name.unwrap().iter().any(|(_, name)| name == "Trường Cao đẳng Mẫu"));
    // Nobody pinned: its key cannot even be had, as its host is gone.
    let alone = verdict(diploma(21, |_| {}), vec![]).await;
    assert_eq!((alone.state, codes(&alone)), (State::CouldNotBeChecked, vec!["proof.key.unreachable"]));
    let changed = String::from_utf8(diploma(21, |_| {}))
        .unwrap()
        .replace("Somphone", "X")
        .replace("2026-07-15", "2026-07-16");
    assert_eq!(verdict(changed.into_bytes(), vec![with_college(|_| {})]).await.state, State::NotGenuine);
}

#[tokio::test]
async fn accreditation_is_judged_on_the_award_date() {
    let listed = || vec![with_college(|_| {})];
    let awarded = |day: &str| {
        let day = format!("{day}T00:00:00+07:00");
        diploma(21, move |draft| draft["awardedDate"] = json!(day))
    };
    let early = verdict(awarded("2024-07-31"), listed()).await;
    assert_eq!(
        (early.state, codes(&early)),
        (State::NotGenuine, vec!["accreditation.not.in.force.on.award.date"])
    );
    assert!(early.verified, "its signature is good all the same");
    assert_eq!(verdict(awarded("2024-08-01"), listed()).await.state, State::Genuine);
    let level = verdict(
        diploma(21, |draft| {
            draft["credentialSubject"]["achievement"]["alignment"][0]["targetCode"] = json!("6");
        }),
        listed(),
    )
    .await;
    assert_eq!((level.state, codes(&level)), (State::NotGenuine, vec!["accreditation.none.for.scope"]));
    let silent = verdict(
        diploma(21, |draft| {
            draft["credentialSubject"]["achievement"].as_object_mut().unwrap().remove("alignment");
        }),
        listed(),
    )
    .await;
    assert_eq!(
        (silent.state, codes(&silent)),
        (State::CouldNotBeChecked, vec!["accreditation.scope.unknown"])
    );
}

#[tokio::test]
async fn a_loss_of_standing_leaves_open_what_was_awarded_before() {
    let withdrawn = |since: &'static str| {
        vec![with_college(move |entry| {
            entry["grant"][0]["history"]
                .as_array_mut()
                .unwrap()
                .push(json!({"standing": "withdrawn", "since": since, "recordedAt": ISSUED}));
        })]
    };
    let before = verdict(diploma(21, |_| {}), withdrawn("2026-08-01")).await;
    assert_eq!(
        (before.state, codes(&before)),
        (State::CouldNotBeChecked, vec!["accreditation.withdrawn.later", "award.unanchored"])
    );
    let after = verdict(diploma(21, |_| {}), withdrawn("2026-07-01")).await;
    assert_eq!(
        (after.state, codes(&after)),
        (State::NotGenuine, vec!["accreditation.withdrawn.on.award.date"])
    );
}

#[tokio::test]
async fn a_key_shows_only_what_it_could_sign_while_it_was_the_issuers() {
    let key_of =
        |change: fn(&mut Value)| vec![with_college(move |entry| change(&mut entry["trustedKey"][0]))];
    let state = |change: fn(&mut Value)| verdict(diploma(21, |_| {}), key_of(change));
    let stolen = state(|key| key["compromisedSince"] = json!("2026-09-01T00:00:00Z")).await;
    assert_eq!((stolen.state, codes(&stolen)), (State::CouldNotBeChecked, vec!["key.compromised"]));
    let ended = state(|key| key["notAfter"] = json!("2026-09-01T00:00:00Z")).await;
    assert_eq!((ended.state, codes(&ended)), (State::CouldNotBeChecked, vec!["key.retired.unlogged"]));
    let later = state(|key| key["notBefore"] = json!("2026-10-01T00:00:00Z")).await;
    assert_eq!((later.state, codes(&later)), (State::CouldNotBeChecked, vec!["issuer.key.not.yet"]));
    let other = state(|key| key["keyUse"] = json!("endorsement")).await;
    assert_eq!((other.state, codes(&other)), (State::CouldNotBeChecked, vec!["issuer.key.not.listed"]));
    // Whoever holds the domain now may publish what he likes: his key is not on the list.
    let squatter = with_college(|entry| entry["archivedDidDocument"] = did_document(&[21, 22]));
    let squatter = verdict(diploma(22, |_| {}), vec![squatter]).await;
    assert_eq!((squatter.state, codes(&squatter)), (State::CouldNotBeChecked, vec!["issuer.key.not.listed"]));
}

#[tokio::test]
async fn one_issuer_on_two_lists_is_nobodys() {
    let mut document = first_root();
    document["credentialSubject"]["territory"] = json!("LA");
    let laos = Root::parse(&signed(&document, &[root_key(1), root_key(3)], "2026-01-01T00:00:00Z")).unwrap();
    let mut document = list_document(7, ISSUED, &[college()]);
    document["credentialSubject"]["territory"] = json!("LA");
    let list = TrustList::parse(&list_bytes(&document), &laos).unwrap();
    // The archive of neither counts, so the key has to be had from elsewhere: a did:web of a mirror.
    let found = verdict(diploma(21, |_| {}), vec![with_college(|_| {}), pinned(laos, list)]).await;
    assert_eq!(found.state, State::CouldNotBeChecked);
    assert!(!codes(&found).contains(&"issuer.listed"));
}

#[tokio::test]
async fn an_old_list_is_told_by_its_age_and_one_that_is_over_says_nothing() {
    let stale = verdict_at("2026-12-01T00:00:00Z", diploma(21, |_| {}), vec![with_college(|_| {})]).await;
    assert_eq!(stale.state, State::Genuine);
    let listed = stale.checks.iter().find(|check| check.code.as_str() == "issuer.listed").unwrap();
    assert_eq!(listed.because["as_of"], ISSUED);
    let over = verdict_at("2026-12-11T00:00:00Z", diploma(21, |_| {}), vec![with_college(|_| {})]).await;
    assert_eq!((over.state, codes(&over)), (State::CouldNotBeChecked, vec!["trust.list.over"]));
}

#[tokio::test]
async fn a_diploma_does_not_escape_its_accreditation_under_another_type() {
    let withdrawn = with_college(|entry| {
        let history = entry["grant"][0]["history"].as_array_mut().unwrap();
        history.push(json!({"standing": "withdrawn", "since": "2026-07-01", "recordedAt": ISSUED}));
    });
    for reserved in ["AccreditationCredential", "RecognitionStatementCredential"] {
        let disguised = diploma(21, |draft| {
            draft["type"].as_array_mut().unwrap().push(json!(reserved));
            let authority = "https://registry.example/contexts/testamur-authority-v1.jsonld";
            draft["@context"].as_array_mut().unwrap().push(json!(authority));
        });
        let found = verdict(disguised, vec![withdrawn.clone()]).await;
        assert_eq!(
            (found.state, codes(&found)),
            (State::CouldNotBeChecked, vec!["issuer.key.not.listed"]),
            "{reserved}: a key for awards accredits nobody"
        );
    }
}

/// A statement of the ministry, signed with its key number `n`; its own document names the keys 12 and 13.
async fn stated(n: u8, pinned: Vec<Arc<Pinned>>) -> Verdict {
    stated_by(n, Trust::new([], &[], pinned)).await
}

async fn stated_by(n: u8, trust: Trust) -> Verdict {
    const MINISTRY: &str = "did:web:trust.vn.example:institutions:moet";
    let statement = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://registry.example/contexts/testamur-award-v1.jsonld",
            "https://registry.example/contexts/testamur-authority-v1.jsonld",
        ],
        "id": "https://trust.vn.example/c/9", "issuer": {"id": MINISTRY, "type": ["Profile"], "name": "Somebody"},
        "type": ["VerifiableCredential", "EndorsementCredential", "RecognitionStatementCredential"],
        "name": "Statement of recognition", "validFrom": ISSUED,
        "credentialSubject": {"id": "https://diplomas.la.example/c/1", "type": ["EndorsementSubject"]},
    });
    let keys = [12, 13].map(|n| key(n, MINISTRY));
    let methods = keys.iter().map(|key| {
        json!({"id": key.key_id(), "type": "Multikey", "controller": MINISTRY,
            "publicKeyMultibase": key.public_key().to_multikey()})
    });
    let document = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"], "id": MINISTRY,
        "verificationMethod": methods.collect::<Vec<_>>(),
        "assertionMethod": keys.iter().map(|key| key.key_id()).collect::<Vec<_>>(),
    });
    let folder = tempfile::tempdir().unwrap();
    let public = folder.path().join("public");
    std::fs::create_dir(&public).unwrap();
    std::fs::write(public.join("ministry.json"), document.to_string()).unwrap();
    let mirror = Arc::new(Mirror::open(folder.path()).unwrap());
    let resolver = Layered::new(Arc::new(NoOwn), mirror, Arc::new(FixedClock::at(at(NOW))));
    let sources = Sources { resolver: &resolver, trust: Arc::new(trust), own: None };
    let credential = Credential::parse(signed(&statement, &[key(n, MINISTRY)], ISSUED)).unwrap();
    let evidence = gather::credential(&sources, &credential, Extent::Full).await;
    judge::credential(credential, &evidence, at(NOW), Extent::Full)
}

#[tokio::test]
async fn an_authority_speaks_for_itself_with_the_keys_its_list_tells_of() {
    let own = key(12, "did:web:trust.vn.example:institutions:moet");
    let with = |change: fn(&mut Value)| {
        let mut document = list_document(7, ISSUED, &[college()]);
        let mut told =
            json!({"id": own.key_id(), "keyUse": "accreditation", "notBefore": "2026-01-01T00:00:00Z"});
        change(&mut told);
        document["issuer"] = json!({"id": document["issuer"], "nameI18n": {"vi": "Bộ Mẫu"}});
        document["credentialSubject"]["trustedKey"] = json!([told]);
        vec![pinned(root(), list(&document).unwrap())]
    };
    let found = stated(12, with(|_| {})).await;
    assert_eq!((found.state, codes(&found)), (State::Genuine, vec![]), "{:#?}", found.checks);
    let issuer = found.issuer.unwrap();
    assert_eq!(issuer.vouched_by.as_deref(), Some("trust-list"));
    assert!(issuer.name.unwrap().iter().any(|(_, name)| name == "Bộ Mẫu"));
    // Another key that its own document names, and one that the list tells of for something else.
    for (found, code) in [
        (stated(13, with(|_| {})).await, "issuer.key.not.listed"),
        (stated(12, with(|key| key["keyUse"] = json!("trust-list"))).await, "issuer.key.not.listed"),
        (
            stated(12, with(|key| key["compromisedSince"] = json!("2026-11-01T00:00:00Z"))).await,
            "key.compromised",
        ),
        (stated(12, vec![with_college(|_| {})]).await, "issuer.not.listed"),
        (stated(12, vec![]).await, "issuer.not.listed"),
    ] {
        assert_eq!((found.state, codes(&found)), (State::CouldNotBeChecked, vec![code]));
    }
    // Nor does the word of the settings make somebody an authority.
    let ministry = testamur::did::Did::parse("did:web:trust.vn.example:institutions:moet").unwrap();
    let settled = stated_by(12, Trust::new([], &[ministry], vec![])).await;
    assert_eq!((settled.state, codes(&settled)), (State::CouldNotBeChecked, vec!["issuer.not.authority"]));
    // It awards nothing: what stands on the list for its decisions signs no diplomas.
    let list = with(|_| {});
    assert!(list[0].list.as_ref().unwrap().issuers().all(|issuer| issuer.did.as_str() == COLLEGE));
}

#[tokio::test]
async fn a_key_on_the_list_is_the_key_and_not_its_name() {
    // Whoever has the domain and no key publishes his own under the name of the one that the list gives.
    let mut squatted = did_document(&[21]);
    squatted["verificationMethod"][0]["publicKeyMultibase"] =
        json!(key(22, COLLEGE).public_key().to_multikey());
    let entry = with_college(|entry| entry["archivedDidDocument"] = squatted);
    // Nor can he make the college's own diplomas look forged.
    let own = verdict(diploma(21, |_| {}), vec![entry.clone()]).await;
    assert_eq!((own.state, codes(&own)), (State::CouldNotBeChecked, vec!["proof.key.unreachable"]));
    let named = Ed25519Signer::from_seed(key(21, COLLEGE).key_id(), &[22; 32]);
    let mut forged: Value = serde_json::from_slice(&diploma(21, |_| {})).unwrap();
    forged.as_object_mut().unwrap().shift_remove("proof");
    let found = verdict(signed(&forged, &[named], "2026-07-20T00:00:00Z"), vec![entry]).await;
    assert_eq!((found.state, codes(&found)), (State::CouldNotBeChecked, vec!["proof.key.unreachable"]));
}
