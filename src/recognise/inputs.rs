//! Exactly what a decision is made from, as JSON: facts, request, the part of the store it may ask for, and the rules.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::facts::values;
use crate::accreditation::{Change, Entry, Grant, Scope, Standing};
use crate::credential::validity::Day;
use crate::did::Did;
use crate::framework::maps::{Basis, HUBS, LevelMap};
use crate::framework::{self, Framework};
use crate::recognition::{self, Decision, InputError, RuleSet, Store};
use crate::trust::Trust;

/// What a decision is made from: the members `facts`, `request`, `store` and `rules`, in this order. The same JSON, in the
/// same order, decides the same years later.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs(Value);

/// Where the store's part comes from.
pub struct Sources<'a> {
    /// The lists pinned here: who was granted what.
    pub trust: &'a Trust,
    /// The agreements of the authority that decides, as [`Store::parse`] reads them.
    pub agreements: &'a [&'a Value],
    /// The rules it decides by.
    pub rules: &'a RuleSet,
    /// The day of the application, for which a list has to be in force.
    pub now: jiff::Timestamp,
}

/// Puts together what a request for an award is decided from: `facts` as [`super::facts()`] tells them, and `request` as
/// recognition-rules/1 asks. Of the lists, the grants of the issuer alone; of the agreements, those from its country to the
/// one that is asked; of the level maps, those between the frameworks of award and target and their hubs. What somebody
/// assumed is no map here.
pub fn inputs(facts: &Map<String, Value>, request: &Map<String, Value>, sources: &Sources<'_>) -> Inputs {
    let values = values(facts);
    let text =
        |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    let issuer = text(&values, "issuer");
    let direction = (text(&values, "country"), text(request, "country"));
    let day = text(request, "date").unwrap_or_default();
    let agreements: Vec<&Value> =
        sources.agreements.iter().copied().filter(|agreement| is_between(agreement, &direction)).collect();
    let target = request.get("target").and_then(Value::as_object);
    let frameworks = [text(&values, "framework"), target.and_then(|target| text(target, "framework"))];
    let store = json!({
        "issuers": issuer.map(|issuer| issuers(&issuer, sources.trust, sources.now, &day)).unwrap_or_default(),
        "agreements": agreements,
        "maps": maps(&frameworks),
    });
    let asked_for = conditioned(&agreements);
    let judged = values
        .into_iter()
        .filter(|(name, _)| recognition::FACTS.contains(&name.as_str()) || asked_for.contains(name.as_str()));
    Inputs(json!({
        "facts": judged.collect::<Map<_, _>>(),
        "request": request,
        "store": store,
        "rules": sources.rules.to_value(),
    }))
}

impl Inputs {
    /// What was put together before, as it was kept.
    pub fn of(kept: Value) -> Self {
        Self(kept)
    }

    /// As it is kept.
    pub fn to_value(&self) -> &Value {
        &self.0
    }

    /// Decides from these inputs and nothing else.
    ///
    /// # Errors
    /// Each member that cannot be used; nothing is decided then.
    pub fn decide(&self) -> Result<Decision, InputError> {
        let part = |name: &str| self.0.get(name).unwrap_or(&Value::Null).to_string();
        let store = Store::parse(part("store").as_bytes())?;
        let rules = RuleSet::parse(part("rules").as_bytes())?;
        let case = json!({"credential": self.0.get("facts"), "request": self.0.get("request")});
        let cases = recognition::cases(case.to_string().as_bytes(), &store)?;
        let case = cases.first().ok_or_else(|| InputError::Form(Vec::new()))?;
        Ok(recognition::decide(&case.facts, &case.request, &store, &rules))
    }
}

/// The issuer as the one list that names it has it, for a request of that `day`. On none, or on several that contradict one
/// another, it is on none.
pub(super) fn issuers(issuer: &str, trust: &Trust, now: jiff::Timestamp, day: &str) -> Map<String, Value> {
    let mut issuers = Map::new();
    let Ok(did) = Did::parse(issuer) else { return issuers };
    if let [only] = trust.listings(&did).as_slice()
        && let Some((list, entry)) = only.get()
    {
        let days = Day::parse(day).ok().zip(Day::of(now));
        let grants: Vec<Value> = entry.grants.iter().map(|one| grant(one, days)).collect();
        let pinned = !list.is_over(now);
        issuers.insert(issuer.to_owned(), json!({"chainToPinnedAnchor": pinned, "grants": grants}));
    }
    issuers
}

