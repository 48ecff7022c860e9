//! The parties sign: one document with a proof of each, all of them checked by our own verifier.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::document::{self, proofs};
use super::{AgreeError, allowed, bound, kept, keys, listed, only, refile, today, under};
use crate::access::TokenRecord;
use crate::app::App;
use crate::credential::Credential;
use crate::credential::validity::Day;
use crate::crypto::proof::{MAX_PROOFS, ProofOptions, attach, sign as prove};
use crate::issue;
use crate::recognition::register::{Entry, Step};
use crate::recognition::{Registered, State};
use crate::registry::Member;
use crate::registry::agreements::AgreementFile;
use crate::trustlist::edit::SUITE;
use crate::verify::{self, Extent};

/// Most faults told of a document.
const MAX_FAULTS: usize = 20;

/// Signs an agreement with the key of one of its parties here (`institution`, or the only one within reach that has not
/// signed); or takes in the document that others have signed (`verifiableCredential`). Once every party has signed, the
/// agreement is signed: on the day its terms name, or today.
///
/// # Errors
/// [`AgreeError`]: the member at fault, signatures that do not hold, somebody who is no party.
pub async fn sign(
    app: &App,
    caller: &TokenRecord,
    id: &str,
    mut asked: Map<String, Value>,
) -> Result<Arc<AgreementFile>, AgreeError> {
    only(&asked, &["institution", "verifiableCredential"])?;
    let one_at_a_time = app.agreeing.lock().await;
    let (known, keeper) = kept(app, caller, id)?;
    bound(caller, &keeper, &known.terms)?;
    let today = today(app)?;
    let state = known.registered.state_on(today);
    if matches!(state, State::Terminated | State::Expired | State::Superseded) {
        return Err(AgreeError::Conflict(format!("{id} is {}: nobody signs it any more", state.as_str())));
    }
    let parties = known.terms.parties.len();
    if parties > MAX_PROOFS {
        return Err(AgreeError::Conflict(format!(
            "{id} has {parties} parties, and a document takes {MAX_PROOFS} signatures: record it as signed on paper, by the digest of its instrument"
        )));
    }
    let document = match (asked.shift_remove("verifiableCredential"), asked.shift_remove("institution")) {
        (Some(_), Some(_)) => {
            return Err(AgreeError::wrong("/institution", "a document is signed already: leave this out"));
        }
        (Some(theirs), None) => taken(app, &known.registered, theirs).await?,
        (None, named) => {
            let member = signer(app, caller, &known, &keeper, named)?;
            bound(caller, &member, &known.terms)?;
            own(app, &known.registered, &member)?
        }
    };
    if let Some(party) = keys::unlisted(&app.registry.trust(), &document, app.now()) {
        return Err(AgreeError::Unsigned(format!(
            "the trust list that names {party} does not name the key it signed with as good now"
        )));
    }
    let mut next = known.registered.clone().with_document(document);
    if next.history().is_empty() && next.is_signed_by_all() {
        let told = next.terms().get("signedOn").and_then(Value::as_str);
        let since = told.and_then(|day| Day::parse(day).ok()).filter(|day| *day <= today).unwrap_or(today);
        let entry = Entry { state: State::Signed, since, recorded_at: app.now(), reason: None };
        let step = Step { entry, by: None };
        next = next.followed(step).map_err(|problem| AgreeError::Form(vec![problem]))?;
    }
    if next == known.registered {
        return Ok(known);
    }
    let signed = refile(app, caller, &known.keeper, known.version + 1, next).await?;
    drop(one_at_a_time);
    listed::tell(app, &signed.keeper).await;
    Ok(signed)
}

/// Which party signs here.
fn signer(
    app: &App,
    caller: &TokenRecord,
    known: &AgreementFile,
    keeper: &Arc<Member>,
    named: Option<Value>,
) -> Result<Arc<Member>, AgreeError> {
    if named.is_some() {
        return super::keeper(app, caller, named);
    }
    let signed = known.registered.signers();
    let parties = known.terms.parties.iter().filter(|party| !signed.contains(party.id.as_str()));
    let here: Vec<_> = parties
        .filter_map(|party| app.registry.member_by_did(&party.id))
        .filter(|member| allowed(caller, member).is_ok())
        .collect();
    let own = here.iter().find(|member| member.institution.slug == keeper.institution.slug);
    match (own, here.as_slice()) {
        (Some(own), _) => Ok(own.clone()),
        (None, [only]) => Ok(only.clone()),
        (None, []) => {
            Err(AgreeError::Conflict("no party that the token reaches has yet to sign it here".to_owned()))
        }
        (None, several) => {
            let slugs: Vec<_> = several.iter().map(|member| member.institution.slug.as_str()).collect();
            Err(AgreeError::Which(slugs.join(", ")))
        }
    }
}

