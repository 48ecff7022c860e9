//! From an application to a statement, and what may come between.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use testamur::credential::id::CredentialId;
use testamur::crypto::digest_multibase;
use testamur::recognise::{File, replay};
use testamur::store::Register;
use testamur::web;
use tower::ServiceExt as _;

use super::laos::{Countries, asked};
use crate::trust::ministry::slug;

#[tokio::test]
async fn an_agreement_recognises_at_once_where_policy_says_so() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    assert_eq!(received["state"], "decided", "{received:#}");
    let decision = &received["decision"];
    assert_eq!(decision["verdict"], "RECOGNISED_AUTOMATIC");
    assert_eq!((&decision["level"], &decision["number"]), (&json!("LNQF:5"), &json!("REC-2026-000001")));

    let statement = countries.statement(decision).await;
    let subject = &statement["credentialSubject"];
    assert_eq!(subject["id"], credential["id"]);
    let digest = digest_multibase(&testamur::codec::jcs::canonicalize(&credential));
    assert_eq!(subject["digestMultibase"], json!(digest));
    let told = json!({
        "number": "REC-2026-000001", "date": "2026-11-22", "verdict": "RECOGNISED_AUTOMATIC",
        "reasons": ["accredited.on.award.date", "auto.agreement:VN-LA-SAMPLE-2026"], "purpose": "further-study",
        "sourceLevel": "VQF:5", "comparableLevel": "LNQF:5", "agreementId": "VN-LA-SAMPLE-2026",
        "ruleSet": "recognition-rules/1", "appeal": "http://localhost:8080/applications",
    });
    assert_eq!(subject["decision"], told);
    let text = statement.to_string();
    assert!(!text.contains("Somphone") && !text.contains("ສົມພອນ"), "nobody is named: {text}");
    let verdict = json!({ "verifiableCredential": statement });
    let verdict = countries.laos.stranger().post("/credentials/verify", &verdict).await.json();
    assert_eq!((&verdict["state"], &verdict["verified"]), (&json!("genuine"), &json!(true)), "{verdict:#}");

    // The award is found among those recognised, and its file says what happened, and by whom.
    let found =
        countries.laos.app.store.filing(&slug("recognition"), Register::Recognised, &digest, None).await;
    let found: Value = serde_json::from_slice(&found.unwrap().unwrap().body.unwrap()).unwrap();
    let source = &found["source"];
    assert_eq!((&source["id"], &source["issuer"]), (&credential["id"], &credential["issuer"]["id"]));
    assert!(source["status"][0]["statusListIndex"].is_string());
    assert_eq!(found["statements"][0]["url"], decision["statement"]);
    let file = countries.file(&received).await;
    let events: Vec<_> = file["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["what"].clone(), event["actor"].clone()))
        .collect();
    assert_eq!(
        events,
        [
            (json!("received"), json!("applicant")),
            (json!("proposed"), json!("rules")),
            (json!("decided"), json!("rules"))
        ]
    );
    assert_eq!(file["inputs"]["request"]["date"], "2026-11-22");
    assert_eq!(
        file["facts"]["notionalHours"],
        json!({"value": 2760, "source": "credential"}),
        "never the applicant's 9999"
    );
    assert_eq!(file["application"]["stated"]["notionalHours"], 9999);
    assert!(file["inputs"]["facts"].get("enrolledBefore").is_none());
}

