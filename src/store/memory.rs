//! The model of a store: plain maps, one lock, nothing durable. For tests; no door offers it to users.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    Change, ChangeEntry, Cohort, Conflict, CountedLog, CredentialRecord, Cursor, Delivery, Erasure, Filing,
    FilingErasure, Founding, Growth, ListKey, ListState, ListVersion, LogPlace, LogState, Page, Receipt,
    Register, Slot, StatusEvent, Store, StoreError, TrustKind, TrustVersion, WitnessedHead,
};
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::tile::Level;
use files::Files;

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

#[derive(Debug, Clone, Default)]
struct Facts {
    log: Vec<ChangeEntry>,
    founding: Option<Founding>,
    institutions: BTreeMap<Slug, Institution>,
    tokens: BTreeMap<String, TokenRecord>,
    records: BTreeMap<CredentialId, (Cursor, CredentialRecord)>,
    claimed: BTreeMap<(Slug, String), CredentialId>,
    receipts: BTreeMap<(Slug, String), Receipt>,
    slots: BTreeMap<(Slug, Slot), (CredentialId, bool)>,
    events: BTreeMap<CredentialId, Vec<StatusEvent>>,
    erasures: BTreeMap<CredentialId, Erasure>,
    versions: BTreeMap<ListKey, Vec<ListVersion>>,
    trust: BTreeMap<(Slug, TrustKind), Vec<TrustVersion>>,
    logs: BTreeMap<i16, LogState>,
    tiles: BTreeMap<(i16, Level, u64), Vec<u8>>,
    leaves: BTreeMap<CredentialId, LogPlace>,
    witnessed: BTreeMap<(i16, u64), Vec<u8>>,
    seen: BTreeMap<String, WitnessedHead>,
    counted: BTreeMap<(Slug, String), CountedLog>,
    deliveries: BTreeMap<(Slug, String, u64), Delivery>,
    cohorts: BTreeMap<(Slug, Cursor), Cohort>,
    files: Files,
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

impl Facts {
    fn apply(&mut self, change: Change) -> Result<(), Conflict> {
        let (what, institution, subject) = (change.word(), change.institution(), change.subject());
        let institution = match &change {
            Change::StatusSet { event, .. } => self.owner(event.credential),
            Change::Erased(erasure) => self.owner(erasure.credential),
            _ => institution.cloned(),
        };
        match change {
            Change::Founded(founding) => match self.founding {
                Some(_) => return Err(Conflict::Founded),
                None => self.founding = Some(founding),
            },
            Change::InstitutionClosed { institution, closing } => {
                if self.institution(&closing.successor)?.closed.is_some() {
                    return Err(Conflict::Closed(closing.successor));
                }
                self.institution(&institution)?.close(closing)?;
            }
            Change::InstitutionFounded(new) => {
                let taken = |known: &Institution| known.slug == new.slug || known.did == new.did;
                if self.institutions.values().any(taken) {
                    return Err(Conflict::Institution(new.slug));
                }
                self.institutions.insert(new.slug.clone(), new);
            }
            Change::KeyAdded { institution, key } => {
                let known = self.institution(&institution)?;
                known.add_key(key)?;
            }
            Change::KeyChanged { institution, key } => {
                let known = self.institution(&institution)?;
                known.change_key(key)?;
            }
            Change::TokenAdded(token) => {
                if self.tokens.contains_key(&token.hash) {
                    return Err(Conflict::Token);
                }
                self.tokens.insert(token.hash.clone(), token);
            }
            Change::TokenRevoked { hash, at } => {
                let token = self.tokens.get_mut(&hash).ok_or(Conflict::Token)?;
                token.revoked.get_or_insert(at);
            }
            Change::Issued(record) => self.issue(record.normalized())?,
            Change::StatusSet { event, expect } => {
                let mut found = false;
                for ((_, slot), (id, set)) in &mut self.slots {
                    if slot.purpose == event.purpose && *id == event.credential {
                        if *set != expect {
                            return Err(Conflict::StatusMoved);
                        }
                        *set = event.value;
                        found = true;
                    }
                }
                if !found {
                    return Err(Conflict::NoStatus);
                }
                self.events.entry(event.credential).or_default().push(event);
            }
            Change::ListPublished(version) => {
                self.institution(&version.key.institution)?;
                let versions = self.versions.entry(version.key.clone()).or_default();
                if version.version != versions.len() as u64 + 1 {
                    return Err(Conflict::ListMoved);
                }
                versions.push(version);
            }
            Change::TrustPublished(version) => {
                self.institution(&version.institution)?;
                let versions = self.trust.entry((version.institution.clone(), version.kind)).or_default();
                if version.number != versions.len() as u64 + 1 {
                    return Err(Conflict::TrustMoved);
                }
                versions.push(version);
            }
            Change::Erased(erasure) => {
                let (_, record) = self.records.get_mut(&erasure.credential).ok_or(Conflict::NoStatus)?;
                record.body = None;
                record.salt = None;
                self.erasures.entry(erasure.credential).or_insert(erasure);
            }
            Change::LogGrew(growth) => self.grow(*growth)?,
            Change::LogWitnessed { year, size, checkpoint } => {
                let known = self.logs.get(&year).is_some_and(|log| (1..=log.size).contains(&size));
                if !known || self.witnessed.contains_key(&(year, size)) {
                    return Err(Conflict::LogMoved);
                }
                self.witnessed.insert((year, size), checkpoint);
            }
            Change::WitnessSaw { expect, head } => {
                head.follow(self.seen.get(&head.origin), expect)?;
                self.seen.insert(head.origin.clone(), *head);
            }
            Change::Delivered(delivery) => {
                self.institution(&delivery.authority)?;
                let key = (delivery.authority.clone(), delivery.origin.clone());
                let log = delivery.follow(self.counted.get(&key))?;
                self.deliveries.insert((key.0.clone(), key.1.clone(), delivery.from), *delivery);
                self.counted.insert(key, log);
            }
            Change::LogSeen { authority, origin, behind } => {
                self.institution(&authority)?;
                let key = (authority, origin);
                let log = behind.follow(&key.1, self.counted.get(&key))?;
                self.counted.insert(key, log);
            }
            Change::CohortAnnounced(cohort) => {
                self.institution(&cohort.authority)?;
                let at = Cursor(self.log.len() as u64 + 1);
                self.cohorts.insert((cohort.authority.clone(), at), *cohort);
            }
            Change::Filed(filing) => {
                self.institution(&filing.institution)?;
                let cursor = self.log.len() as u64 + 1;
                self.files.file(*filing, cursor)?;
            }
            Change::FilingErased(erasure) => {
                self.institution(&erasure.institution)?;
                self.files.erase(&erasure)?;
            }
        }
        let cursor = Cursor(self.log.len() as u64 + 1);
        self.log.push(ChangeEntry { cursor, what: what.to_owned(), institution, subject });
        Ok(())
    }

