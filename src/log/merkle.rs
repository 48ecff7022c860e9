//! Merkle tree mathematics: hashes, the ranges a proof is made of, and the verification of proofs.
//!
//! RFC 6962 §2.1 defines the tree; RFC 9162 §2.1.3.2 and §2.1.4.2 the verification.

use std::ops::Range;

use super::Hash;
use crate::crypto::sha256;

/// The greatest number of leaves a log may have: sizes fit a signed 64-bit integer, as other tools read them.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// The longest inclusion or consistency proof of any log, in hashes (C2SP tlog-witness, "add-checkpoint").
pub const MAX_PROOF: usize = 63;

/// A complete subtree: the hash of the leaves `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Its height: 0 for a leaf.
    pub level: u8,
    /// Its place among the nodes of that height, from the left.
    pub index: u64,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// The leaf lies outside the tree, or the older tree is larger than the newer, or a size is beyond [`MAX_SIZE`].
    #[error("index or size out of range")]
    OutOfRange,
    /// Too few or too many hashes for these sizes.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// The root of a tree without leaves (RFC 6962 §2.1).
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a leaf that holds `entry`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    #[cfg(test)]
    tests::count();
    let mut bytes = Vec::with_capacity(1 + entry.len());
    bytes.push(0);
    bytes.extend_from_slice(entry);
    sha256(&bytes)
}

/// The hash of a node above `left` and `right`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    #[cfg(test)]
    tests::count();
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

/// The complete subtrees, from the left, that the leaves of `range` are made of. `range.start` must be a multiple of
/// the largest power of two below the length, as in every range of this module.
pub fn cover(range: Range<u64>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let level = (range.end - start).ilog2() as u8;
        nodes.push(Node { level, index: start >> level });
        start += 1 << level;
    }
    nodes
}

/// The hash of what [`cover`] named, given the hashes in its order; `None` for no hashes.
pub fn join(hashes: &[Hash]) -> Option<Hash> {
    let (last, rest) = hashes.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The hash of each range, its nodes asked of `node`: a proof, when the ranges are those of [`inclusion`] or
/// [`consistency`].
pub fn prove<E>(
    ranges: &[Range<u64>],
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    ranges.iter().map(|range| range_hash(range.clone(), &mut node)).collect()
}

/// The root of the tree of `size` leaves, its nodes asked of `node`.
pub fn root<E>(size: u64, mut node: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    range_hash(0..size, &mut node)
}

/// The ranges of leaves whose hashes prove that leaf `index` is in a tree of `size` leaves, leaf to root
/// (RFC 6962 §2.1.1).
pub fn inclusion(index: u64, size: u64) -> Result<Vec<Range<u64>>, MerkleError> {
    if index >= size || size > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    let mut ranges = Vec::new();
    let mut within = 0..size;
    while within.end - within.start > 1 {
        let middle = middle(&within);
        if index < middle {
            ranges.push(middle..within.end);
            within.end = middle;
        } else {
            ranges.push(within.start..middle);
            within.start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// The ranges of leaves whose hashes prove that the tree of `old` leaves is a beginning of that of `new` leaves
/// (RFC 6962 §2.1.2). None when the sizes are equal, or `old` is 0: the empty tree is the beginning of every tree.
pub fn consistency(old: u64, new: u64) -> Result<Vec<Range<u64>>, MerkleError> {
    if old > new || new > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    let mut within = 0..new;
    while within.end != old {
        let middle = middle(&within);
        if old <= middle {
            ranges.push(middle..within.end);
            within.end = middle;
        } else {
            ranges.push(within.start..middle);
            within.start = middle;
        }
    }
    // A complete old tree that begins at the left edge is the old root itself, which the verifier has.
    if within.start != 0 {
        ranges.push(within);
    }
    ranges.reverse();
    Ok(ranges)
}

/// Checks that the leaf with hash `leaf` stands at `index` in the tree of `size` leaves with hash `root`
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), MerkleError> {
    if index >= size || size > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            let skip = if node & 1 == 0 { node.trailing_zeros().min(63) } else { 0 };
            (node, last) = (node >> skip, last >> skip);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(MerkleError::Mismatch),
        _ => Err(MerkleError::Length),
    }
}

/// Checks that the tree of `old` leaves with hash `old_root` is a beginning of that of `new` leaves with hash
/// `new_root` (RFC 9162 §2.1.4.2). For `old` = 0 the proof is empty and `old_root` that of the empty tree.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), MerkleError> {
    if old > new || new > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    if old == 0 || old == new {
        let same = if old == new { old_root == new_root } else { *old_root == empty_root() };
        return match (proof.is_empty(), same && (new > 0 || *new_root == empty_root())) {
            (true, true) => Ok(()),
            (true, false) => Err(MerkleError::Mismatch),
            (false, _) => Err(MerkleError::Length),
        };
    }
    // A complete old tree is the first node of the proof, left out because the verifier has it.
    let (first, rest) = match proof.split_first() {
        Some(_) if old.is_power_of_two() => (old_root, proof),
        Some(split) => split,
        None => return Err(MerkleError::Length),
    };
    let skip = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> skip, (new - 1) >> skip);
    let (mut of_old, mut of_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(MerkleError::Length);
        }
        if node & 1 == 1 || node == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            let skip = if node & 1 == 0 { node.trailing_zeros().min(63) } else { 0 };
            (node, last) = (node >> skip, last >> skip);
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, of_old == *old_root && of_new == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(MerkleError::Mismatch),
        _ => Err(MerkleError::Length),
    }
}

fn range_hash<E>(range: Range<u64>, node: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    let hashes: Vec<Hash> = cover(range).into_iter().map(node).collect::<Result<_, E>>()?;
    Ok(join(&hashes).unwrap_or_else(empty_root))
}

/// Where RFC 6962 splits a range of two leaves or more: after the largest power of two below its length.
fn middle(range: &Range<u64>) -> u64 {
    range.start + (1 << (range.end - range.start - 1).ilog2())
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    thread_local! {
        static HASHES: Cell<u64> = const { Cell::new(0) };
    }

    pub fn count() {
        HASHES.set(HASHES.get() + 1);
    }

    /// How many hashes of leaves and nodes this thread computes meanwhile.
    pub fn hashes(work: impl FnOnce()) -> u64 {
        let before = HASHES.get();
        work();
        HASHES.get() - before
    }
}
