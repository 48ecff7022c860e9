//! The growing edge of a log: all that must be at hand to append to it.

use super::merkle::{self, MAX_SIZE, Node};
use super::tile::{self, FULL, Level, Tile, TileError, Tiles};
use super::{Entry, Hash};

/// The right edge of a tree. Cheap to clone (at most some 70 KiB): append to a copy, and keep it once what it wrote is
/// durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The hashes of the complete subtrees the tree is made of, largest first: one for each bit set in `size`.
    peaks: Vec<Hash>,
    /// The last tile of each row while it is not full, lowest row first.
    tails: Vec<Vec<Hash>>,
    /// The last bundle while it is not full.
    entries: Vec<Entry>,
}

/// A file to be kept for as long as the log: its place and its bytes.
pub type Written = (Tile, Vec<u8>);

/// The log can hold no more leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is full")]
pub struct Full;

impl Edge {
    /// The files [`Edge::resume`] needs to go on at `size` leaves: at most eight tiles and a bundle, none full.
    pub fn needed(size: u64) -> Vec<Tile> {
        let rows = std::iter::once(Level::Entries).chain((0..8).map(Level::Hashes));
        rows.filter_map(|level| {
            let count = match level {
                Level::Entries => size,
                Level::Hashes(row) => size >> (8 * row),
            };
            Tile::at(level, count / u64::from(FULL), size)
        })
        .collect()
    }

    /// Takes up a log where it ended, from the files named by [`Edge::needed`]. They are believed: compare
    /// [`Edge::root`] with the last signed checkpoint.
    pub fn resume(size: u64, mut file: impl FnMut(Tile) -> Option<Vec<u8>>) -> Result<Edge, TileError> {
        let (mut tiles, mut edge) = (Tiles::default(), Edge { size, ..Edge::default() });
        for tile in Edge::needed(size) {
            let bytes = file(tile).unwrap_or_default();
            match tile.level {
                Level::Entries => edge.entries = tile.entries(&bytes)?,
                Level::Hashes(row) => {
                    tiles.insert(tile, &bytes)?;
                    edge.tails.resize_with(usize::from(row), Vec::new);
                    edge.tails.push(tile.hashes(&bytes)?);
                }
            }
        }
        let peaks = merkle::cover(0..size).into_iter().map(|node| tiles.node(node));
        edge.peaks = peaks.collect::<Result<_, _>>()?;
        Ok(edge)
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        merkle::join(&self.peaks).unwrap_or_else(merkle::empty_root)
    }

    /// Appends entries, two hashes or fewer for each, and tells the files that are new: exactly [`tile::written`].
    pub fn append(&mut self, entries: &[Entry]) -> Result<Vec<Written>, Full> {
        let from = self.size;
        if MAX_SIZE - from < entries.len() as u64 {
            return Err(Full);
        }
        let mut full = Vec::new();
        for entry in entries {
            self.entries.push(*entry);
            if self.entries.len() == usize::from(FULL) {
                let bytes = tile::bundle(&std::mem::take(&mut self.entries));
                full.push((
                    Tile { level: Level::Entries, index: self.size / u64::from(FULL), width: FULL },
                    bytes,
                ));
            }
            self.push(entry.leaf_hash(), &mut full);
        }
        let partial = tile::written(from, self.size).into_iter().filter(|tile| !tile.is_full());
        let partial: Vec<_> = partial.map(|tile| (tile, self.tail(tile.level))).collect();
        full.extend(partial);
        Ok(full)
    }

    fn push(&mut self, leaf: Hash, full: &mut Vec<Written>) {
        let mut node = Node { level: 0, index: self.size };
        let mut hash = leaf;
        loop {
            if node.level.is_multiple_of(8) {
                self.keep(node, hash, full);
            }
            // A node at an odd place completes the one above it.
            if node.index & 1 == 0 {
                break;
            }
            let Some(left) = self.peaks.pop() else { break };
            hash = merkle::node_hash(&left, &hash);
            node = Node { level: node.level + 1, index: node.index >> 1 };
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Puts a hash at the end of its row of tiles.
    fn keep(&mut self, node: Node, hash: Hash, full: &mut Vec<Written>) {
        let row = node.level / 8;
        if self.tails.len() <= usize::from(row) {
            self.tails.resize_with(usize::from(row) + 1, Vec::new);
        }
        let Some(tail) = self.tails.get_mut(usize::from(row)) else { return };
        tail.push(hash);
        if tail.len() == usize::from(FULL) {
            let level = Level::Hashes(row);
            full.push((Tile { level, index: node.index / u64::from(FULL), width: FULL }, tail.concat()));
            tail.clear();
        }
    }

    fn tail(&self, level: Level) -> Vec<u8> {
        match level {
            Level::Entries => tile::bundle(&self.entries),
            Level::Hashes(row) => {
                self.tails.get(usize::from(row)).map(|tail| tail.concat()).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merkle::tests::hashes;
    use super::*;

    #[test]
    fn an_entry_costs_two_hashes_or_fewer() {
        for batch in [1, 7, 256] {
            let mut edge = Edge::default();
            let spent = hashes(|| {
                for n in 0..1000 / batch {
                    let entries: Vec<Entry> = (0..batch).map(|_| Entry([n as u8; 32])).collect();
                    edge.append(&entries).unwrap();
                }
            });
            assert!(spent <= 2 * edge.size(), "{spent} hashes for {} entries", edge.size());
            assert!(hashes(|| _ = edge.root()) <= 12);
        }
    }

    #[test]
    fn a_full_log_takes_no_more() {
        let mut edge = Edge { size: MAX_SIZE - 1, ..Edge::default() };
        let entries = [Entry([0; 32]); 2];
        assert_eq!(edge.append(&entries), Err(Full));
        assert_eq!(edge.size(), MAX_SIZE - 1);
    }
}
