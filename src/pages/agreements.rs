//! The registry of agreements for people: what there is, one of them, and all of them in numbers.

use std::collections::BTreeSet;

use askama::Template;

use super::directory::{date, interval, scope_lines};
use super::locale::Locale;
use super::marked::{Marked, plain};
use super::verdict::best_name;
use super::{Visit, rendered};
use crate::agree::list::{self, Filter};
use crate::agree::report::{Counted, Report};
use crate::credential::validity::Day;
use crate::recognition::{Agreement, Kind, Scope, State, TemporalBasis};
use crate::registry::agreements::{AgreementFile, Agreements};
use crate::text::LocalizedText;
use crate::urls::agreement_path;

/// Agreements on a page of the list.
pub const ROWS: usize = 40;
/// Most country pairs drawn and told on a page; a file has them all.
const PAIRS: usize = 60;

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

/// The page of an agreement; `keeper` is the institution that keeps it.
pub fn agreement(
    visit: &Visit<'_>,
    agreements: &Agreements,
    file: &AgreementFile,
    keeper: &LocalizedText,
    on: Day,
) -> String {
    let locale = visit.reader.locale;
    let terms = file.registered.terms();
    let text = |name: &str| terms.get(name).and_then(|value| value.as_str());
    let keeper = best_name(keeper, locale).unwrap_or(file.keeper.as_str());
    let instrument = |name: &str| terms.get("instrument").and_then(|value| value.get(name)?.as_str());
    let safe = |url: &&str| {
        url.starts_with("https://") && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>".contains(&b))
    };
    let state = file.registered.state_on(on).as_str();
    let (types, total) = list::activities(agreements, file);
    let most = types.values().copied().max().unwrap_or(1).max(1);
    let names = terms.get("party").and_then(|value| value.as_array()).map_or(&[][..], Vec::as_slice);
    let parties = file.terms.parties.iter().enumerate().map(|(at, party)| {
        let name = names.get(at).and_then(|party| party.get("name")?.as_str());
        Party {
            name: Marked::new(name.unwrap_or(&party.id), None, locale),
            id: name.map(|_| Marked::new(&party.id, None, locale)),
            country: country(&party.territory, locale),
            signed: file.registered.signers().contains(party.id.as_str()),
        }
    });
    rendered(&OnePage {
        visit: *visit,
        title: plain(text("name").unwrap_or(&file.terms.id)),
        id: plain(&file.terms.id),
        kind: locale.text(&format!("agreement-kind-{}", file.terms.kind.as_str())),
        state,
        standing: locale.text(&format!("agreement-state-{state}")),
        on: locale.text_with("agreement-on", &[("date", &date(&on.to_string(), locale))]),
        days: days(&file.terms, locale),
        signed_on: text("signedOn").map(|day| date(day, locale)),
        signed: match list::signed_by(file) {
            Some("parties") => locale.text("agreement-signed-parties"),
            Some(_) => locale.text_with("agreement-signed-paper", &[("keeper", &plain(keeper))]),
            None => locale.text("agreement-signed-nobody"),
        },
        instrument: instrument("title").map(|title| Marked::new(title, None, locale)),
        url: instrument("url").filter(safe).map(str::to_owned),
        digest: instrument("digestMultibase").map(|digest| Marked::new(digest, None, locale)),
        languages: terms
            .get("languages")
            .and_then(|value| value.as_array())
            .map(|tags| tags.iter().filter_map(|tag| tag.as_str()).collect::<Vec<_>>().join(", "))
            .map(|tags| Marked::new(&tags, None, locale)),
        basis: locale.text(match file.terms.basis {
            TemporalBasis::ApplicationDate => "agreement-basis-application",
            TemporalBasis::AwardDate => "agreement-basis-award",
        }),
        keeper: Marked::new(keeper, None, locale),
        parties: parties.collect(),
        scopes: file.terms.scopes.iter().map(|scope| Given::new(scope, locale)).collect(),
        history: file
            .registered
            .timeline(on)
            .into_iter()
            .map(|(state, since, reason)| Event {
                class: state.as_str(),
                iso: since.to_string(),
                date: date(&since.to_string(), locale),
                what: locale.text(&format!("agreement-became-{}", state.as_str())),
                reason: reason.map(|reason| Marked::new(reason, None, locale)),
            })
            .collect(),
        superseded: file.registered.superseded_by().map(|by| {
            let found = agreements.kept_by(&file.keeper, by);
            let shown = found.map_or_else(|| Marked::new(by, None, locale), |file| name(file, locale));
            (visit.href(&agreement_path(by)), shown)
        }),
        total: total.to_string(),
        activities: types
            .iter()
            .map(|(kind, number)| Bar::new(activity(kind.as_str(), locale), *number, most))
            .collect(),
        back: visit.href("/agreements"),
    })
}

fn activity(word: &str, locale: &Locale) -> String {
    locale.text(&format!("activity-{word}"))
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct OnePage<'a> {
    visit: Visit<'a>,
    title: String,
    id: String,
    kind: String,
    state: &'static str,
    standing: String,
    on: String,
    days: String,
    signed_on: Option<String>,
    signed: String,
    instrument: Option<Marked>,
    url: Option<String>,
    digest: Option<Marked>,
    languages: Option<Marked>,
    basis: String,
    keeper: Marked,
    parties: Vec<Party>,
    scopes: Vec<Given>,
    history: Vec<Event>,
    superseded: Option<(String, Marked)>,
    total: String,
    activities: Vec<Bar>,
    back: String,
}

struct Party {
    name: Marked,
    id: Option<Marked>,
    country: String,
    signed: bool,
}

