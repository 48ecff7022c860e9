//! The witness's door: what it cosigns, what it refuses and how, and that it never forgets or goes back.

use axum::body::Body;
use http::Method;
use testamur::config::Config;
use testamur::log::merkle::{consistency, prove};
use testamur::log::note::signature_lines;
use testamur::log::vkey::Kind;
use testamur::log::witness::{AddCheckpoint, MAX_REQUEST};
use testamur::log::{SignedCheckpoint, VerifierKey, cosign};
use testamur::web;
use testamur::witness::{Watched, WatchedError};

use crate::log::{Key, Log, entry};
use crate::support::{Actor, Answer, OPENED, TestHouse};

const ORIGIN: &str = "log.laos.example/2026";
const PATH: &str = "/add-checkpoint";

fn witness(config: &mut Config) {
    config.apply("witness", "name", "witness.vietnam.example").unwrap();
    config.apply("witness", "logs", &Key::log(ORIGIN).public.to_string()).unwrap();
}

fn request(old: u64, log: &Log, key: &Key) -> AddCheckpoint {
    let ranges = consistency(old, log.edge.size()).unwrap();
    let tiles = log.tiles(&ranges);
    let proof = prove(&ranges, |node| tiles.node(node)).unwrap();
    AddCheckpoint { old, proof, checkpoint: log.checkpoint(key) }
}

/// What the witness is asked by the log: to go on from `old`.
fn asks(old: u64, log: &Log) -> String {
    request(old, log, &Key::log(ORIGIN)).to_string()
}

async fn post(actor: &Actor, body: impl Into<Body>) -> Answer {
    actor.send(Method::POST, PATH, body.into(), &[]).await
}

async fn key(actor: &Actor) -> VerifierKey {
    let answer = actor.get("/witness/key").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    answer.text().trim_end().parse().unwrap()
}

/// Whether the answer is a good cosignature of the log as it is.
async fn is_cosigned(actor: &Actor, log: &Log, answer: &Answer) {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    let mut checkpoint = log.checkpoint(&Key::log(ORIGIN));
    for line in signature_lines(&answer.text()).unwrap() {
        checkpoint.add(line);
    }
    let times = cosign::times(&checkpoint, &key(actor).await).unwrap();
    assert_eq!(times, [OPENED.parse().unwrap()]);
}

fn knows(answer: &Answer, size: u64) {
    assert_eq!((answer.status, answer.text()), (409, format!("{size}\n")));
    assert_eq!(answer.header("content-type"), "text/x.tlog.size");
}

#[tokio::test]
async fn a_log_that_only_grows_is_cosigned() {
    let house = TestHouse::with(witness).await;
    let actor = house.stranger();
    assert_eq!(key(&actor).await.kind(), Kind::Cosignature);
    let mut log = Log::of(5, 5);
    is_cosigned(&actor, &log, &post(&actor, asks(0, &log)).await).await;
    // Asked again, the same; from elsewhere, where it stands.
    is_cosigned(&actor, &log, &post(&actor, asks(5, &log)).await).await;
    let facts = house.app.store.changes(None, 1000).await.unwrap().items.len();
    is_cosigned(&actor, &log, &post(&actor, asks(5, &log)).await).await;
    assert_eq!(
        house.app.store.changes(None, 1000).await.unwrap().items.len(),
        facts,
        "nothing new to record"
    );
    knows(&post(&actor, asks(0, &log)).await, 5);
    log.append(&(5..300).map(entry).collect::<Vec<_>>());
    knows(&post(&actor, asks(4, &log)).await, 5);
    is_cosigned(&actor, &log, &post(&actor, asks(5, &log)).await).await;
    knows(&post(&actor, asks(0, &Log::of(5, 5))).await, 300);
    let seen = house.app.store.witness_seen(ORIGIN).await.unwrap().unwrap();
    assert_eq!((seen.size, seen.root), (300, log.edge.root()));
    SignedCheckpoint::parse(&seen.checkpoint).unwrap().verified(&Key::log(ORIGIN).public).unwrap();
}

