//! Reading everything back: each row alone, then against the rows that must agree with it, both ways.

mod credentials;
mod filed;
mod logs;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::group::State;
use super::rows::{ListRow, Reader};
use super::view::{Found, Shared, View, damaged};
use super::{ListKey, StoreError, keys, read, tree};
use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::Institution;
use crate::store::seal::Sealer;

/// Every row and every agreement between rows.
pub fn all(
    shared: &Shared,
    sealer: &Sealer,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<StoreError>, StoreError> {
    let before = shared.look(state)?;
    // Not every fact is damaged where one row of the logs is: what is wrong with that is told on the way.
    let logs = shared.look(read::logs).unwrap_or_default();
    let through = logs.last().map_or(0, |log| log.through.0);
    let mut check = Check { sealer, found: Vec::new(), seen: Seen::default(), last: None, through };
    for (kind, _) in keys::KINDS {
        let mut from = vec![*kind];
        loop {
            // A piece at a time: between pieces the engine may be opened again.
            let piece = shared.look(|view| Ok(check.piece(view, *kind, &from)));
            match piece.unwrap_or_else(Walk::Broken) {
                Walk::More(next) => from = next,
                Walk::Done => break,
                Walk::Broken(error) => {
                    check.found.push(error);
                    match check.past(shared, *kind, &before) {
                        Some(next) => from = next,
                        None => break,
                    }
                }
            }
            progress(check.seen.rows, before.counters.rows.max(check.seen.rows));
        }
    }
    for log in &logs {
        check.found.extend(tree::damages(shared, log));
    }
    let after = shared.look(state)?;
    shared.look(|view| {
        check.totals(view, (before == after).then_some(after));
        Ok(())
    })?;
    progress(check.seen.rows, check.seen.rows);
    Ok(check.found)
}

fn state(view: &View<'_>) -> Result<State, StoreError> {
    let found = view.must(&keys::counters())?;
    Ok(State { cursor: found.cursor, counters: found.read(Reader::counters)? })
}

enum Walk {
    More(Vec<u8>),
    Done,
    Broken(StoreError),
}

#[derive(Default)]
struct Seen {
    rows: u64,
    records: u64,
    changes: u64,
    lists: BTreeMap<ListKey, ListRow>,
    versions: BTreeMap<ListKey, u64>,
    versions_missing: BTreeSet<ListKey>,
}

struct Check<'a> {
    sealer: &'a Sealer,
    found: Vec<StoreError>,
    seen: Seen,
    /// The key of the last row that was read.
    last: Option<Vec<u8>>,
    /// The last fact that the log has looked at.
    through: u64,
}

