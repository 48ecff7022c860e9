//! What an applicant asks: which award, what for, compared with what. Every member is checked; none decides anything.

use serde_json::{Map, Value, json};

use super::RecogniseError;
use crate::framework;
use crate::log::proof::MAX_TLOG_PROOF;
use crate::recognition::is_country;

/// Longest text of a name, a contact, a profession, characters.
const MAX_TEXT: usize = 300;
/// Longest note or reason, characters.
pub const MAX_NOTE: usize = 2_000;
/// Most learning outcomes of a target.
const MAX_OUTCOMES: usize = 256;

/// The purposes of recognition-rules/1.
pub const PURPOSES: [&str; 4] =
    ["further-study", "credit-transfer", "employment-unregulated", "employment-regulated"];

/// Where the award comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// The document itself, or an envelope with it.
    Document(Map<String, Value>),
    /// The address where it is shared.
    Link(String),
    /// Our own id of it.
    Id(String),
}

/// An application as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The award.
    pub given: Given,
    /// Its log proof, where one was brought.
    pub tlog_proof: Option<String>,
    /// The country that is to recognise it.
    pub country: Option<String>,
    /// `purpose`, and where they are asked `profession`, `refugee`, `target`: as recognition-rules/1 reads them.
    pub request: Map<String, Value>,
    /// `name` and `contact`, by the applicant's own word.
    pub applicant: Map<String, Value>,
    /// What the applicant states of the award. An officer reads it; no rule does.
    pub stated: Map<String, Value>,
}

impl Asked {
    /// Reads the members of a request.
    ///
    /// # Errors
    /// The first member that is not known or not what it must be.
    pub fn read(mut members: Map<String, Value>) -> Result<Asked, RecogniseError> {
        only(
            &members,
            "",
            &[
                "credential",
                "link",
                "id",
                "tlogProof",
                "country",
                "purpose",
                "profession",
                "refugee",
                "target",
                "applicant",
                "stated",
            ],
        )?;
        let link = text(&members, "", "link", 2_048)?;
        let id = text(&members, "", "id", 2_048)?;
        let given = match (members.shift_remove("credential"), link, id) {
            (Some(Value::Object(document)), None, None) => Given::Document(document),
            (Some(_), None, None) => return Err(wrong("/credential", "is to be a JSON object")),
            (None, Some(link), None) => Given::Link(link),
            (None, None, Some(id)) => Given::Id(id),
            (None, None, None) => return Err(wrong("/credential", "is missing: or name a link, or an id")),
            _ => return Err(wrong("/credential", "one of credential, link and id is enough")),
        };
        let tlog_proof = match members.get("tlogProof") {
            None | Some(Value::Null) => None,
            // Not a space is taken from it: its last line end is a part of it.
            Some(Value::String(proof)) if proof.len() <= MAX_TLOG_PROOF => Some(proof.clone()),
            Some(_) => return Err(wrong("/tlogProof", "is the text of a log proof")),
        };
        let country = text(&members, "", "country", 2)?;
        if country.as_ref().is_some_and(|country| !is_country(country)) {
            return Err(wrong("/country", "is a country code of ISO 3166-1, such as LA"));
        }
        let purpose = text(&members, "", "purpose", 100)?;
        let purpose = purpose.filter(|purpose| PURPOSES.contains(&purpose.as_str()));
        let purpose =
            purpose.ok_or_else(|| wrong("/purpose", format!("is one of {}", PURPOSES.join(", "))))?;
        let mut request = Map::from_iter([("purpose".to_owned(), json!(purpose))]);
        if let Some(profession) = text(&members, "", "profession", MAX_TEXT)? {
            request.insert("profession".to_owned(), json!(profession));
        }
        if flag(&members, "", "refugee")? == Some(true) {
            request.insert("refugee".to_owned(), json!(true));
        }
        if let Some(target) = object(&mut members, "target")? {
            request.insert("target".to_owned(), Value::Object(self::target(&target)?));
        }
        let applicant = object(&mut members, "applicant")?.unwrap_or_default();
        only(&applicant, "/applicant", &["name", "contact"])?;
        let stated = object(&mut members, "stated")?.unwrap_or_default();
        only(&stated, "/stated", &["enrolledBefore", "notionalHours", "note"])?;
        Ok(Asked {
            given,
            tlog_proof,
            country,
            request,
            applicant: kept([
                ("name", text(&applicant, "/applicant", "name", MAX_TEXT)?.map(Value::from)),
                ("contact", text(&applicant, "/applicant", "contact", MAX_TEXT)?.map(Value::from)),
            ]),
            stated: kept([
                ("enrolledBefore", flag(&stated, "/stated", "enrolledBefore")?.map(Value::from)),
                ("notionalHours", whole(&stated, "/stated", "notionalHours")?.map(Value::from)),
                ("note", text(&stated, "/stated", "note", MAX_NOTE)?.map(Value::from)),
            ]),
        })
    }
}

