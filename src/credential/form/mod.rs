//! The form of credentials and presentations: what VC Data Model 2.0 and 1.1 make a verifier refuse, before any key is asked for.
//!
//! The same check stands at issue and at verification. It is pure, bounded by the size of the document, and says
//! everything that is wrong at once. Terms and types that no context defines are the JSON-LD room's complaint; whether
//! a proof holds is the verifier's.

pub mod parts;
mod presentation;

pub use presentation::check_presentation;

use serde_json::{Map, Value};

use self::parts::{Id, each_object, id, natural_text, reference};
use super::problem::{At, Problem, Problems};
use super::validity::Stamp;
use super::view::{CONTEXT_V1, CONTEXT_V2, Version};
use super::{resource, view};

/// Most contexts, types or proofs a document may list.
const MAX_LISTED: usize = 32;
/// Most endorsements in one place.
const MAX_ENDORSEMENTS: usize = 16;
/// Most credentials in one record.
const MAX_RECORD: usize = 512;
/// How many credentials may stand inside one another.
const MAX_NESTED: usize = 4;

/// Everything that is wrong with the form of a credential; empty when nothing is.
///
/// VC Data Model 2.0 §4 and 1.1 §4–5. Embedded endorsements and record credentials are checked with it. A missing
/// proof is no matter of form.
pub fn check(document: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Problems::new();
    credential(document, &At::ROOT, &mut problems, Mode::Whole, 0);
    problems.into_vec()
}

/// The same for a draft: what the service fills in may be missing (VC 2.0: `issuer` and `validFrom`; VC 1.1:
/// `issuanceDate`), but what is there must be right.
pub fn check_draft(document: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Problems::new();
    credential(document, &At::ROOT, &mut problems, Mode::Draft, 0);
    problems.into_vec()
}

/// Which members may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Whole,
    Draft,
}

fn credential(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, mode: Mode, depth: usize) {
    let version = context(document, at, problems);
    types(document, at, problems, "VerifiableCredential");
    id(document, at, problems, Id::Optional);
    issuer(document, at, problems, mode, version);
    subjects(document, at, problems);
    dates(document, at, problems, mode, version);
    if version == Some(Version::V2) {
        natural_text(document, at, problems);
        if let Some(value) = document.get("relatedResource") {
            resource::check_form(value, &at.name("relatedResource"), problems);
        }
    }
    // VC 1.1 wants an id of every status entry and refresh service; 2.0 only a type.
    let by_version = if version == Some(Version::V1) { Id::Required } else { Id::Optional };
    for (member, id_rule) in [
        ("credentialStatus", by_version),
        ("credentialSchema", Id::Required),
        ("refreshService", by_version),
        ("termsOfUse", Id::Optional),
        ("evidence", Id::Optional),
    ] {
        if let Some(value) = document.get(member) {
            typed_objects(value, &at.name(member), problems, id_rule);
        }
    }
    parts::proofs(document, at, problems);
    embedded(document, at, problems, mode, depth);
}

/// `@context`: an array that begins with a base context; then URLs and objects (VC 2.0 §4.3).
fn context(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<Version> {
    let at = at.name("@context");
    let Some(Value::Array(items)) = document.get("@context") else {
        problems.add(&at, "the context is an array that begins with https://www.w3.org/ns/credentials/v2");
        return None;
    };
    let version = match items.first().and_then(Value::as_str) {
        Some(CONTEXT_V2) => Some(Version::V2),
        Some(CONTEXT_V1) => Some(Version::V1),
        _ => {
            problems.add(
                &at,
                "the first context must be https://www.w3.org/ns/credentials/v2 (or …/2018/credentials/v1)",
            );
            None
        }
    };
    if items.len() > MAX_LISTED {
        problems.add(&at, "too many contexts");
        return version;
    }
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::String(url) if super::iri::is_url(url) => {}
            Value::Object(_) => {}
            _ => problems.add(&at.item(index), "a context is a URL or an object"),
        }
    }
    version
}

/// `type`: an array of terms and URLs with the one every such document has (VC 2.0 §4.5).
fn types(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, required: &str) {
    let at = at.name("type");
    let Some(Value::Array(items)) = document.get("type") else {
        problems.add(&at, format!("the type is an array with {required} in it"));
        return;
    };
    if items.len() > MAX_LISTED {
        problems.add(&at, "too many types");
        return;
    }
    for (index, item) in items.iter().enumerate() {
        if !item.as_str().is_some_and(is_type_name) {
            problems.add(&at.item(index), "a type is a term or a URL");
        }
    }
    if !items.iter().any(|item| item.as_str() == Some(required)) {
        problems.add(&at, format!("the type must include {required}"));
    }
}

