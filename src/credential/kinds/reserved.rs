//! What no caller may have signed here: documents of authorities and status lists, under any disguise.

use serde_json::{Map, Value};

use crate::credential::problem::{At, Problems};
use crate::credential::view::{View, each};

/// The vocabulary of our extension contexts.
const VOCABULARY: &str = "https://w3id.org/testamur/vocab#";

/// Where the reserved types are defined.
const VOCABULARIES: &[&str] = &[
    VOCABULARY,
    "https://www.w3.org/ns/credentials/status#",
    "https://w3id.org/vc/status-list#",
    "https://w3id.org/vc-revocation-list-2020#",
];

/// The types, and the types of subjects, that only their own verbs sign.
pub const RESERVED: &[&str] = &[
    "TrustListCredential",
    "TrustRootCredential",
    "AccreditationCredential",
    "AgreementCredential",
    "RecognitionStatementCredential",
    "StatisticalReportCredential",
    "StatisticalReport",
    "BitstringStatusListCredential",
    "BitstringStatusList",
    "StatusList2021Credential",
    "StatusList2021",
    "RevocationList2020Credential",
    "RevocationList2020",
    "RevocationList2021Credential",
    "SuspensionList2021Credential",
];

/// The reserved type a document carries, if any: on itself or on a subject, as a term or written out as an IRI.
pub fn find(document: &Map<String, Value>) -> Option<&'static str> {
    let named = ["type", "@type"].into_iter().flat_map(|member| each(document.get(member)));
    let view = View::of(document);
    let subjects = view
        .subjects()
        .flat_map(|subject| ["type", "@type"].into_iter().flat_map(|member| each(subject.get(member))));
    named.chain(subjects).filter_map(Value::as_str).find_map(reserved_name)
}

/// The reserved type meant by a term, a compact IRI or an IRI. A full IRI counts in the vocabularies that define these
/// types; somebody else's type of the same name is theirs.
fn reserved_name(text: &str) -> Option<&'static str> {
    let full = text.starts_with("https://") || text.starts_with("http://");
    if full && !VOCABULARIES.iter().any(|vocabulary| text.starts_with(vocabulary)) {
        return None;
    }
    let name = text.rsplit(['#', '/', ':']).next().unwrap_or(text);
    RESERVED.iter().find(|reserved| **reserved == name).copied()
}

/// Inline contexts of a generic credential may not rename their way to a reserved type: no term of theirs stands for
/// a keyword, one of our terms, or a reserved type.
pub fn check_contexts(document: &Map<String, Value>, problems: &mut Problems) {
    let root = At::ROOT;
    let at = root.name("@context");
    for (index, item) in each(document.get("@context")).iter().enumerate() {
        if let Value::Object(context) = item {
            scan(context, &at.item(index), problems);
        }
    }
}

fn scan(context: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    for (term, definition) in context {
        let at = at.name(term);
        match definition {
            Value::String(iri) => refuse(iri, &at, problems),
            Value::Object(inner) => scan(inner, &at, problems),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(inner) = item {
                        scan(inner, &at.item(index), problems);
                    }
                }
            }
            _ => {}
        }
    }
}

fn refuse(iri: &str, at: &At<'_>, problems: &mut Problems) {
    // A term may stand for the beginning of an IRI, so the beginnings of these vocabularies are refused with them.
    let reaches = |vocabulary: &&str| {
        iri.starts_with(*vocabulary) || (iri.contains(':') && vocabulary.starts_with(iri))
    };
    if VOCABULARIES.iter().any(reaches) {
        problems.add(at, "an inline context may not reach into a vocabulary of authorities and status lists");
    } else if reserved_name(iri).is_some() {
        problems.add(at, "an inline context may not define this type");
    } else if iri == "@type" && !at.is_named("type") {
        // `"type": "@type"` is what every base context says already.
        problems.add(at, "an inline context may not rename the type");
    }
}
