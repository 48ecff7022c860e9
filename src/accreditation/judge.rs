//! Whether an institution was accredited for an award: the best answer its grants give, with its reasons.

use super::award::Award;
use super::grant::{Grant, Standing};
use super::scope::Covered;
use super::standing::{Loss, Lost, OnDay, carried_on};
use crate::credential::validity::Day;

/// What national policy sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// For how many days after a loss a registration is no back-dating yet shown.
    pub grace_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { grace_days: 90 }
    }
}

/// An answer, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// It was accredited, and the award existed in time.
    Yes,
    /// What is known does not decide it.
    CannotTell,
    /// It was not, or the award came too late.
    No,
}

/// The answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The answer.
    pub answer: Answer,
    /// Why, in the order in which the rules reach them.
    pub reasons: Vec<Reason>,
    /// The grant that gave the answer, by its place among those asked; `None` when no grant was asked or none covers.
    pub grant: Option<usize>,
}

/// A reason, one for each code of rule R2 that grants decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The dates of the award contradict one another.
    FactsContradictory,
    /// The scope names a fact the award does not state.
    ScopeUnknown,
    /// No grant covers the award.
    NoneForScope,
    /// The award date lies outside the grant's days.
    NotInForceOnAwardDate,
    /// The grant was annulled with effect on or before the award date.
    Annulled,
    /// Suspended on the award date.
    SuspendedOnAwardDate,
    /// Withdrawn on the award date.
    WithdrawnOnAwardDate,
    /// In teach-out on the award date, and the learner had enrolled before.
    AccreditedTeachOut,
    /// In teach-out on the award date, and the learner enrolled later.
    TeachOutNewEnrolment,
    /// In teach-out on the award date; when the learner enrolled is not known.
    TeachOutEnrolmentUnknown,
    /// Granted on the award date.
    AccreditedOnAwardDate,
    /// The standing was lost after the award date.
    LostLater {
        /// How.
        loss: Loss,
        /// The day as the grant writes it: `since`, `effective`, or the last day of one that ran out.
        on: Day,
    },
    /// Nothing proves that the award existed before the loss.
    Unanchored,
    /// The award was transcribed from a paper register: ask for the register.
    TranscribedRegister,
    /// First seen after the loss, within the grace.
    RegisteredInGrace,
    /// First seen after the loss and the grace.
    RegisteredOutOfStanding,
}

impl Reason {
    /// The code, as recognition-rules/1 writes it.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::FactsContradictory => "facts.contradictory",
            Reason::ScopeUnknown => "accreditation.scope.unknown",
            Reason::NoneForScope => "accreditation.none.for.scope",
            Reason::NotInForceOnAwardDate => "accreditation.not.in.force.on.award.date",
            Reason::Annulled => "accreditation.annulled",
            Reason::SuspendedOnAwardDate => "accreditation.suspended.on.award.date",
            Reason::WithdrawnOnAwardDate => "accreditation.withdrawn.on.award.date",
            Reason::AccreditedTeachOut => "accredited.teach-out",
            Reason::TeachOutNewEnrolment => "teach-out.new.enrolment",
            Reason::TeachOutEnrolmentUnknown => "teach-out.enrolment.unknown",
            Reason::AccreditedOnAwardDate => "accredited.on.award.date",
            Reason::LostLater { loss, .. } => match loss {
                Loss::Suspended => "accreditation.suspended.later",
                Loss::Withdrawn => "accreditation.withdrawn.later",
                Loss::TeachOut => "accreditation.teach-out.later",
                Loss::Annulled => "accreditation.annulled.later",
                Loss::Expired => "accreditation.expired.later",
            },
            Reason::Unanchored => "award.unanchored",
            Reason::TranscribedRegister => "award.transcribed.register",
            Reason::RegisteredInGrace => "award.registered.in.grace",
            Reason::RegisteredOutOfStanding => "award.registered.out.of.standing",
        }
    }
}

