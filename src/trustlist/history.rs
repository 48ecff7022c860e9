//! What a list has said, the next one says too: issuers, keys, grants, agreements and their histories only grow.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::signed::LEEWAY;
use super::{TrustList, TrustListError};
use crate::credential::validity::{Day, Stamp};

/// Whether `next` may follow `known`: a greater number, and nothing unsaid.
pub(super) fn extends(next: &TrustList, known: &TrustList) -> Result<(), TrustListError> {
    if next.sequence < known.sequence {
        return Err(TrustListError::Rollback { found: next.sequence, known: known.sequence });
    }
    if next.sequence == known.sequence {
        return if next.document == known.document {
            Ok(())
        } else {
            Err(TrustListError::Fork(known.sequence))
        };
    }
    let (new, old) = (subject(next), subject(known));
    let listed_on = Day::of(known.issued_at);
    each_stays(old.get("closedLog"), new.get("closedLog"), "origin", "", |_, old, new| same(old, new))?;
    each_stays(old.get("agreement"), new.get("agreement"), "agreementId", "", |what, old, new| {
        agreement_stays(what, old, new, Some(known.issued_at))
    })?;
    own_keys_stay(old, new, next.root_version > known.root_version)?;
    each_stays(old.get("trustedIssuer"), new.get("trustedIssuer"), "id", "", |what, old, new| {
        each_stays(old.get("trustedKey"), new.get("trustedKey"), "id", what, key_stays)?;
        each_stays(old.get("grant"), new.get("grant"), "id", what, |what, old, new| {
            grant_stays(what, old, new, listed_on)
        })?;
        keeper_stays(what, old, new)?;
        // Whoever was logged since a day cannot become somebody who was logged later, or never.
        earlier_or_same(what, "loggedSince", old, new)
    })
}

fn subject(list: &TrustList) -> &Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    list.document.get("credentialSubject").and_then(Value::as_object).unwrap_or(&NOTHING)
}

/// Every entry of the old list is in the new one, found by the member `by`, and `holds`.
fn each_stays(
    old: Option<&Value>,
    new: Option<&Value>,
    by: &str,
    within: &str,
    holds: impl Fn(&str, &Map<String, Value>, &Map<String, Value>) -> Result<(), TrustListError>,
) -> Result<(), TrustListError> {
    let new: std::collections::HashMap<&Value, &Map<String, Value>> =
        objects(new).filter_map(|one| Some((one.get(by)?, one))).collect();
    for entry in objects(old) {
        let Some(name) = entry.get(by) else { continue };
        let told = name.as_str().unwrap_or_default();
        let what = if within.is_empty() { told.to_owned() } else { format!("{within}: {told}") };
        match new.get(name) {
            Some(still) => holds(&what, entry, still)?,
            None => return Err(TrustListError::Forgot { what }),
        }
    }
    Ok(())
}

fn objects(value: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let list = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter().filter_map(Value::as_object)
}

fn same(old: &Map<String, Value>, new: &Map<String, Value>) -> Result<(), TrustListError> {
    let what = || old.get("origin").and_then(Value::as_str).unwrap_or_default().to_owned();
    if old == new { Ok(()) } else { Err(TrustListError::Forgot { what: what() }) }
}

/// What became of the authority's own keys is not unsaid: one that somebody else may have stays so, and one that decides no
/// more does not begin again, unless a newer root lets it.
fn own_keys_stay(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    newer_root: bool,
) -> Result<(), TrustListError> {
    let now = || objects(new.get("trustedKey"));
    for key in objects(old.get("trustedKey")) {
        let what = key.get("id").and_then(Value::as_str).unwrap_or_default();
        if key.contains_key("compromisedSince") {
            let mut still = now().filter(|one| one.get("id") == key.get("id")).peekable();
            if still.peek().is_none() {
                return Err(TrustListError::Forgot { what: what.to_owned() });
            }
            still.try_for_each(|one| earlier_or_same(what, "compromisedSince", key, one))?;
        }
        let same = |one: &&Map<String, Value>| {
            one.get("id") == key.get("id") && one.get("keyUse") == key.get("keyUse")
        };
        let decides = key.get("keyUse").and_then(Value::as_str) == Some("accreditation");
        if decides
            && !newer_root
            && let Some(one) = now().find(same)
        {
            earlier_or_same(what, "notAfter", key, one)?;
        }
    }
    Ok(())
}

