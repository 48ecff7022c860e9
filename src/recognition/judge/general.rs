//! R5: the award against the target: level, workload, field and outcomes.

use super::{REQUEST_INFORMATION, Reasons};
use crate::framework::maps::{Basis, Comparable};
use crate::recognition::decision::{Decision, Verdict};
use crate::recognition::facts::{Facts, Purpose, Request, Target};
use crate::recognition::rules::{Policy, RuleSet};
use crate::recognition::store::Store;

/// Kinds of award that are a part of a qualification: they count as credit.
const PARTIAL: &[&str] = &["micro-credential", "partial", "partial-qualification"];

/// What the comparison found, by weight.
#[derive(Default)]
struct Found {
    /// Substantial differences.
    hard: Vec<&'static str>,
    /// Facts nobody stated.
    ask: Vec<&'static str>,
    /// Gaps that can be closed.
    soft: Vec<&'static str>,
}

pub(super) fn assess(
    facts: &Facts,
    request: &Request,
    purpose: Purpose,
    store: &Store,
    rules: &RuleSet,
    mut reasons: Reasons,
) -> Decision {
    let target = request
        .target
        .as_ref()
        .and_then(|target| Some((target, target.framework.as_deref()?, target.level?)));
    let Some((target, framework, wanted)) = target else {
        return reasons.for_one(Verdict::CaseByCase, "request.target.missing");
    };
    let mut found = Found::default();
    let comparable = comparable(facts, framework, store);
    let firm = match (&comparable, comparable.levels.last()) {
        (Comparable { basis, levels, .. }, Some(&highest)) => {
            if *basis != Basis::Published {
                reasons.add("level.indicative.only");
            }
            if highest < wanted {
                return lower(reasons, framework, highest, wanted);
            }
            if levels.first().is_some_and(|lowest| *lowest < wanted) {
                found.soft.push("level.ambiguous");
            }
            *basis == Basis::Published
        }
        (_, None) => {
            found.ask.push("level.no.agreed.map");
            false
        }
    };
    match facts.kind.as_deref() {
        Some(kind) if PARTIAL.contains(&kind) => return credit(facts, found, reasons),
        Some(_) => {}
        // It may be a part of a qualification, which is never worth the whole.
        None => found.ask.push("type.unknown"),
    }
    workload(facts, target, &rules.policy, &mut found);
    if purpose != Purpose::EmploymentUnregulated {
        profile(facts, target, &mut found);
    }
    outcomes(facts, target, &rules.policy, &mut found);
    verdict(found, firm, framework, wanted, reasons)
}

/// The levels of the target's framework that the award's own compares with.
fn comparable(facts: &Facts, framework: &str, store: &Store) -> Comparable {
    match (&facts.framework, facts.level) {
        (Some(own), Some(level)) => store.maps().compare(own, level, framework),
        _ => Comparable { levels: Default::default(), basis: Basis::Indicative, via: None },
    }
}

fn lower(reasons: Reasons, framework: &str, highest: u32, wanted: u32) -> Decision {
    if wanted - highest == 1 {
        reasons
            .for_one(Verdict::RecognisedPartial, "level.lower")
            .at(framework, highest)
            .or("recognition.at.lower.level")
    } else {
        reasons
            .for_one(Verdict::NotRecognised, "level.substantially.lower")
            .or(format!("recognition.at.level:{framework}:{highest}"))
    }
}

fn credit(facts: &Facts, found: Found, mut reasons: Reasons) -> Decision {
    for code in found.ask.into_iter().chain(found.soft) {
        reasons.add(code);
    }
    let decision = reasons.for_one(Verdict::RecognisedPartial, "partial.qualification.credit.transfer");
    match facts.notional_hours {
        Some(hours) => decision.or(format!("credit:{hours}")),
        None => decision.or(REQUEST_INFORMATION),
    }
}

fn workload(facts: &Facts, target: &Target, policy: &Policy, found: &mut Found) {
    let Some(wanted) = target.notional_hours.filter(|hours| *hours > 0) else { return };
    let Some(hours) = facts.notional_hours else {
        found.ask.push("workload.unknown");
        return;
    };
    let percent = u64::from(hours) * 100 / u64::from(wanted);
    if percent < u64::from(policy.workload_minimum) {
        found.hard.push("workload.substantial.difference");
    } else if percent < u64::from(policy.workload_ok) {
        found.soft.push("workload.shortfall");
    }
}

/// Fields by ISCED-F 2013: two digits are the broad field, three the narrow one. A code too short to tell is not known.
fn profile(facts: &Facts, target: &Target, found: &mut Found) {
    let Some(wanted) = &target.isced else { return };
    let Some(own) = &facts.isced else {
        found.ask.push("profile.unknown");
        return;
    };
    let same = |digits: usize| Some(own.get(..digits)? == wanted.get(..digits)?);
    match (same(2), same(3)) {
        (Some(false), _) => found.hard.push("profile.different.field"),
        (_, Some(false)) => found.soft.push("profile.different.field"),
        (_, Some(true)) => {}
        (_, None) => found.ask.push("profile.unknown"),
    }
}

fn outcomes(facts: &Facts, target: &Target, policy: &Policy, found: &mut Found) {
    if target.outcomes.is_empty() {
        return;
    }
    // An empty list states nothing, and so shows no difference.
    let Some(own) = facts.outcomes.as_ref().filter(|own| !own.is_empty()) else {
        found.ask.push("outcomes.unknown");
        return;
    };
    let percent = target.outcomes.intersection(own).count() * 100 / target.outcomes.len();
    if percent < policy.outcomes_minimum as usize {
        found.hard.push("outcomes.substantial.difference");
    } else if percent < policy.outcomes_ok as usize {
        found.soft.push("outcomes.gap");
    }
}

/// Only a substantial difference that was shown refuses; only facts that are known recognise.
fn verdict(found: Found, firm: bool, framework: &str, wanted: u32, mut reasons: Reasons) -> Decision {
    let Found { hard, ask, soft } = found;
    let (verdict, first) = if !hard.is_empty() {
        (Verdict::NotRecognised, hard)
    } else if !ask.is_empty() {
        (Verdict::CaseByCase, ask)
    } else if !soft.is_empty() {
        (Verdict::RecognisedConditional, Vec::new())
    } else if !firm {
        return reasons.for_one(Verdict::CaseByCase, "level.confirm.by.officer");
    } else {
        (Verdict::RecognisedFull, vec!["no.substantial.difference"])
    };
    for code in first.into_iter().chain(soft) {
        reasons.add(code);
    }
    let decision = reasons.so(verdict);
    match verdict {
        Verdict::NotRecognised => decision.or("partial.recognition").or("compensation.measures"),
        Verdict::CaseByCase => decision.or(REQUEST_INFORMATION),
        _ => decision.at(framework, wanted),
    }
}
