//! The floor plan as a test: rooms look down only, and every file says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors, ground first. A room may use rooms of its own floor and of those below.
const FLOORS: &[&[&str]] = &[
    &["clock", "codec", "text"],
    &["jsonld", "crypto"],
    &[
        "did",
        "institution",
        "access",
        "framework",
        "credential",
        "status",
        "log",
        "accreditation",
        "recognition",
        "statistics",
        "trustlist",
    ],
    &["store", "keyring", "config", "resolve", "trust", "urls", "registry", "count", "app"],
    &[
        "accredit",
        "agree",
        "issue",
        "verify",
        "revoke",
        "erase",
        "publish",
        "pin",
        "witness",
        "report",
        "recognise",
        "administer",
    ],
    &["web", "pages", "cli"],
];

#[test]
fn no_room_looks_up() {
    let mut looks_up = Vec::new();
    for file in sources() {
        let room = room_of(&file);
        let Some(floor) = floor_of(&room) else { continue };
        let text = fs::read_to_string(&file).unwrap();
        // What a room's own tests use is no part of the house.
        let house = text.split("#[cfg(test)]").next().unwrap();
        for used in house.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if floor_of(&used).is_some_and(|other| other > floor) {
                looks_up.push(format!("{} (floor {floor}) uses {used}", file.display()));
            }
        }
    }
    assert!(looks_up.is_empty(), "{looks_up:#?}");
}

#[test]
fn every_room_has_a_floor() {
    let lib = fs::read_to_string(root().join("lib.rs")).unwrap();
    for line in lib.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")) {
        let room = line.trim_end_matches(';');
        assert!(floor_of(room).is_some(), "{room} has no floor");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{}: {first}", file.display());
    }
}

#[test]
fn the_judge_is_pure() {
    let rooms = ["verify/judge", "recognition"].map(|room| root().join(room));
    let judge: Vec<_> =
        sources().into_iter().filter(|file| rooms.iter().any(|room| file.starts_with(room))).collect();
    for room in rooms {
        assert!(
            judge.iter().filter(|file| file.starts_with(&room)).count() > 1,
            "{} was not found",
            room.display()
        );
    }
    for file in judge {
        let text = fs::read_to_string(&file).unwrap();
        for walks in ["async ", "await", "std::fs", "Clock", "reqwest", "getrandom"] {
            assert!(!text.contains(walks), "{} must not know {walks}", file.display());
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(root()).unwrap();
    inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}
