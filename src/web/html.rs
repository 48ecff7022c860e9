//! The door to the pages: gathers what each shows and hands it over; the words and shapes are theirs.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde_json::Value;

use super::caching::uncached;
use super::extract::{Locale, Permit, Raw, not_json};
use super::limits::LIGHT;
use super::problem::{Code, PROBLEMS, Problem};
use super::state::Web;
use super::{form, routes, work};
use crate::codec::json;
use crate::credential::Credential;
use crate::credential::id::CredentialId;
use crate::credential::summary::summarize;
use crate::pages::{self, CredentialPage, Links, Pasted, Reader, Visit};
use crate::recognise;
use crate::recognition::worth::Worth;
use crate::verify::{self, Extent, Verdict};

/// The media type of a page.
pub const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// `GET /`
pub async fn home(State(web): State<Web>, locale: Locale) -> Response {
    page(pages::home(&visit(&web, locale.0, routes::HOME)))
}

/// `POST /verify`: the form of the home page, answered by the verdict's page. Nothing of it is kept.
///
/// # Errors
/// 400 for a form that is not one, or a text that is no JSON; 413, 429.
pub async fn verify_pasted(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    raw: Raw,
) -> Result<Response, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let parts = form::parts(kind, &raw.bytes).ok_or_else(|| {
        Problem::because(Code::MediaTypeUnsupported, "send the form as multipart/form-data")
    })?;
    let given = parts
        .iter()
        .filter(|part| matches!(part.name.as_str(), "file" | "text"))
        .map(|part| part.content.trim_ascii())
        .find(|content| !content.is_empty())
        .ok_or_else(|| Problem::because(Code::RequestInvalid, "neither a file nor a text was sent"))?;
    if let Some(Pasted::Id(id)) =
        std::str::from_utf8(given).ok().map(|text| pages::pasted(text, web.app.urls.public()))
    {
        let there = HeaderValue::from_str(&locale.0.link(&routes::show(id)));
        let there = there.map_err(|error| Problem::inside(Code::Internal, &error))?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, there)]).into_response());
    }
    let (app, given) = (web.app.clone(), given.to_vec());
    let judged = async move {
        let credential = pasted_credential(&given)?;
        let verdict = verify::credential(&app, credential, Extent::Full).await;
        let worth = recognise::worth(&app, &verdict, recognise::worth::home(&app).as_deref()).await?;
        Ok::<_, Problem>((verdict, worth))
    };
    let (verdict, worth) = work::reading(raw.heavy, raw.permit, judged).await??;
    web.meter.judged(verdict.state);
    let recognised = recognise::statement::recognised_by(&web.app, &verdict).await?;
    let visit = visit(&web, locale.0, routes::HOME);
    let known = Known { worth: worth.as_ref(), recognised: recognised.as_ref() };
    Ok(uncached(page(shown(visit, &verdict, &known, Links::default(), false))))
}

/// `GET /problems/{code}`
///
/// # Errors
/// 404 for a code that is none.
pub async fn explain_problem(
    State(web): State<Web>,
    locale: Locale,
    Path(code): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(Code::NotFound);
    let row = PROBLEMS.iter().find(|row| row.code == code).ok_or_else(nothing)?;
    let visit = visit(&web, locale.0, uri.path());
    let text = pages::problem(&visit, row.code, row.status, None, None).ok_or_else(nothing)?;
    Ok(page(text))
}

/// `GET /assets/{name}`: named by their content, so they never change.
///
/// # Errors
/// 404.
pub async fn asset(uri: Uri) -> Result<Response, Problem> {
    let asset = pages::assets().iter().find(|asset| asset.path == uri.path());
    let asset = asset.ok_or_else(|| Problem::new(Code::NotFound))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    let bytes = match &asset.bytes {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::copy_from_slice(bytes),
    };
    Ok((headers, bytes).into_response())
}

/// The page of a credential on record, verified now as any other would be; `whole` lists everything it says. What it is
/// worth is told for the `country` of the reader, or else for that of the authority here.
///
/// # Errors
/// 429; 500 when the record is no credential.
pub async fn credential_page(
    web: &Web,
    reader: Reader,
    id: CredentialId,
    body: Bytes,
    whole: bool,
    country: Option<String>,
) -> Result<Response, Problem> {
    let heavy = body.len() > LIGHT;
    let permit = Permit::to_work(web, heavy).await?;
    let app = web.app.clone();
    let chosen = country.as_ref().map(|code| format!("?country={code}")).unwrap_or_default();
    let judged = async move {
        let credential = Credential::parse(body).map_err(|error| Problem::inside(Code::Internal, &error))?;
        let verdict = verify::credential(&app, credential, Extent::Full).await;
        let country = country.or_else(|| recognise::worth::home(&app));
        let worth = recognise::worth(&app, &verdict, country.as_deref()).await?;
        Ok::<_, Problem>((verdict, worth))
    };
    let (verdict, worth) = work::reading(heavy, permit, judged).await??;
    web.meter.judged(verdict.state);
    let path = format!("{}{chosen}", routes::show(id));
    let links = Links::of(web.app.urls.public(), id);
    let recognised = recognise::statement::recognised_by(&web.app, &verdict).await?;
    let known = Known { worth: worth.as_ref(), recognised: recognised.as_ref() };
    Ok(page(shown(visit(web, reader, &path), &verdict, &known, links, whole)))
}

/// The page a person gets instead of problem+json.
pub fn problem_page(
    web: &Web,
    reader: Reader,
    path: &str,
    problem: &Problem,
    request_id: &str,
) -> Option<String> {
    let row = problem.code.row();
    let detail = Some(problem.detail.as_str()).filter(|_| row.status < 500);
    pages::problem(&visit(web, reader, path), row.code, row.status, detail, Some(request_id))
}

/// What this service knows besides the verdict.
struct Known<'a> {
    /// What an award is worth elsewhere.
    worth: Option<&'a Worth>,
    /// What is on record about the award of a statement.
    recognised: Option<&'a Value>,
}

fn shown(visit: Visit<'_>, verdict: &Verdict, known: &Known<'_>, links: Links, whole: bool) -> String {
    let document = verdict.verifiable_credential.as_ref().and_then(|verified| verified.get().as_object());
    let claims = document.map(summarize);
    let (worth, recognised) = (known.worth, known.recognised);
    CredentialPage {
        visit,
        verdict,
        claims: claims.as_ref(),
        worth,
        statement: document,
        recognised,
        links,
        whole,
    }
    .render()
}

pub(super) fn visit<'a>(web: &'a Web, reader: Reader, path: &'a str) -> Visit<'a> {
    Visit { reader, public_url: web.app.urls.public(), path }
}

pub(super) fn page(text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HTML), (header::VARY, HeaderValue::from_static("accept-language"))];
    (headers, text).into_response()
}

/// Reads what was pasted. What the API answers with is a credential in an envelope: people paste that too.
fn pasted_credential(given: &[u8]) -> Result<Credential, Problem> {
    let Value::Object(mut members) = json::parse(given).map_err(not_json)? else {
        return Err(Problem::because(Code::RequestInvalid, "a credential is a JSON object"));
    };
    match members.shift_remove("verifiableCredential") {
        Some(Value::Object(inner)) if members.is_empty() => Ok(Credential::from_members(inner)),
        Some(other) => {
            members.insert("verifiableCredential".to_owned(), other);
            Ok(Credential::from_members(members))
        }
        None => Ok(Credential::from_members(members)),
    }
}
