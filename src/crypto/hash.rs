//! SHA-256 digests, raw and as multibase multihashes.

use sha2::{Digest as _, Sha256, Sha384};

use crate::codec::multibase;

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-384 of `bytes`.
pub(super) fn sha384(bytes: &[u8]) -> [u8; 48] {
    Sha384::digest(bytes).into()
}

/// `digestMultibase` of `bytes`: `u`, then base64url of the multihash 0x12 0x20 and the SHA-256.
pub fn digest_multibase(bytes: &[u8]) -> String {
    let mut multihash = vec![0x12, 0x20];
    multihash.extend(sha256(bytes));
    multibase::encode_base64url(&multihash)
}
