//! The log in the store: it grows only where it ends, whole or not at all, and damage to it is found.

use super::*;
use testamur::crypto::{Ed25519Signer, Signer};
use testamur::log::tile::{Level, Tile};
use testamur::log::vkey::{KeyName, Kind};
use testamur::log::{Checkpoint, Edge, Entry, Leaf, SignedCheckpoint, VerifierKey};
use testamur::store::logs::cut;
use testamur::store::{Conflict, Cursor, Growth, LogPlace, LogState, StoreError, WitnessedHead};

every_engine! {
    a_log_grows_where_it_ends, a_growth_is_whole_or_refused, a_year_ends_where_the_next_begins,
    the_first_witnessed_checkpoint_stays, an_erased_leaf_stays, a_witness_never_goes_back,
    a_witness_sees_one_tree_of_a_size,
}

/// Whoever appends to a log: its edge and its key.
struct Grower {
    year: i16,
    edge: Edge,
    key: VerifierKey,
    signer: Ed25519Signer,
}

impl Grower {
    fn new(year: i16) -> Grower {
        let signer = Ed25519Signer::from_seed("log", &[year as u8; 32]);
        let name = KeyName::parse(&format!("log.example.org/{year}")).unwrap();
        let key = VerifierKey::new(name, Kind::Ed25519, signer.public_key().clone()).unwrap();
        Grower { year, edge: Edge::default(), key, signer }
    }

    /// The log grows by these credentials, and by `others` entries after them.
    fn grow(&mut self, numbers: &[u64], others: u8, through: Cursor) -> Growth {
        let from = self.edge.size();
        let mut entries: Vec<Entry> = numbers.iter().map(|number| entry(*number)).collect();
        entries.extend((0..others).map(|number| Entry([number; 32])));
        let tiles = self.edge.append(&entries).unwrap();
        let head = Checkpoint {
            origin: self.key.name().to_string(),
            size: self.edge.size(),
            root: self.edge.root(),
            extensions: vec![],
        };
        let checkpoint = SignedCheckpoint::sign(head, &self.key, &self.signer).unwrap();
        Growth {
            year: self.year,
            key: self.key.to_string(),
            from,
            to: self.edge.size(),
            through,
            leaves: numbers.iter().map(|number| id(*number)).zip(from..).collect(),
            tiles,
            checkpoint: checkpoint.to_string().into_bytes(),
            at: later(1),
        }
    }
}

fn entry(number: u64) -> Entry {
    let record = record(number);
    Leaf::Credential { salt: record.salt.unwrap(), digest: record.digest }.entry()
}

fn state(growth: &Growth) -> LogState {
    LogState {
        year: growth.year,
        key: growth.key.clone(),
        size: growth.to,
        through: growth.through,
        at: growth.at,
        checkpoint: growth.checkpoint.clone(),
    }
}

fn grew(growth: &Growth) -> Vec<Change> {
    vec![Change::LogGrew(Box::new(growth.clone()))]
}

async fn refused(bed: &Bed, changes: Vec<Change>) {
    let refused = bed.store().commit(changes).await;
    assert_eq!(refused, Err(StoreError::Conflict(Conflict::LogMoved)));
}

/// A store with three credentials, and the last fact.
async fn with_credentials(bed: Bed) -> (Bed, Cursor) {
    let bed = bed.with_institution("ha-noi").await;
    let through = bed.store().commit((1..=3).map(|number| issued(record(number))).collect()).await.unwrap();
    (bed, through)
}

