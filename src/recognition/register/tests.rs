//! The register of agreements: states, days, and terms that stay.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn terms(more: Value) -> Map<String, Value> {
    let mut terms = json!({
        "agreementId": "VN-LA-1", "kind": "ministry", "effectiveFrom": "2026-10-01", "effectiveTo": "2031-09-30",
        "party": [{"id": "did:web:vn.example", "territory": "VN"}, {"id": "did:web:la.example", "territory": "LA"}],
    });
    terms.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    terms.as_object().cloned().unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn step(state: State, since: &str) -> Step {
    let recorded_at = "2026-11-22T08:00:00Z".parse().unwrap();
    let reason =
        matches!(state, State::Suspended | State::Terminated).then(|| "both sides agreed".to_owned());
    let by = (state == State::Superseded).then(|| "VN-LA-2".to_owned());
    Step { entry: Entry { state, since: day(since), recorded_at, reason }, by }
}

fn signed() -> Registered {
    Registered::draft(terms(json!({}))).unwrap().followed(step(State::Signed, "2026-08-15")).unwrap()
}

#[test]
fn it_enters_into_force_and_expires_on_the_day() {
    let one = signed();
    for (on, state) in [
        ("2026-08-14", State::Draft),
        ("2026-08-15", State::Signed),
        ("2026-09-30", State::Signed),
        ("2026-10-01", State::InForce),
        ("2031-09-30", State::InForce),
        ("2031-10-01", State::Expired),
    ] {
        assert_eq!(one.state_on(day(on)), state, "{on}");
        let applies = one.agreement().is_in_force(day(on), day(on));
        assert_eq!(applies, state == State::InForce, "what the rules read says the same: {on}");
    }
    let late = Registered::draft(terms(json!({}))).unwrap();
    let late = late.followed(step(State::Signed, "2026-11-01")).unwrap();
    assert_eq!(late.state_on(day("2026-10-15")), State::Draft);
    assert_eq!(late.state_on(day("2026-11-01")), State::InForce);
}

#[test]
fn its_timeline_tells_what_followed_from_the_days() {
    let one = signed().followed(step(State::Suspended, "2027-01-01")).unwrap();
    let states = |on: &str| one.timeline(day(on)).into_iter().map(|(state, ..)| state).collect::<Vec<_>>();
    assert_eq!(states("2026-09-30"), [State::Signed]);
    assert_eq!(states("2027-01-01"), [State::Signed, State::InForce, State::Suspended]);
    let last = one.timeline(day("2040-01-01")).last().copied().unwrap();
    assert_eq!(last, (State::Expired, day("2031-10-01"), None));
    assert_eq!(one.timeline(day("2027-01-01"))[2].2, Some("both sides agreed"));
}

#[test]
fn by_the_award_date_it_counts_for_earlier_awards_after_its_end() {
    let one = Registered::draft(terms(json!({"temporalBasis": "award-date"}))).unwrap();
    let one = one.followed(step(State::Signed, "2026-08-15")).unwrap();
    let after = day("2032-01-01");
    assert_eq!(one.state_on(after), State::Expired);
    assert!(one.agreement().is_in_force(after, day("2030-06-30")));
    assert!(!one.agreement().is_in_force(after, after));
    let over = one.followed(step(State::Expired, "2031-12-01")).unwrap();
    assert!(!over.agreement().is_in_force(after, day("2030-06-30")));
}

