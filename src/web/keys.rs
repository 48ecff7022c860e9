//! `/institutions/{slug}/keys`: an institution's keys, a new one, one that signs no more.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAdminister, ToRead, only, text};
use super::problem::{Code, Problem};
use super::state::Web;
use super::work;
use crate::administer;
use crate::institution::Slug;

/// `GET /institutions/{slug}/keys`
///
/// # Errors
/// 401, 403, 404.
pub async fn list_keys(
    State(web): State<Web>,
    caller: Caller<ToRead>,
    Path(slug): Path<String>,
) -> Result<Json<Value>, Problem> {
    let member = Slug::parse(&slug).ok().and_then(|slug| web.app.registry.member(&slug));
    let member = member.filter(|member| caller.0.reaches(&member.institution.slug));
    let member = member.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(json!({ "keys": member.institution.keys })))
}

/// `POST /institutions/{slug}/keys`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn make_key(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    Path(slug): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    only(&body.members, "", &["retireOthers"])?;
    let retire = match body.members.get("retireOthers") {
        None => false,
        Some(Value::Bool(retire)) => *retire,
        Some(_) => return Err(Problem::member("/retireOthers", "is true or false")),
    };
    let slug = Slug::parse(&slug).map_err(|_| Problem::new(Code::NotFound))?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let made = async move { administer::new_key(&app, &token, &slug, retire).await };
    let key = work::recording(body.heavy, body.permit, made).await??;
    tracing::info!(key = %key.key, token = digest_of(&caller.0), "key made");
    Ok((StatusCode::CREATED, Json(json!(key))))
}

/// `POST /institutions/{slug}/keys/{key}/retire`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn retire_key(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    Path((slug, key)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    only(&body.members, "", &["compromisedSince"])?;
    let compromised = match text(&body.members, "", "compromisedSince")? {
        None => None,
        Some(since) => Some(
            since
                .parse()
                .map_err(|_| Problem::member("/compromisedSince", "is a date and time with its zone"))?,
        ),
    };
    let slug = Slug::parse(&slug).map_err(|_| Problem::new(Code::NotFound))?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let retired = async move { administer::retire_key(&app, &token, &slug, &key, compromised).await };
    let key = work::recording(body.heavy, body.permit, retired).await??;
    tracing::info!(key = %key.key, token = digest_of(&caller.0), "key retired");
    Ok(Json(json!(key)))
}
