//! `/statistics`: what is counted and how; tables as JSON, CSV, signed documents, and pages with charts.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri, header};
use serde_json::{Value, json};

use super::caching::{BY_READER, uncached, varied};
use super::credentials::tag_of;
use super::extract::{Anyone, Locale, Permit, parameter};
use super::html::{page, visit};
use super::institutions::versioned;
use super::negotiate::{self, by_person};
use super::problem::{Code, Problem};
use super::routes;
use super::state::Web;
use crate::crypto::sha256;
use crate::pages;
use crate::report::{self, Figures, Question, ReportError, SignError};
use crate::statistics::{Subject, definitions, document};
use crate::text::LocalizedText;

/// Most parameters of a query looked at.
const MAX_PARAMETERS: usize = 32;
/// The forms of a table, the first for whoever does not say.
const FORMS: [&str; 3] = ["application/json", "text/csv", "text/html"];
const CACHE: &str = "public, max-age=60";

/// `GET /statistics`: what is counted, by what, and what of it is told; as a page, the first of it. `?format=json` asks for
/// the former in a browser, too.
///
/// # Errors
/// 503 while the record is being read.
pub async fn show_definitions(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let as_data = parameter(uri.query(), "format").is_some_and(|form| form == "json");
    if !as_data && by_person(&headers) {
        let Some(subject) = definitions().subjects.first() else { return Err(Problem::new(Code::NotFound)) };
        let question = Question { subject, by: Vec::new(), only: Vec::new() };
        let figures = figures(&web, question, None).await?;
        return Ok(shown(&web, locale, routes::STATISTICS, &figures));
    }
    let mut told = document();
    if let Some(told) = told.as_object_mut() {
        let path = |subject: &Subject| format!("{}/{}", routes::STATISTICS, subject.id);
        let paths: Vec<Value> = definitions().subjects.iter().map(|subject| path(subject).into()).collect();
        told.insert("paths".to_owned(), paths.into());
        told.insert("releasedEvery".to_owned(), json!(web.app.config.statistics.every.to_string()));
    }
    let body = told.to_string();
    let tag = tag_of(&sha256(body.as_bytes()));
    Ok(varied(versioned(&headers, &["application/json"], &tag, CACHE, body.into()), BY_READER))
}

/// What a query asks.
#[derive(Default)]
struct Asked {
    by: Vec<String>,
    only: Vec<(String, String)>,
    form: Option<&'static str>,
    exact: bool,
    signed: bool,
    signer: Option<String>,
}

/// `GET /statistics/{subject}`: `by` (names with commas between them, or repeated), `DIMENSION=VALUE`, `format`, `exact`,
/// `signed`, `signer`.
///
/// # Errors
/// 400 for what is not understood; 401 and 403 for exact figures and signed ones; 404 for another subject; 503 while the record is being
/// read.
pub async fn show_table(
    State(web): State<Web>,
    anyone: Anyone,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
    Path(subject): Path<String>,
) -> Result<Response, Problem> {
    let subject = definitions().subject(&subject).ok_or_else(|| Problem::new(Code::NotFound))?;
    let asked = asked(subject, uri.query())?;
    let token = match anyone.0 {
        Some(token) => Some(token),
        None if asked.exact || asked.signed => return Err(Problem::new(Code::TokenMissing)),
        None => None,
    };
    let question = Question { subject, by: asked.by, only: asked.only };
    let figures = figures(&web, question, token.as_deref().filter(|_| asked.exact)).await?;
    if let (true, Some(token)) = (asked.signed, &token) {
        let signer = report::signer(&web.app, &figures, asked.signer.as_deref(), token)?;
        let document = report::sign(&web.app, &figures, &signer)?;
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/vc"))];
        return Ok(uncached((kind, Value::Object(document).to_string())));
    }
    let form = asked.form.or_else(|| negotiate::best(&headers, &FORMS)).unwrap_or(FORMS[0]);
    if form == "text/html" {
        return Ok(shown(&web, locale, uri.path(), &figures));
    }
    let csv = form == "text/csv";
    let body: Bytes = if csv {
        figures.to_csv().into()
    } else {
        Value::Object(figures.to_json(&web.app)).to_string().into()
    };
    let tag = tag_of(&sha256(&body));
    let cache = if figures.exact { "no-store" } else { CACHE };
    let mut response = varied(versioned(&headers, &["application/json"], &tag, cache, body), BY_READER);
    if csv {
        let name = format!("inline; filename=\"{}.csv\"", subject.id);
        let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Ok(name) = HeaderValue::from_str(&name) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
    }
    Ok(response)
}

