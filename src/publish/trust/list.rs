//! The trust list of an authority: the next one made, read back by our own verifier, recorded, and renewed in time.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::version;
use crate::agree;
use crate::app::App;
use crate::codec::datetime::to_seconds;
use crate::crypto::Signer;
use crate::crypto::proof::{ProofError, ProofOptions, attach, sign};
use crate::institution::{Institution, KeyRecord, Slug};
use crate::keyring::KeyringError;
use crate::registry::Member;
use crate::registry::agreements::Agreements;
use crate::status::list::LEEWAY;
use crate::store::{Change, Conflict, StoreError, TrustKind, TrustVersion};
use crate::trust::Pinned;
use crate::trustlist::edit::{self, Edit, EditError, Frame};
use crate::trustlist::{TrustList, TrustListError};

/// Why there is no new list; the old one stands.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The authority has published no root.
    #[error("{0} has no root yet: testamur trust root new")]
    NoRoot(Slug),
    /// No key of the authority may sign lists now.
    #[error("no key of {0} may sign its trust list now: testamur trust root delegate")]
    NoKey(Slug),
    /// The change does not go.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Those who pin the authority would refuse it.
    #[error("those who pin this authority would refuse the list: {0}")]
    Refused(#[from] TrustListError),
    /// Somebody else published one meanwhile.
    #[error("another list was published meanwhile; look again")]
    Moved,
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The signature.
    #[error("the list cannot be signed: {0}")]
    Proof(#[from] ProofError),
    /// A task was cancelled or panicked.
    #[error("interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The next list of an authority, ready to be recorded: `edits` made in the one on record, signed, and admitted against
/// it by the reader of those who pin it. The caller holds `app.accrediting`.
///
/// # Errors
/// [`ListError`]; nothing is recorded here.
pub async fn next(app: &App, authority: &Arc<Member>, edits: Vec<Edit>) -> Result<TrustVersion, ListError> {
    let institution = &authority.institution;
    let slug = &institution.slug;
    let own = app.registry.own_trust(slug).ok_or_else(|| ListError::NoRoot(slug.clone()))?;
    let signer = app.list_signer(institution)?.ok_or_else(|| ListError::NoKey(slug.clone()))?;
    let before = app.store.trust_version(slug, TrustKind::List, None).await?;
    let number = before.as_ref().map_or(0, |before| before.number) + 1;
    let mut frame = frame(app, institution, &own, number);
    let (agreements, urls, kept) = (app.registry.agreements(), app.urls.clone(), authority.clone());
    // A large list is written, signed and proved off the threads that answer everybody.
    let work = move || {
        frame.agreements = agree::listed(&agreements, &kept.institution, &urls);
        made(before.map(|before| before.body).as_deref(), frame, &edits, &own, signer.as_ref())
    };
    let body = tokio::task::spawn_blocking(work).await??;
    Ok(version(app, authority, TrustKind::List, number, &body))
}

/// The next list, signed and admitted: with the agreements of the register, or, where that list would be refused, with those
/// of the list before.
fn made(
    before: Option<&[u8]>,
    frame: Frame,
    edits: &[Edit],
    own: &Pinned,
    signer: &dyn Signer,
) -> Result<Vec<u8>, ListError> {
    let list = match signed(before, &frame, edits, own, signer) {
        Err(ListError::Refused(error)) if !frame.agreements.is_empty() => {
            let as_before = Frame { agreements: Vec::new(), ..frame.clone() };
            let list = signed(before, &as_before, edits, own, signer)?;
            tracing::error!(
                authority = %frame.issuer, %error,
                "the trust list tells of agreements as the one before: with those of the register it would be refused"
            );
            list
        }
        made => made?,
    };
    let untold = list.untold(&frame.agreements);
    if let Some(first) = untold.first() {
        tracing::error!(
            authority = %frame.issuer, count = untold.len(), first,
            "the trust list does not tell agreements as the register has them: it would unsay what it said, or has no room"
        );
    }
    Ok(list.bytes)
}

fn signed(
    before: Option<&[u8]>,
    frame: &Frame,
    edits: &[Edit],
    own: &Pinned,
    signer: &dyn Signer,
) -> Result<TrustList, ListError> {
    let mut document = edit::next(before, frame, edits)?;
    let proof = sign(&document, &ProofOptions::new(edit::SUITE, frame.now)?, signer)?;
    attach(&mut document, proof);
    let list = TrustList::parse(Value::Object(document).to_string().as_bytes(), &own.root)?;
    list.admit(&own.root, own.list.as_ref(), frame.now)?;
    Ok(list)
}

fn frame(app: &App, institution: &Institution, own: &Pinned, sequence: u64) -> Frame {
    let (now, valid_for) = (app.now(), app.config.authority.list_valid_for);
    let territory = own.root.territory.clone();
    Frame {
        url: app.urls.trust_list(&territory),
        contexts: app.urls.authority_contexts(),
        issuer: institution.did.clone(),
        names: institution.name.clone(),
        root_url: app.urls.trust_root(&territory, own.root.version),
        root_version: own.root.version,
        keys: own_keys(institution, own),
        agreements: Vec::new(),
        sequence,
        now,
        next_update: now + valid_for / 2,
        valid_until: now + valid_for,
        territory,
    }
}

fn own_keys(institution: &Institution, own: &Pinned) -> Vec<Value> {
    institution.keys.iter().flat_map(|key| own_key(institution, own, key)).collect()
}

/// A key of the authority as its list tells it: it signs what the authority decides, or, while the root lets it, lists.
fn own_key(institution: &Institution, own: &Pinned, key: &KeyRecord) -> Vec<Value> {
    let id = institution.method_of(&key.key);
    let told = |key_use: &str, from: Timestamp, until: Option<Timestamp>| {
        let mut told = json!({"id": id, "keyUse": key_use, "notBefore": to_seconds(from)});
        let ends =
            [("notAfter", key.retired.into_iter().chain(until).min()), ("compromisedSince", key.compromised)];
        for (name, at) in ends {
            if let (Some(at), Some(told)) = (at, told.as_object_mut()) {
                told.insert(name.to_owned(), to_seconds(at).into());
            }
        }
        told
    };
    let delegation = own.root.delegations.iter().find(|one| one.id == id);
    match delegation {
        None => vec![told("accreditation", key.created, None)],
        Some(one) => {
            let lists = told("trust-list", one.not_before, Some(one.not_after));
            // Where there is no other, the list key signs the rest as well, for as long as the root lets it.
            let alone = !institution.active_keys().any(|other| !own.root.delegates(&other.key));
            let decides = alone.then(|| told("accreditation", one.not_before, Some(one.not_after)));
            decides.into_iter().chain([lists]).collect()
        }
    }
}

/// Records a new list with what belongs to it, and writes it into the public folder.
///
/// # Errors
/// Nothing is recorded then. A public folder that cannot be written is only told to the log: it is written again with
/// the next list, and at the next start.
pub async fn record(app: &App, authority: &Slug, changes: Vec<Change>) -> Result<(), ListError> {
    app.commit(changes).await.map_err(|error| match error {
        StoreError::Conflict(Conflict::TrustMoved | Conflict::StatusMoved) => ListError::Moved,
        other => other.into(),
    })?;
    super::mirror(app, authority).await;
    Ok(())
}

/// Signs the list anew when it is due: there is none yet, half of the time to the next update is over, it rests on an
/// older root, it tells of other keys of the authority than there are or of agreements otherwise than its register, or a clock that was wrong has dated it in the future, where nobody takes it. Tells whether it was.
///
/// # Errors
/// Why not; the one on record stands.
pub async fn renew(app: &App, authority: &Slug) -> Result<bool, ListError> {
    let _one_at_a_time = app.accrediting.lock().await;
    let (Some(member), Some(own)) = (app.registry.member(authority), app.registry.own_trust(authority))
    else {
        return Ok(false);
    };
    let agreements = app.registry.agreements();
    let due = own.list.as_ref().is_none_or(|list| {
        let half = list.next_update.duration_since(list.issued_at) / 2;
        let now = app.now();
        list.root_version != own.root.version
            || !list.tells_keys(&own_keys(&member.institution, &own))
            || list.issued_at.duration_since(now) > LEEWAY
            || now.duration_until(list.next_update) <= half
    });
    if !due && tells(app, &member, &own, &agreements).await? {
        return Ok(false);
    }
    let change = Change::TrustPublished(next(app, &member, Vec::new()).await?);
    record(app, authority, vec![change]).await?;
    // What this list could not tell, the next one cannot either, until the register has changed or there is another list.
    let after = app.registry.own_trust(authority);
    let list = after.as_ref().and_then(|after| after.list.as_ref());
    if let (Some(list), Some(before)) = (list, &own.list)
        && list.has_agreements_of(before)
    {
        app.told.remember(authority, &agreements, list.sequence);
    }
    Ok(true)
}

/// Whether the list in force tells of agreements all that it can of what the register has.
async fn tells(
    app: &App,
    authority: &Arc<Member>,
    own: &Arc<Pinned>,
    agreements: &Arc<Agreements>,
) -> Result<bool, ListError> {
    let slug = &authority.institution.slug;
    let Some(number) = own.list.as_ref().map(|list| list.sequence) else { return Ok(false) };
    if app.told.remembers(slug, agreements, number) {
        return Ok(true);
    }
    let (kept, pinned, all, urls) = (authority.clone(), own.clone(), agreements.clone(), app.urls.clone());
    let work = move || {
        let register = agree::listed(&all, &kept.institution, &urls);
        pinned.list.as_ref().is_some_and(|list| list.tells_agreements(&register))
    };
    let tells = tokio::task::spawn_blocking(work).await?;
    if tells {
        app.told.remember(slug, agreements, number);
    }
    Ok(tells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::kinds::authority_contexts;
    use crate::crypto::Ed25519Signer;
    use crate::did::Did;
    use crate::text::{LangTag, LocalizedText};
    use crate::trust::Pin;
    use crate::trustlist::Root;
    use crate::trustlist::edit::root::{self, ListKey, NewRoot};

    const NOW: &str = "2026-11-10T00:00:00Z";

    fn signer(n: u8, did: &str) -> Ed25519Signer {
        let bare = Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey();
        Ed25519Signer::from_seed(format!("{did}#{bare}"), &[n; 32])
    }

    #[test]
    fn where_the_register_would_have_the_list_refused_it_tells_of_agreements_as_the_one_before() {
        let (now, authority) = (NOW.parse::<Timestamp>().unwrap(), "did:web:vn.example:institutions:moet");
        let until = now + jiff::SignedDuration::from_hours(24);
        let (key, root_key) = (signer(11, authority), signer(1, "did:web:vn.example:root"));
        let mut document = root::first(&NewRoot {
            territory: "VN",
            did: &Did::parse("did:web:vn.example:root").unwrap(),
            list_url: &"https://vn.example/trust/VN/list".parse().unwrap(),
            keys: &[root_key.public_key().to_multikey()],
            threshold: 1,
            delegations: &[ListKey { id: key.key_id().to_owned(), until }],
            now,
        })
        .unwrap();
        root::add_signature(&mut document, &root_key, now).unwrap();
        let root = Root::parse(Value::Object(document).to_string().as_bytes()).unwrap();
        let pin = Pin {
            territory: root.territory.clone(),
            fingerprint: root.fingerprint.clone(),
            root_fingerprint: root.fingerprint.clone(),
            root_url: None,
            pinned: now,
            refreshed: now,
        };
        let own = Pinned { pin, root, list: None };
        let told: Value =
            serde_json::from_str(include_str!("../../../fixtures/agreements/on-a-list.json")).unwrap();
        let entry = |id: &str| {
            let mut told = told.clone();
            told["agreementId"] = json!(id);
            told
        };
        let mut names = LocalizedText::default();
        names.set(LangTag::parse("en").unwrap(), "Ministry (sample)");
        let frame = |sequence, agreements| Frame {
            territory: "VN".to_owned(),
            url: "https://vn.example/trust/VN/list".to_owned(),
            contexts: authority_contexts("https://vn.example"),
            issuer: Did::parse(authority).unwrap(),
            names: names.clone(),
            root_url: "https://vn.example/trust/VN/root/1".to_owned(),
            root_version: 1,
            keys: Vec::new(),
            agreements,
            sequence,
            now,
            next_update: until,
            valid_until: until,
        };
        let first = made(None, frame(1, vec![entry("A")]), &[], &own, &key).unwrap();
        // Each of them is an agreement, and both are served in one place: no reader takes such a list.
        let next = made(Some(&first), frame(2, vec![entry("A"), entry("B")]), &[], &own, &key).unwrap();
        let list = TrustList::parse(&next, &own.root).unwrap();
        assert_eq!((list.sequence, list.agreements().len(), list.agreements()[0].id()), (2, 1, "A"));
    }
}
