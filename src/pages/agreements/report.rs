//! The agreements in numbers: by sort, by state, and between which countries.

use askama::Template;

use super::{Bar, activity, direction};
use crate::agree::report::{Counted, Report};
use crate::credential::validity::Day;
use crate::pages::directory::date;
use crate::pages::marked::plain;
use crate::pages::{Visit, rendered};

/// Most country pairs drawn and told on a page; a file has them all.
const PAIRS: usize = 60;

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
