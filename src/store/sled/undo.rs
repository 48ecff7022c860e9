//! What a group that failed half-way replaced: put back before anything else is written, also by the next process.
//!
//! sled applies a batch row by row: a system call that fails in between leaves the rows before it in the tree, and they
//! may reach the disk while the engine is closed. So what they replaced is on the disk first, in the file `undo`.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

use ::sled::Batch;
use sha2::{Digest, Sha256};

use super::group::{Replaced, State};
use super::rows::{Reader, Row};

/// The rows of a failed group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The last durable fact before the group.
    pub cursor: u64,
    /// Each row that may have been written, with what it held before, if it was there.
    pub rows: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Undo {
    /// What to put back of the rows with these keys.
    pub fn new(cursor: u64, keys: impl Iterator<Item = Vec<u8>>, replaced: &Replaced) -> Self {
        let row = |key: Vec<u8>| {
            let before = replaced.get(&key).map(|row| row.to_vec());
            (key, before)
        };
        Self { cursor, rows: keys.map(row).collect() }
    }

    /// The rows as they were.
    pub fn batch(&self) -> Batch {
        let mut batch = Batch::default();
        for (key, before) in &self.rows {
            match before {
                Some(row) => batch.insert(key.as_slice(), row.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        batch
    }

    /// The rows that are to be read in place of those.
    pub fn replaced(&self) -> Replaced {
        let there = self.rows.iter().filter_map(|(key, before)| Some((key, before.as_ref()?)));
        there.map(|(key, row)| (key.clone(), row.as_slice().into())).collect()
    }

    /// What there was before the group.
    pub fn state(&self) -> Option<State> {
        let key = super::keys::counters();
        let (_, before) = self.rows.iter().find(|(known, _)| *known == key)?;
        let (cursor, body) = super::rows::open(before.as_ref()?)?;
        Some(State { cursor, counters: Reader(body).counters()? })
    }

    /// Makes a durable note of it.
    pub fn note(&self, folder: &Path) -> std::io::Result<()> {
        let mut row = Row::new().u32(self.rows.len() as u32);
        for (key, before) in &self.rows {
            row = row.bytes(key).u8(u8::from(before.is_some())).bytes(before.as_deref().unwrap_or_default());
        }
        let row = row.at(self.cursor);
        let partial = folder.join("undo.partial");
        let mut file = File::create(&partial)?;
        file.write_all(&row)?;
        file.write_all(&Sha256::digest(&row))?;
        file.sync_all()?;
        fs::rename(&partial, folder.join(NAME))?;
        File::open(folder)?.sync_all()
    }

    /// The note that was made in this folder.
    pub fn noted(folder: &Path) -> std::io::Result<Option<Self>> {
        let bytes = match fs::read(folder.join(NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        read(&bytes).map(Some).ok_or_else(|| Error::new(ErrorKind::InvalidData, "its file `undo` is damaged"))
    }

    /// The rows are put back, and durable.
    pub fn forget(folder: &Path) -> std::io::Result<()> {
        match fs::remove_file(folder.join(NAME)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| File::open(folder)?.sync_all()),
        }
    }
}

fn read(bytes: &[u8]) -> Option<Undo> {
    let (row, sum) = bytes.split_last_chunk::<32>()?;
    if <[u8; 32]>::from(Sha256::digest(row)) != *sum {
        return None;
    }
    let (cursor, body) = super::rows::open(row)?;
    let mut body = Reader(body);
    let count = body.u32()?;
    let mut one = || {
        let (key, there, before) = (body.bytes()?.to_vec(), body.u8()? == 1, body.bytes()?.to_vec());
        Some((key, there.then_some(before)))
    };
    Some(Undo { cursor, rows: (0..count).map(|_| one()).collect::<Option<_>>()? })
}

const NAME: &str = "undo";

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::engine::Engine;
    use super::super::{SledStore, Slot};
    use super::*;
    use crate::credential::id::CredentialId;
    use crate::institution::{Institution, Slug};
    use crate::store::seal::Sealer;
    use crate::store::{Change, CredentialRecord, Purpose, Store, Visibility};

    #[test]
    fn what_was_replaced_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = Engine::open(folder.path()).unwrap();
        let write = |engine: &mut Engine, rows: &[(&str, &str)]| {
            let mut batch = Batch::default();
            rows.iter().for_each(|(key, row)| batch.insert(*key, *row));
            engine.write(batch).unwrap();
        };
        write(&mut engine, &[("a", "old"), ("b", "")]);
        let replaced: Replaced =
            [("a", "old"), ("b", "")].map(|(key, row)| (key.as_bytes().to_vec(), row.into())).into();
        let undo =
            Undo::new(7, ["a", "b", "c", "d"].map(|key| key.as_bytes().to_vec()).into_iter(), &replaced);
        undo.note(folder.path()).unwrap();
        write(&mut engine, &[("a", "new"), ("c", "new")]); // and neither "b" nor "d": the group was torn
        engine.close();

        let mut engine = Engine::open(folder.path()).unwrap();
        assert_eq!(Undo::noted(folder.path()).unwrap(), Some(undo.clone()));
        engine.write(undo.batch()).unwrap();
        let rows: Vec<_> = engine.db.iter().map(|row| row.unwrap()).collect();
        assert_eq!(rows, [("a", "old"), ("b", "")].map(|(key, row)| (key.into(), row.into())));

        let path = folder.path().join(NAME);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(Undo::noted(folder.path()).is_err());
        Undo::forget(folder.path()).unwrap();
        assert_eq!(Undo::noted(folder.path()).unwrap(), None);
        Undo::forget(folder.path()).unwrap();
    }
    /// Any part of a group may have reached the disk when the process ended: the next one knows nothing of it.
    #[tokio::test]
    async fn a_torn_group_of_a_process_that_ended_is_undone() {
        let sealer = || Sealer::new([7; 32]);
        let whole = tempfile::tempdir().unwrap();
        let rows = || {
            let engine = Engine::open(&whole.path().join("sled")).unwrap();
            engine.db.iter().map(|row| row.unwrap()).collect::<HashMap<_, _>>()
        };
        let store = SledStore::open(whole.path(), sealer()).unwrap();
        let cursor = store.commit(vec![Change::InstitutionFounded(institution())]).await.unwrap().0;
        drop(store);
        let before = rows();
        let copy = |to: &Path| {
            for inner in ["", "sled", "sled/blobs"] {
                fs::create_dir_all(to.join(inner)).unwrap();
                for entry in fs::read_dir(whole.path().join(inner)).unwrap().map(|entry| entry.unwrap()) {
                    if entry.path().is_file() {
                        fs::copy(entry.path(), to.join(inner).join(entry.file_name())).unwrap();
                    }
                }
            }
        };
        let folders: Vec<_> = (0..24).map(|_| tempfile::tempdir().unwrap()).collect();
        folders.iter().for_each(|folder| copy(folder.path()));
        let store = SledStore::open(whole.path(), sealer()).unwrap();
        store.commit(vec![Change::Issued(Box::new(record()))]).await.unwrap();
        drop(store);
        let mut group: Vec<_> =
            rows().into_iter().filter(|(key, row)| before.get(key) != Some(row)).collect();
        group.sort();

        for (number, folder) in folders.iter().enumerate() {
            let path = folder.path().join("sled");
            let replaced: Replaced = before.iter().map(|(key, row)| (key.to_vec(), row.clone())).collect();
            let keys = group.iter().map(|(key, _)| key.to_vec());
            Undo::new(cursor, keys, &replaced).note(&path).unwrap();
            let mut engine = Engine::open(&path).unwrap();
            let mut batch = Batch::default();
            for (place, (key, row)) in group.iter().enumerate() {
                // One alone, all but one, and any others.
                let there = match number {
                    0..8 => place == number,
                    8..16 => place != number - 8,
                    _ => (0x9e37_79b9_u64 * (number * 31 + place) as u64) & 0x1000 != 0,
                };
                if there {
                    batch.insert(key, row);
                }
            }
            engine.write(batch).unwrap();
            engine.close();
            for found in [None, Some(record())] {
                let store = SledStore::open(folder.path(), sealer()).unwrap();
                assert_eq!(store.credential(record().id).await, Ok(found.clone()), "{number}");
                if found.is_none() {
                    store.commit(vec![Change::Issued(Box::new(record()))]).await.unwrap();
                }
                assert_eq!(store.check(&|_, _| {}).await, Ok(vec![]), "{number}");
                assert!(!path.join(NAME).exists());
            }
        }
    }

    fn record() -> CredentialRecord {
        let body = br#"{"id":"urn:a"}"#.to_vec();
        CredentialRecord {
            id: CredentialId::from_bytes([1; 16]),
            institution: Slug::parse("ha-noi").unwrap(),
            claimed_id: "urn:a".to_owned(),
            kind: "diploma".to_owned(),
            issued: jiff::Timestamp::UNIX_EPOCH,
            visibility: Visibility::Public,
            slots: [Purpose::Revocation, Purpose::Suspension]
                .map(|purpose| Slot { purpose, list: 1, index: 5 })
                .to_vec(),
            digest: Sha256::digest(&body).into(),
            salt: Some([3; 16]),
            body: Some(body),
            idempotency: Some(("once".to_owned(), [4; 32])),
            actor: "clerk".to_owned(),
        }
    }

    fn institution() -> Institution {
        let name = serde_json::json!({"vi": "Cao đẳng nghề"});
        Institution {
            slug: Slug::parse("ha-noi").unwrap(),
            kind: Default::default(),
            did: crate::did::Did::parse("did:web:example.org").unwrap(),
            name: crate::text::LocalizedText::parse(name.as_object().unwrap()).unwrap(),
            country: None,
            contact: None,
            created: jiff::Timestamp::UNIX_EPOCH,
            keys: vec![],
            closed: None,
        }
    }
}
