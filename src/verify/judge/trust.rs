//! Who stands behind the issuer: this service, the settings, or a trust list pinned here, and what that list says of
//! the issuer's keys and accreditation on the award date.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::existence::{existence, ours};
use super::signatures::Signer;
use crate::accreditation::{self, Award, Policy};
use crate::credential::View;
use crate::credential::kinds::Class;
use crate::credential::validity::Day;
use crate::credential::view::each;
use crate::status::list::LEEWAY;
use crate::trustlist::{KeyUse, TrustList, TrustedIssuer, TrustedKey};
use crate::verify::gather::{Evidence, OwnProof};
use crate::verify::verdict::{Check, Code, Confirmation, InLog, Outcome};

/// The types of documents that have a procedure of their own and need no authority.
const ANYBODYS: &[&str] = &[
    "VerifiableCredential",
    "AgreementCredential",
    "BitstringStatusListCredential",
    "StatisticalReportCredential",
];

/// The kind that needs the enterprise's own word.
const WORKPLACE: &str = "workplace-learning";

/// The checks of the trust group for a document that `issuer` signed, and what the log shows of it.
pub(super) fn trust(
    map: &Map<String, Value>,
    issuer: &str,
    evidence: &Evidence,
    signers: &[Signer],
    confirmations: &[Confirmation],
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<InLog> {
    let mut log = None;
    let id = map.get("id").and_then(Value::as_str);
    let own = id.and_then(|id| evidence.own_proofs.get(id));
    let listings = evidence.listings.get(issuer).map_or(&[][..], Vec::as_slice);
    match listings {
        [] => match evidence.vouches.get(issuer) {
            Some(vouch) => {
                checks.push(Check::new(Code::IssuerListed).with("by", vouch.by.as_str()));
                if !vouch.authority && is_an_authoritys(map) {
                    checks.push(Check::new(Code::IssuerNotAuthority).with("issuer", issuer));
                }
                // The list of its authority may have said that it lost everything: its silence unsays none of that.
                let may_be_of =
                    |territory: &&String| vouch.country.as_ref().is_none_or(|one| one == *territory);
                if let Some(territory) = evidence.silent.iter().find(may_be_of) {
                    checks.push(Check::new(Code::TrustListOver).with("territory", territory.clone()));
                }
                if let Some((found, check)) = own.and_then(|own| ours(map, own, now)) {
                    checks.push(check);
                    log = Some(found);
                }
            }
            None => checks.push(Check::new(Code::IssuerNotListed).with("issuer", issuer)),
        },
        [only] => {
            if let Some((list, entry)) = only.get() {
                let beside = (evidence.tlog_proof.as_deref(), own);
                log = listed(map, beside, list, entry, signers, now, checks);
            }
        }
        several => {
            let territories: Vec<_> =
                several.iter().filter_map(|one| one.get()).map(|(list, _)| list.territory.as_str()).collect();
            let check = Check::new(Code::IssuerContested).with("issuer", issuer);
            checks.push(check.with("territories", territories.join(", ")));
        }
    }
    if let Some(keeper) = evidence.keeper(issuer) {
        if after_its_end(map, issuer, signers, &keeper.since) {
            checks.push(Check::new(Code::FactsContradictory));
        }
        checks.push(Check::new(Code::IssuerClosed).with("keeper", keeper.id).with("since", keeper.since));
    }
    if Class::of(map).name() == WORKPLACE {
        let source = map.get("credentialSubject").and_then(|subject| subject.get("source"));
        let enterprise = source.and_then(|source| source.as_str().or_else(|| source.get("id")?.as_str()));
        let by_it = |one: &Confirmation| one.outcome == Outcome::Pass && Some(one.id.as_str()) == enterprise;
        if !confirmations.iter().any(by_it) {
            checks.push(Check::new(Code::EnterpriseNotConfirmed));
        }
    }
    log
}

/// Whether only an authority may say such a thing: an accreditation, a statement of recognition, a trust list; and whatever
/// comes with another type besides.
fn is_an_authoritys(map: &Map<String, Value>) -> bool {
    let anybodys = |kind: &Value| kind.as_str().is_some_and(|kind| ANYBODYS.contains(&kind));
    matches!(Class::of(map), Class::Reserved(_)) && !each(map.get("type")).iter().all(anybodys)
}

/// Whether an award is dated, or signed by its own word, after its issuer closed: of those who have the key of a closed
/// college nobody is the college. A day more, since days begin earlier in the east.
fn after_its_end(map: &Map<String, Value>, issuer: &str, signers: &[Signer], since: &str) -> bool {
    let Some(closed) = since.get(..10).and_then(|day| Day::parse(day).ok()) else { return false };
    let awarded = Award::of(View::of(map)).map(|award| award.awarded_on);
    let signed = signers.iter().filter(|signer| signer.did == issuer).filter_map(|signer| signer.made);
    let signed = signed.filter_map(Day::of);
    signed.chain(awarded).any(|day| day.number() > closed.number() + 1)
}

/// What the one list that names the issuer says.
fn listed(
    map: &Map<String, Value>,
    (proof, own_proof): (Option<&[u8]>, Option<&OwnProof>),
    list: &TrustList,
    issuer: &TrustedIssuer,
    signers: &[Signer],
    now: Timestamp,
    checks: &mut Vec<Check>,
) -> Option<InLog> {
    if list.is_over(now) {
        let until = list.valid_until.map(|until| until.to_string()).unwrap_or_default();
        let check = Check::new(Code::TrustListOver).with("territory", list.territory.clone());
        checks.push(check.with("until", until));
        return None;
    }
    let check = Check::new(Code::IssuerListed).with("by", "trust-list");
    let check = check.with("territory", list.territory.clone());
    let check = check.with("sequence", list.sequence.to_string());
    checks.push(check.with("as_of", list.issued_at.to_string()));
    let own = || signers.iter().filter(|signer| signer.did == issuer.did.as_str());
    let made = own().find_map(|signer| signer.made);
    let (log, told) = existence(map, proof, own_proof, list, issuer, made, now);
    checks.extend(told);
    let existed = log.as_ref().map(|log| log.time);
    let class = Class::of(map);
    // A type is the signer's own word: one that needs no accreditation needs a key that is not for awards.
    let key_use = match class {
        Class::Reserved(_) => KeyUse::Accreditation,
        _ => KeyUse::Award,
    };
    checks.extend(own().map(|signer| key(signer, key_use, issuer, existed, now)));
    // What was signed after it was logged was not signed when it says.
    if existed.zip(made).is_some_and(|(existed, made)| made.duration_since(existed) > LEEWAY) {
        checks.push(Check::new(Code::FactsContradictory));
    }
    if let Class::Reserved(_) = class {
        return log; // not an award: no accreditation stands behind it
    }
    // Of an unknown kind or an unknown day nobody can say whether its issuer was accredited for it.
    let (Class::Kind(..), Some(award), Some(today)) = (class, Award::of(View::of(map)), Day::of(now)) else {
        checks.push(Check::new(Code::AccreditationScopeUnknown));
        return log;
    };
    let award = match existed {
        Some(existed) => award.registered_at(View::of(map), existed),
        None => award,
    };
    let finding = accreditation::judge(&issuer.grants, &award, today, &Policy::default());
    checks.extend(finding.reasons.iter().filter_map(|reason| Code::parse(reason.code())).map(Check::new));
    log
}

/// Whether the key was the issuer's to use so. When a signature was made is only its maker's word, so a key
/// that has ended, or that somebody else may have, shows nothing by itself: the log has to show that the document
/// `existed` before.
fn key(
    signer: &Signer,
    key_use: KeyUse,
    issuer: &TrustedIssuer,
    existed: Option<Timestamp>,
    now: Timestamp,
) -> Check {
    let told = |code: Code| Check::new(code).with("key", signer.method.clone());
    // The list spells the key out; who has the domain now could serve another under its name.
    let is_it = |key: &&TrustedKey| key.spelt() == signer.key;
    let Some(key) = issuer.key(&signer.method, key_use).filter(is_it) else {
        return told(Code::IssuerKeyNotListed);
    };
    let before = |end: Timestamp| existed.is_some_and(|existed| existed <= end);
    if let Some(since) = key.compromised_since.filter(|since| existed.is_none_or(|at| at >= *since)) {
        return told(Code::IssuerKeyCompromised).with("since", since.to_string());
    }
    if let Some(until) = key.not_after.filter(|until| now.duration_since(*until) > LEEWAY && !before(*until))
    {
        return told(Code::KeyRetiredUnlogged).with("until", until.to_string());
    }
    let made = existed.or(signer.made).unwrap_or(now).min(now);
    if key.not_before.duration_since(made) > LEEWAY {
        return told(Code::IssuerKeyNotYet).with("from", key.not_before.to_string());
    }
    told(Code::IssuerKeyListed)
}
