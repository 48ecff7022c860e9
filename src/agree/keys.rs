//! Whose keys signed an agreement: where a trust list pinned here names a party, with a key that the list names too.
//!
//! A DID of the web is whoever's the domain is now. A list spells keys out, so that a lapsed domain signs nothing.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::document::{proofs, signer};
use crate::crypto::PublicKey;
use crate::crypto::proof::{Expected, Secured};
use crate::did::Did;
use crate::status::list::LEEWAY;
use crate::trust::Trust;
use crate::trustlist::{KeyUse, TrustedIssuer, TrustedKey};

/// The first party that a pinned list names and whose signature was not made with a key that the list told to be good at
/// `at`, for awards or for an authority's own acts; `None` where there is none. Signatures of those on no list are not looked at.
pub fn unlisted(trust: &Trust, document: &Map<String, Value>, at: Timestamp) -> Option<String> {
    let secured = Secured::parse(document).ok();
    let stands = |method: &str, issuer: &TrustedIssuer| {
        let Some(key) = issuer.keys.iter().find(|key| key.id == method && is_good(key, at)) else {
            return false;
        };
        // The key itself, not what the domain serves under its name now.
        let (Ok(public), Some(secured)) = (PublicKey::from_multikey(key.spelt()), &secured) else {
            return false;
        };
        let proof = secured.proofs().iter().find(|proof| proof.verification_method == method);
        proof.is_some_and(|proof| secured.verify(proof, &public, &Expected::default()).is_ok())
    };
    proofs(document).iter().find_map(|proof| {
        let party = signer(proof)?;
        let method = proof.get("verificationMethod")?.as_str()?;
        let listings = trust.listings(&Did::parse(party).ok()?);
        // On two lists it is nobody's.
        let listed = match listings.as_slice() {
            [] => true,
            [only] => only.get().is_some_and(|(list, issuer)| !list.is_over(at) && stands(method, issuer)),
            _ => false,
        };
        (!listed).then(|| party.to_owned())
    })
}

fn is_good(key: &TrustedKey, at: Timestamp) -> bool {
    matches!(key.key_use, KeyUse::Award | KeyUse::Accreditation)
        && key.not_before.duration_since(at) <= LEEWAY
        && key.not_after.is_none_or(|until| at.duration_since(until) <= LEEWAY)
        && key.compromised_since.is_none_or(|since| at < since)
}
