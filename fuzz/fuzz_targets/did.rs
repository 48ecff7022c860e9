//! DIDs, their methods and their documents: no panic, and a did:web leads to a plain https address.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::json;
use testamur::did::{Did, DidDocument, DidUrl, jwk, key, web};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = DidUrl::parse(text);
        if let Ok(did) = Did::parse(text) {
            let _ = (key::document(&did), jwk::document(&did));
            if let Ok(url) = web::url(&did) {
                assert!(url.scheme() == "https" && url.username().is_empty() && url.query().is_none());
            }
        }
    }
    if let Ok(value) = json::parse(bytes) {
        let _ = DidDocument::parse(&value);
    }
});
