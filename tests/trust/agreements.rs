//! Agreements on a list: what is read, what is refused and where, and that no list unsays them.

use serde_json::{Value, json};
use testamur::credential::kinds::authority_contexts;
use testamur::did::Did;
use testamur::jsonld;
use testamur::text::{LangTag, LocalizedText};
use testamur::trustlist::edit::{self, Frame};
use testamur::trustlist::{MAX_LIST, TrustList, TrustListError};

use super::maker::*;
use crate::shared;

const ISSUED: &str = "2026-11-10T00:00:00Z";
const DIGEST: &str = "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg";

/// What the authority tells of an agreement between Vietnam and Laos.
fn agreement(id: &str) -> Value {
    let told = include_str!("../../fixtures/agreements/on-a-list.json");
    let mut told: Value = serde_json::from_str(told).unwrap();
    told["agreementId"] = json!(id);
    told["id"] = json!(format!("https://registry.example/agreements/{id}"));
    told
}

fn telling(sequence: u64, agreements: Value) -> Value {
    let mut document = list_document(sequence, ISSUED, &[college()]);
    document["credentialSubject"]["agreement"] = agreements;
    document
}

fn admitted(before: Value, after: Value) -> Result<TrustList, TrustListError> {
    let known = list(&telling(7, before)).unwrap();
    let next = list(&telling(8, after))?;
    next.admit(&root(), Some(&known), at("2026-11-12T00:00:00Z")).map(|()| next)
}

#[test]
fn what_a_list_tells_of_agreements_is_read() {
    let mut signed = agreement("VN-LA-2");
    signed["signedBy"] = json!("parties");
    signed["digestMultibase"] = json!(DIGEST);
    let told = list(&telling(7, json!([agreement("VN-LA-1"), signed]))).unwrap();
    let [paper, signed] = told.agreements() else { panic!() };
    assert_eq!((paper.id(), paper.signed, &paper.digest), ("VN-LA-1", false, &None));
    assert_eq!((signed.id(), signed.signed, signed.digest.as_deref()), ("VN-LA-2", true, Some(DIGEST)));
    assert_eq!(paper.url.as_str(), "https://registry.example/agreements/VN-LA-1");
    let terms = paper.registered.agreement();
    assert_eq!(
        (terms.parties.len(), terms.scopes.len(), terms.from.to_string().as_str()),
        (2, 1, "2026-10-01")
    );
    // One alone, and a list of the time before that tells of none.
    assert_eq!(list(&telling(7, agreement("VN-LA-1"))).unwrap().agreements().len(), 1);
    assert!(list(&list_document(7, ISSUED, &[college()])).unwrap().agreements().is_empty());
}

