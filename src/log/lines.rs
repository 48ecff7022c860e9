//! The spellings all of C2SP's text formats share: canonical base64, decimals without leading zeroes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Hash;
use super::merkle::MAX_SIZE;

/// Standard base64 with padding (RFC 4648 §4).
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads the one base64 spelling of some bytes: padded, without stray bits.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads a line that is a hash.
pub(super) fn hash(line: &str) -> Option<Hash> {
    // Longer text is not decoded: a hash has 44 characters.
    (line.len() == 44).then(|| from_base64(line))??.try_into().ok()
}

/// Reads an ASCII decimal without leading zeroes, at most [`MAX_SIZE`].
pub(super) fn decimal(text: &str) -> Option<u64> {
    let digits = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    let value: u64 = text.parse().ok().filter(|_| digits)?;
    (value <= MAX_SIZE && (text == "0" || !text.starts_with('0'))).then_some(value)
}
