//! The facts of an award that decide whether a grant covers it and whether it existed in time.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::scope::is_isced;
use crate::credential::kinds::Class;
use crate::credential::validity::{Day, Stamp};
use crate::credential::view::{View, each};

/// What an award says of itself, and what is known about it from elsewhere.
///
/// A credential may say a thing more than once; each list holds every value said, and an empty list says that the
/// fact is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award<'a> {
    /// The name of its kind; `None` for a credential of no kind known here.
    pub kind: Option<&'a str>,
    /// Its programme (`achievement.qualificationId`).
    pub qualification_ids: Vec<&'a str>,
    /// Its field: ISCED-F 2013 codes of 2 to 4 digits.
    pub isced: Vec<&'a str>,
    /// Its levels.
    pub levels: Vec<Level<'a>>,
    /// How it was delivered (`achievement.deliveryMode`).
    pub modes: Vec<&'a str>,
    /// Where it was taught; no member of a credential says so.
    pub campuses: Vec<&'a str>,
    /// The award date as written, in its own offset.
    pub awarded_on: Day,
    /// The day on which the witnessed log or the authority's register proves it to have existed, in the offset of the
    /// award date; from outside.
    pub registered_on: Option<Day>,
    /// Whether it was transcribed from a paper register.
    pub transcribed: bool,
    /// Whether the learner had enrolled before the teach-out began; from outside.
    pub enrolled_before: Option<bool>,
}

/// A level the award stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level<'a> {
    /// The id of the framework.
    pub framework: &'a str,
    /// The level; `None` where only the framework is known.
    pub number: Option<u32>,
}

impl<'a> Award<'a> {
    /// An award of a day of which nothing else is known.
    pub fn on(awarded_on: Day) -> Self {
        Self {
            kind: None,
            qualification_ids: Vec::new(),
            isced: Vec::new(),
            levels: Vec::new(),
            modes: Vec::new(),
            campuses: Vec::new(),
            awarded_on,
            registered_on: None,
            transcribed: false,
            enrolled_before: None,
        }
    }

    /// The facts a credential states; what comes from outside is left open. `None` without a readable `awardedDate`:
    /// no other date may stand in for it, as a re-issue moves `validFrom`.
    ///
    /// Of a record of several credentials, its own achievements are read, not those of the credentials inside. Levels
    /// are alignments with the `targetType` `ext:FrameworkLevel`, fields those to `ISCED-F-2013` (Open Badges 3.0,
    /// Alignment).
    pub fn of(view: View<'a>) -> Option<Self> {
        let awarded_on = Stamp::parse(view.awarded_date()?).ok()?.day();
        let kind = match Class::of(view.members()) {
            Class::Kind(kind, _) => Some(kind.name),
            Class::Generic | Class::Reserved(_) => None,
        };
        let transcribed = view.text("recordOrigin") == Some("transcribed-register");
        let mut award = Self { kind, transcribed, ..Self::on(awarded_on) };
        let achievements =
            view.subjects().flat_map(|subject| each(subject.get("achievement"))).filter_map(Value::as_object);
        for achievement in achievements {
            let said = |member: &str| achievement.get(member).and_then(Value::as_str);
            award.qualification_ids.extend(said("qualificationId"));
            award.modes.extend(said("deliveryMode"));
            for alignment in each(achievement.get("alignment")).iter().filter_map(Value::as_object) {
                award.aligned(alignment);
            }
        }
        Some(award)
    }

    /// The same award, proved to have existed at a moment: on the day it was then in the offset of the award date.
    #[must_use]
    pub fn registered_at(mut self, view: View<'_>, at: Timestamp) -> Self {
        let awarded = view.awarded_date().and_then(|text| Stamp::parse(text).ok());
        self.registered_on = awarded.and_then(|awarded| awarded.day_of(at));
        self
    }

    /// Whether its dates contradict one another: awarded after the day of the question, or registered before it was
    /// awarded. This comes before any question about the issuer.
    pub fn is_contradictory(&self, asked_on: Day) -> bool {
        self.awarded_on > asked_on || self.registered_on.is_some_and(|day| day < self.awarded_on)
    }

    fn aligned(&mut self, alignment: &'a Map<String, Value>) {
        let said = |member: &str| alignment.get(member).and_then(Value::as_str);
        let code = said("targetCode");
        match said("targetFramework") {
            Some("ISCED-F-2013") => self.isced.extend(code.filter(|code| is_isced(code))),
            Some(framework) if said("targetType") == Some("ext:FrameworkLevel") => {
                self.levels.push(Level { framework, number: code.and_then(level_number) });
            }
            _ => {}
        }
    }
}

