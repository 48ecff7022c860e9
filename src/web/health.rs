//! For those who run the service: is it alive, can it work, what has it counted, what does it offer.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::problem::Problem;
use super::state::Web;

/// This interface as OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

/// `GET /healthz`: the process answers.
pub async fn health() -> Json<Value> {
    Json(json!({"status": "alive", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /readyz`: it can do its work.
///
/// # Errors
/// 507 while nothing can be recorded; reading and verifying go on.
pub async fn ready(State(web): State<Web>) -> Result<Json<Value>, Problem> {
    web.app.store.writable().await?;
    Ok(Json(json!({"status": "ready"})))
}

/// `GET /metrics`
pub async fn metrics(State(web): State<Web>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], web.meter.text()).into_response()
}

/// `GET /openapi.json`
pub async fn openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, OPENAPI).into_response()
}
