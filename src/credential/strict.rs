//! Strict readers for data of our own: a member that is not known, or not what it must be, is a complaint at its place.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::problem::{At, Problems};
use super::validity::Day;

/// Longest text of a member, in bytes.
const MAX_TEXT: usize = 4_096;

/// The members of an object and the place where it stands.
#[derive(Clone, Copy)]
pub struct Members<'v, 'a> {
    map: &'v Map<String, Value>,
    /// The place of the object.
    pub at: At<'a>,
}

impl<'v, 'a> Members<'v, 'a> {
    /// The members of `value`, which must be an object.
    pub fn of(value: &'v Value, at: At<'a>, problems: &mut Problems) -> Option<Self> {
        let map = value.as_object();
        if map.is_none() {
            problems.add(&at, "an object is needed here");
        }
        Some(Self { map: map?, at })
    }

    /// The members of an object at this place.
    pub fn at(map: &'v Map<String, Value>, at: At<'a>) -> Self {
        Self { map, at }
    }

    /// Complains about every member that is not among those known.
    pub fn only(&self, known: &[&str], problems: &mut Problems) {
        for name in self.map.keys().filter(|name| !known.contains(&name.as_str())) {
            problems.add(&self.at.name(name), "no such member is known here");
        }
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&'v Value> {
        self.map.get(name)
    }

    /// The same, and a complaint when it is not there.
    pub fn need(&self, name: &str, problems: &mut Problems) -> Option<&'v Value> {
        let value = self.get(name);
        if value.is_none() {
            problems.add(&self.at.name(name), "this is needed");
        }
        value
    }

    /// What `read` makes of a member when it is there; a complaint when it makes nothing of it.
    pub fn read<T>(
        &self,
        name: &str,
        complaint: &'static str,
        problems: &mut Problems,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let made = read(self.get(name)?);
        if made.is_none() {
            problems.add(&self.at.name(name), complaint);
        }
        made
    }

    /// A text that is not blank.
    pub fn text(&self, name: &str, problems: &mut Problems) -> Option<&'v str> {
        self.read(name, "a text is needed here", problems, text)
    }

    /// A calendar date.
    pub fn day(&self, name: &str, problems: &mut Problems) -> Option<Day> {
        let read = |value: &Value| Day::parse(value.as_str()?).ok();
        self.read(name, "a calendar date is needed here, such as 2026-06-30", problems, read)
    }

    /// Yes or no.
    pub fn flag(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        self.read(name, "true or false is needed here", problems, Value::as_bool)
    }

    /// A whole number from 0 to 4,294,967,295.
    pub fn whole(&self, name: &str, problems: &mut Problems) -> Option<u32> {
        let read = |value: &Value| u32::try_from(value.as_u64()?).ok();
        self.read(name, "a whole number is needed here", problems, read)
    }

    /// One of the names in a table, as what the table says it means.
    pub fn one_of<T: Copy>(&self, name: &str, table: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let value = self.get(name)?;
        let found = table.iter().find(|(known, _)| value.as_str() == Some(known)).map(|(_, meant)| *meant);
        if found.is_none() {
            let known: Vec<_> = table.iter().map(|(known, _)| *known).collect();
            problems.add(&self.at.name(name), format!("one of {} is needed here", known.join(", ")));
        }
        found
    }

    /// A list of texts, none twice; empty when the member is not there.
    pub fn texts(&self, name: &str, most: usize, problems: &mut Problems) -> Vec<&'v str> {
        let (mut out, mut known) = (Vec::new(), HashSet::new());
        self.items(name, most, problems, |value, at, problems| match text(value) {
            Some(text) if known.insert(text) => out.push(text),
            Some(_) => problems.add(at, "this stands in the list already"),
            None => problems.add(at, "a text is needed here"),
        });
        out
    }

    /// Calls `visit` for each item of a list; a complaint when the member is no list, or longer than `most`.
    pub fn items(
        &self,
        name: &str,
        most: usize,
        problems: &mut Problems,
        mut visit: impl FnMut(&'v Value, &At<'_>, &mut Problems),
    ) {
        let at = self.at.name(name);
        match self.get(name) {
            None => {}
            Some(Value::Array(items)) if items.len() > most => {
                problems.add(&at, format!("no more than {most} items"));
            }
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    if problems.full() {
                        return;
                    }
                    visit(item, &at.item(index), problems);
                }
            }
            Some(_) => problems.add(&at, "a list is needed here"),
        }
    }

    /// Calls `visit` for each member of an object; a complaint when the member is no object, or has more than `most`.
    pub fn entries(
        &self,
        name: &str,
        most: usize,
        problems: &mut Problems,
        mut visit: impl FnMut(&'v str, &'v Value, &At<'_>, &mut Problems),
    ) {
        let at = self.at.name(name);
        match self.get(name) {
            None => {}
            Some(Value::Object(members)) if members.len() > most => {
                problems.add(&at, format!("no more than {most} members"));
            }
            Some(Value::Object(members)) => {
                for (member, value) in members {
                    if problems.full() {
                        return;
                    }
                    visit(member, value, &at.name(member), problems);
                }
            }
            Some(_) => problems.add(&at, "an object is needed here"),
        }
    }
}

/// A text that is not blank and not endless.
pub fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty() && text.len() <= MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_named_and_what_is_absent_is_not() {
        let value = json!({
            "text": " ", "day": "2026-02-30", "flag": "yes", "whole": 1.5, "kind": "other", "list": ["a", "a", 4], "odd": 1,
        });
        let mut problems = Problems::new();
        let members = Members::of(&value, At::ROOT, &mut problems).unwrap();
        members.text("text", &mut problems);
        members.day("day", &mut problems);
        members.flag("flag", &mut problems);
        members.whole("whole", &mut problems);
        members.one_of("kind", &[("this", 1), ("that", 2)], &mut problems);
        members.texts("list", 8, &mut problems);
        members.need("missing", &mut problems);
        members.only(&["text", "day", "flag", "whole", "kind", "list"], &mut problems);
        assert_eq!(members.text("absent", &mut problems), None);
        assert!(members.texts("absent", 8, &mut problems).is_empty());
        let pointers: Vec<_> = problems.into_vec().into_iter().map(|problem| problem.pointer).collect();
        let expected =
            ["/text", "/day", "/flag", "/whole", "/kind", "/list/1", "/list/2", "/missing", "/odd"];
        assert_eq!(pointers, expected);
    }
}
