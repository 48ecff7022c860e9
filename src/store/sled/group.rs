//! A group of commits on its way to disk: each one's preconditions against the engine and against those before it.

mod filed;

use std::collections::{BTreeMap, HashMap};

use ::sled::{Db, IVec};

use super::keys;
use super::prepare::{Issue, Prepared};
use super::rows::{self, Counters, ListRow, Place, Reader, Row, SecretsRow, SlotRow};
use super::view::damaged;
use super::{
    Change, Conflict, Cursor, Erasure, Growth, ListVersion, LogPlace, LogState, StatusEvent, StoreError,
    TrustVersion,
};
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::store::seal::Sealer;
use crate::store::{CountedLog, ListKey};

/// Rows to write, by key.
pub type Written = BTreeMap<Vec<u8>, Vec<u8>>;
/// Rows as they were before, by key.
pub type Replaced = HashMap<Vec<u8>, IVec>;

/// Rows accepted so far, and those of the commit being looked at.
pub struct Group<'a> {
    db: &'a Db,
    sealer: &'a Sealer,
    /// Rows as they are in the engine, for every key asked for.
    known: HashMap<Vec<u8>, Option<IVec>>,
    accepted: Written,
    trial: Written,
    /// After the last accepted fact.
    pub state: State,
    next: State,
}

/// Where the order of facts stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// The last fact.
    pub cursor: u64,
    /// What there is.
    pub counters: Counters,
}

impl<'a> Group<'a> {
    pub fn new(db: &'a Db, sealer: &'a Sealer, state: State) -> Self {
        Self {
            db,
            sealer,
            known: HashMap::new(),
            accepted: BTreeMap::new(),
            trial: BTreeMap::new(),
            state,
            next: state,
        }
    }

    /// Takes a commit in, or refuses it and stays as it was.
    pub fn take(&mut self, changes: Vec<Prepared>) -> Result<Cursor, StoreError> {
        self.next = self.state;
        let taken = changes.into_iter().try_for_each(|change| self.apply(change));
        if let Err(refused) = taken {
            self.trial.clear();
            return Err(refused);
        }
        self.accepted.append(&mut self.trial);
        self.state = self.next;
        Ok(Cursor(self.state.cursor))
    }

    /// The rows to write, and those they replace as they were (a row that is not among the latter is new). Empty when
    /// nothing was accepted.
    pub fn finish(mut self) -> Result<(Written, Replaced), StoreError> {
        if !self.accepted.is_empty() {
            let key = keys::counters();
            self.get(&key)?;
            self.accepted.insert(key, Row::counters(self.state.counters).at(self.state.cursor));
        }
        let accepted = self.accepted;
        let replaced = self.known.into_iter().filter_map(|(key, row)| Some((key, row?)));
        let replaced = replaced.filter(|(key, _)| accepted.contains_key(key)).collect();
        Ok((accepted, replaced))
    }

    fn apply(&mut self, change: Prepared) -> Result<(), StoreError> {
        self.next.cursor += 1;
        match change {
            Prepared::Issued(issue) => self.issue(*issue),
            Prepared::Filed(filed) => self.file(*filed),
            Prepared::Other(change) => {
                let owner = self.other(&change)?;
                self.log(change.word(), owner.as_ref(), &change.subject())
            }
        }
    }

