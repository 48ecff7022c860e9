//! An officer decides: confirms what the rules propose, or says otherwise and why.

use serde_json::{Map, Value};

use super::RecogniseError;
use super::asked;
use super::file::File;
use super::propose;
use super::receive::{RULES, proposed};
use super::statement::{self, BY_HAND, BY_OFFICER, Settled};
use crate::access::{Act, Role, TokenRecord};
use crate::app::App;
use crate::credential::Credential;
use crate::credential::id::CredentialId;
use crate::recognition::LevelRef;
use crate::registry::Member;
use crate::revoke::MAX_REASON;
use crate::verify::Code;

/// The verdicts an officer may give; RECOGNISED_AUTOMATIC is an agreement's alone, and CASE_BY_CASE decides nothing.
const GIVEN: [&str; 5] =
    ["RECOGNISED_FULL", "RECOGNISED_CONDITIONAL", "RECOGNISED_PARTIAL", "NOT_RECOGNISED", "REFER"];

/// Longest account of how an award was checked by hand, characters: everybody may read it.
const MAX_CHECKED: usize = 300;

/// Carries out an officer's decision: `{"confirm": true}`, or `{"verdict", "level"?, "reason", "checkedByHand"?}`; with `version`, only on the
/// version that was looked at. The award is looked at once more before: is it not what it was, there is a new proposal
/// instead of a decision.
///
/// # Errors
/// [`RecogniseError`]; nothing is decided then.
pub async fn decide(
    app: &App,
    caller: &TokenRecord,
    id: CredentialId,
    asked: Map<String, Value>,
) -> Result<File, RecogniseError> {
    asked::only(&asked, "", &["confirm", "verdict", "level", "reason", "checkedByHand", "version"])?;
    let (mut file, member) = seen(app, caller, id).await?;
    if asked::whole(&asked, "", "version")?.is_some_and(|version| u64::from(version) != file.version) {
        return Err(RecogniseError::Moved);
    }
    open(&file)?;
    by_another(&file, caller)?;
    let settled = settled(&file, &asked)?;
    look_again(app, &member, &mut file).await?;
    may_say(&file, &settled)?;
    statement::issue(app, caller, &member, &mut file, settled).await?;
    Ok(file)
}

/// An application that the caller may see, and its authority.
///
/// # Errors
/// One shape of nothing for what is not there and what is somebody else's.
pub async fn seen(
    app: &App,
    caller: &TokenRecord,
    id: CredentialId,
) -> Result<(File, std::sync::Arc<Member>), RecogniseError> {
    let file = File::find(app, id).await?;
    let member = app.registry.member(&file.authority).ok_or(RecogniseError::NotFound)?;
    if !caller.allows(Act::Recognise, &file.authority) {
        return Err(RecogniseError::NotFound);
    }
    Ok((file, member))
}

/// Whether it waits for an officer.
fn open(file: &File) -> Result<(), RecogniseError> {
    match file.state() {
        "proposed" | "appealed" | "reopened" => Ok(()),
        state => {
            let because = match state {
                "decided" => "an appeal, or news of the award, reopens it",
                _ => "there is nothing to decide",
            };
            Err(RecogniseError::State { state: state.to_owned(), because })
        }
    }
}

fn settled(file: &File, asked: &Map<String, Value>) -> Result<Settled, RecogniseError> {
    let wrong = |pointer: &str, detail: &str| RecogniseError::member(pointer, detail);
    let verdict = asked::text(asked, "", "verdict", 40)?;
    let reason = asked::text(asked, "", "reason", MAX_REASON)?;
    let level = asked::text(asked, "", "level", 40)?;
    let checked = asked::text(asked, "", "checkedByHand", MAX_CHECKED)?;
    let proposed = Settled::as_proposed(file);
    if asked::flag(asked, "", "confirm")? == Some(true) {
        if verdict.is_some() || level.is_some() || checked.is_some() {
            return Err(wrong("/confirm", "confirm what is proposed, or give a verdict: not both"));
        }
        if proposed.verdict == "CASE_BY_CASE" {
            return Err(wrong("/confirm", "CASE_BY_CASE decides nothing: give a verdict and a reason"));
        }
        return Ok(proposed);
    }
    let Some(verdict) = verdict.filter(|verdict| GIVEN.contains(&verdict.as_str())) else {
        return Err(wrong("/verdict", &format!("is one of {}, or confirm", GIVEN.join(", "))));
    };
    let Some(reason) = reason else {
        return Err(wrong("/reason", "is missing: why it is decided otherwise than proposed"));
    };
    if level.as_ref().is_some_and(|level| LevelRef::parse(level).is_none()) {
        return Err(wrong("/level", "is a level known here, such as LNQF:5"));
    }
    let recognises = matches!(verdict.as_str(), "RECOGNISED_FULL" | "RECOGNISED_CONDITIONAL");
    if recognises && level.is_none() {
        return Err(wrong("/level", "is missing: at which level it is recognised, such as LNQF:5"));
    }
    if matches!(verdict.as_str(), "NOT_RECOGNISED" | "REFER") && level.is_some() {
        return Err(wrong("/level", "stands with a recognition alone"));
    }
    let mut reasons = proposed.reasons;
    // An agreement that was not followed did not decide.
    reasons.retain(|code| !code.starts_with("auto.agreement:"));
    reasons.push(BY_OFFICER.to_owned());
    reasons.extend(checked.iter().map(|how| format!("{BY_HAND}:{how}")));
    let refused = verdict == "NOT_RECOGNISED";
    let alternatives = match proposed.alternatives {
        known if known.is_empty() && refused => vec!["prior.learning.assessment".to_owned()],
        known if refused => known,
        _ => Vec::new(),
    };
    Ok(Settled { verdict, reasons, level, alternatives, overridden: Some(reason), checked })
}

