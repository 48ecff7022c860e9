//! Issuers on the list: admitted with the keys they have, and followed where they are institutions of this service.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{AccreditError, Decided, authorities, decided};
use crate::app::App;
use crate::codec::datetime::to_seconds;
use crate::did::{Did, DidDocument};
use crate::institution::Institution;
use crate::publish::trust::list;
use crate::registry::Member;
use crate::store::Change;
use crate::trustlist::TrustedKey;
use crate::trustlist::edit::{Edit, EditError, request};

/// Lists an issuer, or tells it anew. What is left out of its names, keys and DID document is taken from this service
/// where it is an institution of it, else from its DID: its keys as of now.
pub(super) async fn admit(
    app: &App,
    authority: &Arc<Member>,
    asked: &Map<String, Value>,
) -> Result<Decided, AccreditError> {
    let Edit::Issuer { did, mut members, mut keys } = request::issuer(asked)? else {
        return Err(EditError::wrong("", "is no issuer").into());
    };
    let parsed = Did::parse(&did).map_err(|_| EditError::wrong("/id", "is to be a DID"))?;
    let usual = asked.get("keyUse").and_then(Value::as_str).unwrap_or("award");
    let now = app.now();
    let own = app.registry.own_trust(&authority.institution.slug);
    let listed = own.as_ref().and_then(|own| own.list.as_ref()?.issuer(&did)).is_some();
    // Told by its DID alone, an issuer on the list is looked at anew: its keys may have changed.
    let anew = !listed || (members.is_empty() && keys.is_empty());
    if let Some(member) = app.registry.member_by_did(&did).filter(|_| anew) {
        let institution = &member.institution;
        if !listed {
            members.entry("nameI18n").or_insert_with(|| json!(institution.name));
        }
        let raw = &member.resolved.document.raw;
        members.entry("archivedDidDocument").or_insert_with(|| raw.clone());
        if keys.is_empty() {
            keys = institution.keys.iter().map(|key| key_of(institution, key, usual)).collect();
        }
    } else if anew && (keys.is_empty() || !members.contains_key("archivedDidDocument")) {
        let document = match members.get("archivedDidDocument") {
            Some(raw) => DidDocument::parse(raw).ok().map(Arc::new),
            None => None,
        };
        let document = match document {
            Some(document) => document,
            None => app.resolver.issuer(&parsed).await?.document.clone(),
        };
        members.entry("archivedDidDocument").or_insert_with(|| document.raw.clone());
        if keys.is_empty() {
            keys = asserting(&document, usual, now);
        }
    }
    for key in &mut keys {
        key.entry("notBefore").or_insert_with(|| to_seconds(now).into());
    }
    let _one_at_a_time = app.accrediting.lock().await;
    let version = list::next(app, authority, vec![Edit::Issuer { did: did.clone(), members, keys }]).await?;
    let told = Map::from_iter([("issuer".to_owned(), did.into())]);
    let decided = decided(app, authority, &version, told);
    list::record(app, &authority.institution.slug, vec![Change::TrustPublished(version)]).await?;
    Ok(decided)
}

fn key_of(
    institution: &Institution,
    key: &crate::institution::KeyRecord,
    key_use: &str,
) -> Map<String, Value> {
    let mut entry = Map::new();
    entry.insert("id".to_owned(), institution.method_of(&key.key).into());
    entry.insert("keyUse".to_owned(), key_use.into());
    entry.insert("notBefore".to_owned(), to_seconds(key.created).into());
    for (name, at) in [("notAfter", key.retired), ("compromisedSince", key.compromised)] {
        if let Some(at) = at {
            entry.insert(name.to_owned(), to_seconds(at).into());
        }
    }
    entry
}

/// The keys that a DID document lets assert, whose ids spell them out: others cannot stand on a list.
fn asserting(document: &DidDocument, key_use: &str, now: Timestamp) -> Vec<Map<String, Value>> {
    let methods =
        document.methods.iter().filter(|method| document.assertion_method.contains(method.id.as_str()));
    methods
        .filter(|method| {
            let fragment = method.id.fragment();
            method.key.as_ref().is_ok_and(|key| fragment == Some(key.to_multikey().as_str()))
        })
        .map(|method| {
            let mut entry = Map::new();
            entry.insert("id".to_owned(), method.id.as_str().into());
            entry.insert("keyUse".to_owned(), key_use.into());
            let made = method.expires.map_or(now, |expires| expires.min(now));
            entry.insert("notBefore".to_owned(), to_seconds(made).into());
            // Without its end a key that has ended would sign for ever, by the word of whoever has it.
            for (name, at) in [("notAfter", method.expires), ("compromisedSince", method.revoked)] {
                if let Some(at) = at {
                    entry.insert(name.to_owned(), to_seconds(at).into());
                }
            }
            entry
        })
        .collect()
}

/// Carries over what became of the keys of institutions of this service to the lists of this service that name them: a
/// retired key ends there, a compromised one is told. New keys are the authority's to admit. Returns how many keys
/// changed.
///
/// # Errors
/// The list that could not be published; it is tried again with the next call.
pub async fn follow(app: &App) -> Result<usize, AccreditError> {
    let mut changed = 0;
    for slug in authorities(app) {
        let _one_at_a_time = app.accrediting.lock().await;
        let (Some(authority), Some(own)) = (app.registry.member(&slug), app.registry.own_trust(&slug)) else {
            continue;
        };
        let Some(list) = &own.list else { continue };
        let mut edits = Vec::new();
        for member in app.registry.members() {
            let institution = &member.institution;
            let Some(issuer) = list.issuer(institution.did.as_str()) else { continue };
            edits.extend(issuer.keys.iter().filter_map(|listed| ended(institution, listed)));
        }
        if edits.is_empty() {
            continue;
        }
        changed += edits.len();
        let version = list::next(app, &authority, edits).await?;
        list::record(app, &authority.institution.slug, vec![Change::TrustPublished(version)]).await?;
    }
    Ok(changed)
}

/// What the list has not been told yet of a key.
fn ended(institution: &Institution, listed: &TrustedKey) -> Option<Edit> {
    let key = institution.keys.iter().find(|key| institution.method_of(&key.key) == listed.id)?;
    let sooner = |told: Option<Timestamp>, is: Option<Timestamp>| {
        // As it is written: whole seconds.
        let is = is.map(|at| Timestamp::from_second(at.as_second()).unwrap_or(at));
        is.filter(|is| told.is_none_or(|told| *is < told))
    };
    let not_after = sooner(listed.not_after, key.retired);
    let compromised_since = sooner(listed.compromised_since, key.compromised);
    (not_after.is_some() || compromised_since.is_some()).then(|| Edit::Key {
        issuer: institution.did.to_string(),
        key: listed.id.clone(),
        not_after,
        compromised_since,
    })
}
