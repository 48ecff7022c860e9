//! The authority's count over two services on this machine: a college that accounts for its log, a mill that hides in it,
//! one that holds a leaf back, and bodies that lie.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::accredit::watch;
use testamur::app::App;
use testamur::config::{Config, Origin};
use testamur::count::Count;
use testamur::crypto::proof::{ProofOptions, attach, sign};
use testamur::publish::deliver::{DeliverError, Deliverer};
use testamur::publish::log::Publisher;
use testamur::store::CountedLeaf;
use url::Url;

use super::ministry::{Ministry, slug};
use crate::support::{Actor, Listening, TestHouse, diploma, draft};

const LOG: &str = "log.college.example/2026";
const PROGRAMME: &str = "urn:example:programme:welding";

fn port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// On this port, asking the service on that one.
fn at(config: &mut Config, own: u16, other: u16) {
    config.server.listen = (Ipv4Addr::LOCALHOST, own).into();
    config.server.public_url = Some(format!("http://localhost:{own}"));
    let other = Url::parse(&format!("http://localhost:{other}")).unwrap();
    config.fetch.allow_fetch_origins = vec![Origin::of(&other).unwrap()];
}

/// A college and its ministry, each a service of its own; the ministry watches the college's log, which has one leaf.
struct Two {
    college: TestHouse,
    ministry: Ministry,
    listening: [Listening; 2],
}

impl Two {
    async fn new() -> Two {
        let (here, there) = (port(), port());
        let college = TestHouse::with(|config| {
            at(config, here, there);
            config.apply("transparency", "origin", "log.college.example").unwrap();
            config.apply("transparency", "deliver_to", &format!("http://localhost:{there}")).unwrap();
        })
        .await;
        let house = TestHouse::with(|config| at(config, there, here)).await;
        let listening = [college.listening().await, house.listening().await];
        let ministry = Ministry::rooted_in(house).await;
        ministry
            .done(
                "/authority/issuers",
                json!({"id": college.did("ha-noi"), "nameI18n": {"vi": "Trường Cao đẳng Mẫu Hà Nội"}}),
            )
            .await;
        let two = Two { college, ministry, listening };
        two.issue("2026-06-30", PROGRAMME).await;
        grow(&two.college.app).await;
        two.watch(&format!("http://localhost:{here}/log/2026")).await;
        two
    }

    /// The ministry knows the college's log, at this address.
    async fn watch(&self, url: &str) {
        let key = self.college.stranger().get("/log/2026/key").await.text();
        let policy = format!("log {} {url}\nquorum none\n", key.trim_end());
        self.ministry.done("/authority/policy", json!({"logPolicy": policy})).await;
    }

