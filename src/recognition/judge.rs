//! The rules in their order: authenticity, status, the institution, regulated professions, agreements, general assessment.

pub(super) mod automatic;
mod general;

use std::borrow::Cow;

use super::decision::{Decision, LevelRef, Verdict};
use super::facts::{Facts, Purpose, Request, Status, Verification};
use super::rules::RuleSet;
use super::store::Store;
use crate::accreditation::{self, Answer, Award, Reason};

/// Kinds of award that end: past their `validUntil` they are to be renewed.
const ENDING: &[&str] = &["skill-certificate", "licence", "license"];

const REQUEST_INFORMATION: &str = "request.information";

/// What the rules found on the way: reasons in the order in which they were reached, none twice.
#[derive(Default)]
struct Reasons(Vec<Cow<'static, str>>);

impl Reasons {
    fn add(&mut self, code: impl Into<Cow<'static, str>>) {
        let code = code.into();
        if !self.0.contains(&code) {
            self.0.push(code);
        }
    }

    /// The decision these reasons lead to.
    fn so(self, verdict: Verdict) -> Decision {
        Decision { verdict, reasons: self.0, level: None, alternatives: Vec::new() }
    }

    /// The same with one reason more.
    fn for_one(mut self, verdict: Verdict, code: impl Into<Cow<'static, str>>) -> Decision {
        self.add(code);
        self.so(verdict)
    }
}

impl Decision {
    fn at(self, framework: &str, level: u32) -> Decision {
        Decision { level: Some(LevelRef { framework: framework.to_owned(), level }), ..self }
    }

    fn or(mut self, alternative: impl Into<Cow<'static, str>>) -> Decision {
        self.alternatives.push(alternative.into());
        self
    }
}

/// A rule that ends the way, or lets it go on.
type Step<T> = Result<T, Decision>;

/// Decides a request for an award by recognition-rules/1, from these inputs alone: the same inputs give the same decision,
/// in whatever order grants and agreements were read.
pub fn decide(facts: &Facts, request: &Request, store: &Store, rules: &RuleSet) -> Decision {
    match by_the_rules(facts, request, store, rules) {
        Ok(decision) | Err(decision) => decision,
    }
}

fn by_the_rules(facts: &Facts, request: &Request, store: &Store, rules: &RuleSet) -> Step<Decision> {
    authenticity(facts, request)?;
    let reasons = status(facts, request)?;
    let (award, mut reasons) = institution(facts, request, store, rules, reasons)?;
    let Some(purpose) = request.purpose else {
        return Err(reasons.for_one(Verdict::CaseByCase, "request.purpose.missing"));
    };
    let applying = automatic::applying(facts, &award, request, purpose, store);
    if purpose == Purpose::EmploymentRegulated && applying.is_empty() {
        return Err(reasons.for_one(Verdict::Refer, "regulated.profession.competent.authority"));
    }
    if let Some((agreement, level)) = automatic::route(facts, &applying, &mut reasons) {
        return Ok(automatic::decided(agreement, level, request, reasons));
    }
    Ok(general::assess(facts, request, purpose, store, rules, reasons))
}

/// R0.
fn authenticity(facts: &Facts, request: &Request) -> Step<()> {
    let (verdict, code) = match facts.verification {
        Some(Verification::Valid) => return Ok(()),
        Some(Verification::Invalid) => (Verdict::NotVerified, "proof.invalid"),
        Some(Verification::Indeterminate) | None => (Verdict::CaseByCase, "proof.indeterminate"),
        Some(Verification::Paper) if request.refugee => {
            (Verdict::CaseByCase, "paper.refugee.background.report")
        }
        Some(Verification::Paper) => (Verdict::CaseByCase, "paper.manual.verification"),
    };
    Err(Reasons::default().for_one(verdict, code))
}

/// R1.
fn status(facts: &Facts, request: &Request) -> Step<Reasons> {
    let mut reasons = Reasons::default();
    let open = |reasons: Reasons, code: &'static str| {
        Err(reasons.for_one(Verdict::CaseByCase, code).or(REQUEST_INFORMATION))
    };
    match facts.status {
        Some(Status::Good) => {}
        Some(Status::Revoked) => return Err(reasons.for_one(Verdict::NotVerified, "status.revoked")),
        Some(Status::Replaced) => {
            return Err(reasons.for_one(Verdict::NotVerified, "status.replaced.use.successor"));
        }
        Some(Status::Suspended) => return open(reasons, "status.suspended"),
        Some(Status::Unknown) | None => return open(reasons, "status.unknown"),
    }
    if facts.valid_until.is_some_and(|until| until < request.date) {
        match facts.kind.as_deref() {
            // It may be a certificate, which has expired, or a diploma, which does not.
            None => return open(reasons, "type.unknown"),
            Some(kind) if ENDING.contains(&kind) => {
                return Err(reasons.for_one(Verdict::NotRecognised, "certificate.expired").or("renewal"));
            }
            Some(_) => reasons.add("validUntil.ignored.for.diploma"),
        }
    }
    Ok(reasons)
}

/// R2: the award as the later rules ask for it, when the institution was accredited for it.
fn institution<'f>(
    facts: &'f Facts,
    request: &Request,
    store: &Store,
    rules: &RuleSet,
    mut reasons: Reasons,
) -> Step<(Award<'f>, Reasons)> {
    let open = |reasons: Reasons, code: &'static str| {
        Err(reasons.for_one(Verdict::CaseByCase, code).or(REQUEST_INFORMATION))
    };
    let award = facts.award();
    if award.as_ref().is_some_and(|award| award.is_contradictory(request.date)) {
        return open(reasons, Reason::FactsContradictory.code());
    }
    let Some(issuer) = facts.issuer.as_deref().and_then(|id| store.issuer(id)) else {
        return open(reasons, "issuer.not.listed");
    };
    if !issuer.pinned {
        return open(reasons, "anchor.not.pinned");
    }
    let Some(award) = award else { return open(reasons, "award.date.unknown") };
    let finding = accreditation::judge(&issuer.grants, &award, request.date, &rules.policy.accreditation());
    for reason in &finding.reasons {
        reasons.add(reason.code());
    }
    match finding.answer {
        Answer::Yes => Ok((award, reasons)),
        Answer::CannotTell => Err(reasons.so(Verdict::CaseByCase).or(REQUEST_INFORMATION)),
        Answer::No => Err(reasons.so(Verdict::NotRecognised).or("prior.learning.assessment")),
    }
}
