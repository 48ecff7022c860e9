//! A credential: the exact bytes and a typed view of them.

pub mod draft;
pub mod endorsement;
pub mod form;
pub mod id;
pub mod iri;
pub mod kinds;
pub mod problem;
pub mod resource;
pub mod strict;
pub mod summary;
pub mod validity;
pub mod view;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::codec::json::{self, JsonError};
pub use draft::Draft;
pub use problem::Problem;
pub use view::{Embedded, Version, View};

/// The text is not a JSON object as we accept it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but not an object.
    #[error("a credential is a JSON object")]
    NotAnObject,
}

/// A credential as somebody gave it: nothing about it is known to be true.
///
/// `parse` checks only that it is strict JSON; its form is [`form::check`]'s matter, its truth the verifier's.
#[derive(Debug, Clone)]
pub struct Credential {
    bytes: Option<Vec<u8>>,
    members: Map<String, Value>,
}

impl Credential {
    /// Reads a credential and keeps its exact bytes.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, CredentialError> {
        let bytes = bytes.into();
        match json::parse(&bytes)? {
            Value::Object(members) => Ok(Self { bytes: Some(bytes), members }),
            _ => Err(CredentialError::NotAnObject),
        }
    }

    /// A credential that came inside a larger document, so that no bytes of its own exist.
    pub fn from_members(members: Map<String, Value>) -> Self {
        Self { bytes: None, members }
    }

    /// The bytes it was read from; for one that came inside a larger document, its members written out.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match &self.bytes {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(serde_json::to_vec(&self.members).unwrap_or_default()),
        }
    }

    /// Its members, in document order.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Its members, given away.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// The typed view.
    pub fn view(&self) -> View<'_> {
        View::of(&self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_bytes_are_kept() {
        let text = b" {\"b\" : 1,\r\n\"a\":[ ]}".to_vec();
        let credential = Credential::parse(text.clone()).unwrap();
        assert_eq!(credential.bytes().as_ref(), text.as_slice());
        assert_eq!(credential.members().keys().collect::<Vec<_>>(), ["b", "a"]);
        let inner = Credential::from_members(credential.into_members());
        assert_eq!(inner.bytes().as_ref(), br#"{"b":1,"a":[]}"#);
    }

    #[test]
    fn only_objects_are_credentials() {
        assert_eq!(Credential::parse("[]").unwrap_err(), CredentialError::NotAnObject);
        assert!(matches!(Credential::parse(r#"{"a":1,"a":2}"#), Err(CredentialError::Json(_))));
    }
}
