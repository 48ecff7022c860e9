//! How many institutions, agreements and activities there are: in all, by sort, and between which countries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::list::{activities, all};
use crate::codec::csv;
use crate::credential::validity::Day;
use crate::recognition::{ActivityKind, Kind, State};
use crate::registry::agreements::{AgreementFile, Agreements};

/// What a register of agreements comes to on a day. Drafts, and what is under them, are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Of all.
    pub total: Counted,
    /// Agreements by kind.
    pub kinds: BTreeMap<Kind, usize>,
    /// Agreements by their state on the day; in the order of [`State::ALL`].
    pub states: Vec<(State, usize)>,
    /// Activities by type; each has a row, also with none.
    pub types: Vec<(ActivityKind, usize)>,
    /// By the two countries, codes in their order; an agreement between more counts for each two of them.
    pub pairs: BTreeMap<(String, String), Counted>,
}

/// Numbers that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Parties of agreements, each once; the parties of training contracts are not counted: one of them is an enterprise.
    pub institutions: usize,
    /// Agreements.
    pub agreements: usize,
    /// Activities.
    pub activities: usize,
    /// Activities by type; only those there are.
    pub types: BTreeMap<ActivityKind, usize>,
}

/// The country pairs of an agreement.
pub fn pairs(file: &AgreementFile) -> BTreeSet<(String, String)> {
    let countries: BTreeSet<&str> = file.terms.parties.iter().map(|party| party.territory.as_str()).collect();
    let each: Vec<&str> = countries.into_iter().collect();
    let mut pairs = BTreeSet::new();
    for (at, one) in each.iter().enumerate() {
        for other in each.iter().skip(at + 1) {
            pairs.insert(((*one).to_owned(), (*other).to_owned()));
        }
    }
    if let ([only], true) = (each.as_slice(), pairs.is_empty()) {
        pairs.insert(((*only).to_owned(), (*only).to_owned()));
    }
    pairs
}

/// The report of a day.
pub fn report(agreements: &Agreements, on: Day) -> Report {
    let mut report = Report::default();
    let mut everybody: BTreeSet<&str> = BTreeSet::new();
    let mut of_pair: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let mut types: BTreeMap<ActivityKind, usize> = BTreeMap::new();
    for file in all(agreements, None) {
        report.total.agreements += 1;
        *report.kinds.entry(file.terms.kind).or_default() += 1;
        *states.entry(file.registered.state_on(on).as_str()).or_default() += 1;
        let institutions = file.terms.kind != Kind::TrainingContract;
        let parties = || file.terms.parties.iter().filter(|_| institutions);
        everybody.extend(parties().map(|party| party.id.as_str()));
        let (under, number) = activities(agreements, file);
        report.total.activities += number;
        under.iter().for_each(|(kind, number)| *types.entry(*kind).or_default() += number);
        for pair in pairs(file) {
            let own = parties().filter(|party| party.territory == pair.0 || party.territory == pair.1);
            let own: Vec<&str> = own.map(|party| party.id.as_str()).collect();
            let counted = report.pairs.entry(pair.clone()).or_default();
            counted.agreements += 1;
            counted.activities += number;
            under.iter().for_each(|(kind, number)| *counted.types.entry(*kind).or_default() += number);
            of_pair.entry(pair).or_default().extend(own);
        }
    }
    report.total.institutions = everybody.len();
    for (pair, parties) in of_pair {
        report.pairs.entry(pair).or_default().institutions = parties.len();
    }
    let number = |state: &State| states.get(state.as_str()).copied().unwrap_or(0);
    report.states = State::ALL.iter().map(|state| (*state, number(state))).collect();
    report.states.retain(|(_, number)| *number > 0);
    report.types = ActivityKind::all().map(|kind| (kind, types.get(&kind).copied().unwrap_or(0))).collect();
    report.total.types = types;
    report
}

impl Report {
    /// As a program reads it.
    pub fn to_json(&self, on: Day) -> Value {
        let by_type = |types: &BTreeMap<ActivityKind, usize>| -> Map<String, Value> {
            types.iter().map(|(kind, number)| (kind.as_str().to_owned(), json!(number))).collect()
        };
        let pairs: Vec<Value> = self
            .pairs
            .iter()
            .map(|((one, other), counted)| {
                json!({
                    "countries": [one, other], "institutions": counted.institutions,
                    "agreements": counted.agreements, "activities": counted.activities,
                    "activitiesByType": by_type(&counted.types),
                })
            })
            .collect();
        let kinds: Map<String, Value> =
            self.kinds.iter().map(|(kind, number)| (kind.as_str().to_owned(), json!(number))).collect();
        let states: Map<String, Value> =
            self.states.iter().map(|(state, number)| (state.as_str().to_owned(), json!(number))).collect();
        let types: Map<String, Value> =
            self.types.iter().map(|(kind, number)| (kind.as_str().to_owned(), json!(number))).collect();
        json!({
            "on": on.to_string(),
            "institutions": self.total.institutions,
            "agreements": self.total.agreements,
            "activities": self.total.activities,
            "agreementsByKind": kinds,
            "agreementsByState": states,
            "activitiesByType": types,
            "countryPairs": pairs,
        })
    }

    /// As a table (RFC 4180): a row for each two countries and type of activity, then what there is between them in all.
    pub fn to_csv(&self) -> String {
        let mut out = String::new();
        let head = ["country1", "country2", "institutions", "agreements", "activities"];
        csv::write(&mut out, head.into_iter().chain(ActivityKind::all().map(ActivityKind::as_str)));
        let mut line = |one: &str, other: &str, counted: &Counted| {
            let Counted { institutions, agreements, activities, types } = counted;
            let of_type = |kind| types.get(&kind).copied().unwrap_or(0);
            let figures = [*institutions, *agreements, *activities].into_iter();
            let figures = figures.chain(ActivityKind::all().map(of_type)).map(|number| number.to_string());
            csv::write(&mut out, [one.to_owned(), other.to_owned()].into_iter().chain(figures));
        };
        for ((one, other), counted) in &self.pairs {
            line(one, other, counted);
        }
        line("total", "", &self.total);
        out
    }
}
