//! An agreement on recognition: its parties, when and by which date it counts, and its scopes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::facts::country;
use super::scope::Scope;
use crate::credential::iri;
use crate::credential::problem::{At, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;

/// Most scopes of one agreement.
const MAX_SCOPES: usize = 1_024;
/// Most parties of one agreement.
const MAX_PARTIES: usize = 256;
/// Most changes of state.
const MAX_HISTORY: usize = 256;

/// What sort of agreement it is; the first three rank in this order, and the last gives no recognition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Between states.
    Treaty,
    /// Between ministries.
    Ministry,
    /// Between institutions.
    Institution,
    /// Between an institution and an enterprise that trains for it.
    TrainingContract,
}

/// Where an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Being written.
    Draft,
    /// Signed, not yet in force.
    Signed,
    /// In force.
    InForce,
    /// Out of force for a time.
    Suspended,
    /// Ended by a party.
    Terminated,
    /// Ended by itself.
    Expired,
    /// Another took its place.
    Superseded,
}

/// The states, as they are written.
pub(super) const STATES: &[(&str, State)] = &[
    ("draft", State::Draft),
    ("signed", State::Signed),
    ("in-force", State::InForce),
    ("suspended", State::Suspended),
    ("terminated", State::Terminated),
    ("expired", State::Expired),
    ("superseded", State::Superseded),
];

/// The kinds, as they are written.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("treaty", Kind::Treaty),
    ("ministry", Kind::Ministry),
    ("institution", Kind::Institution),
    ("training-contract", Kind::TrainingContract),
];

