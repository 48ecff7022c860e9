//! Tables: a cube grouped by some of its dimensions.

use std::collections::BTreeMap;

use super::cube::{Cell, NOT_STATED, OTHER, Tally, WITHHELD};
use super::definition::Subject;

/// The most rows of a table.
pub const MAX_ROWS: usize = 20_000;

/// Which of the two cubes is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// What the public is told.
    Told,
    /// What is on record, where this dimension has one of these values; without one everywhere.
    Exact(Option<(&'static str, Vec<String>)>),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A value for each dimension the table is by; `not-stated`, `other` and `withheld` stand for what these words say.
    pub values: Vec<String>,
    /// How many facts.
    pub count: u64,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The ids of the dimensions.
    pub by: Vec<&'static str>,
    /// In the order of the values; what is not stated, other, and withheld at the end.
    pub rows: Vec<Row>,
    /// The sum of the rows.
    pub total: u64,
}

/// Why there is no such table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No such dimension.
    #[error("{subject} are not counted by {asked:?}; known are {known}")]
    Dimension {
        /// Of what.
        subject: &'static str,
        /// What was asked.
        asked: String,
        /// What could be.
        known: String,
    },
    /// A dimension stands twice.
    #[error("{0} stands twice")]
    Twice(&'static str),
    /// Too many rows.
    #[error("the table has more than {MAX_ROWS} rows; ask by fewer dimensions, or for one value of some")]
    Rows,
}

/// The table of a cube by some dimensions, of the facts alone that have the values in `only`.
///
/// # Errors
/// A dimension that is unknown or stands twice, in `by` or in `only`; a table that is too long.
pub fn table(
    subject: &'static Subject,
    tally: &Tally,
    shown: &Shown,
    by: &[String],
    only: &[(String, String)],
) -> Result<Table, TableError> {
    let mut places: Vec<usize> = Vec::new();
    for asked in by {
        let place = place(subject, asked)?;
        if places.contains(&place) {
            return Err(TableError::Twice(subject.dimensions[place].id.as_str()));
        }
        places.push(place);
    }
    let mut wanted: Vec<(usize, Vec<Option<u32>>)> = Vec::new();
    for (asked, value) in only {
        let place = place(subject, asked)?;
        // A report says for which one value of a dimension it is: of two it would be of neither.
        if wanted.iter().any(|(known, _)| *known == place) {
            return Err(TableError::Twice(subject.dimensions[place].id.as_str()));
        }
        wanted.push((place, vec![tally.words[place].known(value)]));
    }
    let cells = match shown {
        Shown::Told => tally.told(),
        Shown::Exact(within) => {
            if let Some((dimension, values)) = within {
                let place = place(subject, dimension)?;
                wanted.push((place, values.iter().map(|value| tally.words[place].known(value)).collect()));
            }
            tally.exact()
        }
    };
    let has = |cell: &Cell| wanted.iter().all(|(place, values)| values.contains(&Some(cell[*place])));
    let mut sums: BTreeMap<Cell, u64> = BTreeMap::new();
    for (cell, count) in cells.iter().filter(|(cell, _)| has(cell)) {
        let key: Cell = places.iter().map(|place| cell[*place]).collect();
        *sums.entry(key).or_default() += count;
        if sums.len() > MAX_ROWS {
            return Err(TableError::Rows);
        }
    }
    let mut rows: Vec<(Vec<(u8, String)>, u64)> = Vec::new();
    for (key, count) in sums {
        let words = places.iter().map(|place| &tally.words[*place]);
        let values =
            key.iter().zip(words).map(|(value, words)| (rank(*value), words.text(*value).to_owned()));
        rows.push((values.collect(), count));
    }
    rows.sort();
    let strip = |values: Vec<(u8, String)>| values.into_iter().map(|(_, text)| text).collect();
    let total = rows.iter().map(|(_, count)| count).sum();
    let rows = rows.into_iter().map(|(values, count)| Row { values: strip(values), count }).collect();
    let by = places.iter().map(|place| subject.dimensions[*place].id.as_str()).collect();
    Ok(Table { by, rows, total })
}

fn rank(value: u32) -> u8 {
    match value {
        NOT_STATED => 1,
        OTHER => 2,
        WITHHELD => 3,
        _ => 0,
    }
}

fn place(subject: &'static Subject, asked: &str) -> Result<usize, TableError> {
    subject.dimensions.iter().position(|dimension| dimension.id == asked).ok_or_else(|| {
        let known: Vec<&str> = subject.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
        let asked = asked.chars().take(80).collect();
        TableError::Dimension { subject: &subject.id, asked, known: known.join(", ") }
    })
}
