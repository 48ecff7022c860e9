//! Whether transparency logs hang together: our own, those a witness has seen, those accounted for to an authority.

use std::ops::ControlFlow;

use crate::log::{Checkpoint, SignedCheckpoint};
use crate::store::sled::rows::Reader;
use crate::store::sled::view::{Found, View, damaged};
use crate::store::sled::{Cursor, keys};
use crate::store::{Cohort, CountedLog, Delivery, StoreError};

/// A row of a log, of what was delivered of one, or of a cohort to count it against.
pub fn row(view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
    let key = &found.key;
    let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
    match kind {
        keys::LOG => {
            let year = keys::year(key).ok_or_else(|| damaged(key, "its key does not read"))?;
            found.read(|row| row.log(year))?;
            let newest = view.must(&keys::newest_log())?.read(Reader::year)?;
            must(year <= newest, "it is not known to be there")
        }
        keys::TILE | keys::WITNESSED => {
            let year = keys::year(key).ok_or_else(|| damaged(key, "its key does not read"))?;
            view.must(&keys::log(year)).map(drop)
        }
        keys::SEEN => {
            let head = found.read(Reader::seen)?;
            must(*key == keys::seen(&head.origin), "it is of another log")?;
            let stated = SignedCheckpoint::parse(&head.checkpoint).ok();
            let stated = stated.as_ref().map(SignedCheckpoint::claimed);
            let same = |stated: &Checkpoint| {
                stated.origin == head.origin && (stated.size, stated.root) == (head.size, head.root)
            };
            must(stated.is_some_and(same), "its checkpoint states another head")
        }
        keys::COUNTED => {
            let (authority, _) = keys::split(key).ok_or_else(|| damaged(key, "its key does not read"))?;
            let log: CountedLog = found.read(Reader::json)?;
            must(*key == keys::by_text(keys::COUNTED, &authority, &log.origin), "it is of another log")?;
            let (mut next, mut whole) = (0, true);
            view.scan(&keys::by_text(keys::DELIVERED, &authority, &log.origin), None, |found| {
                let delivery: Delivery = found.read(Reader::json)?;
                whole &= delivery.from == next;
                next = delivery.from.saturating_add(delivery.leaves.len() as u64);
                Ok(ControlFlow::Continue(()))
            })?;
            // A delivery may have come in meanwhile.
            must(whole && next >= log.next, "the deliveries do not lead to where it ends")
        }
        keys::DELIVERED => {
            let delivery: Delivery = found.read(Reader::json)?;
            let back = keys::delivered(&delivery.authority, &delivery.origin, delivery.from);
            must(*key == back, "it is another delivery")?;
            view.must(&keys::by_text(keys::COUNTED, &delivery.authority, &delivery.origin)).map(drop)
        }
        _ => {
            let cohort: Cohort = found.read(Reader::json)?;
            must(
                *key == keys::by_cursor(keys::COHORT, &cohort.authority, Cursor(found.cursor)),
                "it is of another authority",
            )
        }
    }
}
