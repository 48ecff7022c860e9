//! The registry of agreements: filed, signed, in force on their days, reported, and told to whoever asks.

#[path = "agreements/kept.rs"]
mod kept;
