//! The register of agreements: what is kept of each, where it stands on a day, and what may follow.
//!
//! What was signed never changes: another agreement takes its place. A history only grows, and holds what somebody decided;
//! that a signed agreement enters into force, and that it ends on its last day, follows from its days and is not recorded.

mod listed;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::agreement::{Agreement, Kind, STATES, State, TemporalBasis};
use crate::codec::datetime::{self, to_seconds};
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;

/// Longest id of an agreement or an activity, in bytes.
const MAX_ID: usize = 200;
/// Most decisions about an agreement.
const MAX_HISTORY: usize = 120;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 500;
/// What agreements cannot be called: their page would be another one's.
const RESERVED: &[&str] = &["report", "import", "activities"];

/// What a store of the rules says of an agreement and its terms do not.
const NO_TERMS: &[&str] = &["id", "note", "state", "history"];

/// An agreement as a register keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    terms: Map<String, Value>,
    history: Vec<Entry>,
    document: Option<Map<String, Value>>,
    superseded_by: Option<String>,
    agreement: Agreement,
}

/// A decision about an agreement: where it stands from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub state: State,
    /// From which day on.
    pub since: Day,
    /// When that was recorded.
    pub recorded_at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// A decision that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is to be recorded.
    pub entry: Entry,
    /// The agreement that takes its place, where it is superseded.
    pub by: Option<String>,
}

/// What an id has to be.
pub(super) const ID_RULE: &str =
    "an id is letters and digits of any script, and .-_ between them, of at most 200 bytes";

/// Whether an agreement or an activity may have this id: letters and digits of any script, `.`, `_`, `-`, not one of these
/// first. A combining mark is no letter: names are in their composed form.
pub fn is_id(text: &str) -> bool {
    let may = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=MAX_ID).contains(&text.len()) && text.chars().all(may) && text.starts_with(char::is_alphanumeric)
}

impl Registered {
    /// A draft of these terms.
    ///
    /// # Errors
    /// Every member that is not known, missing, or not what it must be.
    pub fn draft(terms: Map<String, Value>) -> Result<Registered, Vec<Problem>> {
        let mut problems = Problems::new();
        let read = Self::of(terms, Vec::new(), &At::ROOT, &mut problems);
        read.filter(|_| problems.is_empty()).ok_or_else(|| problems.into_vec())
    }

    /// Reads what a register keeps: `agreement`, `history`, `signed`, `supersededBy`.
    ///
    /// # Errors
    /// Every member that is not known or not what it must be.
    pub fn read(body: &Value) -> Result<Registered, Vec<Problem>> {
        let mut problems = Problems::new();
        let read = Self::read_body(body, &mut problems);
        read.filter(|_| problems.is_empty()).ok_or_else(|| problems.into_vec())
    }

    fn read_body(body: &Value, problems: &mut Problems) -> Option<Registered> {
        let members = Members::of(body, At::ROOT, problems)?;
        members.only(&["agreement", "history", "signed", "supersededBy"], problems);
        let mut history = Vec::new();
        members.items("history", MAX_HISTORY, problems, |value, at, problems| {
            history.extend(entry(value, at, problems));
        });
        let object = |value: &Value| value.as_object().cloned();
        let terms = members.need("agreement", problems).and(members.read(
            "agreement",
            "an object is needed here",
            problems,
            object,
        ))?;
        let mut read = Self::of(terms, history, &members.at.name("agreement"), problems)?;
        read.document = members.read("signed", "an object is needed here", problems, object);
        read.superseded_by = members.text("supersededBy", problems).map(str::to_owned);
        Some(read)
    }

