//! Checkpoints: the head of a log's tree, as text and as a signed note (C2SP tlog-checkpoint).

use std::fmt;

use super::note::{Note, NoteError, NoteSignError, Signature};
use super::vkey::VerifierKey;
use super::{Hash, lines};
use crate::crypto::Signer;

/// What a log says of itself at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: one line, not empty.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The hash of its tree.
    pub root: Hash,
    /// Opaque lines, none empty; logs of ours have none.
    pub extensions: Vec<String>,
}

/// A checkpoint and its signatures, not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not origin, size and root on a line each, then lines that are not empty.
    #[error("not a checkpoint: line {0} is malformed")]
    Line(usize),
    /// The key is that of another log.
    #[error("the checkpoint is of {0}")]
    OtherLog(String),
}

impl Checkpoint {
    /// Reads the text of a note.
    pub fn parse(text: &str) -> Result<Checkpoint, CheckpointError> {
        let mut body = text.strip_suffix('\n').ok_or(CheckpointError::Line(1))?.split('\n');
        let mut line =
            |number| body.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Line(number));
        let origin = line(1)?.to_owned();
        let size = lines::decimal(line(2)?).ok_or(CheckpointError::Line(2))?;
        let root = lines::hash(line(3)?).ok_or(CheckpointError::Line(3))?;
        let extensions: Vec<String> = body.map(str::to_owned).collect();
        match extensions.iter().position(String::is_empty) {
            Some(at) => Err(CheckpointError::Line(at + 4)),
            None => Ok(Checkpoint { origin, size, root, extensions }),
        }
    }
}

impl SignedCheckpoint {
    /// Signs as the log; the key's name must be the origin. Fails, too, for an origin or extension that is no line.
    pub fn sign(
        checkpoint: Checkpoint,
        key: &VerifierKey,
        signer: &dyn Signer,
    ) -> Result<SignedCheckpoint, NoteSignError> {
        let other_key = || NoteSignError::OtherKey(key.name().clone());
        let mut note = Note::new(checkpoint.to_string()).map_err(|_| other_key())?;
        if key.name().as_str() != checkpoint.origin
            || Checkpoint::parse(note.text()).as_ref() != Ok(&checkpoint)
        {
            return Err(other_key());
        }
        note.sign(key, signer)?;
        Ok(SignedCheckpoint { checkpoint, note })
    }

    /// Reads a signed note whose text is a checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(SignedCheckpoint { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// What it claims, before anybody's signature was verified: good for looking up the log's key, no more.
    pub fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// What the log says of itself, its signature verified; the log's key bears the origin as its name.
    pub fn verified(&self, log: &VerifierKey) -> Result<&Checkpoint, CheckpointError> {
        if log.name().as_str() != self.checkpoint.origin {
            return Err(CheckpointError::OtherLog(self.checkpoint.origin.clone()));
        }
        self.note.verify(log)?;
        Ok(&self.checkpoint)
    }

    /// The first of these keys that signed as the log; `None` when no key bears the origin as its name. One origin may
    /// have several keys: one of them must have signed, and none wrongly.
    pub fn signer<'k>(
        &self,
        keys: impl Iterator<Item = &'k VerifierKey>,
    ) -> Result<Option<&'k VerifierKey>, CheckpointError> {
        let (mut signer, mut unsigned) = (None, None);
        for key in keys.filter(|key| key.name().as_str() == self.checkpoint.origin) {
            match self.verified(key) {
                Ok(_) => signer = signer.or(Some(key)),
                Err(error @ CheckpointError::Note(NoteError::Unsigned(_))) => unsigned = Some(error),
                Err(error) => return Err(error),
            }
        }
        match (signer, unsigned) {
            (None, Some(error)) => Err(error),
            (signer, _) => Ok(signer),
        }
    }

    /// Adds a signature line.
    pub fn add(&mut self, line: Signature) {
        self.note.add(line);
    }
}

impl fmt::Display for Checkpoint {
    /// The text of its note.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, lines::base64(&self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
