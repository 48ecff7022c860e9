//! Gathers the evidence a verdict needs: DID documents, status lists, who vouches. May walk; decides nothing.

mod partner;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::Extent;
use crate::app::App;
use crate::codec::jcs;
use crate::credential::{Credential, View};
use crate::crypto::sha256;
use crate::did::{Did, DidUrl};
use crate::log::{Policy, TlogProof, VerifierKey};
use crate::publish::log::LogError;
use crate::publish::proof;
use crate::registry::Registry;
use crate::resolve::{FetchedList, ResolveError, Resolved, Resolver, Source};
use crate::status::entry::{self, Entry};
use crate::store::{StatusEvent, Store};
use crate::trust::{Keeper, Listing, Trust, Vouch};
use crate::trustlist::{Mirrored, Successor, TrustList, TrustedIssuer};

pub use partner::{OtherHalf, named as partner_named_by};

/// The most documents (the outer one, its endorsements, its embedded credentials) judged in one.
pub const MAX_PARTS: usize = 64;

/// The most DIDs looked up for what was asked, and as many status lists fetched.
const MAX_ASKED: usize = 32;

/// Where evidence comes from.
pub struct Sources<'a> {
    /// Finds DID documents and status lists.
    pub resolver: &'a dyn Resolver,
    /// Who vouches for an issuer.
    pub trust: Arc<Trust>,
    /// What this service itself has on record, when it is one.
    pub own: Option<Own<'a>>,
}

/// A service's own records.
#[derive(Clone, Copy)]
pub struct Own<'a> {
    /// Its institutions and status bits.
    pub registry: &'a Registry,
    /// Its store.
    pub store: &'a dyn Store,
    /// Who is to witness its log.
    pub policy: Option<&'a Policy>,
}

impl<'a> Sources<'a> {
    /// The sources of a running service.
    pub fn of(app: &'a App) -> Self {
        Self {
            resolver: app.resolver.as_ref(),
            trust: app.registry.trust(),
            own: Some(Own {
                registry: app.registry.as_ref(),
                store: app.store.as_ref(),
                policy: app.config.transparency.policy.as_ref(),
            }),
        }
    }
}

/// What was found, each thing under the name the document uses for it.
#[derive(Default)]
pub struct Evidence {
    /// DID → its document, or why it could not be had.
    pub issuers: HashMap<String, Result<Arc<Resolved>, ResolveError>>,
    /// DID → who vouches for it; absent when nobody does.
    pub vouches: HashMap<String, Vouch>,
    /// DID → where it stands on the trust lists pinned here; absent when on none.
    pub listings: HashMap<String, Vec<Listing>>,
    /// The territories of authorities gone by here that have no list in force.
    pub silent: Vec<String>,
    /// The tlog-proof that came beside the document, when one did.
    pub tlog_proof: Option<Vec<u8>>,
    /// `id` of a credential we issued → what our own log says of it, once it is there.
    pub own_proofs: HashMap<String, OwnProof>,
    /// (list URL, index) → what our own records say.
    pub own_status: HashMap<(String, u64), OwnStatus>,
    /// List URL → the list as served, or why it could not be had.
    pub lists: HashMap<String, Result<Arc<FetchedList>, ResolveError>>,
    /// List URL → who serves it there in the place of a closed issuer, and with which keys it is signed.
    pub mirrors: HashMap<String, Mirrored>,
    /// (`id` of a document, the other half it names) → that half, or why it could not be had. Nothing stands here of a
    /// document that is itself looked at as the other half: nobody follows it further.
    pub partners: HashMap<(String, String), Result<OtherHalf, ResolveError>>,
}

impl Evidence {
    /// The one list that names the issuer, and its entry there; `None` when there is none, or more than one.
    pub fn listing(&self, issuer: &str) -> Option<(&TrustList, &TrustedIssuer)> {
        match self.listings.get(issuer)?.as_slice() {
            [only] => only.get(),
            _ => None,
        }
    }