#[test]
fn what_is_wrong_with_an_agreement_is_named() {
    let pointer = |change: &dyn Fn(&mut Value)| {
        let mut one = agreement("VN-LA-2");
        change(&mut one);
        match list(&telling(7, json!([agreement("VN-LA-1"), one]))) {
            Err(TrustListError::Form(problem)) => problem.pointer,
            other => panic!("{other:?}"),
        }
    };
    let put = |at: &'static str, value: Value| {
        let told = pointer(&|one| {
            let (parent, name) = at.rsplit_once('/').unwrap();
            one.pointer_mut(parent).unwrap()[name] = value.clone();
        });
        assert_eq!(told, format!("/credentialSubject/agreement/1{at}"), "{value}");
    };
    put("/id", json!("urn:x"));
    put("/id", json!(7));
    put("/agreementId", json!("../report"));
    put("/agreementId", json!("report"));
    put("/agreementId", Value::Null);
    put("/kind", json!("decree"));
    put("/party", json!([]));
    put("/party/1/territory", json!("Laos"));
    put("/party/1/id", json!("did:web:trust.vn.example:institutions:moet"));
    put("/scope/0/origin", json!("TH"));
    put("/scope/0/levelMax", json!(4));
    put("/scope/0/unheard", json!(true));
    put("/effectiveTo", json!("2026-09-30"));
    put("/state", json!("in-force"));
    put("/note", json!("x"));
    put("/unheard", json!("x"));
    put("/signedBy", json!("all"));
    put("/signedBy", Value::Null);
    put("/digestMultibase", json!(DIGEST));
    put("/digestMultibase", json!("zzz"));
    put("/history", json!([]));
    put("/history", json!("signed"));
    put("/history/0/recordedAt", json!("yesterday"));
    put("/history/0/state", json!("gone"));
    put("/history/0/note", json!("x"));
    put("/supersededBy", json!("VN-LA-3"));
    put("/instrument", json!("treaty.pdf"));
    let leap = json!([{"state": "signed", "since": "2026-08-15", "recordedAt": "2026-08-20T02:00:00Z"},
        {"state": "expired", "since": "2026-08-16", "recordedAt": "2026-08-20T02:00:00Z"}]);
    assert!(
        pointer(&|one| one["history"] = leap.clone()).starts_with("/credentialSubject/agreement/1/history/")
    );
    let missing = pointer(&|one| drop(one.as_object_mut().unwrap().shift_remove("signedBy")));
    assert_eq!(missing, "/credentialSubject/agreement/1/signedBy");
    // An authority speaks of its own country's agreements alone.
    let abroad = pointer(&|one| {
        one["party"][0]["territory"] = json!("TH");
        one["scope"][0]["origin"] = json!("TH");
    });
    assert_eq!(abroad, "/credentialSubject/agreement/1/party");
    // One id, and one place, for one agreement; no list without end.
    assert_eq!(pointer(&|one| *one = agreement("VN-LA-1")), "/credentialSubject/agreement");
    let place = agreement("VN-LA-1")["id"].clone();
    assert_eq!(pointer(&|one| one["id"] = place.clone()), "/credentialSubject/agreement");
    let many: Vec<Value> = (0..2_001).map(|n| json!({"agreementId": format!("A{n}")})).collect();
    let endless = list(&telling(7, json!(many)));
    assert!(
        matches!(endless, Err(TrustListError::Form(problem)) if problem.pointer == "/credentialSubject/agreement")
    );
}

#[test]
fn what_a_list_has_said_of_an_agreement_it_does_not_unsay() {
    let suspended =
        json!({"state": "suspended", "since": "2026-11-01", "recordedAt": ISSUED, "reason": "review"});
    let changed = |changes: &[(&str, Value)]| {
        let mut one = agreement("VN-LA-1");
        for (at, value) in changes {
            let (parent, name) = at.rsplit_once('/').unwrap();
            match one.pointer_mut(parent).unwrap() {
                Value::Array(items) if name == "-" => items.push(value.clone()),
                other => other[name] = value.clone(),
            }
        }
        json!([one])
    };
    let first = || changed(&[]);
    let grown = || changed(&[("/history/-", suspended.clone())]);
    let refused = |before: Value, after: Value| match admitted(before, after) {
        Err(TrustListError::Forgot { what }) => assert!(what.contains("VN-LA-1"), "{what}"),
        other => panic!("{other:?}"),
    };
    // It grows at its end, and it grows nowhere else.
    assert!(admitted(json!([]), first()).is_ok());
    assert!(admitted(first(), first()).is_ok());
    assert!(admitted(first(), grown()).is_ok());
    assert!(admitted(first(), json!([agreement("VN-LA-0"), agreement("VN-LA-1")])).is_ok());
    refused(first(), json!([]));
    refused(grown(), first());
    let reworded = |name: &str, value: Value| {
        let mut one = suspended.clone();
        one[name] = value;
        changed(&[("/history/-", one)])
    };
    refused(grown(), reworded("since", json!("2026-11-02")));
    refused(grown(), reworded("reason", json!("another")));
    refused(first(), changed(&[("/history/0/since", json!("2026-08-16"))]));
    for (at, value) in [
        ("/effectiveTo", json!("2041-09-30")),
        ("/kind", json!("treaty")),
        ("/scope/0/automatic", json!(false)),
        ("/scope/0/conditions", json!([])),
        ("/party/1/name", json!("Ministry of Laos")),
        ("/instrument/title", json!("Another")),
        ("/languages", json!(["vi"])),
    ] {
        refused(first(), changed(&[(at, value)]));
    }
    let mut bare = agreement("VN-LA-1");
    bare.as_object_mut().unwrap().shift_remove("languages");
    refused(first(), json!([bare]));
    // That its parties have signed is told one day, and stays; so does what took its place.
    let signed = || changed(&[("/signedBy", json!("parties")), ("/digestMultibase", json!(DIGEST))]);
    assert!(admitted(first(), signed()).is_ok());
    refused(signed(), first());
    let other = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    refused(signed(), changed(&[("/signedBy", json!("parties")), ("/digestMultibase", json!(other))]));
    let ended = |by: &str| {
        let ends = json!({"state": "superseded", "since": "2026-11-05", "recordedAt": ISSUED});
        changed(&[("/history/-", ends), ("/supersededBy", json!(by))])
    };
    assert!(admitted(first(), ended("VN-LA-9")).is_ok());
    refused(ended("VN-LA-9"), ended("VN-LA-8"));
    // Where it is served is no term of it.
    assert!(
        admitted(first(), changed(&[("/id", json!("https://elsewhere.example/agreements/VN-LA-1"))])).is_ok()
    );
}

