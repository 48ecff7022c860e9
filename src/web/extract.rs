//! What a handler asks for in its signature: who calls, in which language, and a body that is strict JSON.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::limits::LIGHT;
use super::problem::{Code, Fault, Problem};
use super::state::Web;
use crate::access::token_hash;
use crate::access::{Act, TokenRecord};
use crate::codec::json;
use crate::pages::{self, Reader};

/// The longest bearer token read, bytes.
const MAX_TOKEN: usize = 256;

/// A caller whose token allows the act in some institution; in which one, the verb decides.
///
/// Without a good token the handler is never reached: 401, or 403 when no role of the token allows the act.
pub struct Caller<A>(pub Arc<TokenRecord>, PhantomData<A>);

/// An [`Act`] as a type, so that permission stands in a handler's signature.
pub trait Leave: Send + Sync {
    /// The act.
    const ACT: Act;
}

/// Leave to issue.
pub struct ToIssue;
/// Leave to change a status.
pub struct ToSetStatus;
/// Leave to destroy the content of a record.
pub struct ToErase;
/// Leave to read a register.
pub struct ToRead;
/// Leave to make institutions, keys and tokens.
pub struct ToAdminister;
/// Leave to accredit for an authority.
pub struct ToAccredit;
/// Leave to decide on applications for recognition.
pub struct ToRecognise;
/// Leave to file agreements.
pub struct ToAgree;

impl Leave for ToIssue {
    const ACT: Act = Act::Issue;
}
impl Leave for ToSetStatus {
    const ACT: Act = Act::SetStatus;
}
impl Leave for ToErase {
    const ACT: Act = Act::Erase;
}
impl Leave for ToRead {
    const ACT: Act = Act::Read;
}
impl Leave for ToAdminister {
    const ACT: Act = Act::Administer;
}

impl Leave for ToAccredit {
    const ACT: Act = Act::Accredit;
}

impl Leave for ToRecognise {
    const ACT: Act = Act::Recognise;
}

impl Leave for ToAgree {
    const ACT: Act = Act::Agree;
}

impl<A: Leave> FromRequestParts<Web> for Caller<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let caller = bearer(web, &parts.headers)?.ok_or_else(|| Problem::new(Code::TokenMissing))?;
        if caller.roles.iter().any(|role| role.may(A::ACT)) {
            Ok(Self(caller, PhantomData))
        } else {
            Err(Problem::because(Code::NotAllowed, "no role of the token allows this"))
        }
    }
}

/// Whoever asks: with a good token somebody, else a stranger.
pub struct Anyone(pub Option<Arc<TokenRecord>>);

impl FromRequestParts<Web> for Anyone {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        Ok(Self(bearer(web, &parts.headers).ok().flatten()))
    }
}

/// The token's record. Found by the SHA-256 of what was sent: how long it takes tells nothing about any token.
fn bearer(web: &Web, headers: &HeaderMap) -> Result<Option<Arc<TokenRecord>>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let invalid = || Problem::new(Code::TokenInvalid);
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(invalid)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > MAX_TOKEN {
        return Err(invalid());
    }
    let record = web.app.registry.token(&token_hash(token)).ok_or_else(invalid)?;
    if record.revoked.is_some() { Err(invalid()) } else { Ok(Some(record)) }
}

/// The language of the reader: `?lang=`, else `Accept-Language`.
pub struct Locale(pub Reader);

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self(pages::negotiate(lang(parts.uri.query()).as_deref(), header)))
    }
}

/// `lang` in a query.
pub fn lang(query: Option<&str>) -> Option<String> {
    parameter(query, "lang")
}

/// The first parameter of that name in a query.
pub fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A body: one JSON object, read strictly, with leave to work on it.
pub struct Body {
    /// The object.
    pub members: Map<String, Value>,
    /// Whether it is too large to be worked on between others.
    pub heavy: bool,
    /// Given back when the work is done.
    pub permit: Permit,
}

/// Leave to work, and to hold a heavy body in memory.
pub struct Permit {
    _work: OwnedSemaphorePermit,
    _heavy: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

impl Permit {
    /// Leave to work on what is in memory already.
    pub async fn to_work(web: &Web, heavy: bool) -> Result<Self, Problem> {
        let heavy = if heavy { Some((web.heavy_body()?, web.heavy_work().await?)) } else { None };
        Ok(Self { _work: web.work()?, _heavy: heavy })
    }
}

/// The bytes of a body, whatever they are, and leave to work on them.
pub struct Raw {
    /// As they came.
    pub bytes: Bytes,
    /// Whether they are too many to be worked on between others.
    pub heavy: bool,
    /// Given back when the work is done.
    pub permit: Permit,
}

impl FromRequest<Web> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let limit = web.limits.body;
        let length = announced(request.headers(), limit)?;
        let room = match length {
            Some(length) if length <= LIGHT => None,
            _ => Some(web.heavy_body()?),
        };
        let bytes =
            axum::body::to_bytes(request.into_body(), limit).await.map_err(|error| unread(&error, limit))?;
        let heavy = match room {
            Some(room) if bytes.len() > LIGHT => Some((room, web.heavy_work().await?)),
            _ => None,
        };
        Ok(Self { bytes, heavy: heavy.is_some(), permit: Permit { _work: web.work()?, _heavy: heavy } })
    }
}

