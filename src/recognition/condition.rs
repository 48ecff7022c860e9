//! A condition of an agreement on one fact of the award: met, not met, or not known.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::credential::problem::{At, Problems};
use crate::credential::strict::{Members, text};
use crate::credential::validity::Day;

/// Most values of a list.
const MAX_VALUES: usize = 256;

/// How a fact is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Ge,
    Gt,
    Le,
    Lt,
    Eq,
    Ne,
    In,
    NotIn,
}

const OPS: &[(&str, Op)] = &[
    ("ge", Op::Ge),
    ("gt", Op::Gt),
    ("le", Op::Le),
    ("lt", Op::Lt),
    ("eq", Op::Eq),
    ("ne", Op::Ne),
    ("in", Op::In),
    ("not-in", Op::NotIn),
];

/// A condition: `field`, `op`, `value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The fact, by the name of its member.
    pub field: String,
    op: Op,
    value: Value,
}

/// As a person reads it: `notionalHours ≥ 2000`.
impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.op {
            Op::Ge => "≥",
            Op::Gt => ">",
            Op::Le => "≤",
            Op::Lt => "<",
            Op::Eq => "=",
            Op::Ne => "≠",
            Op::In => "∈",
            Op::NotIn => "∉",
        };
        let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = match &self.value {
            Value::Array(values) => values.iter().map(one).collect::<Vec<_>>().join(", "),
            other => one(other),
        };
        write!(f, "{} {sign} {value}", self.field)
    }
}

/// Whether a condition is met.
#[derive(serde::Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Met {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The fact is missing, or cannot be compared with what the condition says.
    Unknown,
}

impl Condition {
    pub(super) fn read(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Condition> {
        let members = Members::of(value, *at, problems)?;
        members.only(&["field", "op", "value"], problems);
        for name in ["field", "op", "value"] {
            members.need(name, problems);
        }
        let field = members.text("field", problems);
        let op = members.one_of("op", OPS, problems)?;
        let value = members.get("value")?;
        let (right, needed) = match op {
            Op::Ge | Op::Gt | Op::Le | Op::Lt => {
                (value.is_number() || day(value).is_some(), "a number or a calendar date is needed here")
            }
            Op::Eq | Op::Ne => (is_plain(value), "a text, a number, true or false is needed here"),
            Op::In | Op::NotIn => (
                value.as_array().is_some_and(|items| {
                    (1..=MAX_VALUES).contains(&items.len()) && items.iter().all(is_plain)
                }),
                "a list of texts or numbers is needed here, with one at least",
            ),
        };
        if !right {
            problems.add(&members.at.name("value"), needed);
            return None;
        }
        Some(Condition { field: field?.to_owned(), op, value: value.clone() })
    }

    /// How the fact is compared, as it is written.
    pub fn op(&self) -> &'static str {
        OPS.iter().find(|(_, op)| *op == self.op).map_or("", |(word, _)| word)
    }

    /// What it is compared with.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether the facts meet it.
    pub fn met(&self, facts: &Map<String, Value>) -> Met {
        let Some(fact) = facts.get(&self.field).filter(|fact| is_plain(fact)) else { return Met::Unknown };
        let met = match self.op {
            Op::Ge => ordered(fact, &self.value).map(Ordering::is_ge),
            Op::Gt => ordered(fact, &self.value).map(Ordering::is_gt),
            Op::Le => ordered(fact, &self.value).map(Ordering::is_le),
            Op::Lt => ordered(fact, &self.value).map(Ordering::is_lt),
            Op::Eq => equal(fact, &self.value),
            Op::Ne => equal(fact, &self.value).map(|equal| !equal),
            Op::In => among(fact, &self.value),
            Op::NotIn => among(fact, &self.value).map(|among| !among),
        };
        match met {
            Some(true) => Met::Yes,
            Some(false) => Met::No,
            None => Met::Unknown,
        }
    }
}

/// A text, a number or a truth value.
fn is_plain(value: &Value) -> bool {
    text(value).is_some() || value.is_number() || value.is_boolean()
}

fn day(value: &Value) -> Option<Day> {
    Day::parse(value.as_str()?).ok()
}

fn ordered(fact: &Value, bound: &Value) -> Option<Ordering> {
    match (fact.as_f64(), bound.as_f64()) {
        (Some(fact), Some(bound)) => fact.partial_cmp(&bound),
        _ => Some(day(fact)?.cmp(&day(bound)?)),
    }
}

/// Whether two values are equal; `None` for values of two kinds.
fn equal(fact: &Value, other: &Value) -> Option<bool> {
    match (fact, other) {
        (Value::String(fact), Value::String(other)) => Some(fact == other),
        (Value::Bool(fact), Value::Bool(other)) => Some(fact == other),
        (Value::Number(_), Value::Number(_)) => Some(ordered(fact, other)? == Ordering::Equal),
        _ => None,
    }
}

/// Whether a value is among others; `None` when it is not and one of them is of another kind.
fn among(fact: &Value, list: &Value) -> Option<bool> {
    let mut found = Some(false);
    for item in list.as_array()? {
        match equal(fact, item) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(condition: &Value) -> Result<Condition, String> {
        let mut problems = Problems::new();
        let read = Condition::read(condition, &At::ROOT, &mut problems);
        read.ok_or_else(|| problems.into_vec()[0].pointer.clone())
    }

    #[test]
    fn conditions_are_met_or_not_or_not_known() {
        let facts = json!({"hours": 2000, "mode": "online", "on": "2026-06-30", "pass": true, "list": ["a"]});
        for (field, op, value, met) in [
            ("hours", "ge", json!(2000), Met::Yes),
            ("hours", "gt", json!(2000), Met::No),
            ("hours", "le", json!(2000.5), Met::Yes),
            ("hours", "lt", json!(2000), Met::No),
            ("hours", "eq", json!(2000.0), Met::Yes),
            ("hours", "ge", json!("2026-01-01"), Met::Unknown),
            ("hours", "ne", json!("2000"), Met::Unknown),
            ("on", "ge", json!("2026-06-30"), Met::Yes),
            ("on", "lt", json!("2026-06-30"), Met::No),
            ("on", "lt", json!(3), Met::Unknown),
            ("mode", "in", json!(["in-person", "hybrid"]), Met::No),
            ("mode", "not-in", json!(["in-person", "hybrid"]), Met::Yes),
            ("mode", "not-in", json!(["in-person", 4]), Met::Unknown),
            ("mode", "in", json!(["online", 4]), Met::Yes),
            ("mode", "ne", json!("hybrid"), Met::Yes),
            ("pass", "eq", json!(true), Met::Yes),
            ("list", "eq", json!("a"), Met::Unknown),
            ("other", "ne", json!("a"), Met::Unknown),
        ] {
            let condition = json!({"field": field, "op": op, "value": value});
            assert_eq!(read(&condition).unwrap().met(facts.as_object().unwrap()), met, "{condition}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (condition, pointer) in [
            (json!({"op": "ge", "value": 1}), "/field"),
            (json!({"field": "x", "op": "about", "value": 1}), "/op"),
            (json!({"field": "x", "op": "ge", "value": "soon"}), "/value"),
            (json!({"field": "x", "op": "eq", "value": [1]}), "/value"),
            (json!({"field": "x", "op": "in", "value": []}), "/value"),
            (json!({"field": "x", "op": "in", "value": "a"}), "/value"),
            (json!({"field": "x", "op": "in"}), "/value"),
        ] {
            assert_eq!(read(&condition), Err(pointer.to_owned()), "{condition}");
        }
    }
}
