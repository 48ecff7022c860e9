//! `GET /1.0/identifiers/{did}`

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::support::{Answer, TestHouse};

const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

async fn resolve(house: &TestHouse, did: &str, query: &str) -> Answer {
    let encoded = utf8_percent_encode(did, NON_ALPHANUMERIC);
    let actor =
        house.stranger().with("accept", "application/ld+json;profile=\"https://w3id.org/did-resolution\"");
    actor.get(&format!("/1.0/identifiers/{encoded}{query}")).await
}

#[tokio::test]
async fn dids_of_many_methods_resolve() {
    let house = TestHouse::new().await;
    for did in [format!("did:key:{KEY}"), house.did("ha-noi"), house.did("conformance")] {
        let answer = resolve(&house, &did, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let result = answer.json();
        assert_eq!(result["didDocument"]["id"], did);
        assert_eq!(result["didResolutionMetadata"]["contentType"], "application/did+ld+json");
        assert!(result["didDocumentMetadata"].is_object() && result["@context"].is_string());
        let plain = house.stranger().get(&format!("/1.0/identifiers/{did}")).await;
        assert_eq!(plain.json()["didDocument"], result["didDocument"], "written without encoding");
        let bare = house
            .stranger()
            .with("accept", "application/did+json")
            .get(&format!("/1.0/identifiers/{did}"))
            .await;
        assert_eq!(
            (bare.header("content-type"), bare.json()),
            ("application/did+json", result["didDocument"].clone())
        );
    }
}

#[tokio::test]
async fn a_key_is_dereferenced() {
    let house = TestHouse::new().await;
    let url = format!("did:key:{KEY}#{KEY}");
    let answer = resolve(&house, &url, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let result = answer.json();
    assert_eq!(result["didDocument"]["id"], url);
    assert_eq!(result["didDocument"]["controller"], format!("did:key:{KEY}"));
    assert!(result["didDereferencingMetadata"].get("error").is_none());
    assert_eq!(result["contentStream"], result["didDocument"]);
}

#[tokio::test]
async fn errors_have_the_standard_names() {
    let house = TestHouse::new().await;
    let resolution = |result: &Value| result["didResolutionMetadata"]["error"].clone();
    for (did, query, status, error) in [
        (format!("notDid:key:{KEY}"), "", 400, "invalidDid"),
        (format!("did:experimental:{KEY}"), "", 501, "methodNotSupported"),
        (format!("did:key:-4:{KEY}"), "", 400, "invalidDid"),
        (format!("did:key:{}", &KEY[1..]), "", 400, "invalidDid"),
        ("did:key:@".to_owned(), "", 400, "invalidDid"),
        ("did:key:zTjsVPtY".to_owned(), "", 400, "invalidPublicKeyLength"),
        (format!("did:key:{KEY}"), "?publicKeyFormat=unknown", 400, "unsupportedPublicKeyType"),
        ("did:web:localhost%3A8080:institutions:nobody".to_owned(), "", 404, "notFound"),
        ("did:jwk:e30".to_owned(), "", 400, "invalidDid"),
    ] {
        let answer = resolve(&house, &did, query).await;
        assert_eq!((answer.status, resolution(&answer.json())), (status, Value::from(error)), "{did}");
        assert!(answer.json()["didDocument"].is_object());
        assert!(answer.header("content-type").contains("json"));
    }
    let dereferencing = |result: &Value| result["didDereferencingMetadata"]["error"].clone();
    for (url, query, status, error) in [
        (format!("did:key:{KEY}/^bar^/?query=`#{KEY}"), "", 400, "invalidDidUrl"),
        (
            format!("did:key:{KEY}#{KEY}"),
            "?publicKeyFormat=Ed25519VerificationKey2018&enableExperimentalPublicKeyTypes=false",
            400,
            "invalidPublicKeyType",
        ),
        (
            format!("did:key:{KEY}#z6LSother"),
            "?publicKeyFormat=Ed25519VerificationKey2018",
            400,
            "invalidPublicKeyType",
        ),
        (format!("did:key:{KEY}#other"), "", 404, "notFound"),
    ] {
        let answer = resolve(&house, &url, query).await;
        assert_eq!((answer.status, dereferencing(&answer.json())), (status, Value::from(error)), "{url}");
    }
    let picture =
        house.stranger().with("accept", "image/png").get(&format!("/1.0/identifiers/did:key:{KEY}")).await;
    assert_eq!(
        (picture.status, resolution(&picture.json())),
        (406, Value::from("representationNotSupported"))
    );
}
