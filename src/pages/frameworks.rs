//! Frameworks side by side: a ladder each, and lines between the levels that somebody compared.

use askama::Template;

use super::locale::Locale;
use super::marked::{Marked, plain};
use super::{Visit, rendered};
use crate::framework::lines::{Lines, between};
use crate::framework::{Framework, Level, all, by_id};

/// Most ladders of a page.
const MOST: usize = 4;
/// What is shown to whoever chose nothing.
const FIRST: [&str; 3] = ["VQF", "AQRF", "LNQF"];

/// The page of these frameworks, each once, the first four.
pub fn frameworks(visit: &Visit<'_>, chosen: &[&'static Framework]) -> String {
    let locale = visit.reader.locale;
    let mut shown: Vec<&'static Framework> = Vec::new();
    for framework in chosen.iter().copied() {
        if shown.len() < MOST && !shown.iter().any(|other| other.id == framework.id) {
            shown.push(framework);
        }
    }
    if shown.is_empty() {
        shown = FIRST.iter().filter_map(|id| by_id(id)).collect();
    }
    let rungs = shown.iter().map(|framework| framework.levels.len()).max().unwrap_or(0);
    let mut places = Vec::new();
    for (at, framework) in shown.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|at| shown.get(at)) {
            places.push(Place::Gap(Gap::new(before, framework, rungs, locale)));
        }
        places.push(Place::Ladder(Ladder::new(framework, rungs, visit)));
    }
    let known = all().unwrap_or_default();
    rendered(&Page {
        visit: *visit,
        title: locale.text("frameworks-title"),
        places,
        choices: known
            .iter()
            .map(|framework| Choice {
                id: &framework.id,
                territory: &framework.territory,
                name: name(framework, locale),
                chosen: shown.iter().any(|other| other.id == framework.id),
            })
            .collect(),
        told: shown.iter().map(|framework| Told::new(framework, locale)).collect(),
    })
}

#[derive(Template)]
#[template(path = "frameworks.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    places: Vec<Place>,
    choices: Vec<Choice>,
    told: Vec<Told>,
}

struct Choice {
    id: &'static str,
    territory: &'static str,
    name: Marked,
    chosen: bool,
}

/// What stands in the row of ladders.
enum Place {
    Ladder(Ladder),
    Gap(Gap),
}

struct Ladder {
    id: &'static str,
    href: String,
    name: Marked,
    /// Places above its highest level, so that all stand on one ground.
    above: usize,
    rungs: Vec<Rung>,
    titles: Vec<Marked>,
}

struct Rung {
    code: &'static str,
    label: String,
    title: Option<Marked>,
    /// Whether no award stands at it: others are only referenced to it.
    bare: bool,
    vocational: bool,
}

impl Ladder {
    fn new(framework: &'static Framework, rungs: usize, visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        let loose = framework.titles_without_level.iter();
        Self {
            id: &framework.id,
            href: visit.href(&format!("/frameworks/{}", framework.id)),
            name: name(framework, locale),
            above: rungs - framework.levels.len(),
            rungs: framework.levels.iter().rev().map(|level| Rung::new(level, framework, locale)).collect(),
            titles: loose.filter_map(|title| best(&title.titles, locale)).collect(),
        }
    }
}

impl Rung {
    fn new(level: &'static Level, framework: &Framework, locale: &'static Locale) -> Self {
        Self {
            code: &level.code,
            label: locale.text_with("frameworks-level", &[("code", &level.code)]),
            title: best(&level.title.titles, locale),
            bare: framework.kind == "regional-reference",
            vocational: level.title.vocational == Some(true),
        }
    }
}

/// The space between two ladders.
struct Gap {
    /// Its lines, from the left edge (0) to the right one (100), in hundredths of a rung from the top.
    lines: Vec<(usize, usize)>,
    height: usize,
    basis: &'static str,
    label: String,
}

impl Gap {
    fn new(one: &Framework, other: &Framework, rungs: usize, locale: &Locale) -> Self {
        let height = rungs * 100;
        let found = between(one, other);
        let names = [("one", one.id.as_str()), ("other", other.id.as_str())];
        let Some(Lines { basis, pairs, .. }) = found else {
            let label = locale.text_with("frameworks-uncompared", &names);
            return Self { lines: Vec::new(), height, basis: "none", label };
        };
        let basis = basis.as_str();
        let compared: Vec<_> = pairs.iter().map(|(one, other)| format!("{one}–{other}")).collect();
        let y = |level: u32| height.saturating_sub(level as usize * 100) + 50;
        Self {
            lines: pairs.iter().map(|(one, other)| (y(*one), y(*other))).collect(),
            height,
            basis,
            label: format!(
                "{} – {}: {} ({})",
                one.id,
                other.id,
                locale.text(&format!("frameworks-{basis}")),
                compared.join(", ")
            ),
        }
    }
}

/// A framework with its sources.
struct Told {
    id: &'static str,
    name: Marked,
    law: Option<Marked>,
    confidence: Marked,
    compiled: String,
    compared: Vec<Comparison>,
    sources: Vec<Origin>,
    notes: Vec<Marked>,
}

struct Comparison {
    to: &'static str,
    status: Marked,
    date: String,
    confidence: Marked,
    note: Option<Marked>,
}

struct Origin {
    id: Marked,
    url: Option<String>,
    note: Option<Marked>,
}

impl Told {
    fn new(framework: &'static Framework, locale: &'static Locale) -> Self {
        let english = |text: &str| Marked::new(text, Some("en"), locale);
        let compared = framework.referencing.iter().map(|row| Comparison {
            to: &row.to,
            status: english(&row.status),
            date: row.date.clone().unwrap_or_else(|| "–".to_owned()),
            confidence: english(&row.confidence),
            note: row.note.as_deref().map(english),
        });
        let sources = framework.sources.iter().map(|source| Origin {
            id: english(&source.id),
            url: source.url.as_deref().filter(|url| url.starts_with("https://")).map(plain),
            note: source.note.as_deref().map(english),
        });
        let notes = framework.note.iter().chain(&framework.open_questions);
        Self {
            id: &framework.id,
            name: name(framework, locale),
            law: framework.legal_basis.as_deref().map(english),
            confidence: english(&framework.confidence),
            compiled: framework.compiled.clone(),
            compared: compared.collect(),
            sources: sources.collect(),
            notes: notes.map(|note| english(note)).collect(),
        }
    }
}

pub(super) fn name(framework: &Framework, locale: &Locale) -> Marked {
    best(&framework.name, locale).unwrap_or_else(|| Marked::new(&framework.id, None, locale))
}

/// The text in the reader's language, else in English, else in any.
pub(super) fn best(texts: &std::collections::BTreeMap<String, String>, locale: &Locale) -> Option<Marked> {
    let own = texts.get_key_value(locale.tag).or_else(|| texts.get_key_value("en"));
    let (tag, text) = own.or_else(|| texts.first_key_value())?;
    Some(Marked::new(text, Some(tag), locale))
}
