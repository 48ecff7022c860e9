//! A node of the drill: a service of its own on this machine, with its own keys, store and witness.

use std::net::TcpListener;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use super::super::{Failure, prepare};
use crate::app::App;
use crate::cli::open;
use crate::clock::{Clock, FixedClock};
use crate::config::{Config, Origin};
use crate::crypto::{Ed25519Signer, Signer as _};
use crate::keyring::{Cost, Keyring};
use crate::log::vkey::{KeyName, Kind};
use crate::log::{Policy, VerifierKey};
use crate::publish::log::Publisher;
use crate::publish::witnesses::Collector;
use crate::{pin, publish, web};

/// Who runs a node, and under which names its log and its witness go.
pub(super) struct Plan {
    /// Its folder.
    pub(super) name: &'static str,
    pub(super) log: &'static str,
    pub(super) witness: &'static str,
}

/// A node at work.
pub(super) struct Node {
    pub(super) app: Arc<App>,
    /// The key its log of this year is signed with.
    pub(super) log_key: VerifierKey,
    pub(super) log_seed: zeroize::Zeroizing<[u8; 32]>,
    /// Who witnesses it.
    pub(super) policy: String,
    serving: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// A node before it opens: its address is known, and its keys.
struct Ready {
    config: Config,
    keyring: Arc<Keyring>,
    listener: TcpListener,
    url: String,
    log_seed: zeroize::Zeroizing<[u8; 32]>,
    log: VerifierKey,
    witness: VerifierKey,
}

/// Opens every node: each witnesses the logs of all others, and has its own witnessed by them.
pub(super) async fn open_all(
    base: &Config,
    plans: &[Plan],
    clock: &Arc<FixedClock>,
) -> Result<Vec<Node>, Failure> {
    let ready: Vec<Ready> = plans
        .iter()
        .zip(0u16..)
        .map(|(plan, at)| Ready::make(base, plan, at, clock))
        .collect::<Result<_, _>>()?;
    let origin = |one: &Ready| Url::parse(&one.url).ok().and_then(|url| Origin::of(&url));
    let origins: Vec<Origin> = ready.iter().filter_map(origin).collect();
    let logs: Vec<VerifierKey> = ready.iter().map(|one| one.log.clone()).collect();
    let policies: Vec<String> = ready.iter().map(|one| policy(one, &ready)).collect();
    let mut nodes = Vec::new();
    for (mut one, policy) in ready.into_iter().zip(policies) {
        one.config.fetch.allow_fetch_origins.clone_from(&origins);
        one.config.witness.logs.clone_from(&logs);
        one.config.transparency.policy = Some(Policy::parse(policy.as_bytes())?);
        let app = open::app_at(one.config, one.keyring, clock.clone()).await?;
        let mut node = Node { app, log_key: one.log, log_seed: one.log_seed, policy, serving: None };
        node.serve_on(one.listener);
        nodes.push(node);
    }
    Ok(nodes)
}

impl Ready {
    fn make(base: &Config, plan: &Plan, at: u16, clock: &FixedClock) -> Result<Self, Failure> {
        let mut config = base.clone();
        config.server.data = base.server.data.join(plan.name);
        let port = config.server.listen.port();
        if port != 0 {
            let port = port.checked_add(at).ok_or("--listen leaves no ports for three nodes")?;
            config.server.listen.set_port(port);
        }
        prepare(&mut config, true)?;
        let listener = web::bind(&config)?;
        config.server.listen = listener.local_addr()?;
        let url = format!("http://localhost:{}", config.server.listen.port());
        config.server.public_url = Some(url.clone());
        config.transparency.origin = Some(plan.log.to_owned());
        config.recognition.automatic = true;
        let name = KeyName::parse(plan.witness)?;
        config.witness.name = Some(name.clone());
        let keyring = Arc::new(open::keyring(&config)?.with_cost(Cost::LIGHT));
        let year = clock.now().to_zoned(TimeZone::UTC).year();
        let log_seed = keyring.new_log_key(year)?;
        let public = |seed: &[u8; 32]| Ed25519Signer::from_seed("", seed).public_key().clone();
        let log = KeyName::parse(&format!("{}/{year}", plan.log))?;
        let log = VerifierKey::new(log, Kind::Ed25519, public(&log_seed))?;
        let witness_seed = keyring.witness_key()?;
        let witness = VerifierKey::new(name, Kind::Cosignature, public(&witness_seed))?;
        Ok(Self { config, keyring, listener, url, log_seed, log, witness })
    }
}

/// The policy of a node's log: all other nodes witness it.
fn policy(own: &Ready, all: &[Ready]) -> String {
    let others: Vec<&Ready> = all.iter().filter(|other| other.url != own.url).collect();
    let line = |(other, at): (&&Ready, usize)| format!("witness w{at} {} {}\n", other.witness, other.url);
    let lines: String = others.iter().zip(1..).map(line).collect();
    let names: String = (1..=others.len()).map(|at| format!(" w{at}")).collect();
    let (log, url) = (&own.log, &own.url);
    let year = log.name().as_str().rsplit('/').next().unwrap_or_default();
    format!("log {log} {url}/log/{year}\n\n{lines}group all all{names}\nquorum all\n")
}

impl Node {
    fn serve_on(&mut self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let app = self.app.clone();
        let task = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopped.await;
            };
            if let Err(error) = web::serve(app, listener, stopped).await {
                tracing::error!(%error, "a node of the drill does not serve");
            }
        });
        self.serving = Some((stop, task));
    }

    /// Takes it off the net.
    pub(super) async fn stop(&mut self) {
        if let Some((stop, task)) = self.serving.take() {
            let _ = stop.send(());
            let _ = task.await;
        }
    }

    /// Brings it back, at the same address.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        self.serve_on(web::bind(&self.app.config)?);
        Ok(())
    }

    /// What the service does by itself every few seconds: publishes, logs, has the log cosigned, looks after its pins.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        let app = &self.app;
        crate::accredit::follow(app).await?;
        for slug in app.registry.members().iter().map(|member| member.institution.slug.clone()) {
            publish::trust::list::renew(app, &slug).await?;
        }
        if let Some(failure) = publish::everything(app).await.into_iter().next() {
            return Err(failure.into());
        }
        Publisher::new(app.clone()).tick().await?;
        if let Some(mut collector) = Collector::new(app.clone())
            && collector.round().await?
        {
            return Err("the witnesses have not cosigned the log".into());
        }
        Ok(())
    }

    /// Asks for what hangs on its pins.
    pub(super) async fn refresh(&self, territory: &str) -> Result<(), pin::Error> {
        let app = &self.app;
        let renewed = pin::refresh(&app.fetcher, &app.pins, territory, app.now()).await;
        app.registry.pin(app.pins.load()?);
        renewed.map(drop)
    }
}
