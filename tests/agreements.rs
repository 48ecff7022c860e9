//! The registry of agreements: filed, signed, in force on their days, reported, and told to whoever asks.

#[path = "agreements/kept.rs"]
mod kept;

#[path = "agreements/consortium.rs"]
mod consortium;
#[path = "agreements/filed.rs"]
mod filed;
#[path = "agreements/workplace.rs"]
mod workplace;
#[path = "agreements/keepers.rs"]
pub mod keepers;
#[path = "agreements/listed.rs"]
mod listed;
#[path = "agreements/pinned.rs"]
mod pinned;
#[path = "agreements/published.rs"]
mod published;
#[path = "agreements/signed.rs"]
mod signed;
