//! Refuses to build when a pinned JSON-LD context is not the one its README records: a signature depends on every byte.

use sha2::{Digest, Sha256};
use std::{fmt::Write as _, fs, path::Path, process::ExitCode};

const FOLDER: &str = "src/jsonld/contexts";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build.rs");
    match check(Path::new(FOLDER)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error={why}");
            ExitCode::FAILURE
        }
    }
}

/// Compares each `*.jsonld` with the SHA-256 in its row of README.md, both ways: no file without a row, no row without a file.
fn check(folder: &Path) -> Result<(), String> {
    let readme =
        fs::read_to_string(folder.join("README.md")).map_err(|e| format!("{FOLDER}/README.md: {e}"))?;
    let rows: Vec<(&str, &str)> = readme
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let file = cells.next().filter(|f| f.ends_with(".jsonld"))?;
            Some((file, cells.nth(2)?))
        })
        .collect();
    for (file, expected) in &rows {
        let bytes = fs::read(folder.join(file)).map_err(|e| format!("{FOLDER}/{file}: {e}"))?;
        let found = Sha256::digest(&bytes).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        if found != *expected {
            return Err(format!("{FOLDER}/{file} has SHA-256 {found}, README.md pins {expected}"));
        }
    }
    for entry in fs::read_dir(folder).map_err(|e| format!("{FOLDER}: {e}"))? {
        let name = entry.map_err(|e| format!("{FOLDER}: {e}"))?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".jsonld") && !rows.iter().any(|(file, _)| *file == name) {
            return Err(format!("{FOLDER}/{name} has no row in README.md"));
        }
    }
    Ok(())
}
