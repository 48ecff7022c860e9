//! Who keeps the register of a closed issuer, and where its status lists are served now.

use url::Url;

use super::issuer::{KeyUse, TrustedKey, key};
use super::read::Reader;
use super::{TrustList, TrustListError};
use crate::credential::validity::Day;
use crate::did::Did;

/// Most mirrors of a successor: a prefix with each key it has had.
const MAX_MIRRORS: usize = 64;

/// Who has taken over the register of a closed issuer.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// Its DID.
    pub did: Did,
    /// From when.
    pub since: Day,
    /// Where it serves the closed issuer's status lists, and with which keys it signs them.
    mirrors: Vec<StatusMirror>,
}

/// Where status lists below one address are served now.
#[derive(Debug, Clone, PartialEq)]
struct StatusMirror {
    /// What the addresses of the lists began with; ends in a slash.
    prefix: String,
    /// What they begin with now; ends in a slash.
    mirror: String,
    /// A key that signs them there, one of the successor's.
    key: TrustedKey,
}

/// One status list as the successor serves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mirrored {
    /// Where, which is the list's `id` as well.
    pub url: Url,
    /// Who signs it.
    pub keeper: Did,
    /// With one of these keys.
    pub keys: Vec<TrustedKey>,
}

impl Successor {
    pub(super) fn read(reader: Reader<'_>) -> Result<Self, TrustListError> {
        let (did, since) = (reader.did("id")?, reader.day("since")?);
        let mirrors = reader.each("statusMirror", MAX_MIRRORS, |one| {
            let key =
                one.maybe("trustedKey", key)?.ok_or_else(|| one.wrong("trustedKey", "it is missing"))?;
            if key.key_use != KeyUse::Status {
                return Err(one.wrong("trustedKey", "a mirror is signed with a key whose use is status"));
            }
            if key.id.split_once('#').map(|(did, _)| did) != Some(did.as_str()) {
                return Err(one.wrong("trustedKey", "it is to be a key of the successor"));
            }
            Ok(StatusMirror { prefix: folder(&one, "prefix")?, mirror: folder(&one, "mirror")?, key })
        })?;
        let two_places = |one: &StatusMirror| {
            mirrors.iter().any(|other| other.prefix == one.prefix && other.mirror != one.mirror)
        };
        // Of two answers a reader could be shown the convenient one.
        if mirrors.iter().any(two_places) {
            return Err(reader.wrong("statusMirror", "a prefix is mirrored in one place"));
        }
        Ok(Self { did, since, mirrors })
    }

    /// Whether it has taken over, as far as this list says: by the list's own date, so that a take-over that is only
    /// announced begins with the first list issued on that day or later.
    pub fn has_begun(&self, list: &TrustList) -> bool {
        Day::of(list.issued_at).is_some_and(|day| self.since <= day)
    }

    /// Where the closed issuer's status list at `list` is served now; `None` when no mirror covers the address.
    pub fn mirror_of(&self, list: &Url) -> Option<Mirrored> {
        let covers = |one: &&StatusMirror| list.as_str().starts_with(&one.prefix);
        let longest = self.mirrors.iter().filter(covers).max_by_key(|one| one.prefix.len())?;
        let rest = &list.as_str()[longest.prefix.len()..];
        let plain = |part: &str| {
            !part.is_empty()
                && !part.bytes().all(|byte| byte == b'.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        // Nothing that could lead out of the folder or ask it for something else.
        if !rest.split('/').all(plain) {
            return None;
        }
        let same = self.mirrors.iter().filter(|one| one.prefix == longest.prefix);
        Some(Mirrored {
            url: Url::parse(&format!("{}{rest}", longest.mirror)).ok()?,
            keeper: self.did.clone(),
            keys: same.map(|one| one.key.clone()).collect(),
        })
    }
}

/// An address under which others lie.
fn folder(reader: &Reader<'_>, name: &str) -> Result<String, TrustListError> {
    let url = reader.url(name)?;
    let bare = url.query().is_none() && url.fragment().is_none() && url.path().ends_with('/');
    if bare {
        Ok(url.into())
    } else {
        Err(reader.wrong(name, "it is to end in a slash, without query or fragment"))
    }
}
