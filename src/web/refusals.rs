//! What each verb's refusal is to a client: no arm is left open, so a new refusal does not compile without a row.

use super::problem::{Code, Fault, Problem};
use crate::accredit::AccreditError;
use crate::accredit::delivery::DeliveryError;
use crate::administer::AdministerError;
use crate::crypto::proof::ProofError;
use crate::erase::EraseError;
use crate::issue::IssueError;
use crate::log::witness::Refusal;
use crate::pin;
use crate::publish::PublishError;
use crate::publish::log::LogError;
use crate::publish::trust::RootError;
use crate::publish::trust::list::ListError;
use crate::recognise::RecogniseError;
use crate::revoke::RevokeError;
use crate::store::{Conflict, StoreError};
use crate::trust::PinError;
use crate::trustlist::TrustListError;
use crate::trustlist::edit::EditError;
use crate::witness::WitnessError;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict(conflict) => match conflict {
                Conflict::Id(_) => Self::because(Code::AlreadyIssued, error.to_string()),
                Conflict::Idempotency { .. } => Self::new(Code::IdempotencyMismatch),
                Conflict::NoStatus | Conflict::StatusMoved => {
                    Self::because(Code::StatusConflict, error.to_string())
                }
                Conflict::TrustMoved | Conflict::Refiled { .. } => {
                    Self::because(Code::Conflict, error.to_string())
                }
                Conflict::Founded
                | Conflict::Institution(_)
                | Conflict::NoInstitution(_)
                | Conflict::Closed(_)
                | Conflict::Key(_)
                | Conflict::Token
                | Conflict::Slot(_)
                | Conflict::ListMoved
                | Conflict::LogMoved
                | Conflict::CountMoved => Self::inside(Code::Internal, &error),
            },
            StoreError::Unwritable(_) => Self::inside(Code::NotWritable, &error),
            StoreError::Held(_) | StoreError::Unopenable(_) => Self::inside(Code::Unavailable, &error),
            StoreError::Damaged { .. } => Self::inside(Code::Internal, &error),
        }
    }
}

impl From<RecogniseError> for Problem {
    fn from(error: RecogniseError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            RecogniseError::NotFound => Self::new(Code::NotFound),
            RecogniseError::Erased => because(Code::Erased),
            RecogniseError::NotAllowed(_) => because(Code::NotAllowed),
            RecogniseError::NoAuthority(_) | RecogniseError::Which(_) => {
                Self::member("/country", error.to_string())
            }
            RecogniseError::Member { pointer, detail } => Self::member(pointer, detail),
            RecogniseError::Json { pointer, error } => Self::member(pointer, error.to_string()),
            RecogniseError::Link(_) => Self::member("/link", error.to_string()),
            RecogniseError::State { .. } | RecogniseError::Moved | RecogniseError::SourceChanged(_) => {
                because(Code::Conflict)
            }
            RecogniseError::IdempotencyMismatch => Self::new(Code::IdempotencyMismatch),
            RecogniseError::Unsigned(_) => {
                let fault = Fault { pointer: "/credential".to_owned(), detail: error.to_string() };
                Self { faults: vec![fault], ..because(Code::AwardUnsigned) }
            }
            RecogniseError::Full => because(Code::Overloaded).retry_after(3600),
            RecogniseError::Issue(error) => error.into(),
            RecogniseError::Store(error) => error.into(),
            RecogniseError::Inputs(_) | RecogniseError::Damaged(_) | RecogniseError::Random(_) => {
                Self::inside(Code::Internal, &error)
            }
        }
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            IssueError::Draft(ref problems) => {
                let fault = |problem: &crate::credential::Problem| Fault {
                    pointer: format!("/credential{}", problem.pointer),
                    detail: problem.message.to_string(),
                };
                Self { faults: problems.iter().map(fault).collect(), ..because(Code::DraftInvalid) }
            }
            IssueError::Erased => because(Code::Erased),
            IssueError::SelfCheck(_) => because(Code::DraftInvalid),
            IssueError::Proof(ProofError::Sign(_)) => Self::inside(Code::Internal, &error),
            IssueError::Proof(_) => because(Code::DraftInvalid),
            IssueError::NotPrepared => because(Code::Conflict),
            IssueError::Reserved(_) => {
                let fault = Fault { pointer: "/credential/type".to_owned(), detail: error.to_string() };
                Self { faults: vec![fault], ..because(Code::TypeReserved) }
            }
            IssueError::NotAllowed(_) => because(Code::NotAllowed),
            IssueError::Closed(..) => because(Code::InstitutionClosed),
            IssueError::NotOurs(_) => because(Code::IssuerNotOurs),
            IssueError::WhichInstitution(_) => because(Code::IssuerAmbiguous),
            IssueError::Suite(_) => because(Code::SuiteUnsupported),
            IssueError::Duplicate(_) => because(Code::AlreadyIssued),
            IssueError::IdempotencyMismatch => because(Code::IdempotencyMismatch),
            IssueError::NoKey(_) | IssueError::Key(_) | IssueError::Random(_) => {
                Self::inside(Code::Internal, &error)
            }
            IssueError::Store(error) => error.into(),
        }
    }
}

