//! What decodes within bounds encodes back to the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::multibase;

fuzz_target!(|text: &str| {
    if let Ok(bytes) = multibase::decode(text, 64) {
        assert!(bytes.len() <= 64);
        let again = if text.starts_with('z') {
            multibase::encode_base58btc(&bytes)
        } else {
            multibase::encode_base64url(&bytes)
        };
        assert_eq!(again, text);
    }
});
