//! Where each row lies: one tree, the first byte of a key says what the row is, the institution comes next.
//!
//! Rows that grow without end are keyed by the cursor of the fact, so that writing appends to the last leaf instead of
//! rewriting a random one: sled rewrites a whole leaf after some ten changes to it.

use sha2::{Digest, Sha256};

use crate::codec::hex;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::log::tile::{FULL, Level, Tile};
use crate::store::{Cursor, ListKey, Purpose, Register, Slot, TrustKind};

/// What a row is, by the first byte of its key, and the word for it in messages.
pub const KINDS: &[(u8, &str)] = &[
    (AUTHORITY, "authority"),
    (CHANGE, "change"),
    (CLAIMED, "claimed-id"),
    (COHORT, "cohort"),
    (COUNTED, "counted-log"),
    (DELIVERED, "delivery"),
    (DID, "did"),
    (ERASED, "erasure"),
    (EVENT, "status-event"),
    (FILE, "file"),
    (FILED, "filing"),
    (FILED_SECRETS, "filing-secrets"),
    (FILES, "files"),
    (ID, "id"),
    (INSTITUTION, "institution"),
    (LEAF, "leaf"),
    (LIST, "list"),
    (LOG, "log"),
    (META, "meta"),
    (RECEIPT, "receipt"),
    (RECORD, "record"),
    (SECRETS, "secrets"),
    (SEEN, "witness-saw"),
    (SLOT, "slot"),
    (TILE, "tile"),
    (TOKEN, "token"),
    (TRUST, "trust"),
    (VERSION, "list-version"),
    (WITNESSED, "witnessed"),
];

/// Institution, root or trust list → the number of its newest version.
pub const AUTHORITY: u8 = b'a';
/// The order of facts: cursor → what happened to which thing.
pub const CHANGE: u8 = b'c';
/// Institution, SHA-256 of the credential's own id → our id.
pub const CLAIMED: u8 = b'n';
/// Authority, cursor → how many graduates a cohort has.
pub const COHORT: u8 = b'h';
/// Authority, SHA-256 of a log's origin → how far that log is accounted for.
pub const COUNTED: u8 = b'C';
/// Authority, SHA-256 of a log's origin, index of the first leaf → what those leaves are.
pub const DELIVERED: u8 = b'D';
/// DID → slug.
pub const DID: u8 = b'd';
/// Institution, credential → when its content was erased, by whom and why.
pub const ERASED: u8 = b'E';
/// Institution, credential, cursor → a status event.
pub const EVENT: u8 = b'e';
/// Institution, register, SHA-256 of a file's id → how many versions it has, and where it began.
pub const FILE: u8 = b'q';
/// Institution, register, SHA-256 of a file's id, version → who filed it when, and its sealed body.
pub const FILED: u8 = b'F';
/// Institution, register, SHA-256 of a file's id, version → the wrapped secrets of that body, or when they were destroyed.
pub const FILED_SECRETS: u8 = b'S';
/// Institution, register, cursor → the id of the file that begins there.
pub const FILES: u8 = b'O';
/// Our id → institution, cursor of issue, slots.
pub const ID: u8 = b'i';
/// Slug → institution.
pub const INSTITUTION: u8 = b'I';
/// Institution, cursor of issue → the year of the log and the index of the credential's leaf.
pub const LEAF: u8 = b'f';
/// Institution, purpose, list → how many slots are taken and set, the newest version.
pub const LIST: u8 = b'l';
/// Year → the log as it stands: key, size, newest checkpoint.
pub const LOG: u8 = b'L';
/// Format, counters, founding, key token, newest log.
pub const META: u8 = b'm';
/// Institution, SHA-256 of the idempotency key → our id, digest of the request.
pub const RECEIPT: u8 = b'o';
/// Institution, cursor of issue → the record and its sealed body.
pub const RECORD: u8 = b'r';
/// Institution, cursor of issue → the wrapped secrets of that body, or when they were destroyed.
pub const SECRETS: u8 = b'w';
/// Origin of somebody else's log → the head of it we cosigned last.
pub const SEEN: u8 = b'x';
/// Institution, purpose, list, index → our id and whether the bit is set.
pub const SLOT: u8 = b's';
/// Year, row of files, place in it → a tile or a bundle of entries, as much of it as is known.
pub const TILE: u8 = b'T';
/// SHA-256 of the token → token.
pub const TOKEN: u8 = b't';
/// Institution, root or trust list, number → the signed document.
pub const TRUST: u8 = b'u';
/// Institution, purpose, list, version → a signed list.
pub const VERSION: u8 = b'v';
/// Year, size → a checkpoint that a quorum of witnesses has cosigned.
pub const WITNESSED: u8 = b'W';

