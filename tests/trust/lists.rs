//! Roots and lists: what is believed, and what is refused under which name.

use serde_json::{Value, json};
use testamur::crypto::Signer as _;
use testamur::trustlist::{Root, TrustList, TrustListError};

use super::maker::*;
use crate::shared;

const ISSUED: &str = "2026-11-10T00:00:00Z";
const NOW: &str = "2026-11-12T00:00:00Z";

fn bytes(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared::path(&format!("examples/{name}.json"))?).unwrap())
}

#[test]
fn the_worked_examples_are_believed() {
    let (Some(vn), Some(la), Some(list)) =
        (bytes("13-trust-root-vn"), bytes("14-trust-root-la"), bytes("10-trust-list-vn"))
    else {
        return;
    };
    let (vn, la) = (Root::parse(&vn).unwrap(), Root::parse(&la).unwrap());
    assert_eq!((vn.territory.as_str(), vn.version, vn.threshold), ("VN", 1, 2));
    let list = TrustList::parse(&list, &vn).unwrap();
    list.admit(&vn, None, at("2026-11-22T00:00:00Z")).unwrap();
    assert_eq!((list.sequence, list.issuers().count()), (42, 5));
    assert_eq!(list.pointers[0].fingerprint, la.fingerprint);
    let college = list.issuer("did:web:diplomas.vn.example:institutions:cdktcn-mau").unwrap();
    assert_eq!(college.location, Some((18.6734, 105.6923)));
    assert!(college.keys[0].compromised_since.is_some() && college.archived.is_some());
    assert!(matches!(
        TrustList::parse(&bytes("10-trust-list-vn").unwrap(), &la),
        Err(TrustListError::Territory { .. })
    ));
}

#[test]
fn a_root_takes_as_many_of_its_own_keys_as_it_says() {
    let with = |keys: &[u8]| {
        let keys: Vec<_> = keys.iter().map(|n| root_key(*n)).collect();
        Root::parse(&signed(&first_root(), &keys, "2026-01-02T00:00:00Z"))
    };
    assert!(with(&[1, 2]).is_ok() && with(&[1, 2, 3]).is_ok());
    assert_eq!(with(&[2]), Err(TrustListError::Threshold { found: 1, wanted: 2 }));
    assert_eq!(
        with(&[2, 9]),
        Err(TrustListError::Threshold { found: 1, wanted: 2 }),
        "a stranger counts for nothing"
    );
    assert!(matches!(with(&[2, 2]), Err(TrustListError::Proof(_))), "one key signs once");
    let early = signed(&first_root(), &[root_key(1), root_key(2)], "2025-12-31T00:00:00Z");
    assert_eq!(
        Root::parse(&early),
        Err(TrustListError::Threshold { found: 0, wanted: 2 }),
        "before its keys began"
    );

    for threshold in [0, 4] {
        let document = root_document(1, threshold, &[1, 2, 3], &[]);
        let root = Root::parse(&signed(&document, &[root_key(1), root_key(2)], "2026-01-02T00:00:00Z"));
        assert!(
            matches!(root, Err(TrustListError::Form(problem)) if problem.pointer == "/credentialSubject/threshold")
        );
    }
    let twice = root_document(1, 2, &[1, 1, 2], &[]);
    let root = Root::parse(&signed(&twice, &[root_key(1), root_key(2)], "2026-01-02T00:00:00Z"));
    assert!(matches!(root, Err(TrustListError::Form(_))), "a key that stands there twice is still one key");
}

