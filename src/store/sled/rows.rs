//! What a row holds: a format byte, the cursor of the fact that last wrote it, then the record in a compact form.
//!
//! Numbers are big-endian, texts and byte strings carry their length in four bytes. What is written rarely and read by
//! nobody in a hurry (institutions, tokens, status events, the founding) is JSON, which can gain members.

mod reader;

use jiff::Timestamp;
use serde::Serialize;

use super::keys;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::{
    CredentialRecord, Filing, ListVersion, LogPlace, LogState, Receipt, Slot, Visibility, WitnessedHead,
};

pub use reader::Reader;

/// The format written today; a row with another one is read by a newer version only.
pub const FORMAT: u8 = 1;
/// Length of the format byte and the cursor.
pub const HEAD: usize = 9;

/// The cursor of a row and what follows it.
pub fn open(row: &[u8]) -> Option<(u64, &[u8])> {
    let (head, body) = row.split_first_chunk::<HEAD>()?;
    let (format, cursor) = head.split_first_chunk::<1>()?;
    (format == &[FORMAT]).then_some(())?;
    Some((u64::from_be_bytes(*cursor.first_chunk()?), body))
}

/// Where a credential is, and its slots: what a change of status needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub institution: Slug,
    pub issued: u64,
    pub slots: Vec<Slot>,
}

/// A bit of a status list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRow {
    pub id: CredentialId,
    pub set: bool,
}

/// A status list: how many slots are taken and set, and its newest version (0: none).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListRow {
    pub taken: u32,
    pub set: u32,
    pub latest: u64,
}

/// The secrets of a body, or when they were destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretsRow<'a> {
    Wrapped(&'a [u8]),
    Destroyed(Option<Timestamp>),
}

/// What the whole store holds; its cursor is that of the last fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub credentials: u64,
    pub rows: u64,
}

/// A row being written; the cursor is filled in when the fact gets its place in the order.
#[derive(Debug, Clone)]
pub struct Row(Vec<u8>);

impl Row {
    pub fn new() -> Self {
        Self::with_capacity(64)
    }

    pub fn with_capacity(capacity: usize) -> Self {
        let mut row = Vec::with_capacity(HEAD + capacity);
        row.resize(HEAD, 0);
        row[0] = FORMAT;
        Self(row)
    }

    /// The bytes as they are stored.
    pub fn at(mut self, cursor: u64) -> Vec<u8> {
        self.0[1..HEAD].copy_from_slice(&cursor.to_be_bytes());
        self.0
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn u8(self, value: u8) -> Self {
        self.raw(&[value])
    }

    pub fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn u64(self, value: u64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// Length and bytes. No record comes near 4 GiB: the longest body kept is 16 MiB.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.u32(bytes.len() as u32).raw(bytes)
    }

    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub fn time(self, time: Timestamp) -> Self {
        self.raw(&time.as_second().to_be_bytes()).raw(&time.subsec_nanosecond().to_be_bytes())
    }

    pub fn slots(mut self, slots: &[Slot]) -> Self {
        self = self.u32(slots.len() as u32);
        for slot in slots {
            self = self.u8(keys::purpose_byte(slot.purpose)).u32(slot.list).u32(slot.index);
        }
        self
    }

    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(self.raw(&serde_json::to_vec(value)?))
    }

    pub fn place(place: &Place) -> Self {
        Self::new().text(place.institution.as_str()).u64(place.issued).slots(&place.slots)
    }

    pub fn slot(slot: SlotRow) -> Self {
        Self::new().raw(&slot.id.to_bytes()).u8(u8::from(slot.set))
    }

    pub fn list(list: ListRow) -> Self {
        Self::new().u32(list.taken).u32(list.set).u64(list.latest)
    }

    pub fn receipt(receipt: &Receipt) -> Self {
        Self::new().raw(&receipt.id.to_bytes()).raw(&receipt.request)
    }

    pub fn version(version: &ListVersion) -> Self {
        Self::with_capacity(version.body.len() + 64)
            .time(version.at)
            .time(version.valid_until)
            .bytes(&version.body)
    }

