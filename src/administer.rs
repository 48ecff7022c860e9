//! Founds institutions, makes and retires keys, hands out and withdraws tokens.

mod close;

use jiff::Timestamp;

use crate::access::{Act, Reach, Role, TokenRecord, token_hash};
use crate::accredit;
use crate::app::App;
use crate::codec::multibase;
use crate::did::{Did, DidError};
use crate::institution::{Institution, KeyRecord, Kind, Slug};
use crate::keyring::KeyringError;
use crate::publish::{self, PublishError};
use crate::revoke::MAX_REASON;
use crate::store::{Change, Conflict, StoreError};
use crate::text::LocalizedText;
pub use close::close;

/// How an institution is named in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Naming {
    /// `did:web:HOST:institutions:SLUG`.
    #[default]
    Web,
    /// `did:web:HOST`, for a host with a single institution.
    WebRoot,
    /// `did:key:…`: the key is the name; it cannot be rotated.
    Key,
}

/// A new institution.
#[derive(Debug, Clone)]
pub struct NewInstitution {
    /// Its place in URLs.
    pub slug: Slug,
    /// Its name in each of its languages.
    pub name: LocalizedText,
    /// How it is named in the world.
    pub naming: Naming,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: Option<String>,
    /// Where a reader may ask.
    pub contact: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    /// The caller may not.
    #[error("the token does not allow this: it needs the role admin")]
    NotAllowed,
    /// No such institution.
    #[error("there is no institution {0}")]
    NoInstitution(Slug),
    /// The slug or the DID is taken.
    #[error("there already is an institution {0}")]
    Taken(Slug),
    /// The country is not a code.
    #[error("a country is a code of two capital letters (ISO 3166-1), not {0:?}")]
    Country(String),
    /// A territory has one authority.
    #[error("{0} is the authority of {1} here already")]
    TerritoryTaken(Slug, String),
    /// An authority signs with more than one key.
    #[error("an authority is named by a did:web: its list is signed by another key than its accreditations")]
    AuthorityByKey,
    /// A name is needed.
    #[error("an institution needs a name in at least one language")]
    NoName,
    /// It has closed, in favour of another than the one named now.
    #[error("{slug} is closed already: its register is kept by {keeper}")]
    Closed {
        /// Which.
        slug: Slug,
        /// Who keeps its register.
        keeper: Slug,
    },
    /// The successor has closed itself.
    #[error("{0} is closed itself: name an institution that goes on")]
    SuccessorClosed(Slug),
    /// An authority does not close: pins and lists hang on it.
    #[error("{0} is an authority: its root and its list are not handed over by closing it")]
    AuthorityStays(Slug),
    /// It cannot succeed itself.
    #[error("an institution cannot be its own successor")]
    OwnSuccessor,
    /// The reason is too long.
    #[error("the reason has more than {MAX_REASON} characters")]
    ReasonTooLong,
    /// The key is not one of the institution's.
    #[error("{slug} has no key {key}")]
    NoKey {
        /// Whose.
        slug: Slug,
        /// Which.
        key: String,
    },
    /// A did:key institution is its key.
    #[error("{0} is named by its key (did:key): a new key would be a new institution")]
    KeyIsName(Slug),
    /// The last key cannot be retired without another.
    #[error("{0} would be left without a key to sign with: rotate instead")]
    LastKey(Slug),
    /// No such token.
    #[error("there is no token named {0}")]
    NoToken(String),
    /// The name of a token is taken.
    #[error("there already is a token named {0}: its name stands in the audit trail, so it must be its own")]
    TokenTaken(String),
    /// A token needs a role.
    #[error("a token needs at least one role")]
    NoRole,
    /// The DID cannot be formed.
    #[error(transparent)]
    Did(#[from] DidError),
    /// The key folder.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The public folder.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

/// Founds an institution with its first key and publishes its DID document.
pub async fn found(
    app: &App,
    caller: &TokenRecord,
    new: NewInstitution,
) -> Result<Institution, AdministerError> {
    administers(caller, &new.slug)?;
    if new.name.is_empty() {
        return Err(AdministerError::NoName);
    }
    if let Some(country) = new.country.as_deref().filter(|code| !is_country(code)) {
        return Err(AdministerError::Country(country.to_owned()));
    }
    let _one_at_a_time = app.accrediting.lock().await;
    if let Kind::Authority { territory } = &new.kind {
        if !is_country(territory) {
            return Err(AdministerError::Country(territory.clone()));
        }
        if new.naming == Naming::Key {
            return Err(AdministerError::AuthorityByKey);
        }
        if let Some(other) = app.registry.authority(territory) {
            return Err(AdministerError::TerritoryTaken(other.institution.slug.clone(), territory.clone()));
        }
    }
    if app.registry.member(&new.slug).is_some() {
        return Err(AdministerError::Taken(new.slug));
    }
    let now = app.now();
    let key = make_key(app, &new.slug, now).await?;
    let mut keys = vec![key.clone()];
    if let Kind::Authority { .. } = &new.kind {
        keys.push(make_key(app, &new.slug, now).await?); // for its root to let sign lists
    }
    let did = match new.naming {
        Naming::Web => app.urls.did_web(&new.slug)?,
        Naming::WebRoot => app.urls.did_web_root()?,
        Naming::Key => Did::parse(&format!("did:key:{}", key.key))?,
    };
    let territory = match &new.kind {
        Kind::College => None,
        Kind::Authority { territory } => Some(territory.clone()),
    };
    let country = new.country.or(territory);
    let institution = Institution {
        slug: new.slug,
        kind: new.kind,
        did,
        name: new.name,
        country,
        contact: new.contact,
        created: now,
        keys,
        closed: None,
    };
    app.commit(vec![Change::InstitutionFounded(institution.clone())]).await.map_err(|error| match error {
        StoreError::Conflict(Conflict::Institution(slug)) => AdministerError::Taken(slug),
        other => other.into(),
    })?;
    publish::institution(app, &institution.slug).await?;
    Ok(institution)
}

/// Gives an institution a new key that signs from now on. The others go on verifying; with `retire` they also
/// cease to sign (they never sign anyway: the newest does).
pub async fn new_key(
    app: &App,
    caller: &TokenRecord,
    slug: &Slug,
    retire: bool,
) -> Result<KeyRecord, AdministerError> {
    administers(caller, slug)?;
    let member = app.registry.member(slug).ok_or_else(|| AdministerError::NoInstitution(slug.clone()))?;
    if member.institution.did.method() == "key" {
        return Err(AdministerError::KeyIsName(slug.clone()));
    }
    let now = app.now();
    let key = make_key(app, slug, now).await?;
    let mut changes = vec![Change::KeyAdded { institution: slug.clone(), key: key.clone() }];
    if retire {
        let active = member.institution.keys.iter().filter(|key| key.retired.is_none());
        changes.extend(active.map(|old| Change::KeyChanged {
            institution: slug.clone(),
            key: KeyRecord { retired: Some(now), ..old.clone() },
        }));
    }
    app.commit(changes).await?;
    publish::institution(app, slug).await?;
    lists_follow(app).await;
    Ok(key)
}

/// Retires a key: what it signed before stays good, and it signs no more. With `compromised`, since when somebody
/// else may have used it, it vouches for nothing any more; that is allowed for the last key too.
pub async fn retire_key(
    app: &App,
    caller: &TokenRecord,
    slug: &Slug,
    key: &str,
    compromised: Option<Timestamp>,
) -> Result<KeyRecord, AdministerError> {
    administers(caller, slug)?;
    let member = app.registry.member(slug).ok_or_else(|| AdministerError::NoInstitution(slug.clone()))?;
    let keys = &member.institution.keys;
    let known = keys
        .iter()
        .find(|known| known.key == key)
        .ok_or_else(|| AdministerError::NoKey { slug: slug.clone(), key: key.to_owned() })?;
    let retired = KeyRecord {
        retired: known.retired.or(Some(app.now())),
        compromised: known.compromised.or(compromised),
        ..known.clone()
    };
    if retired == *known {
        return Ok(retired);
    }
    let active = |other: &KeyRecord| other.retired.is_none() && other.compromised.is_none();
    if compromised.is_none() && !keys.iter().any(|other| other.key != key && active(other)) {
        return Err(AdministerError::LastKey(slug.clone()));
    }
    app.commit(vec![Change::KeyChanged { institution: slug.clone(), key: retired.clone() }]).await?;
    if compromised.is_some() {
        // A list that such a key has signed is no list any more: each is signed anew with another.
        let kept = app.registry.kept_by(slug);
        let own = |of: &Slug| of == slug || kept.iter().any(|closed| closed.institution.slug == *of);
        let lists = app.registry.list_keys();
        lists.iter().filter(|list| own(&list.institution)).for_each(|list| app.registry.mark_dirty(list));
    }
    publish::institution(app, slug).await?;
    lists_follow(app).await;
    Ok(retired)
}

/// The trust lists of this service are told what became of the key. What fails is tried again while the service runs:
/// the key has changed all the same.
async fn lists_follow(app: &App) {
    if let Err(error) = accredit::follow(app).await {
        tracing::warn!(%error, "a trust list was not told of a key that has ended");
    }
}

/// Makes a token. The text is returned once and kept nowhere; only its SHA-256 is recorded.
pub async fn new_token(
    app: &App,
    caller: &TokenRecord,
    label: &str,
    roles: Vec<Role>,
    reach: Reach,
) -> Result<String, AdministerError> {
    let slugs = match &reach {
        Reach::All if caller.reach != Reach::All => return Err(AdministerError::NotAllowed),
        Reach::All => &[][..],
        Reach::Institutions(slugs) => slugs,
    };
    for slug in slugs {
        administers(caller, slug)?;
        if app.registry.member(slug).is_none() {
            return Err(AdministerError::NoInstitution(slug.clone()));
        }
    }
    if !caller.roles.contains(&Role::Admin) {
        return Err(AdministerError::NotAllowed);
    }
    if roles.is_empty() {
        return Err(AdministerError::NoRole);
    }
    if app.store.tokens().await?.iter().any(|token| token.label == label && token.revoked.is_none()) {
        return Err(AdministerError::TokenTaken(label.to_owned()));
    }
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    let text = format!("tst_{}", &multibase::encode_base64url(&bytes)[1..]);
    let record = TokenRecord {
        hash: token_hash(&text),
        label: label.to_owned(),
        roles,
        reach,
        created: app.now(),
        revoked: None,
    };
    app.commit(vec![Change::TokenAdded(record)]).await?;
    Ok(text)
}

/// Withdraws the token of this name.
pub async fn revoke_token(app: &App, caller: &TokenRecord, label: &str) -> Result<(), AdministerError> {
    if !caller.roles.contains(&Role::Admin) || caller.reach != Reach::All {
        return Err(AdministerError::NotAllowed);
    }
    let tokens = app.store.tokens().await?;
    let token = tokens
        .into_iter()
        .find(|token| token.label == label && token.revoked.is_none())
        .ok_or_else(|| AdministerError::NoToken(label.to_owned()))?;
    app.commit(vec![Change::TokenRevoked { hash: token.hash, at: app.now() }]).await?;
    Ok(())
}

fn administers(caller: &TokenRecord, slug: &Slug) -> Result<(), AdministerError> {
    if caller.allows(Act::Administer, slug) { Ok(()) } else { Err(AdministerError::NotAllowed) }
}

/// Makes a key off the runtime's threads: sealing it with the passphrase is slow on purpose.
async fn make_key(app: &App, slug: &Slug, now: Timestamp) -> Result<KeyRecord, AdministerError> {
    let keyring = app.keyring.clone();
    let slug = slug.clone();
    let made = tokio::task::spawn_blocking(move || keyring.create(&slug)).await;
    let key = made.map_err(|_| KeyringError::Make("the work was interrupted"))??;
    Ok(KeyRecord { key, created: now, retired: None, compromised: None })
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}
