//! The transcript: a CLR 2.0 record of signed courses, joined to the programme they are part of.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::common::{achievements, codes, holder};
use super::fields::integer_members;
use super::{CONTEXT_AWARD_PATH, CONTEXT_CLR, CONTEXT_OB, Candidate, Kind};
use crate::credential::form::parts::objects;
use crate::credential::problem::{At, Problems};
use crate::credential::view::{CONTEXT_V2, View, each};

/// The transcript.
pub const KIND: Kind = Kind {
    name: "transcript",
    own_type: "LearningRecordCredential",
    base_type: "ClrCredential",
    achievement_types: &[],
    contexts: &[CONTEXT_V2, CONTEXT_CLR, CONTEXT_OB, CONTEXT_AWARD_PATH],
    check,
};

fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    let root = At::ROOT;
    if draft.members.get("partial").is_some_and(|value| !value.is_boolean()) {
        problems.add(&root.name("partial"), "true or false");
    }
    let at = root.name("credentialSubject");
    let Some(subject) = draft.members.get("credentialSubject").and_then(Value::as_object) else { return };
    holder(subject, &at, problems);
    if each(subject.get("verifiableCredential")).is_empty() {
        problems.add(&at.name("verifiableCredential"), "a transcript holds at least one course");
    }
    let mut known = HashSet::new();
    achievements(subject, &at, |achievement, _| {
        known.extend(achievement.get("id").and_then(Value::as_str));
    });
    if let Some(value) = subject.get("verifiableCredential") {
        objects(value, &at.name("verifiableCredential"), |course, at| {
            known.extend(course_ids(course));
            self::course(course, draft, at, problems);
        });
    }
    if let Some(value) = subject.get("association") {
        objects(value, &at.name("association"), |association, at| joined(association, &known, at, problems));
    }
}

fn course_ids(course: &Map<String, Value>) -> impl Iterator<Item = &str> {
    View::of(course)
        .subjects()
        .flat_map(|subject| each(subject.get("achievement")))
        .filter_map(|achievement| achievement.get("id")?.as_str())
}

/// A course: about the same person. What is signed already is what its signer wrote; an unsigned one is still ours to mend.
fn course(course: &Map<String, Value>, draft: &Candidate<'_>, at: &At<'_>, problems: &mut Problems) {
    let holder = draft.view.subjects().next().and_then(|subject| subject.get("id"));
    let at_subject = at.name("credentialSubject");
    if let Some(value) = course.get("credentialSubject") {
        objects(value, &at_subject, |subject, at| {
            if holder.is_some() && subject.get("id").is_some_and(|id| Some(id) != holder) {
                problems.add(&at.name("id"), "the course is about somebody else");
            }
            if course.contains_key("proof") {
                return;
            }
            integer_members(subject, &["creditsEarned"], at, problems);
            achievements(subject, at, |achievement, at| codes(achievement, at, problems));
        });
    }
}

/// An association joins achievements that are in the record.
fn joined(association: &Map<String, Value>, known: &HashSet<&str>, at: &At<'_>, problems: &mut Problems) {
    if !association.get("associationType").is_some_and(Value::is_string) {
        problems.add(&at.name("associationType"), "an association says of which type it is");
    }
    for member in ["sourceId", "targetId"] {
        if !association.get(member).and_then(Value::as_str).is_some_and(|id| known.contains(id)) {
            problems.add(&at.name(member), "no achievement in this record has this id");
        }
    }
}
