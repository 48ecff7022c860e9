//! The table of routes, the router, the description and the manual say the same.

use http::Method;
use testamur::web::{health::OPENAPI, problem::PROBLEMS, routes::ROUTES};

use crate::support::TestHouse;

const MANUAL: &str = include_str!("../../docs/api.md");

/// As OpenAPI writes it.
fn plain(path: &str) -> String {
    path.replace("{*", "{")
}

#[tokio::test]
async fn every_route_is_routed() {
    let house = TestHouse::new().await;
    for route in ROUTES {
        let path = route.path.replace(['{', '}', '*'], "");
        let method: Method = route.method.parse().unwrap();
        let answer = house.admin().send(method, &path, "".into(), &[]).await;
        assert_ne!(answer.status, 405, "{} {}", route.method, route.path);
        if answer.status == 404 {
            let role = ["/add-checkpoint", "/witness/key"].contains(&route.path);
            assert!(
                role || ["{", "well-known", "/trust-list"].iter().any(|there| route.path.contains(there)),
                "{}",
                route.path
            );
        }
        let wrong = house.admin().send(Method::DELETE, &path, "".into(), &[]).await;
        assert_eq!(wrong.problem(405).0, "method-not-allowed", "{}", route.path);
        assert!(wrong.header("allow").contains(route.method), "{}: {:?}", route.path, wrong.header("allow"));
    }
    assert_eq!(house.stranger().get("/nothing/here").await.problem(404).0, "not-found");
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let description: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        described.extend(
            methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    let mut routed: Vec<String> =
        ROUTES.iter().map(|route| format!("{} {}", route.method, plain(route.path))).collect();
    described.sort();
    routed.sort();
    assert_eq!(described, routed);
}

#[test]
fn the_manual_knows_every_route_problem_and_code() {
    for route in ROUTES {
        assert!(
            MANUAL.contains(&format!("`{} {}`", route.method, plain(route.path))),
            "{} {}",
            route.method,
            route.path
        );
    }
    for row in PROBLEMS {
        assert!(MANUAL.contains(&format!("| `{}` | {} |", row.code, row.status)), "{}", row.code);
    }
    for (_, code, ..) in testamur::verify::verdict::CODES {
        assert!(MANUAL.contains(&format!("`{code}`")), "{code}");
    }
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let house = TestHouse::new().await;
    for (actor, path) in
        [(house.stranger(), "/healthz"), (house.browser(), "/"), (house.stranger(), "/nothing")]
    {
        let answer = actor.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("access-control-allow-origin", "*"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-request-id").len(), 16);
        assert!(answer.header("strict-transport-security").is_empty(), "not over http");
    }
}

#[tokio::test]
async fn scripts_of_others_may_read_what_anybody_may_read() {
    let house = TestHouse::new().await;
    let asks = |method: &'static str| {
        [("origin", "https://employer.example"), ("access-control-request-method", method)]
    };
    let reads = house.stranger().send(Method::OPTIONS, "/c/x", "".into(), &asks("GET")).await;
    assert_eq!((reads.status, reads.header("access-control-allow-origin")), (204, "*"));
    let writes = house.stranger().send(Method::OPTIONS, "/credentials/issue", "".into(), &asks("POST")).await;
    assert_eq!(writes.problem(405).0, "method-not-allowed");
    assert!(writes.header("access-control-allow-origin").is_empty());
}
