//! The facts of an award, each known or missing, and what is asked about it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::country::{self, is_country};
use crate::accreditation::{Award, Level};
use crate::credential::problem::{At, Problems};
use crate::credential::strict::{Members, text};
use crate::credential::validity::{Day, Stamp};
use crate::framework;

/// Most learning outcomes of an award or a target.
const MAX_OUTCOMES: usize = 1_024;

/// What the signatures of the credential came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// They hold.
    Valid,
    /// One does not.
    Invalid,
    /// It could not be found out.
    Indeterminate,
    /// There are none: it is paper.
    Paper,
}

/// The status of the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In force.
    Good,
    /// Revoked.
    Revoked,
    /// Replaced by a successor.
    Replaced,
    /// Suspended.
    Suspended,
    /// It could not be found out.
    Unknown,
}

/// What the recognition is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To study further.
    FurtherStudy,
    /// To have credits counted.
    CreditTransfer,
    /// To work in a regulated profession.
    EmploymentRegulated,
    /// To work in any other.
    EmploymentUnregulated,
}

/// The purposes, as they are written.
pub(super) const PURPOSES: &[(&str, Purpose)] = &[
    ("further-study", Purpose::FurtherStudy),
    ("credit-transfer", Purpose::CreditTransfer),
    ("employment-regulated", Purpose::EmploymentRegulated),
    ("employment-unregulated", Purpose::EmploymentUnregulated),
];

impl Purpose {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        PURPOSES.iter().find(|(_, purpose)| *purpose == self).map_or("", |(word, _)| word)
    }
}

/// The facts of an award. `None` is a fact nobody stated: it never counts as one that speaks for recognition.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What its signatures came to.
    pub verification: Option<Verification>,
    /// Its status.
    pub status: Option<Status>,
    /// Where it was awarded.
    pub country: Option<String>,
    /// Who awarded it, by the id the store knows issuers by.
    pub issuer: Option<String>,
    /// Its kind: `diploma`, `transcript`, `skill-certificate`, `licence`, `micro-credential`, `partial`, ….
    pub kind: Option<String>,
    /// Its programme.
    pub qualification_id: Option<String>,
    /// The framework its level is of.
    pub framework: Option<String>,
    /// Its level.
    pub level: Option<u32>,
    /// The award date as written.
    pub awarded_on: Option<Day>,
    /// Since when it provably exists.
    pub registered_on: Option<Day>,
    /// Until when it is valid; without it, without an end.
    pub valid_until: Option<Day>,
    /// Whether it was transcribed from a paper register.
    pub transcribed: bool,
    /// Whether the learner had enrolled before the teach-out began.
    pub enrolled_before: Option<bool>,
    /// Its workload in hours.
    pub notional_hours: Option<u32>,
    /// Its field, an ISCED-F 2013 code of 2 to 4 digits.
    pub isced: Option<String>,
    /// How it was delivered.
    pub mode: Option<String>,
    /// Where it was taught.
    pub campus: Option<String>,
    /// Its learning outcomes; an empty list states none.
    pub outcomes: Option<BTreeSet<String>>,
    /// Every member as it was given: what the conditions of agreements ask for.
    pub stated: Map<String, Value>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it is to be recognised.
    pub country: Option<String>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// The profession, where it is for one.
    pub profession: Option<String>,
    /// The day of the application.
    pub date: Day,
    /// Whether the applicant is a refugee.
    pub refugee: bool,
    /// What it is to be compared with.
    pub target: Option<Target>,
}

/// What the award is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The framework.
    pub framework: Option<String>,
    /// The level.
    pub level: Option<u32>,
    /// Its workload in hours, where it states one.
    pub notional_hours: Option<u32>,
    /// Its field, where it states one.
    pub isced: Option<String>,
    /// Its learning outcomes; empty where it states none.
    pub outcomes: BTreeSet<String>,
}

/// The members of the facts, by the names of recognition-rules/1.
pub const FACTS: &[&str] = &[
    "verification",
    "status",
    "country",
    "issuer",
    "type",
    "qualificationId",
    "framework",
    "level",
    "awardDate",
    "registeredOn",
    "validUntil",
    "transcribed",
    "enrolledBefore",
    "notionalHours",
    "isced",
    "mode",
    "campus",
    "outcomes",
];

