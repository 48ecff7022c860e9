//! Before and after every handler: admission, time limit, last resort against panics, headers, and the body of problems.
//!
//! One service around the router instead of a stack of layers: nothing is boxed twice on the way to a verdict.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use tower::Service;

use super::meter::Family;
use super::problem::{Code, Problem};
use super::routes;
use super::state::Web;
use super::witness::KNOWN_SIZE;
use super::{extract, html, negotiate, proxy};
use crate::pages::{self, Reader};

/// An answer on its way.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// What pages may load: our own styles, scripts and pictures, and nothing else from anywhere.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(pages::CONTENT_SECURITY_POLICY);
/// What anything else may load: nothing.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The service that stands before the router, for one connection.
#[derive(Clone)]
pub struct Front {
    web: Web,
    router: Router,
    peer: Option<IpAddr>,
    /// What is told to a connection there was no room for, whatever it asks.
    refusal: Option<Code>,
}

impl Front {
    /// In front of the router, for whoever.
    pub fn new(web: Web, router: Router) -> Self {
        Self { web, router, peer: None, refusal: None }
    }

    /// For one connection: from where, and whether it can be served at all.
    #[must_use]
    pub fn for_peer(&self, peer: IpAddr, refusal: Option<Code>) -> Self {
        Self { peer: Some(peer), refusal, ..self.clone() }
    }

    fn admit(&self, headers: &HeaderMap, applies: bool) -> Result<(), Problem> {
        if let Some(code) = self.refusal {
            self.web.meter.overloaded.fetch_add(1, Relaxed);
            return Err(Problem::new(code).retry_after(2));
        }
        let Some(peer) = self.peer else { return Ok(()) };
        let limits = [&self.web.per_address, &self.web.applicants];
        for limit in limits.into_iter().take(1 + usize::from(applies)).flatten() {
            let client = proxy::client(peer, headers, &self.web.app.config.server.trusted_proxies);
            limit.take(client, Instant::now()).map_err(|seconds| {
                self.web.meter.rate_limited.fetch_add(1, Relaxed);
                Problem::new(Code::RateLimited).retry_after(seconds)
            })?;
        }
        Ok(())
    }

    async fn answer(mut self, request: Request<Body>) -> Response {
        let asked = Asked::of(&request);
        let begun = Instant::now();
        // Each opens a file that an officer has to look at: there is a limit of a day for them.
        let applies = request.method() == Method::POST && request.uri().path() == routes::APPLICATIONS;
        let mut response = match self.admit(request.headers(), applies) {
            Err(problem) => problem.into_response(),
            Ok(()) if asked.preflight => preflight(),
            Ok(()) => {
                let handled = AssertUnwindSafe(async { self.router.call(request).await }).catch_unwind();
                match tokio::time::timeout(self.web.limits.request_timeout, handled).await {
                    Ok(Ok(Ok(response))) => response,
                    Ok(Err(_panic)) => {
                        self.web.meter.panics.fetch_add(1, Relaxed);
                        Problem::inside(Code::Internal, &"a handler panicked").into_response()
                    }
                    Err(_elapsed) => Problem::new(Code::Timeout).into_response(),
                }
            }
        };
        if response.status().is_client_error() || response.status().is_server_error() {
            response = tell(&self.web, &asked, response);
        } else {
            response.headers_mut().insert(REQUEST_ID, request_id());
        }
        if self.refusal.is_some() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        protect(response.headers_mut(), &asked, self.web.tls);
        self.web.meter.answered(asked.family, response.status().as_u16(), begun.elapsed());
        response
    }
}

impl<B> Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        let front = self.clone();
        Box::pin(async move { Ok(front.answer(request.map(Body::new)).await) })
    }
}

/// What is remembered of a request after a handler has consumed it.
struct Asked {
    family: Family,
    /// `GET` or `HEAD`: anybody's script may read the answer.
    reads: bool,
    preflight: bool,
    accept: Option<HeaderValue>,
    language: Option<HeaderValue>,
    uri: Uri,
}

