//! Presentations: what a holder shows, signed or not, and every credential in it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::gather::{self, Evidence};
use super::judge;
use super::verdict::{Check, Code, Group, Outcome, State, Verdict, state_of};
use super::{Audience, Extent};
use crate::credential::{Credential, form};
use crate::crypto::proof::{Expected, Purpose};

/// The most credentials in one presentation.
pub const MAX_CREDENTIALS: usize = 32;

/// The answer on a presentation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PresentationVerdict {
    /// Whether the presentation and every credential in it verify.
    pub verified: bool,
    /// The gravest state among the presentation and its credentials.
    pub state: State,
    /// The checks of the presentation itself.
    pub checks: Vec<Check>,
    /// Who signed it; `None` for an unsigned one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The verdict on each credential, in order.
    pub credentials: Vec<Verdict>,
}

/// A presentation taken apart: the envelope and the credentials in it.
pub(super) struct Held<'a> {
    document: &'a Value,
    credentials: Vec<Credential>,
    complaints: Vec<Check>,
}

impl<'a> Held<'a> {
    /// Takes a presentation apart; what is no credential in it is a complaint.
    pub(super) fn of(document: &'a Value) -> Self {
        let mut held = Self { document, credentials: Vec::new(), complaints: Vec::new() };
        let Some(map) = document.as_object() else {
            held.complain(String::new(), "not a JSON object");
            return held;
        };
        gather::each(
            map.get("verifiableCredential"),
            "/verifiableCredential",
            |pointer, value| match value {
                _ if held.credentials.len() >= MAX_CREDENTIALS => {
                    held.complain(pointer, "more than 32 credentials")
                }
                Value::Object(members) => held.credentials.push(Credential::from_members(members.clone())),
                _ => held.complain(pointer, "not a credential"),
            },
        );
        held
    }

    /// Every document whose evidence is needed.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.document.as_object().into_iter().chain(self.credentials.iter().map(Credential::members))
    }

    /// Judges the envelope and what is in it. Without a proof it is only an envelope, unless a domain or challenge
    /// was asked for.
    pub(super) fn judge(
        self,
        evidence: &Evidence,
        audience: &Audience,
        now: Timestamp,
        extent: Extent,
    ) -> PresentationVerdict {
        let mut checks = Vec::new();
        let mut holder = None;
        if let Some(map) = self.document.as_object() {
            form_checks(map, &mut checks);
            let asked = audience.domain.is_some() || audience.challenge.is_some();
            if map.contains_key("proof") || asked {
                let expected = Expected {
                    purpose: Purpose::Authentication,
                    domain: audience.domain.as_deref(),
                    challenge: audience.challenge.as_deref(),
                };
                let signatures = judge::signatures(map, evidence, now, &expected);
                holder = signatures.signers.first().map(|signer| signer.did.clone());
                checks.extend(signatures.checks.iter().cloned());
                holder_binding(map, &signatures, &mut checks);
            }
        }
        checks.extend(self.complaints);
        let judged = self.credentials.into_iter().map(|one| judge::credential(one, evidence, now, extent));
        let credentials: Vec<Verdict> = judged.collect();
        let own = checks
            .iter()
            .all(|check| check.code.outcome() == Outcome::Pass || check.code.group() == Group::Trust);
        let state = credentials.iter().map(|one| one.state).fold(state_of(&checks), State::graver);
        let verified = own && credentials.iter().all(|one| one.verified);
        PresentationVerdict { verified, state, checks, holder, credentials }
    }

    fn complain(&mut self, pointer: String, problem: &str) {
        self.complaints.push(Check::new(Code::FormInvalid).with("pointer", pointer).with("problem", problem));
    }
}

fn form_checks(map: &Map<String, Value>, checks: &mut Vec<Check>) {
    let problems = form::check_presentation(map);
    if problems.is_empty() {
        checks.push(Check::new(Code::FormValid));
    }
    checks.extend(problems.into_iter().map(|problem| {
        Check::new(Code::FormInvalid).with("pointer", problem.pointer).with("problem", problem.message)
    }));
}

/// A holder that is named is the one who signed.
fn holder_binding(map: &Map<String, Value>, signatures: &judge::Signatures, checks: &mut Vec<Check>) {
    let holder = match map.get("holder") {
        Some(Value::String(id)) => id.as_str(),
        Some(Value::Object(holder)) => holder.get("id").and_then(Value::as_str).unwrap_or_default(),
        _ => return,
    };
    if !signatures.signers.is_empty() && !signatures.signers.iter().any(|signer| signer.did == holder) {
        let signers: Vec<_> = signatures.signers.iter().map(|signer| signer.did.as_str()).collect();
        checks.push(
            Check::new(Code::IssuerNotBound).with("issuer", holder).with("controller", signers.join(", ")),
        );
    }
}
