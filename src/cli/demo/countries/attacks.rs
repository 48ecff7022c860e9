//! Attacks on lists and logs: what a stolen list key, another country or the log's own operator cannot do.

use serde_json::{Value, json};
use url::Url;

use super::super::Failure;
use super::acts::{AWARDED, DIPLOMA};
use super::ministry::{self, Ministry};
use super::stage::{Paper, Stage};
use crate::accredit::Decision;
use crate::codec::json;
use crate::crypto::proof::{self, ProofOptions};
use crate::crypto::{Ed25519Signer, Signer, sha256};
use crate::did;
use crate::issue::operator;
use crate::log::note::NoteSignError;
use crate::log::witness::AddCheckpoint;
use crate::log::{Checkpoint, SignedCheckpoint};
use crate::publish::audit;
use crate::store::TrustKind;
use crate::trust::PinError;
use crate::trustlist::edit::SUITE;
use crate::verify::Code;
use crate::verify::verdict::State;
use crate::{pin, witness};

/// The longest file of a log read, in bytes.
const MAX_FILE: usize = 64 * 1024;

/// Lists that Vientiane is not to believe.
pub(super) async fn lists(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("Vientiane is served an old trust list, and one with a shortened history");
    let (app, slug) = (&stage.vn.app, &stage.moet.slug);
    let newest = app.store.trust_version(slug, TrustKind::List, None).await?.ok_or("there is no list")?;
    let before = app.store.trust_version(slug, TrustKind::List, Some(newest.number - 1)).await?;
    let before = before.ok_or("there is no list before")?;
    let served = serve(stage, &before.body);
    stage.refused("The list before this one:", served, "is known already");
    let shortened = resigned(stage, &newest.body, |subject| {
        let grants = subject["trustedIssuer"].as_array_mut().into_iter().flatten();
        let histories = grants.flat_map(|issuer| issuer["grant"].as_array_mut().into_iter().flatten());
        for grant in histories {
            if let Some(history) = grant["history"].as_array_mut() {
                history.truncate(1);
            }
        }
    })?;
    let served = serve(stage, &shortened);
    let what = "One by the ministry's own key that has forgotten the withdrawal:";
    stage.refused(what, served, "an earlier list said otherwise");
    Ok(())
}

/// The key that signs the list is stolen.
pub(super) async fn list_key(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("The key that signs Vietnam's list is stolen, and a mill is put on it");
    let newest = stage.vn.app.store.trust_version(&stage.moet.slug, TrustKind::List, None).await?;
    let newest = newest.ok_or("there is no list")?;
    let (mill, paper) = mill(stage)?;
    let stolen = resigned(stage, &newest.body, |subject| {
        if let Some(issuers) = subject["trustedIssuer"].as_array_mut() {
            issuers.push(mill);
        }
    })?;
    serve(stage, &stolen)?;
    let what = "While nobody knows, the mill's diploma passes:";
    stage.shows(what, &paper, State::Genuine, Code::IssuerListed).await?;
    let app = stage.vn.app.clone();
    stage.moet.replace_list_key(&app).await?;
    stage.settle().await?;
    let what = "Two holders of the root name another list key; Vientiane asks again:";
    stage.shows(what, &paper, State::CouldNotBeChecked, Code::IssuerNotListed).await?;
    let pinned = stage.la.app.pins.read("VN")?;
    let holds = pinned.pin.fingerprint == stage.moet.fingerprint() && pinned.root.version == 2;
    stage.holds("The pin is the one of the first day, under version 2 of the root.", holds);
    Ok(())
}

/// Another country lists a Vietnamese college.
pub(super) async fn contested(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("A third country's list names the college in Huế");
    let hue = stage.hue.clone();
    let paper = stage.issue(&hue, DIPLOMA, AWARDED).await?;
    let app = stage.third.app.clone();
    let other =
        Ministry::open(&stage.third, "ZZ", "elsewhere", &[("en", "Ministry of elsewhere (sample)")]).await?;
    let hue = ministry::did(&stage.vn.app, &hue)?;
    other.decide(&app, Decision::Issuer, json!({"id": hue, "nameI18n": {"en": "Ours now"}})).await?;
    let (la, caller) = (stage.la.app.clone(), operator(stage.now()));
    pin::add(&la, &caller, &other.root_url(&app)?, &other.fingerprint()).await?;
    let what = "Vientiane has pinned that country, too:";
    stage.shows(what, &paper, State::CouldNotBeChecked, Code::IssuerContested).await?;
    pin::remove(&la, &caller, "ZZ").await?;
    stage.shows("And after it has ended that pin:", &paper, State::Genuine, Code::IssuerListed).await
}

