//! sled itself: opening it after whatever happened, making a batch durable, closing it so that it can be opened again.

use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ::sled::{Batch, Config, Db, Mode};

use super::{StoreError, readable};

/// An open sled and the files beside it that sled does not make durable by itself.
pub struct Engine {
    /// The one tree in use is the default one.
    pub db: Db,
    log: File,
    blobs: PathBuf,
    blobs_synced: Option<SystemTime>,
}

impl Engine {
    /// Opens or makes the folder. Removes what a crash left half-made: sled would stumble over it. The caller holds the
    /// store's lock.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let io = |error: std::io::Error| StoreError::Unopenable(format!("{}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(io)?;
        tidy_snapshots(folder).map_err(io)?;
        readable::check(folder).map_err(io)?;
        let config = Config::new()
            .path(folder)
            .cache_capacity(CACHE)
            .mode(Mode::HighThroughput)
            .flush_every_ms(Some(CLEAN_EVERY_MS));
        let db = guarded(|| config.open()).map_err(StoreError::Unopenable)?;
        let log = File::open(folder.join("db")).map_err(io)?;
        log.sync_all().and_then(|()| File::open(folder)?.sync_all()).map_err(io)?;
        Ok(Self { db, log, blobs: folder.join("blobs"), blobs_synced: None })
    }

    /// Applies the batch and returns when it is durable.
    ///
    /// `flush` writes sled's buffers and waits with sync_file_range, which survives the end of the process but neither
    /// journals the file's new length nor empties the disk's own cache; `sync_data` does. A page too large for a
    /// segment becomes a file in `blobs/`, which sled never syncs: done here before the log that names it.
    pub fn write(&mut self, batch: Batch) -> Result<(), String> {
        guarded(|| self.db.apply_batch(batch))?;
        self.sync_blobs().map_err(|error| error.to_string())?;
        guarded(|| self.db.flush())?;
        self.log.sync_data().map_err(|error| error.to_string())
    }

    /// Drops the engine; a latched sled panics while it is dropped when the disk refuses its last sync.
    pub fn close(self) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self)));
    }

    fn sync_blobs(&mut self) -> std::io::Result<()> {
        let changed = fs::metadata(&self.blobs)?.modified()?;
        if self.blobs_synced == Some(changed) {
            return Ok(());
        }
        for entry in fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let fresh = match (self.blobs_synced, entry.metadata().and_then(|data| data.modified())) {
                (Some(synced), Ok(modified)) => modified >= synced,
                (None, Ok(_)) => true,
                (_, Err(_)) => false, // removed meanwhile
            };
            if fresh {
                match File::open(entry.path()) {
                    Ok(blob) => blob.sync_all()?,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        File::open(&self.blobs)?.sync_all()?;
        self.blobs_synced = Some(changed);
        Ok(())
    }
}

/// Runs sled code: its errors and its panics come back as words.
///
/// sled 0.34 panics on some damaged files and on some failing system calls where it could return an error. It holds no
/// state of ours across such a call, and after one the engine is closed and opened again, so unwinding is safe.
pub fn guarded<T>(run: impl FnOnce() -> ::sled::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("the engine panicked: {}", panic_text(&*panic))),
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("(no words)").chars().take(200).collect()
}

/// Whether the disk takes `bytes` more, durably.
pub fn probe(folder: &Path, bytes: usize) -> std::io::Result<()> {
    let path = folder.join("probe");
    let tried = fill(&path, bytes).and_then(|file| file.sync_all());
    fs::remove_file(&path).and(tried)
}

/// Takes some room on the disk that is of no use: given up when the disk is full, it is what the engine needs to open
/// again for reading.
pub fn lay_ballast(folder: &Path) -> std::io::Result<()> {
    let path = folder.join("ballast");
    match fs::metadata(&path) {
        Ok(data) if data.len() == BALLAST as u64 => Ok(()),
        _ => fill(&path, BALLAST).map(drop),
    }
}

/// Gives the room up; `false` when there was none to win.
pub fn drop_ballast(folder: &Path) -> bool {
    fs::remove_file(folder.join("ballast")).is_ok()
}

fn fill(path: &Path, bytes: usize) -> std::io::Result<File> {
    let mut file = File::create(path)?;
    let block = vec![1; 1 << 20];
    for _ in 0..bytes / block.len() {
        file.write_all(&block)?;
    }
    Ok(file)
}

/// Removes snapshots that were being written, sets aside those that were half written: sled refuses to open beside
/// the former and with the latter, and rebuilds what they held from its log.
fn tidy_snapshots(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("snap.") {
            continue;
        }
        if name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        } else if !snapshot_is_whole(&fs::read(entry.path())?) {
            tracing::warn!(
                snapshot = name,
                "a half-written snapshot is set aside; the log is read from its start"
            );
            fs::rename(entry.path(), folder.join(format!("set-aside.{name}")))?;
        }
    }
    Ok(())
}

/// A snapshot ends with its length (8 bytes) and the CRC-32 of what stands before that (4, little-endian).
fn snapshot_is_whole(bytes: &[u8]) -> bool {
    let Some((rest, crc)) = bytes.split_last_chunk::<4>() else { return false };
    let Some((body, _length)) = rest.split_last_chunk::<8>() else { return false };
    let mut sum = flate2::Crc::new();
    sum.update(body);
    !body.is_empty() && sum.sum() == u32::from_le_bytes(*crc)
}

/// sled's page cache, in bytes. The pages of the register's newest part and the indexes in use; the rest is the
/// system's page cache, which sled's reads go through.
const CACHE: u64 = 8 << 20;
/// Room for a snapshot and some segments of half a megabyte.
const BALLAST: usize = 8 << 20;
/// How often sled moves what still lives out of mostly dead segments: it does so nowhere else, and without it the file
/// only grows.
const CLEAN_EVERY_MS: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_sled_is_known_to_be_whole_or_not() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..2 {
            let engine = Engine::open(folder.path()).unwrap();
            engine.db.insert([round], &[1]).unwrap();
            engine.db.flush().unwrap();
            engine.close();
        }
        let is_snapshot = |path: &PathBuf| path.to_string_lossy().contains("snap.");
        let paths = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let path = paths().find(is_snapshot).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert!(snapshot_is_whole(&bytes));
        assert!(!snapshot_is_whole(&bytes[..bytes.len() - 1]) && !snapshot_is_whole(&[]));

        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        fs::write(folder.path().join("snap.0000000000000FFF.generating"), b"half").unwrap();
        let engine = Engine::open(folder.path()).unwrap();
        assert_eq!(engine.db.get([1]).unwrap().as_deref(), Some([1].as_slice()));
        assert!(paths().any(|path| path.to_string_lossy().contains("set-aside.snap.")));
        assert!(!paths().any(|path| path.to_string_lossy().ends_with(".generating")));
    }
}
