//! Reading everything back: each row alone, then against the rows that must agree with it, both ways.

mod filed;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};

use super::group::State;
use super::rows::{ListRow, Place, Reader, SecretsRow, SlotRow};
use super::view::{Found, Shared, View, damaged};
use super::{Cursor, Erasure, ListKey, Slot, StatusEvent, StoreError, keys, read, tree};
use crate::access::TokenRecord;
use crate::codec;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::{Checkpoint, SignedCheckpoint};
use crate::store::seal::Sealer;
use crate::store::{Cohort, CountedLog, Delivery};

/// Every row and every agreement between rows.
pub fn all(
    shared: &Shared,
    sealer: &Sealer,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<StoreError>, StoreError> {
    let before = shared.look(state)?;
    // Not every fact is damaged where one row of the logs is: what is wrong with that is told on the way.
    let logs = shared.look(read::logs).unwrap_or_default();
    let through = logs.last().map_or(0, |log| log.through.0);
    let mut check = Check { sealer, found: Vec::new(), seen: Seen::default(), last: None, through };
    for (kind, _) in keys::KINDS {
        let mut from = vec![*kind];
        loop {
            // A piece at a time: between pieces the engine may be opened again.
            let piece = shared.look(|view| Ok(check.piece(view, *kind, &from)));
            match piece.unwrap_or_else(Walk::Broken) {
                Walk::More(next) => from = next,
                Walk::Done => break,
                Walk::Broken(error) => {
                    check.found.push(error);
                    match check.past(shared, *kind, &before) {
                        Some(next) => from = next,
                        None => break,
                    }
                }
            }
            progress(check.seen.rows, before.counters.rows.max(check.seen.rows));
        }
    }
    for log in &logs {
        check.found.extend(tree::damages(shared, log));
    }
    let after = shared.look(state)?;
    shared.look(|view| {
        check.totals(view, (before == after).then_some(after));
        Ok(())
    })?;
    progress(check.seen.rows, check.seen.rows);
    Ok(check.found)
}

fn state(view: &View<'_>) -> Result<State, StoreError> {
    let found = view.must(&keys::counters())?;
    Ok(State { cursor: found.cursor, counters: found.read(Reader::counters)? })
}

enum Walk {
    More(Vec<u8>),
    Done,
    Broken(StoreError),
}

#[derive(Default)]
struct Seen {
    rows: u64,
    records: u64,
    changes: u64,
    lists: BTreeMap<ListKey, ListRow>,
    versions: BTreeMap<ListKey, u64>,
    versions_missing: BTreeSet<ListKey>,
}

struct Check<'a> {
    sealer: &'a Sealer,
    found: Vec<StoreError>,
    seen: Seen,
    /// The key of the last row that was read.
    last: Option<Vec<u8>>,
    /// The last fact that the log has looked at.
    through: u64,
}