    fn issue(&mut self, issue: Issue) -> Result<(), StoreError> {
        let Issue { record, row, secrets, claimed, receipt } = issue;
        let slug = &record.institution;
        if self.institution(slug)?.closed.is_some() {
            return refuse(Conflict::Closed(slug.clone()));
        }
        if let Some((key, receipt)) = receipt {
            if let Some(row) = self.get(&key)? {
                let then = content(&key, &row, Reader::receipt)?;
                return refuse(Conflict::Idempotency { id: then.id, request: then.request });
            }
            self.put(key, Row::receipt(&receipt))?;
        }
        let id = keys::id(record.id);
        if self.get(&id)?.is_some() {
            return refuse(Conflict::Id(record.id.to_string()));
        }
        if self.get(&claimed)?.is_some() {
            return refuse(Conflict::Id(record.claimed_id));
        }
        for slot in &record.slots {
            let key = keys::slot(slug, slot);
            if self.get(&key)?.is_some() {
                return refuse(Conflict::Slot(slot.clone()));
            }
            self.put(key, Row::slot(SlotRow { id: record.id, set: false }))?;
            let (purpose, list) = (slot.purpose, slot.list);
            let list = ListKey { institution: slug.clone(), purpose, list, mirror: false };
            self.update_list(&list, |list| list.taken += 1)?;
        }
        if self.next.counters.credentials == 0 {
            self.prove_key()?;
        }
        let issued = self.next.cursor;
        let place = Place { institution: slug.clone(), issued, slots: record.slots };
        self.put(id, Row::place(&place))?;
        self.put(claimed, Row::new().raw(&record.id.to_bytes()))?;
        self.put_new(keys::by_cursor(keys::RECORD, slug, Cursor(issued)), row);
        self.put_new(keys::by_cursor(keys::SECRETS, slug, Cursor(issued)), secrets);
        self.next.counters.credentials += 1;
        self.log("issued", Some(slug), &record.id.to_string())
    }

    /// With the first body that is sealed: a proof of the key it is sealed with.
    fn prove_key(&mut self) -> Result<(), StoreError> {
        if self.get(&keys::seal())?.is_some() {
            return Ok(());
        }
        let token = self.sealer.token().map_err(|error| StoreError::Unwritable(error.to_string()))?;
        self.put(keys::seal(), Row::new().raw(&token))
    }

