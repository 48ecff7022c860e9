//! Verifier keys: who may sign a note, under which name, and how (C2SP signed-note, "Verifier keys").

use std::fmt;
use std::str::FromStr;

use super::lines;
use crate::crypto::{PublicKey, sha256};

/// Longest key name read, in bytes (C2SP tlog-cosignature, `cosigner_name`).
pub const MAX_NAME: usize = 255;

/// Longest verifier key read, in bytes; holds an ML-DSA-44 key, so that it is refused by its type.
const MAX_VKEY: usize = 3000;

/// The name of a key: not empty, without white space, plus or control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

/// How a key signs, by its signature type byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Ed25519 over the note's text: logs.
    Ed25519 = 0x01,
    /// Ed25519 over the note's text and a time: witnesses (C2SP tlog-cosignature).
    Cosignature = 0x04,
}

/// A public key with the name and the id that its signatures bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: u32,
    kind: Kind,
    key: PublicKey,
}

/// Why a text is not a verifier key we use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VkeyError {
    /// Not NAME+ID+KEY with a lower-case hex id and canonical base64.
    #[error("not a verifier key")]
    Form,
    /// The name is empty or too long, or holds white space, a plus or a control character.
    #[error("not the name of a key")]
    Name,
    /// The key signs in a way we do not check.
    #[error("unsupported signature type 0x{0:02x}")]
    Type(u8),
    /// Not an Ed25519 public key.
    #[error("not an Ed25519 public key")]
    Key,
    /// The id is not that of the name, the type and the key.
    #[error("the key id should be {0:08x}")]
    Id(u32),
}

impl KeyName {
    /// Checks a name.
    pub fn parse(name: &str) -> Result<KeyName, VkeyError> {
        let bad = |c: char| c.is_whitespace() || c == '+' || c < ' ';
        if name.is_empty() || name.len() > MAX_NAME || name.contains(bad) {
            return Err(VkeyError::Name);
        }
        Ok(KeyName(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl VerifierKey {
    /// The verifier key of an Ed25519 public key.
    pub fn new(name: KeyName, kind: Kind, key: PublicKey) -> Result<VerifierKey, VkeyError> {
        let public = encoded(&key).ok_or(VkeyError::Key)?;
        let digest = sha256(&[name.as_str().as_bytes(), b"\n", &[kind as u8], public].concat());
        let [a, b, c, d, ..] = digest;
        Ok(VerifierKey { id: u32::from_be_bytes([a, b, c, d]), name, kind, key })
    }

    /// The name its signatures bear.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The first four bytes of SHA-256 over name, type and key; tells keys apart, proves nothing.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How it signs.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The public key; always Ed25519.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl FromStr for VerifierKey {
    type Err = VkeyError;

    /// Reads NAME+ID+KEY.
    fn from_str(text: &str) -> Result<VerifierKey, VkeyError> {
        if text.len() > MAX_VKEY {
            return Err(VkeyError::Form);
        }
        let (name, rest) = text.split_once('+').ok_or(VkeyError::Form)?;
        // Base64 may hold a plus, a name and an id do not.
        let (id, key) = rest.split_once('+').ok_or(VkeyError::Form)?;
        let name = KeyName::parse(name)?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8 && id.bytes().all(hex));
        let id = id.ok_or(VkeyError::Form)?;
        let bytes = lines::from_base64(key).ok_or(VkeyError::Form)?;
        let (kind, public) = match bytes.split_first() {
            Some((0x01, public)) => (Kind::Ed25519, public),
            Some((0x04, public)) => (Kind::Cosignature, public),
            Some((other, _)) => return Err(VkeyError::Type(*other)),
            None => return Err(VkeyError::Form),
        };
        let key = PublicKey::ed25519(public).map_err(|_| VkeyError::Key)?;
        let key = VerifierKey::new(name, kind, key)?;
        if key.id == id { Ok(key) } else { Err(VkeyError::Id(key.id)) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = encoded(&self.key).unwrap_or_default();
        write!(f, "{}+{:08x}+{}", self.name, self.id, lines::base64(&[&[self.kind as u8], public].concat()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn encoded(key: &PublicKey) -> Option<&[u8]> {
    match key {
        PublicKey::Ed25519(key) => Some(key.as_bytes()),
        PublicKey::P256(_) | PublicKey::P384(_) => None,
    }
}
