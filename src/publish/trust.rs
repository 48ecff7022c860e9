//! What an authority of this service publishes: its root here, its trust list below.

pub mod list;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::institution::{Institution, Slug};
use crate::registry::Member;
use crate::store::{Change, Conflict, StoreError, TrustKind, TrustVersion};
use crate::trust::{Own, Pinned, pins};
use crate::trustlist::{MAX_LIST, MAX_ROOT, Root, TrustList, TrustListError};

/// Why a root is not published.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Nobody here speaks for the territory.
    #[error(
        "no institution of this service is the authority of {0}: testamur institutions new SLUG --authority {0}"
    )]
    NoAuthority(String),
    /// The caller may not.
    #[error("the token does not allow this: it needs the role authority, within reach of {0}")]
    NotAllowed(String),
    /// It is no root, or does not follow the one before.
    #[error("the root is refused: {0}")]
    Refused(#[from] TrustListError),
    /// It sends those who pin it elsewhere.
    #[error("the root says that its list is served at {found}, and this service serves it at {wanted}")]
    ListUrl {
        /// What it says.
        found: String,
        /// Where it is.
        wanted: String,
    },
    /// Another version was published meanwhile.
    #[error("another root was published meanwhile; look again")]
    Moved,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes the next root of the authority it names: proved by itself, and against the one before. The very one that is
/// published already is none anew.
///
/// # Errors
/// [`RootError`]; nothing changes then.
pub async fn root(app: &App, caller: &TokenRecord, document: Value) -> Result<Root, RootError> {
    let root = Root::parse(document.to_string().as_bytes())?;
    let one_at_a_time = app.accrediting.lock().await;
    let authority = app.registry.authority(&root.territory);
    let authority = authority.ok_or_else(|| RootError::NoAuthority(root.territory.clone()))?;
    let slug = &authority.institution.slug;
    if !caller.allows(Act::Accredit, slug) {
        return Err(RootError::NotAllowed(slug.to_string()));
    }
    let wanted = app.urls.trust_list(&root.territory);
    if root.list_url.as_str() != wanted {
        return Err(RootError::ListUrl { found: root.list_url.to_string(), wanted });
    }
    match app.registry.own_trust(slug) {
        Some(own) if own.root.fingerprint == root.fingerprint => return Ok(root),
        Some(own) => root.succeeds(&own.root)?,
        None if root.version == 1 => {}
        None => return Err(TrustListError::RootVersion { found: root.version, wanted: 1 }.into()),
    }
    let change = Change::TrustPublished(version(app, &authority, TrustKind::Root, root.version, &root.bytes));
    app.commit(vec![change]).await.map_err(|error| match error {
        StoreError::Conflict(Conflict::TrustMoved) => RootError::Moved,
        other => other.into(),
    })?;
    tracing::info!(territory = root.territory, version = root.version, "a trust root was published");
    drop(one_at_a_time);
    // Whoever pins the root asks for its list next. Without a key for it the root stands all the same.
    if let Err(error) = list::renew(app, slug).await {
        tracing::warn!(authority = %slug, %error, "the trust list is not signed anew");
    }
    mirror(app, slug).await;
    Ok(root)
}

/// A version of an authority's document as it is recorded.
fn version(app: &App, authority: &Arc<Member>, kind: TrustKind, number: u64, body: &[u8]) -> TrustVersion {
    let institution = authority.institution.slug.clone();
    TrustVersion { institution, kind, number, at: app.now(), body: body.to_vec() }
}

/// Writes the root and the list in force of an authority into the public folder, where an offline verifier reads them.
pub async fn mirror(app: &App, authority: &Slug) {
    let Some(own) = app.registry.own_trust(authority) else { return };
    let folder = super::public_folder(app).join("trust").join(&own.root.territory);
    // Without a list in force none stays behind: its key may have been stolen.
    let list = own.list.as_ref().map_or(&b"null"[..], |list| &list.bytes);
    for (name, bytes) in [("root.json", own.root.bytes.as_slice()), ("list.json", list)] {
        if let Err(error) = super::write(&folder.join(name), bytes).await {
            tracing::warn!(%authority, %error, "the trust list is not in the public folder");
        }
    }
}

/// The authority in `institutions`, with its root and list as [`mirror`] wrote them beside; none without files.
pub fn read_own(data: &Path, institutions: &[Institution]) -> Vec<Arc<Pinned>> {
    let read = |territory: &str| {
        let folder = data.join("public").join("trust").join(territory);
        let mut own = Own::default();
        own.publish(true, &pins::read(&folder.join("root.json"), MAX_ROOT).ok()?, Timestamp::UNIX_EPOCH)
            .ok()?;
        // One that does not read under the root counts for nothing.
        if let Ok(list) = pins::read(&folder.join("list.json"), MAX_LIST) {
            let _ = own.publish(false, &list, Timestamp::UNIX_EPOCH);
        }
        own.as_pinned().filter(|own| own.root.territory == territory)
    };
    institutions.iter().filter_map(|institution| read(institution.territory()?)).collect()
}

/// What is wrong with the roots and lists on record of an authority: each read again, each root against the one before,
/// each list against the root it names.
///
/// # Errors
/// The store.
pub async fn faults(app: &App, authority: &Slug) -> Result<Vec<String>, StoreError> {
    let (mut roots, mut faults) = (Vec::<Root>::new(), Vec::new());
    for number in 1.. {
        let Some(version) = app.store.trust_version(authority, TrustKind::Root, Some(number)).await? else {
            break;
        };
        let root = Root::parse(&version.body);
        let root =
            root.and_then(|root| roots.last().map_or(Ok(()), |last| root.succeeds(last)).map(|()| root));
        match root {
            Ok(root) => roots.push(root),
            Err(why) => {
                faults.push(format!("root {number} of {authority}: {why}"));
                return Ok(faults);
            }
        }
    }
    for number in 1.. {
        let Some(version) = app.store.trust_version(authority, TrustKind::List, Some(number)).await? else {
            break;
        };
        let list: Value = serde_json::from_slice(&version.body).unwrap_or_default();
        let rests_on = list.pointer("/credentialSubject/rootVersion").and_then(Value::as_u64);
        let root = roots.iter().find(|root| Some(root.version) == rests_on);
        let fault = match root.map(|root| TrustList::parse(&version.body, root)) {
            Some(Ok(list)) if list.sequence == number => continue,
            Some(Ok(list)) => format!("it says that it is number {}", list.sequence),
            Some(Err(why)) => why.to_string(),
            None => "it rests on a root that is not on record".to_owned(),
        };
        faults.push(format!("trust list {number} of {authority}: {fault}"));
    }
    Ok(faults)
}
