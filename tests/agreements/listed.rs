//! A party that a trust list names signs with a key of that list: whoever has its domain now does not.

use serde_json::json;
use testamur::institution::Slug;
use testamur::issue::operator;

use super::filed::{signed_by, terms};
use crate::trust::ministry::Ministry;

const SIGN: &str = "/agreements/VN-LA-1/signature";

#[tokio::test]
async fn who_has_the_domain_of_a_listed_college_does_not_sign_for_it() {
    let (ministry, _) = Ministry::accrediting().await;
    let house = &ministry.house;
    let neighbour = house.neighbour();
    let filed = neighbour.post("/agreements", &json!({"agreement": terms(house, "VN-LA-1")})).await;
    assert_eq!(filed.status, 201, "{}", filed.text());
    let begun = neighbour.post(SIGN, &json!({})).await.json()["verifiableCredential"].clone();
    let honest = signed_by(house, "ha-noi", &begun).await;

    // A key that the DID document serves and the list of the ministry does not name.
    let slug = Slug::parse("ha-noi").unwrap();
    testamur::administer::new_key(&house.app, &operator(house.app.now()), &slug, false).await.unwrap();
    let forged = signed_by(house, "ha-noi", &begun).await;
    assert_ne!(forged["proof"][1]["verificationMethod"], honest["proof"][1]["verificationMethod"]);
    let refused = neighbour.post(SIGN, &json!({"verifiableCredential": forged})).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("trust list"), "{}", refused.text());
    let taken = neighbour.post(SIGN, &json!({"verifiableCredential": honest})).await;
    assert_eq!(taken.json()["signedBy"], "parties", "{}", taken.text());
}
