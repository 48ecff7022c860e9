//! The leaves of a log as an authority reads them: under a checkpoint that the log's key signed, a bundle at a time.

use url::Url;

use super::{Asked, DeliveryError};
use crate::app::App;
use crate::log::policy::Log;
use crate::log::tile::{FULL, Level, Tile, Tiles};
use crate::log::{Checkpoint, Entry, SignedCheckpoint, VerifierKey, merkle, tile};
use crate::store::logs::cut;

/// The longest checkpoint read, in bytes: some dozens of signature lines.
const MAX_CHECKPOINT: usize = 16 * 1024;

/// The longest file read, in bytes: a bundle of 256 entries.
const MAX_FILE: usize = FULL as usize * (2 + crate::log::ENTRY_LEN);

/// Where a log is read.
pub(super) enum Source<'a> {
    /// The log of this service.
    Own(&'a App, i16),
    /// That of another one: its base, without a slash at its end.
    Away(&'a App, String),
}

impl<'a> Source<'a> {
    /// Where the log of a policy is read: here when it is ours, else at its address.
    pub(super) async fn of(app: &'a App, log: &Log) -> Result<Source<'a>, DeliveryError> {
        let key = log.key.to_string();
        if let Some(own) = app.store.logs().await?.into_iter().find(|own| own.key == key) {
            return Ok(Source::Own(app, own.year));
        }
        let url = log.url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        let url =
            url.ok_or_else(|| DeliveryError::Log("the log policy does not say where it is".to_owned()))?;
        Ok(Source::Away(app, url))
    }

    /// The newest checkpoint, signed by the log.
    pub(super) async fn head(&self, key: &VerifierKey) -> Result<Checkpoint, DeliveryError> {
        let bytes = match self {
            Self::Own(app, year) => {
                let log = app.store.logs().await?.into_iter().find(|log| log.year == *year);
                log.ok_or_else(|| DeliveryError::Log("its checkpoint is missing".to_owned()))?.checkpoint
            }
            Self::Away(..) => self.fetch("checkpoint", MAX_CHECKPOINT).await?,
        };
        let signed = SignedCheckpoint::parse(&bytes).map_err(|error| untrue(&error))?;
        signed.verified(key).cloned().map_err(|error| untrue(&error))
    }

    async fn file(&self, tile: Tile) -> Result<Vec<u8>, DeliveryError> {
        match self {
            Self::Own(app, year) => {
                let row = app.store.log_tile(*year, tile.level, tile.index).await?;
                let missing = || DeliveryError::Log(format!("{tile} is missing"));
                row.and_then(|row| cut(tile, row)).ok_or_else(missing)
            }
            Self::Away(..) => self.fetch(&tile.to_string(), MAX_FILE).await,
        }
    }

    async fn fetch(&self, path: &str, cap: usize) -> Result<Vec<u8>, DeliveryError> {
        let Self::Away(app, base) = self else { return Err(untrue(&"it is here")) };
        let url = Url::parse(&format!("{base}/{path}")).map_err(|error| untrue(&error))?;
        let answer = app.fetcher.get(path, &url, cap, "*/*").await.map_err(|error| untrue(&error))?;
        Ok(answer.to_vec())
    }
}

/// Compares what is told of leaves with the log, and tells how many leaves it has. Reads a checkpoint, the one bundle of
/// entries and the tiles between both: some ten files, however large the log.
pub(super) async fn compare(app: &App, log: &Log, asked: &Asked) -> Result<u64, DeliveryError> {
    let source = Source::of(app, log).await?;
    let head = source.head(&log.key).await?;
    let beyond = DeliveryError::Beyond(head.size);
    if asked.from + asked.entries.len() as u64 > head.size {
        return Err(beyond);
    }
    let place = asked.from / u64::from(FULL);
    let Some(bundle) = Tile::at(Level::Entries, place, head.size) else { return Err(beyond) };
    let entries = bundle.entries(&source.file(bundle).await?).map_err(|error| untrue(&error))?;
    let first = (asked.from % u64::from(FULL)) as usize;

    // The hashes of the bundle's own leaves are computed from it, and every one of them is below the root either as the
    // leaf proved or as a part of its path: one proof ties the whole bundle to the checkpoint.
    let own = Tile { level: Level::Hashes(0), ..bundle };
    let hashes: Vec<u8> = entries.iter().flat_map(Entry::leaf_hash).collect();
    let mut tiles = Tiles::default();
    tiles.insert(own, &hashes).map_err(|error| untrue(&error))?;
    let ranges = merkle::inclusion(asked.from, head.size).map_err(|error| untrue(&error))?;
    for tile in tile::needed(&ranges, head.size).into_iter().filter(|tile| *tile != own) {
        tiles.insert(tile, &source.file(tile).await?).map_err(|error| untrue(&error))?;
    }
    let path = merkle::prove(&ranges, |node| tiles.node(node)).map_err(|error| untrue(&error))?;
    let leaf = entries.get(first).map(Entry::leaf_hash).unwrap_or_default();
    merkle::verify_inclusion(asked.from, head.size, &leaf, &path, &head.root)
        .map_err(|error| untrue(&error))?;

    for (at, (told, entry)) in asked.entries.iter().zip(entries.iter().skip(first)).enumerate() {
        if told.leaf.is_some_and(|leaf| leaf.entry() != *entry) {
            return Err(DeliveryError::Differs(at, asked.from + at as u64));
        }
    }
    Ok(head.size)
}

fn untrue(why: &dyn std::fmt::Display) -> DeliveryError {
    DeliveryError::Log(why.to_string())
}
