//! The code of every check there is: what it is for, what it reports, and which facts come with it.

use super::{Group, Outcome};

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
    /// The issuer has closed, and the trust list names no place where its successor serves the list: `url`, `keeper`.
    StatusMirrorNone = "status.mirror.none", Credential, Unknown;
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
    /// Such a document is an authority's, and nobody known here says that its issuer is one: `issuer`.
    IssuerNotAuthority = "issuer.not.authority", Trust, Unknown;
    /// More than one pinned trust list names the issuer: `issuer`, `territories`.
    IssuerContested = "issuer.contested", Trust, Unknown;
    /// The trust list that names the issuer says nothing any more: `territory`, `until`; or the root of its country has
    /// put the list out.
    TrustListOver = "trust.list.over", Trust, Unknown;
    /// The issuer has closed; another institution keeps its register: `keeper`, `since`.
    IssuerClosed = "issuer.closed", Trust, Pass;
    /// The trust list names the key, and it signs awards: `key`.
    IssuerKeyListed = "issuer.key.listed", Trust, Pass;
    /// The trust list does not name the key, or not for what it signed: `key`.
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
    /// The dates of the award contradict one another, or the day on which its issuer closed.
    FactsContradictory = "facts.contradictory", Trust, Unknown;
    /// Workplace learning without the enterprise's own signature.
    EnterpriseNotConfirmed = "enterprise.not.confirmed", Trust, Fail;
    /// The other half of a joint award is in force and names this one back, and its college endorses this one: `partner`,
    /// `by`.
    PartnerConfirmed = "partner.confirmed", Trust, Pass;
    /// The other half was revoked: `partner`, `by`, `since` where held here.
    PartnerRevoked = "partner.revoked", Trust, Fail;
    /// The other half is suspended: `partner`, `by`, `since` where held here.
    PartnerSuspended = "partner.suspended", Trust, Fail;
    /// The other half was replaced by a newer one: `partner`, `by`, `since`, `successor`.
    PartnerReplaced = "partner.replaced", Trust, Fail;
    /// The award names another half, and that does not stand by it: `partner`, `problem`.
    PartnerClaimed = "partner.claimed", Trust, Fail;
    /// The other half could not be checked: `partner`, `problem`.
    PartnerUnknown = "partner.unknown", Trust, Unknown;
}
