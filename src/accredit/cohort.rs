//! How many graduates a cohort has, as the authority decided: what the leaves of the log are counted against.

use serde_json::{Map, Value, json};

use super::{AccreditError, authority};
use crate::access::TokenRecord;
use crate::app::App;
use crate::credential::validity::Day;
use crate::did::Did;
use crate::store::{Change, Cohort};
use crate::trustlist::edit::{EditError, request};

/// The kind that a cohort gets where nobody says otherwise.
const USUAL: &str = "diploma";

/// Longest text, in bytes: as of an entry of a delivery.
const MAX_TEXT: usize = 300;

/// The most graduates of a cohort.
const MAX_GRADUATES: u64 = 1_000_000;

/// Announces a cohort: `{issuer, programme, awardDate, graduates, type?, decision?, authority?}`. A later one for the same
/// cohort takes its place; both stay on record.
///
/// # Errors
/// The caller may not; a member is wrong; the authority does not list the issuer; the store.
pub async fn announce(
    app: &App,
    caller: &TokenRecord,
    mut asked: Map<String, Value>,
) -> Result<Value, AccreditError> {
    let member = authority(app, caller, asked.shift_remove("authority"))?;
    request::only(&asked, "", &["issuer", "programme", "awardDate", "graduates", "type", "decision"])?;
    let wrong =
        |name: &str, why: &'static str| AccreditError::from(EditError::wrong(format!("/{name}"), why));
    let text = |name: &'static str| match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() && text.len() <= MAX_TEXT => {
            Ok(Some(text.trim().to_owned()))
        }
        Some(_) => Err(wrong(name, "is to be text of at most 300 bytes")),
    };
    let must = |name: &'static str| text(name)?.ok_or_else(|| wrong(name, "is missing"));
    let issuer = Did::parse(&must("issuer")?).map_err(|_| wrong("issuer", "is to be a DID"))?;
    let award_date = must("awardDate")?;
    let award_date = Day::parse(&award_date).map_err(|_| wrong("awardDate", "is to be a day, YYYY-MM-DD"))?;
    let graduates = asked.get("graduates").and_then(Value::as_u64).filter(|all| *all <= MAX_GRADUATES);
    let graduates = graduates.ok_or_else(|| wrong("graduates", "is a whole number up to 1000000"))?;
    let slug = &member.institution.slug;
    let own = app.registry.own_trust(slug);
    let listed = own.as_ref().and_then(|own| own.list.as_ref()?.issuer(issuer.as_str()));
    if listed.is_none() {
        return Err(EditError::NotListed(issuer.to_string()).into());
    }
    let cohort = Cohort {
        authority: slug.clone(),
        issuer,
        r#type: text("type")?.unwrap_or_else(|| USUAL.to_owned()),
        programme: must("programme")?,
        award_date: award_date.to_string(),
        graduates,
        decision: text("decision")?,
        at: app.now(),
        actor: caller.label.clone(),
    };
    let told = json!({
        "issuer": cohort.issuer, "type": cohort.r#type, "programme": cohort.programme,
        "awardDate": cohort.award_date, "graduates": cohort.graduates,
    });
    app.commit(vec![Change::CohortAnnounced(Box::new(cohort))]).await?;
    Ok(told)
}
