//! Verification: gather the evidence, then judge it.
