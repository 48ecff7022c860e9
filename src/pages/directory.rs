//! The directory of institutions: search, map and list; and the page of one of them.

use askama::Template;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::chart::{Chart, chart};
use super::diploma::Shown;
use super::locale::Locale;
use super::marked::{Marked, plain};
use super::verdict::{best_name, in_order, kept_by};
use super::{Visit, rendered};
use crate::accreditation::{Change, Grant, Scope, Standing};
use crate::trust::Keeper;
use crate::trust::directory::{Directory, Row, Today};
use crate::trustlist::{KeyUse, TrustedIssuer};

/// Institutions on a page of the list.
pub const ROWS: usize = 40;

/// What a path segment keeps as it is (RFC 3986 §3.3), and no more.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// The path of an institution's page.
pub fn institution_path(territory: &str, did: &str) -> String {
    format!("/directory/{}/{}", utf8_percent_encode(territory, SEGMENT), utf8_percent_encode(did, SEGMENT))
}

/// The directory: what the query finds, page `number` (from 1) of it.
pub fn directory(visit: &Visit<'_>, directory: &Directory, query: &str, number: usize) -> String {
    let locale = visit.reader.locale;
    let found = directory.search(query);
    let pages = found.len().div_ceil(ROWS).max(1);
    let number = number.clamp(1, pages);
    let places: Vec<_> = found.iter().map(|row| row.location).collect();
    let map = chart(&places).map(|chart| Map::new(chart, &found, visit));
    let shown: String = query.chars().take(crate::trust::directory::MAX_QUERY).collect();
    let to = |number: usize| {
        let mut there = url::form_urlencoded::Serializer::new("/directory?".to_owned());
        if !shown.is_empty() {
            there.append_pair("q", &shown);
        }
        if number > 1 {
            there.append_pair("page", &number.to_string());
        }
        if visit.reader.chosen {
            there.append_pair("lang", locale.tag);
        }
        there.finish()
    };
    let count = found.len().to_string();
    rendered(&DirectoryPage {
        visit: *visit,
        title: locale.text("directory-title"),
        query: plain(&shown),
        found: if directory.rows().is_empty() {
            locale.text("directory-empty")
        } else {
            locale.text_with("directory-found", &[("count", &count)])
        },
        rows: found.iter().skip((number - 1) * ROWS).take(ROWS).map(|row| Line::new(row, visit)).collect(),
        map,
        before: (number > 1).then(|| to(number - 1)),
        after: (number < pages).then(|| to(number + 1)),
        place: locale
            .text_with("directory-page", &[("number", &number.to_string()), ("pages", &pages.to_string())]),
        one_page: pages == 1,
    })
}

/// An institution of a list.
pub struct Listed<'a> {
    /// As its authority tells of it.
    pub issuer: &'a TrustedIssuer,
    /// The territory of the list.
    pub territory: &'a str,
    /// The number of the list.
    pub sequence: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// How the institution stands.
    pub today: Today,
    /// Who keeps its register, where it has closed.
    pub keeper: Option<Keeper>,
}

/// The page of an institution.
pub fn institution(visit: &Visit<'_>, listed: &Listed<'_>) -> String {
    let (locale, issuer, today) = (visit.reader.locale, listed.issuer, listed.today);
    let name = best_name(&issuer.names, locale).unwrap_or(issuer.did.as_str());
    let (territory, sequence) = (plain(listed.territory), listed.sequence.to_string());
    let issued = locale.instant(listed.issued_at);
    rendered(&InstitutionPage {
        visit: *visit,
        title: plain(name),
        names: in_order(&issuer.names, locale),
        today: today.as_str(),
        standing: locale.text(&format!("today-{}", today.as_str())),
        listed: locale.text_with(
            "institution-listed",
            &[("territory", &territory), ("number", &sequence), ("date", &issued)],
        ),
        keeper: listed.keeper.as_ref().map(|keeper| kept_by(keeper, locale)),
        country: Shown::country(listed.territory, locale),
        code: issuer.code.as_deref().map(|code| Marked::new(code, None, locale)),
        did: Marked::new(issuer.did.as_str(), None, locale),
        logged_since: issuer.logged_since.map(|since| locale.instant(since)),
        keys: issuer.keys.iter().map(|key| Key::new(key, locale)).collect(),
        grants: issuer.grants.iter().map(|grant| Decision::new(grant, locale)).collect(),
        map: chart(&[issuer.location]).map(|chart| Map::of_one(chart, visit, name)),
        back: visit.href("/directory"),
    })
}

