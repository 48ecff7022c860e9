//! `POST /credentials/status`: suspend, restore or revoke, in our own words or in VC-API's.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToSetStatus, only, text};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::institution::Slug;
use crate::revoke::{self, Request};
use crate::status::Purpose;

/// The reason on record when a client speaks VC-API, which has no place for one.
const UNSPECIFIED: &str = "unspecified";

/// `POST /credentials/status`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn set_status(
    State(web): State<Web>,
    caller: Caller<ToSetStatus>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let request = read(&body.members)?;
    let name = request.credential.clone();
    let (app, token) = (web.app.clone(), caller.0.clone());
    let set = async move { revoke::set_status(&app, &token, request).await };
    let event = work::recording(body.heavy, body.permit, set).await??;
    let (purpose, value) = (event.purpose.as_str(), event.value);
    tracing::info!(credential = %event.credential, token = digest_of(&caller.0), purpose, value, "status set");
    let mut told = json!({
        "credentialId": name,
        "url": web.app.urls.credential(event.credential),
        "statusPurpose": purpose,
        "value": value,
        "at": event.at.to_string(),
        "reason": event.reason,
    });
    if let Some(successor) = event.successor {
        told["successor"] = Value::String(successor);
    }
    Ok(Json(told))
}

/// Reads either form of the request.
fn read(members: &Map<String, Value>) -> Result<Request, Problem> {
    const KNOWN: &[&str] = &[
        "credentialId",
        "statusPurpose",
        "value",
        "reason",
        "successor",
        "institution",
        "credentialStatus",
        "status",
    ];
    only(members, "", KNOWN)?;
    let needed = |name: &str| Problem::member(format!("/{name}"), "is missing");
    let credential = text(members, "", "credentialId")?.ok_or_else(|| needed("credentialId"))?;
    let institution = text(members, "", "institution")?
        .map(|slug| Slug::parse(&slug).map_err(|error| Problem::member("/institution", error.to_string())))
        .transpose()?;
    let mut reason = text(members, "", "reason")?;
    let successor = text(members, "", "successor")?;
    let (purpose, value) = match members.get("credentialStatus") {
        Some(entry) => {
            let (entry, pointer) = the_one(entry)?;
            only(
                entry,
                &pointer,
                &["type", "statusPurpose", "status", "id", "statusListIndex", "statusListCredential"],
            )?;
            let purpose = purpose(entry, &pointer)?;
            let value = match (entry.get("status"), members.get("status")) {
                (Some(value), _) => truth(value, &format!("{pointer}/status"))?,
                (None, Some(value)) => truth(value, "/status")?,
                (None, None) => return Err(Problem::member(format!("{pointer}/status"), "is missing")),
            };
            reason = reason.or_else(|| Some(UNSPECIFIED.to_owned()).filter(|_| value));
            (purpose, value)
        }
        None => {
            let value = members.get("value").ok_or_else(|| needed("value"))?;
            let value = value.as_bool().ok_or_else(|| Problem::member("/value", "is true or false"))?;
            (purpose(members, "")?, value)
        }
    };
    Ok(Request { credential, institution, purpose, value, reason, successor })
}

/// VC-API allows a list; one status at a time keeps the answer whole.
fn the_one(entry: &Value) -> Result<(&Map<String, Value>, String), Problem> {
    match entry {
        Value::Object(entry) => Ok((entry, "/credentialStatus".to_owned())),
        Value::Array(entries) => match entries.as_slice() {
            [Value::Object(entry)] => Ok((entry, "/credentialStatus/0".to_owned())),
            _ => Err(Problem::member("/credentialStatus", "is to hold one status")),
        },
        _ => Err(Problem::member("/credentialStatus", "is to be an object, or an array of one")),
    }
}

fn purpose(members: &Map<String, Value>, pointer: &str) -> Result<Purpose, Problem> {
    let wrong = |detail: &str| Problem::member(format!("{pointer}/statusPurpose"), detail);
    let word = text(members, pointer, "statusPurpose")?.ok_or_else(|| wrong("is missing"))?;
    Purpose::parse(&word).ok_or_else(|| wrong("is revocation or suspension"))
}

/// `true`, `"true"`, `"1"`, `"0x1"` and their opposites.
fn truth(value: &Value, pointer: &str) -> Result<bool, Problem> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if matches!(text.as_str(), "1" | "true" | "0x1") => Ok(true),
        Value::String(text) if matches!(text.as_str(), "0" | "false" | "0x0") => Ok(false),
        _ => Err(Problem::member(pointer, "is true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Value) -> Result<Request, Problem> {
        let Value::Object(members) = body else { unreachable!() };
        read(&members)
    }

    #[test]
    fn both_forms_say_the_same() {
        let ours = request(
            json!({"credentialId": "x", "statusPurpose": "revocation", "value": true, "reason": "error"}),
        );
        let ours = ours.unwrap();
        assert_eq!(
            (ours.purpose, ours.value, ours.reason.as_deref()),
            (Purpose::Revocation, true, Some("error"))
        );
        for theirs in [
            json!({"credentialId": "x", "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": "1"}]}),
            json!({"credentialId": "x", "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}, "status": true}),
        ] {
            let theirs = request(theirs).unwrap();
            assert_eq!((theirs.purpose, theirs.value), (Purpose::Revocation, true));
            assert_eq!(theirs.reason.as_deref(), Some(UNSPECIFIED));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, pointer) in [
            (json!({}), "/credentialId"),
            (json!({"credentialId": 4}), "/credentialId"),
            (json!({"credentialId": "x"}), "/value"),
            (json!({"credentialId": "x", "value": "yes"}), "/value"),
            (json!({"credentialId": "x", "value": true}), "/statusPurpose"),
            (json!({"credentialId": "x", "value": true, "statusPurpose": "refresh"}), "/statusPurpose"),
            (json!({"credentialId": "x", "value": true, "why": "?"}), "/why"),
            (json!({"credentialId": "x", "credentialStatus": []}), "/credentialStatus"),
            (
                json!({"credentialId": "x", "credentialStatus": [{"statusPurpose": "revocation"}]}),
                "/credentialStatus/0/status",
            ),
        ] {
            let problem = request(body).unwrap_err();
            assert_eq!(problem.faults[0].pointer, pointer);
        }
    }
}
