//! `GET /credentials/{id}`

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::support::{TestHouse, diploma, page_of};

#[tokio::test]
async fn its_institution_reads_it_by_any_of_its_names() {
    let house = TestHouse::new().await;
    let own = "urn:uuid:0b7e6a4e-5f2b-4f5e-9d0a-000000000002";
    let mut draft = diploma();
    draft["id"] = json!(own);
    let answer = house.college().post("/credentials/issue", &json!({"credential": draft})).await;
    let url = answer.header("location").to_owned();
    let id = url.rsplit('/').next().unwrap().to_owned();
    for name in [id.clone(), id.to_uppercase(), url, own.to_owned()] {
        let path = format!("/credentials/{}", utf8_percent_encode(&name, NON_ALPHANUMERIC));
        let read = house.college().get(&path).await;
        assert_eq!(read.status, 200, "{name}: {}", read.text());
        assert_eq!(read.body, answer.body);
        assert_eq!(house.auditor().get(&path).await.status, 200);
        assert_eq!(house.neighbour().get(&path).await.problem(404).0, "not-found");
        assert_eq!(house.stranger().get(&path).await.problem(401).0, "token-missing");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = TestHouse::new().await;
    for name in ["0mvs7wqp29d49tmb963atq3yhy", "urn:uuid:none", "%00", "%ff"] {
        let answer = house.college().get(&format!("/credentials/{name}")).await;
        assert!(matches!(answer.status, 400 | 404), "{name}: {}", answer.status);
    }
    let issued = house.diploma().await;
    assert_eq!(house.college().get(&page_of(&issued)).await.status, 200);
}