#[tokio::test]
async fn without_that_policy_an_officer_confirms() {
    let countries = Countries::new().await;
    countries.agree().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    assert_eq!(received["state"], "proposed");
    assert!(received.get("decision").is_none() && received.get("proposal").is_none(), "{received:#}");
    let queue = countries.officer().get("/applications").await.json();
    assert_eq!(
        queue["applications"],
        json!([{
            "application": received["application"], "version": 1, "state": "proposed", "country": "LA",
            "receivedAt": "2026-11-22T08:00:00Z", "deadline": "2027-01-21", "overdue": false, "purpose": "further-study",
            "proposal": "RECOGNISED_AUTOMATIC", "origin": "VN", "type": "diploma", "level": "VQF:5",
        }])
    );
    for (filter, count) in [
        ("origin=VN", 1),
        ("origin=CN", 0),
        ("state=appealed", 0),
        ("due=2027-01-20", 0),
        ("due=2027-01-21", 1),
    ] {
        let queue = countries.officer().get(&format!("/applications?{filter}")).await.json();
        assert_eq!(queue["applications"].as_array().unwrap().len(), count, "{filter}");
    }
    let decided =
        countries.decide(&countries.officer(), &received, json!({"confirm": true, "version": 1})).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    assert_eq!(decided.json()["decision"]["officer"], "officer A");
    assert_eq!(countries.officer().get("/applications").await.json()["applications"], json!([]));
    let done = countries.officer().get("/applications?state=decided").await.json();
    assert_eq!(done["applications"][0]["number"], "REC-2026-000001");
    // The applicant sees the decision, and no officer's name.
    let page = format!(
        "/applications/{}?key={}",
        received["application"].as_str().unwrap(),
        received["key"].as_str().unwrap()
    );
    let seen = countries.laos.stranger().get(&page).await;
    assert!(
        !seen.text().contains("officer A") && seen.json()["decision"]["verdict"] == "RECOGNISED_AUTOMATIC"
    );
    // Decided again it is not.
    let again = countries.decide(&countries.second(), &received, json!({"confirm": true})).await;
    assert_eq!(again.problem(409).0, "conflict");
}

#[tokio::test]
async fn an_officer_says_otherwise_and_the_applicant_appeals() {
    let countries = Countries::new().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let file = countries.file(&received).await;
    assert_eq!(
        file["proposal"]["verdict"], "CASE_BY_CASE",
        "no map between VQF and LNQF is published: {file:#}"
    );
    let officer = countries.officer();
    for (wrong, pointer) in [
        (json!({"confirm": true}), "/confirm"),
        (json!({}), "/verdict"),
        (json!({"verdict": "RECOGNISED_AUTOMATIC", "reason": "so"}), "/verdict"),
        (json!({"verdict": "CASE_BY_CASE", "reason": "so"}), "/verdict"),
        (json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5"}), "/reason"),
        (json!({"verdict": "RECOGNISED_FULL", "reason": "so"}), "/level"),
        (json!({"verdict": "RECOGNISED_FULL", "reason": "so", "level": "LNQF:99"}), "/level"),
        (json!({"verdict": "NOT_RECOGNISED", "reason": "so", "level": "LNQF:5"}), "/level"),
        (json!({"verdict": "NOT_RECOGNISED", "reason": "so", "number": 1}), "/number"),
    ] {
        let answer = countries.decide(&officer, &received, wrong.clone()).await;
        answer.problem(400);
        assert_eq!(answer.pointers(), [pointer], "{wrong}");
    }
    let refusal = json!({"verdict": "NOT_RECOGNISED", "reason": "the practice hours are not shown"});
    let refused = countries.decide(&officer, &received, refusal).await.json();
    let first = countries.statement(&refused["decision"]).await;
    let decision = &first["credentialSubject"]["decision"];
    assert_eq!(decision["verdict"], "NOT_RECOGNISED");
    assert!(decision["reasons"].as_array().unwrap().contains(&json!("officer.decision")));
    let comment = first["credentialSubject"]["endorsementComment"].as_str().unwrap();
    assert_eq!(comment, "Not recognised for further study. Open instead: request.information.");
    assert!(decision["appeal"].is_string());
    assert!(decision.get("comparableLevel").is_none());

    let path = format!("/applications/{}/appeal", received["application"].as_str().unwrap());
    let stranger = countries.laos.stranger();
    assert_eq!(stranger.post(&path, &json!({"key": "uAAAA", "reason": "no"})).await.status, 404);
    assert_eq!(stranger.post(&path, &json!({"key": received["key"]})).await.pointers(), ["/reason"]);
    let appeal = json!({"key": received["key"], "reason": "the enterprise has confirmed them"});
    let appealed = stranger.post(&path, &appeal).await;
    assert_eq!(
        (appealed.status, &appealed.json()["state"]),
        (200, &json!("appealed")),
        "{}",
        appealed.text()
    );
    assert_eq!(stranger.post(&path, &appeal).await.problem(409).0, "conflict");
    let queue = countries.second().get("/applications?state=appealed").await.json();
    assert_eq!(queue["applications"][0]["application"], received["application"]);

    let granted = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "shown on appeal"});
    let granted = countries.decide(&countries.second(), &received, granted).await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    let granted = granted.json();
    assert_eq!(granted["decision"]["number"], "REC-2026-000002");
    // The first statement is replaced, and says by what.
    let verdict =
        stranger.post("/credentials/verify", &json!({ "verifiableCredential": first })).await.json();
    let replaced =
        verdict["checks"].as_array().unwrap().iter().find(|check| check["code"] == "status.replaced");
    assert_eq!(replaced.unwrap()["because"]["successor"], granted["decision"]["statement"]);
    let digest = first["credentialSubject"]["digestMultibase"].as_str().unwrap();
    let found =
        countries.laos.app.store.filing(&slug("recognition"), Register::Recognised, digest, None).await;
    let found: Value = serde_json::from_slice(&found.unwrap().unwrap().body.unwrap()).unwrap();
    assert_eq!(found["statements"].as_array().unwrap().len(), 1);
    assert_eq!(found["statements"][0]["verdict"], "RECOGNISED_FULL");
}

