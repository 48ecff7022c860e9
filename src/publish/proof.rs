//! The proof of logging that travels beside a credential.

use std::ops::Range;

use crate::log::merkle::{self, MerkleError};
use crate::log::tile::{self, Tiles};
use crate::log::{Hash, Leaf, SignedCheckpoint, TlogProof};
use crate::publish::log::LogError;
use crate::store::logs::cut;
use crate::store::{CredentialRecord, Store, StoreError};

/// The proof that a credential is in the log, its salt on the extra line; `None` while it is not in the log, and when its
/// salt was destroyed. It leads to the first checkpoint that witnesses cosigned, or to the newest while there is none.
pub async fn of_credential(
    store: &dyn Store,
    record: &CredentialRecord,
) -> Result<Option<TlogProof>, LogError> {
    let Some(salt) = record.salt else { return Ok(None) };
    let Some(place) = store.log_place(record.id).await? else { return Ok(None) };
    let (year, index) = (place.year, place.index);
    let checkpoint = match store.log_witnessed(year, index).await? {
        Some((_, checkpoint)) => checkpoint,
        None => {
            let log = store.logs().await?.into_iter().find(|log| log.year == year);
            log.ok_or_else(|| damaged(year, &"it is missing"))?.checkpoint
        }
    };
    let checkpoint = SignedCheckpoint::parse(&checkpoint)?;
    let (size, root) = (checkpoint.claimed().size, checkpoint.claimed().root);
    let wrong = |error: MerkleError| damaged(year, &error);
    let path = hashes(store, year, &merkle::inclusion(index, size).map_err(wrong)?, size).await?;
    // Nothing leaves that does not prove what it says.
    let leaf = Leaf::Credential { salt, digest: record.digest }.entry().leaf_hash();
    merkle::verify_inclusion(index, size, &leaf, &path, &root).map_err(wrong)?;
    Ok(Some(TlogProof { extra: Some(salt.to_vec()), index, path, checkpoint }))
}

/// The hashes of these ranges of leaves in the tree of that size of a year's log: a proof.
pub(super) async fn hashes(
    store: &dyn Store,
    year: i16,
    ranges: &[Range<u64>],
    size: u64,
) -> Result<Vec<Hash>, LogError> {
    let mut tiles = Tiles::default();
    for tile in tile::needed(ranges, size) {
        if let Some(row) = store.log_tile(year, tile.level, tile.index).await?
            && let Some(bytes) = cut(tile, row)
        {
            tiles.insert(tile, &bytes)?;
        }
    }
    Ok(merkle::prove(ranges, |node| tiles.node(node))?)
}

/// The log of a year on record is not what it has to be.
pub(super) fn damaged(year: i16, because: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged { key: format!("log/{year}"), because: because.to_string() }
}
