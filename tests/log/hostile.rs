//! Good texts, cut up and sewn together: read as written or refused, never a panic, and never a proof.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use testamur::log::tile::Tile;
use testamur::log::witness::AddCheckpoint;
use testamur::log::{Note, Policy, SignedCheckpoint, TlogProof, VerifierKey, cosign};

use super::{Key, Log, entry};

/// One of each text, all about one log.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (key, witness) = (Key::log("log.one.example/2026"), Key::witness("witness.two.example"));
    let mut checkpoint = Log::of(5, 5).checkpoint(&key);
    let at = Timestamp::from_second(1_780_000_000).unwrap();
    checkpoint.add(cosign::cosign(&checkpoint, &witness.public, &witness.signer, at).unwrap());
    let proof = TlogProof { extra: Some(vec![7; 16]), index: 2, path: vec![[1; 32]; 3], checkpoint };
    let request = AddCheckpoint { old: 3, proof: vec![[2; 32]; 4], checkpoint: proof.checkpoint.clone() };
    let policy = format!(
        "log {}\nwitness w {} https://two.example\ngroup g 1 w\nquorum g\n",
        key.public, witness.public
    );
    let checkpoint = proof.checkpoint.to_string();
    vec![checkpoint, proof.to_string(), request.to_string(), policy, "tile/0/x001/234.p/7".to_owned()]
});

/// Puts a piece of one text in the place of a piece of another.
fn sewn(texts: &[String], edits: &[(Index, Index, Index, Index, u8)], base: Index) -> Vec<u8> {
    let mut text = texts[base.index(texts.len())].clone().into_bytes();
    for (other, from, to, at, length) in edits {
        let other = texts[other.index(texts.len())].as_bytes();
        let (from, to) = (from.index(other.len()), to.index(other.len()));
        let piece = &other[from.min(to)..from.max(to)];
        let at = at.index(text.len() + 1);
        let end = (at + usize::from(*length)).min(text.len());
        text.splice(at..end, piece.iter().copied().take(80));
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn whatever_is_read_is_written_back_and_proves_nothing(
        base: Index, edits in prop::collection::vec(any::<(Index, Index, Index, Index, u8)>(), 1..4),
    ) {
        let bytes = sewn(&TEXTS, &edits, base);
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), &bytes[..]);
        }
        if let Ok(checkpoint) = SignedCheckpoint::parse(&bytes) {
            prop_assert_eq!(checkpoint.to_string().into_bytes(), &bytes[..]);
        }
        if let Ok(request) = AddCheckpoint::parse(&bytes) {
            prop_assert_eq!(request.to_string().into_bytes(), &bytes[..]);
        }
        if let Ok(proof) = TlogProof::parse(&bytes) {
            prop_assert_eq!(proof.to_string().into_bytes(), &bytes[..]);
            let policy = Policy::parse(TEXTS[3].as_bytes()).unwrap();
            prop_assert!(proof.verify(&entry(2), &policy, |_, _| true).is_err());
        }
        let policy = Policy::parse(&bytes);
        prop_assert!(policy.is_err() || policy.unwrap().witnesses().len() <= 2);
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text.as_ref());
        }
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), text.as_ref());
        }
    }
}
