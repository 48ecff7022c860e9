//! One proof, read: its shape is checked before anything is computed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::ProofError;
use super::error::cut;
use crate::codec::{datetime, multibase};
use crate::crypto::suites::{self, Suite};

/// The most proofs a document may carry: the states of a region sign one treaty.
pub const MAX_PROOFS: usize = 16;
/// Longest URL or id in a proof, in bytes.
const MAX_TEXT: usize = 2048;
/// Longest signature, in bytes: P-384.
const MAX_SIGNATURE: usize = 96;

/// What a proof is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// `assertionMethod`: to claim something, as every credential does.
    #[default]
    AssertionMethod,
    /// `authentication`: to show who presents.
    Authentication,
}

impl Purpose {
    /// The word in `proofPurpose`.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::AssertionMethod => "assertionMethod",
            Purpose::Authentication => "authentication",
        }
    }
}

/// A proof of a document. Of one with an unknown suite only `pointer`, `object` and `suite_name` mean anything.
#[derive(Debug, Clone)]
pub struct ProofView<'a> {
    /// Where it stands: `/proof`, or `/proof/N` in an array.
    pub pointer: String,
    /// The proof.
    pub object: &'a Map<String, Value>,
    /// Its suite; `None` when it is unknown here.
    pub suite: Option<&'static dyn Suite>,
    /// The name of its suite, known or not.
    pub suite_name: &'a str,
    /// Its id, which chains refer to.
    pub id: Option<&'a str>,
    /// The URL of the key.
    pub verification_method: &'a str,
    /// What it is for.
    pub purpose: &'a str,
    /// When its maker says it was made.
    pub created: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// For which verifiers it was made; empty when for all.
    pub domain: Vec<&'a str>,
    /// The challenge it answers.
    pub challenge: Option<&'a str>,
    /// The ids of the proofs it builds on.
    pub previous: Vec<&'a str>,
    /// The raw signature.
    pub(super) signature: Vec<u8>,
}

impl<'a> ProofView<'a> {
    /// Reads one proof that stands at `pointer`.
    pub(super) fn parse(
        object: &'a Map<String, Value>,
        pointer: String,
    ) -> Result<ProofView<'a>, ProofError> {
        let member = Member { object, pointer: &pointer };
        let Some((suite, suite_name)) = suites::of_proof(object) else {
            let missing =
                if object.get("type").is_some_and(Value::is_string) { "cryptosuite" } else { "type" };
            return Err(member.malformed(missing, "a text"));
        };
        let mut view = ProofView {
            pointer: pointer.clone(),
            object,
            suite,
            suite_name,
            id: None,
            verification_method: "",
            purpose: "",
            created: None,
            expires: None,
            domain: Vec::new(),
            challenge: None,
            previous: Vec::new(),
            signature: Vec::new(),
        };
        if suite.is_none() {
            view.suite_name = object.get("cryptosuite").and_then(Value::as_str).unwrap_or(suite_name);
            return Ok(view);
        }
        view.id = member.text("id")?;
        view.verification_method = member.needed("verificationMethod")?;
        view.purpose = member.needed("proofPurpose")?;
        view.created = member.time("created")?;
        view.expires = member.time("expires")?;
        view.domain = member.texts("domain")?;
        view.challenge = member.text("challenge")?;
        view.previous = member.texts("previousProof")?;
        view.signature = member.signature()?;
        Ok(view)
    }

    /// The suite, or the error that says it is unknown.
    pub fn known_suite(&self) -> Result<&'static dyn Suite, ProofError> {
        let unknown =
            || ProofError::UnsupportedSuite { pointer: self.pointer.clone(), name: cut(self.suite_name) };
        self.suite.ok_or_else(unknown)
    }

    /// The pointer of one of its members.
    pub fn member(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }
}

struct Member<'a, 'p> {
    object: &'a Map<String, Value>,
    pointer: &'p str,
}

impl<'a> Member<'a, '_> {
    fn malformed(&self, name: &str, expected: &'static str) -> ProofError {
        ProofError::Malformed { pointer: format!("{}/{name}", self.pointer), expected }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, ProofError> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if (1..=MAX_TEXT).contains(&text.len()) => Ok(Some(text)),
            Some(_) => Err(self.malformed(name, "a text of 1 to 2048 bytes")),
        }
    }

    fn needed(&self, name: &str) -> Result<&'a str, ProofError> {
        self.text(name)?.ok_or_else(|| self.malformed(name, "a text"))
    }

    /// One text or an array of texts.
    fn texts(&self, name: &str) -> Result<Vec<&'a str>, ProofError> {
        let Some(Value::Array(items)) = self.object.get(name) else {
            return Ok(self.text(name)?.into_iter().collect());
        };
        let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        let sized = |texts: &Vec<&str>| {
            texts.len() <= MAX_PROOFS && texts.iter().all(|text| (1..=MAX_TEXT).contains(&text.len()))
        };
        texts.filter(sized).ok_or_else(|| self.malformed(name, "a text or at most 8 texts"))
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, ProofError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        datetime::parse(text).map(Some).map_err(|_| self.malformed(name, "a date-time with an offset"))
    }

    fn signature(&self) -> Result<Vec<u8>, ProofError> {
        let text = self.needed("proofValue")?;
        if !text.starts_with('z') {
            return Err(self.malformed("proofValue", "base58btc multibase, which begins with z,"));
        }
        multibase::decode(text, MAX_SIGNATURE).map_err(|problem| ProofError::ProofValue {
            pointer: format!("{}/proofValue", self.pointer),
            problem,
        })
    }
}
