//! What a diploma is worth across the border: the ministries agree, a graduate applies, a statement is made.

use serde_json::{Map, Value, json};

use super::super::Failure;
use super::acts::{AWARDED, DIPLOMA};
use super::ministry;
use super::node::Node;
use super::stage::{Paper, Stage};
use crate::agree;
use crate::codec::json;
use crate::issue::operator;
use crate::recognise::receive::{Received, receive};
use crate::recognise::replay::replay;
use crate::recognition::State as Standing;
use crate::registry::agreements::AgreementFile;
use crate::trustlist::TrustList;
use crate::verify::Code;
use crate::verify::verdict::State;

/// The agreement of the two ministries, as the annex to their pins names it.
const AGREEMENT: &str = "VN-LA-SAMPLE-2026";

/// The ministries sign an agreement; a diploma of Hà Nội is recognised by it, and a course is not.
pub(super) async fn agreement(stage: &mut Stage, paper: &Paper) -> Result<(), Failure> {
    stage.act("The two ministries sign an agreement: each with its own key, on its own machine");
    let terms = terms(stage)?;
    let first = file(&stage.la, "moes", &terms).await?;
    let first = sign(&stage.la, json!({"institution": "moes"}), &first).await?;
    let second = file(&stage.vn, "moet", &terms).await?;
    sign(&stage.vn, carried(&first)?, &second).await?;
    let second = sign(&stage.vn, json!({"institution": "moet"}), &second).await?;
    let known = sign(&stage.la, carried(&second)?, &first).await?;
    let changed = altered(&second)?;
    stage.holds("One document carries both signatures:", known.registered.is_signed_by_all());
    let forged = agree::sign(&stage.la.app, &operator(stage.now()), AGREEMENT, changed).await;
    stage.refused("Somebody sends it back with other terms:", forged, "the terms on record say otherwise");
    let day = agree::today(&stage.la.app)?;
    stage.holds(
        "It is in force in Vientiane from the day it names:",
        known.registered.state_on(day) == Standing::InForce,
    );
    stage.vn.refresh("LA").await?;
    let told = listed(stage)?;
    stage.holds(
        "The list of Laos, as it is pinned in Hanoi, tells of it, signed by both:",
        told == Some((Standing::InForce, true)),
    );

    stage.act("A graduate of Hà Nội asks Vientiane what the diploma is worth there");
    let received = apply(stage, paper).await?;
    let file = &received.file;
    let told = format!(
        "{} at {}, by {AGREEMENT}",
        file.text("/decision/verdict").unwrap_or("nothing was decided"),
        file.text("/decision/level").unwrap_or("no level"),
    );
    let automatic = file.text("/decision/verdict") == Some("RECOGNISED_AUTOMATIC")
        && file.text("/decision/level") == Some("LNQF:5");
    stage.holds(&format!("No officer is needed: {told}"), automatic);
    let same = replay(file)?;
    stage.holds("Decided again from what was kept, it is the same to the byte:", same.is_same());
    let statement = stage.statement(file.text("/decision/statement").unwrap_or_default()).await?;
    let what = "The statement, checked in Hanoi by the root pinned there:";
    stage.shows_in_hanoi(what, &statement, State::Genuine, Code::ProofValid).await
}

/// A diploma that no agreement in force covers.
pub(super) async fn without_agreement(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("The agreement is suspended, and another graduate asks");
    let caller = operator(stage.now());
    let suspended = object(json!({"state": "suspended", "reason": "Đang đàm phán lại (ví dụ)"}))?;
    for node in [&stage.la, &stage.vn] {
        agree::change(&node.app, &caller, AGREEMENT, &suspended).await?;
    }
    stage.vn.refresh("LA").await?;
    let told = listed(stage)?;
    stage.holds(
        "The next list of Laos says in Hanoi that it is suspended:",
        told.is_some_and(|(state, _)| state == Standing::Suspended),
    );
    let college = stage.ha_noi.clone();
    let paper = stage.issue(&college, DIPLOMA, AWARDED).await?;
    let received = apply(stage, &paper).await?;
    let open = received.file.state() == "proposed";
    let proposed = received.file.text("/proposal/verdict").unwrap_or_default().to_owned();
    let automatic = proposed == "RECOGNISED_AUTOMATIC";
    stage.holds(&format!("It waits for an officer ({proposed}):"), open && !automatic);
    Ok(())
}