/// A grant for a request of the first of the `days`, on the second. An annulment works back: it counts as known on the day of
/// the request, also where it was decided since. Of every other change only what had come by that day counts.
fn grant(grant: &Grant, days: Option<(Day, Day)>) -> Value {
    let mut out = json!({"id": grant.id, "from": grant.from.to_string()});
    if let Some(to) = grant.to {
        out["to"] = json!(to.to_string());
    }
    out["scope"] = grant.scopes.iter().map(scope).collect();
    let known_since = |entry: &Entry| match (entry.change, days) {
        (Change::Annulled { .. }, Some((day, today))) if entry.since <= today => entry.since.min(day),
        _ => entry.since,
    };
    let mut entries: Vec<(Day, &Entry)> = grant.history.iter().map(|one| (known_since(one), one)).collect();
    entries.sort_by_key(|(since, _)| *since);
    let history: Vec<Value> = entries
        .into_iter()
        .map(|(since, entry)| {
            let since = since.to_string();
            match entry.change {
                Change::To(standing) => json!({"status": word(standing), "since": since}),
                Change::Annulled { effective } => {
                    json!({"status": "annulled", "since": since, "effective": effective.to_string()})
                }
            }
        })
        .collect();
    if !history.is_empty() {
        out["history"] = json!(history);
    }
    out
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Granted => "granted",
        Standing::TeachOut => "teach-out",
        Standing::Suspended => "suspended",
        Standing::Withdrawn => "withdrawn",
    }
}

fn scope(scope: &Scope) -> Value {
    let mut out = Map::new();
    for (name, values) in [
        ("qualificationId", &scope.qualification_ids),
        ("iscedPrefix", &scope.isced_prefixes),
        ("types", &scope.types),
        ("mode", &scope.modes),
        ("campus", &scope.campuses),
    ] {
        if !values.is_empty() {
            out.insert(name.to_owned(), json!(values));
        }
    }
    if let Some(framework) = &scope.framework {
        out.insert("framework".to_owned(), json!(framework));
    }
    for (name, level) in [("levelMin", scope.level_min), ("levelMax", scope.level_max)] {
        if let Some(level) = level {
            out.insert(name.to_owned(), json!(level));
        }
    }
    Value::Object(out)
}

/// Whether a scope of the agreement leads from the one country to the other.
pub(super) fn is_between(agreement: &Value, (origin, receiving): &(Option<String>, Option<String>)) -> bool {
    let scopes = agreement.get("scope").and_then(Value::as_array);
    scopes.into_iter().flatten().any(|scope| {
        let leads = |name: &str, end: &Option<String>| {
            end.is_some() && scope.get(name).and_then(Value::as_str) == end.as_deref()
        };
        leads("origin", origin) && leads("receiving", receiving)
    })
}

/// The facts that the conditions of these agreements ask for.
fn conditioned<'a>(agreements: &[&'a Value]) -> BTreeSet<&'a str> {
    let list = |value: &'a Value, name: &str| value.get(name).and_then(Value::as_array);
    agreements
        .iter()
        .flat_map(|agreement| list(agreement, "scope").into_iter().flatten())
        .flat_map(|scope| list(scope, "conditions").into_iter().flatten())
        .filter_map(|condition| condition.get("field")?.as_str())
        .collect()
}

/// The maps that levels of these frameworks are compared by.
fn maps(concerned: &[Option<String>]) -> Map<String, Value> {
    let mut maps = Map::new();
    let known: Vec<&Framework> = concerned.iter().flatten().filter_map(|id| framework::by_id(id)).collect();
    for from in &known {
        let ends = known.iter().map(|to| to.id.as_str()).chain(HUBS).filter(|to| *to != from.id);
        for to in ends {
            let mut rows = from.referencing.iter().filter(|row| row.to == to);
            if let Some(map) = rows.find_map(|row| row.map.as_ref()) {
                maps.insert(format!("{}>{to}", from.id), level_map(map));
            }
        }
    }
    maps
}

fn level_map(map: &LevelMap) -> Value {
    let basis = match map.basis {
        Basis::Published => "published",
        Basis::Indicative => "indicative",
        Basis::Assumed => "assumed",
    };
    let levels: Map<String, Value> =
        map.levels.iter().map(|(level, to)| (level.to_string(), json!(to))).collect();
    json!({"basis": basis, "map": levels})
}
