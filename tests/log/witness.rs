//! What a witness cosigns, and what it refuses.

use proptest::prelude::*;
use testamur::log::merkle::{consistency, prove};
use testamur::log::note::Signature;
use testamur::log::witness::{AddCheckpoint, MAX_REQUEST, Refusal, Seen};
use testamur::log::{Checkpoint, SignedCheckpoint};

use super::{Key, Log, Naive, entry};

const ORIGIN: &str = "log.one.example/2026";

fn request(old: u64, log: &Log) -> AddCheckpoint {
    let ranges = consistency(old, log.edge.size()).unwrap();
    let tiles = log.tiles(&ranges);
    let proof = prove(&ranges, |node| tiles.node(node)).unwrap();
    AddCheckpoint { old, proof, checkpoint: log.checkpoint(&Key::log(ORIGIN)) }
}

fn seen(size: u64) -> Option<Seen> {
    Some(Seen { size, root: Naive::new().root(size) })
}

fn judge(request: &AddCheckpoint, seen: Option<Seen>) -> Result<u64, Refusal> {
    request.judge(&[Key::log(ORIGIN).public], seen).map(|head| head.size)
}

#[test]
fn a_log_that_only_grew_is_cosigned() {
    let log = Log::of(300, 300);
    assert_eq!(judge(&request(0, &log), None), Ok(300));
    for old in [1, 70, 255, 256, 299, 300] {
        assert_eq!(judge(&request(old, &log), seen(old)), Ok(300), "{old}");
    }
    assert_eq!(judge(&request(0, &Log::default()), None), Ok(0));
}

#[test]
fn the_witness_never_goes_back() {
    let log = Log::of(300, 300);
    // A stale request is told where the witness stands.
    assert_eq!(judge(&request(70, &log), seen(100)), Err(Refusal::Stale(100)));
    assert_eq!(judge(&request(70, &log), None), Err(Refusal::Stale(0)));
    assert_eq!(judge(&request(0, &log), seen(300)), Err(Refusal::Stale(300)));
    assert_eq!(judge(&request(70, &log), seen(400)), Err(Refusal::Stale(400)));
    let mut backwards = request(0, &log);
    backwards.old = 301;
    assert_eq!(judge(&backwards, seen(301)), Err(Refusal::Malformed));
}

#[test]
fn a_forked_log_is_refused() {
    let mut fork = Log::of(100, 100);
    fork.append(&[entry(9999)]);
    assert_eq!(judge(&request(101, &fork), seen(101)), Err(Refusal::Forked(101)));
    fork.append(&(0..50).map(entry).collect::<Vec<_>>());
    assert_eq!(judge(&request(101, &fork), seen(101)), Err(Refusal::Inconsistent));
    assert_eq!(judge(&request(100, &fork), seen(100)), Ok(151));
    // With proofs too long, too short, and where none belongs.
    let mut long = request(100, &fork);
    long.proof.push([0; 32]);
    assert_eq!(judge(&long, seen(100)), Err(Refusal::Inconsistent));
    long.proof.clear();
    assert_eq!(judge(&long, seen(100)), Err(Refusal::Inconsistent));
    let mut first = request(0, &fork);
    first.proof.push([0; 32]);
    assert_eq!(judge(&first, None), Err(Refusal::Inconsistent));
    // An empty tree has one root.
    let key = Key::log(ORIGIN);
    let empty = Checkpoint { origin: ORIGIN.into(), size: 0, root: [7; 32], extensions: vec![] };
    let checkpoint = SignedCheckpoint::sign(empty, &key.public, &key.signer).unwrap();
    assert_eq!(judge(&AddCheckpoint { old: 0, proof: vec![], checkpoint }, None), Err(Refusal::Forked(0)));
}

#[test]
fn only_the_log_itself_is_heard() {
    let request = request(0, &Log::of(5, 5));
    assert_eq!(request.judge(&[], None).map(|_| ()), Err(Refusal::UnknownLog));
    let other = Key::log("log.two.example/2026").public;
    assert_eq!(request.judge(&[other], None).map(|_| ()), Err(Refusal::UnknownLog));
    let forged = request.to_string().replace("\n5\n", "\n6\n");
    assert_eq!(judge(&AddCheckpoint::parse(forged.as_bytes()).unwrap(), None), Err(Refusal::Unsigned));
    let mut mixed = request.clone();
    let key = Key::log(ORIGIN).public;
    mixed.checkpoint.add(Signature { name: key.name().clone(), id: key.id(), bytes: vec![0; 64] });
    assert_eq!(judge(&mixed, None), Err(Refusal::Unsigned));
}

#[test]
fn a_request_has_one_spelling() {
    let good = request(3, &Log::of(5, 5)).to_string();
    assert!(good.starts_with("old 3\n"));
    assert_eq!(AddCheckpoint::parse(good.as_bytes()).unwrap().to_string(), good);
    let first = request(0, &Log::of(5, 5)).to_string();
    assert!(first.starts_with("old 0\n\nlog.one"));
    assert_eq!(AddCheckpoint::parse(first.as_bytes()).unwrap().to_string(), first);
    let hash = good.lines().nth(1).unwrap();
    for bad in [
        String::new(),
        good.replacen("old 3", "old 03", 1),
        good.replacen("old 3", "old", 1),
        good.replacen("old 3", "old -3", 1),
        good.replacen("old 3\n", "", 1),
        good.replacen("\n\n", "\n", 1),
        good.replacen(hash, "", 1),
        good.replacen(hash, "AAAA", 1),
        good.replacen(hash, format!("{hash}\n").repeat(64).trim_end(), 1),
        format!("{good}x"),
        format!("{good}{}", " ".repeat(MAX_REQUEST)),
        good.replace('\n', "\r\n"),
    ] {
        assert_eq!(AddCheckpoint::parse(bad.as_bytes()), Err(Refusal::Malformed), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_two_sizes_of_one_log_are_consistent_and_no_other_root_is(old in 1..400u64, more in 0..300u64, bit in 0..256usize) {
        let naive = Naive::new();
        let log = Log::of(old + more, 200);
        let request = request(old, &log);
        let mut seen = Seen { size: old, root: naive.root(old) };
        prop_assert_eq!(judge(&request, Some(seen)), Ok(old + more));
        seen.root[bit / 8] ^= 1 << (bit % 8);
        let refused = if more == 0 { Refusal::Forked(old) } else { Refusal::Inconsistent };
        prop_assert_eq!(judge(&request, Some(seen)), Err(refused));
    }
}
