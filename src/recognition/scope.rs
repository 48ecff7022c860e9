//! One scope of an agreement: for which awards, from where to where and what for, and what it gives.

use serde_json::{Map, Value};

use super::condition::Condition;
use super::decision::LevelRef;
use super::facts::{PURPOSES, Purpose, country};
use crate::accreditation;
use crate::credential::problem::{At, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;
use crate::framework;

/// Most values of a list.
const MAX_VALUES: usize = 1_024;
/// Most conditions.
const MAX_CONDITIONS: usize = 64;
/// Most institutions of a list.
const MAX_INSTITUTIONS: usize = 10_000;

/// The members that say which awards are meant; they read as those of a grant's scope do.
const AWARD: &[&str] =
    &["qualificationId", "iscedPrefix", "framework", "levelMin", "levelMax", "types", "mode", "campus"];

/// A scope. What it does not name it does not ask for, but for the direction, which every scope names.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The country of the award.
    pub origin: String,
    /// The country that recognises it.
    pub receiving: String,
    /// Which awards: framework and levels, kinds, fields, programmes, modes.
    pub awards: accreditation::Scope,
    /// What for; empty for any purpose.
    pub purposes: Vec<Purpose>,
    /// The only profession it is for.
    pub profession: Option<String>,
    /// The only institutions it is for, and the day the list is of.
    pub institutions: Option<(Vec<String>, Day)>,
    /// Whether it gives a verdict without an officer.
    pub automatic: bool,
    /// The level it gives.
    pub target: Option<LevelRef>,
    /// The title it gives, as the agreement writes it.
    pub target_title: Option<String>,
    /// What the award must meet besides, for the automatic verdict alone.
    pub conditions: Vec<Condition>,
}

impl Scope {
    /// Reads a scope. `territories` are the countries of the parties, where they are stated.
    pub(super) fn read(
        value: &Value,
        at: &At<'_>,
        territories: &[&str],
        problems: &mut Problems,
    ) -> Option<Scope> {
        let members = Members::of(value, *at, problems)?;
        let own = [
            "origin",
            "receiving",
            "purposes",
            "profession",
            "institutions",
            "institutionsAsOf",
            "automatic",
            "target",
            "targetTitle",
            "conditions",
        ];
        members.only(&[&own[..], AWARD].concat(), problems);
        members.need("origin", problems);
        members.need("receiving", problems);
        let (origin, receiving) =
            (country(&members, "origin", problems), country(&members, "receiving", problems));
        for (name, side) in [("origin", &origin), ("receiving", &receiving)] {
            let of_a_party = |side: &String| territories.is_empty() || territories.contains(&side.as_str());
            if side.as_ref().is_some_and(|side| !of_a_party(side)) {
                problems.add(&members.at.name(name), "no party of the agreement is of this country");
            }
        }
        if origin.is_some() && origin == receiving {
            problems.add(&members.at.name("receiving"), "an agreement is between two countries");
        }
        let automatic = members.flag("automatic", problems).unwrap_or(false);
        let target =
            members.read("target", "a level known here is needed, such as LNQF:5", problems, |value| {
                LevelRef::parse(value.as_str()?)
            });
        if automatic && members.get("target").is_none() {
            problems.add(&members.at.name("target"), "an automatic scope says which level it gives");
        }
        let awards = awards(value.as_object()?, &members, problems);
        let mut conditions = Vec::new();
        members.items("conditions", MAX_CONDITIONS, problems, |value, at, problems| {
            conditions.extend(Condition::read(value, at, problems));
        });
        let institutions = members.texts("institutions", MAX_INSTITUTIONS, problems);
        let as_of = members.day("institutionsAsOf", problems);
        for (there, lacking) in [("institutions", "institutionsAsOf"), ("institutionsAsOf", "institutions")] {
            if members.get(there).is_some() && members.get(lacking).is_none() {
                problems.add(&members.at.name(lacking), "a list of institutions is one as of a day");
            }
        }
        Some(Scope {
            origin: origin?,
            receiving: receiving?,
            awards: awards?,
            purposes: purposes(&members, problems),
            profession: members.text("profession", problems).map(str::to_owned),
            institutions: as_of.map(|day| (institutions.into_iter().map(str::to_owned).collect(), day)),
            automatic,
            target,
            target_title: members.text("targetTitle", problems).map(str::to_owned),
            conditions,
        })
    }
}

/// The part that says which awards are meant.
fn awards(
    map: &Map<String, Value>,
    members: &Members<'_, '_>,
    problems: &mut Problems,
) -> Option<accreditation::Scope> {
    let named: Map<String, Value> = map
        .iter()
        .filter(|(name, _)| AWARD.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if named.is_empty() {
        return Some(accreditation::Scope::default());
    }
    let scope = accreditation::Scope::parse(&named, &members.at, problems)?;
    let Some(id) = &scope.framework else { return Some(scope) };
    let Some(known) = framework::by_id(id) else {
        problems.add(&members.at.name("framework"), "no such qualifications framework is known here");
        return None;
    };
    for (name, level) in [("levelMin", scope.level_min), ("levelMax", scope.level_max)] {
        if level.is_some_and(|level| known.level(&level.to_string()).is_none()) {
            problems.add(&members.at.name(name), format!("{id} has no such level"));
        }
    }
    Some(scope)
}

fn purposes(members: &Members<'_, '_>, problems: &mut Problems) -> Vec<Purpose> {
    let mut out = Vec::new();
    if members.get("purposes").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        problems
            .add(&members.at.name("purposes"), "without a purpose it is for nothing: leave it out for any");
    }
    members.items("purposes", MAX_VALUES, problems, |value, at, problems| {
        let purpose = PURPOSES.iter().find(|(name, _)| value.as_str() == Some(name));
        match purpose {
            Some((_, purpose)) => out.push(*purpose),
            None => problems.add(
                at,
                "one of further-study, credit-transfer, employment-regulated, employment-unregulated is needed here",
            ),
        }
    });
    out
}
