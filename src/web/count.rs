//! `/authority/deliveries`, `/authority/cohorts`, `/authority/count`: leaves are accounted for, and counted against
//! graduates.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};

use super::caching::uncached;
use super::credentials::digest_of;
use super::extract::{Anyone, Body, Caller, Capped, Locale, ToAccredit, parameter};
use super::negotiate::by_person;
use super::problem::{Code, Problem};
use super::state::Web;
use super::{html, routes, work};
use crate::access::Act;
use crate::accredit::{cohort, delivery, watch};
use crate::count::Count;
use crate::pages::{self, CountedAuthority};
use crate::registry::Member;

/// `POST /authority/deliveries`: the signature is the leave; no token is asked for.
///
/// # Errors
/// 400, 403 `delivery-unsigned`, 404, 409 with `next`, 413, 422 `leaf-differs`, 503 `log-unreadable`.
pub async fn deliver(
    State(web): State<Web>,
    request: Capped<{ delivery::MAX_BYTES }>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, bytes) = (web.app.clone(), request.bytes);
    let received = async move { delivery::receive(&app, &bytes).await };
    let received = work::recording(false, request.permit, received).await??;
    let told = json!({
        "authority": received.territory, "origin": received.origin, "next": received.next,
        "size": received.size,
    });
    Ok((StatusCode::CREATED, Json(told)))
}

/// `GET /authority/deliveries/next?origin=…`
///
/// # Errors
/// 400 without an origin; 404 for a log that no authority here knows.
pub async fn next_leaf(State(web): State<Web>, uri: Uri) -> Result<Response, Problem> {
    let origin = parameter(uri.query(), "origin").ok_or_else(|| Problem::member("/origin", "is missing"))?;
    let next = delivery::next(&web.app, &origin).await?;
    let body = Json(json!({"origin": origin, "next": next}));
    Ok(uncached(body))
}

/// `POST /authority/cohorts`
///
/// # Errors
/// 400, 401, 403, 404.
pub async fn announce_cohort(
    State(web): State<Web>,
    caller: Caller<ToAccredit>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let announced = async move { cohort::announce(&app, &token, body.members).await };
    let told = work::recording(body.heavy, body.permit, announced).await??;
    tracing::info!(token = digest_of(&caller.0), "cohort announced");
    Ok((StatusCode::CREATED, Json(told)))
}

/// `GET /authority/count`: to a token that reads in an authority every cohort; to a person in a browser totals.
///
/// # Errors
/// 401 and 403 for the figures.
pub async fn show_count(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let members = web.app.registry.members();
    let counting = members.iter().filter(|member| member.institution.territory().is_some());
    if by_person(&headers) {
        let mut shown = Vec::new();
        for member in counting {
            let count = watch::count(&web.app, &member.institution.slug).await?;
            shown.push(totals(&web, member, &count));
        }
        Ok(uncached(html::page(pages::count(&html::visit(&web, locale.0, routes::COUNT), &shown))))
    } else {
        let token = anyone.0.ok_or_else(|| Problem::new(Code::TokenMissing))?;
        let within: Vec<_> =
            counting.filter(|member| token.allows(Act::Read, &member.institution.slug)).collect();
        if within.is_empty() {
            return Err(Problem::because(
                Code::NotAllowed,
                "the token reads in no authority of this service",
            ));
        }
        let mut told = Vec::new();
        for member in within {
            told.push(watch::figures(member, &watch::count(&web.app, &member.institution.slug).await?));
        }
        Ok(uncached(Json(json!({ "authorities": told }))))
    }
}

/// What everybody may see of it: no cohort, and no issuer that the authority does not list.
fn totals(web: &Web, member: &Member, count: &Count) -> CountedAuthority {
    let own = web.app.registry.own_trust(&member.institution.slug);
    let list = own.as_ref().and_then(|own| own.list.as_ref());
    let issuers = list.into_iter().flat_map(|list| list.issuers()).map(|issuer| {
        let did = issuer.did.as_str();
        let of = || count.cohorts.iter().filter(|one| one.key.issuer == did);
        let leaves = of().map(|one| one.leaves).sum();
        let alarm = of().any(|one| one.alarm) || count.erased_beyond.iter().any(|beyond| beyond == did);
        (issuer.names.clone(), leaves, alarm)
    });
    let logs = count.logs.iter().map(|log| (log.origin.clone(), log.size, log.unaccounted, log.alarm));
    CountedAuthority {
        names: member.institution.name.clone(),
        issuers: issuers.collect(),
        logs: logs.collect(),
    }
}
