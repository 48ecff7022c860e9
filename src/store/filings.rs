//! The registers an institution keeps beside its credentials: agreements, activities, applications, and which awards it has
//! recognised. A register holds files; a file has versions, each kept, and none is changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Conflict;
use crate::credential::id::CredentialId;
use crate::crypto::sha256;
use crate::institution::Slug;

/// Most bytes of a file's id.
pub const MAX_FILE_ID: usize = 200;

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Register {
    /// Agreements on recognition and training.
    Agreement,
    /// What was done under them.
    Activity,
    /// Applications for recognition, from receipt to decision.
    Application,
    /// Awards about which a statement was made, by the digest of the award.
    Recognised,
    /// The last number given of each series, such as the decisions of a year.
    Number,
}

impl Register {
    /// Every register.
    pub const ALL: [Self; 5] =
        [Self::Agreement, Self::Activity, Self::Application, Self::Recognised, Self::Number];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Activity => "activity",
            Self::Application => "application",
            Self::Recognised => "recognised",
            Self::Number => "number",
        }
    }
}

impl std::fmt::Display for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Who keeps it.
    pub institution: Slug,
    /// In which register.
    pub register: Register,
    /// The id of the file there, 1 to [`MAX_FILE_ID`] bytes.
    pub id: String,
    /// From 1, without gaps.
    pub version: u64,
    /// When it was filed.
    pub at: Timestamp,
    /// Who filed it: the label of a token, or what acted by itself.
    pub actor: String,
    /// What it says, JSON bytes; `None` once erased. Sealed under a key of its own.
    pub body: Option<Vec<u8>>,
}

/// Why a file says nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingErasure {
    /// Who keeps it.
    pub institution: Slug,
    /// In which register.
    pub register: Register,
    /// The id of the file.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who erased it: the label of the token.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// A file, apart from what its versions say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    /// Its id.
    pub id: String,
    /// The place of its first version in the order of facts.
    pub first: u64,
    /// The number of its newest version.
    pub newest: u64,
    /// Once it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<FilingErasure>,
}

impl Filing {
    /// The file after it. Refused unless it is the next version of one that is not erased, and its id is not empty or too long.
    pub(super) fn follow(&self, known: Option<&File>, cursor: u64) -> Result<File, Conflict> {
        let newest = known.map_or(0, |known| known.newest);
        let gone = known.is_some_and(|known| known.erased.is_some());
        let fits = (1..=MAX_FILE_ID).contains(&self.id.len());
        if gone || !fits || newest.checked_add(1) != Some(self.version) {
            return Err(self.refused());
        }
        let first = known.map_or(cursor, |known| known.first);
        Ok(File { id: self.id.clone(), first, newest: self.version, erased: None })
    }

    fn refused(&self) -> Conflict {
        Conflict::Refiled { register: self.register, id: self.id.chars().take(MAX_FILE_ID).collect() }
    }

    /// What its body is sealed as: no two versions of any file are sealed as the same thing.
    pub(super) fn sealed_as(&self) -> CredentialId {
        let Self { institution, register, id, version, .. } = self;
        let name = format!("testamur-filing/v1\n{institution}\n{register}\n{version}\n{id}");
        let digest = sha256(name.as_bytes());
        CredentialId::from_bytes(std::array::from_fn(|at| digest[at]))
    }

    /// `REGISTER/ID/VERSION`.
    pub(super) fn subject(&self) -> String {
        format!("{}/{}/{}", self.register, self.id, self.version)
    }
}

impl FilingErasure {
    /// The file after it; erased again, it stays erased as it was the first time. Refused when there is none.
    pub(super) fn follow(&self, known: Option<&File>) -> Result<File, Conflict> {
        let known =
            known.ok_or_else(|| Conflict::Refiled { register: self.register, id: self.id.clone() })?;
        let erased = known.erased.clone().or_else(|| Some(self.clone()));
        Ok(File { erased, ..known.clone() })
    }
}
