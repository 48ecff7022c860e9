//! What the status entries of a document say: our own bits from memory, others' lists once they are proved.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::signatures::signatures;
use crate::credential::View;
use crate::crypto::PublicKey;
use crate::crypto::proof::{Expected, ProofView, Secured};
use crate::resolve::{FetchedList, ProvedList};
use crate::status::StatusList;
use crate::status::entry::{self, Entry, EntryFault};
use crate::status::list::LEEWAY;
use crate::trustlist::{KeyUse, Mirrored, TrustedKey};
use crate::verify::gather::Evidence;
use crate::verify::verdict::{Check, Code, Outcome};

/// Judges every status entry; returns how old the oldest news is.
pub(super) fn status(
    map: &Map<String, Value>,
    evidence: &Evidence,
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<String> {
    let entries = entry::entries(map);
    if entries.is_empty() {
        checks.push(Check::new(Code::StatusNone));
        return None;
    }
    let before = checks.len();
    let mut oldest: Option<Timestamp> = None;
    for entry in entries {
        let found = match entry {
            Ok(entry) => one_status(map, &entry, evidence, now),
            Err(problem) => Err(match problem.fault {
                EntryFault::Unsupported(name) => Check::new(Code::StatusTypeUnsupported).with("type", name),
                EntryFault::Invalid(because) => Check::new(Code::StatusEntryInvalid)
                    .with("pointer", problem.pointer)
                    .with("problem", because),
            }),
        };
        match found {
            Ok(as_of) => oldest = Some(oldest.map_or(as_of, |known| known.min(as_of))),
            Err(check) => checks.push(check),
        }
    }
    let as_of = oldest.map(|at| at.to_string());
    if checks.len() == before {
        checks.push(Check::new(Code::StatusActive).with("as_of", as_of.clone().unwrap_or_default()));
    }
    as_of
}

/// `Ok` with the age of the news when the bit is not set.
fn one_status(
    map: &Map<String, Value>,
    entry: &Entry,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Timestamp, Check> {
    if let Some(own) = evidence.own_status.get(&(entry.list.clone(), entry.index)) {
        if !own.set {
            return Ok(now);
        }
        let Some(event) = &own.event else { return Err(withdrawn(entry)) };
        let check = match &event.successor {
            Some(successor) => Check::new(Code::StatusReplaced).with("successor", successor.clone()),
            None => withdrawn(entry).with("reason", event.reason.clone()),
        };
        return Err(check.with("since", event.at.to_string()));
    }
    let invalid = |problem: String| {
        Check::new(Code::StatusListInvalid).with("url", entry.list.clone()).with("problem", problem)
    };
    let unreachable = |problem: &str| {
        Check::new(Code::StatusUnreachable).with("url", entry.list.clone()).with("problem", problem)
    };
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    let mirror = match evidence.successor(issuer) {
        None => None,
        Some(successor) => Some(successor.mirror_of(&entry.url).ok_or_else(|| {
            let check = Check::new(Code::StatusMirrorNone).with("url", entry.list.clone());
            check.with("keeper", successor.did.as_str())
        })?),
    };
    let at = mirror.as_ref().map_or(entry.list.as_str(), |mirror| mirror.url.as_str());
    let list = match evidence.lists.get(at) {
        Some(Ok(list)) => list,
        Some(Err(error)) if error.is_definitive() => return Err(invalid(error.to_string())),
        Some(Err(error)) => return Err(unreachable(&error.to_string())),
        None => return Err(unreachable("not looked up")),
    };
    let proved = proved(at, list, evidence, now).map_err(invalid)?;
    let reading = match &mirror {
        None => proved.read(entry, issuer, now),
        Some(mirror) => proved.read_mirrored(entry, at, mirror.keeper.as_str(), now),
    };
    let reading = reading.map_err(|problem| invalid(problem.to_string()))?;
    if reading.set {
        return Err(withdrawn(entry));
    }
    Ok(reading.as_of.unwrap_or(now))
}

/// The list served at `at`, when every proof of it holds and one is its issuer's. The same copy is proved once. One that
/// stands in the place of a closed issuer's is proved with the keys that the trust list gives for it.
pub(in crate::verify) fn proved(
    at: &str,
    list: &FetchedList,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Arc<StatusList>, String> {
    let map = list.document.as_object().ok_or("not a JSON object")?;
    if let Some(mirror) = evidence.mirrors.get(at) {
        signed_by_keeper(map, mirror, now)?;
        return Ok(Arc::new(StatusList::parse(&list.document).map_err(|problem| problem.to_string())?));
    }
    if let Some(proved) = list.proved() {
        by_listed_key(map, &proved.keys, evidence)?;
        return Ok(proved.list);
    }
    let signed = signatures(map, evidence, now, &Expected::default());
    if !signed.hold() {
        let first = signed.checks.iter().find(|check| check.code.outcome() != Outcome::Pass);
        return Err(format!("its proof does not hold: {}", first.map_or("", |check| check.code.as_str())));
    }
    let issuer = View::of(map).issuer_id().unwrap_or_default();
    let own = signed.signers.iter().filter(|signer| signer.did == issuer);
    let keys: Arc<[String]> = own.map(|signer| signer.key.clone()).collect();
    if keys.is_empty() {
        return Err("it is not signed by its issuer".to_owned());
    }
    by_listed_key(map, &keys, evidence)?;
    let proved = Arc::new(StatusList::parse(&list.document).map_err(|problem| problem.to_string())?);
    list.set_proved(ProvedList { list: proved.clone(), keys });
    Ok(proved)
}

/// Where a trust list names the issuer, it has to name the key, too: whoever holds the issuer's domain now can show any
/// key there, under any name, and with it lift a revocation. `keys` are those that did sign. A key that has ended signs no
/// list of later.
fn by_listed_key(map: &Map<String, Value>, keys: &[String], evidence: &Evidence) -> Result<(), String> {
    let Some((_, issuer)) = View::of(map).issuer_id().and_then(|id| evidence.listing(id)) else {
        return Ok(());
    };
    let secured = Secured::parse(map).map_err(|error| error.to_string())?;
    let ended = |key: &TrustedKey, proof: &ProofView<'_>| {
        key.not_after
            .is_some_and(|until| proof.created.is_none_or(|made| made.duration_since(until) > LEEWAY))
    };
    let by = |proof: &ProofView<'_>| {
        issuer.keys.iter().any(|key| {
            key.id == proof.verification_method
                && keys.iter().any(|signed| signed == key.spelt())
                && matches!(key.key_use, KeyUse::Award | KeyUse::Accreditation | KeyUse::Status)
                && key.compromised_since.is_none()
                && !ended(key, proof)
        })
    };
    match secured.proofs().iter().any(by) {
        true => Ok(()),
        false => Err("it is not signed with a key that the trust list names".to_owned()),
    }
}

/// Whether a key that may sign this mirror has. Such a key is good when it signs *and* now: when it signed is only its
/// holder's word, and a list is signed anew within days.
fn signed_by_keeper(map: &Map<String, Value>, mirror: &Mirrored, now: Timestamp) -> Result<(), String> {
    let secured = Secured::parse(map).map_err(|error| error.to_string())?;
    let mut refused = "it is not signed with a key that the trust list gives for it".to_owned();
    for proof in secured.proofs() {
        let Some(key) = mirror.keys.iter().find(|key| key.id == proof.verification_method) else { continue };
        match good_now(key, proof, now).and_then(|public| {
            let holds = secured.verify(proof, &public, &Expected::default());
            holds.map_err(|error| format!("its proof does not hold: {error}"))
        }) {
            Ok(()) => return Ok(()),
            Err(why) => refused = why,
        }
    }
    Err(refused)
}

fn good_now(key: &TrustedKey, proof: &ProofView<'_>, now: Timestamp) -> Result<PublicKey, String> {
    let made = proof.created.unwrap_or(now);
    if made.duration_since(now) > LEEWAY {
        return Err(format!("it is dated in the future: {made}"));
    }
    if proof.expires.is_some_and(|until| now.duration_since(until) > LEEWAY) {
        return Err("its proof has run out".to_owned());
    }
    if let Some(since) = key.compromised_since {
        return Err(format!("somebody else may have its key since {since}"));
    }
    if key.not_before.duration_since(made) > LEEWAY {
        return Err(format!("its key may sign it only from {}", key.not_before));
    }
    if let Some(until) = key.not_after.filter(|until| now.duration_since(*until) > LEEWAY) {
        return Err(format!("its key may sign it only until {until}"));
    }
    PublicKey::from_multikey(key.spelt()).map_err(|_| "its key cannot be read".to_owned())
}

fn withdrawn(entry: &Entry) -> Check {
    Check::new(match entry.purpose {
        crate::status::Purpose::Revocation => Code::StatusRevoked,
        crate::status::Purpose::Suspension => Code::StatusSuspended,
    })
}