impl Check<'_> {
    fn piece(&mut self, view: &View<'_>, kind: u8, from: &[u8]) -> Walk {
        let mut rows = 0;
        let mut next = None;
        let walked = view.scan(&[kind], Some(from), |found| {
            if rows == PIECE {
                next = Some(found.key.to_vec());
                return Ok(ControlFlow::Break(()));
            }
            rows += 1;
            self.seen.rows += 1;
            self.last = Some(found.key.to_vec());
            // One damaged row must not hide the others, even where sled panics on a row that this one leads to.
            let one = catch_unwind(AssertUnwindSafe(|| self.row(view, kind, &found)));
            let one =
                one.unwrap_or_else(|_| Err(damaged(&found.key, "the engine panicked over a row beside it")));
            self.found.extend(one.err());
            Ok(ControlFlow::Continue(()))
        });
        match (walked, next) {
            (Err(error), _) => Walk::Broken(error),
            (Ok(()), Some(next)) => Walk::More(next),
            (Ok(()), None) => Walk::Done,
        }
    }

    /// Where the walk can go on behind rows that cannot be read, for kinds whose keys count on. The others are all asked
    /// for by the records that have them.
    fn past(&mut self, shared: &Shared, kind: u8, state: &State) -> Option<Vec<u8>> {
        if !matches!(kind, keys::RECORD | keys::SECRETS | keys::CHANGE) {
            return None;
        }
        let mut key = self.last.clone().filter(|last| last.first() == Some(&kind))?;
        let from = keys::tail_u64(&key)?;
        for cursor in from + 1..=state.cursor {
            let at = key.len() - 8;
            key[at..].copy_from_slice(&cursor.to_be_bytes());
            let readable = shared.look(|view| view.scan(&[kind], Some(&key), |_| Ok(ControlFlow::Break(()))));
            if readable.is_ok() {
                self.last = None;
                return Some(key);
            }
        }
        None
    }

    fn row(&mut self, view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
        let key = &found.key;
        let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
        match kind {
            keys::RECORD => {
                self.seen.records += 1;
                credentials::record(view, self.sealer, self.through, found)
            }
            keys::ID
            | keys::CLAIMED
            | keys::RECEIPT
            | keys::SECRETS
            | keys::LEAF
            | keys::SLOT
            | keys::ERASED
            | keys::EVENT => credentials::index(view, kind, found),
            keys::LOG
            | keys::TILE
            | keys::WITNESSED
            | keys::SEEN
            | keys::COUNTED
            | keys::DELIVERED
            | keys::COHORT => logs::row(view, kind, found),
            keys::AUTHORITY | keys::TRUST => trust(view, kind, found),
            keys::FILE | keys::FILES | keys::FILED | keys::FILED_SECRETS => {
                filed::row(view, self.sealer, kind, found)
            }
            keys::LIST | keys::VERSION => self.list(view, kind, found),
            keys::CHANGE => {
                let change = read::change(found)?;
                self.seen.changes += 1;
                if keys::tail_u64(key) != Some(self.seen.changes) {
                    let missing = keys::change(self.seen.changes);
                    self.seen.changes = keys::tail_u64(key).unwrap_or(self.seen.changes);
                    self.found.push(damaged(&missing, "it is missing"));
                }
                if change.what == "issued"
                    && let Ok(id) = CredentialId::parse(&change.subject)
                {
                    let place =
                        read::place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
                    return must(
                        place.issued == change.cursor.0,
                        "the credential was issued at another place",
                    );
                }
                if change.what == "witness-saw" {
                    // Only the last of a log's facts is the one its row is of.
                    return tree::saw(view, 0, &change.subject);
                }
                if change.what == "status-set"
                    && let (Ok(id), Some(slug)) = (CredentialId::parse(&change.subject), &change.institution)
                {
                    view.must(&keys::event(slug, id, change.cursor.0))?;
                }
                Ok(())
            }
            keys::INSTITUTION => {
                let institution: Institution = found.read(Reader::json)?;
                view.must(&keys::did(institution.did.as_str()))?;
                must(*key == keys::institution(&institution.slug), "it has another slug")
            }
            keys::DID => view.must(&keys::institution(&found.read(Reader::lone_slug)?)).map(drop),
            keys::TOKEN => {
                let token: TokenRecord = found.read(Reader::json)?;
                must(*key == keys::token(&token.hash), "it is another token")
            }
            _ => Ok(()),
        }
    }

    /// What a list comes to, or one of its versions.
    fn list(&mut self, view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
        let key = &found.key;
        let list = read::list_key(key).ok_or_else(|| damaged(key, "its key does not read"))?;
        if kind == keys::LIST {
            let row = found.read(Reader::list)?;
            if row.latest > 0 {
                view.must(&keys::version(&list, row.latest))?;
            }
            self.seen.lists.insert(list, row);
            return Ok(());
        }
        let version = keys::tail_u64(key).unwrap_or_default();
        found.read(|row| row.version(list.clone(), version))?;
        let count = self.seen.versions.entry(list.clone()).or_default();
        *count += 1;
        if *count != version && self.seen.versions_missing.insert(list.clone()) {
            return Err(damaged(&keys::version(&list, *count), "it is missing"));
        }
        Ok(())
    }

    /// The counts; only where nothing was written meanwhile.
    fn totals(&mut self, view: &View<'_>, state: Option<State>) {
        let Some(state) = state else { return };
        let counters = keys::counters();
        let seen = &self.seen;
        if seen.records != state.counters.credentials {
            let because = format!("{} records, {} counted", seen.records, state.counters.credentials);
            self.found.push(damaged(&counters, &because));
        }
        if seen.rows != state.counters.rows {
            let because = format!("{} rows, {} counted", seen.rows, state.counters.rows);
            self.found.push(damaged(&counters, &because));
        }
        if seen.changes != state.cursor {
            let because = format!("{} changes, {} counted", seen.changes, state.cursor);
            self.found.push(damaged(&counters, &because));
        }
        for (key, row) in &seen.lists {
            if seen.versions.get(key).copied().unwrap_or_default() != row.latest {
                self.found.push(damaged(&keys::of_list(keys::LIST, key), "versions are missing"));
            }
            if let Err(error) = read::list(view, key) {
                self.found.push(error);
            }
        }
    }
}

/// Which version of a document about trust is the newest, or one of them.
fn trust(view: &View<'_>, kind: u8, found: &Found) -> Result<(), StoreError> {
    let key = &found.key;
    let must = |holds: bool, because: &str| if holds { Ok(()) } else { Err(damaged(key, because)) };
    let (institution, document, number) =
        keys::trust_of(key).ok_or_else(|| damaged(key, "its key does not read"))?;
    let newest = keys::of_trust(keys::AUTHORITY, &institution, document);
    let newest = view.must(&newest)?.read(Reader::newest)?;
    if kind == keys::AUTHORITY {
        return view.must(&keys::trust(&institution, document, newest)).map(drop);
    }
    found.read(|row| row.trust(institution.clone(), document, number))?;
    must(number <= newest, "a newer one than the newest")?;
    (1..number)
        .next_back()
        .map_or(Ok(()), |before| view.must(&keys::trust(&institution, document, before)).map(drop))
}

/// Rows walked before readers and the writer get a turn at the engine.
const PIECE: usize = 2048;
