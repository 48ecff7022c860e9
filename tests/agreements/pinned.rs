//! What an award of Laos is worth in Vietnam, told in Laos by the trust list of Vietnam that is pinned there.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::institution::Kind;
use testamur::issue::operator;
use testamur::pin;
use testamur::store::{Change, Filing, Register};
use testamur::text::{LangTag, LocalizedText};

use crate::recognise::laos::Countries;
use crate::support::{diploma, page_of};
use crate::trust::ministry::slug;

/// Terms by which Vietnam recognises diplomas of Laos.
fn terms(countries: &Countries) -> Value {
    json!({
        "agreementId": "LA-VN-1", "name": "Comparable diplomas", "kind": "ministry",
        "effectiveFrom": "2026-01-01", "effectiveTo": "2031-12-31", "signedOn": "2025-12-20",
        "party": [{"id": countries.vietnam.house.did("moet"), "territory": "VN"},
            {"id": "did:web:moes.la.example", "territory": "LA"}],
        "scope": [{"origin": "LA", "receiving": "VN", "framework": "LNQF", "levelMin": 5, "levelMax": 5, "automatic": true,
            "target": "VQF:5"}],
        "instrument": {"digestMultibase": "uEiAwe--1z2Y5tf6dOwPOEk466inzvRHUGW7i9S9yhr5Mxg"},
    })
}

impl Countries {
    async fn vietnam_says(&self, path: &str, body: Value) {
        let answer = self.vietnam.actor().post(path, &body).await;
        assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text());
    }

    /// A diploma of a college in Laos, LNQF 5.
    async fn lao_diploma(&self) -> Value {
        let app = &self.laos.app;
        let mut name = LocalizedText::default();
        name.set(LangTag::parse("en").unwrap(), "Pakse College");
        let new = NewInstitution {
            slug: slug("pakse"),
            name,
            naming: Naming::Web,
            country: Some("LA".to_owned()),
            contact: None,
            kind: Kind::College,
        };
        administer::found(app, &operator(app.now()), new).await.unwrap();
        let mut draft = diploma();
        draft["credentialSubject"]["achievement"]["alignment"] = json!([{"type": ["Alignment"], "targetName": "LNQF 5",
            "targetUrl": "https://x.example/LNQF/5", "targetFramework": "LNQF", "targetCode": "5",
            "targetType": "ext:FrameworkLevel"}]);
        let request = json!({"credential": draft, "options": {"institution": "pakse"}});
        let issued = self.laos.admin().post("/credentials/issue", &request).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
        issued.json()["verifiableCredential"].clone()
    }

    async fn refresh(&self) {
        let app = &self.laos.app;
        pin::refresh(&app.fetcher, &app.pins, "VN", app.now()).await.unwrap();
        app.registry.pin(app.pins.load().unwrap());
    }

    /// What agreements give the award in Vietnam.
    async fn offers(&self, award: &Value) -> Vec<Value> {
        let request = json!({"verifiableCredential": award, "options": {"country": "VN"}});
        let told = self.laos.stranger().post("/credentials/verify", &request).await.json();
        assert_eq!(told["worth"]["origin"], "LA", "{told}");
        told["worth"]["agreements"].as_array().cloned().unwrap_or_default()
    }

    /// The recognition centre of Laos has the agreement in its own register too.
    async fn kept_in_laos(&self, version: u64, history: Value) {
        let app = &self.laos.app;
        let body = json!({"agreement": terms(self), "history": history});
        let filing = Filing {
            institution: slug("recognition"),
            register: Register::Agreement,
            id: "LA-VN-1".to_owned(),
            version,
            at: app.now(),
            actor: "registrar".to_owned(),
            body: Some(body.to_string().into_bytes()),
        };
        app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
    }
}

