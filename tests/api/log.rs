//! The log as it is served: what was issued is in it, proofs verify, and nothing else answers.

use proptest::prelude::*;
use serde_json::json;
use testamur::codec::{jcs, json};
use testamur::crypto::sha256;
use testamur::institution::Slug;
use testamur::log::merkle::{self, Node};
use testamur::log::tile::{Level, Tile};
use testamur::log::{Checkpoint, Entry, Hash, SignedCheckpoint, TlogProof, VerifierKey};
use testamur::publish::audit::{Alarm, audit};
use testamur::publish::due_lists;
use testamur::publish::log::{LogError, Publisher};
use testamur::status::Purpose;
use testamur::store::{Change, Conflict, ListKey, ListVersion, StoreError};

use crate::support::{OPENED, TestHouse, page_of};

const ORIGIN: &str = "log.localhost/2026";

async fn grow(house: &TestHouse) -> u64 {
    Publisher::new(house.app.clone()).tick().await.unwrap()
}

/// The checkpoint as served, its signature verified by the key as served.
async fn head(house: &TestHouse) -> Checkpoint {
    let (key, checkpoint) = served(house).await;
    checkpoint.verified(&key).unwrap().clone()
}

async fn served(house: &TestHouse) -> (VerifierKey, SignedCheckpoint) {
    let key = house.stranger().get("/log/2026/key").await;
    let checkpoint = house.stranger().get("/log/2026/checkpoint").await;
    assert_eq!((key.status, checkpoint.status), (200, 200));
    assert_eq!(checkpoint.header("cache-control"), "no-store");
    (key.text().trim_end().parse().unwrap(), SignedCheckpoint::parse(&checkpoint.body).unwrap())
}

/// A file of the log, or the status it was refused with.
async fn file(house: &TestHouse, tile: Tile) -> Result<Vec<u8>, u16> {
    let answer = house.stranger().get(&format!("/log/2026/{tile}")).await;
    if answer.status == 200 { Ok(answer.body) } else { Err(answer.status) }
}

async fn entries(house: &TestHouse, size: u64) -> Vec<Entry> {
    let mut entries = Vec::new();
    for index in 0..size.div_ceil(256) {
        let tile = Tile::at(Level::Entries, index, size).unwrap();
        entries.extend(tile.entries(&file(house, tile).await.unwrap()).unwrap());
    }
    entries
}

/// RFC 6962 §2.1 over all entries, without a tile.
fn naive(entries: &[Entry]) -> Hash {
    let node = |node: Node| Ok::<_, ()>(complete(entries, node));
    merkle::root(entries.len() as u64, node).unwrap()
}

