//! `GET /1.0/identifiers/{did}`: DID resolution and the dereferencing of key URLs over HTTPS (DID Resolution 0.3, section 9).
//!
//! Errors keep the shape of the result, under the standard names, so that a client reads one kind of answer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::extract::parameter;
use super::negotiate;
use super::state::Web;
use crate::did::key::PublicKeyFormat;
use crate::did::{self, Did, DidUrl};
use crate::resolve::ResolveError;

const PREFIX: &str = "/1.0/identifiers/";

/// The whole result first, for those who do not say; then the bare document.
const FORMS: &[&str] = &["application/ld+json", "application/json", BARE_LD, BARE, "application/did"];
const BARE_LD: &str = "application/did+ld+json";
const BARE: &str = "application/did+json";
const RESULT: HeaderValue =
    HeaderValue::from_static("application/ld+json;profile=\"https://w3id.org/did-resolution\"");

/// `GET /1.0/identifiers/{did}`
pub async fn resolve_identifier(State(web): State<Web>, headers: HeaderMap, uri: Uri) -> Response {
    let asked = asked(uri.path().strip_prefix(PREFIX).unwrap_or_default());
    let is_url = asked.contains(['/', '?', '#']);
    let Some(form) = negotiate::best(&headers, FORMS) else {
        return told(
            is_url,
            Err(Fault::of("representationNotSupported", "this resolver answers in JSON")),
            FORMS[0],
        );
    };
    told(is_url, found(&web, &asked, is_url, uri.query()).await, form)
}

/// A standard error name, and what is wrong in words.
struct Fault {
    name: &'static str,
    because: String,
}

impl Fault {
    fn of(name: &'static str, because: impl Into<String>) -> Self {
        Self { name, because: because.into() }
    }

    fn status(&self) -> StatusCode {
        match self.name {
            "notFound" => StatusCode::NOT_FOUND,
            "representationNotSupported" => StatusCode::NOT_ACCEPTABLE,
            "methodNotSupported" => StatusCode::NOT_IMPLEMENTED,
            "internalError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// The DID or DID URL as it was meant: encoded as one path segment, or written plainly with its own `%3A` untouched.
fn asked(segment: &str) -> String {
    let plain = segment.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("did:"));
    if plain {
        return segment
            .replace("%23", "#")
            .replace("%2F", "/")
            .replace("%2f", "/")
            .replace("%3F", "?")
            .replace("%3f", "?");
    }
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

async fn found(web: &Web, asked: &str, is_url: bool, query: Option<&str>) -> Result<Value, Fault> {
    if !is_url {
        let did = Did::parse(asked).map_err(|error| Fault::of("invalidDid", error.to_string()))?;
        return document(web, &did, query).await;
    }
    let url = DidUrl::parse(asked).map_err(|error| Fault::of("invalidDidUrl", error.to_string()))?;
    let whole = document(web, &url.did(), query).await?;
    let named = url.fragment().filter(|_| !asked.contains(['/', '?'])).and_then(|_| method(&whole, &url));
    named.ok_or_else(|| Fault::of("notFound", "the DID document holds nothing of that name"))
}

async fn document(web: &Web, did: &Did, query: Option<&str>) -> Result<Value, Fault> {
    let format = parameter(query, "publicKeyFormat");
    match did.method() {
        "key" => {
            let of_key = |error: did::key::DidKeyError| Fault::of(error.code(), error.to_string());
            let format = format.map(|name| PublicKeyFormat::parse(&name)).transpose().map_err(of_key)?;
            let document = did::key::document_as(did, format.unwrap_or_default()).map_err(of_key)?;
            Ok(document.raw)
        }
        "jwk" => did::jwk::document(did)
            .map(|document| document.raw)
            .map_err(|error| Fault::of("invalidDid", error.to_string())),
        _ => match web.app.resolver.issuer(did).await {
            Ok(resolved) => Ok(resolved.document.raw.clone()),
            Err(error) => Err(Fault::of(name_of(&error), error.to_string())),
        },
    }
}

/// No document could be found is what the standard calls `notFound`, whosever doing it is.
fn name_of(error: &ResolveError) -> &'static str {
    match error {
        ResolveError::Method(_) => "methodNotSupported",
        ResolveError::Invalid { .. } => "invalidDid",
        _ => "notFound",
    }
}

/// The verification method or service of that id.
fn method(document: &Value, url: &DidUrl) -> Option<Value> {
    let here = |entry: &&Value| {
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        id == url.as_str() || (id.starts_with('#') && url.as_str().strip_prefix(url.did_str()) == Some(id))
    };
    let lists = document.as_object()?.values().filter_map(Value::as_array);
    let mut entry: Map<String, Value> = lists.flatten().find(here)?.as_object()?.clone();
    if let Some(context) = document.get("@context") {
        entry.shift_insert(0, "@context".to_owned(), context.clone());
    }
    Some(entry.into())
}

fn told(is_url: bool, outcome: Result<Value, Fault>, form: &'static str) -> Response {
    let bare = matches!(form, BARE | BARE_LD | "application/did");
    let (status, document, metadata) = match outcome {
        Ok(document) if bare => {
            return answer(StatusCode::OK, HeaderValue::from_static(form), &document);
        }
        Ok(document) => (StatusCode::OK, document, json!({"contentType": BARE_LD})),
        // An empty object, not null: clients look for the member.
        Err(fault) => {
            (fault.status(), json!({}), json!({"error": fault.name, "errorMessage": fault.because}))
        }
    };
    let about = if is_url { "didDereferencingMetadata" } else { "didResolutionMetadata" };
    let mut result = json!({"@context": "https://w3id.org/did-resolution/v1", "didDocument": document});
    if is_url && status == StatusCode::OK {
        result["contentStream"] = result["didDocument"].clone();
    }
    result[about] = metadata;
    result["didDocumentMetadata"] = json!({});
    let kind = if form == "application/json" { HeaderValue::from_static(form) } else { RESULT };
    answer(status, kind, &result)
}

fn answer(status: StatusCode, kind: HeaderValue, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (status, headers, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_is_read_however_it_is_encoded() {
        for (segment, meant) in [
            ("did%3Aweb%3Alocalhost%253A8080%3Ainstitutions%3Aa", "did:web:localhost%3A8080:institutions:a"),
            ("did:web:localhost%3A8080:institutions:a", "did:web:localhost%3A8080:institutions:a"),
            ("did:key:z6Mk%23z6Mk", "did:key:z6Mk#z6Mk"),
            ("did%3Akey%3Az6Mk%23z6Mk", "did:key:z6Mk#z6Mk"),
            ("notDid%3Akey%3Az", "notDid:key:z"),
            ("%ff%zz", "\u{fffd}%zz"),
        ] {
            assert_eq!(asked(segment), meant);
        }
    }
}