    /// Who keeps the register of the issuer, where it has closed and the one list that names it says so.
    pub fn successor(&self, issuer: &str) -> Option<&Successor> {
        let (list, entry) = self.listing(issuer)?;
        entry.successor.as_ref().filter(|successor| successor.has_begun(list))
    }

    /// The same in names, from the trust list or from who else vouches for the issuer.
    pub fn keeper(&self, issuer: &str) -> Option<Keeper> {
        let listed = self.listing(issuer).and_then(|(list, entry)| Keeper::of(list, entry));
        listed.or_else(|| self.vouches.get(issuer)?.kept_by.clone())
    }
}

/// What our own log says of a credential.
pub struct OwnProof {
    /// The proof.
    pub proof: TlogProof,
    /// Under which policy we have it witnessed; `None` when nobody is to witness it.
    pub policy: Option<Policy>,
}

/// What our own records say of one status.
pub struct OwnStatus {
    /// Whether it is set.
    pub set: bool,
    /// The event that set it.
    pub event: Option<StatusEvent>,
}

/// A credential within the document: the document itself, an endorsement, an embedded credential.
pub struct Part<'a> {
    /// Where it stands; empty for the document itself.
    pub pointer: String,
    /// The credential.
    pub map: &'a Map<String, Value>,
    /// What it is there for.
    pub role: Role,
}

/// What a part is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The document itself.
    Whole,
    /// Somebody's word on the document.
    Endorsement,
    /// A credential inside it: a transcript's course.
    Embedded,
}

/// The parts of a credential, itself first, at most [`MAX_PARTS`].
pub fn parts<'a>(map: &'a Map<String, Value>) -> Vec<Part<'a>> {
    let mut found = vec![Part { pointer: String::new(), map, role: Role::Whole }];
    let mut add = |pointer: String, value: &'a Value, role| {
        if let (Value::Object(map), true) = (value, found.len() < MAX_PARTS) {
            found.push(Part { pointer, map, role });
        }
    };
    each(map.get("endorsement"), "/endorsement", |pointer, value| add(pointer, value, Role::Endorsement));
    each(map.get("credentialSubject"), "/credentialSubject", |at, subject| {
        each(subject.get("verifiableCredential"), &format!("{at}/verifiableCredential"), |pointer, value| {
            add(pointer, value, Role::Embedded);
        });
    });
    found
}

/// Whether the document has more parts than are judged.
pub fn too_many_parts(map: &Map<String, Value>) -> bool {
    let count = |value: Option<&Value>| match value {
        Some(Value::Array(many)) => many.len(),
        Some(_) => 1,
        None => 0,
    };
    let mut total = 1 + count(map.get("endorsement"));
    each(map.get("credentialSubject"), "", |_, subject| total += count(subject.get("verifiableCredential")));
    total > MAX_PARTS
}

/// Everything the judge needs for a credential.
pub async fn credential(sources: &Sources<'_>, credential: &Credential, extent: Extent) -> Evidence {
    gather(sources, std::iter::once(credential.members()), extent).await
}

/// Everything the judge needs for several credentials and whoever holds them.
pub async fn gather<'a>(
    sources: &Sources<'_>,
    documents: impl Iterator<Item = &'a Map<String, Value>>,
    extent: Extent,
) -> Evidence {
    let documents: Vec<_> = documents.collect();
    let halves = match extent {
        Extent::Full => partner::halves(&documents),
        Extent::Proof => Vec::new(),
    };
    let alone = alone(sources, documents.into_iter(), extent, MAX_ASKED);
    if halves.is_empty() {
        return alone.await;
    }
    let others = Box::pin(partner::look_up(sources, halves));
    let (mut evidence, partners) = futures_util::join!(alone, others);
    evidence.partners = partners;
    evidence
}

