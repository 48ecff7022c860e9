//! What is kept: the records every engine stores and gives back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::credential::id::CredentialId;
use crate::institution::Slug;
pub use crate::status::Purpose;

/// The first fact of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founding {
    /// The public URL, without a slash at its end; every DID and URL derives from it.
    pub public_url: String,
    /// When.
    pub at: Timestamp,
}

/// Who may see a credential's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Whoever has its URL.
    Public,
    /// Only a token of its institution (minors, and whoever asks).
    Token,
}

/// A bit in a status list of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// What a set bit says.
    pub purpose: Purpose,
    /// Which of the institution's lists of that purpose, from 1.
    pub list: u32,
    /// Which bit, from 0.
    pub index: u32,
}

/// A credential as issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialRecord {
    /// Our id; its place in URLs.
    pub id: CredentialId,
    /// Who issued it.
    pub institution: Slug,
    /// Its own `id` member.
    pub claimed_id: String,
    /// The name of its kind, or `generic`.
    pub kind: String,
    /// When it was issued here.
    pub issued: Timestamp,
    /// Who may see its page.
    pub visibility: Visibility,
    /// Its status slots; none when the caller brought status entries of its own.
    pub slots: Vec<Slot>,
    /// SHA-256 of the JCS bytes of the signed credential as first issued.
    pub digest: [u8; 32],
    /// The log salt; `None` once erased.
    pub salt: Option<[u8; 16]>,
    /// The signed credential, the very bytes that left the process; `None` once erased.
    pub body: Option<Vec<u8>>,
    /// The idempotency key it was issued under and the SHA-256 of that request.
    pub idempotency: Option<(String, [u8; 32])>,
    /// Who asked for it: the label of the token.
    pub actor: String,
}

/// What an idempotency key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was issued.
    pub id: CredentialId,
    /// SHA-256 of the request.
    pub request: [u8; 32],
}

/// A change of status: appended, never altered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEvent {
    /// Of which credential.
    pub credential: CredentialId,
    /// Which status.
    pub purpose: Purpose,
    /// Set or lifted.
    pub value: bool,
    /// When.
    pub at: Timestamp,
    /// Who: the label of the token.
    pub actor: String,
    /// Why, in the words of the institution, or the code `superseded`.
    pub reason: String,
    /// The URL of the credential that replaces it, when superseded.
    pub successor: Option<String>,
}

/// The end of a record's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Of which credential.
    pub credential: CredentialId,
    /// When.
    pub at: Timestamp,
    /// Who: the label of the token.
    pub actor: String,
    /// Why, in the words of the institution; names nobody.
    pub reason: String,
}

/// A status list of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListKey {
    /// Whose list.
    pub institution: Slug,
    /// What a set bit says.
    pub purpose: Purpose,
    /// Which one, from 1.
    pub list: u32,
    /// Whether it is the copy that the successor of a closed institution serves and signs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
}

impl ListKey {
    /// The copy of this list that a successor serves.
    pub fn mirrored(&self) -> Self {
        Self { mirror: true, ..self.clone() }
    }

    /// The list that this is a copy of, or itself.
    pub fn original(&self) -> Self {
        Self { mirror: false, ..self.clone() }
    }
}

/// One signed version of a status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListVersion {
    /// Which list.
    pub key: ListKey,
    /// From 1, without gaps.
    pub version: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// Until when it may be relied on.
    pub valid_until: Timestamp,
    /// The signed status list credential, JSON bytes.
    pub body: Vec<u8>,
}

/// A document of an authority that others pin or fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrustKind {
    /// Its root.
    Root,
    /// Its trust list.
    List,
}

/// One signed version of an authority's root or trust list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustVersion {
    /// Which authority's.
    pub institution: Slug,
    /// Which of its documents.
    pub kind: TrustKind,
    /// From 1, without gaps: the version of a root, the sequence number of a list.
    pub number: u64,
    /// When it was published here.
    pub at: Timestamp,
    /// The signed document, JSON bytes.
    pub body: Vec<u8>,
}

/// A status list as the records have it now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListState {
    /// Indices given to credentials, ascending.
    pub taken: Vec<u32>,
    /// Indices whose status is set now, ascending.
    pub set: Vec<u32>,
    /// The newest published version.
    pub latest: Option<ListVersion>,
}

/// A place in the order of facts; opaque, compares in that order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor(pub u64);

/// A page of something, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor to ask with for what follows; `None` at the end.
    pub next: Option<Cursor>,
}

/// A fact as recorded, for feeds: what happened to which thing, never a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEntry {
    /// Its place in the order.
    pub cursor: Cursor,
    /// The name of the fact: `issued`, `status-set`, `list-published`, ….
    pub what: String,
    /// The institution it concerns, where there is one.
    pub institution: Option<Slug>,
    /// The thing it concerns: a credential id, a key, a list.
    pub subject: String,
}
