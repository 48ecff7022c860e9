//! A draft becomes a signed, self-verified, durable credential.

mod slots;
mod training;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::access::{Act, Reach, Role, TokenRecord};
use crate::app::App;
use crate::codec::{hex, jcs};
use crate::credential::draft::{Draft, Filling, Profile};
use crate::credential::id::CredentialId;
use crate::credential::kinds::Class;
use crate::credential::validity::Day;
use crate::credential::{Problem, View};
use crate::crypto::proof::{ProofError, ProofOptions};
use crate::crypto::sha256;
use crate::institution::{Institution, Slug};
use crate::keyring::KeyringError;
use crate::registry::Member;
use crate::status::entry;
use crate::store::{Change, StoreError, Visibility};
use slots::Held;
use work::{Work, purposes};

/// The cryptosuite used when the caller names none: what Open Badges wallets expect.
pub const DEFAULT_SUITE: &str = "eddsa-rdfc-2022";

/// Below this age the page of a credential is closed unless the caller opens it.
const OPEN_PAGE_AGE: i32 = 18;

/// What the caller asks for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The draft.
    pub draft: Draft,
    /// The name of the cryptosuite.
    pub cryptosuite: Option<String>,
    /// Who is to issue, where the draft does not say.
    pub institution: Option<Slug>,
    /// How it is shaped for its readers.
    pub profile: Profile,
    /// Who may see its page.
    pub visibility: Option<Visibility>,
    /// Retries with the same key issue once.
    pub idempotency_key: Option<String>,
}

