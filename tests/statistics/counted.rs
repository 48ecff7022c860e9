//! Figures over HTTP: they are what is on record, in each form, to whom they are for.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::access::{Reach, Role};
use testamur::issue::operator;

use crate::support::{Actor, TestHouse, draft, page_of};

/// Issues so many diplomas of a field, a mode and an award year.
pub async fn issue(college: &Actor, many: usize, field: &str, mode: &str, year: u32) -> Vec<Value> {
    let mut issued = Vec::new();
    for _ in 0..many {
        let mut diploma = draft("diploma/full.json");
        diploma["awardedDate"] = json!(format!("{year}-06-30T00:00:00+07:00"));
        let achievement = &mut diploma["credentialSubject"]["achievement"];
        achievement["deliveryMode"] = json!(mode);
        achievement["alignment"][1]["targetCode"] = json!(field);
        let answer = college.post("/credentials/issue", &json!({ "credential": diploma })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        issued.push(answer.json()["verifiableCredential"].clone());
    }
    issued
}

pub fn later(house: &TestHouse, by: SignedDuration) {
    house.clock.set(house.app.now() + by);
}

async fn table(actor: &Actor, query: &str) -> Value {
    let answer = actor.get(&format!("/statistics/awards?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn rows<'v>(table: &'v Value, of: &str) -> Vec<(&'v str, u64)> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| (row[of].as_str().unwrap(), row["count"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn figures_are_what_is_on_record() {
    let house = TestHouse::new().await;
    let (stranger, auditor) = (house.stranger(), house.auditor());
    let nothing = table(&stranger, "").await;
    assert_eq!(
        (&nothing["asOf"], &nothing["total"], &nothing["by"]),
        (&Value::Null, &json!(0), &json!(["year"]))
    );
    issue(&house.college(), 12, "0716", "in-person", 2026).await;
    issue(&house.college(), 6, "0713", "online", 2025).await;
    issue(&house.neighbour(), 7, "1013", "hybrid", 2026).await;
    issue(&house.college(), 2, "0511", "in-person", 2026).await;
    house.college().post("/credentials/issue", &json!({"credential": draft("generic/minimal.json")})).await;
    // Whoever reads the register is told at once; everybody once it has settled.
    let exact = table(&house.admin(), "by=field&exact=true").await;
    assert_eq!(rows(&exact, "field"), [("05", 2), ("07", 18), ("10", 7)]);
    assert_eq!(table(&stranger, "").await["total"], 0);
    later(&house, SignedDuration::from_secs(70));
    let told = table(&stranger, "by=year").await;
    assert_eq!((rows(&told, "year"), &told["total"]), (vec![("2025", 6), ("2026", 21)], &json!(27)));
    assert_eq!((&told["exact"], &told["asOf"]), (&json!(false), &json!("2026-11-22T08:01:00Z")));
    let by_house = table(&stranger, "by=institution").await;
    assert_eq!(rows(&by_house, "institution"), [("ha-noi", 20), ("vientiane", 7)]);
    // Two of another field: three go with them untold, and the total is whole.
    let fields = table(&stranger, "by=field").await;
    assert_eq!(rows(&fields, "field"), [("07", 15), ("10", 7), ("withheld", 5)]);
    let one = table(&stranger, "by=field,mode&year=2026&institution=ha-noi").await;
    assert_eq!(
        (rows(&one, "field"), rows(&one, "mode")),
        (vec![("07", 9), ("withheld", 5)], vec![("in-person", 9), ("in-person", 5)])
    );

    // An auditor of the one is told of the one.
    let within = table(&auditor, "by=institution&exact=true").await;
    assert_eq!((rows(&within, "institution"), &within["exact"]), (vec![("ha-noi", 20)], &json!(true)));
    let answer = auditor.get("/statistics/awards?exact=true").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(stranger.get("/statistics/awards?exact=true").await.problem(401).0, "token-missing");
    let roles = vec![Role::Mentor];
    let caller = operator(house.app.now());
    let mentor = testamur::administer::new_token(&house.app, &caller, "mentor", roles, Reach::All);
    let mentor = house.bearing(&mentor.await.unwrap());
    assert_eq!(mentor.get("/statistics/awards?exact=true").await.problem(403).0, "not-allowed");

    // One more is not seen by anybody who compares days, and four neither; the fifth brings all of them.
    for (more, total) in [(1, 27), (3, 27), (1, 32)] {
        issue(&house.college(), more, "0716", "in-person", 2026).await;
        later(&house, SignedDuration::from_hours(25));
        assert_eq!(table(&stranger, "").await["total"], total);
    }
    assert_eq!(table(&auditor, "exact=1").await["total"], 25);
}

#[tokio::test]
async fn a_table_has_several_forms() {
    let house = TestHouse::new().await;
    issue(&house.college(), 9, "0716", "in-person", 2026).await;
    later(&house, SignedDuration::from_secs(70));
    let stranger = house.stranger();
    let csv = stranger.get("/statistics/awards?by=year,institution,level&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.text(), "year,institution,level,count\r\n2026,ha-noi,VQF:5,9\r\n");
    let again = stranger
        .clone()
        .with("accept", "text/csv")
        .get("/statistics/awards?by=year&by=institution&by=level")
        .await;
    assert_eq!(again.text(), csv.text());
    let known = stranger.clone().with("if-none-match", csv.header("etag"));
    assert_eq!(known.get("/statistics/awards?by=year,institution,level&format=csv").await.status, 304);
    for tag in ["vi", "en", "lo"] {
        let browser = house.browser().with("accept-language", tag);
        for path in [
            "/statistics",
            "/statistics/awards?by=year&by=field",
            "/statistics/withdrawals",
            "/statistics/awards?by=sex&field=07",
        ] {
            let page = browser.get(path).await;
            assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
            assert!(!page.text().contains('⟦'), "{tag} {path}");
        }
        let page = browser.get("/statistics").await.text();
        assert!(page.contains("<rect class=\"part-0\"") && page.contains(">9</td>"), "{page}");
    }
    let definitions = stranger.get("/statistics").await.json();
    assert!(definitions["subjects"].as_array().unwrap().iter().any(|one| one["id"] == "awards"));
    for path in definitions["paths"].as_array().unwrap() {
        assert_eq!(stranger.get(path.as_str().unwrap()).await.status, 200);
    }
    let long = format!("year={}", "x".repeat(300));
    for wrong in ["by=colour", "by=year,year", "feild=07", "exact=maybe", "format=xls", &long] {
        assert_eq!(
            stranger.get(&format!("/statistics/awards?{wrong}")).await.problem(400).0,
            "request-invalid",
            "{wrong}"
        );
    }
    assert_eq!(stranger.get("/statistics/people").await.problem(404).0, "not-found");
    assert_eq!(table(&stranger, "by=&year=1901").await["total"], 0);
}

#[tokio::test]
async fn the_sex_of_a_holder_is_signed_shown_and_counted_where_it_is_stated() {
    let house = TestHouse::new().await;
    let college = house.college();
    let mut last = Value::Null;
    for (sex, many) in [("female", 7), ("male", 6), ("x", 2)] {
        for _ in 0..many {
            let mut diploma = draft("diploma/full.json");
            diploma["credentialSubject"]["holderIdentity"]["sex"] = json!(sex);
            let answer = college.post("/credentials/issue", &json!({ "credential": diploma })).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
            last = answer.json()["verifiableCredential"].clone();
        }
    }
    assert_eq!(last["proof"]["cryptosuite"], "eddsa-rdfc-2022", "the context has a term for it");
    let verdict = house.stranger().post("/credentials/verify", &json!({"verifiableCredential": last})).await;
    assert_eq!(verdict.json()["verified"], true, "{}", verdict.text());
    let mut other = last.clone();
    other["credentialSubject"]["holderIdentity"]["sex"] = json!("male");
    let verdict = house.stranger().post("/credentials/verify", &json!({"verifiableCredential": other})).await;
    assert!(verdict.troubles().contains(&"proof.invalid".to_owned()), "it is signed: {}", verdict.text());

    let exact = table(&house.admin(), "by=sex&exact=true").await;
    assert_eq!(rows(&exact, "sex"), [("female", 7), ("male", 6), ("x", 2)]);
    later(&house, SignedDuration::from_secs(70));
    let told = table(&house.stranger(), "by=sex").await;
    assert_eq!(told["total"], 15);
    assert!(rows(&told, "sex").iter().all(|(sex, many)| *sex != "x" && *many >= 5), "{told:#}");
    for (tag, label, word) in [("en", "Sex", "X"), ("vi", "Giới tính", "X"), ("lo", "ເພດ", "X")] {
        let page = house.browser().get(&format!("{}?lang={tag}", page_of(&last))).await.text();
        assert!(page.contains(&format!(">{label}<")) && page.contains(&format!(">{word}<")), "{tag}: {page}");
    }
}

#[tokio::test]
async fn corrected_withdrawn_and_erased_awards_stay_counted_once() {
    let house = TestHouse::new().await;
    let college = house.college();
    let issued = issue(&college, 8, "0716", "in-person", 2026).await;
    let id = |at: usize| issued[at]["id"].as_str().unwrap().to_owned();
    later(&house, SignedDuration::from_secs(70));
    let before = table(&house.stranger(), "by=field,sex,mode").await;
    assert_eq!(before["total"], 8);
    // One is issued again with a correction.
    let mut again = draft("diploma/full.json");
    again["replaces"] = json!(id(0));
    let again = college.post("/credentials/issue", &json!({ "credential": again })).await;
    assert_eq!(again.status, 201, "{}", again.text());
    let set = |purpose: &str, at: usize, value: bool, more: Value| {
        let mut body = json!({"credentialId": id(at), "reason": "by decision",
            "credentialStatus": [{"type": "BitstringStatusListEntry", "status": if value { "1" } else { "0" }, "statusPurpose": purpose}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for body in [
        set("suspension", 1, true, json!({})),
        set("revocation", 1, true, json!({})),
        set("suspension", 1, false, json!({})),
        set("revocation", 0, true, json!({"successor": again.json()["verifiableCredential"]["id"]})),
    ] {
        let answer = college.post("/credentials/status", &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    }
    let bare = id(2).rsplit('/').next().unwrap().to_owned();
    let erased =
        college.post("/credentials/erase", &json!({"credentialId": bare, "reason": "asked for"})).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    let exact = house.auditor().get("/statistics/withdrawals?by=event&exact=true").await.json();
    let counts = [("erased", 1), ("replaced", 1), ("revoked", 1)];
    assert_eq!(rows(&exact, "event"), counts);
    // Three are too few to be told of.
    later(&house, SignedDuration::from_hours(25));
    assert_eq!(house.stranger().get("/statistics/withdrawals").await.json()["total"], 0);
    let after = table(&house.stranger(), "by=field,sex,mode").await;
    assert_eq!((&after["rows"], &after["total"]), (&before["rows"], &json!(8)));

    // After a start, too: what was told is on file, and what came since is read.
    let app = house.reopened().await;
    let question = testamur::report::Question {
        subject: testamur::statistics::definitions().subject("awards").unwrap(),
        by: vec!["field".to_owned(), "sex".to_owned(), "mode".to_owned()],
        only: Vec::new(),
    };
    let figures = testamur::report::figures(&app, question.clone(), None).await.unwrap();
    assert_eq!(Value::Object(figures.to_json(&app))["rows"], before["rows"]);
    // Without the file the record alone tells, and what was erased has its institution and kind.
    std::fs::remove_file(app.config.server.data.join("statistics.json")).unwrap();
    let app = house.reopened().await;
    let figures = testamur::report::figures(&app, question, None).await.unwrap();
    assert_eq!(figures.table.total, 8);
}

#[tokio::test]
async fn what_became_of_three_awards_is_no_group_of_six() {
    let house = TestHouse::new().await;
    let college = house.college();
    for award in issue(&college, 3, "0716", "in-person", 2026).await {
        let revoked = json!({"credentialId": award["id"], "reason": "by decision",
            "credentialStatus": [{"type": "BitstringStatusListEntry", "status": "1", "statusPurpose": "revocation"}]});
        assert_eq!(college.post("/credentials/status", &revoked).await.status, 200);
        let bare = award["id"].as_str().unwrap().rsplit('/').next().unwrap();
        let erased =
            college.post("/credentials/erase", &json!({"credentialId": bare, "reason": "asked for"})).await;
        assert_eq!(erased.status, 200, "{}", erased.text());
    }
    later(&house, SignedDuration::from_hours(25));
    let exact = house.auditor().get("/statistics/withdrawals?by=event&exact=true").await.json();
    assert_eq!(rows(&exact, "event"), [("erased", 3), ("revoked", 3)]);
    assert_eq!(house.stranger().get("/statistics/withdrawals").await.json()["total"], 0);
}
