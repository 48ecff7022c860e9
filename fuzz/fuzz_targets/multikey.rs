//! A key that is read has one name, in both its forms.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::json;
use testamur::crypto::PublicKey;

fuzz_target!(|bytes: &[u8]| {
    if let Some(key) = std::str::from_utf8(bytes).ok().and_then(|text| PublicKey::from_multikey(text).ok()) {
        assert_eq!(key.to_multikey().as_bytes(), bytes);
        assert_eq!(PublicKey::from_jwk(&key.to_jwk()).expect("its own JWK"), key);
    }
    if let Some(key) = json::parse(bytes).ok().and_then(|jwk| PublicKey::from_jwk(&jwk).ok()) {
        assert_eq!(PublicKey::from_multikey(&key.to_multikey()).expect("its own multikey"), key);
    }
});
