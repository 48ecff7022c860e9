//! The Merkle tree against a naive one, for every size up to 600.

use std::ops::Range;

use proptest::prelude::*;
use testamur::log::merkle::{
    self, MAX_PROOF, MAX_SIZE, MerkleError, Node, consistency, inclusion, prove, verify_consistency,
    verify_inclusion,
};
use testamur::log::{Edge, Hash};

use super::{Log, Naive, entry};

const MOST: u64 = 600;

/// The proof of RFC 6962 §2.1.1, word for word.
fn path(m: u64, within: Range<u64>, naive: &Naive) -> Vec<Hash> {
    let length = within.end - within.start;
    if length == 1 {
        return vec![];
    }
    let k = within.start + length.next_power_of_two() / 2;
    let (left, right) = (within.start..k, k..within.end);
    if m < k {
        [path(m, left, naive), vec![naive.range(right)]].concat()
    } else {
        [path(m, right, naive), vec![naive.range(left)]].concat()
    }
}

/// The proof of RFC 6962 §2.1.2, word for word; `m` counted from the left edge of the whole tree.
fn subproof(m: u64, within: Range<u64>, whole: bool, naive: &Naive) -> Vec<Hash> {
    if m == within.end {
        return if whole { vec![] } else { vec![naive.range(within)] };
    }
    let k = within.start + (within.end - within.start).next_power_of_two() / 2;
    let (left, right) = (within.start..k, k..within.end);
    if m <= k {
        [subproof(m, left, whole, naive), vec![naive.range(right)]].concat()
    } else {
        [subproof(m, right, false, naive), vec![naive.range(left)]].concat()
    }
}