/// Where the agreement stands today by the list of Laos that is pinned in Hanoi, and whether every party has signed it.
fn listed(stage: &Stage) -> Result<Option<(Standing, bool)>, Failure> {
    let day = agree::today(&stage.vn.app)?;
    let trust = stage.vn.app.registry.trust();
    let told = trust.list_of("LA").into_iter().flat_map(TrustList::agreements);
    let one = told.into_iter().find(|one| one.id() == AGREEMENT);
    Ok(one.map(|one| (one.registered.state_on(day), one.signed)))
}

/// What the ministries agree on: a diploma of level 5 of the one is worth a level 5 of the other, without an officer.
fn terms(stage: &Stage) -> Result<Map<String, Value>, Failure> {
    let party = |node: &Node, of: &ministry::Ministry| -> Result<Value, Failure> {
        Ok(json!({
            "id": ministry::did(&node.app, &of.slug)?, "territory": of.territory,
            "listUrl": node.app.urls.trust_list(of.territory), "rootUrl": of.root_url(&node.app)?.as_str(),
            "digestMultibase": of.fingerprint(),
        }))
    };
    let scope = |origin: &str, from: &str, receiving: &str, target: &str| {
        json!({
            "origin": origin, "receiving": receiving, "framework": from, "levelMin": 5, "levelMax": 5,
            "types": ["diploma"], "purposes": ["further-study", "employment-unregulated"],
            "automatic": true, "target": target,
        })
    };
    object(json!({
        "agreementId": AGREEMENT,
        "name": "Comparable vocational diplomas (fictional)",
        "kind": "ministry",
        "signedOn": stage.now().strftime("%Y-%m-%d").to_string(),
        "effectiveFrom": stage.now().strftime("%Y-%m-%d").to_string(),
        "effectiveTo": "2031-09-30",
        "temporalBasis": "application-date",
        "party": [party(&stage.vn, &stage.moet)?, party(&stage.la, &stage.moes)?],
        "scope": [scope("VN", "VQF", "LA", "LNQF:5"), scope("LA", "LNQF", "VN", "VQF:5")],
    }))
}

type Kept = std::sync::Arc<AgreementFile>;

async fn file(node: &Node, keeper: &str, terms: &Map<String, Value>) -> Result<Kept, Failure> {
    let asked = object(json!({"institution": keeper, "agreement": terms}))?;
    Ok(agree::file(&node.app, &operator(node.app.now()), asked).await?)
}

async fn sign(node: &Node, asked: Value, known: &Kept) -> Result<Kept, Failure> {
    let (app, id) = (&node.app, known.registered.agreement().id.as_str());
    Ok(agree::sign(app, &operator(app.now()), id, object(asked)?).await?)
}

/// The signed document as it is carried from one ministry to the other.
fn carried(known: &Kept) -> Result<Value, Failure> {
    let document = known.registered.document().ok_or("nobody has signed the agreement")?;
    Ok(json!({"verifiableCredential": document}))
}

/// The same, with a level that nobody agreed on.
fn altered(known: &Kept) -> Result<Map<String, Value>, Failure> {
    let text = carried(known)?.to_string().replace("\"LNQF:5\"", "\"LNQF:6\"");
    object(json::parse(text.as_bytes())?)
}

async fn apply(stage: &Stage, paper: &Paper) -> Result<Received, Failure> {
    let proof = paper.proof.clone().map(String::from_utf8).transpose()?;
    let asked = json!({
        "credential": json::parse(&paper.body)?, "tlogProof": proof, "purpose": "further-study",
        "target": {"framework": "LNQF", "level": 5},
    });
    Ok(receive(&stage.la.app, object(asked)?, None).await?)
}

fn object(value: Value) -> Result<Map<String, Value>, Failure> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err("an object was to be asked".into()),
    }
}
