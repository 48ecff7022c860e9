//! What a credential says, for people: claims under stable labels, and every other signed claim beside them.
//!
//! Nothing signed is invisible: a leaf of the document is in a labelled row, in a table, or in the rows of
//! [`GroupId::Other`] and [`GroupId::Technical`] under its JSON pointer. Values are the exact texts that were signed.
//! Words are not made here: a label is the id of a message.

mod labels;
mod leaves;
mod tables;

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::kinds::Class;
use super::view::{View, each, placed};
pub use labels::LABELS;

/// Most rows in a summary; what is beyond is counted in [`Summary::more`].
pub const MAX_ROWS: usize = 2_000;
/// Longest value shown whole, in bytes; a longer one is cut and marked.
pub const MAX_TEXT: usize = 20_000;
/// Most languages or values a labelled row tells; what has more is told leaf by leaf.
const MAX_VALUES: usize = 100;

/// A credential told to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The kind's name, or `generic`.
    pub kind: &'static str,
    /// What it is called: the award's name, in each language it has.
    pub title: Vec<Text>,
    /// Who holds it: names in their own script, then in Latin letters.
    pub holder: Vec<Text>,
    /// The claims, group by group, in the order a checker reads them; no group is empty.
    pub groups: Vec<Group>,
    /// The courses of a transcript.
    pub courses: Vec<Course>,
    /// How many rows were left out.
    pub more: usize,
}

/// A group of claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Which one.
    pub id: GroupId,
    /// Its claims.
    pub rows: Vec<Row>,
}

/// The groups, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupId {
    /// Who.
    Holder,
    /// What was awarded: title, programme, level, codes.
    Award,
    /// How well: grades, credits, hours.
    Result,
    /// Where and when it was learned at work.
    Workplace,
    /// What the paper says: decision, serial and register number.
    Paper,
    /// Who issued it, by its own word.
    Issuer,
    /// When.
    Dates,
    /// Evidence, endorsements, links to other awards.
    Related,
    /// Every other claim.
    Other,
    /// Identifiers, contexts, status entries, inner proofs: signed, but for machines.
    Technical,
}

impl GroupId {
    /// The id of its message: `summary-group-…`.
    pub fn message(self) -> &'static str {
        match self {
            Self::Holder => "summary-group-holder",
            Self::Award => "summary-group-award",
            Self::Result => "summary-group-result",
            Self::Workplace => "summary-group-workplace",
            Self::Paper => "summary-group-paper",
            Self::Issuer => "summary-group-issuer",
            Self::Dates => "summary-group-dates",
            Self::Related => "summary-group-related",
            Self::Other => "summary-group-other",
            Self::Technical => "summary-group-technical",
        }
    }
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The id of its message (`claim-…`, all in [`LABELS`]); `None`: show the pointer.
    pub label: Option<&'static str>,
    /// What further tells this row from others of its label, in the document's words: the name of a grade, of a framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where it stands in the document.
    pub pointer: String,
    /// Its value; several when it is given in several languages.
    pub values: Vec<Text>,
}

impl Row {
    /// The value for a reader of this language: that language's, else its primary language's, else the first.
    pub fn best(&self, tag: &str) -> Option<&Text> {
        best(&self.values, tag)
    }
}

/// A text as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The exact text; numbers and truth values as JSON writes them.
    pub text: String,
    /// Its language, where the document says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// The text for a reader of this language: that language's, else its primary language's, else the first.
pub fn best<'t>(texts: &'t [Text], tag: &str) -> Option<&'t Text> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    texts
        .iter()
        .find(|text| text.lang.as_deref().is_some_and(|lang| lang.eq_ignore_ascii_case(tag)))
        .or_else(|| texts.iter().find(|text| text.lang.as_deref().map(primary) == Some(primary(tag))))
        .or_else(|| texts.first())
}

/// A course of a transcript, a row of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Course {
    /// Where it stands in the document.
    pub pointer: String,
    /// Its name in each language.
    pub name: Vec<Text>,
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Credits earned, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits: Option<String>,
    /// Its results: what is measured and how it came out, with its bounds.
    pub results: Vec<CourseResult>,
    /// When it was awarded, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awarded: Option<String>,
}

/// A result of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CourseResult {
    /// What was measured, in the document's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it came out.
    pub value: String,
    /// The least and the most possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(String, String)>,
}

