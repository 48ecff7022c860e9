//! What an award is worth elsewhere, on its page: its level in other frameworks, agreements of the reader's country, statements.

use serde_json::Value;

use super::Visit;
use super::diploma::Shown;
use super::frameworks::best;
use super::locale::Locale;
use super::marked::{Marked, plain};
use crate::framework;
use crate::recognition::Met;
use crate::recognition::worth::{Comparison, Level, Offer, Statement, Table, Term, Worth};

/// Countries that a reader may choose, where the service knows no others: those of the frameworks known here.
const NATIONAL: &[&str] = &["national", "system", "system-without-NQF"];
/// Most agreements of a page; those beyond are counted, and the interface tells them all.
const MAX_OFFERS: usize = 6;
/// Most conditions told of an agreement; those beyond are counted.
const MAX_TERMS: usize = 8;
/// Most characters of what a condition asks.
const MAX_ASKED: usize = 160;

/// The part of the page.
pub(super) struct Part {
    pub(super) title: String,
    /// Without a level of its own there is nothing to compare.
    pub(super) no_level: bool,
    pub(super) steps: Vec<Step>,
    /// In which country, where that is not the award's own.
    pub(super) abroad: bool,
    pub(super) offers: Vec<OfferLine>,
    /// That there are none, or how many more there are.
    pub(super) note: Option<String>,
    pub(super) statements: Vec<StatementLine>,
    pub(super) choices: Vec<Choice>,
    /// Where a choice is sent.
    pub(super) action: String,
}

/// A framework, and the level there.
pub(super) struct Step {
    /// `own`, `published`, `indicative`, `assumed`, `unknown`.
    pub(super) class: &'static str,
    pub(super) framework: &'static str,
    pub(super) href: String,
    pub(super) code: String,
    /// What awards of that level are called there.
    pub(super) title: Option<Marked>,
    pub(super) means: String,
    pub(super) tables: Vec<TableLine>,
}

/// Where a comparison is from.
pub(super) struct TableLine {
    pub(super) between: String,
    pub(super) status: Marked,
    pub(super) date: Option<&'static str>,
    pub(super) sure: String,
    pub(super) source: Option<(Marked, Option<String>)>,
}

/// What an agreement gives.
pub(super) struct OfferLine {
    pub(super) gives: String,
    pub(super) title: Option<Marked>,
    pub(super) agreement: Marked,
    pub(super) told: String,
    pub(super) purposes: String,
    pub(super) profession: Option<Marked>,
    pub(super) terms: Vec<TermLine>,
    /// How many more there are.
    pub(super) more: Option<String>,
}

/// A condition.
pub(super) struct TermLine {
    /// For the tick.
    pub(super) outcome: &'static str,
    pub(super) field: Marked,
    pub(super) asks: Marked,
    pub(super) word: String,
}

/// A statement of recognition.
pub(super) struct StatementLine {
    pub(super) href: String,
    pub(super) words: String,
    pub(super) date: Shown,
}

