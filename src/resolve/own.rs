//! The layers: our own institutions first, then what a DID itself says, then whoever is asked last.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use super::{FetchedList, ResolveError, Resolved, Resolver, Source};
use crate::clock::Clock;
use crate::did::{self, Did, DidDocument};

/// What this service knows of its own, without asking anybody.
#[async_trait]
pub trait Own: Send + Sync {
    /// The document of one of our institutions; `None` when the DID is not ours. What would be ours but is
    /// unknown is an error, so that nobody asks over the network what stands here.
    async fn document(&self, did: &Did) -> Result<Option<Arc<Resolved>>, ResolveError>;
    /// One of our published lists; `None` when the URL is not ours.
    async fn list(&self, url: &Url) -> Result<Option<Arc<FetchedList>>, ResolveError>;
}

/// No institutions of our own: the offline verifier.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoOwn;

#[async_trait]
impl Own for NoOwn {
    async fn document(&self, _: &Did) -> Result<Option<Arc<Resolved>>, ResolveError> {
        Ok(None)
    }
    async fn list(&self, _: &Url) -> Result<Option<Arc<FetchedList>>, ResolveError> {
        Ok(None)
    }
}

/// Own, then computed, then the last resort: the web, or a folder.
pub struct Layered {
    own: Arc<dyn Own>,
    last: Arc<dyn Resolver>,
    clock: Arc<dyn Clock>,
}

impl Layered {
    /// Asks `own` first and `last` last.
    pub fn new(own: Arc<dyn Own>, last: Arc<dyn Resolver>, clock: Arc<dyn Clock>) -> Self {
        Self { own, last, clock }
    }

    fn computed(
        &self,
        did: &Did,
        document: Result<DidDocument, impl std::fmt::Display>,
        from: Source,
    ) -> Result<Arc<Resolved>, ResolveError> {
        let invalid = |why| ResolveError::Invalid { what: did.to_string(), because: format!("{why}") };
        let document = Arc::new(document.map_err(invalid)?);
        Ok(Arc::new(Resolved { document, fetched: self.clock.now(), from }))
    }
}

#[async_trait]
impl Resolver for Layered {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        if let Some(own) = self.own.document(did).await? {
            return Ok(own);
        }
        match did.method() {
            "key" => self.computed(did, did::key::document(did), Source::Key),
            "jwk" => self.computed(did, did::jwk::document(did), Source::Jwk),
            _ => self.last.issuer(did).await,
        }
    }

    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        match self.own.list(url).await? {
            Some(own) => Ok(own),
            None => self.last.status_list(url).await,
        }
    }

    async fn served(&self, url: &Url) -> Result<Arc<Bytes>, ResolveError> {
        self.last.served(url).await
    }
}
