//! A large register: how long the service takes to start on it after a clean end and after a kill, and how much memory it holds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use testamur::codec::{jcs, json};
use testamur::credential::id::CredentialId;
use testamur::institution::Slug;
use testamur::keyring::{Keyring, Passphrase};
use testamur::registry::LIST_ENTRIES;
use testamur::store::{self, Change, CredentialRecord, Purpose, Slot, StatusEvent, Store, Visibility};

use super::house::{House, PASSPHRASE};
use super::ledger::Ledger;
use super::random;
use super::traffic::{self, Weather};

/// The service is to answer again after so long.
const START: Duration = Duration::from_secs(2);
/// How many records are committed at once, and by how many callers.
const BATCH: u64 = 100;
const CALLERS: u64 = 4;

pub async fn run(binary: &str, folder: &str, records: u64) -> Vec<String> {
    let data = format!("{folder}/data");
    if !Path::new(&data).exists() {
        let house = House::found(binary, folder, &data);
        fill(&house, records).await;
        std::fs::write(format!("{folder}/token"), &house.token).unwrap();
    }
    let house =
        House::known(binary, folder, &data, &std::fs::read_to_string(format!("{folder}/token")).unwrap());
    let mut faults = Vec::new();
    for after in ["a clean end", "a kill", "a kill at work"] {
        let life = match house.start(&[]).await {
            Ok(life) => Arc::new(life),
            Err(fault) => return vec![fault],
        };
        let (peak, now) = life.memory();
        println!(
            "start on {records} records after {after}: {:.2?}, {now} MiB (peak {peak})",
            life.started_in
        );
        if life.started_in > START {
            faults.push(format!("a start took {:.2?}", life.started_in));
        }
        let ledger = Arc::new(Ledger::default());
        if after == "a kill" {
            let clients = traffic::begin(&life, &ledger, Weather::Fair);
            tokio::time::sleep(Duration::from_secs(5)).await;
            life.kill();
            clients.end().await;
        } else {
            tokio::time::sleep(Duration::from_secs(3)).await;
            println!("  some seconds later {} MiB", life.memory().1);
            life.kill();
        }
        faults.extend(ledger.faults());
    }
    faults
}

/// Fills the store through its own commit, sealed with the key the service will open it with.
async fn fill(house: &House, records: u64) {
    // The key is made when it is first needed.
    let life = house.start(&[]).await.unwrap();
    assert_eq!(life.post("/credentials/issue", traffic::draft().body, None).await.unwrap().status, 201);
    life.kill();
    let keyring = Keyring::open(&house.keys, Passphrase::new(PASSPHRASE).unwrap()).unwrap();
    let path = house.data.join("store");
    let store = store::open(path.to_str().unwrap(), *keyring.store_key().unwrap()).unwrap();
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let call = |_| {
        let (store, next) = (Arc::clone(&store), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let from = next.fetch_add(BATCH, Relaxed);
                if from >= records {
                    break;
                }
                batch(&*store, from..records.min(from + BATCH)).await;
                if from.is_multiple_of(100_000) {
                    eprintln!("{from} records after {:.0?}", begun.elapsed());
                }
            }
        })
    };
    for caller in (0..CALLERS).map(call).collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    println!("{records} records written in {:.0?}", begun.elapsed());
}

/// Credentials, and the revocation of one of them.
async fn batch(store: &dyn Store, numbers: std::ops::Range<u64>) {
    let mut changes: Vec<Change> = numbers.map(|number| Change::Issued(Box::new(record(number)))).collect();
    if let Some(Change::Issued(record)) = changes.first() {
        let event = StatusEvent {
            credential: record.id,
            purpose: Purpose::Revocation,
            value: true,
            at: record.issued,
            actor: "clerk".to_owned(),
            reason: "to be remembered".to_owned(),
            successor: None,
        };
        changes.push(Change::StatusSet { event, expect: false });
    }
    store.commit(changes).await.unwrap();
}

/// A record of the size of a signed diploma; the proof is none.
fn record(number: u64) -> CredentialRecord {
    let id = CredentialId::from_bytes(random());
    let mut document = json::parse(include_bytes!("../../fixtures/credentials/diploma/full.json")).unwrap();
    document["id"] = format!("http://localhost:8080/c/{id}").into();
    let value = testamur::codec::multibase::encode_base58btc(&random::<64>());
    document["proof"] = serde_json::json!({"type": "DataIntegrityProof", "proofValue": value});
    // Every index of a list once, in an order of its own; the first list has the one that was issued.
    let index = (number % u64::from(LIST_ENTRIES) * 48_271 % u64::from(LIST_ENTRIES)) as u32;
    let list = (number / u64::from(LIST_ENTRIES)) as u32 + 2;
    let slots = [Purpose::Revocation, Purpose::Suspension];
    let digest: [u8; 32] = Sha256::digest(jcs::canonicalize(&document)).into();
    CredentialRecord {
        id,
        institution: Slug::parse("ha-noi").unwrap(),
        claimed_id: format!("http://localhost:8080/c/{id}"),
        kind: "diploma".to_owned(),
        issued: jiff::Timestamp::from_second(1_788_000_000).unwrap(),
        visibility: Visibility::Public,
        slots: slots.map(|purpose| Slot { purpose, list, index }).to_vec(),
        digest,
        salt: Some(random()),
        body: Some(document.to_string().into_bytes()),
        idempotency: None,
        actor: "clerk".to_owned(),
    }
}
