//! Trust across borders: roots, trust lists, pins, and what a verdict makes of them.

#[path = "trust/accredit.rs"]
mod accredit;
#[path = "trust/agreements.rs"]
mod agreements;
#[path = "trust/ceremony.rs"]
mod ceremony;
#[path = "trust/cli.rs"]
mod cli;
#[path = "trust/count.rs"]
mod count;
#[path = "trust/enterprise.rs"]
mod enterprise;
#[path = "trust/follow.rs"]
mod follow;
#[path = "trust/directory.rs"]
mod directory;
#[path = "trust/judged.rs"]
pub mod judged;
#[path = "trust/lists.rs"]
mod lists;
#[path = "trust/logged.rs"]
pub mod logged;
#[path = "trust/maker.rs"]
pub mod maker;
#[path = "trust/ministry.rs"]
pub mod ministry;
#[path = "trust/net.rs"]
mod net;
#[path = "trust/ours.rs"]
mod ours;
#[path = "trust/pinning.rs"]
mod pinning;
#[path = "trust/partner.rs"]
mod partner;
#[path = "trust/pins.rs"]
mod pins;
#[path = "trust/successor.rs"]
mod successor;
#[path = "trust/roots.rs"]
mod roots;
