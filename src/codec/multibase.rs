//! Multibase: the two forms Data Integrity uses, `z` (base58btc) and `u` (base64url without padding).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Base58 costs the square of its length, so nothing longer than this is ever decoded.
const MAX_BASE58: usize = 4096;

/// Why a text is not the multibase we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultibaseError {
    /// The text is empty.
    #[error("empty multibase text")]
    Empty,
    /// The first character is neither `z` nor `u`.
    #[error("unsupported multibase prefix {0:?}")]
    UnsupportedBase(char),
    /// More than the caller expects; refused before decoding.
    #[error("multibase text too long: at most {max} bytes are expected")]
    TooLong {
        /// The longest decoded form, in bytes.
        max: usize,
    },
    /// A character outside the alphabet, padding, or stray bits at the end.
    #[error("invalid {base} text")]
    Invalid {
        /// `base58btc` or `base64url`.
        base: &'static str,
    },
}

/// The digits of base58btc, in order of their value.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Five digits of base58 at a time: 58⁵, the largest power below 2³².
const FIVE_DIGITS: u64 = 58 * 58 * 58 * 58 * 58;

/// `z` and the base58btc form of `bytes`.
///
/// Four bytes and five digits at a time, a twentieth of the steps a digit at a time takes: every proof value and key
/// goes through here.
pub fn encode_base58btc(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let (head, words) = bytes.get(zeros..).unwrap_or_default().as_rchunks::<4>();
    let mut first = [0; 4];
    first[4 - head.len()..].copy_from_slice(head);
    // The number so far in base 58⁵, least significant first.
    let mut groups: Vec<u64> = Vec::with_capacity(bytes.len() * 11 / 40 + 2);
    for word in std::iter::once(&first).chain(words) {
        let mut carry = u64::from(u32::from_be_bytes(*word));
        for group in &mut groups {
            carry += *group << 32;
            *group = carry % FIVE_DIGITS;
            carry /= FIVE_DIGITS;
        }
        while carry > 0 {
            groups.push(carry % FIVE_DIGITS);
            carry /= FIVE_DIGITS;
        }
    }
    let mut digits = Vec::with_capacity(groups.len() * 5);
    for mut group in groups {
        for _ in 0..5 {
            digits.push(BASE58[(group % 58) as usize]);
            group /= 58;
        }
    }
    while digits.last() == Some(&BASE58[0]) {
        digits.pop();
    }
    let mut text = String::with_capacity(1 + zeros + digits.len());
    text.push('z');
    text.extend(std::iter::repeat_n('1', zeros));
    text.extend(digits.iter().rev().map(|digit| char::from(*digit)));
    text
}

/// `u` and the base64url form of `bytes`, without padding.
pub fn encode_base64url(bytes: &[u8]) -> String {
    let mut text = String::from("u");
    URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
    text
}

/// Decodes a `z` or `u` text to at most `max_len` bytes; a text that must be longer is refused unread.
pub fn decode(text: &str, max_len: usize) -> Result<Vec<u8>, MultibaseError> {
    let too_long = MultibaseError::TooLong { max: max_len };
    let prefix = text.chars().next().ok_or(MultibaseError::Empty)?;
    let body = text.get(prefix.len_utf8()..).unwrap_or_default();
    let bytes = match prefix {
        // 11 base58 digits hold 8 bytes.
        'z' if body.len() > (max_len.saturating_mul(11) / 8 + 1).min(MAX_BASE58) => return Err(too_long),
        'z' => bs58::decode(body).into_vec().map_err(|_| MultibaseError::Invalid { base: "base58btc" })?,
        'u' if body.len() > max_len.saturating_mul(4).div_ceil(3) => return Err(too_long),
        'u' => URL_SAFE_NO_PAD.decode(body).map_err(|_| MultibaseError::Invalid { base: "base64url" })?,
        other => return Err(MultibaseError::UnsupportedBase(other)),
    };
    if bytes.len() > max_len { Err(too_long) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_must_be_too_long_without_decoding() {
        let long = format!("z{}", "2".repeat(1 << 20));
        assert_eq!(decode(&long, 64), Err(MultibaseError::TooLong { max: 64 }));
        assert_eq!(decode(&long, usize::MAX), Err(MultibaseError::TooLong { max: usize::MAX }));
        assert_eq!(decode(&format!("u{}", "A".repeat(88)), 64), Err(MultibaseError::TooLong { max: 64 }));
    }

    #[test]
    fn sixty_four_bytes_of_ones_and_of_zeros_fit() {
        for bytes in [[0xff; 64], [0; 64]] {
            assert_eq!(decode(&encode_base58btc(&bytes), 64).unwrap(), bytes);
            assert_eq!(decode(&encode_base64url(&bytes), 64).unwrap(), bytes);
        }
    }

    proptest::proptest! {
        #[test]
        fn base58_is_what_others_write(zeros in 0usize..5, bytes: Vec<u8>) {
            let bytes = [vec![0; zeros], bytes].concat();
            proptest::prop_assert_eq!(
                encode_base58btc(&bytes), format!("z{}", bs58::encode(&bytes).into_string()));
        }
    }

    #[test]
    fn refuses_padding_stray_bits_and_foreign_letters() {
        for bad in ["uQQ==", "uQR", "u+A", "z0OIl", "zé", "é"] {
            assert!(decode(bad, 64).is_err(), "{bad}");
        }
        assert_eq!(decode("", 64), Err(MultibaseError::Empty));
        assert_eq!(decode("m", 64), Err(MultibaseError::UnsupportedBase('m')));
    }
}
