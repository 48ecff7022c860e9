//! What an award is worth elsewhere, for a reader to see: its level in other frameworks, and what agreements give it.
//!
//! For display alone: an assumed table is shown here, as what it is, and decides nothing; what an agreement gives, the rules
//! decide upon an application.

use serde::Serialize;
use serde_json::{Map, Value};

use super::agreement::{Agreement, Kind, State};
use super::condition::Met;
use super::facts::{Facts, PURPOSES};
use super::judge::automatic::is_meant;
use super::scope::Scope;
use crate::credential::problem::{At, Problems};
use crate::credential::validity::Day;
use crate::framework::lines::{between, row};
use crate::framework::maps::HUBS;
use crate::framework::{self, Framework, Referencing};

/// What kinds of framework a national authority goes by.
const NATIONAL: &str = "national";

/// What an award is worth.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Worth {
    /// Where: ISO 3166-1 alpha-2; `None` where the reader has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where the award is from, by those who vouch for its issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Its own level, as its issuer states it; `None` where it names none that is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The same in the frameworks that others are referenced to, then in those of the country.
    pub compared: Vec<Comparison>,
    /// What agreements give in the country, in the order in which the rules ask them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Offer>,
    /// Statements of recognition made here about this very award.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
}

/// A level of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Level {
    /// The id of the framework.
    pub framework: &'static str,
    /// The level.
    pub level: u32,
}

/// The level in another framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The id of the other framework.
    pub framework: &'static str,
    /// The comparable levels; empty where the table names none, `None` where no table is known.
    pub levels: Option<Vec<u32>>,
    /// What the weakest table used rests on: `published`, `indicative`, `assumed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<&'static str>,
    /// The framework it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<&'static str>,
    /// What is known of the comparisons behind it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
}

/// A comparison of two frameworks, and where that is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The framework in whose file it stands.
    pub from: &'static str,
    /// The other one.
    pub to: &'static str,
    /// `adopted`, `published`, `not-found`, ….
    pub status: &'static str,
    /// When, a calendar date or a month, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<&'static str>,
    /// How sure we are: of the assumption, where it is one.
    pub confidence: &'static str,
    /// The id of its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// The address of its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'static str>,
}

/// What a scope of an agreement gives this award.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The id of the agreement.
    pub agreement: String,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What sort it is.
    #[serde(serialize_with = "by_word")]
    pub kind: Kind,
    /// Its first day in force.
    pub from: String,
    /// Its last day in force; `None` when it does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether its parties have signed it, each proof verified here or by the authority of the list; else it was recorded from paper.
    pub signed: bool,
    /// The DID of the institution that keeps it.
    pub keeper: String,
    /// The trust list that tells of it, where it is not kept here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ByList>,
    /// Whether it gives the level without an officer, once every condition is met.
    pub automatic: bool,
    /// The level it gives, written `LNQF:5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The title it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What for; empty for any purpose that is not a regulated profession.
    pub purposes: Vec<&'static str>,
    /// The only profession it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profession: Option<String>,
    /// What the award must meet besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Term>,
}

/// The trust list that tells of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByList {
    /// Of which territory.
    pub territory: String,
    /// Its number.
    pub sequence: u64,
    /// The day it was made.
    pub date: String,
}

/// A condition of an agreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// The fact it asks for.
    pub field: String,
    /// How that is compared: ge, gt, le, lt, eq, ne, in, not-in.
    pub op: &'static str,
    /// What it is compared with.
    pub value: Value,
    /// Whether this award meets it.
    pub met: Met,
}

/// A statement of recognition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its page.
    pub url: String,
    /// The verdict.
    pub verdict: String,
    /// The level it recognises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What for, as it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The day it was decided.
    pub date: String,
}

fn by_word<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

/// Where the level that the facts state stands in other frameworks: in those others are referenced to, and in those of the
/// country.
pub fn levels(facts: &Map<String, Value>, country: Option<&str>) -> Worth {
    let text = |name: &str| facts.get(name).and_then(Value::as_str);
    let own = text("framework").and_then(framework::by_id);
    let level = facts.get("level").and_then(Value::as_u64).and_then(|level| u32::try_from(level).ok());
    let own = own.zip(level).filter(|(own, level)| own.level(&level.to_string()).is_some());
    let of_country = framework::all()
        .unwrap_or_default()
        .iter()
        .filter(|framework| framework.kind == NATIONAL && Some(framework.territory.as_str()) == country);
    let others = HUBS.iter().filter_map(|hub| framework::by_id(hub)).chain(of_country);
    let compared = own.map(|(own, level)| {
        let others = others.filter(|other| other.id != own.id);
        others.map(|other| Comparison::of(own, level, other)).collect()
    });
    Worth {
        country: country.map(str::to_owned),
        origin: text("country").map(str::to_owned),
        level: own.map(|(own, level)| Level { framework: &own.id, level }),
        compared: compared.unwrap_or_default(),
        ..Worth::default()
    }
}

