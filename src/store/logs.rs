//! What is kept of the transparency log: one tree a year, and where each credential stands in it.

use jiff::Timestamp;

use super::{Conflict, Cursor};
use crate::credential::id::CredentialId;
use crate::log::Hash;
use crate::log::edge::Written;
use crate::log::tile::{self, FULL, Level, Tile};

/// The log of a year as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Which year.
    pub year: i16,
    /// The verifier key that its checkpoints are signed with; the same all year.
    pub key: String,
    /// How many leaves.
    pub size: u64,
    /// The last fact that was looked at. Whatever was issued or published after it waits; one place for all years.
    pub through: Cursor,
    /// When it grew last.
    pub at: Timestamp,
    /// Its newest checkpoint, a signed note.
    pub checkpoint: Vec<u8>,
}

/// Where a credential stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPlace {
    /// The year of the log.
    pub year: i16,
    /// The index of its leaf, from 0.
    pub index: u64,
}

/// The head of somebody else's log that this service cosigned last, as its witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedHead {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
    /// When it was cosigned first.
    pub at: Timestamp,
    /// The checkpoint as its log signed it: with another one of that size, the proof of a fork.
    pub checkpoint: Vec<u8>,
}

impl WitnessedHead {
    /// Whether it may take the place of `known`, whose size the witness has looked at: a witness never goes back, and
    /// never sees two trees of one size.
    pub(super) fn follow(&self, known: Option<&WitnessedHead>, expect: u64) -> Result<(), Conflict> {
        let size = known.map_or(0, |known| known.size);
        if size == expect && expect < self.size { Ok(()) } else { Err(Conflict::LogMoved) }
    }
}

/// A log grows: leaves, tiles and checkpoint in one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// Which year's log.
    pub year: i16,
    /// The verifier key of that log.
    pub key: String,
    /// How many leaves it has.
    pub from: u64,
    /// How many it will have.
    pub to: u64,
    /// The last fact that was looked at for it.
    pub through: Cursor,
    /// The credentials among the new leaves, and where they stand.
    pub leaves: Vec<(CredentialId, u64)>,
    /// The files it adds: exactly [`tile::written`], in any order.
    pub tiles: Vec<Written>,
    /// The checkpoint of the grown log, a signed note.
    pub checkpoint: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

impl Growth {
    /// The log after it. Refused unless it goes on exactly where `newest`, the newest year's log, ends: at its size, or
    /// in a later year from nothing, and at its place in the order of facts, of which `last` is the last.
    pub(super) fn follow(&self, newest: Option<&LogState>, last: Cursor) -> Result<LogState, Conflict> {
        let same = newest.filter(|log| log.year == self.year);
        let goes_on = self.from == same.map_or(0, |log| log.size)
            && self.from < self.to
            && self.through <= last
            && newest.is_none_or(|log| log.year <= self.year && log.through < self.through)
            && same.is_none_or(|log| log.key == self.key && log.at <= self.at);
        let placed = self.leaves.iter().all(|(_, index)| (self.from..self.to).contains(index));
        if !goes_on || !placed || !self.is_whole() {
            return Err(Conflict::LogMoved);
        }
        Ok(LogState {
            year: self.year,
            key: self.key.clone(),
            size: self.to,
            through: self.through,
            at: self.at,
            checkpoint: self.checkpoint.clone(),
        })
    }

    /// Whether its files are those that this growth adds, each of the right length.
    fn is_whole(&self) -> bool {
        let mut given: Vec<Tile> = self.tiles.iter().map(|(tile, _)| *tile).collect();
        let mut wanted = tile::written(self.from, self.to);
        given.sort_unstable();
        wanted.sort_unstable();
        let length = |tile: &Tile| usize::from(tile.width) * unit(tile.level);
        given == wanted && self.tiles.iter().all(|(tile, bytes)| bytes.len() == length(tile))
    }
}

/// The bytes of the file at the width of `tile`, from a row of as many hashes or entries as are known; `None` when
/// these are fewer.
pub fn cut(tile: Tile, mut row: Vec<u8>) -> Option<Vec<u8>> {
    let length = usize::from(tile.width.min(FULL)) * unit(tile.level);
    (row.len() >= length).then(|| {
        row.truncate(length);
        row
    })
}

/// Bytes of a hash, or of an entry and its length.
fn unit(level: Level) -> usize {
    match level {
        Level::Entries => 2 + crate::log::ENTRY_LEN,
        Level::Hashes(_) => size_of::<crate::log::Hash>(),
    }
}
