//! `testamur issue`: drafts from files become credentials on record.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::remote::{Client, Remote};
use super::{Failure, files, open, say};
use crate::app::App;
use crate::credential::draft::Draft;
use crate::institution::Slug;
use crate::issue::{self, IssueError, Request, operator};
use crate::publish;

/// Sign drafts.
#[derive(Debug, Args)]
pub(super) struct Issue {
    /// Drafts: credentials in JSON without a proof
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Who issues, where the draft does not name its issuer
    #[arg(long, value_name = "SLUG")]
    institution: Option<String>,
    /// The kind of signature: eddsa-rdfc-2022 or eddsa-jcs-2022
    #[arg(long, value_name = "SUITE")]
    cryptosuite: Option<String>,
    /// Write each credential into this folder, under the name of its draft; without: print them
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

enum Through {
    Service(Client),
    Store(std::sync::Arc<App>),
}

impl Issue {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let institution = self.institution.as_deref().map(Slug::parse).transpose()?;
        // Every file is read before the first is signed: a typing mistake leaves nothing half-done.
        let drafts =
            self.files.iter().map(|file| Ok((file, read(file)?))).collect::<Result<Vec<_>, Failure>>()?;
        let through = match self.remote.client()? {
            Some(client) => Through::Service(client),
            None => Through::Store(open::app(self.settings.load()?).await?),
        };
        let bar = (self.files.len() > 1).then(|| say::progress(self.files.len() as u64, "issuing"));
        let mut refused = 0;
        for (file, draft) in drafts {
            match self.one(&through, draft, institution.clone()).await {
                Ok((url, body)) => self.put(file, &url, &body)?,
                Err(error) => {
                    refused += 1;
                    say::aside(&format!("{}: {error}", file.display()));
                }
            }
            if let Some(bar) = &bar {
                bar.inc(1);
            }
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        if let Through::Store(app) = &through
            && let Some(failure) = publish::due_lists(app).await.into_iter().next()
        {
            return Err(failure.into());
        }
        Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn one(
        &self,
        through: &Through,
        draft: Map<String, Value>,
        institution: Option<Slug>,
    ) -> Result<(String, Vec<u8>), Failure> {
        match through {
            Through::Store(app) => {
                let request = Request {
                    draft: Draft::from_members(draft),
                    cryptosuite: self.cryptosuite.clone(),
                    institution,
                    ..Request::default()
                };
                let issued = issue::issue(app, &operator(app.now()), request).await.map_err(every_problem)?;
                Ok((issued.url, issued.body))
            }
            Through::Service(client) => {
                let mut options = Map::new();
                if let Some(suite) = &self.cryptosuite {
                    options.insert("cryptosuite".to_owned(), json!(suite));
                }
                if let Some(slug) = institution {
                    options.insert("institution".to_owned(), json!(slug));
                }
                let body = json!({ "credential": draft, "options": options });
                let answer = client.post("/credentials/issue", &body).await?;
                let credential = answer.get("verifiableCredential").cloned().unwrap_or_default();
                let url = credential.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                Ok((url, credential.to_string().into_bytes()))
            }
        }
    }

    fn put(&self, file: &Path, url: &str, body: &[u8]) -> Result<(), Failure> {
        match (&self.out, file.file_name()) {
            (Some(folder), Some(name)) => {
                std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                let path = folder.join(name);
                std::fs::write(&path, body).map_err(|error| format!("{}: {error}", path.display()))?;
                say::line(&format!("{}\t{url}", path.display()));
            }
            _ => say::line(&String::from_utf8_lossy(body)),
        }
        Ok(())
    }
}

fn read(file: &Path) -> Result<Map<String, Value>, Failure> {
    match files::json(file)? {
        Value::Object(draft) => Ok(draft),
        _ => Err(format!("{}: a draft is a JSON object", file.display()).into()),
    }
}

fn every_problem(error: IssueError) -> Failure {
    match error {
        IssueError::Draft(problems) => {
            let lines: Vec<_> = problems
                .iter()
                .map(|problem| format!("\n  {} {}", problem.pointer, problem.message))
                .collect();
            format!("the draft cannot be signed:{}", lines.concat()).into()
        }
        other => other.into(),
    }
}
