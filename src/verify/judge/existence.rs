//! Since when a document provably exists: the log proof beside it, under the policy of the issuer's trust list.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::codec::jcs;
use crate::crypto::sha256;
use crate::log::policy::Policy;
use crate::log::proof::TlogProof;
use crate::status::list::LEEWAY;
use crate::trustlist::{TrustList, TrustedIssuer};
use crate::verify::verdict::{Check, Code, InLog};

/// For so long after it was signed a credential may still be on its way into the log.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(24);

/// What the proof shows, and the check that tells; no check when the issuer is not logged and no proof came.
///
/// `made` is when the document says it was signed.
pub(super) fn existence(
    map: &Map<String, Value>,
    proof: Option<&[u8]>,
    list: &TrustList,
    issuer: &TrustedIssuer,
    made: Option<Timestamp>,
    now: Timestamp,
) -> (Option<InLog>, Option<Check>) {
    let Some(proof) = proof else { return (None, missing(issuer, made.unwrap_or(now), now)) };
    match proved(map, proof, list, now) {
        Ok(log) => {
            let check = Check::new(Code::LogIncluded)
                .with("index", log.index.to_string())
                .with("size", log.size.to_string())
                .with("time", log.time.to_string())
                .with("witnesses", log.witnesses.join(", "));
            (Some(log), Some(check))
        }
        Err(problem) => (None, Some(Check::new(Code::LogProofInvalid).with("problem", problem))),
    }
}

/// Whoever is logged since a day is expected to bring a proof of what it signed from then on.
fn missing(issuer: &TrustedIssuer, made: Timestamp, now: Timestamp) -> Option<Check> {
    let since = issuer.logged_since.filter(|since| made >= *since)?;
    let fresh = now.duration_since(made) < ON_ITS_WAY;
    let code = if fresh { Code::LogPending } else { Code::LogProofMissing };
    Some(Check::new(code).with("since", since.to_string()))
}

fn proved(map: &Map<String, Value>, proof: &[u8], list: &TrustList, now: Timestamp) -> Result<InLog, String> {
    let policy = list.log_policy.as_deref().ok_or("the trust list names no log")?;
    let policy = Policy::parse(policy.as_bytes()).map_err(|error| error.to_string())?;
    let proof = TlogProof::parse(proof).map_err(|error| error.to_string())?;
    let digest = sha256(&jcs::canonicalize_without(map, &[]));
    let leaf = proof.credential(digest).map_err(|error| error.to_string())?;
    let not_future = |at: Timestamp| at.duration_since(now) <= LEEWAY;
    let logged =
        proof.verify(&leaf.entry(), &policy, |_, at| not_future(at)).map_err(|error| error.to_string())?;
    let witnessed = &logged.witnessed;
    let origin = witnessed.log.key.name().as_str();
    // A closed log has one last tree; what is larger, or another of that size, was forged after its end.
    if let Some(closed) = list.closed_logs.iter().find(|closed| closed.origin == origin) {
        let root = as_listed(&witnessed.root);
        if witnessed.size > closed.size || (witnessed.size == closed.size && root != closed.root) {
            return Err("the log was closed with another tree".to_owned());
        }
    }
    Ok(InLog {
        included: true,
        origin: origin.to_owned(),
        index: logged.index,
        size: witnessed.size,
        time: witnessed.time,
        witnesses: witnessed.by.iter().map(|(witness, _)| witness.key.name().as_str().to_owned()).collect(),
        quorum: true,
    })
}

/// A root as the trust list writes it.
fn as_listed(root: &[u8; 32]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(root)
}