fn is_type_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// `issuer`: a URL, or an object with an `id` that is one (VC 2.0 §4.7, 1.1 §4.5).
fn issuer(
    document: &Map<String, Value>,
    at: &At<'_>,
    problems: &mut Problems,
    mode: Mode,
    version: Option<Version>,
) {
    let at = at.name("issuer");
    match document.get("issuer") {
        // Only VC 2.0 drafts are given an issuer: in 1.1 nothing but the date is filled in.
        None if mode == Mode::Draft && version != Some(Version::V1) => {}
        None => problems.add(&at, "the issuer is missing"),
        Some(value) => {
            reference(value, &at, problems, "the issuer is a URL, or an object with an id that is a URL");
            if let (Some(issuer), Some(Version::V2)) = (value.as_object(), version) {
                natural_text(issuer, &at, problems);
            }
        }
    }
}

/// `credentialSubject`: one or more objects that say something (VC 2.0 §4.8).
fn subjects(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let at = at.name("credentialSubject");
    let Some(value) = document.get("credentialSubject") else {
        problems.add(&at, "the subject is missing");
        return;
    };
    each_object(value, &at, problems, |subject, at, problems| {
        if subject.is_empty() {
            problems.add(at, "the subject says nothing");
        }
        id(subject, at, problems, Id::Optional);
    });
}

/// The dates: strict, with an offset, in order (VC 2.0 §4.9, 1.1 §4.6 and 5.5).
fn dates(
    document: &Map<String, Value>,
    at: &At<'_>,
    problems: &mut Problems,
    mode: Mode,
    version: Option<Version>,
) {
    let (from, until) = match version {
        Some(Version::V1) => ("issuanceDate", "expirationDate"),
        _ => ("validFrom", "validUntil"),
    };
    if version == Some(Version::V1) && mode == Mode::Whole && !document.contains_key(from) {
        problems.add(&at.name(from), "the issuance date is missing");
    }
    let start = parts::stamp(document, from, at, problems);
    let end = parts::stamp(document, until, at, problems);
    if let (Some(start), Some(end)) = (start, end)
        && Stamp::cmp_instant(&start, &end).is_gt()
    {
        problems.add(&at.name(until), "it ends before it begins");
    }
}

/// One or more objects with a `type`, and an `id` that is a URL where there is one or must be one.
fn typed_objects(value: &Value, at: &At<'_>, problems: &mut Problems, id_rule: Id) {
    each_object(value, at, problems, |object, at, problems| {
        let named = view::each(object.get("type"));
        if named.is_empty() || !named.iter().all(|name| name.as_str().is_some_and(is_type_name)) {
            problems.add(&at.name("type"), "a type is needed here");
        }
        id(object, at, problems, id_rule);
    });
}

/// Credentials inside the credential: endorsements (Open Badges 3.0) and the record of a CLR 2.0 subject.
fn embedded(document: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, mode: Mode, depth: usize) {
    inner_credentials(document, "endorsement", at, problems, Mode::Whole, depth);
    if let Some(issuer) = document.get("issuer").and_then(Value::as_object) {
        inner_credentials(issuer, "endorsement", &at.name("issuer"), problems, Mode::Whole, depth);
    }
    if let Some(value) = document.get("credentialSubject") {
        let at = at.name("credentialSubject");
        parts::objects(value, &at, |subject, at| {
            // A course in a transcript may still be a draft: the issuer signs it first.
            inner_credentials(subject, "verifiableCredential", at, problems, mode, depth);
            for member in ["achievement", "source"] {
                if let Some(inner) = subject.get(member) {
                    parts::objects(inner, &at.name(member), |object, at| {
                        inner_credentials(object, "endorsement", at, problems, Mode::Whole, depth);
                    });
                }
            }
        });
    }
}

fn inner_credentials(
    object: &Map<String, Value>,
    member: &str,
    at: &At<'_>,
    problems: &mut Problems,
    mode: Mode,
    depth: usize,
) {
    let Some(value) = object.get(member) else { return };
    let at = at.name(member);
    if depth >= MAX_NESTED {
        problems.add(&at, "credentials stand too deep inside one another");
        return;
    }
    let most = if member == "endorsement" { MAX_ENDORSEMENTS } else { MAX_RECORD };
    if value.as_array().is_some_and(|items| items.len() > most) {
        problems.add(&at, format!("more than {most} credentials in one place"));
        return;
    }
    // An empty list is what Open Badges and CLR exporters write for "none".
    if value.as_array().is_some_and(Vec::is_empty) {
        return;
    }
    each_object(value, &at, problems, |inner, at, problems| {
        let signed = inner.contains_key("proof");
        credential(inner, at, problems, if signed { Mode::Whole } else { mode }, depth + 1);
    });
}

#[cfg(test)]
mod tests;
