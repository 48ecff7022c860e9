//! What the store has acknowledged, noted outside the engine: an engine that lost its tail is caught when it opens.
//!
//! sled recovers up to the first damaged message and takes the rest for torn; without a witness that loss is silent.
//! The note is written after each group without a sync of its own: it survives the end of the process, and after a
//! power loss it may be older than the engine, never newer. Two copies take turns, so that a torn write spoils one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// What was acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last fact.
    pub cursor: u64,
    /// How many credentials there are.
    pub credentials: u64,
    /// Up to this fact every row was found to be there when the store was opened or closed.
    pub verified: u64,
}

/// The open note.
#[derive(Debug)]
pub struct HighWater {
    file: File,
    turn: u64,
    /// What it says; `None` when it is new.
    pub mark: Option<Mark>,
    /// Whether bytes stood there that nobody could read.
    pub damaged: bool,
}

impl HighWater {
    /// Opens or makes the note.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        (&mut file).take(2 * STRIDE).read_to_end(&mut bytes)?;
        let copies = [0, STRIDE as usize].map(|at| bytes.get(at..at + LENGTH).and_then(read));
        let newest = copies.into_iter().flatten().max_by_key(|(turn, _)| *turn);
        let damaged = newest.is_none() && !bytes.is_empty();
        let (turn, mark) = newest.map_or((0, None), |(turn, mark)| (turn, Some(mark)));
        Ok(Self { file, turn, mark, damaged })
    }

    /// Notes what was acknowledged.
    pub fn note(&mut self, mark: Mark) -> std::io::Result<()> {
        self.turn += 1;
        let mut bytes = [0; LENGTH];
        for (slot, value) in
            bytes.chunks_exact_mut(8).zip([self.turn, mark.cursor, mark.credentials, mark.verified])
        {
            slot.copy_from_slice(&value.to_be_bytes());
        }
        let (facts, sum) = bytes.split_at_mut(LENGTH - SUM);
        sum.copy_from_slice(&Sha256::digest(&*facts)[..SUM]);
        self.file.seek(SeekFrom::Start(STRIDE * (self.turn % 2)))?;
        self.file.write_all(&bytes)?;
        self.mark = Some(mark);
        Ok(())
    }

    /// Makes the note durable.
    pub fn sync(&self) -> std::io::Result<()> {
        self.file.sync_all()
    }
}

fn read(bytes: &[u8]) -> Option<(u64, Mark)> {
    let (facts, sum) = bytes.split_at_checked(LENGTH - SUM)?;
    (Sha256::digest(facts)[..SUM] == *sum).then_some(())?;
    let mut numbers = facts.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok().map(u64::from_be_bytes));
    let turn = numbers.next()?;
    Some((turn, Mark { cursor: numbers.next()?, credentials: numbers.next()?, verified: numbers.next()? }))
}

/// Distance of the two copies: a disk writes a sector of this length whole.
const STRIDE: u64 = 512;
const SUM: usize = 16;
const LENGTH: usize = 4 * 8 + SUM;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_readable_copy_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("high-water");
        let mut note = HighWater::open(&path).unwrap();
        assert_eq!((note.mark, note.damaged), (None, false));
        for cursor in 1..=5 {
            note.note(Mark { cursor, credentials: cursor, verified: 0 }).unwrap();
            assert_eq!(HighWater::open(&path).unwrap().mark.map(|mark| mark.cursor), Some(cursor));
        }
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[STRIDE as usize] ^= 1; // turn 5 lies in the second place
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(HighWater::open(&path).unwrap().mark.map(|mark| mark.cursor), Some(4));
        bytes[0] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let note = HighWater::open(&path).unwrap();
        assert_eq!((note.mark, note.damaged), (None, true));
    }
}
