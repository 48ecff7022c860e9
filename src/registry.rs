//! What this service knows of itself, in memory: its institutions, tokens, status bits and agreements.
//!
//! Filled once from the store and changed only by [`crate::app::App::commit`], after the facts are durable.

pub mod agreements;
mod keepers;
mod lists;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_trait::async_trait;
use url::Url;

use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::did::{self, Did, DidDocument};
use crate::institution::{Institution, Slug};
use crate::resolve::{FetchedList, Own, ResolveError, Resolved, Source};
use crate::store::{Change, ListKey, ListState, Store, StoreError, TrustKind, TrustVersion};
use crate::trust::{Own as OwnTrust, Pinned, Trust, with_own};
use crate::urls::Urls;
use agreements::Agreements;
use lists::ListInMemory;
pub use lists::{LIST_ENTRIES, OwnBit};

/// The service's own institutions, tokens, status bits and agreements.
pub struct Registry {
    urls: Urls,
    issuers: Vec<Did>,
    pinned: RwLock<Vec<Arc<Pinned>>>,
    people: RwLock<Arc<Directory>>,
    /// One change of `people` at a time: each begins with what the one before made.
    changing: Mutex<()>,
    lists: Mutex<HashMap<ListKey, ListInMemory>>,
    agreements: RwLock<Arc<Agreements>>,
}

/// Institutions and tokens as of one moment; replaced whole when one changes.
#[derive(Default, Clone)]
struct Directory {
    institutions: BTreeMap<Slug, Arc<Member>>,
    by_did: HashMap<String, Slug>,
    tokens: HashMap<String, Arc<TokenRecord>>,
    authorities: BTreeMap<Slug, OwnTrust>,
    trust: Arc<Trust>,
}

/// An institution with its DID document, ready to serve and to verify with.
pub struct Member {
    /// The record.
    pub institution: Institution,
    /// Its DID document as served at its DID.
    pub resolved: Arc<Resolved>,
}

impl Registry {
    /// Reads everything the registry holds from the store; `issuers` are those the settings vouch for.
    pub async fn load(store: &dyn Store, urls: Urls, issuers: &[Did]) -> Result<Self, StoreError> {
        let mut directory = Directory::default();
        let mut lists = HashMap::new();
        for token in store.tokens().await? {
            directory.tokens.insert(token.hash.clone(), Arc::new(token));
        }
        for institution in store.institutions().await? {
            let statuses = store.statuses(&institution.slug).await?;
            for (key, state) in &statuses {
                let mut list = ListInMemory::empty();
                // A list gives out indices until there is a newer one: of the others nobody asks what is taken.
                let newer =
                    |(other, _): &(ListKey, ListState)| other.purpose == key.purpose && other.list > key.list;
                if !key.mirror && !statuses.iter().any(newer) {
                    for index in store.list(key).await?.taken {
                        list.allocator.mark(index);
                    }
                }
                for &index in &state.set {
                    list.bits.set(index.into(), true);
                }
                list.latest = state.latest.clone().map(Arc::new);
                // A crash may lie between a status and its publication: sign anew at the first chance.
                list.dirty = true;
                lists.insert(key.clone(), list);
            }
            for kind in [TrustKind::Root, TrustKind::List] {
                if let Some(version) = store.trust_version(&institution.slug, kind, None).await? {
                    directory.publish(&version)?;
                }
            }
            keepers::begin(&mut lists, &institution);
            directory.put(institution)?;
        }
        directory.vouch(issuers, Vec::new());
        let institutions = directory.institutions.values().map(|member| &member.institution);
        let agreements = RwLock::new(Arc::new(Agreements::load(store, institutions).await?));
        let people = RwLock::new(Arc::new(directory));
        let pinned = RwLock::default();
        let (changing, lists) = (Mutex::default(), Mutex::new(lists));
        Ok(Self { urls, issuers: issuers.to_vec(), pinned, people, changing, lists, agreements })
    }

