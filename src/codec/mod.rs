//! Codecs: strict JSON in, canonical JSON out, multibase, and date-times.

pub mod json;
pub mod jcs;
pub mod multibase;
pub mod datetime;
