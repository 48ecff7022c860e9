//! The one door to the network: https, public addresses, no redirects, no proxies, little time, little room.
//!
//! A name is turned into addresses once, those that are not public are dropped, and only what is left is dialled:
//! there is no second look-up between the check and the connection that a rebinding name server could answer otherwise.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use jiff::SignedDuration;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::address::is_public;
use super::{Fault, ResolveError};
use crate::config::{Fetch, Origin};

/// Turns a host name into addresses.
#[async_trait]
pub trait Names: Send + Sync {
    /// Every address of the name.
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The name service of the system.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Fetches under guard.
pub struct Fetcher {
    settings: Fetch,
    names: Arc<dyn Names>,
    /// For strangers: https and public addresses.
    guarded: Mutex<Option<Client>>,
    /// For the origins named in the settings: also http, also loopback addresses.
    named: Mutex<Option<Client>>,
    everywhere: Semaphore,
    by_host: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// What was answered to a [`Fetcher::post`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The content type, as written; empty when there is none.
    pub kind: String,
    /// The body.
    pub body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Guarded,
    Named,
}

impl Fetcher {
    /// A fetcher under these settings. Certificates are read at the first fetch.
    pub fn new(settings: Fetch, names: Arc<dyn Names>) -> Self {
        let everywhere = Semaphore::new(settings.concurrency);
        let (guarded, named) = (Mutex::new(None), Mutex::new(None));
        Self { settings, names, guarded, named, everywhere, by_host: Mutex::new(HashMap::new()) }
    }

    /// The URL to ask in place of `url`: did:web always says https, and a named origin may be http.
    pub fn rewrite(&self, url: Url) -> Url {
        let Some(origin) = Origin::of(&url).filter(|_| url.scheme() == "https") else { return url };
        // No port in a did:web is each scheme's own.
        let port = url.port().unwrap_or(80);
        let plain = Origin { scheme: "http".to_owned(), host: origin.host.clone(), port };
        let allowed = &self.settings.allow_fetch_origins;
        if allowed.contains(&origin) || !allowed.contains(&plain) {
            return url;
        }
        let text = format!("http://{}:{}{}", plain.host, plain.port, url.path());
        Url::parse(&text).unwrap_or(url)
    }

    /// The body of `url`, at most `cap` bytes, within the time of the settings. Errors speak of `what`.
    pub async fn get(&self, what: &str, url: &Url, cap: usize, accept: &str) -> Result<Bytes, ResolveError> {
        let request = |client: Client| client.get(url.clone()).header(ACCEPT, accept);
        let read = async |answer: Response| {
            refuse_bad_answer(what, &answer)?;
            body(what, answer, cap).await
        };
        self.exchange(what, url, request, read).await
    }

    /// Sends a text to `url` under the same guards, and tells what was answered, whatever the status; at most `cap` bytes
    /// of it.
    pub async fn post(
        &self,
        what: &str,
        url: &Url,
        text: String,
        cap: usize,
    ) -> Result<Answered, ResolveError> {
        self.post_as("text/plain; charset=utf-8", what, url, text, cap).await
    }

    /// The same with a text that is JSON.
    pub async fn post_json(
        &self,
        what: &str,
        url: &Url,
        text: String,
        cap: usize,
    ) -> Result<Answered, ResolveError> {
        self.post_as("application/json", what, url, text, cap).await
    }

    async fn post_as(
        &self,
        kind: &'static str,
        what: &str,
        url: &Url,
        text: String,
        cap: usize,
    ) -> Result<Answered, ResolveError> {
        let request = |client: Client| client.post(url.clone()).header(CONTENT_TYPE, kind).body(text);
        let read = async |answer: Response| {
            let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let (status, kind) = (answer.status().as_u16(), kind.unwrap_or_default().to_owned());
            Ok(Answered { status, kind, body: body(what, answer, cap).await? })
        };
        self.exchange(what, url, request, read).await
    }

    /// Asks and reads the answer, under every guard and within the time of the settings.
    async fn exchange<T>(
        &self,
        what: &str,
        url: &Url,
        request: impl FnOnce(Client) -> RequestBuilder,
        read: impl AsyncFnOnce(Response) -> Result<T, ResolveError>,
    ) -> Result<T, ResolveError> {
        let lane = self.admit(what, url)?;
        let work = async {
            let host = self.host(url);
            let _of_host = host.acquire().await.map_err(|_| busy(what))?;
            let _of_all = self.everywhere.acquire().await.map_err(|_| busy(what))?;
            let client = self.client(lane).map_err(|why| unreachable(what, why, Fault::Here, 60))?;
            let answer = request(client).send().await.map_err(|why| explain(what, &why))?;
            read(answer).await
        };
        let late = || unreachable(what, "no whole answer in time".to_owned(), Fault::Host, 10);
        tokio::time::timeout(self.settings.total_timeout, work).await.map_err(|_| late())?
    }

    /// Which way, if any, a URL may be asked.
    fn admit(&self, what: &str, url: &Url) -> Result<Lane, ResolveError> {
        let forbidden = |because| Err(ResolveError::Forbidden { what: what.to_owned(), because });
        if !url.username().is_empty() || url.password().is_some() {
            return forbidden("a URL with a user is not asked");
        }
        // The names are looked at when their addresses are known.
        let ip = match url.host() {
            None => return forbidden(NOT_PUBLIC),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(ip)) => Some(IpAddr::from(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::from(ip)),
        };
        let named = Origin::of(url).is_some_and(|origin| self.settings.allow_fetch_origins.contains(&origin));
        if ip.is_some_and(|ip| !may_dial(ip, named)) {
            return forbidden(NOT_PUBLIC);
        }
        match (named, url.scheme()) {
            (true, _) => Ok(Lane::Named),
            (false, "https") => Ok(Lane::Guarded),
            (false, _) => forbidden("only https is asked"),
        }
    }

