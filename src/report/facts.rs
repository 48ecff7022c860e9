//! A fact on record as what is counted of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::app::{App, Statistics};
use crate::codec::json;
use crate::credential::id::CredentialId;
use crate::credential::kinds::DELIVERY_MODES;
use crate::credential::validity::Stamp;
use crate::credential::view::{View, each};
use crate::framework;
use crate::statistics::definitions;
use crate::status::Purpose;
use crate::store::{ChangeEntry, CredentialRecord, Filing, Register, StoreError};

/// Counts a fact.
pub(super) async fn count(app: &App, held: &mut Statistics, change: &ChangeEntry) -> Result<(), StoreError> {
    match change.what.as_str() {
        "issued" => {
            let Some(record) = record(app, change).await? else { return Ok(()) };
            if !counts("awards", &record.kind) {
                return Ok(());
            }
            let document = document(&record);
            let replaces = document.as_ref().and_then(|document| document.get("replaces")?.as_str());
            let known = match replaces.and_then(|url| app.urls.credential_of(url)) {
                Some(id) => app.store.credential(id).await?.is_some(),
                None => false,
            };
            if !known {
                let values = award(&record, document.as_ref());
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                held.ledger.count(record.issued, "awards", &values);
            }
        }
        "status-set" => {
            let Some(record) = record(app, change).await? else { return Ok(()) };
            let seen = held.events.entry(record.id).or_default();
            let at = *seen as usize;
            *seen += 1;
            let events = app.store.status_events(record.id).await?;
            let Some(event) = events.get(at) else { return Ok(()) };
            if event.purpose == Purpose::Revocation && event.value {
                let what = if event.successor.is_some() { "replaced" } else { "revoked" };
                withdrawn(held, what, event.at, &record);
            }
        }
        "erased" => {
            let Some(record) = record(app, change).await? else { return Ok(()) };
            if let Some(erasure) = app.store.erasure(record.id).await? {
                withdrawn(held, "erased", erasure.at, &record);
            }
        }
        "filed" => decided(app, held, change).await?,
        _ => {}
    }
    Ok(())
}

/// Counts the decision on an application, where this version of its file is the first that has it.
async fn decided(app: &App, held: &mut Statistics, change: &ChangeEntry) -> Result<(), StoreError> {
    let (Some(authority), Some(file)) = (&change.institution, change.subject.strip_prefix("application/"))
    else {
        return Ok(());
    };
    let Some((id, version)) = file.rsplit_once('/') else { return Ok(()) };
    let Ok(version) = version.parse::<u64>() else { return Ok(()) };
    let filed = async |version: u64| -> Result<Option<(Timestamp, Value)>, StoreError> {
        let filing = app.store.filing(authority, Register::Application, id, Some(version)).await?;
        let read = |filing: Filing| Some((filing.at, json::parse(&filing.body?).ok()?));
        Ok(filing.and_then(read))
    };
    let statement = |body: &Value| body.pointer("/decision/statement").cloned();
    let Some((at, body)) = filed(version).await? else { return Ok(()) };
    if body.get("state").and_then(Value::as_str) != Some("decided") {
        return Ok(());
    }
    let before = if version > 1 { filed(version - 1).await? } else { None };
    if before.is_some_and(|(_, before)| statement(&before) == statement(&body)) {
        return Ok(());
    }
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let member = app.registry.member(authority);
    let receiving = member.as_ref().and_then(|member| member.institution.territory()).unwrap_or_default();
    let year = text("/decision/date").get(..4).unwrap_or_default();
    let values = [
        receiving,
        text("/facts/country/value"),
        text("/decision/verdict"),
        text("/application/purpose"),
        year,
    ];
    // Of an award that does not verify the id may be that of somebody else's, which would not be told then.
    let id = if text("/facts/verification/value") == "valid" { text("/application/award/id") } else { "" };
    held.count_once(at, "recognitions", &values, &[text("/application/award/digestMultibase"), id]);
    Ok(())
}

async fn record(app: &App, change: &ChangeEntry) -> Result<Option<CredentialRecord>, StoreError> {
    match CredentialId::parse(&change.subject) {
        Ok(id) => app.store.credential(id).await,
        Err(_) => Ok(None),
    }
}

fn counts(subject: &str, kind: &str) -> bool {
    definitions().subject(subject).is_some_and(|subject| subject.kinds.iter().any(|known| known == kind))
}

fn document(record: &CredentialRecord) -> Option<Map<String, Value>> {
    match json::parse(record.body.as_deref()?) {
        Ok(Value::Object(document)) => Some(document),
        _ => None,
    }
}

fn withdrawn(held: &mut Statistics, what: &str, at: Timestamp, record: &CredentialRecord) {
    if counts("withdrawals", &record.kind) {
        let year = at.to_zoned(TimeZone::UTC).year().to_string();
        let values = [what, &year, record.institution.as_str(), &record.kind];
        held.count_once(at, "withdrawals", &values, &[&record.id.to_string()]);
    }
}

/// Year, institution, kind, sex, field, level and mode of an award; empty where it does not state them, all but two once
/// it was erased.
fn award(record: &CredentialRecord, document: Option<&Map<String, Value>>) -> [String; 7] {
    let mut values: [String; 7] = Default::default();
    values[1] = record.institution.to_string();
    values[2].clone_from(&record.kind);
    let Some(view) = document.map(View::of) else { return values };
    let day = view.awarded_date().and_then(|text| Stamp::parse(text).ok()).map(|stamp| stamp.day());
    values[0] = day.map(|day| day.year().to_string()).unwrap_or_default();
    let Some(subject) = view.subjects().next() else { return values };
    values[3] = sex(subject).unwrap_or_default().to_owned();
    for achievement in each(subject.get("achievement")).iter().filter_map(Value::as_object) {
        for alignment in each(achievement.get("alignment")) {
            let text = |name: &str| alignment.get(name).and_then(Value::as_str);
            let (Some(system), Some(code)) = (text("targetFramework"), text("targetCode")) else { continue };
            let level = || framework::by_id(system).is_some_and(|known| known.level(code).is_some());
            if system == "ISCED-F-2013" && values[4].is_empty() {
                values[4] = broad_field(code).unwrap_or_default().to_owned();
            } else if values[5].is_empty() && level() {
                values[5] = format!("{system}:{code}");
            }
        }
        let mode = achievement.get("deliveryMode").and_then(Value::as_str);
        if let Some(mode) = mode.filter(|mode| values[6].is_empty() && DELIVERY_MODES.contains(mode)) {
            values[6] = mode.to_owned();
        }
    }
    values
}

fn sex(subject: &Map<String, Value>) -> Option<&'static str> {
    let holder = subject.get("holderIdentity")?;
    let stated = holder.get("sex").or_else(|| holder.get("gender"))?;
    let stated = stated.as_str().unwrap_or_default().to_ascii_lowercase();
    Some(match stated.as_str() {
        "female" | "f" => "female",
        "male" | "m" => "male",
        "x" => "x",
        _ => "other",
    })
}

/// The first two digits of an ISCED-F code, where they are a broad field.
fn broad_field(code: &str) -> Option<&str> {
    let broad = code.get(..2)?;
    let digits = code.bytes().all(|digit| digit.is_ascii_digit());
    (digits && broad.parse().is_ok_and(|field: u8| field <= 10)).then_some(broad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_none_state_nothing() {
        assert_eq!((broad_field("0716"), broad_field("10")), (Some("07"), Some("10")));
        for code in ["", "7", "11", "9999", "07x", "é7", "７１"] {
            assert_eq!(broad_field(code), None, "{code}");
        }
    }
}
