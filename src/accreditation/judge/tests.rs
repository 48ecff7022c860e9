//! Each reason by an award that meets it, each edge by the day before and the day after; then what holds of any grants.

use std::slice::from_ref;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::accreditation::{Change, Entry, Level, Scope};
use crate::credential::problem::At;

const LATE: &str = "2026-11-22";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A grant for level 5 since 2018, with these members over it.
fn grant(members: Value) -> Grant {
    let mut grant = json!({
        "id": "urn:g:1",
        "effectiveFrom": "2018-01-01",
        "scope": [{"framework": "VQF", "levelMin": 5, "levelMax": 5}],
    });
    grant.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    Grant::parse(grant.as_object().unwrap(), &At::ROOT).unwrap()
}

fn history(entries: &[(&str, &str)]) -> Grant {
    let entries: Vec<_> =
        entries.iter().map(|(standing, since)| json!({"standing": standing, "since": since})).collect();
    grant(json!({"history": entries}))
}

fn annulled(effective: &str, since: &str) -> Grant {
    grant(json!({"history": [{"standing": "annulled", "since": since, "effective": effective}]}))
}

fn award(on: &str, registered: Option<&str>) -> Award<'static> {
    Award {
        levels: vec![Level { framework: "VQF", number: Some(5) }],
        registered_on: registered.map(day),
        ..Award::on(day(on))
    }
}

fn ask(grants: &[Grant], award: &Award<'_>, asked: &str) -> Finding {
    judge(grants, award, day(asked), &Policy::default())
}

#[track_caller]
fn is(finding: Finding, answer: Answer, codes: &[&str]) {
    let found: Vec<_> = finding.reasons.iter().map(Reason::code).collect();
    assert_eq!((finding.answer, found.as_slice()), (answer, codes));
}

use Answer::{CannotTell, No, Yes};
const ACCREDITED: &str = "accredited.on.award.date";

#[test]
fn dates_that_contradict_one_another_come_first() {
    let good = grant(json!({}));
    let early = award("2026-06-30", Some("2026-06-29"));
    is(ask(from_ref(&good), &early, LATE), CannotTell, &["facts.contradictory"]);
    is(ask(&[], &early, LATE), CannotTell, &["facts.contradictory"]);
    is(ask(from_ref(&good), &award(LATE, None), "2026-11-21"), CannotTell, &["facts.contradictory"]);
    is(ask(&[good], &award(LATE, Some(LATE)), LATE), Yes, &[ACCREDITED]);
}

#[test]
fn the_scope_decides_which_grants_are_asked() {
    let good = grant(json!({}));
    let other = Award { levels: vec![Level { framework: "VQF", number: Some(6) }], ..award(LATE, None) };
    let unknown = Award { levels: vec![], ..award(LATE, None) };
    is(ask(&[], &award(LATE, None), LATE), No, &["accreditation.none.for.scope"]);
    is(ask(from_ref(&good), &other, LATE), No, &["accreditation.none.for.scope"]);
    is(ask(from_ref(&good), &unknown, LATE), CannotTell, &["accreditation.scope.unknown"]);
    let narrow_and_wide =
        grant(json!({"scope": [{"framework": "VQF", "levelMin": 5, "levelMax": 5}, {"framework": "VQF"}]}));
    is(ask(&[narrow_and_wide], &other, LATE), Yes, &[ACCREDITED]);
    assert_eq!(ask(&[good], &other, LATE).grant, None);
}

#[test]
fn the_days_of_the_grant_are_inclusive() {
    let grants = [grant(json!({"effectiveFrom": "2019-08-01", "effectiveTo": "2029-07-31"}))];
    let outside = "accreditation.not.in.force.on.award.date";
    for (on, answer, code) in [
        ("2019-07-31", No, outside),
        ("2019-08-01", Yes, ACCREDITED),
        ("2029-07-31", Yes, ACCREDITED),
        ("2029-08-01", No, outside),
    ] {
        let asked = if on == "2029-08-01" { on } else { "2029-07-31" };
        is(ask(&grants, &award(on, None), asked), answer, &[code]);
    }
}

#[test]
fn the_standing_on_the_award_date() {
    for (standing, code) in [
        ("suspended", "accreditation.suspended.on.award.date"),
        ("withdrawn", "accreditation.withdrawn.on.award.date"),
    ] {
        let grants = [history(&[(standing, "2025-03-01")])];
        is(ask(&grants, &award("2025-03-01", Some("2025-03-01")), LATE), No, &[code]);
        let before = ask(&grants, &award("2025-02-28", Some("2025-02-28")), LATE);
        assert_eq!((before.answer, before.reasons[0]), (Yes, Reason::AccreditedOnAwardDate));
    }
    let grants = [annulled("2023-01-01", "2025-06-01")];
    is(ask(&grants, &award("2023-01-01", None), LATE), No, &["accreditation.annulled"]);
    is(ask(&grants, &award("2023-01-01", None), "2025-05-31"), Yes, &[ACCREDITED]);
    let lifted = [history(&[("suspended", "2024-01-01"), ("granted", "2024-09-01")])];
    is(ask(&lifted, &award("2024-09-01", None), LATE), Yes, &[ACCREDITED]);
}