#[derive(Template)]
#[template(path = "directory.html")]
struct DirectoryPage<'a> {
    visit: Visit<'a>,
    title: String,
    query: String,
    found: String,
    rows: Vec<Line>,
    map: Option<Map>,
    before: Option<String>,
    after: Option<String>,
    place: String,
    one_page: bool,
}

#[derive(Template)]
#[template(path = "institution.html")]
struct InstitutionPage<'a> {
    visit: Visit<'a>,
    title: String,
    names: Vec<Marked>,
    today: &'static str,
    standing: String,
    listed: String,
    keeper: Option<String>,
    country: Shown,
    code: Option<Marked>,
    did: Marked,
    logged_since: Option<String>,
    keys: Vec<Key>,
    grants: Vec<Decision>,
    map: Option<Map>,
    back: String,
}

/// A line of the list.
struct Line {
    href: String,
    name: Marked,
    country: Shown,
    code: Option<Marked>,
    today: &'static str,
    standing: String,
}

impl Line {
    fn new(row: &Row, visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        Self {
            href: href(row, visit),
            name: in_order(&row.names, locale)
                .into_iter()
                .next()
                .unwrap_or_else(|| Marked::new(row.did.as_str(), None, locale)),
            country: Shown::country(&row.territory, locale),
            code: row.code.as_deref().map(|code| Marked::new(code, None, locale)),
            today: row.today.as_str(),
            standing: locale.text(&format!("today-{}", row.today.as_str())),
        }
    }
}

fn href(row: &Row, visit: &Visit<'_>) -> String {
    visit.href(&institution_path(&row.territory, row.did.as_str()))
}

/// A map with its marks in words.
struct Map {
    chart: Chart,
    label: String,
    /// For each mark its words, and where it leads.
    words: Vec<(String, Option<String>)>,
}

impl Map {
    fn new(chart: Chart, found: &[&Row], visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        let words = chart.marks.iter().map(|mark| {
            let Some(row) = found.get(mark.first) else { return (String::new(), None) };
            let name = plain(best_name(&row.names, locale).unwrap_or(row.did.as_str()));
            if mark.count == 1 {
                return (name, Some(href(row, visit)));
            }
            let more = (mark.count - 1).to_string();
            (locale.text_with("directory-and-more", &[("name", &name), ("count", &more)]), None)
        });
        Self { words: words.collect(), chart, label: locale.text("directory-map") }
    }

    fn of_one(chart: Chart, visit: &Visit<'_>, name: &str) -> Self {
        let words = chart.marks.iter().map(|_| (plain(name), None)).collect();
        Self { chart, label: visit.text("directory-map"), words }
    }

    /// Each mark with its words.
    fn marks(&self) -> impl Iterator<Item = (&super::chart::Mark, &(String, Option<String>))> {
        self.chart.marks.iter().zip(&self.words)
    }
}

/// A key, short.
struct Key {
    name: String,
    usage: String,
    interval: String,
    compromised: Option<String>,
}

impl Key {
    fn new(key: &crate::trustlist::TrustedKey, locale: &'static Locale) -> Self {
        let spelt = key.spelt();
        let end: String = spelt.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
        let usage = match key.key_use {
            KeyUse::Award => "award",
            KeyUse::Endorsement => "endorsement",
            KeyUse::Accreditation => "accreditation",
            KeyUse::Status => "status",
            KeyUse::TrustList => "trust-list",
        };
        Self {
            name: format!("…{}", plain(&end)),
            usage: locale.text(&format!("key-use-{usage}")),
            interval: interval(&day(key.not_before), key.not_after.map(day).as_deref(), locale),
            compromised: key
                .compromised_since
                .map(|since| locale.text_with("key-compromised", &[("date", &date(&day(since), locale))])),
        }
    }
}

