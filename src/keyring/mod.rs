//! The keyring: opens the folder of encrypted keys, makes new ones, and hands out signers.

mod files;
pub mod offline;
mod passphrase;
mod sealed;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::codec::multibase;
use crate::crypto::{Ed25519Signer, PublicKey, Signer, sha256};
use crate::institution::Slug;

pub use passphrase::Passphrase;
pub use sealed::Cost;

/// The file of the key that seals the store.
const STORE_KEY: &str = "store.key";

/// The file of the key that cosigns the logs of others.
const WITNESS_KEY: &str = "witness.key";

/// Why the keyring cannot do what is asked. No message holds a secret; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Nobody gave a passphrase.
    #[error(
        "the keys are encrypted and no passphrase was given: name a file in [keys] passphrase_file, or set TESTAMUR_KEYS_PASSPHRASE"
    )]
    NoPassphrase,
    /// A passphrase of no characters.
    #[error("the passphrase is empty{}", .0.as_ref().map(|file| format!(": write it in the first line of {}", file.display())).unwrap_or_default())]
    EmptyPassphrase(Option<PathBuf>),
    /// Others could read or change what is ours alone.
    #[error("{path} is open to others (mode {mode:o}): run `chmod {wanted:o} {path}`, and think about who could have read it", path = path.display())]
    Permissions {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode it should have.
        wanted: u32,
    },
    /// The passphrase does not open this file.
    #[error("the passphrase does not open {}: was the file made with another one?", .0.display())]
    WrongPassphrase(PathBuf),
    /// Not a key file, or a changed one.
    #[error("{} is damaged or no encrypted Ed25519 key: restore it from a backup", .0.display())]
    Damaged(PathBuf),
    /// No file holds the key.
    #[error("the keyring {} holds no key {key}: restore its file, or rotate to a new key", dir.display())]
    Missing {
        /// The folder.
        dir: PathBuf,
        /// The key, as `publicKeyMultibase`.
        key: String,
    },
    /// The file of a log's key is gone.
    #[error(
        "{} is not there, and a log can not be signed on with another key: restore it from a backup", .0.display()
    )]
    NoLogKey(PathBuf),
    /// The file of the store key is gone.
    #[error("{} is not there, and without it nothing in the store opens: restore it from a backup", .0.display())]
    NoStoreKey(PathBuf),
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// No randomness, or an encryption that cannot fail failed.
    #[error("a key could not be made: {0}")]
    Make(&'static str),
}

/// A key that lies in the keyring.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyFile {
    /// The institution's folder.
    pub slug: Slug,
    /// The key as `publicKeyMultibase`.
    pub key: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// A folder of keys and the passphrase that opens them. Keys are decrypted when first used, then kept.
pub struct Keyring {
    dir: PathBuf,
    passphrase: Passphrase,
    cost: Cost,
    opened: Mutex<Opened>,
}

#[derive(Default)]
struct Opened {
    signers: HashMap<String, Arc<dyn Signer>>,
    /// Seeds made by this process, by key: what was just sealed need not be opened again.
    made: HashMap<String, Zeroizing<[u8; 32]>>,
    store_key: Option<Zeroizing<[u8; 32]>>,
    /// Seeds of the logs' keys, by year.
    log_keys: HashMap<i16, Zeroizing<[u8; 32]>>,
    witness_key: Option<Zeroizing<[u8; 32]>>,
}

impl Keyring {
    /// Opens `dir`, and makes it when it is not there. Checks the mode of every file, and the passphrase on one.
    pub fn open(dir: impl Into<PathBuf>, passphrase: Passphrase) -> Result<Keyring, KeyringError> {
        let dir = dir.into();
        files::make_folder(&dir)?;
        files::check_mode(&dir, 0o700, 0o022)?;
        let keyring = Keyring { dir, passphrase, cost: Cost::STANDARD, opened: Mutex::default() };
        let keys = keyring.list()?;
        for key in &keys {
            files::check_mode(&key.path, 0o600, 0o077)?;
        }
        match keys.first() {
            _ if keyring.store_key_path().exists() => drop(keyring.store_key()?),
            Some(key) => drop(keyring.read(&key.path, &key.key)?),
            None => {}
        }
        Ok(keyring)
    }

