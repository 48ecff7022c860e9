//! Whatever stands in a did:web, its address is https, without user, query or fragment, and ends in did.json.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::did::{Did, web};

fuzz_target!(|text: &str| {
    for text in [text, &format!("did:web:{text}")] {
        let Some(url) = Did::parse(text).ok().and_then(|did| web::url(&did).ok()) else { continue };
        assert_eq!((url.scheme(), url.username(), url.password()), ("https", "", None));
        assert!(url.query().is_none() && url.fragment().is_none() && url.host().is_some());
        assert!(url.path().ends_with("/did.json") && !url.path().contains("/../"));
    }
});
