//! The statement of recognition: signed by the authority about one award, by the award's id and digest.

use serde_json::{Map, Value, json};

use super::file::File;
use super::{RecogniseError, number, register, today};
use crate::access::TokenRecord;
use crate::app::App;
use crate::codec::datetime::to_seconds;
use crate::codec::{digest, multibase};
use crate::credential::View;
use crate::credential::draft::Draft;
use crate::credential::id::CredentialId;
use crate::credential::kinds::Class;
use crate::issue;
use crate::registry::Member;
use crate::revoke::SUPERSEDED;
use crate::store::{Change, ListKey, Purpose, Register, StatusEvent, StoreError, Visibility};
use crate::verify::Verdict;

/// The kind on record of a statement.
pub const STATEMENT: &str = "recognition-statement";

/// What is told besides the rules' own reasons where an officer decided otherwise than they propose.
pub const BY_OFFICER: &str = "officer.decision";

/// What is told, with how, where an officer has checked by hand what the verifier could not.
pub const BY_HAND: &str = "checked.by.hand";

/// Longest digest of an award, bytes as it is decoded.
const MAX_DIGEST: usize = 128;

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The verdict, as recognition-rules/1 writes it.
    pub verdict: String,
    /// Why.
    pub reasons: Vec<String>,
    /// The level it is recognised at.
    pub level: Option<String>,
    /// What else is open.
    pub alternatives: Vec<String>,
    /// Why an officer decided otherwise than proposed.
    pub overridden: Option<String>,
    /// How an officer has checked by hand what the verifier could not.
    pub checked: Option<String>,
}

impl Settled {
    /// As the rules propose it.
    pub fn as_proposed(file: &File) -> Self {
        let text = |pointer: &str| file.text(pointer).map(str::to_owned);
        let list = |pointer: &str| {
            let items = file.at(pointer).and_then(Value::as_array);
            items.into_iter().flatten().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
        };
        Self {
            verdict: text("/proposal/verdict").unwrap_or_default(),
            reasons: list("/proposal/reasons"),
            level: text("/proposal/level"),
            alternatives: list("/proposal/alternatives"),
            overridden: None,
            checked: None,
        }
    }

    /// As a file has it, with the number, day and address of its statement, and who took it.
    fn to_members(&self, [number, day, url, officer]: [&str; 4]) -> Map<String, Value> {
        let mut decision = Map::new();
        decision.insert("verdict".to_owned(), json!(self.verdict));
        decision.insert("reasons".to_owned(), json!(self.reasons));
        if let Some(level) = &self.level {
            decision.insert("level".to_owned(), json!(level));
        }
        if !self.alternatives.is_empty() {
            decision.insert("alternatives".to_owned(), json!(self.alternatives));
        }
        if let Some(reason) = &self.overridden {
            decision.insert("overridden".to_owned(), json!(reason));
        }
        if let Some(how) = &self.checked {
            decision.insert("checkedByHand".to_owned(), json!(how));
        }
        for (name, value) in [("number", number), ("date", day), ("statement", url), ("officer", officer)] {
            decision.insert(name.to_owned(), json!(value));
        }
        decision
    }
}

/// Issues the statement and records, in the same commit, the decision in the file and the award among those recognised; a
/// statement made before on the same application is replaced by it, where no other application stands on it. The file is as
/// decided when this returns.
///
/// # Errors
/// Nothing is recorded, and nothing signed leaves.
pub(super) async fn issue(
    app: &App,
    caller: &TokenRecord,
    authority: &Member,
    file: &mut File,
    settled: Settled,
) -> Result<(), RecogniseError> {
    let _numbered_one_by_one = app.recognising.lock().await;
    numbered(app, caller, authority, file, settled).await
}

/// Settles an application that needs no officer: by the statement that stands already about the same award for the same
/// purpose, where there is one, so that nobody gets a second by asking again; else by a new one.
///
/// # Errors
/// As [`issue`].
pub(super) async fn issue_once(
    app: &App,
    caller: &TokenRecord,
    authority: &Member,
    file: &mut File,
    settled: Settled,
) -> Result<(), RecogniseError> {
    let _numbered_one_by_one = app.recognising.lock().await;
    let now = app.now();
    let standing = register::standing(app, file, &settled, now, &caller.label).await?;
    let Some((known, shared)) = standing else {
        return numbered(app, caller, authority, file, settled).await;
    };
    let of = |name: &str| known.get(name).and_then(Value::as_str).unwrap_or_default();
    decided(file, settled.to_members([of("number"), of("date"), of("url"), &caller.label]));
    file.tell(now, &caller.label, "decided", None);
    app.commit(vec![file.filed(now, &caller.label), shared]).await?;
    file.version += 1;
    Ok(())
}

