//! The trust lists pinned here: a file for each territory with its root, its list, and how it was pinned.
//!
//! `DATA/trust/VN.json`: `{pin, root, list}`, replaced whole, the documents proved again at each reading. They are the
//! operator's own, like keys: whoever writes here decides whom to believe.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::trustlist::{MAX_LIST, MAX_ROOT, Root, TrustList, TrustListError};

/// A root that the operator has pinned, and the newest list under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pinned {
    /// How it was pinned.
    pub pin: Pin,
    /// The root.
    pub root: Root,
    /// The newest list that was admitted; `None` when the root has taken away the key that signed it.
    pub list: Option<TrustList>,
}

/// How a root was pinned, and when its list was last looked after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The territory.
    pub territory: String,
    /// The fingerprint that the operator gave, from a second channel.
    pub fingerprint: String,
    /// The fingerprint of the root in force: the same, until the root is rotated.
    pub root_fingerprint: String,
    /// Where newer roots are asked for; without it the pin is renewed by hand.
    pub root_url: Option<String>,
    /// When it was pinned.
    pub pinned: Timestamp,
    /// When a list was last admitted.
    pub refreshed: Timestamp,
}

/// Why a pin cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// A file.
    #[error("{}: {why}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What happened.
        why: std::io::Error,
    },
    /// A file that does not hold what it has to.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The root is another than the one whose fingerprint was given. Its own is not told: whoever copied it from here
    /// would pin whatever the address serves.
    #[error(
        "this root does not have the fingerprint {0}: do not pin it. Compare the fingerprint with the annex of the \
         agreement, and ask the authority by telephone"
    )]
    Fingerprint(String),
    /// There is a pin for the territory already.
    #[error(
        "{0} is pinned already: `testamur trust refresh {0}` renews it, `testamur trust unpin {0}` ends it"
    )]
    Pinned(String),
    /// There is none.
    #[error("{0} is not pinned; `testamur trust list` tells what is")]
    NotPinned(String),
    /// Somebody else has changed it since it was read.
    #[error("the pin of {0} was changed meanwhile; look again")]
    Moved(String),
    /// The root or the list is not believed.
    #[error("{what}: {why}")]
    Refused {
        /// Which of the two.
        what: &'static str,
        /// Why not.
        why: TrustListError,
    },
}

/// The pins of a data folder.
#[derive(Debug, Clone)]
pub struct Pins(PathBuf);

impl Pins {
    /// Those of `data`.
    pub fn of(data: &Path) -> Self {
        Self(data.join("trust"))
    }

