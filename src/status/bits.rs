//! The bits of a status list and their compressed, encoded form (Bitstring Status List 1.0, sections 2.2 and 3.3).

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use flate2::{Compression, GzBuilder};

/// The fewest entries a list may have: in a smaller one the index tells too much about the person.
pub const MIN_ENTRIES: u64 = 131_072;

/// The most bytes a list may inflate to: 16,777,216 entries.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The most characters an encoded list may have.
pub const MAX_ENCODED: usize = 4 * 1024 * 1024;

/// base64url that forgives padding and ignores nothing else.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
/// Plain base64, as early StatusList2021 issuers wrote it.
const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);

/// A row of bits, counted from the left: bit 0 is the highest of the first byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitstring(Vec<u8>);

/// Why an encoded list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BitsError {
    /// Not `u` and base64url without padding.
    #[error("encodedList is not multibase base64url without padding (`u…`)")]
    Encoding,
    /// Not one gzip member whose checksum holds.
    #[error("encodedList is not one whole gzip stream")]
    Gzip,
    /// Something follows the gzip stream.
    #[error("encodedList goes on after its gzip stream")]
    Trailing,
    /// It would inflate to more than [`MAX_BYTES`], or is longer than [`MAX_ENCODED`].
    #[error("encodedList is larger than 16,777,216 entries")]
    TooLarge,
    /// Fewer entries than the specification asks for.
    #[error("the list has {0} entries, fewer than 131,072")]
    TooShort(u64),
}

impl Bitstring {
    /// A row of at least `entries` bits, none set: no fewer than [`MIN_ENTRIES`], rounded up to whole bytes.
    pub fn new(entries: u32) -> Self {
        let entries = u64::from(entries).max(MIN_ENTRIES);
        Self(vec![0; usize::try_from(entries.div_ceil(8)).unwrap_or(MAX_BYTES).min(MAX_BYTES)])
    }

    /// A row of at least `entries` bits with these set. An index beyond the row makes the row longer.
    pub fn with(entries: u32, set: impl IntoIterator<Item = u32>) -> Self {
        let mut bits = Self::new(entries);
        for index in set {
            let byte = index as usize / 8;
            if byte >= bits.0.len() {
                bits.0.resize(byte + 1, 0);
            }
            bits.set(u64::from(index), true);
        }
        bits
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.0.len() as u64 * 8
    }

    /// Never: a row has at least [`MIN_ENTRIES`].
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bit at `index`, or `None` beyond the end.
    pub fn get(&self, index: u64) -> Option<bool> {
        let byte = self.0.get(usize::try_from(index / 8).ok()?)?;
        Some(byte & (0x80 >> (index % 8)) != 0)
    }

    /// Sets or clears the bit at `index`. `false` when there is no such bit.
    pub fn set(&mut self, index: u64, value: bool) -> bool {
        let Some(byte) = usize::try_from(index / 8).ok().and_then(|at| self.0.get_mut(at)) else {
            return false;
        };
        let mask = 0x80 >> (index % 8);
        if value {
            *byte |= mask
        } else {
            *byte &= !mask
        }
        true
    }

    /// How many bits are set.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|byte| u64::from(byte.count_ones())).sum()
    }

    /// `encodedList`: gzip without a date, so that equal bits give equal text, then `u` and base64url.
    pub fn encode(&self) -> String {
        // Level 2: a list is signed anew at every revocation. With 1,000 bits set level 6 takes four times as long
        // (0.2 ms) for 370 bytes less; level 1, whose codes are fixed, gives half as much again.
        let mut gzip = GzBuilder::new().mtime(0).write(Vec::with_capacity(1024), Compression::new(2));
        // Writing into a Vec cannot fail.
        let packed = gzip.write_all(&self.0).and_then(|()| gzip.finish()).unwrap_or_default();
        crate::codec::multibase::encode_base64url(&packed)
    }

    /// Reads an `encodedList` of a BitstringStatusList.
    pub fn decode(encoded: &str) -> Result<Self, BitsError> {
        if encoded.len() > MAX_ENCODED {
            return Err(BitsError::TooLarge);
        }
        if !encoded.starts_with('u') {
            return Err(BitsError::Encoding);
        }
        let packed =
            crate::codec::multibase::decode(encoded, MAX_ENCODED).map_err(|_| BitsError::Encoding)?;
        Self::inflate(&packed)
    }

    /// Reads an `encodedList` of a StatusList2021, which bears no multibase prefix; either base64 alphabet.
    pub fn decode_2021(encoded: &str) -> Result<Self, BitsError> {
        if encoded.len() > MAX_ENCODED {
            return Err(BitsError::TooLarge);
        }
        // A gzip stream begins with `H4sI` in base64: a `u` can only be a prefix.
        if encoded.starts_with('u') {
            return Self::decode(encoded);
        }
        let engine = if encoded.contains(['+', '/']) { BASE64 } else { BASE64URL };
        Self::inflate(&engine.decode(encoded).map_err(|_| BitsError::Encoding)?)
    }

    fn inflate(packed: &[u8]) -> Result<Self, BitsError> {
        let mut gzip = flate2::bufread::GzDecoder::new(packed);
        let mut bits = Vec::with_capacity(16 * 1024);
        gzip.by_ref().take(MAX_BYTES as u64 + 1).read_to_end(&mut bits).map_err(|_| BitsError::Gzip)?;
        if bits.len() > MAX_BYTES {
            return Err(BitsError::TooLarge);
        }
        if !gzip.into_inner().is_empty() {
            return Err(BitsError::Trailing);
        }
        let row = Self(bits);
        if row.len() < MIN_ENTRIES { Err(BitsError::TooShort(row.len())) } else { Ok(row) }
    }
}

impl std::fmt::Debug for Bitstring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitstring({} of {} set)", self.count(), self.len())
    }
}
