//! The verification page: the verdict, what to compare with the paper, who stands behind it, what was checked and when.

use askama::Template;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::band::{Band, Contact};
use super::diploma::{Claims, Shown};
use super::locale::Locale;
use super::marked::{Marked, plain};
use super::partner::Partner;
use super::statement::Decided;
use super::{Visit, rendered, worth};
use crate::credential::id::CredentialId;
use crate::credential::summary::Summary;
use crate::did::Did;
use crate::recognition::worth::Worth;
use crate::text::{LangTag, LocalizedText};
use crate::verify::verdict::{
    Check, Code, Confirmation, Group, Keeper, Outcome, ProvedIssuer, State, Verdict, state_of,
};

/// The page `GET /c/{id}`, and the answer to the form of the home page.
pub struct CredentialPage<'a> {
    /// Who asks.
    pub visit: Visit<'a>,
    /// What was found.
    pub verdict: &'a Verdict,
    /// What the *verified* document says ([`Verdict::verifiable_credential`]); `None` when no signature holds.
    pub claims: Option<&'a Summary>,
    /// What it is worth elsewhere; `None` for what is no award, or none to be relied on.
    pub worth: Option<&'a Worth>,
    /// The *verified* document, where it is a statement of recognition.
    pub statement: Option<&'a Map<String, Value>>,
    /// What this service has on record about the award that the statement is about.
    pub recognised: Option<&'a Value>,
    /// Where the document is published here; empty for a file a reader brought.
    pub links: Links,
    /// Every line there is, however many; else as many as keep the page small.
    pub whole: bool,
}

/// Where a document is published in this service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The page's absolute URL, as printed.
    pub page: Option<String>,
    /// The path of the signed file.
    pub json: Option<String>,
    /// The path of the QR symbol, SVG.
    pub qr: Option<String>,
}

impl Links {
    /// The links of a credential of this service.
    pub fn of(public_url: &str, id: CredentialId) -> Self {
        Self {
            page: Some(format!("{public_url}/c/{id}")),
            json: Some(format!("/c/{id}.json")),
            qr: Some(format!("/c/{id}/qr.svg")),
        }
    }
}

impl CredentialPage<'_> {
    /// The page as HTML.
    pub fn render(&self) -> String {
        let (verdict, locale) = (self.verdict, self.visit.reader.locale);
        let decisive =
            verdict.checks.iter().find(|check| state_of(std::slice::from_ref(check)) == verdict.state);
        let mut band = Band::new(verdict, decisive.filter(|_| verdict.state != State::Genuine), locale);
        let reliable = verdict.state != State::NotGenuine || verdict.verified;
        // Whose decision it is has to be known before it is shown as one.
        let decided = matches!(verdict.state, State::Genuine | State::GenuineBut | State::Withdrawn);
        let statement = self.statement.filter(|_| decided);
        let statement = statement.and_then(|said| Decided::of(said, self.recognised, locale));
        if statement.is_some() && verdict.state == State::Genuine {
            // Nobody's name stands in it, and there is no paper to compare it with.
            band.todo = Some(locale.text("recognition-do"));
        }
        let name = self.claims.and_then(|claims| claims.title.first()).map(|title| plain(&title.text));
        rendered(&Page {
            visit: self.visit,
            title: match name {
                Some(name) => locale.text_with("page-title", &[("state", &band.title), ("name", &name)]),
                None => band.title.clone(),
            },
            band,
            // What an issuer without standing has signed is still what it signed.
            reliable,
            statement,
            claims: self.claims.map(|claims| Claims::new(claims, self.whole, locale)),
            issuer: verdict.issuer.as_ref().map(|issuer| Issuer::new(issuer, &self.visit)),
            partner: Partner::of(verdict, locale),
            signers: [
                ("cosigners-title", &verdict.co_signers),
                ("confirmations-title", &verdict.confirmations),
            ]
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(title, list)| {
                (locale.text(title), list.iter().map(|each| Signer::new(each, locale)).collect())
            })
            .collect(),
            checks: [Group::Credential, Group::Trust]
                .into_iter()
                .map(|group| CheckGroup::new(group, verdict, decisive, locale))
                .filter(|group| !group.lines.is_empty())
                .collect(),
            worth: self.worth.map(|worth| worth::Part::new(worth, &self.visit, self.links.page.is_some())),
            times: times(verdict, locale),
            print_note: match &self.links.page {
                Some(url) => locale.text_with("print-note", &[("url", url)]),
                None => locale.text("print-note-file"),
            },
            links: &self.links,
            everything: self.everything(),
        })
    }

    fn everything(&self) -> Option<String> {
        let here = self.visit.href(self.visit.path);
        let and = if here.contains('?') { '&' } else { '?' };
        (!self.whole && self.links.page.is_some()).then(|| format!("{here}{and}all=1"))
    }
}

