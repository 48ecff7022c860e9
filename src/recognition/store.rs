//! What a decision is made from: issuers with their grants, agreements, and maps between frameworks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::InputError;
use super::agreement::{Agreement, conditioned};
use crate::accreditation::{self, Change, Entry, Grant, Standing};
use crate::codec::json::{self, Limits};
use crate::credential::problem::{At, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;
use crate::framework::maps::{Basis, LevelMap, Maps};
use crate::framework::{self, read};

/// How large a store may be.
const LIMITS: Limits = Limits { max_bytes: 32 << 20, max_depth: 32, max_values: 2_000_000 };
/// Most issuers.
const MAX_ISSUERS: usize = 100_000;
/// Most grants of one issuer: the work of judging them grows with their square.
const MAX_GRANTS: usize = 256;
/// Most scopes of a grant, and entries of its history.
const MAX_ROWS: usize = 256;
/// Most agreements.
const MAX_AGREEMENTS: usize = 20_000;
/// Most maps between frameworks.
const MAX_MAPS: usize = 1_024;

/// The inputs of a decision that are not the applicant's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Store {
    issuers: BTreeMap<String, Issuer>,
    agreements: Vec<Agreement>,
    maps: Maps,
}

/// An issuer on a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Issuer {
    /// Whether its list leads to an anchor pinned here.
    pub pinned: bool,
    /// What it was granted, in the order of the first days, then of the ids.
    pub grants: Vec<Grant>,
}

impl Store {
    /// Reads a store: `issuers`, `agreements`, `maps`.
    ///
    /// # Errors
    /// Text that is not strict JSON, and every member that is not known or not what it must be.
    pub fn parse(bytes: &[u8]) -> Result<Store, InputError> {
        let value = json::parse_with(bytes, &LIMITS)?;
        let mut problems = Problems::new();
        match read_store(&value, &mut problems) {
            Some(store) if problems.is_empty() => Ok(store),
            _ => Err(InputError::Form(problems.into_vec())),
        }
    }

    pub(super) fn issuer(&self, id: &str) -> Option<&Issuer> {
        self.issuers.get(id)
    }

    /// The agreements in the order in which they are asked: by kind, then by id.
    pub fn agreements(&self) -> &[Agreement] {
        &self.agreements
    }

    /// The maps between frameworks.
    pub fn maps(&self) -> &Maps {
        &self.maps
    }

    /// The facts that its agreements' conditions ask for.
    pub(super) fn conditioned(&self) -> BTreeSet<String> {
        conditioned(&self.agreements)
    }
}

fn read_store(value: &Value, problems: &mut Problems) -> Option<Store> {
    let members = Members::of(value, At::ROOT, problems)?;
    members.only(&["note", "issuers", "agreements", "maps"], problems);
    let mut store = Store::default();
    members.entries("issuers", MAX_ISSUERS, problems, |id, value, at, problems| {
        if let Some(issuer) = issuer(value, at, problems) {
            store.issuers.insert(id.to_owned(), issuer);
        }
    });
    let mut ids = BTreeSet::new();
    members.items("agreements", MAX_AGREEMENTS, problems, |value, at, problems| {
        let Some(agreement) = Agreement::read(value, at, problems) else { return };
        if !ids.insert(agreement.id.clone()) {
            problems.add(&at.name("id"), "this id stands in the list already");
        }
        store.agreements.push(agreement);
    });
    store.agreements.sort_by(|one, other| (one.kind, &one.id).cmp(&(other.kind, &other.id)));
    members.entries("maps", MAX_MAPS, problems, |name, value, at, problems| {
        let Some((from, to)) = name.split_once('>').filter(|(from, to)| from != to) else {
            problems.add(at, "a map is named by two frameworks, such as VQF>AQRF");
            return;
        };
        if let Some(map) = map(from, to, value, at, problems) {
            store.maps.insert(from, to, map);
        }
    });
    Some(store)
}

