//! The transparency log: what was issued or published goes into the tree of the year within seconds.
//!
//! The order of facts is the queue: whatever was issued, every version of a status list, and every trust list, that stands behind the place
//! the log has looked through waits. Nothing waits for the log: a credential is durable and delivered before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::witnesses::{self, Collector};
use crate::app::{App, RolledBack};
use crate::codec::{jcs, json};
use crate::credential::id::CredentialId;
use crate::crypto::{Ed25519Signer, Signer as _, sha256};
use crate::keyring::KeyringError;
use crate::log::checkpoint::CheckpointError;
use crate::log::edge::Full;
use crate::log::note::NoteSignError;
use crate::log::tile::TileError;
use crate::log::vkey::{KeyName, Kind, VkeyError};
use crate::log::{Checkpoint, Edge, Entry, Leaf, SignedCheckpoint, VerifierKey};
use crate::status::Purpose;
use crate::store::logs::cut;
use crate::store::{Change, ChangeEntry, Conflict, Cursor, Growth, ListKey, LogState, StoreError, TrustKind};

/// How long a leaf waits at most while the log keeps up.
const TICK: Duration = Duration::from_secs(2);

/// When it is looked first for what waits: not at once, for starting is to be quick.
const FIRST: Duration = Duration::from_millis(250);

/// How many facts are taken at a time: no growth has more leaves.
const BATCH: usize = 256;

