//! Reading a log back: every tile from its entries, the root against the checkpoint, each credential's leaf.

use super::rows::Reader;
use super::view::{Found, Shared, View, damaged};
use super::{Cursor, LogState, StoreError, keys};
use crate::institution::Slug;
use crate::log::tile::{self, FULL, Level, Tile};
use crate::log::{Edge, Entry, Leaf, SignedCheckpoint};
use crate::store::ChangeEntry;
use crate::store::logs::cut;

/// What is wrong with a year's log. Its entries give every tile and the root; where the root is the one the checkpoint
/// states, the entries are right and a tile that differs is not, and the other way round.
pub fn damages(shared: &Shared, log: &LogState) -> Vec<StoreError> {
    let wrong = |because: &str| vec![damaged(&keys::log(log.year), because)];
    let Ok(checkpoint) = SignedCheckpoint::parse(&log.checkpoint) else {
        return wrong("its checkpoint does not read");
    };
    let head = checkpoint.claimed();
    if head.size != log.size {
        return wrong("its checkpoint states another size");
    }
    let (mut edge, mut tiles, mut bundles) = (Edge::default(), Vec::new(), Vec::new());
    for index in 0..log.size.div_ceil(u64::from(FULL)) {
        let Some(bundle) = Tile::at(Level::Entries, index, log.size) else { break };
        // A bundle at a time: between them the engine may be opened again.
        let step = shared.look(|view| step(view, log.year, bundle, edge.clone()));
        let (next, differ) = match step {
            Ok(step) => step,
            Err(error) => {
                tiles.push(error);
                return tiles;
            }
        };
        edge = next;
        for tile in differ {
            let key = keys::tile(log.year, tile.level, tile.index);
            tiles.push(damaged(&key, "it is not what the entries give"));
            if tile.level == Level::Hashes(0) {
                let key = keys::tile(log.year, Level::Entries, tile.index);
                bundles.push(damaged(&key, "it does not agree with tile and checkpoint"));
            }
        }
    }
    match (edge.root() == head.root, bundles.is_empty()) {
        (true, _) => tiles,
        (false, false) => bundles,
        (false, true) => wrong("its checkpoint states another root than its entries give"),
    }
}

/// Appends a bundle to what went before, and tells which tiles on record are not those that it completes or ends in.
fn step(view: &View<'_>, year: i16, bundle: Tile, mut edge: Edge) -> Result<(Edge, Vec<Tile>), StoreError> {
    let row = |tile: Tile| -> Result<Option<Vec<u8>>, StoreError> {
        let found = view.must(&keys::tile(year, tile.level, tile.index))?;
        Ok(cut(tile, found.read(|row| Some(row.0.to_vec()))?))
    };
    let key = keys::tile(year, bundle.level, bundle.index);
    let bytes = row(bundle)?.ok_or_else(|| damaged(&key, "it is too short"))?;
    let entries = bundle.entries(&bytes).map_err(|error| damaged(&key, &error.to_string()))?;
    let written = edge.append(&entries).map_err(|error| damaged(&key, &error.to_string()))?;
    let mut differ = Vec::new();
    for (tile, bytes) in written.into_iter().filter(|(tile, _)| tile.level != Level::Entries) {
        if row(tile)?.as_ref() != Some(&bytes) {
            differ.push(tile);
        }
    }
    Ok((edge, differ))
}

/// Whether the leaf of a credential is in the log. What was erased left an entry that nobody can compute again.
pub fn leaf(
    view: &View<'_>,
    found: &Found,
    salt: Option<[u8; 16]>,
    digest: [u8; 32],
) -> Result<(), StoreError> {
    let place = found.read(Reader::leaf)?;
    let missing = || damaged(&found.key, "it leads to no entry");
    let bundle = keys::tile(place.year, Level::Entries, place.index / u64::from(FULL));
    let bundle = view.get(&bundle)?.ok_or_else(missing)?;
    let bytes = bundle.read(|row| Some(row.0.to_vec()))?;
    let width = (place.index % u64::from(FULL)) as u16 + 1;
    let tile = Tile { level: Level::Entries, index: place.index / u64::from(FULL), width };
    let entries = cut(tile, bytes).and_then(|bytes| tile.entries(&bytes).ok()).ok_or_else(missing)?;
    let entry: Option<&Entry> = entries.last();
    match salt.map(|salt| Leaf::Credential { salt, digest }.entry()) {
        Some(own) if entry != Some(&own) => Err(damaged(&found.key, "it leads to another's entry")),
        _ => Ok(()),
    }
}

/// What was cosigned is on record, and not an older head: a witness that forgot would cosign a fork.
pub fn saw(view: &View<'_>, cursor: u64, subject: &str) -> Result<(), StoreError> {
    let origin = subject.rsplit_once('/').map_or(subject, |(origin, _)| origin);
    let found = view.must(&keys::seen(origin))?;
    if found.cursor < cursor {
        return Err(damaged(&found.key, "it is older than what was cosigned last"));
    }
    Ok(())
}

/// The rows of a fact of an authority's count, and the fact each is no older than; `None` for another fact.
pub fn accounted(authority: &Slug, cursor: u64, change: &ChangeEntry) -> Option<Vec<(Vec<u8>, u64)>> {
    let (origin, range) = change.subject.rsplit_once('/').unwrap_or_default();
    let log = (keys::by_text(keys::COUNTED, authority, origin), cursor);
    match change.what.as_str() {
        "log-seen" => Some(vec![log]),
        "leaves-delivered" => {
            let from = range.split_once('-').and_then(|(from, _)| from.parse().ok())?;
            Some(vec![log, (keys::delivered(authority, origin, from), cursor)])
        }
        "cohort-announced" => Some(vec![(keys::by_cursor(keys::COHORT, authority, Cursor(cursor)), cursor)]),
        _ => None,
    }
}

/// The rows that a growth of the log wrote are there, and no older than it.
pub fn grown(view: &View<'_>, cursor: u64, subject: &str) -> Result<(), StoreError> {
    let read = || {
        let (year, range) = subject.split_once('/')?;
        let (from, to) = range.split_once('-')?;
        Some((year.parse().ok()?, from.parse().ok()?, to.parse().ok()?))
    };
    let key = keys::change(cursor);
    let (year, from, to) = read().ok_or_else(|| damaged(&key, "its subject does not read"))?;
    let tiles = tile::written(from, to).into_iter();
    let tiles = tiles.map(|tile| keys::tile(year, tile.level, tile.index));
    for key in std::iter::once(keys::log(year)).chain(tiles) {
        if view.must(&key)?.cursor < cursor {
            return Err(damaged(&key, "it is older than the last growth of the log"));
        }
    }
    Ok(())
}
