//! The workplace-learning record: hours at an enterprise under an agreement, confirmed by the enterprise's own signature.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::common::{achievement_types, holder};
use super::fields::day;
use super::{BADGE_CONTEXTS, Candidate, Kind};
use crate::credential::endorsement::Endorsed;
use crate::credential::iri;
use crate::credential::problem::{At, Problems};
use crate::credential::view::each;

/// The workplace-learning record.
pub const KIND: Kind = Kind {
    name: "workplace-learning",
    own_type: "WorkplaceLearningCredential",
    base_type: "OpenBadgeCredential",
    achievement_types: &["ApprenticeshipCertificate", "Fieldwork"],
    contexts: BADGE_CONTEXTS,
    check,
};

/// What the record says and an endorsement may repeat.
const REPEATED: [&str; 4] = ["workplaceHours", "workplaceStart", "workplaceEnd", "agreementId"];

fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    let root = At::ROOT;
    let at = root.name("credentialSubject");
    let Some(subject) = draft.members.get("credentialSubject").and_then(Value::as_object) else { return };
    if draft.is_own() {
        holder(subject, &at, problems);
        achievement_types(subject, &at, problems, KIND.achievement_types);
        if subject.get("agreementId").and_then(Value::as_str).is_none_or(|id| id.trim().is_empty()) {
            problems.add(&at.name("agreementId"), "a workplace record cites the agreement it stands on");
        }
        if subject.get("workplaceHours").and_then(Value::as_u64).is_none_or(|hours| hours == 0) {
            problems.add(&at.name("workplaceHours"), "the hours at the workplace are a whole number above 0");
        }
        source(subject, &at, problems);
        let start = day(subject, "workplaceStart", &at, problems, true);
        let end = day(subject, "workplaceEnd", &at, problems, true);
        if let (Some(start), Some(end)) = (start, end)
            && start.cmp(&end) == Ordering::Greater
        {
            problems.add(&at.name("workplaceEnd"), "it ends before it begins");
        }
    }
    confirmations(draft.members, subject, problems);
}

/// The enterprise: who it is by its DID or URL, and its name.
fn source(subject: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let at = at.name("source");
    let Some(source) = subject.get("source").and_then(Value::as_object) else {
        problems.add(&at, "a workplace record names the enterprise as its source");
        return;
    };
    if !source.get("id").and_then(Value::as_str).is_some_and(iri::is_url) {
        problems.add(&at.name("id"), "the enterprise has an id that is a URL, best a DID");
    }
    if source.get("name").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
        problems.add(&at.name("name"), "the enterprise has a name");
    }
}

/// What the endorser confirmed is what the record says: an endorsement that repeats a figure repeats it unchanged, and
/// the enterprise's own says by digest which record it confirms.
fn confirmations(document: &Map<String, Value>, subject: &Map<String, Value>, problems: &mut Problems) {
    let root = At::ROOT;
    let at = root.name("endorsement");
    let many = document.get("endorsement").is_some_and(Value::is_array);
    let endorsed = Endorsed::of(document);
    let enterprise = subject.get("source").and_then(|source| source.get("id")).and_then(Value::as_str);
    for (index, value) in each(document.get("endorsement")).iter().enumerate() {
        let item = at.item(index);
        let at = if many { &item } else { &at };
        let Some(confirmed) = value.get("credentialSubject").and_then(Value::as_object) else { continue };
        let at_subject = at.name("credentialSubject");
        for member in REPEATED {
            if confirmed.get(member).is_some_and(|said| subject.get(member) != Some(said)) {
                problems.add(
                    &at_subject.name(member),
                    "the endorsement confirms something else than the record says",
                );
            }
        }
        let by_enterprise = value.as_object().and_then(|one| super::View::of(one).issuer_id()) == enterprise;
        if by_enterprise && !confirmed.contains_key("digestMultibase") {
            problems.add(
                &at_subject.name("digestMultibase"),
                format!("the enterprise confirms this very record by its digest, now {}", endorsed.digest()),
            );
        }
    }
}
