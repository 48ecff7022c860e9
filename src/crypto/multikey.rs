//! Multikey: a public key as `z` + base58btc of its multicodec and bytes (Controlled Identifiers 1.0 §2.2.2).

use super::{KeyError, KeyType, PublicKey};
use crate::codec::multibase::{self, MultibaseError};

/// Varint multicodecs of the keys we use.
const CODECS: [([u8; 2], KeyType); 3] =
    [([0xed, 0x01], KeyType::Ed25519), ([0x80, 0x24], KeyType::P256), ([0x81, 0x24], KeyType::P384)];

/// Varint multicodecs of keys we know by name alone.
const FOREIGN: [([u8; 2], &str); 7] = [
    ([0xe7, 0x01], "secp256k1"),
    ([0xec, 0x01], "X25519"),
    ([0xea, 0x01], "BLS12-381 G1"),
    ([0xeb, 0x01], "BLS12-381 G2"),
    ([0xee, 0x01], "BLS12-381 G1 and G2"),
    ([0x82, 0x24], "P-521"),
    ([0x85, 0x24], "RSA"),
];

/// Varint multicodecs of private keys: Ed25519, secp256k1, X25519, RSA, P-256, P-384, P-521.
const PRIVATE: [[u8; 2]; 7] =
    [[0x80, 0x26], [0x81, 0x26], [0x82, 0x26], [0x85, 0x26], [0x86, 0x26], [0x87, 0x26], [0x88, 0x26]];

/// Longest key read, in bytes; holds an RSA-4096 key, so that it is refused by its name.
const MAX_LEN: usize = 600;

impl PublicKey {
    /// Reads a `publicKeyMultibase`. Only the `z` form is accepted, so that one key has one name.
    pub fn from_multikey(text: &str) -> Result<PublicKey, KeyError> {
        if let Some(base) = text.chars().next().filter(|c| *c != 'z') {
            return Err(MultibaseError::UnsupportedBase(base).into());
        }
        let bytes = multibase::decode(text, MAX_LEN)?;
        let (codec, key) =
            bytes.split_first_chunk::<2>().ok_or_else(|| KeyError::Unsupported("(empty)".into()))?;
        match CODECS.iter().find(|(known, _)| known == codec) {
            Some((_, key_type)) => PublicKey::from_encoded(*key_type, key),
            None if PRIVATE.contains(codec) => Err(KeyError::PrivateKey),
            None => {
                let known =
                    FOREIGN.iter().find(|(known, _)| known == codec).map(|(_, name)| (*name).to_owned());
                Err(KeyError::Unsupported(known.unwrap_or_else(|| "of an unknown multicodec".into())))
            }
        }
    }

    /// The key as `publicKeyMultibase`.
    pub fn to_multikey(&self) -> String {
        let codec = CODECS.iter().find(|(_, key_type)| *key_type == self.key_type()).map(|(codec, _)| *codec);
        let mut bytes = codec.unwrap_or_default().to_vec();
        bytes.extend(self.encoded());
        multibase::encode_base58btc(&bytes)
    }

    fn from_encoded(name: KeyType, key: &[u8]) -> Result<PublicKey, KeyError> {
        let (expected, found) = (name.public_len(), key.len());
        if found != expected {
            return Err(KeyError::Length { name, expected, found });
        }
        // SEC1 has more forms than these two; one key, one name.
        if name != KeyType::Ed25519 && !matches!(key.first(), Some(2 | 3)) {
            return Err(KeyError::NotAPoint(name));
        }
        let read = match name {
            KeyType::Ed25519 => PublicKey::ed25519(key).ok(),
            KeyType::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok().map(PublicKey::P256),
            KeyType::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok().map(PublicKey::P384),
        };
        read.ok_or(KeyError::NotAPoint(name))
    }

    fn encoded(&self) -> Vec<u8> {
        match self {
            PublicKey::Ed25519(key) => key.as_bytes().to_vec(),
            PublicKey::P256(key) => key.to_sec1_point(true).as_bytes().to_vec(),
            PublicKey::P384(key) => key.to_sec1_point(true).as_bytes().to_vec(),
        }
    }
}