#[test]
fn a_root_is_followed_by_the_next_one_signed_by_both() {
    let next = root_document(2, 1, &[4, 5], &[(12, "2026-06-01T00:00:00Z", "2027-06-30T00:00:00Z")]);
    let with = |keys: &[u8]| {
        let keys: Vec<_> = keys.iter().map(|n| root_key(*n)).collect();
        Root::parse(&signed(&next, &keys, "2026-06-01T00:00:00Z")).unwrap().succeeds(&root())
    };
    assert_eq!(with(&[4, 1, 2]), Ok(()));
    assert_eq!(with(&[4, 1]), Err(TrustListError::Threshold { found: 1, wanted: 2 }), "one of two old keys");
    assert_eq!(with(&[4]), Err(TrustListError::Threshold { found: 0, wanted: 2 }), "a thief's own root");
    let skipped = root_document(3, 2, &[1, 2, 3], &[]);
    let skipped =
        Root::parse(&signed(&skipped, &[root_key(1), root_key(2)], "2026-06-01T00:00:00Z")).unwrap();
    assert_eq!(skipped.succeeds(&root()), Err(TrustListError::RootVersion { found: 3, wanted: 2 }));
    assert_eq!(root().succeeds(&root()), Err(TrustListError::RootVersion { found: 1, wanted: 2 }));
    let mut elsewhere = root_document(2, 2, &[1, 2, 3], &[]);
    elsewhere["credentialSubject"]["territory"] = json!("LA");
    let elsewhere =
        Root::parse(&signed(&elsewhere, &[root_key(1), root_key(2)], "2026-06-01T00:00:00Z")).unwrap();
    assert!(matches!(elsewhere.succeeds(&root()), Err(TrustListError::Territory { .. })));
}

#[test]
fn a_list_is_signed_by_a_key_that_the_root_lets_sign_lists() {
    let document = list_document(7, ISSUED, &[college()]);
    let by = |keys: &[_], when: &str| {
        let list = TrustList::parse(&signed(&document, keys, ISSUED), &root())?;
        list.admit(&root(), None, at(when))
    };
    assert_eq!(by(&[list_key(11)], NOW), Ok(()));
    assert!(matches!(by(&[list_key(12)], NOW), Err(TrustListError::Undelegated(_))));
    assert!(
        matches!(by(&[root_key(1)], NOW), Err(TrustListError::Undelegated(_))),
        "a root key signs no lists"
    );
    let lent = key(11, "did:web:elsewhere.example");
    assert!(matches!(by(&[lent], NOW), Err(TrustListError::Undelegated(_))), "the key under another name");
    // The delegation has ended: an old key cannot bring in a list that pretends to be older.
    let mut old = document.clone();
    old["credentialSubject"]["nextUpdate"] = json!("2028-01-01T00:00:00Z");
    old["validUntil"] = json!("2028-01-01T00:00:00Z");
    let old = list(&old).unwrap();
    assert!(matches!(
        old.admit(&root(), None, at("2027-03-01T00:00:00Z")),
        Err(TrustListError::Undelegated(_))
    ));
}

#[test]
fn a_list_has_its_time() {
    let first = list(&list_document(7, ISSUED, &[college()])).unwrap();
    let admit = |when: &str| first.admit(&root(), None, at(when));
    assert_eq!(admit("2026-11-09T23:56:00Z"), Ok(()), "clocks differ");
    assert!(matches!(admit("2026-11-09T23:00:00Z"), Err(TrustListError::Future(_))));
    assert_eq!(admit("2026-11-25T00:00:00Z"), Ok(()));
    assert!(matches!(admit("2026-11-25T00:06:00Z"), Err(TrustListError::Stale(_))));
    assert!(!first.is_over(at("2026-12-09T00:00:00Z")) && first.is_over(at("2026-12-11T00:00:00Z")));
}

fn follow(next: &Value) -> Result<(), TrustListError> {
    let known = list(&list_document(7, "2026-11-01T00:00:00Z", &[college()])).unwrap();
    list(next)?.admit(&root(), Some(&known), at(NOW))
}

fn next(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = list_document(8, ISSUED, &[college()]);
    change(&mut document["credentialSubject"]);
    document
}

fn with_entry(entry: Value) -> Value {
    next(|subject| {
        subject["trustedIssuer"][0]["grant"][0]["history"].as_array_mut().unwrap().push(entry);
    })
}

