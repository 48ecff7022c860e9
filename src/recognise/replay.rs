//! Decides again what was proposed before, from the inputs that were kept: the same bytes, or somebody has to know.

use serde_json::Value;

use super::RecogniseError;
use super::file::File;
use super::inputs::Inputs;

/// What was proposed, and what the same inputs give now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The proposal on record, as JSON.
    pub kept: String,
    /// The proposal of the inputs on record, decided now.
    pub again: String,
}

impl Replayed {
    /// Whether they are the same, byte for byte.
    pub fn is_same(&self) -> bool {
        self.kept == self.again
    }
}

/// Decides again from the inputs in a file. Nothing else is asked: no network, no clock, no list of today.
///
/// # Errors
/// The inputs do not read.
pub fn replay(file: &File) -> Result<Replayed, RecogniseError> {
    let missing = || RecogniseError::Damaged(file.id.to_string());
    let inputs = Inputs::of(file.at("/inputs").ok_or_else(missing)?.clone());
    let kept = file.at("/proposal").ok_or_else(missing)?.to_string();
    let again = Value::Object(inputs.decide()?.to_members()).to_string();
    Ok(Replayed { kept, again })
}
