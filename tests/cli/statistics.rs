//! `testamur statistics`

use serde_json::Value;

use super::Desk;

#[test]
fn figures_are_told_in_words_as_files_and_signed() {
    let desk = Desk::new();
    let definitions: Value = serde_json::from_str(&desk.ok(&["statistics"])).unwrap();
    assert_eq!(definitions["subjects"][0]["id"], "awards");
    let slugs: [&str; 7] = ["--name", "en=College", "--data", "data", "--keys", "keys", "ha-noi"];
    desk.ok(&[&["institutions", "new"], &slugs[..]].concat());
    let draft = format!("{}/fixtures/credentials/diploma/full.json", env!("CARGO_MANIFEST_DIR"));
    for _ in 0..2 {
        desk.ok(&["issue", "--data", "data", "--keys", "keys", &draft]);
    }
    let of = |more: &[&str]| {
        let line = [&["statistics", "awards", "--data", "data", "--keys", "keys"], more].concat();
        desk.ok(&line)
    };
    assert!(of(&[]).contains("0  in all, as of nothing is released yet"));
    let exact = of(&["--by", "year,level", "--exact"]);
    assert!(exact.contains("2  2026  VQF:5\n") && exact.contains("not for publication"), "{exact}");
    assert_eq!(of(&["--by", "field", "--only", "year=2026", "--exact", "--csv"]), "field,count\r\n07,2\n");
    desk.write("report.json", &of(&["--signed"]));
    let report: Value = serde_json::from_str(&desk.read("report.json")).unwrap();
    assert_eq!(report["credentialSubject"]["subject"], "awards");
    assert_eq!(desk.code(&["statistics", "people", "--data", "data", "--keys", "keys"]), 70);
    assert_eq!(
        desk.code(&["statistics", "awards", "--data", "data", "--keys", "keys", "--by", "colour"]),
        70
    );
}
