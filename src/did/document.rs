//! A DID document: whose keys may assert and authenticate in the name of a DID.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Did, DidUrl};
use crate::codec::datetime;
use crate::crypto::{KeyError, KeyType, PublicKey};

/// The most methods and references a document may hold.
const MAX_ENTRIES: usize = 256;

/// A DID document as read: its shape is checked, its keys are parsed, what is unusable is set apart.
#[derive(Debug, Clone, PartialEq)]
pub struct DidDocument {
    /// Whose document this is. Whoever fetched it checks that it is the DID asked for.
    pub id: Did,
    /// The usable verification methods, those embedded in a relationship included; ids are full and unique.
    pub methods: Vec<VerificationMethod>,
    /// Full ids of the methods that may sign credentials.
    pub assertion_method: BTreeSet<String>,
    /// Full ids of the methods that may sign presentations.
    pub authentication: BTreeSet<String>,
    /// Methods left out because they are malformed: where, and why.
    pub unusable: Vec<DidDocumentError>,
    /// The document as it came.
    pub raw: Value,
}

/// One published key.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationMethod {
    /// Its full URL.
    pub id: DidUrl,
    /// Who controls it; must be the issuer for a proof to count as the issuer's.
    pub controller: Did,
    /// The key, or why it cannot be used.
    pub key: Result<PublicKey, KeyError>,
    /// From when on it signs no more.
    pub expires: Option<Timestamp>,
    /// Since when it must not be trusted.
    pub revoked: Option<Timestamp>,
}

/// What is wrong with a DID document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at {pointer:?}")]
pub struct DidDocumentError {
    /// JSON pointer of the member at fault.
    pub pointer: String,
    /// What is wrong.
    pub problem: &'static str,
}

impl DidDocument {
    /// Reads a document. A malformed method is set apart in [`DidDocument::unusable`]; a malformed document is an error.
    pub fn parse(raw: &Value) -> Result<DidDocument, DidDocumentError> {
        let object = raw.as_object().ok_or_else(|| fault("", "a DID document is an object"))?;
        let id = object.get("id").and_then(Value::as_str).and_then(|id| Did::parse(id).ok());
        let id = id.ok_or_else(|| fault("/id", "the id is not a DID"))?;
        let mut reader = Reader { id: &id, methods: Vec::new(), unusable: Vec::new() };
        for (pointer, entry) in entries(object, "verificationMethod")? {
            reader.method(pointer, entry);
        }
        let assertion_method = reader.relationship(object, "assertionMethod")?;
        let authentication = reader.relationship(object, "authentication")?;
        let Reader { methods, unusable, .. } = reader;
        Ok(DidDocument { id, methods, assertion_method, authentication, unusable, raw: raw.clone() })
    }

    /// The method with this full id, whether or not it may assert anything.
    pub fn method(&self, id: &str) -> Option<&VerificationMethod> {
        self.methods.iter().find(|method| method.id.as_str() == id)
    }
}

struct Reader<'a> {
    id: &'a Did,
    methods: Vec<VerificationMethod>,
    unusable: Vec<DidDocumentError>,
}

impl Reader<'_> {
    /// Takes a method in; yields its full id when it is usable.
    fn method(&mut self, pointer: String, entry: &Value) -> Option<String> {
        let read = match entry {
            Value::Object(object) => method(self.id, object),
            _ => Err(("", "a verification method is an object")),
        };
        let known = |id: &DidUrl| self.methods.iter().any(|other| other.id == *id);
        match read {
            Ok(method) if known(&method.id) => {
                // Two keys under one name: neither may be taken for the other.
                self.methods.retain(|other| other.id != method.id);
                self.unusable.push(fault(&format!("{pointer}/id"), "another method has the same id"));
                None
            }
            Ok(method) => {
                let id = method.id.to_string();
                self.methods.push(method);
                Some(id)
            }
            Err((member, problem)) => {
                self.unusable.push(fault(&format!("{pointer}{member}"), problem));
                None
            }
        }
    }

    /// Reads references and embedded methods of one relationship.
    fn relationship(
        &mut self,
        object: &Map<String, Value>,
        name: &str,
    ) -> Result<BTreeSet<String>, DidDocumentError> {
        let mut ids = BTreeSet::new();
        for (pointer, entry) in entries(object, name)? {
            match entry {
                Value::String(reference) => match DidUrl::resolve(self.id, reference) {
                    Ok(url) => ids.extend([url.to_string()]),
                    Err(_) => self.unusable.push(fault(&pointer, "not a DID URL")),
                },
                embedded => ids.extend(self.method(pointer, embedded)),
            }
        }
        Ok(ids)
    }
}

