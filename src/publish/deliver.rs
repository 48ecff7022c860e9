//! Accounts for the leaves of the own log to the authority (`[transparency] deliver_to`), or to one of this service.
//!
//! Nothing is kept of what was delivered: the authority tells which leaf it awaits, and the order of facts tells what
//! each leaf is.

mod leaves;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use self::leaves::Walk;
use super::log::LogError;
use crate::accredit::delivery::{self, DeliveryError, TYPE};
use crate::app::App;
use crate::codec::json;
use crate::crypto::proof::{ProofError, ProofOptions, attach, sign};
use crate::institution::Institution;
use crate::keyring::KeyringError;
use crate::log::SignedCheckpoint;
use crate::log::tile::FULL;
use crate::resolve::ResolveError;
use crate::store::StoreError;
use crate::trustlist::edit::SUITE;

/// Between two looks at what is new.
const LOOK: Duration = Duration::from_secs(2);

/// Where that is not the service itself, the authority is asked again after this time, then after twice as long.
const SOON: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(300);

/// The longest answer read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// Why nothing was delivered now; what waits goes on waiting.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The own log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The signature.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The authority cannot be reached.
    #[error(transparent)]
    Fetch(#[from] ResolveError),
    /// The authority is this service, and refuses.
    #[error(transparent)]
    Refused(#[from] DeliveryError),
    /// The authority refuses.
    #[error("the authority answers {0}: {1}")]
    Answered(u16, String),
    /// No institution here has a key to sign with and an address of its own.
    #[error("no institution of this service can sign the delivery: none has a key and a did:web")]
    Nobody,
    /// The order of facts does not lead to the leaves of the log.
    #[error("leaf {1} of {0} is not found in the order of facts: run testamur fsck")]
    Lost(String, u64),
}

/// Whoever delivers.
pub struct Deliverer {
    app: Arc<App>,
    /// By log: where the walk through the order of facts stands.
    walks: HashMap<String, Walk>,
    /// Who signed last, counted among those that can.
    signer: usize,
}

/// Where the leaves of a log go.
enum Target {
    Here,
    There(Url),
}

/// Delivers what is new until the task is dropped.
pub async fn keep_delivering(app: Arc<App>) {
    let mut deliverer = Deliverer::new(app);
    let (mut failures, mut not_before, mut said) = (0u32, Instant::now(), String::new());
    loop {
        tokio::time::sleep(LOOK).await;
        if Instant::now() < not_before {
            continue;
        }
        match deliverer.round().await {
            Ok(leaves) => {
                if leaves > 0 {
                    tracing::debug!(leaves, "leaves were delivered to the authority");
                }
                (failures, said) = (0, String::new());
            }
            Err(error) => {
                deliverer.app.deliveries.failed();
                let wait = SOON.saturating_mul(1 << failures.min(10)).min(LONGEST);
                (failures, not_before) = (failures.saturating_add(1), Instant::now() + wait);
                // Told once, not every five minutes.
                if error.to_string() != said {
                    said = error.to_string();
                    tracing::warn!(%error, "leaves are not delivered to the authority; they are offered again");
                }
            }
        }
    }
}

impl Deliverer {
    /// One that has delivered nothing yet.
    pub fn new(app: Arc<App>) -> Deliverer {
        Deliverer { app, walks: HashMap::new(), signer: 0 }
    }

    /// Delivers everything that is in the logs of this year and the one before, and tells how many leaves it were.
    ///
    /// # Errors
    /// The first trouble; what came before it is delivered.
    pub async fn round(&mut self) -> Result<u64, DeliverError> {
        let logs = self.app.store.logs().await?;
        let (mut delivered, mut behind, mut any) = (0, 0, false);
        for log in logs.iter().rev().take(2).rev() {
            let origin =
                SignedCheckpoint::parse(&log.checkpoint).map_err(LogError::from)?.claimed().origin.clone();
            let Some(target) = self.target(&origin)? else { continue };
            any = true;
            let mut next = self.awaited(&target, &origin).await?;
            // Several deliver at once: whoever is sent back goes on where the authority says.
            while next < log.size {
                self.app.deliveries.behind(behind + log.size - next);
                let until = log.size.min((next / u64::from(FULL) + 1) * u64::from(FULL));
                let entries = self.entries(log, &origin, next, until).await?;
                let told = self.send(&target, &origin, next, entries).await?;
                delivered += told.saturating_sub(next);
                next = told;
            }
            behind += log.size.saturating_sub(next);
        }
        if any {
            self.app.deliveries.behind(behind);
        }
        Ok(delivered)
    }

    /// The next delivery of a log of this service, from the leaf `from` on, signed and not sent; `None` when there is none.
    ///
    /// # Errors
    /// The store, or nobody who can sign.
    pub async fn prepared(&mut self, origin: &str, from: u64) -> Result<Option<Value>, DeliverError> {
        let logs = self.app.store.logs().await?;
        let year = origin.rsplit_once('/').and_then(|(_, year)| year.parse().ok());
        let Some(log) = logs.iter().find(|log| Some(log.year) == year).filter(|log| from < log.size) else {
            return Ok(None);
        };
        let until = log.size.min((from / u64::from(FULL) + 1) * u64::from(FULL));
        let entries = self.entries(log, origin, from, until).await?;
        let institution = self.able().into_iter().next().ok_or(DeliverError::Nobody)?;
        let document = self.signed(&institution, origin, from, &entries)?;
        Ok(json::parse(document.as_bytes()).ok())
    }

    /// Where the leaves of this log go: as the settings say, else to an authority here that watches it.
    fn target(&self, origin: &str) -> Result<Option<Target>, DeliverError> {
        let here = delivery::awaits(&self.app, origin);
        Ok(match &self.app.config.transparency.deliver_to {
            Some(url) if url.as_str().trim_end_matches('/') != self.app.urls.public() => {
                Some(Target::There(url.clone()))
            }
            Some(_) => Some(Target::Here),
            None => here.then_some(Target::Here),
        })
    }

    async fn awaited(&self, target: &Target, origin: &str) -> Result<u64, DeliverError> {
        let Target::There(base) = target else { return Ok(delivery::next(&self.app, origin).await?) };
        let mut url = below(base, "/authority/deliveries/next");
        url.query_pairs_mut().append_pair("origin", origin);
        let answer = self.app.fetcher.get("the authority", &url, MAX_ANSWER, "application/json").await?;
        let told = json::parse(&answer).ok().and_then(|told| told.get("next")?.as_u64());
        told.ok_or_else(|| DeliverError::Answered(200, "no number of a leaf".to_owned()))
    }

    /// Sends a run of leaves; the index of the leaf awaited then.
    async fn send(
        &mut self,
        target: &Target,
        origin: &str,
        from: u64,
        entries: Vec<Value>,
    ) -> Result<u64, DeliverError> {
        let Target::There(base) = target else {
            let document = json!({"type": TYPE, "origin": origin, "from": from, "entries": entries});
            return match delivery::receive_own(&self.app, &document).await {
                Ok(received) => Ok(received.next),
                Err(DeliveryError::Awaited(next)) => Ok(next),
                Err(error) => Err(error.into()),
            };
        };
        let able = self.able();
        let mut last = DeliverError::Nobody;
        // Which of them the authority lists as its own to sign is found by asking, once.
        for turn in 0..able.len() {
            let at = (self.signer + turn) % able.len();
            let Some(institution) = able.get(at) else { break };
            let document = self.signed(institution, origin, from, &entries)?;
            match self.offer(base, document).await {
                Ok(next) => {
                    self.signer = at;
                    return Ok(next);
                }
                Err(error @ DeliverError::Answered(403, _)) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    async fn offer(&self, base: &Url, document: String) -> Result<u64, DeliverError> {
        let url = below(base, "/authority/deliveries");
        let answer = self.app.fetcher.post_json("the authority", &url, document, MAX_ANSWER).await?;
        let told = json::parse(&answer.body).unwrap_or_default();
        let next = told.get("next").and_then(Value::as_u64);
        match (answer.status, next) {
            (201 | 409, Some(next)) => Ok(next),
            (status, _) => {
                let detail = told.get("detail").or(told.get("title")).and_then(Value::as_str);
                Err(DeliverError::Answered(status, detail.unwrap_or_default().chars().take(200).collect()))
            }
        }
    }

    /// The institutions that can sign: open, with a key, and at home at an address.
    fn able(&self) -> Vec<Institution> {
        let members = self.app.registry.members();
        let able = members.iter().map(|member| &member.institution).filter(|institution| {
            institution.territory().is_none()
                && institution.did.method() == "web"
                && institution.active_keys().next().is_some()
        });
        able.cloned().collect()
    }

    fn signed(
        &self,
        institution: &Institution,
        origin: &str,
        from: u64,
        entries: &[Value],
    ) -> Result<String, DeliverError> {
        let signer = self.app.signer(institution)?.ok_or(DeliverError::Nobody)?;
        let document = json!({"type": TYPE, "origin": origin, "from": from, "entries": entries});
        let Value::Object(mut document) = document else { return Err(DeliverError::Nobody) };
        let proof = sign(&document, &ProofOptions::new(SUITE, self.app.now())?, signer.as_ref())?;
        attach(&mut document, proof);
        Ok(Value::Object(document).to_string())
    }
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let whole = format!("{}{path}", base.path().trim_end_matches('/'));
    url.set_path(&whole);
    url
}
