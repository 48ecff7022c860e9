//! Numbers of decisions: `REC-2026-000031`, the next of its authority and year; never given twice, also where the file that
//! had it was erased.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::RecogniseError;
use crate::app::App;
use crate::institution::Slug;
use crate::store::{Change, Filing, Register};

/// The next number of a year, and that it was given: to be recorded with what bears it. Of two who ask at once, the store
/// takes one.
///
/// # Errors
/// The store, and a register that does not read.
pub(super) async fn next(
    app: &App,
    authority: &Slug,
    year: &str,
    now: Timestamp,
    actor: &str,
) -> Result<(String, Change), RecogniseError> {
    let id = format!("decision/{year}");
    let known = app.store.filing(authority, Register::Number, &id, None).await?;
    let last = match &known {
        None => 0,
        Some(known) => last(known).ok_or_else(|| RecogniseError::Damaged(id.clone()))?,
    };
    let number = last + 1;
    let given = Filing {
        institution: authority.clone(),
        register: Register::Number,
        id,
        version: known.map_or(0, |known| known.version) + 1,
        at: now,
        actor: actor.to_owned(),
        body: Some(json!({"last": number}).to_string().into_bytes()),
    };
    Ok((format!("REC-{year}-{number:06}"), Change::Filed(Box::new(given))))
}

fn last(filing: &Filing) -> Option<u64> {
    serde_json::from_slice::<Value>(filing.body.as_deref()?).ok()?.get("last")?.as_u64()
}
