//! Files of registers, read back.

use super::{Answer, page};
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::filings::File;
use crate::store::seal::Sealer;
use crate::store::sled::rows::{Reader, SecretsRow};
use crate::store::sled::view::{Found, View, damaged};
use crate::store::sled::{Cursor, Page, keys};
use crate::store::{Filing, FilingErasure, Register};

pub fn filing(
    view: &View<'_>,
    sealer: &Sealer,
    institution: &Slug,
    register: Register,
    id: &str,
    version: Option<u64>,
) -> Answer<Option<Filing>> {
    let Some(file) = file(view, institution, register, id)? else { return Ok(None) };
    let version = version.unwrap_or(file.newest);
    if version == 0 || version > file.newest {
        return Ok(None);
    }
    let key = keys::filed(keys::FILED, institution, register, id, version);
    let filing = open(view, sealer, &view.must(&key)?)?;
    if (filing.id.as_str(), filing.version) != (id, version) {
        return Err(damaged(&key, "it is another filing"));
    }
    Ok(Some(filing))
}

pub fn filings(
    view: &View<'_>,
    sealer: &Sealer,
    institution: &Slug,
    register: Register,
    after: Option<Cursor>,
    limit: usize,
) -> Answer<Page<Filing>> {
    let from = Cursor(after.map_or(0, |after| after.0.saturating_add(1)));
    let from = keys::files(institution, register, from);
    page(view, &keys::in_register(keys::FILES, institution, register), &from, limit, |found| {
        let id = found.read(|mut row| row.text())?;
        let filing = filing(view, sealer, institution, register, &id, None)?;
        filing.ok_or_else(|| damaged(&found.key, "it leads to no file"))
    })
}

pub fn erasure(
    view: &View<'_>,
    institution: &Slug,
    register: Register,
    id: &str,
) -> Answer<Option<FilingErasure>> {
    Ok(file(view, institution, register, id)?.and_then(|file| file.erased))
}

/// The row of a file.
pub fn file(view: &View<'_>, institution: &Slug, register: Register, id: &str) -> Answer<Option<File>> {
    view.get(&keys::file(institution, register, id))?.map(|found| found.read(Reader::json)).transpose()
}

/// The version in a row, its body opened. The row is read before its secrets: an erasure between the two shows as one.
pub fn open(view: &View<'_>, sealer: &Sealer, found: &Found) -> Answer<Filing> {
    let (clear, sealed) = found.read(Reader::record)?;
    let wrong = |because: &str| damaged(&found.key, because);
    let (institution, register) =
        keys::register_of(&found.key).ok_or_else(|| wrong("its key does not read"))?;
    let mut filing =
        Reader(clear).filing(institution, register).ok_or_else(|| wrong("its clear part does not read"))?;
    let mut key = found.key.to_vec();
    key[0] = keys::FILED_SECRETS;
    let secrets = view.must(&key)?;
    if let SecretsRow::Wrapped(wrapped) = secrets.read(Reader::secrets)? {
        let id: CredentialId = filing.sealed_as();
        let (body, _) = sealer.open(id, clear, sealed, wrapped).map_err(|error| wrong(&error.to_string()))?;
        filing.body = Some(body);
    }
    Ok(filing)
}
