//! What an award of elsewhere is worth here: the facts a verifier finds, what is decided from them, and by whom.
//!
//! An applicant is never believed: the facts come from the signed document, its status and the lists pinned here, each with
//! its source. What was decided from is kept as JSON, so that the decision replays from it years later. Each step of an
//! application is a version of its file: of two people who act on the same version, one is sent back.

mod again;
pub mod appeal;
pub mod asked;
pub mod decide;
pub mod facts;
pub mod file;
pub mod inputs;
mod number;
pub mod propose;
pub mod receive;
mod register;
pub mod replay;
pub mod statement;
pub mod told;
pub mod watch;
pub mod worth;

use std::sync::Arc;

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::codec::json::JsonError;
use crate::issue::IssueError;
use crate::recognition::InputError;
use crate::registry::Member;
use crate::resolve::ResolveError;
use crate::store::{Conflict, StoreError};
pub use facts::facts;
pub use file::File;
pub use inputs::{Inputs, inputs};
pub use worth::worth;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// No application under this id, or none that this caller may see.
    #[error("there is no such application")]
    NotFound,
    /// The application was erased.
    #[error("the application was erased")]
    Erased,
    /// The caller does not decide here.
    #[error("the token does not allow deciding on applications of {0}")]
    NotAllowed(String),
    /// Nobody here decides on recognition in the country.
    #[error("no authority of this service decides on recognition in {0}")]
    NoAuthority(String),
    /// Several authorities.
    #[error("name the country that is to recognise it: this service decides for {0}")]
    Which(String),
    /// A member of what was asked.
    #[error("{pointer} {detail}")]
    Member {
        /// JSON pointer.
        pointer: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Not JSON.
    #[error("{pointer} {error}")]
    Json {
        /// JSON pointer.
        pointer: &'static str,
        /// Where.
        error: JsonError,
    },
    /// What came in bears no proof that could be looked at: nobody's word.
    #[error(
        "the award bears no signature that can be checked ({0}): send the signed file itself, or the link to it"
    )]
    Unsigned(String),
    /// The link cannot be had.
    #[error("the credential cannot be had from the link: {0}")]
    Link(ResolveError),
    /// The state of the application does not allow it.
    #[error("the application is {state}: {because}")]
    State {
        /// Its state.
        state: String,
        /// Why that does not go.
        because: &'static str,
    },
    /// Somebody else was faster, or the caller looked at an older version.
    #[error("the application has changed meanwhile; look again")]
    Moved,
    /// What was found out about the award has changed since the proposal.
    #[error("the award is not what it was when this was proposed ({0}); there is a new proposal to look at")]
    SourceChanged(String),
    /// The idempotency key was used for another application.
    #[error("the idempotency key was used for another application")]
    IdempotencyMismatch,
    /// More applications wait than anybody can work on.
    #[error("too many applications wait here; try again another day")]
    Full,
    /// The inputs kept cannot be decided from.
    #[error("the inputs cannot be decided from: {0}")]
    Inputs(#[from] InputError),
    /// A file that is not what this program wrote.
    #[error("the file of the application {0} does not read")]
    Damaged(String),
    /// The statement.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

impl From<StoreError> for RecogniseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::Refiled { .. } | Conflict::StatusMoved) => Self::Moved,
            other => Self::Store(other),
        }
    }
}

impl RecogniseError {
    fn member(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Member { pointer: pointer.into(), detail: detail.into() }
    }
}

/// The authority of a country, or the only one there is.
///
/// # Errors
/// None, or several where no country is named.
pub fn authority(app: &App, country: Option<&str>) -> Result<Arc<Member>, RecogniseError> {
    if let Some(country) = country {
        let none = || RecogniseError::NoAuthority(country.chars().take(20).collect());
        return app.registry.authority(country).ok_or_else(none);
    }
    let all = authorities(app);
    match all.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(RecogniseError::NoAuthority("any country".to_owned())),
        several => {
            let named: Vec<_> = several.iter().filter_map(|one| one.institution.territory()).collect();
            Err(RecogniseError::Which(named.join(", ")))
        }
    }
}

/// Every authority of this service.
pub fn authorities(app: &App) -> Vec<Arc<Member>> {
    let mut members = app.registry.members();
    members.retain(|member| member.institution.territory().is_some() && member.institution.closed.is_none());
    members
}

/// The authorities that the caller decides for.
pub fn within(app: &App, caller: &TokenRecord) -> Vec<Arc<Member>> {
    let mut found = authorities(app);
    found.retain(|member| caller.allows(Act::Recognise, &member.institution.slug));
    found
}

/// Today in the offset of the settings, YYYY-MM-DD.
pub fn today(app: &App) -> String {
    day_of(app, app.now())
}

fn day_of(app: &App, at: jiff::Timestamp) -> String {
    app.config.recognition.offset.to_datetime(at).date().to_string()
}
