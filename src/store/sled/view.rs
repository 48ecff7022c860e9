//! Reading rows as of the last durable fact, while a group is being written over them.
//!
//! sled shows a batch before it is flushed. A row whose cursor lies beyond the durable tide is therefore not shown: the
//! row it replaced stands in for it, or nothing when it is new. Readers never wait for the writer.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::sled::{Db, IVec};
use std::cell::{Cell, RefCell};

use super::engine::panic_text;
use super::group::Replaced;
use super::rows::{self, Reader};
use super::{StoreError, keys};

/// How far facts are durable, and what lies beyond.
#[derive(Debug, Clone, Default)]
pub struct Tide {
    /// The last durable fact.
    pub durable: u64,
    /// The rows that the facts beyond replace, as they were; a row that is not here is new.
    pub replaced: Arc<Replaced>,
    /// Why writes do not go through now.
    pub refused: Option<Arc<str>>,
}

/// What readers and the writer share.
#[derive(Default)]
pub struct Shared {
    /// `None` only while the engine is being opened again, or could not be.
    pub db: RwLock<Option<Db>>,
    /// The tide.
    pub tide: RwLock<Tide>,
}

impl Shared {
    /// Runs `read` on the engine. Reads do not meet a closing engine: closing waits for them.
    ///
    /// An engine that met an I/O error answers some reads with it too, until the writer has opened it again: `read` is
    /// run anew then. What it has gathered before an error is to be of no account.
    pub fn look<T>(&self, mut read: impl FnMut(&View<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (answer, latched) = self.look_once(&mut read);
            match (answer, latched) {
                (Err(_), Some(_)) if Instant::now() < deadline => {
                    std::thread::park_timeout(Duration::from_millis(2));
                }
                (Err(_), Some(because)) => return Err(StoreError::Unopenable(because)),
                (answer, _) => return answer,
            }
        }
    }

    /// The answer, and the I/O error that the engine is latched with, where it met one.
    fn look_once<T>(
        &self,
        read: &mut impl FnMut(&View<'_>) -> Result<T, StoreError>,
    ) -> (Result<T, StoreError>, Option<String>) {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        let Some(db) = db.as_ref() else {
            let because = self.tide().refused.unwrap_or_else(|| "it is being opened again".into());
            return (Err(StoreError::Unopenable(because.to_string())), None);
        };
        let began = self.tide().durable;
        let view = View { db, shared: self, began, durable: Cell::new(began), latched: RefCell::default() };
        // As for every call into sled, see `engine::guarded`: reads hold nothing that a panic could leave half-done.
        let answer = catch_unwind(AssertUnwindSafe(|| read(&view))).unwrap_or_else(|panic| {
            Err(damaged(b"", &format!("the engine panicked: {}", panic_text(&*panic))))
        });
        (answer, view.latched.into_inner())
    }

    pub fn tide(&self) -> Tide {
        self.tide.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_tide(&self, change: impl FnOnce(&mut Tide)) {
        change(&mut self.tide.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The rows as of the last durable fact.
pub struct View<'a> {
    db: &'a Db,
    shared: &'a Shared,
    /// The last durable fact when the reading began: a walk in the order of facts ends here, because of two later
    /// facts the second may become durable between the looks at the first and at itself.
    pub began: u64,
    durable: Cell<u64>,
    /// The I/O error that the engine answered with.
    latched: RefCell<Option<String>>,
}

/// A row as it is durable.
#[derive(Debug, Clone)]
pub struct Found {
    pub key: IVec,
    pub cursor: u64,
    row: IVec,
}

impl Found {
    /// Reads the row's content; a content that does not fit is damage.
    pub fn read<'a, T>(&'a self, read: impl FnOnce(Reader<'a>) -> Option<T>) -> Result<T, StoreError> {
        let content = Reader(self.row.get(rows::HEAD..).unwrap_or_default());
        read(content).ok_or_else(|| damaged(&self.key, "its content does not read"))
    }
}

impl View<'_> {
    pub fn get(&self, key: &[u8]) -> Result<Option<Found>, StoreError> {
        match self.db.get(key).map_err(|error| self.trouble(key, &error))? {
            Some(row) => self.judge(IVec::from(key), row),
            None => Ok(None),
        }
    }

    /// The row that another row says is there.
    pub fn must(&self, key: &[u8]) -> Result<Found, StoreError> {
        self.get(key)?.ok_or_else(|| damaged(key, "it is missing"))
    }

    /// Walks the rows whose keys begin with `prefix`, from `from` on where given, until told to break.
    pub fn scan(
        &self,
        prefix: &[u8],
        from: Option<&[u8]>,
        mut each: impl FnMut(Found) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        for row in self.db.range(from.unwrap_or(prefix)..) {
            let (key, row) = row.map_err(|error| self.trouble(prefix, &error))?;
            if !key.starts_with(prefix) {
                break;
            }
            if let Some(found) = self.judge(key, row)?
                && each(found)?.is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// Every row whose key begins with `prefix`, read.
    pub fn all<T>(
        &self,
        prefix: &[u8],
        read: impl for<'r> Fn(Reader<'r>) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.scan(prefix, None, |found| {
            all.push(found.read(&read)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    }

    fn trouble(&self, key: &[u8], error: &::sled::Error) -> StoreError {
        if matches!(error, ::sled::Error::Io(_)) {
            self.latched.replace(Some(error.to_string()));
        }
        damaged(key, &format!("it cannot be read: {error}"))
    }

    fn judge(&self, key: IVec, row: IVec) -> Result<Option<Found>, StoreError> {
        let unreadable = || damaged(&key, "its format is not known");
        let (cursor, _) = rows::open(&row).ok_or_else(unreadable)?;
        if cursor <= self.durable.get() {
            return Ok(Some(Found { key, cursor, row }));
        }
        let tide = self.shared.tide();
        self.durable.set(tide.durable);
        if cursor <= tide.durable {
            return Ok(Some(Found { key, cursor, row }));
        }
        let Some(before) = tide.replaced.get(&*key).cloned() else { return Ok(None) };
        let (cursor, _) = rows::open(&before).ok_or_else(unreadable)?;
        Ok(Some(Found { key, cursor, row: before }))
    }
}

/// Damage, said for a person.
pub fn damaged(key: &[u8], because: &str) -> StoreError {
    StoreError::Damaged { key: keys::describe(key), because: because.to_owned() }
}

/// How long a read waits for a latched engine: the writer looks whether it is well twice a second.
const PATIENCE: Duration = Duration::from_secs(1);
