//! Signed status lists, published and kept version by version.
