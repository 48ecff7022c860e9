//! A grant: what an authority decided about an institution, from when to when, and what became of it.

use serde_json::{Map, Value};

use super::scope::Scope;
use crate::credential::form::parts::each_object;
use crate::credential::iri;
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::validity::{Day, Stamp};

/// Most scopes of one grant.
const MAX_SCOPES: usize = 256;
/// Most entries in the history of one grant.
const MAX_HISTORY: usize = 256;

/// A grant, as it stands in an accreditation or on a trust list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id, a URL.
    pub id: String,
    /// The number of the decision, as the authority writes it.
    pub decision_number: Option<String>,
    /// The first day.
    pub from: Day,
    /// The last day; `None` when it does not end.
    pub to: Option<Day>,
    /// What it covers; an award is covered by any one of them.
    pub scopes: Vec<Scope>,
    /// What became of it, in the order of the days; without an entry it is granted.
    pub history: Vec<Entry>,
    /// The URL of the signed accreditation.
    pub accreditation: Option<String>,
}

/// An entry in the history of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What the authority decided.
    pub change: Change,
    /// The day since which the entry exists.
    pub since: Day,
    /// When it was put on the list.
    pub recorded_at: Option<Stamp>,
}

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The grant has this standing since the day of the entry.
    To(Standing),
    /// The grant is void from a day on, which may lie before the decision.
    Annulled {
        /// The first day without the grant.
        effective: Day,
    },
}

/// The standing of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// In force.
    Granted,
    /// Only learners who had enrolled before may still finish.
    TeachOut,
    /// Out of force for a time.
    Suspended,
    /// Out of force.
    Withdrawn,
}

impl Grant {
    /// Reads a grant in the signed form (`effectiveFrom`, `effectiveTo`, `scope`, `history` of `standing` and `since`);
    /// `Err` says everything that is wrong with it, by pointers that begin at `at`.
    ///
    /// An accreditation's grant has no history yet. Members of the grant itself that are not known here are passed over,
    /// those of a scope are not.
    pub fn parse(grant: &Map<String, Value>, at: &At<'_>) -> Result<Grant, Vec<Problem>> {
        let mut problems = Problems::new();
        let read = Self::read(grant, at, &mut problems);
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(problems.into_vec()),
        }
    }

    fn read(grant: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<Grant> {
        let id = url(grant, "id", at, problems);
        if !grant.contains_key("id") {
            problems.add(&at.name("id"), "a grant has an id");
        }
        let decision_number = match grant.get("decisionNumber") {
            None => None,
            Some(Value::String(number)) if !number.trim().is_empty() => Some(number.clone()),
            Some(_) => {
                problems.add(&at.name("decisionNumber"), "a number as written is text");
                None
            }
        };
        let from = day(grant, "effectiveFrom", at, problems);
        if !grant.contains_key("effectiveFrom") {
            problems.add(&at.name("effectiveFrom"), "the first day of the grant is missing");
        }
        let to = day(grant, "effectiveTo", at, problems);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            problems.add(&at.name("effectiveTo"), "it ends before it begins");
        }
        Some(Grant {
            scopes: scopes(grant, at, problems),
            history: history(grant, at, problems),
            accreditation: url(grant, "accreditation", at, problems),
            id: id?,
            decision_number,
            from: from?,
            to,
        })
    }
}

impl Standing {
    /// The standing of this name in an entry; `annulled` is none, as it works back.
    fn named(name: &str) -> Option<Standing> {
        match name {
            "granted" => Some(Standing::Granted),
            "teach-out" => Some(Standing::TeachOut),
            "suspended" => Some(Standing::Suspended),
            "withdrawn" => Some(Standing::Withdrawn),
            _ => None,
        }
    }
}

