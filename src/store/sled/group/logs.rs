//! Transparency logs on their way to disk: our own, those this witness has seen, those accounted for to an authority.

use super::{Group, content, json, refuse};
use crate::institution::Slug;
use crate::store::sled::keys;
use crate::store::sled::rows::{Reader, Row};
use crate::store::sled::view::damaged;
use crate::store::{
    Conflict, CountedLog, Cursor, Delivery, Growth, LogPlace, LogState, StoreError, WitnessedHead,
};

impl Group<'_> {
    /// Takes a growth of the log in. The row of the newest log is read and written in one go with the tiles, by the one
    /// writer there is: two growths from the same size can not both be taken.
    pub(super) fn grow(&mut self, growth: &Growth) -> Result<(), StoreError> {
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

    /// Takes in a checkpoint of our own log with cosignatures.
    pub(super) fn witnessed(&mut self, year: i16, size: u64, checkpoint: &[u8]) -> Result<(), StoreError> {
        let key = keys::witnessed(year, size);
        let known = self.log_of(year)?.is_some_and(|log| (1..=log.size).contains(&size));
        if !known || self.get(&key)?.is_some() {
            return refuse(Conflict::LogMoved);
        }
        self.put(key, Row::new().raw(checkpoint))
    }

    /// Takes in the head of another's log.
    pub(super) fn saw(&mut self, expect: u64, head: &WitnessedHead) -> Result<(), StoreError> {
        let key = keys::seen(&head.origin);
        let known = self.get(&key)?.map(|row| content(&key, &row, Reader::seen)).transpose()?;
        head.follow(known.as_ref(), expect).map_err(StoreError::Conflict)?;
        self.put(key, Row::seen(head))
    }

    /// Takes in leaves of another's log.
    pub(super) fn deliver(&mut self, delivery: &Delivery) -> Result<Slug, StoreError> {
        let log = delivery.follow(self.counted(&delivery.authority, &delivery.origin)?.as_ref());
        self.put_counted(&delivery.authority, &log.map_err(StoreError::Conflict)?)?;
        let key = keys::delivered(&delivery.authority, &delivery.origin, delivery.from);
        self.put_new(key, json(delivery)?);
        Ok(delivery.authority.clone())
    }

    /// How far a log is accounted for to an authority that there is.
    pub(super) fn counted(
        &mut self,
        authority: &Slug,
        origin: &str,
    ) -> Result<Option<CountedLog>, StoreError> {
        self.institution(authority)?;
        let key = keys::by_text(keys::COUNTED, authority, origin);
        self.get(&key)?.map(|row| content(&key, &row, Reader::json)).transpose()
    }

    pub(super) fn put_counted(&mut self, authority: &Slug, log: &CountedLog) -> Result<(), StoreError> {
        self.put(keys::by_text(keys::COUNTED, authority, &log.origin), json(log)?)
    }

    fn log_of(&mut self, year: i16) -> Result<Option<LogState>, StoreError> {
        let key = keys::log(year);
        self.get(&key)?.map(|row| content(&key, &row, |row| row.log(year))).transpose()
    }
}
