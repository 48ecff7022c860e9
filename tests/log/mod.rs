//! The transparency log: its formats byte for byte, its mathematics against a naive tree, and both against the work of
//! others.

mod examples;
mod hostile;
mod mathematics;
mod notes;
mod oracle;
mod policy;
mod proofs;
mod tiles;
mod witness;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::ops::Range;

use testamur::crypto::{Ed25519Signer, Signer, sha256};
use testamur::log::edge::Written;
use testamur::log::merkle::{self, Node};
use testamur::log::tile::{self, Tile, Tiles};
use testamur::log::vkey::{KeyName, Kind};
use testamur::log::{Checkpoint, Edge, Entry, Hash, SignedCheckpoint, VerifierKey};

/// A key of a log or a witness, both halves.
pub struct Key {
    pub public: VerifierKey,
    pub signer: Ed25519Signer,
}

impl Key {
    /// The key of a log with this origin.
    pub fn log(origin: &str) -> Key {
        Key::new(origin, Kind::Ed25519)
    }

    /// The key of a witness.
    pub fn witness(name: &str) -> Key {
        Key::new(name, Kind::Cosignature)
    }

    fn new(name: &str, kind: Kind) -> Key {
        let signer = Ed25519Signer::from_seed(name, &sha256(name.as_bytes()));
        let public =
            VerifierKey::new(KeyName::parse(name).unwrap(), kind, signer.public_key().clone()).unwrap();
        Key { public, signer }
    }
}

/// A log in memory: its edge and every file it has written.
#[derive(Default)]
pub struct Log {
    pub edge: Edge,
    pub files: BTreeMap<Tile, Vec<u8>>,
}

impl Log {
    /// A log of `size` entries, appended in batches of up to `batch`.
    pub fn of(size: u64, batch: usize) -> Log {
        let mut log = Log::default();
        let entries: Vec<Entry> = (0..size).map(entry).collect();
        entries.chunks(batch.max(1)).for_each(|batch| log.append(batch));
        log
    }

    pub fn append(&mut self, entries: &[Entry]) {
        let written: Vec<Written> = self.edge.append(entries).unwrap();
        self.files.extend(written);
    }

    /// The tiles a reader needs for these ranges, and no others.
    pub fn tiles(&self, ranges: &[Range<u64>]) -> Tiles {
        let mut tiles = Tiles::default();
        for tile in tile::needed(ranges, self.edge.size()) {
            tiles.insert(tile, &self.files[&tile]).unwrap();
        }
        tiles
    }

    /// A checkpoint of it as it is.
    pub fn checkpoint(&self, key: &Key) -> SignedCheckpoint {
        let checkpoint = Checkpoint {
            origin: key.public.name().to_string(),
            size: self.edge.size(),
            root: self.edge.root(),
            extensions: vec![],
        };
        SignedCheckpoint::sign(checkpoint, &key.public, &key.signer).unwrap()
    }
}

/// The entry at a place of a test log.
pub fn entry(index: u64) -> Entry {
    Entry(sha256(format!("entry {index}").as_bytes()))
}

/// RFC 6962 §2.1, word for word, over the first entries of a test log; what was hashed once is remembered.
pub struct Naive(RefCell<HashMap<Range<u64>, Hash>>);

impl Naive {
    pub fn new() -> Naive {
        Naive(RefCell::default())
    }

    /// The root of the tree of `size` leaves.
    pub fn root(&self, size: u64) -> Hash {
        if size == 0 { merkle::empty_root() } else { self.range(0..size) }
    }

    /// The hash of the leaves of a range, one at least.
    pub fn range(&self, range: Range<u64>) -> Hash {
        if let Some(known) = self.0.borrow().get(&range) {
            return *known;
        }
        let length = range.end - range.start;
        let hash = if length == 1 {
            entry(range.start).leaf_hash()
        } else {
            let middle = range.start + length.next_power_of_two() / 2;
            merkle::node_hash(&self.range(range.start..middle), &self.range(middle..range.end))
        };
        self.0.borrow_mut().insert(range, hash);
        hash
    }

    /// The hash of a node.
    pub fn node(&self, node: Node) -> Result<Hash, Infallible> {
        Ok(self.range(node.index << node.level..(node.index + 1) << node.level))
    }
}