/// An appeal is decided by somebody else than the one who decided; an administrator may, since somebody has to.
fn by_another(file: &File, caller: &TokenRecord) -> Result<(), RecogniseError> {
    let same = file.text("/decision/officer") == Some(&caller.label);
    if file.state() == "appealed" && same && !caller.roles.contains(&Role::Admin) {
        let because = "who decided does not decide on the appeal against it; another officer does";
        return Err(RecogniseError::State { state: file.state().to_owned(), because });
    }
    Ok(())
}

/// Nobody recognises what its issuer has withdrawn or suspended, or what it did not sign; and what the verifier could not
/// verify only who has checked it by hand, and says how.
fn may_say(file: &File, settled: &Settled) -> Result<(), RecogniseError> {
    let recognises = settled.verdict.starts_with("RECOGNISED");
    let verification = file.text("/facts/verification/value");
    let refused = verification == Some("invalid")
        || matches!(file.text("/facts/status/value"), Some("revoked" | "replaced" | "suspended"));
    if refused && recognises {
        let because =
            "its award was withdrawn, is suspended, or is not its issuer's: that cannot be recognised";
        return Err(RecogniseError::State { state: file.state().to_owned(), because });
    }
    let unverified = verification != Some("valid");
    if recognises && unverified && settled.checked.is_none() {
        let detail = "is missing: the award could not be verified; tell how it was checked by hand, the statement says it";
        return Err(RecogniseError::member("/checkedByHand", detail));
    }
    if settled.checked.is_some() && !(recognises && unverified) {
        let detail = "stands with a recognition of what could not be verified alone";
        return Err(RecogniseError::member("/checkedByHand", detail));
    }
    Ok(())
}

/// Looks at the award once more. What cannot be had this moment is taken as it was had before; all else has to be the same.
async fn look_again(app: &App, member: &Member, file: &mut File) -> Result<(), RecogniseError> {
    if let Some(news) = renewed(app, member, file).await? {
        let now = app.now();
        app.commit(vec![file.filed(now, RULES)]).await?;
        return Err(RecogniseError::SourceChanged(news));
    }
    Ok(())
}

/// Makes the proposal anew where the award, or what is known of its institution, is not what it was; tells what it is now.
pub(super) async fn renewed(
    app: &App,
    member: &Member,
    file: &mut File,
) -> Result<Option<String>, RecogniseError> {
    let damaged = || RecogniseError::Damaged(file.id.to_string());
    let credential = Credential::parse(file.text("/credential").unwrap_or_default().to_owned().into_bytes());
    let credential = credential.map_err(|_| damaged())?;
    let application = file.at("/application").and_then(Value::as_object).ok_or_else(damaged)?;
    let day = file.text("/application/date").unwrap_or_default().to_owned();
    let request: Map<String, Value> = application
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "purpose" | "profession" | "refugee" | "target"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let proof = file.text("/tlogProof").map(str::to_owned);
    let found = propose::look(app, member, credential, proof, &request, &day).await?;
    let before = file.at("/facts").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut found = found;
    if let Some(kept) = out_of_reach(&before, &found.facts) {
        (found.inputs, found.decision) = propose::judged(app, member, &kept, &request, &day)?;
        found.facts = kept;
    }
    // What was held against an award that is not valid, and what is now, weigh the same with the rules and not with an officer.
    let checks =
        |facts: &Map<String, Value>| facts.get("verification").and_then(|fact| fact.get("checks")).cloned();
    if file.at("/inputs") == Some(found.inputs.to_value()) && checks(&before) == checks(&found.facts) {
        return Ok(None);
    }
    let told =
        |name: &str| found.facts.get(name).and_then(|fact| fact.get("value")?.as_str()).unwrap_or_default();
    let news = format!(
        "verification {}, status {}, proposal {}",
        told("verification"),
        told("status"),
        found.decision.verdict.as_str()
    );
    file.keep_basis();
    proposed(file, found, app.now());
    Ok(Some(news))
}

/// The facts to go on with where the award, or its status list, could not be had this moment though it was had before: what
/// was found then. `None` where everything could be had, and for what was found out and is not good: a key that somebody
/// else may have is news.
pub(super) fn out_of_reach(
    before: &Map<String, Value>,
    now: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let value = |facts: &Map<String, Value>, name: &str| {
        facts.get(name).and_then(|fact| fact.get("value")?.as_str()).unwrap_or_default().to_owned()
    };
    let only = |name: &str, code: Code| {
        let checks = now.get(name).and_then(|fact| fact.get("checks")?.as_array());
        checks.is_some_and(|checks| checks.iter().all(|check| check == code.as_str()))
    };
    let unread =
        value(now, "verification") == "indeterminate" && only("verification", Code::ProofKeyUnreachable);
    if unread && value(before, "verification") != "indeterminate" {
        return Some(before.clone());
    }
    let unasked = value(now, "status") == "unknown" && only("status", Code::StatusUnreachable);
    if unasked && value(before, "status") != "unknown" {
        let mut kept = now.clone();
        kept.insert("status".to_owned(), before.get("status")?.clone());
        return Some(kept);
    }
    None
}
