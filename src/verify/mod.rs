//! Verification: gather the evidence, then judge it.

pub mod verdict;