impl Kind {
    /// Every kind, in the order in which they are asked.
    pub const ALL: [Kind; 4] = [Kind::Treaty, Kind::Ministry, Kind::Institution, Kind::TrainingContract];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Kind> {
        KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

impl State {
    /// Every state, in the order in which they come.
    pub const ALL: [State; 7] = [
        State::Draft,
        State::Signed,
        State::InForce,
        State::Suspended,
        State::Terminated,
        State::Expired,
        State::Superseded,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<State> {
        STATES.iter().find(|(known, _)| *known == word).map(|(_, state)| *state)
    }

    /// Whether the other state may follow this one.
    pub fn may_become(self, next: State) -> bool {
        match self {
            State::Draft => next == State::Signed,
            State::Signed => matches!(next, State::InForce | State::Terminated | State::Superseded),
            State::InForce => {
                matches!(next, State::Suspended | State::Terminated | State::Expired | State::Superseded)
            }
            State::Suspended => {
                matches!(next, State::InForce | State::Terminated | State::Expired | State::Superseded)
            }
            State::Terminated | State::Expired | State::Superseded => false,
        }
    }
}

/// Which day must lie within the days of the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemporalBasis {
    /// That of the application.
    ApplicationDate,
    /// That of the award.
    AwardDate,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its DID, or another URL.
    pub id: String,
    /// Its country.
    pub territory: String,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Its id, unique in a store.
    pub id: String,
    /// What sort it is.
    pub kind: Kind,
    /// Where it stands now.
    pub state: State,
    /// The first day in force.
    pub from: Day,
    /// The last day in force; `None` when it does not end.
    pub to: Option<Day>,
    /// Which day counts.
    pub basis: TemporalBasis,
    /// Who made it; empty where the store does not say.
    pub parties: Vec<Party>,
    /// What it covers and what it gives, in its own order.
    pub scopes: Vec<Scope>,
    /// Since when it stood where, from the first day to the last; empty where only the state now is known.
    pub history: Vec<(State, Day)>,
}

impl Agreement {
    /// Reads an agreement: as a store keeps it (`id`, `from`, `to`), or as it is signed (`agreementId`, `effectiveFrom`,
    /// `effectiveTo`; the subject of an AgreementCredential). Whether the signatures hold is not asked here.
    pub(super) fn read(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Agreement> {
        let members = Members::of(value, *at, problems)?;
        let signed = members.get("agreementId").is_some();
        let (id, from, to) =
            if signed { ("agreementId", "effectiveFrom", "effectiveTo") } else { ("id", "from", "to") };
        members.only(
            &[
                "id",
                id,
                from,
                to,
                "kind",
                "state",
                "temporalBasis",
                "party",
                "scope",
                "history",
                "signedOn",
                "languages",
                "instrument",
                "name",
                "note",
            ],
            problems,
        );
        for name in [id, "kind", "state", from, "scope"] {
            members.need(name, problems);
        }
        for name in ["id", "name", "note"] {
            members.text(name, problems);
        }
        members.texts("languages", MAX_PARTIES, problems);
        members.day("signedOn", problems);
        instrument(&members, problems);
        let (first, last) = (members.day(from, problems), members.day(to, problems));
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            problems.add(&members.at.name(to), "it ends before it begins");
        }
        let parties = parties(&members, problems);
        let territories: Vec<&str> = parties.iter().map(|party| party.territory.as_str()).collect();
        let mut scopes = Vec::new();
        members.items("scope", MAX_SCOPES, problems, |value, at, problems| {
            scopes.extend(Scope::read(value, at, &territories, problems));
        });
        let state = members.one_of("state", STATES, problems);
        let basis =
            [("application-date", TemporalBasis::ApplicationDate), ("award-date", TemporalBasis::AwardDate)];
        let kind = members.one_of("kind", KINDS, problems);
        Some(Agreement {
            id: members.text(id, problems)?.to_owned(),
            kind: kind?,
            state: state?,
            from: first?,
            to: last,
            basis: members
                .one_of("temporalBasis", &basis, problems)
                .unwrap_or(TemporalBasis::ApplicationDate),
            history: history(&members, state?, problems),
            parties,
            scopes,
        })
    }

    /// Where it stood on a day; `None` before its first recorded state.
    pub fn state_on(&self, day: Day) -> Option<State> {
        if self.history.is_empty() {
            return Some(self.state);
        }
        self.history.iter().rev().find(|(_, since)| *since <= day).map(|(state, _)| *state)
    }

    /// Whether it is in force for an application: in its state of that day, and with the day that counts within its own.
    pub fn is_in_force(&self, applied_on: Day, awarded_on: Day) -> bool {
        let day = self.day_that_counts(applied_on, awarded_on);
        self.state_on(applied_on) == Some(State::InForce)
            && self.from <= day
            && self.to.is_none_or(|to| day <= to)
    }

    /// The day that counts by its temporal basis.
    pub fn day_that_counts(&self, applied_on: Day, awarded_on: Day) -> Day {
        match self.basis {
            TemporalBasis::ApplicationDate => applied_on,
            TemporalBasis::AwardDate => awarded_on,
        }
    }
}

/// The treaty text it rests on: its digest, and where it stands.
fn instrument(members: &Members<'_, '_>, problems: &mut Problems) {
    let Some(value) = members.get("instrument") else { return };
    let at = members.at.name("instrument");
    let Some(instrument) = Members::of(value, at, problems) else { return };
    instrument.only(&["url", "digestMultibase", "title"], problems);
    for name in ["url", "digestMultibase", "title"] {
        instrument.text(name, problems);
    }
}

fn parties(members: &Members<'_, '_>, problems: &mut Problems) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    members.items("party", MAX_PARTIES, problems, |value, at, problems| {
        let Some(party) = Members::of(value, *at, problems) else { return };
        party.only(&["id", "territory", "name", "listUrl", "rootUrl", "digestMultibase"], problems);
        party.need("id", problems);
        party.need("territory", problems);
        for name in ["name", "listUrl", "rootUrl", "digestMultibase"] {
            party.text(name, problems);
        }
        let id = party.read("id", "a URL is needed here", problems, |value| {
            value.as_str().filter(|text| iri::is_url(text)).map(str::to_owned)
        });
        let territory = country(&party, "territory", problems);
        if let (Some(id), Some(territory)) = (id, territory) {
            if parties.iter().any(|other| other.id == id) {
                problems.add(&party.at.name("id"), "this party stands in the list already");
            }
            parties.push(Party { id, territory });
        }
    });
    if members.get("party").and_then(Value::as_array).is_some_and(|all| all.len() == 1) {
        problems.add(&members.at.name("party"), "an agreement has two parties at least");
    }
    parties
}

/// The states it went through, each one that may follow the one before.
fn history(members: &Members<'_, '_>, now: State, problems: &mut Problems) -> Vec<(State, Day)> {
    let mut entries: Vec<(State, Day)> = Vec::new();
    members.items("history", MAX_HISTORY, problems, |value, at, problems| {
        let Some(entry) = Members::of(value, *at, problems) else { return };
        entry.only(&["state", "since"], problems);
        entry.need("state", problems);
        entry.need("since", problems);
        let (state, since) = (entry.one_of("state", STATES, problems), entry.day("since", problems));
        let (Some(state), Some(since)) = (state, since) else { return };
        if let Some((before, day)) = entries.last() {
            if !before.may_become(state) {
                problems.add(&entry.at.name("state"), "this state cannot follow the one before");
            }
            if since < *day {
                problems.add(&entry.at.name("since"), "the history is not in the order of its days");
            }
        }
        entries.push((state, since));
    });
    if entries.last().is_some_and(|(last, _)| *last != now) {
        problems.add(&members.at.name("state"), "the history ends in another state");
    }
    entries
}

/// The facts that the conditions of agreements ask for.
pub(super) fn conditioned(agreements: &[Agreement]) -> BTreeSet<String> {
    agreements
        .iter()
        .flat_map(|agreement| &agreement.scopes)
        .flat_map(|scope| &scope.conditions)
        .map(|condition| condition.field.clone())
        .collect()
}
