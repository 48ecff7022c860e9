//! `testamur witness`: which logs are cosigned here, and with which key.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Failure, open, say};
use crate::crypto::{Ed25519Signer, Signer as _};
use crate::log::VerifierKey;
use crate::log::vkey::Kind;
use crate::witness::Watched;

/// Cosign the logs of others, as their witness.
#[derive(Debug, Subcommand)]
pub(super) enum Witness {
    /// Print the key that others check the cosignatures with; makes it when there is none
    Key(All),
    /// Cosign a log from now on; a running service does so at once
    Add(Box<Add>),
    /// List the keys of the logs that are cosigned
    List(All),
    /// Cosign a log no more; what was cosigned stays on record
    Remove(Remove),
}

/// Of this service.
#[derive(Debug, Args)]
pub(super) struct All {
    #[command(flatten)]
    settings: open::Settings,
}

/// Cosign a log.
#[derive(Debug, Args)]
#[command(after_help = "\
The key comes from the log's operator by a second channel (a letter, a telephone call to a number you know). A log has a
key of its own each year: add the next one before New Year.

  testamur witness add log.diplomas.la.example/2026+1c6db1ae+AXxh…")]
pub(super) struct Add {
    /// The verifier key of the log, as it is served at /log/YEAR/key
    key: VerifierKey,
    #[command(flatten)]
    settings: open::Settings,
}

/// Cosign a log no more.
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The verifier key, or the name of the log
    #[arg(value_name = "KEY")]
    which: String,
    #[command(flatten)]
    settings: open::Settings,
}

impl Witness {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Key(all) => all.key(),
            Self::List(all) => all.list(),
            Self::Add(add) => {
                let config = add.settings.load()?;
                let known = config.witness.logs.contains(&add.key);
                let told = match !known && Watched::of(&config.server.data).add(&add.key)? {
                    true => "is cosigned from now on",
                    false => "is cosigned already",
                };
                say::line(&format!("{} {told}", add.key.name()));
                if config.witness.name.is_none() {
                    say::aside("[witness] name is not set: nothing is cosigned before it is");
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Remove(remove) => {
                let config = remove.settings.load()?;
                let gone = Watched::of(&config.server.data).remove(&remove.which)?;
                say::line(&format!("{gone} taken away"));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl All {
    fn key(self) -> Result<ExitCode, Failure> {
        let config = self.settings.load()?;
        let Some(name) = config.witness.name.clone() else {
            return Err("[witness] name is not set: under which name is it to cosign?".into());
        };
        let seed = open::keyring(&config)?.witness_key()?;
        let signer = Ed25519Signer::from_seed(name.to_string(), &seed);
        say::line(&VerifierKey::new(name, Kind::Cosignature, signer.public_key().clone())?.to_string());
        Ok(ExitCode::SUCCESS)
    }

    fn list(self) -> Result<ExitCode, Failure> {
        let config = self.settings.load()?;
        let added = Watched::of(&config.server.data).load()?;
        for key in config.witness.logs.iter().chain(&added) {
            say::line(&key.to_string());
        }
        if config.witness.logs.is_empty() && added.is_empty() {
            say::aside("no log is cosigned; `testamur witness add --help` tells how");
        }
        Ok(ExitCode::SUCCESS)
    }
}
