//! The log and its witnesses, each a service of its own on this machine: proofs become witnessed, and a store that is older
//! than what was published is found out.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;
use testamur::app::App;
use testamur::codec::jcs;
use testamur::config::{Config, Origin};
use testamur::crypto::sha256;
use testamur::institution::Slug;
use testamur::log::policy::Policy;
use testamur::log::witness::AddCheckpoint;
use testamur::log::{SignedCheckpoint, TlogProof, VerifierKey, cosign};
use testamur::publish::log::{LogError, Publisher, keep_logging};
use testamur::publish::witnesses::Collector;
use testamur::web;
use testamur::witness::Watched;
use url::Url;

use crate::log::Key;
use crate::support::{Actor, Listening, OPENED, TestHouse, page_of};

const LOG: &str = "log.vietnam.example/2026";

/// A witness: a service on a port of this machine.
struct Witness {
    house: TestHouse,
    listening: Listening,
    name: &'static str,
}

impl Witness {
    async fn new(name: &'static str) -> Self {
        let house = TestHouse::with(|config| config.apply("witness", "name", name).unwrap()).await;
        Self { listening: house.listening().await, house, name }
    }

    /// Its line in a policy.
    async fn line(&self) -> String {
        let key = self.house.stranger().get("/witness/key").await.text();
        format!("witness {} {} http://{}", self.name, key.trim_end(), self.listening.address)
    }

    fn watch(&self, log: &VerifierKey) {
        Watched::of(&self.house.app.config.server.data).add(log).unwrap();
    }
}

/// A log that is to be witnessed by all of these.
fn witnessed_by(config: &mut Config, lines: &[String]) {
    let names: Vec<_> = lines.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    let policy = format!("{}\ngroup all all {}\nquorum all\n", lines.join("\n"), names.join(" "));
    config.apply("transparency", "policy", &policy).unwrap();
    config.apply("transparency", "origin", "log.vietnam.example").unwrap();
    let origin = |line: &String| Origin::of(&Url::parse(line.split(' ').nth(3).unwrap()).unwrap()).unwrap();
    config.fetch.allow_fetch_origins = lines.iter().map(origin).collect();
}

async fn grow(app: &Arc<App>) -> u64 {
    Publisher::new(app.clone()).tick().await.unwrap()
}

/// Asks everybody anew, as after a start; says whether the newest checkpoint still waits.
async fn ask(app: &Arc<App>) -> bool {
    Collector::new(app.clone()).unwrap().round().await.unwrap()
}

async fn log_key(house: &TestHouse) -> VerifierKey {
    house.stranger().get("/log/2026/key").await.text().trim_end().parse().unwrap()
}

/// Vietnam's log, and two witnesses that know it; one diploma stands in it.
async fn three() -> (TestHouse, [Witness; 2]) {
    let witnesses =
        [Witness::new("witness.laos.example").await, Witness::new("witness.thailand.example").await];
    let lines = [witnesses[0].line().await, witnesses[1].line().await];
    let house = TestHouse::with(|config| witnessed_by(config, &lines)).await;
    house.diploma().await;
    grow(&house.app).await;
    let key = log_key(&house).await;
    witnesses.iter().for_each(|witness| witness.watch(&key));
    (house, witnesses)
}

/// How many leaves the log has on record, and up to which a quorum has seen it.
async fn sizes(app: &App) -> (u64, u64) {
    let log = app.store.logs().await.unwrap().pop().unwrap();
    let seen = app.store.log_witnessed(2026, log.size - 1).await.unwrap();
    (log.size, seen.map_or(0, |(size, _)| size))
}