/// The operator of Vietnam's log shows Vientiane another tree than everybody else.
pub(super) async fn fork(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("Vietnam's log is forked with its own key");
    let log = stage.vn.app.store.logs().await?.pop().ok_or("there is no log")?;
    let real = SignedCheckpoint::parse(&log.checkpoint)?;
    let forged = forged(stage, &real)?;
    let request = AddCheckpoint { old: log.size, proof: Vec::new(), checkpoint: forged.clone() };
    let cosigned = witness::add_checkpoint(&stage.la.app, request.to_string().as_bytes()).await;
    stage.refused("The witness in Vientiane is asked to cosign it:", cosigned, "another tree");
    let fetcher = &stage.la.app.fetcher;
    let base = format!("{}/log/{}", stage.vn.app.urls.public(), log.year);
    let file = async |tile: crate::log::tile::Tile| {
        let url = Url::parse(&format!("{base}/{tile}"))?;
        let bytes = fetcher.get(url.as_str(), &url, MAX_FILE, "application/octet-stream").await?;
        Ok::<_, Failure>(bytes.to_vec())
    };
    let audited = audit::audit(&stage.vn.log_key, &real, Some(&forged), file).await;
    stage.refused("Whoever was shown it audits the log:", audited, "the log is forked");
    Ok(())
}

/// Another tree of the size that the log has.
fn forged(stage: &Stage, real: &SignedCheckpoint) -> Result<SignedCheckpoint, NoteSignError> {
    let head = Checkpoint { root: sha256(b"another tree"), ..real.claimed().clone() };
    let key = &stage.vn.log_key;
    let signer = Ed25519Signer::from_seed(key.name().to_string(), &stage.vn.log_seed);
    SignedCheckpoint::sign(head, key, &signer)
}

/// Puts a list before Vientiane as an address that was taken over would.
fn serve(stage: &Stage, list: &[u8]) -> Result<(), PinError> {
    let app = &stage.la.app;
    let before = app.pins.read("VN")?;
    app.pins.renew(&before, &[], list, stage.now())?;
    app.registry.pin(app.pins.load()?);
    Ok(())
}

/// The list after this one, altered, signed with the key that signs lists.
fn resigned(stage: &Stage, list: &[u8], alter: impl FnOnce(&mut Value)) -> Result<Vec<u8>, Failure> {
    let Value::Object(mut list) = json::parse(list)? else { return Err("the list is no object".into()) };
    list.shift_remove("proof");
    if let Some(subject) = list.get_mut("credentialSubject") {
        subject["sequenceNumber"] = json!(subject["sequenceNumber"].as_u64().unwrap_or_default() + 1);
        subject["issuedAt"] = json!(stage.now().to_string());
        alter(subject);
    }
    let app = &stage.vn.app;
    let member = app.registry.member(&stage.moet.slug).ok_or("the ministry is gone")?;
    let signer = app.list_signer(&member.institution)?.ok_or("the ministry has no list key")?;
    let proof = proof::sign(&list, &ProofOptions::new(SUITE, stage.now())?, signer.as_ref())?;
    proof::attach(&mut list, proof);
    Ok(Value::Object(list).to_string().into_bytes())
}

/// A mill with a key of its own: how the thief lists it, and a diploma of it.
fn mill(stage: &Stage) -> Result<(Value, Paper), Failure> {
    let mut seed = zeroize::Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut())?;
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &seed).public_key());
    let signer = Ed25519Signer::from_seed(did.with_fragment(did.method_specific_id()), &seed);
    let from = "2024-01-01T00:00:00Z";
    let listed = json!({
        "id": did, "nameI18n": {"en": "University of Easy Street"},
        "trustedKey": [{"id": signer.key_id(), "keyUse": "award", "notBefore": from}],
        "grant": [{
            "id": "urn:uuid:7b6c4c7e-6f0d-4c55-9a43-0d5d5f1f0a01", "decisionNumber": "1", "effectiveFrom": "2024-01-01",
            "scope": [{"types": ["diploma"]}],
            "history": [{"standing": "granted", "since": "2024-01-01", "recordedAt": stage.now().to_string()}],
        }],
    });
    let mut draft = stage.draft(DIPLOMA)?;
    draft.insert("id".to_owned(), json!("urn:uuid:7b6c4c7e-6f0d-4c55-9a43-0d5d5f1f0a02"));
    draft.insert(
        "issuer".to_owned(),
        json!({"id": did, "type": ["Profile"], "name": "University of Easy Street"}),
    );
    let proof = proof::sign(&draft, &ProofOptions::new(SUITE, stage.now())?, &signer)?;
    proof::attach(&mut draft, proof);
    Ok((listed, Paper { id: None, body: Value::Object(draft).to_string().into_bytes(), proof: None }))
}
