//! Since when a document provably exists: the log proof beside it, under the policy of the issuer's trust list.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::codec::jcs;
use crate::credential::View;
use crate::crypto::sha256;
use crate::log::Hash;
use crate::log::policy::Policy;
use crate::log::proof::TlogProof;
use crate::status::list::LEEWAY;
use crate::trustlist::{TrustList, TrustedIssuer};
use crate::verify::gather::{Evidence, OwnProof};
use crate::verify::verdict::{Check, Code, InLog};

/// For so long after it was signed a credential may still be on its way into the log.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(24);

/// What the proof shows, and the check that tells; no check when the issuer is not logged and no proof came.
///
/// `made` is when the document says it was signed; `own` is what our own log says of it, asked when no proof came. Nobody
/// brought that one, so where it proves nothing (yet), none came.
pub(super) fn existence(
    map: &Map<String, Value>,
    proof: Option<&[u8]>,
    own: Option<&OwnProof>,
    list: &TrustList,
    issuer: &TrustedIssuer,
    made: Option<Timestamp>,
    now: Timestamp,
) -> (Option<InLog>, Option<Check>) {
    let found = match (proof, own) {
        (Some(proof), _) => TlogProof::parse(proof)
            .map_err(|error| error.to_string())
            .and_then(|proof| listed(map, &proof, list, now)),
        (None, Some(own)) if let Ok(log) = listed(map, &own.proof, list, now) => Ok(log),
        (None, _) => return (None, missing(issuer, made.unwrap_or(now), now)),
    };
    match found {
        Ok(log) => {
            let check = included(&log);
            (Some(log), Some(check))
        }
        Err(problem) => (None, Some(Check::new(Code::LogProofInvalid).with("problem", problem))),
    }
}

/// Since when the document provably exists, by a log that the one trust list naming its issuer relies on, or by our own
/// log where we issued it and nobody lists us. Nothing is told to any other `signer`: whose keys were good when, only a
/// list that names them says.
pub(super) fn seen(
    map: &Map<String, Value>,
    signer: &str,
    evidence: &Evidence,
    now: Timestamp,
) -> Option<Timestamp> {
    let issuer = View::of(map).issuer_id().filter(|issuer| *issuer == signer)?;
    let own = map.get("id").and_then(Value::as_str).and_then(|id| evidence.own_proofs.get(id));
    let Some((list, entry)) = evidence.listing(issuer) else {
        let nobody = !evidence.listings.contains_key(issuer);
        let own = own.filter(|_| nobody && evidence.vouches.contains_key(issuer))?;
        return Some(ours(map, own, now)?.0.time);
    };
    let proof = evidence.tlog_proof.as_deref();
    let log = existence(map, proof, own, list, entry, None, now).0.filter(|_| !list.is_over(now))?;
    Some(log.time)
}

/// What our own log shows of a document that we issued, under the policy by which we have it witnessed.
pub(super) fn ours(map: &Map<String, Value>, own: &OwnProof, now: Timestamp) -> Option<(InLog, Check)> {
    let log = proved(map, &own.proof, own.policy.as_ref()?, now).ok()?.0;
    let check = included(&log);
    Some((log, check))
}

fn included(log: &InLog) -> Check {
    Check::new(Code::LogIncluded)
        .with("index", log.index.to_string())
        .with("size", log.size.to_string())
        .with("time", log.time.to_string())
        .with("witnesses", log.witnesses.join(", "))
}

/// Whoever is logged since a day is expected to bring a proof of what it signed from then on.
fn missing(issuer: &TrustedIssuer, made: Timestamp, now: Timestamp) -> Option<Check> {
    let since = issuer.logged_since.filter(|since| made >= *since)?;
    let fresh = now.duration_since(made) < ON_ITS_WAY;
    let code = if fresh { Code::LogPending } else { Code::LogProofMissing };
    Some(Check::new(code).with("since", since.to_string()))
}

/// Under the policy of a trust list.
fn listed(
    map: &Map<String, Value>,
    proof: &TlogProof,
    list: &TrustList,
    now: Timestamp,
) -> Result<InLog, String> {
    let policy = list.log_policy.as_deref().ok_or("the trust list names no log")?;
    let policy = Policy::parse(policy.as_bytes()).map_err(|error| error.to_string())?;
    let (log, root) = proved(map, proof, &policy, now)?;
    // A closed log has one last tree; what is larger, or another of that size, was forged after its end.
    if let Some(closed) = list.closed_logs.iter().find(|closed| closed.origin == log.origin)
        && (log.size > closed.size || (log.size == closed.size && as_listed(&root) != closed.root))
    {
        return Err("the log was closed with another tree".to_owned());
    }
    Ok(log)
}

/// Under a policy; with the root of the tree it was seen in.
fn proved(
    map: &Map<String, Value>,
    proof: &TlogProof,
    policy: &Policy,
    now: Timestamp,
) -> Result<(InLog, Hash), String> {
    let digest = sha256(&jcs::canonicalize_without(map, &[]));
    let leaf = proof.credential(digest).map_err(|error| error.to_string())?;
    let not_future = |at: Timestamp| at.duration_since(now) <= LEEWAY;
    let logged =
        proof.verify(&leaf.entry(), policy, |_, at| not_future(at)).map_err(|error| error.to_string())?;
    let witnessed = &logged.witnessed;
    let origin = witnessed.log.key.name().as_str();
    let log = InLog {
        included: true,
        origin: origin.to_owned(),
        index: logged.index,
        size: witnessed.size,
        time: witnessed.time,
        witnesses: witnessed.by.iter().map(|(witness, _)| witness.key.name().as_str().to_owned()).collect(),
        quorum: true,
    };
    Ok((log, witnessed.root))
}

/// A root as the trust list writes it.
fn as_listed(root: &[u8; 32]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(root)
}