#[tokio::test]
async fn what_was_forged_or_revoked_is_never_recognised() {
    let countries = Countries::new().await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let mut forged = credential.clone();
    forged["credentialSubject"]["achievement"]["notionalHours"] = json!(9000);
    let received = countries.apply(&asked(&forged)).await;
    let file = countries.file(&received).await;
    assert_eq!(file["proposal"], json!({"verdict": "NOT_VERIFIED", "reasons": ["proof.invalid"]}));
    let wish = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "a friend"});
    assert_eq!(
        countries.decide(&countries.officer(), &received, wish.clone()).await.problem(409).0,
        "conflict"
    );
    let said = countries.decide(&countries.officer(), &received, json!({"confirm": true})).await.json();
    let statement = countries.statement(&said["decision"]).await;
    assert_ne!(
        statement["credentialSubject"]["digestMultibase"],
        json!(digest_multibase(&testamur::codec::jcs::canonicalize(&credential)))
    );

    // Revoked between the proposal and the decision: a new proposal instead of a decision.
    let received = countries.apply(&asked(&credential)).await;
    countries.set_status(&credential, "revocation").await;
    countries.pass(jiff::SignedDuration::from_mins(10));
    let answer =
        countries.decide(&countries.officer(), &received, json!({"confirm": true, "version": 1})).await;
    let (code, detail) = answer.problem(409);
    assert!(code == "conflict" && detail.contains("status revoked"), "{detail}");
    let file = countries.file(&received).await;
    assert_eq!((&file["version"], &file["proposal"]["reasons"]), (&json!(2), &json!(["status.revoked"])));
    assert_eq!(countries.decide(&countries.officer(), &received, wish).await.problem(409).0, "conflict");
}

#[tokio::test]
async fn a_link_is_followed_and_nothing_inside_is_asked() {
    let countries = Countries::new().await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let mut by_link = asked(&credential);
    by_link.as_object_mut().unwrap().shift_remove("credential");
    by_link["link"] = credential["id"].clone();
    let received = countries.apply(&by_link).await;
    let file = countries.file(&received).await;
    assert_eq!(file["application"]["source"], json!({"by": "link", "url": credential["id"]}));
    assert_eq!(file["proposal"]["verdict"], "RECOGNISED_AUTOMATIC");
    for link in [
        "http://127.0.0.1:9/c/x",
        "https://10.0.0.1/c/x",
        "file:///etc/passwd",
        "https://user@x.example/",
        "x",
        "http://localhost:8080/c/0mvs7wqp29d49tmb963atq3yhy",
    ] {
        by_link["link"] = json!(link);
        let answer = countries.applied(&by_link).await;
        answer.problem(400);
        assert_eq!(answer.pointers(), ["/link"], "{link}");
    }
    let own = countries.laos.diploma().await;
    let mut by_id = asked(&credential);
    by_id.as_object_mut().unwrap().shift_remove("credential");
    by_id["id"] = own["id"].clone();
    assert_eq!(countries.apply(&by_id).await["state"], "proposed");
    by_id["id"] = json!("0mvs7wqp29d49tmb963atq3yhy");
    assert_eq!(countries.applied(&by_id).await.pointers(), ["/id"]);
}

