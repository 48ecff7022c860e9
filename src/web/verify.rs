//! `POST /credentials/verify` and `POST /presentations/verify`: the verdict, 200 when it says yes and 422 when it says no.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use serde::Serialize;
use serde_json::{Map, Value};

use super::extract::{Body, only, parameter, text};
use super::problem::Problem;
use super::state::Web;
use super::work;
use crate::credential::Credential;
use crate::log::proof::MAX_TLOG_PROOF;
use crate::recognise;
use crate::recognition::is_country;
use crate::recognition::worth::Worth;
use crate::verify::verdict::{Check, Code, Group, Outcome};
use crate::verify::{self, Audience, Beside, Extent, PresentationVerdict};

/// `POST /credentials/verify`
///
/// # Errors
/// 400 for a body without a credential; 413, 415, 429. A bad credential is no error: 422 with the verdict.
pub async fn verify_credential(
    State(web): State<Web>,
    uri: Uri,
    mut body: Body,
) -> Result<Response, Problem> {
    only(&body.members, "", &["verifiableCredential", "options"])?;
    let options = Options::read(&mut body, &uri)?;
    let Value::Object(document) = body.take("verifiableCredential")? else {
        return Err(Problem::member("/verifiableCredential", "is to be a JSON object"));
    };
    let app = web.app.clone();
    let judged = async move {
        let credential = Credential::from_members(document);
        let beside = Beside { audience: options.audience, tlog_proof: options.tlog_proof };
        let verdict = verify::credential_with(&app, credential, beside, options.extent).await;
        let worth = match &options.country {
            Some(country) => recognise::worth(&app, &verdict, Some(country)).await?,
            None => None,
        };
        Ok::<_, Problem>((verdict, worth))
    };
    let (verdict, worth) = work::reading(body.heavy, body.permit, judged).await??;
    web.meter.judged(verdict.state);
    let problem_details = details(&verdict.checks);
    Ok(answer(verdict.verified, &Told { problem_details, verdict: &verdict, worth }))
}

/// `POST /presentations/verify`
///
/// # Errors
/// As [`verify_credential`].
pub async fn verify_presentation(
    State(web): State<Web>,
    uri: Uri,
    mut body: Body,
) -> Result<Response, Problem> {
    only(&body.members, "", &["verifiablePresentation", "options"])?;
    let options = Options::read(&mut body, &uri)?;
    for (there, pointer) in [
        (options.tlog_proof.is_some(), "/options/tlogProof"),
        (options.country.is_some(), "/options/country"),
    ] {
        if there {
            return Err(Problem::member(pointer, "stands beside one credential, not beside a presentation"));
        }
    }
    let document = body.take("verifiablePresentation")?;
    if !document.is_object() {
        return Err(Problem::member("/verifiablePresentation", "is to be a JSON object"));
    }
    let app = web.app.clone();
    let judged =
        async move { verify::presentation(&app, &document, &options.audience, options.extent).await };
    let verdict: PresentationVerdict = work::reading(body.heavy, body.permit, judged).await?;
    web.meter.judged(verdict.state);
    let problem_details = details(&verdict.checks);
    Ok(answer(verdict.verified, &Told { problem_details, verdict: &verdict, worth: None }))
}

/// What a verifier asks beside the document.
struct Options {
    extent: Extent,
    audience: Audience,
    tlog_proof: Option<Vec<u8>>,
    /// Where it is asked what the award is worth.
    country: Option<String>,
}

impl Options {
    /// From `options`, and `checks` from the query too.
    fn read(body: &mut Body, uri: &Uri) -> Result<Self, Problem> {
        let options = body.options()?;
        // The last four are VC-API's wishes for a shorter or longer answer: ours is always whole.
        const KNOWN: &[&str] = &[
            "checks",
            "domain",
            "challenge",
            "tlogProof",
            "country",
            "returnCredential",
            "returnPresentation",
            "returnProblemDetails",
            "returnResults",
        ];
        only(&options, "/options", KNOWN)?;
        let narrowed = match parameter(uri.query(), "checks") {
            None => false,
            Some(checks) if checks == "proof" => true,
            Some(_) => {
                return Err(Problem::because(
                    super::problem::Code::RequestInvalid,
                    "?checks= is to be proof",
                ));
            }
        };
        let extent = if narrowed { Extent::Proof } else { extent(&options)? };
        let audience = Audience {
            domain: text(&options, "/options", "domain")?,
            challenge: text(&options, "/options", "challenge")?,
        };
        let tlog_proof = text(&options, "/options", "tlogProof")?.map(String::into_bytes);
        if tlog_proof.as_ref().is_some_and(|proof| proof.len() > MAX_TLOG_PROOF) {
            return Err(Problem::member("/options/tlogProof", "is longer than any log proof"));
        }
        let country = text(&options, "/options", "country")?;
        if country.as_deref().is_some_and(|code| !is_country(code)) {
            return Err(Problem::member(
                "/options/country",
                "is to be a country code of ISO 3166-1, such as LA",
            ));
        }
        Ok(Self { extent, audience, tlog_proof, country })
    }
}

/// `checks`: all of them, or `["proof"]`. Nothing else narrows anything.
fn extent(options: &Map<String, Value>) -> Result<Extent, Problem> {
    let wrong = || Problem::member("/options/checks", "is to be [\"proof\"], or left out for every check");
    match options.get("checks") {
        None => Ok(Extent::Full),
        Some(Value::Array(checks)) => match checks.as_slice() {
            [] => Ok(Extent::Full),
            [Value::String(only)] if only == "proof" => Ok(Extent::Proof),
            _ => Err(wrong()),
        },
        Some(_) => Err(wrong()),
    }
}

/// A verdict with what VC-API calls problem details.
#[derive(Serialize)]
struct Told<'a, V: Serialize> {
    #[serde(flatten)]
    verdict: &'a V,
    #[serde(rename = "problemDetails", skip_serializing_if = "Vec::is_empty")]
    problem_details: Vec<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worth: Option<Worth>,
}

/// Why a credential does not verify, in the words of the specifications.
#[derive(Serialize)]
struct Detail {
    r#type: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

fn details(checks: &[Check]) -> Vec<Detail> {
    let troubles = checks
        .iter()
        .filter(|check| check.code.group() == Group::Credential && check.code.outcome() != Outcome::Pass);
    troubles
        .map(|check| {
            let facts: Vec<_> = check.because.iter().map(|(name, fact)| format!("{name}: {fact}")).collect();
            Detail { r#type: kind(check.code), title: check.code.as_str(), detail: facts.join("; ") }
        })
        .collect()
}

/// The problem types of VC Data Model 2.0, VC Data Integrity 1.0 and Bitstring Status List 1.0.
fn kind(code: Code) -> &'static str {
    match code.as_str().split('.').next() {
        Some("form") => "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        Some("dates") => "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        Some("status") => "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        _ => "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
    }
}

fn answer(verified: bool, told: &impl Serialize) -> Response {
    let status = if verified { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut body = Vec::with_capacity(8 << 10);
    match serde_json::to_writer(&mut body, told) {
        Ok(()) => (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body)
            .into_response(),
        Err(error) => Problem::inside(super::problem::Code::Internal, &error).into_response(),
    }
}
