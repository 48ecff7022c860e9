//! Tiles: their paths, their widths, what a growing log writes, and what is read out of them.

use proptest::prelude::*;
use testamur::log::merkle::{self, MAX_SIZE, Node, consistency, inclusion, prove};
use testamur::log::tile::{self, FULL, Level, Tile, TileError, Tiles};
use testamur::log::{Edge, Entry};

use super::{Log, entry};

fn tile(path: &str) -> Tile {
    path.parse().unwrap()
}

#[test]
fn paths_are_those_of_the_specification() {
    let leaves = Level::Hashes(0);
    assert_eq!(Tile { level: leaves, index: 1_234_067, width: FULL }.to_string(), "tile/0/x001/x234/067");
    assert_eq!(Tile { level: leaves, index: 273, width: 112 }.to_string(), "tile/0/273.p/112");
    assert_eq!(Tile { level: Level::Entries, index: 0, width: 1 }.to_string(), "tile/entries/000.p/1");
    let last = Tile { level: leaves, index: MAX_SIZE / 256, width: 255 };
    assert_eq!(last.to_string().parse(), Ok(last));
}

#[test]
fn only_the_one_spelling_of_a_path_is_read() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/+0/000",
        "tile/8/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/x/000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "tile/0/ 00",
        "tile/0/00\u{661}",
        "tile/entries",
        "tile/entries/",
        "tile/data/000",
        "tile/0/../000",
        "tile//000",
        "tile/7/x001/000",
        "tile/0/x036/x028/x797/x018/x963/x968",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(path.parse::<Tile>(), Err(TileError::Path), "{path}");
    }
}

#[test]
fn widths_are_those_of_the_specification() {
    // "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one
    // full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1."
    let tiles: Vec<Tile> =
        tile::written(0, 70_000).into_iter().filter(|tile| tile.level != Level::Entries).collect();
    assert_eq!(tiles.len(), 273 + 4);
    assert_eq!(tiles.iter().filter(|tile| tile.is_full()).count(), 274);
    for path in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(tiles.contains(&tile(path)), "{path}");
    }
    // "A tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1."
    assert_eq!(tile::written(0, 256), [tile("tile/entries/000"), tile("tile/0/000"), tile("tile/1/000.p/1")]);
    assert_eq!(tile::written(7, 7), []);
}

#[test]
fn an_entry_of_another_length_is_refused() {
    let bundle = tile("tile/entries/000.p/2");
    let mut bytes = tile::bundle(&[entry(0), entry(1)]);
    assert_eq!(bundle.entries(&bytes), Ok(vec![entry(0), entry(1)]));
    assert_eq!(bytes.len(), 2 * 34);
    bytes[1] = 31;
    assert_eq!(bundle.entries(&bytes), Err(TileError::Entry(bundle)));
    assert!(matches!(bundle.entries(&bytes[..34]), Err(TileError::Length { .. })));
    assert!(matches!(tile("tile/0/000.p/2").hashes(&[0; 65]), Err(TileError::Length { expected: 64, .. })));
}

#[test]
fn an_absent_tile_is_named() {
    let wanted = Node { level: 3, index: 700 };
    assert_eq!(Tiles::default().node(wanted), Err(TileError::Missing(wanted)));
    let beyond = Node { level: 200, index: u64::MAX };
    assert_eq!(Tiles::default().node(beyond), Err(TileError::Missing(beyond)));
    assert_eq!(Tile::of(beyond, u64::MAX), None);
    assert_eq!(Tile::of(Node { level: 3, index: 0 }, 7), None);
}

#[test]
fn a_wider_tile_serves_in_place_of_a_partial_one() {
    let (small, large) = (Log::of(300, 300), Log::of(600, 600));
    let ranges = inclusion(290, 300).unwrap();
    let mut tiles = Tiles::default();
    for needed in tile::needed(&ranges, 300) {
        let wider = Tile::at(needed.level, needed.index, 600).unwrap();
        tiles.insert(wider, &large.files[&wider]).unwrap();
    }
    let proof = prove(&ranges, |node| tiles.node(node)).unwrap();
    let leaf = entry(290).leaf_hash();
    assert_eq!(merkle::verify_inclusion(290, 300, &leaf, &proof, &small.edge.root()), Ok(()));
}

proptest! {
    #[test]
    fn what_is_written_depends_on_the_sizes_alone(batches in prop::collection::vec(0..700usize, 1..8)) {
        let mut edge = Edge::default();
        let mut log = Log::default();
        for batch in batches {
            let from = edge.size();
            let entries: Vec<Entry> = (from..from + batch as u64).map(entry).collect();
            let written = edge.append(&entries).unwrap();
            let mut tiles: Vec<Tile> = written.iter().map(|(tile, _)| *tile).collect();
            tiles.sort();
            let mut expected = tile::written(from, edge.size());
            expected.sort();
            prop_assert_eq!(tiles, expected);
            log.append(&entries);
        }
        let whole = Log::of(edge.size(), usize::MAX);
        prop_assert_eq!(whole.edge.root(), edge.root());
        for (tile, bytes) in whole.files {
            prop_assert_eq!(&log.files[&tile], &bytes);
        }
    }

    #[test]
    fn a_full_tile_never_changes(size in 1..2000u64, more in 0..2000u64) {
        for tile in tile::written(0, size).into_iter().filter(Tile::is_full) {
            prop_assert_eq!(Tile::at(tile.level, tile.index, size + more), Some(tile));
        }
    }

    #[test]
    fn a_path_is_read_back(row in 0..8u8, index in any::<u64>(), width in 1..=FULL) {
        let at = Tile { level: Level::Hashes(row), index: (index >> 9).unbounded_shr(8 * u32::from(row)), width };
        prop_assert_eq!(at.to_string().parse(), Ok(at));
        let at = Tile { level: Level::Entries, index: index >> 9, width };
        prop_assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn any_path_is_answered(path in "tile/[0-9a-z/.]{0,60}") {
        if let Ok(tile) = path.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn a_proof_needs_few_tiles(size in 1..=MAX_SIZE, index in any::<prop::sample::Index>()) {
        let index = index.index(size as usize) as u64;
        let tiles = tile::needed(&inclusion(index, size).unwrap(), size);
        // The tile with the leaf and those above it, and at the right edge one more of each row.
        prop_assert!(tiles.len() <= 16, "{}", tiles.len());
        let tiles = tile::needed(&consistency(index, size).unwrap(), size);
        prop_assert!(tiles.len() <= 16, "{}", tiles.len());
    }
}
