//! Files of agreements and activities: no panic, every fault has a place, and what is read goes on record and comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::recognition::{Registered, import};

fuzz_target!(|bytes: &[u8]| match import::parse(bytes) {
    Ok(batch) => {
        for row in batch.agreements {
            let draft = row.of.draft;
            assert_eq!(Registered::read(&draft.to_value()), Ok(draft));
        }
    }
    Err(faults) => assert!(!faults.is_empty()),
});
