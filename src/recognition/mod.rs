//! Recognition: what an award is worth in another country, as recognition-rules/1 decide it.
//!
//! [`decide`] is a pure function of the facts of an award, a request and a store of grants, agreements and level maps. It
//! knows no clock: the day of the application is part of the request, and whatever was decided later does not exist yet, so
//! that a decision replays years later from its stored inputs. Nothing here looks anything up.

mod activity;
mod agreement;
mod cases;
mod condition;
mod country;
mod decision;
mod facts;
pub mod import;
mod judge;
pub mod register;
mod rules;
mod scope;
mod store;
pub mod worth;

use crate::codec::json::JsonError;
use crate::credential::problem::Problem;

pub use activity::{Activity, ActivityKind};
pub use agreement::{Agreement, Kind, Party, State, TemporalBasis};
pub use cases::{Case, Malformed, cases, each_case};
pub use condition::{Condition, Met};
pub use country::is_country;
pub use decision::{Decision, LevelRef, Verdict};
pub use facts::{FACTS, Facts, Purpose, Request, Status, Target, Verification};
pub use judge::decide;
pub use register::Registered;
pub use rules::{Policy, RuleSet};
pub use scope::Scope;
pub use store::Store;

/// An input that cannot be judged, and every member that is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but not of the form needed.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "))]
    Form(Vec<Problem>),
}