#[test]
fn what_a_list_has_said_it_does_not_unsay() {
    assert_eq!(follow(&next(|_| {})), Ok(()));
    let refused = |change: fn(&mut Value), what: &str| match follow(&next(change)) {
        Err(TrustListError::Forgot { what: found }) => assert!(found.contains(what), "{found}"),
        other => panic!("{what}: {other:?}"),
    };
    refused(|list| list["trustedIssuer"] = json!([]), COLLEGE);
    refused(|list| list["closedLog"] = json!([]), "log.vn.example/2025");
    refused(|list| list["closedLog"][0]["treeSize"] = json!(6), "log.vn.example/2025");
    refused(|list| list["trustedIssuer"][0]["trustedKey"] = json!([]), COLLEGE);
    refused(
        |list| list["trustedIssuer"][0]["trustedKey"][0]["notBefore"] = json!("2020-01-01T00:00:00Z"),
        "#z6Mk",
    );
    refused(|list| list["trustedIssuer"][0]["grant"] = json!([]), "urn:uuid:310f3ee8");
    refused(
        |list| list["trustedIssuer"][0]["grant"][0]["effectiveFrom"] = json!("2020-01-01"),
        "urn:uuid:310f3ee8",
    );
    refused(
        |list| list["trustedIssuer"][0]["grant"][0]["scope"] = json!([{"types": ["diploma"]}]),
        "urn:uuid:310f3ee8",
    );
    refused(|list| list["trustedIssuer"][0]["grant"][0]["history"] = json!([]), "urn:uuid:310f3ee8");
    refused(
        |list| list["trustedIssuer"][0]["grant"][0]["history"][0]["since"] = json!("2024-09-01"),
        "urn:uuid:310f3ee8",
    );
    // A history only grows, an issuer may be added, a key may end or turn out to be stolen.
    assert_eq!(
        follow(&with_entry(json!({"standing": "withdrawn", "since": "2026-11-05", "recordedAt": ISSUED}))),
        Ok(())
    );
    let stolen = next(|list| {
        list["trustedIssuer"][0]["trustedKey"][0]["compromisedSince"] = json!("2026-10-01T00:00:00Z")
    });
    assert_eq!(follow(&stolen), Ok(()));
    let known = list(&{
        let mut first = stolen;
        first["credentialSubject"]["sequenceNumber"] = json!(7);
        first
    });
    let healed = list(&next(|_| {})).unwrap().admit(&root(), Some(&known.unwrap()), at(NOW));
    assert!(matches!(healed, Err(TrustListError::Forgot { what }) if what.contains("compromisedSince")));
}

#[test]
fn what_became_of_the_authoritys_own_keys_is_not_unsaid() {
    let own = |extra: Value| {
        let mut key = json!({
            "id": list_key(12).key_id(), "keyUse": "accreditation", "notBefore": "2026-01-01T00:00:00Z",
        });
        key.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        key
    };
    let told = |sequence: u64, keys: Vec<Value>| {
        let mut document = list_document(sequence, ISSUED, &[college()]);
        document["credentialSubject"]["trustedKey"] = json!(keys);
        list(&document).unwrap()
    };
    let follows = |before: Value, after: Vec<Value>| {
        told(8, after).admit(&root(), Some(&told(7, vec![own(before)])), at(NOW))
    };
    let (stolen, ended) =
        (json!({"compromisedSince": "2026-10-01T00:00:00Z"}), json!({"notAfter": "2026-10-01T00:00:00Z"}));
    for (before, after) in [
        (stolen.clone(), vec![]),
        (stolen.clone(), vec![own(json!({}))]),
        (stolen.clone(), vec![own(json!({"compromisedSince": "2026-11-01T00:00:00Z"}))]),
        (stolen.clone(), vec![own(stolen.clone()), own(json!({"keyUse": "trust-list"}))]),
        (ended.clone(), vec![own(json!({}))]),
        (ended.clone(), vec![own(json!({"notAfter": "2027-10-01T00:00:00Z"}))]),
    ] {
        let told = follows(before.clone(), after.clone());
        assert!(matches!(told, Err(TrustListError::Forgot { .. })), "{before} {after:?}: {told:?}");
    }
    for (before, after) in [
        (json!({}), vec![own(stolen.clone())]),
        (json!({}), vec![]),
        (stolen.clone(), vec![own(json!({"compromisedSince": "2026-09-01T00:00:00Z"}))]),
        (ended, vec![own(json!({"notAfter": "2026-09-01T00:00:00Z"}))]),
    ] {
        assert_eq!(follows(before, after), Ok(()));
    }
}

