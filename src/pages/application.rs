//! The form for an application, and the page on which its applicant sees how it stands.

use askama::Template;
use serde_json::{Map, Value};

use super::diploma::Shown;
use super::locale::Locale;
use super::marked::Marked;
use super::statement::{Decided, since_then};
use super::{Visit, rendered};
use crate::credential::view::each;
use crate::framework;
use crate::recognise::asked::PURPOSES;
use crate::text::{LangTag, LocalizedText};

/// The facts told, in this order; the others are for machines.
const FACTS: &[&str] = &[
    "verification",
    "status",
    "title",
    "issuer",
    "country",
    "type",
    "framework",
    "level",
    "awardDate",
    "registeredOn",
    "validUntil",
    "notionalHours",
    "workplaceHours",
    "isced",
    "mode",
    "enrolledOn",
    "qualificationId",
];

/// The form: to which authorities of this service one may apply, and a number by which the same form sent twice is one
/// application.
pub fn apply(visit: &Visit<'_>, authorities: &[(String, LocalizedText)], once: &str) -> String {
    let locale = visit.reader.locale;
    let tag = LangTag::parse(locale.tag).ok();
    let named = |(country, names): &(String, LocalizedText)| {
        let best = tag.as_ref().and_then(|tag| names.best(tag).map(|(_, name)| name.to_owned()));
        (country.clone(), Shown::country(country, locale), best.unwrap_or_default())
    };
    let frameworks = framework::all().unwrap_or_default().iter();
    rendered(&Form {
        visit: *visit,
        title: visit.text("apply-title"),
        authorities: authorities.iter().map(named).collect(),
        once: once.to_owned(),
        purposes: PURPOSES.iter().map(|one| (*one, visit.text(&format!("purpose-{one}")))).collect(),
        frameworks: frameworks
            .filter(|one| !one.levels.is_empty() && one.kind != "regional-reference")
            .map(|one| (one.id.as_str(), one.territory.as_str()))
            .collect(),
    })
}

#[derive(Template)]
#[template(path = "apply.html")]
struct Form<'a> {
    visit: Visit<'a>,
    title: String,
    authorities: Vec<(String, Shown, String)>,
    once: String,
    purposes: Vec<(&'static str, String)>,
    frameworks: Vec<(&'static str, &'static str)>,
}

/// What an applicant may see of an application.
pub struct Standing<'a> {
    /// Its id.
    pub id: &'a str,
    /// What opens its page.
    pub key: &'a str,
    /// How it stands, as the API tells its applicant.
    pub told: &'a Map<String, Value>,
}

/// The page of an application.
pub fn application(visit: &Visit<'_>, standing: &Standing<'_>) -> String {
    let (locale, told) = (visit.reader.locale, standing.told);
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let state = text("state").unwrap_or_default();
    let date = text("deadline").and_then(|day| locale.date(day)).unwrap_or_default();
    let decision = told.get("decision").and_then(Value::as_object);
    let facts = told.get("facts").and_then(Value::as_object);
    rendered(&Page {
        visit: *visit,
        title: visit.text("application-title"),
        id: standing.id,
        key: standing.key,
        state: locale.text_with(&format!("application-{state}"), &[("date", &date)]),
        decided: decision.map(|decision| Decided::new(decision, None, locale)),
        reason: decision
            .and_then(|decision| decision.get("overridden")?.as_str())
            .map(|reason| Marked::new(reason, None, locale)),
        statement: decision.and_then(|decision| decision.get("statement")?.as_str()).map(str::to_owned),
        since_then: since_then(told.get("sourceRevoked"), told.get("doubted"), locale),
        purpose: text("purpose").map(|purpose| visit.text(&format!("purpose-{purpose}"))).unwrap_or_default(),
        facts: FACTS.iter().filter_map(|name| Fact::new(name, facts?.get(*name)?, visit)).collect(),
        events: each(told.get("events"))
            .iter()
            .filter_map(|event| {
                let what = locale.find(&format!("event-{}", event.get("what")?.as_str()?), &[])?;
                let at: jiff::Timestamp = event.get("at")?.as_str()?.parse().ok()?;
                Some((at.to_string(), locale.instant(at), what))
            })
            .collect(),
        may_appeal: state == "decided",
        may_withdraw: matches!(state, "received" | "proposed"),
    })
}

#[derive(Template)]
#[template(path = "application.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    id: &'a str,
    key: &'a str,
    state: String,
    decided: Option<Decided>,
    reason: Option<Marked>,
    statement: Option<String>,
    since_then: Option<String>,
    purpose: String,
    facts: Vec<Fact>,
    events: Vec<(String, String, String)>,
    may_appeal: bool,
    may_withdraw: bool,
}

impl Page<'_> {
    fn action(&self, verb: &str) -> String {
        self.visit.href(&format!("/applications/{}/{verb}", self.id))
    }
}

struct Fact {
    label: String,
    value: Shown,
    source: Marked,
}

impl Fact {
    fn new(name: &str, fact: &Value, visit: &Visit<'_>) -> Option<Self> {
        let locale = visit.reader.locale;
        let value = match fact.get("value")? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let word = |id: String| locale.find(&id, &[]);
        let shown = match name {
            "verification" | "status" => {
                Shown::plain(&word(format!("found-{value}")).unwrap_or(value), locale)
            }
            "country" => Shown::country(&value, locale),
            "mode" => Shown::plain(&word(format!("value-{value}")).unwrap_or(value), locale),
            "awardDate" | "registeredOn" | "validUntil" | "enrolledOn" => Shown::date(&value, locale),
            "issuer" | "qualificationId" => Shown::code(&value, locale),
            _ => Shown::plain(&value, locale),
        };
        let source = fact.get("source")?.as_str()?;
        let source = match source.split_once(':') {
            Some(("trust-list", territory)) => with(locale, "found-by-trust-list", "territory", territory),
            Some(("log", origin)) => with(locale, "found-by-log", "origin", origin),
            _ => word(format!("found-by-{source}"))
                .unwrap_or_else(|| with(locale, "found-by-other", "by", source)),
        };
        Some(Self {
            label: visit.text(&format!("found-{name}")),
            value: shown,
            source: Marked::new(&source, Some(locale.tag), locale),
        })
    }
}

fn with(locale: &Locale, id: &str, name: &str, value: &str) -> String {
    locale.text_with(id, &[(name, value)])
}
