//! The frameworks compiled in are those that were compiled with their sources, row by row.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testamur::framework::{self, Basis, Levels};

use crate::shared;

#[test]
fn twenty_frameworks_and_their_titles_are_as_they_were_found() {
    let Some(found) = shared::json("recognition/frameworks.json") else { return };
    let frameworks = found["frameworks"].as_array().unwrap();
    let mut titles = 0;
    for theirs in frameworks {
        let id = theirs["id"].as_str().unwrap();
        let ours = framework::by_id(id).unwrap();
        let levels = theirs["levels"].as_u64().unwrap_or(0);
        assert_eq!(
            ours.levels.iter().map(|level| level.code.clone()).collect::<Vec<_>>(),
            (1..=levels).map(|level| level.to_string()).collect::<Vec<_>>(),
            "{id}"
        );
        assert_eq!(json!(ours.confidence), theirs["confidence"], "{id}");
        let mut loose = ours.titles_without_level.iter();
        for row in theirs["levelTitles"].as_array().unwrap() {
            let title = match row["level"].as_u64() {
                Some(level) => &ours.level(&level.to_string()).unwrap().title,
                None => loose.next().unwrap(),
            };
            assert_eq!(json!(title.titles), row["titles"], "{id}");
            assert_eq!(json!(title.vocational), row["vocational"], "{id}");
            assert_eq!(json!(title.source), row["source"], "{id}");
            assert_eq!(json!(title.confidence), row["confidence"], "{id}");
            assert_eq!(title.min_credits.as_ref(), row.get("minCredits"), "{id}");
            titles += 1;
        }
        let none = Vec::new();
        let referencing = theirs.get("referencing").and_then(Value::as_array).unwrap_or(&none);
        assert_eq!(ours.referencing.len(), referencing.len(), "{id}");
        for (ours, theirs) in ours.referencing.iter().zip(referencing) {
            assert_eq!(json!(ours.to), theirs["to"], "{id}");
            assert_eq!(
                ours.map.as_ref().map(|map| &map.levels),
                map_of(&theirs["levelMap"]).as_ref(),
                "{id}"
            );
            let assumed = ours.assumed.as_ref();
            assert_eq!(assumed.map(|map| &map.levels), map_of(&theirs["levelMapAssumed"]).as_ref(), "{id}");
            assert!(assumed.is_none_or(|map| map.basis == Basis::Assumed));
        }
    }
    assert_eq!((frameworks.len(), titles), (20, 82));
}

fn map_of(value: &Value) -> Option<BTreeMap<u32, Levels>> {
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let levels = |value: &Value| match value {
        Value::Array(levels) => levels.iter().map(number).collect(),
        one => Levels::from([number(one)]),
    };
    Some(value.as_object()?.iter().map(|(level, to)| (level.parse().unwrap(), levels(to))).collect())
}