#[tokio::test]
async fn a_fork_is_never_cosigned() {
    let house = TestHouse::with(witness).await;
    let actor = house.stranger();
    let log = Log::of(10, 10);
    post(&actor, asks(0, &log)).await;
    let mut fork = Log::of(9, 9);
    fork.append(&[entry(99)]);
    knows(&post(&actor, asks(10, &fork)).await, 10);
    fork.append(&[entry(100), entry(101)]);
    assert_eq!(post(&actor, asks(10, &fork)).await.problem(422).0, "checkpoint-inconsistent");
    let mut good = Log::of(12, 12);
    let unproved = asks(10, &good);
    let start = unproved.find('\n').unwrap() + 1;
    let unproved = format!("{}{}", &unproved[..start], &unproved[unproved.find("\n\n").unwrap() + 1..]);
    assert_eq!(post(&actor, unproved).await.problem(422).0, "checkpoint-inconsistent");
    is_cosigned(&actor, &good, &post(&actor, asks(10, &good)).await).await;
    // An empty tree is one tree.
    good = Log::default();
    let empty = asks(0, &good)
        .replace(good.checkpoint(&Key::log(ORIGIN)).to_string().lines().nth(2).unwrap(), &"A".repeat(43));
    assert!((400..500).contains(&post(&actor, empty).await.status));
}

#[tokio::test]
async fn only_logs_it_knows_are_cosigned() {
    let house = TestHouse::with(witness).await;
    let actor = house.stranger();
    let log = Log::of(3, 3);
    let other = request(0, &log, &Key::log("log.thailand.example/2026")).to_string();
    assert_eq!(post(&actor, other).await.problem(404).0, "not-found");
    let forged = asks(0, &log).replace("\n3\n", "\n4\n");
    assert_eq!(post(&actor, forged).await.problem(403).0, "checkpoint-unsigned");
    // The origin of a known log, the key of another.
    let impostor = Key::log("impostor");
    let mut note = log.checkpoint(&Key::log(ORIGIN)).to_string();
    note.truncate(note.find("\n\n").unwrap() + 2);
    let line = request(0, &log, &impostor).checkpoint.to_string();
    note.push_str(line.lines().last().unwrap());
    assert_eq!(post(&actor, format!("old 0\n\n{note}\n")).await.problem(403).0, "checkpoint-unsigned");
    assert_eq!(house.app.store.witness_seen(ORIGIN).await, Ok(None));
}

#[tokio::test]
async fn garbage_is_refused() {
    let house = TestHouse::with(witness).await;
    let actor = house.stranger();
    let good = asks(0, &Log::of(3, 3));
    let many = format!(
        "old 0\n{}\n{}",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64),
        good.split_once("\n\n").unwrap().1
    );
    for bad in [
        "".into(),
        "old 0\n\n".into(),
        "{}".into(),
        "\0\0\0".into(),
        "\u{2014} x AAAA\n".repeat(70),
        good.replace("old 0", "old 00"),
        good.replace("old 0", "old 4"),
        good.replace("old 0", "old 99999999999999999999"),
        good.replace("\n3\n", "\n-3\n"),
        good.replace('\n', "\r\n"),
        good[..good.len() - 1].to_owned(),
        many,
    ] {
        assert_eq!(post(&actor, bad.clone()).await.problem(400).0, "request-invalid", "{bad}");
    }
    assert_eq!(post(&actor, vec![0xff; 1000]).await.problem(400).0, "request-invalid");
    assert_eq!(post(&actor, vec![b'a'; MAX_REQUEST + 1]).await.problem(413).0, "too-large");
    let announced = [("content-length", "99999999")];
    let answer = actor.send(Method::POST, PATH, Body::from("old 0\n"), &announced).await;
    assert_eq!(answer.problem(413).0, "too-large");
    for end in 0..good.len() {
        let answer = post(&actor, good.as_bytes()[..end].to_vec()).await;
        assert!((400..500).contains(&answer.status), "{end}: {}", answer.status);
    }
    assert_eq!(house.app.store.witness_seen(ORIGIN).await, Ok(None));
}

