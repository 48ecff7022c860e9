//! Statistics: what is counted and by what, as data; cubes; and what of them the public is told, so that no group of
//! fewer than five facts can be found. Five facts are of five awards. Pure: no clock, no store is asked.

mod cube;
mod definition;
mod ledger;
mod protect;
mod table;

pub use cube::{Cell, NOT_STATED, OTHER, Tally, WITHHELD};
pub use definition::{Definitions, Dimension, Subject, definitions, document};
pub use ledger::{Ledger, Releases, SETTLE};
pub use protect::{FEW, Released, protect};
pub use table::{Row, Shown, Table, TableError, table};
