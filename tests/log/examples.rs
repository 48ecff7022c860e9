//! The worked log of ../shared/examples: entries, policy, proof and list, byte for byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use testamur::codec::jcs;
use testamur::crypto::{Ed25519Signer, sha256};
use testamur::log::merkle::{inclusion, prove};
use testamur::log::policy::PolicyError;
use testamur::log::proof::TlogProofError;
use testamur::log::vkey::Kind;
use testamur::log::{
    Checkpoint, Edge, Entry, Leaf, Policy, SignedCheckpoint, TlogProof, VerifierKey, cosign, tile::Tiles,
};

use crate::shared;

const DIPLOMA: &str = "examples/01-vn-college-diploma-welding.json";
const PROOF: &str = "examples/12-vn-college-diploma-welding.tlog-proof";

fn bytes(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared::path(name)?).unwrap())
}

fn policy() -> Option<Policy> {
    Some(Policy::parse(&bytes("examples/12-log-policy.txt")?).unwrap())
}

fn digest(document: &Value) -> [u8; 32] {
    sha256(&jcs::canonicalize(document))
}

fn hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn base64(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap()).unwrap()
}

fn entries() -> Option<Vec<Entry>> {
    let log = shared::json("examples/12-log-entries.json")?;
    let entries = log["entries"].as_array().unwrap().iter();
    Some(entries.map(|one| Entry(hex(&one["entryHex"]).try_into().unwrap())).collect())
}

#[test]
fn every_entry_shown_is_computed_from_its_document() {
    let Some(log) = shared::json("examples/12-log-entries.json") else { return };
    let mut shown = 0;
    for (index, one) in log["entries"].as_array().unwrap().iter().enumerate() {
        let Some(file) = one["file"].as_str() else { continue };
        let digest = digest(&shared::json(&format!("examples/{file}")).unwrap());
        let leaf = match one["kind"].as_str().unwrap() {
            "testamur-leaf/v1" => {
                Leaf::Credential { salt: base64(&one["saltBase64"]).try_into().unwrap(), digest }
            }
            "testamur-status/v1" => Leaf::StatusList { digest },
            other => panic!("{other}"),
        };
        assert_eq!(leaf.entry().0.as_slice(), hex(&one["entryHex"]), "entry {index}");
        shown += 1;
    }
    assert_eq!(shown, 5);
}

#[test]
fn the_tree_rebuilt_has_the_root() {
    let (Some(entries), Some(log)) = (entries(), shared::json("examples/12-log-entries.json")) else {
        return;
    };
    let mut edge = Edge::default();
    edge.append(&entries).unwrap();
    assert_eq!((edge.size(), edge.root().as_slice()), (13, base64(&log["rootBase64"]).as_slice()));
}

#[test]
fn the_proof_verifies_and_tells_since_when_the_diploma_exists() {
    let (Some(policy), Some(diploma), Some(bytes)) = (policy(), shared::json(DIPLOMA), bytes(PROOF)) else {
        return;
    };
    let proof = TlogProof::parse(&bytes).unwrap();
    assert_eq!(proof.to_string().as_bytes(), bytes);
    let entry = proof.credential(digest(&diploma)).unwrap().entry();
    let logged = proof.verify(&entry, &policy, |_, _| true).unwrap();
    assert_eq!((logged.index, logged.witnessed.size), (9, 13));
    assert_eq!(logged.witnessed.log.key.name().as_str(), "log.diplomas.vn.example/2026");
    let witnesses: Vec<&str> = logged.witnessed.by.iter().map(|(one, _)| one.key.name().as_str()).collect();
    assert_eq!(witnesses, ["witness.trust.la.example", "witness.region.example"]);
    // Both were needed, so the later of the two.
    let time = Timestamp::from_second(0x6a47_190f).unwrap();
    assert_eq!(logged.witnessed.time, time);
    assert_eq!(logged.witnessed.by[0].1, Timestamp::from_second(0x6a47_190d).unwrap());
    assert_eq!(logged.witnessed.log.url.as_deref(), Some("https://diplomas.vn.example/log/2026"));

    // Another diploma, another salt, another place: nothing is proved.
    let mut other = diploma.clone();
    other["name"] = "Bằng tốt nghiệp".into();
    let other = proof.credential(digest(&other)).unwrap().entry();
    assert!(matches!(proof.verify(&other, &policy, |_, _| true), Err(TlogProofError::Merkle(_))));
    let mut moved = proof.clone();
    moved.index = 8;
    assert!(matches!(moved.verify(&entry, &policy, |_, _| true), Err(TlogProofError::Merkle(_))));
    let mut salted = proof.clone();
    salted.extra.as_mut().unwrap()[0] ^= 1;
    let salted = salted.credential(digest(&diploma)).unwrap().entry();
    assert!(proof.verify(&salted, &policy, |_, _| true).is_err());
    assert_eq!(TlogProof { extra: None, ..proof.clone() }.credential([0; 32]), Err(TlogProofError::Salt));
    // A witness whose word at that time does not count.
    let deaf = proof.verify(&entry, &policy, |witness, at| {
        !(witness.key.name().as_str() == "witness.region.example" && at == time)
    });
    assert_eq!(deaf, Err(PolicyError::NoQuorum.into()));
}

