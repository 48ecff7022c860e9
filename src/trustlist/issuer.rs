//! One issuer on a list: its names, its keys and when each was good, its accreditation, its place.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::TrustListError;
use super::read::Reader;
use super::signed::wrong;
use super::successor::Successor;
use crate::accreditation::Grant;
use crate::did::{Did, DidDocument};
use crate::text::LocalizedText;

/// Most keys or grants of an issuer.
const MAX_EACH: usize = 256;

/// An issuer as its authority lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedIssuer {
    /// Its DID.
    pub did: Did,
    /// Its names: what its credentials say of themselves is only a claim.
    pub names: LocalizedText,
    /// The authority's own code for it.
    pub code: Option<String>,
    /// Latitude and longitude (WGS 84), degrees; RFC 5870.
    pub location: Option<(f64, f64)>,
    /// From when on its credentials are in a log.
    pub logged_since: Option<Timestamp>,
    /// Its keys.
    pub keys: Vec<TrustedKey>,
    /// Its DID document as archived: its diplomas outlive its domain.
    pub archived: Option<DidDocument>,
    /// What it is accredited for.
    pub grants: Vec<Grant>,
    /// Who has taken over its register.
    pub successor: Option<Successor>,
}

/// A key of an issuer and when it was good.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedKey {
    /// The full URL of the key.
    pub id: String,
    /// What it is for.
    pub key_use: KeyUse,
    /// From when.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Option<Timestamp>,
    /// Since when somebody else may have it.
    pub compromised_since: Option<Timestamp>,
}

/// What a key on a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs awards.
    Award,
    /// Confirms the awards of others: an enterprise.
    Endorsement,
    /// Signs accreditations.
    Accreditation,
    /// Signs status lists.
    Status,
    /// Signs trust lists.
    TrustList,
}

impl TrustedKey {
    /// The key itself, as `publicKeyMultibase`: its name spells it out, and a list where one does not is refused.
    pub fn spelt(&self) -> &str {
        self.id.split_once('#').map_or("", |(_, key)| key)
    }
}

impl KeyUse {
    /// The use of a word in `keyUse`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "award" => Self::Award,
            "endorsement" => Self::Endorsement,
            "accreditation" => Self::Accreditation,
            "status" => Self::Status,
            "trust-list" => Self::TrustList,
            _ => return None,
        })
    }
}

impl TrustedIssuer {
    pub(super) fn read(reader: Reader<'_>) -> Result<Self, TrustListError> {
        let keys = reader.each("trustedKey", MAX_EACH, key)?;
        let grants = reader.each("grant", MAX_EACH, |grant| {
            Grant::parse(grant.map, &grant.at).map_err(|problems| {
                let first = problems.into_iter().next().map(TrustListError::Form);
                first.unwrap_or_else(|| wrong(grant.at.pointer(), "it is no grant"))
            })
        })?;
        // Of two entries of one name, one reader believes the first, and another, that nothing was unsaid, the last.
        for (member, twice) in [
            ("trustedKey", twice(keys.iter().map(|key| key.id.as_str()))),
            ("grant", twice(grants.iter().map(|grant| grant.id.as_str()))),
        ] {
            if twice {
                return Err(reader.wrong(member, "two entries have the same id"));
            }
        }
        Ok(Self {
            did: reader.did("id")?,
            names: reader.names("nameI18n")?,
            code: reader.maybe_text("institutionCode")?.map(str::to_owned),
            location: location(&reader)?,
            logged_since: reader.maybe_time("loggedSince")?,
            keys,
            archived: archived(&reader)?,
            grants,
            successor: reader.maybe("successor", Successor::read)?,
        })
    }

    /// The authority of a list, as the list tells of it: `trustedKey` of its subject, `nameI18n` of its issuer.
    pub(super) fn own(
        did: Did,
        document: &Map<String, Value>,
        subject: &Reader<'_>,
    ) -> Result<Self, TrustListError> {
        let names = document.get("issuer").and_then(|issuer| issuer.get("nameI18n")?.as_object());
        Ok(Self {
            did,
            names: names.and_then(|names| LocalizedText::parse(names).ok()).unwrap_or_default(),
            code: None,
            location: None,
            logged_since: None,
            keys: subject.each("trustedKey", MAX_EACH, key)?,
            archived: None,
            grants: Vec::new(),
            successor: None,
        })
    }

    /// The key of this URL for this use.
    pub fn key(&self, id: &str, key_use: KeyUse) -> Option<&TrustedKey> {
        self.keys.iter().find(|key| key.id == id && key.key_use == key_use)
    }
}

fn twice<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = std::collections::HashSet::new();
    !names.all(|name| seen.insert(name))
}

pub(super) fn key(reader: Reader<'_>) -> Result<TrustedKey, TrustListError> {
    let key_use = KeyUse::parse(reader.text("keyUse")?);
    Ok(TrustedKey {
        id: reader.key("id")?.0.to_string(),
        key_use: key_use.ok_or_else(|| reader.wrong("keyUse", "this use of a key is not known"))?,
        not_before: reader.time("notBefore")?,
        not_after: reader.maybe_time("notAfter")?,
        compromised_since: reader.maybe_time("compromisedSince")?,
    })
}

pub(super) fn location(reader: &Reader<'_>) -> Result<Option<(f64, f64)>, TrustListError> {
    let Some(text) = reader.maybe_text("location")? else { return Ok(None) };
    let read = || {
        let (latitude, rest) = text.strip_prefix("geo:")?.split_once(',')?;
        let longitude = rest.split([',', ';']).next()?;
        let (latitude, longitude): (f64, f64) = (latitude.parse().ok()?, longitude.parse().ok()?);
        (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
    };
    let place = read();
    place.map(Some).ok_or_else(|| reader.wrong("location", "it is to be geo:LATITUDE,LONGITUDE (RFC 5870)"))
}

fn archived(reader: &Reader<'_>) -> Result<Option<DidDocument>, TrustListError> {
    let Some(raw) = reader.map.get("archivedDidDocument") else { return Ok(None) };
    let document =
        DidDocument::parse(raw).map_err(|_| reader.wrong("archivedDidDocument", "it is no DID document"))?;
    let own = reader.map.get("id").and_then(Value::as_str);
    if own != Some(document.id.as_str()) {
        return Err(reader.wrong("archivedDidDocument", "it is the document of another DID"));
    }
    Ok(Some(document))
}
