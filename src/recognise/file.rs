//! The file of an application: one JSON object, of which every version stays.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::RecogniseError;
use crate::app::App;
use crate::credential::id::CredentialId;
use crate::institution::Slug;
use crate::store::{Change, Filing, Register};

/// Most events told in a file; beyond it only decisions are.
const MAX_EVENTS: usize = 1_000;

/// What a decision is made on.
const BASIS: [&str; 3] = ["facts", "inputs", "proposal"];

/// An application as it stands: `application`, `credential` (text), `facts`, `inputs`, `proposal`, `state`, `deadline`,
/// `events`, and once there are any `decision`, `sourceRevoked`, `doubted` (`seen`, `reasons`) and `basis`: the `facts`, `inputs`
/// and `proposal` that were decided on, where there are newer ones.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The authority that decides.
    pub authority: Slug,
    /// Its id: 128 random bits.
    pub id: CredentialId,
    /// The version that was read; 0 before the first.
    pub version: u64,
    /// What it says.
    pub body: Map<String, Value>,
}

impl File {
    /// An application by its id, whichever authority of this service keeps it.
    ///
    /// # Errors
    /// None there, or it was erased.
    pub async fn find(app: &App, id: CredentialId) -> Result<File, RecogniseError> {
        for member in super::authorities(app) {
            let slug = &member.institution.slug;
            if let Some(filing) = app.store.filing(slug, Register::Application, &id.to_string(), None).await?
            {
                return Self::of(&filing);
            }
        }
        Err(RecogniseError::NotFound)
    }

    /// The file in a filing.
    ///
    /// # Errors
    /// It was erased, or does not read.
    pub fn of(filing: &Filing) -> Result<File, RecogniseError> {
        let damaged = || RecogniseError::Damaged(filing.id.clone());
        let bytes = filing.body.as_deref().ok_or(RecogniseError::Erased)?;
        Ok(File {
            authority: filing.institution.clone(),
            id: CredentialId::parse(&filing.id).map_err(|_| damaged())?,
            version: filing.version,
            body: serde_json::from_slice(bytes).map_err(|_| damaged())?,
        })
    }

    /// The fact that this is the next version.
    pub fn filed(&self, at: Timestamp, actor: &str) -> Change {
        Change::Filed(Box::new(Filing {
            institution: self.authority.clone(),
            register: Register::Application,
            id: self.id.to_string(),
            version: self.version + 1,
            at,
            actor: actor.to_owned(),
            body: Some(Value::Object(self.body.clone()).to_string().into_bytes()),
        }))
    }

    /// `received`, `proposed`, `decided`, `appealed`, `withdrawn` or `reopened`.
    pub fn state(&self) -> &str {
        self.text("/state").unwrap_or_default()
    }

    /// A text in it, by JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// A member in it, by JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) =
            pointer.strip_prefix('/')?.split_at(pointer[1..].find('/').unwrap_or(pointer.len() - 1));
        self.body.get(first)?.pointer(rest)
    }

    /// Puts a member in, in the place of what it was.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body.insert(name.to_owned(), value.into());
    }

    /// One of `facts`, `inputs` and `proposal` as they were when it was decided.
    pub(super) fn basis(&self, name: &str) -> Option<&Value> {
        self.body.get("basis").unwrap_or(&Value::Null).get(name).or_else(|| self.body.get(name))
    }

    /// Keeps what was decided on, before there is something newer.
    pub(super) fn keep_basis(&mut self) {
        if self.body.contains_key("decision") && !self.body.contains_key("basis") {
            let kept =
                BASIS.iter().filter_map(|name| Some(((*name).to_owned(), self.body.get(*name)?.clone())));
            let kept: Map<String, Value> = kept.collect();
            self.set("basis", kept);
        }
    }

    /// What was decided on is what counts again.
    pub(super) fn restore_basis(&mut self) {
        if let Some(Value::Object(kept)) = self.body.shift_remove("basis") {
            for (name, value) in kept {
                self.set(&name, value);
            }
        }
    }

    /// Adds what happened.
    pub fn tell(&mut self, at: Timestamp, actor: &str, what: &str, reason: Option<&str>) {
        let mut event = json!({"at": at.to_string(), "actor": actor, "what": what});
        if let Some(reason) = reason {
            event["reason"] = json!(reason);
        }
        let events = self.body.entry("events").or_insert_with(|| json!([]));
        if let Some(events) = events.as_array_mut().filter(|events| events.len() < MAX_EVENTS) {
            events.push(event);
        }
    }

    /// Whether this is the secret that its applicant was given.
    pub fn opens(&self, secret: &str) -> bool {
        // Found by digest: how long it takes tells nothing of the secret.
        self.text("/application/key") == Some(&crate::access::token_hash(secret))
    }
}
