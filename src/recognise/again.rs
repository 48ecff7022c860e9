//! What a decision rests on, looked at again: by the rules, the request and the day of then, and by what is known now.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::RecogniseError;
use super::file::File;
use super::inputs::{self, Inputs};
use crate::app::App;
use crate::did::Did;
use crate::recognition::{Decision, Verdict};
use crate::registry::Member;
use crate::verify::{self, Code};

/// What speaks against an award for good. Every other doubt is about what could not be found out now, or about a key that
/// merely ended since.
const AGAINST: [Code; 4] =
    [Code::IssuerKeyNotListed, Code::IssuerKeyNotYet, Code::IssuerKeyCompromised, Code::FactsContradictory];

/// What is left of what a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rests {
    /// The rules would say the same, or better.
    Still,
    /// Nothing known now speaks against it, and not everything that spoke for it is known now.
    Unknown,
    /// They would say less, for these reasons besides those of then.
    Less(Vec<String>),
}

/// Decides again what the rules proposed when it was decided on. Kept are the request with its day, the rules, the level
/// maps and what the award says of itself; asked anew are verification, status, what was granted to the issuer, and the
/// agreements. What an officer made of the proposal weighs the same on both sides. A signature that was checked by hand, and
/// a status that was not known then, hold on both sides: else the rules would stop there, and ask nothing of the institution.
///
/// # Errors
/// The file does not read, or what it was decided from cannot be decided from.
pub(super) fn rests(
    app: &App,
    authority: &Member,
    file: &File,
    verdict: &verify::Verdict,
    found: &Map<String, Value>,
) -> Result<Rests, RecogniseError> {
    let damaged = || RecogniseError::Damaged(file.id.to_string());
    let kept = file.basis("inputs").ok_or_else(damaged)?;
    let by_hand = file.at("/decision/checkedByHand").is_some();
    let was_good = kept.pointer("/facts/status").is_some_and(|status| status == "good");
    let kept = held(kept.clone(), by_hand);
    let then = Inputs::of(kept.clone()).decide()?;
    let received = file.text("/application/receivedAt").and_then(|at| at.parse().ok()).unwrap_or_default();
    let told_against = told_against(found);
    let against: Vec<&str> = told_against
        .iter()
        .filter(|code| is_since(verdict, **code, received))
        .map(|code| code.as_str())
        .collect();
    let mut unknown = false;
    let mut anew = kept.clone();
    let facts = anew.get_mut("facts").and_then(Value::as_object_mut).ok_or_else(damaged)?;
    let told = |name: &str| found.get(name).and_then(|fact| fact.get("value")?.as_str());
    // What speaks against an award that was checked by hand is told by its code, where nobody knew of it.
    if !by_hand {
        let was_valid = facts.get("verification").is_some_and(|was| was == "valid");
        if !against.is_empty() {
            facts.insert("verification".to_owned(), json!("indeterminate"));
        } else if told("verification") == Some("valid") {
            facts.insert("verification".to_owned(), json!("valid"));
        } else {
            unknown |= was_valid && !only_later(&told_against);
        }
    }
    unknown |= was_good && told("status") != Some("good");
    match issuers(app, &kept) {
        Some(issuers) => anew["store"]["issuers"] = issuers,
        None => unknown = true,
    }
    anew["store"]["agreements"] = agreements(app, authority, &kept);
    let now = Inputs::of(anew).decide()?;
    let checks = file.basis("facts").and_then(|facts| facts.pointer("/verification/checks"));
    let known =
        |code: &&str| checks.and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == code));
    let mut news: Vec<String> =
        against.iter().filter(|code| !known(code)).map(|code| (*code).to_owned()).collect();
    if news.is_empty() && !is_less(&then, &now) {
        return Ok(if unknown { Rests::Unknown } else { Rests::Still });
    }
    let reasons = now.reasons.iter().filter(|reason| !then.reasons.contains(reason));
    news.extend(reasons.map(|reason| reason.to_string()));
    if news.is_empty() {
        news.push(now.verdict.as_str().to_owned());
    }
    Ok(Rests::Less(news))
}

/// The inputs of then as they are compared with those of now.
fn held(mut kept: Value, by_hand: bool) -> Value {
    if let Some(facts) = kept.get_mut("facts").and_then(Value::as_object_mut) {
        if by_hand {
            facts.insert("verification".to_owned(), json!("valid"));
        }
        if by_hand || facts.get("status").is_none_or(|status| status == "unknown") {
            facts.insert("status".to_owned(), json!("good"));
        }
    }
    kept
}

/// What was found against the award, each code once. From what belongs to its verification: a contradiction that the rules
/// find themselves they found then as well.
fn told_against(found: &Map<String, Value>) -> Vec<Code> {
    let checks = found.get("verification").and_then(|fact| fact.get("checks")?.as_array());
    let told = |code: &Code| checks.is_some_and(|all| all.iter().any(|one| one == code.as_str()));
    AGAINST.into_iter().filter(told).collect()
}

/// Whether it counts against an award that was here then. A key that somebody else may have only since the award was here
/// signed this one before: the application itself shows that it existed.
fn is_since(verdict: &verify::Verdict, code: Code, received: Timestamp) -> bool {
    let since = |check: &verify::Check| check.because.get("since")?.parse::<Timestamp>().ok();
    code != Code::IssuerKeyCompromised
        || verdict
            .troubles()
            .filter(|check| check.code == code)
            .any(|check| since(check).is_none_or(|since| since <= received))
}