    /// Applies any fact but an issue; the institution it concerns.
    fn other(&mut self, change: &Change) -> Result<Option<Slug>, StoreError> {
        match change {
            // Prepared as `Prepared::Issued` and `Prepared::Filed`.
            Change::Issued(record) => Ok(Some(record.institution.clone())),
            Change::Filed(filing) => Ok(Some(filing.institution.clone())),
            Change::Founded(founding) => {
                if self.get(&keys::founding())?.is_some() {
                    return refuse(Conflict::Founded);
                }
                self.put(keys::founding(), json(founding)?)?;
                Ok(None)
            }
            Change::InstitutionFounded(new) => {
                let (key, did) = (keys::institution(&new.slug), keys::did(new.did.as_str()));
                if self.get(&key)?.is_some() || self.get(&did)?.is_some() {
                    return refuse(Conflict::Institution(new.slug.clone()));
                }
                self.put(key, json(new)?)?;
                self.put(did, Row::new().text(new.slug.as_str()))?;
                Ok(Some(new.slug.clone()))
            }
            Change::InstitutionClosed { institution, closing } => {
                if self.institution(&closing.successor)?.closed.is_some() {
                    return refuse(Conflict::Closed(closing.successor.clone()));
                }
                self.update_institution(institution, |known| known.close(closing.clone()))
            }
            Change::KeyAdded { institution, key } => {
                self.update_institution(institution, |known| known.add_key(key.clone()))
            }
            Change::KeyChanged { institution, key } => {
                self.update_institution(institution, |known| known.change_key(key.clone()))
            }
            Change::TokenAdded(token) => {
                let key = keys::token(&token.hash);
                if self.get(&key)?.is_some() {
                    return refuse(Conflict::Token);
                }
                self.put(key, json(token)?)?;
                Ok(None)
            }
            Change::TokenRevoked { hash, at } => {
                let key = keys::token(hash);
                let Some(row) = self.get(&key)? else { return refuse(Conflict::Token) };
                let mut token: crate::access::TokenRecord = content(&key, &row, Reader::json)?;
                token.revoked.get_or_insert(*at);
                self.put(key, json(&token)?)?;
                Ok(None)
            }
            Change::StatusSet { event, expect } => self.set_status(event, *expect).map(Some),
            Change::ListPublished(version) => self.publish(version).map(Some),
            Change::TrustPublished(version) => self.publish_trust(version).map(Some),
            Change::Erased(erasure) => self.erase(erasure).map(Some),
            Change::LogGrew(growth) => self.grow(growth).map(|()| None),
            Change::LogWitnessed { year, size, checkpoint } => {
                let key = keys::witnessed(*year, *size);
                let known = self.log_of(*year)?.is_some_and(|log| (1..=log.size).contains(size));
                if !known || self.get(&key)?.is_some() {
                    return refuse(Conflict::LogMoved);
                }
                self.put(key, Row::new().raw(checkpoint))?;
                Ok(None)
            }
            Change::WitnessSaw { expect, head } => {
                let key = keys::seen(&head.origin);
                let known = self.get(&key)?.map(|row| content(&key, &row, Reader::seen)).transpose()?;
                head.follow(known.as_ref(), *expect).map_err(StoreError::Conflict)?;
                self.put(key, Row::seen(head))?;
                Ok(None)
            }
            Change::Delivered(delivery) => {
                let log = delivery.follow(self.counted(&delivery.authority, &delivery.origin)?.as_ref());
                self.put_counted(&delivery.authority, &log.map_err(StoreError::Conflict)?)?;
                let key = keys::delivered(&delivery.authority, &delivery.origin, delivery.from);
                self.put_new(key, json(delivery)?);
                Ok(Some(delivery.authority.clone()))
            }
            Change::LogSeen { authority, origin, behind } => {
                let log = behind.follow(origin, self.counted(authority, origin)?.as_ref());
                self.put_counted(authority, &log.map_err(StoreError::Conflict)?)?;
                Ok(Some(authority.clone()))
            }
            Change::CohortAnnounced(cohort) => {
                self.institution(&cohort.authority)?;
                let key = keys::by_cursor(keys::COHORT, &cohort.authority, Cursor(self.next.cursor));
                self.put_new(key, json(cohort)?);
                Ok(Some(cohort.authority.clone()))
            }
            Change::FilingErased(erasure) => self.erase_file(erasure).map(Some),
        }
    }

    /// How far a log is accounted for to an authority that there is.
    fn counted(&mut self, authority: &Slug, origin: &str) -> Result<Option<CountedLog>, StoreError> {
        self.institution(authority)?;
        let key = keys::by_text(keys::COUNTED, authority, origin);
        self.get(&key)?.map(|row| content(&key, &row, Reader::json)).transpose()
    }

    fn put_counted(&mut self, authority: &Slug, log: &CountedLog) -> Result<(), StoreError> {
        self.put(keys::by_text(keys::COUNTED, authority, &log.origin), json(log)?)
    }

    fn set_status(&mut self, event: &StatusEvent, expect: bool) -> Result<Slug, StoreError> {
        let Some(place) = self.place(event.credential)? else { return refuse(Conflict::NoStatus) };
        let mut found = false;
        for slot in place.slots.iter().filter(|slot| slot.purpose == event.purpose) {
            found = true;
            let key = keys::slot(&place.institution, slot);
            let Some(row) = self.get(&key)? else { return Err(damaged(&key, "it is missing")) };
            let now = content(&key, &row, Reader::slot)?;
            if now.id != event.credential {
                return Err(damaged(&key, "it belongs to another credential"));
            }
            if now.set != expect {
                return refuse(Conflict::StatusMoved);
            }
            self.put(key, Row::slot(SlotRow { id: now.id, set: event.value }))?;
            let (institution, purpose) = (place.institution.clone(), slot.purpose);
            let list = ListKey { institution, purpose, list: slot.list, mirror: false };
            let (off, on) = (u32::from(now.set), u32::from(event.value));
            self.update_list(&list, |list| list.set = (list.set + on).saturating_sub(off))?;
        }
        if !found {
            return refuse(Conflict::NoStatus);
        }
        let key = keys::event(&place.institution, event.credential, self.next.cursor);
        self.put_new(key, json(event)?);
        Ok(place.institution)
    }

