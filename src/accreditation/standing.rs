//! The standing of a grant on a day, and what it lost after one, as known on the day of the question.

use super::grant::{Change, Entry, Grant, Standing};
use crate::credential::validity::Day;

/// What a grant was on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDay {
    /// The day lies outside its first and last day.
    Outside,
    /// It was annulled with effect from that day or an earlier one.
    Annulled,
    /// It had this standing.
    Is(Standing),
}

/// How a grant lost its standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Suspended.
    Suspended,
    /// Withdrawn.
    Withdrawn,
    /// No new learners: from then on its awards need another proof.
    TeachOut,
    /// Annulled.
    Annulled,
    /// Its last day passed and no other grant carried on.
    Expired,
}

/// A loss and its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost {
    pub loss: Loss,
    /// The day as the grant writes it: `since`, `effective`, or the last day of one that ran out.
    pub on: Day,
    /// The first day without the standing, in days since 1970-01-01; for one that ran out, the day after its last.
    pub number: i64,
}

impl Grant {
    /// What the grant was on `day`, as known on `asked_on`: entries with a later `since` do not exist yet.
    pub fn standing_on(&self, day: Day, asked_on: Day) -> OnDay {
        self.standing_at(day.number(), asked_on)
    }

    fn standing_at(&self, day: i64, asked_on: Day) -> OnDay {
        if day < self.from.number() || self.to.is_some_and(|to| to.number() < day) {
            return OnDay::Outside;
        }
        let mut standing = Standing::Granted;
        for entry in self.known(asked_on) {
            match entry.change {
                Change::Annulled { effective } if effective.number() <= day => return OnDay::Annulled,
                Change::To(to) if entry.since.number() <= day => standing = to,
                _ => {}
            }
        }
        OnDay::Is(standing)
    }

    /// The first loss by a decision after `after`, up to `asked_on`. An entry that only repeats a teach-out is none.
    pub(super) fn first_decided_loss(&self, after: i64, asked_on: Day) -> Option<Lost> {
        let mut before = Standing::Granted;
        let losses = self.known(asked_on).filter_map(|entry| {
            let (loss, on) = match entry.change {
                Change::Annulled { effective } => (Loss::Annulled, effective),
                Change::To(standing) => {
                    let repeated = std::mem::replace(&mut before, standing) == standing;
                    let loss = match standing {
                        Standing::Granted => return None,
                        Standing::TeachOut if repeated => return None,
                        Standing::TeachOut => Loss::TeachOut,
                        Standing::Suspended => Loss::Suspended,
                        Standing::Withdrawn => Loss::Withdrawn,
                    };
                    (loss, entry.since)
                }
            };
            Some(Lost { loss, on, number: on.number() })
        });
        losses.filter(|lost| after < lost.number && lost.on <= asked_on).min_by_key(|lost| lost.number)
    }

    /// The loss by its last day having passed, on `asked_on`.
    pub(super) fn expiry(&self, asked_on: Day) -> Option<Lost> {
        let to = self.to.filter(|to| *to < asked_on)?;
        Some(Lost { loss: Loss::Expired, on: to, number: to.number() + 1 })
    }

    fn known(&self, asked_on: Day) -> impl Iterator<Item = &Entry> {
        self.history.iter().filter(move |entry| entry.since <= asked_on)
    }
}