#[derive(Template)]
#[template(path = "verdict.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    band: Band,
    reliable: bool,
    /// The decision, of a statement of recognition.
    statement: Option<Decided>,
    claims: Option<Claims>,
    issuer: Option<Issuer>,
    partner: Option<Partner>,
    signers: Vec<(String, Vec<Signer>)>,
    checks: Vec<CheckGroup>,
    worth: Option<worth::Part>,
    times: Vec<(String, Moment)>,
    print_note: String,
    links: &'a Links,
    /// The link to the same page with every line.
    everything: Option<String>,
}

/// The issuer as proved.
struct Issuer {
    names: Vec<Marked>,
    vouched: Option<String>,
    kept_by: Option<String>,
    /// Its page in the directory.
    history: Option<String>,
    claims_to_be: Option<Marked>,
    country: Option<Shown>,
    contact: Option<Contact>,
    site: Option<Marked>,
    id: Marked,
}

impl Issuer {
    fn new(issuer: &ProvedIssuer, visit: &Visit<'_>) -> Self {
        let locale = visit.reader.locale;
        let mark = |text: &str| Marked::new(text, None, locale);
        let host = [("host", visit.host())];
        let vouched = issuer.vouched_by.as_deref().map(|by| match by {
            "this-service" => locale.text_with("issuer-vouched-this-service", &host),
            "settings" => locale.text_with("issuer-vouched-settings", &host),
            "trust-list" => {
                let territory = plain(issuer.country.as_deref().unwrap_or_default());
                locale.text_with("issuer-vouched-trust-list", &[("territory", &territory)])
            }
            other => locale.text_with("issuer-vouched-other", &[("by", &plain(other))]),
        });
        let on_list = issuer.vouched_by.as_deref() == Some("trust-list");
        let names = match (&vouched, &issuer.name) {
            (Some(_), Some(name)) => in_order(name, locale),
            _ => Vec::new(),
        };
        Self {
            claims_to_be: issuer.claims_to_be.as_deref().filter(|_| names.is_empty()).map(mark),
            vouched: vouched.filter(|_| !names.is_empty()),
            history: issuer
                .country
                .as_deref()
                .filter(|_| on_list)
                .map(|territory| visit.href(&super::institution_path(territory, &issuer.id))),
            kept_by: issuer.kept_by.as_ref().map(|keeper| kept_by(keeper, locale)),
            names,
            country: issuer.country.as_deref().map(|code| Shown::country(code, locale)),
            contact: issuer.contact.as_deref().map(|contact| Contact::new(contact, locale)),
            site: web_host(&issuer.id).map(|host| mark(&host)),
            id: mark(&issuer.id),
        }
    }
}

/// That the issuer has closed, and who keeps its register.
pub(super) fn kept_by(keeper: &Keeper, locale: &'static Locale) -> String {
    let best = keeper.name.as_ref().and_then(|name| best_name(name, locale));
    let date = keeper.since.parse().map(|at: Timestamp| locale.instant(at)).ok();
    let date = date.or_else(|| locale.date(&keeper.since)).unwrap_or_else(|| plain(&keeper.since));
    locale.text_with("issuer-kept-by", &[("date", &date), ("name", &plain(best.unwrap_or(&keeper.id)))])
}

/// The name for this reader.
pub(super) fn best_name<'a>(name: &'a LocalizedText, locale: &'static Locale) -> Option<&'a str> {
    let tag = LangTag::parse(locale.tag).ok()?;
    name.best(&tag).map(|(_, name)| name)
}

/// The names in each language, the reader's first, then as given.
pub(super) fn in_order(name: &LocalizedText, locale: &'static Locale) -> Vec<Marked> {
    let best = LangTag::parse(locale.tag).ok().and_then(|tag| name.best(&tag).map(|(tag, _)| tag.clone()));
    let (mut first, rest): (Vec<_>, Vec<_>) = name.iter().partition(|(tag, _)| Some(*tag) == best.as_ref());
    first.extend(rest);
    first.into_iter().map(|(tag, text)| Marked::new(text, Some(tag.as_str()), locale)).collect()
}

/// Somebody else who signed.
struct Signer {
    outcome: Outcome,
    word: String,
    claims_to_be: Option<Marked>,
    id: Marked,
    comment: Option<Marked>,
    at: Option<Moment>,
}

impl Signer {
    fn new(other: &Confirmation, locale: &'static Locale) -> Self {
        let mark = |text: &String| Marked::new(text, None, locale);
        Self {
            outcome: other.outcome,
            word: locale.text(&format!("confirmation-{}", outcome_word(other.outcome))),
            claims_to_be: other.claims_to_be.as_ref().map(mark),
            id: mark(&other.id),
            comment: other.comment.as_ref().map(mark),
            at: other.at.as_deref().map(|at| Moment::written(at, locale)),
        }
    }

