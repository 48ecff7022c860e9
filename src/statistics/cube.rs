//! A cube of counts: exactly what is on record, and what of it the public is told.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::protect::protect;

/// A value for each dimension, as [`Words`] numbers them.
pub type Cell = Box<[u32]>;

/// The record does not say.
pub const NOT_STATED: u32 = 0;
/// One of those that were too many to be told apart.
pub const OTHER: u32 = 1;
/// Not told, so that nobody is found by it.
pub const WITHHELD: u32 = u32::MAX;

/// The most values of a dimension that are told apart.
const MAX_WORDS: usize = 20_000;
/// The most cells told apart.
const MAX_CELLS: usize = 200_000;

/// The values of a dimension, numbered as they came.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Box<str>>", into = "Vec<Box<str>>")]
pub(super) struct Words {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Words {
    fn new() -> Self {
        Self { numbers: HashMap::new(), texts: vec!["not-stated".into(), "other".into()] }
    }

    fn number(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NOT_STATED;
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        if self.texts.len() >= MAX_WORDS {
            return OTHER;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        if number == WITHHELD {
            return "withheld";
        }
        self.texts.get(number as usize).map_or("", AsRef::as_ref)
    }

    pub(super) fn known(&self, text: &str) -> Option<u32> {
        match text {
            "not-stated" => Some(NOT_STATED),
            "other" => Some(OTHER),
            "withheld" => Some(WITHHELD),
            _ => self.numbers.get(text).copied(),
        }
    }
}

impl From<Vec<Box<str>>> for Words {
    fn from(texts: Vec<Box<str>>) -> Self {
        let numbered = texts.iter().cloned().zip(0..).skip(2);
        Self { numbers: numbered.collect(), texts }
    }
}

impl From<Words> for Vec<Box<str>> {
    fn from(words: Words) -> Self {
        words.texts
    }
}

/// Cells as JSON: keys there are texts, so they stand as pairs.
mod pairs {
    use super::{BTreeMap, Cell, Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(cells: &BTreeMap<Cell, u64>, to: S) -> Result<S::Ok, S::Error> {
        cells.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Cell, u64>, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}

/// The counts of a subject. Costs what there are of different cells, not of facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tally {
    pub(super) words: Vec<Words>,
    /// How many dimensions are withheld last.
    outer: usize,
    #[serde(with = "pairs")]
    exact: BTreeMap<Cell, u64>,
    #[serde(with = "pairs")]
    told: BTreeMap<Cell, u64>,
    /// Not told yet.
    #[serde(with = "pairs")]
    waiting: BTreeMap<Cell, u64>,
}

impl Tally {
    /// An empty cube with so many dimensions, of which the first `outer` are withheld last.
    pub fn new(dimensions: usize, outer: usize) -> Self {
        let words = (0..dimensions).map(|_| Words::new()).collect();
        let nothing = BTreeMap::new;
        Self { words, outer, exact: nothing(), told: nothing(), waiting: nothing() }
    }

    /// Counts a fact; an empty value is one that the record does not state.
    pub fn add(&mut self, values: &[&str]) {
        let cell = self.note(values);
        *self.waiting.entry(cell).or_default() += 1;
    }

    /// Counts a fact that the public is not told, since it was told another one of the same award; its cell.
    pub fn note(&mut self, values: &[&str]) -> Cell {
        let mut cell: Cell =
            self.words.iter_mut().zip(values).map(|(words, value)| words.number(value)).collect();
        if self.exact.len() >= MAX_CELLS && !self.exact.contains_key(&cell) {
            cell.iter_mut().for_each(|value| *value = OTHER);
        }
        *self.exact.entry(cell.clone()).or_default() += 1;
        cell
    }

    /// Tells what waits, as far as it may be told.
    pub fn release(&mut self) {
        let released = protect(std::mem::take(&mut self.waiting), self.outer);
        for (cell, count) in released.told {
            *self.told.entry(cell).or_default() += count;
        }
        self.waiting = released.waiting;
    }

    /// Whether it has so many dimensions, and cells of them alone.
    pub(super) fn has(&self, dimensions: usize, outer: usize) -> bool {
        let mut cells = self.exact.keys().chain(self.told.keys()).chain(self.waiting.keys());
        let fits = |cell: &Cell| cell.len() == dimensions;
        self.words.len() == dimensions && self.outer == outer && cells.all(fits)
    }

    /// Every fact by all its values.
    pub fn exact(&self) -> &BTreeMap<Cell, u64> {
        &self.exact
    }

    /// What the public is told.
    pub fn told(&self) -> &BTreeMap<Cell, u64> {
        &self.told
    }

    /// How many facts there are.
    pub fn facts(&self) -> u64 {
        self.exact.values().sum()
    }

    /// Whether something came since the last release.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }
}
