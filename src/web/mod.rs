//! The HTTP door: routes, extractors, handlers and the one table of problems. No other room knows HTTP.

pub mod limits;
pub mod problem;
pub mod routes;
