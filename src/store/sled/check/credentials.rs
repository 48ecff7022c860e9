//! Whether credentials, and the rows that lead to them, hang together.

use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use crate::codec;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::seal::Sealer;
use crate::store::sled::rows::{Place, Reader, SecretsRow, SlotRow};
use crate::store::sled::view::{Found, View, damaged};
use crate::store::sled::{keys, read, tree};
use crate::store::{CredentialRecord, Cursor, Erasure, Slot, StatusEvent, StoreError};

/// A credential, and that every row of its indexes leads to it. `through` is the last fact that the log has looked at.
pub fn record(view: &View<'_>, sealer: &Sealer, through: u64, found: &Found) -> Result<(), StoreError> {
    let record = read::open_record(view, sealer, found)?;
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
        let receipt = view.must(&keys::by_text(keys::RECEIPT, &institution, key))?.read(Reader::receipt)?;
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
        (None, Some(_)) if issued <= through => Err(damaged(&key, "it is missing")),
        (None, _) => Ok(()),
    }
}

/// A row that belongs to a credential, found by its own key.
pub fn index(view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
    let key = &found.key;
    let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
    match kind {
        keys::ID => {
            let place = found.read(Reader::place)?;
            let key = keys::by_cursor(keys::RECORD, &place.institution, Cursor(place.issued));
            let id = clear_id(&view.must(&key)?)?;
            must(found.key == keys::id(id), "it leads to another credential")
        }
        keys::CLAIMED => {
            let id = found.read(Reader::lone_id)?;
            let record = clear(view, id)?;
            let back = keys::by_text(keys::CLAIMED, &record.institution, &record.claimed_id);
            must(*key == back, "it leads to a credential with another id")
        }
        keys::RECEIPT => {
            let receipt = found.read(Reader::receipt)?;
            let record = clear(view, receipt.id)?;
            let back = record.idempotency.as_ref();
            let back = back.is_some_and(|(text, request)| {
                *key == keys::by_text(keys::RECEIPT, &record.institution, text) && *request == receipt.request
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
        _ => slot(view, found),
    }
}

fn slot(view: &View<'_>, found: &Found) -> Result<(), StoreError> {
    let unreadable = || damaged(&found.key, "its key does not read");
    let list = read::list_key(&found.key).ok_or_else(unreadable)?;
    let index = found.key.last_chunk().map(|index| u32::from_be_bytes(*index)).ok_or_else(unreadable)?;
    let slot = Slot { purpose: list.purpose, list: list.list, index };
    let SlotRow { id, set } = found.read(Reader::slot)?;
    let place = read::place(view, id)?.ok_or_else(|| damaged(&found.key, "it belongs to no credential"))?;
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

fn clear(view: &View<'_>, id: CredentialId) -> Result<CredentialRecord, StoreError> {
    let place = read::place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
    let key = keys::by_cursor(keys::RECORD, &place.institution, Cursor(place.issued));
    let found = view.must(&key)?;
    let (clear, _) = found.read(Reader::record)?;
    Reader(clear).clear().ok_or_else(|| damaged(&key, "its clear part does not read"))
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