#[tokio::test]
async fn what_is_wrong_with_an_application_is_named() {
    let countries = Countries::new().await;
    let credential = countries.diploma(|_| {}).await;
    for (change, pointer) in [
        (json!({"purpose": "holiday"}), "/purpose"),
        (json!({"purpose": null}), "/purpose"),
        (json!({"country": "TH"}), "/country"),
        (json!({"country": "Laos"}), "/country"),
        (json!({"target": {"framework": "XQF"}}), "/target/framework"),
        (json!({"target": {"framework": "LNQF", "level": 12}}), "/target/level"),
        (json!({"target": {"level": 5}}), "/target/framework"),
        (json!({"target": {"framework": "LNQF", "isced": 732}}), "/target/isced"),
        (json!({"target": {"framework": "LNQF", "outcomes": [1]}}), "/target/outcomes"),
        (json!({"target": []}), "/target"),
        (json!({"applicant": {"passport": "N123"}}), "/applicant/passport"),
        (json!({"applicant": {"name": "x".repeat(400)}}), "/applicant/name"),
        (json!({"stated": {"enrolledBefore": "yes"}}), "/stated/enrolledBefore"),
        (json!({"verdict": "RECOGNISED_FULL"}), "/verdict"),
        (json!({"credential": "x"}), "/credential"),
        (json!({"credential": null, "link": null}), "/credential"),
        (json!({"link": "https://x.example/"}), "/credential"),
        (json!({"credential": {"type": ["VerifiableCredential"]}}), "/credential/id"),
        (json!({"credential": {"id": "urn:x:1", "name": "x".repeat(600_000)}}), "/credential"),
    ] {
        let mut asked = asked(&credential);
        for (name, value) in change.as_object().unwrap() {
            asked[name] = value.clone();
        }
        let answer = countries.applied(&asked).await;
        answer.problem(400);
        assert_eq!(answer.pointers(), [pointer], "{change:.80}");
    }
    assert_eq!(countries.officer().get("/applications").await.json()["applications"], json!([]));
}

#[tokio::test]
async fn sent_twice_it_is_one_application() {
    let countries = Countries::new().await;
    let asked_for = asked(&countries.diploma(|_| {}).await);
    let person = countries.laos.stranger().with("idempotency-key", "8e1f2c0f-6f6b-4a3c-9a51-2f1e0c7b9d11");
    let (one, other) = futures_util::join!(
        person.post("/applications", &asked_for),
        person.post("/applications", &asked_for)
    );
    let (first, second) = (one.json(), other.json());
    assert_eq!((one.status, other.status), (201, 201), "{first:#} {second:#}");
    assert_eq!((&first["application"], &first["key"]), (&second["application"], &second["key"]));
    assert!(one.header("idempotency-replayed").is_empty() != other.header("idempotency-replayed").is_empty());
    assert_eq!(
        countries.officer().get("/applications").await.json()["applications"].as_array().unwrap().len(),
        1
    );
    let mut another = asked_for.clone();
    another["purpose"] = json!("credit-transfer");
    assert_eq!(person.post("/applications", &another).await.problem(409).0, "idempotency-mismatch");
    // What opens its page cannot be worked out from the key: elsewhere it opens something else.
    let others = Countries::new().await;
    let elsewhere = others.laos.stranger().with("idempotency-key", "8e1f2c0f-6f6b-4a3c-9a51-2f1e0c7b9d11");
    let theirs = elsewhere.post("/applications", &asked(&others.diploma(|_| {}).await)).await.json();
    assert!(theirs["key"].is_string(), "{theirs:#}");
    assert_ne!(first["key"], theirs["key"]);
    assert_ne!(first["application"], theirs["application"]);
    let short = countries.laos.stranger().with("idempotency-key", "1");
    assert_eq!(short.post("/applications", &asked_for).await.problem(400).0, "request-invalid");
    let (anew, again) = (countries.apply(&asked_for).await, countries.apply(&asked_for).await);
    assert_ne!(anew["application"], again["application"]);
}

#[tokio::test]
async fn of_two_officers_at_once_one_decides() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let yes = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "as before", "version": 1});
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "not as before", "version": 1});
    let (a, b) = (countries.officer(), countries.second());
    let (one, other) =
        futures_util::join!(countries.decide(&a, &received, yes), countries.decide(&b, &received, no));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
    let file = countries.file(&received).await;
    let decided =
        file["events"].as_array().unwrap().iter().filter(|event| event["what"] == "decided").count();
    assert_eq!((decided, &file["version"]), (1, &json!(2)));
    // The statement that lost the race was never recorded.
    let next = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let yes = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "as before"});
    let decided = countries.decide(&a, &next, yes).await.json();
    assert_eq!(decided["decision"]["number"], "REC-2026-000002");
}