#[test]
fn lists_agreements_and_statements_have_a_meaning_in_json_ld() {
    let canonical = |document: &Value| jsonld::canonicalize(document.as_object().unwrap(), &["proof"]);
    let mut one = agreement("VN-LA-1");
    one["history"].as_array_mut().unwrap().extend([
        json!({"state": "suspended", "since": "2026-11-01", "recordedAt": ISSUED, "reason": "review"}),
        json!({"state": "superseded", "since": "2026-11-05", "recordedAt": ISSUED}),
    ]);
    one["supersededBy"] = json!("VN-LA-2");
    one["signedBy"] = json!("parties");
    one["digestMultibase"] = json!(DIGEST);
    let nquads = canonical(&telling(7, json!([one, agreement("VN-LA-2")]))).unwrap();
    for said in [
        "vocab#supersededBy",
        "vocab#reason",
        "vocab#languages",
        "vocab#signedBy",
        "annex 2.pdf",
        "Memorandum",
    ] {
        assert!(nquads.contains(said), "{said}\n{nquads}");
    }
    // The order of what was decided is part of what is signed.
    let mut turned = telling(7, json!([agreement("VN-LA-2")]));
    let before = canonical(&turned).unwrap();
    turned["credentialSubject"]["agreement"][0]["history"] = json!([
        {"state": "in-force", "since": "2026-10-01", "recordedAt": "2026-08-20T02:00:00Z"},
        {"state": "signed", "since": "2026-08-15", "recordedAt": "2026-08-20T02:00:00Z"},
    ]);
    let after = canonical(&turned).unwrap();
    turned["credentialSubject"]["agreement"][0]["history"].as_array_mut().unwrap().reverse();
    assert!(after != before && canonical(&turned).unwrap() != after);

    if let Some(mut document) = shared::json("examples/11-agreement-sample-vn-la.json") {
        canonical(&document).unwrap();
        let subject = &mut document["credentialSubject"];
        subject["languages"] = json!(["vi", "lo"]);
        subject["instrument"] = agreement("X")["instrument"].clone();
        subject["party"][0]["name"] = json!("Ministry (sample)");
        canonical(&document).unwrap();
    }
    if let Some(mut document) = shared::json("examples/09-recognition-statement.json") {
        let decision = &mut document["credentialSubject"]["decision"];
        decision["alternatives"] = json!(["bridging-course", "assessment"]);
        assert!(canonical(&document).unwrap().contains("vocab#alternatives"));
    }
}

/// What an authority would sign next, `agreements` being what its register says.
fn frame(agreements: Vec<Value>) -> Frame {
    let mut names = LocalizedText::default();
    names.set(LangTag::parse("en").unwrap(), "Ministry (sample)");
    Frame {
        territory: "VN".to_owned(),
        url: "https://trust.vn.example/trust/VN/list".to_owned(),
        contexts: authority_contexts("https://x.example"),
        issuer: Did::parse("did:web:trust.vn.example:institutions:moet").unwrap(),
        names,
        root_url: "https://trust.vn.example/trust/VN/root/1".to_owned(),
        root_version: 1,
        keys: Vec::new(),
        agreements,
        sequence: 7,
        now: at(ISSUED),
        next_update: at("2026-11-25T00:00:00Z"),
        valid_until: at("2026-12-10T00:00:00Z"),
    }
}

