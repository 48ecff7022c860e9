//! Timestamped cosignatures: a witness says when it saw the log at this size (C2SP tlog-cosignature, Ed25519).

use jiff::Timestamp;

use super::checkpoint::SignedCheckpoint;
use super::note::{NoteError, NoteSignError, Signature};
use super::vkey::{Kind, VerifierKey};
use crate::crypto::Signer;

/// The signature line of a witness for a checkpoint, which it saw at `at` (whole seconds count). The witness must have
/// checked that the log only grew: see [`super::witness`].
pub fn cosign(
    checkpoint: &SignedCheckpoint,
    key: &VerifierKey,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Signature, NoteSignError> {
    if key.kind() != Kind::Cosignature || signer.public_key() != key.public_key() {
        return Err(NoteSignError::OtherKey(key.name().clone()));
    }
    let seconds =
        u64::try_from(at.as_second()).ok().filter(|seconds| *seconds > 0).ok_or(NoteSignError::Time)?;
    let signature = signer.sign(&message(checkpoint.note().text(), seconds))?;
    let bytes = [&seconds.to_be_bytes(), signature.as_slice()].concat();
    Ok(Signature { name: key.name().clone(), id: key.id(), bytes })
}

/// When the witness saw this checkpoint, each time it said so, in the order of its lines; empty when it did not.
/// One wrong line of the witness condemns the note.
pub fn times(checkpoint: &SignedCheckpoint, witness: &VerifierKey) -> Result<Vec<Timestamp>, NoteError> {
    let name = witness.name();
    if witness.kind() != Kind::Cosignature {
        return Err(NoteError::Kind(name.clone()));
    }
    let note = checkpoint.note();
    let verified = note.by(witness).map(|line| {
        let (seconds, signature) = line.bytes.split_first_chunk()?;
        let seconds = u64::from_be_bytes(*seconds);
        // No witness saw anything at 0, and none after the year 9999.
        let at = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
        let at = Timestamp::from_second(at).ok()?;
        witness.public_key().verify(&message(note.text(), seconds), signature).ok().map(|()| at)
    });
    verified.map(|at| at.ok_or_else(|| NoteError::BadSignature(name.clone()))).collect()
}

/// What is signed: the header, the time, and the note's text.
fn message(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}
