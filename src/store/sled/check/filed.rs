//! Whether the files of registers hang together.

use crate::store::StoreError;
use crate::store::filings::File;
use crate::store::seal::Sealer;
use crate::store::sled::rows::Reader;
use crate::store::sled::view::{Found, View, damaged};
use crate::store::sled::{Cursor, keys, read};

/// A row of one of the four kinds that files are made of.
pub fn row(view: &View<'_>, sealer: &Sealer, kind: u8, found: &Found) -> Result<(), StoreError> {
    let key = &found.key;
    let (slug, register) = keys::register_of(key).ok_or_else(|| damaged(key, "its key does not read"))?;
    let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
    match kind {
        keys::FILE => {
            let file: File = found.read(Reader::json)?;
            must(*key == keys::file(&slug, register, &file.id), "it is another file")?;
            view.must(&keys::filed(keys::FILED, &slug, register, &file.id, file.newest))?;
            view.must(&keys::files(&slug, register, Cursor(file.first))).map(drop)
        }
        keys::FILES => {
            let id = found.read(|mut row| row.text())?;
            let file = read::filed::file(view, &slug, register, &id)?;
            let first = file.map(|file| file.first);
            must(first.is_some() && first == keys::tail_u64(key), "its file does not begin there")
        }
        keys::FILED => {
            let filing = read::filed::open(view, sealer, found)?;
            let back = keys::filed(keys::FILED, &slug, register, &filing.id, filing.version);
            must(*key == back, "it is another filing")?;
            let file = read::filed::file(view, &slug, register, &filing.id)?;
            let file = file.ok_or_else(|| damaged(key, "it belongs to no file"))?;
            must((1..=file.newest).contains(&filing.version), "a newer one than the newest")?;
            must(file.erased.is_none() || filing.body.is_none(), "it was erased, and is there again")?;
            match filing.version - 1 {
                0 => Ok(()),
                before => {
                    let before = keys::filed(keys::FILED, &slug, register, &filing.id, before);
                    view.must(&before).map(drop)
                }
            }
        }
        _ => {
            found.read(Reader::secrets)?;
            let mut filing = key.to_vec();
            filing[0] = keys::FILED;
            view.must(&filing).map(drop)
        }
    }
}
