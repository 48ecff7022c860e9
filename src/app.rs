//! Everything a verb needs, built once and shared.

mod applications;
mod deliveries;
mod statistics;
mod told;
mod witnesses;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::config::Config;
use crate::count::Counts;
use crate::crypto::Signer;
use crate::institution::{Institution, KeyRecord};
use crate::keyring::{Keyring, KeyringError};
use crate::recognition::RuleSet;
use crate::registry::Registry;
use crate::resolve::fetch::{Fetcher, SystemNames};
use crate::resolve::{Layered, Resolver, Seen, Web};
use crate::store::{Change, Cursor, Founding, Register, Store, StoreError};
use crate::trust::{PinError, Pins};
use crate::urls::{PublicUrlError, Urls};
pub use applications::{Applications, Queue, Waiting};
pub use deliveries::Deliveries;
pub use statistics::Statistics;
pub use told::Told;
pub use witnesses::{RolledBack, Standing, Witnesses};

/// A running service: settings, clock, store, keys, resolver, and what it knows of itself.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The clock; everybody below is handed `now`.
    pub clock: Arc<dyn Clock>,
    /// Durable storage.
    pub store: Arc<dyn Store>,
    /// The keys of its institutions.
    pub keyring: Arc<Keyring>,
    /// Finds DID documents and status lists, its own first.
    pub resolver: Arc<dyn Resolver>,
    /// Its institutions, tokens and status bits.
    pub registry: Arc<Registry>,
    /// Its URLs.
    pub urls: Urls,
    /// The trust lists pinned here, on file.
    pub pins: Pins,
    /// Asks for what hangs on the pins.
    pub fetcher: Fetcher,
    /// How the log stands with its witnesses.
    pub witnesses: Witnesses,
    /// How the log stands with the authority it is accounted for to.
    pub deliveries: Deliveries,
    /// What its authorities have counted so far.
    pub counts: Counts,
    /// Which applications for recognition wait.
    pub applications: Applications,
    /// The rules awards of elsewhere are recognised by.
    pub rules: RuleSet,
    /// What was counted of the record for statistics so far.
    pub statistics: tokio::sync::Mutex<Statistics>,
    /// The newest status list of others seen at each address.
    pub(crate) seen: Seen,
    /// One publisher at a time.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    /// Which state of the register of agreements each trust list was compared with.
    pub(crate) told: Told,
    /// One change at a time of what authorities publish.
    pub(crate) accrediting: tokio::sync::Mutex<()>,
    /// One decision on recognition at a time: they are numbered.
    pub(crate) recognising: tokio::sync::Mutex<()>,
    /// One change at a time of agreements and what is under them.
    pub(crate) agreeing: tokio::sync::Mutex<()>,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key folder.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The pins on file.
    #[error(transparent)]
    Pins(#[from] PinError),
    /// The rules of recognition.
    #[error("recognition.rules {}: {why}", path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The public URL.
    #[error(transparent)]
    PublicUrl(#[from] PublicUrlError),
    /// The public URL is not the one the store was founded with.
    #[error(
        "this store was founded for {founded}; every DID and diploma in it carries that address, \
         so it cannot be served as {asked}. Start with the founded address, or use another data folder"
    )]
    PublicUrlChanged {
        /// The one on record.
        founded: String,
        /// The one asked for.
        asked: String,
    },
}

