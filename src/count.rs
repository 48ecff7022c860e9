//! The count: a cohort's leaves against its graduates, a log's leaves against those accounted for. Pure: no clock, no
//! store is asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::institution::Slug;
use crate::store::{Behind, Cohort, CountedLeaf, Cursor, Delivery};

/// What the authorities of a service have counted so far: read from the store when first asked for, then carried on.
pub type Counts = tokio::sync::Mutex<BTreeMap<Slug, Held>>;

/// What is held of one authority.
#[derive(Debug, Default)]
pub struct Held {
    /// What was added up.
    pub tally: Tally,
    /// The last announcement added.
    pub cohorts: Option<Cursor>,
    /// The largest size of each log that was seen, by origin.
    pub sizes: BTreeMap<String, u64>,
}

/// Which cohort: issuer, kind, programme, award date. What a credential does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The DID of the issuer.
    pub issuer: String,
    /// The name of the kind of credential.
    pub kind: String,
    /// The programme.
    pub programme: String,
    /// The award date, `YYYY-MM-DD`.
    pub award_date: String,
}

/// Everything that was delivered and announced, added up. Costs what there are of cohorts and logs, not of leaves.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    cohorts: BTreeMap<Key, Sum>,
    /// By origin: the leaf awaited, and how many were erased, by issuer.
    logs: BTreeMap<String, Log>,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    leaves: u64,
    /// When the first of them came.
    since: Option<Timestamp>,
    announced: Option<u64>,
    /// How often it was announced.
    times: u64,
}

#[derive(Debug, Clone, Default)]
struct Log {
    next: u64,
    /// How long it was when that was delivered.
    size: u64,
    erased: BTreeMap<String, u64>,
}

/// How a log stands outside of what was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Which log.
    pub origin: String,
    /// How many leaves it has, as far as was seen; `None` before it was seen.
    pub size: Option<u64>,
    /// Since when it is known to be longer than what is accounted for.
    pub behind: Option<Behind>,
}

/// What came out for a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As many leaves as graduates.
    Equal,
    /// Some graduates have none yet.
    Fewer,
    /// There are leaves that no graduate has.
    More,
    /// Nobody said how many graduates there are.
    NotAnnounced,
}

impl Outcome {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Fewer => "fewer",
            Self::More => "more",
            Self::NotAnnounced => "not announced",
        }
    }
}

/// A cohort, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Which.
    pub key: Key,
    /// How many leaves were delivered.
    pub leaves: u64,
    /// How many graduates were announced.
    pub graduates: Option<u64>,
    /// How often that was announced.
    pub announced: u64,
    /// What came out.
    pub outcome: Outcome,
    /// Whether it is an alarm.
    pub alarm: bool,
}

/// A log, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedLog {
    /// Which.
    pub origin: String,
    /// How many leaves it has, as far as was seen.
    pub size: Option<u64>,
    /// Up to which leaf it is accounted for.
    pub delivered_to: u64,
    /// How many leaves are not accounted for.
    pub unaccounted: u64,
    /// Since when, as far as was seen.
    pub since: Option<Timestamp>,
    /// How many were erased before they were accounted for.
    pub erased: u64,
    /// Whether it is an alarm.
    pub alarm: bool,
}

/// The count of an authority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Every cohort there are leaves or graduates of.
    pub cohorts: Vec<Counted>,
    /// Every log.
    pub logs: Vec<CountedLog>,
    /// Issuers with more leaves that were erased before they were accounted for than graduates without a leaf: these
    /// leaves are nobody's.
    pub erased_beyond: Vec<String>,
}

/// An alarm that is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alarm {
    /// The cohort, log or issuer: the same as long as it is on.
    pub about: String,
    /// In words for whoever looks into it.
    pub told: String,
}

/// The kind that is counted person by person: who graduates gets one.
const COUNTED: &str = "diploma";

