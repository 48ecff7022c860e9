//! The status lists of the registry: which indices are taken, which bits are set, what was published last.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Registry;
use crate::institution::Slug;
use crate::status::Bitstring;
use crate::status::allocate::Allocator;
use crate::store::{ListKey, ListVersion, Purpose};

/// How many entries each of our lists has: the least the specification allows, a million graduates in eight lists.
pub const LIST_ENTRIES: u32 = 131_072;

/// A list as the records have it, and what is on its way there.
pub(super) struct ListInMemory {
    pub(super) bits: Bitstring,
    pub(super) allocator: Allocator,
    reserved: HashSet<u32>,
    pub(super) latest: Option<Arc<ListVersion>>,
    pub(super) dirty: bool,
}

/// What the registry says of one bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBit {
    /// Whether it is set.
    pub set: bool,
    /// Which list it is in.
    pub key: ListKey,
}

impl Registry {
    /// A random free index in the newest list of the purpose; begins the next list when that one is full.
    pub fn take_slot(
        &self,
        institution: &Slug,
        purpose: Purpose,
        mut random: impl FnMut() -> u32,
    ) -> (ListKey, u32) {
        let mut lists = self.lists();
        let newest = lists
            .keys()
            .filter(|key| key.institution == *institution && key.purpose == purpose && !key.mirror)
            .map(|key| key.list)
            .max()
            .unwrap_or(1);
        let mut number = newest;
        loop {
            let key = ListKey { institution: institution.clone(), purpose, list: number, mirror: false };
            let list = lists.entry(key.clone()).or_insert_with(ListInMemory::empty);
            if let Some(index) = list.allocator.take(&mut random) {
                return (key, index);
            }
            number += 1;
        }
    }

    /// Gives back an index whose credential was not recorded.
    pub fn release_slot(&self, key: &ListKey, index: u32) {
        if let Some(list) = self.lists().get_mut(key) {
            list.allocator.release(index);
        }
    }

    /// Keeps a taken index for a prepared draft, until it is issued or the process ends.
    pub fn reserve(&self, key: &ListKey, index: u32) {
        if let Some(list) = self.lists().get_mut(key) {
            list.reserved.insert(index);
        }
    }

    /// Whether the index waits for a prepared draft.
    pub fn is_reserved(&self, key: &ListKey, index: u32) -> bool {
        self.lists().get(key).is_some_and(|list| list.reserved.contains(&index))
    }

    /// The prepared draft was issued.
    pub fn unreserve(&self, key: &ListKey, index: u32) {
        if let Some(list) = self.lists().get_mut(key) {
            list.reserved.remove(&index);
        }
    }

    /// Sets or lifts a bit, after the fact is durable.
    pub fn set_bit(&self, key: &ListKey, index: u32, value: bool) {
        let mut lists = self.lists();
        let list = lists.entry(key.clone()).or_insert_with(ListInMemory::empty);
        list.bits.set(index.into(), value);
        list.dirty = true;
        if let Some(copy) = lists.get_mut(&key.mirrored()) {
            copy.dirty = true;
        }
    }

    /// What one of our own lists says of an index, by the list's URL; `None` for a URL that is not ours.
    pub fn own_bit(&self, list_url: &str, index: u32) -> Option<OwnBit> {
        let key = self.urls.list_of(list_url)?;
        let lists = self.lists();
        let bits = &lists.get(&key)?.bits;
        Some(OwnBit { set: bits.get(index.into())?, key })
    }

    /// The bits of a list and its newest version, when it has to be signed anew: never published, changed since,
    /// or past `renew_before`. Marks it clean; a failed publisher calls [`Registry::mark_dirty`].
    pub fn due(
        &self,
        key: &ListKey,
        now: Timestamp,
        renew_before: jiff::SignedDuration,
    ) -> Option<(Bitstring, u64)> {
        let mut lists = self.lists();
        let list = lists.get_mut(key)?;
        if !list.dirty && !list.expiring(now, renew_before) {
            return None;
        }
        list.dirty = false;
        let last = list.latest.as_ref().map_or(0, |latest| latest.version);
        Some((lists.get(&key.original())?.bits.clone(), last))
    }

    /// Whether [`Registry::due`] would give the bits; marks nothing.
    pub fn is_due(&self, key: &ListKey, now: Timestamp, renew_before: jiff::SignedDuration) -> bool {
        self.lists().get(key).is_some_and(|list| list.dirty || list.expiring(now, renew_before))
    }

    /// The list has to be signed anew at the next chance.
    pub fn mark_dirty(&self, key: &ListKey) {
        if let Some(list) = self.lists().get_mut(key) {
            list.dirty = true;
        }
    }

    /// The newest published version of a list.
    pub fn latest(&self, key: &ListKey) -> Option<Arc<ListVersion>> {
        self.lists().get(key)?.latest.clone()
    }

    /// Every list begun.
    pub fn list_keys(&self) -> Vec<ListKey> {
        let mut keys: Vec<_> = self.lists().keys().cloned().collect();
        keys.sort();
        keys
    }
}

impl ListInMemory {
    pub(super) fn empty() -> Self {
        Self::of(LIST_ENTRIES)
    }

    pub(super) fn of(entries: u32) -> Self {
        Self {
            bits: Bitstring::new(entries),
            allocator: Allocator::new(entries, []),
            reserved: HashSet::new(),
            latest: None,
            dirty: true,
        }
    }

    /// Never published, or so old that a new version is due.
    fn expiring(&self, now: Timestamp, renew_before: jiff::SignedDuration) -> bool {
        self.latest.as_ref().is_none_or(|latest| now.duration_until(latest.valid_until) < renew_before)
    }
}
