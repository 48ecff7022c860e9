//! `testamur fsck`: every record read back, every signature checked again.

use std::process::ExitCode;

use clap::Args;

use super::{Failure, open, say};
use crate::credential::Credential;
use crate::publish;
use crate::verify::{self, Code, Extent, Outcome};

/// How many records are read at a time.
const PAGE: usize = 256;

/// Read every record back and check it.
#[derive(Debug, Args)]
pub(super) struct Fsck {
    #[command(flatten)]
    settings: open::Settings,
}

impl Fsck {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let app = open::app(self.settings.load()?).await?;
        let bar = say::progress(0, "reading records");
        let damages = app
            .store
            .check(&|done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })
            .await?;
        bar.finish_and_clear();
        let mut damaged: Vec<String> = damages.iter().map(ToString::to_string).collect();

        let bar = say::progress(0, "checking signatures");
        let mut checked = 0u64;
        for member in app.registry.members() {
            damaged.extend(publish::trust::faults(&app, &member.institution.slug).await?);
            let mut after = None;
            loop {
                let page = app.store.credentials(&member.institution.slug, after, PAGE).await?;
                bar.inc_length(page.items.len() as u64);
                for record in page.items {
                    checked += 1;
                    bar.inc(1);
                    let Some(body) = record.body else { continue };
                    let trouble = match Credential::parse(body) {
                        Ok(credential) => {
                            let verdict = verify::credential(&app, credential, Extent::Proof).await;
                            verdict
                                .checks
                                .into_iter()
                                .find(|check| broken(check.code))
                                .map(|check| check.code.as_str().to_owned())
                        }
                        Err(error) => Some(error.to_string()),
                    };
                    damaged.extend(trouble.map(|trouble| format!("credential {}: {trouble}", record.id)));
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        bar.finish_and_clear();
        for damage in &damaged {
            say::line(damage);
        }
        say::line(&format!("{checked} credentials checked, {} damaged records", damaged.len()));
        Ok(if damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// A co-signer who cannot be reached is no damage of this store.
fn broken(code: Code) -> bool {
    code.outcome() == Outcome::Fail
}
