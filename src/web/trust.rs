//! What an authority publishes, as the world reads it: roots and trust lists.

use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;

use super::credentials::tag_of;
use super::institutions::versioned;
use super::problem::{Code, Problem};
use super::state::Web;
use crate::crypto::sha256;
use crate::store::TrustKind;

/// The forms of a trust document, the first being for those who do not say.
const FORMS: &[&str] = &["application/vc", "application/ld+json", "application/json"];

/// `GET /trust/{territory}/root/{number}`
///
/// # Errors
/// 404 for a version that there is not.
pub async fn show_root(
    State(web): State<Web>,
    headers: HeaderMap,
    Path((territory, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    one(&web, &headers, &territory, TrustKind::Root, &number).await
}

/// One version: it never changes.
async fn one(
    web: &Web,
    headers: &HeaderMap,
    territory: &str,
    kind: TrustKind,
    number: &str,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let number = number.parse().ok().filter(|known: &u64| known.to_string() == number).ok_or_else(nothing)?;
    let authority = web.app.registry.authority(territory).ok_or_else(nothing)?;
    let version = web.app.store.trust_version(&authority.institution.slug, kind, Some(number)).await?;
    let body = version.ok_or_else(nothing)?.body;
    let tag = tag_of(&sha256(&body));
    Ok(versioned(headers, FORMS, &tag, "public, max-age=31536000, immutable", body.into()))
}
