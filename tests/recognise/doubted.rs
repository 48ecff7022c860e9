//! Decisions that were taken in doubt, or came into doubt: they are reopened for what is new, and once.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::administer;
use testamur::issue::operator;
use testamur::pin;
use testamur::publish::trust::list;
use testamur::recognise::watch::Round;
use testamur::store::{Change, Filing, Register};

use super::laos::{Countries, asked};
use super::watched::{DOUBTED, Watched};
use crate::trust::logged;
use crate::trust::ministry::slug;

const CHECKED: &str = "the college wrote";

fn by_hand() -> Value {
    json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "seen", "checkedByHand": CHECKED})
}

/// The list of Vietnam as it is now.
async fn pinned_anew(countries: &Countries) {
    let app = &countries.laos.app;
    pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
    app.registry.pin(app.pins.load().unwrap());
}

/// Decides, a second time where there was a new proposal instead.
async fn decided(watched: &Watched, decision: Value) -> Value {
    let countries = &watched.countries;
    let mut decided = countries.decide(&countries.officer(), &watched.received, decision.clone()).await;
    if decided.status == 409 {
        decided = countries.decide(&countries.officer(), &watched.received, decision).await;
    }
    assert_eq!(decided.status, 200, "{}", decided.text());
    decided.json()
}

impl Watched {
    /// A diploma that should have been logged and was not: an officer has checked it by hand.
    async fn by_hand() -> (Self, Value) {
        let countries = Countries::new().await;
        countries.agree().await;
        let vietnam = &countries.vietnam;
        let logged = json!({"id": vietnam.house.did("ha-noi"), "loggedSince": "2026-01-01T00:00:00Z"});
        vietnam.done("/authority/policy", json!({"logPolicy": logged::policy()})).await;
        vietnam.done("/authority/issuers", logged).await;
        let credential = countries.diploma(|_| {}).await;
        countries.pass(SignedDuration::from_hours(48));
        pinned_anew(&countries).await;
        let received = countries.apply(&asked(&credential)).await;
        let mut watched = Self { countries, received, round: Round::default() };
        let file = watched.file().await;
        assert_eq!(file["facts"]["verification"]["checks"], json!(["log.proof.missing"]), "{file:#}");
        let decided = decided(&watched, by_hand()).await;
        watched.received["decision"] = decided["decision"].clone();
        assert_eq!(watched.look().await, 0);
        (watched, credential)
    }

    /// Puts the file on record as it would have been.
    async fn rewritten(&self, change: impl FnOnce(&mut Value)) {
        let app = &self.countries.laos.app;
        let id = self.received["application"].as_str().unwrap();
        let known = app.store.filing(&slug("recognition"), Register::Application, id, None).await;
        let known = known.unwrap().unwrap();
        let mut body: Value = serde_json::from_slice(known.body.as_deref().unwrap()).unwrap();
        change(&mut body);
        let version = known.version + 1;
        let filing = Filing { version, body: Some(body.to_string().into_bytes()), ..known };
        app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
    }

    /// The college signs with another key: its status lists hold whatever becomes of the first.
    async fn another_key(&self) {
        let vietnam = &self.countries.vietnam;
        let app = &vietnam.house.app;
        administer::new_key(app, &operator(app.now()), &slug("ha-noi"), false).await.unwrap();
        vietnam.done("/authority/issuers", json!({"id": vietnam.house.did("ha-noi")})).await;
        self.refreshed().await;
        self.countries.diploma(|_| {}).await;
        self.countries.pass(SignedDuration::from_hours(20 * 24));
        list::renew(app, &slug("moet")).await.unwrap();
        self.refreshed().await;
    }

    async fn annulled(&self) {
        self.standing(json!({"standing": "annulled", "effective": "2026-02-01", "reason": "fraud"})).await;
    }
}

