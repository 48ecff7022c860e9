//! Bodies at rest: compressed, then encrypted, each under a key of its own that erasure destroys.
//!
//! Body: `length (u32, big-endian) ‖ raw DEFLATE` → XChaCha20-Poly1305 under 32 fresh random bytes, the credential id and
//! the clear part of the record as associated data. That key and the log salt → XChaCha20-Poly1305 under the store key,
//! the credential id as associated data. Every ciphertext stands behind its own random 24-byte nonce.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use crate::credential::id::CredentialId;

/// Seals and opens bodies with the store key, which is asked for when it is first needed.
#[derive(Clone)]
pub struct Sealer(Arc<Lazy>);

struct Lazy {
    cipher: OnceLock<XChaCha20Poly1305>,
    key: Box<KeySource>,
}

/// Where the store key comes from; says why it cannot be had.
pub type KeySource = dyn Fn(Asked) -> Result<Zeroizing<[u8; 32]>, String> + Send + Sync;

/// Which store key is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The one that sealed what is there: without it nothing opens, so none may be made in its place.
    Known,
    /// The one of a store that has sealed nothing yet: may be made now.
    New,
}

/// A sealed body and the wrapped secrets it takes to open it; kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Nonce, encrypted compressed body, tag.
    pub body: Vec<u8>,
    /// Nonce, encrypted record key and log salt, tag: [`WRAPPED`] bytes.
    pub secrets: [u8; WRAPPED],
}

/// What could not be sealed or opened, in words for the operator; holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The store key is not to be had.
    #[error("the store key is not to be had: {0}")]
    NoKey(String),
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// The body is longer than [`MAX_BODY`].
    #[error("the body is longer than {MAX_BODY} bytes")]
    TooLong,
    /// The ciphertext was altered, moved, or sealed with another store key.
    #[error("the seal is broken")]
    Broken,
    /// What was decrypted does not decompress to the length it states.
    #[error("the compressed body is damaged")]
    Compressed,
}

impl Sealer {
    /// A sealer under the store key, 32 secret bytes.
    pub fn new(key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        Self::on_demand(move |_| Ok(key.clone()))
    }

    /// A sealer that asks for the store key when it first seals or opens; after a refusal it asks again.
    pub fn on_demand(
        key: impl Fn(Asked) -> Result<Zeroizing<[u8; 32]>, String> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Lazy { cipher: OnceLock::new(), key: Box::new(key) }))
    }

    fn cipher(&self, asked: Asked) -> Result<&XChaCha20Poly1305, SealError> {
        if let Some(known) = self.0.cipher.get() {
            return Ok(known);
        }
        let key = (self.0.key)(asked).map_err(SealError::NoKey)?;
        Ok(self.0.cipher.get_or_init(|| XChaCha20Poly1305::new((&*key).into())))
    }

    /// Compresses and seals `body` under a fresh key; wraps that key and `salt`. `clear` is bound to the body.
    pub fn seal(
        &self,
        id: CredentialId,
        clear: &[u8],
        body: &[u8],
        salt: &[u8; 16],
    ) -> Result<Sealed, SealError> {
        if body.len() > MAX_BODY {
            return Err(SealError::TooLong);
        }
        let mut random = Zeroizing::new([0u8; 32 + NONCE + NONCE]);
        getrandom::fill(random.as_mut_slice()).map_err(|_| SealError::Random)?;
        let (key, nonces) = random.split_at(32);
        let (body_nonce, wrap_nonce) = nonces.split_at(NONCE);

        let mut sealed = Vec::with_capacity(NONCE + 4 + body.len() / 2 + TAG);
        sealed.extend_from_slice(body_nonce);
        sealed.extend_from_slice(&(body.len() as u32).to_be_bytes());
        deflate(body, &mut sealed)?;
        let cipher = cipher(key)?;
        encrypt(&cipher, &body_aad(id, clear), &mut sealed)?;

        let mut secrets = Zeroizing::new(Vec::with_capacity(WRAPPED));
        secrets.extend_from_slice(wrap_nonce);
        secrets.extend_from_slice(key);
        secrets.extend_from_slice(salt);
        encrypt(self.cipher(Asked::New)?, &secrets_aad(id), &mut secrets)?;
        let secrets = secrets.as_slice().try_into().map_err(|_| SealError::Broken)?;
        Ok(Sealed { body: sealed, secrets })
    }

    /// The body and the log salt, as they were sealed with the same `id` and `clear`.
    pub fn open(
        &self,
        id: CredentialId,
        clear: &[u8],
        body: &[u8],
        secrets: &[u8],
    ) -> Result<(Vec<u8>, [u8; 16]), SealError> {
        let secrets = Zeroizing::new(decrypt(self.cipher(Asked::Known)?, &secrets_aad(id), secrets)?);
        let (key, salt) = secrets.split_at_checked(32).ok_or(SealError::Broken)?;
        let salt = salt.try_into().map_err(|_| SealError::Broken)?;
        let packed = decrypt(&cipher(key)?, &body_aad(id, clear), body)?;
        let (length, packed) = packed.split_at_checked(4).ok_or(SealError::Compressed)?;
        let length = length.try_into().map(u32::from_be_bytes).map_err(|_| SealError::Compressed)?;
        Ok((inflate(packed, length as usize)?, salt))
    }

    /// A proof that the store was sealed with this key: kept with the first sealed body, checked at each opening.
    pub fn token(&self) -> Result<Vec<u8>, SealError> {
        let mut token = vec![0; NONCE];
        getrandom::fill(&mut token).map_err(|_| SealError::Random)?;
        encrypt(self.cipher(Asked::New)?, TOKEN_AAD, &mut token)?;
        Ok(token)
    }

    /// Whether the store with this token was sealed with this key.
    pub fn knows(&self, token: &[u8]) -> Result<bool, SealError> {
        Ok(decrypt(self.cipher(Asked::Known)?, TOKEN_AAD, token).is_ok())
    }
}

