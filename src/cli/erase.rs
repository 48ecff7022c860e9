//! `testamur erase`: destroys the content of a record, for good.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::remote::Remote;
use super::{Failure, open, say};
use crate::erase::{self, Request};
use crate::issue::operator;

/// Erase the content of a record: the page and the signed file go, digest and status stay.
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The credential: its URL, its id, or the 26 characters at the end of its URL
    credential: String,
    /// Why; it goes to the log, so name nobody
    #[arg(long)]
    reason: String,
    /// Do not ask again
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

impl Erase {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let question = format!(
            "The content of {} will be destroyed in this store and cannot be brought back.",
            self.credential
        );
        if !self.yes && !say::confirmed(&question)? {
            say::aside("nothing was erased");
            return Ok(ExitCode::FAILURE);
        }
        if let Some(client) = self.remote.client()? {
            let body = json!({ "credentialId": self.credential, "reason": self.reason });
            client.post("/credentials/erase", &body).await?;
        } else {
            let app = open::app(self.settings.load()?).await?;
            super::serve::log(&app.config);
            let caller = operator(app.now());
            let (credential, reason) = (self.credential.clone(), self.reason);
            let request = Request { credential, institution: None, reason: reason.clone() };
            let erased = erase::erase(&app, &caller, request).await?;
            tracing::info!(credential = %erased.id, actor = caller.label, reason, "record erased");
        }
        say::line(&format!("{} erased", self.credential));
        Ok(ExitCode::SUCCESS)
    }
}
