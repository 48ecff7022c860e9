//! The other half of a joint award: looked up where the award says it stands, under every guard, and never followed further.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Map, Value};
use url::Url;

use super::{Evidence, Own, Sources, alone};
use crate::codec::json;
use crate::credential::{Credential, View};
use crate::log::proof::MAX_TLOG_PROOF;
use crate::resolve::{Fault, ResolveError};
use crate::store::Visibility;
use crate::verify::Extent;

/// The most other halves looked up for one presentation.
const MAX_PARTNERS: usize = 2;
/// The most DIDs looked up for one of them, and as many status lists fetched: whoever names another half must not have us ask
/// much more than what was sent would.
const MAX_ASKED: usize = 8;
/// The longest address of one, bytes.
const MAX_URL: usize = 2_000;
/// How long everything about one may take: its document, the keys behind it, its status.
const PATIENCE: Duration = Duration::from_secs(3);

/// The other half of a joint award, and the evidence for judging it.
pub struct OtherHalf {
    /// What is served at its address, whatever that is.
    pub credential: Credential,
    /// What was found about it.
    pub evidence: Evidence,
}

/// The other half that a document names.
pub fn named(map: &Map<String, Value>) -> Option<&str> {
    View::of(map).subjects().find_map(|subject| subject.get("partnerAward")?.as_str())
}

/// Each document that names another half: its own `id`, and that of the half.
pub(super) fn halves<'a>(documents: &[&'a Map<String, Value>]) -> Vec<(&'a str, &'a str)> {
    let half = |map: &&'a Map<String, Value>| Some((View::of(map).id().unwrap_or_default(), named(map)?));
    documents.iter().filter_map(half).collect()
}

/// Looks each of them up.
pub(super) async fn look_up(
    sources: &Sources<'_>,
    halves: Vec<(&str, &str)>,
) -> HashMap<(String, String), Result<OtherHalf, ResolveError>> {
    let each = halves.into_iter().enumerate().map(|(at, (id, partner))| async move {
        let found = match at < MAX_PARTNERS {
            true => tokio::time::timeout(PATIENCE, one(sources, id, partner))
                .await
                .unwrap_or_else(|_| Err(unreachable(partner, "no whole answer in time", Fault::Host))),
            false => Err(unreachable(partner, "too many other halves in one presentation", Fault::Document)),
        };
        ((id.to_owned(), partner.to_owned()), found)
    });
    join_all(each).await.into_iter().collect()
}

async fn one(sources: &Sources<'_>, id: &str, partner: &str) -> Result<OtherHalf, ResolveError> {
    let invalid = |because: &str| ResolveError::Invalid {
        what: partner.chars().take(200).collect(),
        because: because.to_owned(),
    };
    if partner == id {
        return Err(invalid("an award is not its own other half"));
    }
    let url = Url::parse(partner).ok().filter(|_| partner.len() <= MAX_URL);
    let url = url.ok_or_else(|| invalid("not a URL that can be asked"))?;
    let bytes = match sources.own.and_then(|own| Some((own, own.registry.credential_at(partner)?))) {
        Some((own, known)) => on_record(&own, known, id, partner).await?,
        None => sources.resolver.served(&url).await?,
    };
    let credential = credential(&bytes)
        .ok_or_else(|| unreachable(partner, "what is served there is no credential", Fault::Host))?;
    let mut evidence = alone(sources, std::iter::once(credential.members()), Extent::Full, MAX_ASKED).await;
    let issuer = View::of(credential.members()).issuer_id().unwrap_or_default();
    // Whoever is logged is believed with a log proof only, and that stands beside the document.
    if evidence.own_proofs.is_empty()
        && evidence.listing(issuer).is_some_and(|(_, issuer)| issuer.logged_since.is_some())
        && let Some(at) = beside(&url)
        && let Ok(proof) = sources.resolver.served(&at).await
    {
        evidence.tlog_proof = Some(proof.to_vec()).filter(|proof| proof.len() <= MAX_TLOG_PROOF);
    }
    Ok(OtherHalf { credential, evidence })
}

/// One of our own, from the record. A closed one is there for the half that it names back, and for nobody else: whoever makes
/// up an award that names it learns no more than a stranger who asks for its page.
async fn on_record(
    own: &Own<'_>,
    known: crate::credential::id::CredentialId,
    id: &str,
    partner: &str,
) -> Result<Arc<Bytes>, ResolveError> {
    let record = own.store.credential(known).await.map_err(|error| {
        tracing::warn!(%error, "the other half of a joint award cannot be read");
        unreachable(partner, "its record cannot be read now", Fault::Here)
    })?;
    let nothing = || ResolveError::NotFound { what: partner.to_owned() };
    let (visibility, body) =
        record.and_then(|record| Some((record.visibility, record.body?))).ok_or_else(nothing)?;
    let open = match visibility {
        Visibility::Public => true,
        Visibility::Token => credential(&body)
            .is_some_and(|half| named(half.members()) == Some(id).filter(|id| !id.is_empty())),
    };
    if open { Ok(Arc::new(body.into())) } else { Err(nothing()) }
}

fn credential(bytes: &[u8]) -> Option<Credential> {
    match json::parse(bytes).ok()? {
        Value::Object(members) => Some(Credential::from_members(members)),
        _ => None,
    }
}

/// Where the log proof of a credential stands: below its own address.
fn beside(url: &Url) -> Option<Url> {
    let mut at = url.clone();
    at.path_segments_mut().ok()?.pop_if_empty().push("tlog-proof");
    Some(at)
}

fn unreachable(what: &str, because: &str, fault: Fault) -> ResolveError {
    let (what, because) = (what.chars().take(200).collect(), because.to_owned());
    ResolveError::Unreachable { what, because, fault, retry: SignedDuration::from_secs(10) }
}
