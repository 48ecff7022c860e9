//! recognition-rules/1: the worked cases, and what holds of any inputs.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use testamur::recognition::{self, Case, Decision, InputError, RuleSet, State, Store};

use crate::shared;

fn files() -> Option<(Value, Value)> {
    Some((shared::json("recognition/cases.json")?, shared::json("recognition/store.json")?))
}

/// The store of the worked cases, as written and as read.
static STORE: LazyLock<Option<(Value, Store)>> = LazyLock::new(|| {
    let (_, value) = files()?;
    let store = store_of(&value).unwrap();
    Some((value, store))
});

fn store_of(value: &Value) -> Result<Store, InputError> {
    Store::parse(value.to_string().as_bytes())
}

fn cases_of(value: &Value, store: &Store) -> Result<Vec<Case>, InputError> {
    recognition::cases(value.to_string().as_bytes(), store)
}

fn decide(case: &Case, store: &Store) -> Decision {
    recognition::decide(&case.facts, &case.request, store, &RuleSet::default())
}

/// Each case with all its facts, as one file each.
fn alone(cases: &Value) -> Vec<Value> {
    let over = |base: &Value, own: &Value| {
        let mut out = base.as_object().cloned().unwrap();
        out.extend(own.as_object().cloned().unwrap());
        out.retain(|_, value| !value.is_null());
        out
    };
    let each = cases["cases"].as_array().unwrap().iter();
    each.map(|case| {
        json!({
            "id": case["id"],
            "credential": over(&cases["baseCredential"], &case["credential"]),
            "request": over(&cases["baseRequest"], &case["request"]),
        })
    })
    .collect()
}

#[test]
fn every_worked_case() {
    let Some((cases, store)) = files() else { return };
    let store = store_of(&store).unwrap();
    let read = cases_of(&cases, &store).unwrap();
    let expected = cases["cases"].as_array().unwrap();
    assert!(read.len() == expected.len() && read.len() >= 58);
    for (case, expected) in read.iter().zip(expected) {
        let decided = Value::Object(decide(case, &store).to_members());
        assert_eq!(decided, expected["expect"], "{}: {}", expected["id"], expected["title"]);
    }
    for (one, whole) in alone(&cases).iter().zip(&read) {
        let one = &cases_of(one, &store).unwrap()[0];
        assert_eq!(decide(one, &store), decide(whole, &store), "alone as among the others");
    }
}

/// The base case with these members over its facts and its request.
#[track_caller]
fn is(credential: Value, request: Value, expected: Value) {
    let Some((mut cases, store)) = files() else { return };
    cases["cases"] = json!([{"id": "one", "credential": credential, "request": request}]);
    with_store(&cases, &store, expected);
}

#[track_caller]
fn with_store(cases: &Value, store: &Value, expected: Value) {
    let store = store_of(store).unwrap();
    let case = &cases_of(cases, &store).unwrap()[0];
    assert_eq!(Value::Object(decide(case, &store).to_members()), expected);
}

const ACCREDITED: &str = "accredited.on.award.date";

fn target(framework: &str, level: u32, more: Value) -> Value {
    let mut target = json!({"framework": framework, "level": level});
    target.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    target
}

#[test]
fn what_is_missing_is_asked_for() {
    let open = |codes: Value| json!({"verdict": "CASE_BY_CASE", "reasons": codes});
    let ask = |codes: Value| json!({"verdict": "CASE_BY_CASE", "reasons": codes, "alternatives": ["request.information"]});
    is(json!({"verification": null}), json!({}), open(json!(["proof.indeterminate"])));
    is(json!({"status": null}), json!({}), ask(json!(["status.unknown"])));
    is(json!({"issuer": null}), json!({}), ask(json!(["issuer.not.listed"])));
    is(json!({"awardDate": null}), json!({}), ask(json!(["award.date.unknown"])));
    is(json!({"type": null, "validUntil": "2026-11-21"}), json!({}), ask(json!(["type.unknown"])));
    is(json!({}), json!({"purpose": null}), open(json!([ACCREDITED, "request.purpose.missing"])));
    is(
        json!({}),
        json!({"country": "TH", "target": {"framework": "THQF"}}),
        open(json!([ACCREDITED, "request.target.missing"])),
    );
    let withdrawn = json!({"issuer": "vn-withdrawn", "type": null, "awardDate": "2024-06-30", "registeredOn": "2024-07-01"});
    is(
        withdrawn,
        json!({"country": "TH", "target": target("THQF", 5, json!({}))}),
        ask(json!([ACCREDITED, "accreditation.withdrawn.later", "type.unknown"])),
    );
    is(
        json!({"mode": null}),
        json!({}),
        json!({
            "verdict": "CASE_BY_CASE",
            "reasons": [ACCREDITED, "condition.unknown:mode", "level.indicative.only", "level.confirm.by.officer"],
        }),
    );
    is(
        json!({"outcomes": []}),
        json!({"country": "TH", "target": target("THQF", 5, json!({"outcomes": ["o1"]}))}),
        ask(json!([ACCREDITED, "outcomes.unknown"])),
    );
    is(
        json!({"isced": "0715"}),
        json!({"country": "TH", "target": target("THQF", 5, json!({"isced": "07"}))}),
        ask(json!([ACCREDITED, "profile.unknown"])),
    );
}

