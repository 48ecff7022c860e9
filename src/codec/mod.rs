//! Codecs: strict JSON in, canonical JSON out, multibase, hex, digests, date-times, and tables of text.

pub mod csv;
pub mod digest;
pub mod hex;
pub mod json;
pub mod jcs;
pub mod multibase;
pub mod datetime;

/// How many bytes at the beginning of `text` stand for themselves in a JSON string: up to the first quotation mark,
/// reverse solidus or control character. Looks at eight bytes at a time.
fn plain_run(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGH;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // A borrow may mark a byte too many, but only above one rightly marked; the lowest mark is right.
        let special = below(word, 0x20) | below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5c), 1);
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    text.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}
