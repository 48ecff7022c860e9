//! The facts of the model, and what each change makes of them: all or nothing, by the rules of [`Change`].

use std::collections::BTreeMap;

use super::files::Files;
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::tile::Level;
use crate::store::{
    Change, ChangeEntry, Cohort, Conflict, CountedLog, CredentialRecord, Cursor, Delivery, Erasure, Founding,
    Growth, ListKey, ListVersion, LogPlace, LogState, Receipt, Slot, StatusEvent, TrustKind, TrustVersion,
    WitnessedHead,
};

#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) log: Vec<ChangeEntry>,
    pub(super) founding: Option<Founding>,
    pub(super) institutions: BTreeMap<Slug, Institution>,
    pub(super) tokens: BTreeMap<String, TokenRecord>,
    pub(super) records: BTreeMap<CredentialId, (Cursor, CredentialRecord)>,
    pub(super) claimed: BTreeMap<(Slug, String), CredentialId>,
    pub(super) receipts: BTreeMap<(Slug, String), Receipt>,
    pub(super) slots: BTreeMap<(Slug, Slot), (CredentialId, bool)>,
    pub(super) events: BTreeMap<CredentialId, Vec<StatusEvent>>,
    pub(super) erasures: BTreeMap<CredentialId, Erasure>,
    pub(super) versions: BTreeMap<ListKey, Vec<ListVersion>>,
    pub(super) trust: BTreeMap<(Slug, TrustKind), Vec<TrustVersion>>,
    pub(super) logs: BTreeMap<i16, LogState>,
    pub(super) tiles: BTreeMap<(i16, Level, u64), Vec<u8>>,
    pub(super) leaves: BTreeMap<CredentialId, LogPlace>,
    pub(super) witnessed: BTreeMap<(i16, u64), Vec<u8>>,
    pub(super) seen: BTreeMap<String, WitnessedHead>,
    pub(super) counted: BTreeMap<(Slug, String), CountedLog>,
    pub(super) deliveries: BTreeMap<(Slug, String, u64), Delivery>,
    pub(super) cohorts: BTreeMap<(Slug, Cursor), Cohort>,
    pub(super) files: Files,
}

impl Facts {
    /// Adds a fact, where it goes with those before.
    pub(super) fn apply(&mut self, change: Change) -> Result<(), Conflict> {
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
