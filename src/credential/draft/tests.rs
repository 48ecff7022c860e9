//! Tests of drafts.

use super::*;

fn draft(value: Value) -> Draft {
    Draft::from_members(value.as_object().cloned().unwrap())
}

fn fill(draft: &mut Draft) {
    draft.fill(&Filling {
        issuer: "did:web:x.example:institutions:y",
        issuer_names: &[("vi", "Trường"), ("en", "College")],
        id: "https://x.example/c/1",
        now: "2026-07-03T02:00:00.5Z".parse().unwrap(),
    });
}

#[test]
fn what_is_missing_is_filled_in_and_what_is_there_stays() {
    let mut empty = draft(
        json!({"credentialSubject": {"b": 1, "a": 2}, "type": ["VerifiableCredential"], "@context": [crate::credential::view::CONTEXT_V2]}),
    );
    fill(&mut empty);
    assert_eq!(
        empty.members().keys().collect::<Vec<_>>(),
        ["@context", "id", "type", "issuer", "validFrom", "credentialSubject"]
    );
    assert_eq!(empty.members()["issuer"], "did:web:x.example:institutions:y");
    assert_eq!(empty.members()["validFrom"], "2026-07-03T02:00:00Z");
    assert_eq!(empty.check(), []);
    let mut full = draft(
        json!({"@context": [crate::credential::view::CONTEXT_V2], "id": "urn:uuid:7", "issuer": null, "validFrom": "x"}),
    );
    fill(&mut full);
    assert_eq!(full.members()["id"], "urn:uuid:7");
    assert_eq!((&full.members()["issuer"], &full.members()["validFrom"]), (&Value::Null, &json!("x")));
}

#[test]
fn our_kinds_get_an_issuer_with_a_name() {
    let mut diploma = draft(
        json!({"@context": [crate::credential::view::CONTEXT_V2], "type": ["VerifiableCredential", "OpenBadgeCredential", "QualificationCredential"]}),
    );
    fill(&mut diploma);
    assert_eq!(
        diploma.members()["issuer"],
        json!({"id": "did:web:x.example:institutions:y", "type": ["Profile"], "name": "Trường", "nameI18n": {"vi": "Trường", "en": "College"}})
    );
}

#[test]
fn the_older_model_gets_a_date_and_a_context_and_nothing_else() {
    let mut old = draft(
        json!({"@context": [crate::credential::view::CONTEXT_V1], "type": ["VerifiableCredential"], "credentialSubject": {"id": "did:a:b"}}),
    );
    fill(&mut old);
    assert!(!old.wants_status());
    assert_eq!(
        old.members().keys().collect::<Vec<_>>(),
        ["@context", "type", "issuanceDate", "credentialSubject"]
    );
    assert_eq!(
        old.members()["@context"],
        json!([crate::credential::view::CONTEXT_V1, CONTEXT_DATA_INTEGRITY])
    );
    let mut again = old.clone();
    fill(&mut again);
    assert_eq!(again.members(), old.members());
}

#[test]
fn status_and_proof_find_their_place() {
    let mut one = draft(
        json!({"evidence": [], "@context": [crate::credential::view::CONTEXT_V2], "proof": {"type": "Theirs"}}),
    );
    one.add_status(vec![json!({"a": 1}), json!({"b": 2})], Profile::Plain);
    assert!(!one.wants_status());
    one.add_status(vec![json!({"c": 3})], Profile::Plain);
    let signed = one.into_signed(json!({"type": "Ours"}));
    assert_eq!(signed.keys().collect::<Vec<_>>(), ["@context", "evidence", "credentialStatus", "proof"]);
    assert_eq!(signed["credentialStatus"], json!([{"a": 1}, {"b": 2}]));
    assert_eq!(signed["proof"], json!([{"type": "Ours"}, {"type": "Theirs"}]));
    let again = Draft::from_signed(signed);
    assert!(again.wants_status());
    assert_eq!(again.members()["proof"], json!([{"type": "Theirs"}]));
    let alone = Draft::from_signed(draft(json!({"a": 1})).into_signed(json!({"type": "Ours"})));
    assert_eq!(Value::Object(alone.into_members()), json!({"a": 1}));
    assert_eq!(draft(json!({})).into_signed(json!({"type": "Ours"}))["proof"], json!({"type": "Ours"}));
}

#[test]
fn strict_open_badges() {
    let mut badge = draft(
        json!({"@context": [crate::credential::view::CONTEXT_V2], "type": ["VerifiableCredential", "OpenBadgeCredential"]}),
    );
    assert_eq!(badge.apply(Profile::ObStrict), []);
    badge.add_status(vec![json!({"a": 1}), json!({"b": 2})], Profile::ObStrict);
    assert_eq!(badge.members()["credentialStatus"], json!({"a": 1}));
    assert_eq!(badge.members()["credentialSchema"][0]["type"], "JsonSchema");
    assert_eq!(draft(json!({})).apply(Profile::ObStrict).len(), 1);
    assert_eq!((Profile::parse("ob-strict"), Profile::parse("x")), (Some(Profile::ObStrict), None));
}

#[test]
fn unsigned_courses_are_handed_out() {
    let mut record =
        draft(json!({"credentialSubject": {"verifiableCredential": [{"n": 1}, {"n": 2, "proof": {}}]}}));
    let inner = record.unsigned_inner();
    assert_eq!(inner.len(), 1);
    assert_eq!(inner[0]["n"], 1);
}
