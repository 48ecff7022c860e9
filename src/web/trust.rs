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

/// `GET /trust-list`: that of the one authority here.
///
/// # Errors
/// 404 where there is none, or several: the detail names them.
pub async fn show_only_list(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Problem> {
    let members = web.app.registry.members();
    let territories: Vec<_> = members.iter().filter_map(|member| member.institution.territory()).collect();
    match territories.as_slice() {
        [only] => newest(&web, &headers, only),
        [] => Err(Problem::because(Code::NotFound, "no institution of this service is an authority")),
        several => {
            let urls: Vec<_> = several.iter().map(|one| web.app.urls.trust_list(one)).collect();
            Err(Problem::because(
                Code::NotFound,
                format!("several authorities publish here: {}", urls.join(", ")),
            ))
        }
    }
}

/// `GET /trust/{territory}/list`
///
/// # Errors
/// 404 before the authority has published a list.
pub async fn show_list(
    State(web): State<Web>,
    headers: HeaderMap,
    Path(territory): Path<String>,
) -> Result<Response, Problem> {
    newest(&web, &headers, &territory)
}

/// `GET /trust/{territory}/list/{number}`
///
/// # Errors
/// 404 for a number that there is not.
pub async fn show_list_version(
    State(web): State<Web>,
    headers: HeaderMap,
    Path((territory, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    one(&web, &headers, &territory, TrustKind::List, &number).await
}

/// The list in force: none where the root has put out the key of the last one and there is no new one yet.
fn newest(web: &Web, headers: &HeaderMap, territory: &str) -> Result<Response, Problem> {
    let authority = web.app.registry.authority(territory);
    let own = authority.and_then(|authority| web.app.registry.own_trust(&authority.institution.slug));
    let list = own.as_ref().and_then(|own| own.list.as_ref());
    let list = list.ok_or_else(|| Problem::because(Code::NotFound, "no trust list is in force here"))?;
    let tag = format!("\"{}\"", list.sequence);
    Ok(versioned(headers, FORMS, &tag, "public, max-age=5", list.bytes.clone().into()))
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
