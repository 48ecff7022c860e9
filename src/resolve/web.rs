//! Evidence from its own host: did:web documents and status lists, fetched under guard and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::cache::{Cache, LONGEST, Made};
use super::fetch::{Fetcher, Names, SystemNames, unreachable};
use super::{Fault, FetchedList, MAX_SERVED, ResolveError, Resolved, Resolver, Source};
use crate::clock::Clock;
use crate::codec::json;
use crate::config::Fetch;
use crate::did::{self, Did, DidDocument};

/// The largest DID document, bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;
/// The largest status list credential, bytes.
pub const MAX_LIST: usize = 4 * 1024 * 1024;

/// How long a DID document is kept.
const KEEP_DOCUMENT: SignedDuration = SignedDuration::from_mins(5);
/// A list is kept for this long even if it says less, so that a crowd at one diploma asks once.
const KEEP_LIST_AT_LEAST: SignedDuration = SignedDuration::from_secs(1);
/// A refusal is kept for as long as it asks for, but not longer.
const KEEP_REFUSAL: SignedDuration = SignedDuration::from_secs(30);

/// Asks the hosts themselves.
pub struct Web {
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    documents: Cache<Resolved>,
    lists: Cache<FetchedList>,
    served: Cache<Bytes>,
    patience: Duration,
}

impl Web {
    /// Asks over the network of this machine.
    pub fn new(settings: Fetch, clock: Arc<dyn Clock>) -> Self {
        Self::with_names(settings, clock, Arc::new(SystemNames))
    }

    /// The same with another name service.
    pub fn with_names(settings: Fetch, clock: Arc<dyn Clock>, names: Arc<dyn Names>) -> Self {
        // Whoever waits for another's question gets its answer, or gives up soon after.
        let patience = settings.total_timeout + Duration::from_millis(250);
        let fetcher = Fetcher::new(settings, names);
        let (documents, lists) = (Cache::new(2048, 16 << 20), Cache::new(1024, 32 << 20));
        let served = Cache::new(1024, 8 << 20);
        Self { fetcher, clock, documents, lists, served, patience }
    }

    async fn fetch_document(&self, did: &Did) -> Result<(Resolved, usize), ResolveError> {
        let what = did.as_str();
        let invalid = |why: &dyn std::fmt::Display| ResolveError::Invalid {
            what: what.to_owned(),
            because: why.to_string(),
        };
        let url = self.fetcher.rewrite(did::web::url(did).map_err(|why| invalid(&why))?);
        let accept = "application/did+json, application/did+ld+json;q=0.9, application/json;q=0.8, */*;q=0.1";
        let bytes = self.fetcher.get(what, &url, MAX_DOCUMENT, accept).await?;
        let document = read_document(did, &bytes)?;
        let resolved =
            Resolved { document: Arc::new(document), fetched: self.clock.now(), from: Source::Web };
        Ok((resolved, bytes.len()))
    }

    async fn fetch_list(&self, url: &Url) -> Result<FetchedList, ResolveError> {
        let accept = "application/vc, application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1";
        let bytes = self.fetcher.get(url.as_str(), url, MAX_LIST, accept).await?;
        read_list(url, bytes, self.clock.now())
    }
}

#[async_trait]
impl Resolver for Web {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        if did.method() != "web" {
            return Err(ResolveError::Method(did.method().to_owned()));
        }
        let make = async {
            match self.fetch_document(did).await {
                // Parsed, a document takes several times its text.
                Ok((found, size)) => {
                    Made { value: Ok(Arc::new(found)), keep: KEEP_DOCUMENT, weight: size * 6 }
                }
                Err(why) => refusal(why),
            }
        };
        let found =
            tokio::time::timeout(self.patience, self.documents.get(did.as_str(), self.clock.now(), make))
                .await;
        found.unwrap_or_else(|_| Err(waited(did.as_str())))
    }

    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        let make = async {
            match self.fetch_list(url).await {
                Ok(list) => Made { keep: keep(&list), weight: weight(&list), value: Ok(Arc::new(list)) },
                Err(why) => refusal(why),
            }
        };
        let found =
            tokio::time::timeout(self.patience, self.lists.get(url.as_str(), self.clock.now(), make)).await;
        found.unwrap_or_else(|_| Err(waited(url.as_str())))
    }

    async fn served(&self, url: &Url) -> Result<Arc<Bytes>, ResolveError> {
        let accept = "application/vc, application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1";
        let make = async {
            match self.fetcher.get(url.as_str(), url, MAX_SERVED, accept).await {
                // What is signed does not change: whether it still holds, its status list says.
                Ok(bytes) => Made { keep: KEEP_DOCUMENT, weight: bytes.len(), value: Ok(Arc::new(bytes)) },
                Err(why) => refusal(why),
            }
        };
        let found =
            tokio::time::timeout(self.patience, self.served.get(url.as_str(), self.clock.now(), make)).await;
        found.unwrap_or_else(|_| Err(waited(url.as_str())))
    }
}

/// The DID document in `bytes`, if it is the one of `did`.
pub(super) fn read_document(did: &Did, bytes: &[u8]) -> Result<DidDocument, ResolveError> {
    let what = did.as_str();
    let garbled = |why: String| {
        unreachable(what, format!("what is served is not its DID document: {why}"), Fault::Host, 30)
    };
    let value = json::parse(bytes).map_err(|why| garbled(why.to_string()))?;
    let document = DidDocument::parse(&value).map_err(|why| garbled(why.to_string()))?;
    if document.id != *did {
        let because = format!("what is served is the document of {}", document.id);
        return Err(ResolveError::Wrong { what: what.to_owned(), because });
    }
    Ok(document)
}

/// The status list credential in `bytes`, whatever it says.
pub(super) fn read_list(url: &Url, bytes: bytes::Bytes, now: Timestamp) -> Result<FetchedList, ResolveError> {
    let garbled = |why: &dyn std::fmt::Display| {
        unreachable(
            url.as_str(),
            format!("what is served is not a status list credential: {why}"),
            Fault::Host,
            30,
        )
    };
    let list = FetchedList::new(bytes, now).map_err(|why| garbled(&why))?;
    if !list.document.is_object() {
        return Err(garbled(&"not an object"));
    }
    Ok(list)
}

/// How long a list may be kept: its `ttl`, and not past its `validUntil`. Its proof is not checked yet; but whoever
/// can serve another `ttl` can serve another list.
fn keep(list: &FetchedList) -> SignedDuration {
    let ttl = list.document.pointer("/credentialSubject/ttl").and_then(serde_json::Value::as_i64);
    let ttl = ttl.map_or(crate::status::list::DEFAULT_TTL, SignedDuration::from_millis);
    let until = list.document.get("validUntil").and_then(|until| until.as_str()?.parse::<Timestamp>().ok());
    let left = until.map_or(LONGEST, |until| until.duration_since(list.fetched));
    ttl.min(left).max(KEEP_LIST_AT_LEAST)
}

/// Its text, its parsed form, and its bits once they are proved.
fn weight(list: &FetchedList) -> usize {
    list.bytes.len() * 3 + super::MAX_PROVED as usize
}

fn refusal<V>(why: ResolveError) -> Made<V> {
    let keep = why.retry().unwrap_or(KEEP_REFUSAL).min(KEEP_REFUSAL);
    Made { value: Err(why), keep, weight: 512 }
}

fn waited(what: &str) -> ResolveError {
    unreachable(what, "no whole answer in time".to_owned(), Fault::Host, 10)
}
