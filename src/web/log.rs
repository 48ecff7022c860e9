//! The transparency log as the world reads it (C2SP tlog-tiles), and the proof that travels beside a credential.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::caching::{uncached, varied};
use super::credentials::visible;
use super::extract::Anyone;
use super::problem::{Code, Problem};
use super::routes;
use super::state::Web;
use crate::credential::id::CredentialId;
use crate::log::SignedCheckpoint;
use crate::log::tile::Tile;
use crate::publish::log::LogError;
use crate::publish::proof;
use crate::store::logs::cut;
use crate::store::{LogState, Visibility};

/// A file of the log never changes, whatever its width.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET /log`: every log there is, oldest first.
///
/// # Errors
/// None of the reader's making.
pub async fn show_logs(State(web): State<Web>) -> Result<Response, Problem> {
    let logs = web.app.store.logs().await?;
    let last = logs.last().map(|log| log.year);
    let base = format!("{}{}", web.app.urls.public(), routes::LOGS);
    let told = |log: &LogState| {
        let checkpoint = SignedCheckpoint::parse(&log.checkpoint).map_err(LogError::from)?;
        let head = checkpoint.claimed();
        Ok(json!({
            "year": log.year,
            "origin": head.origin,
            "key": log.key,
            "url": format!("{base}/{}", log.year),
            "size": head.size,
            "root": head.to_string().lines().nth(2),
            "grew": log.at.to_string(),
            "closed": Some(log.year) != last,
        }))
    };
    let told: Vec<Value> = logs.iter().map(told).collect::<Result<_, Problem>>()?;
    let body = json!({ "origin": web.app.config.log_origin(), "url": base, "logs": told });
    Ok(uncached(Json(body)))
}

/// `GET /log/{year}/checkpoint`: the newest, with the cosignatures of a quorum of witnesses as soon as it has them.
///
/// # Errors
/// 404 for a year without a log.
pub async fn show_checkpoint(State(web): State<Web>, Path(year): Path<String>) -> Result<Response, Problem> {
    let log = log_of(&web, &year).await?;
    let cosigned = web.app.store.log_witnessed(log.year, log.size.saturating_sub(1)).await?;
    let checkpoint = cosigned.map_or(log.checkpoint, |(_, checkpoint)| checkpoint);
    Ok(answer(checkpoint, "text/plain; charset=utf-8", "no-store"))
}

/// `GET /log/{year}/key`: the verifier key (C2SP signed-note) on a line.
///
/// # Errors
/// 404 for a year without a log.
pub async fn show_log_key(State(web): State<Web>, Path(year): Path<String>) -> Result<Response, Problem> {
    let log = log_of(&web, &year).await?;
    Ok(answer(format!("{}\n", log.key).into_bytes(), "text/plain; charset=utf-8", "public, max-age=86400"))
}

/// `GET /log/{year}/tile/{path}`: a tile of hashes, or below `entries/` a bundle of entries.
///
/// # Errors
/// 404 for what the log does not hold, and for every other spelling of a path.
pub async fn show_tile(
    State(web): State<Web>,
    Path((year, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let year = year_of(&year)?;
    let tile: Tile = format!("tile/{path}").parse().map_err(|_| nothing())?;
    let row = web.app.store.log_tile(year, tile.level, tile.index).await?.ok_or_else(nothing)?;
    let bytes = cut(tile, row).ok_or_else(nothing)?;
    Ok(answer(bytes, "application/octet-stream", FOR_EVER))
}

/// `GET /c/{id}/tlog-proof`: the proof that the credential is in the log (C2SP tlog-proof).
///
/// # Errors
/// Those of [`super::credentials::show_credential`]; 404 `log-pending` while it waits for the log.
pub async fn show_proof(
    State(web): State<Web>,
    anyone: Anyone,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (record, _) = visible(&web, &anyone, CredentialId::parse(&id).ok()).await?;
    let proof = proof::of_credential(web.app.store.as_ref(), &record).await?;
    let proof = proof.ok_or_else(|| Problem::new(Code::LogPending).retry_after(5))?;
    // A later proof may lead to a checkpoint with more witnesses.
    let cache = match record.visibility {
        Visibility::Public => "no-cache",
        Visibility::Token => "private, no-store",
    };
    let proof = answer(proof.to_string().into_bytes(), "text/plain; charset=utf-8", cache);
    Ok(varied(proof, "authorization"))
}

async fn log_of(web: &Web, year: &str) -> Result<LogState, Problem> {
    let year = year_of(year)?;
    let log = web.app.store.logs().await?.into_iter().find(|log| log.year == year);
    log.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A year in its one spelling.
fn year_of(text: &str) -> Result<i16, Problem> {
    let year = text.parse().ok().filter(|year: &i16| year.to_string() == text);
    year.ok_or_else(|| Problem::new(Code::NotFound))
}

fn answer(bytes: Vec<u8>, form: &'static str, cache: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(form)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, bytes).into_response()
}
