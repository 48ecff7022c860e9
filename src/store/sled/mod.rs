//! The engine users get: sled 0.34, one tree, one writer, every acknowledged fact on disk.
//!
//! A commit is sealed and encoded by its caller ([`prepare`]), queued, checked against the rows and the commits before
//! it ([`group`]), written with its group in one batch and one flush ([`writer`], [`engine`]), noted outside the engine
//! ([`highwater`]), and told. Readers see the rows as of the last durable fact and never wait ([`view`]).

mod check;
mod engine;
mod group;
mod highwater;
mod keys;
mod lost;
mod prepare;
mod read;
mod readable;
mod rows;
mod tree;
mod undo;
mod view;
mod writer;

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use fs2::FileExt;
use tokio::sync::oneshot;

use self::highwater::{HighWater, Mark};
use self::undo::Undo;
use self::view::{Shared, View};
use self::writer::{Failed, Waiting, Writer};
use super::seal::Sealer;
use super::{
    Change, ChangeEntry, Conflict, CredentialRecord, Cursor, Erasure, Founding, ListKey, ListState,
    ListVersion, LogPlace, LogState, Page, Receipt, Slot, StatusEvent, Store, StoreError, TrustKind,
    TrustVersion, WitnessedHead,
};
use super::{Cohort, CountedLog, Delivery, Filing, FilingErasure, Register};
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Institution, Slug};
use crate::log::tile::Level;

/// A store in a folder: `lock` (who holds it), `high-water` (what was acknowledged), `sled/` (everything else).
pub struct SledStore {
    shared: Arc<Shared>,
    sealer: Sealer,
    queue: Option<Sender<Waiting>>,
    writer: Option<JoinHandle<()>>,
    _lock: File,
}