async fn a_log_grows_where_it_ends(bed: Bed) {
    let (mut bed, through) = with_credentials(bed).await;
    assert_eq!(bed.store().logs().await, Ok(vec![]));
    assert_eq!(bed.store().log_place(id(1)).await, Ok(None));
    let mut grower = Grower::new(2026);
    let first = grower.grow(&[1, 2, 3], 200, through);
    let seen = bed.store().commit(grew(&first)).await.unwrap();
    refused(&bed, grew(&first)).await;
    bed.store().commit(vec![issued(record(4))]).await.unwrap();
    let second = grower.grow(&[4], 99, Cursor(seen.0 + 1));
    let last = bed.store().commit(grew(&second)).await.unwrap();
    for _ in 0..2 {
        let store = bed.store();
        assert_eq!(store.logs().await, Ok(vec![state(&second)]));
        assert_eq!(store.log_place(id(2)).await, Ok(Some(LogPlace { year: 2026, index: 1 })));
        assert_eq!(store.log_place(id(4)).await, Ok(Some(LogPlace { year: 2026, index: 203 })));
        assert_eq!(store.log_place(id(9)).await, Ok(None));
        for (tile, bytes) in first.tiles.iter().chain(&second.tiles) {
            let row = store.log_tile(2026, tile.level, tile.index).await.unwrap().unwrap();
            assert_eq!(cut(*tile, row).as_ref(), Some(bytes), "{tile}");
        }
        assert_eq!(store.log_tile(2026, Level::Hashes(0), 2).await, Ok(None));
        assert_eq!(store.log_tile(2025, Level::Hashes(0), 0).await, Ok(None));
        let told = store.changes(Some(Cursor(last.0 - 1)), 5).await.unwrap().items;
        assert_eq!((told[0].what.as_str(), told[0].subject.as_str()), ("log-grew", "2026/203-303"));
        bed.assert_clean().await;
        bed.reopen();
    }
    let state = &bed.store().logs().await.unwrap()[0];
    let mut files = std::collections::BTreeMap::new();
    for tile in Edge::needed(state.size) {
        let row = bed.store().log_tile(2026, tile.level, tile.index).await.unwrap().unwrap();
        files.insert(tile, cut(tile, row).unwrap());
    }
    assert_eq!(Edge::resume(state.size, |tile| files.get(&tile).cloned()), Ok(grower.edge));
}

async fn a_growth_is_whole_or_refused(bed: Bed) {
    let (bed, through) = with_credentials(bed).await;
    let good = Grower::new(2026).grow(&[1, 2], 255, through);
    let mut wrong: Vec<Growth> = Vec::new();
    let mut with = |change: fn(&mut Growth)| {
        let mut growth = good.clone();
        change(&mut growth);
        wrong.push(growth);
    };
    with(|growth| growth.from = 1);
    with(|growth| growth.to += 1);
    with(|growth| growth.to = 0);
    with(|growth| growth.through = Cursor(growth.through.0 + 1));
    with(|growth| growth.leaves[0].1 = 257);
    with(|growth| growth.leaves[0].0 = id(77));
    with(|growth| growth.leaves[1] = growth.leaves[0]);
    with(|growth| drop(growth.tiles.pop()));
    with(|growth| growth.tiles.push(growth.tiles[0].clone()));
    with(|growth| growth.tiles[0].1.truncate(32));
    with(|growth| growth.tiles[0].0 = Tile { index: 7, ..growth.tiles[0].0 });
    for growth in &wrong {
        refused(&bed, grew(growth)).await;
    }
    assert_eq!(bed.store().logs().await, Ok(vec![]));
    assert_eq!(bed.store().log_tile(2026, Level::Entries, 0).await, Ok(None));
    assert_eq!(bed.store().log_place(id(1)).await, Ok(None));

    bed.store().commit(grew(&good)).await.unwrap();
    let mut next = Grower::new(2026);
    next.grow(&[1, 2], 255, through);
    let next = next.grow(&[3], 0, Cursor(through.0 + 1));
    refused(&bed, grew(&Growth { leaves: vec![(id(2), next.from)], ..next.clone() })).await;
    refused(&bed, grew(&Growth { through, ..next.clone() })).await;
    refused(&bed, grew(&Growth { key: "another".to_owned(), ..next.clone() })).await;
    refused(&bed, grew(&Growth { at: now(), ..next.clone() })).await;
    bed.store().commit(grew(&next)).await.unwrap();
    bed.assert_clean().await;
}

