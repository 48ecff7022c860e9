//! The facts a verifier finds, each with its source, and what is put together for a decision.

use serde_json::{Map, Value, json};
use testamur::credential::Credential;
use testamur::framework;
use testamur::recognise::inputs::Sources;
use testamur::recognise::{self, Inputs};
use testamur::recognition::RuleSet;
use testamur::trust::{Pinned, Trust};
use testamur::verify::{self, Extent};

use crate::support::{TestHouse, diploma};
use crate::trust::judged::{self, pinned};
use crate::trust::maker::{COLLEGE, college, list, list_document, root};
use crate::trust::ministry::Ministry;

/// A diploma with everything the rules ask for.
fn whole() -> Value {
    let mut draft = diploma();
    draft["credentialSubject"]["activityStartDate"] = json!("2023-09-05T00:00:00+07:00");
    let achievement = &mut draft["credentialSubject"]["achievement"];
    achievement["notionalHours"] = json!(2760);
    achievement["deliveryMode"] = json!("in-person");
    achievement["qualificationId"] = json!("https://registry.example/q/vn/6520123");
    achievement["alignment"] = json!([
        aligned("VQF", "5", "ext:FrameworkLevel"), aligned("AQRF", "5", "ext:FrameworkLevel"),
        aligned("ISCED-F-2013", "0715", "ext:Classification"), aligned("ISCED-F-2013", "0716", "ext:Classification"),
        {"type": ["Alignment"], "targetName": "Welds", "targetUrl": "urn:outcome:1", "targetType": "ceasn:Competency"},
    ]);
    draft
}

fn aligned(framework: &str, code: &str, kind: &str) -> Value {
    json!({"type": ["Alignment"], "targetName": code, "targetUrl": format!("https://x.example/{framework}/{code}"),
        "targetFramework": framework, "targetCode": code, "targetType": kind})
}

async fn facts_of(house: &TestHouse, credential: &Value) -> Map<String, Value> {
    let credential = Credential::parse(credential.to_string().into_bytes()).unwrap();
    recognise::facts(&verify::credential(&house.app, credential, Extent::Full).await)
}

#[tokio::test]
async fn each_fact_has_its_source() {
    let (ministry, _) = Ministry::accrediting().await;
    let house = &ministry.house;
    let issued = house.college().post("/credentials/issue", &json!({"credential": whole()})).await;
    let credential = issued.json()["verifiableCredential"].clone();
    let mut facts = facts_of(house, &credential).await;
    assert!(facts["status"].as_object_mut().unwrap().remove("asOf").is_some());
    let expected = [
        ("verification", json!("valid"), "verifier"),
        ("status", json!("good"), "verifier"),
        ("issuer", json!(house.did("ha-noi")), "verifier"),
        ("country", json!("VN"), "trust-list:VN"),
        ("type", json!("diploma"), "credential"),
        ("title", credential["name"].clone(), "credential"),
        ("awardDate", json!(&credential["awardedDate"].as_str().unwrap()[..10]), "credential"),
        ("qualificationId", json!("https://registry.example/q/vn/6520123"), "credential"),
        ("mode", json!("in-person"), "credential"),
        ("isced", json!("071"), "credential"),
        ("framework", json!("VQF"), "credential"),
        ("level", json!(5), "credential"),
        ("notionalHours", json!(2760), "credential"),
        ("enrolledOn", json!("2023-09-05"), "credential"),
        ("outcomes", json!(["urn:outcome:1"]), "credential"),
    ];
    for (name, value, source) in &expected {
        assert_eq!(facts[*name], json!({"value": value, "source": source}), "{name}");
    }
    assert_eq!(facts.len(), expected.len(), "{facts:#?}");
}