#[test]
fn in_teach_out_the_day_of_enrolment_decides() {
    let grants = [history(&[("teach-out", "2024-01-01"), ("withdrawn", "2026-01-01")])];
    let enrolled =
        |before: Option<bool>| Award { enrolled_before: before, ..award("2024-01-01", Some("2026-01-02")) };
    is(ask(&grants, &enrolled(Some(true)), "2025-12-31"), Yes, &["accredited.teach-out"]);
    is(ask(&grants, &enrolled(Some(false)), LATE), No, &["teach-out.new.enrolment"]);
    is(ask(&grants, &enrolled(None), LATE), CannotTell, &["teach-out.enrolment.unknown"]);
    // A loss after an award in teach-out asks for the same proof.
    is(
        ask(&grants, &enrolled(Some(true)), LATE),
        CannotTell,
        &["accredited.teach-out", "accreditation.withdrawn.later", "award.registered.in.grace"],
    );
}

#[test]
fn each_loss_is_named_and_asks_for_proof() {
    let losses = [
        (history(&[("suspended", "2025-03-01")]), "accreditation.suspended.later"),
        (history(&[("withdrawn", "2025-03-01")]), "accreditation.withdrawn.later"),
        (annulled("2025-03-01", "2026-01-01"), "accreditation.annulled.later"),
        (grant(json!({"effectiveTo": "2025-02-28"})), "accreditation.expired.later"),
    ];
    for (grant, later) in losses {
        let grants = [grant];
        let on = "2025-02-28";
        let ask = |registered: Option<&str>, transcribed: bool| {
            ask(&grants, &Award { transcribed, ..award(on, registered) }, LATE)
        };
        for registered in ["2025-02-28", "2025-03-01"] {
            is(ask(Some(registered), false), Yes, &[ACCREDITED, later]);
            is(ask(Some(registered), true), Yes, &[ACCREDITED, later]);
        }
        is(ask(None, false), CannotTell, &[ACCREDITED, later, "award.unanchored"]);
        is(ask(None, true), CannotTell, &[ACCREDITED, later, "award.transcribed.register"]);
        for in_grace in ["2025-03-02", "2025-05-30"] {
            is(ask(Some(in_grace), false), CannotTell, &[ACCREDITED, later, "award.registered.in.grace"]);
            is(ask(Some(in_grace), true), CannotTell, &[ACCREDITED, later, "award.transcribed.register"]);
        }
        is(ask(Some("2025-05-31"), false), No, &[ACCREDITED, later, "award.registered.out.of.standing"]);
        is(ask(Some("2025-05-31"), true), CannotTell, &[ACCREDITED, later, "award.transcribed.register"]);
        let after_the_question = ask(Some("2026-11-23"), false);
        is(after_the_question, CannotTell, &[ACCREDITED, later, "award.unanchored"]);
    }
}

#[test]
fn a_registration_while_the_grant_stood_again_is_proof() {
    let lifted = [history(&[("suspended", "2024-01-01"), ("granted", "2024-09-01")])];
    let later = "accreditation.suspended.later";
    for (registered, answer, reason) in [
        ("2024-08-31", No, Some("award.registered.out.of.standing")),
        ("2024-09-01", Yes, None),
        ("2026-01-01", Yes, None),
    ] {
        let codes: Vec<_> = [ACCREDITED, later].into_iter().chain(reason).collect();
        is(ask(&lifted, &award("2023-06-30", Some(registered)), LATE), answer, &codes);
    }
    let ends = [history(&[("teach-out", "2024-01-01"), ("withdrawn", "2025-01-01")])];
    let later = "accreditation.teach-out.later";
    is(ask(&ends, &award("2023-06-30", Some("2024-12-31")), LATE), Yes, &[ACCREDITED, later]);
    is(
        ask(&ends, &award("2023-06-30", Some("2025-01-01")), LATE),
        No,
        &[ACCREDITED, later, "award.registered.out.of.standing"],
    );
    is(ask(&ends, &award("2023-06-30", None), LATE), CannotTell, &[ACCREDITED, later, "award.unanchored"]);
}