fn next(before: Option<&Value>, agreements: Vec<Value>) -> Value {
    let before = before.map(|list| serde_json::to_vec(list).unwrap());
    Value::Object(edit::next(before.as_deref(), &frame(agreements), &[]).unwrap())
}

fn told(list: &Value) -> Vec<String> {
    let entries = list["credentialSubject"]["agreement"].as_array().into_iter().flatten();
    entries.map(|entry| entry["agreementId"].as_str().unwrap().to_owned()).collect()
}

/// One with many values in few bytes.
fn dense(n: usize) -> Value {
    let mut one = agreement(&format!("VN-LA-{n}"));
    let condition = json!({"field": "mode", "op": "in", "value": vec![1; 256]});
    one["scope"][0]["conditions"] = json!(vec![condition; 50]);
    one["scope"] = json!(vec![one["scope"][0].clone(); 4]);
    one
}

/// The same after `changes` more decisions, each with a long reason.
fn followed(one: &Value, changes: usize) -> Value {
    let mut one = one.clone();
    let reason = "ດ".repeat(500);
    let decided = (0..changes).map(|n| {
        let state = if n % 2 == 0 { "suspended" } else { "in-force" };
        json!({"state": state, "since": "2026-11-10", "recordedAt": ISSUED, "reason": reason})
    });
    one["history"].as_array_mut().unwrap().extend(decided);
    one
}

#[test]
fn no_register_makes_a_list_that_its_readers_refuse() {
    let readable = |list: &Value| {
        let list = TrustList::parse(&list_bytes(list), &root());
        list.map(|list| list.agreements().len())
    };
    // Values, where bytes are few.
    let dense: Vec<Value> = (0..4).map(dense).collect();
    let list = next(None, dense.clone());
    assert_eq!((told(&list), readable(&list)), (vec!["VN-LA-0".to_owned()], Ok(1)));
    assert_eq!(next(Some(&list), dense), list);

    // What became of those that are listed: the shortest additions first.
    let all: Vec<Value> = (0..26).map(|n| agreement(&format!("VN-LA-{n}"))).collect();
    let list = next(None, all.clone());
    let mut grown: Vec<Value> = all.iter().map(|one| followed(one, 118)).collect();
    grown[25] = followed(&all[25], 1);
    let after = next(Some(&list), grown.clone());
    assert_eq!(readable(&after), Ok(26));
    let entries = after["credentialSubject"]["agreement"].as_array().unwrap();
    let went_on = entries.iter().filter(|entry| entry["history"].as_array().unwrap().len() > 2).count();
    assert!((5..20).contains(&went_on), "{went_on}");
    assert_eq!(entries[25], grown[25]);
    assert_eq!(next(Some(&after), grown), after, "nor does it try again and again");

    // Beside issuers that fill most of the list already.
    let issuer = |n: usize| {
        let mut one = college();
        one["id"] = json!(format!("{COLLEGE}-{n}"));
        one["nameI18n"]["en"] = json!("x".repeat(3_000));
        for members in ["trustedKey", "grant", "archivedDidDocument"] {
            one.as_object_mut().unwrap().shift_remove(members);
        }
        one
    };
    let issuers: Vec<Value> = (0..1_000).map(issuer).collect();
    let mut full = list_document(6, ISSUED, &issuers);
    assert!(serde_json::to_vec(&full).unwrap().len() > MAX_LIST * 5 / 8);
    let many: Vec<Value> = (0..1_900).map(|n| agreement(&format!("VN-LA-{n}"))).collect();
    let list = next(Some(&full), many.clone());
    let size = serde_json::to_vec(&list).unwrap().len();
    assert!(size < MAX_LIST * 15 / 16 && told(&list).len() > 50, "{size} {}", told(&list).len());
    assert_eq!(readable(&list), Ok(told(&list).len()));
    full["credentialSubject"]["trustedIssuer"].as_array_mut().unwrap().extend((1_000..1_250).map(issuer));
    let list = next(Some(&full), many);
    assert_eq!((told(&list), readable(&list)), (vec![], Ok(0)), "issuers come first");
}

