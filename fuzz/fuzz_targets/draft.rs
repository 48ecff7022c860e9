//! Any draft is checked, filled and looked at without a panic; a complaint names a member that is there, or one to be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::credential::Draft;
use testamur::credential::draft::{Filling, Profile};
use testamur::institution::Slug;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Slug::parse(text);
    }
    let Ok(mut draft) = Draft::parse(bytes) else { return };
    let problems = draft.check_form();
    for problem in &problems {
        assert!(problem.pointer.is_empty() || problem.pointer.starts_with('/'), "{problem:?}");
    }
    if !problems.is_empty() {
        return;
    }
    draft.fill(&Filling {
        issuer: "did:web:example.org",
        issuer_names: &[("vi", "Trường Cao đẳng Mẫu")],
        id: "https://example.org/c/00000000000000000000000000",
        now: "2026-11-22T08:00:00Z".parse().expect("a time"),
    });
    let _ = draft.check();
    let _ = draft.apply(Profile::ObStrict);
    let _ = (draft.unsigned_inner().len(), draft.wants_status(), draft.class());
});
