//! Verification: gather the evidence, then judge it.
//!
//! [`gather`] may walk (resolve a DID, fetch a status list); [`judge`] is a pure function of the document, the
//! evidence and the time. The same judge serves the API, the pages, the command line and our own issuing.

pub mod gather;
pub mod judge;
pub mod presentation;
pub mod verdict;

use serde_json::Value;

use crate::app::App;
use crate::credential::Credential;
use crate::resolve::ResolveError;
use gather::{Evidence, Sources};
pub use judge::Verified;
pub use presentation::PresentationVerdict;
pub use verdict::{Check, Code, Outcome, State, Verdict};

/// How much to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Everything.
    #[default]
    Full,
    /// The proofs alone: no issuer binding, dates, status or trust.
    Proof,
}

/// For whom and on what occasion a proof must have been made (VC Data Integrity 1.0, section 2.1); whatever is `None`
/// is not asked.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// The domain the proof must be for.
    pub domain: Option<String>,
    /// The challenge the proof must answer.
    pub challenge: Option<String>,
}

/// What comes beside a credential.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// For whom its proofs must be.
    pub audience: Audience,
    /// The text of its log proof (C2SP tlog-proof).
    pub tlog_proof: Option<Vec<u8>>,
}

/// Verifies a credential with what this service knows and can find, whoever it was signed for.
pub async fn credential(app: &App, credential: Credential, extent: Extent) -> Verdict {
    credential_with(app, credential, Beside::default(), extent).await
}

/// Verifies a credential with what came beside it.
pub async fn credential_with(app: &App, credential: Credential, beside: Beside, extent: Extent) -> Verdict {
    let mut evidence = gather::credential(&Sources::of(app), &credential, extent).await;
    evidence.tlog_proof = beside.tlog_proof;
    refuse_rolled_back(app, &mut evidence);
    judge::credential_for(credential, &evidence, &beside.audience, app.now(), extent)
}

/// Verifies a presentation and every credential in it.
pub async fn presentation(
    app: &App,
    document: &Value,
    audience: &Audience,
    extent: Extent,
) -> PresentationVerdict {
    let held = presentation::Held::of(document);
    let mut evidence = gather::gather(&Sources::of(app), held.documents(), extent).await;
    refuse_rolled_back(app, &mut evidence);
    held.judge(&evidence, audience, app.now(), extent)
}

/// A status list older than one this service has seen at the same address is no news: somebody may be hiding a
/// withdrawal.
fn refuse_rolled_back(app: &App, evidence: &mut Evidence) {
    let rolled_back: Vec<_> = evidence
        .lists
        .iter()
        .filter_map(|(url, found)| {
            let list = judge::proved(url, found.as_ref().ok()?, evidence, app.now()).ok()?;
            Some((url.clone(), app.seen.note(url, &list, app.now()).err()?))
        })
        .collect();
    for half in evidence.partners.values_mut().flatten() {
        refuse_rolled_back(app, &mut half.evidence);
    }
    for (url, newer) in rolled_back {
        let because = format!("it is older than the one of {newer} seen before");
        evidence.lists.insert(url.clone(), Err(ResolveError::Wrong { what: url, because }));
    }
}
