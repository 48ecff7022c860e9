//! One agreement on a list: what the authority's country has agreed on, who signed it, and where it stands.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use super::TrustListError;
use super::read::Reader;
use super::signed::wrong;
use crate::codec::digest;
use crate::credential::problem::At;
use crate::recognition::Registered;

/// Most agreements on a list.
pub(super) const MAX_AGREEMENTS: usize = 2_000;

/// An agreement as an authority tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedAgreement {
    /// Where it is served.
    pub url: Url,
    /// Whether every party has signed it and the authority has verified each proof; else it rests on an instrument on paper.
    pub signed: bool,
    /// The digest of the AgreementCredential without its proofs, where every party has signed it.
    pub digest: Option<String>,
    /// Its terms, and what was decided about it.
    pub registered: Registered,
}

impl ListedAgreement {
    /// Its id, one of its own on a list.
    pub fn id(&self) -> &str {
        &self.registered.agreement().id
    }

    fn read(reader: Reader<'_>, territory: &str) -> Result<Self, TrustListError> {
        let registered = Registered::of_list(reader.map, &reader.at).map_err(|problems| {
            let first = problems.into_iter().next().map(TrustListError::Form);
            first.unwrap_or_else(|| wrong(reader.at.pointer(), "it is no agreement"))
        })?;
        if !registered.agreement().parties.iter().any(|party| party.territory == territory) {
            return Err(reader.wrong("party", "a list tells of agreements with a party of its own territory"));
        }
        let signed = match reader.text("signedBy")? {
            "parties" => true,
            "paper" => false,
            _ => return Err(reader.wrong("signedBy", "it is to be parties or paper")),
        };
        let digest = reader.maybe_text("digestMultibase")?;
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(
                reader.wrong("digestMultibase", "it is to be u and the base64url of a SHA-256 multihash")
            );
        }
        if digest.is_some() != signed {
            return Err(
                reader.wrong("digestMultibase", "it stands where the parties have signed, and only there")
            );
        }
        Ok(Self { url: reader.url("id")?, signed, digest: digest.map(str::to_owned), registered })
    }

    /// Those of the subject of a list, none twice, each with a party of the territory.
    pub(super) fn read_all(subject: &Reader<'_>, territory: &str) -> Result<Vec<Self>, TrustListError> {
        let all = subject.each("agreement", MAX_AGREEMENTS, |one| Self::read(one, territory))?;
        let (mut ids, mut urls) = (HashSet::new(), HashSet::new());
        if all.iter().all(|one| ids.insert(one.id()) && urls.insert(&one.url)) {
            Ok(all)
        } else {
            Err(subject.wrong("agreement", "two entries have the same id"))
        }
    }

    /// This entry, where a list of the territory may hold it.
    pub(super) fn of(entry: &Map<String, Value>, territory: &str) -> Option<Self> {
        Self::read(Reader { map: entry, at: At::ROOT }, territory).ok()
    }
}

fn is_digest(text: &str) -> bool {
    text.starts_with('u') && digest::from_multihash(text).is_some()
}