#[tokio::test]
async fn a_proof_becomes_witnessed() {
    let (house, witnesses) = three().await;
    let diploma = house.diploma().await;
    grow(&house.app).await;
    let policy = house.app.config.transparency.policy.clone().unwrap();
    let policy: Policy = policy.with_log(log_key(&house).await);
    let prove = async || {
        let proof = house.stranger().get(&format!("{}/tlog-proof", page_of(&diploma))).await;
        let proof = TlogProof::parse(&proof.body).unwrap();
        let entry = proof.credential(sha256(&jcs::canonicalize(&diploma))).unwrap().entry();
        proof.verify(&entry, &policy, |_, _| true).map(|logged| {
            let names = logged.witnessed.by.iter().map(|(witness, _)| witness.key.name().to_string());
            (logged.witnessed.size, logged.witnessed.time, names.collect::<Vec<_>>())
        })
    };
    assert!(prove().await.is_err());
    let mut collector = Collector::new(house.app.clone()).unwrap();
    assert!(!collector.round().await.unwrap(), "nothing waits");
    let told = prove().await.unwrap();
    assert_eq!((told.0, told.1.to_string().as_str()), (2, OPENED));
    assert_eq!(told.2.len(), 2);
    // Later growth changes nothing of the first proof; the newest checkpoint is cosigned anew, from where they were.
    house.clock.set(OPENED.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_mins(3));
    witnesses.iter().for_each(|witness| witness.house.clock.set(house.app.now()));
    for _ in 0..3 {
        house.diploma().await;
        grow(&house.app).await;
        let bare = house.stranger().get("/log/2026/checkpoint").await;
        assert_eq!(SignedCheckpoint::parse(&bare.body).unwrap().note().signatures().len(), 1);
        assert!(!collector.round().await.unwrap());
        let cosigned = house.stranger().get("/log/2026/checkpoint").await;
        let cosigned = SignedCheckpoint::parse(&cosigned.body).unwrap();
        let witnessed = policy.judge(&cosigned, |_, _| true).unwrap();
        assert_eq!((witnessed.size, witnessed.time), (sizes(&house.app).await.0, house.app.now()));
    }
    assert_eq!(prove().await.unwrap(), told);
    assert_eq!(house.app.witnesses.alarm(), None);
    let metrics = house.stranger().get("/metrics").await.text();
    for line in [
        "testamur_log_leaves 5",
        "testamur_log_witnessed_leaves 5",
        "testamur_log_rolled_back 0",
        "testamur_log_witness_failures{witness=\"witness.laos.example\"} 0",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line}\n{metrics}");
    }
}

/// The node that issued a credential shows what its own log shows, to a program and to a person; nothing is asked of it
/// before the log's witnesses have seen it.
#[tokio::test]
async fn our_own_verdict_tells_since_when() {
    let (house, _witnesses) = three().await;
    let diploma = house.diploma().await;
    let verify = async |document: &serde_json::Value| {
        let body = json!({"verifiableCredential": document});
        house.stranger().post("/credentials/verify", &body).await.json()
    };
    assert_eq!(verify(&diploma).await.get("log"), None, "it is not in the log");
    grow(&house.app).await;
    let waiting = verify(&diploma).await;
    assert_eq!((waiting.get("log"), &waiting["state"]), (None, &json!("genuine")), "nobody has seen it");
    ask(&house.app).await;
    let told = verify(&diploma).await;
    assert_eq!((&told["state"], &told["log"]["included"]), (&json!("genuine"), &json!(true)));
    assert_eq!((&told["log"]["origin"], &told["log"]["time"]), (&json!(LOG), &json!(OPENED)));
    assert_eq!((&told["log"]["index"], &told["log"]["size"]), (&json!(1), &json!(2)));
    assert_eq!(told["log"]["witnesses"].as_array().unwrap().len(), 2);
    let included = |check: &serde_json::Value| check["code"] == "log.included";
    assert!(told["checks"].as_array().unwrap().iter().any(included));
    let page = house.browser().get(&page_of(&diploma)).await.text();
    assert!(page.contains("data-code=\"log.included\"") && page.contains("Existed by"), "{page}");
    // Another document under that id is not the one in the log.
    let mut other = diploma.clone();
    other["credentialSubject"]["name"] = json!("Somebody else");
    let other = verify(&other).await;
    assert_eq!((other.get("log"), &other["verified"]), (None, &json!(false)));
    // With a proof beside it, whatever that says: ours is what is known here.
    let body = json!({"verifiableCredential": diploma, "options": {"tlogProof": "no proof"}});
    let beside = house.stranger().post("/credentials/verify", &body).await.json();
    assert_eq!((&beside["state"], &beside["log"]["index"]), (&json!("genuine"), &json!(1)));
}

