//! Signed notes, verifier keys, checkpoints and cosignatures.

use jiff::Timestamp;
use proptest::prelude::*;
use testamur::crypto::PublicKey;
use testamur::log::checkpoint::CheckpointError;
use testamur::log::note::{
    MAX_NOTE, MAX_SIGNATURES, Note, NoteError, NoteSignError, Signature, signature_lines,
};
use testamur::log::vkey::{KeyName, Kind, VkeyError};
use testamur::log::{Checkpoint, SignedCheckpoint, VerifierKey, cosign};

use super::{Key, Log};

/// The example of C2SP signed-note.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.

\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
";

/// The example of C2SP tlog-cosignature; its keys are not published.
const COSIGNED: &str = "example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key: VerifierKey = VKEY.parse().unwrap();
    assert_eq!((key.name().as_str(), key.id(), key.kind()), ("example.com/foo", 0x530d903a, Kind::Ed25519));
    assert_eq!(key.to_string(), VKEY);
    let note = Note::parse(NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(&key), Ok(()));
    assert_eq!(note.to_string(), NOTE);
    let changed = Note::parse(NOTE.replace("example message", "Example message").as_bytes()).unwrap();
    assert_eq!(changed.verify(&key), Err(NoteError::BadSignature(key.name().clone())));
}

#[test]
fn the_cosigned_example_is_read_and_written_back() {
    let signed = SignedCheckpoint::parse(COSIGNED.as_bytes()).unwrap();
    assert_eq!(signed.to_string(), COSIGNED);
    assert_eq!((signed.claimed().size, signed.note().signatures().len()), (20_852_163, 2));
    assert_eq!(signed.note().signatures()[1].bytes.len(), 8 + 64);
}

#[test]
fn a_verifier_key_has_one_spelling() {
    let good: VerifierKey = VKEY.parse().unwrap();
    for (bad, why) in [
        ("", VkeyError::Form),
        ("example.com/foo", VkeyError::Form),
        ("example.com/foo+530d903a", VkeyError::Form),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Name),
        ("exam ple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Name),
        ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Form),
        ("example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Form),
        ("example.com/foo++30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Form),
        ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Id(0x530d903a)),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=", VkeyError::Form),
        ("example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VkeyError::Type(6)),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", VkeyError::Key),
        ("example.com/foo+530d903a+", VkeyError::Form),
    ] {
        assert_eq!(bad.parse::<VerifierKey>(), Err(why), "{bad}");
    }
    // The same key as a witness's has another id.
    let witness =
        VerifierKey::new(good.name().clone(), Kind::Cosignature, good.public_key().clone()).unwrap();
    assert_ne!(witness.id(), good.id());
    assert_eq!(witness.to_string().parse(), Ok(witness));
    let p256 = PublicKey::from_multikey("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv").unwrap();
    assert_eq!(VerifierKey::new(good.name().clone(), Kind::Ed25519, p256), Err(VkeyError::Key));
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\tb", "a\nb", &"a".repeat(256)] {
        assert_eq!(KeyName::parse(name), Err(VkeyError::Name), "{name}");
    }
}

