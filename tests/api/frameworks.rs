//! Frameworks as data and as ladders

use serde_json::Value;

use crate::support::TestHouse;

#[tokio::test]
async fn frameworks_are_data_with_their_sources() {
    let house = TestHouse::new().await;
    let all = house.stranger().get("/frameworks").await;
    assert_eq!((all.status, all.header("content-type")), (200, "application/json"));
    let all: Value = serde_json::from_str(&all.text()).unwrap();
    let rows = all["frameworks"].as_array().unwrap();
    assert_eq!(rows.len(), testamur::framework::all().unwrap().len());
    for row in rows {
        let one = house.stranger().get(row["path"].as_str().unwrap()).await;
        assert_eq!(one.status, 200);
        let one: Value = serde_json::from_str(&one.text()).unwrap();
        assert_eq!(one["id"], row["id"]);
        assert!(!one["sources"].as_array().unwrap().is_empty());
    }
    let nobody = house.stranger().get("/frameworks/VQ").await;
    assert_eq!(nobody.problem(404).0, "not-found");
}

#[tokio::test]
async fn ladders_stand_side_by_side_in_three_languages() {
    let house = TestHouse::new().await;
    for tag in ["vi", "en", "lo"] {
        let browser = house.browser().with("accept-language", tag);
        let page = browser.get("/frameworks?f=HKQF&f=NZQCF").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.text().contains("class=\"published\" x1") && page.text().contains("ladder-NZQCF"));
        assert!(!page.text().contains('⟦'));
        assert_eq!(browser.get("/frameworks/VQF").await.status, 200);
        assert_eq!(browser.get("/frameworks").await.status, 200);
        assert_eq!(browser.get("/frameworks?f=VQ").await.status, 400);
    }
}
