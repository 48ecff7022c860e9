//! The judge: a pure function of the document, the evidence and the time.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Extent;
use super::gather::{self, Evidence, Part, Role};
use super::verdict::{
    Check, Code, Confirmation, Group, Outcome, ProvedIssuer, State, Times, Verdict, state_of,
};
use crate::credential::kinds::Class;
use crate::credential::validity::{self, Currency};
use crate::credential::{Credential, Problem, View, endorsement, form, resource};
use crate::crypto::proof::{Expected, ProofError, ProofView, Purpose, Secured};
use crate::did::{DidDocument, DidUrl};
use crate::jsonld;
use crate::resolve::FetchedList;
use crate::status::StatusList;
use crate::status::entry::{self, Entry, EntryFault};
use crate::status::list::LEEWAY;

/// The most problems of form that are told one by one.
const MAX_PROBLEMS: usize = 20;

/// The kind that needs the enterprise's own word.
const WORKPLACE: &str = "workplace-learning";

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

/// Judges a credential.
pub fn credential(credential: Credential, evidence: &Evidence, now: Timestamp, extent: Extent) -> Verdict {
    let map = credential.members();
    let view = View::of(map);
    let mut checks = Vec::with_capacity(8);
    form_checks(map, &mut checks);
    let signatures = signatures(map, evidence, now, &Expected::default());
    checks.extend(signatures.checks.iter().cloned());
    let holds = signatures.hold();
    let mut confirmations = Vec::new();
    let mut status_as_of = None;
    let mut issuer = None;
    if extent == Extent::Full {
        let bound = binding(view.issuer_id(), &signatures, &mut checks);
        dates(view, now, &mut checks);
        status_as_of = status(map, evidence, now, &mut checks);
        for part in gather::parts(map).iter().skip(1) {
            part_checks(part, map, evidence, now, &mut checks, &mut confirmations);
        }
        if gather::too_many_parts(map) {
            checks
                .push(Check::new(Code::EmbeddedUnknown).with("problem", "more than 64 embedded credentials"));
        }
        if let (true, true, Some(id)) = (holds, bound, view.issuer_id()) {
            trust(map, id, evidence, &confirmations, &mut checks);
            issuer = Some(proved_issuer(view, id, evidence));
        }
    }
    let issuer_id = view.issuer_id();
    let others = signatures.signers.iter().filter(|signer| Some(signer.did.as_str()) != issuer_id);
    let co_signers = others.map(Signer::confirmation).collect();
    let times = times(view, now, signatures.signed_at(issuer_id), status_as_of);
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
        times,
        verifiable_credential: document,
        checks,
    }
}

