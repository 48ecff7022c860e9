//! A grant changes its standing: an entry in its history, and the status of the accreditation itself.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{AccreditError, Decided, authorities, decided, reason};
use crate::access::TokenRecord;
use crate::accreditation;
use crate::app::App;
use crate::credential::view::each;
use crate::issue::operator;
use crate::publish::trust::list;
use crate::registry::Member;
use crate::store::{Change, CredentialRecord, ListKey, Purpose, StatusEvent};
use crate::trustlist::edit::{Edit, request};

/// What a standing makes of the accreditation: which of its statuses, set or lifted.
fn status_of(standing: &str) -> Option<(Purpose, bool)> {
    match standing {
        "withdrawn" | "annulled" => Some((Purpose::Revocation, true)),
        "suspended" => Some((Purpose::Suspension, true)),
        "granted" => Some((Purpose::Suspension, false)),
        _ => None,
    }
}

/// Records what became of a grant. Where the accreditation is one of this service, and the day has come, its status
/// follows in the same commit: withdrawn or annulled it is revoked, suspended it is suspended, granted again restored.
pub(super) async fn change(
    app: &App,
    caller: &TokenRecord,
    authority: &Arc<Member>,
    mut asked: Map<String, Value>,
) -> Result<Decided, AccreditError> {
    let reason = reason(&mut asked)?;
    let today = app.now().strftime("%Y-%m-%d").to_string();
    let edit = request::standing(&asked, &today)?;
    let Edit::Standing { grant, standing, since, .. } = &edit else {
        return Err(AccreditError::Reason);
    };
    let (grant, standing, since) = (grant.clone(), standing.clone(), since.clone());
    let _one_at_a_time = app.accrediting.lock().await;
    let version = list::next(app, authority, vec![edit]).await?;
    let record = accreditation(app, authority, url_of(&version.body, &grant).as_deref()).await?;
    let status = match (record, status_of(&standing).filter(|_| since <= today)) {
        (Some(record), Some((purpose, value))) => {
            due(app, &record, purpose, value, caller, &reason).await?.map(|change| (record, purpose, change))
        }
        _ => None,
    };
    let told = Map::from_iter([
        ("grant".to_owned(), json!(grant)),
        ("standing".to_owned(), json!(standing)),
        ("since".to_owned(), json!(since)),
    ]);
    let decided = decided(app, authority, &version, told);
    let mut changes = vec![Change::TrustPublished(version)];
    changes.extend(status.iter().map(|(_, _, change)| change.clone()));
    list::record(app, &authority.institution.slug, changes).await?;
    if let Some((record, purpose, Change::StatusSet { event, .. })) = status {
        show(app, &record, purpose, event.value);
    }
    tracing::info!(%grant, standing, since, reason, "an accreditation changed its standing");
    Ok(decided)
}

/// Sets the statuses of accreditations whose standing was decided for a day that has come. `done` are those looked at.
pub(super) async fn due_now(app: &App, done: &mut HashSet<(String, String)>) -> Result<usize, AccreditError> {
    let today = app.now().strftime("%Y-%m-%d").to_string();
    let mut changed = 0;
    for slug in authorities(app) {
        let (Some(authority), Some(own)) = (app.registry.member(&slug), app.registry.own_trust(&slug)) else {
            continue;
        };
        let Some(list) = &own.list else { continue };
        for grant in list.issuers().flat_map(|issuer| &issuer.grants) {
            let begun = grant.history.iter().rev().find(|entry| entry.since.to_string() <= today);
            let Some(entry) = begun.filter(|_| grant.accreditation.is_some()) else {
                continue;
            };
            let name = (grant.id.clone(), entry.since.to_string());
            if done.contains(&name) {
                continue;
            }
            // What fails is looked at again: only then it is done.
            changed += usize::from(settle(app, &authority, grant.accreditation.as_deref(), entry).await?);
            done.insert(name);
        }
    }
    Ok(changed)
}

/// Gives an accreditation the status of an entry that has begun; says whether it had another.
async fn settle(
    app: &App,
    authority: &Member,
    url: Option<&str>,
    entry: &accreditation::Entry,
) -> Result<bool, AccreditError> {
    let Some((purpose, value)) = status_of(word(entry.change)) else { return Ok(false) };
    let Some(record) = accreditation(app, authority, url).await? else { return Ok(false) };
    let by = operator(app.now());
    let Some(change) = due(app, &record, purpose, value, &by, "as decided").await? else { return Ok(false) };
    app.commit(vec![change]).await?;
    show(app, &record, purpose, value);
    Ok(true)
}

fn word(change: accreditation::Change) -> &'static str {
    use accreditation::{Change, Standing};
    match change {
        Change::To(Standing::Granted) => "granted",
        Change::To(Standing::TeachOut) => "teach-out",
        Change::To(Standing::Suspended) => "suspended",
        Change::To(Standing::Withdrawn) => "withdrawn",
        Change::Annulled { .. } => "annulled",
    }
}

/// Memory follows what is on record; the status list is signed anew within a second.
fn show(app: &App, record: &CredentialRecord, purpose: Purpose, value: bool) {
    for slot in record.slots.iter().filter(|slot| slot.purpose == purpose) {
        let key =
            ListKey { institution: record.institution.clone(), purpose, list: slot.list, mirror: false };
        app.registry.set_bit(&key, slot.index, value);
    }
}

/// The accreditation credential of a grant, where this authority issued it here.
async fn accreditation(
    app: &App,
    authority: &Member,
    url: Option<&str>,
) -> Result<Option<CredentialRecord>, AccreditError> {
    let Some(id) = url.and_then(|url| app.urls.credential_of(url)) else { return Ok(None) };
    let slug = &authority.institution.slug;
    Ok(app.store.credential(id).await?.filter(|record| record.institution == *slug))
}

/// The accreditation that a list names with a grant.
fn url_of(list: &[u8], grant: &str) -> Option<String> {
    let list: Value = serde_json::from_slice(list).unwrap_or_default();
    let issuers =
        list.pointer("/credentialSubject/trustedIssuer").map_or(&[][..], |issuers| each(Some(issuers)));
    let mut grants = issuers.iter().flat_map(|issuer| each(issuer.get("grant")));
    let known = grants.find(|known| known.get("id").and_then(Value::as_str) == Some(grant));
    known?.get("accreditation")?.as_str().map(str::to_owned)
}

/// The change of the status, unless it has that value already or the record has no such status.
async fn due(
    app: &App,
    record: &CredentialRecord,
    purpose: Purpose,
    value: bool,
    caller: &TokenRecord,
    reason: &str,
) -> Result<Option<Change>, AccreditError> {
    let events = app.store.status_events(record.id).await?;
    let current = events.iter().rev().find(|event| event.purpose == purpose).is_some_and(|event| event.value);
    if current == value || !record.slots.iter().any(|slot| slot.purpose == purpose) {
        return Ok(None);
    }
    let event = StatusEvent {
        credential: record.id,
        purpose,
        value,
        at: app.now(),
        actor: caller.label.clone(),
        reason: reason.to_owned(),
        successor: None,
    };
    Ok(Some(Change::StatusSet { event, expect: current }))
}
