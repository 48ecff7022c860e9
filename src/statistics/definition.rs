//! What is counted and by what: `data/definitions.json`, read once.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

const DEFINITIONS: &str = include_str!("data/definitions.json");

/// Everything that is counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definitions {
    /// The version of the definitions; a figure is comparable with those of the same one.
    pub version: String,
    /// In words, what the public is told.
    pub protection: Vec<String>,
    /// What is counted.
    pub subjects: Vec<Subject>,
}

/// Something that is counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Subject {
    /// Its name in URLs.
    pub id: String,
    /// What counts as one, in words.
    pub counts: Vec<String>,
    /// The kinds of credential that are one, where it is counted from credentials.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether it is about persons, so that fewer than five are not told.
    pub persons: bool,
    /// How many of the dimensions are withheld last.
    pub outer: usize,
    /// By what it is counted when nothing is asked for.
    pub usual: Vec<String>,
    /// By what it can be counted.
    pub dimensions: Vec<Dimension>,
}

/// A dimension of a subject.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dimension {
    /// Its name in URLs, files and answers.
    pub id: String,
    /// Where its value comes from and how it is made, in words.
    pub value: String,
    /// Every value there may be, where these are few; elsewhere their form is checked.
    #[serde(default)]
    pub values: Vec<String>,
}

/// What this service counts.
pub fn definitions() -> &'static Definitions {
    static READ: LazyLock<Definitions> = LazyLock::new(|| match serde_json::from_str(DEFINITIONS) {
        Ok(read) => read,
        // A test reads the file; what cannot be read counts nothing.
        Err(_) => Definitions { version: String::new(), protection: Vec::new(), subjects: Vec::new() },
    });
    &READ
}

/// The definitions as they are told.
pub fn document() -> Value {
    serde_json::from_str(DEFINITIONS).unwrap_or_default()
}

impl Definitions {
    /// The subject of this name.
    pub fn subject(&self, id: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_can_be_read() {
        let read: Definitions = serde_json::from_str(DEFINITIONS).unwrap();
        assert!(!read.version.is_empty());
        for subject in &read.subjects {
            let known = |id: &String| subject.dimensions.iter().any(|dimension| dimension.id == *id);
            assert!(
                subject.usual.iter().all(known) && subject.outer <= subject.dimensions.len(),
                "{}",
                subject.id
            );
            assert!(
                subject.dimensions.len() <= 12,
                "{}: the stages of protecting double with each",
                subject.id
            );
        }
    }
}
