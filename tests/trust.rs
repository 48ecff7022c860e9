//! Trust across borders: roots and trust lists.

#[path = "trust/lists.rs"]
mod lists;
#[path = "trust/maker.rs"]
mod maker;
