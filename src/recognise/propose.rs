//! What the verifier and the rules make of an award, before anybody decides.

use serde_json::{Map, Value, json};
use url::Url;

use super::inputs::{self, Inputs, Sources};
use super::{RecogniseError, facts};
use crate::app::App;
use crate::codec::jcs;
use crate::credential::{Credential, View};
use crate::crypto::digest_multibase;
use crate::did::Did;
use crate::log::proof::MAX_TLOG_PROOF;
use crate::recognition::Decision;
use crate::registry::Member;
use crate::verify::{self, Beside, Extent};

/// What was found out about an award.
#[derive(Debug, Clone)]
pub struct Found {
    /// The facts with their sources.
    pub facts: Map<String, Value>,
    /// What was decided from.
    pub inputs: Inputs,
    /// What the rules say.
    pub decision: Decision,
    /// The id of the award in the document as it was verified; `None` where no signature holds: anybody may write any id.
    pub award: Option<String>,
    /// The digest of the award, as it was verified where a signature holds.
    pub digest: String,
    /// The log proof that was used.
    pub tlog_proof: Option<String>,
}

/// Verifies the award and decides by the rules; records nothing. `request` is the applicant's, `day` that of the application.
///
/// # Errors
/// Inputs that cannot be decided from.
pub async fn look(
    app: &App,
    authority: &Member,
    credential: Credential,
    tlog_proof: Option<String>,
    request: &Map<String, Value>,
    day: &str,
) -> Result<Found, RecogniseError> {
    let as_it_came = credential.members().clone();
    let tlog_proof = match tlog_proof {
        Some(proof) => Some(proof),
        None => fetched_proof(app, &credential).await,
    };
    let beside = Beside { tlog_proof: tlog_proof.clone().map(String::into_bytes), ..Beside::default() };
    let verdict = verify::credential_with(app, credential, beside, Extent::Full).await;
    let verified = verdict.verifiable_credential.as_ref().and_then(|one| one.get().as_object());
    let digest = digest_multibase(&jcs::canonicalize_without(verified.unwrap_or(&as_it_came), &[]));
    let award = verified.and_then(|document| View::of(document).id()).map(str::to_owned);
    let facts = facts(&verdict);
    let (inputs, decision) = judged(app, authority, &facts, request, day)?;
    Ok(Found { facts, inputs, decision, award, digest, tlog_proof })
}

/// What the rules say of these facts, by the lists and agreements on record now.
///
/// # Errors
/// Inputs that cannot be decided from.
pub(super) fn judged(
    app: &App,
    authority: &Member,
    facts: &Map<String, Value>,
    request: &Map<String, Value>,
    day: &str,
) -> Result<(Inputs, Decision), RecogniseError> {
    let registered = app.registry.agreements();
    let agreements: Vec<&Value> = registered.of(authority).map(|file| &file.document).collect();
    let sources =
        Sources { trust: &app.registry.trust(), agreements: &agreements, rules: &app.rules, now: app.now() };
    let mut whole = Map::from_iter([("country".to_owned(), json!(authority.institution.territory()))]);
    whole.extend(request.iter().map(|(name, value)| (name.clone(), value.clone())));
    whole.insert("date".to_owned(), json!(day));
    let inputs = inputs::inputs(facts, &whole, &sources);
    let decision = inputs.decide()?;
    Ok((inputs, decision))
}

/// The log proof of an award whose issuer has its awards logged, from beside the award at its own address. Whoever
/// serves it: it proves itself, or nothing.
async fn fetched_proof(app: &App, credential: &Credential) -> Option<String> {
    let view = credential.view();
    let did = Did::parse(view.issuer_id()?).ok()?;
    let trust = app.registry.trust();
    let listings = trust.listings(&did);
    let (_, issuer) = listings.first()?.get()?;
    issuer.logged_since?;
    let id = view.id().filter(|id| app.urls.credential_of(id).is_none())?;
    let url = Url::parse(id).ok().filter(|url| url.query().is_none() && url.fragment().is_none())?;
    let url = Url::parse(&format!("{}/tlog-proof", url.as_str().trim_end_matches('/'))).ok()?;
    let url = app.fetcher.rewrite(url);
    let found = app.fetcher.get("the log proof", &url, MAX_TLOG_PROOF, "text/plain").await.ok()?;
    String::from_utf8(found.to_vec()).ok()
}
