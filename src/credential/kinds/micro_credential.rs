//! The micro-credential: a short course with its hours, how it was delivered, and what was assessed.

use super::common::{achievement_types, achievements, holder};
use super::{BADGE_CONTEXTS, Candidate, Kind};
use crate::credential::problem::{At, Problems};
use serde_json::Value;

/// The micro-credential.
pub const KIND: Kind = Kind {
    name: "micro-credential",
    own_type: "MicroCredentialCredential",
    base_type: "OpenBadgeCredential",
    achievement_types: &["MicroCredential"],
    contexts: BADGE_CONTEXTS,
    check,
};

fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    if !draft.is_own() {
        return;
    }
    let root = At::ROOT;
    let at = root.name("credentialSubject");
    let Some(subject) = draft.members.get("credentialSubject").and_then(Value::as_object) else { return };
    holder(subject, &at, problems);
    achievement_types(subject, &at, problems, KIND.achievement_types);
    achievements(subject, &at, |achievement, at| {
        for (member, message) in [
            ("notionalHours", "a micro-credential says how many hours it takes"),
            ("deliveryMode", "a micro-credential says how it was delivered"),
        ] {
            if !achievement.contains_key(member) {
                problems.add(&at.name(member), message);
            }
        }
    });
}
