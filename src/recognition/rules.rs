//! The rule set and what national policy sets: data with defaults, so that a decision names what it was made under.

use serde_json::{Value, json};

use super::InputError;
use crate::accreditation;
use crate::codec::json;
use crate::credential::problem::{At, Problems};
use crate::credential::strict::Members;

/// recognition-rules/1 with the thresholds it begins with.
const BUILT_IN: &str = include_str!("data/recognition-rules-1.json");
/// The only rule set this program knows.
const RULE_SET: &str = "recognition-rules/1";

/// A rule set and its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Its name, `recognition-rules/1`.
    pub id: String,
    /// What national policy sets.
    pub policy: Policy,
}

/// What national policy sets; none of it is treaty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// From this percentage of the target's workload on, nothing is missing.
    pub workload_ok: u32,
    /// Below this percentage of the target's workload, the difference is substantial.
    pub workload_minimum: u32,
    /// From this percentage of the target's outcomes on, nothing is missing.
    pub outcomes_ok: u32,
    /// Below this percentage of the target's outcomes, the difference is substantial.
    pub outcomes_minimum: u32,
    /// For how many days after a loss of standing a registration is no back-dating yet shown.
    pub grace_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { workload_ok: 75, workload_minimum: 50, outcomes_ok: 80, outcomes_minimum: 50, grace_days: 90 }
    }
}

impl Default for RuleSet {
    fn default() -> Self {
        Self { id: RULE_SET.to_owned(), policy: Policy::default() }
    }
}

impl Policy {
    /// The part of it that rule R2 asks for.
    pub fn accreditation(&self) -> accreditation::Policy {
        accreditation::Policy { grace_days: self.grace_days }
    }
}

impl RuleSet {
    /// The file a policy begins from.
    pub fn built_in() -> &'static str {
        BUILT_IN
    }

    /// The rule set as it is read: `ruleSet` and every member of the `policy`.
    pub fn to_value(&self) -> Value {
        let policy = &self.policy;
        json!({"ruleSet": self.id, "policy": {
            "workloadOkPercent": policy.workload_ok,
            "workloadMinimumPercent": policy.workload_minimum,
            "outcomesOkPercent": policy.outcomes_ok,
            "outcomesMinimumPercent": policy.outcomes_minimum,
            "graceDays": policy.grace_days,
        }})
    }

    /// Reads a rule set: `ruleSet` and `policy`; a member of the policy that is left out keeps its default.
    pub fn parse(bytes: &[u8]) -> Result<RuleSet, InputError> {
        let value = json::parse(bytes)?;
        let mut problems = Problems::new();
        let read = read(&value, &mut problems);
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(InputError::Form(problems.into_vec())),
        }
    }
}

fn read(value: &Value, problems: &mut Problems) -> Option<RuleSet> {
    let members = Members::of(value, At::ROOT, problems)?;
    members.only(&["ruleSet", "policy"], problems);
    members.need("ruleSet", problems);
    let id = members.one_of("ruleSet", &[(RULE_SET, RULE_SET)], problems);
    let mut policy = Policy::default();
    if let Some(value) = members.need("policy", problems) {
        let at = members.at.name("policy");
        let given = Members::of(value, at, problems)?;
        let rows: [(&str, &mut u32, u32); 5] = [
            ("workloadOkPercent", &mut policy.workload_ok, 100),
            ("workloadMinimumPercent", &mut policy.workload_minimum, 100),
            ("outcomesOkPercent", &mut policy.outcomes_ok, 100),
            ("outcomesMinimumPercent", &mut policy.outcomes_minimum, 100),
            ("graceDays", &mut policy.grace_days, 3_660),
        ];
        given.only(&rows.each_ref().map(|(name, ..)| *name), problems);
        for (name, place, most) in rows {
            match given.whole(name, problems) {
                Some(number) if number > most => {
                    problems.add(&given.at.name(name), format!("no more than {most}"))
                }
                Some(number) => *place = number,
                None => {}
            }
        }
        for (minimum, ok, name) in [
            (policy.workload_minimum, policy.workload_ok, "workloadMinimumPercent"),
            (policy.outcomes_minimum, policy.outcomes_ok, "outcomesMinimumPercent"),
        ] {
            if minimum > ok {
                problems.add(&given.at.name(name), "the minimum lies above what is enough");
            }
        }
    }
    Some(RuleSet { id: id?.to_owned(), policy })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_the_defaults() {
        assert_eq!(RuleSet::parse(RuleSet::built_in().as_bytes()).unwrap(), RuleSet::default());
        let other = br#"{"ruleSet": "recognition-rules/1", "policy": {"graceDays": 30}}"#;
        let read = RuleSet::parse(other).unwrap();
        assert_eq!(read.policy, Policy { grace_days: 30, ..Policy::default() });
        assert_eq!(read.policy.accreditation().grace_days, 30);
        assert_eq!(RuleSet::parse(read.to_value().to_string().as_bytes()).unwrap(), read);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            (r#"{"ruleSet": "recognition-rules/2", "policy": {}}"#, "/ruleSet"),
            (r#"{"policy": {}}"#, "/ruleSet"),
            (r#"{"ruleSet": "recognition-rules/1", "policy": {"grace": 3}}"#, "/policy/grace"),
            (
                r#"{"ruleSet": "recognition-rules/1", "policy": {"workloadOkPercent": 101}}"#,
                "/policy/workloadOkPercent",
            ),
            (
                r#"{"ruleSet": "recognition-rules/1", "policy": {"outcomesOkPercent": 40}}"#,
                "/policy/outcomesMinimumPercent",
            ),
        ] {
            let said = RuleSet::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(said.starts_with(named), "{text}: {said}");
        }
    }
}