/// Whether all that keeps it from being valid are keys that were lost after the award was here.
fn only_later(told_against: &[Code]) -> bool {
    told_against == [Code::IssuerKeyCompromised]
}

/// What the issuer is granted by the one list that names it now; `None` where nobody can say: the list is over or not in
/// force, nobody goes by it any more, or somebody else's list names the issuer as well.
fn issuers(app: &App, kept: &Value) -> Option<Value> {
    let before = &kept["store"]["issuers"];
    let Some(did) = kept["facts"]["issuer"].as_str().and_then(|did| Did::parse(did).ok()) else {
        return Some(before.clone());
    };
    let (trust, now) = (app.registry.trust(), app.now());
    match trust.listings(&did).as_slice() {
        [only] if only.get().is_some_and(|(list, _)| !list.is_over(now)) => {
            let day = kept["request"]["date"].as_str().unwrap_or_default();
            Some(Value::Object(inputs::issuers(did.as_str(), &trust, now, day)))
        }
        [] if before.as_object().is_none_or(Map::is_empty) => Some(before.clone()),
        // The list of its country is in force, and does not know it any more.
        [] if app
            .registry
            .pinned()
            .iter()
            .filter_map(|pinned| pinned.list.as_ref())
            .any(|list| kept["facts"]["country"] == json!(list.territory) && !list.is_over(now)) =>
        {
            Some(json!({}))
        }
        _ => None,
    }
}

/// The agreements as they are on record now; of one that is not on record any more, what it was.
fn agreements(app: &App, authority: &Member, kept: &Value) -> Value {
    fn id(agreement: &Value) -> Option<&str> {
        agreement.get("agreementId").or_else(|| agreement.get("id"))?.as_str()
    }
    let text = |pointer: &str| kept.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let direction = (text("/facts/country"), text("/request/country"));
    let registered = app.registry.agreements();
    let on_record = registered.of(authority).map(|file| &file.document);
    let mut agreements: Vec<&Value> =
        on_record.filter(|agreement| inputs::is_between(agreement, &direction)).collect();
    let known: HashSet<Option<&str>> = agreements.iter().map(|agreement| id(agreement)).collect();
    let before = kept.pointer("/store/agreements").and_then(Value::as_array);
    agreements.extend(before.into_iter().flatten().filter(|one| !known.contains(&id(one))));
    json!(agreements)
}

/// Whether a decision says less than the one of then: a worse verdict, a lower level, or something new against the award or
/// its institution. That an institution lost its standing later is none of that, where the award stands all the same.
fn is_less(then: &Decision, now: &Decision) -> bool {
    let lower = match (&then.level, &now.level) {
        (Some(then), Some(now)) => then.framework == now.framework && now.level < then.level,
        _ => false,
    };
    let weighs = now.reasons.iter().any(|reason| weighs(reason) && !then.reasons.contains(reason));
    worth(now.verdict) < worth(then.verdict) || lower || weighs
}

/// Whether a reason of R0 to R2 stands in the way of the award.
fn weighs(code: &str) -> bool {
    let stands_in_the_way =
        ["proof.", "issuer.", "anchor.", "facts.", "accreditation.", "teach-out.", "award."];
    stands_in_the_way.iter().any(|group| code.starts_with(group)) && !code.ends_with(".later")
}

fn worth(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::RecognisedAutomatic => 7,
        Verdict::RecognisedFull => 6,
        Verdict::RecognisedConditional => 5,
        Verdict::RecognisedPartial => 4,
        Verdict::CaseByCase => 3,
        Verdict::Refer => 2,
        Verdict::NotRecognised => 1,
        Verdict::NotVerified => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::LevelRef;

    fn decision(verdict: Verdict, reasons: &[&'static str], level: Option<&str>) -> Decision {
        Decision {
            verdict,
            reasons: reasons.iter().map(|reason| (*reason).into()).collect(),
            level: level.and_then(LevelRef::parse),
            alternatives: Vec::new(),
        }
    }

    #[test]
    fn less_is_a_worse_verdict_a_lower_level_or_a_new_reason_against_it() {
        use Verdict::{CaseByCase, NotRecognised, RecognisedAutomatic, RecognisedFull, Refer};
        let good = decision(RecognisedAutomatic, &["accredited.on.award.date"], Some("LNQF:5"));
        assert!(!is_less(&good, &good));
        let later = ["accredited.on.award.date", "accreditation.withdrawn.later"];
        assert!(!is_less(&good, &decision(RecognisedAutomatic, &later, Some("LNQF:5"))));
        assert!(is_less(&good, &decision(RecognisedAutomatic, &[], Some("LNQF:4"))));
        assert!(is_less(&good, &decision(RecognisedFull, &[], Some("LNQF:5"))));
        // An officer had made something of it all the same; what is new was not known then.
        let open = decision(CaseByCase, &["level.no.agreed.map"], None);
        assert!(!is_less(&open, &decision(CaseByCase, &["type.unknown"], None)));
        assert!(is_less(&open, &decision(CaseByCase, &["award.unanchored"], None)));
        assert!(is_less(&open, &decision(Refer, &[], None)));
        let refused = decision(NotRecognised, &["workload.substantial.difference"], None);
        assert!(is_less(&refused, &decision(NotRecognised, &["accreditation.annulled"], None)));
        assert!(is_less(&refused, &decision(CaseByCase, &["proof.indeterminate"], None)));
        assert!(!is_less(
            &refused,
            &decision(RecognisedFull, &["no.substantial.difference"], Some("LNQF:5"))
        ));
    }
}
