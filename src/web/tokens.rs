//! `/tokens`: who may do what, a new token, one that works no more.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAdminister, only, text};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::access::{Act, Reach, Role};
use crate::administer;

/// `GET /tokens`: the tokens within the caller's reach, never their text.
///
/// # Errors
/// 401, 403.
pub async fn list_tokens(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
) -> Result<Json<Value>, Problem> {
    let tokens = web.app.store.tokens().await?;
    let within = tokens.into_iter().filter(|token| match &token.reach {
        Reach::All => caller.0.reach == Reach::All,
        Reach::Institutions(slugs) => slugs.iter().all(|slug| caller.0.allows(Act::Administer, slug)),
    });
    let told: Vec<_> = within
        .map(|token| {
            json!({
                "label": token.label, "roles": token.roles, "reach": token.reach,
                "created": token.created, "revoked": token.revoked,
            })
        })
        .collect();
    Ok(Json(json!({ "tokens": told })))
}

/// `POST /tokens`: the answer is the only place where the token's text ever stands.
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn make_token(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let members = &body.members;
    only(members, "", &["label", "roles", "reach"])?;
    let label = text(members, "", "label")?.filter(|label| !label.trim().is_empty());
    let label = label.ok_or_else(|| Problem::member("/label", "is missing"))?;
    let roles: Vec<Role> = members
        .get("roles")
        .and_then(|roles| serde_json::from_value(roles.clone()).ok())
        .ok_or_else(|| Problem::member("/roles", "is a list of roles"))?;
    let reach: Reach = members
        .get("reach")
        .and_then(|reach| serde_json::from_value(reach.clone()).ok())
        .ok_or_else(|| Problem::member("/reach", "is \"all\", or {\"institutions\": [slug, …]}"))?;
    let (app, token, named) = (web.app.clone(), caller.0.clone(), label.clone());
    let made = async move { administer::new_token(&app, &token, &named, roles, reach).await };
    let secret = work::recording(body.heavy, body.permit, made).await??;
    tracing::info!(token = digest_of(&caller.0), "token made");
    Ok((StatusCode::CREATED, Json(json!({ "label": label, "token": secret }))))
}

/// `POST /tokens/revoke`
///
/// # Errors
/// 400, 401, 403, 404.
pub async fn revoke_token(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    only(&body.members, "", &["label"])?;
    let label = text(&body.members, "", "label")?.ok_or_else(|| Problem::member("/label", "is missing"))?;
    let (app, token, named) = (web.app.clone(), caller.0.clone(), label.clone());
    let revoked = async move { administer::revoke_token(&app, &token, &named).await };
    work::recording(body.heavy, body.permit, revoked).await??;
    tracing::info!(token = digest_of(&caller.0), "token revoked");
    Ok(Json(json!({ "label": label })))
}
