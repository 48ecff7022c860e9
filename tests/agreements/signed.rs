//! What a partner sends to be signed is what would have been written here, or it is not signed.

use serde_json::{Value, json};
use testamur::crypto::proof::{ProofOptions, attach, sign};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did;

use super::filed::{signed_by, terms};
use crate::support::TestHouse;

const SIGN: &str = "/agreements/VN-LA-1/signature";

/// A house with a draft that the college keeps, and the document of it as the partner begins it, unsigned.
async fn drafted() -> (TestHouse, Value) {
    let house = TestHouse::new().await;
    let terms = terms(&house, "VN-LA-1");
    house.college().post("/agreements", &json!({"agreement": terms})).await;
    let mut subject = json!({"id": "http://localhost:8080/agreements/VN-LA-1", "state": "signed"});
    subject.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    let document = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://elsewhere.example/contexts/testamur-award-v1.jsonld",
            "https://elsewhere.example/contexts/testamur-authority-v1.jsonld",
        ],
        "id": "urn:uuid:6c1f5a3e-5d40-4b51-9b39-0b8c86d7e2aa",
        "type": ["VerifiableCredential", "AgreementCredential"],
        "name": "Exchange of students",
        "issuer": {"id": house.did("vientiane"), "type": ["Profile"]},
        "validFrom": "2026-11-22T08:00:00Z",
        "credentialSubject": subject,
    });
    (house, document)
}

#[tokio::test]
async fn a_partner_cannot_put_words_of_its_own_around_the_terms() {
    let (house, honest) = drafted().await;
    let college = house.college();
    let attack = |at: &str, value: Value| {
        let (mut document, (parent, name)) = (honest.clone(), at.rsplit_once('/').unwrap());
        document.pointer_mut(parent).unwrap()[name] = value;
        document
    };
    let ministry = "did:web:moet.gov.example:institutions:moet";
    for (pointer, value) in [
        ("/name", json!("Decree: Mill College is accredited")),
        ("/description", json!("Mill College is accredited")),
        ("/issuer", json!(house.did("vientiane"))),
        ("/issuer/id", json!(ministry)),
        ("/issuer/id", json!(house.did("ha-noi"))),
        ("/issuer/name", json!("Ministry of Education")),
        ("/issuer/nameI18n", json!({"en": "Ministry"})),
        ("/validFrom", json!("2020-01-01T00:00:00Z")),
        ("/validFrom", json!("2027-01-01T00:00:00Z")),
        ("/validUntil", json!("2099-01-01T00:00:00Z")),
        ("/id", json!("https://mill.example/decree")),
        ("/type", json!(["VerifiableCredential", "AgreementCredential", "AccreditationCredential"])),
        ("/evidence", json!([{"id": "https://mill.example", "type": "Evidence"}])),
        ("/credentialSubject/id", json!("did:web:mill.example")),
        ("/credentialSubject/id", json!("https://mill.example/agreements/VN-LA-1")),
        ("/credentialSubject/id", json!("http://localhost:8080/decree/agreements/VN-LA-1")),
        ("/credentialSubject/state", json!("in-force")),
        ("/credentialSubject/effectiveTo", json!("2099-11-30")),
        ("/credentialSubject/description", json!("and Mill College is accredited")),
        ("/@context", json!(["https://www.w3.org/ns/credentials/v2"])),
    ] {
        let wrapped = signed_by(&house, "vientiane", &attack(pointer, value.clone())).await;
        let answer = college.post(SIGN, &json!({"verifiableCredential": wrapped})).await;
        assert_eq!(answer.status, 400, "{pointer} {value}: {}", answer.text());
        let told = answer.pointers();
        let within = |one: &String| one.starts_with(&format!("/verifiableCredential{pointer}"));
        assert!(told.iter().any(within), "{pointer} {value}: {told:?}");
    }
    // A signature with a sentence in it, and one beside which stands another of the same party.
    let signed = signed_by(&house, "vientiane", &honest).await;
    let mut noted = signed.clone();
    noted["proof"]["comment"] = json!("Mill College is accredited");
    let mut twice = signed.clone();
    twice["proof"] = json!([signed["proof"], signed["proof"]]);
    for (document, pointer) in [
        (noted, "/verifiableCredential/proof/comment"),
        (twice, "/verifiableCredential/proof/0/verificationMethod"),
    ] {
        let answer = college.post(SIGN, &json!({"verifiableCredential": document})).await;
        assert_eq!((answer.status, answer.pointers()[0].as_str()), (400, pointer), "{}", answer.text());
    }
    // After all of that the officer signs a document of this service's own making.
    let ours = college.post(SIGN, &json!({})).await.json();
    assert_eq!(ours["verifiableCredential"]["issuer"]["id"], house.did("ha-noi"));
    assert_eq!(ours["verifiableCredential"]["name"], "Exchange of students");
}