/// The document with the signature of a party of this service.
fn own(app: &App, registered: &Registered, member: &Member) -> Result<Map<String, Value>, AgreeError> {
    let institution = &member.institution;
    let did = institution.did.as_str();
    if !registered.agreement().parties.iter().any(|party| party.id == did) {
        return Err(AgreeError::wrong("/institution", format!("{} is no party of it", institution.slug)));
    }
    if registered.signers().contains(did) {
        return Err(AgreeError::Conflict(format!("{} has signed it already", institution.slug)));
    }
    let mut document = match registered.document() {
        Some(document) => document.clone(),
        None => document::begin(registered, &app.urls, did, &issue::random_urn()?, app.now()),
    };
    // Whoever signs, signs all of it.
    let begun = registered.document().is_some();
    if let Some(fault) =
        begun.then(|| document::faults(registered, &document, app.now())).into_iter().flatten().next()
    {
        let message = format!("the document on record is not to be signed: {fault}");
        return Err(AgreeError::Conflict(message));
    }
    let signer = app.signer(institution)?.ok_or_else(|| AgreeError::NoKey(institution.slug.clone()))?;
    let mut bare = document.clone();
    bare.shift_remove("proof");
    let proof = prove(&bare, &ProofOptions::new(SUITE, app.now())?, signer.as_ref())?;
    attach(&mut document, proof);
    Ok(document)
}

/// A document that others have signed, with the proofs known here: of these very terms, every proof holds, and each is a
/// party's.
async fn taken(app: &App, registered: &Registered, theirs: Value) -> Result<Map<String, Value>, AgreeError> {
    const AT: &str = "/verifiableCredential";
    let Value::Object(theirs) = theirs else {
        return Err(AgreeError::wrong(AT, "an object is needed here"));
    };
    let without_proof = |document: &Map<String, Value>| {
        let mut bare = document.clone();
        bare.shift_remove("proof");
        bare
    };
    let their_proofs = proofs(&theirs);
    if their_proofs.len() > MAX_PROOFS {
        return Err(AgreeError::wrong(format!("{AT}/proof"), format!("no more than {MAX_PROOFS} proofs")));
    }
    let parties = &registered.agreement().parties;
    for (index, proof) in their_proofs.iter().enumerate() {
        let method = proof.get("verificationMethod").and_then(Value::as_str).unwrap_or_default();
        let did = document::signer(proof).unwrap_or(method);
        if !parties.iter().any(|party| party.id == did) {
            let pointer = format!("{AT}/proof/{index}/verificationMethod");
            return Err(AgreeError::wrong(pointer, "it is the key of no party of the agreement"));
        }
    }
    // Of a party that has signed before, what it has signed now.
    let known = registered.document();
    let held = known.map(proofs).unwrap_or_default();
    let again = |proof: &&Value| {
        let own = |other: &Value| document::signer(other) == document::signer(proof);
        !their_proofs.iter().any(own)
    };
    let mut document = without_proof(&theirs);
    held.iter().filter(again).chain(&their_proofs).for_each(|proof| attach(&mut document, proof.clone()));
    let mut faults = document::faults(registered, &document, app.now());
    if faults.is_empty() && known.is_none() {
        faults.extend(document::too_old(&document, app.now()));
    }
    if !faults.is_empty() {
        faults.truncate(MAX_FAULTS);
        return Err(under(AT, faults));
    }
    if known.is_some_and(|known| without_proof(known) != without_proof(&theirs)) {
        let message = "another document of this agreement is being signed here: have that one signed";
        return Err(AgreeError::Conflict(message.to_owned()));
    }
    let credential = Credential::from_members(theirs);
    let verdict = verify::credential(app, credential, Extent::Proof).await;
    if !verdict.verified {
        let codes: Vec<_> = verdict.checks.iter().map(|check| check.code.as_str()).collect();
        return Err(AgreeError::Unsigned(format!(
            "its signatures were not found to hold: {}",
            codes.join(", ")
        )));
    }
    Ok(document)
}