#[tokio::test]
async fn what_was_taken_back_is_not_decided_and_what_was_decided_not_taken_back() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let path = format!("/applications/{}/withdraw", received["application"].as_str().unwrap());
    let stranger = countries.laos.stranger();
    assert_eq!(stranger.post(&path, &json!({"key": "uAAAAAAAA"})).await.status, 404);
    let taken = stranger.post(&path, &json!({"key": received["key"]})).await.json();
    assert_eq!(taken["state"], "withdrawn");
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "late"});
    assert_eq!(
        countries.decide(&countries.officer(), &received, no.clone()).await.problem(409).0,
        "conflict"
    );
    assert_eq!(stranger.post(&path, &json!({"key": received["key"]})).await.problem(409).0, "conflict");

    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    assert_eq!(countries.decide(&countries.officer(), &received, no).await.status, 200);
    let path = format!("/applications/{}/withdraw", received["application"].as_str().unwrap());
    assert_eq!(stranger.post(&path, &json!({"key": received["key"]})).await.problem(409).0, "conflict");
}

#[tokio::test]
async fn a_decision_replays_to_the_same_bytes_whatever_has_changed_since() {
    let countries = Countries::new().await;
    countries.agree().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let standing = format!("/authority/accreditations/{}/standing", countries.grant);
    countries.vietnam.done(&standing, json!({"standing": "withdrawn", "reason": "closed"})).await;
    countries.laos.app.registry.pin(Vec::new());
    let id = CredentialId::parse(received["application"].as_str().unwrap()).unwrap();
    let again = countries.laos.reopened().await;
    let file = File::find(&again, id).await.unwrap();
    let replayed = replay::replay(&file).unwrap();
    assert!(replayed.is_same(), "{replayed:?}");
    assert!(replayed.kept.contains("RECOGNISED_AUTOMATIC"));
    // What somebody changed in the file shows.
    let mut changed = file.clone();
    changed.body["proposal"]["verdict"] = json!("RECOGNISED_FULL");
    assert!(!replay::replay(&changed).unwrap().is_same());
}

#[tokio::test]
async fn who_may_not_sees_nothing_and_what_is_erased_is_gone() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let id = received["application"].as_str().unwrap();
    let path = format!("/applications/{id}");
    assert_eq!(countries.laos.stranger().get(&path).await.status, 404);
    assert_eq!(countries.laos.stranger().get(&format!("{path}?key=uAAAA")).await.status, 404);
    assert_eq!(countries.laos.neighbour().get(&path).await.status, 404, "a registrar of a college");
    assert_eq!(countries.laos.stranger().get("/applications").await.status, 401);
    assert_eq!(countries.laos.auditor().get("/applications").await.status, 403);
    let decision = json!({"verdict": "NOT_RECOGNISED", "reason": "no"});
    assert_eq!(countries.decide(&countries.laos.stranger(), &received, decision.clone()).await.status, 401);
    assert_eq!(countries.decide(&countries.laos.neighbour(), &received, decision).await.status, 403);
    let seen = countries.officer().get(&path).await;
    assert!(
        !seen.text().contains(received["key"].as_str().unwrap())
            && seen.json()["application"].get("key").is_none()
    );

    let erase = format!("{path}/erase");
    assert_eq!(countries.officer().post(&erase, &json!({"reason": "asked for"})).await.status, 403);
    assert_eq!(countries.keeper().post(&erase, &json!({})).await.pointers(), ["/reason"]);
    assert_eq!(countries.keeper().post(&erase, &json!({"reason": "asked for"})).await.status, 204);
    assert_eq!(countries.officer().get(&path).await.status, 410);
    assert_eq!(countries.laos.stranger().get(&path).await.status, 404);
    assert_eq!(countries.officer().get("/applications").await.json()["applications"], json!([]));
}

