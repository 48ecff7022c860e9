//! `GET /c/{id}` and its QR symbols

use serde_json::{Value, json};

use crate::support::{TestHouse, diploma, draft, page_of};

#[tokio::test]
async fn one_address_has_many_forms() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let path = page_of(&issued);
    for (accept, kind) in [
        ("*/*", "application/vc"),
        ("application/vc", "application/vc"),
        ("application/ld+json, application/json", "application/ld+json"),
        ("application/json", "application/json"),
        ("image/png", "application/vc"),
        ("text/html", "text/html; charset=utf-8"),
    ] {
        let answer = house.stranger().with("accept", accept).get(&path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{accept}");
        assert!(answer.header("vary").contains("accept"));
        if !kind.starts_with("text/html") {
            assert_eq!(answer.json(), issued);
        }
    }
    assert_eq!(house.browser().get(&format!("{path}.json")).await.json(), issued);
    let page = house.stranger().get(&format!("{path}.html")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(house.stranger().get(&format!("{path}.pdf")).await.problem(404).0, "not-found");
}

#[tokio::test]
async fn the_page_tells_the_verdict() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let page = house.browser().with("accept-language", "en").get(&page_of(&issued)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("ທ້າວ ສົມພອນ ແກ້ວມະນີ"));
    assert!(page.text().contains("lang=\"en\""));
    let page = house.browser().get(&format!("{}?lang=vi", page_of(&issued))).await;
    assert!(page.text().contains("lang=\"vi\""));
    assert!(page.header("set-cookie").is_empty());
}

#[tokio::test]
async fn what_a_scanner_reads_in_capitals_works() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    let capitals = page_of(&issued).to_uppercase();
    assert_eq!(house.stranger().get(&capitals).await.json(), issued);
    assert_eq!(house.browser().get(&capitals).await.status, 200);
}

#[tokio::test]
async fn a_known_copy_is_not_sent_again() {
    let house = TestHouse::new().await;
    let path = page_of(&house.diploma().await);
    let first = house.stranger().get(&path).await;
    let again = house.stranger().with("if-none-match", first.header("etag")).get(&path).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_closed_page_looks_like_none() {
    let house = TestHouse::new().await;
    let body = json!({"credential": diploma(), "options": {"visibility": "token"}});
    let issued =
        house.college().post("/credentials/issue", &body).await.json()["verifiableCredential"].clone();
    let path = page_of(&issued);
    let unknown = "/c/0mvs7wqp29d49tmb963atq3yhy";
    for suffix in ["", ".json", ".html", "/qr.svg", "/qr.png"] {
        for actor in [house.stranger(), house.neighbour(), house.bearing("nonsense")] {
            let closed = actor.get(&format!("{path}{suffix}")).await;
            let none = actor.get(&format!("{unknown}{suffix}")).await;
            assert_eq!(without_id(&closed.json()), without_id(&none.json()));
            let names = |headers: &http::HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
            assert_eq!((closed.status, names(&closed.headers)), (404, names(&none.headers)));
        }
        assert_eq!(house.college().get(&format!("{path}{suffix}")).await.status, 200, "{suffix}");
        assert_eq!(house.auditor().get(&format!("{path}{suffix}")).await.status, 200, "{suffix}");
    }
    let page = house.college().with("accept", "text/html").get(&path).await;
    assert_eq!(page.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn minors_are_closed_unless_said_otherwise() {
    let house = TestHouse::new().await;
    let mut young = diploma();
    young["credentialSubject"]["holderIdentity"]["birthDate"] = json!("2010-01-01");
    let answer = house.college().post("/credentials/issue", &json!({"credential": young})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let closed = page_of(&answer.json()["verifiableCredential"]);
    assert_eq!(house.stranger().get(&closed).await.status, 404);
    let body = json!({"credential": young, "options": {"visibility": "public"}});
    let open =
        page_of(&house.college().post("/credentials/issue", &body).await.json()["verifiableCredential"]);
    assert_eq!(house.stranger().get(&open).await.status, 200);
}

#[tokio::test]
async fn the_symbols_are_pictures() {
    let house = TestHouse::new().await;
    let path = page_of(&house.diploma().await);
    let svg = house.stranger().get(&format!("{path}/qr.svg")).await;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    assert!(svg.text().starts_with("<svg"));
    let png = house.stranger().get(&format!("{path}/qr.png")).await;
    assert_eq!((png.status, png.header("content-type")), (200, "image/png"));
    assert!(png.body.starts_with(b"\x89PNG"));
    assert_eq!(house.stranger().get("/c/nonsense/qr.svg").await.problem(404).0, "not-found");
}

fn without_id(problem: &Value) -> Value {
    let mut problem = problem.clone();
    problem.as_object_mut().unwrap().shift_remove("requestId");
    problem
}

#[tokio::test]
async fn a_long_transcript_is_shown_in_full_to_whoever_asks() {
    let house = TestHouse::new().await;
    let mut transcript = draft("transcript/minimal.json");
    let courses = transcript["credentialSubject"]["verifiableCredential"].as_array_mut().unwrap();
    let one = courses[0].clone();
    *courses = (0..120)
        .map(|number| {
            let mut course = one.clone();
            course["name"] = json!(format!("Course number {number}"));
            course
        })
        .collect();
    let body = json!({"credential": transcript});
    let issued = house.college().post("/credentials/issue", &body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let page = page_of(&issued.json()["verifiableCredential"]);
    let brief = house.browser().get(&page).await.text();
    assert!(brief.len() < 30_000 && brief.contains("?all=1"), "{}", brief.len());
    let whole = house.browser().get(&format!("{page}?all=1")).await.text();
    assert!(whole.matches("<tr>").count() == 121 && !whole.contains("all=1"));
}