/// A decision and what became of it.
struct Decision {
    number: Option<Marked>,
    interval: String,
    scopes: Vec<Vec<(String, Marked)>>,
    events: Vec<Event>,
    accreditation: Option<String>,
}

/// An entry of the history.
struct Event {
    class: &'static str,
    date: String,
    iso: String,
    what: String,
    /// The day from which it is void, which may lie before the decision.
    effective: Option<String>,
    recorded: Option<String>,
}

impl Decision {
    fn new(grant: &Grant, locale: &'static Locale) -> Self {
        let safe = |url: &&String| {
            url.starts_with("https://") && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>".contains(&b))
        };
        Self {
            number: grant.decision_number.as_deref().map(|number| Marked::new(number, None, locale)),
            interval: interval(&grant.from.to_string(), grant.to.map(|to| to.to_string()).as_deref(), locale),
            scopes: grant.scopes.iter().map(|scope| scope_lines(scope, locale)).collect(),
            events: grant.history.iter().map(|entry| Event::new(entry, locale)).collect(),
            accreditation: grant.accreditation.as_ref().filter(safe).cloned(),
        }
    }
}

impl Event {
    fn new(entry: &crate::accreditation::Entry, locale: &'static Locale) -> Self {
        let (class, effective) = match entry.change {
            Change::To(Standing::Granted) => ("granted", None),
            Change::To(Standing::TeachOut) => ("teach-out", None),
            Change::To(Standing::Suspended) => ("suspended", None),
            Change::To(Standing::Withdrawn) => ("withdrawn", None),
            Change::Annulled { effective } => ("annulled", Some(effective)),
        };
        let recorded = entry.recorded_at.and_then(|at| at.timestamp());
        let on = |at: Timestamp| locale.text_with("history-recorded", &[("date", &date(&day(at), locale))]);
        Self {
            class,
            date: date(&entry.since.to_string(), locale),
            iso: entry.since.to_string(),
            effective: effective.map(|day| {
                locale.text_with("history-effective", &[("date", &date(&day.to_string(), locale))])
            }),
            what: locale.text(&format!("history-{class}")),
            recorded: recorded.map(on),
        }
    }
}

/// What a grant covers, a line for each thing it names.
pub(super) fn scope_lines(scope: &Scope, locale: &'static Locale) -> Vec<(String, Marked)> {
    let levels = scope.framework.as_deref().map(|framework| match (scope.level_min, scope.level_max) {
        (Some(min), Some(max)) if min == max => format!("{framework} {min}"),
        (Some(min), Some(max)) => format!("{framework} {min}–{max}"),
        (Some(min), None) => format!("{framework} ≥ {min}"),
        (None, Some(max)) => format!("{framework} ≤ {max}"),
        (None, None) => framework.to_owned(),
    });
    let list = |values: &[String]| Some(values.join(" · ")).filter(|text| !text.is_empty());
    [
        ("scope-kinds", list(&scope.types)),
        ("scope-level", levels),
        ("scope-field", list(&scope.isced_prefixes)),
        ("scope-programmes", list(&scope.qualification_ids)),
        ("scope-modes", list(&scope.modes)),
        ("scope-campuses", list(&scope.campuses)),
    ]
    .into_iter()
    .filter_map(|(id, text)| Some((locale.text(id), Marked::new(&text?, None, locale))))
    .collect()
}

pub(super) fn interval(from: &str, to: Option<&str>, locale: &'static Locale) -> String {
    match to {
        Some(to) => locale.text_with("interval", &[("from", &date(from, locale)), ("to", &date(to, locale))]),
        None => locale.text_with("interval-open", &[("from", &date(from, locale))]),
    }
}

pub(super) fn date(written: &str, locale: &'static Locale) -> String {
    locale.date(written).unwrap_or_else(|| plain(written))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