fn method(
    document: &Did,
    object: &Map<String, Value>,
) -> Result<VerificationMethod, (&'static str, &'static str)> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let id = text("id").and_then(|id| DidUrl::resolve(document, id).ok());
    let id = id.filter(|id| id.fragment().is_some_and(|fragment| !fragment.is_empty()));
    let id = id.ok_or(("/id", "the id is not a DID URL with a fragment"))?;
    if id.did_str() != document.as_str() {
        return Err(("/id", "the id belongs to another DID"));
    }
    let controller =
        text("controller").and_then(|did| Did::parse(did).ok()).ok_or(("/controller", "not a DID"))?;
    let time = |name: &'static str, member: &'static str| match object.get(name) {
        None => Ok(None),
        Some(Value::String(at)) => {
            datetime::parse(at).map(Some).map_err(|_| (member, "not a date-time with an offset"))
        }
        Some(_) => Err((member, "not a date-time with an offset")),
    };
    let (expires, revoked) = (time("expires", "/expires")?, time("revoked", "/revoked")?);
    let key_type = text("type").ok_or(("/type", "one type is expected"))?;
    Ok(VerificationMethod { id, controller, key: key(key_type, object), expires, revoked })
}

fn key(key_type: &str, object: &Map<String, Value>) -> Result<PublicKey, KeyError> {
    if object.keys().any(|name| name.starts_with("secretKey") || name.starts_with("privateKey")) {
        return Err(KeyError::PrivateKey);
    }
    let multibase = || {
        let text = object.get("publicKeyMultibase").and_then(Value::as_str);
        PublicKey::from_multikey(
            text.ok_or_else(|| KeyError::Unsupported("without publicKeyMultibase".into()))?,
        )
    };
    match key_type {
        "Multikey" => multibase(),
        "JsonWebKey" | "JsonWebKey2020" => {
            PublicKey::from_jwk(object.get("publicKeyJwk").unwrap_or(&Value::Null))
        }
        "Ed25519VerificationKey2020" => match multibase()? {
            key if key.key_type() == KeyType::Ed25519 => Ok(key),
            other => {
                Err(KeyError::Unsupported(format!("{} in an Ed25519VerificationKey2020", other.key_type())))
            }
        },
        other => Err(KeyError::Unsupported(other.chars().take(60).collect())),
    }
}

/// The entries of an optional array, each with its pointer. A bare entry counts as an array of one.
fn entries<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Vec<(String, &'a Value)>, DidDocumentError> {
    let pointer = format!("/{name}");
    match object.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() > MAX_ENTRIES => Err(fault(&pointer, "too many entries")),
        Some(Value::Array(items)) => {
            Ok(items.iter().enumerate().map(|(at, item)| (format!("{pointer}/{at}"), item)).collect())
        }
        Some(one @ (Value::String(_) | Value::Object(_))) => Ok(vec![(pointer, one)]),
        Some(_) => Err(fault(&pointer, "an array is expected")),
    }
}

fn fault(pointer: &str, problem: &'static str) -> DidDocumentError {
    DidDocumentError { pointer: pointer.to_owned(), problem }
}
