//! What a caller does for its own commit before it queues: compressing, sealing, encoding. Callers run side by side, the
//! writer is one.

use super::rows::{self, Row, SecretsRow};
use super::{Change, StoreError, keys};
use crate::credential::id::CredentialId;
use crate::store::seal::Sealer;
use crate::store::{CredentialRecord, Filing, Receipt};

/// A fact ready to be checked and written.
pub enum Prepared {
    /// A credential.
    Issued(Box<Issue>),
    /// A version of a file.
    Filed(Box<Filed>),
    /// Any other fact.
    Other(Change),
}

/// A credential's rows, and of the record what preconditions ask.
pub struct Issue {
    /// The record without its body.
    pub record: CredentialRecord,
    /// Clear part and sealed body.
    pub row: Row,
    /// Wrapped secrets.
    pub secrets: Row,
    /// Key of the row of its own id.
    pub claimed: Vec<u8>,
    /// Key and content of the row of its idempotency key.
    pub receipt: Option<(Vec<u8>, Receipt)>,
}

/// A version's rows, and what preconditions ask.
pub struct Filed {
    /// The version without its body.
    pub filing: Filing,
    /// Clear part and sealed body.
    pub row: Row,
    /// Wrapped secrets.
    pub secrets: Row,
}

/// A fact, and about how many bytes it takes.
pub fn prepare(sealer: &Sealer, change: Change) -> Result<(Prepared, usize), StoreError> {
    let record = match change {
        Change::Issued(record) => Box::new(record.normalized()),
        Change::ListPublished(ref version) => {
            let weight = version.body.len() + OVERHEAD;
            return Ok((Prepared::Other(change), weight));
        }
        Change::TrustPublished(ref version) => {
            let weight = version.body.len() + OVERHEAD;
            return Ok((Prepared::Other(change), weight));
        }
        Change::LogGrew(ref growth) => {
            let tiles: usize = growth.tiles.iter().map(|(_, bytes)| bytes.len()).sum();
            let weight = tiles + growth.leaves.len() * OVERHEAD + growth.checkpoint.len();
            return Ok((Prepared::Other(change), weight + OVERHEAD));
        }
        Change::WitnessSaw { ref head, .. } => {
            let weight = head.checkpoint.len() + OVERHEAD;
            return Ok((Prepared::Other(change), weight));
        }
        Change::Delivered(ref delivery) => {
            let weight = (delivery.leaves.len() + 1) * OVERHEAD;
            return Ok((Prepared::Other(change), weight));
        }
        Change::Filed(filing) => return file(sealer, *filing),
        other => return Ok((Prepared::Other(other), OVERHEAD)),
    };
    let clear = rows::clear(&record);
    let body = record.body.as_deref().zip(record.salt.as_ref());
    let (body, secrets) = seal(sealer, record.id, &clear, body)?;
    let weight = clear.len() + body.len() + OVERHEAD;
    let slug = &record.institution;
    let receipt = record.idempotency.as_ref().map(|(key, request)| {
        (keys::by_text(keys::RECEIPT, slug, key), Receipt { id: record.id, request: *request })
    });
    let issue = Issue {
        row: Row::record(&clear, &body),
        secrets,
        claimed: keys::by_text(keys::CLAIMED, slug, &record.claimed_id),
        receipt,
        record: CredentialRecord { body: None, ..*record },
    };
    Ok((Prepared::Issued(Box::new(issue)), weight))
}

fn file(sealer: &Sealer, mut filing: Filing) -> Result<(Prepared, usize), StoreError> {
    let clear = rows::clear_filing(&filing);
    let body = filing.body.take();
    let body = body.as_deref().map(|body| (body, &[0; 16]));
    let (body, secrets) = seal(sealer, filing.sealed_as(), &clear, body)?;
    let weight = clear.len() + body.len() + OVERHEAD;
    let row = Row::record(&clear, &body);
    Ok((Prepared::Filed(Box::new(Filed { filing, row, secrets })), weight))
}

/// A sealed body and the row of its secrets; of nothing, nothing.
fn seal(
    sealer: &Sealer,
    id: CredentialId,
    clear: &[u8],
    body: Option<(&[u8], &[u8; 16])>,
) -> Result<(Vec<u8>, Row), StoreError> {
    let Some((body, salt)) = body else {
        return Ok((Vec::new(), Row::secrets(SecretsRow::Destroyed(None))));
    };
    let sealed = sealer.seal(id, clear, body, salt);
    let sealed = sealed.map_err(|error| StoreError::Unwritable(error.to_string()))?;
    Ok((sealed.body, Row::secrets(SecretsRow::Wrapped(&sealed.secrets))))
}

/// About what a fact's index rows take.
const OVERHEAD: usize = 512;
