//! Whatever a stranger calls a status list, an entry or an encoded list is read or refused, within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::status::bits::{MAX_BYTES, MIN_ENTRIES};
use testamur::status::{Bitstring, StatusList, entry};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        for bits in [Bitstring::decode(text), Bitstring::decode_2021(text)].into_iter().flatten() {
            assert!(bits.len() >= MIN_ENTRIES && bits.len() <= MAX_BYTES as u64 * 8);
            assert_eq!(Bitstring::decode(&bits.encode()), Ok(bits));
        }
    }
    // The same bytes as what lies behind the encoding.
    let _ = Bitstring::decode(&testamur::codec::multibase::encode_base64url(data));
    if let Ok(document) = testamur::codec::json::parse(data) {
        let _ = StatusList::parse(&document);
        if let Some(credential) = document.as_object() {
            assert!(entry::entries(credential).len() <= entry::MAX_ENTRIES + 1);
        }
    }
});
