//! Files of agreements and activities, JSON or CSV: what they hold, or every row and column that is wrong.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::activity::Activity;
use super::agreement::State;
use super::register::Registered;
use crate::codec::csv;
use crate::codec::json::{self, Limits};
use crate::credential::problem::Problem;
use crate::crypto::proof::MAX_PROOFS;

/// Most agreements of a file.
pub const MAX_AGREEMENTS: usize = 5_000;
/// Most activities of a file.
pub const MAX_ACTIVITIES: usize = 20_000;
/// Most faults told of a file.
pub const MAX_FAULTS: usize = 200;
/// How large a file may be.
pub const LIMITS: Limits = Limits { max_bytes: 32 << 20, max_depth: 16, max_values: 2_000_000 };

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Its agreements.
    pub agreements: Vec<Row<Wanted>>,
    /// Its activities.
    pub activities: Vec<Row<Activity>>,
}

/// A row and where it stands: JSON counts the items of a list, CSV the rows of the table, both from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// Which row.
    pub row: usize,
    /// What it says.
    pub of: T,
}

/// An agreement as it is to be on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its terms.
    pub draft: Registered,
    /// Where it stands: draft, signed (which puts it into force on its first day), or in force.
    pub state: State,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// `agreements`, `activities`, or empty for the file itself.
    pub list: &'static str,
    /// Which row, from 1; 0 for the file itself.
    pub row: usize,
    /// The column of a table, or the JSON pointer within the row.
    pub column: String,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.row, self.column.as_str()) {
            (0, "") => write!(f, "{}", self.message),
            (row, "") => write!(f, "{} row {row}: {}", self.list, self.message),
            (row, column) => write!(f, "{} row {row}, {column}: {}", self.list, self.message),
        }
    }
}

/// The lists of a file, by name.
const AGREEMENTS: &str = "agreements";
const ACTIVITIES: &str = "activities";

/// Reads a file: a JSON object (`agreements`, `activities`), else a table of agreements or of activities with a head.
///
/// # Errors
/// Every fault, the first [`MAX_FAULTS`]; nothing is read in part.
pub fn parse(bytes: &[u8]) -> Result<Batch, Vec<Fault>> {
    let mut reading = Reading::default();
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    if first == Some(&b'{') {
        reading.json(bytes)
    } else {
        reading.table(bytes)
    }
    reading.once_each();
    if reading.faults.is_empty() { Ok(reading.batch) } else { Err(reading.faults) }
}

#[derive(Default)]
struct Reading {
    batch: Batch,
    faults: Vec<Fault>,
}

