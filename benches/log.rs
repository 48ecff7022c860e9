//! What the transparency log costs: `cargo bench --bench log`; `-- LEAVES` grows another tree than of 10 million.
//!
//! Hashes are told as SHA-256 computations of one node, measured in the same run, so that a noisy machine shifts both.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use testamur::log::merkle::{self, consistency, inclusion, prove};
use testamur::log::tile::{self, Level, Tile, Tiles};
use testamur::log::{Edge, Entry, Hash};

/// Entries appended at once: what a publisher integrates.
const BATCH: u64 = 256;

/// How many proofs are timed.
const PROOFS: u64 = 1000;

fn main() {
    let size: u64 =
        std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(10_000_000);
    let node = node_hash();
    println!("log.node_hash_nanoseconds {}", node.as_nanos());

    let (edge, files) = grow(size, node);
    prove_inclusion(&edge, &files, node);
    prove_consistency(&edge, &files);
    resume(&edge, &files);
}

fn node_hash() -> Duration {
    const TIMES: u32 = 2_000_000;
    let mut hash = [7; 32];
    let started = Instant::now();
    for _ in 0..TIMES {
        hash = merkle::node_hash(black_box(&hash), &hash);
    }
    black_box(hash);
    started.elapsed() / TIMES
}

/// The entry at a place: cheap to make, so that appending is what is measured.
fn entry(index: u64) -> Entry {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&index.to_be_bytes());
    Entry(bytes)
}

/// The newest file at each place.
type Files = BTreeMap<(Level, u64), Vec<u8>>;

/// Grows a tree, keeping the rows above the leaves; full tiles of leaves are made again when a proof wants them.
fn grow(size: u64, node: Duration) -> (Edge, Files) {
    let mut edge = Edge::default();
    let mut files = BTreeMap::new();
    let (mut bytes, mut spent) = (0, Duration::ZERO);
    while edge.size() < size {
        let entries: Vec<Entry> = (edge.size()..size.min(edge.size() + BATCH)).map(entry).collect();
        let started = Instant::now();
        let written = edge.append(&entries).unwrap();
        spent += started.elapsed();
        bytes += written.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        let kept = written.into_iter().filter(|(tile, _)| tile.level > Level::Hashes(0) || !tile.is_full());
        files.extend(kept.map(|(tile, bytes)| ((tile.level, tile.index), bytes)));
    }
    let each = spent.as_nanos() as f64 / size as f64;
    println!("log.append_nanoseconds {each:.0}   ({size} leaves in batches of {BATCH})");
    println!("log.append_in_node_hashes {:.2}", each / node.as_nanos() as f64);
    println!("log.bytes_written_per_leaf {:.0}", bytes as f64 / size as f64);
    (edge, files)
}

/// The tiles for these ranges.
fn read(files: &Files, wanted: impl IntoIterator<Item = Tile>) -> Vec<(Tile, Vec<u8>)> {
    let leaves = |tile: Tile| (0..256).flat_map(move |n| entry(tile.index * 256 + n).leaf_hash()).collect();
    let bytes = |tile: Tile| match files.get(&(tile.level, tile.index)) {
        Some(bytes) => bytes.clone(),
        None => leaves(tile),
    };
    wanted.into_iter().map(|tile| (tile, bytes(tile))).collect()
}

fn prove_inclusion(edge: &Edge, files: &Files, node: Duration) {
    let size = edge.size();
    let (mut hashes, mut tiles_read, mut proving, mut verifying) = (0, 0, Duration::ZERO, Duration::ZERO);
    for n in 0..PROOFS {
        let index = n * (size / PROOFS).max(1) % size;
        let ranges = inclusion(index, size).unwrap();
        let read = read(files, tile::needed(&ranges, size));
        tiles_read = tiles_read.max(read.len());
        let started = Instant::now();
        let proof = proof(&ranges, &read);
        proving += started.elapsed();
        hashes = hashes.max(proof.len());
        let (leaf, root) = (entry(index).leaf_hash(), edge.root());
        let started = Instant::now();
        merkle::verify_inclusion(index, size, &leaf, &proof, &root).unwrap();
        verifying += started.elapsed();
    }
    println!(
        "log.inclusion_hashes {hashes}   (the most of {PROOFS} proofs at {size} leaves; ≤ 24 at 10 million)"
    );
    println!("log.inclusion_tiles {tiles_read}");
    let (proving, verifying) = (proving / PROOFS as u32, verifying / PROOFS as u32);
    println!("log.inclusion_prove_microseconds {:.1}", proving.as_nanos() as f64 / 1000.0);
    println!("log.inclusion_prove_in_node_hashes {:.0}", proving.as_nanos() as f64 / node.as_nanos() as f64);
    println!("log.inclusion_verify_microseconds {:.1}", verifying.as_nanos() as f64 / 1000.0);
}

fn prove_consistency(edge: &Edge, files: &Files) {
    let size = edge.size();
    let (mut hashes, mut spent) = (0, Duration::ZERO);
    for n in 0..PROOFS {
        let ranges = consistency(1 + n * (size / PROOFS).max(1) % size, size).unwrap();
        let read = read(files, tile::needed(&ranges, size));
        let started = Instant::now();
        hashes = hashes.max(proof(&ranges, &read).len());
        spent += started.elapsed();
    }
    println!("log.consistency_hashes {hashes}");
    println!("log.consistency_prove_microseconds {:.1}", (spent / PROOFS as u32).as_nanos() as f64 / 1000.0);
}

fn proof(ranges: &[std::ops::Range<u64>], read: &[(Tile, Vec<u8>)]) -> Vec<Hash> {
    let mut tiles = Tiles::default();
    read.iter().for_each(|(tile, bytes)| tiles.insert(*tile, bytes).unwrap());
    prove(ranges, |node| tiles.node(node)).unwrap()
}

fn resume(edge: &Edge, files: &Files) {
    let started = Instant::now();
    let resumed = Edge::resume(edge.size(), |tile| files.get(&(tile.level, tile.index)).cloned()).unwrap();
    println!("log.resume_microseconds {}", started.elapsed().as_micros());
    assert_eq!(resumed.root(), edge.root());
}
