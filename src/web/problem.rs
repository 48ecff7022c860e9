//! The one table of problems, and how one is told (RFC 9457).
//!
//! A handler returns a [`Problem`]; [`super::front`] writes its body, because it knows the request: the id, the
//! reader's language, and whether a person or a program is reading.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// What can go wrong with a request: one row each in [`PROBLEMS`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        /// Every problem. Its page in each language has the message ids `problem-CODE`, `problem-CODE.means` and `problem-CODE.do`.
        pub const PROBLEMS: &[Row] = &[$(Row { problem: Code::$name, code: $code, status: $status, title: $title },)*];

        impl Code {
            /// The row of the code.
            pub fn row(self) -> &'static Row {
                match self { $(Self::$name => const {
                    &Row { problem: Code::$name, code: $code, status: $status, title: $title }
                },)* }
            }
        }
    };
}

/// A row of [`PROBLEMS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The problem.
    pub problem: Code,
    /// Its code: the last part of its `type` URL.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Its title in English, the language of the API.
    pub title: &'static str,
}

problems! {
    /// The body is not the JSON we accept; the detail tells where.
    JsonInvalid = "json-invalid", 400, "The body is not acceptable JSON";
    /// A member of the request is missing, unknown or of the wrong form.
    RequestInvalid = "request-invalid", 400, "The request is not complete or not understood";
    /// The cryptosuite is not one we sign with.
    SuiteUnsupported = "suite-unsupported", 400, "This service does not sign with that cryptosuite";
    /// The token reaches several institutions and the request names none.
    IssuerAmbiguous = "issuer-ambiguous", 400, "Name the institution that is to issue";
    /// A status needs a reason of reasonable length.
    ReasonInvalid = "reason-invalid", 400, "A reason is needed";
    /// No bearer token was sent.
    TokenMissing = "token-missing", 401, "A bearer token is needed";
    /// The bearer token is unknown or revoked.
    TokenInvalid = "token-invalid", 401, "The bearer token is not valid";
    /// The token does not allow the act.
    NotAllowed = "not-allowed", 403, "The token does not allow this";
    /// The issuer is no institution of this service.
    IssuerNotOurs = "issuer-not-ours", 403, "The issuer is not an institution of this service";
    /// The log whose checkpoint this is did not sign it.
    CheckpointUnsigned = "checkpoint-unsigned", 403, "The log did not sign this checkpoint";
    /// No key that counts here signed the leaves delivered.
    DeliveryUnsigned = "delivery-unsigned", 403, "No key that counts here signed this delivery";
    /// This type of document has its own procedure.
    TypeReserved = "type-reserved", 403, "This type of document is not issued this way";
    /// There is nothing here, or nothing for this reader.
    NotFound = "not-found", 404, "There is nothing at this address";
    /// The credential is on record and waits to be taken into the log, for some seconds.
    LogPending = "log-pending", 404, "The credential is not in the log yet";
    /// The address answers other methods; `Allow` tells which.
    MethodNotAllowed = "method-not-allowed", 405, "This address does not answer that method";
    /// The request did not arrive in time.
    Timeout = "timeout", 408, "The request took too long";
    /// The credential's own id was used before.
    AlreadyIssued = "already-issued", 409, "A credential with this id was issued before";
    /// The idempotency key was used for another request.
    IdempotencyMismatch = "idempotency-mismatch", 409, "The idempotency key was used for another request";
    /// The status cannot change in that way, or has changed meanwhile.
    StatusConflict = "status-conflict", 409, "The status cannot change that way";
    /// The institution has closed: it issues nothing any more.
    InstitutionClosed = "institution-closed", 409, "The institution has closed";
    /// It does not go with what is on record.
    Conflict = "conflict", 409, "This does not go with what is on record";
    /// Its institution has erased the content of this record.
    Erased = "erased", 410, "The content of this record has been erased";
    /// The body is too large.
    TooLarge = "too-large", 413, "The request is too large";
    /// The content type is not one we read.
    MediaTypeUnsupported = "media-type-unsupported", 415, "The content type is not one this address reads";
    /// The draft is not fit to be signed; `errors` names each member.
    DraftInvalid = "draft-invalid", 422, "The draft cannot be signed";
    /// What is to be recognised bears no proof that could be looked at.
    AwardUnsigned = "award-unsigned", 422, "The award bears no signature that can be checked";
    /// The proof does not show that the log only grew since the last checkpoint cosigned.
    CheckpointInconsistent = "checkpoint-inconsistent", 422, "The log is not shown to have only grown";
    /// What was delivered is not what stands in the log.
    LeafDiffers = "leaf-differs", 422, "This is not what stands in the log";
    /// One address asks too much.
    RateLimited = "rate-limited", 429, "Too many requests from this address";
    /// The service is busy.
    Overloaded = "overloaded", 429, "The service is busy; try again shortly";
    /// Our own fault; the request id finds it in the log.
    Internal = "internal", 500, "Something went wrong here";
    /// The service cannot do this now.
    Unavailable = "unavailable", 503, "The service cannot do this now";
    /// The log that leaves were delivered of cannot be read here now.
    LogUnreadable = "log-unreadable", 503, "The log cannot be read from here now";
    /// The store is older than what was published, as a restored backup is.
    LogRolledBack = "log-rolled-back", 503, "The store is older than what was published";
    /// Nothing can be written now; reading and verifying go on.
    NotWritable = "not-writable", 507, "Nothing can be recorded now";
}

