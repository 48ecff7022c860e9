//! What became of awards that were decided on, and what is due.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::pin;
use testamur::recognise::watch::{self, Round};

use super::laos::{Countries, asked};
use crate::trust::judged::pinned;
use crate::trust::logged;
use crate::trust::maker::{college, list, list_document, root};
use crate::trust::ministry::slug;

async fn look(countries: &Countries, round: &mut Round) -> usize {
    let app = &countries.laos.app;
    let member = app.registry.member(&slug("recognition")).unwrap();
    watch::look(app, &member, round, 64).await.unwrap()
}

#[tokio::test]
async fn a_revoked_award_reopens_its_decision_and_the_page_says_so() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let other = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let mut round = Round::default();
    assert_eq!(look(&countries, &mut round).await, 0);
    countries.set_status(&credential, "revocation").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut round).await, 0, "not before the next round");
    countries.pass(SignedDuration::from_hours(24));
    assert_eq!(look(&countries, &mut round).await, 1);

    let file = countries.file(&received).await;
    assert_eq!((&file["state"], &file["proposal"]["verdict"]), (&json!("reopened"), &json!("NOT_VERIFIED")));
    assert_eq!(file["sourceRevoked"], json!({"status": "revoked", "seen": "2026-11-23"}));
    assert_eq!(countries.file(&other).await["state"], "decided");
    let queue = countries.officer().get("/applications?state=reopened").await.json();
    assert_eq!(queue["applications"][0]["application"], received["application"]);
    let page =
        received["decision"]["statement"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
    let page = countries.laos.browser().get(&format!("{page}?lang=en")).await.text();
    assert!(page.contains("revoked by its issuer") && page.contains("23 November 2026"), "{page}");
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 0, "told once");

    // The officer confirms: the first statement is replaced by one that recognises nothing.
    let decided = countries.decide(&countries.officer(), &received, json!({"confirm": true})).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    let decided = decided.json();
    assert_eq!(decided["decision"]["verdict"], "NOT_VERIFIED");
    let first = countries.statement(&received["decision"]).await;
    let verdict =
        countries.laos.stranger().post("/credentials/verify", &json!({"verifiableCredential": first})).await;
    assert!(verdict.troubles().contains(&"status.replaced".to_owned()), "{}", verdict.text());
}

#[tokio::test]
async fn a_suspension_that_is_lifted_settles_it_again() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let mut round = Round::default();
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert_eq!(countries.file(&received).await["state"], "reopened");
    let lifted = json!({"credentialId": credential["id"], "statusPurpose": "suspension", "value": false, "reason": "cleared"});
    let answer = countries.vietnam.house.college().post("/credentials/status", &lifted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    let file = countries.file(&received).await;
    assert_eq!((&file["state"], file.get("sourceRevoked")), (&json!("decided"), None), "{file:#}");
    assert_eq!(file["events"].as_array().unwrap().last().unwrap()["what"], "restored");
}

#[tokio::test]
async fn what_is_due_is_told_in_the_queue_and_in_the_figures() {
    let countries = Countries::with(|config| {
        config.recognition.deadline = SignedDuration::from_hours(30 * 24);
        config.recognition.remind = SignedDuration::from_hours(10 * 24);
    })
    .await;
    countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let figures = async || {
        let text = countries.laos.stranger().get("/metrics").await.text();
        ["waiting", "due_soon", "overdue"].map(|name| {
            let line = format!("testamur_recognition_{name}{{authority=\"LA\"}} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).unwrap().to_owned()
        })
    };
    assert_eq!(figures().await, ["1", "0", "0"]);
    countries.pass(SignedDuration::from_hours(21 * 24));
    assert_eq!(figures().await, ["1", "1", "0"]);
    countries.pass(SignedDuration::from_hours(10 * 24));
    assert_eq!(figures().await, ["1", "0", "1"]);
    let queue = countries.officer().get("/applications").await.json();
    assert_eq!(queue["applications"][0]["overdue"], true);
}

#[tokio::test]
async fn what_was_taken_back_is_erased_after_a_while() {
    let countries = Countries::new().await;
    let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    let path = format!("/applications/{}", received["application"].as_str().unwrap());
    let back = json!({"key": received["key"]});
    assert_eq!(countries.laos.stranger().post(&format!("{path}/withdraw"), &back).await.status, 200);
    let mut round = Round::default();
    look(&countries, &mut round).await;
    assert_eq!(countries.file(&received).await["state"], "withdrawn");
    countries.pass(SignedDuration::from_hours(31 * 24));
    look(&countries, &mut round).await;
    assert_eq!(countries.officer().get(&path).await.status, 410);
}

#[tokio::test]
async fn an_appeal_does_not_hide_that_the_award_was_revoked() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let path = format!("/applications/{}/appeal", received["application"].as_str().unwrap());
    let appeal = json!({"key": received["key"], "reason": "a higher level"});
    assert_eq!(countries.laos.stranger().post(&path, &appeal).await.status, 200);
    countries.set_status(&credential, "revocation").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut Round::default()).await, 1);
    let file = countries.file(&received).await;
    assert_eq!((&file["state"], &file["sourceRevoked"]["status"]), (&json!("appealed"), &json!("revoked")));
    assert!(countries.page(&received["decision"]).await.contains("revoked by its issuer"));
}

