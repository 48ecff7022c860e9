//! Closed institutions: who keeps the register of each, who may act on it, and the copies of its status lists.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ListInMemory, Member, Registry};
use crate::access::{Act, TokenRecord};
use crate::institution::{Institution, Slug};
use crate::store::ListKey;

impl Registry {
    /// Who keeps the register of a closed institution: its successor, or where that has closed as well, the successor's.
    /// `None` while it is open.
    pub fn keeper(&self, slug: &Slug) -> Option<Arc<Member>> {
        let directory = self.directory();
        let mut at = directory.institutions.get(slug)?;
        // None closes in favour of one that has: the way ends.
        while let Some(closing) = &at.institution.closed {
            at = directory.institutions.get(&closing.successor)?;
        }
        Some(at.clone()).filter(|keeper| keeper.institution.slug != *slug)
    }

    /// The closed institutions whose registers this one keeps.
    pub fn kept_by(&self, slug: &Slug) -> Vec<Arc<Member>> {
        let kept = |member: &Arc<Member>| {
            self.keeper(&member.institution.slug).is_some_and(|keeper| keeper.institution.slug == *slug)
        };
        self.members().into_iter().filter(kept).collect()
    }

    /// Whether the bearer of the token may act on the register of an institution. Of a closed one its keeper's people
    /// may, as on their own; its own may read it. Nobody issues for it.
    pub fn allows(&self, caller: &TokenRecord, act: Act, slug: &Slug) -> bool {
        let Some(keeper) = self.keeper(slug) else { return caller.allows(act, slug) };
        let by_keeper = caller.allows(act, &keeper.institution.slug);
        match act {
            Act::Issue => false,
            Act::SetStatus | Act::Erase => by_keeper,
            Act::Read => by_keeper || caller.allows(act, slug),
            // Whatever else there is to do with it stays with those it was entrusted to.
            _ => caller.allows(act, slug),
        }
    }

    /// Whether the register of the institution is within the token's reach.
    pub fn reaches(&self, caller: &TokenRecord, slug: &Slug) -> bool {
        let keeper = || self.keeper(slug);
        caller.reaches(slug) || keeper().is_some_and(|keeper| caller.reaches(&keeper.institution.slug))
    }

    /// The list at one of our own URLs: an institution's own, or a closed one's where its keeper serves it.
    pub fn list_at(&self, url: &str) -> Option<ListKey> {
        self.urls.list_of(url).or_else(|| {
            let (keeper, key) = self.urls.mirrored_list_of(url)?;
            self.is_kept_by(&key.institution, &keeper).then_some(key)
        })
    }

    /// Whether `keeper` keeps the register of `closed` now.
    pub fn is_kept_by(&self, closed: &Slug, keeper: &Slug) -> bool {
        self.keeper(closed).is_some_and(|member| member.institution.slug == *keeper)
    }
}

/// Begins a copy of every list of a closed institution. It has no bits of its own: what it says is what the list says.
pub(super) fn begin(lists: &mut HashMap<ListKey, ListInMemory>, institution: &Institution) {
    if institution.closed.is_none() {
        return;
    }
    let own = |key: &&ListKey| key.institution == institution.slug && !key.mirror;
    let copies: Vec<_> = lists.keys().filter(own).map(ListKey::mirrored).collect();
    for copy in copies {
        lists.entry(copy).or_insert_with(|| ListInMemory::of(0));
    }
}
