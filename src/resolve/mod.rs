//! Where evidence comes from: DID documents and status lists, from here, from a key, from a folder, or from the network.

pub mod address;
pub mod cache;
pub mod fetch;
pub mod mirror;
pub mod own;
pub mod seen;
pub mod web;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use crate::codec::json::{self, JsonError};
use crate::did::{Did, DidDocument};
use crate::status::StatusList;

pub use mirror::Mirror;
pub use own::{Layered, NoOwn, Own};
pub use seen::Seen;
pub use web::Web;

/// Finds DID documents and status lists. Every answer comes within seconds, and no answer is an error, never a pass.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The document of a DID, its `id` checked.
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError>;

    /// What is served at the URL of a status list: strict JSON, and nothing else is checked.
    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError>;

    /// What is served at the URL of a credential, or of the log proof beside one, at most [`MAX_SERVED`] bytes: nothing of
    /// it is checked.
    async fn served(&self, url: &Url) -> Result<Arc<Bytes>, ResolveError> {
        let because = "credentials are not looked up here";
        Err(ResolveError::Forbidden { what: url.to_string(), because })
    }
}

/// The most bytes of a credential that another one names: a dozen times an award. Whoever sends a small document does not
/// make us read a large one.
pub const MAX_SERVED: usize = 64 * 1024;

/// A DID document and how it was had.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The document; its `id` is the DID asked for.
    pub document: Arc<DidDocument>,
    /// When it was had.
    pub fetched: Timestamp,
    /// From where.
    pub from: Source,
}

/// Where a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An institution of this service.
    Own,
    /// Its own host, just now or a few minutes ago.
    Web,
    /// Computed from a did:key.
    Key,
    /// Computed from a did:jwk.
    Jwk,
    /// A file mirrored earlier.
    Mirror,
    /// The archive in a trust list pinned here.
    TrustList,
}

impl Source {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Web => "web",
            Self::Key => "key",
            Self::Jwk => "jwk",
            Self::Mirror => "mirror",
            Self::TrustList => "trust-list",
        }
    }
}

/// The most bytes of a list that is remembered as proved: 524,288 entries.
pub const MAX_PROVED: u64 = 64 * 1024;

/// A status list credential as it was served, its proof not yet checked.
#[derive(Debug)]
pub struct FetchedList {
    /// The exact bytes.
    pub bytes: Bytes,
    /// The same, parsed.
    pub document: Value,
    /// When it was had.
    pub fetched: Timestamp,
    proved: OnceLock<ProvedList>,
}

/// A status list whose proofs hold.
#[derive(Debug, Clone)]
pub struct ProvedList {
    /// The list.
    pub list: Arc<StatusList>,
    /// The keys of its issuer that signed it, as `publicKeyMultibase`.
    pub keys: Arc<[String]>,
}

impl FetchedList {
    /// Parses what was served.
    pub fn new(bytes: Bytes, fetched: Timestamp) -> Result<Self, JsonError> {
        let document = json::parse(&bytes)?;
        Ok(Self { bytes, document, fetched, proved: OnceLock::new() })
    }

    /// The list, if somebody has verified the proof of this very copy already. A copy lives for the list's `ttl`,
    /// an hour at most.
    pub fn proved(&self) -> Option<ProvedList> {
        self.proved.get().cloned()
    }

    /// Spares later askers the proof of this copy, which holds. A list of more than [`MAX_PROVED`] bytes is not
    /// remembered: a few hundred bytes may inflate to megabytes.
    pub fn set_proved(&self, proved: ProvedList) {
        if proved.list.bits.len() / 8 <= MAX_PROVED {
            let _ = self.proved.set(proved);
        }
    }
}

/// Whose doing it is that something could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever wrote the credential: it names what cannot be.
    Document,
    /// The host asked.
    Host,
    /// The way there, or nobody's.
    Network,
    /// This service: its settings, or too much to do.
    Here,
}

/// Why a document or list could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No way is known here to resolve this kind of DID.
    #[error("did:{0} cannot be resolved here")]
    Method(String),
    /// The DID or URL cannot be right, whoever is asked.
    #[error("{what}: {because}")]
    Invalid {
        /// The DID or URL.
        what: String,
        /// Why not.
        because: String,
    },
    /// The host answers that there is no such thing.
    #[error("{what}: there is no such document")]
    NotFound {
        /// The DID or URL.
        what: String,
    },
    /// This service will not ask there, or is offline.
    #[error("{what}: {because}")]
    Forbidden {
        /// The DID or URL.
        what: String,
        /// Why not.
        because: &'static str,
    },
    /// No answer, or not one to be used; another time there may be.
    #[error("{what}: {because}")]
    Unreachable {
        /// The DID or URL.
        what: String,
        /// What happened.
        because: String,
        /// Whose doing.
        fault: Fault,
        /// When to try again.
        retry: SignedDuration,
    },
    /// An answer came, and it is not what it has to be: it belongs to another DID.
    #[error("{what}: {because}")]
    Wrong {
        /// The DID or URL.
        what: String,
        /// What is wrong with it.
        because: String,
    },
}

impl ResolveError {
    /// Whether this is an answer, and a bad one; everything else is only "could not be found out".
    pub fn is_definitive(&self) -> bool {
        matches!(self, Self::Invalid { .. } | Self::Wrong { .. })
    }

    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Invalid { .. } => Fault::Document,
            Self::NotFound { .. } | Self::Wrong { .. } => Fault::Host,
            Self::Unreachable { fault, .. } => *fault,
            Self::Method(_) | Self::Forbidden { .. } => Fault::Here,
        }
    }

    /// When asking again may help; `None` when it will not.
    pub fn retry(&self) -> Option<SignedDuration> {
        match self {
            Self::Unreachable { retry, .. } => Some(*retry),
            _ => None,
        }
    }

    /// The name of the error in a DID resolution result (DID Resolution, section 10).
    pub fn did_error(&self) -> &'static str {
        match self {
            Self::Method(_) => "methodNotSupported",
            Self::Invalid { .. } => "invalidDid",
            Self::Wrong { .. } => "invalidDidDocument",
            Self::NotFound { .. } => "notFound",
            Self::Forbidden { .. } | Self::Unreachable { .. } => "internalError",
        }
    }
}
