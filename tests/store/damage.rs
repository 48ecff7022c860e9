//! Stores that were held, moved, cut or bent.

use super::*;
use testamur::store::StoreError;

#[tokio::test]
async fn a_second_opening_is_refused_at_once() {
    let bed = Bed::sled();
    let path = bed.folder.as_ref().unwrap().path().to_str().unwrap().to_owned();
    let started = std::time::Instant::now();
    let Err(refused) = open(&path, KEY) else { panic!("two stores in one folder") };
    assert_eq!(refused, StoreError::Held(path));
    assert!(started.elapsed().as_secs() < 1);
}

#[tokio::test]
async fn another_key_does_not_open_the_store() {
    let mut bed = Bed::sled();
    bed.store = None;
    let path = bed.folder.as_ref().unwrap().path().to_str().unwrap();
    assert!(
        matches!(open(path, [1; 32]), Err(StoreError::Unopenable(because)) if because.contains("store key"))
    );
    bed.reopen();
    bed.assert_clean().await;
}