async fn a_year_ends_where_the_next_begins(bed: Bed) {
    let (mut bed, through) = with_credentials(bed).await;
    let (mut old, mut new) = (Grower::new(2026), Grower::new(2027));
    let first = old.grow(&[1, 2], 1, Cursor(through.0 - 1));
    bed.store().commit(grew(&first)).await.unwrap();
    let second = new.grow(&[3], 0, through);
    bed.store().commit(grew(&second)).await.unwrap();
    refused(&bed, grew(&old.grow(&[], 1, Cursor(through.0 + 1)))).await;
    bed.reopen();
    assert_eq!(bed.store().logs().await, Ok(vec![state(&first), state(&second)]));
    assert_eq!(bed.store().log_place(id(3)).await, Ok(Some(LogPlace { year: 2027, index: 0 })));
    bed.assert_clean().await;
}

async fn the_first_witnessed_checkpoint_stays(bed: Bed) {
    let (mut bed, through) = with_credentials(bed).await;
    let mut grower = Grower::new(2026);
    let first = grower.grow(&[1, 2, 3], 0, through);
    bed.store().commit(grew(&first)).await.unwrap();
    let witnessed = |year, size, text: &str| {
        vec![Change::LogWitnessed { year, size, checkpoint: text.as_bytes().to_vec() }]
    };
    refused(&bed, witnessed(2026, 4, "larger than the log")).await;
    refused(&bed, witnessed(2026, 0, "empty")).await;
    refused(&bed, witnessed(2025, 1, "of no log")).await;
    bed.store().commit(witnessed(2026, 3, "three")).await.unwrap();
    bed.store().commit(witnessed(2026, 2, "two")).await.unwrap();
    refused(&bed, witnessed(2026, 3, "three again")).await;
    bed.reopen();
    let store = bed.store();
    let two = Ok(Some((2, b"two".to_vec())));
    assert_eq!(store.log_witnessed(2026, 0).await, two);
    assert_eq!(store.log_witnessed(2026, 1).await, two);
    assert_eq!(store.log_witnessed(2026, 2).await, Ok(Some((3, b"three".to_vec()))));
    assert_eq!(store.log_witnessed(2026, 3).await, Ok(None));
    assert_eq!(store.log_witnessed(2026, u64::MAX).await, Ok(None));
    assert_eq!(store.log_witnessed(2027, 0).await, Ok(None));
    bed.assert_clean().await;
}

async fn an_erased_leaf_stays(bed: Bed) {
    let (mut bed, _) = with_credentials(bed).await;
    let erase = |number| vec![Change::Erased(erasure(number, 3))];
    let through = bed.store().commit(erase(3)).await.unwrap();
    bed.store().commit(grew(&Grower::new(2026).grow(&[1, 2], 0, through))).await.unwrap();
    bed.store().commit(erase(1)).await.unwrap();
    bed.reopen();
    assert_eq!(bed.store().log_place(id(1)).await, Ok(Some(LogPlace { year: 2026, index: 0 })));
    assert_eq!(bed.store().log_place(id(3)).await, Ok(None));
    bed.assert_clean().await;
}

/// The head of another's log of so many leaves, as a witness keeps it.
fn head(year: i16, leaves: u8) -> WitnessedHead {
    let mut grower = Grower::new(year);
    let growth = grower.grow(&[], leaves, Cursor(1));
    WitnessedHead {
        origin: grower.key.name().to_string(),
        size: u64::from(leaves),
        root: grower.edge.root(),
        at: later(2),
        checkpoint: growth.checkpoint,
    }
}

fn saw(expect: u64, head: &WitnessedHead) -> Vec<Change> {
    vec![Change::WitnessSaw { expect, head: Box::new(head.clone()) }]
}

async fn a_witness_never_goes_back(mut bed: Bed) {
    let (one, two, other) = (head(2026, 3), head(2026, 9), head(2027, 4));
    assert_eq!(bed.store().witness_seen(&one.origin).await, Ok(None));
    refused(&bed, saw(1, &two)).await;
    refused(&bed, saw(0, &WitnessedHead { size: 0, ..one.clone() })).await;
    bed.store().commit(saw(0, &one)).await.unwrap();
    refused(&bed, saw(0, &two)).await;
    refused(&bed, saw(3, &one)).await;
    let last = bed.store().commit(saw(3, &two)).await.unwrap();
    refused(&bed, saw(3, &two)).await;
    refused(&bed, saw(9, &one)).await;
    // Both or neither, in one commit as in two.
    refused(&bed, [saw(0, &other), saw(0, &head(2027, 5))].concat()).await;
    for _ in 0..2 {
        assert_eq!(bed.store().witness_seen(&two.origin).await, Ok(Some(two.clone())));
        assert_eq!(bed.store().witness_seen(&other.origin).await, Ok(None));
        assert_eq!(bed.store().witness_seen("").await, Ok(None));
        let told = bed.store().changes(Some(Cursor(last.0 - 1)), 5).await.unwrap().items;
        assert_eq!(
            (told[0].what.as_str(), told[0].subject.as_str()),
            ("witness-saw", "log.example.org/2026/9")
        );
        bed.assert_clean().await;
        bed.reopen();
    }
}

