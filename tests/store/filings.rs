//! The registers: versions follow one another, of two at once one is taken, and what is erased is gone.

use super::*;
use testamur::store::{Conflict, Filing, FilingErasure, MAX_FILE_ID, Register, StoreError};

every_engine! { versions_follow_one_another, of_versions_at_once_one_is_taken, an_erased_file_says_nothing, files_come_in_their_order }

fn filing(id: &str, version: u64, says: &str) -> Filing {
    Filing {
        institution: slug("moes"),
        register: Register::Application,
        id: id.to_owned(),
        version,
        at: later(version as i64),
        actor: "ເຈົ້າໜ້າທີ່".to_owned(),
        body: Some(says.as_bytes().to_vec()),
    }
}

fn filed(filing: &Filing) -> Vec<Change> {
    vec![Change::Filed(Box::new(filing.clone()))]
}

fn refiled(id: &str) -> StoreError {
    StoreError::Conflict(Conflict::Refiled { register: Register::Application, id: id.to_owned() })
}

fn erased(id: &str, after: i64) -> FilingErasure {
    FilingErasure {
        institution: slug("moes"),
        register: Register::Application,
        id: id.to_owned(),
        at: later(after),
        actor: "officer".to_owned(),
        reason: "asked for".to_owned(),
    }
}

async fn versions_follow_one_another(bed: Bed) {
    let mut bed = bed.with_institution("moes").await;
    let (moes, of) = (slug("moes"), Register::Application);
    let (one, two) = (filing("a", 1, "received"), filing("a", 2, "decided"));
    assert_eq!(bed.store().commit(filed(&two)).await, Err(refiled("a")));
    let nobody = Filing { institution: slug("moet"), ..one.clone() };
    let unknown = bed.store().commit(filed(&nobody)).await;
    assert_eq!(unknown, Err(StoreError::Conflict(Conflict::NoInstitution(slug("moet")))));
    for id in [String::new(), "x".repeat(MAX_FILE_ID + 1)] {
        assert!(bed.store().commit(filed(&filing(&id, 1, "x"))).await.is_err(), "{} bytes", id.len());
    }
    bed.store().commit(filed(&one)).await.unwrap();
    assert_eq!(bed.store().commit(filed(&one)).await, Err(refiled("a")));
    bed.store().commit(filed(&two)).await.unwrap();
    // The same id in another register is another file.
    let other = Filing { register: Register::Agreement, ..one.clone() };
    bed.store().commit(filed(&other)).await.unwrap();
    for _ in 0..2 {
        let store = bed.store();
        assert_eq!(store.filing(&moes, of, "a", None).await, Ok(Some(two.clone())));
        assert_eq!(store.filing(&moes, of, "a", Some(1)).await, Ok(Some(one.clone())));
        assert_eq!(store.filing(&moes, of, "a", Some(3)).await, Ok(None));
        assert_eq!(store.filing(&moes, of, "b", None).await, Ok(None));
        assert_eq!(store.filing(&moes, Register::Agreement, "a", None).await, Ok(Some(other.clone())));
        let changes = store.changes(None, 9).await.unwrap().items;
        let told: Vec<_> = changes.iter().map(|change| change.subject.as_str()).collect();
        assert_eq!(told[1..], ["application/a/1", "application/a/2", "agreement/a/1"]);
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn of_versions_at_once_one_is_taken(bed: Bed) {
    let bed = bed.with_institution("moes").await;
    let store = bed.store.clone().unwrap();
    let deciding = (0..16).map(|officer| {
        let (store, says) = (store.clone(), format!("decided by {officer}"));
        tokio::spawn(async move { store.commit(filed(&filing("a", 1, &says))).await.is_ok() })
    });
    let mut taken = 0;
    for decided in deciding.collect::<Vec<_>>() {
        taken += usize::from(decided.await.unwrap());
    }
    assert_eq!(taken, 1);
}

async fn an_erased_file_says_nothing(bed: Bed) {
    let mut bed = bed.with_institution("moes").await;
    let (moes, of) = (slug("moes"), Register::Application);
    let gone = |at| Change::FilingErased(erased("a", at));
    assert_eq!(bed.store().commit(vec![gone(9)]).await, Err(refiled("a")));
    bed.store().commit(filed(&filing("a", 1, "Nguyễn Thị Hoa"))).await.unwrap();
    bed.store().commit(filed(&filing("a", 2, "Nguyễn Thị Hoa, decided"))).await.unwrap();
    bed.store().commit(vec![gone(9)]).await.unwrap();
    bed.store().commit(vec![gone(12)]).await.unwrap();
    assert_eq!(bed.store().commit(filed(&filing("a", 3, "again"))).await, Err(refiled("a")));
    for _ in 0..2 {
        for version in [1, 2] {
            let told = bed.store().filing(&moes, of, "a", Some(version)).await.unwrap().unwrap();
            assert_eq!(told, Filing { body: None, ..filing("a", version, "") });
        }
        assert_eq!(bed.store().filing_erasure(&moes, of, "a").await, Ok(Some(erased("a", 9))));
        bed.assert_clean().await;
        bed.reopen();
    }
}

async fn files_come_in_their_order(bed: Bed) {
    let bed = bed.with_institution("moes").await;
    let (store, moes) = (bed.store(), slug("moes"));
    for id in ["c", "a", "b"] {
        store.commit(filed(&filing(id, 1, id))).await.unwrap();
    }
    store.commit(filed(&filing("c", 2, "c again"))).await.unwrap();
    let page = store.filings(&moes, Register::Application, None, 2).await.unwrap();
    assert_eq!(page.items, [filing("c", 2, "c again"), filing("a", 1, "a")]);
    let rest = store.filings(&moes, Register::Application, page.next, 2).await.unwrap();
    assert_eq!((rest.items, rest.next), (vec![filing("b", 1, "b")], None));
    assert!(store.filings(&moes, Register::Agreement, None, 2).await.unwrap().items.is_empty());
}

/// Nothing of a file stands on the disk as it was written, and a store that holds only files asks for its own key.
#[tokio::test]
async fn files_are_sealed() {
    let mut bed = Bed::sled().with_institution("moes").await;
    bed.store().commit(filed(&filing("a", 1, "NGUYEN THI HOA 0912345678"))).await.unwrap();
    bed.store = None;
    let log = std::fs::read(bed.log()).unwrap();
    assert!(!log.windows(14).any(|bytes| bytes == b"NGUYEN THI HOA"));
    assert!(
        log.windows(14).any(|bytes| bytes == "ເຈົ້າ".as_bytes().first_chunk::<14>().unwrap()),
        "it is the file"
    );
    let folder = bed.folder.as_ref().unwrap().path().to_str().unwrap();
    assert!(matches!(open(folder, [7; 32]), Err(StoreError::Unopenable(_))));
}
