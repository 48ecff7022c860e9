//! Agreements: filed, signed by their parties, changed in state, filled with activities, taken in from files.
//!
//! Every change is the next version of a file of the keeper's register; of two at a time one waits. What was signed never
//! changes, and what is refused leaves nothing behind.

mod activity;
mod document;
mod file;
mod import;
mod keep;
mod keys;
pub mod list;
mod listed;
pub mod report;
mod sign;
mod state;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::credential::Problem;
use crate::credential::validity::Day;
use crate::crypto::proof::ProofError;
use crate::institution::Slug;
use crate::keyring::KeyringError;
use crate::recognition::import::Fault;
use crate::recognition::{Agreement, Registered};
use crate::registry::Member;
use crate::registry::agreements::AgreementFile;
use crate::store::{Change, Filing, Register, StoreError};
pub use activity::record;
pub use file::file;
pub use import::{Imported, import};
pub use keys::unlisted;
pub use listed::listed;
pub use sign::sign;
pub use state::change;

/// Why nothing was filed.
#[derive(Debug, thiserror::Error)]
pub enum AgreeError {
    /// No institution that the caller may file for.
    #[error("the token reaches no institution here for which it may file agreements")]
    NotAllowed,
    /// The caller does not act for the authority.
    #[error("what an authority recognises by is for its admin or authority tokens")]
    NotAuthority,
    /// There are several.
    #[error("name the institution that keeps it: the token reaches {0}")]
    Which(String),
    /// No such institution.
    #[error("there is no institution {0} here")]
    NoInstitution(String),
    /// No such agreement.
    #[error("no agreement {0} is on record here")]
    NoAgreement(String),
    /// The members of the request at fault.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Form(Vec<Problem>),
    /// It does not go with what is on record.
    #[error("{0}")]
    Conflict(String),
    /// The rows of a file at fault.
    #[error("{} faults, nothing was taken in: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Faults(Vec<Fault>),
    /// The signatures of a document were not found to hold.
    #[error("{0}")]
    Unsigned(String),
    /// The institution has no key to sign with.
    #[error("{0} has no key that signs")]
    NoKey(Slug),
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

impl AgreeError {
    fn wrong(pointer: impl Into<String>, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::Form(vec![Problem { pointer: pointer.into(), message: message.into() }])
    }
}

/// The institution that keeps what the caller files: the one named, else the only one within reach.
fn keeper(app: &App, caller: &TokenRecord, named: Option<Value>) -> Result<Arc<Member>, AgreeError> {
    match named {
        None | Some(Value::Null) => {}
        Some(Value::String(slug)) => {
            let member = Slug::parse(&slug).ok().and_then(|slug| app.registry.member(&slug));
            let member = member.ok_or_else(|| AgreeError::NoInstitution(slug.chars().take(80).collect()))?;
            return allowed(caller, &member).map(|()| member);
        }
        Some(_) => return Err(AgreeError::wrong("/institution", "a text is needed here")),
    }
    let mut within = app.registry.members();
    within.retain(|member| allowed(caller, member).is_ok());
    match within.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(AgreeError::NotAllowed),
        several => {
            let slugs: Vec<_> = several.iter().take(20).map(|one| one.institution.slug.as_str()).collect();
            Err(AgreeError::Which(slugs.join(", ")))
        }
    }
}

fn allowed(caller: &TokenRecord, member: &Member) -> Result<(), AgreeError> {
    let open = member.institution.closed.is_none();
    if open && caller.allows(Act::Agree, &member.institution.slug) {
        Ok(())
    } else {
        Err(AgreeError::NotAllowed)
    }
}

/// An agreement on record that the caller may change, and its keeper.
fn kept(app: &App, caller: &TokenRecord, id: &str) -> Result<(Arc<AgreementFile>, Arc<Member>), AgreeError> {
    let agreements = app.registry.agreements();
    let mut refused = AgreeError::NoAgreement(id.chars().take(100).collect());
    for file in agreements.each(id) {
        let Some(member) = app.registry.member(&file.keeper) else { continue };
        match allowed(caller, &member) {
            Ok(()) => return Ok((file.clone(), member)),
            Err(why) => refused = why,
        }
    }
    Err(refused)
}

/// Today's calendar date, in UTC.
pub fn today(app: &App) -> Result<Day, AgreeError> {
    Day::of(app.now()).ok_or_else(|| AgreeError::Conflict("the clock shows no date".to_owned()))
}

/// The next version of a file.
fn filing(
    app: &App,
    caller: &TokenRecord,
    keeper: &Slug,
    file: (Register, &str, u64),
    body: &Value,
) -> Change {
    let (register, id, version) = file;
    Change::Filed(Box::new(Filing {
        institution: keeper.clone(),
        register,
        id: id.to_owned(),
        version,
        at: app.now(),
        actor: caller.label.clone(),
        body: Some(body.to_string().into_bytes()),
    }))
}

/// Files the next version of an agreement and returns it as it is on record then.
async fn refile(
    app: &App,
    caller: &TokenRecord,
    keeper: &Slug,
    version: u64,
    next: Registered,
) -> Result<Arc<AgreementFile>, AgreeError> {
    let id = next.agreement().id.clone();
    let change = filing(app, caller, keeper, (Register::Agreement, &id, version), &next.to_value());
    app.commit(vec![change]).await?;
    app.registry.agreements().kept_by(keeper, &id).cloned().ok_or(AgreeError::NoAgreement(id))
}

/// Refuses a caller who may not bind the institution by these terms.
fn bound(caller: &TokenRecord, member: &Member, terms: &Agreement) -> Result<(), AgreeError> {
    if keep::binds(caller, &member.institution, terms) { Ok(()) } else { Err(AgreeError::NotAuthority) }
}

/// Refuses members that nobody here understands.
fn only(asked: &Map<String, Value>, known: &[&str]) -> Result<(), AgreeError> {
    match asked.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let mut pointer = String::new();
            crate::credential::problem::push_name_within(&mut pointer, name);
            Err(AgreeError::wrong(pointer, format!("is not understood here; known are {}", known.join(", "))))
        }
    }
}

/// The complaints about a part of the request, at their places in the whole.
fn under(pointer: &str, problems: Vec<Problem>) -> AgreeError {
    let moved = |problem: Problem| Problem { pointer: format!("{pointer}{}", problem.pointer), ..problem };
    AgreeError::Form(problems.into_iter().map(moved).collect())
}