/// Why the log does not grow now. What waits goes on waiting; nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log's key.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The log on record is signed with another key, or under another origin.
    #[error("the log of {year} is {known}; with these settings and keys it would be {now}")]
    OtherLog {
        /// Which year.
        year: i16,
        /// The verifier key on record.
        known: String,
        /// The one at hand.
        now: String,
    },
    /// Tiles and checkpoint on record do not agree: nothing is signed on top of them.
    #[error("the log of {0} is not what its last checkpoint states: run testamur fsck")]
    NotItsRoot(i16),
    /// A tile on record.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The checkpoint on record.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The new checkpoint.
    #[error(transparent)]
    Sign(#[from] NoteSignError),
    /// The origin can not name a key.
    #[error("the origin {0:?} of the log can not be used: {1}")]
    Origin(String, VkeyError),
    /// The store is older than what was published: whatever is signed on top of it forks the log.
    #[error(transparent)]
    RolledBack(#[from] RolledBack),
    /// The settings say that this log is at its end.
    #[error("{0} is closed by [transparency] closed; what waits is taken in by the next year's log")]
    Closed(String),
    /// No more leaves fit.
    #[error(transparent)]
    Full(#[from] Full),
    /// A task was cancelled or panicked.
    #[error("interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Whoever makes the log grow. There may be several: the store takes the growth of one, the others begin anew.
pub struct Publisher {
    app: Arc<App>,
    /// The end of the log as this publisher left it; `None` until it has looked, and after each failure.
    held: Option<Held>,
}

#[derive(Default)]
struct Held {
    edge: Edge,
    through: Cursor,
    at: Timestamp,
    /// The log on record, until its key is needed: an old year's key may have been put away.
    found: Option<LogState>,
    signing: Option<Signing>,
}

/// The key of a year's log.
struct Signing {
    year: i16,
    key: VerifierKey,
    signer: Ed25519Signer,
}

/// Makes the log grow every few seconds, and takes what grew to its witnesses, until the task is dropped.
pub async fn keep_logging(app: Arc<App>) {
    let grown = Notify::new();
    let mut collector = Collector::new(app.clone());
    // Whoever runs on an old store learns it from the witnesses before anything is signed on top of it.
    if let Some(collector) = &mut collector {
        ask(collector).await;
    }
    tokio::join!(keep_growing(app, &grown), keep_asking(collector, &grown));
}

async fn keep_growing(app: Arc<App>, grown: &Notify) {
    let mut publisher = Publisher::new(app);
    let mut said = String::new();
    let mut tick = interval_at(Instant::now() + FIRST, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let result = publisher.tick().await;
        if result.is_ok() {
            said.clear();
        }
        match result {
            Ok(0) => {}
            Ok(leaves) => {
                tracing::debug!(leaves, "the log has grown");
                grown.notify_one();
            }
            Err(LogError::Store(StoreError::Conflict(Conflict::LogMoved))) => {
                tracing::info!("another publisher was faster");
            }
            // Told once, not every two seconds.
            Err(error) if error.to_string() == said => {}
            Err(error) => {
                said = error.to_string();
                tracing::warn!(%error, "the log does not grow; what waits goes on waiting");
            }
        }
    }
}

async fn keep_asking(collector: Option<Collector>, grown: &Notify) {
    let Some(mut collector) = collector else { return };
    loop {
        // Told of each growth; looked again by itself for witnesses that were down.
        let _ = tokio::time::timeout(TICK, grown.notified()).await;
        ask(&mut collector).await;
    }
}

async fn ask(collector: &mut Collector) {
    if let Err(error) = collector.round().await {
        tracing::warn!(%error, "the witnesses could not be asked");
    }
}

impl Publisher {
    /// One that has not looked yet.
    pub fn new(app: Arc<App>) -> Publisher {
        Publisher { app, held: None }
    }

    /// Takes in everything that waits, and tells how many leaves it were. After a failure the next tick begins where the
    /// log on record ends.
    ///
    /// # Errors
    /// Among others [`Conflict::LogMoved`] when another publisher was faster.
    pub async fn tick(&mut self) -> Result<u64, LogError> {
        let mut grown = 0;
        loop {
            // A failure leaves nothing held.
            let mut held = match self.held.take() {
                Some(held) => held,
                None => self.resume().await?,
            };
            let page = self.app.store.changes(Some(held.through), BATCH).await?;
            if let Some(last) = page.items.last() {
                grown += self.take(&mut held, &page.items, last.cursor).await?;
                held.through = last.cursor;
            }
            self.held = Some(held);
            if page.next.is_none() {
                return Ok(grown);
            }
        }
    }

    /// The end of the log on record, ready to go on.
    async fn resume(&self) -> Result<Held, LogError> {
        let store = &self.app.store;
        let Some(log) = store.logs().await?.pop() else { return Ok(Held::default()) };
        let mut files = BTreeMap::new();
        for tile in Edge::needed(log.size) {
            let row = store.log_tile(log.year, tile.level, tile.index).await?;
            files.extend(row.and_then(|row| cut(tile, row)).map(|bytes| (tile, bytes)));
        }
        let edge = Edge::resume(log.size, |tile| files.remove(&tile))?;
        let key = log.key.parse().map_err(|error| LogError::Origin(log.key.clone(), error))?;
        let checkpoint = SignedCheckpoint::parse(&log.checkpoint)?;
        let head = checkpoint.verified(&key)?;
        if (head.size, head.root) != (edge.size(), edge.root()) {
            return Err(LogError::NotItsRoot(log.year));
        }
        Ok(Held { edge, through: log.through, at: log.at, found: Some(log), signing: None })
    }

    /// The key of a year's log; a new one only for a log that nothing stands in.
    async fn signing(&self, year: i16, begun: Option<&LogState>) -> Result<Signing, LogError> {
        let (keyring, known) = (self.app.keyring.clone(), begun.is_some());
        let opened = tokio::task::spawn_blocking(move || match known {
            true => keyring.log_key(year),
            false => keyring.new_log_key(year),
        });
        let seed = opened.await??;
        let origin = format!("{}/{year}", self.app.config.log_origin());
        let signer = Ed25519Signer::from_seed(origin.clone(), &seed);
        let name = KeyName::parse(&origin);
        let key = name.and_then(|name| VerifierKey::new(name, Kind::Ed25519, signer.public_key().clone()));
        let key = key.map_err(|error| LogError::Origin(origin, error))?;
        match begun.map(|log| &log.key).filter(|known| **known != key.to_string()) {
            Some(known) => Err(LogError::OtherLog { year, known: known.clone(), now: key.to_string() }),
            None => Ok(Signing { year, key, signer }),
        }
    }

    /// The key of a log that is about to begin, as far as its witnesses know, too.
    async fn begin(&self, year: i16) -> Result<Signing, LogError> {
        let signing = self.signing(year, None).await?;
        let edge = Edge::default();
        let origin = signing.key.name().to_string();
        if let Some(alarm) = self.app.witnesses.alarm_of(&origin) {
            return Err(alarm.into());
        }
        let head = Checkpoint { origin, size: edge.size(), root: edge.root(), extensions: Vec::new() };
        let empty = SignedCheckpoint::sign(head, &signing.key, &signing.signer)?;
        witnesses::ask_before_beginning(&self.app, &empty, year).await?;
        Ok(signing)
    }

    /// Takes in what some facts call for, and tells how many leaves it were.
    async fn take(&self, held: &mut Held, facts: &[ChangeEntry], through: Cursor) -> Result<u64, LogError> {
        let (mut entries, mut issued) = (Vec::new(), Vec::new());
        for fact in facts {
            match fact.what.as_str() {
                "issued" => {
                    if let Some((id, entry)) = self.credential(fact).await? {
                        issued.push((id, entries.len() as u64));
                        entries.push(entry);
                    }
                    // Reading opens the sealed record: others get their turn in between.
                    tokio::task::yield_now().await;
                }
                "list-published" => entries.push(self.list(fact).await?),
                "trust-list-published" => entries.push(self.trust_list(fact).await?),
                _ => {}
            }
        }
        if !entries.is_empty() {
            self.grow(held, &entries, issued, through).await?;
        }
        Ok(entries.len() as u64)
    }

    /// The log grows by these entries, in one commit.
    async fn grow(
        &self,
        held: &mut Held,
        entries: &[Entry],
        issued: Vec<(CredentialId, u64)>,
        through: Cursor,
    ) -> Result<(), LogError> {
        // A clock that was set back does not turn the log back.
        let at = self.app.now().max(held.at);
        let year = at.to_zoned(TimeZone::UTC).year();
        let signing = match (held.signing.take(), held.found.take()) {
            (Some(signing), _) if signing.year >= year => signing,
            (None, Some(log)) if log.year >= year => self.signing(log.year, Some(&log)).await?,
            _ => {
                held.edge = Edge::default();
                self.begin(year).await?
            }
        };
        let origin = signing.key.name().as_str();
        if self.app.config.transparency.closed.iter().any(|closed| closed == origin) {
            return Err(LogError::Closed(origin.to_owned()));
        }
        if let Some(alarm) = self.app.witnesses.alarm_of(origin) {
            return Err(alarm.into());
        }
        let from = held.edge.size();
        let tiles = held.edge.append(entries)?;
        let head = Checkpoint {
            origin: signing.key.name().to_string(),
            size: held.edge.size(),
            root: held.edge.root(),
            extensions: Vec::new(),
        };
        let checkpoint = SignedCheckpoint::sign(head, &signing.key, &signing.signer)?;
        let growth = Growth {
            year: signing.year,
            key: signing.key.to_string(),
            from,
            to: held.edge.size(),
            through,
            leaves: issued.into_iter().map(|(id, at)| (id, from + at)).collect(),
            tiles,
            checkpoint: checkpoint.to_string().into_bytes(),
            at,
        };
        self.app.commit(vec![Change::LogGrew(Box::new(growth))]).await?;
        held.at = at;
        held.signing = Some(signing);
        Ok(())
    }

    /// The entry of a credential; `None` for one whose content was erased before it was logged.
    async fn credential(&self, fact: &ChangeEntry) -> Result<Option<(CredentialId, Entry)>, LogError> {
        let id = CredentialId::parse(&fact.subject).map_err(|_| damaged(fact))?;
        let record = self.app.store.credential(id).await?.ok_or_else(|| damaged(fact))?;
        let digest = record.digest;
        Ok(record.salt.map(|salt| (id, Leaf::Credential { salt, digest }.entry())))
    }

    /// The entry of a version of a status list.
    async fn list(&self, fact: &ChangeEntry) -> Result<Entry, LogError> {
        let (key, version) = list_of(fact).ok_or_else(|| damaged(fact))?;
        let list = self.app.store.list_version(&key, version).await?.ok_or_else(|| damaged(fact))?;
        Ok(Leaf::StatusList { digest: digest_of(&list.body, fact)? }.entry())
    }

    /// The entry of a trust list.
    async fn trust_list(&self, fact: &ChangeEntry) -> Result<Entry, LogError> {
        let (Some(authority), Ok(number)) = (&fact.institution, fact.subject.parse()) else {
            return Err(damaged(fact).into());
        };
        let list = self.app.store.trust_version(authority, TrustKind::List, Some(number)).await?;
        let list = list.ok_or_else(|| damaged(fact))?;
        Ok(Leaf::TrustList { digest: digest_of(&list.body, fact)? }.entry())
    }
}

/// The status list, and its version, that a fact published.
pub(super) fn list_of(fact: &ChangeEntry) -> Option<(ListKey, u64)> {
    let mut parts = fact.subject.split('/');
    let (purpose, list, version) = (parts.next()?, parts.next()?, parts.next()?);
    let institution = fact.institution.clone()?;
    let mirror = match parts.next() {
        None => false,
        Some("mirror") => true,
        Some(_) => return None,
    };
    let key = ListKey { institution, purpose: Purpose::parse(purpose)?, list: list.parse().ok()?, mirror };
    Some((key, version.parse().ok()?))
}

pub(super) fn digest_of(body: &[u8], fact: &ChangeEntry) -> Result<[u8; 32], LogError> {
    let document = json::parse(body).map_err(|_| damaged(fact))?;
    Ok(sha256(&jcs::canonicalize(&document)))
}

fn damaged(fact: &ChangeEntry) -> StoreError {
    let key = format!("change/{}", fact.cursor.0);
    StoreError::Damaged { key, because: format!("{} {} leads nowhere", fact.what, fact.subject) }
}