#[test]
fn dates_at_their_edges() {
    let automatic = json!({"verdict": "RECOGNISED_AUTOMATIC", "reasons": [ACCREDITED, "auto.agreement:A1"], "level": "LNQF:5"});
    let indicative = json!({"verdict": "CASE_BY_CASE", "reasons": [ACCREDITED, "level.indicative.only", "level.confirm.by.officer"]});
    is(json!({}), json!({"date": "2026-10-01"}), automatic.clone());
    is(json!({}), json!({"date": "2026-09-30"}), indicative);
    is(json!({"awardDate": "2026-06-30T23:30:00-11:00"}), json!({}), automatic);
    let cqf = json!({"country": "KH", "target": target("CQF", 5, json!({}))});
    let by_award = json!({"verdict": "RECOGNISED_AUTOMATIC", "reasons": [ACCREDITED, "auto.agreement:A3"], "level": "CQF:5"});
    is(json!({"awardDate": "2026-01-01"}), cqf.clone(), by_award);
    is(
        json!({"awardDate": "2026-01-02"}),
        cqf,
        json!({
            "verdict": "CASE_BY_CASE", "reasons": [ACCREDITED, "level.no.agreed.map"], "alternatives": ["request.information"],
        }),
    );
    let skill = |until: &str| json!({"type": "skill-certificate", "issuer": "vn-skill", "validUntil": until});
    let expired =
        json!({"verdict": "NOT_RECOGNISED", "reasons": ["certificate.expired"], "alternatives": ["renewal"]});
    is(skill("2026-11-21"), json!({"country": "TH"}), expired);
    is(
        skill("2026-11-22"),
        json!({"country": "TH", "target": target("THQF", 5, json!({}))}),
        json!({
            "verdict": "RECOGNISED_FULL", "reasons": [ACCREDITED, "no.substantial.difference"], "level": "THQF:5",
        }),
    );
}

#[test]
fn differences_at_their_edges() {
    let full = |target: Value, credential: Value, verdict: &str, codes: Value, more: Value| {
        let mut expected = json!({"verdict": verdict, "reasons": codes});
        expected.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        is(credential, json!({"country": "TH", "target": target}), expected);
    };
    let hours =
        |hours: u32| (target("THQF", 5, json!({"notionalHours": 2700})), json!({"notionalHours": hours}));
    let at = json!({"level": "THQF:5"});
    let refused = json!({"alternatives": ["partial.recognition", "compensation.measures"]});
    for (hours, verdict, code, more) in [
        (hours(1349), "NOT_RECOGNISED", "workload.substantial.difference", &refused),
        (hours(1350), "RECOGNISED_CONDITIONAL", "workload.shortfall", &at),
        (hours(2024), "RECOGNISED_CONDITIONAL", "workload.shortfall", &at),
        (hours(2025), "RECOGNISED_FULL", "no.substantial.difference", &at),
    ] {
        full(hours.0, hours.1, verdict, json!([ACCREDITED, code]), more.clone());
    }
    let soft = "profile.different.field";
    full(
        target("THQF", 5, json!({"isced": "0721"})),
        json!({}),
        "RECOGNISED_CONDITIONAL",
        json!([ACCREDITED, soft]),
        at,
    );
    // The harder reason stands first; what was only asked for is left out of a refusal.
    full(
        target("THQF", 5, json!({"notionalHours": 3500, "isced": "0811", "outcomes": ["o1"]})),
        json!({"outcomes": null, "notionalHours": 2500}),
        "NOT_RECOGNISED",
        json!([ACCREDITED, "profile.different.field", "workload.shortfall"]),
        refused,
    );
    full(
        target("THQF", 5, json!({"notionalHours": 3500, "outcomes": ["o1"]})),
        json!({"outcomes": null, "notionalHours": 2500}),
        "CASE_BY_CASE",
        json!([ACCREDITED, "outcomes.unknown", "workload.shortfall"]),
        json!({"alternatives": ["request.information"]}),
    );
    // Ways of employment that nobody regulates do not ask for the field.
    is(
        json!({}),
        json!({"country": "TH", "purpose": "employment-unregulated", "target": target("THQF", 5, json!({"isced": "0811"}))}),
        json!({
            "verdict": "RECOGNISED_FULL", "reasons": [ACCREDITED, "no.substantial.difference"], "level": "THQF:5",
        }),
    );
}