fn issuer(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Issuer> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["chainToPinnedAnchor", "grants", "name", "note"], problems);
    members.need("grants", problems);
    let mut grants: Vec<Grant> = Vec::new();
    members.items("grants", MAX_GRANTS, problems, |value, at, problems| {
        let Some(grant) = grant(value, at, problems) else { return };
        if grants.iter().any(|other| other.id == grant.id) {
            problems.add(&at.name("id"), "this id stands in the list already");
        }
        grants.push(grant);
    });
    grants.sort_by(|one, other| (one.from, &one.id).cmp(&(other.from, &other.id)));
    Some(Issuer { pinned: members.flag("chainToPinnedAnchor", problems).unwrap_or(true), grants })
}

/// A grant as a store keeps it: `from`, `to`, `status`, and an id that need not be a URL.
fn grant(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Grant> {
    let members = Members::of(value, *at, problems)?;
    members.only(&["id", "from", "to", "scope", "history", "note"], problems);
    for name in ["id", "from", "scope"] {
        members.need(name, problems);
    }
    let (from, to) = (members.day("from", problems), members.day("to", problems));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        problems.add(&members.at.name("to"), "it ends before it begins");
    }
    let mut scopes = Vec::new();
    members.items("scope", MAX_ROWS, problems, |value, at, problems| match value.as_object() {
        Some(scope) => scopes.extend(accreditation::Scope::parse(scope, at, problems)),
        None => problems.add(at, "an object is needed here"),
    });
    let mut history: Vec<Entry> = Vec::new();
    members.items("history", MAX_ROWS, problems, |value, at, problems| {
        let Some(entry) = entry(value, at, problems) else { return };
        if history.last().is_some_and(|last| entry.since < last.since) {
            problems.add(&at.name("since"), "the history is not in the order of its days");
        }
        history.push(entry);
    });
    Some(Grant {
        id: members.text("id", problems)?.to_owned(),
        decision_number: None,
        from: from?,
        to,
        scopes,
        history,
        accreditation: None,
    })
}

fn entry(value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<Entry> {
    const ANNULLED: Option<Standing> = None;
    let members = Members::of(value, *at, problems)?;
    members.only(&["status", "since", "effective", "note"], problems);
    members.need("status", problems);
    members.need("since", problems);
    let table = [
        ("granted", Some(Standing::Granted)),
        ("teach-out", Some(Standing::TeachOut)),
        ("suspended", Some(Standing::Suspended)),
        ("withdrawn", Some(Standing::Withdrawn)),
        ("annulled", ANNULLED),
    ];
    let status = members.one_of("status", &table, problems)?;
    let since = members.day("since", problems)?;
    let effective: Option<Day> = members.day("effective", problems);
    let change = match status {
        Some(standing) => {
            if members.get("effective").is_some() {
                problems
                    .add(&members.at.name("effective"), "only an annulment takes effect on a day of its own");
            }
            Change::To(standing)
        }
        None => {
            members.need("effective", problems);
            Change::Annulled { effective: effective? }
        }
    };
    Some(Entry { change, since, recorded_at: None })
}

fn map(from: &str, to: &str, value: &Value, at: &At<'_>, problems: &mut Problems) -> Option<LevelMap> {
    let (Some(source), Some(target)) = (framework::by_id(from), framework::by_id(to)) else {
        problems.add(at, "no such qualifications framework is known here");
        return None;
    };
    let members = Members::of(value, *at, problems)?;
    members.only(&["basis", "map", "note", "source", "date"], problems);
    members.need("basis", problems);
    members.need("map", problems);
    let levels = read::level_map(&members, "map", problems);
    let rows = members.at.name("map");
    for (level, comparable) in &levels {
        let code = level.to_string();
        let unknown = |level: &u32| target.level(&level.to_string()).is_none();
        if source.level(&code).is_none() {
            problems.add(&rows.name(&code), format!("{from} has no such level"));
        } else if comparable.iter().any(unknown) {
            problems.add(&rows.name(&code), format!("{to} has no such level"));
        }
    }
    let basis =
        [("published", Basis::Published), ("indicative", Basis::Indicative), ("assumed", Basis::Assumed)];
    Some(LevelMap { basis: members.one_of("basis", &basis, problems)?, levels })
}
