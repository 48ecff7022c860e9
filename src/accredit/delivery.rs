//! A college accounts for the leaves of its log: each is what it says, or nothing of the delivery is recorded.
//!
//! A leaf is salted, so the log tells nobody what it holds. Its college tells its authority: salt and digest prove the
//! leaf, and stand beside programme and award date; no name, no document. What is recorded is of which cohort each leaf
//! is. The salt is dropped, so what the college erases later is erased here, too.

mod read;
mod source;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

pub use self::read::{Asked, MAX_BYTES, TYPE};
use self::source::Source;
use super::authorities;
use crate::app::App;
use crate::crypto::PublicKey;
use crate::crypto::proof::{Expected, Secured};
use crate::did::{Did, DidUrl};
use crate::institution::Slug;
use crate::log::Policy;
use crate::log::policy::Log;
use crate::store::{Change, Conflict, Delivery, StoreError};
use crate::trust::pins::Pinned;
use crate::trustlist::KeyUse;
use crate::trustlist::TrustList;
use crate::trustlist::edit::SUITE;

/// Why a delivery is not recorded; nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// A member is missing, unknown or of the wrong form.
    #[error("{0} {1}")]
    Form(String, String),
    /// Not signed by a key that counts.
    #[error("{0}")]
    Unsigned(String),
    /// No authority here knows the log, or nobody has asked for it.
    #[error(
        "no authority of this service has the log {0} in its log policy: it is to be entered there first"
    )]
    UnknownLog(String),
    /// The leaves do not go on where those before end.
    #[error("the leaf awaited is number {0}")]
    Awaited(u64),
    /// An entry is not the leaf of the log.
    #[error("/entries/{0}: it is not leaf {1} of the log")]
    Differs(usize, u64),
    /// The log does not have so many leaves.
    #[error("/entries: the log has {0} leaves")]
    Beyond(u64),
    /// The log could not be read, or is not what its checkpoint says.
    #[error("the log cannot be read: {0}")]
    Log(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The territory of the authority.
    pub territory: String,
    /// Which log.
    pub origin: String,
    /// The index of the leaf awaited next.
    pub next: u64,
    /// How many leaves the log has.
    pub size: u64,
}

/// A log that an authority of this service watches.
pub(super) struct Watched {
    /// Which authority.
    pub(super) authority: Slug,
    /// The log in its policy.
    pub(super) log: Log,
    /// The authority's list.
    own: Arc<Pinned>,
}

/// Every log that an authority of this service has in its policy.
pub(super) fn watched(app: &App) -> Vec<Watched> {
    let mut watched = Vec::new();
    for authority in authorities(app) {
        let Some(own) = app.registry.own_trust(&authority) else { continue };
        let policy =
            own.list.as_ref().and_then(|list| Policy::parse(list.log_policy.as_ref()?.as_bytes()).ok());
        for log in policy.iter().flat_map(Policy::logs) {
            watched.push(Watched { authority: authority.clone(), log: log.clone(), own: own.clone() });
        }
    }
    watched
}

impl Watched {
    pub(super) fn origin(&self) -> &str {
        self.log.key.name().as_str()
    }

    fn list(&self) -> Option<&TrustList> {
        self.own.list.as_ref()
    }

    /// How many leaves the log has now, as its key says.
    pub(super) async fn size(&self, app: &App) -> Result<u64, DeliveryError> {
        let source = Source::of(app, &self.log).await?;
        Ok(source.head(&self.log.key).await?.size)
    }

    /// The index of the leaf awaited.
    pub(super) async fn next(&self, app: &App) -> Result<u64, StoreError> {
        let logs = app.store.counted_logs(&self.authority).await?;
        Ok(logs.iter().find(|log| log.origin == self.origin()).map_or(0, |log| log.next))
    }
}

/// Whether an authority of this service watches the log.
pub fn awaits(app: &App, origin: &str) -> bool {
    watched(app).iter().any(|one| one.origin() == origin)
}

/// The index of the leaf of a log that is awaited next.
///
/// # Errors
/// A log that no authority here knows; the store.
pub async fn next(app: &App, origin: &str) -> Result<u64, DeliveryError> {
    let watched = watched(app).into_iter().find(|one| one.origin() == origin);
    Ok(watched.ok_or_else(|| unknown(origin))?.next(app).await?)
}

