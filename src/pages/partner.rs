//! The other half of a joint award: whose it is, what became of it, and where it stands.

use super::diploma::Shown;
use super::locale::Locale;
use super::marked::Marked;
use super::verdict::{in_order, message, outcome_word};
use crate::verify::verdict::{Code, Verdict};

/// The other half, ready for the page.
pub(super) struct Partner {
    pub(super) outcome: &'static str,
    pub(super) word: String,
    /// Its institution, by those who vouch for it.
    pub(super) names: Vec<Marked>,
    /// What it is called, by itself.
    pub(super) award: Option<Marked>,
    pub(super) country: Option<Shown>,
    pub(super) address: Marked,
    /// A link, where somebody vouches for whoever signed it: an award must not send its readers just anywhere.
    pub(super) href: Option<String>,
}

impl Partner {
    /// Of a verdict; `None` when the award names no other half.
    pub(super) fn of(verdict: &Verdict, locale: &'static Locale) -> Option<Self> {
        let half = verdict.partner_award.as_deref()?;
        let of_half = |code: Code| {
            use Code::{
                PartnerClaimed, PartnerConfirmed, PartnerReplaced, PartnerRevoked, PartnerSuspended,
                PartnerUnknown,
            };
            matches!(
                code,
                PartnerConfirmed
                    | PartnerRevoked
                    | PartnerSuspended
                    | PartnerReplaced
                    | PartnerClaimed
                    | PartnerUnknown
            )
        };
        let check = verdict.checks.iter().find(|check| of_half(check.code))?;
        let issuer = half.issuer.as_ref().filter(|issuer| issuer.vouched_by.is_some());
        let relied_on = issuer.is_some() && check.code != Code::PartnerClaimed;
        let web = half.id.starts_with("https://") || half.id.starts_with("http://");
        Some(Self {
            outcome: outcome_word(check.code.outcome()),
            word: locale.text(&message(check.code)),
            names: issuer
                .and_then(|issuer| issuer.name.as_ref())
                .filter(|_| relied_on)
                .map(|names| in_order(names, locale))
                .unwrap_or_default(),
            award: half.name.as_deref().filter(|_| relied_on).map(|name| Marked::new(name, None, locale)),
            country: issuer
                .filter(|_| relied_on)
                .and_then(|issuer| issuer.country.as_deref())
                .map(|code| Shown::country(code, locale)),
            address: Marked::new(&half.id, None, locale),
            href: (relied_on && web && half.id.bytes().all(|b| b.is_ascii_graphic()))
                .then(|| half.id.clone()),
        })
    }
}
