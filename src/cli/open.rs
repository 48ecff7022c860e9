//! Opens what a command works on: settings, keys, store, service.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use crate::app::App;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::keyring::{Cost, Keyring, Passphrase};
use crate::store::seal::{Asked, Sealer};
use crate::store::{self, StoreError};

/// Settings that every command on a store takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Settings {
    /// A settings file instead of ./testamur.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The folder of the store [default: ./data]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The folder of the signing keys [default: ./keys]
    #[arg(long, value_name = "DIR")]
    pub(super) keys: Option<PathBuf>,
    /// The address the world sees; stored at the first start, every DID and URL derives from it
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<String>,
}

/// Settings of a command that serves.
#[derive(Debug, Clone, Args)]
pub(super) struct Serving {
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<String>,
    /// Certificate chain (PEM), to serve https
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Let outgoing resolution reach this origin although it is on this machine (repeatable; for tests)
    #[arg(long, value_name = "URL")]
    pub(super) allow_fetch_origin: Vec<String>,
    /// Trust the certification authorities in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    pub(super) trust_ca: Option<PathBuf>,
}

impl Settings {
    /// Defaults, file, environment, then these flags.
    pub(super) fn load(&self) -> Result<Config, Failure> {
        let mut config = Config::load(self.config.as_deref(), std::env::vars())?;
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        for (section, key, value) in [
            ("server", "data", self.data.as_ref().map(path)),
            ("keys", "dir", self.keys.as_ref().map(path)),
            ("server", "public_url", self.public_url.clone()),
        ] {
            if let Some(value) = value {
                config.apply(section, key, &value)?;
            }
        }
        Ok(config)
    }
}

impl Serving {
    /// The same, and what only a server needs.
    pub(super) fn load(&self) -> Result<Config, Failure> {
        let mut config = self.settings.load()?;
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let origins = (!self.allow_fetch_origin.is_empty()).then(|| self.allow_fetch_origin.join(","));
        for (section, key, value) in [
            ("server", "listen", self.listen.clone()),
            ("server", "tls_cert", self.tls_cert.as_ref().map(path)),
            ("server", "tls_key", self.tls_key.as_ref().map(path)),
            ("fetch", "trust_ca", self.trust_ca.as_ref().map(path)),
            ("fetch", "allow_fetch_origins", origins),
        ] {
            if let Some(value) = value {
                config.apply(section, key, &value)?;
            }
        }
        config.check()?;
        Ok(config)
    }
}

/// Opens the keys, the store and the service the settings name.
pub(super) async fn app(config: Config) -> Result<Arc<App>, Failure> {
    app_with(config, Cost::STANDARD).await
}

/// The same, new keys being sealed at this cost.
pub(super) async fn app_with(config: Config, cost: Cost) -> Result<Arc<App>, Failure> {
    let keyring = Arc::new(keyring(&config)?.with_cost(cost));
    app_at(config, keyring, Arc::new(SystemClock)).await
}

/// The same, with these keys and by this clock.
pub(super) async fn app_at(
    config: Config,
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<App>, Failure> {
    let path = config.server.data.join("store");
    let keys = keyring.clone();
    let sealer = Sealer::on_demand(move |asked| {
        let key = match asked {
            Asked::Known => keys.store_key(),
            Asked::New => keys.new_store_key(),
        };
        key.map_err(|error| error.to_string())
    });
    let store = tokio::task::spawn_blocking(move || -> Result<_, Failure> {
        Ok(store::open(&path.to_string_lossy(), sealer)?)
    })
    .await?
    .map_err(held)?;
    Ok(App::open(config, clock, store, keyring).await?)
}

/// Opens the keys alone.
pub(super) fn keyring(config: &Config) -> Result<Keyring, Failure> {
    let keys = &config.keys;
    let secret = keys.passphrase.as_ref().map(|passphrase| passphrase.reveal());
    let passphrase = Passphrase::from_settings(keys.passphrase_file.as_deref(), secret)?;
    Ok(Keyring::open(&keys.dir, passphrase)?)
}

/// sled has one owner: says how to go on beside a running service.
fn held(failure: Failure) -> Failure {
    match failure.downcast_ref::<StoreError>() {
        Some(StoreError::Held(by)) => format!(
            "the store is in use ({by}): a service is running on it. Go through that service instead: \
             --server URL --token-file FILE"
        )
        .into(),
        _ => failure,
    }
}