#[tokio::test]
async fn a_person_applies_by_the_form_and_sees_how_it_stands() {
    let countries = Countries::new().await;
    countries.agree().await;
    let browser = countries.laos.browser();
    let form = browser.get("/applications?lang=en").await;
    assert_eq!(form.status, 200, "{}", form.text());
    let once =
        form.text().split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let credential = countries.diploma(|_| {}).await.to_string();
    let fields = [
        ("once", once.as_str()),
        ("file", &credential),
        ("link", ""),
        ("purpose", "further-study"),
        ("country", "LA"),
        ("framework", "LNQF"),
        ("level", "5"),
        ("name", "Somphone"),
        ("contact", "a@b.example"),
        ("note", "please"),
        ("profession", ""),
    ];
    let sent = browser.post_form("/applications?lang=en", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = sent.header("location").to_owned();
    assert!(
        page.starts_with("/applications/") && page.contains("?key=u") && page.ends_with("&lang=en"),
        "{page}"
    );
    assert_eq!(
        browser.post_form("/applications?lang=en", &fields).await.header("location"),
        page,
        "sent twice"
    );
    let waits = browser.get(&page).await;
    assert!(waits.text().contains("an officer decides by 21 January 2027"), "{}", waits.text());
    assert!(waits.header("cache-control").contains("no-store"));
    let queue = countries.officer().get("/applications").await.json();
    let application = &queue["applications"][0];
    assert_eq!(queue["applications"].as_array().unwrap().len(), 1);
    let file = countries.file(application).await;
    assert_eq!(file["application"]["applicant"], json!({"name": "Somphone", "contact": "a@b.example"}));
    assert_eq!(file["application"]["target"], json!({"framework": "LNQF", "level": 5}));
    assert_eq!(file["application"]["stated"], json!({"note": "please"}));

    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "the programme is too short"});
    let decided = countries.decide(&countries.officer(), application, no).await.json();
    let told = browser.get(&page).await.text();
    for words in
        ["Not recognised", "the programme is too short", "REC-2026-000001", "an officer decided otherwise"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let key = page.split("key=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let appeal = format!("/applications/{}/appeal?lang=en", application["application"].as_str().unwrap());
    let appealed = browser.post_form(&appeal, &[("key", &key), ("reason", "it is not")]).await;
    assert_eq!((appealed.status, appealed.header("location")), (303, page.as_str()), "{}", appealed.text());
    assert!(browser.get(&page).await.text().contains("Appealed"));

    // The statement's own page, in each language.
    let address = decided["decision"]["statement"]
        .as_str()
        .unwrap()
        .strip_prefix("http://localhost:8080")
        .unwrap()
        .to_owned();
    for (lang, words) in [("en", "Not recognised"), ("vi", "Không được công nhận"), ("lo", "ບໍ່ໄດ້ຮັບການຮັບຮອງ")]
    {
        let page = browser.get(&format!("{address}?lang={lang}")).await.text();
        assert!(page.contains(words) && page.contains("REC-2026-000001"), "{lang}: {page}");
        assert!(page.contains("officer.decision") && page.contains("/applications\""), "{lang}");
    }
    let nothing =
        countries.laos.neighbour().with("accept", "text/html").get("/c/0mvs7wqp29d49tmb963atq3yhy").await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn a_form_that_is_none_is_told_so() {
    let countries = Countries::new().await;
    let browser = countries.laos.browser();
    for fields in [
        vec![("purpose", "further-study")],
        vec![("purpose", "further-study"), ("file", "no json")],
        vec![("purpose", "holiday"), ("file", "{\"id\": \"urn:x:1\"}")],
        vec![("purpose", "further-study"), ("file", "[]")],
        vec![("purpose", "further-study"), ("link", "ftp://x.example/")],
        vec![("purpose", "further-study"), ("file", "{\"id\": \"urn:x:1\"}"), ("level", "five")],
    ] {
        let answer = browser.post_form("/applications", &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}: {}", answer.text());
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let wrong = [("content-type", "multipart/form-data; boundary=edge")];
    let answer = browser.send(http::Method::POST, "/applications", "nothing".into(), &wrong).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn what_cannot_be_had_hides_nothing_else_that_has_changed() {
    let mut countries = Countries::new().await;
    countries.agree().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let other = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    // Everything of the college is out of reach, and then alone: what was had before still counts.
    countries.fall_silent().await;
    countries.laos.clock.advance(jiff::SignedDuration::from_hours(48));
    let found = countries.decide(&countries.officer(), &other, json!({"confirm": true})).await;
    assert_eq!(found.status, 200, "{}", found.text());
    countries.suspend().await;
    let answer = countries.decide(&countries.officer(), &received, json!({"confirm": true})).await;
    let (_, detail) = answer.problem(409);
    assert!(detail.contains("verification valid") && !detail.contains("RECOGNISED_AUTOMATIC"), "{detail}");
    let file = countries.file(&received).await;
    assert_ne!(file["proposal"]["verdict"], "RECOGNISED_AUTOMATIC", "{file:#}");
    assert!(file.get("decision").is_none());
}

#[tokio::test]
async fn what_nobody_verified_is_recognised_by_hand_alone_and_under_no_id_of_another() {
    let countries = Countries::new().await;
    let own = countries.laos.diploma().await;
    // A document that calls itself by the id of somebody's award, signed with a key that cannot be had.
    let mut unread = countries.diploma(|_| {}).await;
    unread["id"] = own["id"].clone();
    unread["issuer"]["id"] = json!("did:web:gone.example");
    unread["proof"]["verificationMethod"] = json!("did:web:gone.example#key-1");
    let received = countries.apply(&asked(&unread)).await;
    assert!(received["award"].get("id").is_none(), "{received:#}");
    let officer = countries.officer();
    let mut yes = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "the register was seen"});
    let answer = countries.decide(&officer, &received, yes.clone()).await;
    answer.problem(400);
    assert_eq!(answer.pointers(), ["/checkedByHand"]);
    yes["checkedByHand"] = json!("the college read its register to us by telephone");
    let decided = countries.decide(&officer, &received, yes.clone()).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    let decided = decided.json();
    let statement = countries.statement(&decided["decision"]).await;
    let subject = &statement["credentialSubject"];
    assert!(subject["id"].as_str().unwrap().starts_with("ni:///sha-256;"), "{subject:#}");
    let how = json!("checked.by.hand:the college read its register to us by telephone");
    assert!(subject["decision"]["reasons"].as_array().unwrap().contains(&how));
    assert!(subject["endorsementComment"].as_str().unwrap().contains("Checked by hand: the college read"));
    let page = countries.page(&decided["decision"]).await;
    for words in
        ["checked by hand", "the college read its register", subject["digestMultibase"].as_str().unwrap()]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Of what was verified nobody says so.
    let verified = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    assert_eq!(countries.decide(&officer, &verified, yes).await.pointers(), ["/checkedByHand"]);
}

#[tokio::test]
async fn the_page_of_a_statement_compares_the_award_that_is_kept_here() {
    let countries = Countries::new().await;
    let own = countries.laos.diploma().await;
    let received = countries.apply(&asked(&own)).await;
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "our own"});
    let decided = countries.decide(&countries.officer(), &received, no.clone()).await.json();
    let page = countries.page(&decided["decision"]).await;
    assert!(page.contains("is the very document that this statement is about"), "{page}");
    let digest = digest_multibase(&testamur::codec::jcs::canonicalize(&own));
    assert!(page.contains(&digest));
}

