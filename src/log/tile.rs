//! Tiles: the tree as files of 256 hashes, their paths, and the entry bundles beside them (C2SP tlog-tiles).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::merkle::{self, MAX_SIZE, Node};
use super::{ENTRY_LEN, Entry, Hash};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL: u16 = 256;

/// Levels of the tree that one row of tiles spans.
const SPAN: u8 = 8;

/// The highest row a tree of [`MAX_SIZE`] leaves has.
const MAX_ROW: u8 = 7;

/// Longest path read, in bytes: that of the last tile of the largest tree is shorter.
const MAX_PATH: usize = 48;

/// Which row of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Bundles of entries.
    Entries,
    /// Tiles of hashes: of leaves at 0, of full tiles of the row below at 1 to 7.
    Hashes(u8),
}

/// A file of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// Which row.
    pub level: Level,
    /// Its place in the row, from 0.
    pub index: u64,
    /// How many hashes or entries it holds, 1 to [`FULL`].
    pub width: u16,
}

/// Why bytes or a path are not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the one spelling of the path of a tile.
    #[error("not the path of a tile")]
    Path,
    /// Another number of bytes than its width calls for.
    #[error("{tile} should hold {expected} bytes, not {found}")]
    Length {
        /// Which file.
        tile: Tile,
        /// Its length in bytes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// An entry that is not one of ours.
    #[error("{0} holds an entry of another length than 32 bytes")]
    Entry(Tile),
    /// A hash was asked for that lies in no tile at hand.
    #[error("no tile at hand holds the hash of level {} at {}", .0.level, .0.index)]
    Missing(Node),
}

impl Tile {
    /// The tile with the hashes from which that of `node` is computed, as a tree of `size` leaves has it; `None` when
    /// the tree does not hold the node whole.
    pub fn of(node: Node, size: u64) -> Option<Tile> {
        let row = node.level / SPAN;
        let (first, last) = in_row(node)?;
        (row <= MAX_ROW && size <= MAX_SIZE).then_some(())?;
        let tile = Tile::at(Level::Hashes(row), first / u64::from(FULL), size)?;
        (last < tile.index * u64::from(FULL) + u64::from(tile.width)).then_some(tile)
    }

    /// The file at a place as a tree of `size` leaves has it; `None` when it has none there.
    pub fn at(level: Level, index: u64, size: u64) -> Option<Tile> {
        let before = index.checked_mul(u64::from(FULL))?;
        let width = count(level, size).checked_sub(before).filter(|width| *width > 0)?;
        Some(Tile { level, index, width: width.min(u64::from(FULL)) as u16 })
    }

    /// Whether no hash or entry is missing from it; then it never changes.
    pub fn is_full(&self) -> bool {
        self.width == FULL
    }

    /// The hashes of a tile of hashes.
    pub fn hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let expected = usize::from(self.width) * size_of::<Hash>();
        if bytes.len() != expected {
            return Err(TileError::Length { tile: *self, expected, found: bytes.len() });
        }
        Ok(bytes.as_chunks().0.to_vec())
    }

    /// The entries of a bundle, each after its length as a big-endian 16-bit number; ours are 32 bytes long.
    pub fn entries(&self, bytes: &[u8]) -> Result<Vec<Entry>, TileError> {
        const PREFIX: [u8; 2] = (ENTRY_LEN as u16).to_be_bytes();
        let expected = usize::from(self.width) * (PREFIX.len() + ENTRY_LEN);
        if bytes.len() != expected {
            return Err(TileError::Length { tile: *self, expected, found: bytes.len() });
        }
        let (entries, _) = bytes.as_chunks::<{ PREFIX.len() + ENTRY_LEN }>();
        let read = |entry: &[u8; PREFIX.len() + ENTRY_LEN]| {
            let entry = entry.strip_prefix(&PREFIX)?;
            entry.try_into().ok().map(Entry)
        };
        entries.iter().map(|entry| read(entry).ok_or(TileError::Entry(*self))).collect()
    }
}

/// The bytes of a bundle of these entries.
pub fn bundle(entries: &[Entry]) -> Vec<u8> {
    let prefix = (ENTRY_LEN as u16).to_be_bytes();
    entries.iter().flat_map(|entry| prefix.into_iter().chain(entry.0)).collect()
}

