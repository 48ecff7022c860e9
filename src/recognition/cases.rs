//! Cases to decide, as a file holds them: one with all its facts, or many over a common base.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::facts::{Facts, Request};
use super::{InputError, Store};
use crate::codec::json::{self, Limits};
use crate::credential::problem::{At, Problem, Problems, push_name};
use crate::credential::strict::Members;

/// How large a file of cases may be.
const LIMITS: Limits = Limits { max_bytes: 16 << 20, max_depth: 16, max_values: 1_000_000 };
/// Most cases of a file.
const MAX_CASES: usize = 10_000;

/// A case: what is known and what is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// What it is about, where it says so.
    pub title: Option<String>,
    /// The facts of the award.
    pub facts: Facts,
    /// What is asked.
    pub request: Request,
}

/// A case that cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Every member that is to blame.
    pub problems: Vec<Problem>,
}

/// Reads the cases of a file: `cases`, each over `baseCredential` and `baseRequest`, where `null` takes a fact away; or one
/// case alone, `credential` and `request`. Facts that the store's conditions ask for may stand beside those known here.
///
/// # Errors
/// Text that is not strict JSON, and every member that is not known or not what it must be; nothing is read in part.
pub fn cases(bytes: &[u8], store: &Store) -> Result<Vec<Case>, InputError> {
    let (mut out, mut problems) = (Vec::new(), Problems::new());
    for read in each_case(bytes, store)? {
        match read {
            Ok(case) => out.push(case),
            Err(malformed) => malformed.problems.into_iter().for_each(|problem| problems.push(problem)),
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(InputError::Form(problems.into_vec())) }
}

/// The same, each case by itself: what is wrong with one does not keep the others from being decided.
///
/// # Errors
/// Text that is not strict JSON, or what is wrong with the file as a whole; of a file with one case alone, with the case.
pub fn each_case(bytes: &[u8], store: &Store) -> Result<Vec<Result<Case, Malformed>>, InputError> {
    let value = json::parse_with(bytes, &LIMITS)?;
    let mut problems = Problems::new();
    let read = read_file(&value, &store.conditioned(), &mut problems);
    if problems.is_empty() { Ok(read) } else { Err(InputError::Form(problems.into_vec())) }
}

fn read_file(
    value: &Value,
    more: &BTreeSet<String>,
    problems: &mut Problems,
) -> Vec<Result<Case, Malformed>> {
    let Some(members) = Members::of(value, At::ROOT, problems) else { return Vec::new() };
    let base = ["baseCredential", "baseRequest"].map(|name| base(&members, name, problems));
    let mut out = Vec::new();
    if members.get("cases").is_none() {
        members.only(
            &["note", "id", "title", "credential", "request", "expect", "baseCredential", "baseRequest"],
            problems,
        );
        out.extend(case(&members, base, more, problems).map(Ok));
        return out;
    }
    members.only(&["note", "baseCredential", "baseRequest", "cases"], problems);
    let mut ids = BTreeSet::new();
    members.items("cases", MAX_CASES, problems, |value, at, _| {
        let mut own = Problems::new();
        let read = one_of_many(value, at, base, more, &mut ids, &mut own);
        let id = value.get("id").and_then(crate::credential::strict::text).map(str::to_owned);
        out.push(match read {
            Some(case) if own.is_empty() => Ok(case),
            _ => Err(Malformed { id, problems: own.into_vec() }),
        });
    });
    out
}

fn one_of_many(
    value: &Value,
    at: &At<'_>,
    base: [Option<&Map<String, Value>>; 2],
    more: &BTreeSet<String>,
    ids: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Option<Case> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["note", "id", "title", "credential", "request", "expect"], problems);
    members.need("id", problems);
    let case = case(&members, base, more, problems)?;
    if case.id.as_ref().is_some_and(|id| !ids.insert(id.clone())) {
        problems.add(&members.at.name("id"), "this id stands in the list already");
    }
    Some(case)
}

fn base<'v>(
    members: &Members<'v, '_>,
    name: &str,
    problems: &mut Problems,
) -> Option<&'v Map<String, Value>> {
    members.read(name, "an object is needed here", problems, Value::as_object)
}

fn case(
    members: &Members<'_, '_>,
    [credential, request]: [Option<&Map<String, Value>>; 2],
    more: &BTreeSet<String>,
    problems: &mut Problems,
) -> Option<Case> {
    let id = members.text("id", problems).map(str::to_owned);
    let title = members.text("title", problems).map(str::to_owned);
    let facts = over(members, "credential", credential, "baseCredential", problems, |map, at, problems| {
        Some(Facts::read(map, at, more, problems))
    });
    let request = over(members, "request", request, "baseRequest", problems, Request::read);
    Some(Case { id, title, facts: facts?, request: request? })
}

/// Reads a member laid over its base. What is wrong with a member that only the base states is named there.
fn over<T>(
    members: &Members<'_, '_>,
    name: &str,
    base: Option<&Map<String, Value>>,
    base_name: &str,
    problems: &mut Problems,
    read: impl FnOnce(&Map<String, Value>, At<'_>, &mut Problems) -> Option<T>,
) -> Option<T> {
    if base.is_none() {
        members.need(name, problems);
    }
    let own = match members.get(name) {
        Some(_) => members.read(name, "an object is needed here", problems, Value::as_object)?,
        None => &Map::new(),
    };
    let mut whole = base.cloned().unwrap_or_default();
    whole.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    without_null(&mut whole);
    let at = members.at.name(name);
    let mut found = Problems::new();
    let read = read(&whole, at, &mut found);
    let found = found.into_vec();
    if !found.is_empty() {
        let here = at.pointer();
        for problem in found {
            let inherited =
                base.into_iter().flat_map(Map::keys).filter(|member| !own.contains_key(*member)).find(
                    |member| {
                        let mut place = here.clone();
                        push_name(&mut place, member);
                        problem
                            .pointer
                            .strip_prefix(&place)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    },
                );
            let pointer = match inherited {
                Some(_) => format!("/{base_name}{}", problem.pointer.get(here.len()..).unwrap_or_default()),
                None => problem.pointer,
            };
            problems.push(Problem { pointer, message: problem.message });
        }
        return None;
    }
    read
}

/// Takes away what is not known, in the object and in those directly inside it.
fn without_null(map: &mut Map<String, Value>) {
    map.retain(|_, value| !value.is_null());
    for inner in map.values_mut().filter_map(Value::as_object_mut) {
        inner.retain(|_, value| !value.is_null());
    }
}
