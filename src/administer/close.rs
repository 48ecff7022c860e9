//! Closes an institution: it issues nothing any more, and another keeps its register.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{AdministerError, administers};
use crate::access::TokenRecord;
use crate::app::App;
use crate::institution::{Closing, Institution, Slug};
use crate::publish::{self, PublishError};
use crate::revoke::MAX_REASON;
use crate::store::{Change, Conflict, StoreError};

/// Closes an institution in favour of a successor, whose people may set the status of its credentials from now on, and
/// whose key signs the copies of its status lists. Asked again with the same successor it changes nothing.
///
/// Returns what the authority enters in its trust list, `{id, successor}`, for every closed institution whose register
/// the keeper keeps. Both have to be within the caller's reach.
///
/// # Errors
/// [`AdministerError`]; nothing is recorded then, unless it is the public folder that cannot be written.
pub async fn close(
    app: &App,
    caller: &TokenRecord,
    slug: &Slug,
    successor: &Slug,
    reason: Option<&str>,
) -> Result<Vec<Value>, AdministerError> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    administers(caller, slug)?;
    administers(caller, successor)?;
    let known =
        |slug: &Slug| app.registry.member(slug).ok_or_else(|| AdministerError::NoInstitution(slug.clone()));
    let (member, heir) = (known(slug)?, known(successor)?);
    match &member.institution.closed {
        Some(closing) if closing.successor == *successor => return handover(app, slug),
        Some(closing) => {
            return Err(AdministerError::Closed { slug: slug.clone(), keeper: closing.successor.clone() });
        }
        None if member.institution.territory().is_some() => {
            return Err(AdministerError::AuthorityStays(slug.clone()));
        }
        None if slug == successor => return Err(AdministerError::OwnSuccessor),
        None if heir.institution.closed.is_some() => {
            return Err(AdministerError::SuccessorClosed(successor.clone()));
        }
        None => {}
    }
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Err(AdministerError::ReasonTooLong);
    }
    let closing = Closing {
        successor: successor.clone(),
        at: app.now(),
        actor: caller.label.clone(),
        reason: reason.map(str::to_owned),
    };
    let change = Change::InstitutionClosed { institution: slug.clone(), closing };
    app.commit(vec![change]).await.map_err(|error| match error {
        // Somebody else closed one of the two at the same moment.
        StoreError::Conflict(Conflict::Closed(which)) if which == *slug => {
            AdministerError::Closed { slug: which.clone(), keeper: successor.clone() }
        }
        StoreError::Conflict(Conflict::Closed(which)) => AdministerError::SuccessorClosed(which),
        other => other.into(),
    })?;
    publish::institution(app, slug).await?;
    if let Some(failure) = publish::due_lists(app).await.into_iter().next() {
        return Err(failure.into());
    }
    handover(app, slug)
}

/// The entries of all whose register the keeper of `closed` keeps, with the key it signs with now.
fn handover(app: &App, closed: &Slug) -> Result<Vec<Value>, AdministerError> {
    let Some(member) = app.registry.keeper(closed) else { return Ok(Vec::new()) };
    let Some(signer) = app.signer(&member.institution)? else {
        return Err(PublishError::NoKey(member.institution.slug.clone()).into());
    };
    let key = signer.key_id();
    let made = member.institution.keys.iter().find(|known| member.institution.method_of(&known.key) == key);
    let made = made.map_or(member.institution.created, |key| key.created);
    let kept = app.registry.kept_by(&member.institution.slug);
    let entry = |closed: &Institution| entry(app, closed, &member.institution, key, made);
    Ok(kept.iter().filter_map(|closed| entry(&closed.institution)).collect())
}

fn entry(app: &App, closed: &Institution, keeper: &Institution, key: &str, made: Timestamp) -> Option<Value> {
    let closing = closed.closed.as_ref()?;
    Some(json!({
        "id": closed.did,
        "successor": {
            "id": keeper.did,
            "since": closing.at.strftime("%Y-%m-%d").to_string(),
            "statusMirror": [{
                "prefix": app.urls.lists(&closed.slug),
                "mirror": app.urls.mirror(&keeper.slug, &closed.slug),
                "trustedKey": {
                    "id": key,
                    "keyUse": "status",
                    "notBefore": closing.at.max(made),
                },
            }],
        },
    }))
}