/// A body of at most `MAX` bytes, whatever it is.
pub struct Capped<const MAX: usize> {
    /// As they came.
    pub bytes: Bytes,
    /// Given back when the work is done.
    pub permit: Permit,
}

impl<const MAX: usize> FromRequest<Web> for Capped<MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let limit = MAX.min(web.limits.body);
        announced(request.headers(), limit)?;
        let permit = Permit::to_work(web, false).await?;
        let read = axum::body::to_bytes(request.into_body(), limit).await;
        Ok(Self { bytes: read.map_err(|error| unread(&error, limit))?, permit })
    }
}

impl FromRequest<Web> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        is_json(request.headers())?;
        let Raw { bytes, heavy, permit } = Raw::from_request(request, web).await?;
        let parsed = if heavy {
            let parse = move || json::parse(&bytes);
            tokio::task::spawn_blocking(parse)
                .await
                .map_err(|error| Problem::inside(Code::Internal, &error))?
        } else {
            json::parse(&bytes)
        };
        match parsed.map_err(not_json)? {
            Value::Object(members) => Ok(Self { members, heavy, permit }),
            _ => Err(Problem::member("", "the body is to be a JSON object")),
        }
    }
}

impl Body {
    /// Reads a body that was taken in whole.
    pub(super) fn read(headers: &HeaderMap, raw: Raw) -> Result<Self, Problem> {
        is_json(headers)?;
        match json::parse(&raw.bytes).map_err(not_json)? {
            Value::Object(members) => Ok(Self { members, heavy: raw.heavy, permit: raw.permit }),
            _ => Err(Problem::member("", "the body is to be a JSON object")),
        }
    }

    /// Takes a member that has to be there.
    pub fn take(&mut self, name: &str) -> Result<Value, Problem> {
        self.members
            .get_mut(name)
            .map(Value::take)
            .ok_or_else(|| Problem::member(format!("/{name}"), "is missing"))
    }

    /// Takes an object that may be left out.
    pub fn options(&mut self) -> Result<Map<String, Value>, Problem> {
        match self.members.get_mut("options").map(Value::take) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(options)) => Ok(options),
            Some(_) => Err(Problem::member("/options", "is to be an object")),
        }
    }
}

/// Refuses members nobody here understands: whoever sends one expects something of it.
pub fn only(members: &Map<String, Value>, pointer: &str, known: &[&str]) -> Result<(), Problem> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let name: String =
                name.chars().take(80).collect::<String>().replace('~', "~0").replace('/', "~1");
            let detail = format!("is not understood here; known are {}", known.join(", "));
            Err(Problem::member(format!("{pointer}/{name}"), detail))
        }
    }
}

/// A member that is text, when it is there and not null.
pub fn text(members: &Map<String, Value>, pointer: &str, name: &str) -> Result<Option<String>, Problem> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::member(format!("{pointer}/{name}"), "is to be text")),
    }
}

/// The length the head announces; refused before reading when it is too much.
fn announced(headers: &HeaderMap, limit: usize) -> Result<Option<usize>, Problem> {
    let length: Option<usize> = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    if length.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(length) }
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).map(|value: &http::HeaderValue| value.to_str().unwrap_or("?"));
    let refuse = |detail: &str| Err(Problem::because(Code::MediaTypeUnsupported, detail));
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return refuse("send the body without a content encoding");
    }
    let Some(kind) = text(header::CONTENT_TYPE) else { return Ok(()) };
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = media == "application/json"
        || media == "application/vc"
        || media == "application/vp"
        || (media.starts_with("application/") && media.ends_with("+json"));
    if json { Ok(()) } else { refuse("send application/json") }
}

fn unread(error: &axum::Error, limit: usize) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(known) = cause {
        if known.is::<http_body_util::LengthLimitError>() {
            return too_large(limit);
        }
        cause = known.source();
    }
    Problem::because(Code::RequestInvalid, "the body did not arrive whole")
}

fn too_large(limit: usize) -> Problem {
    Problem::because(Code::TooLarge, format!("a body may have {limit} bytes"))
}

/// Where the JSON is wrong, for its sender.
pub fn not_json(error: json::JsonError) -> Problem {
    let code = match error.fault {
        json::JsonFault::TooLarge => Code::TooLarge,
        _ => Code::JsonInvalid,
    };
    let fault = Fault { pointer: error.pointer.clone(), detail: error.fault.to_string() };
    Problem { faults: vec![fault], ..Problem::because(code, error.to_string()) }
}
