//! The directory: whom the pinned lists name, on a page, on a map, and each with its history.

use serde_json::{Value, json};

use testamur::crypto::Signer as _;

use super::judged::pinned;
use super::maker::*;
use crate::support::TestHouse;

/// A service that has pinned Vietnam: the college, a closed school, an enterprise without a place.
async fn house() -> TestHouse {
    let house = TestHouse::new().await;
    let mut school = college();
    school["id"] = json!("did:web:old.vn.example%3A8443:school");
    school["nameI18n"] = json!({"vi": "Trường Trung cấp nghề Đồng Nai <script>"});
    school["location"] = json!("geo:10.9574,106.8427");
    school["grant"][0]["history"]
        .as_array_mut()
        .unwrap()
        .push(json!({"standing": "withdrawn", "since": "2026-11-21", "recordedAt": "2026-11-21T00:00:00Z"}));
    school.as_object_mut().unwrap().remove("archivedDidDocument");
    let firm = json!({
        "id": "did:web:firm.vn.example", "nameI18n": {"vi": "Công ty Cơ khí"}, "institutionCode": "DN0001",
        "trustedKey": [{"id": key(41, "did:web:firm.vn.example").key_id(), "keyUse": "endorsement", "notBefore": "2025-01-01T00:00:00Z"}],
    });
    let document = list_document(7, "2026-11-20T00:00:00Z", &[college(), school, firm]);
    house.app.registry.pin(vec![pinned(root(), list(&document).unwrap())]);
    house
}

#[tokio::test]
async fn the_map_is_geojson() {
    let house = house().await;
    let answer = house.stranger().get("/map.geojson").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
    let map = answer.json();
    assert_eq!(map["type"], "FeatureCollection");
    let of = |did: &str| {
        map["features"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == did)
            .unwrap_or(&Value::Null)
            .clone()
    };
    let college = of(COLLEGE);
    assert_eq!(college["geometry"], json!({"type": "Point", "coordinates": [105.6923, 18.6734]}));
    assert_eq!(
        (&college["properties"]["territory"], &college["properties"]["standing"]),
        (&json!("VN"), &json!("accredited"))
    );
    assert_eq!(of("did:web:old.vn.example%3A8443:school")["properties"]["standing"], "ended");
    let firm = of("did:web:firm.vn.example");
    assert_eq!((&firm["geometry"], &firm["properties"]["standing"]), (&Value::Null, &json!("never")));
    let again = house.stranger().with("if-none-match", answer.header("etag")).get("/map.geojson").await;
    assert_eq!(again.status, 304);
    // Every page there is found where the map says.
    for feature in map["features"].as_array().unwrap() {
        let url = feature["properties"]["url"].as_str().unwrap();
        let page = house.browser().get(url.strip_prefix("http://localhost:8080").unwrap()).await;
        assert_eq!(page.status, 200, "{url}");
    }
    house.app.registry.pin(Vec::new());
    assert_eq!(house.stranger().get("/map.geojson").await.json()["features"], json!([]));
}

#[tokio::test]
async fn a_name_is_found_however_it_is_typed() {
    let house = house().await;
    let names = async |query: &str| {
        let page = house.browser().get(&format!("/directory?lang=en&{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let text = page.text();
        assert!(!text.contains("<script>") && !text.contains('⟦'), "{text}");
        (text.contains("Sample College</"), text.contains("Đồng Nai"), text.contains("Công ty"))
    };
    assert_eq!(names("").await, (true, true, true));
    assert_eq!(names("q=TRUONG+dong").await, (false, true, false));
    assert_eq!(names("q=%C4%90%E1%BB%93ng").await, (false, true, false));
    assert_eq!(names("q=dn0001").await, (false, false, true));
    assert_eq!(names("q=sample").await, (true, false, false));
    assert_eq!(names("q=nobody").await, (false, false, false));
    assert_eq!(names("page=999999").await, (true, true, true));
    assert_eq!(names(&format!("q={}", "x".repeat(3000))).await, (false, false, false));
    assert_eq!(house.stranger().get("/directory?page=x").await.problem(400).0, "request-invalid");
    let empty = TestHouse::new().await.browser().get("/directory?lang=en").await;
    assert!(empty.text().contains("No trust list is known here yet"));
}

#[tokio::test]
async fn an_institution_tells_its_history() {
    let house = house().await;
    let page = house.browser().get("/directory/VN/did:web:old.vn.example%253A8443:school?lang=en").await;
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    for words in
        ["Not accredited today", "21 November 2026", "Withdrawn", "VQF 4–5", "number 7 of", "Check a diploma"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    for nowhere in
        ["/directory/LA/did:web:firm.vn.example", "/directory/VN/did:web:nobody.example", "/directory/VN/%00"]
    {
        assert_eq!(house.stranger().get(nowhere).await.problem(404).0, "not-found", "{nowhere}");
    }
}