    async fn issue(&self, awarded: &str, programme: &str) -> Value {
        let mut draft = diploma();
        draft["awardedDate"] = json!(format!("{awarded}T00:00:00+07:00"));
        draft["credentialSubject"]["achievement"]["qualificationId"] = json!(programme);
        let body = json!({"credential": draft});
        let answer = self.college.college().post("/credentials/issue", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["verifiableCredential"].clone()
    }

    async fn announce(&self, graduates: u64) {
        let cohort = json!({
            "issuer": self.college.did("ha-noi"), "programme": PROGRAMME, "awardDate": "2026-06-30",
            "graduates": graduates, "decision": "77/QĐ-CĐ",
        });
        self.ministry.done("/authority/cohorts", cohort).await;
    }

    async fn count(&self) -> Count {
        count(&self.ministry.house.app).await
    }

    async fn look(&self) {
        watch::look(&self.ministry.house.app, &mut Default::default()).await.unwrap();
    }

    async fn next(&self) -> u64 {
        let told =
            self.ministry.house.stranger().get(&format!("/authority/deliveries/next?origin={LOG}")).await;
        assert_eq!(told.status, 200, "{}", told.text());
        told.json()["next"].as_u64().unwrap()
    }

    /// The deliveries that the college would send, as far as it can sign them.
    async fn offered(&self) -> Value {
        let mut deliverer = Deliverer::new(self.college.app.clone());
        deliverer.prepared(LOG, self.next().await).await.unwrap().unwrap()
    }

    /// A delivery signed anew by the college.
    fn signed(&self, document: &Value) -> Value {
        let mut document = document.as_object().unwrap().clone();
        document.shift_remove("proof");
        let app = &self.college.app;
        let member = app.registry.member(&slug("ha-noi")).unwrap();
        let signer = app.signer(&member.institution).unwrap().unwrap();
        let options = ProofOptions::new("eddsa-jcs-2022", app.now()).unwrap();
        let proof = sign(&document, &options, signer.as_ref()).unwrap();
        attach(&mut document, proof);
        Value::Object(document)
    }

    /// The cohorts to whoever may see them, totals to everybody, figures to a monitor.
    async fn is_told(&self) {
        let path = "/authority/count";
        let told = self.ministry.actor().get(path).await.json();
        let vietnam = &told["authorities"][0];
        assert_eq!((&vietnam["authority"], vietnam["alarms"].as_array().unwrap().len()), (&json!("VN"), 1));
        let diplomas = |one: &&Value| one["type"] == "diploma";
        let cohort = vietnam["cohorts"].as_array().unwrap().iter().find(diplomas).unwrap();
        assert_eq!(
            (&cohort["leaves"], &cohort["graduates"], &cohort["outcome"], &cohort["awardDate"]),
            (&json!(6), &json!(3), &json!("more"), &json!("2026-06-30"))
        );
        assert_eq!(self.ministry().get(path).await.status, 401);
        assert_eq!(self.ministry.house.college().get(path).await.status, 403);
        let page = self.ministry.house.browser().get(path).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        let page = page.text();
        assert!(page.contains("Alarm") && page.contains("Trường Cao đẳng Mẫu Hà Nội"), "{page}");
        assert!(!page.contains(PROGRAMME) && !page.contains("2026-06-30"), "{page}");
        let lines = self.ministry().get("/metrics").await.text();
        for line in [
            "testamur_authority_cohorts_differing{authority=\"VN\"} 1",
            "testamur_authority_leaves_unaccounted{authority=\"VN\"} 0",
            "testamur_authority_count_alarms{authority=\"VN\"} 1",
        ] {
            assert!(lines.lines().any(|known| known == line), "{line}\n{lines}");
        }
        let college = self.college.stranger().get("/metrics").await.text();
        assert!(college.contains("\ntestamur_log_undelivered_leaves 0\n"), "{college}");
    }

    fn ministry(&self) -> Actor {
        self.ministry.house.stranger()
    }

    async fn stop(self) {
        for listening in self.listening {
            listening.stop().await;
        }
    }
}

async fn count(app: &App) -> Count {
    watch::count(app, &slug("moet")).await.unwrap()
}

async fn grow(app: &Arc<App>) -> u64 {
    Publisher::new(app.clone()).tick().await.unwrap()
}

async fn deliver(app: &Arc<App>) -> u64 {
    Deliverer::new(app.clone()).round().await.unwrap()
}

fn told(count: &Count) -> Vec<(u64, Option<u64>, &str)> {
    let cohorts = count.cohorts.iter().filter(|one| one.key.kind == "diploma");
    cohorts.map(|one| (one.leaves, one.graduates, one.outcome.as_str())).collect()
}

/// From the first leaf to the count, with a mill at the end of it.
#[tokio::test]
async fn a_mill_that_hides_in_the_log_is_counted() {
    let two = Two::new().await;
    for _ in 0..2 {
        two.issue("2026-06-30", PROGRAMME).await;
    }
    two.college
        .college()
        .post("/credentials/issue", &json!({"credential": draft("generic/minimal.json")}))
        .await;
    testamur::publish::everything(&two.college.app).await;
    let size = 1 + grow(&two.college.app).await;
    assert_eq!(deliver(&two.college.app).await, size);
    assert_eq!((two.next().await, deliver(&two.college.app).await), (size, 0));
    assert_eq!(two.college.app.deliveries.standing(), (Some(0), 0));
    // Nothing says what anybody is called, nor the salt.
    let store = &two.ministry.house.app.store;
    let kept = store.deliveries(&slug("moet"), LOG, 0, 10).await.unwrap();
    let leaves: Vec<_> = kept.iter().flat_map(|one| &one.leaves).collect();
    assert_eq!(leaves.len() as u64, size);
    assert!(leaves.iter().any(|leaf| **leaf == CountedLeaf::StatusList));

    assert_eq!(told(&two.count().await), [(3, None, "not announced")]);
    two.announce(4).await;
    assert_eq!(told(&two.count().await), [(3, Some(4), "fewer")]);
    assert!(two.count().await.alarms().is_empty());
    two.announce(3).await;
    let count = two.count().await;
    assert_eq!((told(&count), count.differing()), (vec![(3, Some(3), "equal")], 0));
    assert_eq!(count.cohorts.iter().find(|one| one.graduates.is_some()).unwrap().announced, 2);

    // Three more for the cohort, in the log like all the others.
    for _ in 0..3 {
        two.issue("2026-06-30", PROGRAMME).await;
    }
    grow(&two.college.app).await;
    two.look().await;
    assert_eq!((two.count().await.unaccounted(), two.count().await.alarms().len()), (3, 0), "not so soon");
    deliver(&two.college.app).await;
    let count = two.count().await;
    assert_eq!((told(&count), count.differing()), (vec![(6, Some(3), "more")], 1));
    let alarms = count.alarms();
    assert!(alarms.len() == 1 && alarms[0].told.contains("6 leaves for 3 graduates"), "{alarms:?}");
    two.is_told().await;
    // As after a start: the same from the record.
    let again = two.ministry.house.reopened().await;
    assert_eq!(self::count(&again).await, count);
    two.stop().await;
}

/// The same diplomas in a cohort of their own, or said to be erased.
#[tokio::test]
async fn other_places_to_hide() {
    let two = Two::new().await;
    two.announce(1).await;
    two.issue("2026-07-15", "urn:example:programme:invented").await;
    grow(&two.college.app).await;
    deliver(&two.college.app).await;
    assert!(two.count().await.alarms().is_empty(), "it may be announced yet");
    let clock = &two.ministry.house.clock;
    clock.set(two.ministry.now() + SignedDuration::from_hours(25));
    let alarms = two.count().await.alarms();
    assert!(alarms.len() == 1 && alarms[0].told.contains("never announced"), "{alarms:?}");

    let hidden = two.issue("2026-06-30", PROGRAMME).await;
    grow(&two.college.app).await;
    let id = hidden["id"].as_str().unwrap().rsplit('/').next().unwrap();
    let erase = json!({"credentialId": id, "reason": "at the request of the person"});
    let erased = two.college.college().post("/credentials/erase", &erase).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    deliver(&two.college.app).await;
    let count = two.count().await;
    assert_eq!(count.logs.iter().find(|log| log.origin == LOG).unwrap().erased, 1);
    assert_eq!(count.erased_beyond, [two.college.did("ha-noi")]);
    // Where a graduate has none, it was theirs.
    two.announce(2).await;
    assert!(two.count().await.erased_beyond.is_empty());
    two.stop().await;
}

/// What is held back shows by itself, and stays on record.
#[tokio::test]
async fn a_leaf_held_back_is_missed() {
    let two = Two::new().await;
    two.look().await;
    let log = |count: &Count| count.logs.iter().find(|log| log.origin == LOG).unwrap().clone();
    let first = log(&two.count().await);
    assert_eq!((first.size, first.delivered_to, first.unaccounted, first.alarm), (Some(1), 0, 1, false));
    let app = two.ministry.house.reopened().await;
    two.ministry.house.clock.set(two.ministry.now() + SignedDuration::from_hours(25));
    let late = log(&count(&app).await);
    assert_eq!((late.unaccounted, late.since, late.alarm), (1, first.since, true));
    deliver(&two.college.app).await;
    let whole = log(&count(&app).await);
    assert_eq!((whole.unaccounted, whole.since, whole.alarm), (0, None, false));
    // Leaves within a delivery are not left out: they follow one another.
    two.issue("2026-06-30", PROGRAMME).await;
    two.issue("2026-06-30", PROGRAMME).await;
    grow(&two.college.app).await;
    let mut gap = two.offered().await;
    gap["entries"].as_array_mut().unwrap().remove(0);
    let refused = two.ministry().post("/authority/deliveries", &two.signed(&gap)).await;
    assert_eq!((refused.status, refused.pointers()), (400, vec!["/entries/0/index".to_owned()]));
    gap["entries"][0]["index"] = gap["from"].clone();
    let refused = two.ministry().post("/authority/deliveries", &two.signed(&gap)).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/entries/0".to_owned()]));
    two.stop().await;
}

#[tokio::test]
async fn of_deliveries_at_once_one_is_recorded() {
    let two = Two::new().await;
    for _ in 0..4 {
        two.issue("2026-06-30", PROGRAMME).await;
    }
    grow(&two.college.app).await;
    let document = two.offered().await;
    let ministry = two.ministry();
    let offers = (0..8).map(|_| ministry.post("/authority/deliveries", &document));
    let answers = futures_util::future::join_all(offers).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert!(answers.iter().all(|answer| answer.json()["next"] == 5), "{}", answers[0].text());
    let (one, other) = (two.college.app.clone(), two.college.app.clone());
    two.issue("2026-06-30", PROGRAMME).await;
    grow(&two.college.app).await;
    let (one, other) = tokio::join!(deliver(&one), deliver(&other));
    assert!(one + other >= 1 && two.next().await == 6);
    assert_eq!(told(&two.count().await)[0].0, 6);
    two.stop().await;
}

#[tokio::test]
async fn who_lies_is_told_where() {
    let two = Two::new().await;
    two.issue("2026-06-30", PROGRAMME).await;
    grow(&two.college.app).await;
    let good = two.offered().await;
    let offer = async |document: &Value| two.ministry().post("/authority/deliveries", document).await;
    let code = |answer: &crate::support::Answer| {
        answer.json()["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    // Changed after it was signed; signed by nobody; by somebody else.
    let mut changed = good.clone();
    changed["entries"][0]["programme"] = json!("urn:other");
    let refused = offer(&changed).await;
    assert_eq!((refused.status, code(&refused)), (403, "delivery-unsigned".to_owned()));
    let mut bare = good.clone();
    bare.as_object_mut().unwrap().remove("proof");
    assert_eq!(offer(&bare).await.status, 403);
    let member = two.college.app.registry.member(&slug("vientiane")).unwrap();
    let signer = two.college.app.signer(&member.institution).unwrap().unwrap();
    let mut other = bare.as_object().unwrap().clone();
    let options = ProofOptions::new("eddsa-jcs-2022", two.college.app.now()).unwrap();
    let proof = sign(&other, &options, signer.as_ref()).unwrap();
    attach(&mut other, proof);
    assert_eq!(offer(&Value::Object(other)).await.status, 403, "on no list");
    // Signed, and not so.
    for (pointer, value, status) in [
        ("/entries/1/salt", json!("uAAAAAAAAAAAAAAAAAAAAAA"), 422),
        ("/entries/1/digest", good["entries"][0]["digest"].clone(), 422),
        ("/origin", json!("log.other.example/2026"), 404),
        ("/from", json!(1), 400),
        ("/entries", json!([]), 400),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let refused = offer(&two.signed(&wrong)).await;
        assert_eq!(refused.status, status, "{pointer}: {}", refused.text());
        if status == 422 {
            assert_eq!(
                (code(&refused), refused.pointers()),
                ("leaf-differs".to_owned(), vec!["/entries/1".into()])
            );
        }
    }
    let mut more = good.clone();
    let mut entry = good["entries"][1].clone();
    entry["index"] = json!(2);
    more["entries"].as_array_mut().unwrap().push(entry);
    assert_eq!(offer(&two.signed(&more)).await.status, 422, "beyond the log");
    for text in ["", "[]", "{", "null", "{\"a\":1,\"a\":2}"] {
        let refused = two.ministry().post_text("/authority/deliveries", text).await;
        assert_eq!(refused.status, 400, "{text}");
    }
    let refused = two.ministry().post_text("/authority/deliveries", "x".repeat(600 * 1024)).await;
    assert_eq!(refused.status, 413);
    assert_eq!(two.ministry().get("/authority/deliveries/next?origin=x").await.status, 404);
    assert_eq!(two.ministry().get("/authority/deliveries/next").await.status, 400);
    assert_eq!(two.next().await, 0, "nothing of all that was recorded");

    // The log is somewhere else than its institution; then nowhere.
    two.watch("http://127.0.0.1:1/log/2026").await;
    assert_eq!(offer(&good).await.status, 403);
    let two_houses = format!("{}/nowhere", two.college.app.urls.public());
    two.watch(&two_houses).await;
    let unread = offer(&good).await;
    assert_eq!((unread.status, code(&unread)), (503, "log-unreadable".to_owned()));
    let mut deliverer = Deliverer::new(two.college.app.clone());
    assert!(matches!(deliverer.round().await, Err(DeliverError::Answered(503, _))));
    two.watch(&format!("{}/log/2026", two.college.app.urls.public())).await;
    // The key has ended.
    let key = two.signed(&good)["proof"]["verificationMethod"].clone();
    let ended =
        json!({"issuer": two.college.did("ha-noi"), "key": key, "compromisedSince": two.ministry.now()});
    two.ministry.done("/authority/keys", ended).await;
    assert_eq!(offer(&good).await.status, 403);
    two.stop().await;
}

/// Bundle by bundle, the last one as far as it goes, and on from there.
#[tokio::test]
async fn a_log_of_several_bundles_is_delivered() {
    let two = Two::new().await;
    let generic = json!({"credential": draft("generic/minimal.json")});
    let issue = async |many: usize| {
        for _ in 0..many {
            assert_eq!(two.college.college().post("/credentials/issue", &generic).await.status, 201);
        }
        grow(&two.college.app).await
    };
    let mut deliverer = Deliverer::new(two.college.app.clone());
    issue(99).await;
    assert_eq!(deliverer.round().await.unwrap(), 100);
    issue(170).await;
    assert_eq!(deliver(&two.college.app).await, 170, "by one that begins at the first fact");
    two.issue("2026-06-30", PROGRAMME).await;
    grow(&two.college.app).await;
    assert_eq!((deliverer.round().await.unwrap(), two.next().await), (1, 271));
    let store = &two.ministry.house.app.store;
    let kept = store.deliveries(&slug("moet"), LOG, 0, 10).await.unwrap();
    let runs: Vec<_> = kept.iter().map(|one| (one.from, one.leaves.len())).collect();
    assert_eq!(runs, [(0, 100), (100, 156), (256, 14), (270, 1)]);
    assert_eq!(told(&two.count().await)[0].0, 2);
    two.stop().await;
}

/// An authority that runs the college's service, too, is told in the house.
#[tokio::test]
async fn in_one_house_nothing_is_signed() {
    let (ministry, _) = Ministry::accrediting().await;
    let app = ministry.house.app.clone();
    ministry.house.diploma().await;
    let size = grow(&app).await;
    assert_eq!(deliver(&app).await, 0, "no authority watches the log");
    let key = ministry.house.stranger().get("/log/2026/key").await.text();
    let policy = format!("log {}\nquorum none\n", key.trim_end());
    ministry.done("/authority/policy", json!({"logPolicy": policy})).await;
    assert_eq!(deliver(&app).await, size);
    let size = size + grow(&app).await;
    deliver(&app).await;
    let count = count(&app).await;
    assert_eq!((count.logs[0].delivered_to, count.unaccounted()), (size, 0));
}
