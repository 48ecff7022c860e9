//! The verdict: what was checked, what each check says, and the one state a person reads.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::judge::Verified;
use crate::text::LocalizedText;

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

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $group:ident, $outcome:ident;)*) => {
        /// The code of a check: one row each in [`CODES`], its words in the locale files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        /// Every code: the code, its text, its group, the outcome it reports.
        pub const CODES: &[(Code, &str, Group, Outcome)] =
            &[$((Code::$name, $text, Group::$group, Outcome::$outcome),)*];

        impl Code {
            /// The dotted text of the code.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// The code of a dotted text.
            pub fn parse(text: &str) -> Option<Self> {
                CODES.iter().find(|(_, known, ..)| *known == text).map(|(code, ..)| *code)
            }
            /// What the code is for.
            pub fn group(self) -> Group {
                match self { $(Self::$name => Group::$group,)* }
            }
            /// What the code reports.
            pub fn outcome(self) -> Outcome {
                match self { $(Self::$name => Outcome::$outcome,)* }
            }
        }
    };
}

codes! {
    /// The document is a well-formed credential.
    FormValid = "form.valid", Credential, Pass;
    /// The document is not: `pointer`, `problem`.
    FormInvalid = "form.invalid", Credential, Fail;
    /// A `relatedResource` digest is not the authentic one of that URL: `pointer`, `url`.
    FormResourceDigest = "form.resource.digest", Credential, Fail;
    /// Nobody here knows the authentic digest of a `relatedResource`, and nothing is fetched: `pointer`, `url`.
    FormResourceUnknown = "form.resource.unknown", Credential, Unknown;
    /// Every signature holds: `suites`.
    ProofValid = "proof.valid", Credential, Pass;
    /// There is no proof at all.
    ProofMissing = "proof.missing", Credential, Fail;
    /// A signature does not hold: `pointer`, `problem`.
    ProofInvalid = "proof.invalid", Credential, Fail;
    /// The kind of signature is not known here: `suite`.
    ProofSuiteUnsupported = "proof.suite.unsupported", Credential, Unknown;
    /// What was signed cannot be computed here: an unknown context, or more work than we do: `problem`.
    ProofUncomputable = "proof.uncomputable", Credential, Unknown;
    /// The key's document could not be had: `did`, `problem`.
    ProofKeyUnreachable = "proof.key.unreachable", Credential, Unknown;
    /// The key is not in its controller's document, or not for this purpose: `key`, `problem`.
    ProofKeyNotListed = "proof.key.not.listed", Credential, Fail;
    /// Its controller withdrew the key: somebody else may have signed with it: `key`, `since`.
    ProofKeyRevoked = "proof.key.revoked", Credential, Unknown;
    /// The proof says it was made after its key had stopped signing: `key`, `since`.
    ProofKeyExpired = "proof.key.expired", Credential, Unknown;
    /// The proof is not for this verifier: `problem` (domain or challenge).
    ProofAudience = "proof.audience", Credential, Fail;
    /// A proof has run out: `until`.
    ProofExpired = "proof.expired", Credential, Fail;
    /// A proof is dated in the future: `created`.
    ProofFuture = "proof.future", Credential, Fail;
    /// At least one proof is the issuer's own: `issuer`.
    IssuerBound = "issuer.bound", Credential, Pass;
    /// No proof is the issuer's: `issuer`, `controller`.
    IssuerNotBound = "issuer.not.bound", Credential, Fail;
    /// The dates allow it now.
    DatesValid = "dates.valid", Credential, Pass;
    /// Valid only from later: `from`.
    DatesNotYet = "dates.not.yet", Credential, Fail;
    /// No longer valid: `until`.
    DatesExpired = "dates.expired", Credential, Fail;
    /// Not withdrawn, as of `as_of`.
    StatusActive = "status.active", Credential, Pass;
    /// Carries no status: the issuer cannot withdraw it.
    StatusNone = "status.none", Credential, Pass;
    /// Revoked: `since`, `reason` where held here.
    StatusRevoked = "status.revoked", Credential, Fail;
    /// Suspended: `since`, `reason` where held here.
    StatusSuspended = "status.suspended", Credential, Fail;
    /// Replaced by a newer one: `since`, `successor`.
    StatusReplaced = "status.replaced", Credential, Fail;
    /// The status list could not be had: `url`, `problem`.
    StatusUnreachable = "status.unreachable", Credential, Unknown;
    /// The status list that was had cannot be relied on: `url`, `problem`.
    StatusListInvalid = "status.list.invalid", Credential, Unknown;
    /// The entry itself is wrong: `pointer`, `problem`.
    StatusEntryInvalid = "status.entry.invalid", Credential, Unknown;
    /// A kind of status not known here: `type`.
    StatusTypeUnsupported = "status.type.unsupported", Credential, Unknown;
    /// Embedded endorsements hold: `by`.
    EndorsementValid = "endorsement.valid", Credential, Pass;
    /// An embedded endorsement does not hold: `pointer`, `problem`.
    EndorsementInvalid = "endorsement.invalid", Credential, Fail;
    /// An embedded endorsement could not be checked: `pointer`, `problem`.
    EndorsementUnknown = "endorsement.unknown", Credential, Unknown;
    /// An embedded credential (a transcript's course) does not hold: `pointer`, `problem`.
    EmbeddedInvalid = "embedded.invalid", Credential, Fail;
    /// An embedded credential could not be checked: `pointer`, `problem`.
    EmbeddedUnknown = "embedded.unknown", Credential, Unknown;
    /// The issuer is vouched for: `by`; by a trust list, with `territory`, `sequence` and `as_of`.
    IssuerListed = "issuer.listed", Trust, Pass;
    /// Nobody pinned here vouches for the issuer: `issuer`.
    IssuerNotListed = "issuer.not.listed", Trust, Unknown;
    /// More than one pinned trust list names the issuer: `issuer`, `territories`.
    IssuerContested = "issuer.contested", Trust, Unknown;
    /// The trust list that names the issuer says nothing any more: `territory`, `until`.
    TrustListOver = "trust.list.over", Trust, Unknown;
    /// The trust list names the key, and it signs awards: `key`.
    IssuerKeyListed = "issuer.key.listed", Trust, Pass;
    /// The trust list does not name the key: `key`.
    IssuerKeyNotListed = "issuer.key.not.listed", Trust, Unknown;
    /// The signature says it was made before its key was the issuer's: `key`, `from`.
    IssuerKeyNotYet = "issuer.key.not.yet", Trust, Unknown;
    /// Somebody else may have the key: `key`, `since`.
    IssuerKeyCompromised = "key.compromised", Trust, Unknown;
    /// A log that the trust list relies on holds the document: `index`, `size`, `time`, `witnesses`.
    LogIncluded = "log.included", Trust, Pass;
    /// The issuer's credentials are logged, and this one came without proof of it: `since`.
    LogProofMissing = "log.proof.missing", Trust, Unknown;
    /// Signed less than a day ago, so its log proof may still be on its way: `since`.
    LogPending = "log.pending", Trust, Unknown;
    /// The log proof that came with the document proves nothing: `problem`.
    LogProofInvalid = "log.proof.invalid", Trust, Unknown;
    /// The key has ended, and no log shows that it signed before: `key`, `until`.
    KeyRetiredUnlogged = "key.retired.unlogged", Trust, Unknown;
    /// Accredited for this award on the award date.
    AccreditedOnAwardDate = "accredited.on.award.date", Trust, Pass;
    /// Accredited until those who had begun have finished, and the holder had.
    AccreditedTeachOut = "accredited.teach-out", Trust, Pass;
    /// Accredited for those who had begun only, and the holder had not.
    TeachOutNewEnrolment = "teach-out.new.enrolment", Trust, Fail;
    /// Accredited for those who had begun only; whether the holder had is not known.
    TeachOutEnrolmentUnknown = "teach-out.enrolment.unknown", Trust, Unknown;
    /// The credential leaves out what tells whether the accreditation covers it.
    AccreditationScopeUnknown = "accreditation.scope.unknown", Trust, Unknown;
    /// No accreditation covers this award.
    AccreditationNoneForScope = "accreditation.none.for.scope", Trust, Fail;
    /// The accreditation was not in force on the award date.
    AccreditationNotInForce = "accreditation.not.in.force.on.award.date", Trust, Fail;
    /// The accreditation was annulled, and did not hold on the award date.
    AccreditationAnnulled = "accreditation.annulled", Trust, Fail;
    /// The accreditation was suspended on the award date.
    AccreditationSuspended = "accreditation.suspended.on.award.date", Trust, Fail;
    /// The accreditation had been withdrawn by the award date.
    AccreditationWithdrawn = "accreditation.withdrawn.on.award.date", Trust, Fail;
    /// The accreditation was suspended after the award.
    AccreditationSuspendedLater = "accreditation.suspended.later", Trust, Fail;
    /// The accreditation was withdrawn after the award.
    AccreditationWithdrawnLater = "accreditation.withdrawn.later", Trust, Fail;
    /// The accreditation went into teach-out after the award.
    AccreditationTeachOutLater = "accreditation.teach-out.later", Trust, Fail;
    /// The accreditation was annulled from a day after the award.
    AccreditationAnnulledLater = "accreditation.annulled.later", Trust, Fail;
    /// The accreditation expired after the award.
    AccreditationExpiredLater = "accreditation.expired.later", Trust, Fail;
    /// The issuer lost its accreditation later, and nothing shows that the award existed before.
    AwardUnanchored = "award.unanchored", Trust, Unknown;
    /// The award was copied from a paper register, which shows no date of its own.
    AwardTranscribed = "award.transcribed.register", Trust, Unknown;
    /// The award was registered shortly after the accreditation was lost.
    AwardRegisteredInGrace = "award.registered.in.grace", Trust, Unknown;
    /// The award was registered after the accreditation was lost.
    AwardRegisteredOutOfStanding = "award.registered.out.of.standing", Trust, Fail;
    /// The dates of the award contradict one another.
    FactsContradictory = "facts.contradictory", Trust, Unknown;
    /// Workplace learning without the enterprise's own signature.
    EnterpriseNotConfirmed = "enterprise.not.confirmed", Trust, Fail;
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
    /// Whether the document is proved to be in a log that the issuer's trust list relies on.
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
    /// Whether the witnesses are the quorum that the trust list asks for.
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
    /// What the log shows; `None` when no proof came with the document, or it proves nothing.
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
/// not found out is *could not be checked*; dates that do not allow it now are *genuine but*.
pub fn state_of(checks: &[Check]) -> State {
    checks
        .iter()
        .map(|check| match check.code.outcome() {
            Outcome::Pass => State::Genuine,
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
                | Code::EnterpriseNotConfirmed => State::GenuineBut,
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
