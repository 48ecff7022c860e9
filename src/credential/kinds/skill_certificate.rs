//! The occupational skill certificate: names an occupation and a level, and expires.

use super::common::{achievement_types, achievements, holder};
use super::{BADGE_CONTEXTS, Candidate, Kind};
use crate::credential::problem::{At, Problems};
use crate::credential::view::each;
use serde_json::Value;

/// The occupational skill certificate.
pub const KIND: Kind = Kind {
    name: "skill-certificate",
    own_type: "OccupationalSkillCredential",
    base_type: "OpenBadgeCredential",
    achievement_types: &["Certification"],
    contexts: BADGE_CONTEXTS,
    check,
};

fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    if !draft.is_own() {
        return;
    }
    let root = At::ROOT;
    if !draft.members.contains_key("validUntil") {
        problems.add(&root.name("validUntil"), "a skill certificate expires: say when");
    }
    let at = root.name("credentialSubject");
    let Some(subject) = draft.members.get("credentialSubject").and_then(Value::as_object) else { return };
    holder(subject, &at, problems);
    achievement_types(subject, &at, problems, KIND.achievement_types);
    if subject.get("licenseNumber").is_some_and(|value| !value.is_string()) {
        problems.add(&at.name("licenseNumber"), "a licence number is text");
    }
    achievements(subject, &at, |achievement, at| {
        let named = each(achievement.get("alignment"))
            .iter()
            .any(|one| one.get("targetFramework").and_then(Value::as_str) == Some("ISCO-08"));
        if !named {
            problems
                .add(&at.name("alignment"), "a skill certificate names its occupation by an ISCO-08 code");
        }
    });
}