fn scopes(grant: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Vec<Scope> {
    let at = at.name("scope");
    let mut scopes = Vec::new();
    match grant.get("scope") {
        None => problems.add(&at, "a grant says what it covers"),
        Some(Value::Array(items)) if items.len() > MAX_SCOPES => {
            problems.add(&at, format!("no more than {MAX_SCOPES} scopes"));
        }
        Some(value) => each_object(value, &at, problems, |scope, at, problems| {
            scopes.extend(Scope::parse(scope, at, problems));
        }),
    }
    scopes
}

/// The history, whose entries follow one another in time.
fn history(grant: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Vec<Entry> {
    let at = at.name("history");
    let mut entries: Vec<Entry> = Vec::new();
    match grant.get("history") {
        None => {}
        Some(Value::Array(items)) if items.is_empty() => {}
        Some(Value::Array(items)) if items.len() > MAX_HISTORY => {
            problems.add(&at, format!("no more than {MAX_HISTORY} entries"));
        }
        Some(value) => each_object(value, &at, problems, |members, at, problems| {
            let Some(entry) = entry(members, at, problems) else { return };
            if let Some(last) = entries.last() {
                if entry.since < last.since {
                    problems.add(&at.name("since"), "the history is not in the order of its days");
                }
                if let (Some(before), Some(after)) = (&last.recorded_at, &entry.recorded_at)
                    && after.cmp_instant(before).is_lt()
                {
                    problems.add(&at.name("recordedAt"), "recorded before the entry that stands before it");
                }
            }
            entries.push(entry);
        }),
    }
    entries
}

fn entry(entry: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<Entry> {
    let since = day(entry, "since", at, problems);
    if !entry.contains_key("since") {
        problems.add(&at.name("since"), "the day of the entry is missing");
    }
    let effective = day(entry, "effective", at, problems);
    let recorded_at = match entry.get("recordedAt") {
        None => None,
        Some(value) => {
            let stamp = value.as_str().and_then(|text| Stamp::parse(text).ok());
            if stamp.is_none() {
                problems.add(
                    &at.name("recordedAt"),
                    "a date and time with an offset is needed, such as 2026-06-30T00:00:00+07:00",
                );
            }
            stamp
        }
    };
    let standing = entry.get("standing").and_then(Value::as_str);
    let change = if standing == Some("annulled") {
        if !entry.contains_key("effective") {
            problems.add(&at.name("effective"), "an annulment says from which day it takes effect");
        }
        Change::Annulled { effective: effective? }
    } else {
        let Some(standing) = standing.and_then(Standing::named) else {
            problems.add(
                &at.name("standing"),
                "one of granted, teach-out, suspended, withdrawn, annulled is needed here",
            );
            return None;
        };
        if entry.contains_key("effective") {
            problems.add(&at.name("effective"), "only an annulment takes effect on a day of its own");
        }
        Change::To(standing)
    };
    Some(Entry { change, since: since?, recorded_at })
}

/// A member that is a calendar date when it is there.
fn day(object: &Map<String, Value>, member: &str, at: &At<'_>, problems: &mut Problems) -> Option<Day> {
    let value = object.get(member)?;
    let day = value.as_str().and_then(|text| Day::parse(text).ok());
    if day.is_none() {
        problems.add(&at.name(member), "a calendar date is needed here, such as 2026-06-30");
    }
    day
}

/// A member that is a URL when it is there.
fn url(object: &Map<String, Value>, member: &str, at: &At<'_>, problems: &mut Problems) -> Option<String> {
    let value = object.get(member)?;
    let url = value.as_str().filter(|text| iri::is_url(text));
    if url.is_none() {
        problems.add(&at.name(member), "a URL is needed here");
    }
    url.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "id": "urn:uuid:310f3ee8-99a5-4abf-9903-44e50fa436e9",
            "decisionNumber": "00/2024/GCNĐKHĐ-MAU",
            "effectiveFrom": "2024-08-01",
            "effectiveTo": "2029-07-31",
            "scope": [{"framework": "VQF", "levelMin": 4, "levelMax": 5}, {"types": ["micro-credential"]}],
            "accreditation": "https://trust.vn.example/c/37yb971n84pdmceeda19k2pe3e",
            "history": [
                {"standing": "granted", "since": "2024-08-01", "recordedAt": "2024-08-02T02:00:00Z"},
                {"standing": "teach-out", "since": "2025-01-01"},
                {"standing": "annulled", "since": "2025-01-01", "effective": "2024-09-01", "recordedAt": "2025-01-01T02:00:00Z"},
            ],
            "type": "Grant",
        })
    }

    fn read(grant: &Value) -> Result<Grant, Vec<String>> {
        let root = At::ROOT;
        Grant::parse(grant.as_object().unwrap(), &root.name("grant").item(3)).map_err(|problems| {
            assert!(!problems.is_empty(), "{grant}");
            problems.into_iter().map(|problem| problem.pointer).collect()
        })
    }

    #[test]
    fn a_whole_grant_is_read() {
        let grant = read(&whole()).unwrap();
        assert_eq!(grant.decision_number.as_deref(), Some("00/2024/GCNĐKHĐ-MAU"));
        assert_eq!(
            (grant.from.to_string(), grant.to.unwrap().to_string()),
            ("2024-08-01".into(), "2029-07-31".into())
        );
        assert_eq!((grant.scopes.len(), grant.history.len()), (2, 3));
        assert_eq!(grant.history[1].change, Change::To(Standing::TeachOut));
        assert_eq!(
            grant.history[2].change,
            Change::Annulled { effective: Day::parse("2024-09-01").unwrap() }
        );
        assert!(grant.accreditation.is_some() && grant.history[0].recorded_at.is_some());
    }

    #[test]
    fn what_may_be_missing_and_what_may_not() {
        for member in ["decisionNumber", "effectiveTo", "accreditation", "history"] {
            let mut grant = whole();
            grant.as_object_mut().unwrap().shift_remove(member);
            assert!(read(&grant).is_ok(), "{member}");
        }
        for member in ["id", "effectiveFrom", "scope"] {
            let mut grant = whole();
            grant.as_object_mut().unwrap().shift_remove(member);
            assert_eq!(read(&grant), Err(vec![format!("/grant/3/{member}")]));
        }
        let mut grant = whole();
        grant["history"] = json!([]);
        assert!(read(&grant).unwrap().history.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (member, value, pointer) in [
            ("id", json!("g1"), "/id"),
            ("id", json!(null), "/id"),
            ("decisionNumber", json!(7), "/decisionNumber"),
            ("decisionNumber", json!(" "), "/decisionNumber"),
            ("effectiveFrom", json!("2024-08-01T00:00:00Z"), "/effectiveFrom"),
            ("effectiveFrom", json!("2023-02-29"), "/effectiveFrom"),
            ("effectiveFrom", json!(null), "/effectiveFrom"),
            ("effectiveTo", json!("2024-07-31"), "/effectiveTo"),
            ("effectiveTo", json!(null), "/effectiveTo"),
            ("accreditation", json!("here"), "/accreditation"),
            ("scope", json!([]), "/scope"),
            ("scope", json!("all"), "/scope"),
            ("scope", json!([{"types": ["diploma"]}, 4]), "/scope/1"),
            ("scope", json!([{"types": ["diploma"]}, {"types": ["diploma"], "only": "x"}]), "/scope/1/only"),
            ("scope", json!(vec![json!({"types": ["diploma"]}); MAX_SCOPES + 1]), "/scope"),
            ("history", json!(null), "/history"),
            ("history", json!("granted"), "/history"),
            ("history", json!([7]), "/history/0"),
            ("history", json!([{"standing": "lapsed", "since": "2025-01-01"}]), "/history/0/standing"),
            ("history", json!([{"status": "granted", "since": "2025-01-01"}]), "/history/0/standing"),
            ("history", json!([{"standing": "granted"}]), "/history/0/since"),
            ("history", json!([{"standing": "granted", "since": "2025-02-30"}]), "/history/0/since"),
            (
                "history",
                json!([{"standing": "granted", "since": "2025-01-02"}, {"standing": "suspended", "since": "2025-01-01"}]),
                "/history/1/since",
            ),
            ("history", json!([{"standing": "annulled", "since": "2025-01-01"}]), "/history/0/effective"),
            (
                "history",
                json!([{"standing": "annulled", "since": "2025-01-01", "effective": "x"}]),
                "/history/0/effective",
            ),
            (
                "history",
                json!([{"standing": "withdrawn", "since": "2025-01-01", "effective": "2024-12-01"}]),
                "/history/0/effective",
            ),
            (
                "history",
                json!([{"standing": "granted", "since": "2025-01-01", "recordedAt": "2025-01-01"}]),
                "/history/0/recordedAt",
            ),
            (
                "history",
                json!([
                    {"standing": "granted", "since": "2025-01-01", "recordedAt": "2025-01-02T00:00:00Z"},
                    {"standing": "suspended", "since": "2025-01-01", "recordedAt": "2025-01-02T00:00:00+00:01"},
                ]),
                "/history/1/recordedAt",
            ),
            (
                "history",
                json!(vec![json!({"standing": "granted", "since": "2025-01-01"}); MAX_HISTORY + 1]),
                "/history",
            ),
        ] {
            let mut grant = whole();
            grant[member] = value.clone();
            assert_eq!(read(&grant), Err(vec![format!("/grant/3{pointer}")]), "{member}: {value}");
        }
        let mut grant = whole();
        grant["effectiveTo"] = json!("2024-08-01");
        assert!(read(&grant).is_ok(), "a grant of one day");
    }
}