impl From<RevokeError> for Problem {
    fn from(error: RevokeError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            RevokeError::NotFound(_) => because(Code::NotFound),
            RevokeError::NotAllowed(_) => because(Code::NotAllowed),
            RevokeError::Final
            | RevokeError::Already(..)
            | RevokeError::NoStatus(_)
            | RevokeError::ByStanding
            | RevokeError::Moved => because(Code::StatusConflict),
            RevokeError::ReasonMissing | RevokeError::ReasonTooLong => because(Code::ReasonInvalid),
            RevokeError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            EraseError::NotFound(_) => because(Code::NotFound),
            EraseError::NotAllowed(_) => because(Code::NotAllowed),
            EraseError::ReasonMissing | EraseError::ReasonTooLong => because(Code::ReasonInvalid),
            EraseError::Already => because(Code::Conflict),
            EraseError::Store(error) => error.into(),
        }
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::NoList => Self::new(Code::NotFound),
            PublishError::NoKey(_)
            | PublishError::Key(_)
            | PublishError::Proof(_)
            | PublishError::Mirror { .. } => Self::inside(Code::Internal, &error),
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<pin::Error> for Problem {
    fn from(error: pin::Error) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match &error {
            pin::Error::NotAllowed => because(Code::NotAllowed),
            pin::Error::Pin(PinError::Fingerprint(_)) => Self::member("/fingerprint", error.to_string()),
            pin::Error::Pin(PinError::Pinned(_) | PinError::Moved(_)) | pin::Error::NoAddress(_) => {
                because(Code::Conflict)
            }
            pin::Error::Pin(PinError::NotPinned(_)) => because(Code::NotFound),
            pin::Error::Pin(PinError::Refused { .. }) | pin::Error::Fetch(_) | pin::Error::Root(_) => {
                Self::member("/url", error.to_string())
            }
            pin::Error::Pin(PinError::Io { .. } | PinError::Damaged { .. }) => {
                Self::inside(Code::Internal, &error)
            }
        }
    }
}