/// Records a delivery: `bytes` is the signed document. The entries go to the first authority here that lists who signed
/// and knows the log.
///
/// # Errors
/// [`DeliveryError`]: nothing of it is recorded.
pub async fn receive(app: &App, bytes: &[u8]) -> Result<Received, DeliveryError> {
    let (document, asked) = read::delivery(bytes)?;
    let refuse = |why: &str| DeliveryError::Unsigned(why.to_owned());
    let secured = Secured::parse(&document).map_err(|error| DeliveryError::Unsigned(error.to_string()))?;
    let [proof] = secured.proofs() else { return Err(refuse("/proof: it is to be one signature")) };
    if proof.suite_name != SUITE {
        return Err(DeliveryError::Unsigned(format!("/proof/cryptosuite: it is to be {SUITE}")));
    }
    let method = DidUrl::parse(proof.verification_method)
        .map_err(|_| refuse("/proof/verificationMethod: it is no DID URL"))?;
    let now = app.now();
    let all = watched(app);
    let listed: Vec<_> = all.iter().filter(|one| good(one.list(), &method, now)).collect();
    // Whoever is on no list learns nothing of what is awaited here.
    if listed.is_empty() {
        return Err(refuse(
            "/proof/verificationMethod: no authority here lists this as an award key that is good now",
        ));
    }
    let watched = listed.into_iter().find(|one| one.origin() == asked.origin);
    let watched = watched.ok_or_else(|| unknown(&asked.origin))?;
    let key = method.fragment().and_then(|key| PublicKey::from_multikey(key).ok());
    let key = key.ok_or_else(|| refuse("/proof/verificationMethod: the key is not spelt out in its id"))?;
    let expected = Expected::default();
    secured.verify(proof, &key, &expected).map_err(|error| DeliveryError::Unsigned(error.to_string()))?;
    if !at_home(app, &method.did(), &watched.log) {
        return Err(refuse("/proof/verificationMethod: the log is not served where its institution is"));
    }
    record(app, watched, asked, method.as_str()).await
}

/// Records what this service tells of its own log: nobody needs to sign that.
///
/// # Errors
/// [`DeliveryError`]: nothing of it is recorded.
pub async fn receive_own(app: &App, document: &Value) -> Result<Received, DeliveryError> {
    let (_, asked) = read::delivery(document.to_string().as_bytes())?;
    let watched = watched(app).into_iter().find(|one| one.origin() == asked.origin);
    let watched = watched.ok_or_else(|| unknown(&asked.origin))?;
    let key = watched.log.key.to_string();
    if !app.store.logs().await?.iter().any(|log| log.key == key) {
        return Err(DeliveryError::Unsigned(format!("{} is no log of this service", asked.origin)));
    }
    record(app, &watched, asked, app.urls.public()).await
}

/// Compares with the log, and records.
async fn record(app: &App, watched: &Watched, asked: Asked, by: &str) -> Result<Received, DeliveryError> {
    let next = watched.next(app).await?;
    if asked.from != next {
        return Err(DeliveryError::Awaited(next));
    }
    let size = source::compare(app, &watched.log, &asked).await?;
    let leaves = asked.entries.into_iter().map(|entry| entry.counted).collect();
    let delivery = Delivery {
        authority: watched.authority.clone(),
        origin: asked.origin.clone(),
        from: asked.from,
        leaves,
        size,
        by: by.to_owned(),
        at: app.now(),
    };
    let next = delivery.from + delivery.leaves.len() as u64;
    match app.commit(vec![Change::Delivered(Box::new(delivery))]).await {
        Ok(_) => {}
        // Of two at once one is recorded.
        Err(StoreError::Conflict(Conflict::CountMoved)) => {
            return Err(DeliveryError::Awaited(watched.next(app).await?));
        }
        Err(error) => return Err(error.into()),
    }
    let territory = watched.own.root.territory.clone();
    Ok(Received { territory, origin: asked.origin, next, size })
}

fn unknown(origin: &str) -> DeliveryError {
    DeliveryError::UnknownLog(origin.chars().take(200).collect())
}

/// Whether the list has this as an award key that is good at `now`.
fn good(list: Option<&TrustList>, method: &DidUrl, now: Timestamp) -> bool {
    let issuer = list.and_then(|list| list.issuer(method.did_str()));
    issuer.and_then(|issuer| issuer.key(method.as_str(), KeyUse::Award)).is_some_and(|key| {
        key.not_before <= now
            && key.not_after.is_none_or(|until| now < until)
            && key.compromised_since.is_none_or(|since| now < since)
    })
}

/// Whether the institution is served where the log is: none speaks for the log of another.
fn at_home(app: &App, did: &Did, log: &Log) -> bool {
    let Some(url) = log.url.as_ref().and_then(|url| url::Url::parse(url).ok()) else {
        return app.registry.member_by_did(did.as_str()).is_some();
    };
    let home = crate::did::web::url(did).ok();
    home.is_some_and(|home| home.host_str() == url.host_str() && home.port() == url.port())
}
