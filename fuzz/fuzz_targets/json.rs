//! The strict parser never panics, accepts no more than serde_json, and reads the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use testamur::codec::json;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = json::parse(bytes) {
        assert_eq!(serde_json::from_slice::<Value>(bytes).expect("serde_json accepts it too"), value);
    }
});