/// Many at once, each with a tree of its own: the store takes one of each size.
async fn a_witness_sees_one_tree_of_a_size(bed: Bed) {
    let mut size = 0;
    for _ in 0..20 {
        let next = size + 1;
        let heads: Vec<_> =
            (0..16).map(|fork| WitnessedHead { size: next, root: [fork; 32], ..head(2026, 1) }).collect();
        let saw = heads.iter().map(|head| bed.store().commit(saw(size, head)));
        let taken = futures_util::future::join_all(saw).await;
        let first = taken.iter().position(Result::is_ok).unwrap();
        assert_eq!(taken.iter().filter(|result| result.is_ok()).count(), 1);
        let seen = bed.store().witness_seen(&heads[0].origin).await.unwrap().unwrap();
        assert_eq!(seen, heads[first]);
        size = next;
    }
}

/// Opens the engine once whoever had it has let go.
fn soon(folder: &std::path::Path) -> ::sled::Db {
    let patience = std::time::Instant::now();
    loop {
        match ::sled::open(folder) {
            Ok(db) => return db,
            Err(error) => assert!(patience.elapsed().as_secs() < 20, "{error}"),
        }
        std::thread::yield_now();
    }
}

/// What the check says of a row that somebody bent or took away.
#[tokio::test]
async fn damage_to_the_log_is_named() {
    let (mut bed, through) = with_credentials(Bed::sled()).await;
    bed.store().commit(grew(&Grower::new(2026).grow(&[1, 2, 3], 255, through))).await.unwrap();
    bed.store().commit(saw(0, &head(2026, 3))).await.unwrap();
    let folder = bed.folder.as_ref().unwrap().path().join("sled");
    let tile = |level: u8, index: u8| [&b"T\x07\xea"[..], &[level, 0, 0, 0, 0, 0, 0, 0, index]].concat();
    let leaf = [&b"fha-noi\0"[..], &3u64.to_be_bytes()].concat();
    for (key, name) in [
        (tile(0, 0), "tile/2026/tile/entries/000"),
        (tile(0, 1), "tile/2026/tile/entries/001"),
        (tile(1, 0), "tile/2026/tile/0/000"),
        (tile(1, 1), "tile/2026/tile/0/001"),
        (tile(2, 0), "tile/2026/tile/1/000"),
        (b"L\x07\xea".to_vec(), "log/2026"),
        (leaf, "leaf/ha-noi/0000000000000003"),
        (b"xlog.example.org/2026".to_vec(), "witness-saw/log.example.org/2026"),
    ] {
        for remove in [false, true] {
            bed.store = None;
            let alter = |row: Option<&[u8]>| {
                let db = soon(&folder);
                let before = db.get(&key).unwrap();
                match row {
                    Some(row) => drop(db.insert(&key, row).unwrap()),
                    None if remove => drop(db.remove(&key).unwrap()),
                    None => {
                        let mut bent = before.as_ref().unwrap().to_vec();
                        *bent.last_mut().unwrap() ^= 1;
                        db.insert(&key, bent).unwrap();
                    }
                }
                db.flush().unwrap();
                before
            };
            let before = alter(None).unwrap();
            bed.reopen();
            let damages = bed.store().check(&|_, _| {}).await.unwrap();
            let named = |error: &StoreError| matches!(error, StoreError::Damaged { key, .. } if key == name);
            assert!(damages.iter().any(named), "{name} {remove}: {damages:?}");
            bed.store = None;
            alter(Some(&before));
            bed.reopen();
        }
    }
    bed.assert_clean().await;
}