#[tokio::test]
async fn what_the_verifier_doubts_is_never_valid_or_good() {
    let (ministry, _) = Ministry::accrediting().await;
    let house = &ministry.house;
    let genuine = house.diploma().await;
    let with = |change: fn(&mut Value)| {
        let mut changed = genuine.clone();
        change(&mut changed);
        changed
    };
    let forged = facts_of(house, &with(|one| one["awardedDate"] = json!("2020-01-01T00:00:00Z"))).await;
    assert_eq!((&forged["verification"]["value"], forged.len()), (&json!("invalid"), 1), "{forged:#?}");
    assert_eq!(forged["verification"]["checks"], json!(["proof.invalid"]));
    let unsigned = facts_of(house, &with(|one| _ = one.as_object_mut().unwrap().remove("proof"))).await;
    assert_eq!((&unsigned["verification"]["value"], unsigned.len()), (&json!("indeterminate"), 1));

    let set = |status: &'static str| {
        json!({"credentialId": genuine["id"], "reason": "an error",
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": status, "status": "1"}]})
    };
    for (purpose, told) in [("suspension", "suspended"), ("revocation", "revoked")] {
        let answer = house.college().post("/credentials/status", &set(purpose)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let facts = facts_of(house, &genuine).await;
        assert_eq!(facts["status"]["value"], told, "{facts:#?}");
        assert_eq!(facts["verification"]["value"], "valid");
    }
}

fn with_college(change: impl FnOnce(&mut Value)) -> std::sync::Arc<Pinned> {
    let mut entry = college();
    change(&mut entry);
    pinned(root(), list(&list_document(7, "2026-11-10T00:00:00Z", &[entry])).unwrap())
}

async fn offline(document: Vec<u8>, lists: Vec<std::sync::Arc<Pinned>>) -> Map<String, Value> {
    recognise::facts(&judged::verdict_with("2026-11-12T00:00:00Z", document, lists, None).await)
}

#[tokio::test]
async fn a_key_nobody_lists_and_a_status_nobody_keeps_are_not_known() {
    let listed = offline(judged::diploma(21, |_| {}), vec![with_college(|_| {})]).await;
    assert_eq!(
        (&listed["verification"]["value"], &listed["country"]["value"]),
        (&json!("valid"), &json!("VN"))
    );
    assert_eq!(
        listed["status"],
        json!({"value": "unknown", "source": "verifier", "checks": ["status.none"]})
    );
    let stolen =
        with_college(|entry| entry["trustedKey"][0]["compromisedSince"] = json!("2026-01-01T00:00:00Z"));
    let doubted = offline(judged::diploma(21, |_| {}), vec![stolen]).await;
    assert_eq!(doubted["verification"]["value"], "indeterminate");
    assert_eq!(doubted["verification"]["checks"], json!(["key.compromised"]));
    // Dated after the day: R2 says so itself.
    let dated = || {
        judged::diploma(21, |draft| {
            draft["awardedDate"] = json!("2026-11-20T00:00:00Z");
            draft["validFrom"] = json!("2026-11-01T00:00:00Z");
        })
    };
    let later = offline(dated(), vec![with_college(|_| {})]).await;
    assert_eq!(later["verification"]["value"], "valid", "{later:#?}");
    // And after its college closed, which R2 does not look for.
    let closed = with_college(|entry| {
        entry["successor"] =
            json!({"id": "did:web:keeper.vn.example", "since": "2026-08-01", "statusMirror": []});
    });
    let later = offline(dated(), vec![closed]).await;
    assert_eq!(later["verification"]["value"], "indeterminate", "{later:#?}");
    assert_eq!(later["verification"]["checks"], json!(["facts.contradictory"]));
}

fn agreement() -> Value {
    json!({"id": "VN-LA-1", "kind": "ministry", "state": "in-force", "from": "2026-01-01", "scope": [{
        "origin": "VN", "receiving": "LA", "types": ["diploma"], "purposes": ["further-study"], "automatic": true,
        "target": "LNQF:5", "conditions": [{"field": "notionalHours", "op": "ge", "value": 2000}],
    }]})
}

fn request() -> Map<String, Value> {
    let request = json!({"country": "LA", "purpose": "further-study", "date": "2026-11-12",
        "target": {"framework": "LNQF", "level": 5}});
    request.as_object().unwrap().clone()
}

fn put_together(facts: &Map<String, Value>, trust: &Trust, agreements: &[Value]) -> Inputs {
    let (rules, now) = (RuleSet::default(), "2026-11-12T00:00:00Z".parse().unwrap());
    let agreements: Vec<&Value> = agreements.iter().collect();
    recognise::inputs(facts, &request(), &Sources { trust, agreements: &agreements, rules: &rules, now })
}

fn good() -> Map<String, Value> {
    let fact = |value: Value| json!({"value": value, "source": "verifier"});
    let facts = json!({"verification": fact(json!("valid")), "status": fact(json!("good")), "country": fact(json!("VN")),
        "issuer": fact(json!(COLLEGE)), "type": fact(json!("diploma")), "framework": fact(json!("VQF")),
        "level": fact(json!(5)), "awardDate": fact(json!("2026-06-30")), "notionalHours": fact(json!(2760)),
        "title": fact(json!("Hàn")), "enrolledOn": fact(json!("2023-09-05"))});
    facts.as_object().unwrap().clone()
}

#[test]
fn a_decision_is_made_from_what_is_pinned_here_alone() {
    let trust = Trust::new([], &[], vec![with_college(|_| {})]);
    let inputs = put_together(&good(), &trust, &[agreement()]);
    let decided = inputs.decide().unwrap();
    assert_eq!(decided.verdict.as_str(), "RECOGNISED_AUTOMATIC");
    assert_eq!(decided.reasons, ["accredited.on.award.date", "auto.agreement:VN-LA-1"]);
    let kept = inputs.to_value();
    assert!(kept["facts"].get("title").is_none(), "what nobody asks for is not kept: {kept:#}");
    assert_eq!(
        kept["store"]["issuers"][COLLEGE]["grants"][0]["history"],
        json!([{"status": "granted", "since": "2024-08-01"}])
    );
    // Kept as text and read again, the same bytes.
    let again: Value = serde_json::from_str(&kept.to_string()).unwrap();
    assert_eq!(Inputs::of(again.clone()).decide().unwrap(), decided);
    assert_eq!(again.to_string(), kept.to_string());

    let reasons = |inputs: Inputs| inputs.decide().unwrap().reasons;
    assert_eq!(reasons(put_together(&good(), &Trust::default(), &[agreement()])), ["issuer.not.listed"]);
    let twice = Trust::new([], &[], vec![with_college(|_| {}), with_college(|_| {})]);
    assert_eq!(reasons(put_together(&good(), &twice, &[agreement()])), ["issuer.not.listed"]);
    let mut elsewhere = agreement();
    elsewhere["scope"][0]["origin"] = json!("CN");
    let inputs = put_together(&good(), &trust, &[elsewhere]);
    assert_eq!(inputs.to_value()["store"]["agreements"], json!([]));
    assert_ne!(inputs.decide().unwrap().verdict.as_str(), "RECOGNISED_AUTOMATIC");
    let mut asks = agreement();
    asks["scope"][0]["conditions"] = json!([{"field": "enrolledOn", "op": "ge", "value": "2023-01-01"}]);
    let inputs = put_together(&good(), &trust, &[asks]);
    assert_eq!(inputs.to_value()["facts"]["enrolledOn"], "2023-09-05");
    assert_eq!(inputs.decide().unwrap().verdict.as_str(), "RECOGNISED_AUTOMATIC");
}

#[test]
fn an_annulment_decided_after_the_day_of_the_request_counts_and_a_later_loss_does_not() {
    let with = |entry: Value| {
        let changed =
            with_college(|college| college["grant"][0]["history"].as_array_mut().unwrap().push(entry));
        Trust::new([], &[], vec![changed])
    };
    let annulled = json!({"standing": "annulled", "since": "2026-11-14", "effective": "2026-06-01",
        "recordedAt": "2026-11-09T00:00:00Z", "reason": ["fraud"]});
    let mut withdrawn = annulled.clone();
    withdrawn["standing"] = json!("withdrawn");
    withdrawn.as_object_mut().unwrap().remove("effective");
    let on = |trust: &Trust, now: &str| {
        let (rules, now) = (RuleSet::default(), now.parse().unwrap());
        let sources = Sources { trust, agreements: &[], rules: &rules, now };
        recognise::inputs(&good(), &request(), &sources).decide().unwrap().reasons[0].clone()
    };
    let annulled = with(annulled);
    assert_eq!(on(&annulled, "2026-11-13T00:00:00Z"), "accredited.on.award.date", "decided for a later day");
    assert_eq!(on(&annulled, "2026-11-14T00:00:00Z"), "accreditation.annulled");
    assert_eq!(on(&with(withdrawn), "2026-11-14T00:00:00Z"), "accredited.on.award.date");
}

#[test]
fn a_list_that_is_over_is_no_anchor() {
    let over = json!({"country": "LA", "purpose": "further-study", "date": "2026-12-30"});
    let trust = Trust::new([], &[], vec![with_college(|_| {})]);
    let (rules, now) = (RuleSet::default(), "2026-12-30T00:00:00Z".parse().unwrap());
    let sources = Sources { trust: &trust, agreements: &[], rules: &rules, now };
    let inputs = recognise::inputs(&good(), over.as_object().unwrap(), &sources);
    assert_eq!(inputs.decide().unwrap().reasons, ["anchor.not.pinned"]);
}

#[test]
fn every_map_of_the_frameworks_can_be_decided_by() {
    let trust = Trust::default();
    for from in framework::all().unwrap() {
        for to in framework::all().unwrap() {
            let mut facts = good();
            facts["framework"]["value"] = json!(from.id);
            facts.remove("level");
            let mut request = request();
            request["target"] = json!({"framework": to.id});
            let (rules, now) = (RuleSet::default(), "2026-11-12T00:00:00Z".parse().unwrap());
            let sources = Sources { trust: &trust, agreements: &[], rules: &rules, now };
            let inputs = recognise::inputs(&facts, &request, &sources);
            assert!(inputs.decide().is_ok(), "{} {}: {:?}", from.id, to.id, inputs.decide());
            assert!(!inputs.to_value()["store"]["maps"].to_string().contains("assumed"));
        }
    }
}