#[tokio::test]
async fn a_suspended_award_is_not_recognised() {
    let countries = Countries::new().await;
    let credential = countries.diploma(|_| {}).await;
    countries.set_status(&credential, "suspension").await;
    let received = countries.apply(&asked(&credential)).await;
    let yes = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "it will be lifted"});
    let (code, detail) = countries.decide(&countries.officer(), &received, yes).await.problem(409);
    assert!(code == "conflict" && detail.contains("suspended"), "{detail}");
}

#[tokio::test]
async fn an_appeal_is_decided_by_another_officer() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "too short"});
    assert_eq!(countries.decide(&countries.officer(), &received, no.clone()).await.status, 200);
    let path = format!("/applications/{}/appeal", received["application"].as_str().unwrap());
    let appeal = json!({"key": received["key"], "reason": "it is not"});
    assert_eq!(countries.laos.stranger().post(&path, &appeal).await.status, 200);
    let (_, detail) = countries.decide(&countries.officer(), &received, no.clone()).await.problem(409);
    assert!(detail.contains("another officer"), "{detail}");
    assert_eq!(countries.decide(&countries.second(), &received, no).await.status, 200);
}

#[tokio::test]
async fn what_nobody_signed_opens_no_file() {
    let countries = Countries::new().await;
    let genuine = countries.diploma(|_| {}).await;
    let without = |change: fn(&mut Value)| {
        let mut changed = genuine.clone();
        change(&mut changed);
        changed
    };
    for (document, found) in [
        (json!({"id": "urn:x:1", "name": "anything"}), "proof.missing"),
        (without(|one| _ = one.as_object_mut().unwrap().shift_remove("proof")), "proof.missing"),
        (without(|one| one["proof"]["cryptosuite"] = json!("my-own-2026")), "proof.suite.unsupported"),
    ] {
        let answer = countries.applied(&asked(&document)).await;
        let (code, detail) = answer.problem(422);
        assert!(code == "award-unsigned" && detail.contains(found), "{detail}");
        assert_eq!(answer.pointers(), ["/credential"]);
    }
    assert_eq!(countries.officer().get("/applications").await.json()["applications"], json!([]));
}