#[test]
fn the_grace_is_policy() {
    let grants = [history(&[("withdrawn", "2025-03-01")])];
    let on_day = |registered: &str, grace_days: u32| {
        judge(&grants, &award("2025-02-20", Some(registered)), day(LATE), &Policy { grace_days }).answer
    };
    assert_eq!(Policy::default().grace_days, 90);
    assert_eq!((on_day("2025-03-02", 0), on_day("2025-03-01", 0)), (No, Yes));
    assert_eq!((on_day("2025-03-11", 10), on_day("2025-03-12", 10)), (CannotTell, No));
}

#[test]
fn a_loss_counts_from_the_day_it_is_known() {
    let grants = [history(&[("withdrawn", "2025-03-01")])];
    let unproved = award("2024-06-30", None);
    is(ask(&grants, &unproved, "2025-02-28"), Yes, &[ACCREDITED]);
    assert_eq!(ask(&grants, &unproved, "2025-03-01").answer, CannotTell);
    let proved = award("2024-06-30", Some("2025-03-01"));
    assert_eq!(ask(&grants, &proved, "2025-03-01").answer, Yes, "registered on the day of the question");
    let ends = [grant(json!({"effectiveTo": "2025-02-28"}))];
    is(ask(&ends, &unproved, "2025-02-28"), Yes, &[ACCREDITED]);
    assert_eq!(ask(&ends, &unproved, "2025-03-01").answer, CannotTell);
    let reason = ask(&ends, &unproved, "2025-03-01").reasons[1];
    assert_eq!(reason, Reason::LostLater { loss: Loss::Expired, on: day("2025-02-28") });
}

#[test]
fn a_renewal_that_covers_the_award_takes_the_place_of_an_expired_grant() {
    let old = grant(json!({"effectiveFrom": "2015-01-01", "effectiveTo": "2021-12-31"}));
    let new = grant(json!({"effectiveFrom": "2022-01-01"}));
    let gap = grant(json!({"effectiveFrom": "2022-01-02"}));
    let other = grant(
        json!({"effectiveFrom": "2022-01-01", "scope": [{"framework": "VQF", "levelMin": 4, "levelMax": 4}]}),
    );
    let unknown = grant(json!({"effectiveFrom": "2022-01-01", "scope": [{"types": ["diploma"]}]}));
    let unproved = award("2021-06-30", None);
    let expired = [ACCREDITED, "accreditation.expired.later", "award.unanchored"];
    is(ask(&[old.clone(), new.clone()], &unproved, LATE), Yes, &[ACCREDITED]);
    is(ask(&[new, old.clone()], &unproved, LATE), Yes, &[ACCREDITED]);
    is(ask(&[old.clone(), gap], &unproved, LATE), CannotTell, &expired);
    is(ask(&[old.clone(), other], &unproved, LATE), CannotTell, &expired);
    is(ask(&[old, unknown], &unproved, LATE), CannotTell, &expired);
}

#[test]
fn the_first_loss_is_the_one_named_also_before_the_last_day() {
    let members = |since: &str| {
        let history = json!([{"standing": "withdrawn", "since": since}]);
        [grant(json!({"effectiveTo": "2025-02-28", "history": history}))]
    };
    let later = |since: &str| ask(&members(since), &award("2024-06-30", None), LATE).reasons[1].code();
    assert_eq!(later("2025-02-28"), "accreditation.withdrawn.later");
    assert_eq!(
        later("2025-03-01"),
        "accreditation.withdrawn.later",
        "the decision, where both come on one day"
    );
    assert_eq!(later("2025-03-02"), "accreditation.expired.later");
}

#[test]
fn the_best_answer_is_kept_and_the_first_of_equals() {
    let (good, void) = (grant(json!({})), annulled("2020-01-01", "2025-06-01"));
    let withdrawn = history(&[("withdrawn", "2020-01-01")]);
    let unknown = grant(json!({"scope": [{"types": ["diploma"]}]}));
    let some = award("2026-06-30", Some("2026-07-03"));
    let asked = |grants: &[&Grant]| {
        let grants: Vec<Grant> = grants.iter().copied().cloned().collect();
        let finding = ask(&grants, &some, LATE);
        (finding.reasons[0].code(), finding.grant.unwrap())
    };
    assert_eq!(asked(&[&void, &good]), (ACCREDITED, 1));
    assert_eq!(asked(&[&void, &unknown, &good]), (ACCREDITED, 2));
    assert_eq!(asked(&[&void, &unknown]), ("accreditation.scope.unknown", 1));
    assert_eq!(asked(&[&void, &withdrawn]), ("accreditation.annulled", 0));
    assert_eq!(asked(&[&withdrawn, &void]), ("accreditation.withdrawn.on.award.date", 0));
    let ends = history(&[("teach-out", "2020-01-01")]);
    assert_eq!(asked(&[&unknown, &ends]), ("accreditation.scope.unknown", 0));
    assert_eq!(asked(&[&ends, &unknown]), ("teach-out.enrolment.unknown", 0));
}

