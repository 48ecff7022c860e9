//! What caches may do with an answer (RFC 9111, section 5.2.2), and what of a request it depends on (RFC 9110, section 12.5.5).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

/// What depends on the form and the language that the reader asks for.
pub const BY_FORM: &str = "accept, accept-language";
/// What depends on who asks, too.
pub const BY_READER: &str = "accept, accept-language, authorization";

/// Nobody keeps it.
pub fn uncached(answer: impl IntoResponse) -> Response {
    with(answer, "no-store")
}

/// Whoever keeps it asks whether it is still so.
pub fn fresh(answer: impl IntoResponse) -> Response {
    with(answer, "no-cache")
}

/// It depends on these headers of the request.
pub fn varied(answer: impl IntoResponse, by: &'static str) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static(by));
    response
}

fn with(answer: impl IntoResponse, control: &'static str) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
    response
}