impl Reading {
    fn fault(&mut self, list: &'static str, row: usize, column: &str, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            let (column, message) = (column.to_owned(), message.into());
            self.faults.push(Fault { list, row, column, message });
        }
    }

    fn json(&mut self, bytes: &[u8]) {
        let value = match json::parse_with(bytes, &LIMITS) {
            Ok(value) => value,
            Err(why) => return self.fault("", 0, "", format!("it is not JSON as it is read here: {why}")),
        };
        for (name, list) in value.as_object().into_iter().flatten() {
            let (list, most) = match (name.as_str(), list) {
                (AGREEMENTS, Value::Array(_)) => (AGREEMENTS, MAX_AGREEMENTS),
                (ACTIVITIES, Value::Array(_)) => (ACTIVITIES, MAX_ACTIVITIES),
                ("note", Value::String(_)) => continue,
                _ => {
                    let known = "a file has the lists agreements and activities, and may have a note";
                    self.fault("", 0, "", format!("{}: {known}", name.chars().take(40).collect::<String>()));
                    continue;
                }
            };
            let rows = value.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            if rows.len() > most {
                self.fault(list, 0, "", format!("no more than {most} of {list} in a file"));
                continue;
            }
            for (at, row) in rows.iter().enumerate() {
                self.row(list, at + 1, row.clone(), |pointer| pointer.to_owned());
            }
        }
    }

    fn table(&mut self, bytes: &[u8]) {
        if bytes.len() > LIMITS.max_bytes {
            return self.fault("", 0, "", format!("it has more than {} bytes", LIMITS.max_bytes));
        }
        let records = match csv::read(bytes) {
            Ok(records) => records,
            Err(why) => return self.fault("", 0, "", format!("it is neither a JSON object nor CSV: {why}")),
        };
        let Some(((_, head), rows)) = records.split_first() else {
            return self.fault("", 0, "", "it is empty");
        };
        let head: Vec<&str> = head.iter().map(|name| name.trim()).collect();
        let activities = head.contains(&"activityId");
        let (list, most) =
            if activities { (ACTIVITIES, MAX_ACTIVITIES) } else { (AGREEMENTS, MAX_AGREEMENTS) };
        for (at, name) in head.iter().enumerate() {
            if place_of(name, activities).is_none() {
                self.fault(list, 1, name, "no such column is known here");
            } else if head.iter().take(at).any(|other| other == name) {
                self.fault(list, 1, name, "this column stands there already");
            }
        }
        if rows.len() > most {
            self.fault(list, 0, "", format!("no more than {most} of {list} in a file"));
        }
        if !self.faults.is_empty() {
            return;
        }
        for (number, fields) in rows {
            if fields.len() != head.len() {
                let message = format!("it has {} fields, and the head has {}", fields.len(), head.len());
                self.fault(list, *number, "", message);
                continue;
            }
            match row_of(&head, fields, activities) {
                Ok(row) => self.row(list, *number, row, column_of),
                Err((column, message)) => self.fault(list, *number, column, message),
            }
        }
    }

    fn row(&mut self, list: &'static str, row: usize, value: Value, name: impl Fn(&str) -> String) {
        let problems = if list == ACTIVITIES {
            match Activity::read(&value) {
                Ok(of) => return self.batch.activities.push(Row { row, of }),
                Err(problems) => problems,
            }
        } else {
            match wanted(value) {
                Ok(of) => return self.batch.agreements.push(Row { row, of }),
                Err(problems) => problems,
            }
        };
        for problem in problems {
            self.fault(list, row, &name(&problem.pointer), problem.message);
        }
    }

    /// No agreement and no activity stands in a file twice.
    fn once_each(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        let agreements = self.batch.agreements.iter();
        let ids = agreements.map(|row| (AGREEMENTS, row.row, row.of.draft.agreement().id.clone()));
        let activities = self.batch.activities.iter().map(|row| (ACTIVITIES, row.row, row.of.id.clone()));
        let twice: Vec<_> =
            ids.chain(activities).filter(|(list, _, id)| !seen.insert((*list, id.clone()))).collect();
        for (list, row, _) in twice {
            let column = if list == AGREEMENTS { "agreementId" } else { "activityId" };
            self.fault(list, row, column, "this id stands in the file already");
        }
    }
}

/// An agreement with its `state`, which is no term of it.
fn wanted(mut value: Value) -> Result<Wanted, Vec<Problem>> {
    let problem = |pointer: &str, message: &'static str| {
        vec![Problem { pointer: pointer.to_owned(), message: message.into() }]
    };
    let Some(terms) = value.as_object_mut() else { return Err(problem("", "an object is needed here")) };
    let state = match terms.shift_remove("state") {
        None => State::Draft,
        Some(state) => match state.as_str().and_then(State::parse) {
            Some(state @ (State::Draft | State::Signed | State::InForce)) => state,
            _ => {
                let rule =
                    "draft, signed or in-force: what came after is recorded on its own, with its reason";
                return Err(problem("/state", rule));
            }
        },
    };
    let draft = Registered::draft(std::mem::take(terms))?;
    if state != State::Draft && !draft.terms().contains_key("signedOn") {
        return Err(problem("/signedOn", "the day is needed on which it was signed"));
    }
    if state != State::Draft && paper(&draft).is_none() {
        return Err(problem(
            "/instrument/digestMultibase",
            "the digest of the signed instrument is needed here",
        ));
    }
    Ok(Wanted { draft, state })
}

/// The digest of the instrument on paper that the terms name.
pub fn paper(agreement: &Registered) -> Option<&str> {
    agreement.terms().get("instrument")?.get("digestMultibase")?.as_str()
}

/// Most parties in a table: as many as can sign.
const MAX_PARTIES: usize = MAX_PROOFS;

