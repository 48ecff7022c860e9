//! The one commit path: waiting commits → one batch → one flush → each is told its own result.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use ::sled::Batch;
use tokio::sync::oneshot;

use super::engine::{self, Engine};
use super::group::{Group, State, Written};
use super::highwater::{HighWater, Mark};
use super::prepare::Prepared;
use super::rows::{self, Reader};
use super::undo::Undo;
use super::view::Shared;
use super::{Cursor, StoreError, keys, lost};
use crate::store::seal::Sealer;

/// A commit that waits, and whom to tell.
pub struct Waiting {
    pub changes: Vec<Prepared>,
    /// About how many bytes it takes.
    pub weight: usize,
    pub told: oneshot::Sender<Result<Cursor, StoreError>>,
}

/// Owns the engine; everyone else has a handle for reading.
pub struct Writer {
    pub folder: PathBuf,
    pub shared: Arc<Shared>,
    /// Gives the token of its key to the first credential.
    pub sealer: Sealer,
    pub queue: Receiver<Waiting>,
    pub engine: Option<Engine>,
    pub note: HighWater,
    pub state: State,
    /// Why nothing may be written until a person has decided (the store shrank).
    pub stopped: Option<String>,
    /// Bytes written since the engine was opened: its next opening reads them again.
    pub unread: usize,
    /// Rows to put back once the engine works again: a group failed half-way.
    pub undo: Option<Failed>,
    /// Facts that the engine has read from its log and nobody has looked for since.
    pub unseen: Range<u64>,
    /// Whether the ballast was seen to since the start.
    pub laid: bool,
}

/// A group that failed, and why; no rows where the engine failed by itself.
pub struct Failed {
    pub undo: Undo,
    pub because: String,
}

type Told = (oneshot::Sender<Result<Cursor, StoreError>>, Result<Cursor, StoreError>);

