//! Suspend, restore, revoke: changes a status and leaves a trace.

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::{Change, Conflict, CredentialRecord, ListKey, Purpose, StatusEvent, StoreError};

/// The longest reason, in characters.
pub const MAX_REASON: usize = 1_000;

/// The reason of a credential replaced by a newer one.
pub const SUPERSEDED: &str = "superseded";

/// The kind on record of an accreditation.
pub const ACCREDITATION: &str = "accreditation";

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Our id, its URL, or the credential's own `id`.
    pub credential: String,
    /// The institution, where the credential's own id alone does not tell.
    pub institution: Option<Slug>,
    /// Which status.
    pub purpose: Purpose,
    /// Set or lift.
    pub value: bool,
    /// Why; needed to set.
    pub reason: Option<String>,
    /// The URL of the credential that replaces it; makes the reason [`SUPERSEDED`].
    pub successor: Option<String>,
}

/// Why the status stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// No such credential within the caller's reach.
    #[error("there is no credential {0}")]
    NotFound(String),
    /// The caller may not change it.
    #[error("the token does not allow changing the status of a credential of {0}")]
    NotAllowed(Slug),
    /// A revocation cannot be lifted.
    #[error("a revocation is final: issue a new credential instead")]
    Final,
    /// The status has that value already.
    #[error("the {0} is {1} already")]
    Already(Purpose, &'static str),
    /// A reason is needed.
    #[error("a reason is needed: it is shown to whoever checks the credential")]
    ReasonMissing,
    /// An accreditation has its own procedure.
    #[error("the status of an accreditation follows its standing: testamur accredit standing")]
    ByStanding,
    /// The reason is too long.
    #[error("the reason has more than {MAX_REASON} characters")]
    ReasonTooLong,
    /// The credential has no status of ours.
    #[error("the credential carries no {0} status of this service")]
    NoStatus(Purpose),
    /// Somebody else changed it at the same moment.
    #[error("the status has changed meanwhile; look again")]
    Moved,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets or lifts a status of a credential; durable when it returns, published within seconds.
pub async fn set_status(
    app: &App,
    caller: &TokenRecord,
    request: Request,
) -> Result<StatusEvent, RevokeError> {
    let record = find(app, caller, &request.credential, request.institution.as_ref())
        .await?
        .ok_or_else(|| RevokeError::NotFound(request.credential.clone()))?;
    if !app.registry.allows(caller, Act::SetStatus, &record.institution) {
        return Err(RevokeError::NotAllowed(record.institution));
    }
    if record.kind == ACCREDITATION {
        return Err(RevokeError::ByStanding);
    }
    let purpose = request.purpose;
    let slot =
        record.slots.iter().find(|slot| slot.purpose == purpose).ok_or(RevokeError::NoStatus(purpose))?;
    let events = app.store.status_events(record.id).await?;
    let current = events.iter().rev().find(|event| event.purpose == purpose).is_some_and(|event| event.value);
    if current == request.value {
        return Err(RevokeError::Already(purpose, if current { "set" } else { "not set" }));
    }
    if purpose == Purpose::Revocation && !request.value {
        return Err(RevokeError::Final);
    }
    let reason = match (&request.successor, request.reason.as_deref().map(str::trim)) {
        (Some(_), None | Some("")) => SUPERSEDED.to_owned(),
        (None, None | Some("")) if request.value => return Err(RevokeError::ReasonMissing),
        (_, reason) => reason.unwrap_or_default().to_owned(),
    };
    if reason.chars().count() > MAX_REASON {
        return Err(RevokeError::ReasonTooLong);
    }
    let event = StatusEvent {
        credential: record.id,
        purpose,
        value: request.value,
        at: app.now(),
        actor: caller.label.clone(),
        reason,
        successor: request.successor,
    };
    let change = Change::StatusSet { event: event.clone(), expect: current };
    app.commit(vec![change]).await.map_err(|error| match error {
        StoreError::Conflict(Conflict::StatusMoved) => RevokeError::Moved,
        other => RevokeError::Store(other),
    })?;
    let key = ListKey { institution: record.institution.clone(), purpose, list: slot.list, mirror: false };
    app.registry.set_bit(&key, slot.index, request.value);
    Ok(event)
}

/// A credential of this service by our id, its URL or its own `id`, among the institutions the caller reaches.
pub async fn find(
    app: &App,
    caller: &TokenRecord,
    name: &str,
    institution: Option<&Slug>,
) -> Result<Option<CredentialRecord>, StoreError> {
    let ours = CredentialId::parse(name).ok().or_else(|| app.urls.credential_of(name));
    if let Some(id) = ours {
        let record = app.store.credential(id).await?;
        return Ok(record.filter(|record| app.registry.reaches(caller, &record.institution)));
    }
    for member in app.registry.members() {
        let slug = &member.institution.slug;
        if !app.registry.reaches(caller, slug) || institution.is_some_and(|wanted| wanted != slug) {
            continue;
        }
        if let Some(id) = app.store.by_claimed_id(slug, name).await? {
            return app.store.credential(id).await;
        }
    }
    Ok(None)
}
