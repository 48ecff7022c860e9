//! What a grant covers, and whether an award is of it.

use serde_json::{Map, Value};

use super::award::{Award, Level};
use crate::credential::problem::{At, Problems};
use crate::credential::view::each;
use crate::framework;

/// One scope of a grant: an award is within it when each thing the scope names matches.
///
/// An empty list, or `None`, names nothing; of several values named for one thing, any may match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Programmes, by `qualificationId`.
    pub qualification_ids: Vec<String>,
    /// Beginnings of ISCED-F 2013 codes, of 2 to 4 digits: the leading zero counts.
    pub isced_prefixes: Vec<String>,
    /// A qualifications framework, by id.
    pub framework: Option<String>,
    /// The lowest level of the framework; without it, from its lowest on.
    pub level_min: Option<u32>,
    /// The highest level of the framework; without it, up to its highest.
    pub level_max: Option<u32>,
    /// Kinds of credential, by the name of the kind.
    pub types: Vec<String>,
    /// Delivery modes.
    pub modes: Vec<String>,
    /// Campuses.
    pub campuses: Vec<String>,
}

/// Whether an award is within a scope, from the best answer to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Covered {
    /// Each thing the scope names matches.
    Yes,
    /// A fact the scope names is missing from the award, and nothing else contradicts.
    MissingFact,
    /// Something the scope names is otherwise on the award.
    No,
}

/// Most values named for one thing.
const MAX_VALUES: usize = 1_024;

impl Scope {
    /// Reads a scope. `None` when anything is wrong with it: a member not known here could narrow the scope, so that
    /// to pass over it would widen what was granted.
    pub fn parse(scope: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<Scope> {
        let mut read = Scope::default();
        let mut whole = true;
        for (member, value) in scope {
            let at = at.name(member);
            let complaint = match member.as_str() {
                "qualificationId" => texts(value, &mut read.qualification_ids, |_| true),
                "iscedPrefix" => texts(value, &mut read.isced_prefixes, is_isced)
                    .map(|_| "the beginning of an ISCED-F code, of 2 to 4 digits, is needed here"),
                "framework" => text(value, &mut read.framework),
                "levelMin" => level(value, &mut read.level_min),
                "levelMax" => level(value, &mut read.level_max),
                "types" => texts(value, &mut read.types, |_| true),
                "mode" => texts(value, &mut read.modes, |_| true),
                "campus" => texts(value, &mut read.campuses, |_| true),
                _ => Some("no scope is known to have this member"),
            };
            if let Some(complaint) = complaint {
                problems.add(&at, complaint);
                whole = false;
            }
        }
        if scope.is_empty() {
            problems.add(at, "a scope names at least one thing");
            whole = false;
        }
        if read.framework.is_none() && (read.level_min.is_some() || read.level_max.is_some()) {
            problems.add(&at.name("framework"), "a level is one of a framework");
            whole = false;
        }
        if let (Some(lowest), Some(highest)) = (read.level_min, read.level_max)
            && lowest > highest
        {
            problems.add(&at.name("levelMax"), "the highest level is below the lowest");
            whole = false;
        }
        whole.then_some(read)
    }

    /// Whether the award is within this scope.
    ///
    /// An award may state a fact more than once. It matches when every value stated matches and contradicts when none
    /// does; where some match and some do not, which of them holds is not known, and the fact counts as missing.
    pub fn covers(&self, award: &Award<'_>) -> Covered {
        [
            named(&self.qualification_ids, &award.qualification_ids, equal),
            named(&self.isced_prefixes, &award.isced, begins),
            self.covers_level(&award.levels),
            named(&self.types, award.kind.as_slice(), equal),
            named(&self.modes, &award.modes, equal),
            named(&self.campuses, &award.campuses, equal),
        ]
        .into_iter()
        .max()
        .unwrap_or(Covered::Yes)
    }

    /// An award may carry levels of several frameworks: those of the scope's decide. Without one, another framework's
    /// level contradicts, unless that framework is only a regional reference: its levels are not the award's own.
    fn covers_level(&self, levels: &[Level<'_>]) -> Covered {
        let Some(framework) = self.framework.as_deref() else { return Covered::Yes };
        let mut own = levels.iter().filter(|level| level.framework == framework).peekable();
        if own.peek().is_some() {
            return together(own.map(|level| self.within(level.number)));
        }
        together(levels.iter().filter(|level| !is_reference(level.framework)).map(|_| Covered::No))
    }

    fn within(&self, level: Option<u32>) -> Covered {
        match (level, self.level_min, self.level_max) {
            (_, None, None) => Covered::Yes,
            (None, ..) => Covered::MissingFact,
            (Some(level), lowest, highest) => {
                let within = lowest.is_none_or(|lowest| lowest <= level)
                    && highest.is_none_or(|highest| level <= highest);
                if within { Covered::Yes } else { Covered::No }
            }
        }
    }
}

/// Whether what the award states is among what the scope names.
fn named(named: &[String], stated: &[&str], matches: fn(&str, &str) -> Covered) -> Covered {
    if named.is_empty() {
        return Covered::Yes;
    }
    together(
        stated
            .iter()
            .map(|stated| named.iter().map(|named| matches(named, stated)).min().unwrap_or(Covered::No)),
    )
}

/// The values an award states of one fact: all alike, or not known.
fn together(mut values: impl Iterator<Item = Covered>) -> Covered {
    let Some(first) = values.next() else { return Covered::MissingFact };
    if values.all(|value| value == first) { first } else { Covered::MissingFact }
}

fn equal(named: &str, stated: &str) -> Covered {
    if named == stated { Covered::Yes } else { Covered::No }
}

/// A code broader than the prefix may or may not be meant by it.
fn begins(prefix: &str, code: &str) -> Covered {
    if code.starts_with(prefix) {
        Covered::Yes
    } else if prefix.starts_with(code) {
        Covered::MissingFact
    } else {
        Covered::No
    }
}

fn is_reference(framework: &str) -> bool {
    framework::by_id(framework).is_some_and(|framework| framework.kind == "regional-reference")
}

/// 2 to 4 digits of an ISCED-F 2013 code.
pub(super) fn is_isced(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// One text or a list of them, each as it must be; else the complaint.
fn texts(value: &Value, out: &mut Vec<String>, right: fn(&str) -> bool) -> Option<&'static str> {
    const COMPLAINT: &str = "a text is needed here, or a list of them";
    let items = each(Some(value));
    if items.is_empty() || items.len() > MAX_VALUES {
        return Some(COMPLAINT);
    }
    for item in items {
        match item.as_str() {
            Some(text) if !text.trim().is_empty() && right(text) => out.push(text.to_owned()),
            _ => return Some(COMPLAINT),
        }
    }
    None
}

fn text(value: &Value, out: &mut Option<String>) -> Option<&'static str> {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => {
            *out = Some(text.to_owned());
            None
        }
        _ => Some("a text is needed here"),
    }
}

