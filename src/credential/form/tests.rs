//! Each rule of the form, by one document that breaks it.

use super::*;
use serde_json::json;

/// A credential that is right, with one member replaced (`Value::Null` is kept as null) or removed.
fn with(member: &str, value: Option<Value>) -> Map<String, Value> {
    let mut document = json!({
        "@context": [CONTEXT_V2],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z6Mk",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:a"},
    });
    let members = document.as_object_mut().unwrap();
    match value {
        Some(value) => members.insert(member.to_owned(), value),
        None => members.shift_remove(member),
    };
    std::mem::take(members)
}

fn old(member: &str, value: Value) -> Map<String, Value> {
    let mut document = json!({
        "@context": [CONTEXT_V1, "https://w3id.org/security/data-integrity/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z6Mk",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:a"},
    });
    let members = document.as_object_mut().unwrap();
    members.insert(member.to_owned(), value);
    std::mem::take(members)
}

fn good(document: &Map<String, Value>) {
    assert_eq!(check(document), [], "{}", serde_json::to_string(document).unwrap());
}

#[track_caller]
fn bad(document: &Map<String, Value>, pointer: &str) {
    let problems = check(document);
    assert!(
        problems.iter().any(|problem| problem.pointer.starts_with(pointer)),
        "{pointer}: {problems:?} in {}",
        serde_json::to_string(document).unwrap()
    );
}

#[test]
fn members_that_must_be_there_and_of_one_kind() {
    let wrong: &[(&str, &[Value])] = &[
        (
            "@context",
            &[
                json!(null),
                json!(4),
                json!({"foo": true}),
                json!(false),
                json!([]),
                json!(CONTEXT_V2),
                json!(["https://www.w3.org/ns/credentials/examples/v2", CONTEXT_V2]),
                json!([CONTEXT_V2, "https ://not-a-url/"]),
                json!([CONTEXT_V2, 4]),
                json!([CONTEXT_V2, null]),
                json!([[]]),
                json!({}),
            ],
        ),
        (
            "type",
            &[
                json!(null),
                json!(true),
                json!(4),
                json!([]),
                json!("VerifiableCredential"),
                json!({}),
                json!([[]]),
                json!(["Other"]),
                json!(["VerifiableCredential", {}]),
            ],
        ),
        (
            "issuer",
            &[
                json!(null),
                json!(true),
                json!(4),
                json!([]),
                json!({"id": null}),
                json!("fake-issuer"),
                json!({}),
                json!({"id": "x"}),
                json!({"id": "did:a:b", "name": {"@value": "n", "url": "u"}}),
            ],
        ),
        (
            "credentialSubject",
            &[
                json!(null),
                json!(true),
                json!(4),
                json!([]),
                json!("x"),
                json!({}),
                json!([{"id": "did:a:b"}, {}]),
                json!([["x"]]),
                json!({"id": "https ://x/"}),
                json!({"id": null}),
            ],
        ),
    ];
    for (member, values) in wrong {
        bad(&with(member, None), &format!("/{member}"));
        for value in *values {
            bad(&with(member, Some(value.clone())), &format!("/{member}"));
        }
    }
}

#[test]
fn members_that_may_be_there() {
    let cases: &[(&str, &[Value], &[Value])] = &[
        (
            "id",
            &[
                json!(null),
                json!([]),
                json!(["urn:a:b"]),
                json!("https ://not-a-url/x"),
                json!("x"),
                json!({}),
            ],
            &[json!("did:a:b")],
        ),
        (
            "validFrom",
            &[json!("Wed, 14 Jun 2017 07:00:00 GMT"), json!("2026-01-01"), json!(2026), json!(null)],
            &[json!("4023-01-01T00:00:00.000-06:00")],
        ),
        (
            "validUntil",
            &[json!("2025-12-31T23:59:59Z"), json!("2026-01-01T00:00:00")],
            &[json!("2026-01-01T00:00:00Z")],
        ),
        (
            "name",
            &[
                json!({"@value": "a", "url": "b"}),
                json!(4),
                json!({"@language": "en"}),
                json!([]),
                json!({"@value": "a", "@direction": "up"}),
            ],
            &[
                json!("a"),
                json!({"@value": "a", "@language": "ar", "@direction": "rtl"}),
                json!([{"@value": "a", "@language": "en"}]),
            ],
        ),
        (
            "credentialStatus",
            &[
                json!({}),
                json!([]),
                json!("x"),
                json!({"type": 2}),
                json!({"id": "urn:a:b"}),
                json!({"type": "T", "id": []}),
                json!({"type": "T", "id": "https ://x/"}),
                json!([{"type": "T"}, 4]),
            ],
            &[json!({"type": "T"}), json!([{"type": "T", "id": "urn:a:b"}])],
        ),
        (
            "credentialSchema",
            &[json!({"type": "T"}), json!({"id": "did:a:b"}), json!({"id": "x", "type": "T"})],
            &[json!({"id": "did:a:b", "type": "T"})],
        ),
        (
            "termsOfUse",
            &[json!({}), json!({"id": "urn:a:b"}), json!({"type": "T", "id": "x"})],
            &[json!({"type": "T"})],
        ),
        ("evidence", &[json!({}), json!([{}]), json!("x")], &[json!([{"type": ["T"]}])]),
        ("refreshService", &[json!({}), json!({"type": "T", "id": "x"})], &[json!({"type": "T"})]),
        (
            "relatedResource",
            &[
                json!("https://x.example/"),
                json!(["https://x.example/"]),
                json!({"digestSRI": "x"}),
                json!({"id": "urn:a:b"}),
                json!([]),
                json!([{"id": "urn:a:b", "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}, {"id": "urn:a:b", "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}]),
                json!({"id": "urn:a:b", "digestSRI": "sha384-_rCVIV7f"}),
            ],
            &[
                json!({"id": "urn:a:b", "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k", "mediaType": "text/x"}),
            ],
        ),
        (
            "proof",
            &[
                json!(null),
                json!([]),
                json!("x"),
                json!(true),
                json!({}),
                json!({"type": "T", "created": "today"}),
                json!({"type": "T", "previousProof": 4}),
                json!({"type": "T", "id": "456321"}),
                json!(vec![json!({"type": "T"}); 17]),
            ],
            &[
                json!({"type": "UnknownProofType"}),
                json!([{"type": "T", "previousProof": ["urn:a:b"]}, {"type": "T"}]),
            ],
        ),
    ];
    for (member, wrong, right) in cases {
        for value in *wrong {
            bad(&with(member, Some(value.clone())), &format!("/{member}"));
        }
        for value in *right {
            good(&with(member, Some(value.clone())));
        }
    }
    good(&with("validFrom", None));
    good(&with("id", None));
}

#[test]
fn instants_are_compared_not_texts() {
    let mut document = with("validFrom", Some(json!("2023-02-25T19:21:29-06:00")));
    document.insert("validUntil".into(), json!("2023-02-26T01:21:23Z"));
    bad(&document, "/validUntil");
}

#[test]
fn the_older_model_has_its_own_rules() {
    good(&old("expirationDate", json!("2021-01-01T00:00:00Z")));
    bad(&old("expirationDate", json!("2019-01-01T00:00:00Z")), "/expirationDate");
    bad(&old("issuanceDate", json!("x")), "/issuanceDate");
    bad(&old("credentialStatus", json!({"type": "T"})), "/credentialStatus/id");
    let mut draft = old("x", json!(1));
    draft.shift_remove("issuanceDate");
    bad(&draft, "/issuanceDate");
    assert_eq!(check_draft(&draft), []);
    draft.shift_remove("issuer");
    assert!(!check_draft(&draft).is_empty(), "a 1.1 draft names its issuer");
}

#[test]
fn a_draft_may_lack_what_is_filled_in_but_not_more() {
    assert_eq!(check_draft(&with("issuer", None)), []);
    assert!(!check_draft(&with("issuer", Some(json!(null)))).is_empty());
    assert!(!check_draft(&with("credentialSubject", None)).is_empty());
}

#[test]
fn embedded_credentials_are_checked_too() {
    let mut inner = with("type", Some(json!(["VerifiableCredential"])));
    inner.insert("validUntil".into(), json!("2000-01-01T00:00:00Z"));
    bad(&with("endorsement", Some(json!([inner.clone()]))), "/endorsement/0/validUntil");
    bad(
        &with("credentialSubject", Some(json!({"verifiableCredential": inner}))),
        "/credentialSubject/verifiableCredential/validUntil",
    );
    bad(&with("endorsement", Some(json!(["ey.ey.ey"]))), "/endorsement/0");
    let mut nested = json!(with("id", None));
    for _ in 0..8 {
        nested = json!(with("endorsement", Some(nested)));
    }
    bad(nested.as_object().unwrap(), "/endorsement/endorsement");
}

#[test]
fn presentations() {
    let right = json!({"@context": [CONTEXT_V2], "type": ["VerifiablePresentation"], "holder": {"id": "did:a:b"}, "id": "urn:uuid:1",
        "verifiableCredential": [with("id", None), {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,ey.ey.x"}]});
    assert_eq!(check_presentation(right.as_object().unwrap()), []);
    let wrong: &[(&str, Value)] = &[
        ("@context", json!(["https://www.w3.org/ns/credentials/examples/v2", CONTEXT_V2])),
        ("type", json!(["Other"])),
        ("type", json!(null)),
        ("holder", json!("me")),
        ("holder", json!({})),
        ("verifiableCredential", json!("ey")),
        ("verifiableCredential", json!([4])),
        ("verifiableCredential", json!([{"type": ["VerifiableCredential"]}])),
        (
            "verifiableCredential",
            json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "https://x.example/"}),
        ),
        ("id", json!("x")),
        ("proof", json!([])),
    ];
    for (member, value) in wrong {
        let mut document = right.as_object().cloned().unwrap();
        document.insert((*member).to_owned(), value.clone());
        let problems = check_presentation(&document);
        assert!(
            problems.iter().any(|problem| problem.pointer.starts_with(&format!("/{member}"))),
            "{member}: {problems:?}"
        );
    }
}
