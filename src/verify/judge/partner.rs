//! A joint award: whether the other half stands by it, and what became of that half.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::credential;
use crate::credential::View;
use crate::verify::Extent;
use crate::verify::gather::{Evidence, OtherHalf, each, partner_named_by};
use crate::verify::verdict::{Check, Code, Confirmation, Outcome, PartnerAward, State, Verdict, state_of};

/// Judges the other half that the document names, by its own proofs, dates, status and trust; the document itself stands
/// whatever becomes of it.
pub(super) fn partner(
    map: &Map<String, Value>,
    evidence: &Evidence,
    confirmations: &[Confirmation],
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<Box<PartnerAward>> {
    let url = partner_named_by(map)?;
    let id = View::of(map).id().unwrap_or_default();
    let found = evidence.partners.get(&(id.to_owned(), url.to_owned()))?;
    let told = |code: Code| Check::new(code).with("partner", url);
    let half = match found {
        Ok(half) => half,
        Err(error) => {
            checks.push(told(Code::PartnerUnknown).with("problem", error.to_string()));
            return Some(Box::new(PartnerAward {
                id: url.to_owned(),
                state: None,
                name: None,
                issuer: None,
            }));
        }
    };
    let verdict = credential(half.credential.clone(), &half.evidence, now, Extent::Full);
    checks.push(match standing(map, half, &verdict, confirmations) {
        Ok(mut check) => {
            check.because.insert("partner", url.to_owned());
            check
        }
        Err((code, problem)) => told(code).with("problem", problem),
    });
    let view = half.credential.view();
    let name = view.text("name").filter(|_| verdict.issuer.is_some()).map(str::to_owned);
    let state = Some(verdict.state);
    Some(Box::new(PartnerAward { id: url.to_owned(), state, name, issuer: verdict.issuer }))
}

/// How the half stands to the document; `Err` with a code and what speaks against it.
fn standing(
    map: &Map<String, Value>,
    half: &OtherHalf,
    verdict: &Verdict,
    confirmations: &[Confirmation],
) -> Result<Check, (Code, String)> {
    let claimed = |problem: &str| Err((Code::PartnerClaimed, problem.to_owned()));
    let view = half.credential.view();
    if view.id() != partner_named_by(map) {
        return claimed("what stands at its address is another credential");
    }
    let Some(issuer) = &verdict.issuer else {
        return Err(because(verdict));
    };
    let own = View::of(map);
    if own.id().is_none() || partner_named_by(view.members()) != own.id() {
        return claimed("it does not name this award as its own other half");
    }
    if own.issuer_id() == Some(issuer.id.as_str()) {
        return claimed("both halves are of the same institution");
    }
    let by = |code: Code| Check::new(code).with("by", issuer.id.clone());
    for check in verdict.troubles() {
        let code = match check.code {
            Code::StatusRevoked => Code::PartnerRevoked,
            Code::StatusSuspended => Code::PartnerSuspended,
            Code::StatusReplaced => Code::PartnerReplaced,
            _ => continue,
        };
        let facts = ["since", "successor"].into_iter();
        let known = facts.filter_map(|name| Some((name, check.because.get(name)?.clone())));
        return Ok(known.fold(by(code), |check, (name, fact)| check.with(name, fact)));
    }
    if !matches!(verdict.state, State::Genuine | State::GenuineBut) {
        return Err(because(verdict));
    }
    let endorses = |document: &Value| {
        let (Some(map), Some(subject)) = (document.as_object(), document.get("credentialSubject")) else {
            return false;
        };
        View::of(map).issuer_id() == Some(issuer.id.as_str()) && subject.get("digestMultibase").is_some()
    };
    // Confirmations stand in the order of the endorsements; an endorsement without a digest may have been given to anything.
    let (mut endorsed, mut at) = (false, 0);
    each(map.get("endorsement"), "", |_, document| {
        if document.is_object() {
            let holds = confirmations.get(at).is_some_and(|one| one.outcome == Outcome::Pass);
            endorsed |= holds && endorses(document);
            at += 1;
        }
    });
    if endorsed {
        Ok(by(Code::PartnerConfirmed))
    } else {
        claimed("its institution has not endorsed this award")
    }
}

/// What keeps the half from being relied on: what was found to be wrong before what was not found out.
fn because(verdict: &Verdict) -> (Code, String) {
    let first = |state| verdict.troubles().find(|check| state_of(std::slice::from_ref(check)) == state);
    let (code, check) = match first(State::NotGenuine) {
        Some(check) => (Code::PartnerClaimed, Some(check)),
        None => (Code::PartnerUnknown, first(State::CouldNotBeChecked)),
    };
    let problem = check.map_or_else(String::new, |check| {
        let detail = check.because.get("problem").map(|text| format!(": {text}")).unwrap_or_default();
        format!("{}{detail}", check.code.as_str())
    });
    (code, problem)
}
