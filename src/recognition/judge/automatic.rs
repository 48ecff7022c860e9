//! R3 and R4: the agreements that apply, and the first whose conditions are all met.

use super::Reasons;
use crate::accreditation::{Award, Covered};
use crate::credential::validity::Day;
use crate::recognition::agreement::{Agreement, Kind};
use crate::recognition::condition::Met;
use crate::recognition::decision::{Decision, LevelRef, Verdict};
use crate::recognition::facts::{Facts, Purpose, Request};
use crate::recognition::scope::Scope;
use crate::recognition::store::Store;

/// An agreement and a scope of it.
pub(super) type Applying<'s> = (&'s Agreement, &'s Scope);

/// The agreements that apply, each with every scope of it that matches, in the order in which they are asked. For a
/// regulated profession, only scopes that name that very one.
pub(super) fn applying<'s>(
    facts: &Facts,
    award: &Award<'_>,
    request: &Request,
    purpose: Purpose,
    store: &'s Store,
) -> Vec<Applying<'s>> {
    let in_force = store.agreements().iter().filter(|agreement| {
        agreement.kind != Kind::TrainingContract && agreement.is_in_force(request.date, award.awarded_on)
    });
    in_force
        .flat_map(|agreement| agreement.scopes.iter().map(move |scope| (agreement, scope)))
        .filter(|(agreement, scope)| {
            let day = agreement.day_that_counts(request.date, award.awarded_on);
            (scope.purposes.is_empty() || scope.purposes.contains(&purpose))
                && for_profession(scope, request, purpose)
                && is_meant(facts, award, request.country.as_deref(), day, scope)
        })
        .collect()
}

/// Whether a scope is for this award in that country, whatever it is wanted for. `day` is the one that counts for its
/// agreement.
pub(in crate::recognition) fn is_meant(
    facts: &Facts,
    award: &Award<'_>,
    country: Option<&str>,
    day: Day,
    scope: &Scope,
) -> bool {
    facts.country.as_ref() == Some(&scope.origin)
        && country == Some(scope.receiving.as_str())
        && scope.institutions.as_ref().is_none_or(|(listed, as_of)| {
            *as_of <= day && facts.issuer.as_ref().is_some_and(|issuer| listed.contains(issuer))
        })
        && scope.awards.covers(award) == Covered::Yes
}

fn for_profession(scope: &Scope, request: &Request, purpose: Purpose) -> bool {
    match &scope.profession {
        Some(named) => request.profession.as_ref() == Some(named),
        None => purpose != Purpose::EmploymentRegulated,
    }
}

/// The first agreement whose conditions are all met, and the level it gives. What stands in the way of those before it is
/// noted.
pub(super) fn route<'s>(
    facts: &Facts,
    applying: &[Applying<'s>],
    reasons: &mut Reasons,
) -> Option<(&'s Agreement, &'s LevelRef)> {
    for (agreement, scope) in applying {
        // An automatic scope names its level; one that did not would be no more than advice.
        let Some(level) = scope.target.as_ref().filter(|_| scope.automatic) else {
            reasons.add(format!("agreement.advisory:{}", agreement.id));
            continue;
        };
        let mut all_met = true;
        for condition in &scope.conditions {
            match condition.met(&facts.stated) {
                Met::Yes => continue,
                Met::No => reasons.add(format!("condition.failed:{}", condition.field)),
                Met::Unknown => reasons.add(format!("condition.unknown:{}", condition.field)),
            }
            all_met = false;
        }
        if all_met {
            return Some((agreement, level));
        }
    }
    None
}

/// The verdict an agreement gives: automatic, or partial where more was asked for in the framework of its level.
pub(super) fn decided(
    agreement: &Agreement,
    level: &LevelRef,
    request: &Request,
    mut reasons: Reasons,
) -> Decision {
    reasons.add(format!("auto.agreement:{}", agreement.id));
    let asks_for_more = request.target.as_ref().is_some_and(|target| {
        target.framework.as_ref() == Some(&level.framework)
            && target.level.is_some_and(|asked| asked > level.level)
    });
    let decision = if asks_for_more {
        reasons.for_one(Verdict::RecognisedPartial, "level.lower").or("recognition.at.lower.level")
    } else {
        reasons.so(Verdict::RecognisedAutomatic)
    };
    decision.at(&level.framework, level.level)
}
