//! What is done under an agreement: exchanges, training, programmes, help.

use serde_json::{Map, Value, json};

use super::register::{ID_RULE, is_id};
use crate::credential::problem::{At, Problem, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;

/// What sort of activity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActivityKind {
    /// Teachers teach at the other place.
    TeacherExchange,
    /// Teachers learn.
    TeacherTraining,
    /// Students learn at the other place.
    StudentExchange,
    /// Learning is paid for.
    Scholarship,
    /// Students work.
    Internship,
    /// A short course.
    ShortCourse,
    /// A programme of both, with an award of each.
    DualProgramme,
    /// Machines, laboratories, books.
    Equipment,
    /// Money.
    Finance,
}

/// The sorts, as they are written.
const KINDS: &[(&str, ActivityKind)] = &[
    ("teacher-exchange", ActivityKind::TeacherExchange),
    ("teacher-training", ActivityKind::TeacherTraining),
    ("student-exchange", ActivityKind::StudentExchange),
    ("scholarship", ActivityKind::Scholarship),
    ("internship", ActivityKind::Internship),
    ("short-course", ActivityKind::ShortCourse),
    ("dual-programme", ActivityKind::DualProgramme),
    ("equipment", ActivityKind::Equipment),
    ("finance", ActivityKind::Finance),
];

impl ActivityKind {
    /// Every sort.
    pub fn all() -> impl Iterator<Item = ActivityKind> {
        KINDS.iter().map(|(_, kind)| *kind)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// An activity under an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its id, unique in a register.
    pub id: String,
    /// The agreement it is under.
    pub agreement: String,
    /// What sort it is.
    pub kind: ActivityKind,
    /// Its first day.
    pub from: Option<Day>,
    /// Its last day.
    pub to: Option<Day>,
    /// How many people took part.
    pub participants: Option<u32>,
    /// What it was worth: a whole number of a currency (ISO 4217).
    pub amount: Option<(u64, String)>,
    /// What else there is to say.
    pub note: Option<String>,
}

impl Activity {
    /// Reads an activity: `activityId`, `agreementId`, `type`, `from`, `to`, `participants`, `amount`, `note`.
    ///
    /// # Errors
    /// Every member that is not known, missing, or not what it must be.
    pub fn read(value: &Value) -> Result<Activity, Vec<Problem>> {
        let mut problems = Problems::new();
        let read = read(value, &mut problems);
        read.filter(|_| problems.is_empty()).ok_or_else(|| problems.into_vec())
    }

    /// As a register keeps it.
    pub fn to_value(&self) -> Value {
        let mut out = Map::new();
        out.insert("activityId".to_owned(), json!(self.id));
        out.insert("agreementId".to_owned(), json!(self.agreement));
        out.insert("type".to_owned(), json!(self.kind.as_str()));
        for (name, day) in [("from", self.from), ("to", self.to)] {
            if let Some(day) = day {
                out.insert(name.to_owned(), json!(day.to_string()));
            }
        }
        if let Some(participants) = self.participants {
            out.insert("participants".to_owned(), json!(participants));
        }
        if let Some((value, currency)) = &self.amount {
            out.insert("amount".to_owned(), json!({"value": value, "currency": currency}));
        }
        if let Some(note) = &self.note {
            out.insert("note".to_owned(), json!(note));
        }
        Value::Object(out)
    }
}

fn read(value: &Value, problems: &mut Problems) -> Option<Activity> {
    let members = Members::of(value, At::ROOT, problems)?;
    members.only(
        &["activityId", "agreementId", "type", "from", "to", "participants", "amount", "note"],
        problems,
    );
    for name in ["activityId", "agreementId", "type"] {
        members.need(name, problems);
    }
    let id = |name: &str, problems: &mut Problems| {
        let read = |value: &Value| value.as_str().filter(|id| is_id(id)).map(str::to_owned);
        members.read(name, ID_RULE, problems, read)
    };
    let (own, agreement) = (id("activityId", problems), id("agreementId", problems));
    let kind = members.one_of("type", KINDS, problems);
    let (from, to) = (members.day("from", problems), members.day("to", problems));
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        problems.add(&members.at.name("to"), "it ends before it begins");
    }
    Some(Activity {
        amount: amount(&members, problems),
        participants: members.whole("participants", problems),
        note: members.text("note", problems).map(str::to_owned),
        id: own?,
        agreement: agreement?,
        kind: kind?,
        from,
        to,
    })
}

fn amount(members: &Members<'_, '_>, problems: &mut Problems) -> Option<(u64, String)> {
    let members = Members::of(members.get("amount")?, members.at.name("amount"), problems)?;
    members.only(&["value", "currency"], problems);
    members.need("value", problems);
    members.need("currency", problems);
    // Beyond this a JSON number is not exact everywhere.
    let whole = |value: &Value| value.as_u64().filter(|value| *value < 1 << 53);
    let value = members.read("value", "a whole number is needed here", problems, whole);
    let code = |value: &Value| {
        let right = |code: &&str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        value.as_str().filter(right).map(str::to_owned)
    };
    let rule = "a currency of ISO 4217 is needed here, such as CNY";
    let currency = members.read("currency", rule, problems, code);
    Some((value?, currency?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_again_and_faults_are_named() {
        let whole = json!({
            "activityId": "A-1", "agreementId": "CN-LA-1", "type": "dual-programme", "from": "2024-09-01",
            "to": "2026-07-01", "participants": 24, "amount": {"value": 120_000, "currency": "CNY"}, "note": "Rail",
        });
        assert_eq!(Activity::read(&whole).unwrap().to_value(), whole);
        for kind in ActivityKind::all() {
            assert!(!kind.as_str().is_empty());
        }
        let bad = json!({
            "activityId": "a b", "type": "visit", "from": "2024-02-30", "participants": -1,
            "amount": {"value": 1.5, "currency": "yuan"}, "other": 1,
        });
        let pointers: Vec<_> =
            Activity::read(&bad).unwrap_err().into_iter().map(|problem| problem.pointer).collect();
        let expected = [
            "/other",
            "/agreementId",
            "/activityId",
            "/type",
            "/from",
            "/amount/value",
            "/amount/currency",
            "/participants",
        ];
        assert_eq!(pointers, expected);
    }
}