/// A day among so few that edges meet.
fn any_day() -> impl Strategy<Value = Day> {
    (20..44_u32).prop_map(|number| {
        let (month, number) = if number > 31 { (2, number - 31) } else { (1, number) };
        day(&format!("2020-{month:02}-{number:02}"))
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::To(Standing::Granted)),
        Just(Change::To(Standing::TeachOut)),
        Just(Change::To(Standing::Suspended)),
        Just(Change::To(Standing::Withdrawn)),
        any_day().prop_map(|effective| Change::Annulled { effective }),
    ]
}

fn any_grant() -> impl Strategy<Value = Grant> {
    let scope = prop_oneof![
        Just(Scope { framework: Some("VQF".into()), ..Scope::default() }),
        Just(Scope { framework: Some("VQF".into()), level_min: Some(6), ..Scope::default() }),
        Just(Scope { types: vec!["diploma".into()], ..Scope::default() }),
    ];
    let entries = proptest::collection::vec((any_change(), any_day()), 0..4);
    (any_day(), proptest::option::of(any_day()), scope, entries).prop_map(|(from, to, scope, mut entries)| {
        entries.sort_by_key(|(_, since)| *since);
        let history = entries.into_iter().map(|(change, since)| Entry { change, since, recorded_at: None });
        Grant {
            id: "urn:g:1".into(),
            decision_number: None,
            from,
            to: to.filter(|to| *to >= from),
            scopes: vec![scope],
            history: history.collect(),
            accreditation: None,
        }
    })
}

fn any_award() -> impl Strategy<Value = Award<'static>> {
    let enrolled = proptest::option::of(any::<bool>());
    (any_day(), proptest::option::of(any_day()), any::<bool>(), enrolled).prop_map(
        |(awarded_on, registered_on, transcribed, enrolled_before)| Award {
            levels: vec![Level { framework: "VQF", number: Some(5) }],
            registered_on,
            transcribed,
            enrolled_before,
            ..Award::on(awarded_on)
        },
    )
}

fn some_grants() -> impl Strategy<Value = Vec<Grant>> {
    proptest::collection::vec(any_grant(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn another_grant_never_worsens_the_answer(
        mut grants in some_grants(), more in any_grant(), at in any::<prop::sample::Index>(),
        award in any_award(), asked_on in any_day(), grace_days in 0..8_u32,
    ) {
        let policy = Policy { grace_days };
        let before = judge(&grants, &award, asked_on, &policy);
        grants.insert(at.index(grants.len() + 1), more);
        let after = judge(&grants, &award, asked_on, &policy);
        prop_assert!(after.answer <= before.answer, "{before:?} {after:?}");
    }

    #[test]
    fn what_is_decided_later_is_not_known_yet(
        grants in some_grants(), award in any_award(), asked_on in any_day(), grace_days in 0..8_u32,
    ) {
        let policy = Policy { grace_days };
        let mut known = grants.clone();
        for grant in &mut known {
            grant.history.retain(|entry| entry.since <= asked_on);
        }
        prop_assert_eq!(judge(&known, &award, asked_on, &policy), judge(&grants, &award, asked_on, &policy));

        // On a day before every entry, what counts is the grants without any history.
        let asked_on = day("2020-01-19");
        let award = Award { awarded_on: day("2020-01-10"), registered_on: None, ..award };
        let (mut early, mut bare) = (grants.clone(), grants);
        for grant in early.iter_mut().chain(&mut bare) {
            grant.from = day("2020-01-01");
        }
        bare.iter_mut().for_each(|grant| grant.history.clear());
        prop_assert_eq!(judge(&bare, &award, asked_on, &policy), judge(&early, &award, asked_on, &policy));
    }

    #[test]
    fn a_yes_in_spite_of_a_loss_rests_on_a_registration(
        grants in some_grants(), award in any_award(), asked_on in any_day(), grace_days in 0..8_u32,
    ) {
        let finding = judge(&grants, &award, asked_on, &Policy { grace_days });
        let lost = finding.reasons.iter().any(|reason| matches!(reason, Reason::LostLater { .. }));
        if finding.answer == Yes && lost {
            prop_assert!(award.registered_on.is_some_and(|day| day <= asked_on));
        }
        prop_assert!(!finding.reasons.is_empty());
    }

    #[test]
    fn a_proof_of_the_award_date_is_worth_as_much_as_any(
        grants in some_grants(), award in any_award(), asked_on in any_day(), grace_days in 0..8_u32,
    ) {
        let policy = Policy { grace_days };
        let proved = Award { registered_on: Some(award.awarded_on), ..award.clone() };
        let with = judge(&grants, &proved, asked_on, &policy).answer;
        let without = judge(&grants, &award, asked_on, &policy).answer;
        prop_assert!(with <= without || award.is_contradictory(asked_on));
    }
}