#[tokio::test]
async fn without_the_role_there_is_no_witness() {
    let house = TestHouse::with(|config| {
        config.apply("witness", "logs", &Key::log(ORIGIN).public.to_string()).unwrap();
    })
    .await;
    let answer = post(&house.stranger(), asks(0, &Log::of(3, 3))).await;
    assert_eq!(answer.problem(404).0, "not-found");
    assert_eq!(house.stranger().get("/witness/key").await.problem(404).0, "not-found");
    assert!(!house.app.keyring.dir().join("witness.key").exists());
}

#[tokio::test]
async fn a_log_is_added_and_taken_away_while_the_witness_runs() {
    let house = TestHouse::with(|config| config.apply("witness", "name", "w.example/w1").unwrap()).await;
    let actor = house.stranger();
    let log = Log::of(3, 3);
    let key = Key::log(ORIGIN).public;
    let watched = Watched::of(&house.app.config.server.data);
    assert_eq!(post(&actor, asks(0, &log)).await.status, 404);
    assert!(watched.add(&key).unwrap() && !watched.add(&key).unwrap());
    assert!(matches!(watched.add(&Key::witness("w").public), Err(WatchedError::NotALog(_))));
    assert_eq!(post(&actor, asks(0, &log)).await.status, 200);
    assert!(watched.add(&Key::log("log.laos.example/2027").public).unwrap());
    assert_eq!(watched.remove(ORIGIN).unwrap(), 1);
    assert_eq!(watched.load().unwrap().len(), 1);
    assert!(matches!(watched.remove(&key.to_string()), Err(WatchedError::Unknown(_))));
    assert_eq!(post(&actor, asks(3, &log)).await.status, 404);
    // Added again, it goes on from what was cosigned.
    watched.add(&key).unwrap();
    knows(&post(&actor, asks(0, &log)).await, 3);
    // A file somebody has broken: nothing is cosigned on half of it.
    let path = house.app.config.server.data.join("witness").join("logs");
    std::fs::write(path, format!("{key}\nlog.laos.example/2026\n")).unwrap();
    assert_eq!(post(&actor, asks(3, &log)).await.problem(503).0, "unavailable");
}

#[tokio::test]
async fn a_witness_remembers_after_a_restart() {
    let house = TestHouse::with(witness).await;
    let before = key(&house.stranger()).await;
    post(&house.stranger(), asks(0, &Log::of(8, 8))).await;
    let again = Actor::new(web::service(house.reopened().await));
    assert_eq!(key(&again).await, before);
    let mut fork = Log::of(7, 7);
    fork.append(&[entry(70)]);
    knows(&post(&again, asks(0, &fork)).await, 8);
    knows(&post(&again, asks(8, &fork)).await, 8);
    knows(&post(&again, asks(7, &Log::of(9, 9))).await, 8);
    let log = Log::of(9, 9);
    is_cosigned(&again, &log, &post(&again, asks(8, &log)).await).await;
}