/// The decision in the file: it rests on what is in the file now, and whoever took it knew that.
fn decided(file: &mut File, decision: Map<String, Value>) {
    file.body.shift_remove("basis");
    file.body.shift_remove("doubted");
    file.set("decision", decision);
    file.set("state", "decided");
}

async fn numbered(
    app: &App,
    caller: &TokenRecord,
    authority: &Member,
    file: &mut File,
    settled: Settled,
) -> Result<(), RecogniseError> {
    let now = app.now();
    let slug = &authority.institution.slug;
    let day = today(app);
    let year = day.get(..4).unwrap_or_default();
    let (number, given) = number::next(app, slug, year, now, &caller.label).await?;
    let id = CredentialId::from_bytes(issue::random()?);
    let url = app.urls.credential(id);
    let draft = document(app, authority, file, &settled, &number, &url);

    let before = file.text("/decision/statement").map(str::to_owned);
    decided(file, settled.to_members([&number, &day, &url, &caller.label]));
    file.tell(now, &caller.label, "decided", settled.overridden.as_deref());
    let mut with = vec![given, file.filed(now, &caller.label)];
    let known = (url.as_str(), number.as_str());
    let (recognised, shared) =
        register::recognised(app, file, &settled, known, before.as_deref(), now, &caller.label).await?;
    with.push(recognised);
    let replaced = match &before {
        // Whoever else stands on it keeps it until theirs is decided anew.
        Some(before) if !shared => replaced(app, caller, before, &url).await?,
        _ => None,
    };
    with.extend(replaced.iter().map(|(change, ..)| change.clone()));
    let issued = issue::by_own_verb(app, caller, authority, STATEMENT, id, draft, with).await;
    issued.map_err(|error| match error {
        issue::IssueError::Store(error) => RecogniseError::from(error),
        other => RecogniseError::Issue(other),
    })?;
    file.version += 1;
    if let Some((_, list, index)) = replaced {
        app.registry.set_bit(&list, index, true);
    }
    Ok(())
}

/// What an authority of this service has on record about the award that a verified statement is about; and, where that award
/// is one of ours, as `sameAward` whether it is the very document. `None` for what is no statement, and where nothing is known.
///
/// # Errors
/// The store.
pub async fn recognised_by(app: &App, verdict: &Verdict) -> Result<Option<Value>, StoreError> {
    let document = verdict.verifiable_credential.as_ref().and_then(|one| one.get().as_object());
    let Some(document) = document.filter(|document| {
        matches!(Class::of(document), Class::Reserved(name) if name == "RecognitionStatementCredential")
    }) else {
        return Ok(None);
    };
    let subject = |name: &str| document.get("credentialSubject")?.get(name)?.as_str();
    let Some(digest) = subject("digestMultibase").filter(|digest| digest.len() <= MAX_DIGEST) else {
        return Ok(None);
    };
    let mut told = Map::new();
    if let Some(issuer) = View::of(document).issuer_id().and_then(|did| app.registry.member_by_did(did)) {
        let slug = &issuer.institution.slug;
        let filing = app.store.filing(slug, Register::Recognised, digest, None).await?;
        let body = filing.and_then(|filing| filing.body);
        told = body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    }
    if let Some(own) = subject("id").and_then(|id| app.registry.credential_at(id))
        && let Some(record) = app.store.credential(own).await?
        && record.visibility == Visibility::Public
    {
        told.insert("sameAward".to_owned(), json!(digest::to_multihash(&record.digest) == digest));
    }
    Ok((!told.is_empty()).then_some(Value::Object(told)))
}

