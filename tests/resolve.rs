//! Resolution against hosts that lie, dawdle, flood and redirect; caching; folders; our own first.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testamur::clock::{Clock as _, FixedClock};
use testamur::config::{Config, Fetch, Origin};
use testamur::did::Did;
use testamur::resolve::fetch::Names;
use testamur::resolve::{
    Fault, FetchedList, Layered, Mirror, NoOwn, Own, ResolveError, Resolved, Resolver, Source, Web,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

const KEY: &str = "z6MkhxTVtKvojDtEEZaw2NYjStoDaUEnYj8skzetFbafi5Tt";

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at("2026-07-03T00:00:00Z".parse().unwrap()))
}

fn document(did: &str) -> Value {
    let method = format!("{did}#{KEY}");
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [{ "id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": KEY }],
        "assertionMethod": [method],
    })
}

/// Serves `routes` on a free port of this machine.
async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// Answers every connection with these bytes, holding it open for as long as the asker does.
async fn raw(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into();
    tokio::spawn(async move {
        while let Ok((mut asker, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _ = asker.read(&mut asked).await;
                let _ = asker.write_all(&answer).await;
                while asker.read(&mut asked).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    address
}

fn settings(allowed: &[SocketAddr]) -> Fetch {
    let mut fetch = Config::for_testing().fetch;
    fetch.allow_fetch_origins =
        allowed.iter().map(|at| Origin::of(&Url::parse(&format!("http://{at}")).unwrap()).unwrap()).collect();
    fetch
}

fn web(allowed: &[SocketAddr]) -> Web {
    Web::new(settings(allowed), clock())
}

fn url(at: SocketAddr, path: &str) -> Url {
    Url::parse(&format!("http://{at}{path}")).unwrap()
}

/// A did:web cannot name an IP address: `localhost` it is, by a name service of ours.
fn local(at: SocketAddr, path: &str) -> (Did, Fetch) {
    let mut fetch = settings(&[]);
    fetch.allow_fetch_origins =
        vec![Origin::of(&Url::parse(&format!("http://localhost:{}", at.port())).unwrap()).unwrap()];
    (Did::parse(&format!("did:web:localhost%3A{}{path}", at.port())).unwrap(), fetch)
}

fn because(error: &ResolveError) -> String {
    assert!(!error.is_definitive(), "{error}");
    error.to_string()
}

/// A name service that says what it is told, a list a look-up, the last one for ever.
struct Told(Vec<Vec<&'static str>>, AtomicUsize);

impl Told {
    fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        Arc::new(Self(answers.iter().map(|answer| answer.to_vec()).collect(), AtomicUsize::new(0)))
    }
}

#[async_trait]
impl Names for Told {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.1.fetch_add(1, SeqCst).min(self.0.len() - 1);
        Ok(self.0[turn].iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn a_did_web_is_fetched_checked_and_kept_for_five_minutes() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let at = serve(Router::new().route(
        "/institutions/{slug}/did.json",
        get(
            async move |headers: axum::http::HeaderMap,
                        axum::extract::Path(slug): axum::extract::Path<String>| {
                count.fetch_add(1, SeqCst);
                assert!(
                    headers.get(header::COOKIE).is_none() && headers.get(header::ACCEPT_ENCODING).is_none()
                );
                let host = headers[header::HOST].to_str().unwrap().replace(':', "%3A");
                tokio::task::yield_now().await;
                axum::Json(document(&format!("did:web:{host}:institutions:{slug}")))
            },
        ),
    ))
    .await;
    let (did, fetch) = local(at, ":institutions:cdktcn");
    let clock = clock();
    let web = Arc::new(Web::with_names(fetch, clock.clone(), Told::new(&[&["127.0.0.1"]])));
    let crowd = (0..40).map(|_| {
        let (web, did) = (web.clone(), did.clone());
        tokio::spawn(async move { web.issuer(&did).await })
    });
    for one in futures_util::future::join_all(crowd).await {
        let found = one.unwrap().unwrap();
        assert_eq!((found.document.id.as_str(), found.from), (did.as_str(), Source::Web));
        assert_eq!(found.fetched, clock.now());
        assert_eq!(found.document.methods.len(), 1);
    }
    assert_eq!(asked.load(SeqCst), 1, "a crowd asks once");
    clock.advance(SignedDuration::from_secs(299));
    web.issuer(&did).await.unwrap();
    assert_eq!(asked.load(SeqCst), 1);
    clock.advance(SignedDuration::from_secs(2));
    assert_eq!(web.issuer(&did).await.unwrap().fetched, clock.now());
    assert_eq!(asked.load(SeqCst), 2);
    // A clock set back a day does not keep it for a day.
    clock.advance(SignedDuration::from_hours(-24));
    web.issuer(&did).await.unwrap();
    assert_eq!(asked.load(SeqCst), 3);
}

#[tokio::test]
async fn the_document_of_another_is_definitively_wrong_and_junk_is_not() {
    let at = serve(
        Router::new()
            .route("/other/did.json", get(async || axum::Json(document("did:web:mill.example"))))
            .route("/junk/did.json", get(async || "<html>welcome to the hotel</html>"))
            .route("/twice/did.json", get(async || r#"{"id": "did:web:x", "id": "did:web:y"}"#))
            .route("/gone/did.json", get(async || StatusCode::GONE))
            .route(
                "/busy/did.json",
                get(async || (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "120")])),
            ),
    )
    .await;
    let ask = async |path: &str| {
        let (did, fetch) = local(at, path);
        Web::with_names(fetch, clock(), Told::new(&[&["127.0.0.1"]])).issuer(&did).await.unwrap_err()
    };
    let wrong = ask(":other").await;
    assert!(wrong.is_definitive() && wrong.to_string().contains("did:web:mill.example"), "{wrong}");
    assert_eq!((wrong.did_error(), wrong.fault(), wrong.retry()), ("invalidDidDocument", Fault::Host, None));
    for path in [":junk", ":twice"] {
        assert!(because(&ask(path).await).contains("not its DID document"));
    }
    assert!(matches!(ask(":gone").await, ResolveError::NotFound { .. }));
    assert_eq!(ask(":none").await.did_error(), "notFound");
    assert_eq!(ask(":busy").await.retry(), Some(SignedDuration::from_secs(120)));
    let (did, _) = local(at, "");
    let other = Did::parse("did:ethr:0xabc").unwrap();
    assert_eq!(web(&[]).issuer(&other).await.unwrap_err(), ResolveError::Method("ethr".to_owned()));
    // The same name without the exemption: its address is not public, and nothing is asked.
    let refused = Web::with_names(settings(&[]), clock(), Told::new(&[&["127.0.0.1"]])).issuer(&did).await;
    assert!(matches!(refused, Err(ResolveError::Forbidden { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_list_is_kept_for_its_ttl_and_not_past_its_end() {
    let asked = Arc::new(AtomicUsize::new(0));
    let list = |ttl: Value, until: &str| {
        let count = asked.clone();
        let body = json!({ "credentialSubject": { "ttl": ttl }, "validUntil": until });
        get(async move || {
            count.fetch_add(1, SeqCst);
            ([(header::CONTENT_TYPE, "application/vc")], body.to_string())
        })
    };
    let at = serve(
        Router::new()
            .route("/minute", list(json!(60_000), "2027-01-01T00:00:00Z"))
            .route("/ending", list(json!(60_000), "2026-07-03T00:00:30Z"))
            .route("/ended", list(json!(60_000), "2026-07-01T00:00:00Z"))
            .route("/zero", list(json!(0), "2027-01-01T00:00:00Z"))
            .route("/year", list(json!(31_536_000_000_i64), "2027-01-01T00:00:00Z"))
            .route("/odd", list(json!("x"), "soon")),
    )
    .await;
    for (path, kept) in
        [("/minute", 60), ("/ending", 30), ("/ended", 1), ("/zero", 1), ("/year", 3600), ("/odd", 300)]
    {
        let clock = clock();
        let web = Web::new(settings(&[at]), clock.clone());
        asked.store(0, SeqCst);
        let hits = async |after: i64| {
            clock.advance(SignedDuration::from_millis(after));
            web.status_list(&url(at, path)).await.unwrap();
            asked.load(SeqCst)
        };
        assert_eq!((hits(0).await, hits(kept * 1000 - 1).await, hits(1).await), (1, 1, 2), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_is_remembered_for_a_moment() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let at = serve(Router::new().fallback(async move || {
        count.fetch_add(1, SeqCst);
        StatusCode::INTERNAL_SERVER_ERROR
    }))
    .await;
    let clock = clock();
    let web = Web::new(settings(&[at]), clock.clone());
    for (after, hits) in [(0, 1), (9, 1), (2, 2)] {
        clock.advance(SignedDuration::from_secs(after));
        let error = web.status_list(&url(at, "/1")).await.unwrap_err();
        assert!(because(&error).contains("answers 500"));
        assert_eq!(asked.load(SeqCst), hits);
    }
}

#[tokio::test]
async fn floods_lies_and_dawdlers_are_cut_off() {
    let flood = serve(
        Router::new()
            .route("/honest", get(async || vec![b' '; 4 * 1024 * 1024 + 1]))
            .route(
                "/endless",
                get(async || {
                    let parts =
                        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 65536]));
                    axum::body::Body::from_stream(parts)
                }),
            )
            .route("/silent", get(async || std::future::pending::<StatusCode>().await))
            .route(
                "/bomb",
                get(async || {
                    use std::io::Write as _;
                    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                    gzip.write_all(&vec![b' '; 8 << 20]).unwrap();
                    ([(header::CONTENT_ENCODING, "gzip")], gzip.finish().unwrap()).into_response()
                }),
            )
            .route("/array", get(async || "[]"))
            .route("/deep", get(async || "[".repeat(100_000))),
    )
    .await;
    let cases = [
        (flood, "/honest", "more than 4194304 bytes"),
        (flood, "/endless", "more than 4194304 bytes"),
        (flood, "/silent", "in time"),
        (flood, "/bomb", "compressed"),
        (flood, "/array", "not a status list"),
        (flood, "/deep", "not a status list"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n{}").await, "/", "more than 4194304 bytes"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}").await, "/", "in time"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}").await, "/", "does not answer as it should"),
        (
            raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").await,
            "/",
            "does not answer as it should",
        ),
        (raw("SSH-2.0-OpenSSH_9.2\r\n").await, "/", "does not answer as it should"),
        (
            raw(format!("HTTP/1.1 200 OK\r\n{}", "X: y\r\n".repeat(200_000))).await,
            "/",
            "does not answer as it should",
        ),
        (raw("").await, "/", "in time"),
    ];
    let mut fetch = settings(&cases.each_ref().map(|case| case.0));
    let patient = Web::new(fetch.clone(), clock());
    fetch.total_timeout = Duration::from_millis(300);
    let hasty = Web::new(fetch, clock());
    for (at, path, expected) in cases {
        let web = if expected == "in time" { &hasty } else { &patient };
        let error = web.status_list(&url(at, path)).await.unwrap_err();
        assert!(because(&error).contains(expected), "{path} {expected}: {error}");
        assert!(error.retry().is_some());
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = Web::new(settings(&[closed]), clock()).status_list(&url(closed, "/")).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Network, "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed_and_nothing_private_is_asked() {
    let at = serve(Router::new().route(
        "/{code}",
        get(async |axum::extract::Path(code): axum::extract::Path<u16>| {
            let code = StatusCode::from_u16(code).unwrap();
            (code, [(header::LOCATION, "http://169.254.169.254/latest/meta-data/")])
        }),
    ))
    .await;
    let inside: SocketAddr = "10.0.0.1:80".parse().unwrap();
    let web = web(&[at, inside]);
    for code in [301, 302, 303, 307, 308] {
        let error = web.status_list(&url(at, &format!("/{code}"))).await.unwrap_err();
        assert!(because(&error).contains("redirect"), "{error}");
    }
    let port = at.port();
    for forbidden in [
        "http://8.8.8.8/list".to_owned(),
        // Named in the settings, and still not on this machine.
        format!("http://{inside}/list"),
        "ftp://files.example/list".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        "did:web:college.example".to_owned(),
        "https://user:pass@college.example/".to_owned(),
        format!("http://localhost:{port}/1"),
        format!("https://127.0.0.1:{port}/"),
        "https://127.1/".to_owned(),
        "https://2130706433/".to_owned(),
        "https://0x7f.0.0.1/".to_owned(),
        "https://0177.0.0.1/".to_owned(),
        "https://[::1]/".to_owned(),
        "https://[::ffff:169.254.169.254]/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "https://169.254.169.254/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://192.168.1.1:8443/".to_owned(),
        "https://①②⑦.⓪.⓪.①/".to_owned(),
    ] {
        let error = web.status_list(&Url::parse(&forbidden).unwrap()).await.unwrap_err();
        assert!(matches!(error, ResolveError::Forbidden { .. }), "{forbidden}: {error}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_dialled_however_it_turns() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let dialled = Arc::new(AtomicUsize::new(0));
    let count = dialled.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, SeqCst);
        }
    });
    for answer in [&["127.0.0.1"][..], &["::1", "10.0.0.1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"], &[]]
    {
        let names = Told::new(&[answer]);
        let web = Web::with_names(settings(&[]), clock(), names.clone());
        let error = web
            .status_list(&Url::parse(&format!("https://evil.example:{port}/1")).unwrap())
            .await
            .unwrap_err();
        assert!(matches!(error, ResolveError::Forbidden { .. }), "{error}");
        assert!(
            !error.to_string().contains("10.0.0.1") && !error.to_string().contains("127.0.0.1"),
            "{error}"
        );
        assert_eq!(names.1.load(SeqCst), 1);
    }
    assert_eq!(dialled.load(SeqCst), 0);

    // Rebinding: the name is looked up once for a connection, and that look-up is the one that was vetted.
    let at = serve(Router::new().fallback(async || ([(header::CONNECTION, "close")], "{}"))).await;
    let mut fetch = settings(&[]);
    let origin = Url::parse(&format!("http://turning.example:{}", at.port())).unwrap();
    fetch.allow_fetch_origins = vec![Origin::of(&origin).unwrap()];
    let names = Told::new(&[&["127.0.0.1"], &["10.0.0.1", "169.254.169.254"]]);
    let web = Web::with_names(fetch, clock(), names.clone());
    web.status_list(&origin.join("/1").unwrap()).await.unwrap();
    assert_eq!(names.1.load(SeqCst), 1);
    let error = web.status_list(&origin.join("/2").unwrap()).await.unwrap_err();
    assert!(matches!(error, ResolveError::Forbidden { .. }), "{error}");
    assert_eq!(names.1.load(SeqCst), 2);
}

#[tokio::test]
async fn one_slow_host_leaves_room_for_the_others() {
    let slow = serve(Router::new().fallback(async || std::future::pending::<StatusCode>().await)).await;
    let good = serve(Router::new().fallback(async || "{}")).await;
    let mut fetch = settings(&[slow]);
    fetch.concurrency = 4;
    // Turns are counted by host, and both are on this machine: another name for the good one.
    let other = Url::parse(&format!("http://good.example:{}", good.port())).unwrap();
    fetch.allow_fetch_origins.push(Origin::of(&other).unwrap());
    let web = Arc::new(Web::with_names(fetch, clock(), Told::new(&[&["127.0.0.1"]])));
    let waiting: Vec<_> = (0..50)
        .map(|n| {
            let (web, url) = (web.clone(), url(slow, &format!("/{n}")));
            tokio::spawn(async move { web.status_list(&url).await })
        })
        .collect();
    tokio::task::yield_now().await;
    web.status_list(&other.join("/1").unwrap()).await.unwrap();
    assert!(waiting.iter().all(|one| !one.is_finished()));
    waiting.iter().for_each(|one| one.abort());
}

#[tokio::test]
async fn an_asker_who_leaves_does_not_leave_the_others_waiting() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let at = serve(Router::new().fallback(async move || {
        if count.fetch_add(1, SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        "{}"
    }))
    .await;
    let web = Arc::new(web(&[at]));
    let ask = || {
        let (web, url) = (web.clone(), url(at, "/1"));
        tokio::spawn(async move { web.status_list(&url).await })
    };
    let first = ask();
    while asked.load(SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let second = ask();
    tokio::task::yield_now().await;
    first.abort();
    second.await.unwrap().unwrap();
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test]
async fn https_is_checked_against_the_authorities_named() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test".split(' '),
    );
    openssl.args([
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]);
    let made = openssl.arg("-keyout").arg(&key).arg("-out").arg(&cert).output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: https_is_checked_against_the_authorities_named needs openssl");
        return;
    }
    use rustls_pki_types::pem::PemObject as _;
    let chain = vec![rustls_pki_types::CertificateDer::from_pem_file(&cert).unwrap()];
    let secret = rustls_pki_types::PrivateKeyDer::from_pem_file(&key).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls =
        rustls::ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    let mut tls = tls.with_no_client_auth().with_single_cert(chain, secret).unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let tls = axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(tls));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let routes =
        Router::new().fallback(async |version: axum::http::Version| format!("{{\"v\": \"{version:?}\"}}"));
    let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
    tokio::spawn(server.serve(routes.into_make_service()));

    let at = Url::parse(&format!("https://localhost:{port}/1")).unwrap();
    let ask = async |named: bool, ca: bool, host: &str| {
        let mut fetch = settings(&[]);
        let mut at = at.clone();
        at.set_host(Some(host)).unwrap();
        fetch.allow_fetch_origins = Vec::from_iter(named.then(|| Origin::of(&at).unwrap()));
        fetch.trust_ca = ca.then(|| cert.clone());
        Web::with_names(fetch, clock(), Told::new(&[&["127.0.0.1"]])).status_list(&at).await
    };
    let list = ask(true, true, "localhost").await.unwrap();
    assert_eq!(list.document["v"], "HTTP/2.0");
    assert!(because(&ask(true, false, "localhost").await.unwrap_err()).to_lowercase().contains("cert"));
    assert!(because(&ask(true, true, "other.example").await.unwrap_err()).to_lowercase().contains("cert"));
    assert!(matches!(ask(false, true, "localhost").await, Err(ResolveError::Forbidden { .. })));
    let mut fetch = settings(&[]);
    fetch.trust_ca = Some(dir.path().join("none.pem"));
    let error =
        Web::with_names(fetch, clock(), Told::new(&[&["8.8.8.8"]])).status_list(&at).await.unwrap_err();
    assert!(because(&error).contains("none.pem") && error.fault() == Fault::Here, "{error}");
}

/// Knows one institution and one list.
struct One(Did, Url);

#[async_trait]
impl Own for One {
    async fn document(&self, did: &Did) -> Result<Option<Arc<Resolved>>, ResolveError> {
        let parsed = || testamur::did::DidDocument::parse(&document(did.as_str())).unwrap();
        let found =
            || Resolved { document: Arc::new(parsed()), fetched: Timestamp::UNIX_EPOCH, from: Source::Own };
        Ok((*did == self.0).then(|| Arc::new(found())))
    }
    async fn list(&self, url: &Url) -> Result<Option<Arc<FetchedList>>, ResolveError> {
        let found = || FetchedList::new("{}".into(), Timestamp::UNIX_EPOCH).unwrap();
        Ok((*url == self.1).then(|| Arc::new(found())))
    }
}

/// Remembers what it was asked, and knows nothing.
#[derive(Default)]
struct Last(std::sync::Mutex<Vec<String>>);

#[async_trait]
impl Resolver for Last {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        self.0.lock().unwrap().push(did.to_string());
        Err(ResolveError::NotFound { what: did.to_string() })
    }
    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        self.0.lock().unwrap().push(url.to_string());
        Err(ResolveError::NotFound { what: url.to_string() })
    }
}

#[tokio::test]
async fn our_own_and_computed_documents_never_walk() {
    let (did, list) =
        (Did::parse("did:web:ours.example").unwrap(), Url::parse("https://ours.example/1").unwrap());
    let last = Arc::new(Last::default());
    let layered = Layered::new(Arc::new(One(did.clone(), list.clone())), last.clone(), clock());
    assert_eq!(layered.issuer(&did).await.unwrap().from, Source::Own);
    layered.status_list(&list).await.unwrap();
    let key = Did::parse(&format!("did:key:{KEY}")).unwrap();
    let computed = layered.issuer(&key).await.unwrap();
    assert_eq!((computed.from, &computed.document.id), (Source::Key, &key));
    let broken = layered.issuer(&Did::parse("did:key:zzz").unwrap()).await.unwrap_err();
    assert_eq!((broken.did_error(), broken.fault()), ("invalidDid", Fault::Document));
    let jwk = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    assert_eq!(layered.issuer(&Did::parse(jwk).unwrap()).await.unwrap().from, Source::Jwk);
    assert!(last.0.lock().unwrap().is_empty());
    let other = Did::parse("did:web:theirs.example").unwrap();
    layered.issuer(&other).await.unwrap_err();
    layered.status_list(&Url::parse("https://theirs.example/1").unwrap()).await.unwrap_err();
    assert_eq!(*last.0.lock().unwrap(), ["did:web:theirs.example", "https://theirs.example/1"]);
}

#[tokio::test]
async fn a_folder_answers_by_the_id_inside_and_never_twice() {
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, text: String| {
        let path = dir.path().join("public").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let list = |id: &str| {
        json!({ "id": id, "type": ["VerifiableCredential", "BitstringStatusListCredential"] }).to_string()
    };
    put("institutions/a/did.json", document("did:web:a.example:institutions:a").to_string());
    put(
        "institutions/a/status/revocation/1.json",
        list("https://a.example/institutions/a/status/revocation/1"),
    );
    put(
        "institutions/a/status/suspension/1.jsonld",
        list("https://A.example:443/institutions/a/status/suspension/1"),
    );
    put("institutions/b/did.json", document("did:web:b.example").to_string());
    put("copies/b.json", document("did:web:b.example").to_string());
    put("institutions/c/did.json", document("did:web:c.example").to_string());
    put("copies/c.json", document("did:web:c.example").to_string() + "\n");
    put("broken.json", "{".to_owned());
    put("notes.txt", "{\"id\": \"did:web:d.example\"}".to_owned());
    put("no-id.json", "[]".to_owned());
    let mirror = Mirror::open(dir.path()).unwrap();
    assert_eq!((mirror.len(), mirror.skipped().len()), (5, 1));
    let resolver = Layered::new(Arc::new(NoOwn), Arc::new(mirror), clock());
    let issuer = async |did: &str| resolver.issuer(&Did::parse(did).unwrap()).await;
    let found = issuer("did:web:a.example:institutions:a").await.unwrap();
    assert_eq!((found.from, found.fetched > "2026-01-01T00:00:00Z".parse().unwrap()), (Source::Mirror, true));
    issuer("did:web:b.example").await.unwrap();
    let differ = issuer("did:web:c.example").await.unwrap_err();
    assert!(differ.to_string().contains("differ"), "{differ}");
    assert!(matches!(issuer("did:web:d.example").await, Err(ResolveError::Forbidden { .. })));
    issuer(&format!("did:key:{KEY}")).await.unwrap();
    for purpose in ["revocation", "suspension"] {
        let url = format!("https://a.example/institutions/a/status/{purpose}/1");
        resolver.status_list(&Url::parse(&url).unwrap()).await.unwrap();
    }
    assert!(Mirror::open(&dir.path().join("nowhere")).unwrap_err().to_string().contains("nowhere"));
}

#[test]
fn an_older_list_than_the_newest_seen_is_noticed() {
    let list = |from: &str, ttl: i64| {
        let bits = testamur::status::Bitstring::new(0).encode();
        let subject = json!({ "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": bits, "ttl": ttl });
        let list = json!({ "id": "https://a.example/1", "type": "BitstringStatusListCredential", "issuer": "did:web:a.example",
            "validFrom": from, "credentialSubject": subject });
        testamur::status::StatusList::parse(&list).unwrap()
    };
    let seen = testamur::resolve::Seen::default();
    let now: Timestamp = "2026-07-03T00:00:00Z".parse().unwrap();
    seen.note("https://a.example/1", &list("2026-07-02T00:00:00Z", 0), now).unwrap();
    seen.note("https://a.example/1", &list("2026-07-03T00:00:00Z", 0), now).unwrap();
    seen.note("https://a.example/1", &list("2026-07-02T23:56:00Z", 0), now).unwrap();
    // Nobody shuts out the lists to come with one of the future.
    seen.note("https://a.example/1", &list("2126-07-03T00:00:00Z", 0), now).unwrap();
    assert_eq!(seen.note("https://a.example/1", &list("2026-07-02T23:54:00Z", 0), now), Err(now));
    seen.note("https://a.example/1", &list("2026-07-02T23:54:00Z", 600_000), now).unwrap();
}

mod cache {
    use super::*;
    use proptest::prelude::*;
    use testamur::resolve::cache::{Cache, Made};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn never_holds_more_names_than_allowed_and_always_answers(asks in prop::collection::vec((0_u8..40, 0_usize..4000, 0_i64..100), 1..120)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let clock = clock();
            let cache = Cache::<u8>::new(8, 12_000);
            for (name, weight, later) in asks {
                clock.advance(SignedDuration::from_secs(later));
                let make = async { Made { value: Ok(Arc::new(name)), keep: SignedDuration::from_secs(60), weight } };
                let found = runtime.block_on(cache.get(&name.to_string(), clock.now(), make)).unwrap();
                prop_assert_eq!(*found, name);
                prop_assert!(cache.len() <= 8);
            }
        }
    }
}
