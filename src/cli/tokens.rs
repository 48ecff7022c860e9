//! `testamur tokens`: make, list, revoke.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::listing::{Listing, text};
use super::remote::Remote;
use super::{Failure, open, say};
use crate::access::{ROLES, Reach, Role};
use crate::administer;
use crate::app::App;
use crate::institution::Slug;
use crate::issue::operator;

/// Make, list and revoke bearer tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Make a token; it is printed once and kept nowhere
    New(New),
    /// List the tokens: names, roles, institutions
    List(Listing),
    /// Revoke a token by its name
    Revoke(Withdraw),
}

/// Make a token.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Its name: stands as the actor in the audit trail
    label: String,
    /// What it allows (repeatable): admin, authority, registrar, signer, mentor, officer, auditor
    #[arg(long, required = true)]
    role: Vec<String>,
    /// Where it allows it (repeatable); without: every institution
    #[arg(long, value_name = "SLUG")]
    institution: Vec<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

/// Revoke a token.
#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// Its name
    label: String,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

impl Tokens {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::New(new) => new.run().await,
            Self::List(listing) => list(listing).await,
            Self::Revoke(withdraw) => withdraw.run().await,
        }
    }
}

impl New {
    async fn run(self) -> Result<ExitCode, Failure> {
        let roles = self.role.iter().map(|word| role(word)).collect::<Result<Vec<_>, _>>()?;
        let slugs = self.institution.iter().map(|slug| Slug::parse(slug)).collect::<Result<Vec<_>, _>>()?;
        let reach = if slugs.is_empty() { Reach::All } else { Reach::Institutions(slugs) };
        let token = if let Some(client) = self.remote.client()? {
            let body = json!({ "label": self.label, "roles": roles, "reach": reach });
            let answer = client.post("/tokens", &body).await?;
            answer.get("token").and_then(Value::as_str).unwrap_or_default().to_owned()
        } else {
            let app = open::app(self.settings.load()?).await?;
            administer::new_token(&app, &operator(app.now()), &self.label, roles, reach).await?
        };
        say::line(&token);
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(listing: Listing) -> Result<ExitCode, Failure> {
    let read = async |app: &App| Ok(app.store.tokens().await?.iter().map(|token| json!(token)).collect());
    for row in listing.rows("/tokens", "tokens", read).await? {
        let words = |name: &str| row.get(name).map(Value::to_string).unwrap_or_default();
        let state = match text(&row, "revoked") {
            "" => "active".to_owned(),
            since => format!("revoked {since}"),
        };
        say::line(&format!("{}\t{}\t{}\t{state}", text(&row, "label"), words("roles"), words("reach")));
    }
    Ok(ExitCode::SUCCESS)
}

impl Withdraw {
    async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(client) = self.remote.client()? {
            client.post("/tokens/revoke", &json!({ "label": self.label })).await?;
        } else {
            let app = open::app(self.settings.load()?).await?;
            administer::revoke_token(&app, &operator(app.now()), &self.label).await?;
        }
        say::line(&format!("{} works no more", self.label));
        Ok(ExitCode::SUCCESS)
    }
}

fn role(word: &str) -> Result<Role, Failure> {
    Role::parse(word).ok_or_else(|| {
        let known: Vec<_> = ROLES.iter().map(|(_, word)| *word).collect();
        format!("--role {word}: there are {}", known.join(", ")).into()
    })
}
