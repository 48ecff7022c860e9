//! Qualifications frameworks as data: one file a framework, each row with its source, its date and how sure we are.
//!
//! A country is added by a file and its name in the table here, without other code. What is not known is `null`, never a
//! guess.

pub mod lines;
pub mod maps;
pub mod read;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde_json::Value;

pub use maps::{Basis, LevelMap, Levels, Maps};
pub use read::DataError;

macro_rules! files {
    ($($name:literal)*) => {
        /// Every framework file, as compiled in.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("data/", $name, ".json"))),)*];
    };
}

files! {
    "aqf" "aqrf" "bdqf" "cn-vet" "cqf" "eqf" "hkqf" "jp" "kkni" "kqf" "lnqf" "mnqf" "mqf" "nzqcf" "pacificqf" "pqf-ph"
    "thqf" "tlnqf" "vn-nosqf" "vqf" "wsq"
}

/// A qualifications framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id, unique over all countries: `VQF`, `LNQF`, `PQF-PH`, ….
    pub id: String,
    /// `national`, `sectoral`, `regional-reference`, `system`, ….
    pub kind: String,
    /// Its country (ISO 3166-1 alpha-2) or region.
    pub territory: String,
    /// Its name by language tag.
    pub name: BTreeMap<String, String>,
    /// The law it rests on, where known.
    pub legal_basis: Option<String>,
    /// When and by whom it was endorsed, where known.
    pub endorsed: Option<String>,
    /// What its levels are described by.
    pub domains: Vec<String>,
    /// Its levels from the lowest; empty for a system without levels.
    pub levels: Vec<Level>,
    /// Titles of awards that stand at no level.
    pub titles_without_level: Vec<Title>,
    /// How it was compared with others.
    pub referencing: Vec<Referencing>,
    /// Where this was found.
    pub sources: Vec<Source>,
    /// How sure we are of it.
    pub confidence: String,
    /// When this was compiled, a calendar date.
    pub compiled: String,
    /// What a reader should know.
    pub note: Option<String>,
    /// What could not be found out.
    pub open_questions: Vec<String>,
}

/// A level of a framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Its code within the framework.
    pub code: String,
    /// What awards at this level are called.
    pub title: Title,
}

/// What awards are called, and where that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The title by language tag; empty where not known.
    pub titles: BTreeMap<String, String>,
    /// Whether vocational awards stand here, where known.
    pub vocational: Option<bool>,
    /// The fewest credits: a number, or an object of numbers by what they depend on.
    pub min_credits: Option<Value>,
    /// The id of the source.
    pub source: String,
    /// When it was found, a calendar date.
    pub date: String,
    /// How sure we are of it; `seen` when it was read from the source.
    pub confidence: String,
}

/// A comparison with another framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referencing {
    /// The other framework.
    pub to: String,
    /// `adopted`, `published`, `not-found`, ….
    pub status: String,
    /// When, a calendar date or a month, where known.
    pub date: Option<String>,
    /// The id of the source, where there is one.
    pub source: Option<String>,
    /// How sure we are of it.
    pub confidence: String,
    /// The table of levels, where it was read.
    pub map: Option<LevelMap>,
    /// A table nobody published: to be shown as *indicative*, never for a verdict.
    pub assumed: Option<LevelMap>,
    /// How sure we are of the assumption.
    pub assumed_confidence: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// Where a fact was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its short name.
    pub id: String,
    /// Its address, where it has one.
    pub url: Option<String>,
    /// What it says of itself.
    pub note: Option<String>,
}

impl Framework {
    /// The level with this code.
    pub fn level(&self, code: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }
}

/// A table counts as published when its adoption is known and the table itself was read from its source.
fn basis(status: &str, confidence: &str) -> Basis {
    if matches!(status, "adopted" | "published") && confidence.starts_with("seen") {
        Basis::Published
    } else {
        Basis::Indicative
    }
}

struct Known {
    all: Vec<Framework>,
    places: HashMap<String, usize>,
    faults: Vec<DataError>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for (file, text) in FILES {
        match read::framework(file, text.as_bytes()) {
            Ok(framework) => all.push(framework),
            Err(fault) => faults.push(fault),
        }
    }
    let places = all.iter().enumerate().map(|(place, framework)| (framework.id.clone(), place)).collect();
    Known { all, places, faults }
});

/// Every framework, by file name.
///
/// # Errors
/// The first file that is not what this program reads, and its member.
pub fn all() -> Result<&'static [Framework], &'static DataError> {
    match KNOWN.faults.first() {
        None => Ok(&KNOWN.all),
        Some(fault) => Err(fault),
    }
}

/// The framework with this id.
pub fn by_id(id: &str) -> Option<&'static Framework> {
    KNOWN.all.get(*KNOWN.places.get(id)?)
}

/// The file of a framework as it is kept: a JSON object.
pub fn document(id: &str) -> Option<&'static str> {
    let known = by_id(id)?;
    FILES.iter().find(|(file, _)| known.id.eq_ignore_ascii_case(file)).map(|(_, text)| *text)
}

/// The level with this code in the framework with this id.
pub fn level(id: &str, code: &str) -> Option<&'static Level> {
    by_id(id)?.level(code)
}

#[cfg(test)]
mod tests;
