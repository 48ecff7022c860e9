//! What the store does by itself: durable commits, reads, openings, and how much room a credential takes.
//!
//! `cargo bench --bench store`; `-- RECORDS` writes more than the default 20,000. The first line is the figure that
//! others are measured against: records a second that 64 waiting writers get acknowledged, each with a 4 KB body.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use testamur::credential::id::CredentialId;
use testamur::did::Did;
use testamur::institution::{Institution, Slug};
use testamur::store::{
    Change, CredentialRecord, ListKey, Purpose, Slot, StatusEvent, Store, Visibility, open,
};
use testamur::text::LocalizedText;

const WRITERS: u64 = 64;

fn main() {
    let records = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(20_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::Builder::new().prefix("bench-store").tempdir_in(scratch()).unwrap();

    let started = Instant::now();
    let store = open(folder.path().to_str().unwrap(), [7; 32]).unwrap();
    let opened_empty = started.elapsed();
    runtime.block_on(store.commit(vec![Change::InstitutionFounded(institution())])).unwrap();

    let bodies: Vec<Vec<u8>> = (0..records).map(body).collect();
    let size = bodies.iter().map(Vec::len).sum::<usize>() as u64 / records;
    let before = cpu();
    let elapsed = runtime.block_on(issue(&store, bodies));
    let per_second = records as f64 / elapsed.as_secs_f64();
    println!(
        "store.durable_records_per_second {per_second:.0}   ({WRITERS} writers, bodies of {size} bytes, {records} records)"
    );
    println!("store.cpu_microseconds_per_record {:.0}", (cpu() - before).as_micros() as f64 / records as f64);

    let started = Instant::now();
    for number in 0..200 {
        let event = StatusEvent {
            credential: id(number),
            purpose: Purpose::Revocation,
            value: true,
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: "bench".to_owned(),
            reason: "measured".to_owned(),
            successor: None,
        };
        runtime.block_on(store.commit(vec![Change::StatusSet { event, expect: false }])).unwrap();
    }
    println!("store.lone_commit_microseconds {}", started.elapsed().as_micros() / 200);

    let started = Instant::now();
    for number in 0..2000 {
        let number = number * 7919 % records;
        assert!(runtime.block_on(store.credential(id(number))).unwrap().unwrap().body.is_some());
    }
    println!("store.read_microseconds {}", started.elapsed().as_micros() / 2000);

    let key = ListKey { institution: slug(), purpose: Purpose::Revocation, list: 1 };
    let started = Instant::now();
    let state = runtime.block_on(store.list(&key)).unwrap();
    println!("store.list_milliseconds {}   ({} slots)", started.elapsed().as_millis(), state.taken.len());

    let started = Instant::now();
    assert_eq!(runtime.block_on(store.check(&|_, _| {})), Ok(vec![]));
    println!("store.check_microseconds_per_record {}", started.elapsed().as_micros() as u64 / records);
    println!("store.disk_bytes_per_record {}", room(folder.path()) / records);

    drop(store);
    for name in ["after_writing", "again"] {
        let started = Instant::now();
        let store = open(folder.path().to_str().unwrap(), [7; 32]).unwrap();
        println!("store.open_milliseconds_{name} {}", started.elapsed().as_millis());
        drop(store);
    }
    println!("store.open_milliseconds_empty {:.1}", opened_empty.as_secs_f64() * 1000.0);
    println!(
        "store.raw_engine_records_per_second {:.0}   (sled alone: batches of 64 values of {size} bytes, flushed and synced)",
        raw(size as usize)
    );
}

/// Each writer commits its share one by one and waits for each.
async fn issue(store: &Arc<dyn Store>, bodies: Vec<Vec<u8>>) -> Duration {
    let bodies: Arc<[Vec<u8>]> = bodies.into();
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (store, bodies, next) = (Arc::clone(store), Arc::clone(&bodies), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(body) = bodies.get(number as usize) else { break };
                    let issued = Change::Issued(Box::new(record(number, body.clone())));
                    store.commit(vec![issued]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    started.elapsed()
}

/// sled with nothing of ours: what the disk and the engine give.
fn raw(size: usize) -> f64 {
    let folder = tempfile::Builder::new().prefix("bench-raw").tempdir_in(scratch()).unwrap();
    let db = sled::Config::new().path(folder.path()).cache_capacity(8 << 20).open().unwrap();
    let file = std::fs::File::open(folder.path().join("db")).unwrap();
    let value = body(0).into_iter().cycle().take(size).collect::<Vec<u8>>();
    let started = Instant::now();
    let groups = 100u64;
    for group in 0..groups {
        let mut batch = sled::Batch::default();
        for number in 0..WRITERS {
            batch.insert(&(group * WRITERS + number).to_be_bytes(), value.as_slice());
        }
        db.apply_batch(batch).unwrap();
        db.flush().unwrap();
        file.sync_data().unwrap();
    }
    (groups * WRITERS) as f64 / started.elapsed().as_secs_f64()
}

fn slug() -> Slug {
    Slug::parse("ha-noi").unwrap()
}

fn institution() -> Institution {
    let name = serde_json::json!({"vi": "Cao đẳng nghề Hà Nội"});
    Institution {
        slug: slug(),
        did: Did::parse("did:web:example.org:institutions:ha-noi").unwrap(),
        name: LocalizedText::parse(name.as_object().unwrap()).unwrap(),
        country: None,
        contact: None,
        created: jiff::Timestamp::UNIX_EPOCH,
        keys: vec![],
    }
}

fn id(number: u64) -> CredentialId {
    CredentialId::from_bytes(Sha256::digest(number.to_be_bytes())[..16].try_into().unwrap())
}

fn record(number: u64, body: Vec<u8>) -> CredentialRecord {
    // Places scattered over lists of 131,072, each taken once: 5 and 131,072 have no common divisor.
    let index = (number * 48_271 % 131_072) as u32;
    let slots = [Purpose::Revocation, Purpose::Suspension];
    let slots = slots.map(|purpose| Slot { purpose, list: 1 + (number / 131_072) as u32, index });
    CredentialRecord {
        id: id(number),
        institution: slug(),
        claimed_id: format!("https://example.org/c/{}", id(number)),
        kind: "diploma".to_owned(),
        issued: jiff::Timestamp::UNIX_EPOCH,
        visibility: Visibility::Public,
        slots: slots.to_vec(),
        digest: Sha256::digest(testamur::codec::jcs::canonicalize(
            &testamur::codec::json::parse(&body).unwrap(),
        ))
        .into(),
        salt: Some([1; 16]),
        body: Some(body),
        idempotency: None,
        actor: "bench".to_owned(),
    }
}

/// About 4 KB, as compressible as a diploma is: repeated member names and URLs, and a sixth of it that is not.
fn body(number: u64) -> Vec<u8> {
    let noise = |salt: u64| -> String {
        let digest = Sha256::digest((number * 31 + salt).to_be_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let results: Vec<_> = (0..9)
        .map(|index| {
            serde_json::json!({
                "type": ["Result"], "resultDescription": format!("urn:uuid:{}", &noise(index)[..36]),
                "name": {"vi": "Hàn hồ quang tay, hàn MAG và hàn TIG", "en": "Welding"},
                "achievedLevel": format!("https://example.org/frameworks/vqf/level/{}", index % 5),
                "value": format!("{}.{}", number % 10, index),
            })
        })
        .collect();
    let credential = serde_json::json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": format!("https://example.org/c/{}", id(number)),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:example.org:institutions:ha-noi", "type": ["Profile"], "name": "Trường Cao đẳng nghề Hà Nội"},
        "validFrom": "2026-07-01T08:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "identifier": noise(20), "result": results},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": noise(21) + &noise(22),
            "verificationMethod": "did:web:example.org:institutions:ha-noi#z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
    });
    serde_json::to_vec(&credential).unwrap()
}

/// A folder on a real disk: /tmp may be memory, where durable costs nothing.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn room(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.metadata().unwrap() {
            data if data.is_dir() => room(&entry.path()),
            data => data.len(),
        })
        .sum()
}

/// Processor time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(12).unwrap_or(&0) + fields.get(13).unwrap_or(&0);
    Duration::from_millis(ticks * 10)
}
