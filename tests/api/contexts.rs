//! `GET /contexts/{name}`

use serde_json::Value;

use crate::shared;
use crate::support::TestHouse;

#[tokio::test]
async fn our_contexts_are_served_as_pinned() {
    let house = TestHouse::new().await;
    for name in ["testamur-award-v1.jsonld", "testamur-authority-v1.jsonld"] {
        let answer = house.stranger().get(&format!("/contexts/{name}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/ld+json"));
        assert!(answer.header("cache-control").contains("immutable"));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        // What the examples were signed with says the same here; terms come to it, none changes.
        if let Some(draft) = shared::json(&format!("examples/{name}")) {
            assert!(keeps(&draft, &answer.json()), "{name}");
        }
        let again = house
            .stranger()
            .with("if-none-match", answer.header("etag"))
            .get(&format!("/contexts/{name}"))
            .await;
        assert_eq!(again.status, 304);
    }
    for name in ["credentials-v2.jsonld", "testamur-award-v2.jsonld", "..%2Fsecret"] {
        assert_eq!(house.stranger().get(&format!("/contexts/{name}")).await.problem(404).0, "not-found");
    }
}

/// Whether every term stands with the same definition; terms of its own it may have besides.
fn keeps(before: &Value, now: &Value) -> bool {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            before.iter().all(|(name, value)| now.get(name).is_some_and(|now| keeps(value, now)))
        }
        _ => before == now,
    }
}