/// Each country's node witnesses the other's log.
#[tokio::test]
async fn two_countries_witness_each_other() {
    let vietnam = Witness::new("witness.vietnam.example").await;
    let third = Witness::new("witness.thailand.example").await;
    let (vietnam_line, third_line) = (vietnam.line().await, third.line().await);
    let settings = |config: &mut Config, line: &String, origin: &str| {
        witnessed_by(config, &[line.clone(), third_line.clone()]);
        config.apply("transparency", "origin", origin).unwrap();
    };
    let laos = TestHouse::with(|config| {
        config.apply("witness", "name", "witness.laos.example").unwrap();
        settings(config, &vietnam_line, "log.laos.example");
    })
    .await;
    let listening = laos.listening().await;
    let key = laos.stranger().get("/witness/key").await.text();
    let laos_line = format!("witness witness.laos.example {} http://{}", key.trim_end(), listening.address);
    let store = vietnam.house.app.store.clone();
    let hanoi =
        vietnam.house.restored(store, |config| settings(config, &laos_line, "log.vietnam.example")).await;
    for (house, app, other) in [(&laos, &laos.app, &vietnam.house), (&vietnam.house, &hanoi, &laos)] {
        house.diploma().await;
        grow(app).await;
        let key = log_key(house).await;
        third.watch(&key);
        Watched::of(&other.app.config.server.data).add(&key).unwrap();
    }
    assert!(!ask(&laos.app).await && !ask(&hanoi).await);
    assert_eq!((sizes(&laos.app).await, sizes(&hanoi).await), ((1, 1), (1, 1)));
    let seen = laos.app.store.witness_seen(LOG).await.unwrap().unwrap();
    assert_eq!(seen.size, 1);
    listening.stop().await;
}

#[tokio::test]
async fn a_witness_that_is_down_is_waited_for() {
    let (house, [one, two]) = three().await;
    Watched::of(&two.house.app.config.server.data).remove(LOG).unwrap();
    assert!(ask(&house.app).await, "one of two");
    assert_eq!(sizes(&house.app).await, (1, 0));
    let told = house.app.witnesses.all();
    assert_eq!((told[0].1.failures, told[1].1.failures), (0, 1));
    assert!(told[1].1.trouble.as_ref().unwrap().contains("does not know this log"), "{told:?}");
    let mut collector = Collector::new(house.app.clone()).unwrap();
    collector.round().await.unwrap();
    collector.round().await.unwrap();
    assert_eq!(house.app.witnesses.all()[1].1.failures, 2, "it is left in peace for a while");
    // Down altogether: the log grows all the same.
    one.listening.stop().await;
    house.diploma().await;
    assert_eq!(grow(&house.app).await, 1);
    assert!(ask(&house.app).await);
    assert_eq!((sizes(&house.app).await, house.app.witnesses.alarm()), ((2, 0), None));
    assert_eq!(house.stranger().get("/readyz").await.status, 200);
}

