//! `relatedResource` (VC Data Model 2.0 §5.3): digests compared with those of resources known here.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::form::parts::{each_object, objects};
use super::iri;
use super::problem::{At, Problem, Problems};
use super::view::{View, each};
use crate::codec::digest;
use crate::jsonld::contexts::{authentic_digest, by_url};

/// A digest that is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The resource.
    pub url: String,
    /// Where, and what is wrong with it.
    pub problem: Problem,
    /// Whether the resource is known here, and this is not its digest; else nothing is known of it.
    pub refuted: bool,
}

/// Compares the digests of related resources with the authentic ones: what is not confirmed, in document order.
///
/// Nothing is ever fetched, so only a resource compiled in can be confirmed. Whoever signs takes nothing unconfirmed;
/// whoever verifies tells a digest that is wrong from one nobody here can judge.
pub fn unconfirmed(document: &Map<String, Value>) -> Vec<Unconfirmed> {
    let mut found = Vec::new();
    compare(document, &At::ROOT, &mut found);
    found
}

/// As [`unconfirmed`], with the endorsements and the credentials inside the document: what a signer answers for.
pub fn unconfirmed_throughout(document: &Map<String, Value>) -> Vec<Unconfirmed> {
    let mut found = unconfirmed(document);
    let root = At::ROOT;
    let mut inner = |value: Option<&Value>, at: &At<'_>| {
        if let Some(value) = value {
            objects(value, at, |inner, at| compare(inner, at, &mut found));
        }
    };
    inner(document.get("endorsement"), &root.name("endorsement"));
    if let Some(subject) = document.get("credentialSubject") {
        objects(subject, &root.name("credentialSubject"), |subject, at| {
            inner(subject.get("verifiableCredential"), &at.name("verifiableCredential"));
        });
    }
    found
}

fn compare(document: &Map<String, Value>, root: &At<'_>, found: &mut Vec<Unconfirmed>) {
    if !document.contains_key("relatedResource") {
        return;
    }
    let member = root.name("relatedResource");
    let many = matches!(document.get("relatedResource"), Some(Value::Array(_)));
    for (index, resource) in View::of(document).related_resources().iter().enumerate() {
        let item = member.item(index);
        let at = if many { &item } else { &member };
        let Some(resource) = resource.as_object() else { continue };
        let Some(url) = resource.get("id").and_then(Value::as_str) else { continue };
        let mut add = |at: &At<'_>, refuted, message: &'static str| {
            let problem = Problem { pointer: at.pointer(), message: message.into() };
            found.push(Unconfirmed { url: url.to_owned(), problem, refuted });
        };
        if by_url(url).is_none() {
            add(&at.name("id"), false, "no authentic digest of this resource is known here");
            continue;
        }
        for member in ["digestSRI", "digestMultibase"] {
            let wrong =
                |digest: &Value| digest.as_str().and_then(|text| authentic_digest(url, text)) != Some(true);
            if each(resource.get(member)).iter().any(wrong) {
                add(&at.name(member), true, "this is not the digest of that resource");
            }
        }
    }
}

/// The form of `relatedResource`: objects with an `id` of their own each and at least one digest.
pub(super) fn check_form(value: &Value, at: &At<'_>, problems: &mut Problems) {
    let mut ids = HashSet::new();
    each_object(value, at, problems, |resource, at, problems| {
        match resource.get("id").and_then(Value::as_str) {
            Some(id) if iri::is_url(id) => {
                if !ids.insert(id.to_owned()) {
                    problems.add(&at.name("id"), "another related resource has the same id");
                }
            }
            _ => problems.add(&at.name("id"), "a related resource needs an id that is a URL"),
        }
        let (sri, multi) = (resource.get("digestSRI"), resource.get("digestMultibase"));
        if sri.is_none() && multi.is_none() {
            problems.add(at, "a related resource needs digestSRI or digestMultibase");
        }
        if sri.is_some_and(|value| value.as_str().is_none_or(|text| digest::from_sri(text).is_none())) {
            problems.add(&at.name("digestSRI"), "not a subresource integrity digest");
        }
        if multi.is_some_and(|value| {
            let digests = each(Some(value));
            digests.is_empty()
                || !digests
                    .iter()
                    .all(|one| one.as_str().is_some_and(|text| digest::from_multibase(text).is_some()))
        }) {
            problems.add(&at.name("digestMultibase"), "not a multibase digest");
        }
        if resource.get("mediaType").is_some_and(|value| !value.is_string()) {
            problems.add(&at.name("mediaType"), "a media type is a string");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::view::CONTEXT_V2;
    use serde_json::json;

    fn found(resource: Value) -> Vec<(String, bool)> {
        let document = json!({"relatedResource": resource});
        let found = unconfirmed(document.as_object().unwrap());
        found.into_iter().map(|one| (one.problem.pointer, one.refuted)).collect()
    }

    #[test]
    fn authentic_digests_pass_in_every_notation() {
        let sri = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg";
        let bare = "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k";
        assert_eq!(found(json!({"id": CONTEXT_V2, "digestSRI": sri, "digestMultibase": bare})), []);
        let bytes = digest::from_multibase(bare).unwrap();
        let multihash = digest::to_multihash(&bytes.try_into().unwrap());
        assert_eq!(found(json!({"id": CONTEXT_V2, "digestMultibase": multihash})), []);
    }

    #[test]
    fn others_are_refuted() {
        let digest = "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0";
        assert_eq!(
            found(json!([{"id": CONTEXT_V2, "digestMultibase": digest}])),
            [("/relatedResource/0/digestMultibase".to_owned(), true)]
        );
        assert_eq!(
            found(json!({"id": CONTEXT_V2, "digestSRI": "sha384-_rCVIV7f"})),
            [("/relatedResource/digestSRI".to_owned(), true)]
        );
    }

    #[test]
    fn of_a_resource_not_known_here_nothing_is_confirmed_and_nothing_refuted() {
        let digest = "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0";
        assert_eq!(
            found(json!([{"id": "https://elsewhere.example/", "digestMultibase": digest}])),
            [("/relatedResource/0/id".to_owned(), false)]
        );
    }

    #[test]
    fn a_signer_answers_for_what_is_inside_too() {
        let resource = json!({"id": "https://elsewhere.example/", "digestSRI": "sha256-"});
        let inner = json!({"relatedResource": resource});
        let document =
            json!({"endorsement": inner, "credentialSubject": [{}, {"verifiableCredential": [inner]}]});
        let document = document.as_object().unwrap();
        assert_eq!(unconfirmed(document), []);
        let places: Vec<_> =
            unconfirmed_throughout(document).into_iter().map(|one| one.problem.pointer).collect();
        assert_eq!(
            places,
            [
                "/endorsement/relatedResource/id",
                "/credentialSubject/1/verifiableCredential/0/relatedResource/id"
            ]
        );
    }
}