/// The files that a tree growing from `from` to `to` leaves adds: each full one once, and the partial ones at its edge.
pub fn written(from: u64, to: u64) -> Vec<Tile> {
    let rows = std::iter::once(Level::Entries).chain((0..=MAX_ROW).map(Level::Hashes));
    let mut tiles = Vec::new();
    for level in rows {
        let (before, after) = (count(level, from), count(level, to));
        if before < after {
            let places = before / u64::from(FULL)..after.div_ceil(u64::from(FULL));
            tiles.extend(places.filter_map(|index| Tile::at(level, index, to)));
        }
    }
    tiles
}

/// The tiles a tree of `size` leaves needs to tell the hashes of these ranges (see [`merkle::inclusion`],
/// [`merkle::consistency`]).
pub fn needed(ranges: &[Range<u64>], size: u64) -> BTreeSet<Tile> {
    let nodes = ranges.iter().flat_map(|range| merkle::cover(range.clone()));
    nodes.filter_map(|node| Tile::of(node, size)).collect()
}

/// Tiles of hashes at hand. They are believed: check what is proved from them against a signed root.
#[derive(Debug, Clone, Default)]
pub struct Tiles(BTreeMap<(Level, u64), Vec<Hash>>);

impl Tiles {
    /// Adds a tile; of two at one place the wider stays.
    pub fn insert(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), TileError> {
        let hashes = tile.hashes(bytes)?;
        let held = self.0.entry((tile.level, tile.index)).or_default();
        if held.len() < hashes.len() {
            *held = hashes;
        }
        Ok(())
    }

    /// The hash of a node.
    pub fn node(&self, node: Node) -> Result<Hash, TileError> {
        let missing = TileError::Missing(node);
        let Some((first, last)) = in_row(node) else { return Err(missing) };
        let place = (Level::Hashes(node.level / SPAN), first / u64::from(FULL));
        let within = |n: u64| (n % u64::from(FULL)) as usize;
        let below = self.0.get(&place).and_then(|hashes| hashes.get(within(first)..=within(last)));
        let mut row = below.ok_or(missing.clone())?.to_vec();
        while row.len() > 1 {
            row = row.as_chunks().0.iter().map(|[left, right]| merkle::node_hash(left, right)).collect();
        }
        row.first().copied().ok_or(missing)
    }
}

impl fmt::Display for Tile {
    /// Its path below the log's base: `tile/0/x001/x234/067.p/8`, `tile/entries/000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => f.write_str("tile/entries/")?,
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (left, group) in groups.iter().enumerate().rev() {
            let (mark, end) = if left > 0 { ("x", "/") } else { ("", "") };
            write!(f, "{mark}{group:03}{end}")?;
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    /// Reads a path below the log's base. Only the one spelling is accepted.
    fn from_str(path: &str) -> Result<Tile, TileError> {
        let read = || {
            (path.len() <= MAX_PATH).then_some(())?;
            let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
            let level = match level {
                "entries" => Level::Entries,
                level => Level::Hashes(level.parse().ok().filter(|level| *level <= MAX_ROW)?),
            };
            let (places, width) = match rest.split_once(".p/") {
                Some((places, width)) => (places, width.parse().ok()?),
                None => (rest, FULL),
            };
            let mut index: u64 = 0;
            for group in places.split('/') {
                let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
                index = index.checked_mul(1000)?.checked_add(digits)?;
            }
            let tile = Tile { level, index, width };
            let possible = (1..=FULL).contains(&width) && Tile::at(level, index, MAX_SIZE).is_some();
            (possible && tile.to_string() == path).then_some(tile)
        };
        read().ok_or(TileError::Path)
    }
}

/// How many entries or hashes a row of a tree of `size` leaves holds.
fn count(level: Level, size: u64) -> u64 {
    match level {
        Level::Entries => size,
        Level::Hashes(row) => size.checked_shr(u32::from(row) * u32::from(SPAN)).unwrap_or(0),
    }
}

/// The first and the last hash, counted along its row of tiles, that `node` is computed from.
fn in_row(node: Node) -> Option<(u64, u64)> {
    let above = node.level % SPAN;
    let first = node.index.checked_mul(1 << above)?;
    Some((first, first.checked_add((1 << above) - 1)?))
}