impl Check<'_> {
    fn piece(&mut self, view: &View<'_>, kind: u8, from: &[u8]) -> Walk {
        let mut rows = 0;
        let mut next = None;
        let walked = view.scan(&[kind], Some(from), |found| {
            if rows == PIECE {
                next = Some(found.key.to_vec());
                return Ok(ControlFlow::Break(()));
            }
            rows += 1;
            self.seen.rows += 1;
            self.last = Some(found.key.to_vec());
            // One damaged row must not hide the others, even where sled panics on a row that this one leads to.
            let one = catch_unwind(AssertUnwindSafe(|| self.row(view, kind, &found)));
            let one =
                one.unwrap_or_else(|_| Err(damaged(&found.key, "the engine panicked over a row beside it")));
            self.found.extend(one.err());
            Ok(ControlFlow::Continue(()))
        });
        match (walked, next) {
            (Err(error), _) => Walk::Broken(error),
            (Ok(()), Some(next)) => Walk::More(next),
            (Ok(()), None) => Walk::Done,
        }
    }

    /// Where the walk can go on behind rows that cannot be read, for kinds whose keys count on. The others are all asked
    /// for by the records that have them.
    fn past(&mut self, shared: &Shared, kind: u8, state: &State) -> Option<Vec<u8>> {
        if !matches!(kind, keys::RECORD | keys::SECRETS | keys::CHANGE) {
            return None;
        }
        let mut key = self.last.clone().filter(|last| last.first() == Some(&kind))?;
        let from = keys::tail_u64(&key)?;
        for cursor in from + 1..=state.cursor {
            let at = key.len() - 8;
            key[at..].copy_from_slice(&cursor.to_be_bytes());
            let readable = shared.look(|view| view.scan(&[kind], Some(&key), |_| Ok(ControlFlow::Break(()))));
            if readable.is_ok() {
                self.last = None;
                return Some(key);
            }
        }
        None
    }

    fn row(&mut self, view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
        let key = &found.key;
        let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
        match kind {
            keys::RECORD => self.record(view, found),
            keys::ID => {
                let place = found.read(Reader::place)?;
                let key = keys::by_cursor(keys::RECORD, &place.institution, Cursor(place.issued));
                let id = clear_id(&view.must(&key)?)?;
                must(found.key == keys::id(id), "it leads to another credential")
            }
            keys::CLAIMED => {
                let id = found.read(Reader::lone_id)?;
                let record = self.clear(view, id)?;
                let back = keys::by_text(keys::CLAIMED, &record.institution, &record.claimed_id);
                must(*key == back, "it leads to a credential with another id")
            }
            keys::RECEIPT => {
                let receipt = found.read(Reader::receipt)?;
                let record = self.clear(view, receipt.id)?;
                let back = record.idempotency.as_ref();
                let back = back.is_some_and(|(text, request)| {
                    *key == keys::by_text(keys::RECEIPT, &record.institution, text)
                        && *request == receipt.request
                });
                must(back, "it leads to a credential issued for another request")
            }
            keys::SECRETS => {
                found.read(Reader::secrets)?;
                let mut record = key.to_vec();
                record[0] = keys::RECORD;
                view.must(&record).map(drop)
            }
            keys::LEAF => {
                found.read(Reader::leaf)?;
                let mut record = key.to_vec();
                record[0] = keys::RECORD;
                view.must(&record).map(drop)
            }
            keys::LOG => {
                let year = keys::year(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                found.read(|row| row.log(year))?;
                let newest = view.must(&keys::newest_log())?.read(Reader::year)?;
                must(year <= newest, "it is not known to be there")
            }
            keys::TILE | keys::WITNESSED => {
                let year = keys::year(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                view.must(&keys::log(year)).map(drop)
            }
            keys::SEEN => {
                let head = found.read(Reader::seen)?;
                must(*key == keys::seen(&head.origin), "it is of another log")?;
                let stated = SignedCheckpoint::parse(&head.checkpoint).ok();
                let stated = stated.as_ref().map(SignedCheckpoint::claimed);
                let same = |stated: &Checkpoint| {
                    stated.origin == head.origin && (stated.size, stated.root) == (head.size, head.root)
                };
                must(stated.is_some_and(same), "its checkpoint states another head")
            }
            keys::AUTHORITY | keys::TRUST => {
                let (institution, document, number) =
                    keys::trust_of(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                let newest = keys::of_trust(keys::AUTHORITY, &institution, document);
                let newest = view.must(&newest)?.read(Reader::newest)?;
                if kind == keys::AUTHORITY {
                    return view.must(&keys::trust(&institution, document, newest)).map(drop);
                }
                found.read(|row| row.trust(institution.clone(), document, number))?;
                must(number <= newest, "a newer one than the newest")?;
                (1..number).next_back().map_or(Ok(()), |before| {
                    view.must(&keys::trust(&institution, document, before)).map(drop)
                })
            }
            keys::COUNTED => {
                let (authority, _) = keys::split(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                let log: CountedLog = found.read(Reader::json)?;
                must(*key == keys::by_text(keys::COUNTED, &authority, &log.origin), "it is of another log")?;
                let (mut next, mut whole) = (0, true);
                view.scan(&keys::by_text(keys::DELIVERED, &authority, &log.origin), None, |found| {
                    let delivery: Delivery = found.read(Reader::json)?;
                    whole &= delivery.from == next;
                    next = delivery.from.saturating_add(delivery.leaves.len() as u64);
                    Ok(ControlFlow::Continue(()))
                })?;
                // A delivery may have come in meanwhile.
                must(whole && next >= log.next, "the deliveries do not lead to where it ends")
            }
            keys::DELIVERED => {
                let delivery: Delivery = found.read(Reader::json)?;
                let back = keys::delivered(&delivery.authority, &delivery.origin, delivery.from);
                must(*key == back, "it is another delivery")?;
                view.must(&keys::by_text(keys::COUNTED, &delivery.authority, &delivery.origin)).map(drop)
            }
            keys::COHORT => {
                let cohort: Cohort = found.read(Reader::json)?;
                must(
                    *key == keys::by_cursor(keys::COHORT, &cohort.authority, Cursor(found.cursor)),
                    "it is of another authority",
                )
            }
            keys::FILE | keys::FILES | keys::FILED | keys::FILED_SECRETS => {
                filed::row(view, self.sealer, kind, found)
            }
            keys::SLOT => self.slot(view, found),
            keys::LIST => {
                let list = read::list_key(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                let row = found.read(Reader::list)?;
                if row.latest > 0 {
                    view.must(&keys::version(&list, row.latest))?;
                }
                self.seen.lists.insert(list, row);
                Ok(())
            }
            keys::VERSION => {
                let list = read::list_key(key).ok_or_else(|| damaged(key, "its key does not read"))?;
                let version = keys::tail_u64(key).unwrap_or_default();
                found.read(|row| row.version(list.clone(), version))?;
                let count = self.seen.versions.entry(list.clone()).or_default();
                *count += 1;
                if *count != version && self.seen.versions_missing.insert(list.clone()) {
                    let key = keys::version(&list, *count);
                    return Err(damaged(&key, "it is missing"));
                }
                Ok(())
            }
            keys::ERASED => {
                let erasure: Erasure = found.read(Reader::json)?;
                let place = read::place(view, erasure.credential)?;
                let place = place.ok_or_else(|| damaged(key, "it concerns no credential"))?;
                must(
                    *key == keys::erasure(&place.institution, erasure.credential),
                    "it concerns another credential",
                )?;
                let secrets = keys::by_cursor(keys::SECRETS, &place.institution, Cursor(place.issued));
                let secrets = view.must(&secrets)?;
                let destroyed = SecretsRow::Destroyed(Some(erasure.at));
                must(secrets.read(Reader::secrets)? == destroyed, "the content is not erased")
            }
            keys::EVENT => {
                let event: StatusEvent = found.read(Reader::json)?;
                let place = read::place(view, event.credential)?;
                let place = place.ok_or_else(|| damaged(key, "it concerns no credential"))?;
                let back = keys::event(&place.institution, event.credential, found.cursor);
                must(*key == back, "it concerns another credential")?;
                let known = place.slots.iter().any(|slot| slot.purpose == event.purpose);
                must(known, "it concerns a status the credential does not have")
            }
            keys::CHANGE => {
                let change = read::change(found)?;
                self.seen.changes += 1;
                if keys::tail_u64(key) != Some(self.seen.changes) {
                    let missing = keys::change(self.seen.changes);
                    self.seen.changes = keys::tail_u64(key).unwrap_or(self.seen.changes);
                    self.found.push(damaged(&missing, "it is missing"));
                }
                if change.what == "issued"
                    && let Ok(id) = CredentialId::parse(&change.subject)
                {
                    let place =
                        read::place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
                    return must(
                        place.issued == change.cursor.0,
                        "the credential was issued at another place",
                    );
                }
                if change.what == "witness-saw" {
                    // Only the last of a log's facts is the one its row is of.
                    return tree::saw(view, 0, &change.subject);
                }
                if change.what == "status-set"
                    && let (Ok(id), Some(slug)) = (CredentialId::parse(&change.subject), &change.institution)
                {
                    view.must(&keys::event(slug, id, change.cursor.0))?;
                }
                Ok(())
            }
            keys::INSTITUTION => {
                let institution: Institution = found.read(Reader::json)?;
                view.must(&keys::did(institution.did.as_str()))?;
                must(*key == keys::institution(&institution.slug), "it has another slug")
            }
            keys::DID => view.must(&keys::institution(&found.read(Reader::lone_slug)?)).map(drop),
            keys::TOKEN => {
                let token: TokenRecord = found.read(Reader::json)?;
                must(*key == keys::token(&token.hash), "it is another token")
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, view: &View<'_>, found: &Found) -> Result<(), StoreError> {
        self.seen.records += 1;
        let record = read::open_record(view, self.sealer, found)?;
        let wrong = |because: &str| Err(damaged(&found.key, because));
        if let Some(body) = &record.body {
            let Ok(document) = codec::json::parse(body) else { return wrong("its body is not JSON") };
            if *Sha256::digest(codec::jcs::canonicalize(&document)) != record.digest {
                return wrong("its body does not have the digest recorded");
            }
        }
        let issued = keys::tail_u64(&found.key).unwrap_or_default();
        let institution = record.institution;
        if found.key != keys::by_cursor(keys::RECORD, &institution, Cursor(issued)) {
            return wrong("it belongs to another institution");
        }
        let place = view.must(&keys::id(record.id))?.read(Reader::place)?;
        if place != (Place { institution: institution.clone(), issued, slots: record.slots.clone() }) {
            return wrong("its id leads elsewhere");
        }
        let claimed = keys::by_text(keys::CLAIMED, &institution, &record.claimed_id);
        if view.must(&claimed)?.read(Reader::lone_id)? != record.id {
            return wrong("its own id leads elsewhere");
        }
        if let Some((key, _)) = &record.idempotency {
            let receipt =
                view.must(&keys::by_text(keys::RECEIPT, &institution, key))?.read(Reader::receipt)?;
            if receipt.id != record.id {
                return wrong("its idempotency key leads elsewhere");
            }
        }
        for slot in &record.slots {
            if view.must(&keys::slot(&institution, slot))?.read(Reader::slot)?.id != record.id {
                return wrong("its status slot belongs to another credential");
            }
        }
        let key = keys::by_cursor(keys::LEAF, &institution, Cursor(issued));
        match (view.get(&key)?, record.salt) {
            (Some(leaf), salt) => tree::leaf(view, &leaf, salt, record.digest),
            (None, Some(_)) if issued <= self.through => Err(damaged(&key, "it is missing")),
            (None, _) => Ok(()),
        }
    }

    fn slot(&mut self, view: &View<'_>, found: &Found) -> Result<(), StoreError> {
        let unreadable = || damaged(&found.key, "its key does not read");
        let list = read::list_key(&found.key).ok_or_else(unreadable)?;
        let index = found.key.last_chunk().map(|index| u32::from_be_bytes(*index)).ok_or_else(unreadable)?;
        let slot = Slot { purpose: list.purpose, list: list.list, index };
        let SlotRow { id, set } = found.read(Reader::slot)?;
        let place =
            read::place(view, id)?.ok_or_else(|| damaged(&found.key, "it belongs to no credential"))?;
        if place.institution != list.institution || !place.slots.contains(&slot) {
            return Err(damaged(&found.key, "its credential does not know it"));
        }
        let (last, value) = events_of(view, &place.institution, id, &slot)?;
        if value != set && view.must(&found.key)?.cursor >= last && last <= found.cursor {
            return Err(damaged(&found.key, "it is not what its last change said"));
        }
        if found.cursor < last && view.must(&found.key)?.cursor < last {
            return Err(damaged(&found.key, "it is older than the last change of it"));
        }
        Ok(())
    }

    /// The counts; only where nothing was written meanwhile.
    fn totals(&mut self, view: &View<'_>, state: Option<State>) {
        let Some(state) = state else { return };
        let counters = keys::counters();
        let seen = &self.seen;
        if seen.records != state.counters.credentials {
            let because = format!("{} records, {} counted", seen.records, state.counters.credentials);
            self.found.push(damaged(&counters, &because));
        }
        if seen.rows != state.counters.rows {
            let because = format!("{} rows, {} counted", seen.rows, state.counters.rows);
            self.found.push(damaged(&counters, &because));
        }
        if seen.changes != state.cursor {
            let because = format!("{} changes, {} counted", seen.changes, state.cursor);
            self.found.push(damaged(&counters, &because));
        }
        for (key, row) in &seen.lists {
            if seen.versions.get(key).copied().unwrap_or_default() != row.latest {
                self.found.push(damaged(&keys::of_list(keys::LIST, key), "versions are missing"));
            }
            if let Err(error) = read::list(view, key) {
                self.found.push(error);
            }
        }
    }

    fn clear(&self, view: &View<'_>, id: CredentialId) -> Result<super::CredentialRecord, StoreError> {
        let place = read::place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
        let key = keys::by_cursor(keys::RECORD, &place.institution, Cursor(place.issued));
        let found = view.must(&key)?;
        let (clear, _) = found.read(Reader::record)?;
        Reader(clear).clear().ok_or_else(|| damaged(&key, "its clear part does not read"))
    }
}

fn clear_id(found: &Found) -> Result<CredentialId, StoreError> {
    found.read(|row| Reader(row.record()?.0).id())
}

/// When the slot's status last changed (0: never), and what it is since.
fn events_of(view: &View<'_>, slug: &Slug, id: CredentialId, slot: &Slot) -> Result<(u64, bool), StoreError> {
    let mut last = (0, false);
    view.scan(&keys::events(slug, id), None, |found| {
        let event: StatusEvent = found.read(Reader::json)?;
        if event.purpose == slot.purpose {
            last = (found.cursor, event.value);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(last)
}

/// Rows walked before readers and the writer get a turn at the engine.
const PIECE: usize = 2048;