impl Writer {
    /// Works until the last handle of the queue is gone.
    pub fn run(mut self) {
        let begun = Instant::now();
        let mut tried = begun;
        let mut served = begun;
        if self.undo.is_some() {
            self.recover(); // the process before could not
        }
        loop {
            let looking = !self.unseen.is_empty() && self.refusal().is_none() && begun.elapsed() > LOOK_AFTER;
            match self.queue.recv_timeout(if looking { Duration::ZERO } else { RETRY }) {
                Ok(first) => {
                    self.serve(first);
                    served = Instant::now();
                    if begun.elapsed() > BALLAST_AFTER {
                        self.lay_ballast();
                    }
                }
                Err(RecvTimeoutError::Timeout) if looking => self.look(),
                Err(RecvTimeoutError::Timeout) => {
                    self.ask();
                    self.lay_ballast();
                    let idle = self.undo.is_none() && served.elapsed() > IDLE;
                    if idle && self.unread > TIDY_IDLE {
                        self.reopen();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.undo.is_some() && tried.elapsed() >= RETRY {
                self.recover();
                tried = Instant::now();
            } else if self.unread > TIDY_ALWAYS {
                self.reopen();
            }
        }
        if self.undo.is_some() {
            self.recover();
        }
        if let Err(error) = self.note.sync() {
            tracing::warn!(%error, "the high-water note could not be synced");
        }
        *self.shared.db.write().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(engine) = self.engine.take() {
            engine.close();
        }
    }

    fn serve(&mut self, first: Waiting) {
        let mut waiting = vec![first];
        let mut weight = waiting.iter().map(|commit| commit.weight).sum::<usize>();
        while waiting.len() < GROUP && weight < GROUP_BYTES {
            let Ok(next) = self.queue.try_recv() else { break };
            weight += next.weight;
            waiting.push(next);
        }
        if let Some(because) = self.refusal() {
            for commit in waiting {
                let _ = commit.told.send(Err(StoreError::Unwritable(because.clone())));
            }
            return;
        }
        // A caller that is gone is told nothing; its commit holds all the same.
        for (told, result) in self.write(waiting) {
            let _ = told.send(result);
        }
    }

    fn refusal(&self) -> Option<String> {
        self.stopped.clone().or_else(|| self.undo.as_ref().map(|undo| undo.because.clone()))
    }

    /// Writes the group. A refusal, too, is told only after the flush: it may rest on a fact of the same group.
    fn write(&mut self, waiting: Vec<Waiting>) -> Vec<Told> {
        let Some(engine) = self.engine.as_mut() else {
            let closed = || Err(StoreError::Unwritable("the engine is closed".to_owned()));
            return waiting.into_iter().map(|commit| (commit.told, closed())).collect();
        };
        let db = engine.db.clone();
        let mut told: Vec<Told> = Vec::with_capacity(waiting.len());
        let grouped = engine::guarded(|| {
            let mut group = Group::new(&db, &self.sealer, self.state);
            for commit in waiting {
                let result = group.take(commit.changes);
                told.push((commit.told, result));
            }
            let state = group.state;
            Ok(group.finish().map(|(rows, replaced)| (rows, replaced, state)))
        });
        let (rows, replaced, state) = match grouped {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => return refuse_all(told, &error),
            Err(panic) => return refuse_all(told, &StoreError::Unwritable(panic)),
        };
        drop(db); // an engine closes when its last handle is gone
        if rows.is_empty() {
            return told;
        }
        let replaced = Arc::new(replaced);
        self.shared.set_tide(|tide| tide.replaced = Arc::clone(&replaced));
        match engine.write(batch(&rows)) {
            Ok(()) => {
                self.unread += rows.iter().map(|(key, row)| key.len() + row.len()).sum::<usize>();
                self.state = state;
                self.settle();
                told
            }
            Err(because) => {
                let undo = Undo::new(self.state.cursor, rows.into_keys(), &replaced);
                self.fail(undo, because.clone());
                refuse_all(told, &StoreError::Unwritable(because))
            }
        }
    }

    /// The engine hit an I/O error and answers with it from now on, some reads too: it is opened again at once, with the
    /// room that the ballast leaves. Writes are refused until [`Self::recover`] succeeds.
    fn fail(&mut self, undo: Undo, because: String) {
        tracing::error!(because, "the store cannot write now");
        self.shared.set_tide(|tide| tide.refused = Some(because.as_str().into()));
        engine::drop_ballast(&self.folder);
        if !undo.rows.is_empty()
            && let Err(error) = undo.note(&self.folder)
        {
            tracing::error!(%error, "what a torn group replaced could not be noted: do not end this process now");
        }
        self.undo = Some(Failed { undo, because });
        self.reopen();
    }

    /// Everything up to the state is durable: notes it outside the engine, then shows it.
    fn settle(&mut self) {
        self.note();
        let cursor = self.state.cursor;
        self.shared.set_tide(|tide| {
            tide.durable = cursor;
            tide.replaced = Arc::default();
        });
    }

    fn note(&mut self) {
        let (cursor, credentials) = (self.state.cursor, self.state.counters.credentials);
        let verified =
            if self.unseen.is_empty() { self.unseen.end } else { self.unseen.start }.saturating_sub(1);
        if let Err(error) = self.note.note(Mark { cursor, credentials, verified }) {
            tracing::warn!(%error, "the high-water note could not be written");
        }
    }

    /// Not at opening: that is to be quick.
    fn lay_ballast(&mut self) {
        if self.laid || self.undo.is_some() {
            return;
        }
        self.laid = true;
        if let Err(error) = engine::lay_ballast(&self.folder) {
            tracing::warn!(%error, "there is no room for the store's ballast: the disk is nearly full");
            engine::drop_ballast(&self.folder);
        }
    }

    /// Asks the engine whether it is well: sled also writes by itself when it cleans its log, and may fail at that.
    fn ask(&mut self) {
        let Some(engine) = self.engine.as_ref().filter(|_| self.undo.is_none()) else { return };
        if let Err(because) = engine::guarded(|| engine.db.flush()) {
            self.fail(self.nothing(), because);
        }
    }

    /// Looks for the rows of some more of the facts that were read from the log.
    fn look(&mut self) {
        let next = self.unseen.end.min(self.unseen.start + LOOK);
        let lost = self.shared.look(|view| Ok(lost::facts(view, self.unseen.start..next)));
        match lost.unwrap_or_else(|error| Some(error.to_string())) {
            None => {
                self.unseen.start = next;
                self.note();
            }
            Some(because) => {
                tracing::error!(because, "the store is read-only");
                self.shared.set_tide(|tide| tide.refused = Some(because.as_str().into()));
                self.stopped = Some(because);
            }
        }
    }

    /// Once the disk takes writes again: puts back what the failed group replaced, and goes on.
    fn recover(&mut self) {
        // For reading, first of all: that may take less room.
        if self.engine.is_none() {
            self.reopen();
        }
        if let Err(error) =
            engine::lay_ballast(&self.folder).and_then(|()| engine::probe(&self.folder, PROBE))
        {
            tracing::debug!(%error, "the disk does not take writes yet");
            engine::drop_ballast(&self.folder);
            return;
        }
        let (Some(engine), Some(failed)) = (self.engine.as_mut(), self.undo.as_ref()) else { return };
        let found = engine::guarded(|| engine.db.get(keys::counters()));
        let cursor = match found {
            Ok(row) => row.and_then(|row| rows::open(&row).map(|(cursor, _)| cursor)).unwrap_or(0),
            Err(_) => return,
        };
        // A call that failed between two rows leaves those before it: whatever was refused to its callers goes.
        let torn = cursor >= self.state.cursor && !failed.undo.rows.is_empty();
        if torn && engine.write(failed.undo.batch()).is_err() {
            engine::drop_ballast(&self.folder);
            self.reopen();
            return;
        }
        if let Err(error) = Undo::forget(&self.folder) {
            tracing::error!(%error, "the note of a torn group cannot be removed");
            return;
        }
        self.undo = None;
        if cursor < self.state.cursor {
            self.stopped.get_or_insert(shrunk(cursor, self.state.cursor));
        }
        let refused = self.stopped.as_deref().map(Arc::from);
        self.settle();
        self.shared.set_tide(|tide| tide.refused = refused);
        tracing::info!("the store writes again");
    }

    fn nothing(&self) -> Undo {
        Undo { cursor: self.state.cursor, rows: Vec::new() }
    }

    /// Closes the engine and opens it again: it forgets an I/O error, and writes a snapshot, from which its next opening
    /// starts. Reads wait meanwhile.
    fn reopen(&mut self) {
        let started = Instant::now();
        let mut reading = self.shared.db.write().unwrap_or_else(PoisonError::into_inner);
        *reading = None;
        if let Some(engine) = self.engine.take() {
            engine.close();
        }
        match open_soon(&self.folder) {
            Ok(engine) => {
                *reading = Some(engine.db.clone());
                self.engine = Some(engine);
                self.unread = 0;
                if self.unseen.is_empty() {
                    self.unseen.start = self.unseen.end;
                }
                self.unseen.end = self.state.cursor + 1;
                tracing::debug!(
                    milliseconds = started.elapsed().as_millis() as u64,
                    "the engine was opened again"
                );
            }
            Err(error) => {
                let because = error.to_string();
                tracing::error!(because, "the engine could not be opened again");
                drop(reading);
                self.shared.set_tide(|tide| tide.refused = Some(because.as_str().into()));
                let undo = self.nothing();
                self.undo.get_or_insert(Failed { undo, because });
            }
        }
    }
}

/// Opens the engine; threads of one just closed may hold its lock for a moment longer.
pub fn open_soon(folder: &std::path::Path) -> Result<Engine, StoreError> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match Engine::open(folder) {
            Err(StoreError::Unopenable(because))
                if because.contains("acquire lock") && Instant::now() < deadline =>
            {
                std::thread::park_timeout(Duration::from_millis(2));
            }
            done => return done,
        }
    }
}

/// What to say of a store that lost facts.
pub fn shrunk(found: u64, acknowledged: u64) -> String {
    format!(
        "the store holds {found} facts but acknowledged {acknowledged}: it lost some, so nothing is written to it. \
         Restore a backup, or accept the loss by removing its file `high-water`"
    )
}

/// The state of an engine as its rows tell it.
pub fn state_of(db: &::sled::Db) -> Result<Option<State>, StoreError> {
    let key = keys::counters();
    let row = engine::guarded(|| db.get(&key)).map_err(|because| super::view::damaged(&key, &because))?;
    let Some(row) = row else { return Ok(None) };
    let state = rows::open(&row)
        .and_then(|(cursor, body)| Some(State { cursor, counters: Reader(body).counters()? }))
        .ok_or_else(|| super::view::damaged(&key, "its content does not read"))?;
    Ok(Some(state))
}

fn batch(rows: &Written) -> Batch {
    let mut batch = Batch::default();
    for (key, row) in rows {
        batch.insert(key.as_slice(), row.as_slice());
    }
    batch
}

fn refuse_all(told: Vec<Told>, error: &StoreError) -> Vec<Told> {
    told.into_iter().map(|(told, _)| (told, Err(error.clone()))).collect()
}

/// At most so many commits share a flush, and about so many bytes: a group is one batch in memory.
const GROUP: usize = 256;
const GROUP_BYTES: usize = 4 << 20;
/// How long the writer waits before it looks whether there is something to tidy.
const IDLE: Duration = Duration::from_secs(2);
/// How often a latched engine is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// An opening reads the log since the last one at about 1 GB/s: after so many bytes of rows the engine is opened again
/// by itself when nobody writes, and in any case.
const TIDY_IDLE: usize = 32 << 20;
const TIDY_ALWAYS: usize = 128 << 20;
/// A store that never rests lays its ballast so soon: until then a full disk stops its reads too.
const BALLAST_AFTER: Duration = Duration::from_millis(100);
/// What the disk must take, beside the ballast, before writing goes on.
const PROBE: usize = 4 << 20;
/// How many facts are looked for between two looks at the queue: some milliseconds' worth.
const LOOK: u64 = 64;
/// When that begins: a service that starts has the disk and the cores to itself until then.
const LOOK_AFTER: Duration = Duration::from_secs(2);
