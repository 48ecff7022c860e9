//! A group of commits on its way to disk: each one's preconditions against the engine and against those before it.

mod credentials;
mod filed;
mod logs;

use std::collections::{BTreeMap, HashMap};

use ::sled::{Db, IVec};

use super::keys;
use super::prepare::Prepared;
use super::rows::{self, Counters, Reader, Row};
use super::view::damaged;
use super::{Change, Conflict, Cursor, StoreError, TrustVersion};
use crate::institution::{Institution, Slug};
use crate::store::seal::Sealer;

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
                self.witnessed(*year, *size, checkpoint).map(|()| None)
            }
            Change::WitnessSaw { expect, head } => self.saw(*expect, head).map(|()| None),
            Change::Delivered(delivery) => self.deliver(delivery).map(Some),
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
