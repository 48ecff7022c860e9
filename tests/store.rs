//! What every engine promises, asked of each: one suite, a model, damage, and many writers at once.

#[macro_use]
mod contract;
mod counted;
mod damage;
mod filings;
mod logs;
mod model;
mod writers;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use testamur::access::{Reach, Role, TokenRecord};
use testamur::codec::{jcs, json};
use testamur::credential::id::CredentialId;
use testamur::did::Did;
use testamur::institution::{Closing, Institution, KeyRecord, Slug};
use testamur::store::memory::Memory;
use testamur::store::{
    Change, CredentialRecord, Erasure, ListKey, ListVersion, Purpose, Slot, StatusEvent, Store, Visibility,
    open,
};
use testamur::text::LocalizedText;

/// The key every store of these tests is sealed with.
const KEY: [u8; 32] = [42; 32];

/// A store under test, and its folder where it has one.
struct Bed {
    store: Option<Arc<dyn Store>>,
    folder: Option<TempDir>,
}

impl Bed {
    fn memory() -> Bed {
        Bed { store: Some(Arc::new(Memory::new())), folder: None }
    }

    fn sled() -> Bed {
        let folder = tempfile::tempdir().unwrap();
        Bed { store: Some(open(folder.path().to_str().unwrap(), KEY).unwrap()), folder: Some(folder) }
    }

    fn store(&self) -> &dyn Store {
        self.store.as_deref().unwrap()
    }

    /// The same store after its process ended and began again; a store without a folder has no after.
    fn reopen(&mut self) {
        if let Some(folder) = &self.folder {
            self.store = None;
            self.store = Some(open(folder.path().to_str().unwrap(), KEY).unwrap());
        }
    }

    /// The file in which sled keeps its log.
    fn log(&self) -> PathBuf {
        self.folder.as_ref().unwrap().path().join("sled/db")
    }

    async fn with_institution(self, name: &str) -> Bed {
        self.store().commit(vec![Change::InstitutionFounded(institution(name))]).await.unwrap();
        self
    }

    async fn assert_clean(&self) {
        assert_eq!(self.store().check(&|_, _| {}).await, Ok(vec![]));
    }
}

fn now() -> Timestamp {
    "2026-07-01T08:00:00.123456789Z".parse().unwrap()
}

fn later(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn id(number: u64) -> CredentialId {
    let digest = Sha256::digest(number.to_be_bytes());
    CredentialId::from_bytes(digest[..16].try_into().unwrap())
}

fn key(name: &str) -> KeyRecord {
    KeyRecord { key: name.to_owned(), created: now(), retired: None, compromised: None }
}

fn institution(name: &str) -> Institution {
    let names = serde_json::json!({"vi": "Cao đẳng nghề Hà Nội", "lo": "ວິທະຍາໄລເຕັກນິກ"});
    Institution {
        slug: slug(name),
        kind: Default::default(),
        did: Did::parse(&format!("did:web:example.org:institutions:{name}")).unwrap(),
        name: LocalizedText::parse(names.as_object().unwrap()).unwrap(),
        country: Some("VN".to_owned()),
        contact: None,
        created: now(),
        keys: vec![key("z6MkFirst")],
        closed: None,
    }
}

fn closing(successor: &Slug) -> Closing {
    let (actor, reason) = ("operator".to_owned(), Some("sáp nhập".to_owned()));
    Closing { successor: successor.clone(), at: later(3), actor, reason }
}

fn token(hash: &str) -> TokenRecord {
    TokenRecord {
        hash: hash.to_owned(),
        label: "registrar's office".to_owned(),
        roles: vec![Role::Registrar],
        reach: Reach::Institutions(vec![slug("ha-noi")]),
        created: now(),
        revoked: None,
    }
}

fn slot(purpose: Purpose, index: u32) -> Slot {
    Slot { purpose, list: 1, index }
}

/// A credential of `ha-noi` with the number in its ids, its body, and in both its slots.
fn record(number: u64) -> CredentialRecord {
    let body = serde_json::json!({
        "id": format!("https://example.org/c/{number}"), "name": "Bằng tốt nghiệp cao đẳng", "number": number,
        "credentialSubject": {"name": "Nguyễn Thị Hoa", "achievement": "Hàn công nghệ cao ".repeat(20)},
    });
    let body = serde_json::to_vec(&body).unwrap();
    CredentialRecord {
        id: id(number),
        institution: slug("ha-noi"),
        claimed_id: format!("https://example.org/c/{number}"),
        kind: "diploma".to_owned(),
        issued: now(),
        visibility: Visibility::Public,
        slots: vec![slot(Purpose::Revocation, number as u32), slot(Purpose::Suspension, number as u32)],
        digest: Sha256::digest(jcs::canonicalize(&json::parse(&body).unwrap())).into(),
        salt: Some([number as u8; 16]),
        body: Some(body),
        idempotency: Some((format!("request-{number}"), [number as u8; 32])),
        actor: "registrar's office".to_owned(),
    }
}

fn issued(record: CredentialRecord) -> Change {
    Change::Issued(Box::new(record))
}

fn status(number: u64, purpose: Purpose, expect: bool, value: bool) -> Change {
    let event = StatusEvent {
        credential: id(number),
        purpose,
        value,
        at: later(1),
        actor: "registrar's office".to_owned(),
        reason: "issued in error".to_owned(),
        successor: None,
    };
    Change::StatusSet { event, expect }
}

fn erasure(number: u64, after: i64) -> Erasure {
    let (actor, reason) = ("registrar's office".to_owned(), "asked for".to_owned());
    Erasure { credential: id(number), at: later(after), actor, reason }
}

fn list(purpose: Purpose) -> ListKey {
    ListKey { institution: slug("ha-noi"), purpose, list: 1, mirror: false }
}

fn version(purpose: Purpose, version: u64) -> ListVersion {
    ListVersion {
        key: list(purpose),
        version,
        at: later(2),
        valid_until: later(26),
        body: format!("{{\"version\":{version}}}").into_bytes(),
    }
}
