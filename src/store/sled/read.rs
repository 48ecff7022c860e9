//! The questions of the trait, asked of the rows.

pub mod filed;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::rows::{Place, Reader, SecretsRow};
use super::view::{Found, View, damaged};
use super::{
    ChangeEntry, CredentialRecord, Cursor, Erasure, Founding, ListKey, ListState, ListVersion, LogPlace,
    LogState, Page, Receipt, Slot, StatusEvent, StoreError, TrustKind, TrustVersion, WitnessedHead, keys,
};
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::tile::Level;
use crate::status::Purpose;
use crate::store::seal::Sealer;
use crate::store::{Cohort, CountedLog, Delivery};

type Answer<T> = Result<T, StoreError>;

pub fn founding(view: &View<'_>) -> Answer<Option<Founding>> {
    view.get(&keys::founding())?.map(|found| found.read(Reader::json)).transpose()
}

pub fn institutions(view: &View<'_>) -> Answer<Vec<Institution>> {
    view.all(&[keys::INSTITUTION], |row| row.json())
}

pub fn tokens(view: &View<'_>) -> Answer<Vec<TokenRecord>> {
    view.all(&[keys::TOKEN], |row| row.json())
}

pub fn place(view: &View<'_>, id: CredentialId) -> Answer<Option<Place>> {
    view.get(&keys::id(id))?.map(|found| found.read(Reader::place)).transpose()
}

pub fn credential(view: &View<'_>, sealer: &Sealer, id: CredentialId) -> Answer<Option<CredentialRecord>> {
    let Some(place) = place(view, id)? else { return Ok(None) };
    let key = keys::by_cursor(keys::RECORD, &place.institution, Cursor(place.issued));
    let record = open_record(view, sealer, &view.must(&key)?)?;
    if record.id != id {
        return Err(damaged(&key, "it holds another credential"));
    }
    Ok(Some(record))
}

/// The record in a row, its body opened. The record is read before its secrets: an erasure between the two shows as one.
pub fn open_record(view: &View<'_>, sealer: &Sealer, found: &Found) -> Answer<CredentialRecord> {
    let (clear, sealed) = found.read(Reader::record)?;
    let mut record =
        Reader(clear).clear().ok_or_else(|| damaged(&found.key, "its clear part does not read"))?;
    let mut key = found.key.to_vec();
    key[0] = keys::SECRETS;
    let secrets = view.must(&key)?;
    if let SecretsRow::Wrapped(wrapped) = secrets.read(Reader::secrets)? {
        let (body, salt) = sealer
            .open(record.id, clear, sealed, wrapped)
            .map_err(|error| damaged(&found.key, &error.to_string()))?;
        record.body = Some(body);
        record.salt = Some(salt);
    }
    Ok(record)
}

pub fn by_claimed_id(view: &View<'_>, institution: &Slug, claimed: &str) -> Answer<Option<CredentialId>> {
    let found = view.get(&keys::by_text(keys::CLAIMED, institution, claimed))?;
    found.map(|found| found.read(Reader::lone_id)).transpose()
}

pub fn receipt(view: &View<'_>, institution: &Slug, idempotency_key: &str) -> Answer<Option<Receipt>> {
    let found = view.get(&keys::by_text(keys::RECEIPT, institution, idempotency_key))?;
    found.map(|found| found.read(Reader::receipt)).transpose()
}

pub fn credentials(
    view: &View<'_>,
    sealer: &Sealer,
    institution: &Slug,
    after: Option<Cursor>,
    limit: usize,
) -> Answer<Page<CredentialRecord>> {
    let from = Cursor(after.map_or(0, |after| after.0.saturating_add(1)));
    let from = keys::by_cursor(keys::RECORD, institution, from);
    let prefix = keys::within(keys::RECORD, institution);
    page(view, &prefix, &from, limit, |found| open_record(view, sealer, found))
}