impl Facts {
    /// Reads the facts. A member not known here is refused unless it is among `more`, the facts that conditions ask for:
    /// a slip in the name of `validUntil` would make an expired certificate one without an end.
    pub(super) fn read(
        map: &Map<String, Value>,
        at: At<'_>,
        more: &BTreeSet<String>,
        problems: &mut Problems,
    ) -> Facts {
        let members = Members::at(map, at);
        let known: Vec<&str> = FACTS.iter().copied().chain(more.iter().map(String::as_str)).collect();
        members.only(&known, problems);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (framework, level) = framework_level(&members, problems);
        Facts {
            verification: members.one_of(
                "verification",
                &[
                    ("valid", Verification::Valid),
                    ("invalid", Verification::Invalid),
                    ("indeterminate", Verification::Indeterminate),
                    ("paper", Verification::Paper),
                ],
                problems,
            ),
            status: members.one_of(
                "status",
                &[
                    ("good", Status::Good),
                    ("revoked", Status::Revoked),
                    ("replaced", Status::Replaced),
                    ("suspended", Status::Suspended),
                    ("unknown", Status::Unknown),
                ],
                problems,
            ),
            country: country(&members, "country", problems),
            issuer: owned(members.text("issuer", problems)),
            kind: owned(members.text("type", problems)),
            qualification_id: owned(members.text("qualificationId", problems)),
            framework,
            level,
            awarded_on: date(&members, "awardDate", problems),
            registered_on: date(&members, "registeredOn", problems),
            valid_until: date(&members, "validUntil", problems),
            transcribed: members.flag("transcribed", problems).unwrap_or(false),
            enrolled_before: members.flag("enrolledBefore", problems),
            notional_hours: members.whole("notionalHours", problems),
            isced: isced(&members, problems),
            mode: owned(members.text("mode", problems)),
            campus: owned(members.text("campus", problems)),
            outcomes: members.get("outcomes").map(|_| outcomes(&members, problems)),
            stated: map.clone(),
        }
    }

    /// The same as rule R2 asks for them; `None` without an award date.
    pub(super) fn award(&self) -> Option<Award<'_>> {
        Some(Award {
            kind: self.kind.as_deref(),
            qualification_ids: self.qualification_id.as_deref().into_iter().collect(),
            isced: self.isced.as_deref().into_iter().collect(),
            levels: self.framework.iter().map(|framework| Level { framework, number: self.level }).collect(),
            modes: self.mode.as_deref().into_iter().collect(),
            campuses: self.campus.as_deref().into_iter().collect(),
            registered_on: self.registered_on,
            transcribed: self.transcribed,
            enrolled_before: self.enrolled_before,
            ..Award::on(self.awarded_on?)
        })
    }
}

impl Request {
    /// Reads a request; `None` without the day of the application, which nothing can stand in for.
    pub(super) fn read(map: &Map<String, Value>, at: At<'_>, problems: &mut Problems) -> Option<Request> {
        let members = Members::at(map, at);
        members.only(&["country", "purpose", "profession", "date", "refugee", "target"], problems);
        members.need("date", problems);
        let target = members.get("target").and_then(|value| {
            let at = members.at.name("target");
            Target::read(&Members::of(value, at, problems)?, problems)
        });
        Some(Request {
            country: country(&members, "country", problems),
            purpose: members.one_of("purpose", PURPOSES, problems),
            profession: members.text("profession", problems).map(str::to_owned),
            date: date(&members, "date", problems)?,
            refugee: members.flag("refugee", problems).unwrap_or(false),
            target,
        })
    }
}

impl Target {
    fn read(members: &Members<'_, '_>, problems: &mut Problems) -> Option<Target> {
        members.only(&["framework", "level", "notionalHours", "isced", "outcomes"], problems);
        let (framework, level) = framework_level(members, problems);
        let notional_hours = members.whole("notionalHours", problems);
        if notional_hours == Some(0) {
            problems.add(&members.at.name("notionalHours"), "a workload is at least one hour");
        }
        Some(Target {
            framework,
            level,
            notional_hours,
            isced: isced(members, problems),
            outcomes: outcomes(members, problems),
        })
    }
}

/// A framework known here, and a level that it has.
fn framework_level(members: &Members<'_, '_>, problems: &mut Problems) -> (Option<String>, Option<u32>) {
    let level = members.whole("level", problems);
    let Some(id) = members.text("framework", problems) else { return (None, level) };
    match framework::by_id(id) {
        None => problems.add(&members.at.name("framework"), "no such qualifications framework is known here"),
        Some(known) => {
            if level.is_some_and(|level| known.level(&level.to_string()).is_none()) {
                problems.add(&members.at.name("level"), format!("{id} has no such level"));
            }
        }
    }
    (Some(id.to_owned()), level)
}

/// A country code.
pub(super) fn country(members: &Members<'_, '_>, name: &str, problems: &mut Problems) -> Option<String> {
    let read = |value: &Value| value.as_str().filter(|code| is_country(code)).map(str::to_owned);
    members.read(name, country::COMPLAINT, problems, read)
}

/// A calendar date, or a date and time of which the calendar date is taken as written.
fn date(members: &Members<'_, '_>, name: &str, problems: &mut Problems) -> Option<Day> {
    let read = |value: &Value| {
        let text = value.as_str()?;
        Day::parse(text).ok().or_else(|| Stamp::parse(text).ok().map(|stamp| stamp.day()))
    };
    members.read(name, "a calendar date is needed here, such as 2026-06-30", problems, read)
}

fn isced(members: &Members<'_, '_>, problems: &mut Problems) -> Option<String> {
    let read = |value: &Value| {
        let right = |code: &&str| (2..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        value.as_str().filter(right).map(str::to_owned)
    };
    let complaint = "an ISCED-F code is a text of 2 to 4 digits: its leading zero matters";
    members.read("isced", complaint, problems, read)
}

fn outcomes(members: &Members<'_, '_>, problems: &mut Problems) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    members.items("outcomes", MAX_OUTCOMES, problems, |value, at, problems| match text(value) {
        Some(text) => {
            out.insert(text.to_owned());
        }
        None => problems.add(at, "a text is needed here"),
    });
    out
}
