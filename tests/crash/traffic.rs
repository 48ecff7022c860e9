//! Clients who issue and change what becomes of credentials, until nobody answers any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use serde_json::{Value, json};

use super::house::{Answer, Life};
use super::ledger::{Bit, Draft, Ledger, PURPOSES, entry};
use super::{below, random};

/// How many clients there are at once.
const CLIENTS: usize = 10;

/// What a client may be answered besides what it asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing else: every other answer is a fault.
    Fair,
    /// The disk is full: a 507, and then nothing was recorded.
    Full,
    /// The system fails: a 5xx tells nothing of what was recorded; a wrong answer is a fault.
    Foul,
}

/// Clients at work.
pub struct Clients {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Clients {
    /// Each ends after its last answer, or when there is none any more.
    pub async fn end(self) {
        self.stop.store(true, Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// Starts the clients.
pub fn begin(life: &Arc<Life>, ledger: &Arc<Ledger>, weather: Weather) -> Clients {
    let stop = Arc::new(AtomicBool::new(false));
    let begin = |client| {
        let (life, ledger, stop) = (Arc::clone(life), Arc::clone(ledger), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Relaxed) {
                let answered = match client % 3 {
                    0 => change(&life, &ledger, weather).await,
                    2 if weather != Weather::Fair => read(&life, &ledger).await,
                    _ => issue(&life, &ledger, draft(), weather).await,
                };
                match answered {
                    Some(true) => {}
                    Some(false) => tokio::time::sleep(Duration::from_millis(20)).await,
                    None => break,
                }
            }
        })
    };
    let tasks = (0..CLIENTS).map(begin).collect();
    Clients { stop, tasks }
}

/// A new draft: with an idempotency key, or with an id of its own, so that it can be asked for again.
pub fn draft() -> Draft {
    let name = u64::from_be_bytes(random());
    let mut credential: Value =
        serde_json::from_str(include_str!("../../fixtures/credentials/micro-credential/minimal.json"))
            .unwrap();
    credential["name"] = format!("安全用电基础 {name:016x}").into();
    let keyed = below(2) == 0;
    let own_id = (!keyed).then(|| format!("urn:example:{name:016x}"));
    if let Some(id) = &own_id {
        credential["id"] = id.as_str().into();
    }
    let body = json!({ "credential": credential }).to_string();
    Draft { body, key: keyed.then(|| format!("order {name:016x}")), own_id }
}

/// Asks for a credential and notes the answer: whether it was issued; `None` when nobody answered.
async fn issue(life: &Life, ledger: &Ledger, draft: Draft, weather: Weather) -> Option<bool> {
    let answer = life.post("/credentials/issue", draft.body.clone(), draft.key.as_deref()).await;
    let Ok(answer) = answer else {
        ledger.unanswered(draft);
        return None;
    };
    match entry(&answer.body, &answer.location).filter(|_| answer.status == 201) {
        Some(entry) => {
            ledger.issued(entry);
            Some(true)
        }
        None => {
            if !is_refusal(ledger, &answer, weather, "issue") {
                ledger.unanswered(draft);
            }
            Some(false)
        }
    }
}

/// Suspends, restores or revokes one of the credentials.
async fn change(life: &Life, ledger: &Ledger, weather: Weather) -> Option<bool> {
    let Some((place, known)) = ledger.take() else {
        return life.get("/healthz").await.ok().map(|_| false);
    };
    let (purpose, value) = match known.bits {
        [Bit::Told(false), Bit::Told(_)] if below(3) == 0 => (0, true),
        [Bit::Told(false), Bit::Told(suspended)] => (1, !suspended),
        _ => return Some(true), // revoked, or asked for without an answer: nobody takes it any more
    };
    ledger.note(place, purpose, Bit::Asked(value));
    let answer = set(life, &known.id, purpose, value).await.ok()?;
    let changed = answer.status == 200;
    if changed || is_refusal(ledger, &answer, weather, "status") {
        ledger.note(place, purpose, Bit::Told(changed == value));
        ledger.give_back(place);
    }
    Some(changed)
}

/// Reads what was acknowledged, also while the system fails.
async fn read(life: &Life, ledger: &Ledger) -> Option<bool> {
    let Some((place, known)) = ledger.take() else {
        return life.get("/healthz").await.ok().map(|_| false);
    };
    ledger.give_back(place);
    let answer = life.get(&format!("/c/{}.json", known.id)).await.ok()?;
    let same = super::judge::is_same(&known, &answer);
    if !same && answer.status < 500 {
        ledger.fault(format!("{} was read with {} in foul weather", known.id, answer.status));
    }
    Some(same)
}

/// Asks for a change of status.
pub async fn set(life: &Life, id: &str, purpose: usize, value: bool) -> Result<Answer, reqwest::Error> {
    let wish = json!({
        "credentialId": id, "statusPurpose": PURPOSES[purpose], "value": value, "reason": "to be remembered",
    });
    life.post("/credentials/status", wish.to_string(), None).await
}

/// Whether the answer says that nothing was recorded; one that the weather does not explain is a fault.
fn is_refusal(ledger: &Ledger, answer: &Answer, weather: Weather, what: &str) -> bool {
    let refused = weather == Weather::Full && answer.is_problem(507);
    if !refused && (weather != Weather::Foul || answer.status < 500) {
        ledger.fault(format!("{what}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    refused
}