/// Whether the old store is found out, before or after it was written to.
#[tokio::test]
async fn an_old_backup_is_found_out() {
    let (house, witnesses) = three().await;
    assert!(!ask(&house.app).await);
    let backup = house.backup();
    for _ in 0..2 {
        house.diploma().await;
        grow(&house.app).await;
    }
    assert!(!ask(&house.app).await);
    assert_eq!(sizes(&house.app).await, (3, 3));

    // Asked before anything is signed: nothing is.
    let restored = house.restored(backup, |_| {}).await;
    let actor = Actor::new(web::service(restored.clone()));
    assert_eq!(actor.get("/readyz").await.status, 200);
    assert!(!ask(&restored).await, "its newest checkpoint was witnessed once");
    let alarm = restored.witnesses.alarm().unwrap();
    assert_eq!((alarm.known, alarm.ours, alarm.origin.as_str()), (3, 1, LOG));
    publish_something(&restored).await;
    let refused = Publisher::new(restored.clone()).tick().await;
    assert!(matches!(refused, Err(LogError::RolledBack(_))), "{refused:?}");
    assert_eq!(sizes(&restored).await.0, 1);
    assert_eq!(actor.get("/readyz").await.problem(503).0, "log-rolled-back");
    assert!(actor.get("/metrics").await.text().contains("\ntestamur_log_rolled_back 1\n"));

    // Not asked in time, it grew to the size they know, and then beyond: each is a fork, and no witness cosigns it.
    for _ in 0..3 {
        let forked = house.restored(restored.store.clone(), |_| {}).await;
        publish_something(&forked).await;
        publish_something(&forked).await;
        grow(&forked).await;
        let (size, witnessed) = sizes(&forked).await;
        assert!(size >= 3 && witnessed == 0);
        assert!(ask(&forked).await);
        let alarm = forked.witnesses.alarm().unwrap();
        assert_eq!((alarm.known, alarm.ours), (3, size));
        assert!(matches!(Publisher::new(forked.clone()).tick().await, Ok(0)), "nothing waits");
        publish_something(&forked).await;
        assert!(matches!(Publisher::new(forked).tick().await, Err(LogError::RolledBack(_))));
    }
    for witness in &witnesses {
        let seen = witness.house.app.store.witness_seen(LOG).await.unwrap().unwrap();
        assert_eq!(seen.size, 3);
    }
    // Whoever has lost the newest store closes the log: it stands still, and the service is ready.
    let closed = house.restored(restored.store.clone(), |config| {
        config.apply("transparency", "closed", LOG).unwrap();
    });
    let closed = closed.await;
    assert!(!ask(&closed).await);
    publish_something(&closed).await;
    let refused = Publisher::new(closed.clone()).tick().await;
    assert!(matches!(refused, Err(LogError::Closed(_))), "{refused:?}");
    assert_eq!(Actor::new(web::service(closed.clone())).get("/readyz").await.status, 200);
    house.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    publish_something(&closed).await;
    assert!(grow(&closed).await > 0, "the next year takes in what waits");
    house.clock.set(OPENED.parse().unwrap());
    // The newest store is as good as ever.
    let whole = house.reopened().await;
    assert!(!ask(&whole).await);
    assert_eq!(whole.witnesses.alarm(), None);
}

/// A version of a status list, which goes into the log.
async fn publish_something(app: &App) {
    use testamur::status::Purpose;
    use testamur::store::{Change, ListKey, ListVersion};
    let institution = Slug::parse("ha-noi").unwrap();
    let key = ListKey { institution, purpose: Purpose::Revocation, list: 9, mirror: false };
    let version = app.store.list(&key).await.unwrap().latest.map_or(0, |latest| latest.version) + 1;
    let body = json!({"version": version}).to_string().into_bytes();
    let list = ListVersion { key, version, at: app.now(), valid_until: app.now(), body };
    app.store.commit(vec![Change::ListPublished(list)]).await.unwrap();
}

/// A backup of last year does not begin this year's log again.
#[tokio::test]
async fn a_year_is_not_begun_twice() {
    let (house, witnesses) = three().await;
    let backup = house.backup();
    house.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    house.diploma().await;
    grow(&house.app).await;
    let key: VerifierKey = house.stranger().get("/log/2027/key").await.text().trim_end().parse().unwrap();
    for witness in &witnesses {
        witness.watch(&key);
        witness.house.clock.set(house.app.now());
    }
    assert!(!ask(&house.app).await, "the last checkpoint of the old year is taken there, too");
    assert!(house.app.store.log_witnessed(2026, 0).await.unwrap().is_some());
    let restored = house.restored(backup, |_| {}).await;
    publish_something(&restored).await;
    let refused = Publisher::new(restored.clone()).tick().await;
    assert!(matches!(refused, Err(LogError::RolledBack(_))), "{refused:?}");
    assert_eq!(restored.store.logs().await.unwrap().len(), 1);
}

/// A host that answers whatever it is asked with this.
async fn answering(
    status: u16,
    kind: &'static str,
    body: impl Fn(AddCheckpoint) -> Vec<u8> + Clone + Send + Sync + 'static,
) -> String {
    let answer = move |asked: String| {
        let body = body.clone();
        async move {
            let asked = AddCheckpoint::parse(asked.as_bytes()).unwrap();
            (StatusCode::from_u16(status).unwrap(), [("content-type", kind)], body(asked))
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/add-checkpoint", post(answer))).await.unwrap();
    });
    format!("witness bad {} http://{at}", Key::witness("witness.bad.example").public)
}