/// Sixteen trees of one size at once: one root is ever cosigned, whoever comes first.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_trees_of_one_size_one_is_cosigned() {
    let house = TestHouse::with(witness).await;
    let mut log = Log::default();
    for _ in 0..10 {
        let old = log.edge.size();
        let forks: Vec<Log> = (0..16)
            .map(|fork| {
                let mut log = Log { edge: log.edge.clone(), files: log.files.clone() };
                log.append(&(old..old + 10).map(|index| entry(index + 1000 * fork)).collect::<Vec<_>>());
                log
            })
            .collect();
        let posts = forks.iter().map(|log| {
            let (actor, body) = (house.stranger(), asks(old, log));
            tokio::spawn(async move { post(&actor, body).await.status })
        });
        let statuses: Vec<u16> =
            futures_util::future::join_all(posts).await.into_iter().map(Result::unwrap).collect();
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        let mut cosigned = forks.into_iter().zip(statuses).filter(|(_, status)| *status == 200);
        log = cosigned.next().unwrap().0;
        assert!(cosigned.next().is_none());
        let seen = house.app.store.witness_seen(ORIGIN).await.unwrap().unwrap();
        assert_eq!((seen.size, seen.root), (old + 10, log.edge.root()));
    }
}

/// Ten thousand requests, random and side by side, of a log and of two forks of it: what is cosigned only grows, and is one
/// tree at each size.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_never_turn_a_witness_back() {
    const SIZES: u64 = 120;
    let house = TestHouse::with(witness).await;
    let branch = |fork: u64| -> Vec<Log> {
        let mut log = Log::default();
        (0..SIZES)
            .map(|size| {
                log.append(&[entry(if fork > 0 && size >= 40 * fork { size + 1000 * fork } else { size })]);
                Log { edge: log.edge.clone(), files: log.files.clone() }
            })
            .collect()
    };
    let bodies: Vec<Vec<Vec<String>>> = (0..3)
        .map(|fork| {
            let from = |log: &Log| (0..=log.edge.size()).map(|old| asks(old, log)).collect();
            branch(fork).iter().map(from).collect()
        })
        .collect();
    let bodies = std::sync::Arc::new(bodies);
    let workers = (0..8u64).map(|worker| {
        let (actor, app, bodies) = (house.stranger(), house.app.clone(), bodies.clone());
        tokio::spawn(async move {
            let mut random = worker + 1;
            let mut next = |below: u64| {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % below
            };
            let mut cosigned = Vec::new();
            for _ in 0..1250 {
                let known = app.store.witness_seen(ORIGIN).await.unwrap().map_or(0, |head| head.size);
                // Now from where the witness stands and a little further, now from anywhere.
                let (old, size) = match next(2) {
                    0 => (known, (known + next(3)).clamp(1, SIZES)),
                    _ => (next(SIZES), 1 + next(SIZES)),
                };
                let (old, fork) = (old.min(size), next(3));
                let body = bodies[fork as usize][size as usize - 1][old as usize].clone();
                let status = post(&actor, body).await.status;
                assert!([200, 409, 422].contains(&status), "{status}");
                if status == 200 {
                    cosigned.push((size, fork));
                }
            }
            cosigned
        })
    });
    let cosigned: Vec<_> =
        futures_util::future::join_all(workers).await.into_iter().flat_map(Result::unwrap).collect();
    let root = |size: u64, fork: u64| {
        let body = &bodies[fork as usize][size as usize - 1][0];
        AddCheckpoint::parse(body.as_bytes()).unwrap().checkpoint.claimed().root
    };
    let mut roots = std::collections::BTreeMap::new();
    for (size, fork) in cosigned {
        assert_eq!(*roots.entry(size).or_insert_with(|| root(size, fork)), root(size, fork), "at {size}");
    }
    assert!(roots.len() > 10, "{roots:?}");
    let one = (0..3).any(|fork| roots.iter().all(|(size, seen)| root(*size, fork) == *seen));
    assert!(one, "the trees cosigned are not those of one log");
    let facts = house.app.store.changes(None, 100_000).await.unwrap().items;
    let sizes = facts.iter().filter(|fact| fact.what == "witness-saw");
    let sizes: Vec<u64> =
        sizes.map(|fact| fact.subject.rsplit('/').next().unwrap().parse().unwrap()).collect();
    assert!(sizes.is_sorted_by(|a, b| a < b), "{sizes:?}");
    assert_eq!(sizes.last(), roots.keys().last());
}
