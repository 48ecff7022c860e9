//! The witness: cosigns the logs of others, each for as long as it only grows (C2SP tlog-witness).
//!
//! What was cosigned is on record before the answer leaves, and the record is replaced by compare-and-swap: of two
//! trees of one size, or of a tree and a smaller one that came late, one is never cosigned.

mod watched;

use crate::app::App;
use crate::crypto::{Ed25519Signer, Signer as _};
use crate::keyring::KeyringError;
use crate::log::note::NoteSignError;
use crate::log::vkey::{Kind, VkeyError};
use crate::log::witness::{AddCheckpoint, Refusal, Seen};
use crate::log::{SignedCheckpoint, VerifierKey, cosign};
use crate::store::{Change, Conflict, StoreError, WitnessedHead};
pub use watched::{Watched, WatchedError};

/// How often a request that others overtook is judged anew; each of them took the log a step further.
const TRIES: usize = 8;

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// There is no witness here.
    #[error("there is no witness here: [witness] name is not set")]
    Off,
    /// The request.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The witness's key.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The name and the key give no verifier key.
    #[error(transparent)]
    Name(#[from] VkeyError),
    /// The keys of the logs.
    #[error(transparent)]
    Watched(#[from] WatchedError),
    /// The cosignature.
    #[error(transparent)]
    Sign(#[from] NoteSignError),
    /// A task was cancelled or panicked.
    #[error("interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The witness's key: what others verify by, and what signs. Made at the first use.
pub async fn key(app: &App) -> Result<(VerifierKey, Ed25519Signer), WitnessError> {
    let name = app.config.witness.name.clone().ok_or(WitnessError::Off)?;
    let keyring = app.keyring.clone();
    let seed = tokio::task::spawn_blocking(move || keyring.witness_key()).await??;
    let signer = Ed25519Signer::from_seed(name.to_string(), &seed);
    let key = VerifierKey::new(name, Kind::Cosignature, signer.public_key().clone())?;
    Ok((key, signer))
}

/// Cosigns the checkpoint in the body of a request: the signature line, its newline included.
pub async fn add_checkpoint(app: &App, body: &[u8]) -> Result<String, WitnessError> {
    if app.config.witness.name.is_none() {
        return Err(WitnessError::Off);
    }
    let request = AddCheckpoint::parse(body)?;
    let mut logs = app.config.witness.logs.clone();
    logs.extend(Watched::of(&app.config.server.data).load()?);
    let origin = request.checkpoint.claimed().origin.as_str();
    logs.retain(|log| log.name().as_str() == origin);
    if logs.is_empty() {
        return Err(Refusal::UnknownLog.into());
    }
    // Before anything is promised: without a key nothing is.
    let (key, signer) = key(app).await?;
    for _ in 0..TRIES {
        let known = app.store.witness_seen(origin).await?;
        let seen = known.as_ref().map(|head| Seen { size: head.size, root: head.root });
        let head = request.judge(&logs, seen).inspect_err(|refusal| tell(&request.checkpoint, refusal))?;
        if head.size > seen.map_or(0, |seen| seen.size) {
            let head = WitnessedHead {
                origin: head.origin.clone(),
                size: head.size,
                root: head.root,
                at: app.now(),
                checkpoint: request.checkpoint.to_string().into_bytes(),
            };
            match app.commit(vec![Change::WitnessSaw { expect: request.old, head: Box::new(head) }]).await {
                Ok(_) => {}
                Err(StoreError::Conflict(Conflict::LogMoved)) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(cosign::cosign(&request.checkpoint, &key, &signer, app.now())?.to_string());
    }
    Err(StoreError::Conflict(Conflict::LogMoved).into())
}

/// Says what may be proof of a log's misbehaviour. Signed by the log, so no stranger can write such lines at will.
fn tell(checkpoint: &SignedCheckpoint, refusal: &Refusal) {
    let text: String = checkpoint.to_string().chars().take(2000).collect();
    match refusal {
        Refusal::Forked(_) => tracing::error!(checkpoint = text, "a log is FORKED: {refusal}"),
        Refusal::Inconsistent => tracing::warn!(checkpoint = text, "a checkpoint is not cosigned: {refusal}"),
        _ => tracing::debug!(%refusal, "a checkpoint is not cosigned"),
    }
}