impl From<[u8; 32]> for Sealer {
    fn from(key: [u8; 32]) -> Self {
        Self::new(key)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

/// Encrypts what follows the nonce at the front of `buffer`, in place, and appends the tag.
fn encrypt(cipher: &XChaCha20Poly1305, aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), SealError> {
    let (nonce, plain) = buffer.split_at_mut_checked(NONCE).ok_or(SealError::Broken)?;
    let nonce: &XNonce = (&*nonce).try_into().map_err(|_| SealError::Broken)?;
    let tag = cipher.encrypt_inout_detached(nonce, aad, plain.into()).map_err(|_| SealError::TooLong)?;
    buffer.extend_from_slice(&tag);
    Ok(())
}

/// Decrypts `nonce ‖ ciphertext ‖ tag`.
fn decrypt(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(SealError::Broken)?;
    let at = rest.len().checked_sub(TAG).ok_or(SealError::Broken)?;
    let (hidden, tag) = rest.split_at(at);
    let nonce: &XNonce = nonce.try_into().map_err(|_| SealError::Broken)?;
    let tag = tag.try_into().map_err(|_| SealError::Broken)?;
    let mut plain = hidden.to_vec();
    cipher
        .decrypt_inout_detached(nonce, aad, plain.as_mut_slice().into(), tag)
        .map_err(|_| SealError::Broken)?;
    Ok(plain)
}

fn cipher(key: &[u8]) -> Result<XChaCha20Poly1305, SealError> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| SealError::Broken)
}

fn body_aad(id: CredentialId, clear: &[u8]) -> Vec<u8> {
    [b"testamur-body/v1\n".as_slice(), &id.to_bytes(), clear].concat()
}

fn secrets_aad(id: CredentialId) -> Vec<u8> {
    [b"testamur-secrets/v1\n".as_slice(), &id.to_bytes()].concat()
}

thread_local! {
    /// A compressor's tables are hundreds of kilobytes: clearing them for each body would cost more than compressing it.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

fn deflate(body: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        loop {
            out.reserve(body.len() / 2 + 64);
            let from = compress.total_in() as usize;
            match compress.compress_vec(&body[from..], out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(SealError::Compressed),
            }
        }
    })
}

fn inflate(packed: &[u8], length: usize) -> Result<Vec<u8>, SealError> {
    if length > MAX_BODY {
        return Err(SealError::Compressed);
    }
    // One byte to spare, so that a stream longer than it states is noticed.
    let mut body = Vec::with_capacity(length + 1);
    let status = Decompress::new(false).decompress_vec(packed, &mut body, FlushDecompress::Finish);
    let whole = matches!(status, Ok(Status::StreamEnd)) && body.len() == length;
    if whole { Ok(body) } else { Err(SealError::Compressed) }
}

/// The longest body that is kept, in bytes.
pub const MAX_BODY: usize = 16 << 20;
/// Length of wrapped secrets, in bytes.
pub const WRAPPED: usize = NONCE + 32 + 16 + TAG;
const NONCE: usize = 24;
const TAG: usize = 16;
const TOKEN_AAD: &[u8] = b"testamur-store/v1\n";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(byte: u8) -> CredentialId {
        CredentialId::from_bytes([byte; 16])
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(body: Vec<u8>, salt: [u8; 16], clear: Vec<u8>) {
            let sealer = Sealer::new([7; 32]);
            let sealed = sealer.seal(id(1), &clear, &body, &salt).unwrap();
            prop_assert_eq!(sealer.open(id(1), &clear, &sealed.body, &sealed.secrets), Ok((body, salt)));
        }

        #[test]
        fn one_bit_breaks_the_seal(body: Vec<u8>, at: prop::sample::Index, bit in 0u8..8, which: bool) {
            let sealer = Sealer::new([7; 32]);
            let mut sealed = sealer.seal(id(1), b"", &body, &[0; 16]).unwrap();
            let bytes = if which { sealed.body.as_mut_slice() } else { &mut sealed.secrets };
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(sealer.open(id(1), b"", &sealed.body, &sealed.secrets), Err(SealError::Broken));
        }
    }

    #[test]
    fn a_body_opens_in_its_own_place_only() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer.seal(id(1), b"clear", b"body", &[0; 16]).unwrap();
        let other = sealer.seal(id(2), b"clear", b"body", &[0; 16]).unwrap();
        assert_eq!(sealer.open(id(2), b"clear", &sealed.body, &sealed.secrets), Err(SealError::Broken));
        assert_eq!(sealer.open(id(1), b"other", &sealed.body, &sealed.secrets), Err(SealError::Broken));
        assert_eq!(sealer.open(id(1), b"clear", &sealed.body, &other.secrets), Err(SealError::Broken));
        assert_eq!(
            Sealer::new([8; 32]).open(id(1), b"clear", &sealed.body, &sealed.secrets),
            Err(SealError::Broken)
        );
        assert_eq!(sealer.knows(&sealer.token().unwrap()), Ok(true));
        assert_eq!(Sealer::new([8; 32]).knows(&sealer.token().unwrap()), Ok(false));
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        let mut packed = Vec::new();
        deflate(&vec![0; 1 << 20], &mut packed).unwrap();
        assert_eq!(inflate(&packed, 1000), Err(SealError::Compressed));
        assert_eq!(inflate(&packed, usize::MAX), Err(SealError::Compressed));
        assert_eq!(inflate(&packed, 1 << 20).map(|body| body.len()), Ok(1 << 20));
    }
}
