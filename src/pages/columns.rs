//! Columns by year, stacked: an SVG drawn on the server. Its only text is digits; words stand beside it.

use std::collections::BTreeMap;

/// A part of each column.
pub(super) struct Series {
    /// Its name.
    pub(super) name: String,
    /// The class of what is no value: not told, not stated, all others.
    pub(super) plain: Option<&'static str>,
    /// By year.
    pub(super) counts: BTreeMap<i32, u64>,
}

/// A chart ready for the page.
pub(super) struct Columns {
    pub(super) ticks: Vec<Tick>,
    pub(super) columns: Vec<Column>,
    /// Class and name of each part, from the ground up; empty where there is one alone.
    pub(super) legend: Vec<(String, String)>,
}

pub(super) struct Tick {
    pub(super) y: String,
    pub(super) label: String,
}

pub(super) struct Column {
    pub(super) middle: String,
    pub(super) year: i32,
    pub(super) total: u64,
    /// Where its sum stands.
    pub(super) top: String,
    /// Whether there is room for it.
    pub(super) roomy: bool,
    pub(super) parts: Vec<Part>,
}

pub(super) struct Part {
    pub(super) class: String,
    pub(super) title: String,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
}

/// Most years: the latest.
const YEARS: usize = 24;
/// Most parts with a colour of their own.
const PARTS: usize = 6;
/// The area of the columns within 400 × 220.
const LEFT: f64 = 38.0;
const RIGHT: f64 = 396.0;
const TOP: f64 = 18.0;
const GROUND: f64 = 200.0;

/// The chart; `None` where no year has anything. The largest parts keep a colour of their own, the rest is called `others`.
pub(super) fn columns(mut series: Vec<Series>, others: &str) -> Option<Columns> {
    let sum = |one: &Series| one.counts.values().sum::<u64>();
    series.sort_by_key(|one| (one.plain.is_some(), std::cmp::Reverse(sum(one))));
    let coloured = series.iter().filter(|one| one.plain.is_none()).count();
    if coloured > PARTS {
        let mut rest = Series { name: others.to_owned(), plain: Some("others"), counts: BTreeMap::new() };
        for one in series.splice(PARTS - 1..coloured, []) {
            one.counts.into_iter().for_each(|(year, count)| *rest.counts.entry(year).or_default() += count);
        }
        series.insert(PARTS - 1, rest);
    }
    let mut totals: BTreeMap<i32, u64> = BTreeMap::new();
    for (year, count) in series.iter().flat_map(|one| &one.counts) {
        *totals.entry(*year).or_default() += count;
    }
    let (first, last) = (*totals.keys().next()?, *totals.keys().next_back()?);
    let first = first.max(last.saturating_sub(YEARS as i32 - 1));
    let most = totals.range(first..).map(|(_, total)| *total).max()?;
    let step = nice(most);
    let ceiling = most.div_ceil(step) * step;
    let height = |count: u64| (GROUND - TOP) * count as f64 / ceiling as f64;
    let slot = (RIGHT - LEFT) / f64::from(last - first + 1);
    let width = (slot * 0.68).min(56.0);
    let column = |(at, year): (usize, i32)| {
        let middle = LEFT + slot * (at as f64 + 0.5);
        let mut ground = GROUND;
        let mut parts = Vec::new();
        for (number, one) in series.iter().enumerate() {
            let Some(count) = one.counts.get(&year).filter(|count| **count > 0) else { continue };
            let tall = height(*count);
            ground -= tall;
            let name = if one.name.is_empty() { String::new() } else { format!("{}, ", one.name) };
            parts.push(Part {
                class: class(one, number),
                title: format!("{name}{year}: {count}"),
                x: rounded(middle - width / 2.0),
                y: rounded(ground),
                width: rounded(width),
                height: rounded(tall),
            });
        }
        let total = totals.get(&year).copied().unwrap_or(0);
        // Of many years each second one is named.
        let roomy = slot >= 26.0 || (last - year) % 2 == 0;
        Column { middle: rounded(middle), year, total, top: rounded(ground - 4.0), roomy, parts }
    };
    let ticks = (0..=ceiling / step)
        .map(|at| Tick { y: rounded(GROUND - height(at * step)), label: (at * step).to_string() });
    let legend = if series.len() < 2 { &[][..] } else { &series[..] };
    Some(Columns {
        ticks: ticks.collect(),
        columns: (first..=last).enumerate().map(column).collect(),
        legend: legend.iter().enumerate().map(|(at, one)| (class(one, at), one.name.clone())).collect(),
    })
}

fn class(one: &Series, number: usize) -> String {
    one.plain.map_or_else(|| format!("part-{number}"), str::to_owned)
}

/// A round step that makes at most five lines.
fn nice(most: u64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if most <= step * factor * 5 {
                return step * factor;
            }
        }
        match step.checked_mul(10) {
            Some(next) if next <= u64::MAX / 50 => step = next,
            _ => return most.max(1),
        }
    }
}

fn rounded(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_figures_stay_within_the_frame(
            counts in prop::collection::vec(prop::collection::btree_map(1900i32..2201, 1u64..1_000_000_000, 0..9), 0..12),
            plain in 0usize..3,
        ) {
            let series = counts.iter().enumerate().map(|(at, counts)| Series {
                name: at.to_string(), plain: (at < plain).then_some("withheld"), counts: counts.clone(),
            });
            let Some(chart) = columns(series.collect(), "others") else {
                return Ok(());
            };
            prop_assert!(chart.columns.len() <= YEARS && chart.ticks.len() <= 7);
            prop_assert!(chart.legend.iter().filter(|(class, _)| class.starts_with("part-")).count() <= PARTS);
            for column in &chart.columns {
                let tops = column.parts.iter().map(|part| part.y.parse::<f64>().unwrap());
                prop_assert!(tops.fold(GROUND, f64::min) >= TOP - 0.1);
            }
        }
    }

    #[test]
    fn steps_are_round() {
        for (most, step) in [(0, 1), (5, 1), (6, 2), (23, 5), (26, 10), (1_000, 200), (10_344, 5_000)] {
            assert_eq!(nice(most), step, "{most}");
        }
        assert!(nice(u64::MAX) > 0);
    }
}