    fn of(
        terms: Map<String, Value>,
        history: Vec<Entry>,
        at: &At<'_>,
        problems: &mut Problems,
    ) -> Option<Registered> {
        let members = Members::at(&terms, *at);
        for name in NO_TERMS.iter().filter(|name| terms.contains_key(**name)) {
            problems.add(&members.at.name(name), "this is no term of an agreement");
        }
        let id = members.need("agreementId", problems).and_then(Value::as_str);
        id.or_else(|| members.text("agreementId", problems))?;
        if id.is_some_and(|id| !is_id(id) || RESERVED.contains(&id)) {
            problems.add(&members.at.name("agreementId"), ID_RULE);
        }
        members.need("party", problems);
        if terms.get("party").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            problems.add(&members.at.name("party"), "an agreement has two parties at least");
        }
        let scoped = terms.get("scope").and_then(Value::as_array).is_some_and(|scope| !scope.is_empty());
        if scoped && terms.get("kind").and_then(Value::as_str) == Some(Kind::TrainingContract.as_str()) {
            problems.add(&members.at.name("scope"), "a training contract gives no recognition");
        }
        let from = members.get("effectiveFrom").and_then(|day| Day::parse(day.as_str()?).ok());
        let unfolded = from.map(|from| unfolded(&history, from)).unwrap_or_default();
        let document = Value::Object(in_store_form(&terms, &unfolded));
        let agreement = Agreement::read(&document, at, problems)?;
        Some(Registered { terms, history, document: None, superseded_by: None, agreement })
    }

    /// As a register keeps it.
    pub fn to_value(&self) -> Value {
        let history: Vec<_> = self.history.iter().map(Entry::to_value).collect();
        let mut body = Map::new();
        body.insert("agreement".to_owned(), Value::Object(self.terms.clone()));
        body.insert("history".to_owned(), Value::Array(history));
        if let Some(document) = &self.document {
            body.insert("signed".to_owned(), Value::Object(document.clone()));
        }
        if let Some(by) = &self.superseded_by {
            body.insert("supersededBy".to_owned(), json!(by));
        }
        Value::Object(body)
    }

    /// Its terms, as they were filed.
    pub fn terms(&self) -> &Map<String, Value> {
        &self.terms
    }

    /// What the rules read, its history included.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// What was decided about it, oldest first; empty while it is a draft.
    pub fn history(&self) -> &[Entry] {
        &self.history
    }

    /// Where it stood and since when up to a day, oldest first: what was decided, why, and what followed from its days.
    pub fn timeline(&self, on: Day) -> Vec<(State, Day, Option<&str>)> {
        let unfolded = unfolded(&self.history, self.agreement.from);
        let reason = |state, since| {
            let own = self.history.iter().find(|entry| entry.state == state && entry.since == since);
            own.and_then(|entry| entry.reason.as_deref())
        };
        let past = unfolded.into_iter().filter(|(_, since)| *since <= on);
        let mut out: Vec<_> = past.map(|(state, since)| (state, since, reason(state, since))).collect();
        if let (State::Expired, Some(to)) = (self.state_on(on), self.agreement.to)
            && out.last().is_some_and(|(state, ..)| *state != State::Expired)
        {
            out.push((State::Expired, to.next(), None));
        }
        out
    }

    /// The AgreementCredential with the signatures there are so far.
    pub fn document(&self) -> Option<&Map<String, Value>> {
        self.document.as_ref()
    }

    /// The agreement that took its place.
    pub fn superseded_by(&self) -> Option<&str> {
        self.superseded_by.as_deref()
    }

    /// The form in which a store of the rules keeps it: the terms, `state` and `history`.
    pub fn in_store_form(&self) -> Map<String, Value> {
        in_store_form(&self.terms, &unfolded(&self.history, self.agreement.from))
    }

    /// The DIDs of those whose signatures its document bears.
    pub fn signers(&self) -> BTreeSet<&str> {
        let proofs = match self.document.as_ref().and_then(|document| document.get("proof")) {
            Some(Value::Array(proofs)) => proofs.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let methods = proofs.iter().filter_map(|proof| proof.get("verificationMethod")?.as_str());
        methods.filter_map(|method| Some(method.split_once('#')?.0)).collect()
    }

    /// Whether every party has signed its document.
    pub fn is_signed_by_all(&self) -> bool {
        let signers = self.signers();
        self.agreement.parties.iter().all(|party| signers.contains(party.id.as_str()))
    }

    /// Whether it rests on an instrument on paper: it counts as signed, and not every party signed its document.
    pub fn is_on_paper(&self) -> bool {
        !self.history.is_empty() && !self.is_signed_by_all()
    }

    /// Where it stands on a day. After its last day it has expired; by the award date it may count for earlier awards still.
    pub fn state_on(&self, day: Day) -> State {
        match self.decided_on(day) {
            State::InForce | State::Suspended if self.agreement.to.is_some_and(|to| to < day) => {
                State::Expired
            }
            other => other,
        }
    }

    /// Whether it binds its parties on a day, whatever it is for.
    pub fn is_in_force_on(&self, day: Day) -> bool {
        self.state_on(day) == State::InForce && self.agreement.from <= day
    }

    /// Whether it gives nothing from that day on, whatever the day of the award: its end was decided, or its last day is over and
    /// the day of the application counts.
    pub fn is_over_on(&self, day: Day) -> bool {
        let by_days = self.agreement.basis == TemporalBasis::ApplicationDate;
        matches!(self.decided_on(day), State::Terminated | State::Expired | State::Superseded)
            || (by_days && self.agreement.to.is_some_and(|to| to < day))
    }

    fn decided_on(&self, day: Day) -> State {
        let unfolded = unfolded(&self.history, self.agreement.from);
        unfolded.iter().rev().find(|(_, since)| *since <= day).map_or(State::Draft, |(state, _)| *state)
    }

    /// The same with other terms, while it is a draft; what was signed of the old ones is dropped.
    ///
    /// # Errors
    /// It was signed, or the terms are not what they must be.
    pub fn rewritten(&self, terms: Map<String, Value>) -> Result<Registered, Vec<Problem>> {
        if !self.history.is_empty() {
            let message = "what was signed never changes: file another agreement that supersedes it";
            return Err(vec![Problem { pointer: String::new(), message: message.into() }]);
        }
        Self::draft(terms)
    }

    /// The same with a document that more parties have signed.
    #[must_use]
    pub fn with_document(mut self, document: Map<String, Value>) -> Registered {
        self.document = Some(document);
        self
    }

    /// The same after a decision.
    ///
    /// # Errors
    /// The member of the request at fault: `/state`, `/since`, `/reason`, `/supersededBy`.
    pub fn followed(&self, step: Step) -> Result<Registered, Problem> {
        self.check(&step)?;
        let mut next = self.clone();
        next.history.push(step.entry);
        next.superseded_by = step.by;
        let mut problems = Problems::new();
        let Self { terms, history, document, superseded_by, .. } = next;
        match Self::of(terms, history, &At::ROOT, &mut problems).filter(|_| problems.is_empty()) {
            Some(read) => Ok(Registered { document, superseded_by, ..read }),
            None => Err(problems
                .into_vec()
                .into_iter()
                .next()
                .unwrap_or_else(|| wrong("/state", "it does not follow"))),
        }
    }

    fn check(&self, Step { entry, by }: &Step) -> Result<(), Problem> {
        let Entry { state, since, recorded_at, reason } = entry;
        if self.history.len() >= MAX_HISTORY {
            return Err(wrong("/state", format!("no more than {MAX_HISTORY} decisions about an agreement")));
        }
        if self.history.last().is_some_and(|last| *since < last.since) {
            return Err(wrong("/since", "a later day is on record already: a history only goes on"));
        }
        let by_days = self.agreement.basis == TemporalBasis::ApplicationDate && *state != State::Expired;
        let before = if by_days { self.state_on(*since) } else { self.decided_on(*since) };
        if !before.may_become(*state) {
            let (before, state) = (before.as_str(), state.as_str());
            return Err(wrong("/state", format!("on that day it is {before}, and cannot become {state}")));
        }
        let (from, to) = (self.agreement.from, self.agreement.to);
        match state {
            State::Signed if Day::of(*recorded_at).is_none_or(|today| *since > today) => {
                return Err(wrong("/since", "nothing is signed on a day to come"));
            }
            State::InForce if *since < from => {
                return Err(wrong("/since", format!("its first day is {from}")));
            }
            State::Expired if to.is_none_or(|to| *since <= to) => {
                return Err(wrong("/since", "it expires after its last day, where it has one"));
            }
            _ => {}
        }
        let needs_reason = matches!(state, State::Suspended | State::Terminated);
        let length = reason.as_ref().map(|reason| reason.chars().count());
        let lacking = needs_reason && length.is_none_or(|length| length == 0);
        if lacking || length > Some(MAX_REASON) {
            let rule = format!("a reason is needed here, of at most {MAX_REASON} characters");
            return Err(wrong("/reason", rule));
        }
        match (state, by) {
            (State::Superseded, None) => {
                Err(wrong("/supersededBy", "the agreement that takes its place is needed here"))
            }
            (State::Superseded, Some(by)) if *by == self.agreement.id => {
                Err(wrong("/supersededBy", "an agreement does not take its own place"))
            }
            (State::Superseded, Some(_)) | (_, None) => Ok(()),
            (_, Some(_)) => Err(wrong("/supersededBy", "this is for an agreement that is superseded")),
        }
    }
}

