//! `testamur accredit`: what an authority decides; each decision is the next trust list.

mod count;
mod grant;
mod issuer;
mod others;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::remote::Remote;
use super::{Failure, open, say};
use crate::accredit::{self, Decision};
use crate::issue::operator;
use grant::{Grant, Standing};
use issuer::{Issuer, Key, Successor};
use others::{Pointer, Policy};

/// Decide for an authority: whom its trust list names, what they are accredited for, what became of that.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
The authority and its root come first: `testamur institutions new SLUG --authority CC`, `testamur trust root --help`.

  testamur accredit issuer did:web:diplomas.vn.example:institutions:ha-noi --code CDD0101 --location geo:21.03,105.85
  testamur accredit grant did:web:… --decision 12/2026 --from 2026-08-01 --to 2031-07-31 --scope scope.json
  testamur accredit standing urn:uuid:… suspended --reason 'under review, decision 44/2027'

Nothing on a list is ever taken back: what was said stays said, a history only grows, and only an annulment dates back.
Beside a running service: --server URL --token-file FILE, with a token of the role authority.")]
pub(super) enum Accredit {
    /// List an issuer, or tell its names, place, keys or DID document anew
    Issuer(Issuer),
    /// Accredit an issuer on the list: signs the accreditation and lists the grant
    Grant(Grant),
    /// Change the standing of a grant: teach-out, suspended, granted again, withdrawn, annulled
    Standing(Standing),
    /// A key of an issuer has ended, or somebody else may have it
    Key(Key),
    /// List the root of another authority, as pinned
    Pointer(Pointer),
    /// Name who takes over the register of a closed issuer
    Successor(Successor),
    /// Set the policy by which logs are judged, or close a log
    Policy(Policy),
    /// Announce how many graduates a cohort has; a later number takes the place of an earlier one
    Cohort(count::Cohort),
    /// Show the count: leaves of logs against graduates
    Count(count::Count),
}

/// For which authority, and where.
#[derive(Debug, Args)]
struct At {
    /// The authority, by its territory, where there are several
    #[arg(long, value_name = "CC")]
    authority: Option<String>,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

impl Accredit {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Issuer(one) => one.run().await,
            Self::Grant(one) => one.run().await,
            Self::Standing(one) => one.run().await,
            Self::Key(one) => one.run().await,
            Self::Pointer(one) => one.run().await,
            Self::Successor(one) => one.run().await,
            Self::Policy(one) => one.run().await,
            Self::Cohort(one) => one.run().await,
            Self::Count(one) => one.run().await,
        }
    }
}

impl At {
    /// Decides here or through the service, and tells the number of the list.
    async fn decide(self, decision: Decision, mut body: Map<String, Value>) -> Result<ExitCode, Failure> {
        body.retain(|_, value| !value.is_null());
        if let Some(authority) = self.authority {
            body.insert("authority".to_owned(), authority.into());
        }
        let told = if let Some(client) = self.remote.client()? {
            let path = match decision {
                Decision::Issuer => "issuers".to_owned(),
                Decision::Key => "keys".to_owned(),
                Decision::Grant => "accreditations".to_owned(),
                Decision::Standing => {
                    let grant = body.shift_remove("grant").unwrap_or_default();
                    let grant = grant.as_str().unwrap_or_default().as_bytes();
                    let grant: String = url::form_urlencoded::byte_serialize(grant).collect();
                    format!("accreditations/{grant}/standing")
                }
                Decision::Successor => "successors".to_owned(),
                Decision::Pointer => "pointers".to_owned(),
                Decision::Policy => "policy".to_owned(),
            };
            client.post(&format!("/authority/{path}"), &Value::Object(body)).await?
        } else {
            let app = open::app(self.settings.load()?).await?;
            accredit::decide(&app, &operator(app.now()), decision, body).await?.to_json()
        };
        for name in ["grant", "accreditation"] {
            if let Some(value) = told.get(name).and_then(Value::as_str) {
                say::line(value);
            }
        }
        let number = told.get("sequence").and_then(Value::as_u64).unwrap_or_default();
        let list = told.get("list").and_then(Value::as_str).unwrap_or_default();
        say::aside(&format!("list {number} is published: {list}"));
        Ok(ExitCode::SUCCESS)
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}
