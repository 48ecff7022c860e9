//! The files: all listed, all read, and what is wrong with one is named.

use serde_json::{Value, json};

use super::*;

#[test]
fn the_table_lists_every_file_in_the_folder_and_each_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/framework/data");
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let listed: Vec<String> = FILES.iter().map(|(name, _)| format!("{name}.json")).collect();
    assert_eq!(there, listed);
    assert_eq!(all().map(<[_]>::len), Ok(FILES.len()));
    for framework in all().unwrap() {
        let document: Value = serde_json::from_str(document(&framework.id).unwrap()).unwrap();
        assert_eq!(document["id"], framework.id);
    }
}

#[test]
fn levels_are_found_by_code() {
    assert_eq!(level("VQF", "5").unwrap().title.titles["vi"], "Bằng tốt nghiệp cao đẳng");
    assert!(level("LNQF", "5").is_some() && level("VN-NOSQF", "3").is_some() && level("HKQF", "7").is_some());
    for (framework, code) in [("VQF", "9"), ("VQF", "05"), ("PQF", "4"), ("WSQ", "1"), ("", "")] {
        assert!(level(framework, code).is_none(), "{framework} {code}");
    }
}

#[test]
fn what_nobody_read_is_not_known() {
    let vqf = &by_id("VQF").unwrap().referencing[0];
    assert_eq!((vqf.to.as_str(), &vqf.map, vqf.date.as_deref()), ("AQRF", &None, Some("2025-10-24")));
    assert_eq!(vqf.assumed.as_ref().unwrap().basis, Basis::Assumed);
    let published = by_id("HKQF").unwrap().referencing[0].map.as_ref().unwrap();
    assert_eq!(published.basis, Basis::Published);
    assert_eq!(published.levels[&4], Levels::from([5, 6]));
    assert_eq!(by_id("NZQCF").unwrap().referencing[0].map.as_ref().unwrap().levels[&8], Levels::new());
    assert_eq!(by_id("BDQF").unwrap().levels[0].title.vocational, None);
    assert_eq!(by_id("CN-VET").unwrap().titles_without_level.len(), 4);
    assert_eq!(basis("adopted", "memory"), Basis::Indicative);
    assert_eq!(basis("report-published", "seen (existence)"), Basis::Indicative);
}

#[test]
fn what_is_wrong_with_a_file_is_named_by_file_and_member() {
    let whole: Value =
        serde_json::from_str(FILES.iter().find(|(name, _)| *name == "vqf").unwrap().1).unwrap();
    let read = |value: &Value| read::framework("vqf", value.to_string().as_bytes());
    assert!(read(&whole).is_ok());
    for (pointer, value, named) in [
        ("/id", json!("VQ"), "/id"),
        ("/name/vi", json!(4), "/name/vi"),
        ("/compiled", json!("today"), "/compiled"),
        ("/sources", json!([]), "/sources"),
        ("/levels/2/code", json!("2"), "/levels/2/code"),
        ("/levels/2/code", json!(3), "/levels/2/code"),
        ("/levels/2/source", json!("nobody"), "/levels/2/source"),
        ("/levels/2/vocational", json!("yes"), "/levels/2/vocational"),
        ("/levels/3/minCredits", json!({"after": "35"}), "/levels/3/minCredits"),
        ("/referencing/0/date", json!("October"), "/referencing/0/date"),
        ("/referencing/0/levelMapAssumed/3", json!(3), "/referencing/0/levelMapAssumed/3"),
        ("/openQuestions/0", json!(null), "/openQuestions/0"),
    ] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let said = read(&wrong).unwrap_err().to_string();
        assert!(said.starts_with(&format!("framework/data/vqf.json {named}: ")), "{said}");
    }
    let mut more = whole.clone();
    more["levels"][0]["colour"] = json!("red");
    assert!(read(&more).unwrap_err().to_string().contains("/levels/0/colour"));
    let mut fewer = whole;
    fewer["levels"][0].as_object_mut().unwrap().remove("confidence");
    assert!(read(&fewer).unwrap_err().to_string().contains("/levels/0/confidence"));
    assert!(read::framework("vqf", b"{").unwrap_err().to_string().contains("line 1"));
}
