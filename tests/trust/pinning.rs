//! Pins over HTTP and from the settings, against a service that listens.

use serde_json::json;
use testamur::config::PinSetting;
use testamur::pin;

use super::ministry::*;

#[tokio::test]
async fn an_administrator_pins_an_authority_and_ends_it() {
    let (ministry, _) = Ministry::accrediting_in(on_a_port().await).await;
    let listening = ministry.house.listening().await;
    let laos = abroad(&ministry, |_| {}).await;
    let credential = ministry.house.diploma().await;
    let verdict = async || {
        let asked = json!({ "verifiableCredential": credential });
        laos.stranger().post("/credentials/verify", &asked).await.json()["state"].clone()
    };
    assert_eq!(verdict().await, "could-not-be-checked");
    let (url, fingerprint) = (ministry.root_url().to_string(), ministry.roots[0].fingerprint.clone());
    let body = json!({"url": url, "fingerprint": fingerprint});
    assert_eq!(laos.stranger().post("/trust/pins", &body).await.status, 401);
    assert_eq!(laos.college().post("/trust/pins", &body).await.status, 403);
    assert_eq!(laos.stranger().get("/trust/pins").await.status, 401);
    let other = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    let nowhere = ministry.root_url().join("/trust/VN/root/9").unwrap().to_string();
    let list = ministry.root_url().join("/trust/VN/list").unwrap().to_string();
    for (wrong, pointer) in [
        (json!({"url": url}), "/fingerprint"),
        (json!({"url": url, "fingerprint": other}), "/fingerprint"),
        (json!({"url": url, "fingerprint": 7}), "/fingerprint"),
        (json!({"url": "root.json", "fingerprint": fingerprint}), "/url"),
        (json!({"url": "https://10.0.0.1/root/1", "fingerprint": fingerprint}), "/url"),
        (json!({"url": nowhere, "fingerprint": fingerprint}), "/url"),
        (json!({"url": list, "fingerprint": fingerprint}), "/url"),
        (json!({"url": url, "fingerprint": fingerprint, "territory": "LA"}), "/territory"),
    ] {
        let refused = laos.admin().post("/trust/pins", &wrong).await;
        refused.problem(400);
        assert_eq!(refused.pointers(), [pointer], "{wrong}: {}", refused.text());
    }
    assert_eq!(laos.admin().get("/trust/pins").await.json(), json!({"pins": []}));

    // As it was read aloud.
    let aloud = testamur::trustlist::spoken(&fingerprint).unwrap();
    let pinned = laos.admin().post("/trust/pins", &json!({"url": url, "fingerprint": aloud})).await;
    assert_eq!((pinned.status, &pinned.json()["list"]["sequence"]), (201, &json!(3)), "{}", pinned.text());
    assert_eq!(laos.admin().post("/trust/pins", &body).await.problem(409).0, "conflict");
    assert_eq!(laos.admin().get("/trust/pins").await.json()["pins"][0]["fingerprint"], json!(fingerprint));
    assert_eq!(verdict().await, "genuine", "at once");

    for wrong in [json!({}), json!({"territory": 7})] {
        assert_eq!(laos.admin().post("/trust/unpin", &wrong).await.status, 400);
    }
    for unknown in ["LA", "vn", "../VN"] {
        assert_eq!(laos.admin().post("/trust/unpin", &json!({"territory": unknown})).await.status, 404);
    }
    assert_eq!(laos.neighbour().post("/trust/unpin", &json!({"territory": "VN"})).await.status, 403);
    assert_eq!(laos.admin().post("/trust/unpin", &json!({"territory": "VN"})).await.status, 200);
    assert_eq!(verdict().await, "could-not-be-checked");
    listening.stop().await;
}

#[tokio::test]
async fn what_the_settings_name_is_pinned_while_the_service_runs() {
    let (ministry, _) = Ministry::accrediting_in(on_a_port().await).await;
    let listening = ministry.house.listening().await;
    let pin =
        |fingerprint: &str| PinSetting { url: ministry.root_url(), fingerprint: fingerprint.to_owned() };
    let wrong = pin("uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng");
    let right = pin(&ministry.roots[0].fingerprint);
    let laos = abroad(&ministry, |config| config.trust.pins = vec![wrong, right]).await;
    let fresh = tokio::spawn(pin::keep_fresh(laos.app.clone()));
    for _ in 0..500 {
        if !laos.app.registry.pinned().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    fresh.abort();
    let pinned = laos.app.registry.pinned();
    assert_eq!((pinned.len(), pinned[0].list.as_ref().unwrap().sequence), (1, 3));
    assert_eq!(pinned[0].pin.fingerprint, ministry.roots[0].fingerprint);
    listening.stop().await;
}
