//! `POST /credentials/erase`: the content of a record is destroyed, at a person's wish or by law.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToErase, only, text};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::erase::{self, Request};
use crate::institution::Slug;

/// `POST /credentials/erase`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn erase_credential(
    State(web): State<Web>,
    caller: Caller<ToErase>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let members = &body.members;
    only(members, "", &["credentialId", "institution", "reason"])?;
    let institution = text(members, "", "institution")?
        .map(|slug| Slug::parse(&slug).map_err(|error| Problem::member("/institution", error.to_string())))
        .transpose()?;
    let request = Request {
        credential: text(members, "", "credentialId")?
            .ok_or_else(|| Problem::member("/credentialId", "is missing"))?,
        institution,
        reason: text(members, "", "reason")?.unwrap_or_default(),
    };
    let (name, reason) = (request.credential.clone(), request.reason.clone());
    let (app, token) = (web.app.clone(), caller.0.clone());
    let erased = async move { erase::erase(&app, &token, request).await };
    let erased = work::recording(body.heavy, body.permit, erased).await??;
    tracing::info!(credential = %erased.id, token = digest_of(&caller.0), reason, "record erased");
    Ok(Json(json!({
        "credentialId": name,
        "url": web.app.urls.credential(erased.id),
        "erased": erased.at.to_string(),
    })))
}
