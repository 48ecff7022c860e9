//! Whatever a stranger calls a note, a checkpoint, a proof, a policy, a request or a tile is read or refused, within
//! bounds; what is read is written back byte for byte, and nothing of it proves anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::crypto::{Ed25519Signer, Signer};
use testamur::log::note::{MAX_SIGNATURES, signature_lines};
use testamur::log::tile::Tile;
use testamur::log::vkey::{KeyName, Kind};
use testamur::log::witness::AddCheckpoint;
use testamur::log::{Entry, Note, Policy, SignedCheckpoint, TlogProof, VerifierKey, cosign};

fuzz_target!(|bytes: &[u8]| {
    let log = key("log.one.example/2026", Kind::Ed25519);
    let witness = key("witness.two.example", Kind::Cosignature);
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(note.signatures().len() <= MAX_SIGNATURES);
        assert!(note.verify(&log).is_err());
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.to_string().as_bytes(), bytes);
        assert!(checkpoint.verified(&log).is_err());
        assert!(cosign::times(&checkpoint, &witness).map_or(true, |times| times.is_empty()));
    }
    let policy = format!("log {log}\nwitness w {witness}\nquorum w\n");
    let policy = Policy::parse(policy.as_bytes()).expect("a good policy");
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        assert!(proof.verify(&Entry([7; 32]), &policy, |_, _| true).is_err());
        let _ = proof.credential([7; 32]);
    }
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
        assert!(request.judge(std::slice::from_ref(&log), None).is_err());
    }
    if let Ok(policy) = Policy::parse(bytes) {
        assert!(policy.judge(&checkpoint(&log), |_, _| true).is_err());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(lines) = signature_lines(text) {
        assert_eq!(lines.iter().map(ToString::to_string).collect::<String>(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.to_string(), text);
        let _ = (tile.hashes(bytes), tile.entries(bytes));
    }
});

fn key(name: &str, kind: Kind) -> VerifierKey {
    let public = signer().public_key().clone();
    VerifierKey::new(KeyName::parse(name).expect("a good name"), kind, public).expect("an Ed25519 key")
}

fn signer() -> Ed25519Signer {
    Ed25519Signer::from_seed("did:example:a#k", &[0x5a; 32])
}

/// A checkpoint without any witness.
fn checkpoint(log: &VerifierKey) -> SignedCheckpoint {
    let text = format!("{}\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", log.name());
    let mut note = Note::new(text).expect("a good text");
    note.sign(log, &signer()).expect("signs");
    SignedCheckpoint::parse(note.to_string().as_bytes()).expect("a good checkpoint")
}
