//! The forms of the pages, as the members that the API takes.

use serde_json::{Map, Value, json};

use crate::codec::json;
use crate::web::extract::not_json;
use crate::web::form::Part;
use crate::web::problem::Problem;

/// The fields as texts by name; of a name twice the first, blank ones not at all.
pub(super) fn plain(parts: &[Part<'_>]) -> Result<Map<String, Value>, Problem> {
    let mut members = Map::new();
    for part in parts {
        let text = std::str::from_utf8(part.content)
            .map_err(|_| Problem::member(format!("/{}", part.name), "is to be text"))?;
        if !text.trim().is_empty() && !members.contains_key(&part.name) {
            members.insert(part.name.clone(), json!(text.trim()));
        }
    }
    Ok(members)
}

/// The application in the form, and the number that makes the form sent twice one application.
pub(super) fn application(parts: &[Part<'_>]) -> Result<(Map<String, Value>, Option<String>), Problem> {
    let (files, texts): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.name == "file");
    let texts: Vec<Part<'_>> =
        texts.into_iter().map(|part| Part { name: part.name.clone(), content: part.content }).collect();
    let mut fields = plain(&texts)?;
    let mut members = Map::new();
    if let Some(file) = files.iter().map(|part| part.content.trim_ascii()).find(|file| !file.is_empty()) {
        let document = json::parse(file).map_err(not_json)?;
        members.insert("credential".to_owned(), document);
    }
    for name in ["link", "country", "purpose", "profession"] {
        if let Some(value) = fields.shift_remove(name) {
            members.insert(name.to_owned(), value);
        }
    }
    if fields.get("refugee").is_some_and(|value| value == "true") {
        members.insert("refugee".to_owned(), json!(true));
    }
    let mut target = Map::new();
    if let Some(framework) = fields.shift_remove("framework") {
        target.insert("framework".to_owned(), framework);
    }
    if let Some(Value::String(level)) = fields.shift_remove("level") {
        let level: u32 = level.parse().map_err(|_| Problem::member("/target/level", "is a whole number"))?;
        target.insert("level".to_owned(), json!(level));
    }
    if !target.is_empty() {
        members.insert("target".to_owned(), Value::Object(target));
    }
    let mut group = |name: &str, of: &[&str]| {
        let found: Map<_, _> =
            of.iter().filter_map(|one| Some(((*one).to_owned(), fields.shift_remove(*one)?))).collect();
        if !found.is_empty() {
            members.insert(name.to_owned(), Value::Object(found));
        }
    };
    group("applicant", &["name", "contact"]);
    group("stated", &["note"]);
    let once = fields.shift_remove("once").and_then(|once| once.as_str().map(str::to_owned));
    Ok((members, once.filter(|once| (20..=64).contains(&once.len()))))
}
