//! `testamur recognise`: one line a case, and what a file must be.

use serde_json::{Value, json};

use super::{Desk, text};
use crate::shared;

fn case() -> Value {
    json!({
        "credential": {
            "verification": "valid", "status": "good", "country": "VN", "issuer": "college", "type": "diploma", "framework": "VQF",
            "level": 5, "awardDate": "2026-06-30", "notionalHours": 2760,
        },
        "request": {
            "country": "LA", "purpose": "further-study", "date": "2026-11-22", "target": {"framework": "LNQF", "level": 5},
        },
    })
}

fn store() -> Value {
    let levels = json!({"framework": "VQF", "levelMin": 5, "levelMax": 5});
    let mut scope = levels.clone();
    let more = json!({
        "origin": "VN", "receiving": "LA", "purposes": ["further-study"], "automatic": true, "target": "LNQF:5",
    });
    scope.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({
        "issuers": {"college": {"grants": [{"id": "g1", "from": "2019-08-01", "scope": [levels]}]}},
        "agreements": [{
            "id": "A1", "kind": "ministry", "state": "in-force", "from": "2026-10-01", "to": "2031-09-30", "scope": [scope],
        }],
        "maps": {},
    })
}

const LINE: &[&str] = &["recognise", "--facts", "case.json", "--store", "store.json"];

#[test]
fn a_case_is_told_to_a_person_and_to_a_program() {
    let desk = Desk::new();
    desk.write("case.json", &case().to_string());
    desk.write("store.json", &store().to_string());
    let told = desk.ok(LINE);
    for words in ["RECOGNISED, automatically at LNQF:5", "auto.agreement:A1  the agreement decides"] {
        assert!(told.contains(words), "{told}");
    }
    let expected = r#"{"id":null,"verdict":"RECOGNISED_AUTOMATIC","reasons":["accredited.on.award.date","auto.agreement:A1"],"level":"LNQF:5","alternatives":[]}"#;
    assert_eq!(desk.ok(&[LINE, &["--json"]].concat()).trim_end(), expected);
    // Expiry flips the verdict on the day.
    let mut late = case();
    late["request"]["date"] = json!("2031-10-01");
    desk.write("case.json", &late.to_string());
    assert!(desk.ok(LINE).contains("AN OFFICER DECIDES"));
    let help = desk.ok(&["recognise", "--help"]);
    assert!(help.contains("Example:") && help.contains(&expected[..90]), "{help}");
}

#[test]
fn a_whole_file_of_cases_runs_in_its_order() {
    let (Some(cases), Some(store)) =
        (shared::path("recognition/cases.json"), shared::path("recognition/store.json"))
    else {
        return;
    };
    let desk = Desk::new();
    let (facts, store) = (cases.display().to_string(), store.display().to_string());
    let told = desk.ok(&["recognise", "--facts", &facts, "--store", &store, "--json"]);
    let cases = shared::json("recognition/cases.json").unwrap();
    let cases = cases["cases"].as_array().unwrap();
    assert_eq!(told.lines().count(), cases.len());
    for (line, case) in told.lines().zip(cases) {
        let line: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
        let members: Vec<&str> = line.keys().map(String::as_str).collect();
        assert_eq!(members, ["id", "verdict", "reasons", "level", "alternatives"]);
        let mut expected = case["expect"].clone();
        expected["id"] = case["id"].clone();
        for (member, otherwise) in [("level", json!(null)), ("alternatives", json!([]))] {
            expected.as_object_mut().unwrap().entry(member).or_insert(otherwise);
        }
        assert_eq!(Value::Object(line), expected, "{}", case["id"]);
    }
}

#[test]
fn what_is_wrong_is_named_by_file_and_member() {
    let desk = Desk::new();
    desk.write("case.json", &case().to_string());
    desk.write("store.json", &store().to_string());
    assert_eq!(desk.code(&["recognise", "--facts", "case.json"]), 64);
    assert_eq!(desk.code(&["recognise", "--facts", "case.json", "--store", "nowhere.json"]), 70);
    let refused = |file: &str, pointer: &str, value: Value, named: &str| {
        let mut wrong = if file == "case.json" { case() } else { store() };
        *wrong.pointer_mut(pointer).unwrap() = value;
        desk.write(file, &wrong.to_string());
        let output = desk.run(LINE);
        assert_eq!(output.status.code(), Some(70), "{named}");
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        assert!(said.contains(&format!("{file}: {named}: ")), "{said}");
        desk.write("case.json", &case().to_string());
        desk.write("store.json", &store().to_string());
    };
    refused("case.json", "/credential/framework", json!("VQ"), "/credential/framework");
    refused("case.json", "/credential/level", json!(12), "/credential/level");
    refused("case.json", "/request/country", json!("XX"), "/request/country");
    refused("case.json", "/request/date", json!("2026-02-30"), "/request/date");
    refused("store.json", "/agreements/0/scope/0/target", json!("LNQF:12"), "/agreements/0/scope/0/target");
    refused(
        "store.json",
        "/issuers/college/grants/0/scope/0/levelMin",
        json!(6),
        "/issuers/college/grants/0/scope/0/levelMax",
    );
    desk.write("case.json", "{\"credential\": ");
    assert!(text(&desk.run(LINE).stderr).contains("case.json: the text ends too early"));
    desk.write("case.json", &case().to_string());
    desk.write("rules.json", r#"{"ruleSet": "recognition-rules/1", "policy": {"workloadOkPercent": 400}}"#);
    let output = desk.run(&[LINE, &["--rules", "rules.json"]].concat());
    assert!(text(&output.stderr).contains("rules.json: /policy/workloadOkPercent"));
}

#[test]
fn a_malformed_case_has_a_line_of_its_own_and_the_others_theirs() {
    let desk = Desk::new();
    let whole = case();
    let many = json!({
        "baseCredential": whole["credential"], "baseRequest": whole["request"],
        "cases": [
            {"id": "good"}, {"id": "level", "credential": {"level": 12}}, {"id": "twice"}, {"id": "twice"}, 7,
            {"id": "date", "request": {"date": "2026-02-30"}, "more": 1}, {"id": "late", "request": {"date": "2031-10-01"}},
        ],
    });
    desk.write("case.json", &many.to_string());
    desk.write("store.json", &store().to_string());
    let output = desk.run(&[LINE, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(70));
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["id"].clone(), line["verdict"].clone(), line["error"][0]["pointer"].clone()))
        .collect();
    let (yes, open, none) = (json!("RECOGNISED_AUTOMATIC"), json!("CASE_BY_CASE"), Value::Null);
    assert_eq!(
        told,
        [
            (json!("good"), yes.clone(), none.clone()),
            (json!("level"), none.clone(), json!("/cases/1/credential/level")),
            (json!("twice"), yes, none.clone()),
            (json!("twice"), none.clone(), json!("/cases/3/id")),
            (none.clone(), none.clone(), json!("/cases/4")),
            (json!("date"), none.clone(), json!("/cases/5/more")),
            (json!("late"), open, none),
        ]
    );
    assert!(text(&output.stderr).contains("case.json: /cases/1/credential/level: "));
    let output = desk.run(LINE);
    assert_eq!(output.status.code(), Some(70));
    assert_eq!(text(&output.stdout).matches("RECOGNISED, automatically").count(), 2);
}