struct Event {
    class: &'static str,
    iso: String,
    date: String,
    what: String,
    reason: Option<Marked>,
}

/// What a scope gives, and for what.
struct Given {
    direction: String,
    automatic: bool,
    lines: Vec<(String, Marked)>,
}

impl Given {
    fn new(scope: &Scope, locale: &'static Locale) -> Self {
        let mut lines = scope_lines(&scope.awards, locale);
        let mut line = |id: &str, text: String| {
            if !text.is_empty() {
                lines.push((locale.text(id), Marked::new(&text, None, locale)));
            }
        };
        let purposes = scope.purposes.iter().map(|purpose| {
            let word = purpose.as_str();
            locale.find(&format!("purpose-{word}"), &[]).unwrap_or_else(|| word.to_owned())
        });
        line("agreement-purposes", purposes.collect::<Vec<_>>().join(" · "));
        line("agreement-profession", scope.profession.clone().unwrap_or_default());
        let target = scope.target.as_ref().map(ToString::to_string);
        let target = target.into_iter().chain(scope.target_title.clone()).collect::<Vec<_>>();
        line("agreement-target", target.join(" · "));
        if let Some((institutions, as_of)) = &scope.institutions {
            line("agreement-institutions", format!("{} ({as_of})", institutions.len()));
        }
        let conditions = scope.conditions.iter().map(ToString::to_string);
        line("agreement-conditions", conditions.collect::<Vec<_>>().join(" · "));
        Self {
            direction: direction(&scope.origin, &scope.receiving, "→", locale),
            automatic: scope.automatic,
            lines,
        }
    }
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

/// The page of the report.
pub fn agreement_report(visit: &Visit<'_>, report: &Report, on: Day) -> String {
    let locale = visit.reader.locale;
    let mut pairs: Vec<(&(String, String), &Counted)> = report.pairs.iter().collect();
    pairs.sort_by_key(|(pair, counted)| (std::cmp::Reverse((counted.agreements, counted.activities)), *pair));
    let left_out = pairs.len().saturating_sub(PAIRS);
    pairs.truncate(PAIRS);
    let most = pairs.iter().map(|(_, one)| one.agreements.max(one.activities)).max().unwrap_or(1).max(1);
    let mut types = report.types.clone();
    types.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let most_of_type = types.first().map_or(1, |(_, number)| *number).max(1);
    let most_states = report.states.iter().map(|(_, number)| *number).max().unwrap_or(1);
    let most_kinds = report.kinds.values().copied().max().unwrap_or(1);
    let types =
        types.iter().map(|(kind, number)| Bar::new(activity(kind.as_str(), locale), *number, most_of_type));
    let states = report.states.iter().map(|(state, number)| {
        Bar::new(locale.text(&format!("agreement-state-{}", state.as_str())), *number, most_states)
    });
    let kinds = report.kinds.iter().map(|(kind, number)| {
        Bar::new(locale.text(&format!("agreement-kind-{}", kind.as_str())), *number, most_kinds)
    });
    rendered(&ReportPage {
        visit: *visit,
        title: locale.text("agreements-report-title"),
        on: locale.text_with("agreement-on", &[("date", &date(&on.to_string(), locale))]),
        figures: [
            (report.total.institutions, locale.text("agreements-institutions")),
            (report.total.agreements, locale.text("agreements-agreements")),
            (report.total.activities, locale.text("agreements-activities")),
        ],
        height: pairs.len() * LINE + 4,
        lines: pairs
            .iter()
            .enumerate()
            .map(|(at, ((one, other), counted))| Line {
                codes: plain(&format!("{one}–{other}")),
                title: format!(
                    "{}: {} {} · {} {}",
                    direction(one, other, "–", locale),
                    counted.agreements,
                    locale.text("agreements-agreements"),
                    counted.activities,
                    locale.text("agreements-activities")
                ),
                y: at * LINE,
                agreements: (counted.agreements, counted.agreements * SPAN / most),
                activities: (counted.activities, counted.activities * SPAN / most),
            })
            .collect(),
        pairs: pairs
            .iter()
            .map(|((one, other), counted)| Pair {
                name: direction(one, other, "–", locale),
                href: format!(
                    "/agreements?country={one}&country={other}{}",
                    if visit.reader.chosen { format!("&lang={}", locale.tag) } else { String::new() }
                ),
                counted: (*counted).clone(),
            })
            .collect(),
        left_out: (left_out > 0)
            .then(|| locale.text_with("agreements-left-out", &[("count", &left_out.to_string())])),
        tables: [
            ("by-type", locale.text("agreements-by-type"), types.collect()),
            ("by-state", locale.text("agreements-by-state"), states.collect()),
            ("by-kind", locale.text("agreements-by-kind"), kinds.collect()),
        ],
        back: visit.href("/agreements"),
    })
}

/// Height of the lines of a country pair in the chart, and the width of its longest bar; the chart is 400 wide.
const LINE: usize = 34;
const SPAN: usize = 300;

#[derive(Template)]
#[template(path = "agreement_report.html")]
struct ReportPage<'a> {
    visit: Visit<'a>,
    title: String,
    on: String,
    figures: [(usize, String); 3],
    height: usize,
    lines: Vec<Line>,
    pairs: Vec<Pair>,
    left_out: Option<String>,
    /// Id, title and bars of each.
    tables: [(&'static str, String, Vec<Bar>); 3],
    back: String,
}

/// The bars of a country pair.
struct Line {
    codes: String,
    title: String,
    y: usize,
    agreements: (usize, usize),
    activities: (usize, usize),
}

struct Pair {
    name: String,
    href: String,
    counted: Counted,
}
