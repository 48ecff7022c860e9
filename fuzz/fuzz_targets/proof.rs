//! Any document with any proofs is read and checked without a panic, and a stranger's proof never holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testamur::codec::json;
use testamur::crypto::proof::{Expected, Secured};
use testamur::crypto::{Ed25519Signer, PublicKey, Signer};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse(bytes) else { return };
    let Some(secured) = value.as_object().and_then(|document| Secured::parse(document).ok()) else { return };
    let ours = Ed25519Signer::from_seed("did:example:a#k", &[0x5a; 32]);
    let p256 =
        PublicKey::from_multikey("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv").expect("a good key");
    for proof in secured.proofs() {
        for key in [ours.public_key(), &p256] {
            assert!(secured.verify(proof, key, &Expected::default()).is_err());
        }
        let _ = secured.verified(proof);
    }
});
