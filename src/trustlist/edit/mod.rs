//! What an authority writes: its root, and each next list from the one before. Pure; nothing here signs by itself.

mod agreements;
mod list;
pub mod request;
pub mod root;
mod size;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::TrustListError;
use crate::credential::Problem;
pub(crate) use agreements::{Around, entries, following, untold};
pub use list::{Edit, Frame, next};

/// The suite of these documents: what is signed is the very JSON, so that a reader needs no context to check it.
pub const SUITE: &str = "eddsa-jcs-2022";

/// Why a list is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A member of the request.
    #[error("{0}")]
    Form(Problem),
    /// The issuer is not on the list.
    #[error("{0} is not on the list")]
    NotListed(String),
    /// The issuer has no such key there.
    #[error("the list names no key {0} of this issuer")]
    NoKey(String),
    /// No such grant.
    #[error("there is no grant {0} on the list")]
    NoGrant(String),
    /// It does not go with what the list says.
    #[error("{0}")]
    Conflict(String),
    /// The list on record does not read.
    #[error("the list on record: {0}")]
    Before(TrustListError),
}

impl EditError {
    /// The complaint that a member of the request is not what it has to be.
    pub fn wrong(pointer: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Form(Problem { pointer: pointer.into(), message: message.into() })
    }
}

impl From<TrustListError> for EditError {
    fn from(error: TrustListError) -> Self {
        match error {
            TrustListError::Form(problem) => Self::Form(problem),
            other => Self::Conflict(other.to_string()),
        }
    }
}

/// The subject of such a document.
fn subject(document: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    document.get_mut("credentialSubject").and_then(Value::as_object_mut)
}
