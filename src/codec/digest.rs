//! Digests as documents write them: `digestMultibase` (VC Data Integrity 1.0, section 2.6) and `digestSRI` (W3C SRI, section 3.1).

use base64::Engine as _;

use super::multibase;

/// The beginning of a multihash of SHA-256: its code, and how many bytes follow.
const SHA_256: [u8; 2] = [0x12, 0x20];
/// Longest digest decoded, in bytes.
const MAX_BYTES: usize = 128;
/// Longest `digestSRI` looked at, in bytes.
const MAX_SRI: usize = 1_000;

/// The multihash of a SHA-256, as multibase: `u` and base64url.
pub fn to_multihash(sha256: &[u8; 32]) -> String {
    multibase::encode_base64url(&[SHA_256.as_slice(), sha256].concat())
}

/// The SHA-256 of a multihash in multibase; `None` for any other digest.
pub fn from_multihash(text: &str) -> Option<[u8; 32]> {
    let bytes = multibase::decode(text, MAX_BYTES).ok()?;
    bytes.strip_prefix(&SHA_256)?.try_into().ok()
}

/// The digest of a `digestMultibase`: a multihash of SHA-256, SHA-384 or SHA-512, or the bare digest, as both are in use.
pub fn from_multibase(text: &str) -> Option<Vec<u8>> {
    let bytes = multibase::decode(text, MAX_BYTES).ok()?;
    match bytes.as_slice() {
        [0x12, 0x20, digest @ ..] if digest.len() == 32 => Some(digest.to_vec()),
        [0x20, 0x30, digest @ ..] if digest.len() == 48 => Some(digest.to_vec()),
        [0x13, 0x40, digest @ ..] if digest.len() == 64 => Some(digest.to_vec()),
        bare if matches!(bare.len(), 32 | 48 | 64) => Some(bytes),
        _ => None,
    }
}

/// The digests of a `digestSRI`: `sha256-`, `sha384-` or `sha512-` and base64, one or more with spaces between; options
/// after `?` are passed over.
pub fn from_sri(text: &str) -> Option<Vec<Vec<u8>>> {
    if text.len() > MAX_SRI {
        return None;
    }
    let mut found = Vec::new();
    for token in text.split_ascii_whitespace() {
        let (algorithm, rest) = token.split_once('-')?;
        let length = match algorithm {
            "sha256" => 32,
            "sha384" => 48,
            "sha512" => 64,
            _ => return None,
        };
        let digest = rest.split('?').next()?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(digest).ok()?;
        found.push(Some(bytes).filter(|bytes| bytes.len() == length)?);
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multihash_there_and_back() {
        let text = to_multihash(&[7; 32]);
        assert_eq!(from_multihash(&text), Some([7; 32]));
        assert_eq!(from_multibase(&text), Some(vec![7; 32]));
        for other in [[0x13, 0x40].as_slice(), &[]] {
            let text = multibase::encode_base64url(&[other, &[7; 32]].concat());
            assert_eq!(from_multihash(&text), None);
        }
        for text in ["", "u", "zz", "uEg", &to_multihash(&[7; 32])[..44]] {
            assert_eq!(from_multihash(text), None, "{text}");
        }
    }

    #[test]
    fn every_length_of_digest_is_read() {
        for (code, length) in [(0x12, 0x20), (0x20, 0x30), (0x13, 0x40)] {
            let digest = vec![code; usize::from(length)];
            let bare = multibase::encode_base64url(&digest);
            let full = multibase::encode_base64url(&[[code, length].as_slice(), &digest].concat());
            assert_eq!(from_multibase(&bare).as_ref(), Some(&digest));
            assert_eq!(from_multibase(&full).as_ref(), Some(&digest));
        }
        assert_eq!(from_multibase(&multibase::encode_base64url(&[7; 33])), None);
    }

    #[test]
    fn integrity_expressions_are_all_read_or_none() {
        let one = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg";
        let read = |text: &str| from_sri(text).map(|found| found.iter().map(Vec::len).collect::<Vec<_>>());
        assert_eq!(read(one), Some(vec![48]));
        assert_eq!(read(&format!(" {one}?x  {one}")), Some(vec![48, 48]));
        for text in ["", " ", "sha384", "sha1-AAAA", "sha256-AAAA", &format!("{one} no"), &one.repeat(20)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
