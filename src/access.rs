//! Who may do what: roles, tokens, and the institutions they reach.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::codec::hex;
use crate::crypto::sha256;
use crate::institution::Slug;

/// What the bearer of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything in its institutions, tokens and keys included.
    Admin,
    /// Acts for a national authority.
    Authority,
    /// Issues, reads and withdraws credentials.
    Registrar,
    /// Issues credentials.
    Signer,
    /// Confirms workplace learning for an enterprise; signs no diploma.
    Mentor,
    /// Decides on recognition.
    Officer,
    /// Reads everything, changes nothing.
    Auditor,
}

/// Every role with the word used for it in settings, commands and records.
pub const ROLES: &[(Role, &str)] = &[
    (Role::Admin, "admin"),
    (Role::Authority, "authority"),
    (Role::Registrar, "registrar"),
    (Role::Signer, "signer"),
    (Role::Mentor, "mentor"),
    (Role::Officer, "officer"),
    (Role::Auditor, "auditor"),
];

/// An act that needs leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Sign a new credential.
    Issue,
    /// Suspend, restore or revoke one.
    SetStatus,
    /// Destroy the content of a record.
    Erase,
    /// Read an institution's register.
    Read,
    /// Make tokens, keys and institutions.
    Administer,
    /// Accredit institutions and publish the trust list of an authority.
    Accredit,
    /// File agreements and what is done under them.
    Agree,
    /// Decide on applications for recognition.
    Recognise,
}

impl Role {
    /// The word of the role.
    pub fn as_str(self) -> &'static str {
        ROLES.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }

    /// The role of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        ROLES.iter().find(|(_, known)| *known == word).map(|(role, _)| *role)
    }

    /// Whether the role allows the act.
    pub fn may(self, act: Act) -> bool {
        match act {
            Act::Issue => matches!(self, Self::Admin | Self::Registrar | Self::Signer),
            Act::SetStatus | Act::Erase => matches!(self, Self::Admin | Self::Registrar),
            Act::Read => !matches!(self, Self::Mentor),
            Act::Administer => matches!(self, Self::Admin),
            Act::Accredit => matches!(self, Self::Admin | Self::Authority),
            Act::Agree => matches!(self, Self::Admin | Self::Authority | Self::Registrar),
            Act::Recognise => matches!(self, Self::Admin | Self::Authority | Self::Officer),
        }
    }
}

/// The institutions a token reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Every institution of this service, later ones included.
    All,
    /// These alone.
    Institutions(Vec<Slug>),
}

/// A token as it is kept: never the token, only its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// SHA-256 of the token's text, lower-case hex.
    pub hash: String,
    /// What the operator called it; stands as the actor in the audit trail.
    pub label: String,
    /// What it allows.
    pub roles: Vec<Role>,
    /// Where it allows it.
    pub reach: Reach,
    /// When it was made.
    pub created: Timestamp,
    /// When it ceased to work.
    pub revoked: Option<Timestamp>,
}

/// SHA-256 of a token's text, lower-case hex: what is kept of it.
pub fn token_hash(token: &str) -> String {
    hex::encode(&sha256(token.as_bytes()))
}

impl TokenRecord {
    /// Whether the token, at this moment, allows the act in the institution.
    pub fn allows(&self, act: Act, institution: &Slug) -> bool {
        self.revoked.is_none() && self.reaches(institution) && self.roles.iter().any(|role| role.may(act))
    }

    /// Whether the institution is within the token's reach.
    pub fn reaches(&self, institution: &Slug) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Institutions(slugs) => slugs.contains(institution),
        }
    }
}
