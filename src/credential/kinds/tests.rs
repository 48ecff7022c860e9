//! What makes a document a kind, and what no draft may be.

use super::*;
use serde_json::json;

fn class(value: Value) -> String {
    match Class::of(value.as_object().unwrap()) {
        Class::Kind(kind, By::OwnType) => format!("own {}", kind.name),
        Class::Kind(kind, By::AchievementType) => format!("ob {}", kind.name),
        Class::Generic => GENERIC.to_owned(),
        Class::Reserved(name) => format!("reserved {name}"),
    }
}

#[test]
fn our_type_comes_first_then_the_achievement_type() {
    let badge = |own: &str, achievement: &str| {
        class(
            json!({"@context": [CONTEXT_V2], "type": ["VerifiableCredential", "OpenBadgeCredential", own], "credentialSubject": {"achievement": {"achievementType": achievement}}}),
        )
    };
    assert_eq!(badge("QualificationCredential", "MicroCredential"), "own diploma");
    assert_eq!(badge("OpenBadgeCredential", "Fieldwork"), "ob workplace-learning");
    assert_eq!(badge("OpenBadgeCredential", "Course"), "generic");
    assert_eq!(
        class(
            json!({"type": ["VerifiableCredential"], "credentialSubject": {"achievement": {"achievementType": "Diploma"}}})
        ),
        "generic"
    );
}

#[test]
fn what_only_its_own_verb_signs_is_known_in_every_writing() {
    for named in [
        json!("TrustListCredential"),
        json!("https://w3id.org/testamur/vocab#TrustListCredential"),
        json!("x:AccreditationCredential"),
        json!("https://www.w3.org/ns/credentials/status#BitstringStatusListCredential"),
        json!("AgreementCredential"),
        json!("RecognitionStatementCredential"),
        json!("TrustRootCredential"),
        json!("StatusList2021Credential"),
    ] {
        assert!(class(json!({"type": ["VerifiableCredential", named]})).starts_with("reserved"), "{named}");
    }
    assert_eq!(class(json!({"@type": "TrustRootCredential"})), "reserved TrustRootCredential");
    assert_eq!(
        class(json!({"credentialSubject": {"type": "BitstringStatusList"}})),
        "reserved BitstringStatusList"
    );
    assert_eq!(class(json!({"type": ["https://other.example/vocab#AgreementCredential"]})), "generic");
}

#[test]
fn inline_contexts_do_not_rename_their_way_in() {
    for context in [
        json!({"X": "https://w3id.org/testamur/vocab#TrustListCredential"}),
        json!({"@vocab": "https://w3id.org/testamur/vocab#"}),
        json!({"t": "https://w3id.org/testamur/"}),
        json!({"@context": {"X": {"@id": "https://www.w3.org/ns/credentials/status#BitstringStatusListCredential"}}}),
        json!({"kind": "@type"}),
        json!({"kind": {"@id": "@type"}}),
        json!({"s": "https://www.w3.org/ns/credentials/status#"}),
        json!({"b": "https://www.w3.org/ns/credentials/status#Bitstring"}),
    ] {
        let document = json!({"@context": [CONTEXT_V2, context]});
        assert_eq!(Class::Generic.check(document.as_object().unwrap()).len(), 1, "{document}");
    }
    let harmless = json!({"@context": [CONTEXT_V2, {"AlumniCredential": "https://example.org/x#A", "type": "@type", "n": {"@id": "https://e.example/n", "@type": "@id"}}]});
    assert_eq!(Class::Generic.check(harmless.as_object().unwrap()), []);
}

#[test]
fn a_national_number_in_clear_is_refused_in_any_credential() {
    let with = |identity: Value| {
        let document = json!({"credentialSubject": {"identifier": [identity]}});
        Class::Generic
            .check(document.as_object().unwrap())
            .into_iter()
            .map(|problem| problem.pointer)
            .collect::<Vec<_>>()
    };
    let number = "nationalIdentityNumber";
    assert_eq!(
        with(json!({"identityType": number, "hashed": false, "identityHash": "038204000001"})),
        ["/credentialSubject/identifier/0/hashed"]
    );
    assert_eq!(
        with(json!({"identityType": number, "hashed": true, "identityHash": "038204000001"})),
        ["/credentialSubject/identifier/0/identityHash"]
    );
    assert!(with(json!({"identityType": number, "hashed": true, "identityHash": format!("sha256${}", "0a".repeat(32))})).is_empty());
    assert!(with(json!({"identityType": "name", "hashed": false, "identityHash": "Lê Văn Mẫu"})).is_empty());
}