#[test]
fn levels_above_and_below() {
    let ph = json!({"country": "PH", "issuer": "ph-centre", "framework": "PQF-PH", "level": 3});
    is(
        ph.clone(),
        json!({"country": "TH", "target": target("THQF", 5, json!({}))}),
        json!({
            "verdict": "CASE_BY_CASE", "reasons": [ACCREDITED, "level.no.agreed.map"], "alternatives": ["request.information"],
        }),
    );
    is(
        ph,
        json!({"country": "MY", "target": target("MQF", 5, json!({}))}),
        json!({
            "verdict": "NOT_RECOGNISED", "reasons": [ACCREDITED, "level.substantially.lower"], "alternatives": ["recognition.at.level:MQF:3"],
        }),
    );
    let id = |level: u32| json!({"country": "ID", "issuer": "sg-poly", "framework": "KKNI", "level": level});
    is(
        id(6),
        json!({"country": "TH", "target": target("THQF", 6, json!({}))}),
        json!({
            "verdict": "RECOGNISED_CONDITIONAL", "reasons": [ACCREDITED, "level.ambiguous"], "level": "THQF:6",
        }),
    );
    is(
        id(6),
        json!({"country": "TH", "target": target("THQF", 5, json!({}))}),
        json!({
            "verdict": "RECOGNISED_FULL", "reasons": [ACCREDITED, "no.substantial.difference"], "level": "THQF:5",
        }),
    );
    is(
        json!({}),
        json!({"country": "NZ", "target": target("NZQCF", 5, json!({}))}),
        json!({
            "verdict": "RECOGNISED_FULL", "reasons": [ACCREDITED, "no.substantial.difference"], "level": "NZQCF:5",
        }),
    );
    is(
        json!({"level": 4}),
        json!({"target": target("LNQF", 5, json!({}))}),
        json!({
            "verdict": "RECOGNISED_PARTIAL", "reasons": [ACCREDITED, "level.indicative.only", "level.lower"], "level": "LNQF:4",
            "alternatives": ["recognition.at.lower.level"],
        }),
    );
    let micro = json!({"type": "micro-credential", "notionalHours": null});
    is(
        micro,
        json!({"country": "TH"}),
        json!({
            "verdict": "RECOGNISED_PARTIAL", "reasons": [ACCREDITED, "level.indicative.only", "partial.qualification.credit.transfer"],
            "alternatives": ["request.information"],
        }),
    );
}

