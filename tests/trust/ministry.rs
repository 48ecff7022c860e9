//! A ministry in the house: an authority of Vietnam, its root keys, and the root it publishes.

use std::future::Future;
use std::net::{Ipv4Addr, TcpListener};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use testamur::access::{Reach, Role};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::config::{Config, Origin};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did::Did;
use testamur::institution::{Kind, Slug};
use testamur::issue::operator;
use testamur::text::{LangTag, LocalizedText};
use testamur::trustlist::edit::root::{self, ListKey, NewRoot, Rotation};
use testamur::trustlist::{Root, TrustList};

use url::Url;

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

/// A name and nothing more: nobody resolves the DID of a root.
const ROOT: &str = "did:web:trust.vn.example:root";

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
        Self::rooted_in(TestHouse::new().await).await
    }

    pub async fn rooted_in(house: TestHouse) -> Self {
        let mut ministry = Self::founded_in(house).await;
        let first = ministry.first_root(&[1, 2, 3], 2);
        let answer = ministry.publish(ministry.signed(first, &[1, 3])).await;
        answer.unwrap();
        ministry
    }

    /// With the college in Hà Nội on its list, accredited for diplomas.
    pub async fn accrediting() -> (Self, String) {
        Self::accrediting_in(TestHouse::new().await).await
    }

    pub async fn accrediting_in(house: TestHouse) -> (Self, String) {
        let ministry = Self::rooted_in(house).await;
        let college = ministry.house.did("ha-noi");
        ministry.done("/authority/issuers", json!({"id": college, "institutionCode": "CDD0000"})).await;
        let granted = ministry.done("/authority/accreditations", ministry.diplomas("1/2026")).await;
        let grant = granted["grant"].as_str().unwrap().to_owned();
        (ministry, grant)
    }

    /// What accredits the college in Hà Nội for diplomas, from 2026 to 2031.
    pub fn diplomas(&self, decision: &str) -> Value {
        json!({
            "issuer": self.house.did("ha-noi"),
            "grant": {
                "decisionNumber": decision, "effectiveFrom": "2026-01-01", "effectiveTo": "2031-12-31",
                "scope": [{"types": ["diploma"]}],
            },
        })
    }

    /// A decision that has to be taken; the answer.
    #[track_caller]
    pub fn done(&self, path: &str, body: Value) -> impl Future<Output = Value> {
        let (actor, path) = (self.actor(), path.to_owned());
        async move {
            let answer = actor.post(&path, &body).await;
            assert_eq!(answer.status, 201, "{path} {body}: {}", answer.text());
            answer.json()
        }
    }

    /// The newest list as it is served, proved against the root.
    pub async fn list(&self) -> TrustList {
        let served = self.house.stranger().get("/trust-list").await;
        assert_eq!(served.status, 200, "{}", served.text());
        TrustList::parse(served.text().as_bytes(), self.roots.last().unwrap()).unwrap()
    }

    /// Where its first root is served.
    pub fn root_url(&self) -> Url {
        self.house.app.urls.trust_root("VN", 1).parse().unwrap()
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
            list_url: &self.house.app.urls.trust_list("VN").parse().unwrap(),
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

/// A house under the address at which it can be reached by others on this machine.
pub async fn on_a_port() -> TestHouse {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    TestHouse::with(|config| {
        config.server.listen = (Ipv4Addr::LOCALHOST, port).into();
        config.server.public_url = Some(format!("http://localhost:{port}"));
    })
    .await
}

/// Another house, which may ask the ministry's.
pub async fn abroad(ministry: &Ministry, settings: impl FnOnce(&mut Config)) -> TestHouse {
    let origin = Origin::of(&ministry.root_url()).unwrap();
    TestHouse::with(|config| {
        config.fetch.allow_fetch_origins = vec![origin];
        settings(config);
    })
    .await
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}
