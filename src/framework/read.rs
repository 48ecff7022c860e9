//! Reads a framework file, and says by file and member what is wrong with it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::maps::{LevelMap, Levels};
use super::{Framework, Level, Referencing, Source, Title, basis};
use crate::codec::json;
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::strict::{Members, text};
use crate::credential::validity::Day;

/// Most rows of any list in a file.
const MAX_ROWS: usize = 64;

/// A file of frameworks that is not what this program reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("framework/data/{file}.json {what}")]
pub struct DataError {
    /// The name of the file, without its ending.
    pub file: String,
    /// The member by JSON pointer, and what is wrong with it.
    pub what: String,
}

/// Reads a file; `Err` names the first member that is wrong.
pub fn framework(file: &str, bytes: &[u8]) -> Result<Framework, DataError> {
    let wrong = |what: String| DataError { file: file.to_owned(), what };
    let value = json::parse(bytes).map_err(|error| wrong(error.to_string()))?;
    let mut problems = Problems::new();
    let read = whole(&value, &mut problems);
    match (read, problems.into_vec().first()) {
        (Some(read), None) if read.id.to_lowercase() == file => Ok(read),
        (Some(read), None) => {
            Err(wrong(format!("/id: the file of {} is {}.json", read.id, read.id.to_lowercase())))
        }
        (_, problem) => Err(wrong(problem.map_or_else(String::new, Problem::to_string))),
    }
}

fn whole(value: &Value, problems: &mut Problems) -> Option<Framework> {
    let members = Members::of(value, At::ROOT, problems)?;
    members.only(
        &[
            "id",
            "kind",
            "territory",
            "name",
            "legalBasis",
            "endorsed",
            "domains",
            "levels",
            "titlesWithoutLevel",
            "referencing",
            "sources",
            "confidence",
            "compiled",
            "note",
            "openQuestions",
        ],
        problems,
    );
    for name in
        ["id", "kind", "territory", "name", "levels", "referencing", "sources", "confidence", "compiled"]
    {
        members.need(name, problems);
    }
    let mut sources = Vec::new();
    members.items("sources", MAX_ROWS, problems, |value, at, problems| {
        sources.extend(source(value, at, problems))
    });
    if sources.is_empty() {
        problems.add(&members.at.name("sources"), "a framework says where it was found");
    }
    let mut levels: Vec<Level> = Vec::new();
    members.items("levels", MAX_ROWS, problems, |value, at, problems| {
        let Some((code, title)) = title(value, at, &sources, problems) else { return };
        match code {
            Some(code) if levels.iter().any(|level| level.code == code) => {
                problems.add(&at.name("code"), "a code twice");
            }
            Some(code) => levels.push(Level { code, title }),
            None => problems.add(&at.name("code"), "this is needed"),
        }
    });
    let mut loose = Vec::new();
    members.items("titlesWithoutLevel", MAX_ROWS, problems, |value, at, problems| {
        match title(value, at, &sources, problems) {
            Some((Some(_), _)) => problems.add(&at.name("code"), "a title without a level has no code"),
            Some((None, title)) => loose.push(title),
            None => {}
        }
    });
    let mut referencing = Vec::new();
    members.items("referencing", MAX_ROWS, problems, |value, at, problems| {
        referencing.extend(referenced(value, at, &sources, problems));
    });
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let list = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    Some(Framework {
        id: members.text("id", problems)?.to_owned(),
        kind: members.text("kind", problems)?.to_owned(),
        territory: members.text("territory", problems)?.to_owned(),
        name: words(&members, "name", problems)?,
        legal_basis: owned(members.text("legalBasis", problems)),
        endorsed: owned(members.text("endorsed", problems)),
        domains: list(members.texts("domains", MAX_ROWS, problems)),
        levels,
        titles_without_level: loose,
        referencing,
        sources,
        confidence: members.text("confidence", problems)?.to_owned(),
        compiled: members.day("compiled", problems)?.to_string(),
        note: owned(members.text("note", problems)),
        open_questions: list(members.texts("openQuestions", MAX_ROWS, problems)),
    })
}

fn source(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Source> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["id", "url", "note"], problems);
    members.need("id", problems);
    Some(Source {
        id: members.text("id", problems)?.to_owned(),
        url: known(&members, "url", problems).map(str::to_owned),
        note: members.text("note", problems).map(str::to_owned),
    })
}

