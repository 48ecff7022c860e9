//! A national trust list: proved against its root, and believed for as long as it says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::read::Reader;
use super::root::territory;
use super::signed::{self, LEEWAY};
use super::{ListedAgreement, MAX_LIST, Root, TrustListError, TrustedIssuer, edit, history};
use crate::credential::problem::At;
use crate::did::Did;

/// Most issuers on a list.
const MAX_ISSUERS: usize = 20_000;
/// Most pointers to the lists of others.
const MAX_POINTERS: usize = 256;

/// A list whose signature holds, made by a key of its root.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustList {
    /// The territory it speaks for, ISO 3166-1 alpha-2.
    pub territory: String,
    /// Grows with every list.
    pub sequence: u64,
    /// The version of the root it rests on.
    pub root_version: u64,
    /// Who made it.
    pub issuer: Did,
    /// When.
    pub issued_at: Timestamp,
    /// When a newer one is due.
    pub next_update: Timestamp,
    /// After which it says nothing any more.
    pub valid_until: Option<Timestamp>,
    /// The roots of other territories, as this authority stores them.
    pub pointers: Vec<Pointer>,
    /// The `tlog-policy` by which logs are judged, as text.
    pub log_policy: Option<String>,
    /// Logs that take nothing more: their last size and root.
    pub closed_logs: Vec<ClosedLog>,
    /// The key that signed it, as `publicKeyMultibase`.
    pub key: String,
    /// The document as it came.
    pub bytes: Vec<u8>,
    pub(super) document: Map<String, Value>,
    issuers: BTreeMap<String, TrustedIssuer>,
    agreements: Vec<ListedAgreement>,
    /// The authority itself, with the keys it tells of.
    own: TrustedIssuer,
}

/// A log that takes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedLog {
    /// Its name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of its tree, base64.
    pub root: String,
}

/// The root of another territory, as an authority has pinned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pointer {
    /// The territory.
    pub territory: String,
    /// Where its root is served.
    pub root_url: String,
    /// The fingerprint of that root.
    pub fingerprint: String,
}

impl TrustList {
    /// Reads a list and proves it against the root: signed by a key that the root lets sign lists, for the root's own
    /// territory, no issuer twice. Says nothing about its age: [`TrustList::admit`] does.
    ///
    /// `now` is when it is looked at, `made` when its key has to have been good as well: the list's own date.
    ///
    /// # Errors
    /// The member or the signature at fault.
    pub fn parse(bytes: &[u8], root: &Root) -> Result<TrustList, TrustListError> {
        let document = signed::parse(bytes, MAX_LIST)?;
        let signatures = signed::signatures(&document)?;
        let mut list = read(document, bytes)?;
        if list.territory != root.territory {
            return Err(TrustListError::Territory { found: list.territory, wanted: root.territory.clone() });
        }
        if list.root_version > root.version {
            return Err(TrustListError::NewerRoot(list.root_version));
        }
        let own = |one: &&signed::Signature| one.did == list.issuer.as_str();
        let made = list.issued_at;
        let delegated = signatures.iter().filter(own).find(|one| {
            root.delegation(&one.key, made, made).is_some_and(|delegation| delegation.id == one.method)
        });
        let Some(delegated) = delegated else {
            let by = signatures.first().map(|one| one.method.clone()).unwrap_or_default();
            return Err(TrustListError::Undelegated(by));
        };
        list.key.clone_from(&delegated.key);
        Ok(list)
    }

    /// Whether a list that comes in now may take the place of the one known: its key may still sign, it is neither
    /// from the future nor due for replacement, newer than `known`, and unsays nothing of it.
    ///
    /// Where the root has taken away the key that signed the known list, that list binds nobody: its key may have been
    /// stolen, and the root has spoken (numbers may begin anew).
    ///
    /// # Errors
    /// Why not: the known one stays.
    pub fn admit(
        &self,
        root: &Root,
        known: Option<&TrustList>,
        now: Timestamp,
    ) -> Result<(), TrustListError> {
        if root.delegation(&self.key, self.issued_at, now).is_none() {
            return Err(TrustListError::Undelegated(self.key.clone()));
        }
        if self.issued_at.duration_since(now) > LEEWAY {
            return Err(TrustListError::Future(self.issued_at));
        }
        if self.is_stale(now) {
            return Err(TrustListError::Stale(self.next_update));
        }
        match known.filter(|known| root.delegates(&known.key)) {
            Some(known) => history::extends(self, known),
            None => Ok(()),
        }
    }