#[tokio::test]
async fn an_erased_application_does_not_hide_it_either() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let path = format!("/applications/{}/erase", received["application"].as_str().unwrap());
    assert_eq!(countries.keeper().post(&path, &json!({"reason": "asked for"})).await.status, 204);
    let mut round = Round::default();
    assert_eq!(look(&countries, &mut round).await, 0);
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert!(countries.page(&received["decision"]).await.contains("suspended by its issuer"));
    let lifted = json!({"credentialId": credential["id"], "statusPurpose": "suspension", "value": false, "reason": "cleared"});
    let answer = countries.vietnam.house.college().post("/credentials/status", &lifted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    countries.pass(SignedDuration::from_hours(25));
    assert_eq!(look(&countries, &mut round).await, 1);
    assert!(!countries.page(&received["decision"]).await.contains("suspended by its issuer"));
}

#[tokio::test]
async fn a_later_decision_does_not_wipe_what_became_of_the_award() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    countries.set_status(&credential, "suspension").await;
    countries.pass(SignedDuration::from_hours(1));
    assert_eq!(look(&countries, &mut Round::default()).await, 1);
    let mut another = asked(&credential);
    another["purpose"] = json!("credit-transfer");
    let another = countries.apply(&another).await;
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "suspended"});
    let decided = countries.decide(&countries.officer(), &another, no).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    assert!(countries.page(&received["decision"]).await.contains("suspended by its issuer"));
}

/// A recognised diploma, and what became of what the decision rests on.
pub struct Watched {
    pub countries: Countries,
    pub received: Value,
    pub round: Round,
}

impl Watched {
    pub async fn recognised() -> Self {
        let countries = Countries::with(|config| config.recognition.automatic = true).await;
        countries.agree().await;
        let received = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
        assert_eq!(received["decision"]["verdict"], "RECOGNISED_AUTOMATIC", "{received:#}");
        Self { countries, received, round: Round::default() }
    }

    pub async fn standing(&self, change: Value) {
        let path = format!("/authority/accreditations/{}/standing", self.countries.grant);
        self.countries.vietnam.done(&path, change).await;
        self.refreshed().await;
    }

    /// The key of the college is known to have been somebody else's since then.
    pub async fn stolen(&self, since: &str) {
        let vietnam = &self.countries.vietnam;
        let key = vietnam.list().await.issuer(&vietnam.house.did("ha-noi")).unwrap().keys[0].id.clone();
        let stolen = json!({"issuer": vietnam.house.did("ha-noi"), "key": key, "compromisedSince": since});
        vietnam.done("/authority/keys", stolen).await;
        self.refreshed().await;
    }

    pub async fn refreshed(&self) {
        let app = &self.countries.laos.app;
        pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
        app.registry.pin(app.pins.load().unwrap());
    }

    pub async fn look(&mut self) -> usize {
        self.countries.pass(SignedDuration::from_hours(25));
        look(&self.countries, &mut self.round).await
    }

    pub async fn file(&self) -> Value {
        self.countries.file(&self.received).await
    }

    pub async fn page(&self) -> String {
        self.countries.page(&self.received["decision"]).await
    }