#[test]
fn treaties_come_first_and_what_was_over_before_is_not_told() {
    let of = |id: &str, kind: &str| {
        let mut one = agreement(id);
        one["kind"] = json!(kind);
        one
    };
    let over = |id: &str, state: &str| {
        let mut one = followed(&of(id, "treaty"), 1);
        one["history"].as_array_mut().unwrap().last_mut().unwrap()["state"] = json!(state);
        one
    };
    let past = |id: &str, basis: &str| {
        let mut one = of(id, "treaty");
        one["effectiveFrom"] = json!("2026-08-20");
        one["effectiveTo"] = json!("2026-11-09");
        one["temporalBasis"] = json!(basis);
        one
    };
    let register = vec![
        of("A", "institution"),
        of("B", "ministry"),
        of("C", "treaty"),
        over("D", "terminated"),
        over("E", "suspended"),
        past("F", "application-date"),
        past("G", "award-date"),
        of("H", "ministry"),
    ];
    let list = next(None, register.clone());
    assert_eq!(told(&list), ["C", "E", "G", "B", "H", "A"], "awards of its time count under G");
    // What ends later is told.
    let mut register = register;
    register[2] = over("C", "terminated");
    let after = next(Some(&list), register.clone());
    assert_eq!((told(&after), &after["credentialSubject"]["agreement"][0]), (told(&list), &register[2]));
    let list = TrustList::parse(&list_bytes(&after), &root()).unwrap();
    assert!(list.untold(&register).is_empty() && list.tells_agreements(&register));
}

#[test]
fn when_a_decision_was_recorded_is_not_dated_back_to_before_the_list_that_does_not_tell_of_it() {
    let recorded = |at: &str, since: &str| {
        let mut one = followed(&agreement("VN-LA-1"), 1);
        let last = one["history"].as_array_mut().unwrap().last_mut().unwrap();
        last["recordedAt"] = json!(at);
        last["since"] = json!(since);
        one
    };
    let before = || json!([agreement("VN-LA-1")]);
    let after = |at: &str, since: &str| admitted(before(), json!([recorded(at, since)])).map(|_| ());
    assert_eq!(
        after("2026-11-09T23:54:59Z", "2026-11-09"),
        Err(TrustListError::Retroactive { what: "VN-LA-1".to_owned() })
    );
    // Clocks differ; and what is decided today may hold since a day that is over.
    assert_eq!(after("2026-11-09T23:55:00Z", "2026-11-09"), Ok(()));
    assert_eq!(after("2026-11-11T00:00:00Z", "2026-10-02"), Ok(()));
    // Nobody makes a list that its readers refuse for that.
    let list = next(None, vec![agreement("VN-LA-1")]);
    assert_eq!(next(Some(&list), vec![recorded("2026-11-09T23:00:00Z", "2026-11-09")]), list);
}

#[test]
fn a_register_fills_half_of_a_list_at_most_and_what_is_no_agreement_stays_out() {
    let large = |n: usize| {
        let mut one = agreement(&format!("VN-LA-{n}"));
        let scope = one["scope"][0].clone();
        one["scope"] = json!(vec![scope; 400]);
        one
    };
    let all: Vec<Value> = (0..50).map(large).collect();
    let list = next(None, all.clone());
    let fit = told(&list).len();
    assert!((10..50).contains(&fit), "{fit}");
    assert!(serde_json::to_vec(&list).unwrap().len() < MAX_LIST * 5 / 8);
    assert_eq!(next(Some(&list), all), list, "what has no room changes nothing");
    // Whatever the register says, what was told stays, and what is no agreement of this country is not told.
    assert_eq!(next(Some(&list), Vec::new()), list);
    let mut abroad = agreement("ABROAD");
    abroad["party"][0]["territory"] = json!("TH");
    abroad["scope"] = json!([]);
    let mut unheard = agreement("UNHEARD");
    unheard["unheard"] = json!(true);
    let small = next(None, vec![abroad, agreement("VN-LA-1"), unheard, json!("no entry")]);
    assert_eq!(told(&small), ["VN-LA-1"]);
    let mut twice = agreement("VN-LA-1");
    twice["history"]
        .as_array_mut()
        .unwrap()
        .push(json!({"state": "gone", "since": "2026-11-01", "recordedAt": ISSUED}));
    assert_eq!(next(Some(&small), vec![twice]), small, "what no reader takes does not go on");
    assert!(next(None, Vec::new())["credentialSubject"].get("agreement").is_none());
}
