//! Issuing a credential, and reading one back: for its institution, and for whoever holds its address.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::extract::{Anyone, Body, Caller, Locale, ToIssue, ToRead, only, parameter, text};
use super::problem::{Code, Problem};
use super::state::Web;
use super::{html, negotiate, work};
use crate::access::{Act, TokenRecord};
use crate::codec::hex;
use crate::credential::draft::{Draft, Profile};
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::issue::{self, Issued};
use crate::pages::qr;
use crate::recognition::is_country;
use crate::revoke;
use crate::store::{CredentialRecord, Erasure, Visibility};

/// The longest idempotency key, bytes.
const MAX_KEY: usize = 255;

/// The forms of a credential's address, the first being for those who do not say.
const FORMS: &[&str] = &["application/vc", "application/ld+json", "application/json", "text/html"];

/// `POST /credentials/issue`
///
/// # Errors
/// 400, 401, 403, 409, 422 as the table of problems tells; nothing is recorded then.
pub async fn issue_credential(
    State(web): State<Web>,
    caller: Caller<ToIssue>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    let request = request(&headers, &mut body)?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let issued = async move { issue::issue(&app, &token, request).await };
    let issued = work::recording(body.heavy, body.permit, issued).await??;
    tracing::info!(credential = %issued.id, token = digest_of(&caller.0), replayed = issued.replayed, "issued");
    created(&issued)
}

