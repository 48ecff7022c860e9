//! `/authority/…`: what an authority does: its roots, whom it admits and accredits, and what became of that.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAccredit, only};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::accredit::{self, Decision};
use crate::publish;

/// `POST /authority/roots`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn publish_root(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    mut body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    only(&body.members, "", &["root"])?;
    let root = body.take("root")?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let published = async move { publish::trust::root(&app, &token, root).await };
    let root = work::recording(body.heavy, body.permit, published).await??;
    tracing::info!(territory = root.territory, token = digest_of(&caller.0), "root published");
    let told = json!({"territory": root.territory, "version": root.version, "fingerprint": root.fingerprint});
    Ok((StatusCode::CREATED, Json(told)))
}

/// `POST /authority/issuers`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn list_issuer(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Issuer).await
}

/// `POST /authority/keys`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn change_issuer_key(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Key).await
}

/// `POST /authority/accreditations`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn accredit_issuer(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Grant).await
}

/// `POST /authority/successors`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn name_successor(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Successor).await
}

/// `POST /authority/pointers`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn point_to(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Pointer).await
}

/// `POST /authority/policy`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn set_policy(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    decide(&web, &caller, body, Decision::Policy).await
}

/// `POST /authority/accreditations/{grant}/standing`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn change_standing(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    Path(grant): Path<String>,
    mut body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if body.members.contains_key("grant") {
        return Err(Problem::member("/grant", "stands in the address"));
    }
    body.members.insert("grant".to_owned(), grant.into());
    decide(&web, &caller, body, Decision::Standing).await
}

async fn decide(
    web: &Web,
    caller: &Caller<ToAccredit>,
    body: Body,
    decision: Decision,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let decided = async move { accredit::decide(&app, &token, decision, body.members).await };
    let decided = work::recording(body.heavy, body.permit, decided).await??;
    tracing::info!(list = decided.list, token = digest_of(&caller.0), "trust list changed");
    Ok((StatusCode::CREATED, Json(decided.to_json())))
}
