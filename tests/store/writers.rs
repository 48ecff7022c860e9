//! Many writers at once.

use super::*;
use std::collections::BTreeSet;
use testamur::store::{Conflict, StoreError};

/// 64 writers, each trying every number of a small range with ids, slots and idempotency keys that others try too:
/// each thing is given out once, and whoever was told so has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_writers_one_wins_each_thing() {
    let bed = Bed::sled().with_institution("ha-noi").await;
    let store = bed.store.clone().unwrap();
    let writers: Vec<_> = (0..64u64)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let (mut won, mut lost) = (vec![], 0);
                for number in 0..24u64 {
                    // Same slot for all; own id for half of them; own idempotency key for a quarter.
                    let unique = 1000 + writer * 100 + number;
                    let base = if writer % 2 == 0 { record(unique) } else { record(number) };
                    let request = if writer % 4 == 0 { unique } else { number };
                    let record = CredentialRecord {
                        slots: record(number).slots,
                        idempotency: Some((format!("request-{request}"), [0; 32])),
                        ..base
                    };
                    match store.commit(vec![issued(record.clone())]).await {
                        Ok(_) => won.push(record),
                        Err(StoreError::Conflict(
                            Conflict::Slot(_) | Conflict::Id(_) | Conflict::Idempotency { .. },
                        )) => lost += 1,
                        Err(other) => panic!("{other:?}"),
                    }
                }
                (won, lost)
            })
        })
        .collect();
    let (mut won, mut lost) = (vec![], 0);
    for writer in writers {
        let (some, others) = writer.await.unwrap();
        won.extend(some);
        lost += others;
    }
    assert_eq!((won.len(), lost), (24, 64 * 24 - 24));
    let slots: BTreeSet<_> = won.iter().flat_map(|record| record.slots.clone()).collect();
    assert_eq!(slots.len(), 48);
    for record in won {
        assert_eq!(bed.store().credential(record.id).await, Ok(Some(record)));
    }
    bed.assert_clean().await;
}

/// One list filled to its last bit. Debug builds fill a sixteenth of it: every slot is a commit of its own kind of work,
/// and unoptimized they would take a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_fills_to_its_last_slot() {
    const WRITERS: u32 = 64;
    let slots: u32 = if cfg!(debug_assertions) { 131_072 / 16 } else { 131_072 };
    let bed = Bed::sled().with_institution("ha-noi").await;
    let store = bed.store.clone().unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for index in (0..slots).filter(|index| index % WRITERS == writer) {
                    let record = CredentialRecord {
                        slots: vec![slot(Purpose::Revocation, index)],
                        body: Some(b"{}".to_vec()),
                        idempotency: None,
                        digest: Sha256::digest(b"{}").into(),
                        ..record(u64::from(index))
                    };
                    store.commit(vec![issued(record)]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let state = store.list(&list(Purpose::Revocation)).await.unwrap();
    assert!(state.taken.into_iter().eq(0..slots));
    let again = CredentialRecord { slots: vec![slot(Purpose::Revocation, slots / 2)], ..record(1 << 40) };
    let taken = Conflict::Slot(slot(Purpose::Revocation, slots / 2));
    assert_eq!(store.commit(vec![issued(again)]).await, Err(StoreError::Conflict(taken)));
    bed.assert_clean().await;
}

/// While writers write, a reader that is shown a fact finds all of the commit that wrote it, and a feed has no gaps.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_sees_whole_commits() {
    let bed = Bed::sled().with_institution("ha-noi").await;
    let store = bed.store.clone().unwrap();
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 1..=300 {
                let both = vec![issued(record(number)), status(number, Purpose::Suspension, false, true)];
                store.commit(both).await.unwrap();
            }
        })
    };
    let mut seen = 0;
    while seen < 601 {
        let page = store.changes(None, 10_000).await.unwrap();
        assert!(page.items.iter().map(|entry| entry.cursor.0).eq(1..=page.items.len() as u64));
        assert_eq!(page.items.len() % 2, 1, "half a commit was shown");
        seen = page.items.len();
        if let Some(entry) = page.items.last().filter(|entry| entry.what == "status-set") {
            let id = CredentialId::parse(&entry.subject).unwrap();
            assert!(store.credential(id).await.unwrap().is_some());
            assert_eq!(store.status_events(id).await.unwrap().len(), 1);
        }
        store.list(&list(Purpose::Suspension)).await.unwrap();
    }
    writer.await.unwrap();
    bed.assert_clean().await;
}
