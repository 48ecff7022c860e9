//! The seam to durable storage, spoken in the words of the domain.
//!
//! One write, [`Store::commit`]: it takes facts, is all-or-nothing, and returns when they are durable.
//! Preconditions travel inside the facts, so that two writers can never both be right.

pub mod counted;
pub mod filings;
pub mod logs;
pub mod memory;
pub mod records;
mod rules;
pub mod seal;
pub mod sled;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::access::TokenRecord;
use crate::credential::id::CredentialId;
use crate::institution::{Closing, Institution, KeyRecord, Slug};
use crate::log::tile::Level;
pub use counted::{Behind, Cohort, CountedLeaf, CountedLog, Delivery};
pub use filings::{Filing, FilingErasure, MAX_FILE_ID, Register};
pub use logs::{Growth, LogPlace, LogState, WitnessedHead};
pub use records::{
    ChangeEntry, CredentialRecord, Cursor, Erasure, Founding, ListKey, ListState, ListVersion, Page, Purpose,
    Receipt, Slot, StatusEvent, TrustKind, TrustVersion, Visibility,
};

/// A fact to be recorded. A `commit` takes several; either all hold or none is recorded.
#[derive(Debug, Clone)]
pub enum Change {
    /// The first fact of a store: the public URL from which every DID and URL derives. Refused when founded.
    Founded(Founding),
    /// A new institution. Refused when the slug or the DID is taken.
    InstitutionFounded(Institution),
    /// An institution closes: it issues nothing any more, and its successor keeps its register. Refused when either is
    /// unknown or has closed, or both are one.
    InstitutionClosed {
        /// Which.
        institution: Slug,
        /// Who keeps its register, and since when.
        closing: Closing,
    },
    /// A new key of an institution; it signs from now on. Refused when the key is known.
    KeyAdded {
        /// Whose key.
        institution: Slug,
        /// The key.
        key: KeyRecord,
    },
    /// A key's life changed: `key.key` names it, `retired` and `compromised` are as they are now.
    /// Refused when unknown, or when a date already set would be unset.
    KeyChanged {
        /// Whose key.
        institution: Slug,
        /// The key as it is now.
        key: KeyRecord,
    },
    /// A new token. Refused when the hash is known.
    TokenAdded(TokenRecord),
    /// The token with this hash stops working; revoked again, it keeps its first date. Refused when unknown.
    TokenRevoked {
        /// SHA-256 of the token, hex.
        hash: String,
        /// From when.
        at: jiff::Timestamp,
    },
    /// A signed credential with its status slots, log salt and digest. Refused when the institution is unknown or
    /// closed, and when the idempotency key within its institution, the id, the claimed id within its institution, or a slot is
    /// taken (told in this order).
    Issued(Box<CredentialRecord>),
    /// A status is set or lifted. Refused when the credential is unknown or has no slot for the purpose,
    /// and when `expect` (the value as the caller saw it) is not the value on record.
    StatusSet {
        /// What happened.
        event: StatusEvent,
        /// The value of this purpose the caller saw before.
        expect: bool,
    },
    /// A new signed version of a status list. Refused when the institution is unknown, or unless `version` is one
    /// more than the last.
    ListPublished(ListVersion),
    /// A new signed version of an authority's root or trust list. Refused when the institution is unknown, or unless
    /// `number` is one more than the last: of two edits of one list, one is sent back.
    TrustPublished(TrustVersion),
    /// A person's record is erased: the key of its body and its log salt are destroyed; digest, ids, slots and status
    /// stay. Refused when unknown; erased again, it stays erased as it was the first time.
    Erased(Erasure),
    /// The transparency log grows. Refused unless it goes on exactly where it ends on record, so that a log can not be
    /// forked, and when a credential among its leaves is unknown or stands in a log already.
    LogGrew(Box<Growth>),
    /// A quorum of witnesses has cosigned this checkpoint of a log. Refused when the log is not that large, and when
    /// such a checkpoint of this size is on record.
    LogWitnessed {
        /// Which year's log.
        year: i16,
        /// Its size then.
        size: u64,
        /// The cosigned checkpoint, a signed note.
        checkpoint: Vec<u8>,
    },
    /// As a witness, this service is about to cosign the checkpoint of somebody else's log. Refused unless the size it
    /// cosigned last is `expect` (0 for none) and the new one is larger.
    WitnessSaw {
        /// The size the consistency proof was checked from.
        expect: u64,
        /// What it is about to cosign.
        head: Box<WitnessedHead>,
    },
    /// A college has accounted for leaves of a log. Refused when the authority is unknown, and unless they go on exactly
    /// where those before end.
    Delivered(Box<Delivery>),
    /// An authority has seen that a log is longer than what is accounted for. Refused when that is not so, when it is on
    /// record, and when the authority is unknown.
    LogSeen {
        /// Which authority.
        authority: Slug,
        /// Which log.
        origin: String,
        /// How long, and since when.
        behind: Behind,
    },
    /// How many graduates a cohort has; a later one takes the place of those before, which stay. Refused when the authority
    /// is unknown.
    CohortAnnounced(Box<Cohort>),
    /// A new version of a file in a register. Refused when the institution is unknown, when the file is erased or its id
    /// too long, and unless `version` is one more than the last: of two who began with the same, one is sent back.
    Filed(Box<Filing>),
    /// A file is erased: the keys of all its versions are destroyed; when, by whom and why stays. Refused when there is none;
    /// erased again, it stays erased as it was the first time.
    FilingErased(FilingErasure),
}

