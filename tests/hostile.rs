//! Every file of fixtures/hostile is refused for the reason it names.

use serde_json::Value;
use testamur::credential::Draft;
use testamur::credential::kinds::Class;

use crate::credential::{files, filled, fixtures};

#[test]
fn every_hostile_document_is_refused_at_the_member_it_names() {
    let mut wrong = Vec::new();
    for (name, bytes) in files(&fixtures().join("hostile")) {
        let file: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(file["comment"].as_str().is_some_and(|comment| !comment.is_empty()), "{name} says why");
        let status = file["expect"]["status"].as_u64().unwrap();
        if let Some(text) = file["text"].as_str() {
            assert_eq!((status, Draft::parse(text.as_bytes()).is_err()), (400, true), "{name}");
            continue;
        }
        let draft = Draft::from_members(file["document"].as_object().unwrap().clone());
        assert_eq!(status == 403, matches!(draft.class(), Class::Reserved(_)), "{name}");
        let mut problems = draft.check_form();
        if problems.is_empty() {
            problems = filled(draft).check();
        }
        let pointer = file["expect"]["pointer"].as_str().unwrap();
        if !problems.iter().any(|problem| problem.pointer == pointer) {
            wrong.push(format!("{name}: wanted {pointer}, found {problems:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
