//! tlog-proofs: one spelling, bounds, and what each part is good for.

use jiff::Timestamp;
use proptest::prelude::*;
use testamur::log::checkpoint::CheckpointError;
use testamur::log::merkle::{inclusion, prove};
use testamur::log::proof::{MAX_TLOG_PROOF, TlogProofError};
use testamur::log::{Leaf, Policy, TlogProof, cosign};

use super::{Key, Log, entry};

fn keys() -> (Key, [Key; 2]) {
    (
        Key::log("log.one.example/2026"),
        [Key::witness("witness.two.example"), Key::witness("witness.three.example")],
    )
}

/// The proof of an entry of a log of this size, seen by two witnesses at seconds 100 and 200.
fn proof(index: u64, size: u64) -> TlogProof {
    let (key, witnesses) = keys();
    let log = Log::of(size, 100);
    let mut checkpoint = log.checkpoint(&key);
    for (witness, seconds) in witnesses.iter().zip([100, 200]) {
        let at = Timestamp::from_second(seconds).unwrap();
        checkpoint.add(cosign::cosign(&checkpoint, &witness.public, &witness.signer, at).unwrap());
    }
    let ranges = inclusion(index, size).unwrap();
    let tiles = log.tiles(&ranges);
    let path = prove(&ranges, |node| tiles.node(node)).unwrap();
    TlogProof { extra: None, index, path, checkpoint }
}

fn policy() -> Policy {
    let (key, [two, three]) = keys();
    let text = format!(
        "log {}\nwitness 2 {}\nwitness 3 {}\ngroup both all 2 3\nquorum both\n",
        key.public, two.public, three.public
    );
    Policy::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_list_is_proved_without_extra_data() {
    let leaf = Leaf::TrustList { digest: [3; 32] };
    assert_ne!(leaf.entry(), Leaf::StatusList { digest: [3; 32] }.entry());
    assert_ne!(leaf.entry(), Leaf::Credential { salt: [0; 16], digest: [3; 32] }.entry());
    let proof = proof(70, 300);
    let logged = proof.verify(&entry(70), &policy(), |_, _| true).unwrap().witnessed.time;
    assert_eq!(logged.as_second(), 200);
    assert!(proof.verify(&entry(71), &policy(), |_, _| true).is_err());
    assert_eq!(proof.credential([3; 32]), Err(TlogProofError::Salt));
    let long = TlogProof { extra: Some(vec![0; 17]), ..proof };
    assert_eq!(long.credential([3; 32]), Err(TlogProofError::Salt));
}

#[test]
fn a_proof_of_one_tree_is_none_of_another() {
    let (small, large) = (proof(70, 299), proof(70, 300));
    let mixed = TlogProof { path: small.path.clone(), ..large.clone() };
    assert!(matches!(mixed.verify(&entry(70), &policy(), |_, _| true), Err(TlogProofError::Merkle(_))));
    let huge = TlogProof { index: u64::MAX, ..large };
    assert!(matches!(huge.verify(&entry(70), &policy(), |_, _| true), Err(TlogProofError::Merkle(_))));
}

#[test]
fn a_proof_has_one_spelling() {
    let good = proof(2, 5).to_string();
    let hash = good.lines().nth(2).unwrap().to_owned();
    assert!(TlogProof::parse(good.as_bytes()).is_ok());
    let edit = |from: &str, to: &str| good.replacen(from, to, 1);
    for (bad, line) in [
        (String::new(), 1),
        (edit("@v1", "@v2"), 1),
        (edit("\n", "\r\n"), 1),
        (edit("index 2", "index 02"), 2),
        (edit("index 2", "index  2"), 2),
        (edit("index 2", "Index 2"), 2),
        (edit("index 2", "extra \nindex 2"), 2),
        (edit("index 2", "extra A\nindex 2"), 2),
        (edit("index 2", "extra AA=\nindex 2"), 2),
        (edit("index 2", "extra AB==\nindex 2"), 2),
        (edit("index 2", "extra AA==\nextra AA==\nindex 2"), 3),
        (edit("index 2", "index 2\nextra AA=="), 3),
        (edit("index 2\n", ""), 2),
        (edit(&hash, &hash[..40]), 3),
        (edit(&hash, &format!(" {hash}")), 3),
        (edit("index 2", &format!("extra {}\nindex 2", "AAAA".repeat(257))), 2),
        (edit("index 2", "index 9223372036854775808"), 2),
    ] {
        assert_eq!(TlogProof::parse(bad.as_bytes()), Err(TlogProofError::Line(line)), "{bad}");
    }
    let many = edit(&hash, format!("{hash}\n").repeat(64).trim_end());
    assert_eq!(TlogProof::parse(many.as_bytes()), Err(TlogProofError::TooLong));
    assert!(TlogProof::parse(edit(&hash, format!("{hash}\n").repeat(60).trim_end()).as_bytes()).is_ok());
    let long = format!("{good}{}", "x".repeat(MAX_TLOG_PROOF));
    assert_eq!(TlogProof::parse(long.as_bytes()), Err(TlogProofError::TooLong));
    // The checkpoint is read as strictly as by itself.
    let bad = TlogProof::parse(edit("\n\n", "\n\n\n").as_bytes());
    assert!(matches!(bad, Err(TlogProofError::Checkpoint(CheckpointError::Line(1)))), "{bad:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_entry_of_every_log_is_proved(size in 1..600u64, at in any::<prop::sample::Index>(), extra in any::<Option<[u8; 16]>>()) {
        let index = at.index(size as usize) as u64;
        let made = TlogProof { extra: extra.map(|salt| salt.to_vec()), ..proof(index, size) };
        let read = TlogProof::parse(made.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &made);
        let policy = policy();
        let logged = read.verify(&entry(index), &policy, |_, _| true).unwrap();
        prop_assert_eq!((logged.index, logged.witnessed.size, logged.witnessed.by.len()), (index, size, 2));
    }
}
