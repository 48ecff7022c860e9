//! The verdict band: one sentence, when and why, what to do, and whom to ask.

use super::locale::Locale;
use super::marked::{Marked, plain};
use super::verdict::message;
use crate::verify::verdict::{Check, Code, State, Verdict};

/// The verdict band.
pub(super) struct Band {
    pub(super) state: &'static str,
    pub(super) title: String,
    pub(super) means: String,
    pub(super) todo: Option<String>,
    pub(super) since: Option<String>,
    pub(super) reason: Option<Marked>,
    pub(super) reason_held: bool,
    pub(super) successor: Option<Marked>,
    pub(super) successor_link: Option<String>,
    pub(super) as_of: String,
    pub(super) as_of_iso: String,
    pub(super) contact: Option<Contact>,
}

impl Band {
    pub(super) fn new(verdict: &Verdict, decisive: Option<&Check>, locale: &'static Locale) -> Self {
        let state = verdict.state.as_str();
        let of_state = |part: &str| locale.find(&format!("state-{state}{part}"), &[]);
        let of_check = |part: &str| {
            decisive.and_then(|check| locale.find(&format!("{}{part}", message(check.code)), &[]))
        };
        let fact = |name: &str| decisive.and_then(|check| check.because.get(name));
        let code = decisive.map(|check| check.code);
        let withdrawn = verdict.state == State::Withdrawn;
        let at = locale.instant(verdict.times.checked);
        Self {
            state,
            title: of_check(".band").or_else(|| of_state("")).unwrap_or_default(),
            means: match verdict.state {
                State::CouldNotBeChecked | State::NotGenuine => of_check("").map(|found| format!("{found}.")),
                _ => None,
            }
            .into_iter()
            .chain(of_check(".means").or_else(|| of_state(".means")))
            .collect::<Vec<_>>()
            .join(" "),
            todo: of_check(".do").or_else(|| of_state(".do")),
            since: match code {
                Some(Code::DatesExpired) => fact("until").map(|date| day("band-until", date, locale)),
                Some(Code::DatesNotYet) => fact("from").map(|date| day("band-from", date, locale)),
                _ => fact("since").filter(|_| withdrawn).map(|date| day("band-since", date, locale)),
            },
            reason: fact("reason").filter(|_| withdrawn).map(|reason| Marked::new(reason, None, locale)),
            reason_held: withdrawn && fact("reason").is_none() && code != Some(Code::StatusReplaced),
            successor: fact("successor").map(|url| Marked::new(url, None, locale)),
            successor_link: fact("successor").filter(|url| is_web(url)).cloned(),
            as_of: locale.text_with("band-as-of", &[("at", &at)]),
            as_of_iso: verdict.times.checked.to_string(),
            contact: verdict
                .issuer
                .as_ref()
                .and_then(|issuer| issuer.contact.as_deref())
                .filter(|_| verdict.state != State::Genuine)
                .map(|contact| Contact::new(contact, locale)),
        }
    }
}

/// Where the issuing office can be asked, as a link where that is safe.
pub(super) struct Contact {
    pub(super) text: Marked,
    pub(super) href: Option<String>,
}

impl Contact {
    pub(super) fn new(contact: &str, locale: &'static Locale) -> Self {
        let plain = contact.bytes().all(|b| b.is_ascii_graphic());
        let href = if is_web(contact) {
            Some(contact.to_owned())
        } else if plain && contact.matches('@').count() == 1 && !contact.contains([':', '/', '?', '<', '"']) {
            Some(format!("mailto:{contact}"))
        } else {
            None
        };
        Self { text: Marked::new(contact, None, locale), href }
    }
}

fn day(id: &str, written: &str, locale: &'static Locale) -> String {
    let date = locale.date(written).unwrap_or_else(|| plain(written));
    locale.text_with(id, &[("date", &date)])
}

fn is_web(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'))
}
