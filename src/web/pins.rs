//! `/trust/pins`: whose trust lists count here; pinned by fingerprint, and ended.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAdminister, only, text};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::pin;
use crate::trust::Pinned;

/// `GET /trust/pins`
///
/// # Errors
/// 401, 403.
pub async fn list_pins(State(web): State<Web>, _caller: Caller<ToAdminister>) -> Json<Value> {
    let told: Vec<_> = web.app.registry.pinned().iter().map(|pinned| told(&web, pinned)).collect();
    Json(json!({ "pins": told }))
}

/// `POST /trust/pins`
///
/// # Errors
/// 400, 401, 403, 409.
pub async fn make_pin(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    only(&body.members, "", &["url", "fingerprint"])?;
    let member = |name: &str| {
        text(&body.members, "", name)?.ok_or_else(|| Problem::member(format!("/{name}"), "is missing"))
    };
    let (url, fingerprint) = (member("url")?, member("fingerprint")?);
    let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let url = url.ok_or_else(|| Problem::member("/url", "is to be the URL of a root"))?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let made = async move { pin::add(&app, &token, &url, &fingerprint).await };
    let pinned = work::recording(body.heavy, body.permit, made).await??;
    tracing::info!(territory = pinned.pin.territory, token = digest_of(&caller.0), "authority pinned");
    Ok((StatusCode::CREATED, Json(told(&web, &pinned))))
}

/// `POST /trust/unpin`
///
/// # Errors
/// 400, 401, 403, 404.
pub async fn end_pin(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    only(&body.members, "", &["territory"])?;
    let territory = text(&body.members, "", "territory")?;
    let territory = territory.ok_or_else(|| Problem::member("/territory", "is missing"))?;
    let (app, token, named) = (web.app.clone(), caller.0.clone(), territory.clone());
    let ended = async move { pin::remove(&app, &token, &named).await };
    work::recording(body.heavy, body.permit, ended).await??;
    tracing::info!(territory, token = digest_of(&caller.0), "authority unpinned");
    Ok(Json(json!({ "territory": territory })))
}

fn told(web: &Web, pinned: &Pinned) -> Value {
    let (pin, now) = (&pinned.pin, web.app.now());
    let list = pinned.list.as_ref().map(|list| {
        json!({
            "sequence": list.sequence, "issuedAt": list.issued_at, "nextUpdate": list.next_update,
            "issuers": list.issuers().count(), "agreements": list.agreements().len(), "stale": list.is_stale(now), "over": list.is_over(now),
        })
    });
    json!({
        "territory": pin.territory, "url": pin.root_url, "fingerprint": pin.fingerprint,
        "rootVersion": pinned.root.version, "pinned": pin.pinned, "refreshed": pin.refreshed, "list": list,
    })
}
