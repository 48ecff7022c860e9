//! The parts many members share: ids, references, dates, text in languages, proofs.

use serde_json::{Map, Value};

use crate::credential::iri;
use crate::credential::problem::{At, Problems};
use crate::credential::validity::Stamp;
use crate::crypto::proof::MAX_PROOFS;
use crate::text::LangTag;

/// Whether an `id` must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// There or not; a URL when there.
    Optional,
    /// There, and a URL.
    Required,
}

/// Calls `visit` for each object of a member that holds one object or a non-empty array of objects, and complains
/// about anything else.
pub fn each_object<'v>(
    value: &'v Value,
    at: &At<'_>,
    problems: &mut Problems,
    mut visit: impl FnMut(&'v Map<String, Value>, &At<'_>, &mut Problems),
) {
    match value {
        Value::Object(object) => visit(object, at, problems),
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if problems.full() {
                    return;
                }
                match item {
                    Value::Object(object) => visit(object, &at.item(index), problems),
                    _ => problems.add(&at.item(index), "an object is needed here"),
                }
            }
        }
        _ => problems.add(at, "one object is needed here, or an array of them"),
    }
}

/// Calls `visit` for each object of a member that holds one or many, without complaint about others.
pub fn objects<'v>(value: &'v Value, at: &At<'_>, mut visit: impl FnMut(&'v Map<String, Value>, &At<'_>)) {
    match value {
        Value::Object(object) => visit(object, at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Value::Object(object) = item {
                    visit(object, &at.item(index));
                }
            }
        }
        _ => {}
    }
}

/// `id`: a single URL.
pub fn id(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, rule: Id) {
    match object.get("id") {
        None if rule == Id::Optional => {}
        Some(Value::String(text)) if iri::is_url(text) => {}
        None => problems.add(&at.name("id"), "an id is needed here"),
        Some(_) => problems.add(&at.name("id"), "an id is a single URL"),
    }
}

/// A URL, or an object with an `id` that is one.
pub fn reference(value: &Value, at: &At<'_>, problems: &mut Problems, message: &'static str) {
    let (text, at) = match value {
        Value::Object(object) => (object.get("id"), at.name("id")),
        other => (Some(other), *at),
    };
    if !text.and_then(Value::as_str).is_some_and(iri::is_url) {
        problems.add(&at, message);
    }
}

/// A member that is an xsd:dateTimeStamp when it is there.
pub fn stamp(
    object: &Map<String, Value>,
    member: &str,
    at: &At<'_>,
    problems: &mut Problems,
) -> Option<Stamp> {
    let value = object.get(member)?;
    match value.as_str().map(Stamp::parse) {
        Some(Ok(stamp)) => Some(stamp),
        _ => {
            problems.add(
                &at.name(member),
                "a date and time with an offset is needed, such as 2026-06-30T00:00:00+07:00",
            );
            None
        }
    }
}

/// `name` and `description`: a string, or value objects with language and direction (VC 2.0 §4.6, §11.1).
pub fn natural_text(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    for member in ["name", "description"] {
        let at = at.name(member);
        match object.get(member) {
            None | Some(Value::String(_)) => {}
            Some(Value::Array(items)) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    if !item.is_string() && !is_value_object(item) {
                        problems
                            .add(&at.item(index), "text, or an object with @value, @language and @direction");
                    }
                }
            }
            Some(other) if is_value_object(other) => {}
            Some(_) => problems.add(&at, "text, or an object with @value, @language and @direction"),
        }
    }
}

/// `{"@value": text}` with a language and a direction or without.
fn is_value_object(value: &Value) -> bool {
    let Value::Object(object) = value else { return false };
    object.get("@value").is_some_and(Value::is_string)
        && object.iter().all(|(name, value)| match name.as_str() {
            "@value" => true,
            "@language" => value.as_str().is_some_and(|tag| LangTag::parse(tag).is_ok()),
            "@direction" => matches!(value.as_str(), Some("ltr" | "rtl")),
            _ => false,
        })
}

/// `proof`, where there is one: one object or a few, dates strict, references to other proofs textual.
///
/// What a suite needs beyond that (a verification method, a value) is the crypto room's complaint, so that an unknown
/// suite is told from a broken form.
pub fn proofs(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let Some(value) = document.get("proof") else { return };
    let at = at.name("proof");
    if value.as_array().is_some_and(|items| items.len() > MAX_PROOFS) {
        problems.add(&at, format!("more than {MAX_PROOFS} proofs"));
        return;
    }
    each_object(value, &at, problems, |proof, at, problems| {
        if !proof.get("type").is_some_and(Value::is_string) {
            problems.add(&at.name("type"), "a proof has one type");
        }
        id(proof, at, problems, Id::Optional);
        stamp(proof, "created", at, problems);
        stamp(proof, "expires", at, problems);
        match proof.get("previousProof") {
            None | Some(Value::String(_)) => {}
            Some(Value::Array(items)) if !items.is_empty() && items.iter().all(Value::is_string) => {}
            Some(_) => {
                problems.add(&at.name("previousProof"), "the id of another proof, or an array of them")
            }
        }
        for member in ["verificationMethod", "cryptosuite", "proofPurpose", "proofValue", "challenge"] {
            if proof.get(member).is_some_and(|value| !value.is_string()) {
                problems.add(&at.name(member), "text is needed here");
            }
        }
    });
}
