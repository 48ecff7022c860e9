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
/// Most applications that one statement answers.
const MAX_SHARED: usize = 200;
/// What a statement answers, of the application.
const ASKED: [&str; 3] = ["purpose", "profession", "target"];
/// Where a status is kept: an address and a number, no person.
const STATUS: [&str; 4] = ["type", "statusPurpose", "statusListIndex", "statusListCredential"];

/// The award among those recognised, found by its digest; and whether somebody else stands on the statement that this
/// application had before.
pub(super) async fn recognised(
    app: &App,
    file: &File,
    settled: &Settled,
    (url, number): (&str, &str),
    before: Option<&str>,
    now: jiff::Timestamp,
    actor: &str,
) -> Result<(Change, bool), RecogniseError> {
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
        "url": url, "application": file.id.to_string(), "verdict": settled.verdict, "number": number,
        "date": file.text("/decision/date"),
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
    let mut shared = false;
    if let Some(statements) = body.get_mut("statements").and_then(Value::as_array_mut) {
        // One application has one statement in force.
        statements.retain_mut(|known| !leave(known, &file.id.to_string()));
        shared = before.is_some() && statements.iter().any(|known| known["url"].as_str() == before);
        statements.push(statement);
        let surplus = statements.len().saturating_sub(MAX_STATEMENTS);
        statements.drain(..surplus);
    }
    // What became of the award is found out by the watch, and taken back by the watch alone.
    if let Some(told) = file.body.get("sourceRevoked") {
        body.insert("sourceRevoked".to_owned(), told.clone());
    }
    let filing = Filing {
        institution: file.authority.clone(),
        register: Register::Recognised,
        id: digest.to_owned(),
        version: version + 1,
        at: now,
        actor: actor.to_owned(),
        body: Some(Value::Object(body).to_string().into_bytes()),
    };
    Ok((Change::Filed(Box::new(filing)), shared))
}

/// Takes an application off a statement, which is then the next one's; says whether there is none.
fn leave(statement: &mut Value, application: &str) -> bool {
    let own = statement["application"] == application;
    let mut others = each(statement.get("also")).to_vec();
    others.retain(|other| other != application);
    if own && others.is_empty() {
        return true;
    }
    if own {
        statement["application"] = others.remove(0);
    }
    if let Some(statement) = statement.as_object_mut() {
        match others.is_empty() {
            true => _ = statement.shift_remove("also"),
            false => _ = statement.insert("also".to_owned(), json!(others)),
        }
    }
    false
}

/// The applications that a statement of the register answers.
pub(super) fn answered(statement: &Value) -> impl Iterator<Item = &str> {
    let also = each(statement.get("also")).iter();
    statement.get("application").into_iter().chain(also).filter_map(Value::as_str)
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

/// The statement that stands about the same award, answers the same question and says the same, and that it answers this
/// application as well from now on. `None` where there is none; one in doubt is none.
pub(super) async fn standing(
    app: &App,
    file: &File,
    settled: &Settled,
    now: jiff::Timestamp,
    actor: &str,
) -> Result<Option<(Value, Change)>, RecogniseError> {
    let digest = file.text("/application/award/digestMultibase").unwrap_or_default();
    let filing = app.store.filing(&file.authority, Register::Recognised, digest, None).await?;
    let Some(filing) = filing else { return Ok(None) };
    let body = filing.body.as_deref().and_then(|body| json::parse(body).ok());
    let Some(mut body) = body.filter(|body| body.get("sourceRevoked").is_none()) else { return Ok(None) };
    let application = file.at("/application");
    let asked = |name: &str| application.and_then(|application| application.get(name));
    for known in body.get_mut("statements").and_then(Value::as_array_mut).into_iter().flatten().rev() {
        let text = |name: &str| known.get(name).and_then(Value::as_str);
        let same = text("verdict") == Some(&settled.verdict)
            && text("level") == settled.level.as_deref()
            && text("number").is_some()
            && known.get("doubted").is_none()
            && ASKED.iter().all(|name| known.get(*name) == asked(name))
            && each(known.get("also")).len() < MAX_SHARED;
        if same && stands(app, text("url").unwrap_or_default()).await? {
            let mut also = each(known.get("also")).to_vec();
            also.push(json!(file.id.to_string()));
            known["also"] = json!(also);
            let known = known.clone();
            let shared = Filing {
                version: filing.version + 1,
                at: now,
                actor: actor.to_owned(),
                body: Some(body.to_string().into_bytes()),
                ..filing
            };
            return Ok(Some((known, Change::Filed(Box::new(shared)))));
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