/// Where the field of a column stands in the row as JSON.
enum Place {
    /// A text.
    Text(&'static str),
    /// A whole number.
    Number(&'static str),
    /// Texts with spaces or semicolons between them.
    Texts(&'static str),
    /// JSON.
    Json(&'static str),
    /// A member of the instrument.
    Instrument(&'static str),
    /// A member of a party.
    Party(usize, &'static str),
    /// `120000 CNY`.
    Amount,
}

fn place_of(column: &str, activities: bool) -> Option<Place> {
    if activities {
        return Some(match column {
            "activityId" => Place::Text("activityId"),
            "agreementId" => Place::Text("agreementId"),
            "type" => Place::Text("type"),
            "from" => Place::Text("from"),
            "to" => Place::Text("to"),
            "participants" => Place::Number("participants"),
            "amount" => Place::Amount,
            "note" => Place::Text("note"),
            _ => return None,
        });
    }
    Some(match column {
        "agreementId" => Place::Text("agreementId"),
        "name" => Place::Text("name"),
        "kind" => Place::Text("kind"),
        "state" => Place::Text("state"),
        "signedOn" => Place::Text("signedOn"),
        "effectiveFrom" => Place::Text("effectiveFrom"),
        "effectiveTo" => Place::Text("effectiveTo"),
        "temporalBasis" => Place::Text("temporalBasis"),
        "languages" => Place::Texts("languages"),
        "scope" => Place::Json("scope"),
        "instrumentTitle" => Place::Instrument("title"),
        "instrumentUrl" => Place::Instrument("url"),
        "instrumentDigest" => Place::Instrument("digestMultibase"),
        _ => {
            let member =
                [("party", "id"), ("country", "territory"), ("partyName", "name")].into_iter().find_map(
                    |(prefix, member)| Some((column.strip_prefix(prefix)?.parse::<usize>().ok()?, member)),
                );
            return member
                .filter(|(number, _)| (1..=MAX_PARTIES).contains(number))
                .map(|(number, member)| Place::Party(number - 1, member));
        }
    })
}

/// The column that a pointer into a row stands for.
fn column_of(pointer: &str) -> String {
    let mut steps = pointer.split('/').skip(1);
    let (first, second, third) = (steps.next().unwrap_or_default(), steps.next(), steps.next());
    match (first, second, third) {
        ("party", Some(at), member) => {
            let number = at.parse::<usize>().map_or(0, |at| at + 1);
            match member {
                Some("territory") => format!("country{number}"),
                Some("name") => format!("partyName{number}"),
                _ => format!("party{number}"),
            }
        }
        ("party", None, _) => "party1".to_owned(),
        ("instrument", Some("url"), _) => "instrumentUrl".to_owned(),
        ("instrument", Some("title"), _) => "instrumentTitle".to_owned(),
        ("instrument", ..) => "instrumentDigest".to_owned(),
        ("scope", ..) => format!("scope{}", pointer.strip_prefix("/scope").unwrap_or_default()),
        (other, ..) => other.to_owned(),
    }
}

/// A row of a table as JSON; an empty field says nothing.
fn row_of<'h>(head: &[&'h str], fields: &[String], activities: bool) -> Result<Value, (&'h str, String)> {
    let mut row = Map::new();
    let mut instrument = Map::new();
    let mut parties: Vec<Map<String, Value>> = Vec::new();
    for (column, field) in head.iter().zip(fields) {
        let field = field.trim();
        let Some(place) = place_of(column, activities).filter(|_| !field.is_empty()) else { continue };
        match place {
            Place::Text(name) => drop(row.insert(name.to_owned(), json!(field))),
            Place::Number(name) => {
                let number: u32 =
                    field.parse().map_err(|_| (*column, "a whole number is needed here".to_owned()))?;
                row.insert(name.to_owned(), json!(number));
            }
            Place::Texts(name) => {
                let texts = field.split([' ', ';']).filter(|text| !text.is_empty());
                row.insert(name.to_owned(), texts.collect::<Vec<_>>().into());
            }
            Place::Json(name) => {
                let value = json::parse(field.as_bytes())
                    .map_err(|why| (*column, format!("JSON is needed here: {why}")))?;
                row.insert(name.to_owned(), value);
            }
            Place::Instrument(name) => drop(instrument.insert(name.to_owned(), json!(field))),
            Place::Party(at, name) => {
                while parties.len() <= at {
                    parties.push(Map::new());
                }
                if let Some(party) = parties.get_mut(at) {
                    party.insert(name.to_owned(), json!(field));
                }
            }
            Place::Amount => {
                let amount = field.split_once(' ').and_then(|(value, currency)| {
                    Some(json!({"value": value.parse::<u64>().ok()?, "currency": currency.trim()}))
                });
                let amount = amount
                    .ok_or_else(|| (*column, "write a whole number and a currency: 120000 CNY".to_owned()))?;
                row.insert("amount".to_owned(), amount);
            }
        }
    }
    if !instrument.is_empty() {
        row.insert("instrument".to_owned(), Value::Object(instrument));
    }
    if !parties.is_empty() {
        row.insert("party".to_owned(), parties.into_iter().map(Value::Object).collect());
    }
    Ok(Value::Object(row))
}

#[cfg(test)]
mod tests;
