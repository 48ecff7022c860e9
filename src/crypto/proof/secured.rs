//! A document with its proofs: reads them all, then checks each with its key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::cut;
use super::unsecured::Hashes;
use super::{MAX_PROOFS, ProofError, ProofView, Purpose, Unsecured};
use crate::crypto::PublicKey;

/// What the asker expects of a proof; by default an assertion, for anyone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// What it must be for.
    pub purpose: Purpose,
    /// The domain it must name.
    pub domain: Option<&'a str>,
    /// The challenge it must answer.
    pub challenge: Option<&'a str>,
}

/// A document whose proofs are read: at least one, at most [`MAX_PROOFS`], their chains whole. Hashes are kept, so that
/// several proofs of one document hash it once.
#[derive(Debug)]
pub struct Secured<'a> {
    document: &'a Map<String, Value>,
    proofs: Vec<ProofView<'a>>,
    hashes: Hashes,
}

/// Reads the proofs of `document`; the shape of all is checked, no signature is.
pub fn proofs(document: &Map<String, Value>) -> Result<Vec<ProofView<'_>>, ProofError> {
    Secured::parse(document).map(|secured| secured.proofs)
}

/// Checks one proof of `document` (which may hold it, and others) as an assertion made with `key`.
pub fn verify(
    document: &Map<String, Value>,
    proof: &Map<String, Value>,
    key: &PublicKey,
) -> Result<(), ProofError> {
    let view = ProofView::parse(proof, "/proof".into())?;
    // The other proofs matter only to a chain.
    let proofs = if view.previous.is_empty() { Vec::new() } else { read(document)? };
    Secured { document, proofs, hashes: Hashes::default() }.verify(&view, key, &Expected::default())
}

