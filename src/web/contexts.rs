//! `GET /contexts/{name}`: the JSON-LD contexts of our own extension, as pinned. They never change under their name.

use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use super::institutions::versioned;
use super::problem::{Code, Problem};
use crate::jsonld::contexts::PINNED;

const FORMS: &[&str] = &["application/ld+json", "application/json"];

/// `GET /contexts/{name}`
///
/// # Errors
/// 404 for a name that is not ours.
pub async fn context(headers: HeaderMap, Path(name): Path<String>) -> Result<Response, Problem> {
    let ours = |url: &str| {
        let file = url.rsplit_once("/contexts/").map(|(_, file)| file);
        file == Some(name.as_str()) && file.is_some_and(|file| file.starts_with("testamur-"))
    };
    let pinned = PINNED.iter().find(|pinned| ours(pinned.url)).ok_or_else(|| Problem::new(Code::NotFound))?;
    let cache = "public, max-age=31536000, immutable";
    let tag = format!("\"{}\"", pinned.sha256);
    Ok(versioned(&headers, FORMS, &tag, cache, Bytes::from_static(pinned.bytes)))
}
