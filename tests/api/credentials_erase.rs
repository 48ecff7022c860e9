//! `POST /credentials/erase`

use serde_json::{Value, json};

use crate::support::{TestHouse, page_of};

const ERASE: &str = "/credentials/erase";
const VERIFY: &str = "/credentials/verify";

fn wish(credential: &Value) -> Value {
    json!({"credentialId": credential["id"], "reason": "asked for by the person, letter 12 of 2026"})
}

#[tokio::test]
async fn an_erased_record_is_gone_and_says_so_in_three_languages() {
    let house = TestHouse::on_disk().await;
    let (issued, other) = (house.diploma().await, house.diploma().await);
    let page = page_of(&issued);
    let answer = house.college().post(ERASE, &wish(&issued)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["erased"], "2026-11-22T08:00:00Z");
    for path in [
        page.clone(),
        page.to_uppercase(),
        format!("{page}.json"),
        format!("{page}/qr.svg"),
        format!("{page}/qr.png"),
    ] {
        assert_eq!(house.stranger().get(&path).await.problem(410).0, "erased", "{path}");
    }
    for (language, words) in [("vi", "đã được xóa"), ("en", "has been erased"), ("lo", "ຖືກລຶບແລ້ວ")]
    {
        let shown = house.browser().with("accept-language", language).get(&page).await;
        assert_eq!((shown.status, shown.header("content-type")), (410, "text/html; charset=utf-8"));
        assert!(shown.text().contains(words), "{language}: {}", shown.text());
        let holder = issued["credentialSubject"]["holderIdentity"]["name"].as_str().unwrap_or("Nguyễn");
        assert!(!shown.text().contains(holder));
    }
    let read = format!("/credentials/{}", page.trim_start_matches("/c/"));
    let (code, detail) = house.auditor().get(&read).await.problem(410);
    assert_eq!(code, "erased");
    assert!(detail.starts_with("erased at 2026-11-22T08:00:00Z by ") && detail.contains(": "), "{detail}");
    assert!(house.stranger().get(&page).await.problem(410).1.is_empty(), "why is no stranger's business");
    assert_eq!(house.neighbour().get(&read).await.problem(404).0, "not-found");
    assert_eq!(house.browser().get(&page_of(&other)).await.status, 200, "the others stay");
    assert_eq!(house.college().post(ERASE, &wish(&issued)).await.problem(409).0, "conflict");
    // The records are as sound as before, and the feed tells that it happened and when.
    assert_eq!(house.app.store.check(&|_, _| {}).await, Ok(Vec::new()));
    let changes = house.app.store.changes(None, 1_000).await.unwrap().items;
    let last = changes.last().unwrap();
    assert_eq!((last.what.as_str(), last.institution.as_ref().unwrap().as_str()), ("erased", "ha-noi"));
}

#[tokio::test]
async fn what_others_hold_still_verifies_and_can_still_be_withdrawn() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    assert_eq!(house.college().post(ERASE, &wish(&issued)).await.status, 200);
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!((verdict.status, verdict.json()["state"].clone()), (200, json!("genuine")));
    let change = json!({"credentialId": issued["id"], "statusPurpose": "revocation", "value": true,
        "reason": "issued in error"});
    assert_eq!(house.college().post("/credentials/status", &change).await.status, 200);
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": issued})).await;
    assert_eq!(verdict.json()["state"], "withdrawn");
    // And what was withdrawn before stays withdrawn.
    let revoked = house.diploma().await;
    let change = json!({"credentialId": revoked["id"], "statusPurpose": "revocation", "value": true,
        "reason": "issued in error"});
    assert_eq!(house.college().post("/credentials/status", &change).await.status, 200);
    assert_eq!(house.college().post(ERASE, &wish(&revoked)).await.status, 200);
    let verdict = house.stranger().post(VERIFY, &json!({"verifiableCredential": revoked})).await;
    assert_eq!(verdict.troubles(), ["status.revoked"]);
}

#[tokio::test]
async fn a_closed_record_is_erased_without_a_word_to_strangers() {
    let house = TestHouse::new().await;
    let body = json!({"credential": crate::support::diploma(), "options": {"visibility": "token"}});
    let retry = house.college().with("idempotency-key", "once");
    let issued = retry.post("/credentials/issue", &body).await.json()["verifiableCredential"].clone();
    assert_eq!(house.college().post(ERASE, &wish(&issued)).await.status, 200);
    assert_eq!(house.stranger().get(&page_of(&issued)).await.problem(404).0, "not-found");
    assert_eq!(house.college().get(&page_of(&issued)).await.problem(410).0, "erased");
    assert_eq!(retry.post("/credentials/issue", &body).await.problem(410).0, "erased", "nothing comes back");
}

#[tokio::test]
async fn it_needs_leave_and_a_reason() {
    let house = TestHouse::new().await;
    let issued = house.diploma().await;
    assert_eq!(house.stranger().post(ERASE, &wish(&issued)).await.problem(401).0, "token-missing");
    assert_eq!(house.auditor().post(ERASE, &wish(&issued)).await.problem(403).0, "not-allowed");
    assert_eq!(house.neighbour().post(ERASE, &wish(&issued)).await.problem(404).0, "not-found");
    for reason in [json!(null), json!("  "), json!("x".repeat(1_001))] {
        let body = json!({"credentialId": issued["id"], "reason": reason});
        assert_eq!(house.college().post(ERASE, &body).await.problem(400).0, "reason-invalid");
    }
    let unknown = json!({"credentialId": issued["id"], "reason": "x", "why": 1});
    assert_eq!(house.college().post(ERASE, &unknown).await.pointers(), ["/why"]);
    assert_eq!(house.stranger().get(&page_of(&issued)).await.status, 200);
    assert_eq!(house.admin().post(ERASE, &wish(&issued)).await.status, 200);
}
