//! Listening: http or https, with limits on every connection, and a stop that lets work begun be finished.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use http::Request;
use hyper_util::rt::TokioTimer;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tower::Service;

use super::front::{Answer, Front};
use super::idle::Watching;
use super::limits;
use super::problem::Code;
use super::state::Web;
use crate::app::App;
use crate::config::Config;

/// Why the door cannot open.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on, or the listener failed.
    #[error("cannot listen on {address}: {because}")]
    Listen {
        /// Where.
        address: String,
        /// Why not.
        because: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// Binds the address of the settings.
///
/// # Errors
/// [`ServeError::Listen`].
pub fn bind(config: &Config) -> Result<TcpListener, ServeError> {
    let address = config.server.listen;
    let failed = |because| ServeError::Listen { address: address.to_string(), because };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// Serves http, or https when the settings name a certificate, until `stop` is done; then finishes what is begun.
///
/// # Errors
/// [`ServeError`] before anything is served, or when the listener fails.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
    let failed = |because| ServeError::Listen { address, because };
    let tls = match (&app.config.server.tls_cert, &app.config.server.tls_key) {
        (Some(certificate), Some(key)) => Some(tls(certificate, key)?),
        _ => None,
    };
    let web = Web::new(app);
    let idle = limits::IDLE.max(web.limits.request_timeout + Duration::from_secs(10));
    let doorman =
        Doorman { front: Front::new(web.clone(), super::router(web.clone())), guests: Guests::new(web) };
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.graceful_shutdown(Some(limits::GRACE));
    });
    let mut server = match axum_server::from_tcp(listener) {
        // HTTP/1.1 alone: the smaller surface, and no waiting to find out which version a silent client speaks.
        Ok(server) => server.http1_only().handle(handle),
        Err(because) => return Err(failed(because)),
    };
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIMEOUT)
        .max_buf_size(limits::HEAD);
    let served = match tls {
        None => server.acceptor(Watching { inner: NoDelayAcceptor::new(), idle }).serve(doorman).await,
        Some(config) => {
            let inner =
                RustlsAcceptor::new(RustlsConfig::from_config(config)).acceptor(NoDelayAcceptor::new());
            server.acceptor(Watching { inner, idle }).serve(doorman).await
        }
    };
    served.map_err(failed)
}

/// A certificate chain and its private key, read from PEM files. An error tells which file, never what is in the key.
fn tls(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, ServeError> {
    let wrong = |path: &Path, because: &dyn std::fmt::Display| {
        ServeError::Tls(format!("{}: {because}", path.display()))
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| wrong(certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Meets every connection and decides whether there is room.
#[derive(Clone)]
struct Doorman {
    front: Front,
    guests: Arc<Guests>,
}

/// Connections open now, by address.
struct Guests {
    web: Web,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection, counted until it is dropped.
struct Guest {
    guests: Arc<Guests>,
    address: IpAddr,
}

impl Guests {
    fn new(web: Web) -> Arc<Self> {
        Arc::new(Self { web, by_address: Mutex::default() })
    }

    /// Counts the connection; tells why it cannot be served, if so.
    fn welcome(self: &Arc<Self>, address: IpAddr) -> (Guest, Option<Code>) {
        let open = self.web.meter.connections.fetch_add(1, Relaxed) + 1;
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let from_here = by_address.entry(address).or_insert(0);
        *from_here += 1;
        let limits = &self.web.limits;
        let refusal = if open as usize > limits.connections {
            Some(Code::Overloaded)
        } else if *from_here > limits.connections_per_address && !self.may_take_all(address) {
            Some(Code::RateLimited)
        } else {
            None
        };
        (Guest { guests: self.clone(), address }, refusal)
    }
}

impl Guests {
    /// Loopback and our own proxies bring the connections of many.
    fn may_take_all(&self, address: IpAddr) -> bool {
        let proxies = &self.web.app.config.server.trusted_proxies;
        address.to_canonical().is_loopback() || proxies.iter().any(|network| network.contains(address))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.web.meter.connections.fetch_sub(1, Relaxed);
        let mut by_address = self.guests.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

impl Service<SocketAddr> for Doorman {
    type Response = Connection;
    type Error = Infallible;
    type Future = Ready<Result<Connection, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        let (guest, refusal) = self.guests.welcome(peer.ip());
        ready(Ok(Connection { front: self.front.for_peer(peer.ip(), refusal), _guest: Arc::new(guest) }))
    }
}

/// The service of one connection.
#[derive(Clone)]
struct Connection {
    front: Front,
    _guest: Arc<Guest>,
}

impl<B> Service<Request<B>> for Connection
where
    Front: Service<Request<B>, Response = Response, Error = Infallible, Future = Answer>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        self.front.call(request)
    }
}