    fn publish(&mut self, version: &ListVersion) -> Result<Slug, StoreError> {
        let slug = &version.key.institution;
        if self.get(&keys::institution(slug))?.is_none() {
            return refuse(Conflict::NoInstitution(slug.clone()));
        }
        let mut moved = false;
        self.update_list(&version.key, |list| {
            moved = version.version != list.latest + 1;
            list.latest = version.version;
        })?;
        if moved {
            return refuse(Conflict::ListMoved);
        }
        self.put_new(keys::version(&version.key, version.version), Row::version(version));
        Ok(slug.clone())
    }

    fn publish_trust(&mut self, version: &TrustVersion) -> Result<Slug, StoreError> {
        let slug = &version.institution;
        if self.get(&keys::institution(slug))?.is_none() {
            return refuse(Conflict::NoInstitution(slug.clone()));
        }
        let key = keys::of_trust(keys::AUTHORITY, slug, version.kind);
        let newest = self.get(&key)?.map_or(Ok(0), |row| content(&key, &row, Reader::newest))?;
        if version.number != newest + 1 {
            return refuse(Conflict::TrustMoved);
        }
        self.put(key, Row::new().u64(version.number))?;
        let row = Row::with_capacity(version.body.len() + 16).time(version.at).bytes(&version.body);
        self.put_new(keys::trust(slug, version.kind, version.number), row);
        Ok(slug.clone())
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<Slug, StoreError> {
        let Some(place) = self.place(erasure.credential)? else { return refuse(Conflict::NoStatus) };
        let at_cursor = Cursor(place.issued);
        let key = keys::by_cursor(keys::SECRETS, &place.institution, at_cursor);
        let Some(row) = self.get(&key)? else { return Err(damaged(&key, "it is missing")) };
        if let SecretsRow::Wrapped(_) = content(&key, &row, Reader::secrets)? {
            self.put(key, Row::secrets(SecretsRow::Destroyed(Some(erasure.at))))?;
            let key = keys::erasure(&place.institution, erasure.credential);
            self.put(key, json(erasure)?)?;
        }
        let key = keys::by_cursor(keys::RECORD, &place.institution, at_cursor);
        let Some(row) = self.get(&key)? else { return Err(damaged(&key, "it is missing")) };
        let (clear, _) = content(&key, &row, Reader::record)?;
        self.put(key, Row::record(clear, &[]))?;
        Ok(place.institution)
    }

    /// Takes a growth of the log in. The row of the newest log is read and written in one go with the tiles, by the one
    /// writer there is: two growths from the same size can not both be taken.
    fn grow(&mut self, growth: &Growth) -> Result<(), StoreError> {
        let key = keys::newest_log();
        let newest = self.get(&key)?.map(|row| content(&key, &row, Reader::year)).transpose()?;
        let newest = match newest {
            Some(year) => {
                let log = self.log_of(year)?;
                Some(log.ok_or_else(|| damaged(&keys::log(year), "it is missing"))?)
            }
            None => None,
        };
        let last = Cursor(self.next.cursor - 1);
        let state = growth.follow(newest.as_ref(), last).map_err(StoreError::Conflict)?;
        let year = growth.year;
        for (id, index) in &growth.leaves {
            let Some(place) = self.place(*id)? else { return refuse(Conflict::LogMoved) };
            let key = keys::by_cursor(keys::LEAF, &place.institution, Cursor(place.issued));
            if self.get(&key)?.is_some() {
                return refuse(Conflict::LogMoved);
            }
            self.put(key, Row::leaf(LogPlace { year, index: *index }))?;
        }
        for (tile, bytes) in &growth.tiles {
            self.put(keys::tile(year, tile.level, tile.index), Row::with_capacity(bytes.len()).raw(bytes))?;
        }
        self.put(keys::log(year), Row::log(&state))?;
        if newest.is_none_or(|log| log.year != year) {
            self.put(key, Row::year(year))?;
        }
        Ok(())
    }

    fn log_of(&mut self, year: i16) -> Result<Option<LogState>, StoreError> {
        let key = keys::log(year);
        self.get(&key)?.map(|row| content(&key, &row, |row| row.log(year))).transpose()
    }

    fn place(&mut self, id: CredentialId) -> Result<Option<Place>, StoreError> {
        let key = keys::id(id);
        self.get(&key)?.map(|row| content(&key, &row, Reader::place)).transpose()
    }

    fn update_institution(
        &mut self,
        slug: &Slug,
        change: impl FnOnce(&mut Institution) -> Result<(), Conflict>,
    ) -> Result<Option<Slug>, StoreError> {
        let mut known = self.institution(slug)?;
        change(&mut known).map_err(StoreError::Conflict)?;
        self.put(keys::institution(slug), json(&known)?)?;
        Ok(Some(slug.clone()))
    }

    fn institution(&mut self, slug: &Slug) -> Result<Institution, StoreError> {
        let key = keys::institution(slug);
        let Some(row) = self.get(&key)? else { return refuse(Conflict::NoInstitution(slug.clone())) };
        content(&key, &row, Reader::json)
    }

    fn update_list(&mut self, list: &ListKey, change: impl FnOnce(&mut ListRow)) -> Result<(), StoreError> {
        let key = keys::of_list(keys::LIST, list);
        let row = self.get(&key)?;
        let mut list = row.map_or(Ok(ListRow::default()), |row| content(&key, &row, Reader::list))?;
        change(&mut list);
        self.put(key, Row::list(list))
    }

    fn log(&mut self, what: &str, institution: Option<&Slug>, subject: &str) -> Result<(), StoreError> {
        let row = Row::new().text(what).text(institution.map_or("", Slug::as_str)).text(subject);
        self.put_new(keys::change(self.next.cursor), row);
        Ok(())
    }

    /// A row as this commit sees it.
    fn get(&mut self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        if let Some(row) = self.trial.get(key).or_else(|| self.accepted.get(key)) {
            return Ok(Some(IVec::from(row.as_slice())));
        }
        if let Some(known) = self.known.get(key) {
            return Ok(known.clone());
        }
        let row = self.db.get(key).map_err(|error| damaged(key, &error.to_string()))?;
        self.known.insert(key.to_vec(), row.clone());
        Ok(row)
    }

    /// Writes a row, whether there is one or not.
    fn put(&mut self, key: Vec<u8>, row: Row) -> Result<(), StoreError> {
        if self.get(&key)?.is_none() {
            self.next.counters.rows += 1;
        }
        self.trial.insert(key, row.at(self.next.cursor));
        Ok(())
    }

    /// Writes a row whose key holds the cursor of this fact, or was just found free.
    fn put_new(&mut self, key: Vec<u8>, row: Row) {
        self.next.counters.rows += 1;
        self.trial.insert(key, row.at(self.next.cursor));
    }
}

fn refuse<T>(conflict: Conflict) -> Result<T, StoreError> {
    Err(StoreError::Conflict(conflict))
}

fn json(value: &impl serde::Serialize) -> Result<Row, StoreError> {
    Row::new().json(value).map_err(|error| StoreError::Unwritable(error.to_string()))
}

fn content<'a, T>(
    key: &[u8],
    row: &'a IVec,
    read: impl FnOnce(Reader<'a>) -> Option<T>,
) -> Result<T, StoreError> {
    rows::open(row)
        .and_then(|(_, body)| read(Reader(body)))
        .ok_or_else(|| damaged(key, "its content does not read"))
}
