//! Which levels of two frameworks are compared, for a reader to see: assumed maps too, told as what they are.

use std::collections::BTreeSet;

use super::maps::{Basis, HUBS, LevelMap};
use super::{Framework, Referencing, by_id};

/// Comparisons between two frameworks, and what they rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// Published, indicative or assumed: that of the weakest map used.
    pub basis: Basis,
    /// The hub they go through.
    pub via: Option<&'static str>,
    /// Pairs of a level of the first and a level of the second.
    pub pairs: BTreeSet<(u32, u32)>,
}

/// The lines between two frameworks: a table between the two, of whichever side, else through a hub. `None` where there is no
/// table at all. For display alone: [`super::Maps::compare`] decides.
pub fn between(one: &Framework, other: &Framework) -> Option<Lines> {
    if let Some((map, turned)) = direct(one, other) {
        return Some(Lines { basis: map.basis, via: None, pairs: pairs(map, turned) });
    }
    HUBS.iter().filter(|hub| **hub != one.id && **hub != other.id).find_map(|hub| {
        let hub_framework = by_id(hub)?;
        let (up, up_turned) = direct(one, hub_framework)?;
        let (down, down_turned) = direct(other, hub_framework)?;
        // Two assumptions or two tables: what is put together is never more than an indication, unless both are published.
        let basis = up.basis.max(down.basis);
        let ends = pairs(down, down_turned);
        let meet = pairs(up, up_turned).into_iter().flat_map(|(level, at)| {
            ends.iter()
                .filter(move |(_, there)| at == *there)
                .map(move |(other, _)| (level, *other))
                .collect::<Vec<_>>()
        });
        Some(Lines { basis, via: Some(hub), pairs: meet.collect() })
    })
}

/// What is known of a comparison of two frameworks: the framework in whose file it stands, and the row; one with a table
/// before one that only says how far the comparison has come.
pub fn row<'f>(one: &'f Framework, other: &'f Framework) -> Option<(&'f Framework, &'f Referencing)> {
    let rows = |from: &'f Framework, to: &'f Framework| {
        from.referencing.iter().filter(move |row| row.to == to.id).map(move |row| (from, row))
    };
    let all = || rows(one, other).chain(rows(other, one));
    let tables: [fn(&Referencing) -> bool; 2] = [|row| row.map.is_some(), |row| row.assumed.is_some()];
    // As `direct` picks: of one framework the table, then what is assumed; then the other's.
    for (from, to) in [(one, other), (other, one)] {
        if let Some(found) = tables.iter().find_map(|there| rows(from, to).find(|(_, row)| there(row))) {
            return Some(found);
        }
    }
    all().next()
}

/// A table between two frameworks, and whether it is that of the second.
fn direct<'f>(one: &'f Framework, other: &'f Framework) -> Option<(&'f LevelMap, bool)> {
    let of = |from: &'f Framework, to: &Framework| {
        let rows = || from.referencing.iter().filter(|row| row.to == to.id);
        let map = |row: &'f Referencing| row.map.as_ref();
        rows().find_map(map).or_else(|| rows().find_map(|row| row.assumed.as_ref()))
    };
    of(one, other).map(|map| (map, false)).or_else(|| of(other, one).map(|map| (map, true)))
}

fn pairs(map: &LevelMap, turned: bool) -> BTreeSet<(u32, u32)> {
    let each = map.levels.iter().flat_map(|(level, to)| to.iter().map(move |to| (*level, *to)));
    each.map(|(from, to)| if turned { (to, from) } else { (from, to) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(one: &str, other: &str) -> Option<Lines> {
        between(by_id(one).unwrap(), by_id(other).unwrap())
    }

    #[test]
    fn lines_say_what_they_rest_on() {
        let published = lines("HKQF", "NZQCF").unwrap();
        assert_eq!((published.basis, published.via), (Basis::Published, None));
        assert!(published.pairs.contains(&(4, 6)) && !published.pairs.contains(&(7, 8)));
        let assumed = lines("AQRF", "VQF").unwrap();
        assert_eq!((assumed.basis, assumed.pairs.len()), (Basis::Assumed, 8));
        let through = lines("VQF", "MQF").unwrap();
        assert_eq!((through.basis, through.via, through.pairs.len()), (Basis::Assumed, Some("AQRF"), 8));
        assert_eq!(lines("VQF", "LNQF"), None);
        assert_eq!(lines("KKNI", "AQRF"), None, "nine levels are not spread over eight");
    }
}
