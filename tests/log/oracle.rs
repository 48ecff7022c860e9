//! Our log as the crates tlog_tiles and signed_note see it: signature, tiles, inclusion, consistency.

use std::collections::BTreeMap;

use signed_note::{StandardVerifier, VerifierList};
use testamur::log::merkle::{consistency, inclusion, prove};
use testamur::log::tile::{self, Level};
use testamur::log::{Checkpoint, SignedCheckpoint};
use tlog_tiles as theirs;
use tlog_tiles::HashReader;

use super::{Key, Log, entry};

const HEIGHT: u8 = 8;
const SIZES: [u64; 14] = [1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 600, 66_000];

/// Our files by the names they have in the log.
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    fn of(log: &Log) -> Folder {
        Folder(log.files.iter().map(|(tile, bytes)| (tile.to_string(), bytes.clone())).collect())
    }
}

/// Their paths begin with the height of the tiles, as Go's do: `tile/8/0/000`.
fn our_path(theirs: &str) -> String {
    theirs.replacen("tile/8/", "tile/", 1)
}

impl theirs::TileReader for Folder {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[theirs::Tile]) -> Result<Vec<Vec<u8>>, theirs::Error> {
        Ok(tiles.iter().map(|tile| self.0[&our_path(&tile.path())].clone()).collect())
    }

    fn save_tiles(&self, _: &[theirs::Tile], _: &[Vec<u8>]) {}
}

fn hashes(proof: &[testamur::log::Hash]) -> Vec<theirs::Hash> {
    proof.iter().copied().map(theirs::Hash).collect()
}

#[test]
fn they_read_our_tiles_and_find_every_leaf() {
    for size in SIZES {
        let log = Log::of(size, 250);
        let folder = Folder::of(&log);
        let root = theirs::Hash(log.edge.root());
        // Authenticates each tile against the root.
        let reader = theirs::TileHashReader::new(size, root, &folder);
        assert_eq!(theirs::tree_hash(size, &reader).unwrap(), root);
        for index in (0..size).step_by((size / 50).max(1) as usize).chain([size - 1]) {
            let leaf = theirs::record_hash(&entry(index).0);
            assert_eq!(reader.read_hashes(&[theirs::stored_hash_index(0, index)]).unwrap(), [leaf]);
            let proof = theirs::prove_record(size, index, &reader).unwrap();
            let ranges = inclusion(index, size).unwrap();
            let tiles = log.tiles(&ranges);
            let ours = prove(&ranges, |node| tiles.node(node)).unwrap();
            assert_eq!(hashes(&ours), proof, "{index} of {size}");
            theirs::check_record(&hashes(&ours), size, root, index, leaf).unwrap();
        }
    }
}

#[test]
fn they_find_our_trees_consistent() {
    for new in SIZES {
        let log = Log::of(new, 1000);
        let folder = Folder::of(&log);
        let root = theirs::Hash(log.edge.root());
        let reader = theirs::TileHashReader::new(new, root, &folder);
        for old in SIZES.into_iter().filter(|old| *old < new) {
            let ranges = consistency(old, new).unwrap();
            let tiles = log.tiles(&ranges);
            let ours = hashes(&prove(&ranges, |node| tiles.node(node)).unwrap());
            assert_eq!(ours, theirs::prove_tree(new, old, &reader).unwrap(), "{old} of {new}");
            let before = theirs::Hash(Log::of(old, 1000).edge.root());
            theirs::check_tree(&ours, new, root, old, before).unwrap();
        }
    }
}

#[test]
fn they_write_the_same_tiles_under_the_same_names() {
    for (from, to) in
        [(0, 1), (0, 256), (200, 300), (255, 256), (256, 257), (7, 7), (0, 70_000), (65_000, 66_000)]
    {
        let ours: Vec<String> = tile::written(from, to)
            .iter()
            .filter(|tile| tile.level != Level::Entries)
            .map(ToString::to_string)
            .collect();
        let mut theirs: Vec<String> =
            theirs::Tile::new_tiles(HEIGHT, from, to).iter().map(|tile| our_path(&tile.path())).collect();
        theirs.sort();
        let mut sorted = ours.clone();
        sorted.sort();
        assert_eq!(sorted, theirs, "{from} to {to}");
    }
}

#[test]
fn they_verify_our_checkpoint_and_we_theirs() {
    let key = Key::log("log.diplomas.vn.example/2026");
    let ours = Log::of(300, 300).checkpoint(&key);
    let verifier = StandardVerifier::new(&key.public.to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let note = signed_note::Note::from_bytes(ours.to_string().as_bytes()).unwrap();
    let (verified, unverified) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let checkpoint = theirs::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("log.diplomas.vn.example/2026", 300));
    assert_eq!(checkpoint.hash().0, ours.claimed().root);
    assert_eq!(note.to_bytes(), ours.to_string().as_bytes());
    assert_eq!(checkpoint.to_bytes(), ours.claimed().to_string().as_bytes());

    // Their note, our reading.
    let signer = StandardTheirs::of(&key);
    let mut note = signed_note::Note::new(ours.claimed().to_string().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    let read = SignedCheckpoint::parse(&note.to_bytes()).unwrap();
    assert_eq!(read, ours);
    let head: &Checkpoint = read.verified(&key.public).unwrap();
    assert_eq!(head.size, 300);

    let forged = ours.to_string().replace("\n300\n", "\n301\n");
    assert!(signed_note::Note::from_bytes(forged.as_bytes()).unwrap().verify(&known).is_err());
    assert!(SignedCheckpoint::parse(forged.as_bytes()).unwrap().verified(&key.public).is_err());
}

/// Signs as signed_note does, from Go's form of a private key.
struct StandardTheirs;

impl StandardTheirs {
    fn of(key: &Key) -> signed_note::StandardSigner {
        use base64::Engine as _;
        let name = key.public.name();
        let seed = testamur::crypto::sha256(name.as_str().as_bytes());
        let secret = base64::engine::general_purpose::STANDARD.encode([&[1], &seed[..]].concat());
        signed_note::StandardSigner::new(&format!("PRIVATE+KEY+{name}+{:08x}+{secret}", key.public.id()))
            .unwrap()
    }
}