/// That a statement made before is replaced: revoked as superseded, unless it is revoked already.
async fn replaced(
    app: &App,
    caller: &TokenRecord,
    before: &str,
    by: &str,
) -> Result<Option<(Change, ListKey, u32)>, RecogniseError> {
    let Some(id) = app.urls.credential_of(before) else { return Ok(None) };
    let Some(record) = app.store.credential(id).await? else { return Ok(None) };
    let slot = record.slots.iter().find(|slot| slot.purpose == Purpose::Revocation);
    let Some(slot) = slot else { return Ok(None) };
    let events = app.store.status_events(id).await?;
    if events.iter().rev().find(|event| event.purpose == Purpose::Revocation).is_some_and(|event| event.value)
    {
        return Ok(None);
    }
    let event = StatusEvent {
        credential: id,
        purpose: Purpose::Revocation,
        value: true,
        at: app.now(),
        actor: caller.label.clone(),
        reason: SUPERSEDED.to_owned(),
        successor: Some(by.to_owned()),
    };
    let list = ListKey {
        institution: record.institution.clone(),
        purpose: Purpose::Revocation,
        list: slot.list,
        mirror: false,
    };
    Ok(Some((Change::StatusSet { event, expect: false }, list, slot.index)))
}

fn document(app: &App, authority: &Member, file: &File, settled: &Settled, number: &str, url: &str) -> Draft {
    let text = |pointer: &str| file.text(pointer);
    let source_level = text("/facts/framework/value")
        .zip(file.at("/facts/level/value").and_then(Value::as_u64))
        .map(|(framework, level)| format!("{framework}:{level}"));
    let agreement = settled.reasons.iter().find_map(|reason| reason.strip_prefix("auto.agreement:"));
    let appeal = match &app.config.recognition.appeal {
        Some(url) => url.to_string(),
        None => format!("{}/applications", app.urls.public()),
    };
    let mut decision = Map::new();
    for (name, value) in [
        ("number", Some(json!(number))),
        ("date", Some(json!(today(app)))),
        ("verdict", Some(json!(settled.verdict))),
        ("reasons", Some(json!(settled.reasons))),
        ("purpose", text("/application/purpose").map(Value::from)),
        ("sourceLevel", source_level.map(Value::from)),
        ("comparableLevel", settled.level.clone().map(Value::from)),
        ("agreementId", agreement.map(Value::from)),
        ("ruleSet", text("/inputs/rules/ruleSet").map(Value::from)),
        ("appeal", Some(json!(appeal))),
    ] {
        if let Some(value) = value {
            decision.insert(name.to_owned(), value);
        }
    }
    let document = json!({
        "@context": app.urls.authority_contexts(),
        "id": url,
        "type": ["VerifiableCredential", "EndorsementCredential", "RecognitionStatementCredential"],
        "name": "Statement of recognition",
        "issuer": authority.institution.profile(),
        "validFrom": to_seconds(app.now()),
        "credentialSubject": {
            "id": named(file),
            "type": ["EndorsementSubject"],
            "endorsementComment": comment(settled, text("/application/purpose").unwrap_or_default()),
            "digestMultibase": text("/application/award/digestMultibase"),
            "decision": decision,
        },
    });
    Draft::from_members(if let Value::Object(members) = document { members } else { Map::new() })
}

/// What the statement calls the award: its id where that was signed; else the name that its digest gives it (RFC 6920), since
/// what nobody signed may bear the id of somebody else's award.
fn named(file: &File) -> String {
    if let Some(id) = file.text("/application/award/id") {
        return id.to_owned();
    }
    let digest = file.text("/application/award/digestMultibase").unwrap_or_default();
    let hash =
        digest::from_multihash(digest).map(|hash| multibase::encode_base64url(&hash)).unwrap_or_default();
    format!("ni:///sha-256;{}", hash.trim_start_matches('u'))
}

/// The decision in an English sentence, for whoever reads the file and not the page.
fn comment(settled: &Settled, purpose: &str) -> String {
    let purpose = purpose.replace('-', " ");
    let level = settled.level.as_ref().map(|level| format!(" at {level}")).unwrap_or_default();
    let said = match settled.verdict.as_str() {
        "RECOGNISED_AUTOMATIC" | "RECOGNISED_FULL" => format!("Recognised{level} for {purpose}."),
        "RECOGNISED_CONDITIONAL" => format!("Recognised{level} for {purpose}, on conditions."),
        "RECOGNISED_PARTIAL" => format!("Recognised in part{level} for {purpose}."),
        "REFER" => "Another authority decides.".to_owned(),
        "NOT_VERIFIED" => "The award itself does not hold.".to_owned(),
        _ => format!("Not recognised for {purpose}."),
    };
    let said = match &settled.checked {
        Some(how) => format!("{said} Checked by hand: {how}."),
        None => said,
    };
    match settled.alternatives.as_slice() {
        [] => said,
        some => format!("{said} Open instead: {}.", some.join(", ")),
    }
}
