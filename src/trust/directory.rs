//! Every institution on the trust lists gone by here, for a person who looks one up: by name, by place.

use std::collections::HashSet;

use super::Pinned;
use crate::accreditation::{OnDay, Standing};
use crate::credential::validity::Day;
use crate::did::Did;
use crate::text::{LocalizedText, fold};
use crate::trustlist::{TrustList, TrustedIssuer};

/// The longest text looked for, characters.
pub const MAX_QUERY: usize = 100;

/// The institutions, by territory and name, as they stand on one day.
#[derive(Debug, Clone, Default)]
pub struct Directory(Vec<Row>);

/// An institution in the directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its DID.
    pub did: Did,
    /// The territory of the list it stands on.
    pub territory: String,
    /// Its names by that list.
    pub names: LocalizedText,
    /// The authority's own code for it.
    pub code: Option<String>,
    /// Latitude and longitude (WGS 84), degrees.
    pub location: Option<(f64, f64)>,
    /// How it stands.
    pub today: Today,
    folded: String,
}

/// How an institution stands on a day, its best grant counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// It is accredited for something.
    Accredited,
    /// Only those who have begun may finish.
    TeachOut,
    /// What it was accredited for is suspended.
    Suspended,
    /// It was accredited, and is no longer, or not yet.
    Ended,
    /// Nothing on the list says that it ever was: an enterprise that confirms workplace learning.
    Never,
    /// It has closed; another institution keeps its register.
    Closed,
}

impl Today {
    /// The word in JSON, CSS classes and message ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accredited => "accredited",
            Self::TeachOut => "teach-out",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Never => "never",
            Self::Closed => "closed",
        }
    }

    /// How the issuer stands by its list.
    pub fn of(list: &TrustList, issuer: &TrustedIssuer, today: Day) -> Self {
        if issuer.successor.as_ref().is_some_and(|successor| successor.has_begun(list)) {
            return Self::Closed;
        }
        let standings = issuer.grants.iter().map(|grant| match grant.standing_on(today, today) {
            OnDay::Is(Standing::Granted) => Self::Accredited,
            OnDay::Is(Standing::TeachOut) => Self::TeachOut,
            OnDay::Is(Standing::Suspended) => Self::Suspended,
            OnDay::Is(Standing::Withdrawn) | OnDay::Annulled | OnDay::Outside => Self::Ended,
        });
        standings.min_by_key(|standing| *standing as u8).unwrap_or(Self::Never)
    }
}

impl Row {
    /// A row, to be found by any of its names, its code and its DID.
    pub fn new(
        did: Did,
        territory: &str,
        names: LocalizedText,
        code: Option<String>,
        location: Option<(f64, f64)>,
        today: Today,
    ) -> Self {
        let names_in_one: Vec<_> = names.iter().map(|(_, name)| name).collect();
        let code_and_did = [code.as_deref().unwrap_or_default(), territory, did.as_str()];
        let folded = fold(&[names_in_one.join("\n"), code_and_did.join("\n")].join("\n"));
        Self { did, territory: territory.to_owned(), names, code, location, today, folded }
    }
}

impl Directory {
    /// The institutions on these lists. One that stands twice under a territory (a list that is our own and pinned as
    /// well) is taken from the first.
    pub fn of<'a>(lists: impl IntoIterator<Item = &'a Pinned>, today: Day) -> Self {
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        for list in lists.into_iter().filter_map(|pinned| pinned.list.as_ref()) {
            for issuer in list.issuers() {
                if seen.insert((list.territory.clone(), issuer.did.clone())) {
                    let (names, code) = (issuer.names.clone(), issuer.code.clone());
                    let standing = Today::of(list, issuer, today);
                    let (did, place) = (issuer.did.clone(), issuer.location);
                    rows.push(Row::new(did, &list.territory, names, code, place, standing));
                }
            }
        }
        Self::new(rows)
    }

    /// These rows, in order.
    pub fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_by(|one, other| (&one.territory, &one.folded).cmp(&(&other.territory, &other.folded)));
        Self(rows)
    }

    /// Every row.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// The rows in which every word of the query is found, folded; all of them for an empty query.
    pub fn search(&self, query: &str) -> Vec<&Row> {
        let query: String = query.chars().take(MAX_QUERY).collect();
        let folded = fold(&query);
        let words: Vec<&str> = folded.split_whitespace().collect();
        self.0.iter().filter(|row| words.iter().all(|word| row.folded.contains(word))).collect()
    }
}