impl SledStore {
    /// Opens the folder, or makes it. Refuses at once when another process holds it, when the store was sealed with
    /// another key, and when a newer version wrote it.
    pub fn open(folder: &Path, sealer: Sealer) -> Result<Self, StoreError> {
        let unopenable =
            |error: std::io::Error| StoreError::Unopenable(format!("{}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(unopenable)?;
        let lock = lock(folder)?;
        let mut note = HighWater::open(&folder.join("high-water")).map_err(unopenable)?;
        let engine_folder = folder.join("sled");
        let mut engine = match writer::open_soon(&engine_folder) {
            Err(_) if engine::drop_ballast(&engine_folder) => writer::open_soon(&engine_folder)?,
            opened => opened?,
        };

        let shared = Arc::new(Shared::default());
        let known = engine::guarded(|| engine.db.get(keys::format())).map_err(StoreError::Unopenable)?;
        let stated = writer::state_of(&engine.db)?;
        let acknowledged = note.mark.unwrap_or_default();
        // A group that was torn when the process before ended, refused to its callers: read as if it had not been.
        let torn = Undo::noted(&engine_folder).map_err(unopenable)?.filter(|undo| {
            acknowledged.cursor <= undo.cursor && stated.is_some_and(|state| undo.cursor <= state.cursor)
        });
        if torn.is_none() {
            Undo::forget(&engine_folder).map_err(unopenable)?;
        }
        let stated = torn.as_ref().and_then(Undo::state).or(stated);
        let state = match (known, stated) {
            (Some(row), Some(state)) => {
                let format = rows::open(&row).and_then(|(_, body)| body.first().copied()).unwrap_or_default();
                if format != STORE_FORMAT {
                    return Err(StoreError::Unopenable(format!(
                        "it has format {format}; this version reads {STORE_FORMAT}"
                    )));
                }
                check_key(&engine, &sealer, state.counters.credentials)?;
                state
            }
            (None, None) if engine.db.is_empty() => {
                let state = group::State { cursor: 0, counters: rows::Counters { credentials: 0, rows: 2 } };
                let mut batch = ::sled::Batch::default();
                batch.insert(keys::format(), rows::Row::new().u8(STORE_FORMAT).at(0));
                batch.insert(keys::counters(), rows::Row::counters(state.counters).at(0));
                engine.write(batch).map_err(StoreError::Unopenable)?;
                state
            }
            _ => return Err(StoreError::Unopenable("its format row or its counters are lost".to_owned())),
        };

        *shared.db.write().unwrap_or_else(PoisonError::into_inner) = Some(engine.db.clone());
        let replaced = Arc::new(torn.as_ref().map(Undo::replaced).unwrap_or_default());
        shared.set_tide(|tide| {
            tide.durable = state.cursor;
            tide.replaced = replaced;
        });
        let mut unseen = acknowledged.verified + 1..state.cursor + 1;
        let stopped = if note.damaged {
            Some("its file `high-water` is damaged; check the store, then remove that file".to_owned())
        } else if state.cursor < acknowledged.cursor || state.counters.credentials < acknowledged.credentials
        {
            Some(writer::shrunk(state.cursor, acknowledged.cursor))
        } else {
            let soon = unseen.end.min(unseen.start + LOOK_AT_OPENING);
            let lost = shared.look(|view| Ok(lost::facts(view, unseen.start..soon)))?;
            unseen.start = soon;
            lost
        };
        match &stopped {
            Some(because) => {
                tracing::error!(because, "the store is read-only");
                shared.set_tide(|tide| tide.refused = Some(because.as_str().into()));
            }
            None => {
                let (cursor, credentials) = (state.cursor, state.counters.credentials);
                let mark = Mark { cursor, credentials, verified: unseen.start - 1 };
                note.note(mark).and_then(|()| note.sync()).map_err(unopenable)?;
            }
        }

        let undo =
            torn.map(|undo| Failed { undo, because: "it puts back what a torn write left".to_owned() });
        let (queue, waiting) = channel();
        let writer = Writer {
            folder: engine_folder,
            shared: Arc::clone(&shared),
            sealer: sealer.clone(),
            queue: waiting,
            engine: Some(engine),
            note,
            state,
            stopped,
            unread: 0,
            undo,
            unseen,
            laid: false,
        };
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(unopenable)?;
        Ok(Self { shared, sealer, queue: Some(queue), writer: Some(writer), _lock: lock })
    }

    fn look<T>(&self, read: impl FnMut(&View<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.shared.look(read)
    }

    /// A read that walks: off the caller's async thread where there is a runtime to take it.
    async fn walk<T: Send + 'static>(
        &self,
        read: impl FnMut(&View<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let walked = runtime.spawn_blocking(move || shared.look(read)).await;
                walked.unwrap_or_else(|error| Err(StoreError::Unopenable(error.to_string())))
            }
            Err(_) => shared.look(read),
        }
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl Store for SledStore {
    async fn commit(&self, changes: Vec<Change>) -> Result<Cursor, StoreError> {
        if changes.is_empty() {
            return Ok(Cursor(self.shared.tide().durable));
        }
        let gone = || StoreError::Unwritable("the writer is gone".to_owned());
        let mut weight = 0;
        let mut prepared = Vec::with_capacity(changes.len());
        for change in changes {
            let (change, bytes) = prepare::prepare(&self.sealer, change)?;
            weight += bytes;
            prepared.push(change);
        }
        let (told, result) = oneshot::channel();
        let waiting = Waiting { changes: prepared, weight, told };
        self.queue.as_ref().ok_or_else(gone)?.send(waiting).map_err(|_| gone())?;
        result.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn founding(&self) -> Result<Option<Founding>, StoreError> {
        self.look(read::founding)
    }

    async fn institutions(&self) -> Result<Vec<Institution>, StoreError> {
        self.look(read::institutions)
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        self.look(read::tokens)
    }

    async fn credential(&self, id: CredentialId) -> Result<Option<CredentialRecord>, StoreError> {
        self.look(|view| read::credential(view, &self.sealer, id))
    }

    async fn by_claimed_id(
        &self,
        institution: &Slug,
        claimed: &str,
    ) -> Result<Option<CredentialId>, StoreError> {
        self.look(|view| read::by_claimed_id(view, institution, claimed))
    }

    async fn receipt(
        &self,
        institution: &Slug,
        idempotency_key: &str,
    ) -> Result<Option<Receipt>, StoreError> {
        self.look(|view| read::receipt(view, institution, idempotency_key))
    }

    async fn credentials(
        &self,
        institution: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<CredentialRecord>, StoreError> {
        let (sealer, institution) = (self.sealer.clone(), institution.clone());
        self.walk(move |view| read::credentials(view, &sealer, &institution, after, limit)).await
    }

    async fn status_events(&self, id: CredentialId) -> Result<Vec<StatusEvent>, StoreError> {
        self.look(|view| read::status_events(view, id))
    }

    async fn erasure(&self, id: CredentialId) -> Result<Option<Erasure>, StoreError> {
        self.look(|view| read::erasure(view, id))
    }

    async fn lists(&self, institution: &Slug) -> Result<Vec<ListKey>, StoreError> {
        self.look(|view| read::lists(view, institution))
    }

    async fn list(&self, key: &ListKey) -> Result<ListState, StoreError> {
        let key = key.clone();
        self.walk(move |view| read::list(view, &key)).await
    }

    async fn statuses(&self, institution: &Slug) -> Result<Vec<(ListKey, ListState)>, StoreError> {
        let institution = institution.clone();
        self.walk(move |view| read::statuses(view, &institution)).await
    }

    async fn list_version(&self, key: &ListKey, version: u64) -> Result<Option<ListVersion>, StoreError> {
        self.look(|view| read::list_version(view, key, version))
    }

    async fn trust_version(
        &self,
        institution: &Slug,
        kind: TrustKind,
        number: Option<u64>,
    ) -> Result<Option<TrustVersion>, StoreError> {
        self.look(|view| read::trust_version(view, institution, kind, number))
    }

    async fn changes(&self, after: Option<Cursor>, limit: usize) -> Result<Page<ChangeEntry>, StoreError> {
        self.walk(move |view| read::changes(view, after, limit)).await
    }

    async fn logs(&self) -> Result<Vec<LogState>, StoreError> {
        self.look(read::logs)
    }

    async fn log_tile(&self, year: i16, level: Level, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.look(|view| read::log_tile(view, year, level, index))
    }

    async fn log_place(&self, id: CredentialId) -> Result<Option<LogPlace>, StoreError> {
        self.look(|view| read::log_place(view, id))
    }

    async fn log_witnessed(&self, year: i16, index: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.look(|view| read::log_witnessed(view, year, index))
    }

    async fn witness_seen(&self, origin: &str) -> Result<Option<WitnessedHead>, StoreError> {
        self.look(|view| read::witness_seen(view, origin))
    }

    async fn counted_logs(&self, authority: &Slug) -> Result<Vec<CountedLog>, StoreError> {
        self.look(|view| read::counted_logs(view, authority))
    }

    async fn deliveries(
        &self,
        authority: &Slug,
        origin: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.look(|view| read::deliveries(view, authority, origin, from, limit))
    }

    async fn cohorts(
        &self,
        authority: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<(Cursor, Cohort)>, StoreError> {
        let authority = authority.clone();
        self.walk(move |view| read::cohorts(view, &authority, after, limit)).await
    }

    async fn filing(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
        version: Option<u64>,
    ) -> Result<Option<Filing>, StoreError> {
        self.look(|view| read::filed::filing(view, &self.sealer, institution, register, id, version))
    }

    async fn filings(
        &self,
        institution: &Slug,
        register: Register,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Filing>, StoreError> {
        let (sealer, institution) = (self.sealer.clone(), institution.clone());
        self.walk(move |view| read::filed::filings(view, &sealer, &institution, register, after, limit)).await
    }

    async fn filing_erasure(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
    ) -> Result<Option<FilingErasure>, StoreError> {
        self.look(|view| read::filed::erasure(view, institution, register, id))
    }

    async fn writable(&self) -> Result<(), StoreError> {
        match self.shared.tide().refused {
            Some(because) => Err(StoreError::Unwritable(because.to_string())),
            None => Ok(()),
        }
    }

    /// Walks everything on the calling thread; meant for a command, or a thread of its own.
    async fn check(&self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Vec<StoreError>, StoreError> {
        check::all(&self.shared, &self.sealer, progress)
    }
}

/// Refuses a store that was sealed with another key; one that has sealed nothing yet does not need any.
fn check_key(engine: &engine::Engine, sealer: &Sealer, credentials: u64) -> Result<(), StoreError> {
    let token = engine::guarded(|| engine.db.get(keys::seal())).map_err(StoreError::Unopenable)?;
    let refuse = |because: &str| Err(StoreError::Unopenable(because.to_owned()));
    match token.as_deref().map(rows::open) {
        None if credentials == 0 => Ok(()),
        Some(Some((_, token))) => match sealer.knows(token) {
            Ok(true) => Ok(()),
            Ok(false) => refuse("it was sealed with another store key"),
            Err(error) => refuse(&error.to_string()),
        },
        _ => refuse("the token of its store key is lost"),
    }
}

/// Takes the folder for this process. The lock falls with the process, however it ends.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let unopenable = |error: std::io::Error| StoreError::Unopenable(format!("{}: {error}", path.display()));
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(unopenable)?;
    // A process being started elsewhere in this program holds copies of its open files for a moment: tried for a while.
    let deadline = Instant::now() + Duration::from_millis(300);
    loop {
        match file.try_lock_exclusive() {
            Ok(()) => return Ok(file),
            Err(error) if error.kind() != fs2::lock_contended_error().kind() => {
                return Err(unopenable(error));
            }
            Err(_) if Instant::now() >= deadline => {
                return Err(StoreError::Held(folder.display().to_string()));
            }
            Err(_) => std::thread::park_timeout(Duration::from_millis(5)),
        }
    }
}

/// The layout of keys and rows; goes up when an older version could misread what a newer one writes.
const STORE_FORMAT: u8 = 2;
/// How many of the facts that the engine read from its log are looked for before the store is open; the writer looks
/// for the rest when it has nothing else to do.
const LOOK_AT_OPENING: u64 = 1_000;
