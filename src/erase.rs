//! Erases a person's record: its content is destroyed, its digest, ids and status stay.

use jiff::Timestamp;

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::revoke::{self, MAX_REASON};
use crate::store::{Change, Erasure, StoreError};

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Our id, its URL, or the credential's own `id`.
    pub credential: String,
    /// The institution, where the credential's own id alone does not tell.
    pub institution: Option<Slug>,
    /// Why. It stays on record, so it names nobody.
    pub reason: String,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Our id.
    pub id: CredentialId,
    /// Who had issued it.
    pub institution: Slug,
    /// When.
    pub at: Timestamp,
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No such credential within the caller's reach.
    #[error("there is no credential {0}")]
    NotFound(String),
    /// The caller may not erase it.
    #[error("the token does not allow erasing a record of {0}")]
    NotAllowed(Slug),
    /// A reason is needed.
    #[error("a reason is needed: why a record was erased is asked for years later")]
    ReasonMissing,
    /// The reason is too long.
    #[error("the reason has more than {MAX_REASON} characters")]
    ReasonTooLong,
    /// There is nothing left to erase.
    #[error("the record was erased before")]
    Already,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Destroys the key of the record's body and its log salt, for good: durable when it returns.
///
/// The signed file that the holder keeps goes on verifying, and its status can still be changed: the entry in the
/// register stays with its legal basis (privacy rules 6). Who erased it, when and why stays on record.
///
/// # Errors
/// [`EraseError`]; nothing is erased when it fails.
pub async fn erase(app: &App, caller: &TokenRecord, request: Request) -> Result<Erased, EraseError> {
    let record = revoke::find(app, caller, &request.credential, request.institution.as_ref())
        .await?
        .ok_or_else(|| EraseError::NotFound(request.credential.clone()))?;
    if !app.registry.allows(caller, Act::Erase, &record.institution) {
        return Err(EraseError::NotAllowed(record.institution));
    }
    let reason = request.reason.trim();
    if reason.is_empty() {
        return Err(EraseError::ReasonMissing);
    }
    if reason.chars().count() > MAX_REASON {
        return Err(EraseError::ReasonTooLong);
    }
    if record.body.is_none() {
        return Err(EraseError::Already);
    }
    let at = app.now();
    let erasure =
        Erasure { credential: record.id, at, actor: caller.label.clone(), reason: reason.to_owned() };
    app.commit(vec![Change::Erased(erasure)]).await?;
    Ok(Erased { id: record.id, institution: record.institution, at })
}