impl Tally {
    /// Adds a delivery. Those of a log are added in order; one added before is passed over.
    pub fn deliver(&mut self, delivery: &Delivery) {
        let log = self.logs.entry(delivery.origin.clone()).or_default();
        if delivery.from != log.next {
            return;
        }
        log.next += delivery.leaves.len() as u64;
        log.size = log.size.max(delivery.size);
        for leaf in &delivery.leaves {
            match leaf {
                CountedLeaf::Credential { institution, r#type, programme, award_date } => {
                    let key = Key {
                        issuer: institution.to_string(),
                        kind: r#type.clone(),
                        programme: programme.clone().unwrap_or_default(),
                        award_date: award_date.clone().unwrap_or_default(),
                    };
                    let sum = self.cohorts.entry(key).or_default();
                    sum.leaves += 1;
                    sum.since.get_or_insert(delivery.at);
                }
                CountedLeaf::Erased { institution } => {
                    *log.erased.entry(institution.to_string()).or_default() += 1;
                }
                CountedLeaf::StatusList | CountedLeaf::TrustList => {}
            }
        }
    }

    /// Adds what was announced of a cohort: in place of what was announced before.
    pub fn announce(&mut self, cohort: &Cohort) {
        let key = Key {
            issuer: cohort.issuer.to_string(),
            kind: cohort.r#type.clone(),
            programme: cohort.programme.clone(),
            award_date: cohort.award_date.clone(),
        };
        let sum = self.cohorts.entry(key).or_default();
        sum.announced = Some(cohort.graduates);
        sum.times += 1;
    }

    /// The leaf of a log that the next delivery to be added begins with.
    pub fn next(&self, origin: &str) -> u64 {
        self.logs.get(origin).map_or(0, |log| log.next)
    }

    /// The count at `now`: what stays unaccounted for, or unannounced, for longer than `grace` is an alarm.
    pub fn count(&self, stands: &[Stand], now: Timestamp, grace: SignedDuration) -> Count {
        let late = |since: Option<Timestamp>| since.is_some_and(|since| now.duration_since(since) > grace);
        let cohorts: Vec<Counted> = self.cohorts.iter().map(|(key, sum)| counted(key, sum, late)).collect();
        let origins: BTreeSet<&str> = self
            .logs
            .keys()
            .map(String::as_str)
            .chain(stands.iter().map(|stand| stand.origin.as_str()))
            .collect();
        let logs = origins.into_iter().map(|origin| self.log(origin, stands, late)).collect();
        let mut erased: BTreeMap<&str, u64> = BTreeMap::new();
        for (issuer, leaves) in self.logs.values().flat_map(|log| &log.erased) {
            *erased.entry(issuer).or_default() += leaves;
        }
        let missing = |issuer: &str| -> u64 {
            let of = cohorts.iter().filter(|one| one.key.issuer == issuer);
            of.filter_map(|one| Some(one.graduates?.saturating_sub(one.leaves))).sum()
        };
        let beyond = erased.into_iter().filter(|(issuer, leaves)| *leaves > missing(issuer));
        let erased_beyond = beyond.map(|(issuer, _)| issuer.to_owned()).collect();
        Count { cohorts, logs, erased_beyond }
    }

    fn log(&self, origin: &str, stands: &[Stand], late: impl Fn(Option<Timestamp>) -> bool) -> CountedLog {
        let stand = stands.iter().find(|stand| stand.origin == origin);
        let delivered_to = self.next(origin);
        let behind = stand.and_then(|stand| stand.behind).filter(|behind| behind.size > delivered_to);
        let delivered = self.logs.get(origin).map(|log| log.size);
        let size = stand.and_then(|stand| stand.size).max(behind.map(|behind| behind.size)).max(delivered);
        let since = behind.map(|behind| behind.since);
        CountedLog {
            origin: origin.to_owned(),
            size,
            delivered_to,
            unaccounted: size.unwrap_or_default().saturating_sub(delivered_to),
            since,
            erased: self.logs.get(origin).map_or(0, |log| log.erased.values().sum()),
            alarm: late(since),
        }
    }
}