/// A level code that is a whole number, without leading zeros.
fn level_number(code: &str) -> Option<u32> {
    let plain = code.bytes().all(|b| b.is_ascii_digit()) && (code == "0" || !code.starts_with('0'));
    if plain { code.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::view::CONTEXT_V2;
    use serde_json::json;

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn alignment(framework: &str, code: Value, kind: &str) -> Value {
        json!({"targetFramework": framework, "targetCode": code, "targetType": kind})
    }

    #[test]
    fn the_facts_are_read_from_where_they_stand() {
        let document = members(json!({
            "@context": [CONTEXT_V2],
            "type": ["VerifiableCredential", "OpenBadgeCredential", "QualificationCredential"],
            "validFrom": "2026-08-20T09:00:00+07:00",
            "awardedDate": "2026-06-30T00:00:00+07:00",
            "recordOrigin": "transcribed-register",
            "credentialSubject": {
                "achievement": {
                    "qualificationId": "urn:q:1",
                    "deliveryMode": "hybrid",
                    "alignment": [
                        alignment("VQF", json!("5"), "ext:FrameworkLevel"),
                        alignment("LNQF", json!("V"), "ext:FrameworkLevel"),
                        alignment("EQF", json!(5), "ext:FrameworkLevel"),
                        alignment("AQRF", json!("05"), "ext:FrameworkLevel"),
                        alignment("CQF", json!("+5"), "ext:FrameworkLevel"),
                        alignment("ISCED-F-2013", json!("0715"), "ext:Classification"),
                        alignment("ISCED-F-2013", json!("715-x"), "ext:Classification"),
                        alignment("ISCO-08", json!("7212"), "ext:Classification"),
                        "not one",
                    ],
                },
                "verifiableCredential": [{"credentialSubject": {"achievement": {"qualificationId": "urn:q:inner"}}}],
            },
        }));
        let award = Award::of(View::of(&document)).unwrap();
        let levels: Vec<_> = award.levels.iter().map(|level| (level.framework, level.number)).collect();
        assert_eq!(levels, [("VQF", Some(5)), ("LNQF", None), ("EQF", None), ("AQRF", None), ("CQF", None)]);
        let day = Day::parse("2026-06-30").unwrap();
        let expected = Award {
            kind: Some("diploma"),
            qualification_ids: vec!["urn:q:1"],
            isced: vec!["0715"],
            levels: award.levels.clone(),
            modes: vec!["hybrid"],
            transcribed: true,
            ..Award::on(day)
        };
        assert_eq!(award, expected);
    }

    #[test]
    fn several_subjects_and_achievements_all_speak() {
        let document = members(json!({
            "awardedDate": "2026-06-30T00:00:00Z",
            "recordOrigin": "transcribed",
            "credentialSubject": [
                {"achievement": [{"deliveryMode": "online"}, {"deliveryMode": "hybrid"}, 4]},
                {"achievement": {"deliveryMode": 7, "alignment": alignment("VQF", json!("10"), "ext:FrameworkLevel")}},
            ],
        }));
        let award = Award::of(View::of(&document)).unwrap();
        assert_eq!(award.modes, ["online", "hybrid"]);
        assert_eq!(award.levels, [Level { framework: "VQF", number: Some(10) }]);
        assert_eq!((award.kind, award.transcribed), (None, false));
    }

    #[test]
    fn no_other_date_stands_in_for_the_award_date() {
        for document in [
            json!({"validFrom": "2026-06-30T00:00:00Z"}),
            json!({"validFrom": "2026-06-30T00:00:00Z", "awardedDate": "June"}),
            json!({"awardedDate": 2026}),
        ] {
            assert_eq!(Award::of(View::of(&members(document))), None);
        }
        let early = members(json!({"awardedDate": "2026-06-30T00:00:00+07:00"}));
        let award = Award::of(View::of(&early)).unwrap();
        assert_eq!(award.awarded_on, Day::parse("2026-06-30").unwrap(), "never converted");
    }

    #[test]
    fn dates_contradict_only_from_the_next_day() {
        let day = |text: &str| Day::parse(text).unwrap();
        let award = Award { registered_on: Some(day("2026-06-30")), ..Award::on(day("2026-06-30")) };
        assert!(!award.is_contradictory(day("2026-06-30")));
        assert!(award.is_contradictory(day("2026-06-29")));
        let early = Award { registered_on: Some(day("2026-06-29")), ..award };
        assert!(early.is_contradictory(day("2026-12-31")));
    }
}
