//! What the page and the terminal will show of the worked examples.

use super::*;
use serde_json::json;

#[test]
fn nothing_signed_is_invisible() {
    let document = json!({
        "@context": ["a"], "type": ["T"], "odd": {"deep": [1, {"x": null}], "empty": {}}, "name": {"@value": "n", "@language": "fr"},
        "credentialSubject": {"id": "s", "achievement": {"name": "A", "inLanguage": "en", "nameI18n": {"en": "not A", "vi": "B"}}},
        "proof": {"proofValue": "z"},
    });
    let summary = summarize(document.as_object().unwrap());
    let rows: Vec<_> = summary.groups.iter().flat_map(|group| &group.rows).collect();
    let shown = |pointer: &str| rows.iter().any(|row| row.pointer == pointer);
    for pointer in [
        "/odd/deep/0",
        "/odd/deep/1/x",
        "/odd/empty",
        "/name",
        "/credentialSubject/id",
        "/type/0",
        "/@context/0",
    ] {
        assert!(shown(pointer), "{pointer}: {rows:#?}");
    }
    assert!(!shown("/proof/proofValue"));
    let name = rows.iter().find(|row| row.pointer == "/credentialSubject/achievement/name").unwrap();
    assert_eq!(name.values.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["A", "not A", "B"]);
    assert_eq!(name.best("vi").unwrap().text, "B");
    assert_eq!(summary.title[0].lang.as_deref(), Some("en"));
}

#[test]
fn a_summary_is_bounded() {
    let document = json!({"credentialSubject": {"list": vec!["x"; 5_000], "long": "y".repeat(50_000)}});
    let summary = summarize(document.as_object().unwrap());
    assert_eq!(summary.groups.iter().map(|group| group.rows.len()).sum::<usize>(), MAX_ROWS);
    assert_eq!(summary.more, 3_001);
    assert!(cut(&"đ".repeat(20_000)).len() < MAX_TEXT + 8);
}

#[test]
fn what_is_made_to_cost_costs_little() {
    let long = "x".repeat(1_000_000);
    let mut names = Map::new();
    for index in 0..50_000 {
        names.insert(format!("l{index}"), json!("a"));
    }
    let many: Vec<Value> =
        (0..20_000).map(|index| json!({"id": format!("urn:r:{index}"), "name": "n"})).collect();
    let results: Vec<Value> = (0..20_000)
        .map(|index| json!({"resultDescription": format!("urn:r:{index}"), "value": "1"}))
        .collect();
    let document = json!({
        long.as_str(): vec![1; 50_000],
        "nameI18n": names,
        "name": "n",
        "credentialSubject": {
            "holderIdentity": {"nativeName": names},
            "achievement": vec![json!({"resultDescription": many})],
            "result": results,
        },
    });
    let summary = summarize(document.as_object().unwrap());
    let shown: usize = summary.groups.iter().flat_map(|group| &group.rows).map(|row| row.pointer.len()).sum();
    assert!(shown < 4_000_000, "{shown}");
    assert!(summary.more > 50_000);
}
