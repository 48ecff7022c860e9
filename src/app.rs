//! Everything a verb needs, built once.