#[tokio::test]
async fn one_address_may_apply_so_often_a_day_and_taking_back_gives_nothing_back() {
    let countries = Countries::with(|config| config.recognition.per_day = 2).await;
    let body = asked(&countries.diploma(|_| {}).await).to_string();
    let front = |peer: &str| web::service(countries.laos.app.clone()).for_peer(peer.parse().unwrap(), None);
    let one = front("192.0.2.1");
    let send = async |front: &web::front::Front, path: String, body: String| {
        let request = Request::post(path).header("content-type", "application/json").body(Body::from(body));
        front.clone().oneshot(request.unwrap()).await.unwrap()
    };
    let answer = send(&one, "/applications".to_owned(), body.clone()).await;
    assert_eq!(answer.status(), 201);
    let told = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let path = format!("/applications/{}/withdraw", told["application"].as_str().unwrap());
    assert_eq!(send(&one, path, json!({"key": told["key"]}).to_string()).await.status(), 200);
    assert_eq!(send(&one, "/applications".to_owned(), body.clone()).await.status(), 201);
    let refused = send(&one, "/applications".to_owned(), body.clone()).await;
    assert_eq!(refused.status(), 429);
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((40_000..=43_200).contains(&seconds), "{seconds}");
    let read = Request::get("/applications").header("accept", "text/html").body(Body::empty()).unwrap();
    assert_eq!(one.clone().oneshot(read).await.unwrap().status(), 200, "the form is there all the same");
}

#[tokio::test]
async fn the_queue_is_told_page_by_page() {
    let countries = Countries::new().await;
    let credential = countries.diploma(|_| {}).await;
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.push(countries.apply(&asked(&credential)).await["application"].clone());
        countries.laos.clock.advance(jiff::SignedDuration::from_secs(60));
    }
    let officer = countries.officer();
    let (mut found, mut after) = (Vec::new(), String::new());
    for count in [2, 2, 1] {
        let page = officer.get(&format!("/applications?limit=2{after}")).await.json();
        let items = page["applications"].as_array().unwrap();
        assert_eq!((items.len(), page.get("next").is_some()), (count, count == 2), "{page:#}");
        found.extend(items.iter().map(|one| one["application"].clone()));
        after = format!("&after={}", page["next"].as_str().unwrap_or_default());
    }
    assert_eq!(found, sent);
    assert_eq!(officer.get("/applications?limit=0").await.pointers(), ["/limit"]);
    assert_eq!(officer.get("/applications?limit=1000").await.pointers(), ["/limit"]);
    assert_eq!(officer.get("/applications?after=x").await.pointers(), ["/after"]);
}

#[tokio::test]
async fn who_asks_again_gets_the_statement_there_is() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let first = countries.apply(&asked(&credential)).await;
    let second = countries.apply(&asked(&credential)).await;
    assert_ne!(first["application"], second["application"]);
    assert_eq!(second["state"], "decided");
    for member in ["statement", "number", "verdict", "level", "date", "reasons"] {
        assert_eq!(second["decision"][member], first["decision"][member], "{member}");
    }
    // Another award, another statement, and the very next number.
    let other = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    assert_eq!(other["decision"]["number"], "REC-2026-000002");
    assert_ne!(other["decision"]["statement"], first["decision"]["statement"]);
    // Whoever reads the award is told what for.
    let asked = json!({"verifiableCredential": credential, "options": {"country": "LA"}});
    let verdict = countries.laos.stranger().post("/credentials/verify", &asked).await.json();
    let told = &verdict["worth"]["statements"];
    assert_eq!(
        (told.as_array().unwrap().len(), &told[0]["purpose"]),
        (1, &json!("further-study")),
        "{told:#}"
    );
}
