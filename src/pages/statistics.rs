//! The page of a table of statistics: columns by year, a bar for each row, and in words what it does not tell.

use std::collections::BTreeMap;

use askama::Template;

use super::columns::{Columns, Series, columns};
use super::locale::Locale;
use super::marked::Marked;
use super::{Visit, rendered};
use crate::report::Figures;
use crate::statistics::{Table, definitions};
use crate::text::{LangTag, LocalizedText};

/// Most rows of a page; the files have them all.
const MOST: usize = 300;
/// Most countries named of a row.
const MOST_COUNTRIES: usize = 60;
/// What is no value.
const SPECIAL: [&str; 3] = ["not-stated", "other", "withheld"];

/// The page; `names` are those of the institutions, by their short names.
pub fn statistics(visit: &Visit<'_>, figures: &Figures, names: &BTreeMap<String, LocalizedText>) -> String {
    let locale = visit.reader.locale;
    let table = &figures.table;
    let subject = figures.question.subject;
    let most = table.rows.iter().map(|row| row.count).max().unwrap_or(0);
    let rows = table.rows.iter().take(MOST).map(|row| Bar {
        cells: table
            .by
            .iter()
            .zip(&row.values)
            .map(|(dimension, value)| {
                let class = if *dimension == "year" { "v year-of" } else { "v" };
                (class, Marked::new(&label(locale, dimension, value, names), None, locale))
            })
            .collect(),
        told: !row.values.iter().any(|value| value == "withheld"),
        count: row.count,
        width: percent(row.count, most),
    });
    let dimensions = subject.dimensions.iter().map(|dimension| Choice {
        id: &dimension.id,
        name: locale.text(&format!("statistics-by-{}", dimension.id)),
        chosen: table.by.contains(&dimension.id.as_str()),
    });
    let subjects = definitions().subjects.iter().map(|one| Tab {
        href: visit.href(&format!("/statistics/{}", one.id)),
        name: locale.text(&format!("statistics-{}", one.id)),
        current: one.id == subject.id,
    });
    let only = figures.question.only.iter().map(|(dimension, value)| {
        let name = locale.text(&format!("statistics-by-{dimension}"));
        (name, Marked::new(&label(locale, dimension, value, names), None, locale))
    });
    rendered(&Page {
        visit: *visit,
        title: locale.text("statistics-title"),
        subjects: subjects.collect(),
        lead: locale.text(&format!("statistics-{}.means", subject.id)),
        path: format!("/statistics/{}", subject.id),
        as_of: figures.as_of.map(|at| locale.text_with("statistics-as-of", &[("at", &locale.instant(at))])),
        exact: figures.exact,
        protected: subject.persons && !figures.exact,
        dimensions: dimensions.collect(),
        only: only.collect(),
        columns: chart(figures, locale, names),
        heads: table.by.iter().map(|id| locale.text(&format!("statistics-by-{id}"))).collect(),
        rows: rows.collect(),
        left_out: table.rows.len().saturating_sub(MOST).to_string(),
        total: table.total,
        files: files(figures),
    })
}

#[derive(Template)]
#[template(path = "statistics.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    subjects: Vec<Tab>,
    lead: String,
    path: String,
    as_of: Option<String>,
    exact: bool,
    protected: bool,
    dimensions: Vec<Choice<'a>>,
    only: Vec<(String, Marked)>,
    columns: Option<Columns>,
    heads: Vec<String>,
    rows: Vec<Bar>,
    left_out: String,
    total: u64,
    files: Vec<(&'static str, String)>,
}

struct Tab {
    href: String,
    name: String,
    current: bool,
}

struct Choice<'a> {
    id: &'a str,
    name: String,
    chosen: bool,
}

struct Bar {
    /// Class and value.
    cells: Vec<(&'static str, Marked)>,
    told: bool,
    count: u64,
    /// Of a hundred.
    width: String,
}

/// A value in words.
fn label(locale: &Locale, dimension: &str, value: &str, names: &BTreeMap<String, LocalizedText>) -> String {
    if SPECIAL.contains(&value) {
        return locale.text(&format!("statistics-{value}"));
    }
    let tag = LangTag::parse(locale.tag).ok();
    match dimension {
        "institution" => {
            let best = tag.and_then(|tag| names.get(value)?.best(&tag).map(|(_, name)| name.to_owned()));
            best.unwrap_or_else(|| value.to_owned())
        }
        "level" => value.replacen(':', " ", 1),
        "origin" | "receiving" | "pair" => {
            let country =
                |code: &str| locale.find(&format!("country-{code}"), &[]).unwrap_or_else(|| code.to_owned());
            value.split('-').take(MOST_COUNTRIES).map(country).collect::<Vec<_>>().join(" – ")
        }
        _ => {
            let id = value.to_ascii_lowercase().replace('_', "-");
            let word = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let found = if word { locale.find(&format!("statistics-{dimension}-{id}"), &[]) } else { None };
            found.unwrap_or_else(|| value.to_owned())
        }
    }
}

/// Columns by year, stacked by the other dimension where there is one.
fn chart(figures: &Figures, locale: &Locale, names: &BTreeMap<String, LocalizedText>) -> Option<Columns> {
    let Table { by, rows, .. } = &figures.table;
    let year = by.iter().position(|id| *id == "year")?;
    let other = match by.len() {
        1 => None,
        2 => Some(1 - year),
        _ => return None,
    };
    let mut series: BTreeMap<&str, Series> = BTreeMap::new();
    for row in rows {
        let Ok(at) = row.values.get(year)?.parse::<i32>() else { continue };
        let value = other.and_then(|other| row.values.get(other)).map_or("", String::as_str);
        let one = series.entry(value).or_insert_with(|| Series {
            name: other.map(|other| label(locale, by[other], value, names)).unwrap_or_default(),
            plain: SPECIAL.into_iter().find(|special| *special == value),
            counts: BTreeMap::new(),
        });
        *one.counts.entry(at).or_default() += row.count;
    }
    columns(series.into_values().collect(), &locale.text("statistics-others"))
}

fn files(figures: &Figures) -> Vec<(&'static str, String)> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("by", &figures.table.by.join(","));
    for (dimension, value) in &figures.question.only {
        query.append_pair(dimension, value);
    }
    let query = query.finish();
    let href = |more: &str| format!("/statistics/{}?{query}&{more}", figures.question.subject.id);
    vec![("CSV", href("format=csv")), ("JSON", href("format=json"))]
}

fn percent(count: u64, most: u64) -> String {
    let share = if most == 0 { 0.0 } else { count as f64 * 100.0 / most as f64 };
    format!("{share:.1}")
}