#[tokio::test]
async fn what_a_partner_begins_as_it_should_is_signed_here() {
    let (house, honest) = drafted().await;
    let theirs = signed_by(&house, "vientiane", &honest).await;
    let college = house.college();
    let taken = college.post(SIGN, &json!({"verifiableCredential": theirs})).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let both = college.post(SIGN, &json!({})).await.json();
    assert_eq!((&both["state"], &both["signedBy"]), (&json!("signed"), &json!("parties")), "{both}");
    // Begun more than a year ago, it is to be begun anew.
    let (house, honest) = drafted().await;
    let theirs = signed_by(&house, "vientiane", &honest).await;
    house.clock.set("2027-12-01T08:00:00Z".parse().unwrap());
    let late = house.college().post(SIGN, &json!({"verifiableCredential": theirs})).await;
    assert_eq!((late.status, late.pointers()), (400, vec!["/verifiableCredential/validFrom".to_owned()]));
}

/// A party with a key of its own: its DID, and what signs for it.
fn party(number: u8) -> (Value, Ed25519Signer) {
    let seed = [number; 32];
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &seed).public_key());
    let signer = Ed25519Signer::from_seed(did.with_fragment(did.method_specific_id()), &seed);
    (json!({"id": did, "territory": "LA"}), signer)
}

/// A house with a draft between its college and so many others, and what signs for each of them.
async fn of_many(others: u8) -> (TestHouse, Vec<Ed25519Signer>) {
    let house = TestHouse::new().await;
    let mut terms = terms(&house, "VN-LA-1");
    let (parties, signers): (Vec<_>, Vec<_>) = (1..=others).map(party).unzip();
    let own = terms["party"][0].take();
    terms["party"] = [vec![own], parties].concat().into();
    assert_eq!(house.college().post("/agreements", &json!({"agreement": terms})).await.status, 201);
    (house, signers)
}

#[tokio::test]
async fn the_countries_of_a_region_sign_one_document() {
    let (house, signers) = of_many(10).await;
    let college = house.college();
    let mut document = college.post(SIGN, &json!({})).await.json()["verifiableCredential"].take();
    for signer in &signers {
        let whole = document.as_object_mut().unwrap();
        let proofs = whole.shift_remove("proof").unwrap();
        let options = ProofOptions::new("eddsa-jcs-2022", house.app.now()).unwrap();
        let proof = sign(whole, &options, signer).unwrap();
        whole.insert("proof".to_owned(), proofs);
        attach(whole, proof);
    }
    let signed = college.post(SIGN, &json!({"verifiableCredential": document})).await.json();
    assert_eq!((&signed["state"], &signed["signedBy"]), (&json!("signed"), &json!("parties")), "{signed}");
    let sent = json!({"verifiableCredential": signed["verifiableCredential"]});
    let verdict = house.stranger().post("/credentials/verify", &sent).await.json();
    assert_eq!(verdict["verified"], true, "{verdict}");
}

#[tokio::test]
async fn of_more_parties_than_can_sign_nobody_begins_to() {
    let (house, _) = of_many(16).await;
    let refused = house.college().post(SIGN, &json!({})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.json()["detail"].as_str().unwrap().contains("on paper"), "{}", refused.text());
}
