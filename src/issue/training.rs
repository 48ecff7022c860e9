//! A workplace record rests on a training contract: of this institution, with this enterprise, in force on its first day.

use serde_json::Value;

use crate::app::App;
use crate::credential::Problem;
use crate::credential::draft::Draft;
use crate::credential::kinds::{By, Class};
use crate::credential::validity::Day;
use crate::recognition::Kind;
use crate::registry::Member;

/// What is wrong with the contract that a workplace record names; nothing for any other draft.
pub(super) fn problems(app: &App, member: &Member, draft: &Draft) -> Vec<Problem> {
    if !matches!(draft.class(), Class::Kind(kind, By::OwnType) if kind.name == "workplace-learning") {
        return Vec::new();
    }
    let subject = draft.members().get("credentialSubject");
    let text = |name: &str| subject.and_then(|subject| subject.get(name)?.as_str());
    // Without these its kind has complained already.
    let (Some(id), Some(start)) = (text("agreementId"), text("workplaceStart")) else { return Vec::new() };
    let Ok(start) = Day::parse(start) else { return Vec::new() };
    let wrong = |member: &str, message: String| {
        vec![Problem { pointer: format!("/credentialSubject/{member}"), message: message.into() }]
    };
    let own = &member.institution;
    let agreements = app.registry.agreements();
    let of = |did: &str, parties: &[crate::recognition::Party]| parties.iter().any(|party| party.id == did);
    let contract = agreements.each(id).find(|file| {
        file.terms.kind == Kind::TrainingContract
            && (file.keeper == own.slug || file.signed)
            && of(own.did.as_str(), &file.terms.parties)
    });
    let Some(contract) = contract else {
        let message = "no training contract of this institution with this id is on record: file it first";
        return wrong("agreementId", message.to_owned());
    };
    let enterprise = subject.and_then(|subject| subject.get("source")?.get("id").and_then(Value::as_str));
    if !enterprise.is_some_and(|did| of(did, &contract.terms.parties)) {
        return wrong("source/id", "the enterprise is no party of the training contract".to_owned());
    }
    if !contract.registered.is_in_force_on(start) {
        let state = contract.registered.state_on(start).as_str();
        let message =
            format!("on {start}, the first day at the workplace, that training contract is {state}");
        return wrong("agreementId", message);
    }
    Vec::new()
}
