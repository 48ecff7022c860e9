//! What an institution publishes: its DID document and its signed status lists.

use std::io::Write as _;
use std::sync::{Arc, PoisonError};

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use super::credentials::tag_of;
use super::extract::parameter;
use super::negotiate;
use super::problem::{Code, Problem};
use super::state::Web;
use crate::crypto::sha256;
use crate::did::Did;
use crate::institution::Slug;
use crate::publish;
use crate::status::Purpose;
use crate::store::{ListKey, ListVersion};

/// The forms of a status list, the first being for those who do not say.
const LIST_FORMS: &[&str] = &["application/vc", "application/ld+json", "application/json"];
/// The forms of a DID document.
const DID_FORMS: &[&str] =
    &["application/did+json", "application/did+ld+json", "application/ld+json", "application/json"];

/// `GET /institutions/{slug}/did.json`
///
/// # Errors
/// 404 for a slug without a did:web of that address.
pub async fn did_document(
    State(web): State<Web>,
    headers: HeaderMap,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let slug = Slug::parse(&slug).map_err(|_| Problem::new(Code::NotFound))?;
    document_of(&web, &headers, web.app.urls.did_web(&slug).ok())
}

/// `GET /.well-known/did.json`
///
/// # Errors
/// 404 unless this host is one institution.
pub async fn did_document_root(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Problem> {
    document_of(&web, &headers, web.app.urls.did_web_root().ok())
}

fn document_of(web: &Web, headers: &HeaderMap, did: Option<Did>) -> Result<Response, Problem> {
    let member = did
        .and_then(|did| web.app.registry.member_by_did(did.as_str()))
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    let body = member.resolved.document.raw.to_string();
    let tag = tag_of(&sha256(body.as_bytes()));
    Ok(versioned(headers, DID_FORMS, &tag, "public, max-age=60", body.into()))
}

/// `GET /institutions/{slug}/status/{purpose}/{number}`; `?version=N` for a version of the past.
///
/// # Errors
/// 404 for a list not begun; 400 for a version that is no number.
pub async fn status_list(
    State(web): State<Web>,
    headers: HeaderMap,
    uri: Uri,
    Path((slug, purpose, number)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let key = list_of(&slug, &purpose, &number).ok_or_else(|| Problem::new(Code::NotFound))?;
    list(&web, &headers, &uri, key).await
}

/// `GET /institutions/{slug}/status/{closed}/{purpose}/{number}`: the list of a closed institution, as the one that keeps
/// its register signs it.
///
/// # Errors
/// As [`status_list`], and 404 when `slug` does not keep that register.
pub async fn mirrored_list(
    State(web): State<Web>,
    headers: HeaderMap,
    uri: Uri,
    Path((slug, closed, purpose, number)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let key = list_of(&closed, &purpose, &number).ok_or_else(nothing)?;
    let keeper = Slug::parse(&slug).map_err(|_| nothing())?;
    if !web.app.registry.is_kept_by(&key.institution, &keeper) {
        return Err(nothing());
    }
    list(&web, &headers, &uri, key.mirrored()).await
}

fn list_of(slug: &str, purpose: &str, number: &str) -> Option<ListKey> {
    Some(ListKey {
        institution: Slug::parse(slug).ok()?,
        purpose: Purpose::parse(purpose)?,
        list: number.parse().ok().filter(|list: &u32| list.to_string() == number)?,
        mirror: false,
    })
}

async fn list(web: &Web, headers: &HeaderMap, uri: &Uri, key: ListKey) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let wrong = || Problem::because(Code::RequestInvalid, "?version= is to be a number from 1");
    let asked: Option<u64> =
        parameter(uri.query(), "version").map(|text| text.parse().map_err(|_| wrong())).transpose()?;
    let (list, cache) = match asked {
        // A version never changes; the newest one may be replaced within seconds of a revocation.
        Some(version) => {
            let list = web.app.store.list_version(&key, version).await?.ok_or_else(nothing)?;
            (Arc::new(list), "public, max-age=31536000, immutable")
        }
        None => (publish::status_list(&web.app, &key).await?, "public, max-age=5"),
    };
    if asked.is_none() && negotiate::takes_gzip(headers) {
        let tag = format!("\"v{}-gzip\"", list.version);
        let mut response = versioned(headers, LIST_FORMS, &tag, cache, squeezed(web, &list));
        if response.status() == StatusCode::OK {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        return Ok(response);
    }
    Ok(versioned(headers, LIST_FORMS, &format!("\"v{}\"", list.version), cache, list.body.clone().into()))
}

/// The list compressed, kept until there is a newer version.
fn squeezed(web: &Web, list: &ListVersion) -> Bytes {
    let lock = || web.squeezed.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((version, bytes)) = lock().get(&list.key)
        && *version == list.version
    {
        return bytes.clone();
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = gzip.write_all(&list.body);
    let bytes = Bytes::from(gzip.finish().unwrap_or_default());
    lock().insert(list.key.clone(), (list.version, bytes.clone()));
    bytes
}

/// An answer with an entity tag: 304 to whoever has it already.
pub fn versioned(
    headers: &HeaderMap,
    forms: &[&'static str],
    tag: &str,
    cache: &'static str,
    body: Bytes,
) -> Response {
    let form = negotiate::best(headers, forms).or(forms.first().copied()).unwrap_or("application/json");
    let mut response = if negotiate::has_already(headers, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, HeaderValue::from_static(form))], body).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    response
}