#[test]
fn agreements_in_their_order() {
    let ph = json!({"country": "PH", "target": target("PQF-PH", 5, json!({}))});
    is(
        json!({}),
        ph,
        json!({"verdict": "RECOGNISED_AUTOMATIC", "reasons": [ACCREDITED, "auto.agreement:A7"], "level": "PQF-PH:5"}),
    );
    let my = |profession: &str| json!({"country": "MY", "purpose": "employment-regulated", "profession": profession, "target": target("MQF", 5, json!({}))});
    is(
        json!({}),
        my("welding-inspector"),
        json!({
            "verdict": "RECOGNISED_AUTOMATIC", "reasons": [ACCREDITED, "auto.agreement:A5"], "level": "MQF:5",
        }),
    );
    let refer =
        json!({"verdict": "REFER", "reasons": [ACCREDITED, "regulated.profession.competent.authority"]});
    is(json!({}), json!({"country": "MY", "purpose": "employment-regulated"}), refer.clone());
    is(json!({"level": 4}), my("electrician"), refer);

    let Some((mut cases, mut store)) = files() else { return };
    cases["cases"] = json!([{"id": "one", "credential": {"mode": "online"}, "request": {}}]);
    let mut treaty = store["agreements"][0].clone();
    treaty["id"] = json!("Z1");
    treaty["kind"] = json!("treaty");
    treaty["scope"][0]["conditions"] = json!([{"field": "mode", "op": "eq", "value": "in-person"}, {"field": "practice", "op": "ge", "value": 9}]);
    let mut pair = store["agreements"][0].clone();
    pair["id"] = json!("B1");
    pair["kind"] = json!("institution");
    pair["scope"][0]["conditions"] = json!([]);
    pair["scope"][0]["institutions"] = json!(["vn-college"]);
    pair["scope"][0]["institutionsAsOf"] = json!("2026-11-22");
    store["agreements"].as_array_mut().unwrap().extend([treaty, pair]);
    let by_pair =
        |codes: &[&str]| json!({"verdict": "RECOGNISED_AUTOMATIC", "reasons": codes, "level": "LNQF:5"});
    let (failed, unknown) = ("condition.failed:mode", "condition.unknown:practice");
    with_store(&cases, &store, by_pair(&[ACCREDITED, failed, unknown, "auto.agreement:B1"]));
    // A fact that a condition asks for may be stated.
    cases["cases"][0]["credential"]["practice"] = json!(9);
    with_store(&cases, &store, by_pair(&[ACCREDITED, failed, "auto.agreement:B1"]));
    let by_hand = json!({
        "verdict": "CASE_BY_CASE",
        "reasons": [ACCREDITED, failed, "level.indicative.only", "level.confirm.by.officer"],
    });
    let last = store["agreements"].as_array().unwrap().len() - 1;
    for (member, value) in [("institutionsAsOf", json!("2026-11-23")), ("institutions", json!(["another"]))] {
        let mut other = store.clone();
        other["agreements"][last]["scope"][0][member] = value;
        with_store(&cases, &other, by_hand.clone());
    }
    let mut contract = store.clone();
    contract["agreements"][last]["kind"] = json!("training-contract");
    with_store(&cases, &contract, by_hand.clone());
    // Suspended since the day before: out of force on the day, in force for whoever asked earlier.
    let states = json!([
        {"state": "signed", "since": "2026-08-15"},
        {"state": "in-force", "since": "2026-10-01"},
        {"state": "suspended", "since": "2026-11-22"},
    ]);
    store["agreements"][last]["history"] = states;
    store["agreements"][last]["state"] = json!("suspended");
    with_store(&cases, &store, by_hand);
    store["agreements"][last]["scope"][0]["institutionsAsOf"] = json!("2026-10-01");
    cases["cases"][0]["request"]["date"] = json!("2026-11-21");
    with_store(&cases, &store, by_pair(&[ACCREDITED, failed, "auto.agreement:B1"]));
}

#[test]
fn an_agreement_reads_as_it_is_signed() {
    let Some(signed) = shared::json("examples/11-agreement-sample-vn-la.json") else { return };
    let subject = signed["credentialSubject"].clone();
    let store = store_of(&json!({"agreements": [subject]})).unwrap();
    let [agreement] = store.agreements() else { panic!() };
    assert_eq!((agreement.id.as_str(), agreement.state), ("VN-LA-SAMPLE-2026", State::InForce));
    assert_eq!((agreement.scopes.len(), agreement.parties.len()), (2, 2));

    for (pointer, value, named) in [
        ("/kind", json!("pact"), "/kind"),
        ("/effectiveTo", json!("2026-09-30"), "/effectiveTo"),
        ("/party/0/territory", json!("XX"), "/party/0/territory"),
        ("/party/0/territory", json!("KH"), "/scope/0/origin"),
        ("/scope/0/framework", json!("VQ"), "/scope/0/framework"),
        ("/scope/0/levelMax", json!(9), "/scope/0/levelMax"),
        ("/scope/0/levelMax", json!(4), "/scope/0/levelMax"),
        ("/scope/0/target", json!("LNQF:9"), "/scope/0/target"),
        ("/scope/0/receiving", json!("VN"), "/scope/0/receiving"),
        ("/scope/0/purposes/0", json!("study"), "/scope/0/purposes/0"),
        ("/scope/0/purposes", json!([]), "/scope/0/purposes"),
        ("/scope/1/conditions/0/op", json!("about"), "/scope/1/conditions/0/op"),
        ("/state", json!("asleep"), "/state"),
    ] {
        let mut wrong = subject.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let said = store_of(&json!({"agreements": [wrong]})).unwrap_err().to_string();
        assert!(said.starts_with(&format!("/agreements/0{named}: ")), "{pointer}: {said}");
    }
    let mut without = subject.clone();
    without["scope"][0].as_object_mut().unwrap().remove("target");
    assert!(store_of(&json!({"agreements": [without]})).is_err());
    let mut leap = subject;
    leap["history"] =
        json!([{"state": "draft", "since": "2026-01-01"}, {"state": "in-force", "since": "2026-10-01"}]);
    let said = store_of(&json!({"agreements": [leap.clone(), leap]})).unwrap_err().to_string();
    assert!(said.contains("/agreements/0/history/1/state") && said.contains("/agreements/1/id"), "{said}");
}

