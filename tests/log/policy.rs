//! Policies: what is read, and since when a quorum has seen.

use jiff::Timestamp;
use proptest::prelude::*;
use testamur::log::checkpoint::CheckpointError;
use testamur::log::note::{NoteError, Signature};
use testamur::log::policy::{MAX_NAMED, MAX_POLICY, PolicyError, operated_by};
use testamur::log::vkey::VkeyError;
use testamur::log::{Policy, SignedCheckpoint, cosign};

use super::{Key, Log};

const ORIGIN: &str = "log.college.vn.example/2026";

/// Witness `N` of `n`: its name in a policy is `wN`.
fn witness(n: usize) -> Key {
    Key::witness(&format!("witness.n{n}.example"))
}

fn log_line() -> String {
    format!("log {} https://college.vn.example/log/2026\n", Key::log(ORIGIN).public)
}

fn witnesses(count: usize) -> String {
    (0..count).map(|n| format!("witness w{n} {}\n", witness(n).public)).collect()
}

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text.as_bytes())
}

/// A policy with this log, `count` witnesses and these last lines.
fn policy(count: usize, rest: &str) -> Policy {
    parse(&format!("{}{}{rest}", log_line(), witnesses(count))).unwrap()
}

/// A checkpoint seen by these witnesses at these seconds.
fn seen(by: &[(usize, i64)]) -> SignedCheckpoint {
    let mut checkpoint = Log::of(3, 3).checkpoint(&Key::log(ORIGIN));
    for (n, seconds) in by {
        let key = witness(*n);
        let line =
            cosign::cosign(&checkpoint, &key.public, &key.signer, Timestamp::from_second(*seconds).unwrap());
        checkpoint.add(line.unwrap());
    }
    checkpoint
}

/// The second since when it is witnessed, and by how many.
fn judged(policy: &Policy, checkpoint: &SignedCheckpoint) -> Result<(i64, usize), PolicyError> {
    let witnessed = policy.judge(checkpoint, |_, _| true)?;
    Ok((witnessed.time.as_second(), witnessed.by.len()))
}

#[test]
fn the_time_is_when_the_quorum_was_first_complete() {
    let three = seen(&[(0, 500), (1, 300), (2, 400)]);
    assert_eq!(judged(&policy(3, "group g all w0 w1 w2\nquorum g\n"), &three), Ok((500, 3)));
    assert_eq!(judged(&policy(3, "group g 2 w0 w1 w2\nquorum g\n"), &three), Ok((400, 2)));
    assert_eq!(judged(&policy(4, "group g 3 w0 w1 w2 w3\nquorum g\n"), &three), Ok((500, 3)));
    assert_eq!(judged(&policy(4, "group g all w0 w1 w2 w3\nquorum g\n"), &three), Err(PolicyError::NoQuorum));
    // Said twice: the earlier counts.
    let twice = seen(&[(0, 500), (0, 200), (1, 300)]);
    assert_eq!(judged(&policy(2, "group g all w0 w1\nquorum g\n"), &twice), Ok((300, 2)));
}

#[test]
fn groups_hold_groups() {
    let rest = "group x 2 w0 w1 w2\ngroup y any w3 w4\ngroup both all x y\nquorum both\n";
    let nested = policy(5, rest);
    assert_eq!(judged(&nested, &seen(&[(0, 100), (2, 200), (4, 300)])), Ok((300, 3)));
    assert_eq!(judged(&nested, &seen(&[(0, 100), (2, 500), (4, 300)])), Ok((500, 3)));
    assert_eq!(judged(&nested, &seen(&[(0, 100), (1, 200), (2, 300)])), Err(PolicyError::NoQuorum));
    assert_eq!(judged(&nested, &seen(&[(0, 100), (3, 200), (4, 300)])), Err(PolicyError::NoQuorum));
}

