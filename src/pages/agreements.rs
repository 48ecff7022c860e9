//! The registry of agreements for people: what there is, one of them, and all of them in numbers.

mod one;
mod report;

use std::collections::BTreeSet;

use askama::Template;

use super::directory::{date, interval};
use super::locale::Locale;
use super::marked::Marked;
use super::{Visit, rendered};
use crate::agree::list::Filter;
use crate::credential::validity::Day;
use crate::recognition::{Agreement, Kind, State};
use crate::registry::agreements::{AgreementFile, Agreements};
use crate::urls::agreement_path;
pub use one::agreement;
pub use report::agreement_report;

/// Agreements on a page of the list.
pub const ROWS: usize = 40;
/// What is looked for, and where.
pub struct Found<'a> {
    /// What there is.
    pub agreements: &'a Agreements,
    /// What is looked for.
    pub filter: &'a Filter,
    /// On which day.
    pub on: Day,
}

/// The list: page `number` (from 1) of what the filter lets through. Nobody sees drafts here.
pub fn agreements(visit: &Visit<'_>, found: &Found<'_>, number: usize) -> String {
    let locale = visit.reader.locale;
    let Found { agreements, filter, on } = found;
    let files: Vec<_> = filter.of(agreements, *on, None).collect();
    let pages = files.len().div_ceil(ROWS).max(1);
    let number = number.clamp(1, pages);
    let to = |number: usize| {
        let mut there = url::form_urlencoded::Serializer::new("/agreements?".to_owned());
        for country in &filter.countries {
            there.append_pair("country", country);
        }
        if let Some(kind) = filter.kind {
            there.append_pair("kind", kind.as_str());
        }
        if let Some(state) = filter.state {
            there.append_pair("state", state.as_str());
        }
        there.append_pair("on", &on.to_string());
        if number > 1 {
            there.append_pair("page", &number.to_string());
        }
        if visit.reader.chosen {
            there.append_pair("lang", locale.tag);
        }
        there.finish()
    };
    let known: BTreeSet<&str> = agreements
        .iter()
        .flat_map(|file| &file.terms.parties)
        .map(|party| party.territory.as_str())
        .collect();
    let countries = |at: usize| -> Vec<Choice> {
        let chosen = filter.countries.get(at);
        let each = known.iter().map(|code| Choice {
            id: (*code).to_owned(),
            name: country(code, locale),
            chosen: chosen.is_some_and(|chosen| chosen == code),
        });
        each.collect()
    };
    let rows = files.iter().skip((number - 1) * ROWS).take(ROWS);
    rendered(&ListPage {
        visit: *visit,
        title: locale.text("agreements-title"),
        selects: [
            Select { name: "country", label: locale.text("agreements-country"), choices: countries(0) },
            Select { name: "country", label: locale.text("agreements-other-country"), choices: countries(1) },
            Select {
                name: "kind",
                label: locale.text("agreements-kind"),
                choices: words(&Kind::ALL, filter.kind, Kind::as_str, "agreement-kind", locale),
            },
            Select {
                name: "state",
                label: locale.text("agreements-state"),
                choices: words(&State::ALL[1..], filter.state, State::as_str, "agreement-state", locale),
            },
        ],
        on: on.to_string(),
        found: locale.text_with(
            "agreements-found",
            &[("count", &files.len().to_string()), ("date", &date(&on.to_string(), locale))],
        ),
        rows: rows.map(|file| Row::new(file, *on, visit)).collect(),
        before: (number > 1).then(|| to(number - 1)),
        after: (number < pages).then(|| to(number + 1)),
        place: locale
            .text_with("directory-page", &[("number", &number.to_string()), ("pages", &pages.to_string())]),
        one_page: pages == 1,
        report: visit.href("/agreements/report"),
    })
}

fn words<T: Copy + PartialEq>(
    all: &[T],
    chosen: Option<T>,
    word: impl Fn(T) -> &'static str,
    id: &str,
    locale: &Locale,
) -> Vec<Choice> {
    let choice = |one: &T| Choice {
        id: word(*one).to_owned(),
        name: locale.text(&format!("{id}-{}", word(*one))),
        chosen: chosen == Some(*one),
    };
    all.iter().map(choice).collect()
}

/// The name of a country, or its code.
fn country(code: &str, locale: &Locale) -> String {
    locale.find(&format!("country-{code}"), &[]).unwrap_or_else(|| code.to_owned())
}

fn direction(one: &str, other: &str, between: &str, locale: &Locale) -> String {
    format!("{} {between} {}", country(one, locale), country(other, locale))
}

#[derive(Template)]
#[template(path = "agreements.html")]
struct ListPage<'a> {
    visit: Visit<'a>,
    title: String,
    selects: [Select; 4],
    on: String,
    found: String,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
    place: String,
    one_page: bool,
    report: String,
}

struct Select {
    name: &'static str,
    label: String,
    choices: Vec<Choice>,
}

struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

struct Row {
    href: String,
    name: Marked,
    countries: String,
    kind: String,
    state: &'static str,
    standing: String,
    interval: String,
}

impl Row {
    fn new(file: &AgreementFile, on: Day, visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        let state = file.registered.state_on(on).as_str();
        let countries: BTreeSet<&str> =
            file.terms.parties.iter().map(|party| party.territory.as_str()).collect();
        let countries: Vec<String> = countries.into_iter().map(|code| country(code, locale)).collect();
        Self {
            href: visit.href(&agreement_path(&file.terms.id)),
            name: name(file, locale),
            countries: countries.join(" – "),
            kind: locale.text(&format!("agreement-kind-{}", file.terms.kind.as_str())),
            state,
            standing: locale.text(&format!("agreement-state-{state}")),
            interval: days(&file.terms, locale),
        }
    }
}

fn name(file: &AgreementFile, locale: &'static Locale) -> Marked {
    let name = file.registered.terms().get("name").and_then(|name| name.as_str());
    Marked::new(name.unwrap_or(&file.terms.id), None, locale)
}

fn days(agreement: &Agreement, locale: &'static Locale) -> String {
    interval(&agreement.from.to_string(), agreement.to.map(|to| to.to_string()).as_deref(), locale)
}

fn activity(word: &str, locale: &Locale) -> String {
    locale.text(&format!("activity-{word}"))
}

/// A number with its bar, 0 to 100.
struct Bar {
    name: String,
    number: usize,
    width: usize,
}

impl Bar {
    fn new(name: String, number: usize, most: usize) -> Self {
        Self { name, number, width: (number * 100).div_ceil(most.max(1)) }
    }
}
