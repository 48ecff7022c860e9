//! Who may keep which agreement, under which id, and how many.
//!
//! Under an agreement awards may be recognised without an officer, and its page says that there is one. So a college keeps what it
//! is a party of, and what binds a country is kept by that country's authority, at the hands of those who act for it.

use crate::access::{Role, TokenRecord};
use crate::institution::Institution;
use crate::recognition::{Agreement, Kind};
use crate::registry::agreements::{
    Agreements, MAX_ACTIVITIES, MAX_ACTIVITIES_OF_COLLEGE, MAX_AGREEMENTS, MAX_OF_COLLEGE,
};

/// Why an institution cannot keep an agreement: the member of its terms, and what is wrong.
pub(super) type Refusal = (&'static str, &'static str);

/// Whether an institution may keep an agreement of these terms.
pub(super) fn terms(keeper: &Institution, terms: &Agreement) -> Result<(), Refusal> {
    let home = keeper.territory();
    let of_territory = terms.parties.iter().any(|party| Some(party.territory.as_str()) == home);
    let party = terms.parties.iter().any(|party| party.id == keeper.did.as_str());
    match terms.kind {
        Kind::Treaty | Kind::Ministry if home.is_none() => {
            Err(("kind", "the authority of a country keeps what states and ministries agree on"))
        }
        Kind::Institution | Kind::TrainingContract if home.is_none() && !party => {
            Err(("party", "a college keeps agreements that it is a party of"))
        }
        _ if home.is_some() && !of_territory => {
            Err(("party", "an authority keeps agreements with a party of its own country"))
        }
        _ => Ok(()),
    }
}

/// Whether the caller may bind an institution by an agreement: what gives recognition in a country is for those who act for
/// its authority.
pub(super) fn binds(caller: &TokenRecord, institution: &Institution, terms: &Agreement) -> bool {
    let recognises = matches!(terms.kind, Kind::Treaty | Kind::Ministry) || !terms.scopes.is_empty();
    let acts = |role: &Role| matches!(role, Role::Admin | Role::Authority);
    institution.territory().is_none() || !recognises || caller.roles.iter().any(acts)
}

/// Whether there is room for so many more agreements and activities of an institution.
pub(super) fn room(
    kept: &Agreements,
    keeper: &Institution,
    (agreements, activities): (usize, usize),
) -> Result<(), String> {
    let college = keeper.territory().is_none();
    let slug = &keeper.slug;
    let full = |now: usize, more: usize, most: usize| more > 0 && now + more > most;
    if full(kept.count(), agreements, MAX_AGREEMENTS) {
        Err(format!("no more than {MAX_AGREEMENTS} agreements are kept here"))
    } else if college && full(kept.count_of(slug), agreements, MAX_OF_COLLEGE) {
        Err(format!("{slug} keeps {MAX_OF_COLLEGE} agreements at most"))
    } else if full(kept.activity_count(), activities, MAX_ACTIVITIES) {
        Err(format!("no more than {MAX_ACTIVITIES} activities are kept here"))
    } else if college && full(kept.activity_count_of(slug), activities, MAX_ACTIVITIES_OF_COLLEGE) {
        Err(format!("{slug} keeps {MAX_ACTIVITIES_OF_COLLEGE} activities at most"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::agreements::Agreements;
    use serde_json::json;

    #[test]
    fn a_college_is_full_before_the_register_is() {
        let institution = |kind: serde_json::Value| -> Institution {
            serde_json::from_value(json!({
                "slug": "mill", "kind": kind, "did": "did:web:a.example", "name": {"en": "Mill"}, "country": null,
                "contact": null, "created": "2026-07-01T00:00:00Z", "keys": [],
            }))
            .unwrap()
        };
        let (none, college) = (Agreements::default(), institution(json!("college")));
        assert!(room(&none, &college, (MAX_OF_COLLEGE, MAX_ACTIVITIES_OF_COLLEGE)).is_ok());
        assert!(room(&none, &college, (MAX_OF_COLLEGE + 1, 0)).is_err());
        assert!(room(&none, &college, (0, MAX_ACTIVITIES_OF_COLLEGE + 1)).is_err());
        let authority = institution(json!({"authority": {"territory": "LA"}}));
        assert!(room(&none, &authority, (MAX_AGREEMENTS, MAX_ACTIVITIES)).is_ok());
        assert!(room(&none, &authority, (MAX_AGREEMENTS + 1, 0)).is_err());
    }
}