fn cosigned(asked: &AddCheckpoint, key: &Key, late: i64) -> Vec<u8> {
    let at = OPENED.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_secs(late);
    cosign::cosign(&asked.checkpoint, &key.public, &key.signer, at).unwrap().to_string().into_bytes()
}

/// Whatever a witness answers, it is believed about its own signature alone.
#[tokio::test]
async fn a_witness_is_not_believed() {
    let key = || Key::witness("witness.bad.example");
    let good = Witness::new("witness.thailand.example").await;
    let text = "text/plain";
    let cases = [
        (answering(200, text, |_| Vec::new()).await, "not a signed note"),
        (answering(200, text, |_| b"\xff\xfe".to_vec()).await, "no text"),
        (answering(200, text, |_| vec![b'x'; 1 << 20]).await, "more than 16384 bytes"),
        (
            answering(200, text, |asked| cosigned(&asked, &Key::witness("w.other.example"), 0)).await,
            "no cosignature by its key",
        ),
        (answering(200, text, move |asked| cosigned(&asked, &key(), 301)).await, "its clock says"),
        (answering(200, text, move |asked| cosigned(&asked, &key(), -86_400)).await, "its clock says"),
        (
            answering(200, text, move |asked| {
                let mut bytes = cosigned(&asked, &key(), 0);
                let at = bytes.len() - 8;
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                bytes
            })
            .await,
            "does not match",
        ),
        (answering(302, text, |_| Vec::new()).await, "it answers 302"),
        (answering(500, text, |_| Vec::new()).await, "it answers 500"),
        (answering(403, text, |_| Vec::new()).await, "it answers 403"),
        (answering(409, text, |_| b"9\n".to_vec()).await, "it answers 409"),
        (answering(409, "text/x.tlog.size", |_| b"nine\n".to_vec()).await, "409 without a size"),
        (answering(409, "text/x.tlog.size", |_| b"-1\n".to_vec()).await, "409 without a size"),
        (
            answering(409, "text/x.tlog.size", |asked| format!("{}\n", asked.old).into_bytes()).await,
            "contradicts itself",
        ),
        (answering(422, text, |_| Vec::new()).await, "it answers 422"),
    ];
    for (line, told) in cases {
        let lines = [line, good.line().await];
        let house = TestHouse::with(|config| witnessed_by(config, &lines)).await;
        // Each house has a log of its own under one name: the good witness sees none of them.
        house.diploma().await;
        grow(&house.app).await;
        assert!(ask(&house.app).await, "{told}");
        let trouble = house.app.witnesses.all()[0].1.trouble.clone().unwrap_or_default();
        assert!(trouble.contains(told), "{told}: {trouble}");
        assert_eq!(house.app.witnesses.alarm(), None, "{told}");
        assert_eq!(sizes(&house.app).await, (1, 0));
    }
    // Not on the public internet, and not named in the settings: not asked.
    let lines = [answering(200, text, move |asked| cosigned(&asked, &key(), 0)).await, good.line().await];
    let house = TestHouse::with(|config| {
        witnessed_by(config, &lines);
        config.fetch.allow_fetch_origins.clear();
    })
    .await;
    house.diploma().await;
    grow(&house.app).await;
    assert!(ask(&house.app).await);
    assert_eq!(house.app.witnesses.all()[0].1.failures, 1);
}

/// Issuing waits for nobody, and a witness that never answers holds nothing up for longer than a fetch may take.
#[tokio::test]
async fn a_witness_that_hangs_holds_nothing_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let key = Key::witness("witness.silent.example").public;
    let lines = [
        format!("witness a {key} http://{}", listener.local_addr().unwrap()),
        format!("witness b {} http://127.0.0.1:9", Key::witness("witness.nowhere.example").public),
    ];
    let house = TestHouse::with(|config| {
        witnessed_by(config, &lines);
        config.fetch.total_timeout = Duration::from_millis(200);
        config.fetch.connect_timeout = Duration::from_millis(100);
    })
    .await;
    let running = tokio::spawn(keep_logging(house.app.clone()));
    let patience = std::time::Instant::now();
    let mut issued = 0;
    while house.app.store.logs().await.unwrap().is_empty() {
        house.diploma().await;
        issued += 1;
        assert!(patience.elapsed() < Duration::from_secs(20), "the log did not grow");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(issued > 0);
    running.abort();
}