impl Asked {
    fn of(request: &Request<Body>) -> Self {
        let headers = request.headers();
        let method = request.method();
        let asks = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            family: Family::of(request.uri().path()),
            reads: matches!(*method, Method::GET | Method::HEAD),
            preflight: *method == Method::OPTIONS && asks.is_some_and(|asks| asks == "GET" || asks == "HEAD"),
            accept: headers.get(header::ACCEPT).cloned(),
            language: headers.get(header::ACCEPT_LANGUAGE).cloned(),
            uri: request.uri().clone(),
        }
    }

    fn reader(&self) -> Reader {
        let header = self.language.as_ref().and_then(|value| value.to_str().ok());
        pages::negotiate(extract::lang(self.uri.query()).as_deref(), header)
    }

    /// Whether a person looks at the answer, in a browser.
    fn by_person(&self) -> bool {
        let mut headers = HeaderMap::new();
        headers.extend(self.accept.clone().map(|accept| (header::ACCEPT, accept)));
        negotiate::names(&headers, "text/html")
    }
}

/// Writes the body of a problem, and logs those that are ours. Other bodies (a verdict that says no) stay.
fn tell(web: &Web, asked: &Asked, response: Response) -> Response {
    let id = request_id();
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(REQUEST_ID, id.clone());
    let problem = match parts.extensions.remove::<Arc<Problem>>() {
        Some(problem) => problem,
        None if is_ours(&parts.headers) => return Response::from_parts(parts, body),
        None => Arc::new(Problem::new(code_of(parts.status))),
    };
    let id = id.to_str().unwrap_or_default();
    parts.status = problem.status();
    if parts.status.is_server_error() {
        let (code, cause) = (problem.code.row().code, &problem.inside);
        tracing::error!(request_id = id, code, cause, "a request could not be answered");
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let path = if asked.reads { asked.uri.path() } else { routes::HOME };
    let page = Some(asked).filter(|asked| asked.by_person());
    let page = page.and_then(|asked| html::problem_page(web, asked.reader(), path, &problem, id));
    let (kind, text) = match page {
        Some(page) => (html::HTML, page),
        None => (PROBLEM_JSON, problem.body(web.app.urls.public(), id).to_string()),
    };
    parts.headers.insert(header::CONTENT_TYPE, kind);
    Response::from_parts(parts, Body::from(text))
}

/// Whether a handler wrote the body itself, not the framework.
fn is_ours(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let known = |kind: &str| kind.contains("json") || kind.starts_with("text/html") || kind == KNOWN_SIZE;
    kind.is_some_and(known)
}

/// The problem of a refusal the framework made.
fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::MediaTypeUnsupported,
        StatusCode::REQUEST_TIMEOUT => Code::Timeout,
        status if status.is_server_error() => Code::Internal,
        _ => Code::RequestInvalid,
    }
}

/// The headers that keep a browser from doing more than was meant.
fn protect(headers: &mut HeaderMap, asked: &Asked, tls: bool) {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let policy = if kind.starts_with(b"text/html") { PAGE_POLICY } else { DATA_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if asked.reads || asked.preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}

/// Scripts of other origins may read what anybody may read; nothing here goes by cookies.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Accept-Language, If-None-Match"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Eight digits of this process and eight of this request.
fn request_id() -> HeaderValue {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let process = *PROCESS.get_or_init(|| {
        let mut bytes = [0; 4];
        // Without randomness the id is only less telling.
        let _ = getrandom::fill(&mut bytes);
        u32::from_le_bytes(bytes)
    });
    let mut text = [0; 16];
    let number = (u64::from(process) << 32) | u64::from(NEXT.fetch_add(1, Relaxed));
    for (at, slot) in text.iter_mut().enumerate() {
        *slot = b"0123456789abcdef"[((number >> (60 - 4 * at)) & 15) as usize];
    }
    HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("0"))
}
