//! The agreements of the next list: as the register has them now, unless that would unsay what a list has said.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::trustlist::agreement::{ListedAgreement, MAX_AGREEMENTS};
use crate::trustlist::history::agreement_stays;

/// How much of a list agreements may fill, bytes: half, so that there is room for the issuers whatever is agreed on.
const MAX_BYTES: usize = crate::trustlist::MAX_LIST / 2;

/// The entries of the list that comes after one with the entries `before`, by what the register says now.
///
/// Each that stood there stays, in its place: as the register has it where that only goes on with what was said, else as it
/// was. New ones follow, those that fit and that a reader takes. So there is always a next list, whatever a register says.
pub(crate) fn following(before: &[Value], register: &[Value], territory: &str) -> Vec<Value> {
    let now: HashMap<&str, &Map<String, Value>> =
        register.iter().filter_map(|entry| Some((id(entry)?, entry.as_object()?))).collect();
    let mut next = Vec::with_capacity(before.len().max(register.len()));
    for said in before {
        let goes_on = |entry: &&&Map<String, Value>| {
            let Some(said) = said.as_object() else { return false };
            said == **entry
                || (agreement_stays("", said, entry).is_ok() && ListedAgreement::is_fit(entry, territory))
        };
        match id(said).and_then(|id| now.get(id)).filter(goes_on) {
            Some(entry) => next.push(Value::Object((*entry).clone())),
            None => next.push(said.clone()),
        }
    }
    let said: HashSet<&str> = before.iter().filter_map(id).collect();
    let mut filled: usize = next.iter().map(size).sum();
    for entry in register.iter().filter(|entry| id(entry).is_some_and(|id| !said.contains(id))) {
        let size = size(entry);
        let fits = next.len() < MAX_AGREEMENTS && filled + size <= MAX_BYTES;
        if fits && entry.as_object().is_some_and(|entry| ListedAgreement::is_fit(entry, territory)) {
            filled += size;
            next.push(entry.clone());
        }
    }
    next
}

/// The `agreement` of the subject of a list.
pub(crate) fn entries(subject: &Map<String, Value>) -> &[Value] {
    match subject.get("agreement") {
        Some(Value::Array(entries)) => entries,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn id(entry: &Value) -> Option<&str> {
    entry.get("agreementId")?.as_str()
}

fn size(entry: &Value) -> usize {
    entry.to_string().len()
}