/// The format of the store.
pub fn format() -> Vec<u8> {
    vec![META, b'0']
}

/// How many facts, credentials and rows there are.
pub fn counters() -> Vec<u8> {
    vec![META, b'1']
}

/// The founding.
pub fn founding() -> Vec<u8> {
    vec![META, b'2']
}

/// The token of the key that seals the bodies; there as soon as one is sealed.
pub fn seal() -> Vec<u8> {
    vec![META, b'3']
}

/// The year of the newest log.
pub fn newest_log() -> Vec<u8> {
    vec![META, b'4']
}

pub fn log(year: i16) -> Vec<u8> {
    of_year(LOG, year)
}

pub fn tile(year: i16, level: Level, index: u64) -> Vec<u8> {
    let mut key = of_year(TILE, year);
    key.push(match level {
        Level::Entries => 0,
        Level::Hashes(row) => row.saturating_add(1),
    });
    key.extend_from_slice(&index.to_be_bytes());
    key
}

pub fn witnessed(year: i16, size: u64) -> Vec<u8> {
    let mut key = of_year(WITNESSED, year);
    key.extend_from_slice(&size.to_be_bytes());
    key
}

pub fn seen(origin: &str) -> Vec<u8> {
    [&[SEEN], origin.as_bytes()].concat()
}

/// The start of every key of this kind in the log of a year.
pub fn of_year(kind: u8, year: i16) -> Vec<u8> {
    let [high, low] = year.to_be_bytes();
    vec![kind, high, low]
}

/// The year in such a key.
pub fn year(key: &[u8]) -> Option<i16> {
    key.get(1..)?.first_chunk().map(|year| i16::from_be_bytes(*year))
}

/// The tile in its key, as if it were full.
fn tile_of(key: &[u8]) -> Option<Tile> {
    let level = match key.get(3)?.checked_sub(1) {
        None => Level::Entries,
        Some(row) => Level::Hashes(row),
    };
    Some(Tile { level, index: tail_u64(key)?, width: FULL })
}

pub fn institution(slug: &Slug) -> Vec<u8> {
    [&[INSTITUTION], slug.as_str().as_bytes()].concat()
}

pub fn did(did: &str) -> Vec<u8> {
    [&[DID], did.as_bytes()].concat()
}

pub fn token(hash: &str) -> Vec<u8> {
    [&[TOKEN], hash.as_bytes()].concat()
}

pub fn change(cursor: u64) -> Vec<u8> {
    [[CHANGE].as_slice(), &cursor.to_be_bytes()].concat()
}

pub fn id(id: CredentialId) -> Vec<u8> {
    [[ID].as_slice(), &id.to_bytes()].concat()
}

/// The start of every key of this kind in the institution.
pub fn within(kind: u8, institution: &Slug) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    key.push(kind);
    key.extend_from_slice(institution.as_str().as_bytes());
    key.push(0);
    key
}

/// A row that is found by the cursor of the fact: [`RECORD`], [`SECRETS`] or [`COHORT`].
pub fn by_cursor(kind: u8, institution: &Slug, cursor: Cursor) -> Vec<u8> {
    let mut key = within(kind, institution);
    key.extend_from_slice(&cursor.0.to_be_bytes());
    key
}

/// A delivery of the leaves from `from` on.
pub fn delivered(authority: &Slug, origin: &str, from: u64) -> Vec<u8> {
    let mut key = by_text(DELIVERED, authority, origin);
    key.extend_from_slice(&from.to_be_bytes());
    key
}

