//! Transcripts as tables: a row a course.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Builder, Course, CourseResult, MAX_ROWS, leaf, named};
use crate::credential::view::{View, each};

/// The courses of a CLR 2.0 record, in order.
///
/// What a row of the table tells is marked as told; everything else of a course stays among the other rows.
pub(super) fn courses(view: View<'_>, builder: &mut Builder) -> Vec<Course> {
    let mut out = Vec::new();
    for inner in view.embedded() {
        if out.len() >= MAX_ROWS {
            builder.more += 1;
            continue;
        }
        let Some(subject) = inner.members.get("credentialSubject").and_then(Value::as_object) else {
            continue;
        };
        let Some(achievement) = subject.get("achievement").and_then(Value::as_object) else { continue };
        let at = &inner.pointer;
        for told in [
            "name",
            "awardedDate",
            "credentialSubject/creditsEarned",
            "credentialSubject/achievement/name",
            "credentialSubject/achievement/nameI18n",
            "credentialSubject/achievement/humanCode",
            "credentialSubject/achievement/inLanguage",
        ] {
            // The credential may be named otherwise than its achievement: then its own name stays to be told.
            if told != "name" || inner.members.get("name") == achievement.get("name") {
                builder.tell(format!("{at}/{told}"));
            }
        }
        out.push(Course {
            pointer: at.clone(),
            name: named(achievement),
            code: achievement.get("humanCode").and_then(leaf),
            credits: subject.get("creditsEarned").and_then(leaf),
            results: results(subject, &format!("{at}/credentialSubject"), builder),
            awarded: inner.members.get("awardedDate").and_then(leaf),
        });
    }
    out
}

/// The results of a subject, joined to what its achievements say they measure.
pub(super) fn results(subject: &Map<String, Value>, at: &str, builder: &mut Builder) -> Vec<CourseResult> {
    let mut out = Vec::new();
    let described: HashMap<&str, &Value> = each(subject.get("achievement"))
        .iter()
        .flat_map(|achievement| each(achievement.get("resultDescription")))
        .filter_map(|one| Some((one.get("id")?.as_str()?, one)))
        .collect();
    let many = subject.get("result").is_some_and(Value::is_array);
    for (index, result) in each(subject.get("result")).iter().enumerate().take(MAX_ROWS) {
        let place = if many { format!("{at}/result/{index}") } else { format!("{at}/result") };
        for member in ["value", "status"] {
            let Some(value) = result.get(member).and_then(leaf) else { continue };
            builder.tell(format!("{place}/{member}"));
            let description =
                result.get("resultDescription").and_then(Value::as_str).and_then(|id| described.get(id));
            let text = |name: &str| description.and_then(|one| one.get(name)).and_then(leaf);
            out.push(CourseResult {
                name: text("name"),
                value,
                range: text("valueMin").zip(text("valueMax")),
            });
        }
    }
    out
}
