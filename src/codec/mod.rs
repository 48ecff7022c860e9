//! Codecs: strict JSON in, canonical JSON out, and multibase.

pub mod json;
pub mod jcs;
pub mod multibase;
