//! `testamur log`: proofs checked offline, whole logs read again.

use super::*;
use jiff::Timestamp;
use serde_json::json;
use testamur::codec::jcs;
use testamur::crypto::{Ed25519Signer, Signer, sha256};
use testamur::log::vkey::{KeyName, Kind};
use testamur::log::{
    Checkpoint, Edge, Entry, Leaf, SignedCheckpoint, TlogProof, VerifierKey, cosign, merkle,
};

fn key(name: &str, kind: Kind) -> (VerifierKey, Ed25519Signer) {
    let signer = Ed25519Signer::from_seed(name, &sha256(name.as_bytes()));
    let key = VerifierKey::new(KeyName::parse(name).unwrap(), kind, signer.public_key().clone()).unwrap();
    (key, signer)
}

#[test]
fn a_proof_is_checked_offline() {
    let desk = Desk::new();
    let document = json!({"id": "urn:uuid:1", "type": ["VerifiableCredential"], "name": "Bằng tốt nghiệp"});
    let leaf = Leaf::Credential { salt: [7; 16], digest: sha256(&jcs::canonicalize(&document)) };
    let other = Entry([1; 32]);
    let mut edge = Edge::default();
    edge.append(&[other, leaf.entry()]).unwrap();
    let (log, signer) = key("log.diplomas.vn.example/2026", Kind::Ed25519);
    let head = Checkpoint { origin: log.name().to_string(), size: 2, root: edge.root(), extensions: vec![] };
    let mut checkpoint = SignedCheckpoint::sign(head, &log, &signer).unwrap();
    let mut policy = format!("log {log}\n");
    for (name, at) in [("witness.la.example", 1_780_000_000), ("witness.th.example", 1_780_000_009)] {
        let (witness, signer) = key(name, Kind::Cosignature);
        let at = Timestamp::from_second(at).unwrap();
        checkpoint.add(cosign::cosign(&checkpoint, &witness, &signer, at).unwrap());
        policy.push_str(&format!("witness {name} {witness}\n"));
    }
    let proof = TlogProof { extra: Some(vec![7; 16]), index: 1, path: vec![other.leaf_hash()], checkpoint };
    desk.write("proof", &proof.to_string());
    desk.write("diploma.json", &document.to_string());
    desk.write("forged.json", &document.to_string().replace("urn:uuid:1", "urn:uuid:2"));
    desk.write(
        "policy",
        &format!("{policy}group both all witness.la.example witness.th.example\nquorum both\n"),
    );
    desk.write("nobody", &format!("{policy}quorum none\n"));
    desk.write("cut", &proof.to_string()[..100]);
    let verify = |proof: &str, file: &str, policy: &str| {
        let output = desk.run(&["log", "verify", proof, file, "--policy", policy]);
        (output.status.code().unwrap(), text(&output.stdout))
    };
    let (code, told) = verify("proof", "diploma.json", "policy");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("IN THE LOG since 2026-05-28T20:26:49Z") && told.contains("leaf 1 of 2"), "{told}");
    assert_eq!(verify("proof", "forged.json", "policy").0, 1);
    assert_eq!(verify("proof", "diploma.json", "nobody").0, 2);
    assert_eq!(verify("cut", "diploma.json", "policy").0, 2);
    desk.write("proof", &proof.to_string().replace("1780000000", "1780000001").replace("\n2\n", "\n3\n"));
    assert_eq!(verify("proof", "diploma.json", "policy").0, 1);
    assert_eq!(verify("proof", "diploma.json", "missing").0, 70);
}

#[test]
fn a_whole_log_is_read_again() {
    let desk = Desk::new();
    desk.demo();
    let audit = |more: &[&str]| {
        let line = [&["log", "audit", "--data", "data", "--keys", "data/keys"], more].concat();
        let mut command = desk.command(&line);
        command.env_remove("TESTAMUR_KEYS_PASSPHRASE");
        command.env("TESTAMUR_KEYS_PASSPHRASE_FILE", desk.path().join("data/demo-passphrase"));
        command.env("TESTAMUR_SERVER_PUBLIC_URL", "http://localhost:8080");
        let output = command.output().unwrap();
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, told) = audit(&[]);
    assert!(code == 0 && told.contains("log.localhost/20") && told.contains("whole"), "{code}: {told}");
    let origin = told.split_whitespace().next().unwrap().to_owned();

    // The proof of one credential, as it is served.
    let demo = |line: &[&str]| {
        let mut command = desk.command(&[line, &["--data", "data", "--keys", "data/keys"]].concat());
        command.env_remove("TESTAMUR_KEYS_PASSPHRASE");
        command.env("TESTAMUR_KEYS_PASSPHRASE_FILE", desk.path().join("data/demo-passphrase"));
        command.env("TESTAMUR_SERVER_PUBLIC_URL", "http://localhost:8080");
        command.output().unwrap()
    };
    let diploma: Value = serde_json::from_str(&desk.read("data/demo/diploma-vn.json")).unwrap();
    let id = diploma["id"].as_str().unwrap();
    let output = demo(&["log", "prove", id]);
    let proof = TlogProof::parse(&output.stdout).unwrap();
    assert_eq!(proof.to_string(), text(&output.stdout));
    let entry = proof.credential(sha256(&jcs::canonicalize(&diploma))).unwrap().entry();
    let head = proof.checkpoint.claimed();
    merkle::verify_inclusion(proof.index, head.size, &entry.leaf_hash(), &proof.path, &head.root).unwrap();
    assert_eq!(demo(&["log", "prove", "01KTESTAMUR0000000000000000"]).status.code(), Some(70));
    assert_eq!(demo(&["log", "prove", "diploma.json"]).status.code(), Some(70));

    // A checkpoint that somebody else signed in the name of this log.
    let (other, signer) = key(&origin, Kind::Ed25519);
    let head = Checkpoint { origin, size: 1, root: [7; 32], extensions: vec![] };
    let forged = SignedCheckpoint::sign(head, &other, &signer).unwrap();
    desk.write("since", &forged.to_string());
    let (code, told) = audit(&["--since", "since"]);
    assert!(code == 1 && told.contains("ALARM"), "{code}: {told}");
    let (code, told) = audit(&["--key", &other.to_string()]);
    assert!(code == 1 && told.contains("ALARM"), "{code}: {told}");
}
