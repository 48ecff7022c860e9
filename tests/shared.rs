//! Finds the official vectors and worked examples that lie beside the checkout, or says by name what is skipped.

use std::path::PathBuf;

use serde_json::Value;

/// `../shared/PATH`, or `$TESTAMUR_SHARED/PATH`. `None`, with a word on stderr, when it is not there.
pub fn path(path: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
    let root = std::env::var_os("TESTAMUR_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: {path} is absent ({} does not hold it)", root.display());
    None
}

/// The JSON in `../shared/PATH`.
pub fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_slice(&std::fs::read(path(name)?).unwrap()).unwrap())
}

/// The text in `../shared/PATH`, without white space at its ends.
pub fn text(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(path(name)?).unwrap().trim().to_owned())
}

/// The files ending in `suffix` in `../shared/PATH`, sorted; empty when the folder is absent.
pub fn files(folder: &str, suffix: &str) -> Vec<PathBuf> {
    let Some(folder) = path(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(suffix));
    found.sort();
    found
}
