//! Pins over the network: what is asked, in which order, and what a refused answer leaves behind.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use testamur::config::{Config, Origin};
use testamur::pin::{self, Error};
use testamur::resolve::fetch::{Fetcher, SystemNames};
use testamur::trust::{PinError, Pins};
use testamur::trustlist::{Root, TrustListError};
use url::Url;

use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";

/// An authority's host: what it serves by path, and what it was asked.
#[derive(Clone, Default)]
struct Host(Arc<Mutex<HashMap<String, Vec<u8>>>>, Arc<Mutex<Vec<String>>>);

impl Host {
    async fn new() -> (Self, SocketAddr) {
        let host = Self::default();
        let served = host.clone();
        let routes = Router::new().fallback(move |uri: Uri| {
            let served = served.clone();
            async move {
                served.1.lock().unwrap().push(uri.path().to_owned());
                let found = served.0.lock().unwrap().get(uri.path()).cloned();
                found.map_or((StatusCode::NOT_FOUND, Vec::new()), |bytes| (StatusCode::OK, bytes))
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (host, at)
    }

    fn serve(&self, path: &str, bytes: Vec<u8>) {
        self.0.lock().unwrap().insert(path.to_owned(), bytes);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

struct Desk {
    host: Host,
    at: SocketAddr,
    pins: Pins,
    fetcher: Fetcher,
    root: Root,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let (host, at) = Host::new().await;
        let mut settings = Config::for_testing().fetch;
        settings.allow_fetch_origins =
            vec![Origin::of(&Url::parse(&format!("http://{at}")).unwrap()).unwrap()];
        let fetcher = Fetcher::new(settings, Arc::new(SystemNames));
        let folder = tempfile::tempdir().unwrap();
        let pins = Pins::of(folder.path());
        let bytes = signed(&at_host(first_root(), at), &[root_key(1), root_key(2)], "2026-01-02T00:00:00Z");
        let root = Root::parse(&bytes).unwrap();
        host.serve("/root/1", bytes);
        host.serve("/list", list_bytes(&list_document(7, "2026-11-01T00:00:00Z", &[college()])));
        Self { host, at, pins, fetcher, root, _folder: folder }
    }

    async fn pin(&self, fingerprint: &str) -> Result<u64, Error> {
        let url = Url::parse(&format!("http://{}/root/1", self.at)).unwrap();
        let pinned = pin::pin(&self.fetcher, &self.pins, &url, fingerprint, at_now()).await?;
        Ok(pinned.list.unwrap().sequence)
    }

    async fn refresh(&self) -> Result<u64, Error> {
        let pinned = pin::refresh(&self.fetcher, &self.pins, "VN", at_now()).await?;
        Ok(pinned.list.unwrap().sequence)
    }
}

fn at_now() -> jiff::Timestamp {
    at(NOW)
}

fn at_host(mut root: Value, host: SocketAddr) -> Value {
    root["credentialSubject"]["listUrl"] = json!(format!("http://{host}/list"));
    root
}

#[tokio::test]
async fn an_unknown_root_is_not_followed_anywhere() {
    let desk = Desk::new().await;
    let wrong = desk.pin("uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng").await;
    assert!(matches!(wrong, Err(Error::Pin(PinError::Fingerprint(_)))));
    assert_eq!(desk.host.asked(), ["/root/1"]);
    assert_eq!(desk.pin(&desk.root.fingerprint).await.unwrap(), 7);
    assert_eq!(desk.host.asked(), ["/root/1", "/list"]);
}

#[tokio::test]
async fn a_list_is_renewed_or_the_one_known_stays() {
    let desk = Desk::new().await;
    desk.pin(&desk.root.fingerprint.clone()).await.unwrap();
    desk.host.asked();
    assert_eq!(desk.refresh().await.unwrap(), 7, "no news");
    assert_eq!(desk.host.asked(), ["/root/2", "/list"]);
    desk.host.serve("/list", list_bytes(&list_document(8, "2026-11-10T00:00:00Z", &[college()])));
    assert_eq!(desk.refresh().await.unwrap(), 8);

    let mut shortened = college();
    shortened["grant"] = json!([]);
    let older = list_document(7, "2026-11-01T00:00:00Z", &[college()]);
    let shortened = list_document(9, "2026-11-11T00:00:00Z", &[shortened]);
    let unsigned = serde_json::to_vec(&list_document(9, "2026-11-11T00:00:00Z", &[college()])).unwrap();
    for bad in [list_bytes(&older), list_bytes(&shortened), unsigned, b"{}".to_vec(), vec![b' '; 5 << 20]] {
        desk.host.serve("/list", bad);
        desk.refresh().await.unwrap_err();
        assert_eq!(desk.pins.read("VN").unwrap().list.unwrap().sequence, 8);
    }
}

#[tokio::test]
async fn a_stolen_list_key_is_put_out_even_before_there_is_a_new_list() {
    let desk = Desk::new().await;
    desk.pin(&desk.root.fingerprint.clone()).await.unwrap();
    let delegated = [(12, "2026-11-01T00:00:00Z", "2027-06-30T00:00:00Z")];
    let second = at_host(root_document(2, 2, &[1, 2, 3], &delegated), desk.at);
    desk.host.serve("/root/2", signed(&second, &[root_key(1), root_key(3)], NOW));
    let refused = desk.refresh().await;
    assert!(matches!(
        refused,
        Err(Error::Pin(PinError::Refused { why: TrustListError::Undelegated(_), .. }))
    ));
    let rotated = desk.pins.read("VN").unwrap();
    assert_eq!((rotated.root.version, rotated.list), (2, None));
    let mut fresh = list_document(1, NOW, &[college()]);
    fresh["credentialSubject"]["rootVersion"] = json!(2);
    desk.host.serve("/list", signed(&fresh, &[list_key(12)], NOW));
    assert_eq!(desk.refresh().await.unwrap(), 1);

    // A root that the old keys have not signed is nobody's.
    let third = at_host(root_document(3, 1, &[7], &delegated), desk.at);
    desk.host.serve("/root/3", signed(&third, &[root_key(7)], NOW));
    assert!(matches!(desk.refresh().await, Err(Error::Root(TrustListError::Threshold { .. }))));
    assert_eq!(desk.pins.read("VN").unwrap().root.version, 2);
}
