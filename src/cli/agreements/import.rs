//! `testamur agreements import`: a file of agreements and activities.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{At, told};
use crate::agree::{self, AgreeError};
use crate::cli::{Failure, files, open, say};
use crate::issue::operator;

/// Take in a file.
#[derive(Debug, Args)]
#[command(after_help = "\
JSON: {\"agreements\": [terms and \"state\"], \"activities\": [activityId, agreementId, type, from, to, participants, amount, note]}.
CSV, agreements: agreementId,name,kind,state,signedOn,effectiveFrom,effectiveTo,temporalBasis,languages,
  party1,country1,partyName1,party2,country2,partyName2,…,instrumentTitle,instrumentUrl,instrumentDigest,scope (JSON).
CSV, activities: activityId,agreementId,type,from,to,participants,amount ('120000 CNY'),note.
`state` is draft, signed or in-force; signed on paper needs signedOn and the digest of the instrument.
The same file again changes nothing. Every row at fault is named, and then nothing is taken in.")]
pub(in crate::cli) struct Import {
    /// The file
    file: PathBuf,
    /// Which institution keeps them, where there are several
    #[arg(long, value_name = "SLUG")]
    institution: Option<String>,
    /// Only tell what would come of it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: At,
}

impl Import {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let bytes = files::read(&self.file)?;
        let imported = if let Some(client) = self.at.remote.client()? {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("dry-run", if self.dry_run { "true" } else { "false" });
            if let Some(institution) = &self.institution {
                query.append_pair("institution", institution);
            }
            client.send(&format!("/agreements/import?{}", query.finish()), bytes).await?
        } else {
            let app = open::app(self.at.settings.load()?).await?;
            let imported =
                agree::import(&app, &operator(app.now()), self.institution, &bytes, self.dry_run).await;
            match imported {
                Ok(imported) => imported.to_json(),
                Err(AgreeError::Faults(faults)) => {
                    faults.iter().for_each(|fault| say::line(&fault.to_string()));
                    return Err(format!("{} faults: nothing was taken in", faults.len()).into());
                }
                Err(other) => return Err(told(other)),
            }
        };
        for list in ["agreements", "activities"] {
            let number = |name: &str| imported.get(list).and_then(|one| one.get(name)?.as_u64()).unwrap_or(0);
            say::line(&format!(
                "{list}: {} new, {} changed, {} unchanged",
                number("new"),
                number("changed"),
                number("unchanged")
            ));
        }
        if self.dry_run {
            say::aside("a dry run: nothing was taken in");
        }
        Ok(ExitCode::SUCCESS)
    }
}