    fn issue(&mut self, record: CredentialRecord) -> Result<(), Conflict> {
        let institution = record.institution.clone();
        if self.institution(&institution)?.closed.is_some() {
            return Err(Conflict::Closed(institution));
        }
        let claimed = (institution.clone(), record.claimed_id.clone());
        if let Some((key, request)) = &record.idempotency {
            let key = (institution.clone(), key.clone());
            if let Some(Receipt { id, request }) = self.receipts.get(&key).copied() {
                return Err(Conflict::Idempotency { id, request });
            }
            self.receipts.insert(key, Receipt { id: record.id, request: *request });
        }
        if self.records.contains_key(&record.id) {
            return Err(Conflict::Id(record.id.to_string()));
        }
        if self.claimed.contains_key(&claimed) {
            return Err(Conflict::Id(record.claimed_id));
        }
        for slot in &record.slots {
            let key = (institution.clone(), slot.clone());
            if self.slots.contains_key(&key) {
                return Err(Conflict::Slot(slot.clone()));
            }
            self.slots.insert(key, (record.id, false));
        }
        self.claimed.insert(claimed, record.id);
        self.records.insert(record.id, (Cursor(self.log.len() as u64 + 1), record));
        Ok(())
    }

    fn grow(&mut self, growth: Growth) -> Result<(), Conflict> {
        let newest = self.logs.last_key_value().map(|(_, log)| log);
        let state = growth.follow(newest, Cursor(self.log.len() as u64))?;
        for (id, index) in growth.leaves {
            let place = LogPlace { year: growth.year, index };
            if !self.records.contains_key(&id) || self.leaves.insert(id, place).is_some() {
                return Err(Conflict::LogMoved);
            }
        }
        for (tile, bytes) in growth.tiles {
            self.tiles.insert((growth.year, tile.level, tile.index), bytes);
        }
        self.logs.insert(growth.year, state);
        Ok(())
    }

    fn institution(&mut self, slug: &Slug) -> Result<&mut Institution, Conflict> {
        self.institutions.get_mut(slug).ok_or_else(|| Conflict::NoInstitution(slug.clone()))
    }

    fn owner(&self, id: CredentialId) -> Option<Slug> {
        self.records.get(&id).map(|(_, record)| record.institution.clone())
    }
}
