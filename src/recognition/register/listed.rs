//! An agreement as the trust list of an authority tells of it: its terms as they were filed, and what was decided about it.

use serde_json::{Map, Value, json};

use super::{Entry, MAX_HISTORY, Registered, entry};
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::strict::Members;
use crate::recognition::State;

/// What an entry says besides the terms; the first three are for the list to say.
const NO_TERMS: &[&str] = &["id", "signedBy", "digestMultibase", "history", "supersededBy"];

impl Registered {
    /// Reads an entry at its place in a list: terms, `history`, `supersededBy`. What the list itself says of it (`id`,
    /// `signedBy`, `digestMultibase`) is not looked at here, and there is no document with it.
    ///
    /// # Errors
    /// Every member that is not known, missing, or not what it must be; a draft.
    pub fn of_list(listed: &Map<String, Value>, at: &At<'_>) -> Result<Registered, Vec<Problem>> {
        let mut problems = Problems::new();
        let members = Members::at(listed, *at);
        let mut history = Vec::new();
        members.items("history", MAX_HISTORY, &mut problems, |value, at, problems| {
            history.extend(entry(value, at, problems));
        });
        if history.last().is_none_or(|last| last.state == State::Draft) && problems.is_empty() {
            problems.add(&at.name("history"), "it is needed: of a draft no list tells");
        }
        let by = members.text("supersededBy", &mut problems).map(str::to_owned);
        let superseded = history.last().is_some_and(|last| last.state == State::Superseded);
        if by.is_some() != superseded && problems.is_empty() {
            problems
                .add(&at.name("supersededBy"), "it stands where the agreement is superseded, and only there");
        }
        let terms = listed.iter().filter(|(name, _)| !NO_TERMS.contains(&name.as_str()));
        let terms = terms.map(|(name, value)| (name.clone(), value.clone())).collect();
        match Self::of(terms, history, at, &mut problems).filter(|_| problems.is_empty()) {
            Some(read) => Ok(Registered { superseded_by: by, ..read }),
            None => Err(problems.into_vec()),
        }
    }

    /// The same as an entry says it: terms, `history`, `supersededBy`.
    pub fn in_list(&self) -> Map<String, Value> {
        let mut out = self.terms.clone();
        out.insert("history".to_owned(), self.history.iter().map(Entry::to_value).collect());
        if let Some(by) = &self.superseded_by {
            out.insert("supersededBy".to_owned(), json!(by));
        }
        out
    }
}