    pub fn log(log: &LogState) -> Self {
        Self::with_capacity(log.checkpoint.len() + 256)
            .text(&log.key)
            .u64(log.size)
            .u64(log.through.0)
            .time(log.at)
            .bytes(&log.checkpoint)
    }

    pub fn seen(head: &WitnessedHead) -> Self {
        Self::with_capacity(head.checkpoint.len() + 128)
            .text(&head.origin)
            .u64(head.size)
            .raw(&head.root)
            .time(head.at)
            .bytes(&head.checkpoint)
    }

    pub fn year(year: i16) -> Self {
        Self::new().raw(&year.to_be_bytes())
    }

    pub fn leaf(place: LogPlace) -> Self {
        Self::year(place.year).u64(place.index)
    }

    pub fn counters(counters: Counters) -> Self {
        Self::new().u64(counters.credentials).u64(counters.rows)
    }

    pub fn secrets(secrets: SecretsRow<'_>) -> Self {
        match secrets {
            SecretsRow::Wrapped(wrapped) => Self::new().u8(1).raw(wrapped),
            SecretsRow::Destroyed(Some(at)) => Self::new().u8(2).time(at),
            SecretsRow::Destroyed(None) => Self::new().u8(3),
        }
    }

    pub fn record(clear: &[u8], sealed: &[u8]) -> Self {
        Self::with_capacity(clear.len() + sealed.len() + 8).bytes(clear).raw(sealed)
    }
}

/// The part of a record that is not encrypted, as bytes: bound to the body, so that neither can be exchanged.
pub fn clear(record: &CredentialRecord) -> Vec<u8> {
    let row = Row::with_capacity(256)
        .raw(&record.id.to_bytes())
        .text(record.institution.as_str())
        .text(&record.claimed_id)
        .text(&record.kind)
        .time(record.issued)
        .u8(match record.visibility {
            Visibility::Public => b'p',
            Visibility::Token => b't',
        })
        .slots(&record.slots)
        .raw(&record.digest)
        .text(&record.actor);
    let row = match &record.idempotency {
        Some((key, request)) => row.u8(1).text(key).raw(request),
        None => row.u8(0),
    };
    row.0[HEAD..].to_vec()
}

/// The part of a filing that is not encrypted, and bound to its body.
pub fn clear_filing(filing: &Filing) -> Vec<u8> {
    let row = Row::new().text(&filing.id).u64(filing.version).time(filing.at).text(&filing.actor);
    row.0[HEAD..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let reader = Reader(&bytes);
            let _ = (reader.place(), reader.slot(), reader.list(), reader.receipt(), reader.counters());
            let _ = (reader.log(2026), reader.year(), reader.leaf(), reader.newest(), reader.seen());
            let _ = (reader.secrets(), reader.clear(), reader.record(), open(&bytes));
        }

        #[test]
        fn a_record_is_read_as_written(
            id: [u8; 16], claimed_id: String, kind: String, second in -1_000_000_000i64..100_000_000_000, nano in 0..1_000_000_000i32,
            slots in prop::collection::vec((any::<bool>(), any::<u32>(), any::<u32>()), 0..4),
            digest: [u8; 32], actor: String, idempotency: Option<(String, [u8; 32])>, public: bool,
        ) {
            let slots = slots.into_iter().map(|(revocation, list, index)| Slot {
                purpose: keys::purpose_of(if revocation { b'r' } else { b's' }).unwrap(), list, index,
            }).collect();
            let record = CredentialRecord {
                id: CredentialId::from_bytes(id), institution: Slug::parse("ha-noi").unwrap(), claimed_id, kind,
                issued: Timestamp::new(second, nano).unwrap(),
                visibility: if public { Visibility::Public } else { Visibility::Token },
                slots, digest, salt: None, body: None, idempotency, actor,
            };
            let bytes = clear(&record);
            prop_assert_eq!(Reader(&bytes).clear(), Some(record));
        }
    }

    #[test]
    fn a_row_of_a_later_format_is_not_guessed_at() {
        let row = Row::new().u8(7).at(42);
        assert_eq!(open(&row), Some((42, [7].as_slice())));
        let mut later = row.clone();
        later[0] = FORMAT + 1;
        assert_eq!(open(&later), None);
        assert_eq!(open(&row[..8]), None);
    }
}