#[test]
fn what_is_wrong_with_a_case_is_named_where_it_stands() {
    let Some((cases, store)) = files() else { return };
    let store = store_of(&store).unwrap();
    for (pointer, member, value, named) in [
        ("/baseCredential", "framework", json!("VQ"), "/baseCredential/framework"),
        ("/cases/1/credential", "level", json!(9), "/cases/1/credential/level"),
        ("/cases/1/credential", "isced", json!(715), "/cases/1/credential/isced"),
        ("/cases/1/credential", "awardDate", json!("2026-06-31"), "/cases/1/credential/awardDate"),
        ("/cases/1/credential", "validuntil", json!("2026-06-30"), "/cases/1/credential/validuntil"),
        ("/cases/1/request", "country", json!("Laos"), "/cases/1/request/country"),
        ("/cases/1/request", "purpose", json!("study"), "/cases/1/request/purpose"),
        ("/cases/1/request", "date", json!(null), "/cases/1/request/date"),
        ("/baseRequest/target", "notionalHours", json!(0), "/baseRequest/target/notionalHours"),
        ("/cases/1", "id", json!("C01"), "/cases/1/id"),
        ("/cases/1", "credential", json!([]), "/cases/1/credential"),
        ("", "more", json!(1), "/more"),
    ] {
        let mut wrong = cases.clone();
        wrong.pointer_mut(pointer).unwrap()[member] = value;
        let said = cases_of(&wrong, &store).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{named}: ")), "{named}: {said}");
    }
    assert!(matches!(recognition::cases(b"{\"a\":1,\"a\":2}", &store), Err(InputError::Json(_))));
}

/// The places of all values inside a value.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let at = format!("{at}/{name}");
        out.push(at.clone());
        places(value, &at, out);
    }
}