impl From<AccreditError> for Problem {
    fn from(error: AccreditError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            AccreditError::NotAllowed => because(Code::NotAllowed),
            AccreditError::Which(_) => because(Code::IssuerAmbiguous),
            AccreditError::NoAuthority(_) => because(Code::NotFound),
            AccreditError::Reason => because(Code::ReasonInvalid),
            AccreditError::Issuer(_) => Self::member("/trustedKey", error.to_string()),
            AccreditError::List(error) => error.into(),
            AccreditError::Issue(IssueError::Store(error)) | AccreditError::Store(error) => error.into(),
            AccreditError::Issue(error) => error.into(),
            AccreditError::Random(_) => Self::inside(Code::Internal, &error),
        }
    }
}

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match &error {
            DeliveryError::Form(pointer, why) => Self::member(pointer.clone(), why.clone()),
            DeliveryError::Unsigned(_) => because(Code::DeliveryUnsigned),
            DeliveryError::UnknownLog(_) => because(Code::NotFound),
            DeliveryError::Awaited(next) => Self { next: Some(*next), ..because(Code::Conflict) },
            DeliveryError::Differs(at, _) => {
                let fault = Fault { pointer: format!("/entries/{at}"), detail: error.to_string() };
                Self { faults: vec![fault], ..because(Code::LeafDiffers) }
            }
            DeliveryError::Beyond(_) => because(Code::LeafDiffers),
            DeliveryError::Log(_) => Self::inside(Code::LogUnreadable, &error).retry_after(10),
            DeliveryError::Store(error) => error.clone().into(),
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            ListError::NoRoot(_) | ListError::NoKey(_) | ListError::Refused(_) | ListError::Moved => {
                because(Code::Conflict)
            }
            ListError::Edit(EditError::Form(problem)) => {
                Self::member(problem.pointer, problem.message.to_string())
            }
            ListError::Edit(EditError::NotListed(_) | EditError::NoKey(_) | EditError::NoGrant(_)) => {
                because(Code::NotFound)
            }
            ListError::Edit(EditError::Conflict(_)) => because(Code::Conflict),
            ListError::Edit(EditError::Before(_))
            | ListError::Key(_)
            | ListError::Proof(_)
            | ListError::Interrupted(_) => Self::inside(Code::Internal, &error),
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<RootError> for Problem {
    fn from(error: RootError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            RootError::NoAuthority(_) => because(Code::NotFound),
            RootError::NotAllowed(_) => because(Code::NotAllowed),
            RootError::Refused(TrustListError::RootVersion { .. }) | RootError::Moved => {
                because(Code::Conflict)
            }
            RootError::Refused(TrustListError::Form(problem)) => {
                Self::member(format!("/root{}", problem.pointer), problem.message.to_string())
            }
            RootError::Refused(_) | RootError::ListUrl { .. } => Self::member("/root", error.to_string()),
            RootError::Store(error) => error.into(),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Key(_)
            | LogError::OtherLog { .. }
            | LogError::NotItsRoot(_)
            | LogError::Tile(_)
            | LogError::Checkpoint(_)
            | LogError::Sign(_)
            | LogError::Origin(..)
            | LogError::Closed(_)
            | LogError::Full(_)
            | LogError::Interrupted(_) => Self::inside(Code::Internal, &error),
            LogError::RolledBack(_) => Self::inside(Code::LogRolledBack, &error),
            LogError::Store(error) => error.into(),
        }
    }
}

impl From<WitnessError> for Problem {
    fn from(error: WitnessError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            WitnessError::Off | WitnessError::Refused(Refusal::UnknownLog) => because(Code::NotFound),
            WitnessError::Refused(Refusal::Malformed) => because(Code::RequestInvalid),
            WitnessError::Refused(Refusal::Unsigned) => because(Code::CheckpointUnsigned),
            // The protocol answers these with a size; so does the handler.
            WitnessError::Refused(Refusal::Stale(_) | Refusal::Forked(_)) => because(Code::Conflict),
            WitnessError::Refused(Refusal::Inconsistent) => because(Code::CheckpointInconsistent),
            WitnessError::Store(StoreError::Conflict(_)) => Self::new(Code::Overloaded).retry_after(1),
            WitnessError::Store(error) => error.into(),
            WitnessError::Watched(_) => Self::inside(Code::Unavailable, &error),
            WitnessError::Key(_)
            | WitnessError::Name(_)
            | WitnessError::Sign(_)
            | WitnessError::Interrupted(_) => Self::inside(Code::Internal, &error),
        }
    }
}

impl From<AdministerError> for Problem {
    fn from(error: AdministerError) -> Self {
        let because = |code| Self::because(code, error.to_string());
        match error {
            AdministerError::NotAllowed => because(Code::NotAllowed),
            AdministerError::NoInstitution(_)
            | AdministerError::NoKey { .. }
            | AdministerError::NoToken(_) => because(Code::NotFound),
            AdministerError::Closed { .. } => because(Code::InstitutionClosed),
            AdministerError::OwnSuccessor | AdministerError::SuccessorClosed(_) => {
                Self::member("/successor", error.to_string())
            }
            AdministerError::AuthorityStays(_) => because(Code::Conflict),
            AdministerError::ReasonTooLong => because(Code::ReasonInvalid),
            AdministerError::Taken(_)
            | AdministerError::TerritoryTaken(..)
            | AdministerError::KeyIsName(_)
            | AdministerError::LastKey(_)
            | AdministerError::TokenTaken(_) => because(Code::Conflict),
            AdministerError::Country(_) => Self::member("/country", error.to_string()),
            AdministerError::NoName => Self::member("/name", error.to_string()),
            AdministerError::NoRole | AdministerError::AuthorityByKey | AdministerError::Did(_) => {
                because(Code::RequestInvalid)
            }
            AdministerError::Key(_) | AdministerError::Random(_) => Self::inside(Code::Internal, &error),
            AdministerError::Store(error) => error.into(),
            AdministerError::Publish(error) => error.into(),
        }
    }
}
