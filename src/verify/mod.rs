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
use gather::Sources;
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

/// What a verifier asks of a presentation (VC Data Integrity 1.0, section 2.1).
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// The domain the proof must be for.
    pub domain: Option<String>,
    /// The challenge the proof must answer.
    pub challenge: Option<String>,
}

/// Verifies a credential with what this service knows and can find.
pub async fn credential(app: &App, credential: Credential, extent: Extent) -> Verdict {
    let sources = Sources::of(app);
    let evidence = gather::credential(&sources, &credential, extent).await;
    judge::credential(credential, &evidence, app.now(), extent)
}

/// Verifies a presentation and every credential in it.
pub async fn presentation(
    app: &App,
    document: &Value,
    audience: &Audience,
    extent: Extent,
) -> PresentationVerdict {
    presentation::verify(&Sources::of(app), document, audience, app.now(), extent).await
}
