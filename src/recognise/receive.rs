//! An application comes in: the award is had, verified and judged, and a file is opened, in one step.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::asked::{Asked, Given};
use super::file::File;
use super::propose::{self, Found};
use super::statement::{self, Settled};
use super::{RecogniseError, authority, day_of};
use crate::app::App;
use crate::codec::{hex, jcs, json, multibase};
use crate::credential::Credential;
use crate::credential::id::CredentialId;
use crate::crypto::sha256;
use crate::institution::Slug;
use crate::issue::{self, IssueError};
use crate::recognition::Verdict;
use crate::registry::Member;
use crate::store::{Register, Visibility};
use crate::verify::Code;

/// Longest award, bytes.
const MAX_CREDENTIAL: usize = 512 << 10;
/// Most applications that may wait at an authority.
const MAX_WAITING: usize = 20_000;
/// Who acts where nobody does.
pub(super) const RULES: &str = "rules";
pub(super) const APPLICANT: &str = "applicant";

/// An application that is on record.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its file.
    pub file: File,
    /// What opens its status page.
    pub secret: String,
    /// Whether an earlier request with the same idempotency key had brought it.
    pub replayed: bool,
}

/// Takes an application: durable when it returns, with a proposal, and where the settings say so and an agreement decides
/// by itself, with the statement.
///
/// # Errors
/// [`RecogniseError`]; nothing is recorded then.
pub async fn receive(
    app: &App,
    members: Map<String, Value>,
    idempotency_key: Option<&str>,
) -> Result<Received, RecogniseError> {
    let digest = hex::encode(&sha256(&jcs::canonicalize_without(&members, &[])));
    let asked = Asked::read(members)?;
    let member = authority(app, asked.country.as_deref())?;
    let slug = member.institution.slug.clone();
    let (id, secret) = names(app, &slug, idempotency_key)?;
    if idempotency_key.is_some()
        && let Some(received) = replayed(app, &slug, id, &secret, &digest).await?
    {
        return Ok(received);
    }
    if app.waiting().await?.count(&slug) >= MAX_WAITING {
        return Err(RecogniseError::Full);
    }
    let (text, source) = had(app, &asked.given).await?;
    let credential = Credential::parse(text.clone().into_bytes())
        .map_err(|error| RecogniseError::member("/credential", error.to_string()))?;
    let Some(claimed) = credential.view().id().map(str::to_owned) else {
        return Err(RecogniseError::member("/credential/id", "a statement names the award by its id"));
    };
    let now = app.now();
    let day = day_of(app, now);
    let found = propose::look(app, &member, credential, asked.tlog_proof, &asked.request, &day).await?;
    signed(&found)?;

    let mut application = json!({"receivedAt": now.to_string(), "date": day});
    if let Some(application) = application.as_object_mut() {
        application.extend(asked.request.clone());
        application.extend([
            ("country".to_owned(), json!(member.institution.territory())),
            ("applicant".to_owned(), Value::Object(asked.applicant)),
            ("stated".to_owned(), Value::Object(asked.stated)),
            ("source".to_owned(), source),
            ("award".to_owned(), json!({"claimedId": claimed})),
            ("key".to_owned(), json!(crate::access::token_hash(&secret))),
            ("requestDigest".to_owned(), json!(digest)),
        ]);
    }
    let mut file = File { authority: slug.clone(), id, version: 0, body: Map::new() };
    file.set("application", application);
    file.set("credential", text);
    file.set("state", "received");
    file.set("deadline", deadline(app, now));
    file.set("events", json!([]));
    file.tell(now, APPLICANT, "received", None);
    proposed(&mut file, found, now);
    let received = Received { file, secret, replayed: false };
    record(app, &member, received, idempotency_key.is_some(), &digest).await
}

