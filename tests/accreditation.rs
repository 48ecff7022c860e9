//! Rule R2 by its worked cases, and the grants and awards of the worked examples.

use serde_json::{Map, Value, json};
use testamur::accreditation::{Answer, Award, Covered, Finding, Grant, Level, Policy, Reason, judge};
use testamur::credential::problem::At;
use testamur::credential::validity::Day;
use testamur::credential::view::View;

use crate::shared;

#[test]
fn every_case_that_grants_decide() {
    let (Some(cases), Some(store)) =
        (shared::json("recognition/cases.json"), shared::json("recognition/store.json"))
    else {
        return;
    };
    let (mut compared, mut earlier, mut unlisted) = (0, 0, 0);
    for case in cases["cases"].as_array().unwrap() {
        let expected: Vec<&str> =
            case["expect"]["reasons"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        match expected[0] {
            code if ["proof.", "paper.", "status.", "certificate."]
                .iter()
                .any(|rule| code.starts_with(rule)) =>
            {
                earlier += 1;
                continue;
            }
            "issuer.not.listed" | "anchor.not.pinned" => {
                unlisted += 1;
                continue;
            }
            _ => {}
        }
        let credential = over(&cases["baseCredential"], &case["credential"]);
        let request = over(&cases["baseRequest"], &case["request"]);
        let issuer = &store["issuers"][credential["issuer"].as_str().unwrap()];
        let grants: Vec<Grant> = issuer["grants"].as_array().unwrap().iter().map(signed_form).collect();
        let finding = judge(&grants, &award(&credential), day(&request["date"]).unwrap(), &Policy::default());

        let codes: Vec<&str> = finding.reasons.iter().map(Reason::code).collect();
        let ours: Vec<&str> = expected.iter().copied().filter(|code| is_ours(code)).collect();
        assert_eq!(codes, ours, "{}: {}", case["id"], case["title"]);
        assert_eq!(finding.answer, answer(&case["expect"], &expected), "{}", case["id"]);
        compared += 1;
    }
    assert_eq!((compared, earlier, unlisted), (50, 6, 2));
}

/// Whether rule R2 gives this code when it judges grants.
fn is_ours(code: &str) -> bool {
    code == "facts.contradictory"
        || ["accreditation.", "accredited.", "award.", "teach-out."].iter().any(|rule| code.starts_with(rule))
}

/// The answer a case expects: whoever goes on to later rules was accredited.
fn answer(expect: &Value, reasons: &[&str]) -> Answer {
    if reasons.iter().any(|code| !is_ours(code)) {
        return Answer::Yes;
    }
    if expect["verdict"] == "NOT_RECOGNISED" {
        return Answer::No;
    }
    assert_eq!(expect["verdict"], "CASE_BY_CASE");
    Answer::CannotTell
}

/// The base with a case's members over it; `null` takes one away.
fn over(base: &Value, case: &Value) -> Map<String, Value> {
    let mut out = base.as_object().cloned().unwrap();
    out.extend(case.as_object().cloned().unwrap());
    out.retain(|_, value| !value.is_null());
    out
}

/// A grant of the store, written as an authority signs it.
fn signed_form(short: &Value) -> Grant {
    let mut grant = json!({
        "id": format!("urn:store:{}", short["id"].as_str().unwrap()),
        "effectiveFrom": short["from"],
        "scope": short["scope"],
    });
    if let Some(to) = short.get("to") {
        grant["effectiveTo"] = to.clone();
    }
    if let Some(history) = short.get("history") {
        grant["history"] = history.clone();
        for entry in grant["history"].as_array_mut().unwrap() {
            let status = entry.as_object_mut().unwrap().shift_remove("status").unwrap();
            entry["standing"] = status;
        }
    }
    parse(&grant)
}

fn parse(grant: &Value) -> Grant {
    Grant::parse(grant.as_object().unwrap(), &At::ROOT).unwrap()
}

fn award(facts: &Map<String, Value>) -> Award<'_> {
    let text = |name: &str| facts.get(name).and_then(Value::as_str);
    let level = facts.get("level").and_then(Value::as_u64).map(|level| u32::try_from(level).unwrap());
    Award {
        kind: text("type"),
        qualification_ids: text("qualificationId").into_iter().collect(),
        isced: text("isced").into_iter().collect(),
        levels: text("framework").map(|framework| Level { framework, number: level }).into_iter().collect(),
        modes: text("mode").into_iter().collect(),
        registered_on: facts.get("registeredOn").and_then(day),
        transcribed: facts.get("transcribed") == Some(&json!(true)),
        enrolled_before: facts.get("enrolledBefore").and_then(Value::as_bool),
        ..Award::on(day(&facts["awardDate"]).unwrap())
    }
}

fn day(value: &Value) -> Option<Day> {
    value.as_str().map(|text| Day::parse(text).unwrap())
}

#[test]
fn the_grants_and_awards_of_the_examples() {
    let Some(list) = shared::json("examples/10-trust-list-vn.json") else { return };
    let issuers = list["credentialSubject"]["trustedIssuer"].as_array().unwrap();
    let grants = |end: &str| -> Vec<Grant> {
        let issuer = issuers.iter().find(|issuer| issuer["id"].as_str().unwrap().ends_with(end)).unwrap();
        issuer["grant"].as_array().unwrap().iter().map(parse).collect()
    };
    assert_eq!(
        issuers
            .iter()
            .filter_map(|issuer| issuer.get("grant"))
            .flat_map(|grants| grants.as_array().unwrap())
            .map(parse)
            .count(),
        4
    );
    let (college, skills) = (grants(":cdktcn-mau"), grants(":ky-nang-nghe-mau"));

    let ask = |example: &str, grants: &[Grant]| -> Finding {
        let document = shared::json(&format!("examples/{example}.json")).unwrap();
        let award = Award::of(View::of(document.as_object().unwrap())).unwrap();
        judge(grants, &award, Day::parse("2026-11-22").unwrap(), &Policy::default())
    };
    let accredited = "accredited.on.award.date";
    for (example, grants, answer, code) in [
        ("01-vn-college-diploma-welding", &college, Answer::Yes, accredited),
        ("04-vn-transcript-clr", &college, Answer::Yes, accredited),
        ("05-vn-la-micro-credential", &college, Answer::Yes, accredited),
        ("06-vn-occupational-skill-certificate", &skills, Answer::Yes, accredited),
        ("07-workplace-learning-dual-training", &college, Answer::Yes, accredited),
        ("06-vn-occupational-skill-certificate", &college, Answer::No, "accreditation.none.for.scope"),
        ("02-la-high-diploma-electrical", &college, Answer::No, "accreditation.none.for.scope"),
        ("03-cn-la-dual-programme-diploma", &college, Answer::No, "accreditation.none.for.scope"),
        // An old diploma that states no level.
        ("17-vn-transcribed-reissued-diploma", &college, Answer::CannotTell, "accreditation.scope.unknown"),
    ] {
        let finding = ask(example, grants);
        assert_eq!((finding.answer, finding.reasons[0].code()), (answer, code), "{example}");
    }

    let accreditation = shared::json("examples/08-accreditation-credential.json").unwrap();
    let grant = parse(&accreditation["credentialSubject"]["grant"]);
    assert_eq!((&grant.id, &grant.scopes), (&college[0].id, &college[0].scopes));
    assert_eq!(grant.covers(&Award::on(grant.from)), Covered::MissingFact);
}