fn counted(key: &Key, sum: &Sum, late: impl Fn(Option<Timestamp>) -> bool) -> Counted {
    let outcome = match sum.announced {
        None => Outcome::NotAnnounced,
        Some(graduates) if sum.leaves > graduates => Outcome::More,
        Some(graduates) if sum.leaves < graduates => Outcome::Fewer,
        Some(_) => Outcome::Equal,
    };
    let alarm = match outcome {
        Outcome::More => true,
        // Whoever hides diplomas in a cohort of their own.
        Outcome::NotAnnounced => key.kind == COUNTED && late(sum.since),
        Outcome::Equal | Outcome::Fewer => false,
    };
    Counted {
        key: key.clone(),
        leaves: sum.leaves,
        graduates: sum.announced,
        announced: sum.times,
        outcome,
        alarm,
    }
}

impl Count {
    /// How many cohorts do not have as many leaves as graduates; those never announced count where each graduate gets
    /// one.
    pub fn differing(&self) -> u64 {
        let differs = |one: &&Counted| match one.outcome {
            Outcome::Equal => false,
            Outcome::Fewer | Outcome::More => true,
            Outcome::NotAnnounced => one.key.kind == COUNTED,
        };
        self.cohorts.iter().filter(differs).count() as u64
    }

    /// How many leaves are not accounted for.
    pub fn unaccounted(&self) -> u64 {
        self.logs.iter().map(|log| log.unaccounted).sum()
    }

    /// Every alarm that is on.
    pub fn alarms(&self) -> Vec<Alarm> {
        let cohorts = self.cohorts.iter().filter(|one| one.alarm).map(|one| {
            let Key { issuer, kind, programme, award_date } = &one.key;
            let graduates = one.graduates.map_or_else(
                || "of a cohort that was never announced".to_owned(),
                |graduates| format!("for {graduates} graduates"),
            );
            let about = format!("{issuer}, {kind}, {programme}, {award_date}");
            Alarm { told: format!("{about}: {} leaves {graduates}", one.leaves), about }
        });
        let logs = self.logs.iter().filter(|log| log.alarm).map(|log| {
            let since = log.since.map(|since| since.to_string()).unwrap_or_default();
            let told = format!("{}: {} leaves, not accounted for since {since}", log.origin, log.unaccounted);
            Alarm { about: log.origin.clone(), told }
        });
        let erased = self.erased_beyond.iter().map(|issuer| {
            let told = format!("{issuer}: more leaves were erased unaccounted for than graduates have none");
            Alarm { about: issuer.clone(), told }
        });
        cohorts.chain(logs).chain(erased).collect()
    }

    /// As it is told to whoever may see cohorts.
    pub fn to_json(&self) -> Value {
        let cohort = |one: &Counted| {
            let or_null = |text: &String| if text.is_empty() { Value::Null } else { json!(text) };
            json!({
                "issuer": one.key.issuer, "type": one.key.kind, "programme": or_null(&one.key.programme),
                "awardDate": or_null(&one.key.award_date), "leaves": one.leaves, "graduates": one.graduates,
                "announced": one.announced, "outcome": one.outcome.as_str(), "alarm": one.alarm,
            })
        };
        let log = |log: &CountedLog| {
            json!({
                "origin": log.origin, "size": log.size, "deliveredTo": log.delivered_to,
                "unaccounted": log.unaccounted, "since": log.since, "erased": log.erased, "alarm": log.alarm,
            })
        };
        json!({
            "cohorts": self.cohorts.iter().map(cohort).collect::<Vec<_>>(),
            "logs": self.logs.iter().map(log).collect::<Vec<_>>(),
            "alarms": self.alarms().into_iter().map(|alarm| alarm.told).collect::<Vec<_>>(),
        })
    }
}
