//! An agreement is filed, or a draft of it corrected.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{AgreeError, bound, keep, keeper, kept, only, refile, under};
use crate::access::TokenRecord;
use crate::app::App;
use crate::recognition::Registered;
use crate::registry::agreements::AgreementFile;

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
    let agreements = app.registry.agreements();
    let member = match kept(app, caller, id) {
        Ok((_, member)) if named.is_none() => member,
        _ => keeper(app, caller, named)?,
    };
    let institution = &member.institution;
    keep::terms(institution, draft.agreement())
        .map_err(|(name, why)| AgreeError::wrong(format!("/agreement/{name}"), why))?;
    bound(caller, &member, draft.agreement())?;
    let Some(known) = agreements.kept_by(&institution.slug, id).cloned() else {
        if let Some(holder) = agreements.holder(institution, id) {
            return Err(AgreeError::Conflict(format!(
                "{holder} has filed an agreement of this id: give yours another"
            )));
        }
        keep::room(&agreements, institution, (1, 0)).map_err(AgreeError::Conflict)?;
        return refile(app, caller, &institution.slug, 1, draft).await;
    };
    let next = known
        .registered
        .rewritten(draft.terms().clone())
        .map_err(|_| AgreeError::Conflict(format!("{id} was signed: file another that supersedes it")))?;
    if next == known.registered {
        return Ok(known);
    }
    refile(app, caller, &known.keeper, known.version + 1, next).await
}
