//! `testamur revoke`: revoke, suspend, restore.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::remote::Remote;
use super::{Failure, open, say};
use crate::issue::operator;
use crate::publish;
use crate::revoke::{self, Request};
use crate::store::Purpose;

/// Revoke, suspend or restore a credential.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The credential: its URL, its id, or the 26 characters at the end of its URL
    credential: String,
    /// Why, in words whoever checks it will read
    #[arg(long, required_unless_present_any = ["restore", "superseded_by"])]
    reason: Option<String>,
    /// Suspend instead: can be lifted again
    #[arg(long, conflicts_with = "restore")]
    suspend: bool,
    /// Lift a suspension
    #[arg(long)]
    restore: bool,
    /// The URL of the credential that replaces it
    #[arg(long, value_name = "URL", conflicts_with_all = ["suspend", "restore"])]
    superseded_by: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

impl Revoke {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let purpose = if self.suspend || self.restore { Purpose::Suspension } else { Purpose::Revocation };
        let value = !self.restore;
        if let Some(client) = self.remote.client()? {
            let body = json!({
                "credentialId": self.credential, "statusPurpose": purpose, "value": value,
                "reason": self.reason, "successor": self.superseded_by,
            });
            client.post("/credentials/status", &body).await?;
        } else {
            let app = open::app(self.settings.load()?).await?;
            let request = Request {
                credential: self.credential.clone(),
                institution: None,
                purpose,
                value,
                reason: self.reason,
                successor: self.superseded_by,
            };
            revoke::set_status(&app, &operator(app.now()), request).await?;
            if let Some(failure) = publish::due_lists(&app).await.into_iter().next() {
                return Err(failure.into());
            }
        }
        let done = match (purpose, value) {
            (Purpose::Revocation, _) => "revoked",
            (Purpose::Suspension, true) => "suspended",
            (Purpose::Suspension, false) => "restored",
        };
        say::line(&format!("{} {done}", self.credential));
        Ok(ExitCode::SUCCESS)
    }
}