/// The same without the other halves of joint awards. `most` DIDs are looked up and as many status lists fetched.
async fn alone<'a>(
    sources: &Sources<'_>,
    documents: impl Iterator<Item = &'a Map<String, Value>>,
    extent: Extent,
    most: usize,
) -> Evidence {
    let mut evidence = Evidence { silent: sources.trust.silent(), ..Evidence::default() };
    let mut dids = BTreeSet::new();
    let mut fetch = BTreeSet::new();
    for document in documents {
        for part in parts(document) {
            dids.extend(controllers(part.map));
            if extent == Extent::Proof {
                continue;
            }
            if let Some(did) = View::of(part.map).issuer_id().and_then(|did| Did::parse(did).ok()) {
                if let Some(vouch) = sources.trust.vouch(&did) {
                    evidence.vouches.insert(did.to_string(), vouch.clone());
                }
                let listings = sources.trust.listings(&did);
                if !listings.is_empty() {
                    evidence.listings.insert(did.to_string(), listings);
                }
                if let (Role::Whole, Some(own)) = (part.role, sources.own)
                    && let Some(id) = part.map.get("id").and_then(Value::as_str)
                    && let Some(proof) =
                        own_proof(&own, &did, id, part.map, evidence.listing(did.as_str())).await
                {
                    evidence.own_proofs.insert(id.to_owned(), proof);
                }
            }
            let issuer = View::of(part.map).issuer_id().unwrap_or_default();
            for entry in entry::entries(part.map).into_iter().flatten() {
                // Of a closed issuer only its successor's word counts, and nobody else is asked: whoever owns the old
                // domain now could serve a list of before the withdrawal, or a key of his own and a list signed with it.
                // That the old host still answers shows nothing, so it is no second choice either.
                if let Some(successor) = evidence.successor(issuer) {
                    let mirror = successor.mirror_of(&entry.url);
                    // Where that register is kept here, our own records know more than the list they are told in.
                    if is_kept_here(sources, issuer, successor)
                        && own_status(sources, part.map, &entry, &mut evidence).await
                    {
                        continue;
                    }
                    if let Some(mirror) = mirror
                        && fetch.len() < most
                    {
                        let at = mirror.url.to_string();
                        fetch.insert((at.clone(), mirror.url.clone()));
                        evidence.mirrors.insert(at, mirror);
                    }
                    continue;
                }
                if !own_status(sources, part.map, &entry, &mut evidence).await && fetch.len() < most {
                    fetch.insert((entry.list.clone(), entry.url.clone()));
                }
            }
        }
    }
    let (issuers, lists) = futures_util::join!(
        issuers_of(sources, dids, most),
        join_all(fetch.into_iter().map(|(name, url)| async move {
            let found = sources.resolver.status_list(&url).await;
            (name, found)
        }))
    );
    evidence.issuers = issuers;
    evidence.lists = lists.into_iter().collect();
    let more: BTreeSet<String> = evidence
        .lists
        .iter()
        // The keys of a mirror are those of the trust list.
        .filter(|(url, _)| !evidence.mirrors.contains_key(*url))
        .filter_map(|(_, list)| list.as_ref().ok().and_then(|list| list.document.as_object()))
        .flat_map(controllers)
        .filter(|did| !evidence.issuers.contains_key(did))
        .collect();
    if !more.is_empty() {
        let found = issuers_of(sources, more, most).await;
        evidence.issuers.extend(found);
    }
    evidence
}

/// The documents of these DIDs. One that cannot be had from where it should be, since the domain is gone or somebody
/// else's now, is taken from the trust list that archives it.
async fn issuers_of(
    sources: &Sources<'_>,
    dids: BTreeSet<String>,
    most: usize,
) -> HashMap<String, Result<Arc<Resolved>, ResolveError>> {
    let walks = dids.into_iter().take(most).filter_map(|text| Did::parse(&text).ok()).map(|did| async move {
        let mut found = sources.resolver.issuer(&did).await;
        if found.is_err()
            && let [only] = sources.trust.listings(&did).as_slice()
            && let Some((list, issuer)) = only.get()
            && let Some(document) = &issuer.archived
        {
            let document = Arc::new(document.clone());
            found = Ok(Arc::new(Resolved { document, fetched: list.issued_at, from: Source::TrustList }));
        }
        (did.as_str().to_owned(), found)
    });
    join_all(walks).await.into_iter().collect()
}