#[test]
fn a_note_is_text_an_empty_line_and_signature_lines() {
    let line = NOTE.lines().last().unwrap();
    for bad in [
        String::new(),
        "\n\n".into(),
        "text\n".into(),
        "text\n\n".into(),
        format!("text\n{line}\n"),
        format!("text\n\n{line}"),
        format!("text\n\n{line}\n\n"),
        format!("text\n\n{line}\n\n{line}"),
        format!("text\r\n\r\n{line}\r\n"),
        format!("te\0xt\n\n{line}\n"),
        format!("text\n\n{line}\nmore\n"),
        format!("text\n\n{}\n", line.replacen('\u{2014}', "-", 1)),
        format!("text\n\n{}\n", line.replacen(' ', "  ", 1)),
        format!("text\n\n{line} \n"),
        format!("text\n\n{line}=\n"),
        "text\n\n\u{2014} name AAAAAA==\n".into(),
        "text\n\n\u{2014} name AAAA\n".into(),
        "text\n\n\u{2014} name \n".into(),
        "text\n\n\u{2014} na+me AAAAAAA=\n".into(),
        "text\n\n\u{2014} na\u{2003}me AAAAAAA=\n".into(),
        "text\n\n\u{2014}  AAAAAAA=\n".into(),
    ] {
        assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(Note::parse(b"te\xffxt\n\n").is_err());
    // The text may hold empty lines: the last one parts.
    let note = format!("one\n\ntwo\n\n\n{line}\n");
    let read = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(read.text(), "one\n\ntwo\n\n");
    assert_eq!(read.to_string(), note);
}

#[test]
fn a_note_has_bounds() {
    let line = format!("{}\n", NOTE.lines().last().unwrap());
    let most = format!("text\n\n{}", line.repeat(MAX_SIGNATURES));
    assert_eq!(Note::parse(most.as_bytes()).unwrap().signatures().len(), MAX_SIGNATURES);
    assert_eq!(Note::parse(format!("{most}{line}").as_bytes()), Err(NoteError::TooLong));
    let long = format!("{}\n\n{line}", "x".repeat(MAX_NOTE));
    assert_eq!(Note::parse(long.as_bytes()), Err(NoteError::TooLong));
    assert_eq!(signature_lines(&long), Err(NoteError::TooLong));
    // 16 signatures of 5 kB, as the specification asks for.
    let name = KeyName::parse("pq.example").unwrap();
    let mut large = Note::new("text\n".into()).unwrap();
    (0..16).for_each(|n| large.add(Signature { name: name.clone(), id: n, bytes: vec![7; 5000] }));
    assert_eq!(Note::parse(large.to_string().as_bytes()), Ok(large));
}

#[test]
fn a_key_verifies_its_own_lines_and_condemns_a_wrong_one() {
    let (key, other) = (Key::log("log.example/2026"), Key::log("other.example"));
    let mut note = Note::new("text\n".into()).unwrap();
    assert_eq!(note.verify(&key.public), Err(NoteError::Unsigned(key.public.name().clone())));
    note.sign(&other.public, &other.signer).unwrap();
    assert_eq!(note.verify(&key.public), Err(NoteError::Unsigned(key.public.name().clone())));
    note.sign(&key.public, &key.signer).unwrap();
    note.sign(&key.public, &key.signer).unwrap();
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(note.verify(&key.public), Ok(()));

    // A name without the id, or an id without the name, is a stranger's.
    let line = note.signatures()[1].clone();
    note.add(Signature { id: line.id ^ 1, ..line.clone() });
    note.add(Signature { name: KeyName::parse("stranger").unwrap(), ..line.clone() });
    assert_eq!(note.verify(&key.public), Ok(()));
    note.add(Signature { bytes: vec![0; 64], ..line });
    assert_eq!(note.verify(&key.public), Err(NoteError::BadSignature(key.public.name().clone())));

    assert_eq!(
        note.sign(&key.public, &other.signer),
        Err(NoteSignError::OtherKey(key.public.name().clone()))
    );
    let witness = Key::witness("w");
    assert!(note.sign(&witness.public, &witness.signer).is_err());
    assert_eq!(note.verify(&witness.public), Err(NoteError::Kind(witness.public.name().clone())));
}

#[test]
fn a_checkpoint_has_one_spelling() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let good = Checkpoint::parse(&format!("o\n12\n{root}\n")).unwrap();
    assert_eq!((good.origin.as_str(), good.size, good.extensions.len()), ("o", 12, 0));
    let extended = format!("o\n0\n{root}\nanything\nelse\n");
    assert_eq!(Checkpoint::parse(&extended).unwrap().to_string(), extended);
    for (bad, line) in [
        (String::new(), 1),
        ("\n".into(), 1),
        (format!("\n12\n{root}\n"), 1),
        (format!("o\n12\n{root}"), 1),
        ("o\n".into(), 2),
        (format!("o\n\n{root}\n"), 2),
        (format!("o\n012\n{root}\n"), 2),
        (format!("o\n+12\n{root}\n"), 2),
        (format!("o\n-1\n{root}\n"), 2),
        (format!("o\n12 \n{root}\n"), 2),
        (format!("o\n\u{661}\n{root}\n"), 2),
        (format!("o\n9223372036854775808\n{root}\n"), 2),
        (format!("o\n99999999999999999999\n{root}\n"), 2),
        ("o\n12\n".into(), 3),
        ("o\n12\n\n".into(), 3),
        (format!("o\n12\n{}\n", root.trim_end_matches('=')), 3),
        (format!("o\n12\n{}\n", root.replace('/', "_")), 3),
        (format!("o\n12\n{}\n", root.replace("2I=", "2J=")), 3),
        (format!("o\n12\nAAAA{root}\n"), 3),
        (format!("o\n12\n{root}\n\n"), 4),
        (format!("o\n12\n{root}\nx\n\ny\n"), 5),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(CheckpointError::Line(line)), "{bad:?}");
    }
    assert!(Checkpoint::parse(&format!("o\n9223372036854775807\n{root}\n")).is_ok());
}

