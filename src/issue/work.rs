//! A draft that is complete: signed, judged by our own verifier, recorded.

use std::sync::Arc;

use super::slots::Held;
use super::{IssueError, Issued, closed, random, replay};
use crate::app::App;
use crate::codec::jcs;
use crate::credential::draft::{Draft, Profile};
use crate::credential::id::CredentialId;
use crate::credential::{Problem, View};
use crate::crypto::proof::{self, ProofError, ProofOptions};
use crate::crypto::{Signer, sha256};
use crate::registry::Member;
use crate::store::{Change, Conflict, CredentialRecord, Purpose, StoreError, Visibility};
use crate::verify::judge::{self, OwnFault};

/// How often a refused slot is tried again with another before giving up.
const SLOT_TRIES: usize = 8;

/// One issue under way.
pub struct Work<'a> {
    pub app: &'a App,
    pub member: &'a Member,
    pub signer: Arc<dyn Signer>,
    pub options: ProofOptions,
    pub id: CredentialId,
    pub kind: &'static str,
    pub visibility: Visibility,
    pub idempotency: Option<(String, [u8; 32])>,
    pub actor: &'a str,
    /// What is recorded with it.
    pub with: Vec<Change>,
}

/// What became of an attempt.
enum Attempt {
    /// It is on record.
    Issued(Issued),
    /// The slot that chance chose is truly taken (by another process on the same store): the draft, to try another.
    SlotTaken(Draft),
}

impl Work<'_> {
    /// A record's courses are credentials of their own: the issuer signs each, then the record around them.
    pub fn sign_inner(&self, draft: &mut Draft) -> Result<(), IssueError> {
        for inner in draft.unsigned_inner() {
            let proof = proof::sign(inner, &self.options, self.signer.as_ref()).map_err(in_draft)?;
            proof::attach(inner, proof);
        }
        Ok(())
    }

    /// Takes slots, signs, judges, records; once more with other slots where those are truly taken.
    pub async fn carry_out(&self, mut draft: Draft, profile: Profile) -> Result<Issued, IssueError> {
        for _ in 0..SLOT_TRIES {
            match self.attempt(draft, profile).await? {
                Attempt::Issued(issued) => return Ok(issued),
                Attempt::SlotTaken(again) => draft = again,
            }
        }
        Err(StoreError::Unwritable("no free status slot was found".to_owned()).into())
    }

    async fn attempt(&self, mut draft: Draft, profile: Profile) -> Result<Attempt, IssueError> {
        let (app, institution) = (self.app, &self.member.institution);
        let by_chance = draft.wants_status();
        let held = if by_chance {
            let held = Held::take(app, institution, purposes(profile))?;
            draft.add_status(held.entries(), profile);
            Some(held)
        } else {
            Held::claim(app, &institution.slug, draft.members()).transpose()?
        };
        let (proof, hashes) =
            proof::sign_hashed(draft.members(), &self.options, self.signer.as_ref()).map_err(in_draft)?;
        let document = draft.into_signed(proof);
        let own = &self.member.resolved.document;
        judge::own_work(&document, hashes, own, app.now()).map_err(|fault| match fault {
            OwnFault::Form(problems) => IssueError::Draft(problems),
            OwnFault::Proof(because) => IssueError::SelfCheck(because),
        })?;

        let url = app.urls.credential(self.id);
        let claimed_id = View::of(&document).id().unwrap_or(&url).to_owned();
        let canonical = jcs::canonicalize_without(&document, &[]);
        let mut body = Vec::with_capacity(canonical.len() + canonical.len() / 8);
        serde_json::to_writer(&mut body, &document)
            .map_err(|error| IssueError::SelfCheck(error.to_string()))?;
        let record = CredentialRecord {
            id: self.id,
            institution: institution.slug.clone(),
            claimed_id: claimed_id.clone(),
            kind: self.kind.to_owned(),
            issued: app.now(),
            visibility: self.visibility,
            slots: held.as_ref().map(Held::records).unwrap_or_default(),
            digest: sha256(&canonical),
            salt: Some(random()?),
            body: Some(body.clone()),
            idempotency: self.idempotency.clone(),
            actor: self.actor.to_owned(),
        };
        let mut changes = vec![Change::Issued(Box::new(record))];
        changes.extend(self.with.iter().cloned());
        let recorded = app.commit(changes).await;
        // A slot goes back to the pool only when it is certain that nothing with it was recorded.
        let certain = matches!(
            recorded,
            Err(StoreError::Conflict(
                Conflict::Id(_)
                    | Conflict::Idempotency { .. }
                    | Conflict::TrustMoved
                    | Conflict::Refiled { .. }
            ))
        );
        if let (Some(held), false) = (held, certain) {
            held.keep();
        }
        match recorded {
            Ok(_) => Ok(Attempt::Issued(Issued { id: self.id, url, body, replayed: false })),
            Err(StoreError::Conflict(Conflict::Slot(_))) if by_chance => {
                Ok(Attempt::SlotTaken(Draft::from_signed(document)))
            }
            Err(StoreError::Conflict(Conflict::Id(_))) => Err(IssueError::Duplicate(claimed_id)),
            // It was closed while this was signed.
            Err(StoreError::Conflict(Conflict::Closed(slug))) => {
                closed(app, institution)?;
                Err(StoreError::Conflict(Conflict::Closed(slug)).into())
            }
            Err(StoreError::Conflict(Conflict::Idempotency { id, request })) => {
                let same = self.idempotency.as_ref().is_some_and(|(_, ours)| *ours == request);
                replay(app, id, same).await.map(Attempt::Issued)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The statuses a credential of this profile gets.
pub fn purposes(profile: Profile) -> &'static [Purpose] {
    match profile {
        Profile::Plain => &[Purpose::Revocation, Purpose::Suspension],
        Profile::ObStrict => &[Purpose::Revocation],
    }
}

/// What JSON-LD finds wrong with a document is the draft's fault and named so; the rest is ours.
fn in_draft(error: ProofError) -> IssueError {
    match error {
        ProofError::JsonLd(fault) => {
            let message = format!("{}: {}", fault.code.as_str(), fault.detail);
            IssueError::Draft(vec![Problem { pointer: fault.pointer, message: message.into() }])
        }
        other => IssueError::Proof(other),
    }
}
