//! The command line: an authority is pinned, its colleges are known, the pin ends.

use std::path::Path;
use std::process::{Command, Output};

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::judged::diploma;
use super::maker::*;
use testamur::clock::{Clock, SystemClock};
use testamur::trustlist::Root;

fn testamur(folder: &Path, line: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testamur"));
    command.args(line).args(["--data", "data"]).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn code(folder: &Path, line: &[&str]) -> i32 {
    testamur(folder, line).status.code().unwrap()
}

#[test]
fn an_authority_is_believed_by_its_fingerprint_and_no_longer_than_pinned() {
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path();
    // As of today, whenever that is.
    let issued = (SystemClock.now() - 24.hours()).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let lists = [(11, "2026-01-01T00:00:00Z", "2999-01-31T00:00:00Z")];
    let root =
        signed(&root_document(1, 2, &[1, 2, 3], &lists), &[root_key(1), root_key(3)], "2026-01-01T00:00:00Z");
    let mut entry = college();
    entry["grant"][0]["effectiveTo"] = json!("2999-07-31");
    std::fs::write(folder.join("root.json"), &root).unwrap();
    std::fs::write(folder.join("list.json"), list_bytes(&list_document(7, &issued, &[entry]))).unwrap();
    std::fs::write(folder.join("diploma.json"), diploma(21, |_| {})).unwrap();
    let fingerprint = Root::parse(&root).unwrap().fingerprint;

    assert_eq!(code(folder, &["verify", "diploma.json"]), 2, "nobody is pinned");
    let wrong = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    let refused =
        testamur(folder, &["trust", "pin", "root.json", "--list", "list.json", "--fingerprint", wrong]);
    assert_eq!(refused.status.code(), Some(70));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!told.contains(&fingerprint) && told.contains("do not pin it"), "{told}");
    assert_eq!(code(folder, &["verify", "diploma.json"]), 2);

    let pin = ["trust", "pin", "root.json", "--list", "list.json", "--fingerprint", &fingerprint];
    assert_eq!(code(folder, &pin), 0);
    assert_eq!(code(folder, &pin), 70, "pinned already");
    let listed = String::from_utf8(testamur(folder, &["trust", "list"]).stdout).unwrap();
    assert!(listed.starts_with("VN  list 7 of ") && listed.contains("(1 days old)"), "{listed}");
    let verified = testamur(folder, &["verify", "--json", "diploma.json"]);
    let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified.status.code(), Some(0), "{verdict}");
    assert_eq!(verdict["issuer"]["vouchedBy"], "trust-list");

    std::fs::write(
        folder.join("early.json"),
        diploma(21, |draft| draft["awardedDate"] = json!("2020-01-01T00:00:00Z")),
    )
    .unwrap();
    let early = testamur(folder, &["verify", "early.json"]);
    let told = String::from_utf8(early.stdout).unwrap();
    assert_eq!(early.status.code(), Some(1), "{told}");
    assert!(told.contains("REFUSED") && !told.contains("NOT GENUINE"), "{told}");

    assert_eq!(code(folder, &["trust", "refresh"]), 1, "pinned from files: nobody to ask");
    assert_eq!(code(folder, &["trust", "unpin", "LA"]), 70);
    assert_eq!(code(folder, &["trust", "unpin", "VN"]), 0);
    assert_eq!(code(folder, &["verify", "diploma.json"]), 2);
}
