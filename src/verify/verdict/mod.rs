//! The verdict: what was checked, what each check says, and the one state a person reads.

mod codes;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::judge::Verified;
use crate::text::LocalizedText;
pub use crate::trust::Keeper;
pub use codes::{CODES, Code};

/// What a person is told, in the order of good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Every check passes.
    Genuine,
    /// Genuine, with something to know: expired, not yet valid, accreditation ended later.
    GenuineBut,
    /// Revoked, suspended or replaced by its issuer.
    Withdrawn,
    /// Something could not be found out; says nothing against the document.
    CouldNotBeChecked,
    /// A broken signature, or an issuer that is not who it says; or signed all right by an issuer that had no standing
    /// for it on the award date (then `verified` is true).
    NotGenuine,
}

impl State {
    /// The word in JSON, CSS classes and message ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::GenuineBut => "genuine-but",
            Self::Withdrawn => "withdrawn",
            Self::CouldNotBeChecked => "could-not-be-checked",
            Self::NotGenuine => "not-genuine",
        }
    }

    /// Which of two wins: a forged document is forged whatever else is unknown, and a withdrawal stands
    /// whoever the issuer is.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Genuine => 0,
            Self::GenuineBut => 1,
            Self::CouldNotBeChecked => 2,
            Self::Withdrawn => 3,
            Self::NotGenuine => 4,
        }
    }
}

/// What a check found. Unknown is never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be found out.
    Unknown,
}

/// What a check is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The document itself; decides `verified` and the HTTP status.
    Credential,
    /// Who stands behind it; decides only the state.
    Trust,
}

/// One check: its code and the facts behind it, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was found.
    pub code: Code,
    /// The facts, by the names the code's row tells.
    pub because: BTreeMap<&'static str, String>,
}

impl Check {
    /// A check without facts.
    pub fn new(code: Code) -> Self {
        Self { code, because: BTreeMap::new() }
    }

    /// The check with one more fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, fact: impl Into<String>) -> Self {
        self.because.insert(name, fact.into());
        self
    }
}

impl Serialize for Check {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Check", 4)?;
        out.serialize_field("code", self.code.as_str())?;
        out.serialize_field("group", &self.code.group())?;
        out.serialize_field("outcome", &self.code.outcome())?;
        if self.because.is_empty() {
            out.skip_field("because")?;
        } else {
            out.serialize_field("because", &self.because)?;
        }
        out.end()
    }
}

/// The issuer as *proved*: the DID whose key signed, and the name those who vouch for it give it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvedIssuer {
    /// Whose key signed.
    pub id: String,
    /// Its name according to who vouches for it; `None` when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// Its country according to who vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Who vouches: `this-service`, `settings`, `trust-list`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vouched_by: Option<String>,
    /// Where the issuing office can be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Who keeps its register, where it has closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<Keeper>,
    /// The name the credential itself gives: only a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_to_be: Option<String>,
}

/// Somebody else who signed or confirmed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmation {
    /// The DID that signed.
    pub id: String,
    /// The name it gives itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_to_be: Option<String>,
    /// Whether its signature holds.
    pub outcome: Outcome,
    /// What it said, when it is an endorsement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When, by its own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The other half of a joint award, as it was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerAward {
    /// Its URL, as this award names it.
    pub id: String,
    /// What its own page would say; `None` when it could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// What it is called, by itself; `None` when no signature of it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its issuer as proved; `None` when no signature of it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<ProvedIssuer>,
}

/// The moments that matter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// When this verdict was reached.
    #[serde(serialize_with = "rfc3339")]
    pub checked: Timestamp,
    /// When the issuer says it signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
    /// The award date, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awarded: Option<String>,
    /// Valid from, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Valid until, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// How old the status information is: when the list was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_as_of: Option<String>,
    /// How old the trust list is that names the issuer: when it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_list_as_of: Option<String>,
}

fn rfc3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// What the log shows of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InLog {
    /// Whether the document is proved to be in a log that the issuer's trust list, or for our own issuers
    /// this service, relies on.
    pub included: bool,
    /// Which log.
    pub origin: String,
    /// Its place there, from 0.
    pub index: u64,
    /// How many entries the log had when it was witnessed.
    pub size: u64,
    /// Since when the document provably exists: the earliest moment at which a quorum of witnesses had seen it.
    #[serde(serialize_with = "rfc3339")]
    pub time: Timestamp,
    /// Who saw it.
    pub witnesses: Vec<String>,
    /// Whether the witnesses are the quorum that is asked for.
    pub quorum: bool,
}

/// The answer to "is this genuine?".
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether every check of the credential group passes.
    pub verified: bool,
    /// What a person is told.
    pub state: State,
    /// Every check, in the order they were made.
    pub checks: Vec<Check>,
    /// The issuer as proved; `None` when no signature of it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<ProvedIssuer>,
    /// Others who signed the same document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub co_signers: Vec<Confirmation>,
    /// Embedded endorsements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmation>,
    /// The other half of a joint award, where the award names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_award: Option<Box<PartnerAward>>,
    /// What the log shows; `None` when no proof came with the document or is in our own log, or it proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<InLog>,
    /// The moments that matter.
    pub times: Times,
    /// The document as verified, never the input; `None` when no signature holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifiable_credential: Option<Verified<Value>>,
}

impl Verdict {
    /// The checks that do not pass.
    pub fn troubles(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.code.outcome() != Outcome::Pass)
    }
}

/// The state that follows from the checks.
///
/// A broken form, proof or binding is *not genuine*; a withdrawal by the issuer is *withdrawn*; then anything
/// not found out is *could not be checked*; dates that do not allow it now, and whatever is wrong with or not known of the
/// other half of a joint award, are *genuine but*.
pub fn state_of(checks: &[Check]) -> State {
    checks
        .iter()
        .map(|check| match check.code.outcome() {
            Outcome::Pass => State::Genuine,
            // An award stands on its own feet, whatever became of its other half.
            Outcome::Unknown if check.code == Code::PartnerUnknown => State::GenuineBut,
            Outcome::Unknown => State::CouldNotBeChecked,
            Outcome::Fail => match check.code {
                Code::DatesNotYet
                | Code::DatesExpired
                | Code::ProofExpired
                | Code::AccreditationSuspendedLater
                | Code::AccreditationWithdrawnLater
                | Code::AccreditationTeachOutLater
                | Code::AccreditationAnnulledLater
                | Code::AccreditationExpiredLater
                | Code::EnterpriseNotConfirmed
                | Code::PartnerRevoked
                | Code::PartnerSuspended
                | Code::PartnerReplaced
                | Code::PartnerClaimed => State::GenuineBut,
                Code::StatusRevoked | Code::StatusSuspended | Code::StatusReplaced => State::Withdrawn,
                // Nothing is signed, not in a form we know, or not meant for us: that is no sign of fraud.
                Code::FormInvalid
                | Code::FormResourceDigest
                | Code::ProofMissing
                | Code::ProofFuture
                | Code::ProofAudience => State::CouldNotBeChecked,
                _ => State::NotGenuine,
            },
        })
        .fold(State::Genuine, State::graver)
}
