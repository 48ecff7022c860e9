//! The engine by itself, for measurements: records like a service's, many waiting writers, and sled with nothing of ours.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use testamur::codec::{jcs, json};
use testamur::credential::id::CredentialId;
use testamur::did::Did;
use testamur::institution::{Institution, Slug};
use testamur::store::{Change, CredentialRecord, Purpose, Slot, Store, Visibility};
use testamur::text::LocalizedText;

/// How many write at once.
pub const WRITERS: u64 = 64;

/// Each writer commits its share one by one and waits for each.
pub async fn issue(store: &Arc<dyn Store>, records: Vec<CredentialRecord>) -> Duration {
    let records: Arc<[CredentialRecord]> = records.into();
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (store, records, next) = (Arc::clone(store), Arc::clone(&records), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(record) = records.get(number as usize) else { break };
                    store.commit(vec![Change::Issued(Box::new(record.clone()))]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    started.elapsed()
}

/// Values a second of sled with nothing of ours: one row a record, in batches of [`WRITERS`], flushed and synced.
pub fn raw(size: usize) -> f64 {
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

pub fn slug() -> Slug {
    Slug::parse("ha-noi").unwrap()
}

pub fn institution() -> Institution {
    let name = serde_json::json!({"vi": "Cao đẳng nghề Hà Nội"});
    Institution {
        slug: slug(),
        kind: Default::default(),
        did: Did::parse("did:web:example.org:institutions:ha-noi").unwrap(),
        name: LocalizedText::parse(name.as_object().unwrap()).unwrap(),
        country: None,
        contact: None,
        created: jiff::Timestamp::UNIX_EPOCH,
        keys: vec![],
        closed: None,
    }
}

pub fn id(number: u64) -> CredentialId {
    CredentialId::from_bytes(Sha256::digest(number.to_be_bytes())[..16].try_into().unwrap())
}

pub fn record(number: u64, body: Vec<u8>) -> CredentialRecord {
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
        digest: Sha256::digest(jcs::canonicalize(&json::parse(&body).unwrap())).into(),
        salt: Some([1; 16]),
        body: Some(body),
        idempotency: None,
        actor: "bench".to_owned(),
    }
}

/// About 4 KB, as compressible as a diploma is: repeated member names and URLs, and a sixth of it that is not.
pub fn body(number: u64) -> Vec<u8> {
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
pub fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}