    /// Whether [`Registry::apply`] has to be told of the fact: nothing is kept here of credentials and their status
    /// but the bits, and those the verbs set.
    pub fn follows(change: &Change) -> bool {
        match change {
            Change::InstitutionFounded(_)
            | Change::InstitutionClosed { .. }
            | Change::KeyAdded { .. }
            | Change::KeyChanged { .. }
            | Change::TokenAdded(_)
            | Change::TokenRevoked { .. }
            | Change::ListPublished(_)
            | Change::TrustPublished(_) => true,
            Change::Founded(_)
            | Change::Issued(_)
            | Change::StatusSet { .. }
            | Change::Erased(_)
            | Change::LogGrew(_)
            | Change::LogWitnessed { .. }
            | Change::WitnessSaw { .. }
            | Change::Delivered(_)
            | Change::LogSeen { .. }
            | Change::CohortAnnounced(_) => false,
            Change::Filed(_) | Change::FilingErased(_) => Self::is_of_agreements(change),
        }
    }

    /// Takes over facts that are durable now.
    pub fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.agree(changes)?;
        let mut directory = Directory::clone(&self.directory());
        let mut moved = false;
        for change in changes {
            match change {
                Change::InstitutionFounded(institution) => {
                    directory.put(institution.clone())?;
                    moved = true;
                }
                Change::InstitutionClosed { institution, closing } => {
                    directory.alter(institution, |record| record.closed = Some(Box::new(closing.clone())))?;
                    let mut lists = self.lists();
                    if let Some(member) = directory.institutions.get(institution) {
                        keepers::begin(&mut lists, &member.institution);
                    }
                    // The registers it kept itself go on with it, to be signed by another now.
                    lists.iter_mut().filter(|(key, _)| key.mirror).for_each(|(_, list)| list.dirty = true);
                    moved = true;
                }
                Change::KeyAdded { institution, key } => {
                    directory.alter(institution, |record| record.keys.push(key.clone()))?;
                    moved = true;
                }
                Change::KeyChanged { institution, key } => {
                    directory.alter(institution, |record| {
                        record
                            .keys
                            .iter_mut()
                            .filter(|known| known.key == key.key)
                            .for_each(|known| *known = key.clone());
                    })?;
                    moved = true;
                }
                Change::TokenAdded(token) => {
                    directory.tokens.insert(token.hash.clone(), Arc::new(token.clone()));
                    moved = true;
                }
                Change::TokenRevoked { hash, at } => {
                    if let Some(token) = directory.tokens.get_mut(hash) {
                        Arc::make_mut(token).revoked = Some(*at);
                    }
                    moved = true;
                }
                Change::ListPublished(version) => {
                    let mut lists = self.lists();
                    let list = lists.entry(version.key.clone()).or_insert_with(ListInMemory::empty);
                    list.latest = Some(Arc::new(version.clone()));
                }
                Change::TrustPublished(version) => {
                    directory.publish(version)?;
                    moved = true;
                }
                Change::Founded(_)
                | Change::Issued(_)
                | Change::StatusSet { .. }
                | Change::Erased(_)
                | Change::LogGrew(_)
                | Change::LogWitnessed { .. }
                | Change::WitnessSaw { .. }
                | Change::Delivered(_)
                | Change::LogSeen { .. }
                | Change::CohortAnnounced(_)
                | Change::Filed(_)
                | Change::FilingErased(_) => {}
            }
        }
        if moved {
            directory.vouch(&self.issuers, self.pinned());
            *self.people.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
        }
        Ok(())
    }

    /// Every institution, by slug.
    pub fn members(&self) -> Vec<Arc<Member>> {
        self.directory().institutions.values().cloned().collect()
    }

    /// The institution of a slug.
    pub fn member(&self, slug: &Slug) -> Option<Arc<Member>> {
        self.directory().institutions.get(slug).cloned()
    }

    /// The institution of a DID.
    pub fn member_by_did(&self, did: &str) -> Option<Arc<Member>> {
        let directory = self.directory();
        directory.by_did.get(did).and_then(|slug| directory.institutions.get(slug)).cloned()
    }

    /// Our id of one of our own credential URLs.
    pub fn credential_at(&self, url: &str) -> Option<CredentialId> {
        self.urls.credential_of(url)
    }

    /// The authority of a territory.
    pub fn authority(&self, territory: &str) -> Option<Arc<Member>> {
        let is = |member: &&Arc<Member>| member.institution.territory() == Some(territory);
        self.directory().institutions.values().find(is).cloned()
    }

    /// The territory of the one authority here; `None` where there is none, or more than one.
    pub fn only_territory(&self) -> Option<String> {
        let directory = self.directory();
        let mut all = directory.institutions.values().filter_map(|member| member.institution.territory());
        let only = all.next()?;
        all.next().is_none().then(|| only.to_owned())
    }

    /// What an authority of this service has published: its newest root and list; `None` before its first root.
    pub fn own_trust(&self, authority: &Slug) -> Option<Arc<Pinned>> {
        self.directory().authorities.get(authority).and_then(OwnTrust::as_pinned)
    }

    /// The token with this SHA-256 (hex), revoked ones included.
    pub fn token(&self, hash: &str) -> Option<Arc<TokenRecord>> {
        self.directory().tokens.get(hash).cloned()
    }

    /// Who is vouched for now: these institutions and the issuers of the settings.
    pub fn trust(&self) -> Arc<Trust> {
        self.directory().trust.clone()
    }

    /// The trust lists to go by from now on.
    pub fn pin(&self, pinned: Vec<Arc<Pinned>>) {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.pinned.write().unwrap_or_else(PoisonError::into_inner).clone_from(&pinned);
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        let mut directory = Directory::clone(&people);
        directory.vouch(&self.issuers, pinned);
        *people = Arc::new(directory);
    }

    /// The trust lists gone by.
    pub fn pinned(&self) -> Vec<Arc<Pinned>> {
        self.pinned.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn directory(&self) -> Arc<Directory> {
        self.people.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<ListKey, ListInMemory>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Own for Registry {
    async fn document(&self, did: &Did) -> Result<Option<Arc<Resolved>>, ResolveError> {
        if let Some(member) = self.member_by_did(did.as_str()) {
            return Ok(Some(member.resolved.clone()));
        }
        if self.urls.is_own_did(did) {
            return Err(ResolveError::NotFound { what: did.to_string() });
        }
        Ok(None)
    }

    async fn list(&self, url: &Url) -> Result<Option<Arc<FetchedList>>, ResolveError> {
        let Some(key) = self.list_at(url.as_str()) else { return Ok(None) };
        let not_found = || ResolveError::NotFound { what: url.to_string() };
        let latest = self.latest(&key).ok_or_else(not_found)?;
        let list = FetchedList::new(latest.body.clone().into(), latest.at).map_err(|_| not_found())?;
        Ok(Some(Arc::new(list)))
    }
}

impl Directory {
    fn put(&mut self, institution: Institution) -> Result<(), StoreError> {
        let document = Arc::new(document_of(&institution)?);
        let resolved = Arc::new(Resolved { document, fetched: institution.created, from: Source::Own });
        self.by_did.insert(institution.did.to_string(), institution.slug.clone());
        self.institutions.insert(institution.slug.clone(), Arc::new(Member { institution, resolved }));
        Ok(())
    }

    fn publish(&mut self, version: &TrustVersion) -> Result<(), StoreError> {
        let own = self.authorities.entry(version.institution.clone()).or_default();
        own.publish(version.kind == TrustKind::Root, &version.body, version.at).map_err(|error| {
            let key = format!("trust/{}/{}", version.institution, version.number);
            StoreError::Damaged { key, because: error.to_string() }
        })
    }

    fn vouch(&mut self, issuers: &[Did], pinned: Vec<Arc<Pinned>>) {
        let institutions = self.institutions.values().map(|member| &member.institution);
        let own: Vec<_> = self.authorities.values().filter_map(OwnTrust::as_pinned).collect();
        self.trust = Arc::new(Trust::new(institutions, issuers, with_own(pinned, own)));
    }

    fn alter(&mut self, slug: &Slug, change: impl FnOnce(&mut Institution)) -> Result<(), StoreError> {
        let Some(member) = self.institutions.get(slug) else { return Ok(()) };
        let mut institution = member.institution.clone();
        change(&mut institution);
        self.put(institution)
    }
}

/// The DID document of one of our institutions: computed for a did:key, written from its keys for a did:web.
fn document_of(institution: &Institution) -> Result<DidDocument, StoreError> {
    let damaged =
        |because: String| StoreError::Damaged { key: format!("institution {}", institution.slug), because };
    if institution.did.method() == "key" {
        return did::key::document(&institution.did).map_err(|error| damaged(error.to_string()));
    }
    let keys: Vec<_> = institution
        .keys
        .iter()
        .map(|key| did::PublishedKey {
            multikey: &key.key,
            retired: key.retired,
            compromised: key.compromised,
        })
        .collect();
    DidDocument::parse(&did::build(&institution.did, &keys)).map_err(|error| damaged(error.to_string()))
}
