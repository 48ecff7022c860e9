//! In process: verifying and signing the 4 KB diploma against the raw signature.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use testamur::credential::Credential;
use testamur::crypto::proof::{self, ProofOptions};
use testamur::crypto::{Ed25519Signer, Signer};
use testamur::did;
use testamur::resolve::{Resolved, Source};
use testamur::verify::gather::Evidence;
use testamur::verify::{Extent, judge};

/// How long each side of a ratio runs in one round.
const SLICE: Duration = Duration::from_millis(120);
/// How many rounds; the median counts.
const ROUNDS: usize = 9;

const DIPLOMA: &str = include_str!("../../src/cli/demo/diploma-vn.json");
const SEED: [u8; 32] = [7; 32];

/// Seconds of one call, over one slice.
fn per_call(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut calls = 0u32;
    while start.elapsed() < SLICE {
        for _ in 0..16 {
            call();
        }
        calls += 16;
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// The median over the rounds of raw seconds by seconds of the work: the rate of the work in raw rates.
pub fn ratio(mut raw: impl FnMut(), mut work: impl FnMut()) -> f64 {
    let mut ratios: Vec<f64> = (0..ROUNDS).map(|_| per_call(&mut raw) / per_call(&mut work)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

/// Seconds of one raw `verify_strict`, the median of some rounds.
pub fn raw_verify_seconds() -> f64 {
    let mut times: Vec<f64> = (0..5).map(|_| per_call(raw_verify())).collect();
    times.sort_by(f64::total_cmp);
    times[2]
}

fn raw_verify() -> impl FnMut() {
    let key = SigningKey::from_bytes(&SEED);
    let message = [5u8; 64];
    let (public, signature) = (key.verifying_key(), key.sign(&message));
    move || public.verify_strict(black_box(&message), black_box(&signature)).unwrap()
}

fn raw_sign() -> impl FnMut() {
    let key = SigningKey::from_bytes(&SEED);
    let message = [5u8; 64];
    move || {
        black_box(key.sign(black_box(&message)));
    }
}

/// A signed diploma of a did:key college and what verifying it needs.
struct Case {
    bytes: Vec<u8>,
    evidence: Evidence,
    now: Timestamp,
}

fn signer() -> Ed25519Signer {
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &SEED).public_key());
    Ed25519Signer::from_seed(did.with_fragment(did.method_specific_id()), &SEED)
}

fn draft(signer: &Ed25519Signer) -> Map<String, Value> {
    let Value::Object(mut draft) = serde_json::from_str(DIPLOMA).unwrap() else { unreachable!() };
    draft.insert("id".into(), json!("https://diplomas.example/c/0mvs7wqp29d49tmb963atq3yhy"));
    draft.insert(
        "issuer".into(),
        json!({"id": signer.key_id().split('#').next(), "type": ["Profile"], "name": "Trường Cao đẳng Mẫu"}),
    );
    draft
}

fn case(suite: &str) -> Case {
    let signer = signer();
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let mut document = draft(&signer);
    let proof = proof::sign(&document, &ProofOptions::new(suite, now).unwrap(), &signer).unwrap();
    proof::attach(&mut document, proof);
    let did = did::Did::parse(signer.key_id().split('#').next().unwrap()).unwrap();
    let resolved =
        Resolved { document: Arc::new(did::key::document(&did).unwrap()), fetched: now, from: Source::Key };
    let issuers = HashMap::from([(did.to_string(), Ok(Arc::new(resolved)))]);
    Case {
        bytes: serde_json::to_vec(&document).unwrap(),
        evidence: Evidence { issuers, ..Evidence::default() },
        now,
    }
}

/// From bytes to verdict.
fn verify(case: &Case) -> impl FnMut() {
    move || {
        let credential = Credential::parse(case.bytes.as_slice()).unwrap();
        let verdict = judge::credential(credential, &case.evidence, case.now, Extent::Full);
        assert!(black_box(verdict).verified);
    }
}

pub fn run() {
    for (suite, floor, goal) in [("eddsa-jcs-2022", 0.5, 0.6), ("eddsa-rdfc-2022", 0.28, 0.4)] {
        let case = case(suite);
        let measured = ratio(raw_verify(), verify(&case));
        super::row(&format!("verify {suite}, in process, bytes to verdict"), measured, floor, goal, "R");
    }
    let signer = signer();
    let draft = draft(&signer);
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let options = ProofOptions::new("eddsa-rdfc-2022", now).unwrap();
    let measured = ratio(raw_sign(), || {
        black_box(proof::sign(&draft, &options, &signer).unwrap());
    });
    super::row("sign eddsa-rdfc-2022, in process", measured, 0.16, 0.25, "S");
}
