//! The judge: a pure function of the document, the evidence and the time.

mod existence;
mod partner;
mod parts;
mod signatures;
mod status;
mod trust;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::gather::{self, Evidence};
use super::verdict::{Check, Code, Group, Outcome, ProvedIssuer, State, Times, Verdict, state_of};
use super::{Audience, Extent};
use crate::credential::validity::{self, Currency};
use crate::credential::{Credential, Problem, View, form, resource};
use crate::crypto::proof::{Expected, Hashes, Secured};
use crate::did::DidDocument;
use crate::status::list::LEEWAY;
use parts::part_checks;
use signatures::Signer;
pub(super) use signatures::{Signatures, signatures};
pub(super) use status::proved;
use trust::trust;

/// The most problems of form that are told one by one.
const MAX_PROBLEMS: usize = 20;

/// Something whose every signature holds. Made in this file only, so that nobody else can hand out a green tick.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// What was verified.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// Judges a credential, whoever it was signed for.
pub fn credential(credential: Credential, evidence: &Evidence, now: Timestamp, extent: Extent) -> Verdict {
    credential_for(credential, evidence, &Audience::default(), now, extent)
}

/// Judges a credential every proof of which must be meant for this audience.
pub fn credential_for(
    credential: Credential,
    evidence: &Evidence,
    audience: &Audience,
    now: Timestamp,
    extent: Extent,
) -> Verdict {
    let map = credential.members();
    let view = View::of(map);
    let mut checks = Vec::with_capacity(8);
    form_checks(map, &mut checks);
    let seen = |signer: &str| existence::seen(map, signer, evidence, now);
    let signatures = signatures::signatures_of(map, evidence, now, &Expected::default(), &seen);
    checks.extend(signatures.checks.iter().cloned());
    checks.extend(signatures::missed(map, audience));
    let holds = signatures.hold();
    let mut confirmations = Vec::new();
    let mut status_as_of = None;
    let mut issuer = None;
    let mut log = None;
    let mut partner_award = None;
    if extent == Extent::Full {
        let bound = binding(view.issuer_id(), &signatures, &mut checks);
        dates(view, now, &mut checks);
        status_as_of = status::status(map, evidence, now, &mut checks);
        for part in gather::parts(map).iter().skip(1) {
            part_checks(part, map, evidence, now, &mut checks, &mut confirmations);
        }
        if gather::too_many_parts(map) {
            checks
                .push(Check::new(Code::EmbeddedUnknown).with("problem", "more than 64 embedded credentials"));
        }
        if let (true, true, Some(id)) = (holds, bound, view.issuer_id()) {
            log = trust(map, id, evidence, &signatures.signers, &confirmations, now, &mut checks);
            issuer = Some(proved_issuer(view, id, evidence));
            partner_award = partner::partner(map, evidence, &confirmations, now, &mut checks);
        }
    }
    let issuer_id = view.issuer_id();
    let others = signatures.signers.iter().filter(|signer| Some(signer.did.as_str()) != issuer_id);
    let co_signers = others.map(Signer::confirmation).collect();
    let mut times = times(view, now, signatures.signed_at(issuer_id), status_as_of);
    if issuer.is_some()
        && let Some((list, _)) = issuer_id.and_then(|id| evidence.listing(id))
    {
        times.trust_list_as_of = Some(list.issued_at.to_string());
    }
    let state = match (extent, state_of(&checks)) {
        // Nothing but the proof was looked at.
        (Extent::Proof, State::Genuine) => State::CouldNotBeChecked,
        (_, state) => state,
    };
    let verified = checks
        .iter()
        .all(|check| check.code.group() == Group::Trust || check.code.outcome() == Outcome::Pass);
    let signed = signatures.document;
    let document =
        holds.then(|| Verified(Value::Object(signed.unwrap_or_else(|| credential.into_members()))));
    Verdict {
        verified,
        state,
        issuer,
        co_signers,
        confirmations,
        partner_award,
        log,
        times,
        verifiable_credential: document,
        checks,
    }
}

/// Judges what we have just signed ourselves: form, every proof we can check with our own keys, no proof from the
/// future. Dates need not allow it today: a credential may be made ahead of its time. `hashes` are those of signing it.
///
/// # Errors
/// What our own verifier would hold against it.
pub fn own_work(
    document: &Map<String, Value>,
    hashes: Hashes,
    own: &DidDocument,
    now: Timestamp,
) -> Result<(), OwnFault> {
    let problems = form::check(document);
    if !problems.is_empty() {
        return Err(OwnFault::Form(problems));
    }
    proofs_of_ours(document, hashes, own, now).map_err(OwnFault::Proof)
}

/// What is wrong with what we have just signed ourselves.
#[derive(Debug)]
pub enum OwnFault {
    /// Its form, and so the form of the draft.
    Form(Vec<Problem>),
    /// Its proofs.
    Proof(String),
}