impl Entry {
    fn to_value(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("state".to_owned(), json!(self.state.as_str()));
        entry.insert("since".to_owned(), json!(self.since.to_string()));
        entry.insert("recordedAt".to_owned(), json!(to_seconds(self.recorded_at)));
        if let Some(reason) = &self.reason {
            entry.insert("reason".to_owned(), json!(reason));
        }
        Value::Object(entry)
    }
}

fn wrong(pointer: &str, message: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem { pointer: pointer.to_owned(), message: message.into() }
}

fn entry(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Entry> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["state", "since", "recordedAt", "reason"], problems);
    for name in ["state", "since", "recordedAt"] {
        members.need(name, problems);
    }
    let time = |value: &Value| datetime::parse(value.as_str()?).ok();
    Some(Entry {
        state: members.one_of("state", STATES, problems)?,
        since: members.day("since", problems)?,
        recorded_at: members.read("recordedAt", "a time is needed here", problems, time)?,
        reason: members.text("reason", problems).map(str::to_owned),
    })
}

/// The history with what follows from the days: a signed agreement enters into force on its first day, or when it is
/// signed after that.
fn unfolded(history: &[Entry], from: Day) -> Vec<(State, Day)> {
    let mut out: Vec<(State, Day)> = Vec::new();
    for (at, entry) in history.iter().enumerate() {
        out.push((entry.state, entry.since));
        let enters = from.max(entry.since);
        let next = history.get(at + 1);
        let before_next = |next: &Entry| next.state != State::InForce && enters <= next.since;
        if entry.state == State::Signed && next.is_none_or(before_next) {
            out.push((State::InForce, enters));
        }
    }
    out
}

fn in_store_form(terms: &Map<String, Value>, unfolded: &[(State, Day)]) -> Map<String, Value> {
    let mut document = terms.clone();
    document.entry("scope").or_insert_with(|| json!([]));
    let state = unfolded.last().map_or(State::Draft, |(state, _)| *state);
    document.insert("state".to_owned(), json!(state.as_str()));
    if !unfolded.is_empty() {
        let entry =
            |(state, since): &(State, Day)| json!({"state": state.as_str(), "since": since.to_string()});
        document.insert("history".to_owned(), unfolded.iter().map(entry).collect());
    }
    document
}

#[cfg(test)]
mod tests;
