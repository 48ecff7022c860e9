//! Members of a certain shape: text in languages, calendar dates, URLs, whole numbers, codes.

use serde_json::{Map, Value};

use crate::credential::iri;
use crate::credential::problem::{At, Problems};
use crate::credential::validity::Day;
use crate::text::LangTag;

/// Members that are maps of language tag to text, where they stand.
pub(super) fn languages(object: &Map<String, Value>, members: &[&str], at: &At<'_>, problems: &mut Problems) {
    for member in members {
        let at = at.name(member);
        match object.get(*member) {
            None => {}
            Some(Value::Object(map)) if !map.is_empty() => {
                for (tag, text) in map {
                    if LangTag::parse(tag).is_err() || text.as_str().is_none_or(|text| text.trim().is_empty())
                    {
                        problems.add(&at.name(tag), "text under a language tag is needed here");
                    }
                }
            }
            Some(_) => problems.add(&at, "text under language tags is needed here"),
        }
    }
}

/// Members that are calendar dates, where they stand.
pub(super) fn dates_in(object: &Map<String, Value>, members: &[&str], at: &At<'_>, problems: &mut Problems) {
    for member in members {
        day(object, member, at, problems, false);
    }
}

/// A member that is a calendar date.
pub(super) fn day(
    object: &Map<String, Value>,
    member: &str,
    at: &At<'_>,
    problems: &mut Problems,
    required: bool,
) -> Option<Day> {
    match object.get(member) {
        None if !required => None,
        value => {
            let day = value.and_then(Value::as_str).and_then(|text| Day::parse(text).ok());
            if day.is_none() {
                problems.add(&at.name(member), "a calendar date is needed here, such as 2026-06-30");
            }
            day
        }
    }
}

/// Members that are URLs, where they stand.
pub(super) fn url_members(
    object: &Map<String, Value>,
    members: &[&str],
    at: &At<'_>,
    problems: &mut Problems,
) {
    for member in members {
        if object.get(*member).is_some_and(|value| !value.as_str().is_some_and(iri::is_url)) {
            problems.add(&at.name(member), "a URL is needed here");
        }
    }
}

/// Members that are whole numbers, where they stand. Open Badges calls credits a float, which loses its digits between
/// languages: "7.5" credits are written as text elsewhere.
pub(super) fn integer_members(
    object: &Map<String, Value>,
    members: &[&str],
    at: &At<'_>,
    problems: &mut Problems,
) {
    for member in members {
        if object.get(*member).is_some_and(|value| !value.is_u64()) {
            problems.add(&at.name(member), "a whole number is needed here");
        }
    }
}

pub(super) fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Latin letters with or without diacritics, spaces and the punctuation of names.
pub(super) fn is_latin_name(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().all(|c| match c {
            ' ' | '-' | '\'' | '’' | '.' | ',' => true,
            c if c.is_ascii() => c.is_ascii_alphabetic(),
            c => c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'),
        })
}