/// Why a store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A precondition of a fact does not hold; nothing was recorded.
    #[error("{0}")]
    Conflict(Conflict),
    /// Another process holds the store.
    #[error("the store is held by another process ({0})")]
    Held(String),
    /// The disk refused a write (full, or an I/O error); nothing was acknowledged. Reads go on.
    #[error("the store cannot write now: {0}")]
    Unwritable(String),
    /// A record is not what was written.
    #[error("damaged record {key}: {because}")]
    Damaged {
        /// Which record.
        key: String,
        /// What is wrong with it.
        because: String,
    },
    /// The store was written by a newer version or sealed with another key, or cannot be opened at all.
    #[error("the store cannot be opened: {0}")]
    Unopenable(String),
}

/// The precondition that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The store already has a public URL.
    #[error("the store is already founded")]
    Founded,
    /// The slug or the DID is taken.
    #[error("there already is an institution {0}")]
    Institution(Slug),
    /// No such institution.
    #[error("there is no institution {0}")]
    NoInstitution(Slug),
    /// The institution has closed.
    #[error("{0} is closed")]
    Closed(Slug),
    /// The key is known already, or not known, or its past would change.
    #[error("key {0}: known already, unknown, or its past would change")]
    Key(String),
    /// The token is known already, or not known.
    #[error("the token is known already, or not known")]
    Token,
    /// The id of the credential (ours, or its own within the institution) is taken.
    #[error("there already is a credential {0}")]
    Id(String),
    /// The idempotency key was used: by this credential, for a request with this digest.
    #[error("the idempotency key was used for {id}")]
    Idempotency {
        /// What was issued then.
        id: CredentialId,
        /// SHA-256 of the request then.
        request: [u8; 32],
    },
    /// The status slot is taken.
    #[error("status slot {0:?} is taken")]
    Slot(Slot),
    /// No such credential, or it has no slot for the purpose.
    #[error("there is no such credential, or it has no such status")]
    NoStatus,
    /// The status is not what the caller saw.
    #[error("the status has changed meanwhile")]
    StatusMoved,
    /// The list's last version is not the one before.
    #[error("the list was published meanwhile")]
    ListMoved,
    /// The authority's last root or list is not the one before.
    #[error("the trust list or root was published meanwhile")]
    TrustMoved,
    /// The log on record, ours or one this service witnesses, is not the one this would go on from.
    #[error("the log has grown meanwhile")]
    LogMoved,
    /// The leaves accounted for do not end where this would go on.
    #[error("other leaves were accounted for meanwhile")]
    CountMoved,
    /// The file is not the one this would go on from.
    #[error("the {register} {id} was changed meanwhile, was erased, or is not there")]
    Refiled {
        /// In which register.
        register: Register,
        /// Which file.
        id: String,
    },
}