/// A row that is found by a text others chose: [`CLAIMED`], [`RECEIPT`], [`COUNTED`], or the start of [`DELIVERED`].
pub fn by_text(kind: u8, institution: &Slug, text: &str) -> Vec<u8> {
    let mut key = within(kind, institution);
    key.extend_from_slice(&Sha256::digest(text.as_bytes()));
    key
}

/// The start of every key of this kind in a register.
pub fn in_register(kind: u8, institution: &Slug, register: Register) -> Vec<u8> {
    let mut key = within(kind, institution);
    key.push(match register {
        Register::Agreement => b'a',
        Register::Activity => b'c',
        Register::Application => b'p',
        Register::Recognised => b'r',
        Register::Number => b'n',
    });
    key
}

/// The row of a file ([`FILE`]).
pub fn file(institution: &Slug, register: Register, id: &str) -> Vec<u8> {
    let mut key = in_register(FILE, institution, register);
    key.extend_from_slice(&Sha256::digest(id.as_bytes()));
    key
}

/// A version of a file ([`FILED`], [`FILED_SECRETS`]).
pub fn filed(kind: u8, institution: &Slug, register: Register, id: &str, version: u64) -> Vec<u8> {
    let mut key = file(institution, register, id);
    key[0] = kind;
    key.extend_from_slice(&version.to_be_bytes());
    key
}

/// Where a file begins ([`FILES`]).
pub fn files(institution: &Slug, register: Register, first: Cursor) -> Vec<u8> {
    let mut key = in_register(FILES, institution, register);
    key.extend_from_slice(&first.0.to_be_bytes());
    key
}

/// The institution and register of such a key.
pub fn register_of(key: &[u8]) -> Option<(Slug, Register)> {
    let (institution, rest) = split(key)?;
    let byte = *rest.first()?;
    let is = |register: &Register| in_register(FILE, &institution, *register).last() == Some(&byte);
    let register = Register::ALL.into_iter().find(is)?;
    Some((institution, register))
}

pub fn slot(institution: &Slug, slot: &Slot) -> Vec<u8> {
    let mut key = in_list(SLOT, institution, slot.purpose, slot.list);
    key.extend_from_slice(&slot.index.to_be_bytes());
    key
}

/// The row of a list ([`LIST`]), or the start of the keys of its slots ([`SLOT`]) or versions ([`VERSION`]). The copy that
/// a successor serves has its purpose in upper case.
pub fn of_list(kind: u8, list: &ListKey) -> Vec<u8> {
    let mut key = in_list(kind, &list.institution, list.purpose, list.list);
    if list.mirror {
        key[list.institution.as_str().len() + 2].make_ascii_uppercase();
    }
    key
}

pub fn version(list: &ListKey, version: u64) -> Vec<u8> {
    let mut key = of_list(VERSION, list);
    key.extend_from_slice(&version.to_be_bytes());
    key
}

/// The newest version of an authority's root or trust list ([`AUTHORITY`]), or the start of the keys of all ([`TRUST`]).
pub fn of_trust(row: u8, institution: &Slug, kind: TrustKind) -> Vec<u8> {
    let mut key = within(row, institution);
    key.push(match kind {
        TrustKind::Root => b'r',
        TrustKind::List => b'l',
    });
    key
}