    /// Makes new keys with this cost. Existing files keep the cost they were made with.
    #[must_use]
    pub fn with_cost(mut self, cost: Cost) -> Keyring {
        self.cost = cost;
        self
    }

    /// Makes a signing key for an institution; it is on the disk when this returns. Yields its `publicKeyMultibase`.
    pub fn create(&self, slug: &Slug) -> Result<String, KeyringError> {
        let seed = random()?;
        let key = public(&seed);
        let folder = self.dir.join(slug.as_str());
        files::make_folder(&folder)?;
        files::check_mode(&folder, 0o700, 0o077)?;
        let pem = sealed::seal(&seed, self.passphrase.as_bytes(), self.cost)?;
        files::write_new(&folder.join(format!("{key}.pem")), pem.as_bytes())?;
        self.opened().made.insert(key.clone(), seed);
        Ok(key)
    }

    /// The signer of `key` (its `publicKeyMultibase`) under the full URL of its verification method.
    pub fn signer(&self, method: &str, key: &str) -> Result<Arc<dyn Signer>, KeyringError> {
        if let Some(signer) =
            self.opened().signers.get(method).filter(|signer| signer.public_key().to_multikey() == key)
        {
            return Ok(Arc::clone(signer));
        }
        let made = self.opened().made.get(key).cloned();
        let seed = match made {
            Some(seed) => seed,
            None => self.find(key)?,
        };
        let signer: Arc<dyn Signer> = Arc::new(Ed25519Signer::from_seed(method, &seed));
        self.opened().signers.insert(method.to_owned(), Arc::clone(&signer));
        Ok(signer)
    }

    /// The seed of a key from its file.
    fn find(&self, key: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let missing =
            || KeyringError::Missing { dir: self.dir.clone(), key: key.chars().take(100).collect() };
        let file = self.list()?.into_iter().find(|file| file.key == key).ok_or_else(missing)?;
        files::check_mode(&file.path, 0o600, 0o077)?;
        self.read(&file.path, key)
    }

    /// Every key, in the order of slug and key. Reads the folder anew; decrypts nothing.
    pub fn list(&self) -> Result<Vec<KeyFile>, KeyringError> {
        let mut keys = Vec::new();
        for folder in files::entries(&self.dir)?.into_iter().filter(|path| path.is_dir()) {
            let Some(slug) = files::name(&folder).and_then(|name| Slug::parse(name).ok()) else { continue };
            let mut own = Vec::new();
            for path in files::entries(&folder)? {
                let key = files::name(&path).and_then(|name| name.strip_suffix(".pem")).map(str::to_owned);
                let key = key.filter(|key| PublicKey::from_multikey(key).is_ok());
                own.extend(key.map(|key| KeyFile { slug: slug.clone(), key, path }));
            }
            if !own.is_empty() {
                files::check_mode(&folder, 0o700, 0o077)?;
            }
            keys.extend(own);
        }
        keys.sort();
        Ok(keys)
    }