/// A key keeps its use and its beginning; its end may come closer, and it may be found to be compromised.
fn key_stays(what: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> Result<(), TrustListError> {
    for member in ["keyUse", "notBefore"] {
        if old.get(member) != new.get(member) {
            return Err(TrustListError::Forgot { what: what.to_owned() });
        }
    }
    earlier_or_same(what, "notAfter", old, new)?;
    earlier_or_same(what, "compromisedSince", old, new)
}

/// Somebody goes on keeping the register of a closed issuer, and no status list of it goes back to its old address, which
/// may be anybody's by now.
fn keeper_stays(
    what: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Result<(), TrustListError> {
    let Some(before) = old.get("successor").and_then(Value::as_object) else { return Ok(()) };
    let what = format!("{what}: successor");
    let after = new.get("successor").and_then(Value::as_object);
    let after = after.ok_or_else(|| TrustListError::Forgot { what: what.clone() })?;
    each_stays(before.get("statusMirror"), after.get("statusMirror"), "prefix", &what, |_, _, _| Ok(()))
}

/// A moment that was told stays, or turns out to have been earlier.
fn earlier_or_same(
    what: &str,
    member: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Result<(), TrustListError> {
    match (moment(old, member), moment(new, member)) {
        (None, _) => Ok(()),
        (Some(old), Some(new)) if new <= old => Ok(()),
        _ => Err(TrustListError::Forgot { what: format!("{what}: {member}") }),
    }
}

fn moment(map: &Map<String, Value>, member: &str) -> Option<Timestamp> {
    map.get(member).and_then(Value::as_str).and_then(|text| Stamp::parse(text).ok()?.timestamp())
}

/// The terms of an agreement stay as they were signed, and what was told of it: the history may grow, and of one on paper it
/// may be told one day that every party has signed it. Where it is served may change. A decision may take effect on a day
/// that is over; when it was recorded is not dated back to before the list that does not tell of it, made `listed_at`.
pub(super) fn agreement_stays(
    what: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    listed_at: Option<Timestamp>,
) -> Result<(), TrustListError> {
    const TOLD: [&str; 5] = ["id", "history", "supersededBy", "digestMultibase", "signedBy"];
    let is_term = |(name, _): &(&String, &Value)| !TOLD.contains(&name.as_str());
    let terms = |map: &Map<String, Value>| map.iter().filter(is_term).count();
    let same = old.iter().filter(is_term).all(|(name, value)| new.get(name) == Some(value));
    let (before, after): (Vec<_>, Vec<_>) =
        (objects(old.get("history")).collect(), objects(new.get("history")).collect());
    let kept = |name: &str| old.get(name).is_none_or(|told| new.get(name) == Some(told));
    let signed = |map: &Map<String, Value>| map.get("signedBy").and_then(Value::as_str) == Some("parties");
    let stays = same
        && terms(old) == terms(new)
        && after.starts_with(&before)
        && kept("supersededBy")
        && kept("digestMultibase")
        && (signed(new) || !signed(old));
    if !stays {
        return Err(TrustListError::Forgot { what: what.to_owned() });
    }
    let dated_back = |entry: &&Map<String, Value>| {
        let recorded = moment(entry, "recordedAt");
        listed_at.is_some_and(|at| recorded.is_none_or(|recorded| at.duration_since(recorded) > LEEWAY))
    };
    if after.iter().skip(before.len()).any(dated_back) {
        return Err(TrustListError::Retroactive { what: what.to_owned() });
    }
    Ok(())
}

/// A grant stays as it was; its history may grow, and but for an annulment not backwards.
fn grant_stays(
    what: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    listed_on: Option<Day>,
) -> Result<(), TrustListError> {
    let forgot = || TrustListError::Forgot { what: what.to_owned() };
    let rest = |map: &Map<String, Value>| {
        let mut map = map.clone();
        map.shift_remove("history");
        map
    };
    if rest(old) != rest(new) {
        return Err(forgot());
    }
    let (before, after): (Vec<_>, Vec<_>) =
        (objects(old.get("history")).collect(), objects(new.get("history")).collect());
    if !after.starts_with(&before) {
        return Err(forgot());
    }
    for entry in &after[before.len()..] {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let since = text("since").and_then(|since| Day::parse(since).ok());
        if text("standing") != Some("annulled") && since < listed_on {
            return Err(TrustListError::Retroactive { what: what.to_owned() });
        }
    }
    Ok(())
}
