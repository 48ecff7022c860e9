//! The page of the authority's count: per issuer and log only totals, and whether an alarm is on.

use askama::Template;

use super::{Visit, rendered};
use crate::text::{LangTag, LocalizedText};

/// Below so many a number could lead to a person; so could a step of fewer, from one day to the next.
const FEW: u64 = 5;

/// An authority as the page shows it.
#[derive(Debug, Clone, Default)]
pub struct CountedAuthority {
    /// Its names.
    pub names: LocalizedText,
    /// Its issuers: name, how many leaves of theirs are accounted for, whether an alarm is on.
    pub issuers: Vec<(LocalizedText, u64, bool)>,
    /// The logs: origin, leaves, leaves not accounted for, whether an alarm is on.
    pub logs: Vec<(String, Option<u64>, u64, bool)>,
}

/// The page.
pub fn count(visit: &Visit<'_>, authorities: &[CountedAuthority]) -> String {
    let authorities = authorities.iter().map(|one| Shown::of(visit, one)).collect();
    rendered(&Page { visit: *visit, title: visit.text("count-title"), authorities })
}

struct Shown {
    name: String,
    issuers: Vec<(String, String, bool)>,
    logs: Vec<(String, String, String, bool)>,
}

impl Shown {
    fn of(visit: &Visit<'_>, one: &CountedAuthority) -> Shown {
        let named = |names: &LocalizedText| {
            let tag = LangTag::parse(visit.lang()).ok();
            let best = tag.and_then(|tag| names.best(&tag).map(|(_, name)| name.to_owned()));
            best.unwrap_or_default()
        };
        let few = |leaves: u64| {
            if leaves < FEW { format!("< {FEW}") } else { format!("≥ {}", leaves / FEW * FEW) }
        };
        let issuers = one.issuers.iter().map(|(names, leaves, alarm)| (named(names), few(*leaves), *alarm));
        let logs = one.logs.iter().map(|(origin, size, open, alarm)| {
            let size = size.map_or_else(|| "–".to_owned(), |size| size.to_string());
            (origin.clone(), size, open.to_string(), *alarm)
        });
        Shown { name: named(&one.names), issuers: issuers.collect(), logs: logs.collect() }
    }
}

#[derive(Template)]
#[template(path = "count.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    authorities: Vec<Shown>,
}