#[test]
fn a_history_only_goes_on() {
    let one = signed();
    let suspended = one.followed(step(State::Suspended, "2027-01-01")).unwrap();
    assert_eq!(suspended.state_on(day("2026-12-31")), State::InForce);
    assert_eq!(suspended.state_on(day("2027-01-01")), State::Suspended);
    let again = suspended.followed(step(State::InForce, "2027-06-01")).unwrap();
    assert_eq!(again.state_on(day("2027-05-31")), State::Suspended);
    let over = again.followed(step(State::Superseded, "2028-01-01")).unwrap();
    assert_eq!(
        (over.state_on(day("2028-01-01")), over.superseded_by()),
        (State::Superseded, Some("VN-LA-2"))
    );
    assert!(over.followed(step(State::InForce, "2029-01-01")).is_err());
    assert_eq!(Registered::read(&over.to_value()).unwrap(), over);

    let wrong =
        |from: &Registered, state, since: &str| from.followed(step(state, since)).unwrap_err().pointer;
    assert_eq!(wrong(&again, State::Terminated, "2027-05-31"), "/since");
    assert_eq!(wrong(&one, State::Suspended, "2026-09-01"), "/state", "it is not in force yet");
    assert_eq!(wrong(&one, State::Suspended, "2031-10-01"), "/state", "it has expired");
    assert_eq!(wrong(&one, State::Expired, "2030-01-01"), "/since");
    assert_eq!(wrong(&one, State::Draft, "2027-01-01"), "/state");
    let draft = Registered::draft(terms(json!({}))).unwrap();
    assert_eq!(wrong(&draft, State::InForce, "2026-10-01"), "/state");
    assert_eq!(wrong(&draft, State::Signed, "2026-11-23"), "/since");
    let mut silent = step(State::Terminated, "2027-01-01");
    silent.entry.reason = None;
    assert_eq!(one.followed(silent).unwrap_err().pointer, "/reason");
    let mut alone = step(State::Superseded, "2027-01-01");
    alone.by = None;
    assert_eq!(one.followed(alone.clone()).unwrap_err().pointer, "/supersededBy");
    alone.by = Some("VN-LA-1".to_owned());
    assert_eq!(one.followed(alone).unwrap_err().pointer, "/supersededBy");
}

#[test]
fn terms_are_read_strictly_and_stay_once_signed() {
    let faults = |more: Value| -> Vec<String> {
        let problems = Registered::draft(terms(more)).unwrap_err();
        problems.into_iter().map(|problem| problem.pointer).collect()
    };
    assert_eq!(faults(json!({"state": "in-force"})), ["/state"]);
    assert_eq!(faults(json!({"agreementId": "../x"})), ["/agreementId"]);
    assert_eq!(faults(json!({"agreementId": null})), ["/agreementId"]);
    assert_eq!(faults(json!({"other": null})), ["/other"]);
    assert_eq!(faults(json!({"agreementId": "report"})), ["/agreementId"]);
    assert_eq!(faults(json!({"party": []})), ["/party"]);
    assert_eq!(faults(json!({"effectiveTo": "2026-09-30"})), ["/effectiveTo"]);
    let party = json!([{"id": "did:web:vn.example", "territory": "VN"}, {"id": "did:web:x.example", "territory": "XX"}]);
    assert_eq!(faults(json!({ "party": party })), ["/party/1/territory"]);
    let scope = json!([{"origin": "VN", "receiving": "TH", "automatic": true}]);
    assert_eq!(faults(json!({ "scope": scope })), ["/scope/0/receiving", "/scope/0/target"]);
    let scope = json!([{"origin": "VN", "receiving": "LA"}]);
    assert_eq!(faults(json!({"kind": "training-contract", "scope": scope})), ["/scope"]);
    let draft = Registered::draft(terms(json!({}))).unwrap();
    assert!(draft.rewritten(terms(json!({"name": "Another"}))).is_ok());
    assert!(signed().rewritten(terms(json!({"name": "Another"}))).is_err());
}

#[test]
fn the_form_for_the_rules_is_one_they_read() {
    let one = signed().followed(step(State::Suspended, "2027-01-01")).unwrap();
    let store = json!({ "agreements": [one.in_store_form()] }).to_string();
    let store = crate::recognition::Store::parse(store.as_bytes()).unwrap();
    assert_eq!(&store.agreements()[0], one.agreement());
}

proptest! {
    #[test]
    fn whatever_is_asked_every_state_may_follow_the_one_before(
        steps in prop::collection::vec((0..7usize, 0..4000i64), 0..12),
    ) {
        let mut one = Registered::draft(terms(json!({}))).unwrap();
        for (state, after) in steps {
            let on = jiff::civil::date(2026, 8, 1).checked_add(jiff::Span::new().days(after)).unwrap();
            if let Ok(next) = one.followed(step(State::ALL[state], &on.to_string())) {
                one = next;
            }
        }
        let stored = one.to_value();
        prop_assert_eq!(&Registered::read(&stored).unwrap(), &one);
        let unfolded = unfolded(one.history(), one.agreement().from);
        prop_assert!(unfolded.windows(2).all(|pair| pair[0].0.may_become(pair[1].0) && pair[0].1 <= pair[1].1));
    }
}