/// What was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Our id.
    pub id: CredentialId,
    /// Its URL.
    pub url: String,
    /// The signed credential: the very bytes on record.
    pub body: Vec<u8>,
    /// Whether an earlier request with the same idempotency key had issued it.
    pub replayed: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The draft is not fit to be signed; each problem names its member.
    #[error("the draft cannot be signed: {}", first(.0))]
    Draft(Vec<Problem>),
    /// This type of document is signed by its own verb only.
    #[error("a {0} is not issued here: it has its own procedure")]
    Reserved(String),
    /// The caller may not issue for this institution.
    #[error("the token does not allow issuing for {0}")]
    NotAllowed(String),
    /// The institution has closed.
    #[error("{0} is closed and issues nothing any more: its register is kept by {1}")]
    Closed(Slug, Slug),
    /// The issuer is no institution of this service.
    #[error("the issuer {0} is not an institution of this service")]
    NotOurs(String),
    /// The caller reaches several institutions and named none.
    #[error("name the issuer: the token reaches {0}")]
    WhichInstitution(String),
    /// The cryptosuite is not one we sign with.
    #[error("the cryptosuite {0} is not one this service signs with")]
    Suite(String),
    /// The draft names slots in our own lists that were not given to it.
    #[error(
        "the draft carries status entries of this service that were not prepared for it: prepare it again"
    )]
    NotPrepared,
    /// The id was used before.
    #[error("a credential with the id {0} was issued before")]
    Duplicate(String),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// What the earlier request with this idempotency key issued was erased since.
    #[error("what was issued under this idempotency key was erased")]
    Erased,
    /// The signed document did not pass our own verifier; nothing was recorded.
    #[error("the signed credential does not pass verification: {0}")]
    SelfCheck(String),
    /// The proof could not be made.
    #[error("the proof cannot be made: {0}")]
    Proof(#[from] ProofError),
    /// Every key of the institution is retired or compromised.
    #[error("{0} has no key to sign with: testamur keys new {0}")]
    NoKey(Slug),
    /// The key is not to be had.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

/// Issues a credential for the caller: checked, signed, verified by our own judge, durable, then returned.
///
/// # Errors
/// [`IssueError`]; nothing is recorded and nothing signed leaves when it fails.
pub async fn issue(app: &App, caller: &TokenRecord, request: Request) -> Result<Issued, IssueError> {
    let suite = request.cryptosuite.clone().unwrap_or_else(|| DEFAULT_SUITE.to_owned());
    let options = ProofOptions::new(&suite, app.now()).map_err(|_| IssueError::Suite(suite.clone()))?;
    let visibility = request.visibility;
    let member = admit(app, caller, &request)?;
    let slug = &member.institution.slug;
    let idempotency = request
        .idempotency_key
        .clone()
        .map(|key| (key, sha256(&jcs::canonicalize_without(request.draft.members(), &[]))));
    if let Some((key, digest)) = &idempotency
        && let Some(receipt) = app.store.receipt(slug, key).await?
    {
        return replay(app, receipt.id, receipt.request == *digest).await;
    }
    closed(app, &member.institution)?;
    let id = match prepared_id(app, &request.draft) {
        Some(id) => id,
        None => CredentialId::from_bytes(random()?),
    };
    let (mut draft, profile) = filled(app, &member, id, request)?;
    let work = Work {
        app,
        member: &member,
        signer: app.signer(&member.institution)?.ok_or_else(|| IssueError::NoKey(slug.clone()))?,
        options,
        id,
        kind: draft.class().name(),
        visibility: visibility.unwrap_or_else(|| default_visibility(draft.view(), app.now())),
        idempotency,
        actor: &caller.label,
        with: Vec::new(),
    };
    work.sign_inner(&mut draft)?;
    work.carry_out(draft, profile).await
}

/// Fills a draft in, status entries included, for somebody else to confirm before it is issued: an enterprise
/// endorses exactly what the college then signs. The slots wait for the draft until the service stops.
pub async fn prepare(
    app: &App,
    caller: &TokenRecord,
    request: Request,
) -> Result<Map<String, Value>, IssueError> {
    let member = admit(app, caller, &request)?;
    closed(app, &member.institution)?;
    let (mut draft, profile) = filled(app, &member, CredentialId::from_bytes(random()?), request)?;
    if draft.wants_status() {
        let held = Held::take(app, &member.institution, purposes(profile))?;
        draft.add_status(held.entries(), profile);
        held.reserve();
    }
    Ok(draft.into_members())
}

/// Issues a document of a reserved type for the verb that alone signs it, together with what that verb records: all of
/// it, or nothing. The draft is complete but for its status entries and proof.
pub(crate) async fn by_own_verb(
    app: &App,
    caller: &TokenRecord,
    member: &Member,
    kind: &'static str,
    id: CredentialId,
    draft: Draft,
    with: Vec<Change>,
) -> Result<Issued, IssueError> {
    let institution = &member.institution;
    let options = ProofOptions::new(DEFAULT_SUITE, app.now())?;
    let work = Work {
        app,
        member,
        signer: app.signer(institution)?.ok_or_else(|| IssueError::NoKey(institution.slug.clone()))?,
        options,
        id,
        kind,
        visibility: Visibility::Public,
        idempotency: None,
        actor: &caller.label,
        with,
    };
    work.carry_out(draft, Profile::Plain).await
}

/// The institution that is to issue, once the draft's form is sound and the caller may. A malformed draft is told
/// so whoever it names.
fn admit(app: &App, caller: &TokenRecord, request: &Request) -> Result<Arc<Member>, IssueError> {
    let draft = &request.draft;
    let problems = draft.check_form();
    if !problems.is_empty() {
        return Err(IssueError::Draft(problems));
    }
    if let Class::Reserved(name) = draft.class() {
        return Err(IssueError::Reserved(name.to_owned()));
    }
    let member = institution_of(app, caller, request)?;
    if !caller.allows(Act::Issue, &member.institution.slug) {
        return Err(IssueError::NotAllowed(member.institution.slug.to_string()));
    }
    Ok(member)
}

fn closed(app: &App, institution: &Institution) -> Result<(), IssueError> {
    match app.registry.keeper(&institution.slug) {
        None => Ok(()),
        Some(keeper) => Err(IssueError::Closed(institution.slug.clone(), keeper.institution.slug.clone())),
    }
}

/// The draft with everything that is missing, checked. Its form was when it was admitted, and is again when it is signed.
fn filled(
    app: &App,
    member: &Member,
    id: CredentialId,
    request: Request,
) -> Result<(Draft, Profile), IssueError> {
    let institution = &member.institution;
    let names: Vec<_> = institution.name.iter().map(|(tag, name)| (tag.as_str(), name)).collect();
    let mut draft = request.draft;
    let url = app.urls.credential(id);
    let filling =
        Filling { issuer: institution.did.as_str(), issuer_names: &names, id: &url, now: app.now() };
    draft.fill(&filling);
    let mut inner_ids = Vec::new();
    for _ in 0..draft.unsigned_inner().len() {
        inner_ids.push(random_urn()?);
    }
    draft.fill_inner(&filling, || inner_ids.pop().unwrap_or_default());
    let mut problems = draft.apply(request.profile);
    problems.extend(draft.check_kind());
    if problems.is_empty() {
        problems = training::problems(app, member, &draft);
    }
    if problems.is_empty() { Ok((draft, request.profile)) } else { Err(IssueError::Draft(problems)) }
}

/// The address that a prepared draft was given: others may name it already, so it is issued there. A draft that was not
/// prepared here carries no status entries of ours.
fn prepared_id(app: &App, draft: &Draft) -> Option<CredentialId> {
    let id = app.urls.credential_of(draft.view().id()?)?;
    let entries = entry::entries(draft.members());
    entries.iter().flatten().any(|entry| app.urls.list_of(&entry.list).is_some()).then_some(id)
}

/// Which institution is to issue: the draft's issuer, else the one named beside it, else the caller's only one.
fn institution_of(app: &App, caller: &TokenRecord, request: &Request) -> Result<Arc<Member>, IssueError> {
    if let Some(did) = request.draft.view().issuer_id() {
        return app
            .registry
            .member_by_did(did)
            .ok_or_else(|| IssueError::NotOurs(did.chars().take(200).collect()));
    }
    if let Some(slug) = &request.institution {
        return app.registry.member(slug).ok_or_else(|| IssueError::NotOurs(slug.to_string()));
    }
    let mut within: Vec<_> = app
        .registry
        .members()
        .into_iter()
        .filter(|member| caller.allows(Act::Issue, &member.institution.slug))
        .collect();
    if within.iter().any(|member| member.institution.closed.is_none()) {
        within.retain(|member| member.institution.closed.is_none());
    }
    match (within.pop(), within.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(IssueError::NotAllowed("any institution".to_owned())),
        (Some(last), false) => {
            let mut slugs: Vec<_> = within.iter().map(|member| member.institution.slug.to_string()).collect();
            slugs.push(last.institution.slug.to_string());
            Err(IssueError::WhichInstitution(slugs.join(", ")))
        }
    }
}

async fn replay(app: &App, id: CredentialId, same: bool) -> Result<Issued, IssueError> {
    if !same {
        return Err(IssueError::IdempotencyMismatch);
    }
    let record = app.store.credential(id).await?;
    let body = record.and_then(|record| record.body).ok_or(IssueError::Erased)?;
    Ok(Issued { id, url: app.urls.credential(id), body, replayed: true })
}

/// Closed for minors as far as the birth date tells, else open.
fn default_visibility(view: View<'_>, now: Timestamp) -> Visibility {
    let born = view.subjects().find_map(|subject| subject.get("holderIdentity")?.get("birthDate")?.as_str());
    match (born.map(Day::parse), Day::of(now)) {
        (Some(Ok(born)), Some(today)) if born.age_on(today) < OPEN_PAGE_AGE => Visibility::Token,
        _ => Visibility::Public,
    }
}

/// A caller standing for the operator at the machine itself: may act everywhere, named in the audit trail.
pub fn operator(now: Timestamp) -> TokenRecord {
    TokenRecord {
        hash: String::new(),
        label: "operator".to_owned(),
        roles: vec![Role::Admin],
        reach: Reach::All,
        created: now,
        revoked: None,
    }
}

/// A random `urn:uuid:` (RFC 9562, version 4), for what has no page of its own.
pub(crate) fn random_urn() -> Result<String, getrandom::Error> {
    let mut bytes: [u8; 16] = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(&bytes);
    Ok(format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, |problem| format!("{} {}", problem.pointer, problem.message))
}
