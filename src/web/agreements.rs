//! `/agreements`: the registry of agreements, for programs that file and for whoever looks something up.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::caching::{BY_READER, fresh, varied};
use super::credentials::digest_of;
use super::extract::{Anyone, Body, Caller, Locale, Raw, ToAgree, parameter};
use super::html::{page, visit};
use super::negotiate::{best, by_person};
use super::problem::{Code, Problem};
use super::state::Web;
use super::{routes, work};
use crate::agree::{self, AgreeError, list};
use crate::credential::validity::Day;
use crate::pages::{self, Found};

/// Agreements told at once, where nobody says otherwise, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// `GET /agreements`: `?country=` (repeated), `kind`, `state`, `on`, `keeper`, `limit`, `after`; of the page, `page`.
///
/// # Errors
/// 400 for a parameter that is not what it must be.
pub async fn list_agreements(
    State(web): State<Web>,
    reader: Anyone,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = Asked::of(&web, &uri)?;
    if by_person(&headers) {
        let number = match parameter(uri.query(), "page") {
            None => 1,
            Some(text) => text.parse().map_err(|_| Problem::member("/page", "is a number from 1"))?,
        };
        let agreements = web.app.registry.agreements();
        let found = Found { agreements: &agreements, filter: &asked.filter, on: asked.on };
        let visit = visit(&web, locale.0, routes::AGREEMENTS);
        return Ok(answer(page(pages::agreements(&visit, &found, number))));
    }
    let limit = match parameter(uri.query(), "limit") {
        None => USUAL,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or_else(|| Problem::member("/limit", format!("is a number from 1 to {MOST}")))?
        }
    };
    let after = parameter(uri.query(), "after").unwrap_or_default();
    let agreements = web.app.registry.agreements();
    let found: Vec<_> = asked.filter.of(&agreements, asked.on, reader.0.as_deref()).collect();
    let rest = || found.iter().filter(|file| file.terms.id > after);
    let shown: Vec<Value> = rest().take(limit).map(|file| list::short(file, asked.on)).collect();
    let next =
        if rest().count() > limit { shown.last().map(|last| last["agreementId"].clone()) } else { None };
    Ok(answer(Json(json!({
        "on": asked.on.to_string(), "total": found.len(), "agreements": shown, "next": next,
    }))))
}

/// `GET /agreements/{id}`: all that is on record of one, or its page; `?on=` for another day.
///
/// # Errors
/// 400 for a day that is none; 404.
pub async fn show_agreement(
    State(web): State<Web>,
    reader: Anyone,
    locale: Locale,
    headers: HeaderMap,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let on = Asked::of(&web, &uri)?.on;
    let agreements = web.app.registry.agreements();
    let file = list::shown(&agreements, &id, reader.0.as_deref());
    let file = file.ok_or_else(|| Problem::new(Code::NotFound))?;
    if by_person(&headers) {
        let keeper = web.app.registry.member(&file.keeper);
        let names = keeper.map(|member| member.institution.name.clone()).unwrap_or_default();
        let visit = visit(&web, locale.0, uri.path());
        return Ok(answer(page(pages::agreement(&visit, &agreements, file, &names, on))));
    }
    Ok(answer(Json(list::whole(&agreements, file, on, reader.0.as_deref()))))
}

/// `GET /agreements/report`: JSON, CSV or a page; `?on=` for another day.
///
/// # Errors
/// 400 for a day that is none.
pub async fn report_agreements(
    State(web): State<Web>,
    locale: Locale,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let on = Asked::of(&web, &uri)?.on;
    let report = agree::report::report(&web.app.registry.agreements(), on);
    let form = best(&headers, &["application/json", "text/csv", "text/html"]);
    if form == Some("text/html") {
        let visit = visit(&web, locale.0, routes::AGREEMENT_REPORT);
        return Ok(answer(page(pages::agreement_report(&visit, &report, on))));
    }
    if form == Some("text/csv") {
        let kind =
            [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"))];
        return Ok(answer((kind, report.to_csv())));
    }
    Ok(answer(Json(report.to_json(on))))
}

/// `POST /agreements`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn file_agreement(
    State(web): State<Web>,
    caller: Caller<ToAgree>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let filed = async move { agree::file(&app, &token, body.members).await };
    let filed = work::recording(body.heavy, body.permit, filed).await??;
    told(&web, &caller, StatusCode::CREATED, &filed)
}

/// `POST /agreements/{id}/state`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn change_agreement(
    State(web): State<Web>,
    caller: Caller<ToAgree>,
    Path(id): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let changed = async move { agree::change(&app, &token, &id, &body.members).await };
    let changed = work::recording(body.heavy, body.permit, changed).await??;
    told(&web, &caller, StatusCode::OK, &changed)
}

/// `POST /agreements/{id}/signature`
///
/// # Errors
/// 400, 401, 403, 404, 409, 422 for signatures that do not hold.
pub async fn sign_agreement(
    State(web): State<Web>,
    caller: Caller<ToAgree>,
    Path(id): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let signed = async move { agree::sign(&app, &token, &id, body.members).await };
    let signed = work::recording(body.heavy, body.permit, signed).await??;
    told(&web, &caller, StatusCode::OK, &signed)
}

