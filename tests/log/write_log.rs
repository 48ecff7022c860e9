//! Writes a log into a folder, for other people's tools to check: `write_log FOLDER SIZE…`.
//!
//! `key` and `witnesses` hold verifier keys, `checkpoint.SIZE` a signed and cosigned checkpoint for each size given
//! (ascending), `tile/` every tile and bundle.
#![expect(clippy::unwrap_used, reason = "a test driver that cannot go on should stop")]

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use testamur::crypto::{Ed25519Signer, Signer, sha256};
use testamur::log::vkey::{KeyName, Kind};
use testamur::log::{Checkpoint, Edge, Entry, SignedCheckpoint, VerifierKey, cosign};

const ORIGIN: &str = "log.diplomas.vn.example/2026";
const WITNESSES: [&str; 2] = ["witness.trust.la.example", "witness.region.example"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, sizes @ ..] = arguments.as_slice() else {
        eprintln!("usage: write_log FOLDER SIZE…");
        std::process::exit(2);
    };
    let folder = Path::new(folder);
    let log = key(ORIGIN, Kind::Ed25519);
    let witnesses = WITNESSES.map(|name| key(name, Kind::Cosignature));
    write(folder, "key", format!("{}\n", log.0).as_bytes());
    let lines: String = witnesses.iter().map(|(key, _)| format!("{key}\n")).collect();
    write(folder, "witnesses", lines.as_bytes());

    let mut edge = Edge::default();
    for size in sizes {
        let size: u64 = size.parse().unwrap();
        let entries: Vec<Entry> =
            (edge.size()..size).map(|n| Entry(sha256(format!("entry {n}").as_bytes()))).collect();
        for (tile, bytes) in edge.append(&entries).unwrap() {
            write(folder, &tile.to_string(), &bytes);
        }
        let head = Checkpoint { origin: ORIGIN.to_owned(), size, root: edge.root(), extensions: vec![] };
        let mut checkpoint = SignedCheckpoint::sign(head, &log.0, &log.1).unwrap();
        for (key, signer) in &witnesses {
            let at = Timestamp::from_second(1_780_000_000 + size as i64).unwrap();
            checkpoint.add(cosign::cosign(&checkpoint, key, signer, at).unwrap());
        }
        write(folder, &format!("checkpoint.{size}"), checkpoint.to_string().as_bytes());
    }
}

fn key(name: &str, kind: Kind) -> (VerifierKey, Ed25519Signer) {
    let signer = Ed25519Signer::from_seed(name, &sha256(name.as_bytes()));
    let key = VerifierKey::new(KeyName::parse(name).unwrap(), kind, signer.public_key().clone()).unwrap();
    (key, signer)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