#[test]
fn a_checkpoint_is_signed_by_its_log_alone() {
    let (key, other) = (Key::log("log.example/2026"), Key::log("log.example/2027"));
    let signed = Log::of(5, 5).checkpoint(&key);
    assert_eq!(signed.verified(&key.public).unwrap().size, 5);
    assert_eq!(signed.verified(&other.public), Err(CheckpointError::OtherLog("log.example/2026".into())));
    let keys = [other.public.clone(), key.public.clone()];
    assert_eq!(signed.signer(keys.iter()), Ok(Some(&key.public)));
    assert_eq!(signed.signer([&other.public].into_iter()), Ok(None));
    let head = Checkpoint { origin: "log.example/2027".into(), ..signed.claimed().clone() };
    assert!(SignedCheckpoint::sign(head, &key.public, &key.signer).is_err());
    let broken = Checkpoint { extensions: vec!["two\nlines".into()], ..signed.claimed().clone() };
    assert!(SignedCheckpoint::sign(broken, &key.public, &key.signer).is_err());
    let empty = Checkpoint { extensions: vec![String::new()], ..signed.claimed().clone() };
    assert!(SignedCheckpoint::sign(empty, &key.public, &key.signer).is_err());
}

#[test]
fn a_witness_says_when() {
    let (key, witness) = (Key::log("log.example/2026"), Key::witness("witness.example"));
    let mut signed = Log::of(5, 5).checkpoint(&key);
    assert_eq!(cosign::times(&signed, &witness.public), Ok(vec![]));
    for seconds in [1_780_000_007, 1_780_000_000] {
        let line = cosign::cosign(&signed, &witness.public, &witness.signer, at(seconds)).unwrap();
        signed.add(line);
    }
    let both = vec![at(1_780_000_007), at(1_780_000_000)];
    assert_eq!(cosign::times(&signed, &witness.public), Ok(both.clone()));
    assert_eq!(
        cosign::times(&SignedCheckpoint::parse(signed.to_string().as_bytes()).unwrap(), &witness.public),
        Ok(both)
    );

    // The time is signed, and so is the checkpoint.
    let bad = Err(NoteError::BadSignature(witness.public.name().clone()));
    let line = signed.note().signatures()[1].clone();
    let with = |bytes: Vec<u8>| {
        let mut signed = Log::of(5, 5).checkpoint(&key);
        signed.add(Signature { bytes, ..line.clone() });
        cosign::times(&signed, &witness.public)
    };
    assert_eq!(with(line.bytes.clone()), Ok(vec![at(1_780_000_007)]));
    for seconds in [0, 1_780_000_008, i64::MAX as u64, u64::MAX] {
        assert_eq!(with([&seconds.to_be_bytes(), &line.bytes[8..]].concat()), bad, "{seconds}");
    }
    assert_eq!(with(vec![1]), bad);
    assert_eq!(with(line.bytes[..71].to_vec()), bad);
    let mut other = Log::of(6, 6).checkpoint(&key);
    other.add(line);
    assert_eq!(cosign::times(&other, &witness.public), bad);

    assert_eq!(cosign::times(&signed, &key.public), Err(NoteError::Kind(key.public.name().clone())));
    assert_eq!(cosign::cosign(&signed, &witness.public, &witness.signer, at(0)), Err(NoteSignError::Time));
    assert!(cosign::cosign(&signed, &witness.public, &key.signer, at(1)).is_err());
    assert!(cosign::cosign(&signed, &key.public, &key.signer, at(1)).is_err());
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_back(text in "([ -~\n\u{e0}-\u{1ef9}]{0,40}\n\n)?(\u{2014} [a-z +]{0,6} [A-Za-z0-9+/=]{0,12}\n){0,3}") {
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn what_is_signed_verifies_and_no_byte_of_it_may_change(
        text in "[a-z \n]{0,40}\n", place in any::<prop::sample::Index>(), bit in 0..8u8,
    ) {
        let key = Key::log("log.example/2026");
        let mut note = Note::new(text).unwrap();
        note.sign(&key.public, &key.signer).unwrap();
        let mut bytes = note.to_string().into_bytes();
        prop_assert_eq!(Note::parse(&bytes).unwrap().verify(&key.public), Ok(()));
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Note::parse(&bytes).and_then(|note| note.verify(&key.public)).is_err());
    }
}