/// What is wrong with one member of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) of the member.
    pub pointer: String,
    /// What is wrong with it, in English.
    pub detail: String,
}

/// A problem with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which one.
    pub code: Code,
    /// What about this request, in English; never told with a 5xx.
    pub detail: String,
    /// The members at fault.
    pub faults: Vec<Fault>,
    /// For the log: what happened inside. Never leaves the service.
    pub inside: String,
    /// When to try again, in seconds.
    pub retry_after: Option<u64>,
    /// Where to go on: told as the member `next`.
    pub next: Option<u64>,
}

impl Problem {
    /// The problem without particulars.
    pub fn new(code: Code) -> Self {
        let (detail, faults, inside) = (String::new(), Vec::new(), String::new());
        Self { code, detail, faults, inside, retry_after: None, next: None }
    }

    /// The problem with what is particular to this request.
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::new(code) }
    }

    /// A member of the request is missing, unknown or of the wrong form.
    pub fn member(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let fault = Fault { pointer: pointer.into(), detail: detail.into() };
        let detail = format!("{} {}", fault.pointer, fault.detail);
        Self { detail, faults: vec![fault], ..Self::new(Code::RequestInvalid) }
    }

    /// Our own fault: the cause goes to the log.
    pub fn inside(code: Code, cause: &dyn std::fmt::Display) -> Self {
        Self { inside: cause.to_string(), ..Self::new(code) }
    }

    /// The same, to be tried again after some seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body, RFC 9457. `public` is the public URL; that of a 5xx tells nothing but the request id.
    pub fn body(&self, public: &str, request_id: &str) -> Value {
        let row = self.code.row();
        let mut body = json!({
            "type": format!("{public}{}", super::routes::problem(row.code)),
            "title": row.title,
            "status": row.status,
            "requestId": request_id,
        });
        if let Some(body) = body.as_object_mut().filter(|_| row.status < 500) {
            if !self.detail.is_empty() {
                body.insert("detail".to_owned(), json!(self.detail));
            }
            if let Some(next) = self.next {
                body.insert("next".to_owned(), json!(next));
            }
            if !self.faults.is_empty() {
                let fault = |fault: &Fault| json!({"pointer": fault.pointer, "detail": fault.detail});
                body.insert("errors".to_owned(), self.faults.iter().map(fault).collect());
            }
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_problem_with_a_code_of_its_own() {
        for (at, row) in PROBLEMS.iter().enumerate() {
            assert_eq!(row.problem.row(), row);
            assert!((400..600).contains(&row.status) && StatusCode::from_u16(row.status).is_ok());
            assert!(row.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", row.code);
            assert!(PROBLEMS[..at].iter().all(|other| other.code != row.code), "{}", row.code);
        }
    }

    #[test]
    fn a_body_tells_the_member_and_a_5xx_tells_nothing() {
        let body = Problem::member("/credential", "is missing").body("https://x.example", "42");
        assert_eq!(
            body,
            json!({
                "type": "https://x.example/problems/request-invalid",
                "title": "The request is not complete or not understood",
                "status": 400,
                "requestId": "42",
                "detail": "/credential is missing",
                "errors": [{"pointer": "/credential", "detail": "is missing"}],
            })
        );
        let mut ours = Problem::inside(Code::Internal, &"a path, a key, a name");
        ours.detail = "secret".to_owned();
        let body = ours.body("https://x.example", "42").to_string();
        assert!(!body.contains("secret") && !body.contains("path"));
    }
}
