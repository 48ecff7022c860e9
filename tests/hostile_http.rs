//! What a hostile client may send: the answer is a refusal, never a 5xx, a reset or a long wait.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::support::TestHouse;

/// Longest any single answer may take; see docs/security.md.
const LONGEST: Duration = Duration::from_secs(3);

#[tokio::test]
async fn every_hostile_document_is_refused_at_both_doors() {
    let house = TestHouse::new().await;
    let folder = format!("{}/fixtures/hostile", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let document = case["text"].as_str().map_or_else(|| case["document"].to_string(), str::to_owned);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();

        let begun = Instant::now();
        let issued =
            house.college().post_text("/credentials/issue", format!("{{\"credential\":{document}}}")).await;
        assert_eq!(
            issued.status,
            case["expect"]["status"].as_u64().unwrap() as u16,
            "{name}: {}",
            issued.text()
        );
        if let Some(pointer) = case["expect"]["pointer"].as_str() {
            let wanted = format!("/credential{pointer}");
            assert!(issued.pointers().contains(&wanted), "{name}: {wanted} in {:?}", issued.pointers());
        }
        let verified = house
            .stranger()
            .post_text("/credentials/verify", format!("{{\"verifiableCredential\":{document}}}"))
            .await;
        assert!(matches!(verified.status, 400 | 422), "{name}: {}", verified.status);
        let pasted = house.browser().post_form("/verify", &[("text", &document)]).await;
        assert!(matches!(pasted.status, 200 | 400), "{name}: {}", pasted.status);
        let presented = format!("{{\"verifiablePresentation\":{document}}}");
        let presented = house.stranger().post_text("/presentations/verify", presented).await;
        assert!(matches!(presented.status, 400 | 422), "{name}: {}", presented.status);
        assert!(begun.elapsed() < LONGEST * 4, "{name}");
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}

#[tokio::test]
async fn too_large_is_413_whether_announced_or_not() {
    let house = TestHouse::with(|config| config.limits.body = 100_000).await;
    let large = "x".repeat(100_001);
    assert_eq!(
        house.stranger().post_text("/credentials/verify", large.clone()).await.problem(413).0,
        "too-large"
    );
    let pieces = futures_util::stream::iter((0..200).map(|_| Ok::<_, std::io::Error>("y".repeat(1_000))));
    let streamed = house.stranger().post_text("/credentials/verify", Body::from_stream(pieces)).await;
    assert_eq!(streamed.problem(413).0, "too-large");
    let announced =
        house.stranger().with("content-length", "100001").post_text("/credentials/verify", "{}").await;
    assert_eq!(announced.problem(413).0, "too-large");
    assert_eq!(house.browser().post_form("/verify", &[("text", &large)]).await.status, 413);
}

#[tokio::test]
async fn broken_paths_and_queries_are_refused() {
    let house = TestHouse::new().await;
    for path in [
        "/c/%",
        "/c/%zz",
        "/c/%ff%fe",
        "/c/%00",
        "/c/..%2f..%2fetc%2fpasswd",
        "/c/a/b/c",
        "/C/%2e%2e",
        "//c/x",
        "/credentials/%ff",
        "/institutions/%ff/did.json",
        "/institutions/a/status/revocation/%ff",
        "/1.0/identifiers/%ff",
        "/1.0/identifiers/",
        "/contexts/%ff",
        "/problems/%ff",
        "/assets/%ff",
        "/?lang=%ff",
        "/c/x?lang=%00",
    ] {
        for actor in [house.admin(), house.browser()] {
            let answer = actor.get(path).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            assert!(answer.status >= 400 || path.starts_with("/?"), "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn strange_headers_are_borne() {
    let house = TestHouse::new().await;
    let long = "a,".repeat(4_000);
    for (name, value) in [
        ("accept", long.as_str()),
        ("accept", "text/html;q=1e400, */*;q=-1"),
        ("accept-language", long.as_str()),
        ("accept-language", "vi;q=NaN"),
        ("if-none-match", long.as_str()),
        ("authorization", "Bearer"),
        ("authorization", "Basic YTpi"),
        ("authorization", long.as_str()),
        ("content-type", ";;;"),
        ("content-type", "multipart/form-data; boundary="),
        ("content-encoding", "gzip"),
        ("idempotency-key", " "),
    ] {
        let actor = house.stranger().with(name, value);
        for path in ["/", "/c/x", "/healthz", "/institutions/ha-noi/status/revocation/1"] {
            assert!(actor.get(path).await.status < 500, "{name}: {value}");
        }
        for path in ["/credentials/verify", "/credentials/issue", "/verify"] {
            let answer = actor.send(Method::POST, path, "{}".into(), &[]).await;
            assert!((400..500).contains(&answer.status), "{name} {path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn a_flood_from_one_address_is_told_to_wait() {
    use testamur::web::limits::PerAddress;
    let limit = PerAddress::new(1, 10).unwrap();
    let (address, now) = ("192.0.2.7".parse().unwrap(), Instant::now());
    let refused = (0..100).filter(|_| limit.take(address, now).is_err()).count();
    assert_eq!(refused, 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_work_than_allowed_is_refused_not_queued() {
    let house = TestHouse::with(|config| config.limits.concurrency = 1).await;
    let issued = house.diploma().await;
    let body = json!({"verifiableCredential": issued});
    let stranger = house.stranger();
    // Whoever has begun to send holds nothing that others need.
    let slow = futures_util::stream::pending::<Result<String, std::io::Error>>();
    let waiting = {
        let stranger = stranger.clone();
        tokio::spawn(async move {
            stranger.post_text("/credentials/verify", Body::from_stream(slow)).await.status
        })
    };
    tokio::task::yield_now().await;
    assert_eq!(stranger.post("/credentials/verify", &body).await.status, 200);
    waiting.abort();
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let house = TestHouse::with(|config| config.limits.timeout = Duration::from_millis(50)).await;
    let never = futures_util::stream::pending::<Result<String, std::io::Error>>();
    let answer = house.stranger().post_text("/credentials/verify", Body::from_stream(never)).await;
    assert_eq!(answer.problem(408).0, "timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_held_to_the_protocol() {
    let house = TestHouse::new().await;
    let listening = house.listening().await;
    let get = |head: &str| format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
    assert!(listening.raw(get("")).await.starts_with("HTTP/1.1 200"));
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let large = format!("x-large: {}\r\n", "a".repeat(64 << 10));
    for bytes in [
        get(&many).into_bytes(),
        get(&large).into_bytes(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /%00\x00 HTTP/1.1\r\n\r\n".to_vec(),
        b"POST /credentials/verify HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\nconnection: close\r\n\r\nzz\r\n".to_vec(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70 << 10)).into_bytes(),
    ] {
        let answer = listening.raw(bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}", &answer[..answer.len().min(80)]);
    }
    assert!(listening.raw(get("")).await.starts_with("HTTP/1.1 200"), "others are served as before");
    listening.stop().await;
}