fn complete(entries: &[Entry], node: Node) -> Hash {
    match node.level {
        0 => entries[node.index as usize].leaf_hash(),
        level => {
            let child = |index| complete(entries, Node { level: level - 1, index });
            merkle::node_hash(&child(2 * node.index), &child(2 * node.index + 1))
        }
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_first_leaf() {
    let house = TestHouse::new().await;
    assert_eq!(grow(&house).await, 0);
    let told = house.stranger().get("/log").await.json();
    assert_eq!(told, json!({"origin": "log.localhost", "url": "http://localhost:8080/log", "logs": []}));
    for path in
        ["/log/2026/checkpoint", "/log/2026/key", "/log/2026/tile/0/000", "/log/2026/tile/entries/000"]
    {
        assert_eq!(house.stranger().get(path).await.problem(404).0, "not-found");
    }
    assert!(!house.app.keyring.dir().join("log-2026.key").exists());
}

#[tokio::test]
async fn what_was_issued_is_proved() {
    let house = TestHouse::new().await;
    let diploma = house.diploma().await;
    let path = format!("{}/tlog-proof", page_of(&diploma));
    let waiting = house.stranger().get(&path).await;
    assert_eq!(waiting.problem(404).0, "log-pending");
    assert_eq!(waiting.header("retry-after"), "5");
    let mut publisher = Publisher::new(house.app.clone());
    assert_eq!(publisher.tick().await.unwrap(), 1);
    for _ in 0..3 {
        house.diploma().await;
        publisher.tick().await.unwrap();
    }
    let answer = house.stranger().get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    let proof = TlogProof::parse(&answer.body).unwrap();
    assert_eq!(proof.to_string(), answer.text());
    let digest = sha256(&jcs::canonicalize(&diploma));
    let leaf = proof.credential(digest).unwrap().entry().leaf_hash();
    let head = head(&house).await;
    assert_eq!((head.origin.as_str(), head.size, proof.index), (ORIGIN, 4, 0));
    merkle::verify_inclusion(proof.index, head.size, &leaf, &proof.path, &head.root).unwrap();
    let another = proof.credential(sha256(b"another")).unwrap().entry().leaf_hash();
    assert!(merkle::verify_inclusion(proof.index, head.size, &another, &proof.path, &head.root).is_err());

    let told = house.stranger().get("/log").await.json();
    let log = &told["logs"][0];
    assert_eq!((&log["year"], &log["origin"], &log["size"]), (&json!(2026), &json!(ORIGIN), &json!(4)));
    assert_eq!((&log["closed"], &log["url"]), (&json!(false), &json!("http://localhost:8080/log/2026")));
    assert_eq!(log["root"], head.to_string().lines().nth(2).unwrap());
}

#[tokio::test]
async fn a_status_list_is_in_the_log() {
    let house = TestHouse::new().await;
    house.diploma().await;
    assert!(due_lists(&house.app).await.is_empty());
    let grown = grow(&house).await;
    assert!(grown >= 3, "a diploma and its two lists, not {grown}");
    let list = house.stranger().get("/institutions/ha-noi/status/revocation/1").await;
    let digest = sha256(&jcs::canonicalize(&json::parse(&list.body).unwrap()));
    let entry = testamur::log::Leaf::StatusList { digest }.entry();
    assert!(entries(&house, grown).await.contains(&entry));
}

#[tokio::test]
async fn a_proof_is_seen_by_whoever_sees_the_credential() {
    let house = TestHouse::new().await;
    let draft = json!({"credential": crate::support::diploma(), "options": {"visibility": "token"}});
    let closed =
        house.college().post("/credentials/issue", &draft).await.json()["verifiableCredential"].clone();
    let open = house.diploma().await;
    grow(&house).await;
    let path = format!("{}/tlog-proof", page_of(&closed));
    assert_eq!(house.stranger().get(&path).await.problem(404).0, "not-found");
    assert_eq!(house.neighbour().get(&path).await.problem(404).0, "not-found");
    let answer = house.college().get(&path).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-store"));
    let path = format!("{}/tlog-proof", page_of(&open));
    let erase = json!({"credentialId": open["id"], "reason": "asked for"});
    assert_eq!(house.college().post("/credentials/erase", &erase).await.status, 200);
    assert_eq!(house.stranger().get(&path).await.problem(410).0, "erased");
}

#[tokio::test]
async fn what_was_erased_before_is_skipped() {
    let house = TestHouse::new().await;
    let erased = house.diploma().await;
    let erase = json!({"credentialId": erased["id"], "reason": "asked for"});
    assert_eq!(house.college().post("/credentials/erase", &erase).await.status, 200);
    house.diploma().await;
    assert_eq!(grow(&house).await, 1);
    assert_eq!(head(&house).await.size, 1);
}

#[tokio::test]
async fn only_the_log_is_served() {
    let house = TestHouse::new().await;
    for _ in 0..3 {
        house.diploma().await;
    }
    grow(&house).await;
    let size = head(&house).await.size;
    let path = |text: &str| format!("/log/2026/{text}");
    for good in ["tile/0/000.p/1", "tile/0/000.p/3", "tile/entries/000.p/2"] {
        let answer = house.stranger().get(&path(good)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
        assert!(answer.header("cache-control").contains("immutable"));
    }
    assert_eq!(size, 3);
    for bad in [
        "tile/0/000",
        "tile/0/000.p/4",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/03",
        "tile/1/000.p/1",
        "tile/0/001.p/1",
        "tile/8/000.p/1",
        "tile/-1/000.p/1",
        "tile/0/0.p/1",
        "tile/0/x000/000.p/1",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/000",
        "tile/entries/x/000",
        "tile/data/000",
        "tile/0/000.p/1/",
        "tile/0//000.p/1",
        "tile/0/..%2f000",
        "tile/0/%ff",
        "tile/0/%00",
        "tile/",
        "tile/0/",
        "tile",
        "tile/entries/000.p/2%0a",
        "tile/0/000.p/99999999999999999999",
        "tiles/0/000.p/1",
        "",
        "root",
        &"tile/0/".repeat(400),
    ] {
        let answer = house.stranger().get(&path(bad)).await;
        assert!((400..500).contains(&answer.status), "{bad}: {}", answer.status);
        answer.problem(answer.status);
    }
    for year in ["2025", "02026", "+2026", "-1", "99999", "2026.0", "%E0%BB%92", "x", "%ff"] {
        for what in ["checkpoint", "key", "tile/0/000.p/1"] {
            let answer = house.stranger().get(&format!("/log/{year}/{what}")).await;
            assert!((400..500).contains(&answer.status), "{year}/{what}: {}", answer.status);
            answer.problem(answer.status);
        }
    }
    for id in ["x", "00000000000000000000000000", "%ff"] {
        let answer = house.stranger().get(&format!("/c/{id}/tlog-proof")).await;
        assert!((400..500).contains(&answer.status), "{id}");
    }
}

#[tokio::test]
async fn of_two_publishers_one_is_sent_back_and_the_log_is_one() {
    let house = TestHouse::new().await;
    let mut publishers = [Publisher::new(house.app.clone()), Publisher::new(house.app.clone())];
    house.diploma().await;
    for publisher in &mut publishers {
        publisher.tick().await.unwrap();
    }
    let (mut moved, mut heads) = (0, vec![head(&house).await]);
    for round in 0..12 {
        house.diploma().await;
        let [one, two] = &mut publishers;
        let (one, two) = tokio::join!(one.tick(), two.tick());
        for result in [one, two] {
            match result {
                Ok(_) => {}
                Err(LogError::Store(StoreError::Conflict(Conflict::LogMoved))) => moved += 1,
                Err(error) => panic!("{round}: {error}"),
            }
        }
        heads.push(head(&house).await);
    }
    assert!(moved > 0, "they never met");
    let entries = entries(&house, 13).await;
    for head in heads {
        assert_eq!(head.root, naive(&entries[..head.size as usize]), "{}", head.size);
    }
}

/// Publishers come and go; whatever a tick takes, the log is the tree of all entries.
#[tokio::test]
async fn a_log_goes_on_where_it_was_left() {
    let house = TestHouse::on_disk().await;
    let mut issued = 0;
    let (mut older, mut log) = (Vec::new(), Publisher::new(house.app.clone()));
    for batch in [1, 2, 5, 1, 13, 8] {
        for _ in 0..batch {
            house.diploma().await;
        }
        issued += batch;
        if batch % 2 == 1 {
            log = Publisher::new(house.app.clone());
        }
        assert_eq!(log.tick().await.unwrap(), batch);
        older.push(served(&house).await.1);
    }
    let (key, newest) = served(&house).await;
    let entries = entries(&house, issued).await;
    assert_eq!(newest.claimed().root, naive(&entries));
    let fetch = async |tile| file(&house, tile).await;
    for since in &older {
        assert_eq!(audit(&key, &newest, Some(since), &fetch).await.unwrap().size, issued);
    }
    let shrunk = audit(&key, &older[0], Some(&newest), &fetch).await;
    assert!(matches!(shrunk, Err(Alarm::Shrunk { old: 30, new: 1 })), "{shrunk:?}");
    let bent = async |tile: Tile| {
        let mut bytes = file(&house, tile).await?;
        bytes[40] ^= u8::from(tile.level == Level::Hashes(0));
        Ok::<_, u16>(bytes)
    };
    assert!(matches!(audit(&key, &newest, None, bent).await, Err(Alarm::Differs(_))));
    assert_eq!(house.app.store.check(&|_, _| {}).await, Ok(vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Publishers of any age, batches of any size: the root is that of all entries.
    #[test]
    fn the_batches_do_not_show_in_the_root(
        batches in prop::collection::vec((0..400u64, any::<bool>()), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = TestHouse::new().await;
            let mut publisher = Publisher::new(house.app.clone());
            let mut published = 0;
            for (batch, anew) in batches {
                let versions = (published + 1..=published + batch).map(version).map(Change::ListPublished);
                published += batch;
                house.app.store.commit(versions.collect()).await.unwrap();
                if anew {
                    publisher = Publisher::new(house.app.clone());
                }
                assert_eq!(publisher.tick().await.unwrap(), batch);
                if published > 0 {
                    let head = head(&house).await;
                    let entries = entries(&house, published).await;
                    assert_eq!((head.size, head.root), (published, naive(&entries)));
                }
            }
        });
    }
}

/// A version of a list that nobody else publishes.
fn version(version: u64) -> ListVersion {
    let institution = Slug::parse("ha-noi").unwrap();
    ListVersion {
        key: ListKey { institution, purpose: Purpose::Revocation, list: 7, mirror: false },
        version,
        at: OPENED.parse().unwrap(),
        valid_until: OPENED.parse().unwrap(),
        body: format!("{{\"version\":{version}}}").into_bytes(),
    }
}

/// At New Year a log ends and the next begins; a clock set back does not reopen it.
#[tokio::test]
async fn a_year_has_its_own_log() {
    let house = TestHouse::new().await;
    let old = house.diploma().await;
    Publisher::new(house.app.clone()).tick().await.unwrap();
    house.clock.set("2027-01-01T00:00:01Z".parse().unwrap());
    let new = house.diploma().await;
    // The old year's key may have been put away.
    std::fs::remove_file(house.app.keyring.dir().join("log-2026.key")).unwrap();
    Publisher::new(house.reopened().await).tick().await.unwrap();
    house.clock.set("2026-12-31T23:59:00Z".parse().unwrap());
    house.diploma().await;
    Publisher::new(house.app.clone()).tick().await.unwrap();
    let told = house.stranger().get("/log").await.json();
    let sizes: Vec<_> =
        told["logs"].as_array().unwrap().iter().map(|log| (&log["size"], &log["closed"])).collect();
    assert_eq!(sizes, [(&json!(1), &json!(true)), (&json!(2), &json!(false))]);
    assert_ne!(told["logs"][0]["key"], told["logs"][1]["key"]);
    for (diploma, origin) in [(old, ORIGIN), (new, "log.localhost/2027")] {
        let proof = house.stranger().get(&format!("{}/tlog-proof", page_of(&diploma))).await;
        assert_eq!(TlogProof::parse(&proof.body).unwrap().checkpoint.claimed().origin, origin);
    }
}

/// A log is not signed on with another key.
#[tokio::test]
async fn without_its_key_a_log_stands_still() {
    let house = TestHouse::new().await;
    house.diploma().await;
    grow(&house).await;
    let path = house.app.keyring.dir().join("log-2026.key");
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    let again = house.reopened().await;
    house.diploma().await;
    assert!(matches!(Publisher::new(again.clone()).tick().await, Err(LogError::Key(_))));
    assert!(!path.exists(), "no new key is made for a log that has begun");
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(Publisher::new(again).tick().await.unwrap(), 1);
}
