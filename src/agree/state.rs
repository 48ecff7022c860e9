//! An agreement changes its state: suspended, in force again, terminated, superseded; signed on paper.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{AgreeError, bound, kept, listed, only, refile, today};
use crate::access::TokenRecord;
use crate::app::App;
use crate::credential::problem::{At, Problems};
use crate::credential::strict::Members;
use crate::credential::validity::Day;
use crate::recognition::State;
use crate::recognition::import::paper;
use crate::recognition::register::{Entry, Step};
use crate::registry::agreements::AgreementFile;

/// Changes the state: `{state, since, reason, supersededBy}`; without `since`, today, or the day on which it was signed.
///
/// `signed` is for an agreement signed on paper, whose terms name the digest of the instrument.
///
/// # Errors
/// [`AgreeError`]: the member at fault.
pub async fn change(
    app: &App,
    caller: &TokenRecord,
    id: &str,
    asked: &Map<String, Value>,
) -> Result<Arc<AgreementFile>, AgreeError> {
    only(asked, &["state", "since", "reason", "supersededBy"])?;
    let one_at_a_time = app.agreeing.lock().await;
    let (known, keeper) = kept(app, caller, id)?;
    bound(caller, &keeper, &known.terms)?;
    let today = today(app)?;
    let mut problems = Problems::new();
    let members = Members::at(asked, At::ROOT);
    members.need("state", &mut problems);
    let word = |value: &Value| State::parse(value.as_str()?);
    let rule = "one of signed, in-force, suspended, terminated, expired, superseded is needed here";
    let state = members.read("state", rule, &mut problems, word);
    let since = members.day("since", &mut problems);
    let reason = members.text("reason", &mut problems).map(str::to_owned);
    let by = members.text("supersededBy", &mut problems).map(str::to_owned);
    let Some(state) = state.filter(|_| problems.is_empty()) else {
        return Err(AgreeError::Form(problems.into_vec()));
    };
    if state == State::Signed && paper(&known.registered).is_none() {
        return Err(AgreeError::wrong(
            "/state",
            "its parties sign it (…/signature); to be signed on paper, its terms name the digest of the instrument",
        ));
    }
    if let Some(by) = &by {
        let successor = app.registry.agreements().kept_by(&known.keeper, by).cloned();
        if !successor.is_some_and(|one| one.registered.state_on(today) != State::Draft) {
            let rule = "a signed agreement of the same keeper takes its place";
            return Err(AgreeError::wrong("/supersededBy", rule));
        }
    }
    let signed_on = || match state {
        State::Signed => Day::parse(known.registered.terms().get("signedOn")?.as_str()?).ok(),
        _ => None,
    };
    let since = since.or_else(signed_on).unwrap_or(today);
    let step = Step { entry: Entry { state, since, recorded_at: app.now(), reason }, by };
    let next = known.registered.followed(step).map_err(|problem| AgreeError::Form(vec![problem]))?;
    let changed = refile(app, caller, &known.keeper, known.version + 1, next).await?;
    drop(one_at_a_time);
    listed::tell(app, &changed.keeper).await;
    Ok(changed)
}