fn proofs_of_ours(
    document: &Map<String, Value>,
    hashes: Hashes,
    own: &DidDocument,
    now: Timestamp,
) -> Result<(), String> {
    let secured = Secured::parse_hashed(document, hashes).map_err(|error| error.to_string())?;
    let mut ours = 0;
    for proof in secured.proofs() {
        let Some(method) = own.method(proof.verification_method) else { continue };
        if !own.assertion_method.contains(proof.verification_method) {
            return Err("the key is not for assertions".to_owned());
        }
        let key = method.key.as_ref().map_err(ToString::to_string)?;
        secured.verify(proof, key, &Expected::default()).map_err(|error| error.to_string())?;
        if proof.created.is_some_and(|created| created.duration_since(now) > LEEWAY) {
            return Err("the proof is dated in the future".to_owned());
        }
        ours += 1;
    }
    if ours == 0 { Err("no proof is made with a key of the issuer".to_owned()) } else { Ok(()) }
}

fn form_checks(map: &Map<String, Value>, checks: &mut Vec<Check>) {
    let problems = form::check(map);
    let digests = if problems.is_empty() { resource_checks(map) } else { Vec::new() };
    if problems.is_empty() && digests.iter().all(|check| check.code != Code::FormResourceDigest) {
        checks.push(Check::new(Code::FormValid));
    }
    let tell = |code: Code, problem: Problem| {
        Check::new(code).with("pointer", problem.pointer).with("problem", problem.message)
    };
    checks.extend(problems.into_iter().take(MAX_PROBLEMS).map(|problem| tell(Code::FormInvalid, problem)));
    checks.extend(digests.into_iter().take(MAX_PROBLEMS));
}

/// VC Data Model 2.0 §5.3: a digest of `relatedResource` that is wrong, or that cannot be compared with anything here.
fn resource_checks(map: &Map<String, Value>) -> Vec<Check> {
    let mut found = resource::unconfirmed(map);
    found.sort_by_key(|one| !one.refuted);
    let told = found.into_iter().map(|one| {
        let code = if one.refuted { Code::FormResourceDigest } else { Code::FormResourceUnknown };
        Check::new(code).with("pointer", one.problem.pointer).with("url", one.url)
    });
    told.collect()
}

fn binding(issuer: Option<&str>, signatures: &Signatures, checks: &mut Vec<Check>) -> bool {
    if signatures.signers.is_empty() {
        return false;
    }
    let issuer = issuer.unwrap_or_default();
    let bound = signatures.signers.iter().any(|signer| signer.did == issuer);
    checks.push(if bound {
        Check::new(Code::IssuerBound).with("issuer", issuer)
    } else {
        let signers: Vec<_> = signatures.signers.iter().map(|signer| signer.did.as_str()).collect();
        Check::new(Code::IssuerNotBound).with("issuer", issuer).with("controller", signers.join(", "))
    });
    bound
}

/// VC 2.0's `validFrom` and `validUntil`, or VC 1.1's `issuanceDate` and `expirationDate`.
fn dates(view: View<'_>, now: Timestamp, checks: &mut Vec<Check>) {
    let (from, until) = (view.valid_from(), view.valid_until());
    let text = |date: Option<&str>| date.unwrap_or_default().to_owned();
    checks.push(match validity::currency(from, until, now) {
        Ok(Currency::Current) => Check::new(Code::DatesValid),
        Ok(Currency::NotYet) => Check::new(Code::DatesNotYet).with("from", text(from)),
        Ok(Currency::Expired) => Check::new(Code::DatesExpired).with("until", text(until)),
        Err(error) => Check::new(Code::FormInvalid).with("problem", error.to_string()),
    });
}

/// Who vouches for the issuer; and for workplace learning, whether the enterprise itself confirmed it.
fn proved_issuer(view: View<'_>, id: &str, evidence: &Evidence) -> ProvedIssuer {
    let claims_to_be = view.issuer_name().map(str::to_owned);
    if let Some((list, entry)) = evidence.listing(id) {
        return ProvedIssuer {
            id: id.to_owned(),
            name: Some(entry.names.clone()),
            country: Some(list.territory.clone()),
            vouched_by: Some("trust-list".to_owned()),
            contact: None,
            kept_by: evidence.keeper(id),
            claims_to_be,
        };
    }
    let vouch = evidence.vouches.get(id);
    ProvedIssuer {
        id: id.to_owned(),
        name: vouch.and_then(|vouch| vouch.name.clone()),
        country: vouch.and_then(|vouch| vouch.country.clone()),
        vouched_by: vouch.map(|vouch| vouch.by.as_str().to_owned()),
        contact: vouch.and_then(|vouch| vouch.contact.clone()),
        kept_by: evidence.keeper(id),
        claims_to_be,
    }
}

fn times(view: View<'_>, now: Timestamp, signed: Option<String>, status_as_of: Option<String>) -> Times {
    let text = |date: Option<&str>| date.map(str::to_owned);
    Times {
        checked: now,
        signed,
        awarded: text(view.awarded_date()),
        valid_from: text(view.valid_from()),
        valid_until: text(view.valid_until()),
        status_as_of,
        trust_list_as_of: None,
    }
}