impl<'a> Secured<'a> {
    /// Reads the proofs of `document`.
    pub fn parse(document: &'a Map<String, Value>) -> Result<Secured<'a>, ProofError> {
        Self::parse_hashed(document, Hashes::default())
    }

    /// The same for a document whose hashes are known from signing it: nothing but its proofs may have changed since.
    pub fn parse_hashed(document: &'a Map<String, Value>, hashes: Hashes) -> Result<Secured<'a>, ProofError> {
        debug_assert!(hashes.are_of(document), "hashes of another document");
        let secured = Secured { document, proofs: read(document)?, hashes };
        for proof in &secured.proofs {
            secured.previous(proof)?;
        }
        match secured.cycle() {
            Some(pointer) => Err(ProofError::PreviousCycle { pointer }),
            None => Ok(secured),
        }
    }

    /// Its proofs, in their order.
    pub fn proofs(&self) -> &[ProofView<'a>] {
        &self.proofs
    }

    /// Checks that `proof` was made over this document with `key`, and is what is expected.
    pub fn verify(
        &self,
        proof: &ProofView<'_>,
        key: &PublicKey,
        expected: &Expected<'_>,
    ) -> Result<(), ProofError> {
        let suite = proof.known_suite()?;
        check_expected(proof, expected)?;
        if !suite.accepts(key.key_type()) {
            let pointer = proof.pointer.clone();
            return Err(ProofError::WrongKeyType { pointer, suite: suite.name(), key: key.key_type() });
        }
        let previous = self.previous(proof)?;
        let whole = Unsecured::new(self.document, &self.hashes);
        let mut document = whole.with_previous(previous.as_ref()).with_pointer(&proof.pointer);
        if let Some(context) = proof.object.get("@context").filter(|_| suite.binds_context()) {
            if !is_prefix(context, self.document.get("@context")) {
                return Err(ProofError::ContextMismatch { pointer: proof.member("@context") });
            }
            document = document.with_context(context);
        }
        suite.verify(&document, proof.object, key, &proof.signature)
    }

    /// The document `proof` vouches for, proofs included: where the suite binds the context, what was appended to
    /// `@context` after signing is gone. This, not the input, may be shown or returned.
    pub fn verified(&self, proof: &ProofView<'_>) -> Cow<'a, Map<String, Value>> {
        let bound =
            proof.object.get("@context").filter(|_| proof.suite.is_some_and(|suite| suite.binds_context()));
        match bound {
            Some(context) if Some(context) != self.document.get("@context") => {
                let mut document = self.document.clone();
                document.insert("@context".into(), context.clone());
                Cow::Owned(document)
            }
            _ => Cow::Borrowed(self.document),
        }
    }

    /// The proofs that `proof` builds on, as the array that takes the place of `proof` in the hashed document.
    fn previous(&self, proof: &ProofView<'_>) -> Result<Option<Value>, ProofError> {
        if proof.previous.is_empty() {
            return Ok(None);
        }
        let find = |id: &&str| {
            let found = self.proofs.iter().find(|other| other.id == Some(id));
            let missing =
                || ProofError::PreviousMissing { pointer: proof.member("previousProof"), id: cut(id) };
            found.map(|other| Value::Object(other.object.clone())).ok_or_else(missing)
        };
        proof.previous.iter().map(find).collect::<Result<Vec<_>, _>>().map(|found| Some(Value::Array(found)))
    }

    /// The first proof from which a chain leads back to itself. Takes away, again and again, proofs that build on none
    /// that is left; what cannot be taken away is a cycle or hangs on one.
    fn cycle(&self) -> Option<String> {
        let mut left: Vec<&ProofView<'_>> = self.proofs.iter().collect();
        loop {
            let ids: Vec<&str> = left.iter().filter_map(|proof| proof.id).collect();
            let before = left.len();
            left.retain(|proof| proof.previous.iter().any(|id| ids.contains(id)));
            if left.is_empty() || left.len() == before {
                return left.first().map(|proof| proof.member("previousProof"));
            }
        }
    }
}

fn read(document: &Map<String, Value>) -> Result<Vec<ProofView<'_>>, ProofError> {
    let proofs: Vec<ProofView<'_>> = match document.get("proof") {
        None => return Err(ProofError::NoProof),
        Some(Value::Object(one)) => vec![ProofView::parse(one, "/proof".into())?],
        Some(Value::Array(items)) if items.is_empty() => return Err(ProofError::NoProof),
        Some(Value::Array(items)) if items.len() > MAX_PROOFS => {
            return Err(ProofError::TooMany { count: items.len(), max: MAX_PROOFS });
        }
        Some(Value::Array(items)) => {
            items.iter().enumerate().map(|(at, item)| numbered(at, item)).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(not_an_object("/proof".into())),
    };
    for (at, proof) in proofs.iter().enumerate() {
        if proof.id.is_some() && proofs.iter().take(at).any(|other| other.id == proof.id) {
            return Err(ProofError::DuplicateId { pointer: proof.member("id") });
        }
    }
    Ok(proofs)
}

fn numbered(at: usize, item: &Value) -> Result<ProofView<'_>, ProofError> {
    let pointer = format!("/proof/{at}");
    match item {
        Value::Object(object) => ProofView::parse(object, pointer),
        _ => Err(not_an_object(pointer)),
    }
}

fn not_an_object(pointer: String) -> ProofError {
    ProofError::Malformed { pointer, expected: "an object" }
}

fn check_expected(proof: &ProofView<'_>, expected: &Expected<'_>) -> Result<(), ProofError> {
    let purpose = expected.purpose.as_str();
    if proof.purpose != purpose {
        let pointer = proof.member("proofPurpose");
        return Err(ProofError::WrongPurpose { pointer, found: cut(proof.purpose), expected: purpose });
    }
    if expected.domain.is_some_and(|domain| !proof.domain.contains(&domain)) {
        return Err(ProofError::WrongDomain { pointer: proof.member("domain") });
    }
    if expected.challenge.is_some() && expected.challenge != proof.challenge {
        return Err(ProofError::WrongChallenge { pointer: proof.member("challenge") });
    }
    Ok(())
}

/// Whether the document's context begins with the values of the proof's, in their order.
fn is_prefix(proof: &Value, document: Option<&Value>) -> bool {
    fn values(context: &Value) -> &[Value] {
        context.as_array().map_or_else(|| std::slice::from_ref(context), Vec::as_slice)
    }
    document.is_some_and(|document| values(document).starts_with(values(proof)))
}
