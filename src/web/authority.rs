//! `/authority/…`: what an authority does: its roots, whom it admits and accredits, and what became of that.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAccredit, only};
use super::problem::Problem;
use super::state::Web;
use super::work;
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