/// A row of titles, with its code where it has one.
fn title(
    value: &Value,
    at: &At<'_>,
    sources: &[Source],
    problems: &mut Problems,
) -> Option<(Option<String>, Title)> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["code", "titles", "vocational", "minCredits", "source", "date", "confidence"], problems);
    for name in ["titles", "vocational", "source", "date", "confidence"] {
        members.need(name, problems);
    }
    let vocational = match members.get("vocational") {
        None | Some(Value::Null) => None,
        Some(_) => members.flag("vocational", problems),
    };
    let credits = "a number of credits is needed here, or an object of numbers";
    let min_credits = members.read("minCredits", credits, problems, |value| {
        let right = value.is_u64()
            || value.as_object().is_some_and(|each| !each.is_empty() && each.values().all(Value::is_u64));
        right.then(|| value.clone())
    });
    let title = Title {
        titles: words(&members, "titles", problems)?,
        vocational,
        min_credits,
        source: cited(&members, sources, problems)?,
        date: members.day("date", problems)?.to_string(),
        confidence: members.text("confidence", problems)?.to_owned(),
    };
    Some((members.text("code", problems).map(str::to_owned), title))
}

fn referenced(
    value: &Value,
    at: &At<'_>,
    sources: &[Source],
    problems: &mut Problems,
) -> Option<Referencing> {
    let members = Members::of(value, *at, problems)?;
    members.only(
        &[
            "to",
            "status",
            "date",
            "source",
            "confidence",
            "levelMap",
            "levelMapAssumed",
            "levelMapAssumedConfidence",
            "note",
        ],
        problems,
    );
    for name in ["to", "status", "date", "source", "confidence", "levelMap"] {
        members.need(name, problems);
    }
    let status = members.text("status", problems)?;
    let confidence = members.text("confidence", problems)?;
    let date = known(&members, "date", problems);
    // A report may be known by its month alone.
    if date.is_some_and(|date| Day::parse(date).is_err() && Day::parse(&format!("{date}-01")).is_err()) {
        problems.add(&members.at.name("date"), "a calendar date is needed here, or a month, or null");
    }
    let map = levels(&members, "levelMap", problems);
    let assumed = levels(&members, "levelMapAssumed", problems);
    if assumed.is_some() && members.text("levelMapAssumedConfidence", problems).is_none() {
        problems.add(&members.at.name("levelMapAssumedConfidence"), "an assumption says how sure it is");
    }
    let map_of = |levels, basis| LevelMap { basis, levels };
    Some(Referencing {
        to: members.text("to", problems)?.to_owned(),
        status: status.to_owned(),
        date: date.map(str::to_owned),
        source: match members.get("source") {
            None | Some(Value::Null) => None,
            Some(_) => Some(cited(&members, sources, problems)?),
        },
        confidence: confidence.to_owned(),
        map: map.map(|levels| map_of(levels, basis(status, confidence))),
        assumed: assumed.map(|levels| map_of(levels, super::Basis::Assumed)),
        assumed_confidence: members.text("levelMapAssumedConfidence", problems).map(str::to_owned),
        note: members.text("note", problems).map(str::to_owned),
    })
}

/// A text, or `null` where it is not known.
fn known<'v>(members: &Members<'v, '_>, name: &str, problems: &mut Problems) -> Option<&'v str> {
    match members.get(name) {
        None | Some(Value::Null) => None,
        Some(_) => members.text(name, problems),
    }
}

/// The id of a source, which must be among those of the file.
fn cited(members: &Members<'_, '_>, sources: &[Source], problems: &mut Problems) -> Option<String> {
    let id = members.text("source", problems)?;
    if !sources.iter().any(|source| source.id == id) {
        problems.add(&members.at.name("source"), "no such source stands in /sources");
    }
    Some(id.to_owned())
}

/// Texts by language tag.
fn words(members: &Members<'_, '_>, name: &str, problems: &mut Problems) -> Option<BTreeMap<String, String>> {
    members.get(name)?;
    let mut out = BTreeMap::new();
    members.entries(name, MAX_ROWS, problems, |tag, value, at, problems| match text(value) {
        Some(text) => {
            out.insert(tag.to_owned(), text.to_owned());
        }
        None => problems.add(at, "a text is needed here"),
    });
    Some(out)
}

/// A map of levels; `null` where it is not known.
fn levels(members: &Members<'_, '_>, name: &str, problems: &mut Problems) -> Option<BTreeMap<u32, Levels>> {
    match members.get(name) {
        None | Some(Value::Null) => return None,
        Some(_) => {}
    }
    Some(level_map(members, name, problems))
}

/// A map of levels: members are levels in decimal, values lists of levels.
pub fn level_map(members: &Members<'_, '_>, name: &str, problems: &mut Problems) -> BTreeMap<u32, Levels> {
    let mut out = BTreeMap::new();
    members.entries(name, MAX_ROWS, problems, |code, value, at, problems| {
        let level = code.parse::<u32>().ok().filter(|level| level.to_string() == code);
        let to = value.as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.as_u64().and_then(|level| u32::try_from(level).ok()))
                .collect::<Option<Levels>>()
        });
        match (level, to) {
            (Some(level), Some(to)) => {
                out.insert(level, to);
            }
            (None, _) => problems.add(at, "a level is a whole number"),
            (_, None) => problems.add(at, "a list of levels, each a whole number, is needed here"),
        }
    });
    out
}
