//! Qualifications frameworks as data: one file a framework, with its sources and how sure we are.
//!
//! A country is added by a file and a row here, without other code. What is not known is `null`, never a guess.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

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
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Framework {
    /// Its id, unique over all countries: `VQF`, `LNQF`, `PQF-PH`, ….
    pub id: String,
    /// `national`, `sectoral`, `regional-reference`, `system`, ….
    pub kind: String,
    /// Its country (ISO 3166-1 alpha-2) or region.
    pub territory: String,
    /// Its name by language tag.
    pub name: BTreeMap<String, String>,
    /// Its levels from the lowest; empty for a system without levels.
    pub levels: Vec<Level>,
    /// Where this was found.
    pub sources: Vec<Source>,
    /// How sure we are of it.
    pub confidence: String,
    /// When this was compiled, a calendar date.
    pub compiled: String,
}

/// A level of a framework.
#[derive(Debug, Clone, Deserialize)]
pub struct Level {
    /// Its code within the framework.
    pub code: String,
    /// What awards at this level are called, by language tag; empty where not known.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
    /// Whether vocational awards stand at this level, where known.
    #[serde(default)]
    pub vocational: Option<bool>,
}

/// Where a fact was found.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// Its short name.
    pub id: String,
    /// Its address, where it has one.
    #[serde(default)]
    pub url: Option<String>,
    /// What it says of itself.
    #[serde(default)]
    pub note: Option<String>,
}

impl Framework {
    /// The level with this code.
    pub fn level(&self, code: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }
}

/// A file that is not what this program reads is left out here; a test reads them all.
static ALL: LazyLock<Vec<Framework>> =
    LazyLock::new(|| FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect());

/// Every framework, by file name.
pub fn all() -> &'static [Framework] {
    &ALL
}

/// The framework with this id.
pub fn by_id(id: &str) -> Option<&'static Framework> {
    ALL.iter().find(|framework| framework.id == id)
}

/// The level with this code in the framework with this id.
pub fn level(id: &str, code: &str) -> Option<&'static Level> {
    by_id(id)?.level(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_says_where_it_is_from() {
        for (name, text) in FILES {
            let framework: Framework = serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(framework.id.to_lowercase(), *name);
            assert!(!framework.sources.is_empty() && !framework.confidence.is_empty(), "{name}");
            assert!(crate::credential::validity::Day::parse(&framework.compiled).is_ok(), "{name}");
            let codes: std::collections::HashSet<_> =
                framework.levels.iter().map(|level| &level.code).collect();
            assert_eq!(codes.len(), framework.levels.len(), "{name}: a code twice");
        }
        assert_eq!(all().len(), FILES.len());
    }

    #[test]
    fn levels_are_found_by_code() {
        assert_eq!(level("VQF", "5").unwrap().titles["vi"], "Bằng tốt nghiệp cao đẳng");
        assert!(
            level("LNQF", "5").is_some() && level("VN-NOSQF", "3").is_some() && level("HKQF", "7").is_some()
        );
        for (framework, code) in [("VQF", "9"), ("VQF", "05"), ("PQF", "4"), ("WSQ", "1"), ("", "")] {
            assert!(level(framework, code).is_none(), "{framework} {code}");
        }
    }
}