/// `POST /agreements/{id}/activities`
///
/// # Errors
/// 400, 401, 403, 404, 409.
pub async fn record_activity(
    State(web): State<Web>,
    caller: Caller<ToAgree>,
    Path(id): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (app, token) = (web.app.clone(), caller.0.clone());
    let recorded = async move { agree::record(&app, &token, &id, body.members).await };
    let recorded = work::recording(body.heavy, body.permit, recorded).await??;
    tracing::info!(activity = recorded.id, token = digest_of(&caller.0), "activity recorded");
    Ok((StatusCode::CREATED, Json(recorded.to_value())))
}

/// `POST /agreements/import`: a file of agreements and activities, JSON or CSV; `?institution=`, `?dry-run=true`.
///
/// # Errors
/// 400 with every row at fault, 401, 403, 404, 409, 413.
pub async fn import_agreements(
    State(web): State<Web>,
    caller: Caller<ToAgree>,
    uri: Uri,
    raw: Raw,
) -> Result<Json<Value>, Problem> {
    let institution = parameter(uri.query(), "institution");
    let dry_run = match parameter(uri.query(), "dry-run").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::member("/dry-run", "is true or false")),
    };
    let (app, token, bytes) = (web.app.clone(), caller.0.clone(), raw.bytes);
    let imported = async move { agree::import(&app, &token, institution, &bytes, dry_run).await };
    let imported = work::recording(raw.heavy, raw.permit, imported).await??;
    tracing::info!(
        agreements = imported.agreements.new,
        activities = imported.activities.new,
        dry_run,
        token = digest_of(&caller.0),
        "agreements imported"
    );
    Ok(Json(imported.to_json()))
}

/// What is asked in a query.
struct Asked {
    filter: list::Filter,
    on: Day,
}

impl Asked {
    fn of(web: &Web, uri: &Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let on = match parameter(Some(query), "on").filter(|day| !day.is_empty()) {
            Some(day) => Day::parse(&day).map_err(|why| Problem::member("/on", format!("is {why}")))?,
            None => agree::today(&web.app)?,
        };
        Ok(Self { filter: filter(query)?, on })
    }
}

/// Which agreements a query is for: `country` (repeated), `kind`, `state`, `keeper`.
fn filter(query: &str) -> Result<list::Filter, Problem> {
    let countries = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "country");
    let [kind, state, keeper] = ["kind", "state", "keeper"].map(|name| parameter(Some(query), name));
    let countries = countries.map(|(_, country)| country);
    list::Filter::parse(countries, kind.as_deref(), state.as_deref(), keeper.as_deref())
        .map_err(|wrong| Problem::member(format!("/{}", wrong.of), wrong.rule))
}

fn told(
    web: &Web,
    caller: &Caller<ToAgree>,
    status: StatusCode,
    file: &crate::registry::agreements::AgreementFile,
) -> Result<(StatusCode, Json<Value>), Problem> {
    tracing::info!(
        agreement = file.terms.id,
        version = file.version,
        token = digest_of(&caller.0),
        "agreement filed"
    );
    let agreements = web.app.registry.agreements();
    let on = agree::today(&web.app)?;
    Ok((status, Json(list::whole(&agreements, file, on, Some(&caller.0)))))
}

fn answer(told: impl IntoResponse) -> Response {
    varied(fresh(told), BY_READER)
}

impl From<AgreeError> for Problem {
    fn from(error: AgreeError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        let faults = |each: Vec<(String, String)>| {
            each.into_iter().map(|(pointer, detail)| super::problem::Fault { pointer, detail }).collect()
        };
        match &error {
            AgreeError::NotAllowed | AgreeError::NotAuthority => because(Code::NotAllowed),
            AgreeError::Which(_) => because(Code::IssuerAmbiguous),
            AgreeError::NoInstitution(_) | AgreeError::NoAgreement(_) => because(Code::NotFound),
            AgreeError::Form(problems) => {
                let each = problems.iter().map(|one| (one.pointer.clone(), one.message.to_string()));
                Self { faults: faults(each.collect()), ..because(Code::RequestInvalid) }
            }
            AgreeError::Faults(rows) => {
                let place = |fault: &crate::recognition::import::Fault| match fault.row {
                    0 => String::new(),
                    row => format!("/{}/{row}/{}", fault.list, fault.column.trim_start_matches('/')),
                };
                let each = rows.iter().map(|fault| (place(fault), fault.message.clone()));
                Self { faults: faults(each.collect()), ..because(Code::RequestInvalid) }
            }
            AgreeError::Unsigned(_) => because(Code::DraftInvalid),
            AgreeError::Conflict(_) | AgreeError::NoKey(_) => because(Code::Conflict),
            AgreeError::Store(store) => store.clone().into(),
            AgreeError::Key(_) | AgreeError::Proof(_) | AgreeError::Random(_) => {
                Self::inside(Code::Internal, &error)
            }
        }
    }
}
