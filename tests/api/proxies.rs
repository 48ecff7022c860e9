//! Rate limits behind a proxy: whose word on the client's address is believed.

use axum::body::Body;
use http::Request;
use testamur::config::Network;
use testamur::web;
use tower::ServiceExt as _;

use crate::support::TestHouse;

async fn limited(proxies: &[&str]) -> TestHouse {
    TestHouse::with(|config| {
        config.limits.rate = 1;
        config.limits.burst = 2;
        config.server.trusted_proxies = proxies.iter().map(|text| Network::parse(text).unwrap()).collect();
    })
    .await
}

/// Statuses of requests from one peer, each with the header given.
async fn statuses(house: &TestHouse, peer: &str, forwarded: &[&str]) -> Vec<u16> {
    let front = web::service(house.app.clone()).for_peer(peer.parse().unwrap(), None);
    let mut found = Vec::new();
    for line in forwarded {
        let request = Request::get("/healthz").header("x-forwarded-for", *line).body(Body::empty()).unwrap();
        found.push(front.clone().oneshot(request).await.unwrap().status().as_u16());
    }
    found
}

#[tokio::test]
async fn each_client_behind_a_trusted_proxy_has_a_limit_of_its_own() {
    let house = limited(&["198.51.100.0/24"]).await;
    let lines = ["192.0.2.1", "192.0.2.1", "203.0.113.7, 192.0.2.1", "192.0.2.2"];
    assert_eq!(statuses(&house, "198.51.100.9", &lines).await, [200, 200, 429, 200]);
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let lines = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
    for proxies in [&[][..], &["198.51.100.0/24"]] {
        let house = limited(proxies).await;
        assert_eq!(statuses(&house, "203.0.113.5", &lines).await, [200, 200, 429, 429]);
    }
}

#[tokio::test]
async fn over_a_connection_too() {
    let house = limited(&["127.0.0.1"]).await;
    let listening = house.listening().await;
    let ask = |client: &str| {
        let head = format!(
            "GET /healthz HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {client}\r\nconnection: close\r\n\r\n"
        );
        listening.raw(head)
    };
    let mut told = Vec::new();
    for client in ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        told.push(ask(client).await.get(9..12).unwrap_or_default().to_owned());
    }
    assert_eq!(told, ["200", "200", "429", "200"]);
    listening.stop().await;
}
