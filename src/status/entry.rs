//! What a credential says of its own status: the entries of `credentialStatus`, read strictly
//! (Bitstring Status List 1.0, section 2.1; StatusList2021 for what was issued before).

use serde_json::{Map, Value, json};
use url::Url;

use super::Purpose;

/// The most entries looked at in one credential.
pub const MAX_ENTRIES: usize = 16;

/// The longest URL of a list.
const MAX_URL: usize = 2048;

/// Which specification an entry, and the list it points to, follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// `BitstringStatusListEntry`.
    Bitstring,
    /// `StatusList2021Entry`, its predecessor.
    List2021,
}

/// One readable entry: a bit in somebody's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in the credential: `/credentialStatus` or `/credentialStatus/N`.
    pub pointer: String,
    /// Which specification it follows.
    pub kind: EntryKind,
    /// What a set bit says.
    pub purpose: Purpose,
    /// Which bit, from 0.
    pub index: u64,
    /// The list's `id`, exactly as written: what came back must say the same.
    pub list: String,
    /// The same as a URL to ask.
    pub url: Url,
}

/// An entry that says nothing we can use, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {fault}")]
pub struct EntryProblem {
    /// The JSON pointer of the member at fault.
    pub pointer: String,
    /// What is wrong.
    pub fault: EntryFault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// A type of status not known here, by its name.
    #[error("status type {0} is not supported")]
    Unsupported(String),
    /// A known type, used wrongly.
    #[error("{0}")]
    Invalid(&'static str),
}

/// Every entry of a credential in order, each read or refused; empty when there is no `credentialStatus`.
pub fn entries(credential: &Map<String, Value>) -> Vec<Result<Entry, EntryProblem>> {
    match credential.get("credentialStatus") {
        None => Vec::new(),
        Some(Value::Array(many)) => {
            let read = |(at, one)| parse(one, format!("/credentialStatus/{at}"));
            let mut read: Vec<_> = many.iter().take(MAX_ENTRIES).enumerate().map(read).collect();
            if many.len() > MAX_ENTRIES {
                read.push(Err(invalid("/credentialStatus".to_owned(), "more than 16 status entries")));
            }
            read
        }
        Some(one) => vec![parse(one, "/credentialStatus".to_owned())],
    }
}

/// Reads one entry that stands at `pointer`.
pub fn parse(entry: &Value, pointer: String) -> Result<Entry, EntryProblem> {
    let fault = |member: &str, because| Err(invalid(format!("{pointer}/{member}"), because));
    let Value::Object(entry) = entry else { return Err(invalid(pointer, "a status entry is an object")) };
    let (kind, name) = match type_of(entry) {
        Some("BitstringStatusListEntry") => (EntryKind::Bitstring, "BitstringStatusListEntry"),
        Some("StatusList2021Entry") => (EntryKind::List2021, "StatusList2021Entry"),
        Some(other) => return Err(unsupported(pointer, other)),
        None => return fault("type", "a status entry has one type"),
    };
    let purpose = match entry.get("statusPurpose") {
        Some(Value::String(word)) => match Purpose::parse(word) {
            Some(purpose) => purpose,
            None => return Err(unsupported(pointer, &format!("{name} ({})", clip(word)))),
        },
        _ => return fault("statusPurpose", "a status entry has one purpose, a string"),
    };
    match entry.get("statusSize") {
        None => {}
        Some(Value::Number(size)) if size.as_u64() == Some(1) => {}
        Some(Value::Number(size)) if size.as_u64().is_some_and(|size| size > 1) => {
            return Err(unsupported(pointer, &format!("{name} (statusSize {size})")));
        }
        Some(_) => return fault("statusSize", "a status size is a whole number from 1"),
    }
    let Some(index) = entry.get("statusListIndex").and_then(Value::as_str).and_then(index) else {
        return fault(
            "statusListIndex",
            "an index is a string of decimal digits without sign or leading zeros",
        );
    };
    let Some(list) =
        entry.get("statusListCredential").and_then(Value::as_str).filter(|url| url.len() <= MAX_URL)
    else {
        return fault("statusListCredential", "a list is named by one URL of at most 2,048 characters");
    };
    let Some(url) = Url::parse(list).ok().filter(|url| url.fragment().is_none()) else {
        return fault("statusListCredential", "not an absolute URL without fragment");
    };
    if entry.get("id").is_some_and(|id| id.as_str() == Some(list)) {
        return fault("id", "an entry may not have the id of its list");
    }
    Ok(Entry { pointer, kind, purpose, index, list: list.to_owned(), url })
}

/// A new entry for a credential to be signed: bit `index` of the list at `list`.
pub fn build(list: &str, purpose: Purpose, index: u32) -> Value {
    json!({
        "id": format!("{list}#{index}"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose.as_str(),
        "statusListIndex": index.to_string(),
        "statusListCredential": list,
    })
}

/// The one type: a string, or a list of one.
fn type_of(entry: &Map<String, Value>) -> Option<&str> {
    match entry.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(many) if many.len() == 1 => many[0].as_str(),
        _ => None,
    }
}

/// `0`, or digits that do not begin with 0; what does not fit 64 bits lies beyond every list.
fn index(text: &str) -> Option<u64> {
    let exact = text == "0" || (text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0'));
    let digits = exact && (1..=64).contains(&text.len());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn invalid(pointer: String, because: &'static str) -> EntryProblem {
    EntryProblem { pointer, fault: EntryFault::Invalid(because) }
}

fn unsupported(pointer: String, name: &str) -> EntryProblem {
    EntryProblem { pointer, fault: EntryFault::Unsupported(clip(name)) }
}

fn clip(word: &str) -> String {
    word.chars().take(80).collect()
}
