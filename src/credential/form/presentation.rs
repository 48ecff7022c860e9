//! The form of presentations (VC Data Model 2.0 §4.13): holder, credentials, enveloped credentials.

use serde_json::{Map, Value};

use super::parts::{self, Id, each_object, reference};
use super::{context, types};
use crate::credential::iri;
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::view::{CONTEXT_V2, View};

/// Everything that is wrong with the form of a presentation. The credentials in it are objects with a context, or
/// enveloped credentials of the right form; each ordinary one is checked by [`super::check`] when it is verified.
pub fn check_presentation(document: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Problems::new();
    let root = At::ROOT;
    context(document, &root, &mut problems);
    if View::of(document).has_type("EnvelopedVerifiablePresentation") {
        envelope(document, &root, &mut problems, "EnvelopedVerifiablePresentation", "data:application/vp");
        return problems.into_vec();
    }
    types(document, &root, &mut problems, "VerifiablePresentation");
    parts::id(document, &root, &mut problems, Id::Optional);
    if let Some(holder) = document.get("holder") {
        reference(
            holder,
            &root.name("holder"),
            &mut problems,
            "the holder is a URL, or an object with an id that is a URL",
        );
    }
    if let Some(value) = document.get("verifiableCredential") {
        // An empty list and no list say the same: nothing is presented.
        if !value.as_array().is_some_and(Vec::is_empty) {
            let at = root.name("verifiableCredential");
            each_object(value, &at, &mut problems, |inner, at, problems| {
                if is_enveloped(inner) {
                    envelope(inner, at, problems, "EnvelopedVerifiableCredential", "data:application/vc");
                } else if !inner.contains_key("@context") {
                    problems.add(&at.name("@context"), "a credential needs its own context");
                }
            });
        }
    }
    if let Some(value) = document.get("termsOfUse") {
        super::typed_objects(value, &root.name("termsOfUse"), &mut problems, Id::Optional);
    }
    parts::proofs(document, &root, &mut problems);
    problems.into_vec()
}

/// Whether the object is an enveloped credential (VC 2.0 §4.13.1): a credential secured by another means, in a data URL.
pub fn is_enveloped(document: &Map<String, Value>) -> bool {
    View::of(document).has_type("EnvelopedVerifiableCredential")
}

/// `@context`, `type` and an `id` that is a data: URL of a credential or presentation.
fn envelope(
    document: &Map<String, Value>,
    at: &At<'_>,
    problems: &mut Problems,
    name: &'static str,
    media: &str,
) {
    if View::of(document).text("@context") != Some(CONTEXT_V2) && !View::of(document).is_v2() {
        problems
            .add(&at.name("@context"), "an envelope has the context https://www.w3.org/ns/credentials/v2");
    }
    if !View::of(document).has_type(name) {
        problems.add(&at.name("type"), format!("the type must be {name}"));
    }
    let right = document
        .get("id")
        .and_then(Value::as_str)
        .is_some_and(|id| id.starts_with(media) && id.contains(',') && iri::is_absolute(id));
    if !right {
        problems.add(&at.name("id"), format!("an envelope's id is a {media}… URL"));
    }
}