/// No file is opened for what anybody can write: some proof of it has to be one that could be looked at, whatever it showed.
fn signed(found: &Found) -> Result<(), RecogniseError> {
    const NOT_LOOKED_AT: [Code; 3] =
        [Code::ProofMissing, Code::ProofSuiteUnsupported, Code::ProofUncomputable];
    let checks = found.facts.get("verification").and_then(|fact| fact.get("checks")?.as_array());
    let told: Vec<&str> = checks.into_iter().flatten().filter_map(Value::as_str).collect();
    let proofs = || {
        told.iter().filter_map(|code| Code::parse(code)).filter(|code| code.as_str().starts_with("proof."))
    };
    let unseen = found.award.is_none() && proofs().all(|code| NOT_LOOKED_AT.contains(&code));
    if unseen { Err(RecogniseError::Unsigned(told.join(", "))) } else { Ok(()) }
}

/// Records a new file, with its statement where no officer is needed.
async fn record(
    app: &App,
    member: &Member,
    mut received: Received,
    idempotent: bool,
    digest: &str,
) -> Result<Received, RecogniseError> {
    let automatic = received.file.text("/proposal/verdict") == Some(Verdict::RecognisedAutomatic.as_str());
    let recorded = if automatic && app.config.recognition.automatic {
        let by = issue::operator(app.now());
        let by = crate::access::TokenRecord { label: RULES.to_owned(), ..by };
        let mut decided = received.file.clone();
        match statement::issue_once(app, &by, member, &mut decided, Settled::as_proposed(&received.file))
            .await
        {
            Ok(()) => {
                received.file = decided;
                Ok(())
            }
            Err(RecogniseError::Issue(error)) => {
                // The application is not lost with the key: an officer finds it in the queue.
                tracing::error!(%error, "a statement could not be issued; the application waits for an officer");
                commit(app, &mut received.file).await
            }
            Err(error) => Err(error),
        }
    } else {
        commit(app, &mut received.file).await
    };
    match recorded {
        Ok(()) => Ok(received),
        // The same key at the same moment: whoever was first is both.
        Err(RecogniseError::Moved) if idempotent => {
            let (slug, id) = (&received.file.authority, received.file.id);
            replayed(app, slug, id, &received.secret, digest).await?.ok_or(RecogniseError::Moved)
        }
        Err(error) => Err(error),
    }
}

async fn commit(app: &App, file: &mut File) -> Result<(), RecogniseError> {
    app.commit(vec![file.filed(app.now(), APPLICANT)]).await?;
    file.version += 1;
    Ok(())
}

/// Puts a proposal and what it was made from into a file.
pub(super) fn proposed(file: &mut File, found: Found, now: Timestamp) {
    if let Some(Value::Object(application)) = file.body.get_mut("application") {
        // The id that was signed; never the one that only stands on what came in.
        if let (Some(id), Some(award)) = (&found.award, application["award"].as_object_mut()) {
            award.shift_remove("claimedId");
            award.insert("id".to_owned(), json!(id));
        }
        application["award"]["digestMultibase"] = json!(found.digest);
    }
    if let Some(proof) = found.tlog_proof {
        file.set("tlogProof", proof);
    }
    file.set("facts", found.facts);
    file.set("inputs", found.inputs.to_value().clone());
    file.set("proposal", found.decision.to_members());
    if matches!(file.state(), "received") {
        file.set("state", "proposed");
    }
    file.tell(now, RULES, "proposed", None);
}

/// The last day for a decision on what comes in or is appealed now.
pub(super) fn deadline(app: &App, now: Timestamp) -> String {
    let last = now.checked_add(app.config.recognition.deadline).unwrap_or(now);
    day_of(app, last)
}