impl Comparison {
    fn of(own: &'static Framework, level: u32, other: &'static Framework) -> Self {
        let table = |one, other| row(one, other).map(|(from, row)| Table::of(from, row));
        let Some(lines) = between(own, other) else {
            let tables = table(own, other).into_iter().collect();
            return Self { framework: &other.id, levels: None, basis: None, via: None, tables };
        };
        let tables = match lines.via.and_then(framework::by_id) {
            None => [table(own, other), None],
            Some(hub) => [table(own, hub), table(other, hub)],
        };
        let to = lines.pairs.iter().filter(|(from, _)| *from == level).map(|(_, to)| *to);
        Self {
            framework: &other.id,
            levels: Some(to.collect()),
            basis: Some(lines.basis.as_str()),
            via: lines.via,
            tables: tables.into_iter().flatten().collect(),
        }
    }
}

impl Table {
    fn of(from: &'static Framework, row: &'static Referencing) -> Self {
        let assumed = row.assumed_confidence.as_deref().filter(|_| row.map.is_none());
        let source = row.source.as_deref();
        let known = from.sources.iter().find(|known| Some(known.id.as_str()) == source);
        Self {
            from: &from.id,
            to: &row.to,
            status: &row.status,
            date: row.date.as_deref(),
            confidence: assumed.unwrap_or(&row.confidence),
            source,
            url: known.and_then(|known| known.url.as_deref()),
        }
    }
}

/// An award, and where it is asked what agreements give it.
pub struct Question<'a> {
    facts: Facts,
    country: &'a str,
    today: Day,
}

impl<'a> Question<'a> {
    /// Of an award with these facts, in a country, on a day.
    pub fn new(facts: &Map<String, Value>, country: &'a str, today: Day) -> Self {
        let facts = Facts::read(facts, At::ROOT, &Default::default(), &mut Problems::new());
        Self { facts, country, today }
    }

    /// What the scopes of an agreement give; nothing where it is not in force, or not meant for the award. Who keeps it and how
    /// it is signed is told by whoever has it on file.
    pub fn offers(&self, agreement: &Agreement) -> Vec<Offer> {
        let Self { facts, country, today } = self;
        let to_it = |scope: &Scope| {
            scope.receiving == *country && facts.country.as_deref() == Some(scope.origin.as_str())
        };
        let Some(awarded_on) = facts.awarded_on else { return Vec::new() };
        let in_force = || {
            agreement.state_on(*today) == Some(State::InForce) && agreement.is_in_force(*today, awarded_on)
        };
        // Of the many that there may be, most are dismissed here.
        if agreement.kind == Kind::TrainingContract || !agreement.scopes.iter().any(to_it) || !in_force() {
            return Vec::new();
        }
        let Some(award) = facts.award() else { return Vec::new() };
        let day = agreement.day_that_counts(*today, awarded_on);
        let scopes = agreement.scopes.iter();
        let meant = scopes.filter(|scope| is_meant(facts, &award, Some(country), day, scope));
        meant.map(|scope| Offer::of(agreement, scope, facts)).collect()
    }
}

