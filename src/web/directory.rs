//! The directory of institutions on the trust lists gone by here: pages for people, GeoJSON for maps.

use std::sync::{Arc, OnceLock, PoisonError};

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::credentials::tag_of;
use super::extract::{Locale, parameter};
use super::html::{page, visit};
use super::institutions::versioned;
use super::problem::{Code, Problem};
use super::routes;
use super::state::Web;
use crate::credential::validity::Day;
use crate::crypto::sha256;
use crate::pages;
use crate::trust::directory::{Directory, Row, Today};
use crate::trust::{Keeper, Pinned};

/// The directory, as long as the lists and the day stay the same.
#[derive(Default)]
pub struct Known {
    /// Territory, number and key of each list, and the day.
    of: (Vec<(String, u64, String)>, String),
    directory: Directory,
    map: OnceLock<(String, Bytes)>,
}

/// `GET /directory`; `?q=` looks for a name, a code or a DID, `?page=` goes on.
///
/// # Errors
/// 400 for a page that is no number.
pub async fn show_directory(State(web): State<Web>, locale: Locale, uri: Uri) -> Result<Response, Problem> {
    let query = parameter(uri.query(), "q").unwrap_or_default();
    let wrong = |_| Problem::because(Code::RequestInvalid, "?page= is to be a number from 1");
    let number = parameter(uri.query(), "page").map(|text| text.parse().map_err(wrong)).transpose()?;
    let known = known(&web);
    let visit = visit(&web, locale.0, routes::DIRECTORY);
    Ok(page(pages::directory(&visit, &known.directory, &query, number.unwrap_or(1))))
}

/// `GET /directory/{territory}/{did}`
///
/// # Errors
/// 404 for whoever is on no list of that territory.
pub async fn show_institution(
    State(web): State<Web>,
    locale: Locale,
    uri: Uri,
    Path((territory, did)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let today = today(&web)?;
    let lists = lists(&web);
    let found = lists
        .iter()
        .filter_map(|pinned| pinned.list.as_ref())
        .filter(|list| list.territory == territory)
        .find_map(|list| Some((list, list.issuer(&did)?)));
    let (list, issuer) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let visit = visit(&web, locale.0, uri.path());
    let listed = pages::Listed {
        issuer,
        territory: &list.territory,
        sequence: list.sequence,
        issued_at: list.issued_at,
        today: Today::of(list, issuer, today),
        keeper: Keeper::of(list, issuer),
    };
    Ok(page(pages::institution(&visit, &listed)))
}

/// `GET /map.geojson`: a `FeatureCollection` (RFC 7946) of every institution; `geometry` is null for one without a place.
pub async fn show_map(State(web): State<Web>, headers: HeaderMap) -> Response {
    let known = known(&web);
    let (tag, body) = known.map.get_or_init(|| {
        let rows = known.directory.rows();
        let features: Vec<_> = rows.iter().map(|row| feature(row, web.app.urls.public())).collect();
        let body = json!({ "type": "FeatureCollection", "features": features }).to_string();
        (tag_of(&sha256(body.as_bytes())), body.into())
    });
    versioned(&headers, &["application/geo+json"], tag, "public, max-age=60", body.clone())
}

fn feature(row: &Row, public_url: &str) -> Value {
    let path = pages::institution_path(&row.territory, row.did.as_str());
    json!({
        "type": "Feature",
        "id": row.did,
        // Longitude first (section 3.1.1).
        "geometry": row.location.map(|(lat, lon)| json!({ "type": "Point", "coordinates": [lon, lat] })),
        "properties": {
            "did": row.did,
            "names": row.names,
            "territory": row.territory,
            "institutionCode": row.code,
            "standing": row.today.as_str(),
            "url": format!("{public_url}{path}"),
        },
    })
}

/// The lists gone by here: those of this service's own authorities, then those pinned.
fn lists(web: &Web) -> Vec<Arc<Pinned>> {
    let registry = &web.app.registry;
    let authorities = registry.members();
    let authorities = authorities.iter().filter(|member| member.institution.territory().is_some());
    let own = authorities.filter_map(|member| registry.own_trust(&member.institution.slug));
    own.chain(registry.pinned()).collect()
}

/// The directory as of now: made anew when a list or the day has changed.
fn known(web: &Web) -> Arc<Known> {
    let Ok(today) = today(web) else { return Arc::default() };
    let lists = lists(web);
    let each = lists.iter().filter_map(|pinned| pinned.list.as_ref());
    let of = each.map(|list| (list.territory.clone(), list.sequence, list.key.clone())).collect();
    let of = (of, today.to_string());
    let lock = || web.directory.lock().unwrap_or_else(PoisonError::into_inner);
    let before = lock().clone();
    if before.of == of {
        return before;
    }
    let directory = Directory::of(lists.iter().map(AsRef::as_ref), today);
    let known = Arc::new(Known { of, directory, map: OnceLock::new() });
    lock().clone_from(&known);
    known
}

fn today(web: &Web) -> Result<Day, Problem> {
    Day::of(web.app.now()).ok_or_else(|| Problem::inside(Code::Internal, &"the clock shows no date"))
}
