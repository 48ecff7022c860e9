//! A decision on recognition in words: on the page of a statement, and on that of an application.

use serde_json::{Map, Value};

use super::diploma::Shown;
use super::locale::Locale;
use super::marked::{Marked, plain};
use crate::credential::view::each;
use crate::framework;

/// Most reasons or alternatives told.
const MOST: usize = 64;

/// A decision ready for the page.
pub(super) struct Decided {
    /// For the style sheet: `yes`, `part`, `no` or `open`.
    pub class: &'static str,
    pub verdict: String,
    pub means: String,
    pub number: Option<Marked>,
    pub date: Option<Shown>,
    pub purpose: Option<String>,
    pub from: Option<LevelShown>,
    pub to: Option<LevelShown>,
    pub agreement: Option<Marked>,
    pub reasons: Vec<Told>,
    pub alternatives: Vec<Told>,
    pub rules: Option<Marked>,
    pub appeal: Option<String>,
    /// The award it is about, and its address where that is one.
    pub award: Option<(Marked, Option<String>)>,
    /// The digest of the signed award, and whether the award kept here under that id has it.
    pub digest: Option<Marked>,
    pub same: Option<(&'static str, String)>,
    /// That the award, or what else this rests on, is not what it was when this was decided.
    pub since_then: Option<String>,
}

/// A level, its code and its title in the reader's language where there is one.
pub(super) struct LevelShown {
    pub code: Marked,
    pub title: Option<Marked>,
}

/// A code in words.
pub(super) struct Told {
    pub words: Marked,
    pub code: Marked,
    /// What the code names behind its colon.
    pub named: Option<Marked>,
}

impl Decided {
    /// The decision a verified document states; `None` for a document that is no statement. `recognised` is what this service
    /// has on record about the award: what else is open, and what became of it since.
    pub(super) fn of(
        document: &Map<String, Value>,
        recognised: Option<&Value>,
        locale: &'static Locale,
    ) -> Option<Self> {
        let is = |kind: &Value| kind.as_str() == Some("RecognitionStatementCredential");
        if !each(document.get("type")).iter().any(is) {
            return None;
        }
        let subject = document.get("credentialSubject")?.as_object()?;
        let decision = subject.get("decision")?.as_object()?;
        let own = document.get("id").and_then(Value::as_str);
        let mut statements = each(recognised.and_then(|known| known.get("statements"))).iter();
        let own = statements.find(|known| known.get("url").and_then(Value::as_str) == own && own.is_some());
        let alternatives = own.and_then(|own| own.get("alternatives"));
        let mut shown = Self::new(decision, alternatives, locale);
        shown.award = subject.get("id").and_then(Value::as_str).map(|id| {
            let web = id.starts_with("https://") || id.starts_with("http://");
            (Marked::new(id, None, locale), web.then(|| id.to_owned()))
        });
        let digest = subject.get("digestMultibase").and_then(Value::as_str);
        shown.digest = digest.map(|digest| Marked::new(digest, None, locale));
        let same = recognised.and_then(|known| known.get("sameAward")?.as_bool());
        shown.same = same.map(|same| match same {
            true => ("pass", locale.text("recognition-same-award")),
            false => ("fail", locale.text("recognition-other-award")),
        });
        // Whoever decided that it does not hold knew it.
        let recognises = matches!(shown.class, "yes" | "part");
        let told = recognised.and_then(|known| known.get("sourceRevoked")).filter(|_| recognises);
        let doubted = own.and_then(|own| own.get("doubted")).filter(|_| recognises);
        shown.since_then = since_then(told, doubted, locale);
        Some(shown)
    }