#[test]
fn only_an_annulment_dates_back() {
    let entry = |standing: &str, since: &str| {
        follow(&with_entry(
            json!({"standing": standing, "since": since, "effective": "2024-08-01", "recordedAt": ISSUED}),
        ))
    };
    assert_eq!(entry("annulled", "2026-11-05"), Ok(()));
    assert_eq!(entry("annulled", "2025-01-01"), Ok(()));
    let without = |standing: &str, since: &str| {
        follow(&with_entry(json!({"standing": standing, "since": since, "recordedAt": ISSUED})))
    };
    assert_eq!(without("suspended", "2026-11-01"), Ok(()), "the day of the last list itself");
    assert!(matches!(without("suspended", "2026-10-31"), Err(TrustListError::Retroactive { .. })));
    assert!(matches!(without("withdrawn", "2025-01-01"), Err(TrustListError::Retroactive { .. })));
}

#[test]
fn an_older_or_another_list_does_not_take_the_place_of_the_one_known() {
    let mut older = list_document(6, ISSUED, &[college()]);
    assert_eq!(follow(&older), Err(TrustListError::Rollback { found: 6, known: 7 }));
    older["credentialSubject"]["sequenceNumber"] = json!(7);
    assert_eq!(follow(&older), Err(TrustListError::Fork(7)));
    assert_eq!(
        follow(&list_document(7, "2026-11-01T00:00:00Z", &[college()])),
        Ok(()),
        "the very same is no news"
    );
}

#[test]
fn the_root_ends_the_word_of_a_stolen_list_key() {
    // The thief has published a list with a high number and a false history.
    let mut false_list = list_document(900, ISSUED, &[college()]);
    false_list["credentialSubject"]["trustedIssuer"][0]["grant"][0]["history"] =
        json!([{"standing": "granted", "since": "2010-01-01", "recordedAt": ISSUED}]);
    let stolen = list(&false_list).unwrap();
    let document = root_document(2, 2, &[1, 2, 3], &[(12, "2026-11-01T00:00:00Z", "2027-06-30T00:00:00Z")]);
    let second = Root::parse(&signed(&document, &[root_key(1), root_key(2)], ISSUED)).unwrap();
    second.succeeds(&root()).unwrap();
    assert!(!second.delegates(&stolen.key));
    let mut document = list_document(8, ISSUED, &[college()]);
    document["credentialSubject"]["rootVersion"] = json!(2);
    let fresh = signed(&document, &[list_key(12)], ISSUED);
    assert_eq!(TrustList::parse(&fresh, &root()), Err(TrustListError::NewerRoot(2)));
    let fresh = TrustList::parse(&fresh, &second).unwrap();
    assert_eq!(fresh.admit(&second, Some(&stolen), at(NOW)), Ok(()), "numbers and histories begin anew");
    assert!(matches!(
        TrustList::parse(&list_bytes(&false_list), &second),
        Err(TrustListError::Undelegated(_))
    ));
}

#[test]
fn a_list_names_an_issuer_once_and_speaks_for_its_own_territory() {
    let twice = list_document(7, ISSUED, &[college(), college()]);
    assert_eq!(list(&twice), Err(TrustListError::Twice(COLLEGE.to_owned())));
    let mut elsewhere = list_document(7, ISSUED, &[college()]);
    elsewhere["credentialSubject"]["territory"] = json!("LA");
    assert!(matches!(list(&elsewhere), Err(TrustListError::Territory { .. })));
}

