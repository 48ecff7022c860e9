//! `testamur witness`: the key, and the logs that are cosigned.

use super::*;
use testamur::log::VerifierKey;
use testamur::log::vkey::Kind;

use crate::log::Key;

#[test]
fn a_witness_has_a_key_and_logs() {
    let desk = Desk::new();
    let output = desk.run(&["witness", "key"]);
    assert!(text(&output.stderr).contains("[witness] name is not set"), "{}", text(&output.stderr));
    let settled = Key::log("log.thailand.example/2026").public;
    let settings = format!("[witness]\nname = \"witness.vietnam.example\"\nlogs = [\"{settled}\"]\n");
    desk.write("testamur.toml", &settings);
    let told = desk.ok(&["witness", "key"]);
    let key: VerifierKey = told.trim_end().parse().unwrap();
    assert_eq!((key.name().as_str(), key.kind()), ("witness.vietnam.example", Kind::Cosignature));
    assert_eq!(desk.ok(&["witness", "key"]), told);

    let log = Key::log("log.laos.example/2026").public.to_string();
    assert!(desk.ok(&["witness", "add", &log]).contains("from now on"));
    assert!(desk.ok(&["witness", "add", &log]).contains("already"));
    assert!(desk.ok(&["witness", "add", &settled.to_string()]).contains("already"));
    assert_eq!(desk.code(&["witness", "add", &key.to_string()]), 70);
    assert_eq!(desk.code(&["witness", "add", "log.laos.example"]), 64);
    assert_eq!(desk.ok(&["witness", "list"]), format!("{settled}\n{log}\n"));
    desk.ok(&["witness", "remove", "log.laos.example/2026"]);
    assert_eq!(desk.code(&["witness", "remove", "log.laos.example/2026"]), 70);
    assert_eq!(desk.ok(&["witness", "list"]), format!("{settled}\n"));
}