#[test]
fn the_hashes_are_those_of_rfc_6962() {
    let hex = |hash: Hash| hash.map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(hex(merkle::empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    // The leaf without bytes, as in the test vectors of Certificate Transparency.
    assert_eq!(
        hex(merkle::leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
}

#[test]
fn every_inclusion_up_to_600() {
    let naive = Naive::new();
    for size in 1..=MOST {
        let root = naive.root(size);
        for index in 0..size {
            let proof = prove(&inclusion(index, size).unwrap(), |node| naive.node(node)).unwrap();
            assert_eq!(proof, path(index, 0..size, &naive), "{index} of {size}");
            let leaf = naive.range(index..index + 1);
            assert_eq!(verify_inclusion(index, size, &leaf, &proof, &root), Ok(()), "{index} of {size}");
        }
    }
}

#[test]
fn every_consistency_up_to_600() {
    let naive = Naive::new();
    for new in 0..=MOST {
        let new_root = naive.root(new);
        for old in 0..=new {
            let old_root = naive.root(old);
            let proof = prove(&consistency(old, new).unwrap(), |node| naive.node(node)).unwrap();
            if old > 0 {
                assert_eq!(proof, subproof(old, 0..new, true, &naive), "{old} of {new}");
            }
            assert_eq!(verify_consistency(old, new, &old_root, &new_root, &proof), Ok(()), "{old} of {new}");
        }
    }
}

#[test]
fn every_root_up_to_600_and_proofs_from_the_tiles() {
    let naive = Naive::new();
    let mut log = Log::default();
    for size in 1..=MOST {
        log.append(&[entry(size - 1)]);
        assert_eq!(log.edge.root(), naive.root(size), "size {size}");
        let index = size * 7 / 11;
        let ranges = [inclusion(index, size).unwrap(), consistency(index, size).unwrap()];
        for ranges in ranges {
            let tiles = log.tiles(&ranges);
            let proof = prove(&ranges, |node| tiles.node(node)).unwrap();
            assert_eq!(proof, prove(&ranges, |node| naive.node(node)).unwrap(), "{index} of {size}");
        }
    }
}

#[test]
fn the_edge_resumes_at_every_size_as_if_it_had_never_stopped() {
    let mut log = Log::default();
    for size in 0..=MOST {
        let resumed = Edge::resume(size, |tile| log.files.get(&tile).cloned()).unwrap();
        assert_eq!(resumed, log.edge, "size {size}");
        log.append(&[entry(size)]);
    }
    assert!(Edge::resume(MOST, |_| None).is_err());
}

#[test]
fn sizes_beyond_any_log_are_refused() {
    let out_of_range = Err(MerkleError::OutOfRange);
    assert_eq!(inclusion(0, 0).map(|_| ()), out_of_range);
    assert_eq!(inclusion(5, 5).map(|_| ()), out_of_range);
    assert_eq!(inclusion(0, MAX_SIZE + 1).map(|_| ()), out_of_range);
    assert_eq!(consistency(3, 2).map(|_| ()), out_of_range);
    assert_eq!(consistency(3, u64::MAX).map(|_| ()), out_of_range);
    assert!(inclusion(0, MAX_SIZE).unwrap().len() <= MAX_PROOF);
    assert!(inclusion(MAX_SIZE - 1, MAX_SIZE).unwrap().len() <= MAX_PROOF);
    let hash = [0; 32];
    assert_eq!(verify_inclusion(u64::MAX, u64::MAX, &hash, &[], &hash), out_of_range);
    assert_eq!(verify_consistency(u64::MAX, u64::MAX, &hash, &hash, &[]), out_of_range);
    // The empty tree has one root.
    assert_eq!(verify_consistency(0, 0, &hash, &hash, &[]), Err(MerkleError::Mismatch));
    assert_eq!(verify_consistency(0, 7, &hash, &hash, &[]), Err(MerkleError::Mismatch));
    assert_eq!(verify_consistency(0, 7, &merkle::empty_root(), &hash, &[hash]), Err(MerkleError::Length));
}

#[test]
fn a_proof_at_ten_million_leaves_has_24_hashes_at_most() {
    let size = 10_000_000;
    for index in (0..size).step_by(9973).chain([size - 1]) {
        assert!(inclusion(index, size).unwrap().len() <= 24);
        // With index + 1 as the older size: one more, for the node both trees share.
        assert!(consistency(index + 1, size).unwrap().len() <= 25);
    }
}

proptest! {
    #[test]
    fn a_changed_inclusion_proof_never_holds(
        size in 2..MOST, at in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0..256usize,
        other in 0..MOST,
    ) {
        let naive = Naive::new();
        let index = at.index(size as usize) as u64;
        let root = naive.root(size);
        let proof = prove(&inclusion(index, size).unwrap(), |node| naive.node(node)).unwrap();
        let leaf = naive.range(index..index + 1);

        let mut changed = proof.clone();
        let hash = flip.index(changed.len());
        changed[hash][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify_inclusion(index, size, &leaf, &changed, &root), Err(MerkleError::Mismatch));
        prop_assert!(verify_inclusion(index, size, &leaf, &proof[1..], &root).is_err());
        prop_assert!(verify_inclusion(index, size, &leaf, &[&proof[..], &proof[..1]].concat(), &root).is_err());
        if other != index {
            prop_assert!(verify_inclusion(other, size, &leaf, &proof, &root).is_err());
        }
    }

    #[test]
    fn a_changed_consistency_proof_never_holds(
        new in 3..MOST, at in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0..256usize,
    ) {
        let naive = Naive::new();
        let old = 1 + at.index(new as usize - 1) as u64;
        let (old_root, new_root) = (naive.root(old), naive.root(new));
        let proof = prove(&consistency(old, new).unwrap(), |node| naive.node(node)).unwrap();
        prop_assert_eq!(verify_consistency(old, new, &old_root, &new_root, &proof), Ok(()));

        let mut changed = proof.clone();
        let hash = flip.index(changed.len());
        changed[hash][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(
            verify_consistency(old, new, &old_root, &new_root, &changed), Err(MerkleError::Mismatch)
        );
        prop_assert!(verify_consistency(old, new, &old_root, &new_root, &proof[1..]).is_err());
        prop_assert!(verify_consistency(old, new, &old_root, &naive.root(new - 1), &proof).is_err());
    }

    #[test]
    fn any_proof_of_any_size_is_answered(
        index in any::<u64>(), size in any::<u64>(), hashes in prop::collection::vec(any::<Hash>(), 0..70),
        root in any::<Hash>(),
    ) {
        prop_assert!(verify_inclusion(index, size, &root, &hashes, &[7; 32]).is_err());
        if let Ok(ranges) = inclusion(index, size) {
            prop_assert!(ranges.len() <= MAX_PROOF);
        }
        // A tree that large would need one more.
        if let Ok(ranges) = consistency(index >> 2, size >> 2) {
            prop_assert!(ranges.len() <= MAX_PROOF);
        }
        prop_assert!(index == size || verify_consistency(index, size, &root, &[7; 32], &hashes).is_err());
    }
}

#[test]
fn a_range_is_covered_by_whole_subtrees_from_the_left() {
    assert_eq!(merkle::cover(0..0), vec![]);
    assert_eq!(
        merkle::cover(8..15),
        vec![Node { level: 2, index: 2 }, Node { level: 1, index: 6 }, Node { level: 0, index: 14 }]
    );
}