    /// How many statements whoever verifies the award is told of.
    async fn told(&self) -> usize {
        let credential: Value =
            serde_json::from_str(self.file().await["credential"].as_str().unwrap()).unwrap();
        let asked = json!({"verifiableCredential": credential, "options": {"country": "LA"}});
        let verdict = self.countries.laos.stranger().post("/credentials/verify", &asked).await.json();
        assert!(verdict["worth"].is_object(), "{verdict:#}");
        verdict["worth"]["statements"].as_array().map_or(0, Vec::len)
    }
}

pub const DOUBTED: &str = "what this decision rests on has changed";

#[tokio::test]
async fn a_grant_that_was_annulled_back_to_before_the_award_reopens_the_decision() {
    let mut watched = Watched::recognised().await;
    let before = watched.file().await;
    assert_eq!(watched.look().await, 0);
    assert!(!watched.page().await.contains(DOUBTED));
    watched.standing(json!({"standing": "annulled", "effective": "2026-02-01", "reason": "fraud"})).await;
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!(
        (&file["state"], &file["proposal"]["verdict"]),
        (&json!("reopened"), &json!("NOT_RECOGNISED"))
    );
    assert_eq!(file["doubted"], json!({"seen": "2026-11-24", "reasons": ["accreditation.annulled"]}));
    assert_eq!((&file["basis"]["inputs"], file.get("sourceRevoked")), (&before["inputs"], None));
    let last = file["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["what"], &last["reason"]), (&json!("doubted"), &json!("accreditation.annulled")));
    let page = watched.page().await;
    assert!(page.contains(DOUBTED) && page.contains("24 November 2026"), "{page}");
    assert!(!page.contains("the award itself has changed"));
    assert_eq!(watched.look().await, 0, "told once");

    // The applicant sees it as well, and no proposal.
    let seen = format!(
        "/applications/{}?key={}",
        watched.received["application"].as_str().unwrap(),
        watched.received["key"].as_str().unwrap()
    );
    let seen = watched.countries.laos.stranger().get(&seen).await.json();
    assert_eq!((&seen["doubted"]["reasons"][0], seen.get("basis")), (&json!("accreditation.annulled"), None));

    // An officer who recognises it all the same knew it: it rests on that now.
    let countries = &watched.countries;
    let all_the_same =
        json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "taught before the fraud"});
    let decided = countries.decide(&countries.officer(), &watched.received, all_the_same).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    let decided = decided.json();
    assert!(!countries.page(&decided["decision"]).await.contains(DOUBTED));
    assert_eq!(watched.look().await, 0);
    let file = watched.file().await;
    assert_eq!((&file["state"], file.get("doubted"), file.get("basis")), (&json!("decided"), None, None));
}

#[tokio::test]
async fn a_key_that_was_stolen_before_the_application_is_news_and_one_stolen_later_is_none() {
    let mut later = Watched::recognised().await;
    later.countries.pass(SignedDuration::from_hours(48));
    later.stolen("2026-11-23T08:00:00Z").await;
    assert_eq!(later.look().await, 0, "the award was here already");
    assert_eq!(later.file().await["state"], "decided");

    let mut watched = Watched::recognised().await;
    watched.stolen("2026-11-22T07:00:00Z").await;
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!(file["doubted"]["reasons"], json!(["key.compromised", "proof.indeterminate"]), "{file:#}");
    assert_eq!((&file["state"], &file["proposal"]["verdict"]), (&json!("reopened"), &json!("CASE_BY_CASE")));
    assert!(watched.page().await.contains(DOUBTED));
}

#[tokio::test]
async fn a_key_that_was_stolen_after_the_log_saw_the_award_is_no_news() {
    for (stolen, news) in [("2026-11-22T09:00:00Z", 0), ("2026-11-22T08:01:00Z", 1)] {
        let countries = Countries::with(|config| config.recognition.automatic = true).await;
        countries.agree().await;
        countries.vietnam.done("/authority/policy", json!({"logPolicy": logged::policy()})).await;
        let credential = countries.diploma(|_| {}).await;
        let seen = "2026-11-22T08:05:00Z";
        let proof = logged::proof(credential.to_string().as_bytes(), [seen, seen]);
        countries.pass(SignedDuration::from_hours(2));
        let app = &countries.laos.app;
        pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
        app.registry.pin(app.pins.load().unwrap());
        let mut asked = asked(&credential);
        asked["tlogProof"] = json!(String::from_utf8(proof).unwrap());
        let received = countries.apply(&asked).await;
        let mut watched = Watched { countries, received, round: Round::default() };
        let file = watched.file().await;
        assert_eq!(file["facts"]["registeredOn"]["value"], "2026-11-22", "{file:#}");
        assert_eq!(file["state"], "decided");
        watched.stolen(stolen).await;
        assert_eq!(watched.look().await, news, "{stolen}");
    }
}