pub fn trust(institution: &Slug, kind: TrustKind, number: u64) -> Vec<u8> {
    let mut key = of_trust(TRUST, institution, kind);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The authority, document and number of such a key; 0 for the row of the newest.
pub fn trust_of(key: &[u8]) -> Option<(Slug, TrustKind, u64)> {
    let (institution, rest) = split(key)?;
    let (kind, number) = rest.split_first()?;
    let kind = match kind {
        b'r' => TrustKind::Root,
        b'l' => TrustKind::List,
        _ => return None,
    };
    Some((institution, kind, tail_u64(number).unwrap_or_default()))
}

/// The start of the keys of a credential's status events.
pub fn events(institution: &Slug, id: CredentialId) -> Vec<u8> {
    of_credential(EVENT, institution, id)
}

pub fn erasure(institution: &Slug, id: CredentialId) -> Vec<u8> {
    of_credential(ERASED, institution, id)
}

fn of_credential(kind: u8, institution: &Slug, id: CredentialId) -> Vec<u8> {
    let mut key = within(kind, institution);
    key.extend_from_slice(&id.to_bytes());
    key
}

pub fn event(institution: &Slug, id: CredentialId, cursor: u64) -> Vec<u8> {
    let mut key = events(institution, id);
    key.extend_from_slice(&cursor.to_be_bytes());
    key
}

fn in_list(kind: u8, institution: &Slug, purpose: Purpose, list: u32) -> Vec<u8> {
    let mut key = within(kind, institution);
    key.push(purpose_byte(purpose));
    key.extend_from_slice(&list.to_be_bytes());
    key
}

pub fn purpose_byte(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Revocation => b'r',
        Purpose::Suspension => b's',
    }
}

pub fn purpose_of(byte: u8) -> Option<Purpose> {
    match byte {
        b'r' => Some(Purpose::Revocation),
        b's' => Some(Purpose::Suspension),
        _ => None,
    }
}

/// The institution of a key of a kind that lies within one, and what follows it.
pub fn split(key: &[u8]) -> Option<(Slug, &[u8])> {
    let rest = key.get(1..)?;
    let at = rest.iter().position(|byte| *byte == 0)?;
    let slug = Slug::parse(std::str::from_utf8(&rest[..at]).ok()?).ok()?;
    Some((slug, &rest[at + 1..]))
}

/// The cursor at the end of a key.
pub fn tail_u64(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// A key in words, for a person who looks for damage; names no learner.
pub fn describe(key: &[u8]) -> String {
    let word =
        key.first().and_then(|byte| KINDS.iter().find(|(kind, _)| kind == byte)).map(|(_, word)| *word);
    let word = word.unwrap_or("unknown");
    match (key.first(), year(key), tile_of(key)) {
        (Some(&TILE), Some(year), Some(tile)) => return format!("{word}/{year}/{tile}"),
        (Some(&LOG), Some(year), _) => return format!("{word}/{year}"),
        (Some(&WITNESSED), Some(year), _) => {
            return format!("{word}/{year}/{}", tail_u64(key).unwrap_or_default());
        }
        _ => {}
    }
    match split(key) {
        Some((slug, rest)) => format!("{word}/{slug}/{}", hex::encode(rest)),
        None => match key.get(1..) {
            Some(rest) if !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic) => {
                format!("{word}/{}", String::from_utf8_lossy(rest))
            }
            rest => format!("{word}/{}", hex::encode(rest.unwrap_or_default())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_institution() {
        let slug = Slug::parse("ha-noi").unwrap();
        let key = slot(&slug, &Slot { purpose: Purpose::Revocation, list: 1, index: 513 });
        let (institution, rest) = split(&key).unwrap();
        assert_eq!((institution, rest), (slug, [b'r', 0, 0, 0, 1, 0, 0, 2, 1].as_slice()));
        assert_eq!(describe(&key), "slot/ha-noi/720000000100000201");
        assert_eq!(describe(&change(1)), "change/0000000000000001");
        assert_eq!(describe(&did("did:web:a")), "did/did:web:a");
        assert_eq!(describe(&tile(2026, Level::Hashes(1), 1234)), "tile/2026/tile/1/x001/234");
        assert_eq!(describe(&tile(2026, Level::Entries, 5)), "tile/2026/tile/entries/005");
        assert_eq!(
            (describe(&log(2026)), describe(&witnessed(2026, 7))),
            ("log/2026".to_owned(), "witnessed/2026/7".to_owned())
        );
    }

    #[test]
    fn kinds_differ() {
        let mut bytes: Vec<u8> = KINDS.iter().map(|(byte, _)| *byte).collect();
        bytes.sort_unstable();
        bytes.dedup();
        assert_eq!(bytes.len(), KINDS.len());
    }
}