/// Judges what we have just signed ourselves: form, every proof we can check with our own keys, no proof from the
/// future. Dates need not allow it today: a credential may be made ahead of its time.
///
/// # Errors
/// What our own verifier would hold against it.
pub fn own_work(document: &Map<String, Value>, own: &DidDocument, now: Timestamp) -> Result<(), String> {
    if let Some(problem) = form::check(document).first() {
        return Err(format!("{} {}", problem.pointer, problem.message));
    }
    let secured = Secured::parse(document).map_err(|error| error.to_string())?;
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

/// What the proofs of one document show.
pub(super) struct Signatures {
    pub(super) checks: Vec<Check>,
    pub(super) signers: Vec<Signer>,
    /// The document that was signed, where that is not the one given (eddsa-jcs-2022: a context appended later).
    document: Option<Map<String, Value>>,
}

/// Whose key made a proof that holds.
pub(super) struct Signer {
    pub(super) did: String,
    created: Option<String>,
}

impl Signer {
    fn confirmation(&self) -> Confirmation {
        Confirmation {
            id: self.did.clone(),
            claims_to_be: None,
            outcome: Outcome::Pass,
            comment: None,
            at: self.created.clone(),
        }
    }
}

impl Signatures {
    /// Whether there is a proof and every one holds.
    pub(super) fn hold(&self) -> bool {
        !self.signers.is_empty() && self.checks.iter().all(|check| check.code.outcome() == Outcome::Pass)
    }

    /// When the issuer, or else the first signer, says it signed.
    fn signed_at(&self, issuer: Option<&str>) -> Option<String> {
        let own = self.signers.iter().find(|signer| Some(signer.did.as_str()) == issuer);
        own.or(self.signers.first()).and_then(|signer| signer.created.clone())
    }
}

/// Checks every proof of a document.
pub(super) fn signatures(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    expected: &Expected<'_>,
) -> Signatures {
    let mut found = Signatures { checks: Vec::new(), signers: Vec::new(), document: None };
    let secured = match Secured::parse(map) {
        Ok(secured) => secured,
        Err(error) => {
            found.checks.push(proof_trouble(&error));
            return found;
        }
    };
    let mut suites = Vec::new();
    for proof in secured.proofs() {
        match one_proof(&secured, proof, evidence, now, expected) {
            Ok(signer) => {
                suites.push(proof.suite_name);
                found.signers.push(signer);
                if let Cow::Owned(document) = secured.verified(proof) {
                    found.document = Some(document);
                }
            }
            Err(check) => found.checks.push(check),
        }
    }
    if found.checks.is_empty() {
        found.checks.push(Check::new(Code::ProofValid).with("suites", suites.join(", ")));
    }
    found
}

fn one_proof(
    secured: &Secured<'_>,
    proof: &ProofView<'_>,
    evidence: &Evidence,
    now: Timestamp,
    expected: &Expected<'_>,
) -> Result<Signer, Check> {
    proof.known_suite().map_err(|error| proof_trouble(&error))?;
    let method = proof.verification_method;
    let unreachable =
        |problem: String| Check::new(Code::ProofKeyUnreachable).with("key", method).with("problem", problem);
    let not_listed =
        |problem: String| Check::new(Code::ProofKeyNotListed).with("key", method).with("problem", problem);
    let url = DidUrl::parse(method).map_err(|_| unreachable("not a DID URL".to_owned()))?;
    let resolved = match evidence.issuers.get(url.did_str()) {
        Some(Ok(resolved)) => resolved,
        Some(Err(error)) if error.is_definitive() => return Err(not_listed(error.to_string())),
        Some(Err(error)) => return Err(unreachable(error.to_string())),
        None => return Err(unreachable("not looked up".to_owned())),
    };
    let document = &resolved.document;
    let listed = document
        .method(method)
        .ok_or_else(|| not_listed("not in the document of its controller".to_owned()))?;
    if let Some(since) = listed.revoked.filter(|since| *since <= now) {
        return Err(Check::new(Code::ProofKeyRevoked).with("key", method).with("since", since.to_string()));
    }
    let allowed = match expected.purpose {
        Purpose::AssertionMethod => &document.assertion_method,
        Purpose::Authentication => &document.authentication,
    };
    if !allowed.contains(method) {
        return Err(not_listed("not for this purpose".to_owned()));
    }
    let key = listed.key.as_ref().map_err(|error| not_listed(error.to_string()))?;
    secured.verify(proof, key, expected).map_err(|error| proof_trouble(&error))?;
    if let Some(created) = proof.created.filter(|created| created.duration_since(now) > LEEWAY) {
        return Err(Check::new(Code::ProofFuture).with("created", created.to_string()));
    }
    if let Some(until) = proof.expires.filter(|until| now.duration_since(*until) > LEEWAY) {
        return Err(Check::new(Code::ProofExpired).with("until", until.to_string()));
    }
    // A proof without a time of its own counts as made now.
    let made = proof.created.unwrap_or(now);
    if let Some(until) = listed.expires.filter(|until| made.duration_since(*until) > LEEWAY) {
        return Err(Check::new(Code::ProofKeyExpired).with("key", method).with("since", until.to_string()));
    }
    let created = proof.object.get("created").and_then(Value::as_str).map(str::to_owned);
    Ok(Signer { did: url.did_str().to_owned(), created })
}

fn proof_trouble(error: &ProofError) -> Check {
    let code = match error {
        ProofError::NoProof => return Check::new(Code::ProofMissing),
        ProofError::UnsupportedSuite { name, .. } => {
            return Check::new(Code::ProofSuiteUnsupported).with("suite", name.clone());
        }
        ProofError::JsonLd(fault) if uncomputable(fault.code) => Code::ProofUncomputable,
        ProofError::WrongDomain { .. } | ProofError::WrongChallenge { .. } => Code::ProofAudience,
        _ => Code::ProofInvalid,
    };
    Check::new(code).with("problem", error.to_string())
}

/// Whether JSON-LD gave up for want of knowledge or time, not because the document is wrong.
fn uncomputable(code: jsonld::Code) -> bool {
    use jsonld::Code::{LoadingRemoteContextFailed, PoisonGraph, TooLarge};
    matches!(code, LoadingRemoteContextFailed | PoisonGraph | TooLarge)
}

fn form_checks(map: &Map<String, Value>, checks: &mut Vec<Check>) {
    let problems = form::check(map);
    let digests = if problems.is_empty() { resource::check_digests(map) } else { Vec::new() };
    if problems.is_empty() && digests.is_empty() {
        checks.push(Check::new(Code::FormValid));
    }
    let tell = |code: Code, problem: Problem| {
        Check::new(code).with("pointer", problem.pointer).with("problem", problem.message)
    };
    checks.extend(problems.into_iter().take(MAX_PROBLEMS).map(|problem| tell(Code::FormInvalid, problem)));
    checks.extend(
        digests.into_iter().take(MAX_PROBLEMS).map(|problem| tell(Code::FormResourceDigest, problem)),
    );
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

/// Judges every status entry; returns how old the oldest news is.
fn status(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<String> {
    let entries = entry::entries(map);
    if entries.is_empty() {
        checks.push(Check::new(Code::StatusNone));
        return None;
    }
    let before = checks.len();
    let mut oldest: Option<Timestamp> = None;
    for entry in entries {
        let found = match entry {
            Ok(entry) => one_status(map, &entry, evidence, now),
            Err(problem) => Err(match problem.fault {
                EntryFault::Unsupported(name) => Check::new(Code::StatusTypeUnsupported).with("type", name),
                EntryFault::Invalid(because) => Check::new(Code::StatusEntryInvalid)
                    .with("pointer", problem.pointer)
                    .with("problem", because),
            }),
        };
        match found {
            Ok(as_of) => oldest = Some(oldest.map_or(as_of, |known| known.min(as_of))),
            Err(check) => checks.push(check),
        }
    }
    let as_of = oldest.map(|at| at.to_string());
    if checks.len() == before {
        checks.push(Check::new(Code::StatusActive).with("as_of", as_of.clone().unwrap_or_default()));
    }
    as_of
}

/// `Ok` with the age of the news when the bit is not set.
fn one_status(
    map: &Map<String, Value>,
    entry: &Entry,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Timestamp, Check> {
    if let Some(own) = evidence.own_status.get(&(entry.list.clone(), entry.index)) {
        if !own.set {
            return Ok(now);
        }
        let Some(event) = &own.event else { return Err(withdrawn(entry)) };
        let check = match &event.successor {
            Some(successor) => Check::new(Code::StatusReplaced).with("successor", successor.clone()),
            None => withdrawn(entry).with("reason", event.reason.clone()),
        };
        return Err(check.with("since", event.at.to_string()));
    }
    let invalid = |problem: String| {
        Check::new(Code::StatusListInvalid).with("url", entry.list.clone()).with("problem", problem)
    };
    let unreachable = |problem: &str| {
        Check::new(Code::StatusUnreachable).with("url", entry.list.clone()).with("problem", problem)
    };
    let list = match evidence.lists.get(&entry.list) {
        Some(Ok(list)) => list,
        Some(Err(error)) if error.is_definitive() => return Err(invalid(error.to_string())),
        Some(Err(error)) => return Err(unreachable(&error.to_string())),
        None => return Err(unreachable("not looked up")),
    };
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    let proved = proved(list, evidence, now).map_err(invalid)?;
    let reading = proved.read(entry, issuer, now).map_err(|problem| invalid(problem.to_string()))?;
    if reading.set {
        return Err(withdrawn(entry));
    }
    Ok(reading.as_of.unwrap_or(now))
}

/// The list, when every proof of it holds and one is its issuer's. The same copy is proved once.
pub(super) fn proved(
    list: &FetchedList,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Arc<StatusList>, String> {
    if let Some(proved) = list.proved() {
        return Ok(proved);
    }
    let map = list.document.as_object().ok_or("not a JSON object")?;
    let signed = signatures(map, evidence, now, &Expected::default());
    if !signed.hold() {
        let first = signed.checks.iter().find(|check| check.code.outcome() != Outcome::Pass);
        return Err(format!("its proof does not hold: {}", first.map_or("", |check| check.code.as_str())));
    }
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    if !signed.signers.iter().any(|signer| signer.did == issuer) {
        return Err("it is not signed by its issuer".to_owned());
    }
    let proved = Arc::new(StatusList::parse(&list.document).map_err(|problem| problem.to_string())?);
    list.set_proved(proved.clone());
    Ok(proved)
}

fn withdrawn(entry: &Entry) -> Check {
    Check::new(match entry.purpose {
        crate::status::Purpose::Revocation => Code::StatusRevoked,
        crate::status::Purpose::Suspension => Code::StatusSuspended,
    })
}

/// Judges an endorsement or an embedded credential by its own proofs, binding, dates and status.
fn part_checks(
    part: &Part<'_>,
    whole: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    checks: &mut Vec<Check>,
    confirmations: &mut Vec<Confirmation>,
) {
    let view = View::of(part.map);
    let signed = signatures(part.map, evidence, now, &Expected::default());
    let mut inner = Vec::new();
    // A course without a proof of its own is covered by the proof around it, as long as the issuer is the same.
    let covered = part.role == Role::Embedded
        && part.map.get("proof").is_none()
        && view.issuer_id() == View::of(whole).issuer_id();
    if !covered {
        inner.extend(signed.checks.iter().cloned());
        binding(view.issuer_id(), &signed, &mut inner);
    }
    dates(view, now, &mut inner);
    if part.map.contains_key("credentialStatus") {
        status(part.map, evidence, now, &mut inner);
    }
    if part.role == Role::Endorsement
        && let Err(problem) = endorsement::is_about(part.map, whole)
    {
        inner.push(Check::new(Code::EndorsementInvalid).with("problem", problem.to_string()));
    }
    let worst = worst(&inner);
    let code = match (part.role, worst) {
        (Role::Endorsement, Outcome::Pass) => Some(Code::EndorsementValid),
        (Role::Endorsement, Outcome::Fail) => Some(Code::EndorsementInvalid),
        (Role::Endorsement, Outcome::Unknown) => Some(Code::EndorsementUnknown),
        (_, Outcome::Fail) => Some(Code::EmbeddedInvalid),
        (_, Outcome::Unknown) => Some(Code::EmbeddedUnknown),
        (_, Outcome::Pass) => None,
    };
    if let Some(code) = code {
        let mut check = Check::new(code).with("pointer", part.pointer.clone());
        if let Some(first) =
            inner.iter().find(|check| check.code.outcome() == worst && worst != Outcome::Pass)
        {
            let problem = first.because.get("problem").map(|text| format!(": {text}")).unwrap_or_default();
            check = check.with("problem", format!("{}{problem}", first.code.as_str()));
        } else if code == Code::EndorsementValid {
            check = check.with("by", view.issuer_id().unwrap_or_default());
        }
        checks.push(check);
    }
    if part.role == Role::Endorsement {
        let subject = part.map.get("credentialSubject");
        let comment = subject.and_then(|subject| subject.get("endorsementComment")).and_then(Value::as_str);
        confirmations.push(Confirmation {
            id: view.issuer_id().unwrap_or_default().to_owned(),
            claims_to_be: view.issuer_name().map(str::to_owned),
            outcome: worst,
            comment: comment.map(str::to_owned),
            at: signed.signed_at(view.issuer_id()),
        });
    }
}

/// Fail before unknown before pass.
fn worst(checks: &[Check]) -> Outcome {
    let any = |outcome| checks.iter().any(|check| check.code.outcome() == outcome);
    match (any(Outcome::Fail), any(Outcome::Unknown)) {
        (true, _) => Outcome::Fail,
        (false, true) => Outcome::Unknown,
        (false, false) => Outcome::Pass,
    }
}

/// Who vouches for the issuer; and for workplace learning, whether the enterprise itself confirmed it.
fn trust(
    map: &Map<String, Value>,
    issuer: &str,
    evidence: &Evidence,
    confirmations: &[Confirmation],
    checks: &mut Vec<Check>,
) {
    checks.push(match evidence.vouches.get(issuer) {
        Some(vouch) => Check::new(Code::IssuerListed).with("by", vouch.by.as_str()),
        None => Check::new(Code::IssuerNotListed).with("issuer", issuer),
    });
    if Class::of(map).name() == WORKPLACE {
        let source = map.get("credentialSubject").and_then(|subject| subject.get("source"));
        let enterprise = source.and_then(|source| source.as_str().or_else(|| source.get("id")?.as_str()));
        let by_it = |one: &Confirmation| one.outcome == Outcome::Pass && Some(one.id.as_str()) == enterprise;
        if !confirmations.iter().any(by_it) {
            checks.push(Check::new(Code::EnterpriseNotConfirmed));
        }
    }
}

fn proved_issuer(view: View<'_>, id: &str, evidence: &Evidence) -> ProvedIssuer {
    let vouch = evidence.vouches.get(id);
    ProvedIssuer {
        id: id.to_owned(),
        name: vouch.and_then(|vouch| vouch.name.clone()),
        country: vouch.and_then(|vouch| vouch.country.clone()),
        vouched_by: vouch.map(|vouch| vouch.by.as_str().to_owned()),
        contact: vouch.and_then(|vouch| vouch.contact.clone()),
        claims_to_be: view.issuer_name().map(str::to_owned),
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
    }
}
