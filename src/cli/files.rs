//! Files that are named on the command line; every complaint names the file.

use std::path::Path;

use serde_json::Value;

use super::Failure;
use crate::codec;

/// The bytes of a file.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    Ok(std::fs::read(file).map_err(|why| format!("{}: {why}", file.display()))?)
}

/// What a JSON file says, read strictly.
pub(super) fn json(file: &Path) -> Result<Value, Failure> {
    Ok(codec::json::parse(&read(file)?).map_err(|why| format!("{}: {why}", file.display()))?)
}
