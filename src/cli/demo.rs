//! `testamur demo`: an invented Vietnamese college and an invented Lao one issue; the same code an employer uses verifies.

mod cast;
mod countries;
mod show;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::serve;
use super::{Failure, open, say};
use crate::app::App;
use crate::config::Config;
use crate::keyring::Cost;
use crate::publish;

/// Show everything at work.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Exit after the show instead of serving
    #[arg(long)]
    once: bool,
    /// Play a drill instead: two countries recognise each other's diplomas, and what thieves, forgers and a forked log get
    #[arg(long)]
    two_countries: bool,
    #[command(flatten)]
    serving: open::Serving,
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let started = std::time::Instant::now();
        let mut config = self.serving.load()?;
        prepare(&mut config, self.serving.settings.keys.is_none())?;
        serve::log(&config);
        if self.two_countries {
            return countries::run(config, self.once).await;
        }
        let app = open::app_with(config, Cost::LIGHT).await?;
        let cast = cast::assemble(&app).await?;
        publish_all(&app).await?;
        let expected = show::perform(&app, &cast, started).await?;
        if self.once {
            return Ok(if expected { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        say::line("Serving until Ctrl-C.");
        serve::run(app).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What an offline checker reads has to be there before anybody checks.
async fn publish_all(app: &Arc<App>) -> Result<(), Failure> {
    publish::log::Publisher::new(app.clone()).tick().await?;
    publish::everything(app).await.into_iter().next().map_or(Ok(()), |failure| Err(failure.into()))
}

/// The demo keeps its keys and their passphrase in its own data folder: they protect nothing but themselves.
fn prepare(config: &mut Config, own_keys: bool) -> Result<(), Failure> {
    let data = config.server.data.clone();
    std::fs::create_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
    if own_keys {
        config.keys.dir = data.join("keys");
    }
    if config.keys.passphrase.is_none() && config.keys.passphrase_file.is_none() {
        let file = data.join("demo-passphrase");
        if !file.exists() {
            secret_file(&file, &random_text()?)?;
        }
        config.keys.passphrase_file = Some(file);
    }
    if std::env::var_os("TESTAMUR_LOG_LEVEL").is_none() && config.log.level == "info" {
        config.log.level = "warn".to_owned();
    }
    Ok(())
}

/// Writes a file that only its owner reads.
fn secret_file(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let failed = |error| format!("{}: {error}", path.display());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    Ok(file.sync_all().map_err(failed)?)
}

fn random_text() -> Result<String, Failure> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes)?;
    Ok(crate::codec::multibase::encode_base64url(&bytes))
}