#[test]
fn fewer_than_two_witnesses_prove_nothing_whatever_the_policy_says() {
    let one = seen(&[(0, 100)]);
    for rest in ["quorum none\n", "quorum w0\n", "group g any w0 w1\nquorum g\n"] {
        assert_eq!(judged(&policy(2, rest), &one), Err(PolicyError::NoQuorum), "{rest}");
    }
    let two = seen(&[(0, 100), (1, 200)]);
    assert_eq!(judged(&policy(2, "group g any w0 w1\nquorum g\n"), &two), Ok((200, 2)));
    // The second stands outside the quorum.
    for rest in ["quorum none\n", "quorum w0\n", "group g any w0\nquorum g\n"] {
        assert_eq!(judged(&policy(2, rest), &two), Err(PolicyError::NoQuorum), "{rest}");
    }
}

#[test]
fn two_keys_on_one_host_are_one_witness() {
    let (a, b) = (Key::witness("witness.one.example/a"), Key::witness("one.example/b"));
    let text = format!(
        "{}witness a {}\nwitness b {}\nwitness c {}\ngroup g 2 a b c\nquorum g\n",
        log_line(),
        a.public,
        b.public,
        witness(0).public,
    );
    let policy = parse(&text).unwrap();
    let mut checkpoint = seen(&[]);
    for (key, seconds) in [(&a, 100), (&b, 200), (&witness(0), 300)] {
        assert_eq!(judged(&policy, &checkpoint), Err(PolicyError::NoQuorum));
        let at = Timestamp::from_second(seconds).unwrap();
        checkpoint.add(cosign::cosign(&checkpoint, &key.public, &key.signer, at).unwrap());
    }
    assert_eq!(judged(&policy, &checkpoint), Ok((300, 3)));
}

#[test]
fn the_logs_own_operator_is_no_witness() {
    let own = Key::witness("witness.college.vn.example");
    let text =
        format!("{}witness own {}\n{}group g 2 own w0 w1\nquorum g\n", log_line(), own.public, witnesses(2),);
    let policy = parse(&text).unwrap();
    let mut checkpoint = seen(&[(0, 300)]);
    let at = Timestamp::from_second(100).unwrap();
    checkpoint.add(cosign::cosign(&checkpoint, &own.public, &own.signer, at).unwrap());
    assert_eq!(judged(&policy, &checkpoint), Err(PolicyError::NoQuorum));
    let line = cosign::cosign(&checkpoint, &witness(1).public, &witness(1).signer, at).unwrap();
    checkpoint.add(line);
    assert_eq!(judged(&policy, &checkpoint), Ok((300, 2)));

    let log = Key::log(ORIGIN).public;
    let operated = |name: &str| operated_by(&log, &Key::witness(name).public);
    for own in [
        "college.vn.example",
        "witness.college.vn.example/w1",
        "w.college.vn.example",
        "Witness.College.VN.example",
        "college.vn.example./x",
        "vn.example",
        "log.college.vn.example/2026",
    ] {
        assert!(operated(own), "{own}");
    }
    for other in ["witness.trust.la.example", "ege.vn.example", "notcollege.vn.example", "trust.vn.example"] {
        assert!(!operated(other), "{other}");
    }
}

#[test]
fn what_does_not_count_is_not_heard() {
    let policy = policy(3, "group g 2 w0 w1 w2\nquorum g\n");
    let checkpoint = seen(&[(0, 100), (0, 600), (1, 300), (2, 900)]);
    let now = Timestamp::from_second(700).unwrap();
    let first = witness(0).public;
    // The key of w0 begins at 500, and nobody has seen the future.
    let begun = Timestamp::from_second(500).unwrap();
    let witnessed =
        policy.judge(&checkpoint, |one, at| at <= now && (one.key != first || at >= begun)).unwrap();
    assert_eq!(witnessed.time.as_second(), 600);
}

