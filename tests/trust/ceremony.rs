//! The root at the command line: made in one room, or signed key by key in several.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use testamur::trustlist::Root;

fn testamur(folder: &Path, line: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testamur"));
    let command = command.args(line).current_dir(folder).env("NO_COLOR", "1");
    command.env("TESTAMUR_KEYS_PASSPHRASE", "for the tests only").output().unwrap()
}

#[track_caller]
fn ok(folder: &Path, line: &[&str]) -> String {
    let output = testamur(folder, line);
    assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn pem(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "pem")).collect()
}

const LIST: &str = "http://localhost:8080/trust/VN/list";
const DELEGATE: &str =
    "did:web:localhost%3A8080:institutions:moet#z6MkgfS5MHSy8j4C3YsH3BmB9qCH7u7tpXocbxBC7YWQTky7";

#[test]
fn a_root_is_made_rotated_and_published() {
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path();
    let made = [
        "trust",
        "root",
        "new",
        "--territory",
        "VN",
        "--list-url",
        LIST,
        "--keys",
        "3",
        "--threshold",
        "2",
        "--delegate",
        DELEGATE,
        "--out",
        "safe",
    ];
    let told = ok(folder, &made);
    let root = Root::parse(&std::fs::read(folder.join("safe/root-1.json")).unwrap()).unwrap();
    let pin = format!(
        "testamur trust pin http://localhost:8080/trust/VN/root/1 --fingerprint {}",
        root.fingerprint
    );
    assert!(told.contains(&pin), "{told}");
    assert!(told.contains(&testamur::trustlist::spoken(&root.fingerprint).unwrap()));
    assert_eq!((root.keys().count(), root.delegations[0].id.as_str()), (3, DELEGATE));
    let keys = pem(&folder.join("safe"));
    assert_eq!(keys.len(), 3);
    let secret = std::fs::read_to_string(&keys[0]).unwrap();
    assert!(secret.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

    let [one, two] = [0, 1].map(|at| keys[at].to_str().unwrap());
    let delegate = [
        "trust",
        "root",
        "delegate",
        "safe/root-1.json",
        "--add",
        DELEGATE,
        "--until",
        "2040-01-01T00:00:00Z",
        "--key",
        one,
        "--out",
        "safe",
    ];
    assert!(ok(folder, &delegate).contains("1 of the 2"));
    let sign = ["trust", "root", "sign", "safe/root-2.json", "--key", two, "--before", "safe/root-1.json"];
    assert!(ok(folder, &sign).contains("signs lists until 2040-01-01"));
    let again = testamur(folder, &sign);
    assert_eq!(again.status.code(), Some(70), "a key signs once");
    let second = Root::parse(&std::fs::read(folder.join("safe/root-2.json")).unwrap()).unwrap();
    second.succeeds(&root).unwrap();

    let founded = ["institutions", "new", "moet", "--authority", "VN", "--name", "vi=Bộ", "--data", "data"];
    let founded = ok(folder, &founded);
    assert!(founded.starts_with("did:web:localhost%3A8080:institutions:moet"), "{founded}");
    ok(folder, &["trust", "root", "publish", "safe/root-1.json", "--data", "data"]);
    ok(folder, &["trust", "root", "publish", "safe/root-2.json", "--data", "data"]);
    let refused = testamur(folder, &["trust", "root", "publish", "safe/root-1.json", "--data", "data"]);
    assert_eq!(refused.status.code(), Some(70), "an older one");
    assert!(ok(folder, &["fsck", "--data", "data"]).contains("0 damaged"));
}

#[test]
fn the_keys_of_a_root_need_never_meet() {
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path();
    let public: Vec<_> = ["a", "b"]
        .iter()
        .map(|stick| ok(folder, &["trust", "root", "key", "--out", stick]).trim().to_owned())
        .collect();
    let new = [
        "trust",
        "root",
        "new",
        "--territory",
        "LA",
        "--list-url",
        LIST,
        "--root-key",
        &public[0],
        "--root-key",
        &public[1],
        "--threshold",
        "2",
        "--out",
        ".",
    ];
    assert!(ok(folder, &new).contains("not whole yet"));
    for stick in ["a", "b"] {
        let key = pem(&folder.join(stick)).remove(0);
        let told = ok(folder, &["trust", "root", "sign", "root-1.json", "--key", key.to_str().unwrap()]);
        assert_eq!(told.contains("trust pin"), stick == "b", "{told}");
    }
    assert!(ok(folder, &["trust", "root", "show", "root-1.json"]).contains("trust pin"));
    let text = std::fs::read_to_string(folder.join("root-1.json")).unwrap();
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    forged["credentialSubject"]["threshold"] = 1.into();
    std::fs::write(folder.join("forged.json"), forged.to_string()).unwrap();
    let key = pem(&folder.join("a")).remove(0);
    let refused = testamur(folder, &["trust", "root", "sign", "forged.json", "--key", key.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(70));
    for wrong in [
        &["--threshold", "0"][..],
        &["--threshold", "2", "--keys", "1"],
        &["--threshold", "1", "--keys", "99"],
    ] {
        let line = [&["trust", "root", "new", "--territory", "LA", "--list-url", LIST, "--out", "x"], wrong]
            .concat();
        assert_eq!(testamur(folder, &line).status.code(), Some(70), "{wrong:?}");
        assert!(!folder.join("x/root-1.json").exists());
    }
}

/// A ministry and a college on one data folder, and nothing running.
fn ministry(folder: &Path) -> String {
    ok(folder, &["institutions", "new", "moet", "--authority", "VN", "--name", "vi=Bộ", "--data", "data"]);
    let did = ok(folder, &["institutions", "new", "ha-noi", "--name", "vi=Trường", "--data", "data"]);
    let keys = ok(folder, &["keys", "list", "moet", "--data", "data"]);
    let second = keys.lines().nth(1).unwrap().split('\t').next().unwrap();
    let delegate = format!("did:web:localhost%3A8080:institutions:moet#{second}");
    let new = [
        "trust",
        "root",
        "new",
        "--territory",
        "VN",
        "--list-url",
        LIST,
        "--keys",
        "2",
        "--threshold",
        "2",
        "--delegate",
        &delegate,
        "--out",
        "safe",
    ];
    ok(folder, &new);
    ok(folder, &["trust", "root", "publish", "safe/root-1.json", "--data", "data"]);
    did.trim().to_owned()
}

#[test]
fn an_authority_decides_at_the_command_line() {
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path();
    let did = ministry(folder);
    let decide = |line: &[&str]| testamur(folder, &[&["accredit"], line, &["--data", "data"]].concat());
    let done = |line: &[&str]| {
        let output = decide(line);
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    std::fs::write(folder.join("scope.json"), r#"[{"types": ["diploma"]}]"#).unwrap();
    let grant = ["grant", &did, "--decision", "1/2026", "--from", "2026-01-01", "--scope", "scope.json"];
    assert_eq!(decide(&grant).status.code(), Some(70), "not on the list yet");
    done(&["issuer", &did, "--code", "CDD0101", "--location", "geo:21.03,105.85"]);
    let told = done(&grant);
    let id = told.lines().next().unwrap();
    assert!(id.starts_with("urn:uuid:") && told.contains("http://localhost:8080/c/"), "{told}");
    // An offline verifier of the same data folder goes by the list, too.
    let mut draft: Value =
        serde_json::from_str(include_str!("../../fixtures/credentials/diploma/minimal.json")).unwrap();
    draft["issuer"] = did.as_str().into();
    std::fs::write(folder.join("draft.json"), draft.to_string()).unwrap();
    let diploma = ok(folder, &["issue", "draft.json", "--data", "data"]);
    std::fs::write(folder.join("diploma.json"), diploma).unwrap();
    let verified = testamur(folder, &["verify", "--json", "diploma.json", "--data", "data"]);
    let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verdict["issuer"]["vouchedBy"], "trust-list", "{verdict:#}");
    done(&["standing", id, "suspended", "--reason", "under review"]);
    done(&["standing", id, "annulled", "--effective", "2026-02-01", "--reason", "fraud"]);
    let again = decide(&["standing", id, "granted", "--reason", "by mistake"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("annulled, which is final"));
    let key = ok(folder, &["keys", "list", "ha-noi", "--data", "data"]);
    let key = format!("{did}#{}", key.split('\t').next().unwrap());
    done(&["key", &key, "--compromised-since", "2026-11-01T00:00:00Z"]);
    std::fs::write(folder.join("policy.txt"), "quorum none\n").unwrap();
    done(&["policy", "--log-policy", "policy.txt", "--closed-log", "log.x/2025 7 AAAA"]);
    let fingerprint = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    done(&[
        "pointer",
        "LA",
        "--list-url",
        "https://la.example/trust/LA/list",
        "--root-url",
        "https://la.example/trust/LA/root/1",
        "--fingerprint",
        fingerprint,
    ]);
    done(&["successor", &did, &did, "--since", "2027-01-01"]);
    let fsck = ok(folder, &["fsck", "--data", "data"]);
    assert!(fsck.contains("2 credentials checked, 0 damaged"), "{fsck}");
    let mut help = String::from_utf8(testamur(folder, &["accredit", "grant", "--help"]).stdout).unwrap();
    help.retain(|c| c != '\n');
    assert!(help.contains("levelMin"));
}
