//! A ministry in the house: an authority of Vietnam, its root keys, and the root it publishes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use testamur::access::{Reach, Role};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did::Did;
use testamur::institution::{Kind, Slug};
use testamur::issue::operator;
use testamur::text::{LangTag, LocalizedText};
use testamur::trustlist::Root;
use testamur::trustlist::edit::root::{self, ListKey, NewRoot, Rotation};

use crate::support::{Actor, TestHouse};

/// A house with a ministry, `moet`, whose root is kept outside of it.
pub struct Ministry {
    pub house: TestHouse,
    pub roots: Vec<Root>,
    token: String,
}

/// Root key number `n`: of nobody's store.
pub fn root_key(n: u8) -> Ed25519Signer {
    let bare = Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey();
    Ed25519Signer::from_seed(format!("{ROOT}#{bare}"), &[n; 32])
}

const ROOT: &str = "did:web:localhost%3A8080:trust:VN:root";

impl Ministry {
    /// The ministry is founded; nothing is published.
    pub async fn founded() -> Self {
        Self::founded_in(TestHouse::new().await).await
    }

    pub async fn founded_in(house: TestHouse) -> Self {
        let app = &house.app;
        let mut name = LocalizedText::default();
        name.set(LangTag::parse("vi").unwrap(), "Bộ Giáo dục và Đào tạo (ví dụ)");
        name.set(LangTag::parse("en").unwrap(), "Ministry of Education (sample)");
        let new = NewInstitution {
            slug: slug("moet"),
            name,
            naming: Naming::Web,
            country: None,
            contact: None,
            kind: Kind::Authority { territory: "VN".to_owned() },
        };
        administer::found(app, &operator(app.now()), new).await.unwrap();
        let reach = Reach::Institutions(vec![slug("moet")]);
        let caller = operator(app.now());
        let token = administer::new_token(app, &caller, "ministry", vec![Role::Authority], reach).await;
        Self { token: token.unwrap(), house, roots: Vec::new() }
    }

    /// With its first root: keys 1, 2, 3, of which it takes two; the list key signs for a year.
    pub async fn rooted() -> Self {
        let mut ministry = Self::founded().await;
        let first = ministry.first_root(&[1, 2, 3], 2);
        let answer = ministry.publish(ministry.signed(first, &[1, 3])).await;
        answer.unwrap();
        ministry
    }

    pub fn actor(&self) -> Actor {
        self.house.bearing(&self.token)
    }

    pub fn now(&self) -> Timestamp {
        self.house.app.now()
    }

    /// The ministry's keys, oldest first, by their full URLs: the second one is for lists.
    pub fn keys(&self) -> Vec<String> {
        let member = self.house.app.registry.member(&slug("moet")).unwrap();
        let institution = &member.institution;
        institution.keys.iter().map(|key| institution.method_of(&key.key)).collect()
    }

    pub fn list_key(&self) -> ListKey {
        ListKey { id: self.keys()[1].clone(), until: self.now() + SignedDuration::from_hours(365 * 24) }
    }

    pub fn first_root(&self, keys: &[u8], threshold: usize) -> Map<String, Value> {
        let keys: Vec<_> = keys.iter().map(|n| root_key(*n).public_key().to_multikey()).collect();
        root::first(&NewRoot {
            territory: "VN",
            did: &Did::parse(ROOT).unwrap(),
            list_url: &"http://localhost:8080/trust/VN/list".parse().unwrap(),
            keys: &keys,
            threshold,
            delegations: &[self.list_key()],
            now: self.now(),
        })
        .unwrap()
    }

    pub fn next_root(&self, change: &Rotation<'_>) -> Map<String, Value> {
        root::next(self.roots.last().unwrap(), change, self.now()).unwrap()
    }

    pub fn signed(&self, mut document: Map<String, Value>, keys: &[u8]) -> Value {
        for n in keys {
            root::add_signature(&mut document, &root_key(*n), self.now()).unwrap();
        }
        Value::Object(document)
    }

    /// Gives a root to the service, and keeps it once it is taken; else the problem.
    pub async fn publish(&mut self, root: Value) -> Result<(), (u16, String)> {
        let answer = self.actor().post("/authority/roots", &json!({ "root": root })).await;
        if answer.status != 201 {
            return Err((answer.status, answer.json()["detail"].as_str().unwrap_or_default().to_owned()));
        }
        self.roots.push(Root::parse(root.to_string().as_bytes()).unwrap());
        Ok(())
    }
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}
