//! Making proofs.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::cut;
use super::unsecured::Hashes;
use super::{ProofError, Purpose, Unsecured};
use crate::codec::{datetime, multibase};
use crate::crypto::Signer;
use crate::crypto::suites::{self, Suite};

/// What stands in a new proof beside the signature.
#[derive(Debug, Clone)]
pub struct ProofOptions {
    /// The suite.
    pub suite: &'static dyn Suite,
    /// When it is made; written to the second.
    pub created: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its id, a URL; needed where a later proof is to build on it.
    pub id: Option<String>,
    /// The ids of proofs already on the document on which it builds.
    pub previous: Vec<String>,
    /// The one verifier it is for.
    pub domain: Option<String>,
    /// The challenge it answers.
    pub challenge: Option<String>,
}

impl ProofOptions {
    /// An assertion made at `created` with the suite of this name.
    pub fn new(suite: &str, created: Timestamp) -> Result<ProofOptions, ProofError> {
        let unknown = || ProofError::UnsupportedSuite { pointer: "/proof".into(), name: cut(suite) };
        Ok(ProofOptions {
            suite: suites::by_name(suite).ok_or_else(unknown)?,
            created: Some(created),
            expires: None,
            purpose: Purpose::AssertionMethod,
            id: None,
            previous: Vec::new(),
            domain: None,
            challenge: None,
        })
    }
}

/// A new proof over `document`. Proofs already there are not signed over, except those the options name as previous.
pub fn sign(
    document: &Map<String, Value>,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Value, ProofError> {
    sign_hashed(document, options, signer).map(|(proof, _)| proof)
}

/// The same, and the hashes of the document: who checks the proof next need not compute them again.
pub fn sign_hashed(
    document: &Map<String, Value>,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<(Value, Hashes), ProofError> {
    let mut proof = config(document, options, signer.key_id());
    let previous = match options.previous.is_empty() {
        true => None,
        false => Some(previous(document, &options.previous)?),
    };
    let hashes = Hashes::default();
    let unsecured = Unsecured::new(document, &hashes).with_previous(previous.as_ref());
    let signature = options.suite.sign(&unsecured, &proof, signer)?;
    proof.insert("proofValue".into(), multibase::encode_base58btc(&signature).into());
    Ok((Value::Object(proof), hashes))
}

/// Puts `proof` beside those `document` has.
pub fn attach(document: &mut Map<String, Value>, proof: Value) {
    match document.get_mut("proof") {
        None => {
            document.insert("proof".into(), proof);
        }
        Some(Value::Array(proofs)) => proofs.push(proof),
        Some(one) => *one = Value::Array(vec![one.take(), proof]),
    }
}

fn config(document: &Map<String, Value>, options: &ProofOptions, key_id: &str) -> Map<String, Value> {
    let context = document.get("@context").filter(|_| options.suite.binds_context()).cloned();
    let time = |at: Option<Timestamp>| at.map(|at| Value::from(datetime::to_seconds(at)));
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let previous = match options.previous.as_slice() {
        [] => None,
        [one] => Some(Value::from(one.as_str())),
        several => Some(Value::from(several)),
    };
    [
        ("@context", context),
        ("type", Some("DataIntegrityProof".into())),
        ("id", text(&options.id)),
        ("cryptosuite", Some(options.suite.name().into())),
        ("created", time(options.created)),
        ("expires", time(options.expires)),
        ("verificationMethod", Some(key_id.into())),
        ("proofPurpose", Some(options.purpose.as_str().into())),
        ("domain", text(&options.domain)),
        ("challenge", text(&options.challenge)),
        ("previousProof", previous),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

fn previous(document: &Map<String, Value>, ids: &[String]) -> Result<Value, ProofError> {
    let proofs = match document.get("proof") {
        Some(Value::Array(proofs)) => proofs.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let find = |id: &String| {
        let missing = || ProofError::PreviousMissing { pointer: "/proof".into(), id: cut(id) };
        proofs
            .iter()
            .find(|proof| proof.get("id").and_then(Value::as_str) == Some(id))
            .cloned()
            .ok_or_else(missing)
    };
    ids.iter().map(find).collect::<Result<Vec<_>, _>>().map(Value::Array)
}