/// A country to choose.
pub(super) struct Choice {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

impl Part {
    /// What is known; with a choice of countries where the page can be asked for again.
    pub(super) fn new(worth: &Worth, visit: &Visit<'_>, choose: bool) -> Self {
        let locale = visit.reader.locale;
        let country = worth.country.as_deref();
        let name = country.map(|code| plain_country(code, locale));
        let own = worth.level.iter().map(|level| Step::own(level, visit));
        let compared = worth.compared.iter().map(|one| Step::compared(one, worth, visit));
        let abroad = country.is_some() && country != worth.origin.as_deref();
        let more = worth.agreements.len().saturating_sub(MAX_OFFERS);
        let note = match (&name, worth.agreements.is_empty(), more) {
            (Some(name), true, _) => Some(locale.text_with("worth-no-agreement", &[("country", name)])),
            (_, false, 1..) => Some(locale.text_with("worth-more", &[("count", &more.to_string())])),
            _ => None,
        };
        Self {
            title: match &name {
                Some(name) if abroad => locale.text_with("worth-title-in", &[("country", name)]),
                _ => locale.text("worth-title"),
            },
            no_level: worth.level.is_none(),
            steps: own.chain(compared).collect(),
            abroad,
            offers: worth
                .agreements
                .iter()
                .take(MAX_OFFERS)
                .map(|offer| OfferLine::new(offer, locale))
                .collect(),
            note: note.filter(|_| abroad),
            statements: worth.statements.iter().filter_map(|one| StatementLine::new(one, locale)).collect(),
            action: visit.path.split('?').next().unwrap_or_default().to_owned(),
            choices: if choose { choices(worth, locale) } else { Vec::new() },
        }
    }
}

/// The countries of the frameworks known here, and the one chosen, by name.
fn choices(worth: &Worth, locale: &'static Locale) -> Vec<Choice> {
    let known = framework::all().unwrap_or_default().iter();
    let of_frameworks =
        known.filter(|one| NATIONAL.contains(&one.kind.as_str())).map(|one| one.territory.as_str());
    let mut codes: Vec<&str> = of_frameworks.chain(["SG"]).chain(worth.country.as_deref()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut choices: Vec<_> = codes
        .into_iter()
        .filter(|code| worth.origin.as_deref() != Some(code))
        .map(|code| Choice {
            code: code.to_owned(),
            name: plain_country(code, locale),
            chosen: worth.country.as_deref() == Some(code),
        })
        .collect();
    choices.sort_by(|one, other| one.name.cmp(&other.name));
    choices
}

/// The name of a country, or its code.
fn plain_country(code: &str, locale: &'static Locale) -> String {
    locale.find(&format!("country-{code}"), &[]).unwrap_or_else(|| plain(code))
}

impl Step {
    fn own(level: &Level, visit: &Visit<'_>) -> Self {
        let step = Self::at(level.framework, Some(&[level.level]), "own", visit);
        Self { means: visit.text("worth-own"), ..step }
    }

    fn compared(one: &Comparison, worth: &Worth, visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        let class = one.basis.filter(|_| one.levels.is_some()).unwrap_or("unknown");
        let own = worth.level.as_ref().map_or("", |level| level.framework);
        let means = match (one.levels.as_deref(), one.via) {
            (None, _) => locale.text_with("frameworks-uncompared", &[("one", own), ("other", one.framework)]),
            (Some([]), _) => locale.text("worth-none"),
            (Some(_), None) => locale.text(&format!("worth-{class}")),
            (Some(_), Some(hub)) => {
                let by = locale.text_with("worth-via", &[("hub", hub)]);
                format!("{} {by}", locale.text(&format!("worth-{class}")))
            }
        };
        let tables = one.tables.iter().map(|table| TableLine::new(table, locale)).collect();
        Self { means, tables, ..Self::at(one.framework, one.levels.as_deref(), class, visit) }
    }

    fn at(id: &'static str, levels: Option<&[u32]>, class: &'static str, visit: &Visit<'_>) -> Self {
        let codes: Vec<_> = levels.unwrap_or_default().iter().map(ToString::to_string).collect();
        let title = match codes.as_slice() {
            [only] => framework::level(id, only),
            _ => None,
        };
        Self {
            class,
            framework: id,
            href: visit.href(&format!("/frameworks/{id}")),
            code: match levels {
                None => "?".to_owned(),
                Some([]) => "–".to_owned(),
                Some(_) => codes.join(" · "),
            },
            title: title.and_then(|level| best(&level.title.titles, visit.reader.locale)),
            means: String::new(),
            tables: Vec::new(),
        }
    }
}

impl TableLine {
    fn new(table: &Table, locale: &'static Locale) -> Self {
        let english = |text: &str| Marked::new(text, Some("en"), locale);
        let sure = locale.text_with("worth-sure", &[("how", &plain(table.confidence))]);
        let url = table.url.filter(|url| url.starts_with("https://")).map(str::to_owned);
        Self {
            between: format!("{} – {}", table.from, table.to),
            status: english(table.status),
            date: table.date,
            sure,
            source: table.source.map(|source| (english(source), url)),
        }
    }
}

impl OfferLine {
    fn new(offer: &Offer, locale: &'static Locale) -> Self {
        let level = offer.level.as_deref().map(|level| level.replace(':', " "));
        let gives = match (&level, offer.automatic) {
            (Some(level), true) => locale.text_with("worth-automatic", &[("level", level)]),
            (Some(level), false) => locale.text_with("worth-advisory", &[("level", level)]),
            (None, _) => locale.text("worth-supports"),
        };
        let day = |written: &str| locale.date(written).unwrap_or_else(|| plain(written));
        let (from, kind) = (day(&offer.from), locale.text(&format!("worth-kind-{}", offer.kind.as_str())));
        let days = match &offer.to {
            Some(to) => locale.text_with("worth-from-to", &[("from", &from), ("to", &day(to))]),
            None => locale.text_with("worth-from", &[("from", &from)]),
        };
        let signed = match (&offer.list, offer.signed) {
            (None, true) => locale.text("worth-signed"),
            (Some(_), true) => locale.text("worth-signed-by-parties"),
            (_, false) => locale.text("worth-on-paper"),
        };
        let list = offer.list.as_ref().map(|list| {
            let (country, date) = (plain_country(&list.territory, locale), day(&list.date));
            format!(" · {}", locale.text_with("worth-by-list", &[("country", &country), ("date", &date)]))
        });
        let purposes: Vec<_> =
            offer.purposes.iter().map(|purpose| locale.text(&format!("worth-for-{purpose}"))).collect();
        Self {
            gives,
            title: offer.title.as_deref().map(|title| Marked::new(title, None, locale)),
            agreement: Marked::new(offer.name.as_deref().unwrap_or(&offer.agreement), None, locale),
            told: format!("{kind} · {days} · {signed}{}", list.unwrap_or_default()),
            purposes: match purposes.as_slice() {
                [] => locale.text("worth-for-any"),
                some => some.join(", "),
            },
            profession: offer.profession.as_deref().map(|one| Marked::new(one, None, locale)),
            terms: offer.conditions.iter().take(MAX_TERMS).map(|term| TermLine::new(term, locale)).collect(),
            more: match offer.conditions.len().saturating_sub(MAX_TERMS) {
                0 => None,
                more => Some(locale.text_with("worth-more-terms", &[("count", &more.to_string())])),
            },
        }
    }
}

impl TermLine {
    fn new(term: &Term, locale: &'static Locale) -> Self {
        let (outcome, word) = match term.met {
            Met::Yes => ("pass", "worth-met"),
            Met::No => ("fail", "worth-not-met"),
            Met::Unknown => ("unknown", "worth-met-unknown"),
        };
        let told = |value: &Value| match value {
            Value::String(text) => locale.find(&format!("value-{text}"), &[]).unwrap_or_else(|| text.clone()),
            Value::Bool(flag) => locale.text(if *flag { "value-true" } else { "value-false" }),
            other => other.to_string(),
        };
        let asked = match &term.value {
            Value::Array(many) => many.iter().map(told).collect::<Vec<_>>().join(", "),
            one => told(one),
        };
        let op = match term.op {
            "ge" => "≥".to_owned(),
            "gt" => ">".to_owned(),
            "le" => "≤".to_owned(),
            "lt" => "<".to_owned(),
            "eq" => "=".to_owned(),
            "ne" => "≠".to_owned(),
            other => locale.text(&format!("worth-{other}")),
        };
        let known = match term.field.as_str() {
            "notionalHours" => Some("claim-notional-hours"),
            "mode" => Some("claim-delivery-mode"),
            "workplaceHours" => Some("claim-workplace-hours"),
            "awardDate" => Some("claim-awarded-date"),
            _ => None,
        };
        let field = known.map_or_else(|| term.field.clone(), |id| locale.text(id));
        Self {
            outcome,
            field: Marked::new(&cut(&field), None, locale),
            asks: Marked::new(&format!("{op} {}", cut(&asked)), None, locale),
            word: locale.text(word),
        }
    }
}

/// As much of a text as a line takes. A mark in place of each hidden character would take many times its room.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_ASKED) {
        Some((at, _)) => format!("{}…", plain(&text[..at])),
        None => plain(text),
    }
}

impl StatementLine {
    fn new(statement: &Statement, locale: &'static Locale) -> Option<Self> {
        let web = ["https://", "http://"].iter().any(|scheme| statement.url.starts_with(scheme));
        let level = statement.level.as_deref().map(|level| plain(&level.replace(':', " ")));
        let id = match statement.verdict.as_str() {
            "RECOGNISED_PARTIAL" => "worth-statement-partial",
            "RECOGNISED_CONDITIONAL" => "worth-statement-conditional",
            _ => "worth-statement",
        };
        let words = match level {
            Some(level) => format!("{} ({level})", locale.text(id)),
            None => locale.text(id),
        };
        let purpose = statement.purpose.as_ref().and_then(|one| locale.find(&format!("purpose-{one}"), &[]));
        let words = match purpose {
            Some(purpose) => format!("{words} · {}: {purpose}", locale.text("recognition-purpose")),
            None => words,
        };
        let href = statement.url.clone();
        web.then(|| Self { href, words, date: Shown::date(&statement.date, locale) })
    }
}