fn asked(subject: &'static Subject, query: Option<&str>) -> Result<Asked, Problem> {
    let mut asked = Asked::default();
    let refuse = |detail: String| Problem::because(Code::RequestInvalid, detail);
    for (at, (name, value)) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).enumerate() {
        if at >= MAX_PARAMETERS {
            return Err(refuse(format!("more than {MAX_PARAMETERS} parameters")));
        }
        let flag = || match value.as_ref() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            _ => Err(refuse(format!("?{name}= is to be true or false"))),
        };
        match name.as_ref() {
            "by" => asked.by.extend(value.split(',').filter(|id| !id.is_empty()).map(str::to_owned)),
            "exact" => asked.exact = flag()?,
            "signed" => asked.signed = flag()?,
            "signer" => asked.signer = Some(value.into_owned()),
            "lang" => {}
            "format" => {
                asked.form = Some(match value.as_ref() {
                    "json" => FORMS[0],
                    "csv" => FORMS[1],
                    "html" => FORMS[2],
                    _ => return Err(refuse("?format= is to be json, csv or html".to_owned())),
                });
            }
            id if subject.dimensions.iter().any(|dimension| dimension.id == id) => {
                asked.only.push((id.to_owned(), value.into_owned()));
            }
            id => {
                let known: Vec<&str> = subject.dimensions.iter().map(|one| one.id.as_str()).collect();
                let id: String = id.chars().take(80).collect();
                let known = known.join(", ");
                return Err(refuse(format!(
                    "?{id}= is not understood; known are by, format, exact, signed, signer, lang, {known}"
                )));
            }
        }
    }
    Ok(asked)
}

async fn figures(
    web: &Web,
    question: Question,
    exact: Option<&crate::access::TokenRecord>,
) -> Result<Figures, Problem> {
    let _permit = Permit::to_work(web, false).await?;
    Ok(report::figures(&web.app, question, exact).await?)
}

fn shown(web: &Web, locale: Locale, path: &str, figures: &Figures) -> Response {
    let members = web.app.registry.members();
    let names = members.iter().map(|one| (one.institution.slug.to_string(), one.institution.name.clone()));
    let names: BTreeMap<String, LocalizedText> = names.collect();
    let page = varied(page(pages::statistics(&visit(web, locale.0, path), figures, &names)), BY_READER);
    if figures.exact { uncached(page) } else { page }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) => error.into(),
            ReportError::Table(_) | ReportError::Value(..) => {
                Self::because(Code::RequestInvalid, error.to_string())
            }
            ReportError::NotAllowed => Self::because(Code::NotAllowed, error.to_string()),
            ReportError::Reading => Self::because(Code::Unavailable, error.to_string()).retry_after(10),
        }
    }
}

impl From<SignError> for Problem {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Who(_) => Self::because(Code::IssuerAmbiguous, error.to_string()),
            SignError::NotAllowed(_) => Self::because(Code::NotAllowed, error.to_string()),
            SignError::NotItsOwn(_) => Self::because(Code::RequestInvalid, error.to_string()),
            SignError::NoKey(_) => Self::because(Code::Conflict, error.to_string()),
            SignError::Keyring(_) | SignError::Proof(_) => Self::inside(Code::Internal, &error),
        }
    }
}
