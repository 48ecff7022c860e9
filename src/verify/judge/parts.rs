//! What stands inside a document: endorsements, and the credentials of a record.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::signatures::signatures;
use super::status::status;
use super::{binding, dates, resource_checks};
use crate::credential::{View, endorsement};
use crate::crypto::proof::Expected;
use crate::verify::gather::{Evidence, Part, Role};
use crate::verify::verdict::{Check, Code, Confirmation, Outcome};

/// Judges an endorsement or an embedded credential by its own proofs, binding, dates and status.
pub(super) fn part_checks(
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
    inner.extend(resource_checks(part.map));
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
