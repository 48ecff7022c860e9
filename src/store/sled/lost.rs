//! Whether facts that the engine has read from its log are whole: each has its entry, and its rows are no older than it.

use std::ops::Range;

use super::rows::{Reader, SecretsRow};
use super::view::{View, damaged};
use super::{ChangeEntry, Cursor, StatusEvent, StoreError, TrustKind, keys, read, tree};
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::Register;

/// What is not there of these facts, in words; `None` when all is.
///
/// An opening engine reads its log from the last snapshot on, and skips what it cannot read without a word. Each fact
/// written since must have its entry, and the rows it wrote must be no older than it is.
pub fn facts(view: &View<'_>, facts: Range<u64>) -> Option<String> {
    let missing = facts.into_iter().find_map(|cursor| rows_of(view, cursor).err());
    missing.map(|error| format!("{error}: the store lost it, so nothing is written to it; check the store"))
}

/// Looks for the rows of the fact.
fn rows_of(view: &View<'_>, cursor: u64) -> Result<(), StoreError> {
    let change = read::change(&view.must(&keys::change(cursor))?)?;
    if change.what == "log-grew" {
        return tree::grown(view, cursor, &change.subject);
    }
    if change.what == "witness-saw" {
        return tree::saw(view, cursor, &change.subject);
    }
    if let Some(slug) = &change.institution
        && let Some(rows) = tree::accounted(slug, cursor, &change).or_else(|| filed(slug, cursor, &change))
    {
        return rows.iter().try_for_each(|(key, oldest)| no_older(view, key, *oldest));
    }
    if let Some(slug) = &change.institution
        && change.what == "filing-erased"
        && let Some((register, id)) = file_of(&change.subject)
    {
        let file = read::filed::file(view, slug, register, id)?;
        let gone = file.is_some_and(|file| file.erased.is_some());
        let key = keys::file(slug, register, id);
        return if gone { Ok(()) } else { Err(damaged(&key, "it was erased, and is there again")) };
    }
    let document = match change.what.as_str() {
        "root-published" => Some(TrustKind::Root),
        "trust-list-published" => Some(TrustKind::List),
        _ => None,
    };
    if let (Some(document), Some(slug), Ok(number)) = (document, &change.institution, change.subject.parse())
    {
        return view.must(&keys::trust(slug, document, number)).map(drop);
    }
    let Ok(id) = CredentialId::parse(&change.subject) else { return Ok(()) };
    let place = read::place(view, id)?.ok_or_else(|| damaged(&keys::id(id), "it is missing"))?;
    let issued = Cursor(place.issued);
    match change.what.as_str() {
        "issued" => {
            view.must(&keys::by_cursor(keys::RECORD, &place.institution, issued))?;
            view.must(&keys::by_cursor(keys::SECRETS, &place.institution, issued))?;
            for slot in &place.slots {
                view.must(&keys::slot(&place.institution, slot))?;
            }
        }
        "erased" => {
            let secrets = view.must(&keys::by_cursor(keys::SECRETS, &place.institution, issued))?;
            if let SecretsRow::Wrapped(_) = secrets.read(Reader::secrets)? {
                return Err(damaged(&secrets.key, "it was erased, and is there again"));
            }
        }
        "status-set" => {
            let event: StatusEvent =
                view.must(&keys::event(&place.institution, id, cursor))?.read(Reader::json)?;
            for slot in place.slots.iter().filter(|slot| slot.purpose == event.purpose) {
                let row = view.must(&keys::slot(&place.institution, slot))?;
                if row.cursor < cursor {
                    return Err(damaged(&row.key, "it is older than the last change of it"));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The rows of a file's version, and the fact each is no older than; `None` for another fact.
fn filed(keeper: &Slug, cursor: u64, change: &ChangeEntry) -> Option<Vec<(Vec<u8>, u64)>> {
    let (register, id) = file_of(&change.subject)?;
    let (id, version) = id.rsplit_once('/').filter(|_| change.what == "filed")?;
    let version = version.parse().ok()?;
    let row = |kind| (keys::filed(kind, keeper, register, id, version), cursor);
    Some(vec![(keys::file(keeper, register, id), cursor), row(keys::FILED), row(keys::FILED_SECRETS)])
}

fn file_of(subject: &str) -> Option<(Register, &str)> {
    let (register, id) = subject.split_once('/')?;
    Some((Register::ALL.into_iter().find(|known| known.as_str() == register)?, id))
}

fn no_older(view: &View<'_>, key: &[u8], oldest: u64) -> Result<(), StoreError> {
    match view.must(key)?.cursor {
        written if written < oldest => Err(damaged(key, "it is older than the last change of it")),
        _ => Ok(()),
    }
}