#[test]
fn the_log_must_be_known_and_must_have_signed() {
    let two = seen(&[(0, 100), (1, 200)]);
    let rest = format!("{}group g all w0 w1\nquorum g\n", witnesses(2));
    assert_eq!(judged(&parse(&rest).unwrap(), &two), Err(PolicyError::UnknownLog(ORIGIN.into())));
    let other = format!("log {}\n{rest}", Key::log("log.other.example/2026").public);
    assert_eq!(judged(&parse(&other).unwrap(), &two), Err(PolicyError::UnknownLog(ORIGIN.into())));

    // A second key under the same origin: one of the two is enough.
    let (old, new) = (
        Key::log(ORIGIN),
        super::Key {
            public: testamur::log::VerifierKey::new(
                Key::log(ORIGIN).public.name().clone(),
                testamur::log::vkey::Kind::Ed25519,
                Key::log("another").public.public_key().clone(),
            )
            .unwrap(),
            signer: Key::log("another").signer,
        },
    );
    let rotated = parse(&format!("log {}\nlog {}\n{rest}", new.public, old.public)).unwrap();
    assert_eq!(judged(&rotated, &two), Ok((200, 2)));
    let gone = parse(&format!("log {}\n{rest}", new.public)).unwrap();
    let unsigned = NoteError::Unsigned(old.public.name().clone());
    assert_eq!(judged(&gone, &two), Err(PolicyError::Checkpoint(CheckpointError::Note(unsigned))));
    let mut forged = two.clone();
    forged.add(Signature { name: new.public.name().clone(), id: new.public.id(), bytes: vec![0; 64] });
    let bad = NoteError::BadSignature(new.public.name().clone());
    assert_eq!(judged(&rotated, &forged), Err(PolicyError::Checkpoint(CheckpointError::Note(bad))));
    // A wrong cosignature condemns the note, even where nobody needs it.
    let mut forged = two.clone();
    let third = witness(2).public;
    forged.add(Signature { name: third.name().clone(), id: third.id(), bytes: vec![0; 72] });
    let policy = policy(3, "group g all w0 w1\nquorum g\n");
    assert_eq!(judged(&policy, &two), Ok((200, 2)));
    assert!(matches!(judged(&policy, &forged), Err(PolicyError::Cosignature(_))));
}

#[test]
fn white_space_comments_order_and_foreign_letters() {
    let text = format!(
        "# Chính sách\n\n \t \n\twitness  Lào\t{}   https://la.example \n  # x\nwitness b {}\n{}group a any Lào b\nquorum \ta \n",
        witness(0).public,
        witness(1).public,
        log_line(),
    );
    let read = parse(&text).unwrap();
    assert_eq!((read.logs().len(), read.witnesses().len()), (1, 2));
    assert_eq!(read.witnesses()[0].url.as_deref(), Some("https://la.example"));
    assert_eq!(judged(&read, &seen(&[(0, 100), (1, 200)])), Ok((200, 2)));
    // Names are bytes, not text.
    let bytes =
        [b"witness \xff ".as_slice(), witness(0).public.to_string().as_bytes(), b"\nquorum \xff\n"].concat();
    assert!(Policy::parse(&bytes).is_ok());
}

