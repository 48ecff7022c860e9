//! Agreements and activities as cubes: from the registers in memory, as of now. They are not about persons.

use std::collections::BTreeSet;

use super::ReportError;
use crate::agree;
use crate::app::App;
use crate::recognition::Agreement;
use crate::statistics::{Subject, Tally};

/// The cube of a subject, where it is one of these.
pub(super) fn tally(app: &App, subject: &Subject) -> Result<Option<Tally>, ReportError> {
    let mut tally = Tally::new(subject.dimensions.len(), subject.outer);
    let agreements = app.registry.agreements();
    // A draft binds nobody.
    let counted = || agree::list::all(&agreements, None);
    match subject.id.as_str() {
        "agreements" => {
            let today = agree::today(app).map_err(|_| ReportError::Reading)?;
            for file in counted() {
                let year = file.terms.from.year().to_string();
                let state = file.registered.state_on(today).as_str();
                tally.add(&[file.terms.kind.as_str(), state, &countries(&file.terms), &year]);
            }
        }
        "activities" => {
            let under = counted()
                .flat_map(|agreement| agreements.under(agreement).map(move |file| (agreement, file)));
            for (agreement, file) in under {
                let year = file.activity.from.map(|from| from.year().to_string()).unwrap_or_default();
                tally.add(&[file.activity.kind.as_str(), &countries(&agreement.terms), &year]);
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(tally))
}

/// The countries of the parties, each once, in the order of their codes.
fn countries(terms: &Agreement) -> String {
    let each: BTreeSet<&str> = terms.parties.iter().map(|party| party.territory.as_str()).collect();
    each.into_iter().collect::<Vec<_>>().join("-")
}
