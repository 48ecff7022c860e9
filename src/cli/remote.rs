//! Goes through a running service, because its store has one owner.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::redirect::Policy;
use serde_json::Value;

use super::Failure;

/// The most time for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How to reach a running service.
#[derive(Debug, Clone, Args)]
pub(super) struct Remote {
    /// Go through the service running at this address instead of opening the store
    #[arg(long, value_name = "URL", requires = "token_file")]
    pub(super) server: Option<String>,
    /// The file with the bearer token for --server
    #[arg(long, value_name = "FILE", requires = "server")]
    pub(super) token_file: Option<PathBuf>,
    /// Trust this certification authority when reaching --server (PEM)
    #[arg(long, value_name = "FILE", requires = "server")]
    pub(super) server_ca: Option<PathBuf>,
}

impl Remote {
    /// A client of the service, or `None` when the command is to open the store itself.
    pub(super) fn client(&self) -> Result<Option<Client>, Failure> {
        let (Some(server), Some(file)) = (&self.server, &self.token_file) else { return Ok(None) };
        // Already installed is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let token = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut http = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy();
        if let Some(file) = &self.server_ca {
            let pem = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            for certificate in reqwest::Certificate::from_pem_bundle(&pem)? {
                http = http.add_root_certificate(certificate);
            }
        }
        Ok(Some(Client {
            http: http.build()?,
            base: server.trim_end_matches('/').to_owned(),
            token: token.trim().to_owned(),
        }))
    }
}

/// A client that bears a token.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// Posts JSON and returns the answer; a problem becomes the sentence it carries.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(body.to_string());
        self.answer(request).await
    }

    /// Posts a file as it is and returns the answer; of a refusal, every member at fault too.
    pub(super) async fn send(&self, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token).body(body);
        self.answer(request).await
    }

    /// Gets text of a media type.
    pub(super) async fn text(&self, path: &str, kind: &str) -> Result<String, Failure> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.header("accept", kind).send().await;
        let answer =
            answer.map_err(|error| format!("{} does not answer: {}", self.base, root_cause(&error)))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("{} answers {status}", self.base).into());
        }
        Ok(answer.text().await?)
    }

    /// Gets JSON.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.answer(self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let answer = request
            .send()
            .await
            .map_err(|error| format!("{} does not answer: {}", self.base, root_cause(&error)))?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        let value: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(value);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut said = text("detail").or_else(|| text("title")).unwrap_or_default();
        let errors = value.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for error in errors.iter().filter(|_| errors.len() > 1) {
            let member = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
            said.push_str(&format!("\n{} {}", member("pointer"), member("detail")));
        }
        Err(format!("{} answers {status}: {said}", self.base).into())
    }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