fn level(value: &Value, out: &mut Option<u32>) -> Option<&'static str> {
    *out = value.as_u64().and_then(|level| u32::try_from(level).ok());
    if out.is_some() { None } else { Some("a level is a whole number") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::validity::Day;
    use serde_json::json;

    fn read(scope: Value) -> Result<Scope, Vec<String>> {
        let mut problems = Problems::new();
        let read = Scope::parse(scope.as_object().unwrap(), &At::ROOT, &mut problems);
        assert_eq!(read.is_some(), problems.is_empty(), "{scope}");
        read.ok_or_else(|| problems.into_vec().into_iter().map(|problem| problem.pointer).collect())
    }

    fn award() -> Award<'static> {
        Award {
            kind: Some("diploma"),
            qualification_ids: vec!["urn:q:1"],
            isced: vec!["0715"],
            levels: vec![Level { framework: "VQF", number: Some(5) }],
            modes: vec!["in-person"],
            campuses: vec!["north"],
            ..Award::on(Day::parse("2026-06-30").unwrap())
        }
    }

    #[track_caller]
    fn covers(scope: Value, award: &Award<'_>, expected: Covered) {
        assert_eq!(read(scope.clone()).unwrap().covers(award), expected, "{scope}");
    }

    const MATCHES: [&str; 6] = [
        r#"{"qualificationId": "urn:q:1"}"#,
        r#"{"iscedPrefix": "071"}"#,
        r#"{"framework": "VQF", "levelMin": 4, "levelMax": 5}"#,
        r#"{"types": ["transcript", "diploma"]}"#,
        r#"{"mode": ["in-person"]}"#,
        r#"{"campus": "north"}"#,
    ];

    #[test]
    fn each_thing_named_must_match_and_a_missing_fact_cannot_tell() {
        let wrong = Award {
            kind: Some("transcript "),
            qualification_ids: vec!["urn:q:12"],
            isced: vec!["7150"],
            levels: vec![Level { framework: "LNQF", number: Some(5) }],
            modes: vec!["online"],
            campuses: vec!["south"],
            ..award()
        };
        let empty = Award::on(award().awarded_on);
        let mut all = Map::new();
        for scope in MATCHES {
            let scope: Value = serde_json::from_str(scope).unwrap();
            covers(scope.clone(), &award(), Covered::Yes);
            covers(scope.clone(), &wrong, Covered::No);
            covers(scope.clone(), &empty, Covered::MissingFact);
            all.extend(scope.as_object().cloned().unwrap());
        }
        covers(json!(all), &award(), Covered::Yes);
        covers(json!(all), &Award { campuses: vec![], ..award() }, Covered::MissingFact);
        covers(json!(all), &Award { campuses: vec![], isced: vec!["0811"], ..award() }, Covered::No);
    }

    #[test]
    fn the_ends_of_the_levels_are_within() {
        let at = |number| Award { levels: vec![Level { framework: "VQF", number }], ..award() };
        let range = json!({"framework": "VQF", "levelMin": 4, "levelMax": 5});
        for (level, expected) in
            [(3, Covered::No), (4, Covered::Yes), (5, Covered::Yes), (6, Covered::No), (45, Covered::No)]
        {
            covers(range.clone(), &at(Some(level)), expected);
        }
        covers(range, &at(None), Covered::MissingFact);
        covers(json!({"framework": "VQF"}), &at(None), Covered::Yes);
        covers(json!({"framework": "VQF", "levelMin": 6}), &at(Some(5)), Covered::No);
        covers(json!({"framework": "VQF", "levelMax": 4}), &at(Some(5)), Covered::No);
        covers(json!({"framework": "VQF", "levelMin": 5}), &at(Some(5)), Covered::Yes);
    }

    #[test]
    fn levels_of_several_frameworks() {
        let with = |levels: &[(&'static str, u32)]| Award {
            levels: levels
                .iter()
                .map(|(framework, level)| Level { framework, number: Some(*level) })
                .collect(),
            ..award()
        };
        let range = json!({"framework": "VQF", "levelMin": 5, "levelMax": 5});
        for (levels, expected) in [
            (&[("LNQF", 4), ("VQF", 5)][..], Covered::Yes),
            (&[("LNQF", 5), ("VQF", 4)], Covered::No),
            (&[("VQF", 4), ("VQF", 5)], Covered::MissingFact),
            (&[("VQF", 5), ("VQF", 5)], Covered::Yes),
            (&[("AQRF", 5)], Covered::MissingFact),
            (&[("AQRF", 5), ("LNQF", 5)], Covered::No),
            (&[("vqf", 5)], Covered::No),
            (&[], Covered::MissingFact),
        ] {
            covers(range.clone(), &with(levels), expected);
        }
        covers(
            json!({"framework": "AQRF", "levelMin": 5, "levelMax": 5}),
            &with(&[("AQRF", 5)]),
            Covered::Yes,
        );
    }

    #[test]
    fn a_broader_field_may_be_meant_and_the_leading_zero_counts() {
        let with = |isced: &[&'static str]| Award { isced: isced.to_vec(), ..award() };
        for (isced, expected) in [
            (&["071"][..], Covered::Yes),
            (&["07"], Covered::MissingFact),
            (&["08"], Covered::No),
            (&["0720"], Covered::No),
            (&["715"], Covered::No),
            (&["0715", "0716"], Covered::Yes),
            (&["0715", "0811"], Covered::MissingFact),
            (&["0722", "0811"], Covered::No),
        ] {
            covers(json!({"iscedPrefix": "071"}), &with(isced), expected);
        }
        covers(json!({"iscedPrefix": ["10", "0715"]}), &with(&["0715"]), Covered::Yes);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (scope, pointer) in [
            (json!({}), ""),
            (json!({"types": ["diploma"], "region": "north"}), "/region"),
            (json!({"Framework": "VQF"}), "/Framework"),
            (json!({"types": []}), "/types"),
            (json!({"types": null}), "/types"),
            (json!({"types": ["diploma", 4]}), "/types"),
            (json!({"mode": " "}), "/mode"),
            (json!({"iscedPrefix": ""}), "/iscedPrefix"),
            (json!({"iscedPrefix": "7"}), "/iscedPrefix"),
            (json!({"iscedPrefix": "07150"}), "/iscedPrefix"),
            (json!({"iscedPrefix": 71}), "/iscedPrefix"),
            (json!({"iscedPrefix": "07x"}), "/iscedPrefix"),
            (json!({"framework": ["VQF"]}), "/framework"),
            (json!({"framework": "VQF", "levelMin": "4"}), "/levelMin"),
            (json!({"framework": "VQF", "levelMin": -1}), "/levelMin"),
            (json!({"framework": "VQF", "levelMax": 5.0}), "/levelMax"),
            (json!({"framework": "VQF", "levelMax": null}), "/levelMax"),
            (json!({"framework": "VQF", "levelMin": 5, "levelMax": 4}), "/levelMax"),
            (json!({"levelMin": 4, "levelMax": 5}), "/framework"),
            (json!({"campus": {"id": "x"}}), "/campus"),
            (json!({"qualificationId": vec!["urn:q:1"; MAX_VALUES + 1]}), "/qualificationId"),
        ] {
            assert_eq!(read(scope.clone()), Err(vec![pointer.to_owned()]), "{scope}");
        }
        assert!(read(json!({"framework": "VQF", "levelMin": 4, "levelMax": 4})).is_ok());
    }
}