#[test]
fn what_is_wrong_is_named() {
    let pointer = |change: fn(&mut Value)| {
        let mut document = list_document(7, ISSUED, &[college()]);
        change(&mut document);
        match list(&document) {
            Err(TrustListError::Form(problem)) => problem.pointer,
            other => panic!("{other:?}"),
        }
    };
    let issuer = "/credentialSubject/trustedIssuer/0";
    assert_eq!(
        pointer(|list| list["credentialSubject"]["sequenceNumber"] = json!("7")),
        "/credentialSubject/sequenceNumber"
    );
    assert_eq!(
        pointer(|list| list["credentialSubject"]["territory"] = json!("vn")),
        "/credentialSubject/territory"
    );
    assert_eq!(
        pointer(|list| list["@context"][3] = json!({"territory": "https://x.example/#"})),
        "/@context"
    );
    assert_eq!(pointer(|list| list["type"] = json!(["VerifiableCredential"])), "/type");
    assert_eq!(
        pointer(|list| list["credentialSubject"]["trustedIssuer"][0]["id"] = json!("https://x.example")),
        format!("{issuer}/id")
    );
    assert_eq!(
        pointer(|list| list["credentialSubject"]["trustedIssuer"][0]["location"] = json!("geo:91,0")),
        format!("{issuer}/location")
    );
    assert_eq!(
        pointer(
            |list| list["credentialSubject"]["trustedIssuer"][0]["trustedKey"][0]["keyUse"] = json!("all")
        ),
        format!("{issuer}/trustedKey/0/keyUse")
    );
    assert_eq!(
        pointer(|list| {
            list["credentialSubject"]["trustedIssuer"][0]["archivedDidDocument"]["id"] =
                json!("did:web:x.example");
        }),
        format!("{issuer}/archivedDidDocument")
    );
}

#[test]
fn a_changed_list_is_refused_wherever_it_is_changed() {
    let good: Value = serde_json::from_slice(&list_bytes(&list_document(7, ISSUED, &[college()]))).unwrap();
    let mut texts = Vec::new();
    collect(&good, &mut String::new(), &mut texts);
    assert!(texts.len() > 40, "{}", texts.len());
    for place in texts {
        let mut bad = good.clone();
        let value = bad.pointer_mut(&place).unwrap();
        *value = match value {
            Value::String(text) => json!(format!("{text}x")),
            Value::Number(number) => json!(number.as_u64().unwrap() + 1),
            other => panic!("{other}"),
        };
        assert!(TrustList::parse(&serde_json::to_vec(&bad).unwrap(), &root()).is_err(), "{place}");
    }
}

fn collect(value: &Value, at: &mut String, out: &mut Vec<String>) {
    let mut step = |name: &str, inner: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(inner, at, out);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| step(name, inner)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| step(&index.to_string(), inner))
        }
        _ => out.push(at.clone()),
    }
}

#[test]
fn nothing_is_unsaid_behind_a_second_entry_of_the_same_name() {
    let known = list(&list_document(7, ISSUED, &[college()])).unwrap();
    known.admit(&root(), None, at(NOW)).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut document = list_document(8, ISSUED, &[college()]);
        change(&mut document["credentialSubject"]);
        let why = list(&document).map(drop).unwrap_err().to_string();
        assert!(why.contains("two entries") || why.contains("one tree"), "{why}");
    };
    // The first entry is the one that counts, the last is the one that says all that was said before.
    for member in ["trustedKey", "grant"] {
        refused(&|subject| {
            let entries = subject["trustedIssuer"][0][member].as_array_mut().unwrap();
            let again = entries[0].clone();
            entries.push(again);
        });
    }
    refused(&|subject| {
        let closed = json!({"origin": "log.vn.example/2025", "treeSize": 9, "rootHash": "BBBB"});
        subject["closedLog"].as_array_mut().unwrap().insert(0, closed);
    });
}