/// Tells a credential to people. Pure and bounded; nothing is judged here.
pub fn summarize(document: &Map<String, Value>) -> Summary {
    let mut builder = Builder::default();
    let view = View::of(document);
    labels::rows(view, &mut builder);
    let courses = tables::courses(view, &mut builder);
    leaves::rest(document, &mut builder);
    let title = title(view);
    let holder = holder(view);
    let kind = Class::of(document).name();
    let mut groups: Vec<Group> = Vec::new();
    for (id, row) in builder.rows {
        match groups.iter_mut().find(|group| group.id == id) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { id, rows: vec![row] }),
        }
    }
    groups.sort_by_key(|group| group.id);
    Summary { kind, title, holder, groups, courses, more: builder.more }
}

/// The rows so far, and the leaves they tell.
#[derive(Default)]
struct Builder {
    rows: Vec<(GroupId, Row)>,
    told: HashSet<String>,
    more: usize,
}

impl Builder {
    fn push(&mut self, group: GroupId, row: Row) {
        if row.values.is_empty() {
            return;
        }
        if self.rows.len() >= MAX_ROWS {
            self.more += 1;
        } else {
            self.rows.push((group, row));
        }
    }

    /// Marks a leaf, or everything below a place, as told.
    fn tell(&mut self, pointer: impl Into<String>) {
        self.told.insert(pointer.into());
    }
}

/// The award's name: of its first achievement, else of the credential, else its most telling type.
fn title(view: View<'_>) -> Vec<Text> {
    let achievement = view
        .subjects()
        .find_map(|subject| each(subject.get("achievement")).iter().find_map(Value::as_object))
        .filter(|_| !view.has_type("ClrCredential"));
    for source in [achievement, Some(view.members())].into_iter().flatten() {
        let texts = named(source);
        if !texts.is_empty() {
            return texts;
        }
    }
    let telling = view.types().filter(|name| *name != "VerifiableCredential").last().or(view.types().last());
    telling.map(|name| vec![Text { text: cut(name), lang: None }]).unwrap_or_default()
}

fn holder(view: View<'_>) -> Vec<Text> {
    let mut out = Vec::new();
    for subject in view.subjects() {
        if let Some(identity) = subject.get("holderIdentity").and_then(Value::as_object) {
            out.extend(identity.get("nativeName").map(texts).unwrap_or_default());
            out.extend(identity.get("latinName").map(texts).unwrap_or_default());
        }
        if out.is_empty() {
            for (_, object) in placed(subject, "", "identifier") {
                if object.get("identityType").and_then(Value::as_str) == Some("name")
                    && object.get("hashed") == Some(&Value::Bool(false))
                {
                    out.extend(object.get("identityHash").map(texts).unwrap_or_default());
                }
            }
        }
        if out.is_empty() {
            out.extend(subject.get("name").map(texts).unwrap_or_default());
        }
        if !out.is_empty() {
            break;
        }
    }
    out
}

/// `name` with its language (`inLanguage`, or that of the translation that repeats it), and the translations beside it.
///
/// A translation into the name's own language that says something else stays, after the name: no two readers are told
/// different things unseen.
fn named(object: &Map<String, Value>) -> Vec<Text> {
    let mut out = object.get("name").map(texts).unwrap_or_default();
    let translations = object.get("nameI18n").map(texts).unwrap_or_default();
    if let [only] = out.as_mut_slice()
        && only.lang.is_none()
    {
        let repeated = translations.iter().find(|one| one.text == only.text).and_then(|one| one.lang.clone());
        only.lang = object.get("inLanguage").and_then(Value::as_str).map(cut).or(repeated);
    }
    for translation in translations {
        if !out.contains(&translation) {
            out.push(translation);
        }
    }
    out
}

/// The texts of a leaf, a value object, a language map, or an array of the former two.
fn texts(value: &Value) -> Vec<Text> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter(|item| !item.is_array())
            .take(MAX_VALUES)
            .flat_map(texts)
            .take(MAX_VALUES)
            .collect(),
        Value::Object(object) => match object.get("@value") {
            Some(text) => leaf(text)
                .map(|text| Text { text, lang: object.get("@language").and_then(Value::as_str).map(cut) })
                .into_iter()
                .collect(),
            None => object
                .iter()
                .take(MAX_VALUES)
                .filter_map(|(tag, text)| Some(Text { text: leaf(text)?, lang: Some(cut(tag)) }))
                .collect(),
        },
        other => leaf(other).map(|text| Text { text, lang: None }).into_iter().collect(),
    }
}

/// A leaf as text; `None` for arrays and objects.
fn leaf(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(cut(text)),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