    fn icon(&self) -> &'static str {
        outcome_word(self.outcome)
    }
}

/// The checks of one group.
struct CheckGroup {
    title: String,
    lines: Vec<CheckLine>,
}

/// One check.
struct CheckLine {
    outcome: &'static str,
    word: String,
    code: &'static str,
    title: String,
    means: String,
    facts: Vec<(String, Shown)>,
    /// Whether the band says what it means.
    told: bool,
}

impl CheckGroup {
    fn new(group: Group, verdict: &Verdict, decisive: Option<&Check>, locale: &'static Locale) -> Self {
        let title = locale.text(match group {
            Group::Credential => "group-credential",
            Group::Trust => "group-trust",
        });
        // The facts the band tells are not told again.
        let in_band = matches!(verdict.state, State::Withdrawn | State::GenuineBut);
        let of_group = verdict.checks.iter().filter(|check| check.code.group() == group);
        let lines = of_group.map(|check| {
            let mut line = CheckLine::new(check, locale);
            line.told = decisive.is_some_and(|decisive| std::ptr::eq(decisive, check));
            if line.told && in_band {
                line.facts.clear();
            }
            line
        });
        Self { title, lines: lines.collect() }
    }
}

impl CheckLine {
    fn new(check: &Check, locale: &'static Locale) -> Self {
        let id = message(check.code);
        let outcome = outcome_word(check.code.outcome());
        let label = |name: &str| locale.find(&format!("fact-{name}"), &[]).unwrap_or_else(|| name.to_owned());
        let value = |name: &str, fact: &str| match name {
            "as_of" | "since" | "until" | "from" | "created" => Shown::date(fact, locale),
            "reason" | "problem" => Shown::plain(fact, locale),
            _ => Shown::code(fact, locale),
        };
        Self {
            outcome,
            word: locale.text(&format!("outcome-{outcome}")),
            code: check.code.as_str(),
            title: locale.text(&id),
            means: locale.text(&format!("{id}.means")),
            facts: check.because.iter().map(|(name, fact)| (label(name), value(name, fact))).collect(),
            told: false,
        }
    }

    fn explains(&self) -> bool {
        self.outcome != "pass" && !self.facts.is_empty()
    }
}

/// A moment in long form, with its form for machines where it has one.
struct Moment {
    text: Marked,
    iso: Option<String>,
}

impl Moment {
    /// An instant as the document writes it.
    fn written(text: &str, locale: &'static Locale) -> Self {
        match text.parse::<Timestamp>() {
            Ok(at) => Self::instant(at, locale),
            Err(_) => Self::day(text, locale),
        }
    }

    fn instant(at: Timestamp, locale: &'static Locale) -> Self {
        Self { text: Marked::new(&locale.instant(at), Some(locale.tag), locale), iso: Some(at.to_string()) }
    }

    /// A calendar date as written, never converted.
    fn day(text: &str, locale: &'static Locale) -> Self {
        match locale.date(text) {
            Some(long) => {
                let iso = text.get(..10).map(str::to_owned);
                Self { text: Marked::new(&long, Some(locale.tag), locale), iso }
            }
            None => Self { text: Marked::new(text, None, locale), iso: None },
        }
    }
}

fn times(verdict: &Verdict, locale: &'static Locale) -> Vec<(String, Moment)> {
    let times = &verdict.times;
    let written = |text: &Option<String>| text.as_deref().map(|text| Moment::written(text, locale));
    let day = |text: &Option<String>| text.as_deref().map(|text| Moment::day(text, locale));
    [
        ("time-checked", Some(Moment::instant(times.checked, locale))),
        ("time-status", written(&times.status_as_of)),
        ("time-existed", verdict.log.as_ref().map(|log| Moment::instant(log.time, locale))),
        ("time-trust-list", written(&times.trust_list_as_of)),
        ("time-awarded", day(&times.awarded)),
        ("time-signed", written(&times.signed)),
        ("time-valid-from", day(&times.valid_from)),
        ("time-valid-until", day(&times.valid_until)),
    ]
    .into_iter()
    .filter_map(|(id, moment)| Some((locale.text(id), moment?)))
    .collect()
}

/// The message id of a check: `check-` and its code with hyphens.
pub(super) fn message(code: Code) -> String {
    format!("check-{}", code.as_str().replace('.', "-"))
}

pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
    }
}

/// The host that answers for a did:web, its port after a colon; `None` for other methods.
fn web_host(did: &str) -> Option<String> {
    let rest = Did::parse(did).ok()?.as_str().strip_prefix("did:web:")?.to_owned();
    let host = rest.split(':').next()?;
    Some(host.replace("%3A", ":").replace("%3a", ":"))
}
