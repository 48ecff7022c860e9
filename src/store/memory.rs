//! The model of a store: plain maps, one lock, nothing durable. For tests; no door offers it to users.

mod facts;
mod files;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    Change, ChangeEntry, Cohort, CountedLog, CredentialRecord, Cursor, Delivery, Erasure, Filing,
    FilingErasure, Founding, ListKey, ListState, ListVersion, LogPlace, LogState, Page, Receipt, Register,
    StatusEvent, Store, StoreError, TrustKind, TrustVersion, WitnessedHead,
};
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::tile::Level;
use facts::Facts;

/// A store that lives and dies with the process.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Facts>);

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that holds what this one holds now: its backup.
    pub fn backup(&self) -> Self {
        Self(Mutex::new(self.facts().clone()))
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Memory {
    async fn commit(&self, changes: Vec<Change>) -> Result<Cursor, StoreError> {
        let mut facts = self.facts();
        let mut next = facts.clone();
        for change in changes {
            next.apply(change).map_err(StoreError::Conflict)?;
        }
        *facts = next;
        Ok(Cursor(facts.log.len() as u64))
    }

    async fn founding(&self) -> Result<Option<Founding>, StoreError> {
        Ok(self.facts().founding.clone())
    }

    async fn institutions(&self) -> Result<Vec<Institution>, StoreError> {
        Ok(self.facts().institutions.values().cloned().collect())
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        Ok(self.facts().tokens.values().cloned().collect())
    }

    async fn credential(&self, id: CredentialId) -> Result<Option<CredentialRecord>, StoreError> {
        Ok(self.facts().records.get(&id).map(|(_, record)| record.clone()))
    }

    async fn by_claimed_id(
        &self,
        institution: &Slug,
        claimed: &str,
    ) -> Result<Option<CredentialId>, StoreError> {
        Ok(self.facts().claimed.get(&(institution.clone(), claimed.to_owned())).copied())
    }

    async fn receipt(
        &self,
        institution: &Slug,
        idempotency_key: &str,
    ) -> Result<Option<Receipt>, StoreError> {
        Ok(self.facts().receipts.get(&(institution.clone(), idempotency_key.to_owned())).copied())
    }

    async fn credentials(
        &self,
        institution: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<CredentialRecord>, StoreError> {
        let facts = self.facts();
        let mut found: Vec<_> = facts
            .records
            .values()
            .filter(|(at, record)| {
                record.institution == *institution && after.is_none_or(|after| *at > after)
            })
            .collect();
        found.sort_by_key(|(at, _)| *at);
        let limit = limit.max(1);
        let next = found.get(limit - 1).filter(|_| found.len() > limit).map(|(at, _)| *at);
        Ok(Page { items: found.iter().take(limit).map(|(_, record)| record.clone()).collect(), next })
    }

    async fn status_events(&self, id: CredentialId) -> Result<Vec<StatusEvent>, StoreError> {
        Ok(self.facts().events.get(&id).cloned().unwrap_or_default())
    }

    async fn erasure(&self, id: CredentialId) -> Result<Option<Erasure>, StoreError> {
        Ok(self.facts().erasures.get(&id).cloned())
    }

    async fn lists(&self, institution: &Slug) -> Result<Vec<ListKey>, StoreError> {
        let facts = self.facts();
        let taken = facts.slots.keys().map(|(slug, slot)| ListKey {
            institution: slug.clone(),
            purpose: slot.purpose,
            list: slot.list,
            mirror: false,
        });
        let all: BTreeSet<ListKey> = taken.chain(facts.versions.keys().cloned()).collect();
        Ok(all.into_iter().filter(|key| key.institution == *institution).collect())
    }

    async fn list(&self, key: &ListKey) -> Result<ListState, StoreError> {
        let facts = self.facts();
        let mut state = ListState {
            latest: facts.versions.get(key).and_then(|versions| versions.last()).cloned(),
            ..ListState::default()
        };
        for ((institution, slot), (_, set)) in &facts.slots {
            if !key.mirror
                && *institution == key.institution
                && slot.purpose == key.purpose
                && slot.list == key.list
            {
                state.taken.push(slot.index);
                if *set {
                    state.set.push(slot.index);
                }
            }
        }
        Ok(state)
    }

    async fn statuses(&self, institution: &Slug) -> Result<Vec<(ListKey, ListState)>, StoreError> {
        let mut statuses = Vec::new();
        for key in self.lists(institution).await? {
            let state = self.list(&key).await?;
            statuses.push((key, ListState { taken: Vec::new(), ..state }));
        }
        Ok(statuses)
    }

    async fn list_version(&self, key: &ListKey, version: u64) -> Result<Option<ListVersion>, StoreError> {
        let facts = self.facts();
        let versions = facts.versions.get(key);
        Ok(versions.and_then(|all| all.iter().find(|one| one.version == version)).cloned())
    }

    async fn trust_version(
        &self,
        institution: &Slug,
        kind: TrustKind,
        number: Option<u64>,
    ) -> Result<Option<TrustVersion>, StoreError> {
        let facts = self.facts();
        let versions = facts.trust.get(&(institution.clone(), kind)).map_or(&[][..], Vec::as_slice);
        let wanted = |version: &&TrustVersion| number.is_none_or(|number| version.number == number);
        Ok(versions.iter().rev().find(wanted).cloned())
    }

    async fn changes(&self, after: Option<Cursor>, limit: usize) -> Result<Page<ChangeEntry>, StoreError> {
        let facts = self.facts();
        let from = after.map_or(0, |after| after.0 as usize).min(facts.log.len());
        let items: Vec<_> = facts.log[from..].iter().take(limit.max(1)).cloned().collect();
        let more = from + items.len() < facts.log.len();
        Ok(Page { next: items.last().filter(|_| more).map(|entry| entry.cursor), items })
    }

    async fn logs(&self) -> Result<Vec<LogState>, StoreError> {
        Ok(self.facts().logs.values().cloned().collect())
    }

    async fn log_tile(&self, year: i16, level: Level, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.facts().tiles.get(&(year, level, index)).cloned())
    }

    async fn log_place(&self, id: CredentialId) -> Result<Option<LogPlace>, StoreError> {
        Ok(self.facts().leaves.get(&id).copied())
    }

    async fn log_witnessed(&self, year: i16, index: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let facts = self.facts();
        let mut larger = facts.witnessed.range((year, index.saturating_add(1))..=(year, u64::MAX));
        Ok(larger.next().map(|((_, size), checkpoint)| (*size, checkpoint.clone())))
    }

    async fn witness_seen(&self, origin: &str) -> Result<Option<WitnessedHead>, StoreError> {
        Ok(self.facts().seen.get(origin).cloned())
    }

    async fn counted_logs(&self, authority: &Slug) -> Result<Vec<CountedLog>, StoreError> {
        let facts = self.facts();
        let of = facts.counted.iter().filter(|((slug, _), _)| slug == authority);
        Ok(of.map(|(_, log)| log.clone()).collect())
    }

    async fn deliveries(
        &self,
        authority: &Slug,
        origin: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let key = |from| (authority.clone(), origin.to_owned(), from);
        let facts = self.facts();
        let found = facts.deliveries.range(key(from)..=key(u64::MAX));
        Ok(found.take(limit.max(1)).map(|(_, delivery)| delivery.clone()).collect())
    }

    async fn cohorts(
        &self,
        authority: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<(Cursor, Cohort)>, StoreError> {
        let from = after.map_or(0, |after| after.0.saturating_add(1));
        let facts = self.facts();
        let range = (authority.clone(), Cursor(from))..=(authority.clone(), Cursor(u64::MAX));
        let mut found = facts.cohorts.range(range).peekable();
        let mut page = Page { items: Vec::new(), next: None };
        while let Some(((_, at), cohort)) = found.next() {
            page.items.push((*at, cohort.clone()));
            if page.items.len() == limit.max(1) {
                page.next = found.peek().map(|_| *at);
                break;
            }
        }
        Ok(page)
    }

    async fn filing(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
        version: Option<u64>,
    ) -> Result<Option<Filing>, StoreError> {
        Ok(self.facts().files.get(institution, register, id, version))
    }

    async fn filings(
        &self,
        institution: &Slug,
        register: Register,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Filing>, StoreError> {
        Ok(self.facts().files.page(institution, register, after, limit))
    }

    async fn filing_erasure(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
    ) -> Result<Option<FilingErasure>, StoreError> {
        Ok(self.facts().files.erasure(institution, register, id))
    }

    async fn writable(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check(&self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Vec<StoreError>, StoreError> {
        let total = self.facts().records.len() as u64;
        progress(total, total);
        Ok(Vec::new())
    }
}
