//! What authorities count: deliveries follow one another, of two at once one is taken, and damage to them is found.

use super::*;
use testamur::store::{Behind, Cohort, Conflict, CountedLeaf, CountedLog, Cursor, Delivery, StoreError};

every_engine! { leaves_are_delivered_in_order, of_deliveries_at_once_one_is_taken, cohorts_are_kept_each }

const LOG: &str = "log.example.org/2026";

fn delivery(from: u64, leaves: usize, size: u64) -> Delivery {
    let leaf = |index: usize| CountedLeaf::Credential {
        institution: Did::parse("did:web:example.org").unwrap(),
        r#type: "diploma".to_owned(),
        programme: index.is_multiple_of(2).then(|| "urn:hàn".to_owned()),
        award_date: Some("2026-06-30".to_owned()),
    };
    Delivery {
        authority: slug("moet"),
        origin: LOG.to_owned(),
        from,
        leaves: (0..leaves).map(leaf).collect(),
        size,
        by: "did:web:example.org#z6Mk".to_owned(),
        at: later(from as i64),
    }
}

fn delivered(delivery: &Delivery) -> Vec<Change> {
    vec![Change::Delivered(Box::new(delivery.clone()))]
}

fn seen(size: u64, hours: i64) -> Vec<Change> {
    let behind = Behind { size, since: later(hours) };
    vec![Change::LogSeen { authority: slug("moet"), origin: LOG.to_owned(), behind }]
}

async fn refused(bed: &Bed, changes: Vec<Change>) {
    assert_eq!(bed.store().commit(changes).await, Err(StoreError::Conflict(Conflict::CountMoved)));
}

fn log(next: u64, behind: Option<(u64, i64)>) -> Vec<CountedLog> {
    let behind = behind.map(|(size, hours)| Behind { size, since: later(hours) });
    vec![CountedLog { origin: LOG.to_owned(), next, behind }]
}

async fn leaves_are_delivered_in_order(bed: Bed) {
    let mut bed = bed.with_institution("moet").await;
    let moet = slug("moet");
    let nobody = Delivery { authority: slug("molisa"), ..delivery(0, 1, 9) };
    let unknown = bed.store().commit(delivered(&nobody)).await;
    assert_eq!(unknown, Err(StoreError::Conflict(Conflict::NoInstitution(slug("molisa")))));
    for wrong in [delivery(1, 1, 9), delivery(0, 0, 9), delivery(0, 257, 900), delivery(0, 10, 9)] {
        refused(&bed, delivered(&wrong)).await;
    }
    assert_eq!(bed.store().counted_logs(&moet).await, Ok(vec![]));
    refused(&bed, seen(0, 1)).await;
    bed.store().commit(seen(4, 1)).await.unwrap();
    refused(&bed, seen(9, 2)).await;
    assert_eq!(bed.store().counted_logs(&moet).await, Ok(log(0, Some((4, 1)))));
    let (one, two, three) = (delivery(0, 3, 300), delivery(3, 256, 300), delivery(259, 41, 300));
    bed.store().commit(delivered(&one)).await.unwrap();
    assert_eq!(bed.store().counted_logs(&moet).await, Ok(log(3, Some((4, 1)))), "the oldest is still out");
    refused(&bed, delivered(&one)).await;
    refused(&bed, [delivered(&two), delivered(&two)].concat()).await;
    bed.store().commit(delivered(&two)).await.unwrap();
    assert_eq!(bed.store().counted_logs(&moet).await, Ok(log(259, Some((300, 3)))));
    bed.store().commit(delivered(&three)).await.unwrap();
    let other = Delivery { origin: "log.example.org/2027".to_owned(), ..delivery(0, 1, 1) };
    let last = bed.store().commit(delivered(&other)).await.unwrap();
    for _ in 0..2 {
        let store = bed.store();
        let logs = store.counted_logs(&moet).await.unwrap();
        assert_eq!(logs[..1], log(300, None));
        assert_eq!((logs.len(), logs[1].next), (2, 1));
        let all = vec![one.clone(), two.clone(), three.clone()];
        assert_eq!(store.deliveries(&moet, LOG, 0, 9).await, Ok(all.clone()));
        assert_eq!(store.deliveries(&moet, LOG, 3, 1).await, Ok(all[1..2].to_vec()));
        assert_eq!(store.deliveries(&moet, "log.example.org", 0, 9).await, Ok(vec![]));
        let fact = store.changes(Some(Cursor(last.0 - 2)), 1).await.unwrap().items.remove(0);
        assert_eq!(
            (fact.what.as_str(), fact.subject.as_str(), fact.institution),
            ("leaves-delivered", "log.example.org/2026/259-300", Some(moet.clone()))
        );
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn of_deliveries_at_once_one_is_taken(bed: Bed) {
    let bed = bed.with_institution("moet").await;
    for from in 0..10 {
        let all: Vec<_> = (0..8).map(|by| Delivery { by: by.to_string(), ..delivery(from, 1, 10) }).collect();
        let taken = all.iter().map(|one| bed.store().commit(delivered(one)));
        let taken = futures_util::future::join_all(taken).await;
        let first = taken.iter().position(Result::is_ok).unwrap();
        assert_eq!(taken.iter().filter(|result| result.is_ok()).count(), 1);
        let kept = bed.store().deliveries(&slug("moet"), LOG, from, 1).await.unwrap();
        assert_eq!(kept, [all[first].clone()]);
    }
    bed.assert_clean().await;
}

async fn cohorts_are_kept_each(bed: Bed) {
    let mut bed = bed.with_institution("moet").await.with_institution("moes").await;
    let cohort = |name: &str, graduates| Cohort {
        authority: slug(name),
        issuer: Did::parse("did:web:example.org").unwrap(),
        r#type: "diploma".to_owned(),
        programme: "urn:hàn".to_owned(),
        award_date: "2026-06-30".to_owned(),
        graduates,
        decision: None,
        at: later(1),
        actor: "ministry".to_owned(),
    };
    for (name, graduates) in [("moet", 30), ("moes", 4), ("moet", 31), ("moet", 29)] {
        let change = Change::CohortAnnounced(Box::new(cohort(name, graduates)));
        bed.store().commit(vec![change]).await.unwrap();
    }
    for _ in 0..2 {
        let store = bed.store();
        let page = store.cohorts(&slug("moet"), None, 2).await.unwrap();
        let told = |page: &testamur::store::Page<(Cursor, Cohort)>| -> Vec<u64> {
            page.items.iter().map(|(_, cohort)| cohort.graduates).collect()
        };
        assert_eq!((told(&page), page.next), (vec![30, 31], Some(page.items[1].0)));
        let rest = store.cohorts(&slug("moet"), page.next, 2).await.unwrap();
        assert_eq!((told(&rest), rest.next), (vec![29], None));
        assert_eq!(told(&store.cohorts(&slug("moes"), None, 9).await.unwrap()), [4]);
        assert!(store.cohorts(&slug("moet"), Some(rest.items[0].0), 9).await.unwrap().items.is_empty());
        bed.assert_clean().await;
        bed.reopen();
    }
}
