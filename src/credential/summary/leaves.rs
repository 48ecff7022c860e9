//! Every signed leaf that no labelled row tells: shown under its pointer.

use serde_json::{Map, Value};

use super::{Builder, GroupId, Row, Text, leaf};
use crate::credential::problem::push_name_within;

/// Deepest nesting walked; the parser refuses deeper documents.
const MAX_DEPTH: usize = 80;
/// Longest path shown, in bytes.
const MAX_PATH: usize = 1_000;

/// Adds a row for each leaf not told yet. The outer proof is not signed by itself, so it is left out; inner ones are.
pub(super) fn rest(document: &Map<String, Value>, builder: &mut Builder) {
    let mut path = String::new();
    for (name, value) in document {
        if name != "proof" {
            let group = if is_technical(name) { GroupId::Technical } else { GroupId::Other };
            step(&mut path, name, |path| walk(value, path, group, 1, builder));
        }
    }
}

fn walk(value: &Value, path: &mut String, group: GroupId, depth: usize, builder: &mut Builder) {
    if builder.told.contains(path.as_str()) || depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                let group = if is_technical(name) { GroupId::Technical } else { group };
                step(path, name, |path| walk(value, path, group, depth + 1, builder));
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                step(path, &index.to_string(), |path| walk(item, path, group, depth + 1, builder));
            }
        }
        other => {
            let text = leaf(other).unwrap_or_else(|| other.to_string());
            let values = vec![Text { text, lang: None }];
            builder.push(group, Row { label: None, detail: None, pointer: path.clone(), values });
        }
    }
}

/// Goes a step down. A path longer than any that is told elsewhere grows no further: every leaf is hashed by its path,
/// so a stranger's long names must not cost their length again and again.
fn step(path: &mut String, name: &str, inner: impl FnOnce(&mut String)) {
    let length = path.len();
    if length <= MAX_PATH {
        push_name_within(path, name);
    }
    inner(path);
    path.truncate(length);
}

/// Members that say something to machines only.
fn is_technical(name: &str) -> bool {
    matches!(
        name,
        "@context"
            | "id"
            | "type"
            | "credentialStatus"
            | "credentialSchema"
            | "proof"
            | "refreshService"
            | "relatedResource"
            | "digestMultibase"
            | "digestSRI"
            | "targetUrl"
            | "resultDescription"
            | "sourceId"
            | "targetId"
            | "salt"
            | "identityHash"
            | "identityType"
            | "hashed"
    )
}
