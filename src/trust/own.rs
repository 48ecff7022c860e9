//! What an authority of this service has published itself: it counts here like a list that is pinned.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Pin, Pinned};
use crate::trustlist::{Root, TrustList, TrustListError};

/// The newest root and trust list of an authority, read and proved once for each version.
#[derive(Debug, Clone, Default)]
pub struct Own(Option<Arc<Pinned>>);

impl Own {
    /// Takes over a new version: of the root, or of the list under it.
    ///
    /// # Errors
    /// It does not read; nothing is taken over.
    pub fn publish(&mut self, root: bool, body: &[u8], at: Timestamp) -> Result<(), TrustListError> {
        let before = self.0.take();
        let made =
            if root { rooted(body, before.as_deref(), at) } else { listed(body, before.as_deref(), at) };
        match made {
            Ok(own) => self.0 = own.map(Arc::new),
            Err(why) => {
                self.0 = before;
                return Err(why);
            }
        }
        Ok(())
    }

    /// As a pin, the way the judge reads it.
    pub fn as_pinned(&self) -> Option<Arc<Pinned>> {
        self.0.clone()
    }
}

/// These pins and the lists of one's own. One's own takes the place of a pin for the same territory: it is the same list,
/// and newer.
pub fn with_own(pinned: Vec<Arc<Pinned>>, own: Vec<Arc<Pinned>>) -> Vec<Arc<Pinned>> {
    let foreign = |one: &Arc<Pinned>| own.iter().all(|own| own.root.territory != one.root.territory);
    pinned.into_iter().filter(foreign).chain(own.iter().cloned()).collect()
}

fn rooted(body: &[u8], before: Option<&Pinned>, at: Timestamp) -> Result<Option<Pinned>, TrustListError> {
    let root = Root::parse(body)?;
    // A list whose key the new root names no more says nothing until it is signed anew.
    let list = before.and_then(|own| own.list.as_ref());
    let list = list.and_then(|list| TrustList::parse(&list.bytes, &root).ok());
    let pin = Pin {
        territory: root.territory.clone(),
        fingerprint: root.fingerprint.clone(),
        root_fingerprint: root.fingerprint.clone(),
        root_url: None,
        pinned: at,
        refreshed: at,
    };
    Ok(Some(Pinned { pin, root, list }))
}

fn listed(body: &[u8], before: Option<&Pinned>, at: Timestamp) -> Result<Option<Pinned>, TrustListError> {
    let Some(own) = before else { return Ok(None) };
    // The newest list on record may be older than the newest root, and of a key that root names no more.
    let list = match TrustList::parse(body, &own.root) {
        Ok(list) => Some(list),
        Err(TrustListError::Undelegated(_)) => None,
        Err(why) => return Err(why),
    };
    Ok(Some(Pinned { pin: Pin { refreshed: at, ..own.pin.clone() }, root: own.root.clone(), list }))
}
