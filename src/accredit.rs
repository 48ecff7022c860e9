//! What an authority decides about others: whom it lists, what it grants them, and what becomes of that.
//!
//! Each decision is one commit: the next trust list, and with it the accreditation credential or its status. Either
//! everybody can see both, or neither happened.

pub mod cohort;
pub mod delivery;
pub mod watch;

mod grant;
mod issuer;
mod keeper;
mod standing;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::institution::Slug;
use crate::issue::IssueError;
use crate::publish::trust::list::{self, ListError};
use crate::registry::Member;
use crate::resolve::ResolveError;
use crate::revoke::MAX_REASON;
use crate::store::{Change, StoreError, TrustVersion};
use crate::trustlist::edit::{Edit, EditError, request};
pub use issuer::follow;
pub use keeper::keep_lists;

/// A decision, by what it is about; its particulars come as JSON, the same over HTTP and at the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// An issuer is listed, or told anew.
    Issuer,
    /// A key of an issuer has ended, or somebody else may have it.
    Key,
    /// An issuer is accredited.
    Grant,
    /// A grant changes its standing.
    Standing,
    /// A closed issuer has a successor.
    Successor,
    /// Another authority's root is pinned.
    Pointer,
    /// Logs are judged by another policy.
    Policy,
}

/// What was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The territory of the authority.
    pub territory: String,
    /// The number of its list now.
    pub sequence: u64,
    /// Where that list is served.
    pub list: String,
    /// What else there is to tell: the grant, the accreditation.
    pub told: Map<String, Value>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum AccreditError {
    /// No authority of this service that the caller may act for.
    #[error("the token reaches no authority of this service: it needs the role authority there")]
    NotAllowed,
    /// There are several.
    #[error("name the authority by its territory: the token reaches {0}")]
    Which(String),
    /// Nobody here speaks for the territory.
    #[error("no institution of this service is the authority of {0}")]
    NoAuthority(String),
    /// A reason is needed.
    #[error(
        "a reason is needed, of at most {MAX_REASON} characters: it stands in the record of the accreditation"
    )]
    Reason,
    /// The issuer's keys are not to be had.
    #[error("the DID document of the issuer cannot be had, so name its keys and its document: {0}")]
    Issuer(#[from] ResolveError),
    /// The list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The accreditation credential.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

impl From<EditError> for AccreditError {
    fn from(error: EditError) -> Self {
        Self::List(error.into())
    }
}

/// Carries a decision out for the caller. `asked` may name the authority by its `territory` in `authority`, where the
/// caller reaches several.
///
/// # Errors
/// [`AccreditError`]; nothing is published or recorded then.
pub async fn decide(
    app: &App,
    caller: &TokenRecord,
    decision: Decision,
    mut asked: Map<String, Value>,
) -> Result<Decided, AccreditError> {
    let authority = authority(app, caller, asked.shift_remove("authority"))?;
    match decision {
        Decision::Issuer => issuer::admit(app, &authority, &asked).await,
        Decision::Grant => grant::accredit(app, caller, &authority, asked).await,
        Decision::Standing => standing::change(app, caller, &authority, asked).await,
        Decision::Key => edit(app, &authority, request::key(&asked)?).await,
        Decision::Successor => edit(app, &authority, request::successor(&asked)?).await,
        Decision::Pointer => edit(app, &authority, request::pointer(&asked)?).await,
        Decision::Policy => edit(app, &authority, request::policy(&asked)?).await,
    }
}

/// The authority that the caller acts for.
fn authority(
    app: &App,
    caller: &TokenRecord,
    territory: Option<Value>,
) -> Result<Arc<Member>, AccreditError> {
    match territory {
        None | Some(Value::Null) => {}
        Some(Value::String(territory)) => {
            let member = app.registry.authority(&territory);
            let member =
                member.ok_or_else(|| AccreditError::NoAuthority(territory.chars().take(20).collect()))?;
            let may = caller.allows(Act::Accredit, &member.institution.slug);
            return if may { Ok(member) } else { Err(AccreditError::NotAllowed) };
        }
        Some(_) => return Err(EditError::wrong("/authority", "is to be text").into()),
    }
    let mut within: Vec<_> = app.registry.members();
    within.retain(|member| {
        let institution = &member.institution;
        institution.territory().is_some() && caller.allows(Act::Accredit, &institution.slug)
    });
    match within.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(AccreditError::NotAllowed),
        several => {
            let territories: Vec<_> = several.iter().filter_map(|one| one.institution.territory()).collect();
            Err(AccreditError::Which(territories.join(", ")))
        }
    }
}

/// One change of the list and nothing else.
async fn edit(app: &App, authority: &Arc<Member>, edit: Edit) -> Result<Decided, AccreditError> {
    let _one_at_a_time = app.accrediting.lock().await;
    let version = list::next(app, authority, vec![edit]).await?;
    let decided = decided(app, authority, &version, Map::new());
    list::record(app, &authority.institution.slug, vec![Change::TrustPublished(version)]).await?;
    Ok(decided)
}

fn decided(app: &App, authority: &Member, version: &TrustVersion, told: Map<String, Value>) -> Decided {
    let territory = authority.institution.territory().unwrap_or_default().to_owned();
    let list = format!("{}/{}", app.urls.trust_list(&territory), version.number);
    Decided { territory, sequence: version.number, list, told }
}

impl Decided {
    /// As it is answered.
    pub fn to_json(self) -> Value {
        let mut told = self.told;
        for (name, value) in [
            ("territory", json!(self.territory)),
            ("sequence", json!(self.sequence)),
            ("list", json!(self.list)),
        ] {
            told.insert(name.to_owned(), value);
        }
        Value::Object(told)
    }
}

/// The reason in a request: there, and not too long.
fn reason(asked: &mut Map<String, Value>) -> Result<String, AccreditError> {
    match asked.shift_remove("reason") {
        Some(Value::String(reason)) if !reason.trim().is_empty() && reason.chars().count() <= MAX_REASON => {
            Ok(reason.trim().to_owned())
        }
        _ => Err(AccreditError::Reason),
    }
}

/// Every authority that has published a root here.
fn authorities(app: &App) -> Vec<Slug> {
    let members = app.registry.members();
    let slugs = members.iter().map(|member| member.institution.slug.clone());
    slugs.filter(|slug| app.registry.own_trust(slug).is_some()).collect()
}