/// The id of the application and what opens its page: by chance; or both from the idempotency key and the service's own
/// secret, so that the same request finds them again and nobody else can work them out.
fn names(app: &App, authority: &Slug, key: Option<&str>) -> Result<(CredentialId, String), RecogniseError> {
    let Some(key) = key else {
        return Ok((
            CredentialId::from_bytes(issue::random()?),
            multibase::encode_base64url(&issue::random::<20>()?),
        ));
    };
    let own = app.keyring.new_store_key().map_err(IssueError::from)?;
    let made = |what: &str| {
        let said = format!("testamur-application-{what}/v1\n{authority}\n{key}");
        sha256(&Zeroizing::new([own.as_slice(), said.as_bytes()].concat()))
    };
    let id = made("id");
    let id = CredentialId::from_bytes(std::array::from_fn(|at| id[at]));
    Ok((id, multibase::encode_base64url(&made("key")[..20])))
}

async fn replayed(
    app: &App,
    authority: &Slug,
    id: CredentialId,
    secret: &str,
    digest: &str,
) -> Result<Option<Received>, RecogniseError> {
    let filing = app.store.filing(authority, Register::Application, &id.to_string(), None).await?;
    let Some(filing) = filing else { return Ok(None) };
    let file = File::of(&filing)?;
    if file.text("/application/requestDigest") != Some(digest) {
        return Err(RecogniseError::IdempotencyMismatch);
    }
    Ok(Some(Received { file, secret: secret.to_owned(), replayed: true }))
}

/// The award as text, and where it was had from.
async fn had(app: &App, given: &Given) -> Result<(String, Value), RecogniseError> {
    let (text, source) = match given {
        Given::Document(document) => (Value::Object(opened(document)).to_string(), json!({"by": "upload"})),
        Given::Id(id) => {
            let none = || {
                RecogniseError::member("/id", "no credential of this service that everybody may see has it")
            };
            let id = CredentialId::parse(id).ok().or_else(|| app.urls.credential_of(id)).ok_or_else(none)?;
            (own(app, id).await?.ok_or_else(none)?, json!({"by": "id", "url": app.urls.credential(id)}))
        }
        Given::Link(link) => {
            let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
            let mut url = url.ok_or_else(|| RecogniseError::member("/link", "is an address: https://…"))?;
            url.set_fragment(None);
            let source = json!({"by": "link", "url": url.as_str()});
            let text = match app.urls.credential_of(url.as_str()) {
                Some(id) => {
                    let none = || RecogniseError::member("/link", "there is nothing at this address");
                    own(app, id).await?.ok_or_else(none)?
                }
                None => {
                    let accept = "application/vc, application/json;q=0.9";
                    let url = app.fetcher.rewrite(url);
                    let found = app.fetcher.get("the link", &url, MAX_CREDENTIAL, accept).await;
                    text_of(&found.map_err(RecogniseError::Link)?)?
                }
            };
            (text, source)
        }
    };
    if text.len() > MAX_CREDENTIAL {
        let most = format!("is longer than the {MAX_CREDENTIAL} bytes that an award may have here");
        return Err(RecogniseError::member("/credential", most));
    }
    Ok((text, source))
}

/// One of our own, that everybody may see.
async fn own(app: &App, id: CredentialId) -> Result<Option<String>, RecogniseError> {
    let record = app.store.credential(id).await?;
    let record = record.filter(|record| record.visibility == Visibility::Public);
    Ok(record.and_then(|record| String::from_utf8(record.body?).ok()))
}

/// What was fetched, out of the envelope that an API answers with.
fn text_of(bytes: &[u8]) -> Result<String, RecogniseError> {
    let value = json::parse(bytes).map_err(|error| RecogniseError::Json { pointer: "/link", error })?;
    match value {
        Value::Object(document) => Ok(Value::Object(opened(&document)).to_string()),
        _ => Err(RecogniseError::member("/link", "what is there is no credential")),
    }
}

fn opened(document: &Map<String, Value>) -> Map<String, Value> {
    match document.get("verifiableCredential") {
        Some(Value::Object(inner)) if document.len() == 1 => inner.clone(),
        _ => document.clone(),
    }
}