impl App {
    /// Builds the service on an opened store and keyring; an empty store is founded with the public URL.
    pub async fn open(
        config: Config,
        clock: Arc<dyn Clock>,
        store: Arc<dyn Store>,
        keyring: Arc<Keyring>,
    ) -> Result<Arc<Self>, AppError> {
        let urls = Urls::new(&config.public_url())?;
        match store.founding().await? {
            Some(founding) if founding.public_url != urls.public() => {
                return Err(AppError::PublicUrlChanged {
                    founded: founding.public_url,
                    asked: urls.public().to_owned(),
                });
            }
            Some(_) => {}
            None => {
                let founding = Founding { public_url: urls.public().to_owned(), at: clock.now() };
                store.commit(vec![Change::Founded(founding)]).await?;
            }
        }
        let registry = Arc::new(Registry::load(store.as_ref(), urls.clone(), &config.trust.issuers).await?);
        let rules = rules(config.recognition.rules.as_deref())?;
        let pins = Pins::of(&config.server.data);
        registry.pin(pins.load()?);
        let fetcher = Fetcher::new(config.fetch.clone(), Arc::new(SystemNames));
        let web = Arc::new(Web::new(config.fetch.clone(), clock.clone()));
        let resolver = Arc::new(Layered::new(registry.clone(), web, clock.clone()));
        let statistics = Statistics::new(config.statistics.every);
        Ok(Arc::new(Self {
            config,
            clock,
            store,
            keyring,
            resolver,
            registry,
            urls,
            pins,
            fetcher,
            witnesses: Witnesses::default(),
            deliveries: Deliveries::default(),
            counts: Counts::default(),
            applications: Applications::default(),
            rules,
            statistics: tokio::sync::Mutex::new(statistics),
            seen: Seen::default(),
            publishing: tokio::sync::Mutex::new(()),
            told: Told::default(),
            accrediting: tokio::sync::Mutex::new(()),
            recognising: tokio::sync::Mutex::new(()),
            agreeing: tokio::sync::Mutex::new(()),
        }))
    }

    /// The time now, in whole seconds: what is written carries no more.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Records facts durably, then lets memory follow.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<Cursor, StoreError> {
        let followed: Vec<Change> =
            changes.iter().filter(|change| Registry::follows(change)).cloned().collect();
        let applied: Vec<Change> = changes.iter().filter(|change| of_application(change)).cloned().collect();
        let cursor = self.store.commit(changes).await?;
        self.registry.apply(&followed)?;
        for change in &applied {
            match change {
                Change::Filed(filing) => self.applications.note(filing),
                Change::FilingErased(erasure) => {
                    self.applications.forget(&erasure.institution, &erasure.id);
                }
                _ => {}
            }
        }
        Ok(cursor)
    }

    /// The applications for recognition that wait for somebody.
    ///
    /// # Errors
    /// The store.
    pub async fn waiting(&self) -> Result<Queue<'_>, StoreError> {
        self.applications.read(self.store.as_ref(), &self.registry).await
    }

    /// The signer of an institution's newest key; `None` when every key is retired or compromised. Keys that an
    /// authority's root lets sign lists sign nothing else, as long as there is another.
    pub fn signer(&self, institution: &Institution) -> Result<Option<Arc<dyn Signer>>, KeyringError> {
        let own = self.registry.own_trust(&institution.slug);
        let lists = |key: &&KeyRecord| own.as_ref().is_some_and(|own| own.root.delegates(&key.key));
        let other = institution.active_keys().find(|key| !lists(key));
        let Some(key) = other.or(institution.signing_key()) else { return Ok(None) };
        self.keyring.signer(&institution.method_of(&key.key), &key.key).map(Some)
    }

    /// The signer of an authority's trust list: its newest key that its root lets sign lists now.
    pub fn list_signer(&self, institution: &Institution) -> Result<Option<Arc<dyn Signer>>, KeyringError> {
        let Some(own) = self.registry.own_trust(&institution.slug) else { return Ok(None) };
        let now = self.now();
        let delegated = |key: &&KeyRecord| own.root.may_sign(&institution.method_of(&key.key), now);
        let Some(key) = institution.active_keys().find(delegated) else { return Ok(None) };
        self.keyring.signer(&institution.method_of(&key.key), &key.key).map(Some)
    }
}

fn of_application(change: &Change) -> bool {
    match change {
        Change::Filed(filing) => filing.register == Register::Application,
        Change::FilingErased(erasure) => erasure.register == Register::Application,
        _ => false,
    }
}

/// The rules of a file, or those this program begins with.
fn rules(path: Option<&Path>) -> Result<RuleSet, AppError> {
    let Some(path) = path else { return Ok(RuleSet::default()) };
    let wrong = |why: String| AppError::Rules { path: path.to_owned(), why };
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    RuleSet::parse(&bytes).map_err(|error| wrong(error.to_string()))
}