/// `POST /credentials/prepare`: the draft as it would be signed, for somebody else to confirm first.
///
/// # Errors
/// As [`issue_credential`].
pub async fn prepare_credential(
    State(web): State<Web>,
    caller: Caller<ToIssue>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Json<Value>, Problem> {
    let request = request(&headers, &mut body)?;
    let (app, token) = (web.app.clone(), caller.0.clone());
    let prepared = async move { issue::prepare(&app, &token, request).await };
    let draft = work::recording(body.heavy, body.permit, prepared).await??;
    Ok(Json(json!({"credential": draft})))
}

/// `{credential, options?}` and the idempotency key.
fn request(headers: &HeaderMap, body: &mut Body) -> Result<issue::Request, Problem> {
    only(&body.members, "", &["credential", "options"])?;
    let options = body.options()?;
    only(&options, "/options", &["cryptosuite", "institution", "profile", "visibility"])?;
    let Value::Object(credential) = body.take("credential")? else {
        return Err(Problem::member("/credential", "is to be a JSON object"));
    };
    let institution = text(&options, "/options", "institution")?
        .map(|slug| {
            Slug::parse(&slug).map_err(|error| Problem::member("/options/institution", error.to_string()))
        })
        .transpose()?;
    let profile = match text(&options, "/options", "profile")? {
        None => Profile::default(),
        Some(name) => Profile::parse(&name)
            .ok_or_else(|| Problem::member("/options/profile", "is not known; there is ob-strict"))?,
    };
    let visibility = match text(&options, "/options", "visibility")?.as_deref() {
        None => None,
        Some("public") => Some(Visibility::Public),
        Some("token") => Some(Visibility::Token),
        Some(_) => return Err(Problem::member("/options/visibility", "is public or token")),
    };
    Ok(issue::Request {
        draft: Draft::from_members(credential),
        cryptosuite: text(&options, "/options", "cryptosuite")?,
        institution,
        profile,
        visibility,
        idempotency_key: idempotency_key(headers)?,
    })
}

/// `GET /credentials/{id}`
///
/// # Errors
/// 401, 403, 404, 410.
pub async fn read_credential(
    State(web): State<Web>,
    caller: Caller<ToRead>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let record = revoke::find(&web.app, &caller.0, &id, None).await?.ok_or_else(nothing)?;
    if !web.app.registry.allows(&caller.0, Act::Read, &record.institution) {
        return Err(Problem::because(Code::NotAllowed, "the token does not allow reading this register"));
    }
    let Some(body) = record.body else {
        let erasure = web.app.store.erasure(record.id).await?;
        let told =
            |erasure: &Erasure| format!("erased at {} by {}: {}", erasure.at, erasure.actor, erasure.reason);
        return Err(Problem::because(Code::Erased, erasure.as_ref().map(told).unwrap_or_default()));
    };
    Ok(wrapped(StatusCode::OK, &body))
}

/// `GET /c/{id}`: the page for a browser, the signed document for a program.
///
/// # Errors
/// One shape of 404: an unknown id and a closed page look the same to a stranger. 410 for an erased record that was
/// open to this reader: whoever has its address was given it, and is not to take the graduate for a forger.
pub async fn show_credential(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (id, form) = form_of(&name, &headers);
    let (record, body) = visible(&web, &anyone, id).await?;
    let open = record.visibility == Visibility::Public;
    let mut response = if form == "text/html" {
        let whole = parameter(uri.query(), "all").is_some_and(|all| all == "1");
        let country = country(&uri)?;
        html::credential_page(&web, locale.0, record.id, body, whole, country).await?
    } else {
        document(form, &headers, &record, body)
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language, authorization"));
    let cache = if open { "no-cache" } else { "private, no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(response)
}

/// `?country=LA`: where the reader asks what the award is worth. None was chosen in a form sent empty.
fn country(uri: &Uri) -> Result<Option<String>, Problem> {
    match parameter(uri.query(), "country").filter(|code| !code.is_empty()) {
        Some(code) if !is_country(&code) => Err(Problem::because(
            Code::RequestInvalid,
            "?country= is to be a country code of ISO 3166-1, such as LA",
        )),
        country => Ok(country),
    }
}

/// `GET /c/{id}/qr.svg`
///
/// # Errors
/// Those of [`show_credential`].
pub async fn draw_svg(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (record, _) = visible(&web, &anyone, CredentialId::parse(&id).ok()).await?;
    let address = web.app.urls.credential_qr(record.id);
    let title = locale.0.locale.text("qr-title");
    let symbol = qr::svg(&address, &title).map_err(|error| Problem::inside(Code::Internal, &error))?;
    Ok(picture(&record, "image/svg+xml", symbol.into()))
}

/// `GET /c/{id}/qr.png`
///
/// # Errors
/// Those of [`show_credential`].
pub async fn draw_png(
    State(web): State<Web>,
    anyone: Anyone,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (record, _) = visible(&web, &anyone, CredentialId::parse(&id).ok()).await?;
    let _work = web.work()?;
    let symbol = qr::png(&web.app.urls.credential_qr(record.id), 8);
    Ok(picture(&record, "image/png", symbol.map_err(|error| Problem::inside(Code::Internal, &error))?.into()))
}

/// The eight digits by which a log line tells one token from another, without its label: that may be a name.
pub fn digest_of(token: &TokenRecord) -> &str {
    token.hash.get(..8).unwrap_or_default()
}

/// A credential this reader may see, and its signed bytes.
pub(super) async fn visible(
    web: &Web,
    anyone: &Anyone,
    id: Option<CredentialId>,
) -> Result<(CredentialRecord, Bytes), Problem> {
    let id = id.ok_or_else(nothing)?;
    let mut record = web.app.store.credential(id).await?.ok_or_else(nothing)?;
    let open = match record.visibility {
        Visibility::Public => true,
        Visibility::Token => {
            let reads = |token: &TokenRecord| web.app.registry.allows(token, Act::Read, &record.institution);
            anyone.0.as_deref().is_some_and(reads)
        }
    };
    match record.body.take().filter(|_| open) {
        Some(body) => Ok((record, body.into())),
        None if open => Err(Problem::new(Code::Erased)),
        None => Err(nothing()),
    }
}

/// The same words for everything that is not there.
fn nothing() -> Problem {
    Problem::new(Code::NotFound)
}

/// The id and the form asked for, by suffix or by `Accept`.
fn form_of(name: &str, headers: &HeaderMap) -> (Option<CredentialId>, &'static str) {
    let (id, suffix) = name.split_once('.').map_or((name, None), |(id, suffix)| (id, Some(suffix)));
    let by_accept = || negotiate::best(headers, FORMS).unwrap_or(FORMS[0]);
    let form = match suffix {
        None => Some(by_accept()),
        Some(suffix) if suffix.eq_ignore_ascii_case("html") => Some("text/html"),
        Some(suffix) if suffix.eq_ignore_ascii_case("json") => {
            Some(Some(by_accept()).filter(|form| *form != "text/html").unwrap_or(FORMS[0]))
        }
        Some(_) => None,
    };
    (CredentialId::parse(id).ok().filter(|_| form.is_some()), form.unwrap_or(FORMS[0]))
}

fn document(form: &'static str, headers: &HeaderMap, record: &CredentialRecord, body: Bytes) -> Response {
    let tag = tag_of(&record.digest);
    let mut response = if negotiate::has_already(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, HeaderValue::from_static(form))], body).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// An entity tag of a digest.
pub fn tag_of(digest: &[u8]) -> String {
    format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or(digest)))
}

fn picture(record: &CredentialRecord, kind: &'static str, bytes: Bytes) -> Response {
    let cache = match record.visibility {
        Visibility::Public => "public, max-age=86400",
        Visibility::Token => "private, no-store",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::VARY, HeaderValue::from_static("authorization, accept-language")),
    ];
    (headers, bytes).into_response()
}

fn created(issued: &Issued) -> Result<Response, Problem> {
    let mut response = wrapped(StatusCode::CREATED, &issued.body);
    let location =
        HeaderValue::from_str(&issued.url).map_err(|error| Problem::inside(Code::Internal, &error))?;
    response.headers_mut().insert(header::LOCATION, location);
    if issued.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// `{"verifiableCredential": …}` around the very bytes on record.
fn wrapped(status: StatusCode, signed: &[u8]) -> Response {
    let mut body = Vec::with_capacity(signed.len() + 32);
    body.extend_from_slice(b"{\"verifiableCredential\":");
    body.extend_from_slice(signed);
    body.push(b'}');
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (status, headers, body).into_response()
}

/// `Idempotency-Key`: printable ASCII, at most 255 bytes.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= MAX_KEY);
    match key {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::because(
            Code::RequestInvalid,
            "Idempotency-Key is to be 1 to 255 printable ASCII characters",
        )),
    }
}
