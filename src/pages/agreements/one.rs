//! The page of an agreement: its terms, its parties, what became of it and what was done under it.

use askama::Template;

use super::{Bar, activity, country, days, direction, name};
use crate::agree::list;
use crate::credential::validity::Day;
use crate::pages::directory::{date, scope_lines};
use crate::pages::locale::Locale;
use crate::pages::marked::{Marked, plain};
use crate::pages::verdict::best_name;
use crate::pages::{Visit, rendered};
use crate::recognition::{Scope, TemporalBasis};
use crate::registry::agreements::{AgreementFile, Agreements};
use crate::text::LocalizedText;
use crate::urls::agreement_path;

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