#[tokio::test]
async fn what_ended_later_and_what_is_not_known_now_is_no_news() {
    let mut watched = Watched::recognised().await;
    watched.countries.pass(SignedDuration::from_hours(48));
    watched.standing(json!({"standing": "withdrawn", "reason": "it closes"})).await;
    assert_eq!(watched.look().await, 0);
    watched.countries.pass(SignedDuration::from_hours(6 * 365 * 24));
    assert_eq!(watched.look().await, 0, "the list is over, the agreement has ended");
    let file = watched.file().await;
    assert_eq!((&file["state"], file.get("doubted")), (&json!("decided"), None));
    let app = &watched.countries.laos.app;
    app.registry.pin(Vec::new());
    assert_eq!(watched.look().await, 0, "nobody goes by the list any more");

    let mut silent = Watched::recognised().await;
    silent.countries.fall_silent().await;
    assert_eq!(silent.look().await, 0);
    assert_eq!(silent.file().await["state"], "decided");
}

#[tokio::test]
async fn what_holds_again_is_settled_as_it_was() {
    let mut watched = Watched::recognised().await;
    let before = watched.file().await;
    assert_eq!(watched.told().await, 1);
    // Suspended from the very day of the application on, and in force again.
    watched.countries.suspend().await;
    assert_eq!(watched.look().await, 1);
    assert_eq!(watched.told().await, 0, "a statement in doubt is not held out");
    let file = watched.file().await;
    assert_eq!((&file["state"], &file["doubted"]["seen"]), (&json!("reopened"), &json!("2026-11-23")));
    // While nobody can say, it stays in doubt.
    let app = watched.countries.laos.app.clone();
    let pinned = app.registry.pinned();
    app.registry.pin(Vec::new());
    watched.countries.resume().await;
    assert_eq!(watched.look().await, 0);
    app.registry.pin(pinned);
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!((&file["state"], file.get("doubted"), file.get("basis")), (&json!("decided"), None, None));
    assert_eq!((&file["inputs"], &file["proposal"]), (&before["inputs"], &before["proposal"]));
    assert_eq!(file["events"].as_array().unwrap().last().unwrap()["what"], "settled");
    assert!(!watched.page().await.contains(DOUBTED));
    assert_eq!((watched.look().await, watched.told().await), (0, 1));
}

#[tokio::test]
async fn an_issuer_that_the_list_of_its_country_does_not_know_any_more_is_news() {
    let mut watched = Watched::recognised().await;
    let app = watched.countries.laos.app.clone();
    let other = list(&list_document(7, "2026-11-22T00:00:00Z", &[college()])).unwrap();
    app.registry.pin(vec![pinned(root(), other)]);
    assert_eq!(watched.look().await, 1);
    let told = watched.file().await["doubted"]["reasons"].clone();
    assert_eq!(told, json!(["issuer.not.listed"]));
}

#[tokio::test]
async fn what_an_officer_decided_otherwise_is_looked_at_by_what_was_proposed() {
    let countries = Countries::new().await;
    let mut unnamed = asked(&countries.diploma(|_| {}).await);
    unnamed.as_object_mut().unwrap().remove("target");
    let received = countries.apply(&unnamed).await;
    let own = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "compared by hand"});
    let decided = countries.decide(&countries.officer(), &received, own).await.json();
    assert_eq!(countries.file(&received).await["proposal"]["verdict"], "CASE_BY_CASE");
    let received = json!({"application": received["application"], "decision": decided["decision"]});
    let mut watched = Watched { countries, received, round: Round::default() };
    assert_eq!(watched.look().await, 0);
    watched.standing(json!({"standing": "annulled", "effective": "2026-02-01", "reason": "fraud"})).await;
    assert_eq!(watched.look().await, 1);
    assert_eq!(watched.file().await["doubted"]["reasons"], json!(["accreditation.annulled"]));
}
