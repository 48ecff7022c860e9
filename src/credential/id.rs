//! The id of a credential in this service: 128 random bits in 26 characters of Crockford base32.

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 128 random bits, written in 26 lower-case characters of Crockford base32 (first character 0–7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialId(u128);

/// The text is not such an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a credential id is 26 characters of Crockford base32")]
pub struct CredentialIdError;

impl CredentialId {
    /// An id from 16 random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The 16 bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads an id as a person or a scanner may write it: any case, `O` for 0, `I` and `L` for 1.
    pub fn parse(text: &str) -> Result<Self, CredentialIdError> {
        if text.len() != 26 {
            return Err(CredentialIdError);
        }
        let mut value: u128 = 0;
        for (at, byte) in text.bytes().enumerate() {
            let lower = match byte.to_ascii_lowercase() {
                b'o' => b'0',
                b'i' | b'l' => b'1',
                other => other,
            };
            let digit = ALPHABET.iter().position(|known| *known == lower).ok_or(CredentialIdError)?;
            if at == 0 && digit > 7 {
                return Err(CredentialIdError);
            }
            value = (value << 5) | digit as u128;
        }
        Ok(Self(value))
    }
}

impl std::fmt::Display for CredentialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = [0u8; 26];
        for (at, slot) in text.iter_mut().enumerate() {
            let shift = 125 - 5 * at;
            *slot = ALPHABET[((self.0 >> shift) & 31) as usize];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl std::fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CredentialId({self})")
    }
}

impl TryFrom<String> for CredentialId {
    type Error = CredentialIdError;
    fn try_from(text: String) -> Result<Self, CredentialIdError> {
        Self::parse(&text)
    }
}

impl From<CredentialId> for String {
    fn from(id: CredentialId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 16]) {
            let id = CredentialId::from_bytes(bytes);
            let text = id.to_string();
            prop_assert_eq!(CredentialId::parse(&text), Ok(id));
            prop_assert_eq!(CredentialId::parse(&text.to_uppercase()), Ok(id));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Ok(id) = CredentialId::parse(&text) {
                prop_assert_eq!(CredentialId::parse(&id.to_string()), Ok(id));
            }
        }
    }

    #[test]
    fn look_alikes_are_read_as_what_they_look_like() {
        let id = CredentialId::parse("0mvs7wqp29d49tmb963atq3yh0").unwrap();
        assert_eq!(CredentialId::parse("OMVS7WQP29D49TMB963ATQ3YHO"), Ok(id));
        assert_eq!(CredentialId::parse("8mvs7wqp29d49tmb963atq3yh0"), Err(CredentialIdError));
        assert_eq!(CredentialId::parse("umvs7wqp29d49tmb963atq3yh0"), Err(CredentialIdError));
    }
}