    /// The key that seals the store's records, made when there is none: 32 random bytes. Only for a store that has
    /// sealed nothing yet; any other needs the very key it was sealed with.
    pub fn new_store_key(&self) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let path = self.store_key_path();
        if !path.exists() {
            let what = "The key that seals the store. Without it the store is lost.";
            if let Some(key) = self.make_lone(&path, what)? {
                self.opened().store_key = Some(key.clone());
                return Ok(key);
            }
        }
        self.store_key()
    }

    /// The key that seals the store's records.
    pub fn store_key(&self) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let mut opened = self.opened();
        if let Some(key) = &opened.store_key {
            return Ok(key.clone());
        }
        let path = self.store_key_path();
        if !path.exists() {
            return Err(KeyringError::NoStoreKey(path));
        }
        let key = self.read_lone(&path)?;
        opened.store_key = Some(key.clone());
        Ok(key)
    }

    /// The seed of the key that signs the log of a year (RFC 8032 §5.1.5), made when there is none. Only for a log that
    /// nothing was signed in yet; any other goes on with the very key it began with.
    pub fn new_log_key(&self, year: i16) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let path = self.log_key_path(year);
        if !path.exists()
            && let Some(key) = self.make_lone(&path, &format!("The key that signs the log of {year}."))?
        {
            self.opened().log_keys.insert(year, key.clone());
            return Ok(key);
        }
        self.log_key(year)
    }

    /// The seed of the key that signs the log of a year.
    pub fn log_key(&self, year: i16) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let mut opened = self.opened();
        if let Some(key) = opened.log_keys.get(&year) {
            return Ok(key.clone());
        }
        let path = self.log_key_path(year);
        if !path.exists() {
            return Err(KeyringError::NoLogKey(path));
        }
        let key = self.read_lone(&path)?;
        opened.log_keys.insert(year, key.clone());
        Ok(key)
    }

    /// The seed of the key that cosigns the logs of others (RFC 8032 §5.1.5), made when there is none.
    pub fn witness_key(&self) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let mut opened = self.opened();
        if let Some(key) = &opened.witness_key {
            return Ok(key.clone());
        }
        let path = self.dir.join(WITNESS_KEY);
        let made = match path.exists() {
            true => None,
            false => self.make_lone(&path, "The key that cosigns the logs of others.")?,
        };
        let key = match made {
            Some(key) => key,
            None => self.read_lone(&path)?,
        };
        opened.witness_key = Some(key.clone());
        Ok(key)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn read(&self, path: &Path, key: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let seed = sealed::open(&files::read_secret(path)?, self.passphrase.as_bytes(), path)?;
        if public(&seed) == key { Ok(seed) } else { Err(KeyringError::Damaged(path.to_owned())) }
    }

    /// Makes a key that lies beside the institutions' folders, sealed after a line that says `what` it is; `None` when
    /// another process was faster: its key is the one.
    fn make_lone(&self, path: &Path, what: &str) -> Result<Option<Zeroizing<[u8; 32]>>, KeyringError> {
        let key = random()?;
        let pem = sealed::seal(&key, self.passphrase.as_bytes(), self.cost)?;
        let text = Zeroizing::new(format!("{what} {}\n{}", check(&key), *pem));
        match files::write_new(path, text.as_bytes()) {
            Ok(()) => Ok(Some(key)),
            Err(_) if path.exists() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_lone(&self, path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        files::check_mode(path, 0o600, 0o077)?;
        let text = files::read_secret(path)?;
        let key = sealed::open(&text, self.passphrase.as_bytes(), path)?;
        // CBC does not notice a flipped bit; the line before the key does.
        if !text.lines().next().is_some_and(|line| line.ends_with(&check(&key))) {
            return Err(KeyringError::Damaged(path.to_owned()));
        }
        Ok(key)
    }

    fn log_key_path(&self, year: i16) -> PathBuf {
        self.dir.join(format!("log-{year}.key"))
    }

    fn store_key_path(&self) -> PathBuf {
        self.dir.join(STORE_KEY)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("dir", &self.dir).finish_non_exhaustive()
    }
}

fn random() -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| KeyringError::Make("the system gives no random bytes"))?;
    Ok(bytes)
}

fn public(seed: &[u8; 32]) -> String {
    PublicKey::Ed25519(SigningKey::from_bytes(seed).verifying_key()).to_multikey()
}

/// Eight bytes that tell a whole key from a changed one and nothing else.
fn check(key: &[u8; 32]) -> String {
    let digest = sha256(&sha256(key));
    format!("Check: {}", multibase::encode_base58btc(digest.get(..8).unwrap_or_default()))
}
