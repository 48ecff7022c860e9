//! Which level of one framework compares with which of another: maps are sets, partial, and never interpolated.

use std::collections::{BTreeMap, BTreeSet};

/// The frameworks other frameworks are referenced to, in the order in which they are tried.
pub const HUBS: [&str; 2] = ["AQRF", "EQF"];

/// A set of levels.
pub type Levels = BTreeSet<u32>;

/// What a map rests on, from the firmest to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A table its authors adopted and published.
    Published,
    /// Good for an indication.
    Indicative,
    /// Somebody's assumption: it may be shown as such, and decides nothing.
    Assumed,
}

impl Basis {
    /// The word in JSON, CSS classes and message ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Indicative => "indicative",
            Self::Assumed => "assumed",
        }
    }
}

/// For each level of one framework, the comparable levels of another; an empty set says that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMap {
    /// What it rests on.
    pub basis: Basis,
    /// A level that is not a member was not mapped.
    pub levels: BTreeMap<u32, Levels>,
}

/// Maps between frameworks, each in its own direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maps {
    by_source: BTreeMap<String, BTreeMap<String, LevelMap>>,
}

/// Comparable levels and what they rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparable {
    /// The levels; empty where none was agreed.
    pub levels: Levels,
    /// What they rest on: through a hub, indicative unless both maps are published.
    pub basis: Basis,
    /// The hub they were found through.
    pub via: Option<&'static str>,
}

impl Maps {
    /// Puts in the map from one framework to another; what stood there before.
    pub fn insert(&mut self, from: &str, to: &str, map: LevelMap) -> Option<LevelMap> {
        self.by_source.entry(from.to_owned()).or_default().insert(to.to_owned(), map)
    }

    /// The levels of `to` comparable with a level of `from`: by the direct map, else through the first hub both are
    /// mapped to. A framework compares with itself. A direct map that leaves the level out says that none was agreed:
    /// no hub is asked then. Assumed maps are passed over.
    pub fn compare(&self, from: &str, level: u32, to: &str) -> Comparable {
        let found = |levels, basis, via| Comparable { levels, basis, via };
        if from == to {
            return found(Levels::from([level]), Basis::Published, None);
        }
        if let Some(map) = self.usable(from, to) {
            return found(map.levels.get(&level).cloned().unwrap_or_default(), map.basis, None);
        }
        for hub in HUBS {
            if let (Some(up), Some(down)) = (self.usable(from, hub), self.usable(to, hub)) {
                let at_hub = up.levels.get(&level).cloned().unwrap_or_default();
                let levels = down
                    .levels
                    .iter()
                    .filter_map(|(level, hubs)| (!hubs.is_disjoint(&at_hub)).then_some(*level))
                    .collect();
                return found(levels, up.basis.max(down.basis), Some(hub));
            }
        }
        found(Levels::new(), Basis::Indicative, None)
    }

    fn usable(&self, from: &str, to: &str) -> Option<&LevelMap> {
        self.by_source.get(from)?.get(to).filter(|map| map.basis != Basis::Assumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (&'a str, &'a str, Basis, &'a [(u32, &'a [u32])]);

    fn maps(rows: &[Row<'_>]) -> Maps {
        let mut maps = Maps::default();
        for (from, to, basis, levels) in rows {
            let levels = levels.iter().map(|(level, to)| (*level, to.iter().copied().collect())).collect();
            assert!(maps.insert(from, to, LevelMap { basis: *basis, levels }).is_none());
        }
        maps
    }

    #[track_caller]
    fn is(found: Comparable, levels: &[u32], basis: Basis, via: Option<&str>) {
        assert_eq!(
            (found.levels.into_iter().collect::<Vec<_>>().as_slice(), found.basis, found.via),
            (levels, basis, via)
        );
    }

    use Basis::{Assumed, Indicative, Published};

    #[test]
    fn the_direct_map_comes_first_and_its_silence_is_an_answer() {
        let maps = maps(&[
            ("A", "B", Published, &[(5, &[5, 6]), (6, &[])]),
            ("A", "AQRF", Published, &[(4, &[4]), (6, &[6])]),
            ("B", "AQRF", Published, &[(4, &[4]), (6, &[6])]),
        ]);
        is(maps.compare("A", 5, "B"), &[5, 6], Published, None);
        is(maps.compare("A", 6, "B"), &[], Published, None);
        is(maps.compare("A", 4, "B"), &[], Published, None);
        is(maps.compare("B", 6, "A"), &[6], Published, Some("AQRF"));
        is(maps.compare("A", 9, "A"), &[9], Published, None);
        is(maps.compare("C", 6, "A"), &[], Indicative, None);
    }

    #[test]
    fn through_a_hub_sets_multiply_and_the_weaker_basis_counts() {
        let maps = maps(&[
            ("A", "AQRF", Published, &[(5, &[5]), (6, &[5, 6])]),
            ("B", "AQRF", Indicative, &[(4, &[4, 5]), (5, &[5]), (7, &[6])]),
            ("B", "EQF", Published, &[(8, &[5])]),
            ("C", "EQF", Published, &[(8, &[5])]),
            ("D", "AQRF", Assumed, &[(5, &[5])]),
        ]);
        is(maps.compare("A", 5, "B"), &[4, 5], Indicative, Some("AQRF"));
        is(maps.compare("A", 6, "B"), &[4, 5, 7], Indicative, Some("AQRF"));
        is(maps.compare("C", 8, "B"), &[8], Published, Some("EQF"));
        is(maps.compare("A", 5, "C"), &[], Indicative, None);
        is(maps.compare("A", 5, "D"), &[], Indicative, None);
    }
}
