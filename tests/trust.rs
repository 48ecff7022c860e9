//! Trust across borders: roots, trust lists, pins, and what a verdict makes of them.

#[path = "trust/cli.rs"]
mod cli;
#[path = "trust/judged.rs"]
mod judged;
#[path = "trust/lists.rs"]
mod lists;
#[path = "trust/logged.rs"]
mod logged;
#[path = "trust/maker.rs"]
mod maker;
#[path = "trust/net.rs"]
mod net;
#[path = "trust/pins.rs"]
mod pins;
#[path = "trust/successor.rs"]
mod successor;