#[test]
fn a_policy_that_is_not_one_is_refused() {
    let (log, two) = (log_line(), witnesses(2));
    let key = Key::log(ORIGIN).public.to_string();
    for (rest, line) in [
        ("quorum w2\n", 4),
        ("quorum w0", 4),
        ("quorum\n", 4),
        ("quorum w0 w1\n", 4),
        ("Quorum w0\n", 4),
        ("quorum none\r\n", 4),
        ("quorum none # x\n", 4),
        ("quorum w0\0\n", 4),
        ("quorum w0\x7f\n", 4),
        ("group g all\n", 4),
        ("group g 0 w0\n", 4),
        ("group g 2 w0\n", 4),
        ("group g 01 w0\n", 4),
        ("group g +1 w0\n", 4),
        ("group g -1 w0\n", 4),
        ("group g ALL w0\n", 4),
        ("group g 99999999999999999999999 w0\n", 4),
        ("group g w0 w1\n", 4),
        ("group g any w0 w0\n", 4),
        ("group g any g\n", 4),
        ("group g any none\n", 4),
        ("group none any w0\n", 4),
        ("group w0 any w1\n", 4),
        ("group g any w0\ngroup g any w1\n", 5),
        ("group g any w0\ngroup h any w0\n", 5),
        ("group g any h\ngroup h any w0\n", 4),
        ("witness w0 x\n", 4),
        ("witness\n", 4),
        ("log\n", 4),
        ("policy x\n", 4),
        ("log x y z\n", 4),
    ] {
        let error = parse(&format!("{log}{two}{rest}quorum none\n")).unwrap_err();
        let told = match error {
            PolicyError::Line(line) | PolicyError::Key(line, _) => line,
            PolicyError::Quorum => 0,
            other => panic!("{rest:?}: {other}"),
        };
        assert!(told == line || (rest == "quorum w0" && told == 4), "{rest:?}: {told}");
    }
    assert_eq!(parse(&format!("{log}{two}")).unwrap_err(), PolicyError::Quorum);
    assert_eq!(parse("quorum none\nquorum none\n").unwrap_err(), PolicyError::Quorum);
    assert_eq!(parse("quorum none").unwrap_err(), PolicyError::Line(1));
    assert_eq!(parse(&format!("{log}{log}quorum none\n")).unwrap_err(), PolicyError::Line(2));
    assert_eq!(
        parse(&format!("{two}witness again {}\nquorum none\n", witness(0).public)).unwrap_err(),
        PolicyError::Line(3)
    );
    // A log's key is no witness's, nor the reverse.
    assert_eq!(
        parse(&format!("witness w {key}\nquorum w\n")).unwrap_err(),
        PolicyError::Key(1, VkeyError::Type(1))
    );
    let witness = witness(0).public;
    assert_eq!(
        parse(&format!("log {witness}\nquorum none\n")).unwrap_err(),
        PolicyError::Key(1, VkeyError::Type(4))
    );
}

#[test]
fn a_policy_has_bounds() {
    let most = format!("{}quorum none\n", witnesses(MAX_NAMED));
    assert_eq!(parse(&most).unwrap().witnesses().len(), MAX_NAMED);
    assert_eq!(
        parse(&format!("{}quorum none\n", witnesses(MAX_NAMED + 1))).unwrap_err(),
        PolicyError::TooLong
    );
    let long = format!("#{}\nquorum none\n", "x".repeat(MAX_POLICY));
    assert_eq!(parse(&long).unwrap_err(), PolicyError::TooLong);
    // A long chain of groups.
    let chain: String = (1..MAX_NAMED).map(|n| format!("group g{n} any g{} w{n}\n", n - 1)).collect();
    let text =
        format!("{}{}group g0 any w0\n{chain}quorum g{}\n", log_line(), witnesses(MAX_NAMED), MAX_NAMED - 1);
    assert_eq!(judged(&parse(&text).unwrap(), &seen(&[(0, 100), (63, 200)])), Ok((200, 2)));
}

/// Brute force: the first second at which enough witnesses had seen.
fn first_second(threshold: usize, of: usize, by: &[(usize, i64)]) -> Option<i64> {
    let mut seconds: Vec<i64> = by.iter().map(|(_, at)| *at).collect();
    seconds.sort_unstable();
    seconds.into_iter().find(|now| {
        let witnesses = (0..of).filter(|n| by.iter().any(|(one, at)| one == n && at <= now)).count();
        witnesses >= threshold.max(2)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn k_of_n_is_complete_when_the_kth_has_seen(
        of in 1..6usize, threshold in any::<prop::sample::Index>(),
        by in prop::collection::vec((0..7usize, 1..50i64), 0..8),
    ) {
        let threshold = 1 + threshold.index(of);
        let names: String = (0..of).map(|n| format!(" w{n}")).collect();
        let policy = policy(7, &format!("group g {threshold}{names}\nquorum g\n"));
        let time = judged(&policy, &seen(&by)).ok().map(|(time, _)| time);
        prop_assert_eq!(time, first_second(threshold, of, &by));
    }

    #[test]
    fn any_bytes_are_answered(text in "(log|witness|group|quorum|#|)([ \t](any|all|none|[0-9a-z+]{0,4})){0,5}\n?") {
        let _ = Policy::parse(text.as_bytes());
    }
}
