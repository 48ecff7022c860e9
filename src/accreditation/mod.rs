//! Accreditation: what an authority grants an institution, and whether the institution stood on the day of an award.
//!
//! Rule R2 of recognition-rules/1. Every date is a calendar date as written, never converted, and every question is asked
//! as on a day: a decision recorded for a later day does not exist yet. The answer is yes, no or *cannot tell*.

mod award;
mod grant;
mod judge;
mod scope;
mod standing;

pub use award::{Award, Level};
pub use grant::{Change, Entry, Grant, Standing};
pub use judge::{Answer, Finding, Policy, Reason, judge};
pub use scope::{Covered, Scope};
pub use standing::{Loss, OnDay};
