//! Qualifications frameworks: as data for programs, as ladders side by side for people.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::caching::{BY_FORM, varied};
use super::credentials::tag_of;
use super::extract::Locale;
use super::html::{page, visit};
use super::institutions::versioned;
use super::negotiate::by_person;
use super::problem::{Code, Problem};
use super::routes;
use super::state::Web;
use crate::crypto::sha256;
use crate::framework::{self, Framework};
use crate::pages;

/// Most parameters of a query looked at.
const MAX_PARAMETERS: usize = 32;
const CACHE: &str = "public, max-age=3600";

/// `GET /frameworks`: all of them in short; as a page, those of `?f=` (repeated) side by side.
///
/// # Errors
/// 400 for a framework that is not known.
pub async fn show_frameworks(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    if !by_person(&headers) {
        let (tag, body) = &*LISTED;
        return Ok(varied(versioned(&headers, &["application/json"], tag, CACHE, body.clone()), BY_FORM));
    }
    let mut chosen: Vec<&'static Framework> = Vec::new();
    let query = uri.query().unwrap_or_default();
    for (name, id) in url::form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMETERS) {
        if name == "f" {
            let known = framework::by_id(&id);
            chosen.push(known.ok_or_else(|| {
                Problem::because(
                    Code::RequestInvalid,
                    "?f= is to be the id of a framework known here, such as VQF",
                )
            })?);
        }
    }
    Ok(varied(page(pages::frameworks(&visit(&web, locale.0, routes::FRAMEWORKS), &chosen)), BY_FORM))
}

/// `GET /frameworks/{id}`: one of them with its sources; as a page, beside what it was compared with.
///
/// # Errors
/// 404 for one that is not known.
pub async fn show_framework(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let known = framework::by_id(&id).ok_or_else(nothing)?;
    if by_person(&headers) {
        let others = known.referencing.iter().filter_map(|row| framework::by_id(&row.to));
        let chosen: Vec<_> = std::iter::once(known).chain(others).collect();
        return Ok(varied(page(pages::frameworks(&visit(&web, locale.0, uri.path()), &chosen)), BY_FORM));
    }
    let document = framework::document(&id).ok_or_else(nothing)?.as_bytes();
    let tag = tag_of(&sha256(document));
    Ok(varied(versioned(&headers, &["application/json"], &tag, CACHE, Bytes::from_static(document)), BY_FORM))
}

/// Every framework in short, and its entity tag.
static LISTED: LazyLock<(String, Bytes)> = LazyLock::new(|| {
    let all = framework::all().unwrap_or_default();
    let body = json!({ "frameworks": all.iter().map(short).collect::<Vec<_>>() }).to_string();
    (tag_of(&sha256(body.as_bytes())), body.into())
});

fn short(framework: &Framework) -> Value {
    json!({
        "id": framework.id,
        "kind": framework.kind,
        "territory": framework.territory,
        "name": framework.name,
        "levels": (!framework.levels.is_empty()).then_some(framework.levels.len()),
        "confidence": framework.confidence,
        "compiled": framework.compiled,
        "path": format!("{}/{}", routes::FRAMEWORKS, framework.id),
    })
}
