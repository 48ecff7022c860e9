//! What the service has in memory of agreements is what its store has.

use serde_json::{Value, json};
use testamur::credential::validity::Day;
use testamur::institution::Slug;
use testamur::recognition::{Registered, State};
use testamur::store::{Change, Filing, Register};

use crate::support::TestHouse;

fn filing(house: &TestHouse, register: Register, id: &str, version: u64, body: &Value) -> Change {
    Change::Filed(Box::new(Filing {
        institution: Slug::parse("ha-noi").unwrap(),
        register,
        id: id.to_owned(),
        version,
        at: house.app.now(),
        actor: "registrar".to_owned(),
        body: Some(body.to_string().into_bytes()),
    }))
}

#[tokio::test]
async fn memory_follows_the_store_and_comes_back_with_it() {
    let house = TestHouse::new().await;
    let terms = json!({
        "agreementId": "VN-LA-1", "kind": "institution", "effectiveFrom": "2026-01-01", "effectiveTo": "2027-12-31",
        "party": [{"id": house.did("ha-noi"), "territory": "VN"}, {"id": house.did("vientiane"), "territory": "LA"}],
    });
    let draft = json!({"agreement": terms, "history": []});
    let activity = json!({"activityId": "X-1", "agreementId": "VN-LA-1", "type": "short-course"});
    let first = vec![
        filing(&house, Register::Agreement, "VN-LA-1", 1, &draft),
        filing(&house, Register::Activity, "X-1", 1, &activity),
    ];
    house.app.commit(first).await.unwrap();
    let kept = house.app.registry.agreements();
    assert_eq!((kept.count(), kept.activity_count()), (1, 1));
    let member = house.app.registry.member(&Slug::parse("ha-noi").unwrap()).unwrap();
    assert_eq!(kept.of(&member).count(), 0, "a draft recognises nothing");

    let entry = json!({"state": "signed", "since": "2025-12-01", "recordedAt": "2025-12-02T00:00:00Z"});
    let signed = json!({"agreement": terms, "history": [entry]});
    let second = filing(&house, Register::Agreement, "VN-LA-1", 2, &signed);
    house.app.commit(vec![second.clone()]).await.unwrap();
    assert!(house.app.commit(vec![second]).await.is_err(), "the same version twice");
    let reopened = house.reopened().await;
    for app in [&house.app, &reopened] {
        let kept = app.registry.agreements();
        let file = kept.get("VN-LA-1").unwrap();
        assert_eq!((file.version, file.signed, file.on_paper), (2, false, true));
        assert_eq!(file.registered, Registered::read(&signed).unwrap());
        let on = |day: &str| file.registered.state_on(Day::parse(day).unwrap());
        assert_eq!((on("2027-12-31"), on("2028-01-01")), (State::InForce, State::Expired));
        assert_eq!(file.document["state"], "in-force");
        assert_eq!(kept.of(&member).count(), 1);
        assert_eq!(kept.activity(&member.institution.slug, "X-1").unwrap().activity.to_value(), activity);
    }
}
