//! The promises of the trait, one test each, over every engine.

use super::*;
use testamur::registry::Registry;
use testamur::store::{Conflict, Cursor, Founding, ListState, Receipt, StoreError};
use testamur::urls::Urls;

macro_rules! every_engine {
    ($($promise:ident),* $(,)?) => {
        mod memory { $(#[tokio::test] async fn $promise() { super::$promise(super::Bed::memory()).await; })* }
        mod sled { $(#[tokio::test] async fn $promise() { super::$promise(super::Bed::sled()).await; })* }
    };
}

every_engine! {
    a_new_store_is_empty, a_store_is_founded_once, institutions_have_their_own_slug_and_did, keys_live_and_retire,
    tokens_are_known_until_revoked, a_credential_comes_back_as_it_was, nothing_is_taken_twice,
    a_commit_is_all_or_nothing, a_status_is_set_as_it_was_seen, lists_are_published_in_order, trust_documents_are_published_in_order, an_institution_closes_for_good,
    an_older_list_goes_on_saying_what_is_set, erasure_leaves_what_proves, pages_follow_one_another, institutions_do_not_meet, large_bodies_are_kept,
}

/// What is set told from the events is what is set in the slots.
async fn same_statuses(bed: &Bed) {
    let institution = list(Purpose::Revocation).institution;
    let statuses = bed.store().statuses(&institution).await.unwrap();
    assert_eq!(statuses.len(), bed.store().lists(&institution).await.unwrap().len());
    assert!(!statuses.is_empty());
    for (key, state) in statuses {
        let whole = bed.store().list(&key).await.unwrap();
        assert_eq!(state, ListState { taken: vec![], ..whole });
    }
}

async fn conflict(bed: &Bed, changes: Vec<Change>) -> Conflict {
    let error = bed.store().commit(changes).await.unwrap_err();
    let StoreError::Conflict(conflict) = error else { unreachable!("expected a conflict: {error}") };
    conflict
}

async fn a_new_store_is_empty(mut bed: Bed) {
    for _ in 0..2 {
        let store = bed.store();
        assert_eq!(store.founding().await, Ok(None));
        assert_eq!(store.institutions().await, Ok(vec![]));
        assert_eq!(store.tokens().await, Ok(vec![]));
        assert_eq!(store.credential(id(1)).await, Ok(None));
        assert_eq!(store.status_events(id(1)).await, Ok(vec![]));
        assert_eq!(store.list(&list(Purpose::Revocation)).await, Ok(ListState::default()));
        assert_eq!(store.changes(None, 10).await.unwrap().items, vec![]);
        assert_eq!(store.writable().await, Ok(()));
        assert_eq!(store.commit(vec![]).await, Ok(Cursor(0)));
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn a_store_is_founded_once(mut bed: Bed) {
    let founding = Founding { public_url: "https://example.org".to_owned(), at: now() };
    assert_eq!(bed.store().commit(vec![Change::Founded(founding.clone())]).await, Ok(Cursor(1)));
    assert_eq!(conflict(&bed, vec![Change::Founded(founding.clone())]).await, Conflict::Founded);
    bed.reopen();
    assert_eq!(bed.store().founding().await, Ok(Some(founding)));
    bed.assert_clean().await;
}

async fn institutions_have_their_own_slug_and_did(mut bed: Bed) {
    let (first, mut second) = (institution("ha-noi"), institution("da-nang"));
    bed.store().commit(vec![Change::InstitutionFounded(first.clone())]).await.unwrap();
    let taken = |slug_: &str| Conflict::Institution(slug(slug_));
    assert_eq!(conflict(&bed, vec![Change::InstitutionFounded(first.clone())]).await, taken("ha-noi"));
    second.did = first.did.clone();
    assert_eq!(conflict(&bed, vec![Change::InstitutionFounded(second)]).await, taken("da-nang"));
    let second = institution("da-nang");
    bed.store().commit(vec![Change::InstitutionFounded(second.clone())]).await.unwrap();
    bed.reopen();
    assert_eq!(bed.store().institutions().await, Ok(vec![second, first]));
    bed.assert_clean().await;
}

async fn keys_live_and_retire(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    let added = |key: KeyRecord| vec![Change::KeyAdded { institution: slug("ha-noi"), key }];
    let changed = |key: KeyRecord| vec![Change::KeyChanged { institution: slug("ha-noi"), key }];
    bed.store().commit(added(key("z6MkSecond"))).await.unwrap();
    assert_eq!(conflict(&bed, added(key("z6MkSecond"))).await, Conflict::Key("z6MkSecond".to_owned()));
    assert_eq!(conflict(&bed, changed(key("z6MkThird"))).await, Conflict::Key("z6MkThird".to_owned()));
    let retired = KeyRecord { retired: Some(later(1)), ..key("z6MkFirst") };
    bed.store().commit(changed(retired.clone())).await.unwrap();
    assert_eq!(conflict(&bed, changed(key("z6MkFirst"))).await, Conflict::Key("z6MkFirst".to_owned()));
    let both = KeyRecord { compromised: Some(later(2)), ..retired };
    bed.store().commit(changed(both.clone())).await.unwrap();
    let elsewhere = vec![Change::KeyAdded { institution: slug("hue"), key: key("z6Mk") }];
    assert_eq!(conflict(&bed, elsewhere).await, Conflict::NoInstitution(slug("hue")));
    bed.reopen();
    let known = bed.store().institutions().await.unwrap();
    assert_eq!(known[0].keys, vec![both, key("z6MkSecond")]);
    assert_eq!(known[0].signing_key(), Some(&key("z6MkSecond")));
    bed.assert_clean().await;
}

async fn tokens_are_known_until_revoked(mut bed: Bed) {
    bed.store().commit(vec![Change::TokenAdded(token("aa")), Change::TokenAdded(token("bb"))]).await.unwrap();
    assert_eq!(conflict(&bed, vec![Change::TokenAdded(token("aa"))]).await, Conflict::Token);
    let revoked = |hash: &str, at| vec![Change::TokenRevoked { hash: hash.to_owned(), at }];
    assert_eq!(conflict(&bed, revoked("cc", now())).await, Conflict::Token);
    bed.store().commit(revoked("aa", later(1))).await.unwrap();
    bed.store().commit(revoked("aa", later(9))).await.unwrap();
    bed.reopen();
    let first = TokenRecord { revoked: Some(later(1)), ..token("aa") };
    assert_eq!(bed.store().tokens().await, Ok(vec![first, token("bb")]));
    bed.assert_clean().await;
}

async fn a_credential_comes_back_as_it_was(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    let plain =
        CredentialRecord { visibility: Visibility::Token, slots: vec![], idempotency: None, ..record(2) };
    bed.store().commit(vec![issued(record(1)), issued(plain.clone())]).await.unwrap();
    for _ in 0..2 {
        let store = bed.store();
        assert_eq!(store.credential(id(1)).await, Ok(Some(record(1))));
        assert_eq!(store.credential(id(2)).await, Ok(Some(plain.clone())));
        let ha_noi = slug("ha-noi");
        assert_eq!(store.by_claimed_id(&ha_noi, "https://example.org/c/1").await, Ok(Some(id(1))));
        assert_eq!(store.by_claimed_id(&ha_noi, "https://example.org/c/3").await, Ok(None));
        let receipt = Receipt { id: id(1), request: [1; 32] };
        assert_eq!(store.receipt(&ha_noi, "request-1").await, Ok(Some(receipt)));
        assert_eq!(store.receipt(&ha_noi, "request-2").await, Ok(None));
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn nothing_is_taken_twice(bed: Bed) {
    let bed = bed.with_institution("ha-noi").await;
    let elsewhere = CredentialRecord { institution: slug("hue"), ..record(1) };
    assert_eq!(conflict(&bed, vec![issued(elsewhere)]).await, Conflict::NoInstitution(slug("hue")));
    bed.store().commit(vec![issued(record(1))]).await.unwrap();

    let retried = Conflict::Idempotency { id: id(1), request: [1; 32] };
    assert_eq!(conflict(&bed, vec![issued(record(1))]).await, retried);
    let same = CredentialRecord { idempotency: None, ..record(1) };
    assert_eq!(conflict(&bed, vec![issued(same.clone())]).await, Conflict::Id(id(1).to_string()));
    let claims = CredentialRecord { id: id(2), ..same.clone() };
    assert_eq!(
        conflict(&bed, vec![issued(claims)]).await,
        Conflict::Id("https://example.org/c/1".to_owned())
    );
    let squats = CredentialRecord { slots: record(1).slots[1..].to_vec(), ..record(2) };
    let taken = Conflict::Slot(slot(Purpose::Suspension, 1));
    assert_eq!(conflict(&bed, vec![issued(squats)]).await, taken);
    let twice = vec![slot(Purpose::Revocation, 7), slot(Purpose::Revocation, 7)];
    let twice = CredentialRecord { slots: twice, ..record(2) };
    assert_eq!(conflict(&bed, vec![issued(twice)]).await, Conflict::Slot(slot(Purpose::Revocation, 7)));

    bed.store().commit(vec![issued(record(2))]).await.unwrap();
    assert_eq!(bed.store().list(&list(Purpose::Revocation)).await.unwrap().taken, vec![1, 2]);
    bed.assert_clean().await;
}

async fn a_commit_is_all_or_nothing(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    let before = bed.store().changes(None, 10).await;
    let torn = vec![
        Change::TokenAdded(token("aa")),
        issued(record(1)),
        status(1, Purpose::Revocation, false, true),
        issued(CredentialRecord { idempotency: None, ..record(1) }),
    ];
    assert_eq!(conflict(&bed, torn).await, Conflict::Id(id(1).to_string()));
    for _ in 0..2 {
        assert_eq!(bed.store().credential(id(1)).await, Ok(None));
        assert_eq!(bed.store().tokens().await, Ok(vec![]));
        assert_eq!(bed.store().list(&list(Purpose::Revocation)).await, Ok(ListState::default()));
        assert_eq!(bed.store().changes(None, 10).await, before);
        bed.assert_clean().await;
        bed.reopen();
    }
    let whole = vec![issued(record(1)), status(1, Purpose::Revocation, false, true)];
    assert_eq!(bed.store().commit(whole).await, Ok(Cursor(3)));
    assert_eq!(bed.store().list(&list(Purpose::Revocation)).await.unwrap().set, vec![1]);
    bed.assert_clean().await;
}

async fn a_status_is_set_as_it_was_seen(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    let bare = CredentialRecord { slots: vec![], ..record(2) };
    bed.store().commit(vec![issued(record(1)), issued(bare)]).await.unwrap();
    use Purpose::{Revocation, Suspension};
    assert_eq!(conflict(&bed, vec![status(2, Revocation, false, true)]).await, Conflict::NoStatus);
    assert_eq!(conflict(&bed, vec![status(3, Revocation, false, true)]).await, Conflict::NoStatus);
    assert_eq!(conflict(&bed, vec![status(1, Suspension, true, false)]).await, Conflict::StatusMoved);
    bed.store().commit(vec![status(1, Suspension, false, true)]).await.unwrap();
    assert_eq!(conflict(&bed, vec![status(1, Suspension, false, true)]).await, Conflict::StatusMoved);
    bed.store().commit(vec![status(1, Suspension, true, false)]).await.unwrap();
    bed.store().commit(vec![status(1, Revocation, false, true)]).await.unwrap();
    bed.reopen();
    let events = bed.store().status_events(id(1)).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.purpose, event.value)).collect();
    assert_eq!(told, vec![(Suspension, true), (Suspension, false), (Revocation, true)]);
    assert_eq!(bed.store().list(&list(Revocation)).await.unwrap().set, vec![1]);
    assert_eq!(bed.store().list(&list(Suspension)).await.unwrap().set, Vec::<u32>::new());
    same_statuses(&bed).await;
    bed.assert_clean().await;
}

async fn lists_are_published_in_order(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    use Purpose::{Revocation, Suspension};
    let publish = |number| vec![Change::ListPublished(version(Revocation, number))];
    assert_eq!(conflict(&bed, publish(2)).await, Conflict::ListMoved);
    assert_eq!(bed.store().lists(&slug("ha-noi")).await, Ok(vec![]));
    bed.store().commit(publish(1)).await.unwrap();
    assert_eq!(conflict(&bed, publish(1)).await, Conflict::ListMoved);
    bed.store().commit(publish(2)).await.unwrap();
    bed.store().commit(vec![issued(record(1))]).await.unwrap();
    bed.reopen();
    let store = bed.store();
    assert_eq!(store.lists(&slug("ha-noi")).await, Ok(vec![list(Revocation), list(Suspension)]));
    assert_eq!(store.lists(&slug("hue")).await, Ok(vec![]));
    assert_eq!(store.list_version(&list(Revocation), 1).await, Ok(Some(version(Revocation, 1))));
    assert_eq!(store.list_version(&list(Revocation), 3).await, Ok(None));
    let state = store.list(&list(Revocation)).await.unwrap();
    assert_eq!((state.taken, state.latest), (vec![1], Some(version(Revocation, 2))));
    assert_eq!(store.list(&list(Suspension)).await.unwrap().latest, None);
    same_statuses(&bed).await;
    bed.assert_clean().await;
}

async fn an_institution_closes_for_good(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await.with_institution("hue").await;
    use Purpose::{Revocation, Suspension};
    bed.store().commit(vec![issued(record(1)), Change::ListPublished(version(Revocation, 1))]).await.unwrap();
    let close = |one: &str, successor: &str| {
        vec![Change::InstitutionClosed { institution: slug(one), closing: closing(&slug(successor)) }]
    };
    assert_eq!(conflict(&bed, close("ha-noi", "vinh")).await, Conflict::NoInstitution(slug("vinh")));
    assert_eq!(conflict(&bed, close("vinh", "hue")).await, Conflict::NoInstitution(slug("vinh")));
    assert_eq!(conflict(&bed, close("hue", "hue")).await, Conflict::Closed(slug("hue")));
    bed.store().commit(close("ha-noi", "hue")).await.unwrap();
    assert_eq!(conflict(&bed, close("ha-noi", "hue")).await, Conflict::Closed(slug("ha-noi")));
    assert_eq!(conflict(&bed, close("hue", "ha-noi")).await, Conflict::Closed(slug("ha-noi")));
    assert_eq!(conflict(&bed, vec![issued(record(2))]).await, Conflict::Closed(slug("ha-noi")));
    bed.reopen();
    let known = bed.store().institutions().await.unwrap();
    assert_eq!((known[0].closed.as_deref(), &known[1].closed), (Some(&closing(&slug("hue"))), &None));
    let last = bed.store().changes(Some(Cursor(4)), 10).await.unwrap().items.pop().unwrap();
    assert_eq!((last.what.as_str(), last.institution), ("institution-closed", Some(slug("ha-noi"))));
    assert_eq!(last.subject, "hue");

    // Its register goes on: status, lists, and the copies that the successor signs.
    let mut copy = version(Revocation, 1);
    copy.key.mirror = true;
    bed.store().commit(vec![status(1, Revocation, false, true)]).await.unwrap();
    bed.store().commit(vec![Change::ListPublished(copy.clone())]).await.unwrap();
    bed.store().commit(vec![Change::ListPublished(version(Revocation, 2))]).await.unwrap();
    assert_eq!(conflict(&bed, vec![Change::ListPublished(copy.clone())]).await, Conflict::ListMoved);
    bed.reopen();
    let store = bed.store();
    let lists = vec![list(Revocation), list(Revocation).mirrored(), list(Suspension)];
    assert_eq!(store.lists(&slug("ha-noi")).await, Ok(lists));
    let state = store.list(&list(Revocation)).await.unwrap();
    assert_eq!((state.set, state.latest), (vec![1], Some(version(Revocation, 2))));
    let state = store.list(&copy.key).await.unwrap();
    assert_eq!((state.set, state.taken, state.latest), (vec![], vec![], Some(copy.clone())));
    assert_eq!(store.list_version(&copy.key, 1).await, Ok(Some(copy)));
    let subjects = store.changes(Some(Cursor(5)), 10).await.unwrap().items;
    let subjects: Vec<_> = subjects.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(&subjects[1..], ["revocation/1/1/mirror", "revocation/1/2"]);
    same_statuses(&bed).await;
    bed.assert_clean().await;
}

async fn an_older_list_goes_on_saying_what_is_set(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    use Purpose::Revocation;
    let in_list = |number: u64, list: u32| {
        let slots = vec![Slot { purpose: Revocation, list, index: number as u32 }];
        issued(CredentialRecord { slots, ..record(number) })
    };
    bed.store().commit(vec![in_list(1, 1), in_list(2, 1), in_list(3, 2)]).await.unwrap();
    bed.store().commit(vec![status(1, Revocation, false, true)]).await.unwrap();
    bed.reopen();
    let urls = Urls::new("https://example.org").unwrap();
    let registry = Registry::load(bed.store(), urls.clone(), &[]).await.unwrap();
    let set = |list: u32, index: u32| {
        let key = ListKey { institution: slug("ha-noi"), purpose: Revocation, list, mirror: false };
        registry.own_bit(&urls.list(&key), index).unwrap().set
    };
    assert_eq!((set(1, 1), set(1, 2), set(2, 3)), (true, false, false));
    let (key, index) = registry.take_slot(&slug("ha-noi"), Revocation, || 3);
    assert_eq!(key.list, 2);
    assert_ne!(index, 3, "taken before the restart");
}

async fn erasure_leaves_what_proves(bed: Bed) {
    let mut bed = bed.with_institution("ha-noi").await;
    bed.store().commit(vec![issued(record(1)), issued(record(2))]).await.unwrap();
    bed.store().commit(vec![status(1, Purpose::Revocation, false, true)]).await.unwrap();
    let erase = |number| vec![Change::Erased(erasure(number, 3))];
    assert_eq!(conflict(&bed, erase(9)).await, Conflict::NoStatus);
    bed.store().commit(erase(1)).await.unwrap();
    bed.store().commit(vec![Change::Erased(erasure(1, 4))]).await.unwrap();
    for _ in 0..2 {
        assert_eq!(bed.store().erasure(id(1)).await, Ok(Some(erasure(1, 3))), "the first time stays");
        assert_eq!(bed.store().erasure(id(2)).await, Ok(None));
        let erased = CredentialRecord { body: None, salt: None, ..record(1) };
        assert_eq!(bed.store().credential(id(1)).await, Ok(Some(erased)));
        assert_eq!(bed.store().credential(id(2)).await, Ok(Some(record(2))));
        assert_eq!(bed.store().list(&list(Purpose::Revocation)).await.unwrap().set, vec![1]);
        assert_eq!(bed.store().status_events(id(1)).await.unwrap().len(), 1);
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn pages_follow_one_another(bed: Bed) {
    let bed = bed.with_institution("ha-noi").await;
    for number in 1..=7 {
        bed.store().commit(vec![issued(record(number))]).await.unwrap();
    }
    let (mut after, mut ids, mut pages) = (None, vec![], 0);
    loop {
        let page = bed.store().credentials(&slug("ha-noi"), after, 3).await.unwrap();
        ids.extend(page.items.iter().map(|record| record.id));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((ids, pages), ((1..=7).map(id).collect(), 3));

    let first = bed.store().changes(None, 5).await.unwrap();
    assert_eq!(first.next, Some(Cursor(5)));
    let rest = bed.store().changes(first.next, 5).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (3, None));
    let all: Vec<_> = first.items.into_iter().chain(rest.items).collect();
    assert!(all.iter().map(|entry| entry.cursor.0).eq(1..=8));
    assert_eq!((all[0].what.as_str(), all[0].subject.as_str()), ("institution-founded", "ha-noi"));
    assert_eq!((all[1].what.as_str(), all[1].subject.clone()), ("issued", id(1).to_string()));
    assert_eq!(all[1].institution, Some(slug("ha-noi")));
    assert_eq!(bed.store().changes(Some(Cursor(8)), 5).await.unwrap().items, vec![]);
    assert_eq!(bed.store().changes(Some(Cursor(u64::MAX)), 5).await.unwrap().items, vec![]);
    assert_eq!(bed.store().changes(None, 0).await.unwrap().items.len(), 1);
}

async fn institutions_do_not_meet(bed: Bed) {
    // `ha` begins what `ha-noi` goes on with: keys of one must not run into the other's.
    let bed = bed.with_institution("ha-noi").await.with_institution("ha").await;
    let other = CredentialRecord { id: id(100), institution: slug("ha"), ..record(1) };
    bed.store().commit(vec![issued(record(1)), issued(other.clone())]).await.unwrap();
    let page = bed.store().credentials(&slug("ha"), None, 10).await.unwrap();
    assert_eq!(page.items, vec![other]);
    assert_eq!(bed.store().by_claimed_id(&slug("ha"), "https://example.org/c/1").await, Ok(Some(id(100))));
    assert_eq!(bed.store().receipt(&slug("ha"), "request-1").await.unwrap().unwrap().id, id(100));
    assert_eq!(bed.store().lists(&slug("ha")).await.unwrap().len(), 2);
    bed.assert_clean().await;
}

async fn large_bodies_are_kept(bed: Bed) {
    // Larger than a page of the engine may be, and not to be compressed: the digits of a hash chain.
    let mut bed = bed.with_institution("ha-noi").await;
    let mut digest = Sha256::digest(b"");
    let digits: String = (0..8_000)
        .map(|_| {
            digest = Sha256::digest(digest);
            digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        })
        .collect();
    let body = format!("{{\"a\":\"{digits}\"}}").into_bytes();
    let digest = Sha256::digest(jcs::canonicalize(&json::parse(&body).unwrap())).into();
    for number in 1..=3 {
        let large = CredentialRecord { body: Some(body.clone()), digest, ..record(number) };
        bed.store().commit(vec![issued(large)]).await.unwrap();
    }
    bed.reopen();
    assert_eq!(bed.store().credential(id(2)).await.unwrap().unwrap().body, Some(body));
    bed.assert_clean().await;
}

async fn trust_documents_are_published_in_order(bed: Bed) {
    use testamur::store::{TrustKind, TrustVersion};
    let mut bed = bed.with_institution("ha-noi").await;
    let version = |name: &str, kind, number: u64| TrustVersion {
        institution: slug(name),
        kind,
        number,
        at: later(number as i64),
        body: format!("{kind:?} {number}").into_bytes(),
    };
    let published = |name: &str, kind, number| vec![Change::TrustPublished(version(name, kind, number))];
    let (root, list) = (TrustKind::Root, TrustKind::List);
    assert_eq!(conflict(&bed, published("hue", list, 1)).await, Conflict::NoInstitution(slug("hue")));
    assert_eq!(conflict(&bed, published("ha-noi", list, 2)).await, Conflict::TrustMoved);
    assert_eq!(bed.store().trust_version(&slug("ha-noi"), list, None).await, Ok(None));
    for (kind, number) in [(root, 1), (list, 1), (list, 2), (root, 2), (list, 3)] {
        bed.store().commit(published("ha-noi", kind, number)).await.unwrap();
    }
    // Two that go on from the same one: one of them is sent back, whole.
    let mut both = published("ha-noi", list, 4);
    both.extend(published("ha-noi", list, 4));
    assert_eq!(conflict(&bed, both).await, Conflict::TrustMoved);
    bed.reopen();
    let store = bed.store();
    let asked = async |kind, number| store.trust_version(&slug("ha-noi"), kind, number).await.unwrap();
    assert_eq!(asked(list, None).await, Some(version("ha-noi", list, 3)));
    assert_eq!(asked(root, None).await, Some(version("ha-noi", root, 2)));
    assert_eq!(asked(list, Some(2)).await, Some(version("ha-noi", list, 2)));
    assert_eq!((asked(list, Some(0)).await, asked(list, Some(4)).await), (None, None));
    let words: Vec<_> =
        store.changes(None, 99).await.unwrap().items.into_iter().map(|one| one.what).collect();
    assert_eq!(
        words[1..],
        [
            "root-published",
            "trust-list-published",
            "trust-list-published",
            "root-published",
            "trust-list-published"
        ]
    );
    bed.assert_clean().await;
}