    /// When each file was last written: as long as this stays the same, so do the pins.
    pub fn written(&self) -> Vec<(PathBuf, Option<std::time::SystemTime>)> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut written: Vec<_> = entries
            .map(|entry| (entry.path(), entry.metadata().and_then(|data| data.modified()).ok()))
            .collect();
        written.sort();
        written
    }

    /// Every pin, by territory. A file that does not read is an error: nobody goes on with half of what they trust.
    pub fn load(&self) -> Result<Vec<Arc<Pinned>>, PinError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(io(&self.0)(why)),
        };
        let mut territories = Vec::new();
        for entry in entries {
            let name = entry.map_err(io(&self.0))?.file_name().to_string_lossy().into_owned();
            territories
                .extend(name.strip_suffix(".json").filter(|name| is_territory(name)).map(str::to_owned));
        }
        territories.sort();
        territories.iter().map(|territory| self.read(territory).map(Arc::new)).collect()
    }

    /// The pin of a territory.
    pub fn read(&self, territory: &str) -> Result<Pinned, PinError> {
        let path = self.file(territory)?;
        if !path.exists() {
            return Err(PinError::NotPinned(territory.to_owned()));
        }
        let damaged = |why: String| PinError::Damaged { path: path.clone(), why };
        let file: OnFile =
            serde_json::from_slice(&read(&path, MAX_FILE)?).map_err(|error| damaged(error.to_string()))?;
        let root = Root::parse(file.root.to_string().as_bytes()).map_err(|why| damaged(why.to_string()))?;
        if root.fingerprint != file.pin.root_fingerprint || root.territory != territory {
            return Err(damaged("its root is not the one that was pinned".to_owned()));
        }
        let list = match file.list {
            None => None,
            Some(list) => {
                let list = TrustList::parse(list.to_string().as_bytes(), &root);
                Some(list.map_err(|why| damaged(why.to_string()))?)
            }
        };
        Ok(Pinned { pin: file.pin, root, list })
    }

    /// Pins a root by its fingerprint, with a list under it.
    ///
    /// # Errors
    /// Nothing is written unless the fingerprint is that of the root and the list is admitted.
    pub fn pin(
        &self,
        root: Root,
        list: &[u8],
        fingerprint: &str,
        root_url: Option<String>,
        now: Timestamp,
    ) -> Result<Pinned, PinError> {
        if root.fingerprint != fingerprint.trim() {
            return Err(PinError::Fingerprint(fingerprint.trim().to_owned()));
        }
        let list = admitted(list, &root, None, now)?;
        let _alone = self.alone()?;
        if self.file(&root.territory)?.exists() {
            return Err(PinError::Pinned(root.territory));
        }
        let pin = Pin {
            territory: root.territory.clone(),
            fingerprint: root.fingerprint.clone(),
            root_fingerprint: root.fingerprint.clone(),
            root_url,
            pinned: now,
            refreshed: now,
        };
        let pinned = Pinned { pin, root, list: Some(list) };
        self.write(&pinned)?;
        Ok(pinned)
    }

    /// Takes the next roots, each following the one before, and a newer list.
    ///
    /// # Errors
    /// What came is refused; the pin stays as it was.
    pub fn renew(
        &self,
        before: &Pinned,
        roots: &[Root],
        list: &[u8],
        now: Timestamp,
    ) -> Result<Pinned, PinError> {
        let root = newest(&before.root, roots)?;
        let list = admitted(list, root, before.list.as_ref(), now)?;
        let pin = Pin { root_fingerprint: root.fingerprint.clone(), refreshed: now, ..before.pin.clone() };
        let renewed = Pinned { pin, root: root.clone(), list: Some(list) };
        self.replace(before, &renewed)?;
        Ok(renewed)
    }

    /// Takes the next roots alone: a stolen list key is out at once, even when no new list is to be had yet.
    ///
    /// # Errors
    /// As [`Pins::renew`].
    pub fn rotate(&self, before: &Pinned, roots: &[Root]) -> Result<Pinned, PinError> {
        let root = newest(&before.root, roots)?;
        // Exactly the list that will read again under the new root: it may have cut the key's time short, too.
        let kept = before.list.as_ref().and_then(|list| TrustList::parse(&list.bytes, root).ok());
        let pin = Pin { root_fingerprint: root.fingerprint.clone(), ..before.pin.clone() };
        let rotated = Pinned { pin, root: root.clone(), list: kept };
        self.replace(before, &rotated)?;
        Ok(rotated)
    }

    /// Ends a pin.
    pub fn unpin(&self, territory: &str) -> Result<(), PinError> {
        let path = self.file(territory)?;
        if !path.exists() {
            return Err(PinError::NotPinned(territory.to_owned()));
        }
        let _alone = self.alone()?;
        fs::remove_file(&path).map_err(io(&path))
    }

    /// Writes over `before`, and over nothing else: asking for a newer list takes seconds, in which the pin may have
    /// ended, or got a newer list still from another process.
    fn replace(&self, before: &Pinned, pinned: &Pinned) -> Result<(), PinError> {
        let _alone = self.alone()?;
        let territory = &before.pin.territory;
        let path = self.file(territory)?;
        if !path.exists() {
            return Err(PinError::NotPinned(territory.clone()));
        }
        let file = serde_json::from_slice::<OnFile>(&read(&path, MAX_FILE)?);
        if file.is_ok_and(|file| file.pin == before.pin) {
            self.write(pinned)
        } else {
            Err(PinError::Moved(territory.clone()))
        }
    }

    /// Nobody else changes a pin while this is held, in any process.
    fn alone(&self) -> Result<fs::File, PinError> {
        fs::create_dir_all(&self.0).map_err(io(&self.0))?;
        let path = self.0.join("lock");
        let lock = fs::File::create(&path).and_then(|file| file.lock().map(|()| file));
        lock.map_err(io(&path))
    }

    fn write(&self, pinned: &Pinned) -> Result<(), PinError> {
        let path = self.file(&pinned.pin.territory)?;
        let damaged =
            |error: serde_json::Error| PinError::Damaged { path: path.clone(), why: error.to_string() };
        let file = OnFile {
            pin: pinned.pin.clone(),
            root: serde_json::from_slice(&pinned.root.bytes).map_err(damaged)?,
            list: pinned
                .list
                .as_ref()
                .map(|list| serde_json::from_slice(&list.bytes))
                .transpose()
                .map_err(damaged)?,
        };
        let bytes = serde_json::to_vec(&file).map_err(damaged)?;
        fs::create_dir_all(&self.0).map_err(io(&self.0))?;
        let partial = path.with_extension("json.partial");
        let write = || {
            let mut file = fs::File::create(&partial)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&partial, &path)?;
            fs::File::open(&self.0)?.sync_all()
        };
        write().map_err(io(&path))
    }

    fn file(&self, territory: &str) -> Result<PathBuf, PinError> {
        if is_territory(territory) {
            Ok(self.0.join(format!("{territory}.json")))
        } else {
            Err(PinError::NotPinned(territory.chars().take(20).collect()))
        }
    }
}

/// What stands in the file of a pin.
#[derive(Serialize, Deserialize)]
struct OnFile {
    pin: Pin,
    root: Value,
    list: Option<Value>,
}

/// The longest file of a pin.
const MAX_FILE: usize = 2 * (MAX_LIST + MAX_ROOT);

/// The last of the roots, each following the one before.
fn newest<'a>(known: &'a Root, roots: &'a [Root]) -> Result<&'a Root, PinError> {
    roots.iter().try_fold(known, |before, next| {
        next.succeeds(before).map_err(|why| PinError::Refused { what: "the new root", why })?;
        Ok(next)
    })
}

fn admitted(
    bytes: &[u8],
    root: &Root,
    known: Option<&TrustList>,
    now: Timestamp,
) -> Result<TrustList, PinError> {
    let refused = |why| PinError::Refused { what: "the trust list", why };
    let list = TrustList::parse(bytes, root).map_err(refused)?;
    list.admit(root, known, now).map_err(refused)?;
    Ok(list)
}

fn is_territory(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A file, not more of it than `max` bytes and one.
pub fn read(path: &Path, max: usize) -> Result<Vec<u8>, PinError> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io(path))?;
    file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(io(path))?;
    Ok(bytes)
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> PinError {
    let path = path.to_owned();
    move |why| PinError::Io { path: path.clone(), why }
}
