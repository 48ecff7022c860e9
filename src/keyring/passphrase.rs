//! The passphrase: wiped when dropped, never printed.

use std::path::Path;

use zeroize::Zeroizing;

use super::{KeyringError, files};

/// What opens the keys.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase itself; it must not be empty.
    pub fn new(text: impl Into<String>) -> Result<Passphrase, KeyringError> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() { Err(KeyringError::EmptyPassphrase(None)) } else { Ok(Passphrase(text)) }
    }

    /// The first line of a file that only its owner may read.
    pub fn from_file(path: &Path) -> Result<Passphrase, KeyringError> {
        files::check_mode(path, 0o600, 0o077)?;
        let text = files::read_secret(path)?;
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(KeyringError::EmptyPassphrase(Some(path.to_owned())));
        }
        Ok(Passphrase(Zeroizing::new(line.to_owned())))
    }

    /// From the settings: a file, or else the text itself.
    pub fn from_settings(file: Option<&Path>, text: Option<&str>) -> Result<Passphrase, KeyringError> {
        match (file, text) {
            (Some(file), _) => Passphrase::from_file(file),
            (None, Some(text)) => Passphrase::new(text),
            (None, None) => Err(KeyringError::NoPassphrase),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