pub fn status_events(view: &View<'_>, id: CredentialId) -> Answer<Vec<StatusEvent>> {
    match place(view, id)? {
        Some(place) => {
            let mut events = Vec::new();
            view.scan(&keys::events(&place.institution, id), None, |found| {
                if found.cursor > view.began {
                    return Ok(ControlFlow::Break(()));
                }
                events.push(found.read(|row| row.json())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(events)
        }
        None => Ok(Vec::new()),
    }
}

pub fn erasure(view: &View<'_>, id: CredentialId) -> Answer<Option<Erasure>> {
    let Some(place) = place(view, id)? else { return Ok(None) };
    let found = view.get(&keys::erasure(&place.institution, id))?;
    found.map(|found| found.read(Reader::json)).transpose()
}

pub fn lists(view: &View<'_>, institution: &Slug) -> Answer<Vec<ListKey>> {
    let mut lists = Vec::new();
    view.scan(&keys::within(keys::LIST, institution), None, |found| {
        let key = list_key(&found.key).ok_or_else(|| damaged(&found.key, "its key does not read"))?;
        lists.push(key);
        Ok(ControlFlow::Continue(()))
    })?;
    lists.sort();
    Ok(lists)
}

pub fn list(view: &View<'_>, key: &ListKey) -> Answer<ListState> {
    let row = keys::of_list(keys::LIST, key);
    for _ in 0..TRIES {
        let Some(before) = view.get(&row)? else { return Ok(ListState::default()) };
        let counted = before.read(Reader::list)?;
        let mut state = ListState::default();
        let prefix = keys::of_list(keys::SLOT, key);
        view.scan(&prefix, None, |found| {
            let index = found.key.last_chunk().map(|index| u32::from_be_bytes(*index)).unwrap_or(u32::MAX);
            state.taken.push(index);
            if found.read(Reader::slot)?.set {
                state.set.push(index);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if counted.latest > 0 {
            state.latest = list_version(view, key, counted.latest)?;
            state.latest.as_ref().ok_or_else(|| damaged(&row, "its newest version is missing"))?;
        }
        if (counted.taken as usize, counted.set as usize) == (state.taken.len(), state.set.len()) {
            return Ok(state);
        }
        let after = view.get(&row)?.map(|after| after.cursor);
        if after == Some(before.cursor) {
            return Err(damaged(&row, "its slots are not as many as it counts"));
        }
    }
    // The list is written to so fast that no walk falls between two groups: counting waits for the next caller.
    Err(StoreError::Unwritable("the list changes faster than it can be read".to_owned()))
}

/// Every list of the institution, what is set in it told from the events: those are few beside the slots.
pub fn statuses(view: &View<'_>, institution: &Slug) -> Answer<Vec<(ListKey, ListState)>> {
    let mut set: BTreeMap<(Purpose, u32), Vec<u32>> = BTreeMap::new();
    for slot in set_slots(view, institution)? {
        set.entry((slot.purpose, slot.list)).or_default().push(slot.index);
    }
    let mut statuses = Vec::new();
    for key in lists(view, institution)? {
        // The copy that a successor serves has no slots of its own.
        let own = if key.mirror { None } else { set.remove(&(key.purpose, key.list)) };
        let mut indices = own.unwrap_or_default();
        indices.sort_unstable();
        let row = view.must(&keys::of_list(keys::LIST, &key))?.read(Reader::list)?;
        let state = if indices.len() == row.set as usize {
            let latest = list_version(view, &key, row.latest)?;
            if row.latest > 0 && latest.is_none() {
                return Err(damaged(&keys::version(&key, row.latest), "it is missing"));
            }
            ListState { taken: Vec::new(), set: indices, latest }
        } else {
            // Written to meanwhile, or damaged: the slots themselves tell, and count.
            ListState { taken: Vec::new(), ..list(view, &key)? }
        };
        statuses.push((key, state));
    }
    Ok(statuses)
}

/// The slots whose last event set them. Events lie by credential, each credential's in their order.
fn set_slots(view: &View<'_>, institution: &Slug) -> Answer<Vec<Slot>> {
    let mut last = BTreeMap::new();
    view.scan(&keys::within(keys::EVENT, institution), None, |found| {
        if found.cursor <= view.began {
            let event: StatusEvent = found.read(Reader::json)?;
            last.insert((event.credential, event.purpose), event.value);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut slots = Vec::new();
    for ((id, purpose), _) in last.into_iter().filter(|(_, value)| *value) {
        let place = place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
        slots.extend(place.slots.into_iter().filter(|slot| slot.purpose == purpose));
    }
    Ok(slots)
}

pub fn list_version(view: &View<'_>, key: &ListKey, version: u64) -> Answer<Option<ListVersion>> {
    let found = view.get(&keys::version(key, version))?;
    found.map(|found| found.read(|row| row.version(key.clone(), version))).transpose()
}

pub fn trust_version(
    view: &View<'_>,
    institution: &Slug,
    kind: TrustKind,
    number: Option<u64>,
) -> Answer<Option<TrustVersion>> {
    let newest = keys::of_trust(keys::AUTHORITY, institution, kind);
    let newest = || view.get(&newest)?.map(|found| found.read(Reader::newest)).transpose();
    let asked = number.is_some();
    let Some(number) = number.map_or_else(newest, |number| Ok(Some(number)))? else { return Ok(None) };
    let key = keys::trust(institution, kind, number);
    let found = view.get(&key)?;
    if found.is_none() && !asked {
        return Err(damaged(&key, "it is missing"));
    }
    found.map(|found| found.read(|row| row.trust(institution.clone(), kind, number))).transpose()
}

pub fn changes(view: &View<'_>, after: Option<Cursor>, limit: usize) -> Answer<Page<ChangeEntry>> {
    let from = keys::change(after.map_or(0, |after| after.0.saturating_add(1)));
    page(view, &[keys::CHANGE], &from, limit, change)
}

pub fn logs(view: &View<'_>) -> Answer<Vec<LogState>> {
    let mut logs = Vec::new();
    view.scan(&[keys::LOG], None, |found| {
        let year = keys::year(&found.key).ok_or_else(|| damaged(&found.key, "its key does not read"))?;
        logs.push(found.read(|row| row.log(year))?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(logs)
}

pub fn log_tile(view: &View<'_>, year: i16, level: Level, index: u64) -> Answer<Option<Vec<u8>>> {
    let found = view.get(&keys::tile(year, level, index))?;
    found.map(|found| found.read(|row| Some(row.0.to_vec()))).transpose()
}

pub fn log_place(view: &View<'_>, id: CredentialId) -> Answer<Option<LogPlace>> {
    let Some(place) = place(view, id)? else { return Ok(None) };
    let found = view.get(&keys::by_cursor(keys::LEAF, &place.institution, Cursor(place.issued)))?;
    found.map(|found| found.read(Reader::leaf)).transpose()
}

pub fn log_witnessed(view: &View<'_>, year: i16, index: u64) -> Answer<Option<(u64, Vec<u8>)>> {
    let from = keys::witnessed(year, index.saturating_add(1));
    let mut first = None;
    view.scan(&keys::of_year(keys::WITNESSED, year), Some(&from), |found| {
        let size = keys::tail_u64(&found.key).unwrap_or_default();
        first = Some((size, found.read(|row| Some(row.0.to_vec()))?));
        Ok(ControlFlow::Break(()))
    })?;
    Ok(first)
}

pub fn witness_seen(view: &View<'_>, origin: &str) -> Answer<Option<WitnessedHead>> {
    view.get(&keys::seen(origin))?.map(|found| found.read(Reader::seen)).transpose()
}

pub fn counted_logs(view: &View<'_>, authority: &Slug) -> Answer<Vec<CountedLog>> {
    let mut logs: Vec<CountedLog> = Vec::new();
    view.scan(&keys::within(keys::COUNTED, authority), None, |found| {
        logs.push(found.read(Reader::json)?);
        Ok(ControlFlow::Continue(()))
    })?;
    logs.sort_by(|one, other| one.origin.cmp(&other.origin));
    Ok(logs)
}

pub fn deliveries(
    view: &View<'_>,
    authority: &Slug,
    origin: &str,
    from: u64,
    limit: usize,
) -> Answer<Vec<Delivery>> {
    let prefix = keys::by_text(keys::DELIVERED, authority, origin);
    let mut deliveries = Vec::new();
    view.scan(&prefix, Some(&keys::delivered(authority, origin, from)), |found| {
        deliveries.push(found.read(Reader::json)?);
        let more = deliveries.len() < limit.max(1);
        Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(deliveries)
}

pub fn cohorts(
    view: &View<'_>,
    authority: &Slug,
    after: Option<Cursor>,
    limit: usize,
) -> Answer<Page<(Cursor, Cohort)>> {
    let from = Cursor(after.map_or(0, |after| after.0.saturating_add(1)));
    let from = keys::by_cursor(keys::COHORT, authority, from);
    page(view, &keys::within(keys::COHORT, authority), &from, limit, |found| {
        Ok((Cursor(found.cursor), found.read(Reader::json)?))
    })
}

/// The entry in a row of the order of facts.
pub fn change(found: &Found) -> Answer<ChangeEntry> {
    found.read(|mut row| {
        let (what, institution, subject) = (row.text()?, row.text()?, row.text()?);
        let institution = match institution.as_str() {
            "" => None,
            slug => Some(Slug::parse(slug).ok()?),
        };
        Some(ChangeEntry { cursor: Cursor(found.cursor), what, institution, subject })
    })
}

/// The list in a key of its own, of one of its slots or of its versions.
pub fn list_key(key: &[u8]) -> Option<ListKey> {
    let (institution, rest) = keys::split(key)?;
    let (purpose, rest) = rest.split_first()?;
    let list = u32::from_be_bytes(*rest.first_chunk()?);
    let mirror = purpose.is_ascii_uppercase();
    Some(ListKey { institution, purpose: keys::purpose_of(purpose.to_ascii_lowercase())?, list, mirror })
}

/// A page of rows whose keys end in the cursor they are paged by.
fn page<T>(
    view: &View<'_>,
    prefix: &[u8],
    from: &[u8],
    limit: usize,
    read: impl Fn(&Found) -> Answer<T>,
) -> Answer<Page<T>> {
    let mut page = Page { items: Vec::new(), next: None };
    let mut last = None;
    view.scan(prefix, Some(from), |found| {
        let at = keys::tail_u64(&found.key);
        if at.is_some_and(|at| at > view.began) {
            return Ok(ControlFlow::Break(()));
        }
        if page.items.len() == limit.max(1) {
            page.next = last;
            return Ok(ControlFlow::Break(()));
        }
        page.items.push(read(&found)?);
        last = at.map(Cursor);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(page)
}

/// How often a walk over a list starts anew because the list was written to meanwhile.
const TRIES: usize = 64;
