//! Keys that no service holds: the root keys of an authority, each a file of its own for a medium of its own.

use std::path::{Path, PathBuf};

use super::{Cost, KeyringError, Passphrase, files, public, random, sealed};
use crate::crypto::Ed25519Signer;

/// Makes a key in the form of the keyring's (encrypted PKCS#8) as `FOLDER/KEY.pem`, on the disk when this returns.
/// Yields the key as `publicKeyMultibase`, and where it lies.
pub fn make(folder: &Path, passphrase: &Passphrase, cost: Cost) -> Result<(String, PathBuf), KeyringError> {
    files::make_folder(folder)?;
    let seed = random()?;
    let key = public(&seed);
    let path = folder.join(format!("{key}.pem"));
    files::write_new(&path, sealed::seal(&seed, passphrase.as_bytes(), cost)?.as_bytes())?;
    Ok((key, path))
}

/// Opens such a file as a signer under the key's URL in `did`.
pub fn open(path: &Path, passphrase: &Passphrase, did: &str) -> Result<Ed25519Signer, KeyringError> {
    files::check_mode(path, 0o600, 0o077)?;
    let seed = sealed::open(&files::read_secret(path)?, passphrase.as_bytes(), path)?;
    let key = public(&seed);
    // CBC does not notice a changed byte; the name of the file does.
    if files::name(path).is_some_and(|name| name.starts_with("z6Mk") && name != format!("{key}.pem")) {
        return Err(KeyringError::Damaged(path.to_owned()));
    }
    Ok(Ed25519Signer::from_seed(format!("{did}#{key}"), &seed))
}
