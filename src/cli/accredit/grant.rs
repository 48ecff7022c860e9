//! `testamur accredit grant` and `standing`: what an issuer is accredited for, and what became of that.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{At, object};
use crate::accredit::Decision;
use crate::cli::{Failure, files};

/// Accredit an issuer.
#[derive(Debug, Args)]
#[command(after_help = "\
The scope is a JSON list; an award is covered by any one entry, and each thing that the entry names has to match:

  [{\"framework\": \"VQF\", \"levelMin\": 4, \"levelMax\": 5, \"iscedPrefix\": \"071\", \"types\": [\"diploma\", \"transcript\"]},
   {\"types\": [\"micro-credential\"]}]

It may name qualificationId, iscedPrefix, framework with levelMin and levelMax, types, mode, campus. The evidence:

  {\"selfAssessment\": {\"on\": \"2026-02-01\"},
   \"visit\": {\"on\": \"2026-03-15\", \"assessors\": [{\"name\": \"…\", \"number\": \"…\", \"from\": \"2025-01-01\"}]}}")]
pub(in crate::cli) struct Grant {
    /// The issuer's DID
    did: String,
    /// The number of the decision
    #[arg(long, value_name = "NUMBER")]
    decision: Option<String>,
    /// The first day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    from: String,
    /// The last day; without: until further notice
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// What it covers: a JSON file, see below
    #[arg(long, value_name = "FILE")]
    scope: PathBuf,
    /// What it rests on: a JSON file, see below
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// Change the standing of a grant.
#[derive(Debug, Args)]
pub(in crate::cli) struct Standing {
    /// The grant's id, as `accredit grant` told it: urn:uuid:…
    grant: String,
    /// granted, teach-out, suspended, withdrawn or annulled
    standing: String,
    /// Since which day, YYYY-MM-DD; not before the last list [default: today]
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// For an annulment: from which day on it never held
    #[arg(long, value_name = "DAY")]
    effective: Option<String>,
    /// Why: stands in the record of the accreditation
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    at: At,
}

impl Grant {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let mut grant = object(json!({
            "decisionNumber": self.decision, "effectiveFrom": self.from, "effectiveTo": self.to,
            "scope": files::json(&self.scope)?,
        }));
        grant.retain(|_, value| !value.is_null());
        let evidence = self.evidence.as_deref().map(files::json).transpose()?;
        let body = json!({ "issuer": self.did, "grant": grant, "evidence": evidence });
        self.at.decide(Decision::Grant, object(body)).await
    }
}

impl Standing {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let body = json!({
            "grant": self.grant, "standing": self.standing, "since": self.since, "effective": self.effective,
            "reason": self.reason,
        });
        self.at.decide(Decision::Standing, object(body)).await
    }
}