impl Offer {
    fn of(agreement: &Agreement, scope: &Scope, facts: &Facts) -> Self {
        let purposes = scope.purposes.iter();
        let word = |purpose| PURPOSES.iter().find(|(_, known)| known == purpose).map(|(word, _)| *word);
        let conditions = scope.conditions.iter().map(|condition| Term {
            field: condition.field.clone(),
            op: condition.op(),
            value: condition.value().clone(),
            met: condition.met(&facts.stated),
        });
        Self {
            agreement: agreement.id.clone(),
            name: None,
            kind: agreement.kind,
            from: agreement.from.to_string(),
            to: agreement.to.map(|day| day.to_string()),
            signed: false,
            keeper: String::new(),
            list: None,
            automatic: scope.automatic && scope.target.is_some(),
            level: scope.target.as_ref().map(ToString::to_string),
            title: scope.target_title.clone(),
            purposes: purposes.filter_map(word).collect(),
            profession: scope.profession.clone(),
            conditions: conditions.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::Store;
    use serde_json::json;

    fn facts(more: Value) -> Map<String, Value> {
        let mut facts = json!({"verification": "valid", "status": "good", "country": "VN", "issuer": "did:web:vn.example",
            "type": "diploma", "framework": "VQF", "level": 5, "awardDate": "2026-06-30", "title": "Hàn"});
        for (name, value) in more.as_object().unwrap() {
            facts[name] = value.clone();
        }
        facts.as_object().cloned().unwrap()
    }

    #[test]
    fn a_level_is_told_with_what_it_rests_on_and_what_is_unknown_is_told_so() {
        let worth = levels(&facts(json!({})), Some("LA"));
        assert_eq!(worth.level, Some(Level { framework: "VQF", level: 5 }));
        let [aqrf, eqf, lnqf] = worth.compared.as_slice() else { panic!("{:?}", worth.compared) };
        assert_eq!(
            (aqrf.framework, aqrf.levels.as_deref(), aqrf.basis),
            ("AQRF", Some(&[5][..]), Some("assumed"))
        );
        let table = &aqrf.tables[0];
        assert_eq!((table.status, table.date, table.confidence), ("adopted", Some("2025-10-24"), "memory"));
        assert!(table.url.is_some_and(|url| url.starts_with("https://")));
        assert_eq!((eqf.framework, &eqf.levels, eqf.basis, eqf.tables.len()), ("EQF", &None, None, 0));
        assert_eq!((lnqf.framework, &lnqf.levels), ("LNQF", &None));
        // Through a hub both tables are told, and the weaker one counts.
        let to_malaysia = levels(&facts(json!({})), Some("MY"));
        let mqf = to_malaysia.compared.last().unwrap();
        assert_eq!(
            (mqf.framework, mqf.via, mqf.basis, mqf.tables.len()),
            ("MQF", Some("AQRF"), Some("assumed"), 2)
        );
        // A published table, one level of which has no counterpart.
        let published = levels(&facts(json!({"framework": "NZQCF", "level": 8})), Some("HK"));
        let hkqf = published.compared.last().unwrap();
        assert_eq!((hkqf.levels.as_deref(), hkqf.basis), (Some(&[][..]), Some("published")));
    }

    #[test]
    fn without_a_level_nothing_is_compared() {
        for more in
            [json!({"level": null}), json!({"level": 9}), json!({"framework": "PQF"}), json!({"level": "5"})]
        {
            let worth = levels(&facts(more), Some("LA"));
            assert_eq!((worth.level, worth.compared), (None, vec![]));
        }
        let home = levels(&facts(json!({})), Some("VN"));
        assert!(
            home.compared.iter().all(|one| one.framework != "VQF"),
            "an award compares with itself nowhere"
        );
    }

    #[test]
    fn an_agreement_gives_what_it_says_on_the_day_for_the_award() {
        let agreement = json!({"id": "A1", "kind": "ministry", "state": "in-force", "from": "2026-10-01", "to": "2031-09-30",
            "scope": [{"origin": "VN", "receiving": "LA", "framework": "VQF", "levelMin": 5, "levelMax": 5,
                "types": ["diploma"], "purposes": ["further-study"], "automatic": true, "target": "LNQF:5",
                "conditions": [{"field": "notionalHours", "op": "ge", "value": 2000},
                    {"field": "mode", "op": "in", "value": ["in-person", "hybrid"]}]},
                {"origin": "VN", "receiving": "LA", "framework": "VQF", "levelMin": 6, "levelMax": 6},
                {"origin": "LA", "receiving": "VN"}]});
        let store = Store::parse(json!({"agreements": [agreement]}).to_string().as_bytes()).unwrap();
        let agreement = &store.agreements()[0];
        let day = |text: &str| Day::parse(text).unwrap();
        let offers = |facts: Map<String, Value>, country: &str, today: Day| {
            Question::new(&facts, country, today).offers(agreement)
        };
        let given = offers(facts(json!({"notionalHours": 1800})), "LA", day("2026-11-22"));
        assert_eq!(given.len(), 1);
        let offer = &given[0];
        assert_eq!(
            (offer.automatic, offer.level.as_deref(), &offer.purposes[..]),
            (true, Some("LNQF:5"), &["further-study"][..])
        );
        let met: Vec<_> = offer.conditions.iter().map(|term| (term.op, term.met)).collect();
        assert_eq!(met, [("ge", Met::No), ("in", Met::Unknown)]);
        // On the last day, and on the day after.
        assert_eq!(offers(facts(json!({})), "LA", day("2031-09-30")).len(), 1);
        for (more, country, today) in [
            (json!({}), "LA", "2031-10-01"),
            (json!({}), "LA", "2026-09-30"),
            (json!({}), "VN", "2026-11-22"),
            (json!({}), "TH", "2026-11-22"),
            (json!({"level": 4}), "LA", "2026-11-22"),
            (json!({"type": "micro-credential"}), "LA", "2026-11-22"),
            (json!({"country": "TH"}), "LA", "2026-11-22"),
            (json!({"awardDate": null}), "LA", "2026-11-22"),
        ] {
            assert_eq!(offers(facts(more.clone()), country, day(today)), [], "{more} {country} {today}");
        }
    }
}