/// Durable storage. Every engine promises the same:
///
/// - `commit` is atomic and serializable; when it returns `Ok` the facts survive `kill -9` and power loss.
///   Many waiting callers share one flush. When it returns `Err` none of its facts is visible, now or later; only a
///   process that dies after an I/O error, before the engine has recovered from it, may find them recorded.
///   A caller that stops waiting does not stop the commit.
/// - A read sees every fact committed before it began, and never one that is not durable yet.
/// - A limit below 1 counts as 1.
/// - Not found is `None`. A record that is not what was written is `Damaged`, never a guess.
/// - After an I/O error, reads go on and writes answer `Unwritable` until the engine has recovered by itself.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Records the facts, all or none, durably. Returns the cursor of the last one.
    async fn commit(&self, changes: Vec<Change>) -> Result<Cursor, StoreError>;

    /// How the store was founded, or `None` for an empty one.
    async fn founding(&self) -> Result<Option<Founding>, StoreError>;
    /// Every institution, by slug.
    async fn institutions(&self) -> Result<Vec<Institution>, StoreError>;
    /// Every token, revoked ones included.
    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError>;
    /// A credential by our id. After erasure the body is `None`.
    async fn credential(&self, id: CredentialId) -> Result<Option<CredentialRecord>, StoreError>;
    /// Our id of the credential whose own `id` member is this text, within the institution.
    async fn by_claimed_id(
        &self,
        institution: &Slug,
        claimed: &str,
    ) -> Result<Option<CredentialId>, StoreError>;
    /// What was issued under the idempotency key, within the institution.
    async fn receipt(&self, institution: &Slug, idempotency_key: &str)
    -> Result<Option<Receipt>, StoreError>;
    /// An institution's credentials in the order they were issued, a page at a time.
    async fn credentials(
        &self,
        institution: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<CredentialRecord>, StoreError>;
    /// What happened to the status of a credential, oldest first.
    async fn status_events(&self, id: CredentialId) -> Result<Vec<StatusEvent>, StoreError>;
    /// When the credential's content was erased, by whom and why.
    async fn erasure(&self, id: CredentialId) -> Result<Option<Erasure>, StoreError>;
    /// Every status list of the institution.
    async fn lists(&self, institution: &Slug) -> Result<Vec<ListKey>, StoreError>;
    /// The slots taken and set in a list and its newest version; an empty state for a list not begun.
    async fn list(&self, key: &ListKey) -> Result<ListState, StoreError>;
    /// Every status list of the institution without the indices taken, which only a list that gives out more needs: what
    /// is set, and the newest version. Costs what was ever revoked or suspended, not what was issued.
    async fn statuses(&self, institution: &Slug) -> Result<Vec<(ListKey, ListState)>, StoreError>;
    /// One published version of a list.
    async fn list_version(&self, key: &ListKey, version: u64) -> Result<Option<ListVersion>, StoreError>;
    /// One version of an authority's root or trust list; without a number the newest.
    async fn trust_version(
        &self,
        institution: &Slug,
        kind: TrustKind,
        number: Option<u64>,
    ) -> Result<Option<TrustVersion>, StoreError>;
    /// What was recorded after the cursor, in order: feeds, replication, moving to another engine.
    async fn changes(&self, after: Option<Cursor>, limit: usize) -> Result<Page<ChangeEntry>, StoreError>;
    /// The log of every year there is one of, oldest first.
    async fn logs(&self) -> Result<Vec<LogState>, StoreError>;
    /// A tile or a bundle of entries of a year's log, as much of it as is known; see [`logs::cut`].
    async fn log_tile(&self, year: i16, level: Level, index: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// Where a credential stands in the log.
    async fn log_place(&self, id: CredentialId) -> Result<Option<LogPlace>, StoreError>;
    /// The smallest witnessed checkpoint of a year's log that covers the leaf at `index`, and its size.
    async fn log_witnessed(&self, year: i16, index: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError>;
    /// What this service cosigned last, as a witness, of the log with this origin.
    async fn witness_seen(&self, origin: &str) -> Result<Option<WitnessedHead>, StoreError>;
    /// How far each log is accounted for to an authority, by origin.
    async fn counted_logs(&self, authority: &Slug) -> Result<Vec<CountedLog>, StoreError>;
    /// What was delivered to an authority of a log, from the delivery that begins at `from` on, in order; at most `limit`.
    async fn deliveries(
        &self,
        authority: &Slug,
        origin: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// What an authority was told of cohorts and where in the order of facts, oldest first, a page at a time.
    async fn cohorts(
        &self,
        authority: &Slug,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<(Cursor, Cohort)>, StoreError>;
    /// One version of a file; without a number the newest.
    async fn filing(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
        version: Option<u64>,
    ) -> Result<Option<Filing>, StoreError>;
    /// The newest version of each file of a register, in the order in which they were first filed, a page at a time.
    async fn filings(
        &self,
        institution: &Slug,
        register: Register,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Filing>, StoreError>;
    /// When a file was erased, by whom and why.
    async fn filing_erasure(
        &self,
        institution: &Slug,
        register: Register,
        id: &str,
    ) -> Result<Option<FilingErasure>, StoreError>;
    /// Whether writes go through now, and why not.
    async fn writable(&self) -> Result<(), StoreError>;
    /// Reads every record back and names each that is not what was written.
    /// `progress` is told how much is done, of how much.
    async fn check(&self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Vec<StoreError>, StoreError>;
}

/// Opens the store at `url`: the path of a folder, plain or after `sled:`. `sealer` seals the bodies: made of 32 secret
/// bytes, the same at each opening. The folder is made when there is none; it belongs to one process at a time.
pub fn open(url: &str, sealer: impl Into<seal::Sealer>) -> Result<Arc<dyn Store>, StoreError> {
    let path = Path::new(url.strip_prefix("sled:").unwrap_or(url));
    Ok(Arc::new(sled::SledStore::open(path, sealer.into())?))
}