#[tokio::test]
async fn a_contradiction_that_an_officer_has_seen_is_no_news() {
    let countries = Countries::new().await;
    countries.agree().await;
    countries.vietnam.done("/authority/policy", json!({"logPolicy": logged::policy()})).await;
    let credential =
        countries.diploma(|draft| draft["awardedDate"] = json!("2026-11-23T00:00:00+07:00")).await;
    // In the log a day before it was awarded.
    let seen = "2026-11-22T08:05:00Z";
    let proof = logged::proof(credential.to_string().as_bytes(), [seen, seen]);
    countries.pass(SignedDuration::from_hours(48));
    pinned_anew(&countries).await;
    let mut asked = asked(&credential);
    asked["tlogProof"] = json!(String::from_utf8(proof).unwrap());
    let received = countries.apply(&asked).await;
    let mut watched = Watched { countries, received, round: Round::default() };
    let file = watched.file().await;
    assert_eq!(file["proposal"]["verdict"], "CASE_BY_CASE", "{file:#}");
    assert_eq!(file["facts"]["verification"]["value"], "valid", "the rules find it themselves");
    let own = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:5", "reason": "a slip of a day"});
    decided(&watched, own).await;
    for _ in 0..2 {
        assert_eq!(watched.look().await, 0);
    }
    assert_eq!(watched.file().await["state"], "decided");
    // What is new is.
    watched.stolen("2026-11-22T08:01:00Z").await;
    assert_eq!(watched.look().await, 1);
    assert_eq!(watched.file().await["doubted"]["reasons"][0], "key.compromised");
}

#[tokio::test]
async fn an_officer_who_checked_by_hand_sees_that_the_key_was_stolen_and_is_asked_once() {
    let (mut watched, _) = Watched::by_hand().await;
    watched.another_key().await;
    assert_eq!(watched.look().await, 0);
    let inputs = watched.file().await["inputs"].clone();
    watched.stolen("2026-11-22T07:00:00Z").await;
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!(
        (&file["state"], &file["doubted"]["reasons"]),
        (&json!("reopened"), &json!(["key.compromised"]))
    );
    let checks = file["facts"]["verification"]["checks"].as_array().unwrap();
    assert!(checks.contains(&json!("key.compromised")), "{checks:?}");
    assert_eq!(file["basis"]["facts"]["verification"]["checks"], json!(["log.proof.missing"]));
    assert_eq!(file["inputs"], inputs, "the rules stop where they stopped");
    let decided = decided(&watched, by_hand()).await;
    assert!(!watched.countries.page(&decided["decision"]).await.contains(DOUBTED));
    for _ in 0..2 {
        assert_eq!(watched.look().await, 0);
    }
    assert_eq!(watched.file().await["state"], "decided");
}

#[tokio::test]
async fn what_was_checked_by_hand_rests_on_its_institution_as_well() {
    let (mut watched, _) = Watched::by_hand().await;
    watched.annulled().await;
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!(
        (&file["state"], &file["doubted"]["reasons"]),
        (&json!("reopened"), &json!(["accreditation.annulled"]))
    );
    assert!(watched.page().await.contains(DOUBTED));
    // Whoever recognises it all the same knew it.
    let decided = decided(&watched, by_hand()).await;
    assert!(!watched.countries.page(&decided["decision"]).await.contains(DOUBTED));
    assert_eq!(watched.look().await, 0);
}

#[tokio::test]
async fn what_was_recognised_while_its_status_was_not_known_is_looked_at_as_well() {
    let mut watched = Watched::recognised().await;
    watched
        .rewritten(|file| {
            file["inputs"]["facts"]["status"] = json!("unknown");
            file["facts"]["status"] = json!({"value": "unknown", "source": "verifier"});
        })
        .await;
    assert_eq!(watched.look().await, 0);
    watched.annulled().await;
    // And nobody can find it out now.
    watched.countries.fall_silent().await;
    assert_eq!(watched.look().await, 1);
    assert_eq!(watched.file().await["doubted"]["reasons"], json!(["accreditation.annulled"]));
}