    /// The turns of one host: a quarter of all, so that a slow one leaves room for the others.
    fn host(&self, url: &Url) -> Arc<Semaphore> {
        let mut hosts = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() > 256 {
            hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let turns = || Arc::new(Semaphore::new(self.settings.concurrency.div_ceil(4)));
        hosts.entry(url.host_str().unwrap_or_default().to_owned()).or_insert_with(turns).clone()
    }

    fn client(&self, lane: Lane) -> Result<Client, String> {
        let kept = if lane == Lane::Named { &self.named } else { &self.guarded };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = kept.as_ref() {
            return Ok(client.clone());
        }
        let client = self.build(lane)?;
        *kept = Some(client.clone());
        Ok(client)
    }

    fn build(&self, lane: Lane) -> Result<Client, String> {
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let extra = self.extra_authorities()?;
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, ring.clone());
        let verifier = verifier.map_err(|why| format!("no certification authorities: {why}"))?;
        let mut tls = rustls::ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|why| format!("TLS cannot be set up: {why}"))?
            .dangerous() // Only the name of the method: this verifier checks chain and host name.
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("testamur/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .https_only(lane == Lane::Guarded)
            .connect_timeout(self.settings.connect_timeout)
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(std::time::Duration::from_secs(30))
            .http2_max_header_list_size(16 * 1024)
            .dns_resolver(Arc::new(VettedNames { names: self.names.clone(), loopback: lane == Lane::Named }))
            .build()
            .map_err(|why| format!("the client cannot be set up: {why}"))
    }

    fn extra_authorities(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let Some(path) = &self.settings.trust_ca else { return Ok(Vec::new()) };
        let wrong = |why: &dyn std::fmt::Display| format!("fetch.trust_ca {}: {why}", path.display());
        let read = CertificateDer::pem_file_iter(path).map_err(|why| wrong(&why))?;
        let certificates = read.collect::<Result<Vec<_>, _>>().map_err(|why| wrong(&why))?;
        if certificates.is_empty() { Err(wrong(&"no certificate in it")) } else { Ok(certificates) }
    }
}

/// Names whose every address that is not public has been dropped.
struct VettedNames {
    names: Arc<dyn Names>,
    loopback: bool,
}

/// Whether an address may be dialled; a named origin may be on this machine, and nowhere else inside.
fn may_dial(ip: IpAddr, loopback: bool) -> bool {
    is_public(ip) || (loopback && ip.to_canonical().is_loopback())
}

/// No address of a name may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("{NOT_PUBLIC}")]
struct NotPublic;

/// Says nothing of the address: that would tell a stranger what our name server knows.
const NOT_PUBLIC: &str = "its host is not on the public internet";

impl Resolve for VettedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, loopback) = (self.names.clone(), self.loopback);
        Box::pin(async move {
            let mut found = names.addresses(name.as_str()).await?;
            found.retain(|ip| may_dial(*ip, loopback));
            if found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

fn refuse_bad_answer(what: &str, answer: &Response) -> Result<(), ResolveError> {
    let status = answer.status();
    if status == StatusCode::NOT_FOUND || status == StatusCode::GONE {
        return Err(ResolveError::NotFound { what: what.to_owned() });
    }
    if status.is_redirection() {
        return Err(unreachable(
            what,
            "its host answers with a redirect, which is not followed".to_owned(),
            Fault::Host,
            60,
        ));
    }
    if status != StatusCode::OK {
        let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let because = format!("its host answers {}", status.as_u16());
        return Err(unreachable(what, because, Fault::Host, wait.unwrap_or(10_i64).clamp(1, 3600)));
    }
    // Nothing compressed was asked for, and nothing is inflated.
    if answer.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unreachable(
            what,
            "its host sends a compressed answer unasked".to_owned(),
            Fault::Host,
            60,
        ));
    }
    Ok(())
}

/// The body of an answer, at most `cap` bytes.
async fn body(what: &str, mut answer: Response, cap: usize) -> Result<Bytes, ResolveError> {
    if answer.content_length().is_some_and(|length| length > cap as u64) {
        return Err(too_large(what, cap));
    }
    let mut body = BytesMut::new();
    while let Some(part) = answer.chunk().await.map_err(|why| explain(what, &why))? {
        if body.len() + part.len() > cap {
            return Err(too_large(what, cap));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

/// The innermost cause, in words.
fn explain(what: &str, why: &reqwest::Error) -> ResolveError {
    let mut cause: &(dyn std::error::Error + 'static) = why;
    loop {
        if cause.is::<NotPublic>() {
            return ResolveError::Forbidden { what: what.to_owned(), because: NOT_PUBLIC };
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    let (fault, doing) = match why.is_connect() {
        true => (Fault::Network, "cannot be reached"),
        false => (Fault::Host, "does not answer as it should"),
    };
    let cause: String = cause.to_string().chars().take(200).collect();
    unreachable(what, format!("its host {doing} ({cause})"), fault, 10)
}

fn busy(what: &str) -> ResolveError {
    unreachable(what, "too much is being asked for now".to_owned(), Fault::Here, 5)
}

fn too_large(what: &str, cap: usize) -> ResolveError {
    unreachable(what, format!("its host sends more than {cap} bytes"), Fault::Host, 60)
}

/// An error that may go away in so many seconds.
pub(super) fn unreachable(what: &str, because: String, fault: Fault, seconds: i64) -> ResolveError {
    let retry = SignedDuration::from_secs(seconds);
    ResolveError::Unreachable { what: what.to_owned(), because, fault, retry }
}
