//! The logs whose keys the operator has added: `DATA/witness/logs`, a verifier key on each line, read at each request.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::log::VerifierKey;
use crate::log::vkey::Kind;

/// Most bytes of the file: some ten thousand keys.
const MAX_FILE: u64 = 1 << 20;

/// Why the keys cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum WatchedError {
    /// The file.
    #[error("{}: {why}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What happened.
        why: std::io::Error,
    },
    /// A line of the file is not the key of a log.
    #[error("{} line {line}: not the verifier key of a log", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// A key of a witness, where that of a log belongs.
    #[error("{0} is the key of a witness, not of a log")]
    NotALog(String),
    /// No such key among those added.
    #[error("{0} is not among the logs added here")]
    Unknown(String),
}

/// The logs of a data folder.
#[derive(Debug, Clone)]
pub struct Watched(PathBuf);

impl Watched {
    /// Those of `data`.
    pub fn of(data: &Path) -> Self {
        Self(data.join("witness").join("logs"))
    }

    /// Every key, in the order they were added. One line that does not read is an error.
    pub fn load(&self) -> Result<Vec<VerifierKey>, WatchedError> {
        let text = match fs::metadata(&self.0) {
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Ok(file) if file.len() > MAX_FILE => Err(std::io::Error::other("it is too large")),
            _ => fs::read_to_string(&self.0),
        };
        let text = text.map_err(self.io())?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(line, key)| {
                let key: Option<VerifierKey> = key.trim().parse().ok();
                let key = key.filter(|key| key.kind() == Kind::Ed25519);
                key.ok_or_else(|| WatchedError::Line { path: self.0.clone(), line })
            })
            .collect()
    }

    /// Adds the key of a log; says whether it is new.
    pub fn add(&self, key: &VerifierKey) -> Result<bool, WatchedError> {
        if key.kind() != Kind::Ed25519 {
            return Err(WatchedError::NotALog(key.to_string()));
        }
        let mut keys = self.load()?;
        if keys.contains(key) {
            return Ok(false);
        }
        keys.push(key.clone());
        self.write(&keys).map(|()| true)
    }

    /// Takes a key away, or every key of an origin; tells how many. What was cosigned stays on record: a log that is
    /// added again goes on from there.
    pub fn remove(&self, which: &str) -> Result<usize, WatchedError> {
        let mut keys = self.load()?;
        let before = keys.len();
        keys.retain(|key| key.to_string() != which && key.name().as_str() != which);
        let gone = before - keys.len();
        if gone == 0 {
            return Err(WatchedError::Unknown(which.chars().take(200).collect()));
        }
        self.write(&keys).map(|()| gone)
    }

    /// Replaces the file whole.
    fn write(&self, keys: &[VerifierKey]) -> Result<(), WatchedError> {
        let folder = self.0.parent().unwrap_or(&self.0);
        let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
        let partial = self.0.with_extension("partial");
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = fs::File::create(&partial)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&partial, &self.0)?;
            fs::File::open(folder)?.sync_all()
        };
        write().map_err(self.io())
    }

    fn io(&self) -> impl Fn(std::io::Error) -> WatchedError {
        let path = self.0.clone();
        move |why| WatchedError::Io { path: path.clone(), why }
    }
}