#[tokio::test]
async fn a_suspension_that_is_lifted_settles_what_was_checked_by_hand() {
    let (mut watched, credential) = Watched::by_hand().await;
    watched.countries.set_status(&credential, "suspension").await;
    assert_eq!(watched.look().await, 1);
    assert!(watched.page().await.contains("suspended by its issuer"));
    let lifted = json!({"credentialId": credential["id"], "statusPurpose": "suspension", "value": false, "reason": "cleared"});
    let answer = watched.countries.vietnam.house.college().post("/credentials/status", &lifted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!((&file["state"], file.get("sourceRevoked")), (&json!("decided"), None), "{file:#}");
    assert!(!watched.page().await.contains("suspended by its issuer"));
    assert_eq!(watched.look().await, 0);
}

#[tokio::test]
async fn news_that_comes_and_goes_within_a_doubt_is_told_once() {
    let mut watched = Watched::recognised().await;
    watched.annulled().await;
    assert_eq!(watched.look().await, 1);
    // What was told before stays told, whatever came since.
    watched.rewritten(|file| file["doubted"]["reasons"] = json!(["issuer.not.listed"])).await;
    let deadline = watched.file().await["deadline"].clone();
    assert_eq!(watched.look().await, 1);
    let file = watched.file().await;
    assert_eq!(file["doubted"]["reasons"], json!(["issuer.not.listed", "accreditation.annulled"]));
    assert_eq!(file["events"].as_array().unwrap().last().unwrap()["reason"], "accreditation.annulled");
    assert_ne!(file["deadline"], deadline);
    assert_eq!(watched.look().await, 0);
    assert_eq!(watched.file().await["deadline"], file["deadline"]);
}

#[tokio::test]
async fn a_statement_in_doubt_is_not_given_to_the_next_who_asks() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let credential = countries.diploma(|_| {}).await;
    let received = countries.apply(&asked(&credential)).await;
    let mut watched = Watched { countries, received, round: Round::default() };
    watched.countries.suspend().await;
    assert_eq!(watched.look().await, 1);
    // In force again, for whoever asks from then on.
    watched.countries.resume_from("2026-11-23").await;
    let next = watched.countries.apply(&asked(&credential)).await;
    assert_eq!(next["decision"]["verdict"], "RECOGNISED_AUTOMATIC", "{next:#}");
    assert_ne!(next["decision"]["statement"], watched.received["decision"]["statement"]);
    assert!(!watched.countries.page(&next["decision"]).await.contains(DOUBTED));
    decided(&watched, json!({"verdict": "NOT_RECOGNISED", "reason": "suspended that day"})).await;
    assert_eq!(troubles(&watched.countries, &next["decision"]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_statement_that_another_stands_on_is_not_replaced_under_them() {
    let mut watched = Watched::recognised().await;
    let credential = watched.file().await["credential"].as_str().unwrap().to_owned();
    let credential: Value = serde_json::from_str(&credential).unwrap();
    let other = watched.countries.apply(&asked(&credential)).await;
    let statement = other["decision"].clone();
    assert_eq!(statement["statement"], watched.received["decision"]["statement"]);
    let path = format!("/applications/{}/appeal", watched.received["application"].as_str().unwrap());
    let appeal = json!({"key": watched.received["key"], "reason": "a higher level"});
    assert_eq!(watched.countries.laos.stranger().post(&path, &appeal).await.status, 200);
    let own = json!({"verdict": "RECOGNISED_FULL", "level": "LNQF:6", "reason": "as asked"});
    let replacing = decided(&watched, own).await;
    assert_ne!(replacing["decision"]["statement"], statement["statement"]);
    assert_eq!(troubles(&watched.countries, &statement).await, Vec::<String>::new());

    // It is watched for the one who is left, and goes with the last who stood on it.
    watched.annulled().await;
    assert_eq!(watched.look().await, 2);
    assert!(watched.countries.page(&statement).await.contains(DOUBTED));
    let left = Watched { received: other, ..watched };
    assert_eq!(left.file().await["state"], "reopened");
    decided(&left, json!({"verdict": "NOT_RECOGNISED", "reason": "annulled"})).await;
    assert_eq!(troubles(&left.countries, &statement).await, ["status.replaced"]);
    assert_eq!(troubles(&left.countries, &replacing["decision"]).await, Vec::<String>::new());
}

async fn troubles(countries: &Countries, decision: &Value) -> Vec<String> {
    let statement = json!({"verifiableCredential": countries.statement(decision).await});
    countries.laos.stranger().post("/credentials/verify", &statement).await.troubles()
}
