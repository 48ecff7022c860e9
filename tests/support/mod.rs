//! A house to test in: the whole service in this process, with a clock that stands still, and people who use it.

mod actor;
mod listening;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use testamur::access::{Reach, Role};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::app::App;
use testamur::clock::FixedClock;
use testamur::config::Config;
use testamur::institution::{Institution, Kind, Slug};
use testamur::issue::operator;
use testamur::keyring::{Cost, Keyring, Passphrase};
use testamur::store::memory::Memory;
use testamur::store::{self, Store};
use testamur::text::{LangTag, LocalizedText};
use testamur::web::{self, front::Front};

pub use actor::{Actor, Answer};
pub use listening::Listening;

/// When the house opens.
pub const OPENED: &str = "2026-11-22T08:00:00Z";

/// A service in this process: a college in Hà Nội, one in Vientiane, and one that is named by its key.
pub struct TestHouse {
    pub app: Arc<App>,
    pub clock: Arc<FixedClock>,
    service: Front,
    college: String,
    neighbour: String,
    conformance: String,
    auditor: String,
    admin: String,
    /// Its store, when that is in memory.
    memory: Option<Arc<Memory>>,
    folder: TempDir,
}

impl TestHouse {
    /// In memory, with the settings for tests.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// In memory, with settings of its own.
    pub async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let (config, folder) = Self::settings(settings);
        let memory = Arc::new(Memory::new());
        Self { memory: Some(memory.clone()), ..Self::on(memory, config, folder).await }
    }

    /// On sled, in a folder of its own.
    pub async fn on_disk() -> Self {
        let (config, folder) = Self::settings(|_| {});
        let path = folder.path().join("store");
        let store = store::open(path.to_str().unwrap(), [7; 32]).unwrap();
        Self::on(store, config, folder).await
    }

    fn settings(settings: impl FnOnce(&mut Config)) -> (Config, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::for_testing();
        config.server.data = folder.path().join("data");
        config.keys.dir = folder.path().join("keys");
        settings(&mut config);
        (config, folder)
    }

    async fn on(store: Arc<dyn Store>, config: Config, folder: TempDir) -> Self {
        let clock = Arc::new(FixedClock::at(OPENED.parse::<Timestamp>().unwrap()));
        let keyring = Keyring::open(config.keys.dir.clone(), Passphrase::new("in the tests only").unwrap());
        let keyring = Arc::new(keyring.unwrap().with_cost(Cost::LIGHT));
        let app = App::open(config, clock.clone(), store, keyring).await.unwrap();
        found(&app, "ha-noi", "vi", "Trường Cao đẳng Mẫu Hà Nội", Naming::Web).await;
        found(&app, "vientiane", "lo", "ວິທະຍາໄລຕົວຢ່າງ", Naming::Web).await;
        found(&app, "conformance", "en", "Conformance", Naming::Key).await;
        let token = |label: &'static str, role, slugs: &'static [&'static str]| {
            let app = app.clone();
            async move {
                let reach = match slugs {
                    [] => Reach::All,
                    some => Reach::Institutions(some.iter().map(|slug| Slug::parse(slug).unwrap()).collect()),
                };
                administer::new_token(&app, &operator(app.now()), label, vec![role], reach).await.unwrap()
            }
        };
        Self {
            college: token("registrar in Hà Nội", Role::Registrar, &["ha-noi"]).await,
            neighbour: token("registrar in Vientiane", Role::Registrar, &["vientiane"]).await,
            conformance: token("suites", Role::Registrar, &["conformance"]).await,
            auditor: token("auditor", Role::Auditor, &["ha-noi"]).await,
            admin: token("admin", Role::Admin, &[]).await,
            service: web::service(app.clone()),
            app,
            clock,
            memory: None,
            folder,
        }
    }

    /// The same service after its process began again: the keys are read anew.
    pub async fn reopened(&self) -> Arc<App> {
        self.restored(self.app.store.clone(), |_| {}).await
    }

    /// What is in the store now.
    pub fn backup(&self) -> Arc<dyn Store> {
        Arc::new(self.memory.as_ref().unwrap().backup())
    }

    /// The same service on this store, with settings of its own and the keys read anew.
    pub async fn restored(&self, store: Arc<dyn Store>, settings: impl FnOnce(&mut Config)) -> Arc<App> {
        let mut config = self.app.config.clone();
        settings(&mut config);
        let keyring = Keyring::open(config.keys.dir.clone(), Passphrase::new("in the tests only").unwrap());
        let keyring = Arc::new(keyring.unwrap().with_cost(Cost::LIGHT));
        App::open(config, self.clock.clone(), store, keyring).await.unwrap()
    }

    /// The registrar of the college in Hà Nội.
    pub fn college(&self) -> Actor {
        self.actor(Some(&self.college))
    }

    /// The registrar of the college in Vientiane.
    pub fn neighbour(&self) -> Actor {
        self.actor(Some(&self.neighbour))
    }

    /// The registrar of the institution named by its key.
    pub fn conformance(&self) -> Actor {
        self.actor(Some(&self.conformance))
    }

    /// Reads everything in Hà Nội and changes nothing.
    pub fn auditor(&self) -> Actor {
        self.actor(Some(&self.auditor))
    }

    /// May do everything.
    pub fn admin(&self) -> Actor {
        self.actor(Some(&self.admin))
    }

    /// Whoever, without a token: an employer's program.
    pub fn stranger(&self) -> Actor {
        self.actor(None)
    }

    /// Whoever, in a browser.
    pub fn browser(&self) -> Actor {
        self.stranger().with("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// A person who bears this text as a token.
    pub fn bearing(&self, token: &str) -> Actor {
        self.actor(Some(token))
    }

    fn actor(&self, token: Option<&str>) -> Actor {
        let actor = Actor::new(self.service.clone());
        match token {
            Some(token) => actor.with("authorization", &format!("Bearer {token}")),
            None => actor,
        }
    }

    /// The same service on a port of this machine.
    pub async fn listening(&self) -> Listening {
        Listening::to(self.app.clone(), self.folder.path()).await
    }

    /// The DID of an institution.
    pub fn did(&self, slug: &str) -> String {
        self.app.registry.member(&Slug::parse(slug).unwrap()).unwrap().institution.did.to_string()
    }

    /// A diploma issued by the college; the answer's `verifiableCredential`.
    pub async fn diploma(&self) -> Value {
        let answer = self.college().post("/credentials/issue", &json!({"credential": diploma()})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["verifiableCredential"].clone()
    }
}

async fn found(app: &App, slug: &str, tag: &str, name: &str, naming: Naming) -> Institution {
    let mut names = LocalizedText::default();
    names.set(LangTag::parse(tag).unwrap(), name);
    let new = NewInstitution {
        slug: Slug::parse(slug).unwrap(),
        name: names,
        naming,
        country: None,
        contact: Some("office@college.example".to_owned()),
        kind: Kind::College,
    };
    administer::found(app, &operator(app.now()), new).await.unwrap()
}

/// A draft of a diploma, as complete as the kind demands.
pub fn diploma() -> Value {
    draft("diploma/minimal.json")
}

/// A draft of no kind.
pub fn generic() -> Value {
    draft("generic/minimal.json")
}

/// A draft under `fixtures/credentials`.
pub fn draft(path: &str) -> Value {
    let path = format!("{}/fixtures/credentials/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The path of a credential's page, from its `id`.
pub fn page_of(credential: &Value) -> String {
    credential["id"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned()
}