/// Judges an award by the grants of its issuer, as known on `asked_on`: each grant that covers it is judged, and the
/// best answer is kept, the first of equals (recognition-rules/1, R2).
///
/// Whether the issuer is listed and its list pinned is asked between [`Award::is_contradictory`] and this. The work
/// grows with the square of the number of grants.
pub fn judge(grants: &[Grant], award: &Award<'_>, asked_on: Day, policy: &Policy) -> Finding {
    if award.is_contradictory(asked_on) {
        return alone(Answer::CannotTell, Reason::FactsContradictory);
    }
    let covered: Vec<Covered> = grants.iter().map(|grant| grant.covers(award)).collect();
    let covering: Vec<&Grant> = with(grants, &covered, Covered::Yes).map(|(_, grant)| grant).collect();
    let carried = carried_on(&covering, asked_on);

    let certain = with(grants, &covered, Covered::Yes).zip(carried).map(|((index, grant), carried)| {
        let (answer, reasons) = by_grant(grant, carried, award, asked_on, policy);
        Finding { answer, reasons, grant: Some(index) }
    });
    let uncertain = with(grants, &covered, Covered::MissingFact)
        .map(|(index, _)| Finding { grant: Some(index), ..alone(Answer::CannotTell, Reason::ScopeUnknown) });
    certain
        .chain(uncertain)
        .min_by_key(|finding| (finding.answer, finding.grant))
        .unwrap_or_else(|| alone(Answer::No, Reason::NoneForScope))
}

/// The judgement by a grant that covers the award.
fn by_grant(
    grant: &Grant,
    carried: bool,
    award: &Award<'_>,
    asked_on: Day,
    policy: &Policy,
) -> (Answer, Vec<Reason>) {
    let accredited = match (grant.standing_on(award.awarded_on, asked_on), award.enrolled_before) {
        (OnDay::Is(Standing::Granted), _) => Reason::AccreditedOnAwardDate,
        (OnDay::Is(Standing::TeachOut), Some(true)) => Reason::AccreditedTeachOut,
        (OnDay::Is(Standing::TeachOut), Some(false)) => {
            return (Answer::No, vec![Reason::TeachOutNewEnrolment]);
        }
        (OnDay::Is(Standing::TeachOut), None) => {
            return (Answer::CannotTell, vec![Reason::TeachOutEnrolmentUnknown]);
        }
        (OnDay::Is(Standing::Suspended), _) => return (Answer::No, vec![Reason::SuspendedOnAwardDate]),
        (OnDay::Is(Standing::Withdrawn), _) => return (Answer::No, vec![Reason::WithdrawnOnAwardDate]),
        (OnDay::Annulled, _) => return (Answer::No, vec![Reason::Annulled]),
        (OnDay::Outside, _) => return (Answer::No, vec![Reason::NotInForceOnAwardDate]),
    };
    let decided = grant.first_decided_loss(award.awarded_on.number(), asked_on);
    let expired = grant.expiry(asked_on).filter(|_| !carried);
    let Some(lost) = decided.into_iter().chain(expired).min_by_key(|lost| lost.number) else {
        return (Answer::Yes, vec![accredited]);
    };
    let mut reasons = vec![accredited, Reason::LostLater { loss: lost.loss, on: lost.on }];
    let (answer, reason) = in_time(grant, &lost, award, asked_on, policy);
    reasons.extend(reason);
    (answer, reasons)
}

/// Whether the award is proved to have existed before the loss, or while the grant stood again.
fn in_time(
    grant: &Grant,
    lost: &Lost,
    award: &Award<'_>,
    asked_on: Day,
    policy: &Policy,
) -> (Answer, Option<Reason>) {
    // Like an entry of the history, a registration of a later day does not exist yet.
    let Some(registered) = award.registered_on.filter(|day| *day <= asked_on) else {
        let reason = if award.transcribed { Reason::TranscribedRegister } else { Reason::Unanchored };
        return (Answer::CannotTell, Some(reason));
    };
    let stood =
        matches!(grant.standing_on(registered, asked_on), OnDay::Is(Standing::Granted | Standing::TeachOut));
    let late = registered.number() - lost.number;
    if late <= 0 || stood {
        (Answer::Yes, None)
    } else if award.transcribed {
        (Answer::CannotTell, Some(Reason::TranscribedRegister))
    } else if late <= i64::from(policy.grace_days) {
        (Answer::CannotTell, Some(Reason::RegisteredInGrace))
    } else {
        (Answer::No, Some(Reason::RegisteredOutOfStanding))
    }
}

impl Grant {
    /// Whether any of its scopes covers the award.
    pub fn covers(&self, award: &Award<'_>) -> Covered {
        self.scopes.iter().map(|scope| scope.covers(award)).min().unwrap_or(Covered::No)
    }
}

fn with<'g>(
    grants: &'g [Grant],
    covered: &[Covered],
    wanted: Covered,
) -> impl Iterator<Item = (usize, &'g Grant)> {
    grants
        .iter()
        .zip(covered)
        .enumerate()
        .filter_map(move |(index, (grant, covered))| (*covered == wanted).then_some((index, grant)))
}

fn alone(answer: Answer, reason: Reason) -> Finding {
    Finding { answer, reasons: vec![reason], grant: None }
}

#[cfg(test)]
mod tests;
