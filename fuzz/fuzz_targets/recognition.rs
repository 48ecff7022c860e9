//! Cases and stores of recognition: no panic, and a decision always says why.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::recognition::{self, RuleSet, Store};

fuzz_target!(|bytes: &[u8]| {
    let empty = Store::parse(b"{\"issuers\":{},\"agreements\":[],\"maps\":{}}").expect("an empty store");
    let store = Store::parse(bytes).unwrap_or(empty);
    if let Ok(cases) = recognition::cases(bytes, &store) {
        for case in cases {
            let decision = recognition::decide(&case.facts, &case.request, &store, &RuleSet::default());
            assert!(!decision.reasons.is_empty());
        }
    }
});
