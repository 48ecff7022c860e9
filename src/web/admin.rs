//! `GET` and `POST /institutions`: who issues here, a new one, and one that closes.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};

use super::credentials::digest_of;
use super::extract::{Body, Caller, ToAdminister, only, text};
use super::problem::{Code, Problem};
use super::state::Web;
use super::work;
use crate::administer::{self, Naming, NewInstitution};
use crate::institution::{Institution, Kind, Slug};
use crate::text::LocalizedText;

/// `GET /institutions`: what anybody may know of them.
pub async fn list_institutions(State(web): State<Web>) -> Json<Value> {
    let told: Vec<_> = web.app.registry.members().iter().map(|member| told(&member.institution)).collect();
    Json(json!({"institutions": told}))
}

/// `POST /institutions`
///
/// # Errors
/// 400, 401, 403, 409.
pub async fn found_institution(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let members = &body.members;
    only(members, "", &["slug", "name", "did", "country", "contact", "authority"])?;
    let slug = text(members, "", "slug")?.ok_or_else(|| Problem::member("/slug", "is missing"))?;
    let name = members.get("name").ok_or_else(|| Problem::member("/name", "is missing"))?;
    let naming = match text(members, "", "did")?.as_deref() {
        None | Some("web") => Naming::Web,
        Some("root") => Naming::WebRoot,
        Some("key") => Naming::Key,
        Some(_) => return Err(Problem::member("/did", "is web, root or key")),
    };
    let new = NewInstitution {
        slug: Slug::parse(&slug).map_err(|error| Problem::member("/slug", error.to_string()))?,
        name: serde_json::from_value::<LocalizedText>(name.clone())
            .map_err(|_| Problem::member("/name", "is an object of language tags and names"))?,
        naming,
        country: text(members, "", "country")?,
        contact: text(members, "", "contact")?,
        kind: match text(members, "", "authority")? {
            None => Kind::College,
            Some(territory) => Kind::Authority { territory },
        },
    };
    let (app, token) = (web.app.clone(), caller.0.clone());
    let founded = async move { administer::found(&app, &token, new).await };
    let institution = work::recording(body.heavy, body.permit, founded).await??;
    tracing::info!(institution = %institution.slug, token = digest_of(&caller.0), "institution founded");
    Ok((StatusCode::CREATED, Json(told(&institution))))
}

/// `POST /institutions/{slug}/close`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn close_institution(
    State(web): State<Web>,
    caller: Caller<ToAdminister>,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let members = &body.members;
    only(members, "", &["successor", "reason"])?;
    let successor =
        text(members, "", "successor")?.ok_or_else(|| Problem::member("/successor", "is missing"))?;
    let successor =
        Slug::parse(&successor).map_err(|error| Problem::member("/successor", error.to_string()))?;
    let reason = text(members, "", "reason")?;
    let slug = Slug::parse(&slug).map_err(|_| Problem::new(Code::NotFound))?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let closing = slug.clone();
    let closed =
        async move { administer::close(&app, &token, &closing, &successor, reason.as_deref()).await };
    let entries = work::recording(body.heavy, body.permit, closed).await??;
    tracing::info!(institution = %slug, token = digest_of(&caller.0), "institution closed");
    Ok(Json(json!({ "trustedIssuer": entries })))
}

fn told(institution: &Institution) -> Value {
    json!({
        "slug": institution.slug,
        "did": institution.did,
        "name": institution.name,
        "country": institution.country,
        "contact": institution.contact,
        "authority": institution.territory(),
        "closed": institution.closed.as_ref().map(|closing| {
            json!({"successor": closing.successor, "at": closing.at, "reason": closing.reason})
        }),
    })
}
