//! Recognition at work: what a verifier finds, what is decided from it, and by whom.

#[path = "recognise/gathered.rs"]
mod gathered;
#[path = "recognise/laos.rs"]
pub mod laos;
#[path = "recognise/workflow.rs"]
mod workflow;
#[path = "recognise/restarted.rs"]
mod restarted;
#[path = "recognise/watched.rs"]
mod watched;
#[path = "recognise/doubted.rs"]
mod doubted;