    /// A decision as it is signed, or as a file has it.
    pub(super) fn new(
        decision: &Map<String, Value>,
        alternatives: Option<&Value>,
        locale: &'static Locale,
    ) -> Self {
        let text = |name: &str| decision.get(name).and_then(Value::as_str);
        let mark = |text: &str| Marked::new(text, None, locale);
        let verdict = text("verdict").unwrap_or_default();
        let id = format!("recognition-verdict-{}", verdict.to_ascii_lowercase().replace('_', "-"));
        let agreement = text("agreementId").map(str::to_owned).or_else(|| {
            let reasons = each(decision.get("reasons")).iter().filter_map(Value::as_str);
            reasons.filter_map(|reason| reason.strip_prefix("auto.agreement:")).next().map(str::to_owned)
        });
        let level = |name: &str| text(name).map(|level| LevelShown::new(level, locale));
        let appeal = text("appeal").filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        Self {
            class: class(verdict),
            verdict: locale.find(&id, &[]).unwrap_or_else(|| plain(verdict)),
            means: locale.find(&format!("{id}.means"), &[]).unwrap_or_default(),
            number: text("number").map(mark),
            date: text("date").map(|date| Shown::date(date, locale)),
            purpose: text("purpose").and_then(|purpose| locale.find(&format!("purpose-{purpose}"), &[])),
            from: level("sourceLevel"),
            to: level("comparableLevel").or_else(|| level("level")),
            agreement: agreement.as_deref().map(mark),
            reasons: told(decision.get("reasons"), "why", locale),
            alternatives: told(alternatives.or_else(|| decision.get("alternatives")), "open", locale),
            rules: text("ruleSet").map(mark),
            appeal: appeal.map(str::to_owned),
            award: None,
            digest: None,
            same: None,
            since_then: None,
        }
    }
}

impl LevelShown {
    fn new(level: &str, locale: &'static Locale) -> Self {
        let found = level.rsplit_once(':').and_then(|(id, code)| framework::level(id, code));
        let titles = found.map(|level| &level.title.titles);
        let title = titles.and_then(|titles| titles.get(locale.tag).map(|title| (title, locale.tag)));
        Self {
            code: Marked::new(level, None, locale),
            title: title.map(|(title, tag)| Marked::new(title, Some(tag), locale)),
        }
    }
}

/// That the award was revoked, replaced or suspended since, or its signature no longer holds; else that what else the
/// decision rests on has changed.
pub(super) fn since_then(
    told: Option<&Value>,
    doubted: Option<&Value>,
    locale: &'static Locale,
) -> Option<String> {
    let date = |told: &Value| {
        told.get("seen").and_then(Value::as_str).and_then(|seen| locale.date(seen)).unwrap_or_default()
    };
    if let Some(told) = told {
        let state = told.get("status").and_then(Value::as_str).unwrap_or_default();
        let state = locale.find(&format!("recognition-now-{state}"), &[])?;
        return Some(
            locale.text_with("recognition-source-revoked", &[("date", &date(told)), ("state", &state)]),
        );
    }
    doubted.map(|doubted| locale.text_with("recognition-now-doubted", &[("date", &date(doubted))]))
}

/// Codes of the rules in words; an unknown one is told as it is.
fn told(codes: Option<&Value>, kind: &str, locale: &'static Locale) -> Vec<Told> {
    let codes = each(codes).iter().filter_map(Value::as_str).take(MOST);
    codes
        .map(|code| {
            let (name, named) =
                code.split_once(':').map_or((code, None), |(name, named)| (name, Some(named)));
            let words = locale.find(&format!("recognition-{kind}-{}", name.replace('.', "-")), &[]);
            let words = words.map(|words| Marked::new(&words, Some(locale.tag), locale));
            Told {
                words: words.unwrap_or_else(|| Marked::new(name, None, locale)),
                code: Marked::new(name, None, locale),
                named: named.map(|named| Marked::new(named, None, locale)),
            }
        })
        .collect()
}

fn class(verdict: &str) -> &'static str {
    match verdict {
        "RECOGNISED_AUTOMATIC" | "RECOGNISED_FULL" => "yes",
        "RECOGNISED_CONDITIONAL" | "RECOGNISED_PARTIAL" => "part",
        "NOT_RECOGNISED" | "NOT_VERIFIED" => "no",
        _ => "open",
    }
}
