//! What a release tells of the facts that wait: each of them in a group of at least five, with as many of its values as
//! such a group has in common.
//!
//! Why this holds against differencing: a release puts every fact it tells into exactly one group, for good, and a group
//! has at least [`FEW`] facts. Whatever is published, in any table, form or release, is a sum of whole groups. A set of
//! facts whose number can be worked out from such sums is itself made of whole groups, and so has none or at least five.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use super::cube::{Cell, WITHHELD};

/// The smallest number of facts that is told.
pub const FEW: u64 = 5;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// The groups: what is told of each, and how many facts it has. Two groups that are told alike stand as one.
    pub told: BTreeMap<Cell, u64>,
    /// Facts that are too few to be told: fewer than [`FEW`] in all.
    pub waiting: BTreeMap<Cell, u64>,
}

/// Puts the facts of `pool` into groups. Of the dimensions the first `outer` are kept longest, the others are withheld in
/// every combination before one of those is, the later ones sooner.
///
/// Facts that are too few even then take facts from a group near them along, so that they count in as many tables as
/// possible: in the end only fewer than five wait.
pub fn protect(pool: BTreeMap<Cell, u64>, outer: usize) -> Released {
    let dimensions = pool.keys().next().map_or(0, |cell| cell.len());
    let outer = outer.min(dimensions);
    let inner = dimensions - outer;
    let (mut told, mut left) = (BTreeMap::new(), pool);
    for kept in (0..=outer).rev() {
        for mask in 0..1_u32 << inner {
            if left.is_empty() {
                break;
            }
            let mut groups: BTreeMap<Cell, u64> = BTreeMap::new();
            let group = |cell: &Cell| withheld(cell, kept, outer, mask);
            for (cell, count) in &left {
                *groups.entry(group(cell)).or_default() += count;
            }
            groups.retain(|_, count| *count >= FEW);
            if !groups.is_empty() {
                left.retain(|cell, _| !groups.contains_key(&group(cell)));
                groups.into_iter().for_each(|(cell, count)| *told.entry(cell).or_default() += count);
            }
        }
        let mut few: BTreeMap<Cell, Vec<Cell>> = BTreeMap::new();
        for cell in left.keys() {
            few.entry(cell[..kept].into()).or_default().push(cell.clone());
        }
        for (place, cells) in few {
            let count = cells.iter().filter_map(|cell| left.get(cell)).sum();
            if take_along(&mut told, &place, &cells, count) {
                cells.iter().for_each(|cell| {
                    left.remove(cell);
                });
            }
        }
    }
    Released { told, waiting: left }
}

/// The cell with what a stage withholds: the outer dimensions from `kept` on, and of the inner ones those in the mask, the
/// last one being its lowest bit.
fn withheld(cell: &Cell, kept: usize, outer: usize, mask: u32) -> Cell {
    let last = cell.len() - 1;
    let hides = |at: usize| if at < outer { at >= kept } else { mask >> (last - at) & 1 == 1 };
    cell.iter().enumerate().map(|(at, value)| if hides(at) { WITHHELD } else { *value }).collect()
}

/// Tells `count` facts, fewer than five, together with facts of a group in the same place: with as many as are needed of
/// one that can spare them, else with all of it. `false` where there is no group.
fn take_along(told: &mut BTreeMap<Cell, u64>, place: &[u32], cells: &[Cell], count: u64) -> bool {
    let near =
        told.range::<[u32], _>((Included(place), Unbounded)).take_while(|(cell, _)| cell.starts_with(place));
    let best = near.map(|(cell, there)| {
        let common = in_common(cell, cells);
        let spares = there + count >= 2 * FEW;
        let order =
            (loss(&common), !spares, if spares { Reverse(*there) } else { Reverse(u64::MAX - there) });
        (order, common, cell.clone(), *there)
    });
    let Some((_, common, donor, there)) = best.min_by(|one, other| one.0.cmp(&other.0)) else { return false };
    let taken = if there + count >= 2 * FEW { FEW - count } else { there };
    if taken == there {
        told.remove(&donor);
    } else {
        told.insert(donor, there - taken);
    }
    *told.entry(common).or_default() += taken + count;
    true
}

/// What a group and some cells have in common.
fn in_common(cell: &Cell, cells: &[Cell]) -> Cell {
    let same = |at: usize, value: u32| cells.iter().all(|other| other[at] == value);
    let each = cell.iter().enumerate();
    each.map(|(at, value)| if same(at, *value) { *value } else { WITHHELD }).collect()
}

/// How much is withheld: the earlier a dimension, the more it weighs.
fn loss(cell: &Cell) -> u64 {
    cell.iter().fold(0, |loss, value| loss << 1 | u64::from(*value == WITHHELD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pool(cells: &[(&[u32], u64)]) -> BTreeMap<Cell, u64> {
        cells.iter().map(|(cell, count)| (Cell::from(*cell), *count)).collect()
    }

    #[test]
    fn the_few_stand_together_before_they_take_anybody_along() {
        const W: u32 = WITHHELD;
        // Year, programme, sex: two women in one trade and three in another are five women.
        let released = protect(pool(&[(&[26, 1, 2], 28), (&[26, 1, 3], 2), (&[26, 2, 3], 3)]), 1);
        assert_eq!(
            released,
            Released { told: pool(&[(&[26, 1, 2], 28), (&[26, W, 3], 5)]), ..Released::default() }
        );
        // Two alone take three along, and the year has all thirty.
        let released = protect(pool(&[(&[26, 1, 2], 28), (&[26, 1, 3], 2)]), 1);
        assert_eq!(released.told, pool(&[(&[26, 1, 2], 25), (&[26, 1, W], 5)]));
        // Where nobody can be spared, all go together.
        let released = protect(pool(&[(&[26, 1, 2], 6), (&[26, 1, 3], 2)]), 1);
        assert_eq!(released.told, pool(&[(&[26, 1, W], 8)]));
        // Four are not told at all.
        let four = pool(&[(&[26, 1, 2], 3), (&[25, 1, 3], 1)]);
        assert_eq!(protect(four.clone(), 1), Released { told: BTreeMap::new(), waiting: four });
    }

    proptest! {
        #[test]
        fn every_group_has_five_and_fewer_than_five_wait(
            cells in prop::collection::btree_map(prop::collection::vec(1u32..4, 4), 1u64..9, 0..40),
            outer in 0usize..5,
        ) {
            let pool: BTreeMap<Cell, u64> = cells.into_iter().map(|(cell, n)| (Cell::from(cell), n)).collect();
            let released = protect(pool.clone(), outer);
            prop_assert!(released.told.values().all(|count| *count >= FEW));
            let (all, told): (u64, u64) = (pool.values().sum(), released.told.values().sum());
            let waiting: u64 = released.waiting.values().sum();
            prop_assert!(told + waiting == all && waiting < FEW, "{} {} {}", all, told, waiting);
            // Nothing is told of anybody that is not so.
            for at in 0..4 {
                for value in 1..4 {
                    let of = |cells: &BTreeMap<Cell, u64>| -> u64 {
                        cells.iter().filter(|(cell, _)| cell[at] == value).map(|(_, count)| count).sum()
                    };
                    prop_assert!(of(&released.told) <= of(&pool));
                }
            }
        }
    }
}
