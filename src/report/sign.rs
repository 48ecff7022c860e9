//! Figures as a signed document: a VC 2.0 credential whose subject is the table, so that whoever checks diplomas checks it
//! with the same verifier. The suite is eddsa-jcs-2022: figures and the names of columns are signed as they stand, without
//! a vocabulary that others would have to know. It is neither kept on record nor in the log: who asks again gets it again.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Figures;
use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::credential::validity::stamp_text;
use crate::credential::view::CONTEXT_V2;
use crate::crypto::proof::{self, ProofError, ProofOptions, attach};
use crate::institution::Slug;
use crate::keyring::KeyringError;
use crate::registry::Member;
use crate::trustlist::edit::SUITE;

/// Where the names of columns are, for whoever reads it as linked data.
const VOCABULARY: &str = "https://w3id.org/testamur/vocab#";

/// Why a report is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Nobody of that name is here, or several are, and none was named.
    #[error("name the institution that is to sign: {0}")]
    Who(String),
    /// Its name is lent to nobody else.
    #[error("a report in the name of {0} is for a token that reads its register")]
    NotAllowed(Slug),
    /// A college signs for itself.
    #[error("{0} is no authority: it signs its own figures, with institution={0}")]
    NotItsOwn(Slug),
    /// Its keys are retired.
    #[error("{0} has no key that signs")]
    NoKey(Slug),
    /// The keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// Who signs some figures.
pub struct Signer(Arc<Member>);

/// Who signs them for the bearer of a token: the institution named, else the one authority within its reach, else the one
/// institution. An authority signs any figures of its service, a college those of itself alone.
///
/// # Errors
/// [`SignError::Who`] where that is nobody or several; [`SignError::NotAllowed`] out of reach.
pub fn signer(
    app: &App,
    figures: &Figures,
    named: Option<&str>,
    token: &TokenRecord,
) -> Result<Signer, SignError> {
    let members = app.registry.members();
    let reads = |member: &&Arc<Member>| token.allows(Act::Read, &member.institution.slug);
    let within: Vec<&Arc<Member>> = members.iter().filter(reads).collect();
    let mut authorities = within.iter().filter(|member| member.institution.territory().is_some());
    let known = || within.iter().map(|one| one.institution.slug.as_str()).collect::<Vec<_>>().join(", ");
    let member = match (named, within.as_slice()) {
        (Some(named), _) => members.iter().find(|member| member.institution.slug.as_str() == named),
        (None, [only]) => Some(*only),
        (None, _) => authorities.next().copied().filter(|_| authorities.next().is_none()),
    };
    let member = member.ok_or_else(|| SignError::Who(known()))?;
    let slug = &member.institution.slug;
    if !reads(&member) {
        return Err(SignError::NotAllowed(slug.clone()));
    }
    let own = ("institution".to_owned(), slug.to_string());
    let may = member.institution.territory().is_some()
        || members.len() == 1
        || figures.question.only.contains(&own);
    if may { Ok(Signer(member.clone())) } else { Err(SignError::NotItsOwn(slug.clone())) }
}

/// The figures, signed now.
///
/// # Errors
/// Its keys.
pub fn sign(app: &App, figures: &Figures, signer: &Signer) -> Result<Map<String, Value>, SignError> {
    let institution = &signer.0.institution;
    let key = app.signer(institution)?.ok_or_else(|| SignError::NoKey(institution.slug.clone()))?;
    let mut subject = figures.to_json(app);
    subject.shift_insert(0, "type".to_owned(), json!("StatisticalReport"));
    let mut document = Map::new();
    document.insert("@context".to_owned(), json!([CONTEXT_V2, { "@vocab": VOCABULARY }]));
    document.insert("type".to_owned(), json!(["VerifiableCredential", "StatisticalReportCredential"]));
    document.insert("issuer".to_owned(), json!(institution.did));
    document.insert("validFrom".to_owned(), stamp_text(app.now()).into());
    document.insert("credentialSubject".to_owned(), Value::Object(subject));
    let options = ProofOptions::new(SUITE, app.now())?;
    let proof = proof::sign(&document, &options, key.as_ref())?;
    attach(&mut document, proof);
    Ok(document)
}
