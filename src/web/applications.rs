//! `/applications`: a person applies for recognition, an officer decides, the person appeals or takes it back.

mod form;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::caching::uncached;
use super::credentials::{digest_of, idempotency_key};
use super::extract::{Anyone, Body, Caller, Locale, Raw, ToErase, ToRecognise, only, parameter, text};
use super::form::{Part, parts};
use super::negotiate::by_person;
use super::problem::{Code, Problem};
use super::state::Web;
use super::{html, routes, work};
use crate::access::TokenRecord;
use crate::codec::multibase;
use crate::credential::id::CredentialId;
use crate::issue;
use crate::pages;
use crate::recognise::receive::{self, Received};
use crate::recognise::told::{brief, for_applicant, for_officer, waits};
use crate::recognise::{self, File, RecogniseError, appeal as applicant, decide as officer};
use crate::store::{Cursor, Register};

/// The least characters of an idempotency key: what opens the page of the application is made from it.
const MIN_KEY: usize = 16;
/// Most files of a page.
const MAX_PAGE: usize = 200;

/// `POST /applications`: anybody.
///
/// # Errors
/// 400 with the member at fault; 409 for an idempotency key of another application; 413, 429. Nothing is recorded then.
pub async fn apply(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    raw: Raw,
) -> Result<Response, Problem> {
    if is_form(&headers) {
        let (members, once) = form::application(&fields(&headers, &raw.bytes)?)?;
        let app = web.app.clone();
        let received = async move { receive::receive(&app, members, once.as_deref()).await };
        let received = work::recording(raw.heavy, raw.permit, received).await??;
        tracing::info!(application = %received.file.id, replayed = received.replayed, "application received");
        return see_other(&locale, &received.file, &received.secret);
    }
    let body = Body::read(&headers, raw)?;
    let key = idempotency_key(&headers)?;
    if key.as_ref().is_some_and(|key| key.len() < MIN_KEY) {
        let detail = format!("Idempotency-Key is to be at least {MIN_KEY} characters that nobody can guess");
        return Err(Problem::because(Code::RequestInvalid, detail));
    }
    let (app, members) = (web.app.clone(), body.members);
    let received = async move { receive::receive(&app, members, key.as_deref()).await };
    let received = work::recording(body.heavy, body.permit, received).await??;
    let (id, replayed) = (received.file.id, received.replayed);
    tracing::info!(application = %id, replayed, "application received");
    let mut response = uncached((StatusCode::CREATED, Json(told_received(&web, &received))));
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn told_received(web: &Web, received: &Received) -> Value {
    let url = format!("{}/applications/{}", web.app.urls.public(), received.file.id);
    let mut told = json!({
        "application": received.file.id.to_string(),
        "url": url,
        "key": received.secret,
        "statusUrl": format!("{url}?key={}", received.secret),
    });
    if let (Some(told), Value::Object(seen)) = (told.as_object_mut(), for_applicant(&received.file)) {
        told.extend(seen);
    }
    told
}

/// `GET /applications`: for an officer, those that wait, the nearest deadline first, a page at a time; `?state=decided` and
/// `withdrawn` are read from the register.
///
/// # Errors
/// 401, 403; 400 for a filter that is none.
pub async fn list_applications(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    if by_person(&headers) {
        return Ok(uncached(html::page(blank(&web, locale.0)?)));
    }
    let token = anyone.0.ok_or_else(|| Problem::new(Code::TokenMissing))?;
    let asked = |name: &str| parameter(uri.query(), name);
    let authorities = recognise::within(&web.app, &token);
    if authorities.is_empty() {
        return Err(Problem::because(Code::NotAllowed, "the token decides for no authority of this service"));
    }
    let state = asked("state");
    let known = ["proposed", "appealed", "reopened", "decided", "withdrawn"];
    if state.as_ref().is_some_and(|state| !known.contains(&state.as_str())) {
        return Err(Problem::member("/state", format!("is one of {}", known.join(", "))));
    }
    let limit = asked("limit").map_or(Ok(50), |limit| limit.parse::<usize>());
    let limit = limit.ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
    let limit = limit.ok_or_else(|| Problem::member("/limit", format!("is from 1 to {MAX_PAGE}")))?;
    let mut body = json!({"applications": []});
    let mut found = Vec::new();
    if matches!(state.as_deref(), Some("decided" | "withdrawn")) {
        let after = asked("after").map(|after| after.parse::<u64>().map(Cursor)).transpose();
        let after = after.map_err(|_| Problem::member("/after", "is the next of the page before"))?;
        let authority = match asked("country") {
            Some(country) => authorities.iter().find(|one| one.institution.territory() == Some(&country)),
            None => authorities.first(),
        };
        let authority = authority.ok_or_else(|| Problem::new(Code::NotFound))?;
        let slug = &authority.institution.slug;
        let page = web.app.store.filings(slug, Register::Application, after, limit).await?;
        for filing in &page.items {
            match File::of(filing) {
                Ok(file) if Some(file.state()) == state.as_deref() => found.push(brief(&file)),
                Ok(_) | Err(RecogniseError::Erased) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(next) = page.next {
            body["next"] = json!(next.0.to_string());
        }
    } else {
        let today = recognise::today(&web.app);
        let due = asked("due");
        let after = asked("after").map(|after| place(&after)).transpose()?;
        let mut queue = Vec::new();
        let all = web.app.waiting().await?;
        for authority in &authorities {
            let waiting = all.of(&authority.institution.slug).into_iter();
            let wanted = waiting.filter(|one| {
                state.as_ref().is_none_or(|state| *state == one.state)
                    && asked("purpose").is_none_or(|purpose| purpose == one.purpose)
                    && asked("origin").is_none_or(|origin| one.origin.as_ref() == Some(&origin))
                    && asked("verdict").is_none_or(|verdict| one.verdict.as_ref() == Some(&verdict))
                    && due.as_ref().is_none_or(|due| one.deadline <= *due)
                    && after.as_ref().is_none_or(|after| one.place() > *after)
            });
            let country = authority.institution.territory().map(str::to_owned);
            queue.extend(wanted.map(|one| (one, country.clone())));
        }
        queue.sort_by_cached_key(|(one, _)| one.place());
        if let Some((last, _)) = queue.get(limit - 1).filter(|_| queue.len() > limit) {
            let (deadline, received, id) = last.place();
            body["next"] = json!(format!("{deadline}~{received}~{id}"));
        }
        queue.truncate(limit);
        found.extend(queue.iter().map(|(one, country)| waits(one, country.as_deref(), &today)));
    }
    body["applications"] = Value::Array(found);
    Ok(uncached(Json(body)))
}

/// Where a page of the queue ended.
fn place(after: &str) -> Result<(String, Timestamp, String), Problem> {
    let mut parts = after.splitn(3, '~');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (deadline, received, id) = (part(), part(), part());
    let received = received.parse().ok().filter(|_| !id.is_empty());
    let received = received.ok_or_else(|| Problem::member("/after", "is the next of the page before"))?;
    Ok((deadline, received, id))
}

/// `GET /applications/{id}`: with a token that decides there, all of it; with `?key=`, how it stands.
///
/// # Errors
/// 404 for what is not there and what is somebody else's alike; 410 once erased.
pub async fn show_application(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    headers: HeaderMap,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    let Some(key) = parameter(uri.query(), "key") else {
        let token = anyone.0.ok_or_else(|| Problem::new(Code::NotFound))?;
        let (file, _) = officer::seen(&web.app, &token, id).await?;
        return Ok(uncached(Json(for_officer(&file))));
    };
    let told = for_applicant(&applicant::opened(&web.app, id, &key).await?);
    if !by_person(&headers) {
        return Ok(uncached(Json(told)));
    }
    let (name, told) = (id.to_string(), told.as_object().cloned().unwrap_or_default());
    let path = page_of(&name, &key);
    let standing = pages::Standing { id: &name, key: &key, told: &told };
    Ok(uncached(html::page(pages::application(&html::visit(&web, locale.0, &path), &standing))))
}

/// The form, with a number of its own: sent twice, it is one application.
fn blank(web: &Web, reader: pages::Reader) -> Result<String, Problem> {
    let once: [u8; 20] = issue::random().map_err(|error| Problem::inside(Code::Internal, &error))?;
    let authorities: Vec<_> = recognise::authorities(&web.app)
        .iter()
        .filter_map(|one| Some((one.institution.territory()?.to_owned(), one.institution.name.clone())))
        .collect();
    let visit = html::visit(web, reader, routes::APPLICATIONS);
    Ok(pages::apply(&visit, &authorities, &multibase::encode_base64url(&once)))
}

/// The path of an applicant's page. A key is of letters, digits, `-` and `_`.
fn page_of(id: &str, key: &str) -> String {
    let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    format!("/applications/{id}?key={key}")
}

fn see_other(locale: &Locale, file: &File, key: &str) -> Result<Response, Problem> {
    let there = HeaderValue::from_str(&locale.0.link(&page_of(&file.id.to_string(), key)));
    let there = there.map_err(|error| Problem::inside(Code::Internal, &error))?;
    Ok(uncached((StatusCode::SEE_OTHER, [(header::LOCATION, there)])))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

fn fields<'a>(headers: &HeaderMap, bytes: &'a [u8]) -> Result<Vec<Part<'a>>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    parts(kind, bytes).ok_or_else(|| Problem::because(Code::RequestInvalid, "the form does not read"))
}

/// `POST /applications/{id}/decision`
///
/// # Errors
/// 400, 401, 403, 404; 409 where it is decided or withdrawn, was changed meanwhile, or the award is not what it was.
pub async fn decide(
    State(web): State<Web>,
    caller: Caller<ToRecognise>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let id = parsed(&id)?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let decided = async move { officer::decide(&app, &token, id, body.members).await };
    let file = work::recording(body.heavy, body.permit, decided).await??;
    tracing::info!(application = %id, token = digest_of(&caller.0), "application decided");
    Ok(Json(json!({
        "application": id.to_string(), "version": file.version, "state": file.state(), "decision": file.body.get("decision"),
    })))
}

/// `POST /applications/{id}/appeal`: `{key, reason}`.
///
/// # Errors
/// 400, 404, 409.
pub async fn appeal(
    State(web): State<Web>,
    locale: Locale,
    Path(id): Path<String>,
    headers: HeaderMap,
    raw: Raw,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    let (by_form, body) = said(&headers, raw)?;
    only(&body.members, "", &["key", "reason"])?;
    let key = needed(&body.members, "key")?;
    let reason = text(&body.members, "", "reason")?.unwrap_or_default();
    let (app, opens) = (web.app.clone(), key.clone());
    let appealed = async move { applicant::appeal(&app, id, &opens, &reason).await };
    let file = work::recording(body.heavy, body.permit, appealed).await??;
    tracing::info!(application = %id, "appeal received");
    if by_form { see_other(&locale, &file, &key) } else { Ok(uncached(Json(for_applicant(&file)))) }
}

/// What an applicant says by the form of the page, or as JSON.
fn said(headers: &HeaderMap, raw: Raw) -> Result<(bool, Body), Problem> {
    if !is_form(headers) {
        return Ok((false, Body::read(headers, raw)?));
    }
    let members = form::plain(&fields(headers, &raw.bytes)?)?;
    Ok((true, Body { members, heavy: raw.heavy, permit: raw.permit }))
}

/// `POST /applications/{id}/withdraw`: `{key}`.
///
/// # Errors
/// 400, 404, 409.
pub async fn withdraw(
    State(web): State<Web>,
    locale: Locale,
    Path(id): Path<String>,
    headers: HeaderMap,
    raw: Raw,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    let (by_form, body) = said(&headers, raw)?;
    only(&body.members, "", &["key"])?;
    let key = needed(&body.members, "key")?;
    let (app, opens) = (web.app.clone(), key.clone());
    let withdrawn = async move { applicant::withdraw(&app, id, &opens).await };
    let file = work::recording(body.heavy, body.permit, withdrawn).await??;
    tracing::info!(application = %id, "application withdrawn");
    if by_form { see_other(&locale, &file, &key) } else { Ok(uncached(Json(for_applicant(&file)))) }
}

/// `POST /applications/{id}/erase`: `{reason}`.
///
/// # Errors
/// 400, 401, 403, 404.
pub async fn erase(
    State(web): State<Web>,
    caller: Caller<ToErase>,
    Path(id): Path<String>,
    body: Body,
) -> Result<StatusCode, Problem> {
    let id = parsed(&id)?;
    only(&body.members, "", &["reason"])?;
    let reason = text(&body.members, "", "reason")?.unwrap_or_default();
    let (app, token): (_, std::sync::Arc<TokenRecord>) = (web.app.clone(), caller.0.clone());
    let erased = async move { applicant::erase(&app, &token, id, &reason).await };
    work::recording(body.heavy, body.permit, erased).await??;
    tracing::info!(application = %id, token = digest_of(&caller.0), "application erased");
    Ok(StatusCode::NO_CONTENT)
}

fn parsed(id: &str) -> Result<CredentialId, Problem> {
    CredentialId::parse(id).map_err(|_| Problem::new(Code::NotFound))
}

fn needed(members: &Map<String, Value>, name: &str) -> Result<String, Problem> {
    text(members, "", name)?.ok_or_else(|| Problem::member(format!("/{name}"), "is missing"))
}
