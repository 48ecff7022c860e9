//! Pins a foreign root by its fingerprint, and keeps what hangs on it fresh.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::access::{Reach, Role, TokenRecord};
use crate::app::App;
use crate::resolve::ResolveError;
use crate::resolve::fetch::Fetcher;
use crate::trust::{PinError, Pinned, Pins};
use crate::trustlist::{MAX_LIST, MAX_ROOT, Root, TrustListError, fingerprint_of};

/// How often the lists of a running service are asked for.
pub const REFRESH: SignedDuration = SignedDuration::from_hours(1);
/// Between two attempts to pin what the settings name.
const RETRY: SignedDuration = SignedDuration::from_mins(1);
/// Between two looks at the pins on file, which a command may have changed.
const LOOK: Duration = Duration::from_secs(10);
/// Most roots taken in one go.
const MAX_ROOTS: u64 = 64;
/// What a trust document is asked for as.
const ACCEPT: &str = "application/vc, application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1";

/// Why a pin could not be made or renewed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The pins on file, or what came is refused.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The address does not answer.
    #[error(transparent)]
    Fetch(#[from] ResolveError),
    /// A root that is not believed.
    #[error("the root: {0}")]
    Root(#[from] TrustListError),
    /// The caller may not.
    #[error("the token does not allow this: it needs the role admin everywhere")]
    NotAllowed,
    /// It was pinned from a file.
    #[error("{0} was pinned from files, so nobody knows where to ask: unpin it and pin its URL")]
    NoAddress(String),
}

/// Pins the root at `url` and the list it names.
///
/// # Errors
/// Nothing is pinned unless the fingerprint is the root's and the list is admitted.
pub async fn pin(
    fetcher: &Fetcher,
    pins: &Pins,
    url: &Url,
    fingerprint: &str,
    now: Timestamp,
) -> Result<Pinned, Error> {
    let root = Root::parse(&fetcher.get(url.as_str(), url, MAX_ROOT, ACCEPT).await?)?;
    // Before its list is asked for: an unknown root says where to connect to.
    if root.fingerprint != fingerprint.trim() {
        return Err(PinError::Fingerprint(fingerprint.trim().to_owned()).into());
    }
    let list = fetcher.get(root.list_url.as_str(), &root.list_url, MAX_LIST, ACCEPT).await?;
    Ok(pins.pin(root, &list, fingerprint, Some(url.to_string()), now)?)
}

/// Pins for the caller, and goes by the pin at once.
///
/// # Errors
/// As [`pin`]; the caller has to be an administrator everywhere.
pub async fn add(app: &App, caller: &TokenRecord, url: &Url, fingerprint: &str) -> Result<Pinned, Error> {
    may(caller)?;
    let fingerprint = fingerprint_of(fingerprint);
    let pinned = pin(&app.fetcher, &app.pins, url, &fingerprint, app.now()).await?;
    load(app).await;
    Ok(pinned)
}

/// Ends a pin for the caller, at once.
///
/// # Errors
/// There is none; the caller has to be an administrator everywhere.
pub async fn remove(app: &App, caller: &TokenRecord, territory: &str) -> Result<(), Error> {
    may(caller)?;
    app.pins.unpin(territory)?;
    load(app).await;
    Ok(())
}

/// Whom to believe concerns every institution of the service.
fn may(caller: &TokenRecord) -> Result<(), Error> {
    let admin = caller.roles.contains(&Role::Admin) && caller.reach == Reach::All && caller.revoked.is_none();
    if admin { Ok(()) } else { Err(Error::NotAllowed) }
}

/// Asks for newer roots and a newer list. New roots are taken even when the list is refused: they are what puts a
/// stolen list key out.
///
/// # Errors
/// Why the list stays the one it was.
pub async fn refresh(
    fetcher: &Fetcher,
    pins: &Pins,
    territory: &str,
    now: Timestamp,
) -> Result<Pinned, Error> {
    let before = pins.read(territory)?;
    let root_url = before.pin.root_url.as_deref().and_then(|url| Url::parse(url).ok());
    let root_url = root_url.ok_or_else(|| Error::NoAddress(territory.to_owned()))?;
    let roots = newer_roots(fetcher, &root_url, &before.root).await?;
    let list_url = roots.last().map_or(&before.root, |root| root).list_url.clone();
    let renewed = match fetcher.get(list_url.as_str(), &list_url, MAX_LIST, ACCEPT).await {
        Ok(list) => pins.renew(&before, &roots, &list, now).map_err(Error::from),
        Err(why) => Err(why.into()),
    };
    if renewed.is_err() && !roots.is_empty() {
        pins.rotate(&before, &roots)?;
    }
    renewed
}

/// The roots that follow, one version after the other, from the address of the one known with its number replaced.
async fn newer_roots(fetcher: &Fetcher, url: &Url, known: &Root) -> Result<Vec<Root>, Error> {
    let mut roots: Vec<Root> = Vec::new();
    for version in (known.version + 1..).take(MAX_ROOTS as usize) {
        let mut next = url.clone();
        match next.path_segments_mut() {
            Ok(mut segments) => segments.pop().push(&version.to_string()),
            Err(()) => break,
        };
        match fetcher.get(next.as_str(), &next, MAX_ROOT, ACCEPT).await {
            Ok(bytes) => {
                let root = Root::parse(&bytes)?;
                root.succeeds(roots.last().unwrap_or(known))?;
                roots.push(root);
            }
            Err(ResolveError::NotFound { .. }) => break,
            Err(why) => return Err(why.into()),
        }
    }
    Ok(roots)
}

/// Goes by the pins on file, and renews those that are due, until the task is dropped.
pub async fn keep_fresh(app: Arc<App>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut asked = std::collections::HashMap::new();
    let mut seen = None;
    let mut tried = None;
    loop {
        tick.tick().await;
        let now = app.clock.now();
        if tried.is_none_or(|last| now.duration_since(last).abs() >= RETRY) {
            tried = Some(now);
            pin_settings(&app).await;
        }
        // Reading a list proves it: only when somebody has written one.
        let written = app.pins.written();
        if seen.as_ref() != Some(&written) {
            load(&app).await;
            seen = Some(written);
        }
        let now = app.clock.now();
        for pinned in app.registry.pinned() {
            let territory = &pinned.pin.territory;
            let last = asked.get(territory).copied().unwrap_or(pinned.pin.refreshed);
            // A clock that was set back must not keep them waiting until it has caught up.
            if pinned.pin.root_url.is_none() || now.duration_since(last).abs() < REFRESH {
                continue;
            }
            asked.insert(territory.clone(), now);
            match refresh(&app.fetcher, &app.pins, territory, now).await {
                Ok(fresh) => {
                    let sequence = fresh.list.as_ref().map(|list| list.sequence);
                    tracing::info!(territory, sequence, "the trust list was looked after");
                }
                Err(error) => tracing::warn!(territory, %error, "the trust list stays as it was"),
            }
        }
    }
}

/// Pins what the settings name and is not pinned yet.
async fn pin_settings(app: &App) {
    for wanted in &app.config.trust.pins {
        let known = |pinned: &Pinned| {
            pinned.pin.fingerprint == wanted.fingerprint
                || pinned.pin.root_url.as_deref() == Some(wanted.url.as_str())
        };
        let pinned = app.registry.pinned();
        if pinned.iter().any(|pinned| known(pinned)) {
            continue;
        }
        match pin(&app.fetcher, &app.pins, &wanted.url, &wanted.fingerprint, app.now()).await {
            Ok(pinned) => tracing::info!(territory = pinned.pin.territory, "pinned, as the settings say"),
            Err(error) => {
                tracing::warn!(url = %wanted.url, %error, "not pinned, although the settings say so")
            }
        }
        load(app).await;
    }
}

/// Takes the pins on file over into the service; those it has gone by so far stay when the files do not read.
async fn load(app: &App) {
    let pins = app.pins.clone();
    match tokio::task::spawn_blocking(move || pins.load()).await {
        Ok(Ok(pinned)) => app.registry.pin(pinned),
        Ok(Err(error)) => tracing::error!(%error, "the pins do not read; those known stay"),
        Err(error) => tracing::error!(%error, "reading the pins was interrupted; those known stay"),
    }
}
