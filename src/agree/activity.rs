//! What is done under an agreement is recorded.

use serde_json::{Map, Value, json};

use super::{AgreeError, filing, keep, kept};
use crate::access::TokenRecord;
use crate::app::App;
use crate::credential::id::CredentialId;
use crate::issue;
use crate::recognition::{Activity, State};
use crate::store::Register;

/// Records an activity under an agreement: `{activityId, type, from, to, participants, amount, note}`. One that is on record
/// already is corrected; without an id it gets one.
///
/// # Errors
/// [`AgreeError`]: the member at fault.
pub async fn record(
    app: &App,
    caller: &TokenRecord,
    agreement: &str,
    mut asked: Map<String, Value>,
) -> Result<Activity, AgreeError> {
    if asked.get("agreementId").is_some_and(|id| id.as_str() != Some(agreement)) {
        return Err(AgreeError::wrong("/agreementId", "another agreement stands in the address"));
    }
    asked.insert("agreementId".to_owned(), json!(agreement));
    if !asked.contains_key("activityId") {
        let id = CredentialId::from_bytes(issue::random()?);
        asked.insert("activityId".to_owned(), json!(id.to_string()));
    }
    let activity = Activity::read(&Value::Object(asked)).map_err(AgreeError::Form)?;
    let _one_at_a_time = app.agreeing.lock().await;
    let (known, keeper) = kept(app, caller, agreement)?;
    if known.registered.history().is_empty() {
        let draft = State::Draft.as_str();
        return Err(AgreeError::Conflict(format!("{agreement} is a {draft}: nothing is done under it yet")));
    }
    let agreements = app.registry.agreements();
    let before = agreements.activity(&known.keeper, &activity.id);
    let version = match before {
        Some(before) if before.activity == activity => return Ok(activity),
        Some(before) if before.activity.agreement != activity.agreement => {
            return Err(AgreeError::wrong("/activityId", "an activity under another agreement has this id"));
        }
        Some(before) => before.version + 1,
        None => {
            keep::room(&agreements, &keeper.institution, (0, 1)).map_err(AgreeError::Conflict)?;
            1
        }
    };
    let file = (Register::Activity, activity.id.as_str(), version);
    app.commit(vec![filing(app, caller, &known.keeper, file, &activity.to_value())]).await?;
    Ok(activity)
}