#[test]
fn whatever_stands_in_a_case_is_decided_or_refused() {
    let Some((cases, store)) = files() else { return };
    let read = store_of(&store).unwrap();
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(4_294_967_295_u32),
        json!(9e300),
        json!(""),
        json!("x"),
        json!("0001-01-01"),
        json!("999999999-12-31"),
        json!([]),
        json!({}),
        json!(["x", null, {}]),
        json!({"framework": "VQF"}),
    ];
    let (mut decided, mut refused) = (0, 0);
    for (number, case) in alone(&cases).into_iter().enumerate() {
        let mut all = Vec::new();
        places(&case, "", &mut all);
        for (turn, place) in all.into_iter().enumerate() {
            for value in odd.iter().cycle().skip(number + turn).take(5) {
                let mut case = case.clone();
                *case.pointer_mut(&place).unwrap() = value.clone();
                match cases_of(&case, &read) {
                    Ok(cases) => {
                        decide(&cases[0], &read);
                        decided += 1;
                    }
                    Err(InputError::Form(problems)) => {
                        assert!(
                            problems.iter().any(|problem| place.starts_with(&problem.pointer)
                                || problem.pointer.starts_with(&place)),
                            "{place} {value}: {problems:?}"
                        );
                        refused += 1;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
    assert!(decided > 1_000 && refused > 1_000, "{decided} {refused}");

    let some: Vec<Case> = cases_of(&cases, &read).unwrap();
    let mut all = Vec::new();
    places(&store, "", &mut all);
    for (turn, place) in all.iter().enumerate() {
        for value in odd.iter().cycle().skip(turn).take(3) {
            let mut store = store.clone();
            *store.pointer_mut(place).unwrap() = value.clone();
            if let Ok(store) = store_of(&store) {
                some.iter().step_by(7).for_each(|case| drop(decide(case, &store)));
            }
        }
    }
}

#[test]
fn a_fact_that_becomes_unknown_never_turns_a_no_into_a_yes() {
    let Some((cases, store)) = files() else { return };
    let store = store_of(&store).unwrap();
    for case in alone(&cases) {
        never_better(&case, &store);
    }
}

/// Without any one of its facts, a case that recognises nothing does not recognise the whole. Two facts speak by their
/// absence: an award without `validUntil` does not end, and without `registeredOn` no date contradicts another.
fn never_better(case: &Value, store: &Store) {
    let with = decide(&cases_of(case, store).unwrap()[0], store);
    if !with.verdict.is_no_or_open() {
        return;
    }
    for fact in case["credential"].as_object().unwrap().keys() {
        let contradictory =
            fact == "registeredOn" && with.reasons.iter().any(|code| code == "facts.contradictory");
        if fact == "validUntil" || contradictory {
            continue;
        }
        let mut fewer = case.clone();
        fewer["credential"].as_object_mut().unwrap().shift_remove(fact);
        let without = decide(&cases_of(&fewer, store).unwrap()[0], store);
        assert!(!without.verdict.is_yes(), "{} without {fact}: {with:?} {without:?}", case["credential"]);
    }
}

fn one_of(values: &[Value]) -> impl Strategy<Value = Value> + use<> {
    proptest::sample::select(values.to_vec())
}

/// Facts and a request drawn from few values each, so that every rule is reached; `null` is a fact nobody knows.
fn any_case() -> impl Strategy<Value = Value> {
    let days = |more: &[&str]| {
        let mut days = vec![Value::Null];
        days.extend(
            ["2019-08-01", "2021-06-30", "2024-06-30", "2025-03-20", "2026-06-30"]
                .iter()
                .chain(more)
                .map(|day| json!(day)),
        );
        one_of(&days)
    };
    let who = (
        one_of(&[json!("valid"), json!("valid"), json!("valid"), json!("valid"), json!("paper")]),
        one_of(&[json!("good"), json!("good"), json!("good"), json!("good"), json!("suspended")]),
        one_of(&[json!("VN"), json!("VN"), json!("PH"), Value::Null]),
        one_of(
            &[
                "vn-college",
                "vn-skill",
                "vn-withdrawn",
                "vn-suspended",
                "vn-annulled",
                "vn-expired",
                "vn-teachout",
                "ph-centre",
                "sg-poly",
                "vn-two",
                "vn-renewed",
            ]
            .map(|id| json!(id)),
        ),
        one_of(&[
            json!("diploma"),
            json!("diploma"),
            json!("micro-credential"),
            json!("skill-certificate"),
            Value::Null,
        ]),
    );
    let what = (
        one_of(&[json!("VQF"), json!("VQF"), json!("PQF-PH"), json!("KKNI"), Value::Null]),
        one_of(&[json!(4), json!(5), json!(5), json!(6), Value::Null]),
        one_of(&[json!("0715"), json!("0721"), json!("1013"), json!("07"), Value::Null]),
        one_of(&[json!(1_300), json!(1_990), json!(2_760), Value::Null]),
        one_of(&[json!(["o1", "o2"]), json!(["o1"]), json!([]), Value::Null]),
        one_of(&[json!("in-person"), json!("online"), Value::Null]),
    );
    let when = (
        days(&[]),
        days(&["2026-11-30"]),
        days(&[]),
        one_of(&[json!(true), json!(false), Value::Null]),
        one_of(&[json!(true), json!(false), Value::Null]),
    );
    let asked = (
        one_of(&[json!("LA"), json!("TH"), json!("MY"), json!("KH"), json!("PH"), json!("NZ")]),
        one_of(
            &["further-study", "credit-transfer", "employment-unregulated", "employment-regulated"]
                .map(|name| json!(name)),
        ),
        one_of(&[json!("electrician"), Value::Null]),
        days(&["2026-11-22", "2031-09-30"]),
        one_of(&[json!("LNQF"), json!("THQF"), json!("MQF"), json!("PQF-PH"), json!("NZQCF"), json!("VQF")]),
        one_of(&[json!(4), json!(5), json!(6)]),
        any::<[bool; 3]>(),
    );
    (who, what, when, asked).prop_map(|(who, what, when, asked)| {
        let mut credential = json!({
            "verification": who.0, "status": who.1, "country": who.2, "issuer": who.3, "type": who.4,
            "framework": what.0, "level": what.1, "isced": what.2, "notionalHours": what.3, "outcomes": what.4, "mode": what.5,
            "awardDate": when.0, "registeredOn": when.1, "validUntil": when.2, "transcribed": when.3, "enrolledBefore": when.4,
        });
        credential.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let mut target = json!({"framework": asked.4, "level": asked.5});
        let stated = [("notionalHours", json!(2_700)), ("isced", json!("0715")), ("outcomes", json!(["o1", "o2", "o3"]))];
        for ((name, value), there) in stated.into_iter().zip(asked.6) {
            if there {
                target[name] = value;
            }
        }
        let date = if asked.3.is_null() { json!("2026-11-22") } else { asked.3 };
        let mut request = json!({"country": asked.0, "purpose": asked.1, "profession": asked.2, "date": date, "target": target});
        request.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        json!({"credential": credential, "request": request})
    })
}

/// The members of an object in another order.
fn turned(map: &Map<String, Value>, by: usize) -> Map<String, Value> {
    let mut rows: Vec<_> = map.clone().into_iter().collect();
    let places = rows.len().max(1);
    rows.rotate_left(by % places);
    rows.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_same_inputs_decide_alike_in_any_order(case in any_case(), by in 1..50_usize, back in any::<bool>()) {
        let Some((value, store)) = STORE.as_ref() else { return Ok(()) };
        let decided = decide(&cases_of(&case, store).unwrap()[0], store);
        prop_assert_eq!(&decided, &decide(&cases_of(&case, store).unwrap()[0], store));

        let mut other = value.clone();
        let turn = |list: &mut Vec<Value>| {
            let places = list.len().max(1);
            list.rotate_left(by % places);
            if back {
                list.reverse();
            }
        };
        turn(other["agreements"].as_array_mut().unwrap());
        for issuer in other["issuers"].as_object_mut().unwrap().values_mut() {
            turn(issuer["grants"].as_array_mut().unwrap());
        }
        for name in ["issuers", "maps"] {
            other[name] = turned(other[name].as_object().unwrap(), by).into();
        }
        let mut shuffled = case;
        for name in ["credential", "request"] {
            shuffled[name] = turned(shuffled[name].as_object().unwrap(), by).into();
        }
        let other = store_of(&other).unwrap();
        prop_assert_eq!(&decided, &decide(&cases_of(&shuffled, &other).unwrap()[0], &other));
    }

    #[test]
    fn no_unknown_fact_speaks_for_recognition(case in any_case()) {
        let Some((_, store)) = STORE.as_ref() else { return Ok(()) };
        never_better(&case, store);
    }

    #[test]
    fn every_verdict_has_the_shape_its_reader_counts_on(case in any_case()) {
        let Some((_, store)) = STORE.as_ref() else { return Ok(()) };
        let decided = decide(&cases_of(&case, store).unwrap()[0], store);
        let automatic = decided.reasons.iter().any(|code| code.starts_with("auto.agreement:"));
        prop_assert!(!decided.reasons.is_empty());
        match decided.verdict.as_str() {
            "RECOGNISED_AUTOMATIC" => prop_assert!(automatic && decided.level.is_some()),
            "RECOGNISED_FULL" | "RECOGNISED_CONDITIONAL" => prop_assert!(!automatic && decided.level.is_some()),
            "NOT_RECOGNISED" => prop_assert!(!decided.alternatives.is_empty() && decided.level.is_none()),
            "RECOGNISED_PARTIAL" => prop_assert!(!decided.alternatives.is_empty()),
            _ => prop_assert!(decided.level.is_none()),
        }
        let twice = (1..decided.reasons.len()).any(|place| decided.reasons[..place].contains(&decided.reasons[place]));
        prop_assert!(!twice, "{:?}", decided.reasons);
    }
}
