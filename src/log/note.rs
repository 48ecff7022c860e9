//! Signed notes: text and the signature lines below it (C2SP signed-note).

use std::fmt;

use super::lines;
use super::vkey::{KeyName, Kind, VerifierKey};
use crate::crypto::{SignError, Signer};

/// Longest note read, in bytes; holds 16 post-quantum signatures.
pub const MAX_NOTE: usize = 128 * 1024;

/// Most signature lines read. The specification asks for 16 at least.
pub const MAX_SIGNATURES: usize = 64;

/// Begins a signature line.
const MARK: &str = "\u{2014} ";

/// A text and who is said to have signed it. Believe nothing in it before a signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Under which name.
    pub name: KeyName,
    /// The id of the key.
    pub id: u32,
    /// What the key made of the text, in the form of its kind; not empty.
    pub bytes: Vec<u8>,
}

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes than [`MAX_NOTE`], or more lines than [`MAX_SIGNATURES`].
    #[error("the note is too long")]
    TooLong,
    /// Not text, an empty line, and signature lines, all in UTF-8 without control characters.
    #[error("not a signed note")]
    Form,
    /// A signature line is malformed; the number counts them from 1.
    #[error("signature line {0} is malformed")]
    Line(usize),
    /// No line bears the name and id of the key.
    #[error("not signed by {0}")]
    Unsigned(KeyName),
    /// A line bears the name and id of the key, but the key did not make it.
    #[error("the signature of {0} does not match")]
    BadSignature(KeyName),
    /// The key signs otherwise: a log's key where a witness's belongs, or the reverse.
    #[error("{0} is a key of another kind")]
    Kind(KeyName),
}

/// Why a note could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteSignError {
    /// The signer's key is not the verifier key given with it, or that is of the wrong kind or name.
    #[error("the signing key is not that of {0}")]
    OtherKey(KeyName),
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The time of a cosignature must lie after 1970.
    #[error("cannot sign with this time")]
    Time,
}

impl Note {
    /// A note nobody has signed yet. `text` ends with a newline and holds no other control character.
    pub fn new(text: String) -> Result<Note, NoteError> {
        if text.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        if !text.ends_with('\n') || text.contains(control) {
            return Err(NoteError::Form);
        }
        Ok(Note { text, signatures: Vec::new() })
    }

    /// Reads a note. It has one signature line at least.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Form)?;
        // The last empty line parts text and signatures; the text may hold others.
        let end = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, below) = note.split_at_checked(end + 1).ok_or(NoteError::Form)?;
        let mut note = Note::new(text.to_owned())?;
        note.signatures = signature_lines(below.strip_prefix('\n').unwrap_or_default())?;
        Ok(note)
    }

    /// The text, its last newline included: what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The signature lines that bear the name and id of `key`. They may be forged.
    pub fn by<'a>(&'a self, key: &'a VerifierKey) -> impl Iterator<Item = &'a Signature> {
        self.signatures.iter().filter(|line| line.name == *key.name() && line.id == key.id())
    }

    /// Checks that a key of kind [`Kind::Ed25519`] signed the text, and that none of its lines is wrong.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        if key.kind() != Kind::Ed25519 {
            return Err(NoteError::Kind(key.name().clone()));
        }
        let mut signed = Err(NoteError::Unsigned(key.name().clone()));
        for line in self.by(key) {
            let verified = key.public_key().verify(self.text.as_bytes(), &line.bytes);
            signed = Ok(verified.map_err(|_| NoteError::BadSignature(key.name().clone()))?);
        }
        signed
    }

    /// Adds the signature of a key of kind [`Kind::Ed25519`]; `signer` holds its private half.
    pub fn sign(&mut self, key: &VerifierKey, signer: &dyn Signer) -> Result<(), NoteSignError> {
        if key.kind() != Kind::Ed25519 || signer.public_key() != key.public_key() {
            return Err(NoteSignError::OtherKey(key.name().clone()));
        }
        let bytes = signer.sign(self.text.as_bytes())?;
        self.add(Signature { name: key.name().clone(), id: key.id(), bytes });
        Ok(())
    }

    /// Adds a signature line at the end, unless that very line is there, or there are [`MAX_SIGNATURES`].
    pub fn add(&mut self, line: Signature) {
        if self.signatures.len() < MAX_SIGNATURES && !self.signatures.contains(&line) {
            self.signatures.push(line);
        }
    }
}

/// Reads signature lines, as a witness answers them; one at least.
pub fn signature_lines(text: &str) -> Result<Vec<Signature>, NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    let lines = text.strip_suffix('\n').ok_or(NoteError::Form)?;
    let mut signatures = Vec::new();
    for (number, line) in lines.split('\n').enumerate() {
        if number == MAX_SIGNATURES {
            return Err(NoteError::TooLong);
        }
        signatures.push(Signature::parse(line).ok_or(NoteError::Line(number + 1))?);
    }
    Ok(signatures)
}

impl Signature {
    fn parse(line: &str) -> Option<Signature> {
        let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
        let name = KeyName::parse(name).ok()?;
        let bytes = lines::from_base64(signature)?;
        let (id, bytes) = bytes.split_first_chunk()?;
        (!bytes.is_empty()).then(|| Signature { name, id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Note {
    /// The very bytes [`Note::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

impl fmt::Display for Signature {
    /// The line, its newline included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = [&self.id.to_be_bytes(), self.bytes.as_slice()].concat();
        writeln!(f, "{MARK}{} {}", self.name, lines::base64(&signature))
    }
}

fn control(c: char) -> bool {
    c < ' ' && c != '\n'
}