fn target(target: &Map<String, Value>) -> Result<Map<String, Value>, RecogniseError> {
    only(target, "/target", &["framework", "level", "notionalHours", "isced", "outcomes"])?;
    let framework = text(target, "/target", "framework", 50)?;
    let level = whole(target, "/target", "level")?;
    if let Some(id) = &framework {
        let known = framework::by_id(id)
            .ok_or_else(|| wrong("/target/framework", "no such qualifications framework is known here"))?;
        if level.is_some_and(|level| known.level(&level.to_string()).is_none()) {
            return Err(wrong("/target/level", format!("{id} has no such level")));
        }
    } else if level.is_some() {
        return Err(wrong("/target/framework", "a level is one of a framework"));
    }
    let hours = whole(target, "/target", "notionalHours")?;
    if hours == Some(0) {
        return Err(wrong("/target/notionalHours", "a workload is at least one hour"));
    }
    let isced = text(target, "/target", "isced", 4)?;
    if isced.as_ref().is_some_and(|code| code.len() < 2 || !code.bytes().all(|b| b.is_ascii_digit())) {
        return Err(wrong("/target/isced", "is an ISCED-F code: a text of 2 to 4 digits"));
    }
    let outcomes = match target.get("outcomes") {
        None | Some(Value::Null) => None,
        Some(Value::Array(items)) if items.len() <= MAX_OUTCOMES => {
            let told = items.iter().all(|item| crate::credential::strict::text(item).is_some());
            Some(Value::Array(items.clone())).filter(|_| told)
        }
        Some(_) => None,
    };
    if outcomes.is_none() && target.get("outcomes").is_some_and(|value| !value.is_null()) {
        return Err(wrong("/target/outcomes", format!("is a list of at most {MAX_OUTCOMES} texts")));
    }
    Ok(kept([
        ("framework", framework.map(Value::from)),
        ("level", level.map(Value::from)),
        ("notionalHours", hours.map(Value::from)),
        ("isced", isced.map(Value::from)),
        ("outcomes", outcomes),
    ]))
}

fn kept<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn wrong(pointer: impl Into<String>, detail: impl Into<String>) -> RecogniseError {
    RecogniseError::member(pointer, detail)
}

/// Refuses members nobody here understands.
pub(super) fn only(members: &Map<String, Value>, at: &str, known: &[&str]) -> Result<(), RecogniseError> {
    let unknown = members.keys().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        let name: String = name.chars().take(80).collect::<String>().replace('~', "~0").replace('/', "~1");
        Err(wrong(format!("{at}/{name}"), format!("is not understood here; known are {}", known.join(", "))))
    })
}

/// A text that is there and not blank, of at most so many characters.
pub(super) fn text(
    members: &Map<String, Value>,
    at: &str,
    name: &str,
    most: usize,
) -> Result<Option<String>, RecogniseError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.trim().to_owned())),
        Some(_) => Err(wrong(format!("{at}/{name}"), format!("is text of at most {most} characters"))),
    }
}

pub(super) fn flag(
    members: &Map<String, Value>,
    at: &str,
    name: &str,
) -> Result<Option<bool>, RecogniseError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(wrong(format!("{at}/{name}"), "is true or false")),
    }
}

pub(super) fn whole(
    members: &Map<String, Value>,
    at: &str,
    name: &str,
) -> Result<Option<u32>, RecogniseError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.map(Some).ok_or_else(|| wrong(format!("{at}/{name}"), "is a whole number"))
        }
    }
}

fn object(
    members: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<Map<String, Value>>, RecogniseError> {
    match members.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(wrong(format!("/{name}"), "is to be an object")),
    }
}
