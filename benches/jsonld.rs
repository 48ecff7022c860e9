//! What canonicalizing costs, in microseconds and in raw Ed25519 verifications of the same run: `cargo bench --bench jsonld`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Map, Value};
use std::{hint::black_box, time::Instant};
use testamur::jsonld;

/// The best of many short rounds, in microseconds per call: the one nothing else disturbed.
fn micros(mut work: impl FnMut()) -> f64 {
    const CALLS: u32 = 10;
    let mut best = f64::MAX;
    for _ in 0..1000 {
        let start = Instant::now();
        for _ in 0..CALLS {
            work();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS));
    }
    best
}

fn main() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [9; 64];
    let signature = key.sign(&message);
    let verifying = key.verifying_key();
    let raw = micros(|| verifying.verify_strict(black_box(&message), black_box(&signature)).unwrap());
    println!("{:<44} {raw:8.1} µs", "raw verify_strict (R)");
    for name in ["01-vn-college-diploma-welding", "02-la-high-diploma-electrical", "04-vn-transcript-clr"] {
        let root = std::env::var("TESTAMUR_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned());
        let Ok(bytes) = std::fs::read(format!("{root}/examples/{name}.rdfc.json")) else {
            println!("skipped: examples/{name}.rdfc.json is absent");
            continue;
        };
        let document: Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
        let mut options = document["proof"].as_object().unwrap().clone();
        options.remove("proofValue");
        options.insert("@context".into(), document["@context"].clone());
        let whole = micros(|| {
            black_box(jsonld::canonicalize(black_box(&document), &["proof"]).unwrap());
        });
        let proof = micros(|| {
            black_box(jsonld::canonicalize(black_box(&options), &[]).unwrap());
        });
        let lines = jsonld::canonicalize(&document, &["proof"]).unwrap().lines().count();
        println!("{name}: document ({lines} statements) {whole:8.1} µs");
        println!(
            "{name}: proof options {proof:8.1} µs, both {:.2} of a verify_strict",
            (whole + proof) / raw
        );
        println!("{name}: canonicalizing and verifying would be {:.2} R", raw / (raw + whole + proof));
        let value = Value::Object(document);
        let dataset = jsonld::to_rdf(&value, &jsonld::Options { safe: true, ..Default::default() }).unwrap();
        let naming = micros(|| {
            black_box(
                jsonld::rdfc::canonicalize(black_box(&dataset), jsonld::HashAlgorithm::Sha256).unwrap(),
            );
        });
        println!("{name}: RDFC-1.0 alone (with the proof) {naming:8.1} µs");
    }
}
