//! The form of a key file: encrypted PKCS#8 (RFC 5958) in PEM, by PBES2 with scrypt and AES-256-CBC.

use std::path::Path;

use ed25519_dalek::pkcs8::KeypairBytes;
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{
    EncodePrivateKey as _, EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument,
};
use zeroize::Zeroizing;

use super::KeyringError;

/// How much work each guess at the passphrase takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    log_n: u8,
    r: u32,
    p: u32,
}

impl Cost {
    /// N = 2^14, r = 8, p = 2: 16 MiB and some 0.1 s. `openssl` allows itself no more than 32 MiB.
    pub const STANDARD: Cost = Cost { log_n: 14, r: 8, p: 2 };
    /// N = 2^10, r = 8, p = 1: a few milliseconds, for demonstrations and tests, whose keys are worth nothing.
    pub const LIGHT: Cost = Cost { log_n: 10, r: 8, p: 1 };
}

/// The PEM text of a 32-byte key. The public half is left out, since `openssl` refuses version 2 files.
pub(super) fn seal(key: &[u8; 32], passphrase: &[u8], cost: Cost) -> Result<Zeroizing<String>, KeyringError> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    for bytes in [&mut salt, &mut iv] {
        getrandom::fill(bytes).map_err(|_| KeyringError::Make("the system gives no random bytes"))?;
    }
    let encrypt = || {
        let pair = KeypairBytes { secret_key: *key, public_key: None };
        let plain = pair.to_pkcs8_der().ok()?;
        let params = scrypt::Params::new(cost.log_n, cost.r, cost.p).ok()?;
        let params = pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv).ok()?;
        let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).ok()?;
        let sealed = info.encrypt_with_params(params, passphrase).ok()?;
        sealed.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF).ok()
    };
    encrypt().ok_or(KeyringError::Make("the encryption failed"))
}

/// The key in a PEM text; `path` is for the error alone.
pub(super) fn open(pem: &str, passphrase: &[u8], path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let damaged = || KeyringError::Damaged(path.to_owned());
    let wrong = || KeyringError::WrongPassphrase(path.to_owned());
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| damaged())?;
    if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
        return Err(damaged());
    }
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| damaged())?;
    // A wrong passphrase yields broken padding, or once in a while padding and no DER.
    let plain = info.decrypt(passphrase).map_err(|_| wrong())?;
    let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| wrong())?;
    let pair = KeypairBytes::try_from(info).map_err(|_| damaged())?;
    Ok(Zeroizing::new(pair.secret_key))
}
