//! Credentials on their way to disk: issued, their status changed, the lists of it published, their content erased.

use super::{Group, content, json, refuse};
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::sled::keys;
use crate::store::sled::prepare::Issue;
use crate::store::sled::rows::{ListRow, Place, Reader, Row, SecretsRow, SlotRow};
use crate::store::sled::view::damaged;
use crate::store::{Conflict, Cursor, Erasure, ListKey, ListVersion, StatusEvent, StoreError};

impl Group<'_> {
    pub(super) fn issue(&mut self, issue: Issue) -> Result<(), StoreError> {
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

    pub(super) fn set_status(&mut self, event: &StatusEvent, expect: bool) -> Result<Slug, StoreError> {
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

    pub(super) fn publish(&mut self, version: &ListVersion) -> Result<Slug, StoreError> {
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

    pub(super) fn erase(&mut self, erasure: &Erasure) -> Result<Slug, StoreError> {
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

    pub(super) fn place(&mut self, id: CredentialId) -> Result<Option<Place>, StoreError> {
        let key = keys::id(id);
        self.get(&key)?.map(|row| content(&key, &row, Reader::place)).transpose()
    }

    fn update_list(&mut self, list: &ListKey, change: impl FnOnce(&mut ListRow)) -> Result<(), StoreError> {
        let key = keys::of_list(keys::LIST, list);
        let row = self.get(&key)?;
        let mut list = row.map_or(Ok(ListRow::default()), |row| content(&key, &row, Reader::list))?;
        change(&mut list);
        self.put(key, Row::list(list))
    }
}
