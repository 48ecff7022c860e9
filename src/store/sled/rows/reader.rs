//! Reading a row: each part where and as it was written, or nothing.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Counters, ListRow, Place, SecretsRow, SlotRow};
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::sled::keys;
use crate::store::{
    CredentialRecord, Cursor, Filing, ListKey, ListVersion, LogPlace, LogState, Receipt, Register, Slot,
    TrustKind, TrustVersion, Visibility, WitnessedHead,
};

/// Reads a row's bytes in order; `None` where they do not fit.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.chunk().map(|[byte]: [u8; 1]| byte)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_be_bytes)
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        let (bytes, rest) = self.0.split_at_checked(length as usize)?;
        self.0 = rest;
        Some(bytes)
    }

    pub fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// A filing without its body.
    pub fn filing(mut self, institution: Slug, register: Register) -> Option<Filing> {
        let (id, version) = (self.text()?, self.u64()?);
        let (at, actor) = (self.time()?, self.text()?);
        Some(Filing { institution, register, id, version, at, actor, body: None })
    }

    pub fn slug(&mut self) -> Option<Slug> {
        Slug::parse(std::str::from_utf8(self.bytes()?).ok()?).ok()
    }

    pub fn id(&mut self) -> Option<CredentialId> {
        self.chunk().map(CredentialId::from_bytes)
    }

    pub fn time(&mut self) -> Option<Timestamp> {
        let second = self.chunk().map(i64::from_be_bytes)?;
        Timestamp::new(second, self.chunk().map(i32::from_be_bytes)?).ok()
    }

    pub fn slots(&mut self) -> Option<Vec<Slot>> {
        let count = self.u32()?;
        (0..count)
            .map(|_| {
                Some(Slot { purpose: keys::purpose_of(self.u8()?)?, list: self.u32()?, index: self.u32()? })
            })
            .collect()
    }

    fn end<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }

    pub fn json<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_slice(self.0).ok()
    }

    pub fn lone_id(mut self) -> Option<CredentialId> {
        let id = self.id()?;
        self.end(id)
    }

    pub fn lone_slug(mut self) -> Option<Slug> {
        let slug = self.slug()?;
        self.end(slug)
    }

    pub fn place(mut self) -> Option<Place> {
        let place = Place { institution: self.slug()?, issued: self.u64()?, slots: self.slots()? };
        self.end(place)
    }

    pub fn slot(mut self) -> Option<SlotRow> {
        let (id, set) = (self.id()?, self.u8()?);
        let set = match set {
            0 => false,
            1 => true,
            _ => return None,
        };
        self.end(SlotRow { id, set })
    }

    pub fn list(mut self) -> Option<ListRow> {
        let list = ListRow { taken: self.u32()?, set: self.u32()?, latest: self.u64()? };
        self.end(list)
    }

    pub fn receipt(mut self) -> Option<Receipt> {
        let receipt = Receipt { id: self.id()?, request: self.chunk()? };
        self.end(receipt)
    }

    pub fn version(mut self, key: ListKey, version: u64) -> Option<ListVersion> {
        let (at, valid_until, body) = (self.time()?, self.time()?, self.bytes()?.to_vec());
        self.end(ListVersion { key, version, at, valid_until, body })
    }

    pub fn trust(mut self, institution: Slug, kind: TrustKind, number: u64) -> Option<TrustVersion> {
        let (at, body) = (self.time()?, self.bytes()?.to_vec());
        self.end(TrustVersion { institution, kind, number, at, body })
    }

    /// The number of the newest version of something.
    pub fn newest(mut self) -> Option<u64> {
        let number = self.u64()?;
        self.end(number)
    }

    pub fn log(mut self, year: i16) -> Option<LogState> {
        let (key, size, through) = (self.text()?, self.u64()?, Cursor(self.u64()?));
        let log = LogState { year, key, size, through, at: self.time()?, checkpoint: self.bytes()?.to_vec() };
        self.end(log)
    }

    pub fn seen(mut self) -> Option<WitnessedHead> {
        let (origin, size, root) = (self.text()?, self.u64()?, self.chunk()?);
        let head = WitnessedHead { origin, size, root, at: self.time()?, checkpoint: self.bytes()?.to_vec() };
        self.end(head)
    }

    pub fn year(mut self) -> Option<i16> {
        let year = self.chunk().map(i16::from_be_bytes)?;
        self.end(year)
    }

    pub fn leaf(mut self) -> Option<LogPlace> {
        let place = LogPlace { year: self.chunk().map(i16::from_be_bytes)?, index: self.u64()? };
        self.end(place)
    }

    pub fn counters(mut self) -> Option<Counters> {
        let counters = Counters { credentials: self.u64()?, rows: self.u64()? };
        self.end(counters)
    }

    pub fn secrets(mut self) -> Option<SecretsRow<'a>> {
        match self.u8()? {
            1 => Some(SecretsRow::Wrapped(self.0)),
            2 => {
                let at = self.time()?;
                self.end(SecretsRow::Destroyed(Some(at)))
            }
            3 => self.end(SecretsRow::Destroyed(None)),
            _ => None,
        }
    }

    /// The clear part of a record and its sealed body, empty once erased.
    pub fn record(mut self) -> Option<(&'a [u8], &'a [u8])> {
        let clear = self.bytes()?;
        Some((clear, self.0))
    }

    /// A record from its clear part: without salt and body.
    pub fn clear(mut self) -> Option<CredentialRecord> {
        let record = CredentialRecord {
            id: self.id()?,
            institution: self.slug()?,
            claimed_id: self.text()?,
            kind: self.text()?,
            issued: self.time()?,
            visibility: match self.u8()? {
                b'p' => Visibility::Public,
                b't' => Visibility::Token,
                _ => return None,
            },
            slots: self.slots()?,
            digest: self.chunk()?,
            actor: self.text()?,
            idempotency: match self.u8()? {
                0 => None,
                1 => Some((self.text()?, self.chunk()?)),
                _ => return None,
            },
            salt: None,
            body: None,
        };
        self.end(record)
    }
}
