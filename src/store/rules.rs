//! What a fact is called, whom it concerns, and how it changes an institution: the same in every engine.

use super::{Change, Conflict, CredentialRecord, TrustKind};
use crate::institution::{Closing, Institution, KeyRecord, Slug};

impl Change {
    /// The name of the fact in the order of changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Founded(_) => "founded",
            Self::InstitutionFounded(_) => "institution-founded",
            Self::InstitutionClosed { .. } => "institution-closed",
            Self::KeyAdded { .. } => "key-added",
            Self::KeyChanged { .. } => "key-changed",
            Self::TokenAdded(_) => "token-added",
            Self::TokenRevoked { .. } => "token-revoked",
            Self::Issued(_) => "issued",
            Self::StatusSet { .. } => "status-set",
            Self::ListPublished(_) => "list-published",
            Self::TrustPublished(version) => match version.kind {
                TrustKind::Root => "root-published",
                TrustKind::List => "trust-list-published",
            },
            Self::Erased(_) => "erased",
            Self::LogGrew(_) => "log-grew",
            Self::LogWitnessed { .. } => "log-witnessed",
            Self::WitnessSaw { .. } => "witness-saw",
            Self::Delivered(_) => "leaves-delivered",
            Self::LogSeen { .. } => "log-seen",
            Self::CohortAnnounced(_) => "cohort-announced",
            Self::Filed(_) => "filed",
            Self::FilingErased(_) => "filing-erased",
        }
    }

    /// The institution the fact names; a change of status and an erasure name only the credential.
    pub fn institution(&self) -> Option<&Slug> {
        match self {
            Self::Founded(_) | Self::TokenAdded(_) | Self::TokenRevoked { .. } => None,
            Self::StatusSet { .. } | Self::Erased(_) => None,
            Self::LogGrew(_) | Self::LogWitnessed { .. } | Self::WitnessSaw { .. } => None,
            Self::InstitutionFounded(institution) => Some(&institution.slug),
            Self::KeyAdded { institution, .. }
            | Self::KeyChanged { institution, .. }
            | Self::InstitutionClosed { institution, .. } => Some(institution),
            Self::Issued(record) => Some(&record.institution),
            Self::ListPublished(version) => Some(&version.key.institution),
            Self::TrustPublished(version) => Some(&version.institution),
            Self::Delivered(delivery) => Some(&delivery.authority),
            Self::LogSeen { authority, .. } => Some(authority),
            Self::CohortAnnounced(cohort) => Some(&cohort.authority),
            Self::Filed(filing) => Some(&filing.institution),
            Self::FilingErased(erasure) => Some(&erasure.institution),
        }
    }

    /// The thing the fact concerns: a credential id, a key, a token's hash, `PURPOSE/LIST/VERSION` (and `/mirror` where
    /// a successor serves it), a URL, a slug (of a closed institution its successor's), the number of a root or trust
    /// list, `YEAR/FROM-TO` of a log that grew, `YEAR/SIZE` of one that was witnessed, `ORIGIN/SIZE` of one we witnessed or
    /// saw as an authority, `ORIGIN/FROM-TO` of leaves accounted for, the DID of a cohort's issuer, `REGISTER/ID/VERSION`
    /// of what was filed, `REGISTER/ID` of a file that was erased.
    pub fn subject(&self) -> String {
        match self {
            Self::Founded(founding) => founding.public_url.clone(),
            Self::InstitutionFounded(institution) => institution.slug.to_string(),
            Self::InstitutionClosed { closing, .. } => closing.successor.to_string(),
            Self::KeyAdded { key, .. } | Self::KeyChanged { key, .. } => key.key.clone(),
            Self::TokenAdded(token) => token.hash.clone(),
            Self::TokenRevoked { hash, .. } => hash.clone(),
            Self::Issued(record) => record.id.to_string(),
            Self::StatusSet { event, .. } => event.credential.to_string(),
            Self::ListPublished(version) => {
                let copy = if version.key.mirror { "/mirror" } else { "" };
                format!("{}/{}/{}{copy}", version.key.purpose, version.key.list, version.version)
            }
            Self::TrustPublished(version) => version.number.to_string(),
            Self::Erased(erasure) => erasure.credential.to_string(),
            Self::LogGrew(growth) => format!("{}/{}-{}", growth.year, growth.from, growth.to),
            Self::LogWitnessed { year, size, .. } => format!("{year}/{size}"),
            Self::WitnessSaw { head, .. } => format!("{}/{}", head.origin, head.size),
            Self::Delivered(delivery) => {
                let until = delivery.from.saturating_add(delivery.leaves.len() as u64);
                format!("{}/{}-{until}", delivery.origin, delivery.from)
            }
            Self::LogSeen { origin, behind, .. } => format!("{origin}/{}", behind.size),
            Self::CohortAnnounced(cohort) => cohort.issuer.to_string(),
            Self::Filed(filing) => filing.subject(),
            Self::FilingErased(erasure) => format!("{}/{}", erasure.register, erasure.id),
        }
    }
}

impl CredentialRecord {
    /// A record has both body and salt, or, erased, neither.
    pub(super) fn normalized(mut self) -> Self {
        if self.body.is_none() || self.salt.is_none() {
            self.body = None;
            self.salt = None;
        }
        self
    }
}

impl Institution {
    /// A new key; refused when known.
    pub(super) fn add_key(&mut self, key: KeyRecord) -> Result<(), Conflict> {
        if self.keys.iter().any(|known| known.key == key.key) {
            return Err(Conflict::Key(key.key));
        }
        self.keys.push(key);
        Ok(())
    }

    /// It closes; refused when it has, or would be its own successor.
    pub(super) fn close(&mut self, closing: Closing) -> Result<(), Conflict> {
        if self.closed.is_some() || closing.successor == self.slug {
            return Err(Conflict::Closed(self.slug.clone()));
        }
        self.closed = Some(Box::new(closing));
        Ok(())
    }

    /// What became of a key; refused when unknown, made at another time, or when a date already set would be unset.
    pub(super) fn change_key(&mut self, key: KeyRecord) -> Result<(), Conflict> {
        let known = self.keys.iter_mut().find(|known| known.key == key.key);
        let kept = |known: &KeyRecord| {
            known.created == key.created
                && (known.retired.is_none() || key.retired.is_some())
                && (known.compromised.is_none() || key.compromised.is_some())
        };
        match known.filter(|known| kept(known)) {
            Some(known) => *known = key,
            None => return Err(Conflict::Key(key.key)),
        }
        Ok(())
    }
}
