//! What the world is told: signed status lists and DID documents here, the transparency log below.

pub mod audit;
pub mod deliver;
pub mod log;
pub mod proof;
pub mod trust;
pub mod witnesses;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::App;
use crate::crypto::proof::{self as signature, ProofError, ProofOptions};
use crate::institution::{Institution, Slug};
use crate::keyring::KeyringError;
use crate::status::{Bitstring, list};
use crate::store::{Change, Conflict, ListKey, ListVersion, StoreError};

/// The cryptosuite of status lists: wallets know no other of ours.
const LIST_SUITE: &str = "eddsa-rdfc-2022";

/// Why a list could not be published; the old version stands.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The institution or its list does not exist.
    #[error("there is no such list")]
    NoList,
    /// Every key of the institution is retired or compromised.
    #[error("{0} has no key to sign its status lists with: testamur keys new {0}")]
    NoKey(Slug),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The proof could not be made.
    #[error("the list cannot be signed: {0}")]
    Proof(#[from] ProofError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mirror folder.
    #[error("the public folder cannot be used ({}: {because})", path.display())]
    Mirror {
        /// Which file.
        path: PathBuf,
        /// Why.
        because: std::io::Error,
    },
}

/// The newest signed version of a list; signs and records a new one first when the bits have changed or the
/// last one is past half its life.
pub async fn status_list(app: &App, key: &ListKey) -> Result<Arc<ListVersion>, PublishError> {
    let valid_for = app.config.status.valid_for;
    let renew_before = valid_for / 2;
    if !app.registry.is_due(key, app.now(), renew_before) {
        return app.registry.latest(key).ok_or(PublishError::NoList);
    }
    let _one_at_a_time = app.publishing.lock().await;
    let now = app.now();
    let Some((bits, last)) = app.registry.due(key, now, renew_before) else {
        return app.registry.latest(key).ok_or(PublishError::NoList);
    };
    let published = sign_and_record(app, key, &bits, last, now).await;
    if published.is_err() {
        app.registry.mark_dirty(key);
    }
    published
}

async fn sign_and_record(
    app: &App,
    key: &ListKey,
    bits: &Bitstring,
    last: u64,
    now: jiff::Timestamp,
) -> Result<Arc<ListVersion>, PublishError> {
    let member = if key.mirror {
        app.registry.keeper(&key.institution)
    } else {
        app.registry.member(&key.institution)
    };
    let member = member.ok_or(PublishError::NoList)?;
    let slug = &member.institution.slug;
    let signer = app.signer(&member.institution)?.ok_or_else(|| PublishError::NoKey(slug.clone()))?;
    let valid_until = now + app.config.status.valid_for;
    let original = app.urls.list(&key.original());
    let url = if key.mirror { app.urls.mirrored_list(slug, key) } else { original.clone() };
    let mut document = list::list_credential(&list::ListDraft {
        url: &url,
        stands_for: Some(original.as_str()).filter(|_| key.mirror),
        issuer: &member.institution.did,
        purpose: key.purpose,
        bits,
        valid_from: now,
        valid_until,
        ttl: app.config.status.ttl,
    });
    let options = ProofOptions::new(LIST_SUITE, now)?;
    let proof = signature::sign(&document, &options, signer.as_ref())?;
    signature::attach(&mut document, proof);
    let body = serde_json::to_vec(&document)
        .map_err(|error| StoreError::Damaged { key: url, because: error.to_string() })?;
    let version = ListVersion { key: key.clone(), version: last + 1, at: now, valid_until, body };
    match app.commit(vec![Change::ListPublished(version.clone())]).await {
        Ok(_) => {}
        Err(StoreError::Conflict(Conflict::ListMoved)) => return Err(PublishError::NoList),
        Err(error) => return Err(error.into()),
    }
    mirror_list(app, &version, slug).await?;
    Ok(Arc::new(version))
}

/// Writes an institution's DID document, and the directory of all of them, into the public folder, where an
/// offline verifier reads them.
pub async fn institution(app: &App, slug: &Slug) -> Result<(), PublishError> {
    let member = app.registry.member(slug).ok_or(PublishError::NoList)?;
    let path = public_folder(app).join("institutions").join(slug.as_str()).join("did.json");
    write(&path, member.resolved.document.raw.to_string().as_bytes()).await?;
    let mut directory: Vec<_> =
        app.registry.members().iter().map(|member| member.institution.clone()).collect();
    // Who had one closed is named in the audit trail alone.
    directory.iter_mut().filter_map(|one| one.closed.as_mut()).for_each(|closing| closing.actor.clear());
    let text = serde_json::json!({ "institutions": directory }).to_string();
    write(&public_folder(app).join("institutions.json"), text.as_bytes()).await
}

/// The directory of institutions in a public folder, as [`institution`] wrote it; empty where there is none.
pub fn read_directory(data: &Path) -> Result<Vec<Institution>, PublishError> {
    #[derive(serde::Deserialize)]
    struct Directory {
        institutions: Vec<Institution>,
    }
    let path = data.join("public").join("institutions.json");
    let unreadable = |because| PublishError::Mirror { path: path.clone(), because };
    match std::fs::read(&path) {
        Ok(bytes) => {
            let read: Result<Directory, _> = serde_json::from_slice(&bytes);
            read.map(|directory| directory.institutions).map_err(|error| unreadable(error.into()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
    }
}

/// Publishes every DID document and every list that is due. Returns the failures, if any.
pub async fn everything(app: &App) -> Vec<PublishError> {
    let mut failures = Vec::new();
    for member in app.registry.members() {
        if let Err(error) = institution(app, &member.institution.slug).await {
            failures.push(error);
        }
    }
    for member in app.registry.members() {
        trust::mirror(app, &member.institution.slug).await;
    }
    failures.extend(due_lists(app).await);
    failures
}

/// Publishes every list that is due. Returns the failures, if any.
pub async fn due_lists(app: &App) -> Vec<PublishError> {
    let mut failures = Vec::new();
    for key in app.registry.list_keys() {
        if let Err(error) = status_list(app, &key).await {
            failures.push(error);
        }
    }
    failures
}

/// Publishes what is due, once a second, until the task is dropped.
pub async fn keep_publishing(app: Arc<App>) {
    let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for failure in due_lists(&app).await {
            tracing::warn!(error = %failure, "a status list could not be published; the last version stands");
        }
    }
}

fn public_folder(app: &App) -> PathBuf {
    app.config.server.data.join("public")
}

async fn mirror_list(app: &App, version: &ListVersion, by: &Slug) -> Result<(), PublishError> {
    let key = &version.key;
    let folder = public_folder(app).join("institutions").join(by.as_str()).join("status");
    let folder = if key.mirror { folder.join(key.institution.as_str()) } else { folder };
    let path = folder.join(key.purpose.as_str()).join(format!("{}.json", key.list));
    write(&path, &version.body).await
}

/// Replaces a file whole: a reader sees the old one or the new one.
async fn write(path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
    let failed = |because| PublishError::Mirror { path: path.to_owned(), because };
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let partial = path.with_extension("json.partial");
    tokio::fs::write(&partial, bytes).await.map_err(failed)?;
    tokio::fs::rename(&partial, path).await.map_err(failed)
}