#[test]
fn any_byte_of_the_proof_changed_proves_nothing() {
    let (Some(policy), Some(diploma), Some(bytes)) = (policy(), shared::json(DIPLOMA), bytes(PROOF)) else {
        return;
    };
    let digest = digest(&diploma);
    let verify = |bytes: &[u8]| {
        let proof = TlogProof::parse(bytes)?;
        let entry = proof.credential(digest)?.entry();
        proof.verify(&entry, &policy, |_, _| true).map(|_| ())
    };
    assert_eq!(verify(&bytes), Ok(()));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(verify(&changed).is_err(), "byte {at}");
        assert!(verify(&bytes[..at]).is_err(), "first {at} bytes");
    }
    assert!(verify(&[&bytes[..], b"\n"].concat()).is_err());
}

#[test]
fn we_make_the_very_same_proof() {
    let (Some(entries), Some(keys), Some(expected), Some(log)) = (
        entries(),
        shared::json("examples/keys.json"),
        bytes(PROOF),
        shared::json("examples/12-log-entries.json"),
    ) else {
        return;
    };
    let given = TlogProof::parse(&expected).unwrap();
    let key = |name: &str| {
        let key = keys["logKeys"].as_array().unwrap().iter().find(|key| key["name"] == name).unwrap();
        let public: VerifierKey = key["vkey"].as_str().unwrap().parse().unwrap();
        assert_eq!(public.to_string(), key["vkey"].as_str().unwrap());
        let signer = Ed25519Signer::from_seed(name, &hex(&key["seedHex"]).try_into().unwrap());
        (public, signer)
    };
    let mut edge = Edge::default();
    let files = edge.append(&entries).unwrap();
    let mut tiles = Tiles::default();
    for (tile, bytes) in files.iter().filter(|(tile, _)| tile.to_string() == "tile/0/000.p/13") {
        tiles.insert(*tile, bytes).unwrap();
    }
    let (log_key, log_signer) = key("log-2026");
    let checkpoint = Checkpoint {
        origin: log["origin"].as_str().unwrap().to_owned(),
        size: edge.size(),
        root: edge.root(),
        extensions: vec![],
    };
    let mut checkpoint = SignedCheckpoint::sign(checkpoint, &log_key, &log_signer).unwrap();
    for witness in ["witness-la", "witness-region"] {
        let (public, signer) = key(witness);
        assert_eq!(public.kind(), Kind::Cosignature);
        let at = cosign::times(&given.checkpoint, &public).unwrap()[0];
        checkpoint.add(cosign::cosign(&checkpoint, &public, &signer, at).unwrap());
    }
    let made = TlogProof {
        extra: Some(base64(&log["entries"][9]["saltBase64"])),
        index: 9,
        path: prove(&inclusion(9, 13).unwrap(), |node| tiles.node(node)).unwrap(),
        checkpoint,
    };
    assert_eq!(made.to_string().as_bytes(), expected);
}

#[test]
fn the_policy_in_the_trust_list_is_the_same() {
    let (Some(policy), Some(list)) = (policy(), shared::json("examples/10-trust-list-vn.json")) else {
        return;
    };
    let text =
        list.pointer("/credentialSubject/logPolicy").or(list.pointer("/credentialSubject/0/logPolicy"));
    let listed = Policy::parse(text.and_then(Value::as_str).unwrap().as_bytes()).unwrap();
    assert_eq!((listed.logs(), listed.witnesses()), (policy.logs(), policy.witnesses()));
}