    /// Whether a newer one is due.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.next_update) > LEEWAY || self.is_over(now)
    }

    /// Whether it says nothing any more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|until| now.duration_since(until) > LEEWAY)
    }

    /// The issuer of this DID. An authority stands on its own list by the keys it tells of there: its accreditations,
    /// agreements and statements are signed with them.
    pub fn issuer(&self, did: &str) -> Option<&TrustedIssuer> {
        let own = || Some(&self.own).filter(|own| own.did.as_str() == did && !own.keys.is_empty());
        self.issuers.get(did).or_else(own)
    }

    /// Whether the authority tells of these keys of its own, `trustedKey` entries.
    pub fn tells_keys(&self, keys: &[Value]) -> bool {
        let told = self.document.get("credentialSubject").and_then(|subject| subject.get("trustedKey"));
        told.and_then(Value::as_array).is_some_and(|told| told == keys)
    }

    /// The agreements that bind the territory or give recognition in it, as the authority tells of them.
    pub fn agreements(&self) -> &[ListedAgreement] {
        &self.agreements
    }

    /// Whether it tells of agreements all that it can of these entries: the register of its authority.
    pub fn tells_agreements(&self, register: &[Value]) -> bool {
        let told = self.agreement_entries();
        edit::following(told, register, &self.around()) == told
    }

    /// The ids of those entries that it does not tell as they are, but of what was over before it was told.
    pub fn untold<'a>(&self, register: &'a [Value]) -> Vec<&'a str> {
        edit::untold(self.agreement_entries(), register, &self.around())
    }

    /// Whether it says of agreements what the other one says.
    pub fn has_agreements_of(&self, other: &TrustList) -> bool {
        self.agreement_entries() == other.agreement_entries()
    }

    fn around(&self) -> edit::Around<'_> {
        edit::Around::of(&self.document, &self.territory, Some(self.issued_at), self.issued_at)
    }

    fn agreement_entries(&self) -> &[Value] {
        let subject = self.document.get("credentialSubject").and_then(Value::as_object);
        subject.map_or(&[], edit::entries)
    }

    /// Every issuer that the authority lists, by DID.
    pub fn issuers(&self) -> impl Iterator<Item = &TrustedIssuer> {
        self.issuers.values()
    }
}

fn read(document: Map<String, Value>, bytes: &[u8]) -> Result<TrustList, TrustListError> {
    let view = crate::credential::View::of(&document);
    let whole = Reader { map: &document, at: At::ROOT };
    if !view.has_type("TrustListCredential") {
        return Err(whole.wrong("type", "it is no TrustListCredential"));
    }
    let issuer = view.issuer_id().and_then(|did| Did::parse(did).ok());
    let issuer = issuer.ok_or_else(|| whole.wrong("issuer", "it is to be a DID"))?;
    let valid_until = whole.maybe_time("validUntil")?;
    let subject_at = At::ROOT.name("credentialSubject");
    let subject = Reader::of(document.get("credentialSubject").unwrap_or(&Value::Null), subject_at)?;
    let mut issuers = BTreeMap::new();
    for one in subject.each("trustedIssuer", MAX_ISSUERS, TrustedIssuer::read)? {
        let did = one.did.to_string();
        if issuers.insert(did.clone(), one).is_some() {
            return Err(TrustListError::Twice(did));
        }
    }
    let own = TrustedIssuer::own(issuer.clone(), &document, &subject)?;
    let pointers = subject.each("pointer", MAX_POINTERS, |one| {
        Ok(Pointer {
            territory: territory(&one)?,
            root_url: one.url("rootUrl")?.to_string(),
            fingerprint: one.text("digestMultibase")?.to_owned(),
        })
    })?;
    let closed_logs = subject.each("closedLog", MAX_POINTERS, |one| {
        Ok(ClosedLog {
            origin: one.text("origin")?.to_owned(),
            size: one.number("treeSize")?,
            root: one.text("rootHash")?.to_owned(),
        })
    })?;
    let two_ends =
        |one: &ClosedLog| closed_logs.iter().any(|other| other.origin == one.origin && other != one);
    if closed_logs.iter().any(two_ends) {
        return Err(subject.wrong("closedLog", "a log is closed with one tree"));
    }
    let territory = territory(&subject)?;
    let agreements = ListedAgreement::read_all(&subject, &territory)?;
    Ok(TrustList {
        territory,
        sequence: subject.number("sequenceNumber")?,
        root_version: subject.number("rootVersion")?,
        issuer,
        issued_at: subject.time("issuedAt")?,
        next_update: subject.time("nextUpdate")?,
        valid_until,
        pointers,
        log_policy: subject.maybe_text("logPolicy")?.map(str::to_owned),
        closed_logs,
        key: String::new(),
        bytes: bytes.to_vec(),
        issuers,
        agreements,
        own,
        document,
    })
}
