//! The register of what was recognised: one file for each award, by its digest, with the statements about it and nobody's name.

use serde_json::{Map, Value, json};

use super::RecogniseError;
use super::file::File;
use super::statement::Settled;
use super::worth::stands;
use crate::app::App;
use crate::codec::json;
use crate::credential::view::each;
use crate::store::{Change, Filing, Register};

/// Most statements remembered about one award.
const MAX_STATEMENTS: usize = 200;
/// What a statement answers, of the application.
const ASKED: [&str; 3] = ["purpose", "profession", "target"];
/// Where a status is kept: an address and a number, no person.
const STATUS: [&str; 4] = ["type", "statusPurpose", "statusListIndex", "statusListCredential"];

/// The award among those recognised, found by its digest.
pub(super) async fn recognised(
    app: &App,
    file: &File,
    settled: &Settled,
    (url, number): (&str, &str),
    day: &str,
    now: jiff::Timestamp,
    actor: &str,
) -> Result<Change, RecogniseError> {
    let digest = file.text("/application/award/digestMultibase").unwrap_or_default();
    let known = app.store.filing(&file.authority, Register::Recognised, digest, None).await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    let mut body: Map<String, Value> =
        known.and_then(|known| serde_json::from_slice(&known.body?).ok()).unwrap_or_else(|| {
            let source = json!({
                "id": file.text("/application/award/id"), "issuer": file.text("/facts/issuer/value"),
                "status": statuses(file),
            });
            Map::from_iter([("source".to_owned(), source), ("statements".to_owned(), json!([]))])
        });
    let mut statement = json!({
        "url": url, "application": file.id.to_string(), "verdict": settled.verdict, "number": number, "date": day,
    });
    for name in ASKED {
        if let Some(asked) = file.at("/application").and_then(|application| application.get(name)) {
            statement[name] = asked.clone();
        }
    }
    if let Some(level) = &settled.level {
        statement["level"] = json!(level);
    }
    if !settled.alternatives.is_empty() {
        statement["alternatives"] = json!(settled.alternatives);
    }
    if let Some(statements) = body.get_mut("statements").and_then(Value::as_array_mut) {
        // One application has one statement in force.
        let same = json!(file.id.to_string());
        statements.retain(|known| known["application"] != same);
        statements.push(statement);
        let surplus = statements.len().saturating_sub(MAX_STATEMENTS);
        statements.drain(..surplus);
    }
    // What became of the award is found out by the watch, and taken back by the watch alone.
    if let Some(told) = file.body.get("sourceRevoked") {
        body.insert("sourceRevoked".to_owned(), told.clone());
    }
    Ok(Change::Filed(Box::new(Filing {
        institution: file.authority.clone(),
        register: Register::Recognised,
        id: digest.to_owned(),
        version: version + 1,
        at: now,
        actor: actor.to_owned(),
        body: Some(Value::Object(body).to_string().into_bytes()),
    })))
}

/// That the award among those recognised is not what it was, or is again, and whether what the statement of this file rests on
/// is in doubt; `None` where it says so already.
pub(super) async fn marked(
    app: &App,
    file: &File,
    now: jiff::Timestamp,
    actor: &str,
) -> Result<Option<Change>, RecogniseError> {
    let digest = file.text("/application/award/digestMultibase").unwrap_or_default();
    let Some(known) = app.store.filing(&file.authority, Register::Recognised, digest, None).await? else {
        return Ok(None);
    };
    let body = known.body.as_deref().and_then(|body| serde_json::from_slice::<Map<String, Value>>(body).ok());
    let Some(mut body) = body else { return Ok(None) };
    let mut changed = tell(&mut body, "sourceRevoked", file.body.get("sourceRevoked"));
    let own = file.text("/decision/statement");
    for statement in body.get_mut("statements").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(statement) = statement.as_object_mut() else { continue };
        if own.is_some() && statement.get("url").and_then(Value::as_str) == own {
            changed |= tell(statement, "doubted", file.body.get("doubted"));
        }
    }
    if !changed {
        return Ok(None);
    }
    Ok(Some(Change::Filed(Box::new(Filing {
        version: known.version + 1,
        at: now,
        actor: actor.to_owned(),
        body: Some(Value::Object(body).to_string().into_bytes()),
        ..known
    }))))
}

/// Sets a member, or takes it out; says whether that was a change.
fn tell(members: &mut Map<String, Value>, name: &str, told: Option<&Value>) -> bool {
    if members.get(name) == told {
        return false;
    }
    match told {
        Some(told) => _ = members.insert(name.to_owned(), told.clone()),
        None => _ = members.shift_remove(name),
    }
    true
}

/// The statement that stands about the same award, answers the same question and says the same; `None` where there is none.
pub(super) async fn standing(
    app: &App,
    file: &File,
    settled: &Settled,
) -> Result<Option<Value>, RecogniseError> {
    let digest = file.text("/application/award/digestMultibase").unwrap_or_default();
    let filing = app.store.filing(&file.authority, Register::Recognised, digest, None).await?;
    let Some(body) = filing.and_then(|filing| filing.body) else { return Ok(None) };
    let Ok(body) = json::parse(&body) else { return Ok(None) };
    let application = file.at("/application");
    let asked = |name: &str| application.and_then(|application| application.get(name));
    for known in each(body.get("statements")).iter().rev() {
        let text = |name: &str| known.get(name).and_then(Value::as_str);
        let same = text("verdict") == Some(&settled.verdict)
            && text("level") == settled.level.as_deref()
            && text("number").is_some()
            && ASKED.iter().all(|name| known.get(*name) == asked(name));
        if same && stands(app, text("url").unwrap_or_default()).await? {
            return Ok(Some(known.clone()));
        }
    }
    Ok(None)
}

/// Where the status of the award is kept, for whoever looks again once its file was erased.
fn statuses(file: &File) -> Value {
    let document = file.text("/credential").and_then(|text| json::parse(text.as_bytes()).ok());
    let entries = document.as_ref().map(|document| each(document.get("credentialStatus")));
    let kept = entries.into_iter().flatten().filter_map(Value::as_object).map(|entry| {
        let kept = STATUS.iter().filter_map(|name| Some(((*name).to_owned(), entry.get(*name)?.clone())));
        Value::Object(kept.collect())
    });
    kept.collect()
}
