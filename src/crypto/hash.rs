//! SHA-256 digests, raw and as multibase multihashes.

use sha2::{Digest as _, Sha256, Sha384};

use crate::codec::digest;

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-384 of `bytes`.
pub(super) fn sha384(bytes: &[u8]) -> [u8; 48] {
    Sha384::digest(bytes).into()
}

/// `digestMultibase` of `bytes`: the multihash of its SHA-256.
pub fn digest_multibase(bytes: &[u8]) -> String {
    digest::to_multihash(&sha256(bytes))
}
