//! Trust roots and trust lists: no panic, and nothing a stranger makes up is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::json;
use testamur::credential::problem::At;
use testamur::recognition::Registered;
use testamur::trustlist::edit::request;
use testamur::trustlist::{Root, TrustList, fingerprint_of, spoken};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = spoken(&fingerprint_of(text));
    }
    // A root that reads is one of those the run began with: its signatures hold.
    if let Ok(root) = Root::parse(bytes) {
        assert!(root.threshold > 0 && TrustList::parse(bytes, &root).is_err());
    }
    if let Ok(serde_json::Value::Object(members)) = json::parse(bytes) {
        let _ = (request::issuer(&members), request::key(&members), request::standing(&members, "2026-11-22"));
        let _ = (request::pointer(&members), request::successor(&members), request::policy(&members));
        let _ = request::grant(&members);
        if let Ok(told) = Registered::of_list(&members, &At::ROOT) {
            assert_eq!(Registered::of_list(&told.in_list(), &At::ROOT), Ok(told));
        }
    }
});
