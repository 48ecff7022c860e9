//! `GET /contexts/{name}`

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
        if let Some(path) = shared::path(&format!("examples/{name}")) {
            assert_eq!(answer.body, std::fs::read(path).unwrap());
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