/// Whether this service keeps the register of the closed issuer in the name of this successor.
fn is_kept_here(sources: &Sources<'_>, issuer: &str, successor: &Successor) -> bool {
    let keeper = sources.own.and_then(|Own { registry, .. }| {
        let member = registry.member_by_did(issuer)?;
        registry.keeper(&member.institution.slug)
    });
    keeper.is_some_and(|keeper| keeper.institution.did == successor.did)
}

/// The proof from our own log that a credential of ours is in it; `None` where nobody would rely on it, and for a document
/// that is not the one on record.
async fn own_proof(
    own: &Own<'_>,
    issuer: &Did,
    id: &str,
    map: &Map<String, Value>,
    listed: Option<(&TrustList, &TrustedIssuer)>,
) -> Option<OwnProof> {
    let relied_on = own.policy.is_some() || listed.is_some_and(|(list, _)| list.log_policy.is_some());
    let member = own.registry.member_by_did(issuer.as_str()).filter(|_| relied_on)?;
    let found = async {
        let Some(known) = own.store.by_claimed_id(&member.institution.slug, id).await? else {
            return Ok(None);
        };
        let Some(record) = own.store.credential(known).await? else { return Ok(None) };
        if record.digest != sha256(&jcs::canonicalize_without(map, &[])) {
            return Ok(None);
        }
        let Some(proof) = proof::of_credential(own.store, &record).await? else { return Ok(None) };
        let logs = own.store.logs().await?;
        let origin = &proof.checkpoint.claimed().origin;
        let mut keys = logs.iter().rev().filter_map(|log| log.key.parse::<VerifierKey>().ok());
        let key = keys.find(|key| key.name().as_str() == origin);
        let policy = own.policy.zip(key).map(|(policy, key)| policy.with_log(key));
        Ok::<_, LogError>(Some(OwnProof { proof, policy }))
    };
    found.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "our own log proof cannot be had");
        None
    })
}

/// Answers an entry in one of our own lists from memory; says whether it was one.
async fn own_status(
    sources: &Sources<'_>,
    part: &Map<String, Value>,
    entry: &Entry,
    evidence: &mut Evidence,
) -> bool {
    let Some(Own { registry, store, .. }) = sources.own else { return false };
    let Some(bit) = u32::try_from(entry.index).ok().and_then(|index| registry.own_bit(&entry.list, index))
    else {
        return false;
    };
    // A list speaks for its own institution alone; anybody else's entry is judged like that of any other list.
    let owner = registry.member(&bit.key.institution);
    if owner.is_none_or(|owner| View::of(part).issuer_id() != Some(owner.institution.did.as_str())) {
        return false;
    }
    let mut event = None;
    if let (true, Some(id)) = (bit.set, part.get("id").and_then(Value::as_str))
        && let Ok(Some(id)) = store.by_claimed_id(&bit.key.institution, id).await
    {
        let events = store.status_events(id).await.unwrap_or_default();
        event = events.into_iter().rev().find(|event| event.purpose == bit.key.purpose);
    }
    evidence.own_status.insert((entry.list.clone(), entry.index), OwnStatus { set: bit.set, event });
    true
}

/// The DIDs whose keys the proofs name.
fn controllers(map: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    each(map.get("proof"), "", |_, proof| {
        let method = proof.get("verificationMethod").and_then(Value::as_str);
        if let Some(url) = method.and_then(|method| DidUrl::parse(method).ok()) {
            found.push(url.did_str().to_owned());
        }
    });
    found
}

/// Calls with each member of a list, or with the one value that stands for a list of one.
pub fn each<'a>(value: Option<&'a Value>, pointer: &str, mut act: impl FnMut(String, &'a Value)) {
    match value {
        Some(Value::Array(many)) => {
            many.iter().enumerate().for_each(|(at, one)| act(format!("{pointer}/{at}"), one));
        }
        Some(one) => act(pointer.to_owned(), one),
        None => {}
    }
}