#[tokio::test]
async fn a_pinned_list_tells_what_its_country_gives() {
    let countries = Countries::new().await;
    let award = countries.lao_diploma().await;
    assert!(countries.offers(&award).await.is_empty());
    countries.vietnam_says("/agreements", json!({"agreement": terms(&countries)})).await;
    countries.vietnam_says("/agreements/LA-VN-1/state", json!({"state": "signed"})).await;
    assert!(countries.offers(&award).await.is_empty(), "nobody has fetched that list yet");
    countries.refresh().await;
    let offers = countries.offers(&award).await;
    assert_eq!(offers.len(), 1, "{offers:?}");
    let offer = &offers[0];
    assert_eq!((&offer["name"], &offer["level"]), (&json!("Comparable diplomas"), &json!("VQF:5")));
    assert_eq!(
        (&offer["keeper"], &offer["signed"]),
        (&json!(countries.vietnam.house.did("moet")), &json!(false))
    );
    let list = &countries.vietnam.list().await;
    assert_eq!(offer["list"], json!({"territory": "VN", "sequence": list.sequence, "date": "2026-11-22"}));
    let page = countries.laos.browser().get(&format!("{}?country=VN&lang=en", page_of(&award))).await.text();
    assert!(
        page.contains("told by the trust list of Viet") && page.contains("Comparable diplomas"),
        "{page}"
    );

    // Both have it: once, as it is kept here; and not at all where either of the two has ended it.
    let signed = json!({"state": "signed", "since": "2025-12-20", "recordedAt": "2026-01-02T00:00:00Z"});
    countries.kept_in_laos(1, json!([])).await;
    assert!(countries.offers(&award).await[0].get("list").is_some(), "a draft here says nothing");
    countries.kept_in_laos(2, json!([signed])).await;
    let offers = countries.offers(&award).await;
    assert_eq!((offers.len(), offers[0].get("list")), (1, None));
    assert_eq!(offers[0]["keeper"], countries.laos.did("recognition"));
    let ended = json!({"state": "terminated", "since": "2026-11-22", "recordedAt": "2026-11-22T07:00:00Z", "reason": "x"});
    countries.kept_in_laos(3, json!([signed, ended])).await;
    assert!(countries.offers(&award).await.is_empty());
}

#[tokio::test]
async fn a_list_that_has_ended_it_or_is_out_of_date_gives_nothing() {
    let countries = Countries::new().await;
    let award = countries.lao_diploma().await;
    countries.vietnam_says("/agreements", json!({"agreement": terms(&countries)})).await;
    countries.vietnam_says("/agreements/LA-VN-1/state", json!({"state": "signed"})).await;
    countries.refresh().await;
    let signed = json!({"state": "signed", "since": "2025-12-20", "recordedAt": "2026-01-02T00:00:00Z"});
    countries.pass(SignedDuration::from_hours(40 * 24));
    assert!(countries.offers(&award).await.is_empty(), "stale");
    testamur::publish::trust::list::renew(&countries.vietnam.house.app, &slug("moet")).await.unwrap();
    countries.refresh().await;
    assert_eq!(countries.offers(&award).await.len(), 1);
    countries.kept_in_laos(1, json!([signed])).await;
    let asked = json!({"state": "suspended", "reason": "talks"});
    countries.vietnam_says("/agreements/LA-VN-1/state", asked).await;
    countries.refresh().await;
    assert!(countries.offers(&award).await.is_empty(), "the register here has not heard of it, the list has");
}

#[tokio::test]
async fn the_order_in_which_each_country_names_the_parties_makes_no_difference() {
    let countries = Countries::new().await;
    let award = countries.lao_diploma().await;
    countries.vietnam_says("/agreements", json!({"agreement": terms(&countries)})).await;
    countries.vietnam_says("/agreements/LA-VN-1/state", json!({"state": "signed"})).await;
    let mut own = terms(&countries);
    own["party"].as_array_mut().unwrap().reverse();
    let signed = json!([{"state": "signed", "since": "2025-12-20", "recordedAt": "2026-01-02T00:00:00Z"}]);
    let body = json!({"agreement": own, "history": signed});
    let filing = Filing {
        institution: slug("recognition"),
        register: Register::Agreement,
        id: "LA-VN-1".to_owned(),
        version: 1,
        at: countries.laos.app.now(),
        actor: "registrar".to_owned(),
        body: Some(body.to_string().into_bytes()),
    };
    countries.laos.app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
    countries.refresh().await;
    assert_eq!(countries.offers(&award).await.len(), 1, "told once");
    let ended = json!({"state": "terminated", "reason": "notice"});
    countries.vietnam_says("/agreements/LA-VN-1/state", ended).await;
    countries.refresh().await;
    assert!(countries.offers(&award).await.is_empty(), "the list of Vietnam has ended it");
}

#[tokio::test]
async fn a_list_full_of_conditions_does_not_fill_the_page() {
    let countries = Countries::new().await;
    let award = countries.lao_diploma().await;
    let row = |number: usize| {
        let mut terms = terms(&countries);
        terms["agreementId"] = json!(format!("A-{number}"));
        let condition = json!({"field": "x", "op": "eq", "value": "\u{202e}".repeat(500)});
        terms["scope"][0]["conditions"] = json!(vec![condition; 64]);
        terms["state"] = json!("signed");
        terms
    };
    let file = json!({"agreements": (0..6).map(row).collect::<Vec<_>>()});
    countries.vietnam_says("/agreements/import", file).await;
    testamur::publish::trust::list::renew(&countries.vietnam.house.app, &slug("moet")).await.unwrap();
    countries.refresh().await;
    assert_eq!(countries.offers(&award).await.len(), 6);
    let page = countries.laos.browser().get(&format!("{}?country=VN&lang=en", page_of(&award))).await.text();
    assert!(page.contains("56 more conditions.") && page.len() < 60_000, "{} bytes", page.len());
}
