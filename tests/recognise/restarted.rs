//! What waits, and which numbers were given, after the service began again.

use serde_json::{Value, json};
use testamur::recognise::receive;

use super::laos::{Countries, asked};
use crate::trust::ministry::slug;

async fn received(countries: &Countries, app: &testamur::app::App) -> Value {
    let credential = countries.diploma(|_| {}).await;
    let members = asked(&credential).as_object().unwrap().clone();
    let file = receive::receive(app, members, None).await.unwrap().file;
    Value::Object(file.body)
}

#[tokio::test]
async fn no_number_is_given_twice_though_its_file_was_erased() {
    let countries = Countries::with(|config| config.recognition.automatic = true).await;
    countries.agree().await;
    let first = countries.apply(&asked(&countries.diploma(|_| {}).await)).await;
    assert_eq!(first["decision"]["number"], "REC-2026-000001", "{first}");
    let path = format!("/applications/{}/erase", first["application"].as_str().unwrap());
    assert_eq!(countries.keeper().post(&path, &json!({"reason": "asked for"})).await.status, 204);
    let app = countries.laos.reopened().await;
    assert_eq!(received(&countries, &app).await["decision"]["number"], "REC-2026-000002");
    assert_eq!(received(&countries, &app).await["decision"]["number"], "REC-2026-000003");
}

#[tokio::test]
async fn what_waits_is_found_again() {
    let countries = Countries::new().await;
    let (one, other) = (countries.diploma(|_| {}).await, countries.diploma(|_| {}).await);
    let decided = countries.apply(&asked(&one)).await;
    let waits = countries.apply(&asked(&other)).await;
    let no = json!({"verdict": "NOT_RECOGNISED", "reason": "of no such programme"});
    assert_eq!(countries.decide(&countries.officer(), &decided, no).await.status, 200);
    let app = countries.laos.reopened().await;
    let found: Vec<_> =
        app.waiting().await.unwrap().of(&slug("recognition")).into_iter().map(|one| json!(one.id)).collect();
    assert_eq!(found, [waits["application"].clone()]);
    received(&countries, &app).await;
    assert_eq!(app.waiting().await.unwrap().count(&slug("recognition")), 2);
}
