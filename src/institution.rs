//! An institution of this service: its slug, its names, its keys and their lives.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::did::Did;
use crate::text::LocalizedText;

/// The short name of an institution in URLs and folder names: 1 to 63 of `a`–`z`, `0`–`9` and inner `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// What is wrong with a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a slug is 1 to 63 lower-case letters a–z, digits and inner hyphens, not {0:?}")]
pub struct SlugError(String);

impl Slug {
    /// Parses a slug.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if inner && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError(text.chars().take(80).collect()))
        }
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;
    fn try_from(text: String) -> Result<Self, SlugError> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

/// What an institution is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It issues awards.
    #[default]
    College,
    /// It accredits those who do, and publishes the trust list of its territory.
    Authority {
        /// ISO 3166-1 alpha-2.
        territory: String,
    },
}

impl Kind {
    /// Records made before there were kinds are of colleges.
    fn is_college(&self) -> bool {
        *self == Self::College
    }
}

/// An institution that issues from this service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Institution {
    /// Its place in URLs.
    pub slug: Slug,
    /// What it is.
    #[serde(default, skip_serializing_if = "Kind::is_college")]
    pub kind: Kind,
    /// Its decentralized identifier: did:web on this service's public URL, or did:key.
    pub did: Did,
    /// Its name in each language it uses.
    pub name: LocalizedText,
    /// ISO 3166-1 alpha-2 code of its country, where known.
    pub country: Option<String>,
    /// Where a reader may ask: a mail address, a telephone number or a URL.
    pub contact: Option<String>,
    /// When it was founded in this service.
    pub created: Timestamp,
    /// Its keys, oldest first. The last active one signs.
    pub keys: Vec<KeyRecord>,
    /// When it closed, and who keeps its register since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Box<Closing>>,
}

/// That an institution has closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Which institution keeps its register.
    pub successor: Slug,
    /// From when.
    pub at: Timestamp,
    /// Who had it closed: the label of the token.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
}

impl Institution {
    /// The key that signs today: the newest one neither retired nor compromised.
    pub fn signing_key(&self) -> Option<&KeyRecord> {
        self.active_keys().next()
    }

    /// The keys neither retired nor compromised, newest first.
    pub fn active_keys(&self) -> impl Iterator<Item = &KeyRecord> {
        self.keys.iter().rev().filter(|key| key.retired.is_none() && key.compromised.is_none())
    }

    /// The territory it is the authority of, if it is one.
    pub fn territory(&self) -> Option<&str> {
        match &self.kind {
            Kind::College => None,
            Kind::Authority { territory } => Some(territory),
        }
    }

    /// What stands as the issuer of what it signs as an authority.
    pub fn profile(&self) -> Value {
        profile(&self.did, &self.name, self.territory())
    }

    /// The URL of the verification method of a key: for did:web the DID and the key, for did:key the key twice.
    pub fn method_of(&self, key: &str) -> String {
        self.did.with_fragment(key)
    }
}

/// An authority as an issuer: an Open Badges `Profile` with its names, the first of them as `name`, and the country it
/// speaks for.
pub fn profile(did: &Did, names: &LocalizedText, territory: Option<&str>) -> Value {
    json!({
        "id": did, "type": ["Profile"], "name": names.iter().next().map(|(_, name)| name),
        "address": {"type": ["Address"], "addressCountryCode": territory},
        "nameI18n": names,
    })
}

/// A public key of an institution and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The key as `publicKeyMultibase` (Multikey): also the fragment of its verification method.
    pub key: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it stopped signing; what it signed before stays good.
    pub retired: Option<Timestamp>,
    /// Since when somebody else may have used it; it leaves `assertionMethod`.
    pub compromised: Option<Timestamp>,
}
