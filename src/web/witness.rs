//! The witness's door (C2SP tlog-witness): programs of logs knock here.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::caching::uncached;
use super::extract::Capped;
use super::problem::Problem;
use super::state::Web;
use crate::log::witness::{MAX_REQUEST, Refusal};
use crate::witness::{self, WitnessError};

/// The content type of a 409: the body is the size the witness knows.
pub const KNOWN_SIZE: &str = "text/x.tlog.size";

/// `POST /add-checkpoint`: a cosignature line, or the size the witness knows.
///
/// # Errors
/// 404 without a witness here, and for a log it does not know; 400, 403, 413 and 422 as the protocol has them.
pub async fn add_checkpoint(
    State(web): State<Web>,
    request: Capped<MAX_REQUEST>,
) -> Result<Response, Problem> {
    match witness::add_checkpoint(&web.app, &request.bytes).await {
        Ok(line) => Ok(text(StatusCode::OK, "text/plain; charset=utf-8", line)),
        Err(WitnessError::Refused(Refusal::Stale(size) | Refusal::Forked(size))) => {
            Ok(text(StatusCode::CONFLICT, KNOWN_SIZE, format!("{size}\n")))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /witness/key`: the verifier key that its cosignatures are checked with, on a line.
///
/// # Errors
/// 404 without a witness here.
pub async fn show_witness_key(State(web): State<Web>) -> Result<Response, Problem> {
    let (key, _) = witness::key(&web.app).await?;
    Ok(text(StatusCode::OK, "text/plain; charset=utf-8", format!("{key}\n")))
}

fn text(status: StatusCode, form: &'static str, body: String) -> Response {
    uncached((status, [(header::CONTENT_TYPE, HeaderValue::from_static(form))], body))
}
