//! An agreement is filed, or a draft of it corrected.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{AgreeError, keeper, kept, only, refile, under};
use crate::access::TokenRecord;
use crate::app::App;
use crate::recognition::Registered;
use crate::registry::agreements::{AgreementFile, MAX_AGREEMENTS};

/// Files `{institution, agreement}`: a new agreement as a draft, or other terms of a draft.
///
/// # Errors
/// [`AgreeError`]: the member at fault; an agreement that was signed already stays as it is.
pub async fn file(
    app: &App,
    caller: &TokenRecord,
    mut asked: Map<String, Value>,
) -> Result<Arc<AgreementFile>, AgreeError> {
    only(&asked, &["institution", "agreement"])?;
    let Some(Value::Object(terms)) = asked.shift_remove("agreement") else {
        return Err(AgreeError::wrong("/agreement", "an object is needed here"));
    };
    let draft = Registered::draft(terms).map_err(|problems| under("/agreement", problems))?;
    let named = asked.shift_remove("institution");
    let _one_at_a_time = app.agreeing.lock().await;
    let id = draft.agreement().id.as_str();
    if app.registry.agreements().get(id).is_none() {
        let member = keeper(app, caller, named)?;
        if app.registry.agreements().count() >= MAX_AGREEMENTS {
            return Err(AgreeError::Conflict(format!(
                "no more than {MAX_AGREEMENTS} agreements are kept here"
            )));
        }
        return refile(app, caller, &member.institution.slug, 1, draft).await;
    }
    let (known, member) = kept(app, caller, id)?;
    if named.is_some_and(|named| named != member.institution.slug.as_str()) {
        return Err(AgreeError::Conflict(format!("{} keeps this agreement", known.keeper)));
    }
    let next = known
        .registered
        .rewritten(draft.terms().clone())
        .map_err(|_| AgreeError::Conflict(format!("{id} was signed: file another that supersedes it")))?;
    if next == known.registered {
        return Ok(known);
    }
    refile(app, caller, &known.keeper, known.version + 1, next).await
}
