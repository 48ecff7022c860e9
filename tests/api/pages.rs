//! The home page, its form, the pages of problems, and what the pages load

use serde_json::json;

use crate::support::{TestHouse, page_of};

#[tokio::test]
async fn the_home_page_speaks_three_languages() {
    let house = TestHouse::new().await;
    for tag in ["vi", "en", "lo"] {
        let page = house.browser().with("accept-language", tag).get("/").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.text().contains(&format!("lang=\"{tag}\"")));
        assert!(!page.text().contains('⟦'));
    }
}

#[tokio::test]
async fn a_pasted_credential_is_judged_on_a_page() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let text = issued.to_string();
    let enveloped = json!({"verifiableCredential": issued}).to_string();
    let browser = house.browser().with("accept-language", "en");
    for fields in [[("file", text.as_str()), ("text", "")], [("file", ""), ("text", enveloped.as_str())]] {
        let page = browser.post_form("/verify", &fields).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.text().contains("ທ້າວ ສົມພອນ ແກ້ວມະນີ"));
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let moved = browser.post_form("/verify", &[("text", issued["id"].as_str().unwrap())]).await;
    assert_eq!((moved.status, moved.header("location")), (303, page_of(&issued).as_str()));
    let chosen = browser.post_form("/verify?lang=lo", &[("text", issued["id"].as_str().unwrap())]).await;
    assert_eq!(chosen.header("location"), format!("{}?lang=lo", page_of(&issued)));
}

#[tokio::test]
async fn a_form_that_says_nothing_gets_a_page_that_helps() {
    let house = TestHouse::new().await;
    for fields in [&[("text", "")][..], &[("text", "not JSON")], &[("text", "[]")], &[("other", "{}")]] {
        let page = house.browser().post_form("/verify", fields).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (400, "text/html; charset=utf-8"),
            "{fields:?}"
        );
    }
    let answer = house.stranger().post_text("/verify", "{}").await;
    assert_eq!(answer.problem(415).0, "media-type-unsupported");
}

#[tokio::test]
async fn every_problem_has_a_page_in_every_language() {
    let house = TestHouse::new().await;
    for row in testamur::web::problem::PROBLEMS {
        for tag in ["vi", "en", "lo"] {
            let page = house.browser().get(&format!("/problems/{}?lang={tag}", row.code)).await;
            assert_eq!(page.status, 200, "{} {tag}", row.code);
            assert!(!page.text().contains('⟦'), "{} {tag}", row.code);
        }
    }
    assert_eq!(house.stranger().get("/problems/none").await.problem(404).0, "not-found");
    let page = house.browser().get("/c/nonsense").await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn what_pages_load_is_ours_and_kept() {
    let house = TestHouse::new().await;
    let home = house.browser().get("/").await.text();
    let links: Vec<_> = home.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(links.len() >= 2, "{links:?}");
    for link in links {
        let asset = house.stranger().get(link).await;
        assert_eq!(asset.status, 200, "{link}");
        assert!(asset.header("cache-control").contains("immutable"));
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(house.stranger().get("/assets/nothing.css").await.problem(404).0, "not-found");
}
