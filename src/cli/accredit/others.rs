//! `testamur accredit pointer` and `policy`: other authorities as pinned, and by what logs are judged.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{At, object};
use crate::accredit::Decision;
use crate::cli::Failure;

/// List the root of another authority.
#[derive(Debug, Args)]
pub(in crate::cli) struct Pointer {
    /// The other territory, two capital letters
    territory: String,
    /// Where its list is served
    #[arg(long, value_name = "URL")]
    list_url: String,
    /// Where its root is served
    #[arg(long, value_name = "URL")]
    root_url: String,
    /// The fingerprint of that root, from the annex of the agreement
    #[arg(long)]
    fingerprint: String,
    /// The agreement
    #[arg(long, value_name = "ID")]
    agreement: Option<String>,
    #[command(flatten)]
    at: At,
}

/// By what logs are judged.
#[derive(Debug, Args)]
pub(in crate::cli) struct Policy {
    /// A tlog-policy file (C2SP)
    #[arg(long, value_name = "FILE", required_unless_present = "closed_log")]
    log_policy: Option<PathBuf>,
    /// A log that takes nothing more: ORIGIN SIZE ROOT, in one argument (repeatable)
    #[arg(long, value_name = "'ORIGIN SIZE ROOT'")]
    closed_log: Vec<String>,
    #[command(flatten)]
    at: At,
}

impl Pointer {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let body = json!({
            "territory": self.territory, "listUrl": self.list_url, "rootUrl": self.root_url,
            "fingerprint": self.fingerprint, "agreementId": self.agreement,
        });
        self.at.decide(Decision::Pointer, object(body)).await
    }
}

impl Policy {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))
        };
        let policy = self.log_policy.as_ref().map(read).transpose()?;
        let mut closed = Vec::new();
        for log in &self.closed_log {
            let [origin, size, root] = log.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(format!("--closed-log {log}: write 'ORIGIN SIZE ROOT'").into());
            };
            let size: u64 = size.parse().map_err(|_| format!("--closed-log {log}: {size} is no size"))?;
            closed.push(json!({"origin": origin, "treeSize": size, "rootHash": root}));
        }
        let body = json!({"logPolicy": policy, "closedLog": closed});
        self.at.decide(Decision::Policy, object(body)).await
    }
}