/// For each of the grants, all of which cover the award: whether another carries on after its last day. That one is
/// granted on the day after, and has lost nothing from then to `asked_on`; its own last day may be followed in turn.
///
/// The work grows with the square of the number of grants.
pub(super) fn carried_on(covering: &[&Grant], asked_on: Day) -> Vec<bool> {
    let mut carried = vec![false; covering.len()];
    let mut expired: Vec<_> = covering
        .iter()
        .enumerate()
        .filter_map(|(index, grant)| Some((index, grant.expiry(asked_on)?.number)))
        .collect();
    // Whoever carries on ends later, so that it is decided first.
    expired.sort_by_key(|(_, next_day)| std::cmp::Reverse(*next_day));
    for (index, next_day) in expired {
        carried[index] = covering.iter().zip(&carried).any(|(other, carried)| {
            other.standing_at(next_day, asked_on) == OnDay::Is(Standing::Granted)
                && other.first_decided_loss(next_day, asked_on).is_none()
                && (other.expiry(asked_on).is_none() || *carried)
        });
    }
    carried
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn grant(from: &str, to: Option<&str>, history: &[(&str, &str)]) -> Grant {
        let history = history.iter().map(|(what, since)| {
            let change = match *what {
                "granted" => Change::To(Standing::Granted),
                "teach-out" => Change::To(Standing::TeachOut),
                "suspended" => Change::To(Standing::Suspended),
                "withdrawn" => Change::To(Standing::Withdrawn),
                annulled => Change::Annulled { effective: day(annulled) },
            };
            Entry { change, since: day(since), recorded_at: None }
        });
        Grant {
            id: "urn:g:1".to_owned(),
            decision_number: None,
            from: day(from),
            to: to.map(day),
            scopes: vec![],
            history: history.collect(),
            accreditation: None,
        }
    }

    const LATE: &str = "2030-01-01";

    #[test]
    fn the_first_and_the_last_day_are_within() {
        let grant = grant("2019-08-01", Some("2020-07-31"), &[]);
        for (on, expected) in [
            ("2019-07-31", OnDay::Outside),
            ("2019-08-01", OnDay::Is(Standing::Granted)),
            ("2020-07-31", OnDay::Is(Standing::Granted)),
            ("2020-08-01", OnDay::Outside),
        ] {
            assert_eq!(grant.standing_on(day(on), day(LATE)), expected, "{on}");
        }
    }

    #[test]
    fn the_last_entry_on_or_before_the_day_holds() {
        let grant = grant(
            "2018-01-01",
            None,
            &[
                ("suspended", "2024-01-01"),
                ("granted", "2024-09-01"),
                ("teach-out", "2025-01-01"),
                ("withdrawn", "2025-01-01"),
            ],
        );
        for (on, expected) in [
            ("2023-12-31", Standing::Granted),
            ("2024-01-01", Standing::Suspended),
            ("2024-08-31", Standing::Suspended),
            ("2024-09-01", Standing::Granted),
            ("2024-12-31", Standing::Granted),
            ("2025-01-01", Standing::Withdrawn),
        ] {
            assert_eq!(grant.standing_on(day(on), day(LATE)), OnDay::Is(expected), "{on}");
        }
        let known_on = |asked: &str| grant.standing_on(day("2024-05-01"), day(asked));
        assert_eq!(known_on("2023-12-31"), OnDay::Is(Standing::Granted));
        assert_eq!(known_on("2024-01-01"), OnDay::Is(Standing::Suspended));
    }

    #[test]
    fn an_annulment_works_back_once_it_is_known_and_for_good() {
        let grant = grant("2018-01-01", None, &[("2023-01-01", "2025-06-01"), ("granted", "2026-01-01")]);
        for (on, asked, expected) in [
            ("2022-12-31", LATE, OnDay::Is(Standing::Granted)),
            ("2023-01-01", LATE, OnDay::Annulled),
            ("2026-05-01", LATE, OnDay::Annulled),
            ("2023-01-01", "2025-05-31", OnDay::Is(Standing::Granted)),
            ("2023-01-01", "2025-06-01", OnDay::Annulled),
            ("2017-12-31", LATE, OnDay::Outside),
        ] {
            assert_eq!(grant.standing_on(day(on), day(asked)), expected, "{on} {asked}");
        }
    }

    #[track_caller]
    fn first(grant: &Grant, after: &str, asked: &str, expected: Option<(Loss, &str)>) {
        let lost = grant.first_decided_loss(day(after).number(), day(asked));
        assert_eq!(lost.map(|lost| (lost.loss, lost.on)), expected.map(|(loss, on)| (loss, day(on))));
    }

    #[test]
    fn the_first_loss_lies_after_the_day_and_not_after_the_question() {
        let suspended = grant("2018-01-01", None, &[("suspended", "2024-01-01"), ("granted", "2024-09-01")]);
        first(&suspended, "2023-12-31", LATE, Some((Loss::Suspended, "2024-01-01")));
        first(&suspended, "2024-01-01", LATE, None);
        first(&suspended, "2023-06-30", "2023-12-31", None);
        first(&suspended, "2023-06-30", "2024-01-01", Some((Loss::Suspended, "2024-01-01")));
        let annulled = grant("2018-01-01", None, &[("2023-01-01", "2022-06-01")]);
        first(&annulled, "2022-01-01", "2022-12-31", None);
        first(&annulled, "2022-01-01", "2023-01-01", Some((Loss::Annulled, "2023-01-01")));
        first(&annulled, "2023-01-01", LATE, None);
    }

    #[test]
    fn the_earliest_loss_comes_first_whatever_the_order_of_the_decisions() {
        let both = grant("2018-01-01", None, &[("withdrawn", "2025-03-01"), ("2024-01-01", "2025-06-01")]);
        first(&both, "2023-06-30", LATE, Some((Loss::Annulled, "2024-01-01")));
        first(&both, "2023-06-30", "2025-05-31", Some((Loss::Withdrawn, "2025-03-01")));
        let ends = grant("2018-01-01", None, &[("teach-out", "2024-01-01"), ("teach-out", "2024-06-01")]);
        first(&ends, "2023-06-30", LATE, Some((Loss::TeachOut, "2024-01-01")));
        first(&ends, "2024-03-01", LATE, None);
        let again = grant(
            "2018-01-01",
            None,
            &[("teach-out", "2024-01-01"), ("granted", "2024-06-01"), ("teach-out", "2025-01-01")],
        );
        first(&again, "2024-03-01", LATE, Some((Loss::TeachOut, "2025-01-01")));
    }

    #[test]
    fn a_grant_has_expired_once_its_last_day_has_passed() {
        let grant = grant("2018-01-01", Some("2020-12-31"), &[]);
        assert_eq!(grant.expiry(day("2020-12-31")), None);
        let expired = grant.expiry(day("2021-01-01")).unwrap();
        assert_eq!((expired.on, expired.number), (day("2020-12-31"), day("2021-01-01").number()));
    }

    #[test]
    fn a_grant_carries_on_without_a_gap_granted_and_with_nothing_lost() {
        let ended = grant("2015-01-01", Some("2021-12-31"), &[]);
        let carried = |others: &[Grant], asked: &str| {
            let covering: Vec<_> = std::iter::once(&ended).chain(others).collect();
            carried_on(&covering, day(asked))[0]
        };
        let after = |from: &str, to: Option<&str>, history: &[(&str, &str)]| vec![grant(from, to, history)];
        assert!(!carried(&[], LATE));
        assert!(!carried(std::slice::from_ref(&ended), LATE));
        assert!(carried(&after("2022-01-01", None, &[]), LATE));
        assert!(carried(&after("2019-01-01", None, &[]), LATE), "they may overlap");
        assert!(!carried(&after("2022-01-02", None, &[]), LATE), "a gap of a day");
        assert!(!carried(&after("2022-01-01", None, &[("teach-out", "2022-01-01")]), LATE));
        assert!(!carried(&after("2022-01-01", None, &[("suspended", "2025-01-01")]), LATE));
        assert!(carried(&after("2022-01-01", None, &[("suspended", "2025-01-01")]), "2024-12-31"));
        assert!(!carried(&after("2022-01-01", None, &[("2021-12-01", "2025-01-01")]), LATE));
        let then = after("2022-01-01", Some("2023-12-31"), &[]);
        assert!(carried(&then, "2023-12-31"));
        assert!(!carried(&then, "2024-01-01"), "it has run out in turn");
        let mut chain = after("2024-01-01", None, &[]);
        chain.extend(then);
        assert!(carried(&chain, LATE), "a third follows the second");
    }
}
