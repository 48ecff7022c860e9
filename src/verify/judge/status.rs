//! What the status entries of a document say: our own bits from memory, others' lists once they are proved.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::signatures::signatures;
use crate::credential::View;
use crate::crypto::proof::Expected;
use crate::resolve::FetchedList;
use crate::status::StatusList;
use crate::status::entry::{self, Entry, EntryFault};
use crate::verify::gather::Evidence;
use crate::verify::verdict::{Check, Code, Outcome};

/// Judges every status entry; returns how old the oldest news is.
pub(super) fn status(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<String> {
    let entries = entry::entries(map);
    if entries.is_empty() {
        checks.push(Check::new(Code::StatusNone));
        return None;
    }
    let before = checks.len();
    let mut oldest: Option<Timestamp> = None;
    for entry in entries {
        let found = match entry {
            Ok(entry) => one_status(map, &entry, evidence, now),
            Err(problem) => Err(match problem.fault {
                EntryFault::Unsupported(name) => Check::new(Code::StatusTypeUnsupported).with("type", name),
                EntryFault::Invalid(because) => Check::new(Code::StatusEntryInvalid)
                    .with("pointer", problem.pointer)
                    .with("problem", because),
            }),
        };
        match found {
            Ok(as_of) => oldest = Some(oldest.map_or(as_of, |known| known.min(as_of))),
            Err(check) => checks.push(check),
        }
    }
    let as_of = oldest.map(|at| at.to_string());
    if checks.len() == before {
        checks.push(Check::new(Code::StatusActive).with("as_of", as_of.clone().unwrap_or_default()));
    }
    as_of
}

/// `Ok` with the age of the news when the bit is not set.
fn one_status(
    map: &Map<String, Value>,
    entry: &Entry,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Timestamp, Check> {
    if let Some(own) = evidence.own_status.get(&(entry.list.clone(), entry.index)) {
        if !own.set {
            return Ok(now);
        }
        let Some(event) = &own.event else { return Err(withdrawn(entry)) };
        let check = match &event.successor {
            Some(successor) => Check::new(Code::StatusReplaced).with("successor", successor.clone()),
            None => withdrawn(entry).with("reason", event.reason.clone()),
        };
        return Err(check.with("since", event.at.to_string()));
    }
    let invalid = |problem: String| {
        Check::new(Code::StatusListInvalid).with("url", entry.list.clone()).with("problem", problem)
    };
    let unreachable = |problem: &str| {
        Check::new(Code::StatusUnreachable).with("url", entry.list.clone()).with("problem", problem)
    };
    let list = match evidence.lists.get(&entry.list) {
        Some(Ok(list)) => list,
        Some(Err(error)) if error.is_definitive() => return Err(invalid(error.to_string())),
        Some(Err(error)) => return Err(unreachable(&error.to_string())),
        None => return Err(unreachable("not looked up")),
    };
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    let proved = proved(list, evidence, now).map_err(invalid)?;
    let reading = proved.read(entry, issuer, now).map_err(|problem| invalid(problem.to_string()))?;
    if reading.set {
        return Err(withdrawn(entry));
    }
    Ok(reading.as_of.unwrap_or(now))
}

/// The list, when every proof of it holds and one is its issuer's. The same copy is proved once.
pub(in crate::verify) fn proved(
    list: &FetchedList,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Arc<StatusList>, String> {
    if let Some(proved) = list.proved() {
        return Ok(proved);
    }
    let map = list.document.as_object().ok_or("not a JSON object")?;
    let signed = signatures(map, evidence, now, &Expected::default());
    if !signed.hold() {
        let first = signed.checks.iter().find(|check| check.code.outcome() != Outcome::Pass);
        return Err(format!("its proof does not hold: {}", first.map_or("", |check| check.code.as_str())));
    }
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    if !signed.signers.iter().any(|signer| signer.did == issuer) {
        return Err("it is not signed by its issuer".to_owned());
    }
    let proved = Arc::new(StatusList::parse(&list.document).map_err(|problem| problem.to_string())?);
    list.set_proved(proved.clone());
    Ok(proved)
}

fn withdrawn(entry: &Entry) -> Check {
    Check::new(match entry.purpose {
        crate::status::Purpose::Revocation => Code::StatusRevoked,
        crate::status::Purpose::Suspension => Code::StatusSuspended,
    })
}
