//! Whether everything that the engine reads when it opens can be read.
//!
//! sled 0.34 takes a segment, a message or a blob that the system fails to read for a torn one: it ends its log there and
//! writes over what follows. One failing read at opening would cost acknowledged facts. So the same bytes are read here
//! first, while nothing is at stake; sled then finds them in the system's cache.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Reads the head of each segment of the log, the segments and blobs since the last snapshot, and fails where one of
/// these reads does.
pub fn check(folder: &Path) -> Result<()> {
    let since = last_snapshot(folder)?;
    let log = match File::open(folder.join("db")) {
        Ok(log) => log,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let segments = log.metadata()?.len().div_ceil(SEGMENT);
    // The heads of a large log lie far apart: several are asked for at once.
    let readers = if segments > 4 * READERS { READERS } else { 1 };
    std::thread::scope(|scope| {
        let read = |reader| {
            let log = &log;
            scope.spawn(move || {
                let mut buffer = vec![0; SEGMENT as usize];
                (reader..segments)
                    .step_by(readers as usize)
                    .try_for_each(|at| segment(log, at, since, &mut buffer))
            })
        };
        let readers: Vec<_> = (0..readers).map(read).collect();
        readers.into_iter().try_for_each(|reader| {
            reader.join().unwrap_or_else(|_| Err(Error::other("a reader of the log panicked")))
        })
    })?;
    blobs(folder, since)
}

/// Reads the head of a segment, and all of it when it was written since then.
fn segment(log: &File, number: u64, since: i64, buffer: &mut [u8]) -> Result<()> {
    let at = number * SEGMENT;
    let Some(head) = fill(log, at, &mut buffer[..HEAD])?.last_chunk::<16>() else { return Ok(()) };
    let lsn = head.first_chunk().map_or(0, |lsn| i64::from_le_bytes(*lsn) ^ i64::MAX);
    if lsn >= since {
        fill(log, at, buffer)?;
    }
    Ok(())
}

fn fill<'b>(log: &File, at: u64, buffer: &'b mut [u8]) -> Result<&'b [u8]> {
    let mut length = 0;
    while length < buffer.len() {
        match log.read_at(&mut buffer[length..], at + length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&buffer[..length])
}

/// A blob is named by its place in the log.
fn blobs(folder: &Path, since: i64) -> Result<()> {
    let entries = match fs::read_dir(folder.join("blobs")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().and_then(|name| name.parse().ok()).is_some_and(|lsn: i64| lsn >= since)
        {
            std::io::copy(&mut File::open(entry.path())?, &mut std::io::sink())?;
        }
    }
    Ok(())
}

/// The start of the segment at which sled begins to read: the newest snapshot is named by its place in the log.
fn last_snapshot(folder: &Path) -> Result<i64> {
    let mut newest = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let place = name.to_str().and_then(|name| i64::from_str_radix(name.strip_prefix("snap.")?, 16).ok());
        newest = newest.max(place.unwrap_or(0));
    }
    Ok(newest / SEGMENT as i64 * SEGMENT as i64)
}

/// sled's segment, in bytes, and what stands at the start of each: a checksum (4 bytes), its place in the log, the last
/// place known to be durable when it was begun (8 bytes each, little-endian, all bits but the highest turned over).
const SEGMENT: u64 = 512 << 10;
const HEAD: usize = 20;
/// How many heads are asked for at once.
const READERS: u64 = 4;

#[cfg(test)]
mod tests {
    use super::super::engine::Engine;
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_taken_for_torn() {
        let folder = tempfile::tempdir().unwrap();
        let large = vec![7; 300 << 10];
        let mut engine = Engine::open(folder.path()).unwrap();
        for number in 0..10u8 {
            let mut batch = ::sled::Batch::default();
            batch.insert(&[number], large.as_slice());
            engine.write(batch).unwrap();
        }
        engine.close();
        let blobs = || fs::read_dir(folder.path().join("blobs")).unwrap().map(|entry| entry.unwrap().path());
        let log = fs::read(folder.path().join("db")).unwrap();
        let newest = blobs().max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap();
        let aside = folder.path().join("aside");
        fs::rename(&newest, &aside).unwrap();
        fs::create_dir(&newest).unwrap(); // is there, and cannot be read
        assert!(Engine::open(folder.path()).is_err());
        assert_eq!(fs::read(folder.path().join("db")).unwrap(), log, "nothing was written over");

        fs::remove_dir(&newest).unwrap();
        fs::rename(&aside, &newest).unwrap();
        let engine = Engine::open(folder.path()).unwrap();
        assert_eq!(engine.db.len(), 10);
    }

    #[test]
    fn the_heads_tell_which_segments_are_new() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..2u8 {
            let engine = Engine::open(folder.path()).unwrap();
            for number in 0..200u8 {
                engine.db.insert([round, number], vec![number; 20_000]).unwrap();
            }
            engine.db.flush().unwrap();
            engine.close();
        }
        let since = last_snapshot(folder.path()).unwrap();
        let log = File::open(folder.path().join("db")).unwrap();
        let mut place = |number| {
            let mut head = [0; HEAD];
            fill(&log, number * SEGMENT, &mut head).unwrap();
            i64::from_le_bytes(head[4..12].try_into().unwrap()) ^ i64::MAX
        };
        let segments = log.metadata().unwrap().len() / SEGMENT;
        let places: Vec<i64> = (0..segments).map(&mut place).collect();
        assert!(
            since > 0
                && places.iter().any(|place| *place >= since)
                && places.iter().any(|place| *place < since)
        );
        assert!(places.iter().all(|place| place % SEGMENT as i64 == 0), "{places:?}");
        check(folder.path()).unwrap();
    }
}
