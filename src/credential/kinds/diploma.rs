//! The diploma: a qualification awarded by decision, printed with a serial number and entered in a register.

use super::common::{achievement_types, holder};
use super::fields::{dates_in, url_members};
use super::{BADGE_CONTEXTS, Candidate, Kind};
use crate::credential::problem::{At, Problems};
use serde_json::Value;

/// The diploma.
pub const KIND: Kind = Kind {
    name: "diploma",
    own_type: "QualificationCredential",
    base_type: "OpenBadgeCredential",
    achievement_types: &["Diploma"],
    contexts: BADGE_CONTEXTS,
    check,
};

fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    let root = At::ROOT;
    let at = root.name("credentialSubject");
    let Some(subject) = draft.members.get("credentialSubject").and_then(Value::as_object) else { return };
    if draft.is_own() {
        holder(subject, &at, problems);
    }
    url_members(subject, &["partnerAward"], &at, problems);
    // What the paper says: its numbers are text, its dates calendar dates.
    for (member, texts, days) in [
        ("graduationDecision", &["number"][..], &["date"][..]),
        ("paperDocument", &["serialNumber", "registerNumber"][..], &["registerDate"][..]),
    ] {
        let at = at.name(member);
        match subject.get(member) {
            None => {}
            Some(Value::Object(object)) => {
                for name in texts {
                    if object
                        .get(*name)
                        .is_some_and(|value| value.as_str().is_none_or(|text| text.trim().is_empty()))
                    {
                        problems.add(&at.name(name), "a number as printed is text");
                    }
                }
                dates_in(object, days, &at, problems);
            }
            Some(_) => problems.add(&at, "an object is needed here"),
        }
    }
    if draft.is_own() {
        achievement_types(subject, &at, problems, KIND.achievement_types);
    }
}
