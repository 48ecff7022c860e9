//! Files of registers on their way to disk.

use super::{Group, content, json, refuse};
use crate::institution::Slug;
use crate::store::filings::File;
use crate::store::sled::keys;
use crate::store::sled::prepare::Filed;
use crate::store::sled::rows::{Reader, Row, SecretsRow};
use crate::store::sled::view::damaged;
use crate::store::{Conflict, Cursor, FilingErasure, Register, StoreError};

impl Group<'_> {
    /// Takes a version in. The row of the file is read and written by the one writer there is: two versions with one
    /// number can not both be taken.
    pub(super) fn file(&mut self, filed: Filed) -> Result<(), StoreError> {
        let Filed { filing, row, secrets } = filed;
        let (slug, register, id) = (&filing.institution, filing.register, filing.id.as_str());
        let known = self.known_file(slug, register, id)?;
        let cursor = self.next.cursor;
        let file = filing.follow(known.as_ref(), cursor).map_err(StoreError::Conflict)?;
        if known.is_none() {
            self.prove_key()?;
            self.put_new(keys::files(slug, register, Cursor(cursor)), Row::new().text(id));
        }
        self.put(keys::file(slug, register, id), json(&file)?)?;
        self.put_new(keys::filed(keys::FILED, slug, register, id, filing.version), row);
        self.put_new(keys::filed(keys::FILED_SECRETS, slug, register, id, filing.version), secrets);
        self.log("filed", Some(slug), &filing.subject())
    }

    /// Destroys the secrets of every version.
    pub(super) fn erase_file(&mut self, erasure: &FilingErasure) -> Result<Slug, StoreError> {
        let (slug, register, id) = (&erasure.institution, erasure.register, erasure.id.as_str());
        let known = self.known_file(slug, register, id)?;
        let file = erasure.follow(known.as_ref()).map_err(StoreError::Conflict)?;
        if known.is_some_and(|known| known.erased.is_some()) {
            return Ok(slug.clone());
        }
        for version in 1..=file.newest {
            let key = keys::filed(keys::FILED_SECRETS, slug, register, id, version);
            self.put(key, Row::secrets(SecretsRow::Destroyed(Some(erasure.at))))?;
            let key = keys::filed(keys::FILED, slug, register, id, version);
            let Some(row) = self.get(&key)? else { return Err(damaged(&key, "it is missing")) };
            let (clear, _) = content(&key, &row, Reader::record)?;
            self.put(key, Row::record(clear, &[]))?;
        }
        self.put(keys::file(slug, register, id), json(&file)?)?;
        Ok(slug.clone())
    }

    fn known_file(&mut self, slug: &Slug, register: Register, id: &str) -> Result<Option<File>, StoreError> {
        if self.get(&keys::institution(slug))?.is_none() {
            return refuse(Conflict::NoInstitution(slug.clone()));
        }
        let key = keys::file(slug, register, id);
        self.get(&key)?.map(|row| content(&key, &row, Reader::json)).transpose()
    }
}
