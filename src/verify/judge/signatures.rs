//! The proofs of one document: each checked with the key its controller lists for the purpose.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::crypto::proof::{Expected, ProofError, ProofView, Purpose, Secured};
use crate::did::DidUrl;
use crate::jsonld;
use crate::status::list::LEEWAY;
use crate::trustlist::TrustedIssuer;
use crate::verify::Audience;
use crate::verify::gather::Evidence;
use crate::verify::verdict::{Check, Code, Confirmation, Outcome};

/// What the proofs of one document show.
pub(in crate::verify) struct Signatures {
    pub(in crate::verify) checks: Vec<Check>,
    pub(in crate::verify) signers: Vec<Signer>,
    /// The document that was signed, where that is not the one given (eddsa-jcs-2022: a context appended later).
    pub(super) document: Option<Map<String, Value>>,
}

/// Whose key made a proof that holds.
pub(in crate::verify) struct Signer {
    pub(in crate::verify) did: String,
    /// The full URL of the key.
    pub(super) method: String,
    /// The key itself, as `publicKeyMultibase`: under which name is its controller's word.
    pub(super) key: String,
    /// When, by its own word.
    pub(super) made: Option<Timestamp>,
    created: Option<String>,
}

impl Signer {
    pub(super) fn confirmation(&self) -> Confirmation {
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
    pub(super) fn signed_at(&self, issuer: Option<&str>) -> Option<String> {
        let own = self.signers.iter().find(|signer| Some(signer.did.as_str()) == issuer);
        own.or(self.signers.first()).and_then(|signer| signer.created.clone())
    }
}

/// Checks every proof of a document that no log can tell anything of.
pub(in crate::verify) fn signatures(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    expected: &Expected<'_>,
) -> Signatures {
    signatures_of(map, evidence, now, expected, &|_| None)
}

/// Checks every proof of a document. `seen` tells, of a signer by its DID, since when a log that is relied on for it shows
/// that the document exists; it is asked only where that matters.
pub(super) fn signatures_of(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    expected: &Expected<'_>,
    seen: &dyn Fn(&str) -> Option<Timestamp>,
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
        match one_proof(&secured, proof, evidence, now, expected, seen) {
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

/// What is said of proofs that are not for the audience asked for. Whether they hold is another question: a genuine
/// document shown to the wrong checker stays genuine.
pub(super) fn missed(map: &Map<String, Value>, audience: &Audience) -> Option<Check> {
    if audience.domain.is_none() && audience.challenge.is_none() {
        return None;
    }
    // Proofs that do not read, or none at all, are told as such.
    let secured = Secured::parse(map).ok()?;
    let all = |says: &dyn Fn(&ProofView<'_>) -> bool| secured.proofs().iter().all(says);
    let problem = if !all(&|proof| audience.domain.as_deref().is_none_or(|one| proof.domain.contains(&one))) {
        "the proof is for another domain"
    } else if !all(&|proof| audience.challenge.is_none() || audience.challenge.as_deref() == proof.challenge)
    {
        "the proof answers another challenge"
    } else {
        return None;
    };
    Some(Check::new(Code::ProofAudience).with("problem", problem))
}

fn one_proof(
    secured: &Secured<'_>,
    proof: &ProofView<'_>,
    evidence: &Evidence,
    now: Timestamp,
    expected: &Expected<'_>,
    seen: &dyn Fn(&str) -> Option<Timestamp>,
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
    match listed.revoked.filter(|since| *since <= now) {
        // Signed before anybody else had the key: what the log has seen stands, whatever the key became.
        Some(since) if seen(url.did_str()).is_some_and(|seen| seen < since) => {}
        Some(since) => {
            let check = Check::new(Code::ProofKeyRevoked).with("key", method);
            return Err(check.with("since", since.to_string()));
        }
        None => {
            let allowed = match expected.purpose {
                Purpose::AssertionMethod => &document.assertion_method,
                Purpose::Authentication => &document.authentication,
            };
            if !allowed.contains(method) {
                return Err(not_listed("not for this purpose".to_owned()));
            }
        }
    }
    let key = listed.key.as_ref().map_err(|error| not_listed(error.to_string()))?;
    // The name of a key on a trust list spells the key out. Whoever has the domain now shows another one under it: nothing
    // can be said of the signature, and least of all that it is forged.
    let spelt = key.to_multikey();
    let another = |(_, issuer): (&_, &TrustedIssuer)| {
        issuer.keys.iter().any(|one| one.id == method && one.spelt() != spelt)
    };
    if evidence.listing(url.did_str()).is_some_and(another) {
        return Err(unreachable(
            "its domain shows another key under this name than the trust list".to_owned(),
        ));
    }
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
    let (did, method) = (url.did_str().to_owned(), method.to_owned());
    Ok(Signer { did, method, key: spelt, made: proof.created, created })
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
