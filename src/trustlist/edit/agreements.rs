//! The agreements of the next list: as the register has them now, unless that would unsay what a list has said.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::size::Size;
use crate::credential::validity::Day;
use crate::trustlist::agreement::{ListedAgreement, MAX_AGREEMENTS};
use crate::trustlist::history::agreement_stays;

/// What agreements fill of a list, in eighths, where new ones are told; and what stays free then, in sixteenths.
const NEW: (usize, usize) = (3, 2);
/// The same where it is told what became of those that stand there: something is left for that in every list.
const GROWN: (usize, usize) = (4, 1);

/// The list that the entries stand on, besides them.
pub(crate) struct Around<'a> {
    /// Its territory.
    territory: &'a str,
    /// When the one before was made.
    before: Option<Timestamp>,
    /// The day on which this one is made.
    today: Option<Day>,
    /// What everything else fills of it.
    beside: Size,
}

impl<'a> Around<'a> {
    /// In `document`, whose agreements and proof are not looked at, made at `now`.
    pub(crate) fn of(
        document: &Map<String, Value>,
        territory: &'a str,
        before: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        Self { territory, before, today: Day::of(now), beside: Size::beside_agreements(document) }
    }

    fn room(&self, (eighths, free): (usize, usize)) -> Size {
        Size::room(self.beside, eighths, free)
    }
}

/// The entries of the list that comes after one with the entries `before`, by what the register says now.
///
/// Each that stood there stays, in its place: as the register has it where that only goes on with what was said and has room,
/// the shortest additions first, else as it was. New ones follow, treaties first, those that are not over, that fit and that a
/// reader takes. Issuers have their room before. So there is always a next list, whatever a register says.
pub(crate) fn following(before: &[Value], register: &[Value], around: &Around<'_>) -> Vec<Value> {
    let mut next = before.to_vec();
    let mut filled: Size = before.iter().map(Size::of).sum();
    let room = around.room(GROWN);
    for (at, entry) in grown(before, register, around) {
        let (said, now) = (next.get(at).map(Size::of).unwrap_or_default(), Size::of(entry));
        let after = filled.less(said) + now;
        if (after.is_within(room) || now.is_within(said))
            && let Some(place) = next.get_mut(at)
        {
            filled = after;
            place.clone_from(entry);
        }
    }
    let room = around.room(NEW);
    let said: HashSet<&str> = before.iter().filter_map(id).collect();
    let mut new: Vec<_> =
        register.iter().filter(|one| id(one).is_some_and(|id| !said.contains(id))).collect();
    new.sort_by_key(|entry| rank(entry));
    for entry in new {
        let after = filled + Size::of(entry);
        if next.len() < MAX_AGREEMENTS && after.is_within(room) && is_to_be_told(entry, around) {
            filled = after;
            next.push(entry.clone());
        }
    }
    next
}

/// What the register has otherwise than these entries and only goes on with what they say, by their places.
fn grown<'r>(before: &[Value], register: &'r [Value], around: &Around<'_>) -> Vec<(usize, &'r Value)> {
    let now: HashMap<&str, &Value> = register.iter().filter_map(|entry| Some((id(entry)?, entry))).collect();
    let goes_on = |said: &Value, entry: &Value| {
        let (Some(said), Some(entry)) = (said.as_object(), entry.as_object()) else { return false };
        said != entry
            && agreement_stays("", said, entry, around.before).is_ok()
            && ListedAgreement::of(entry, around.territory).is_some()
    };
    let each = before.iter().enumerate();
    let mut grown: Vec<_> = each
        .filter_map(|(at, said)| {
            let entry = *now.get(id(said)?)?;
            goes_on(said, entry).then(|| (Size::of(entry).less(Size::of(said)).bytes, at, entry))
        })
        .collect();
    grown.sort_by_key(|(more, at, _)| (*more, *at));
    grown.into_iter().map(|(_, at, entry)| (at, entry)).collect()
}

/// Whether a list that has not told of it begins to: an agreement of the territory that is not over.
fn is_to_be_told(entry: &Value, around: &Around<'_>) -> bool {
    let read = entry.as_object().and_then(|entry| ListedAgreement::of(entry, around.territory));
    read.is_some_and(|one| around.today.is_none_or(|today| !one.registered.is_over_on(today)))
}

/// The ids of those entries of the register that a list with the entries `told` does not tell as they are; those that were
/// over before it was told of them are nothing to miss.
pub(crate) fn untold<'r>(told: &[Value], register: &'r [Value], around: &Around<'_>) -> Vec<&'r str> {
    let told: HashMap<_, _> = told.iter().map(|entry| (id(entry), entry)).collect();
    let missed = |entry: &&Value| match told.get(&id(entry)) {
        Some(told) => told != entry,
        None => is_to_be_told(entry, around),
    };
    register.iter().filter(missed).filter_map(id).collect()
}

/// What binds the country comes before what binds some of its colleges.
fn rank(entry: &Value) -> usize {
    let kind = entry.get("kind").and_then(Value::as_str);
    ["treaty", "ministry"].iter().position(|known| kind == Some(known)).unwrap_or(2)
}

/// The `agreement` of the subject of a list.
pub(crate) fn entries(subject: &Map<String, Value>) -> &[Value] {
    match subject.get("agreement") {
        Some(Value::Array(entries)) => entries,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn id(entry: &Value) -> Option<&str> {
    entry.get("agreementId")?.as_str()
}
