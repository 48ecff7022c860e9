//! `testamur serve`: the service, until it is told to stop.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{Failure, open, say};
use crate::app::App;
use crate::config::{Config, LogFormat};
use crate::{accredit, pin, publish, report, web};

/// Serve the API, the pages and the status lists.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    serving: open::Serving,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.serving.load()?;
        log(&config);
        let app = open::app(config).await?;
        if app.registry.members().is_empty() {
            tracing::warn!("no institution yet: testamur institutions new SLUG --name 'en=…'");
        }
        run(app).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Serves and keeps publishing until Ctrl-C or SIGTERM.
pub(super) async fn run(app: Arc<App>) -> Result<(), Failure> {
    for failure in publish::everything(&app).await {
        tracing::warn!(error = %failure, "not published yet");
    }
    let publisher = tokio::spawn(publish::keep_publishing(app.clone()));
    let pins = tokio::spawn(pin::keep_fresh(app.clone()));
    let authority = tokio::spawn(accredit::keep_lists(app.clone()));
    let logger = tokio::spawn(publish::log::keep_logging(app.clone()));
    let delivering = tokio::spawn(publish::deliver::keep_delivering(app.clone()));
    let counting = tokio::spawn(accredit::watch::keep_counting(app.clone()));
    let reading = tokio::spawn(report::keep_reading(app.clone()));
    let recognising = tokio::spawn(crate::recognise::watch::keep_looking(app.clone()));
    let listener = web::bind(&app.config)?;
    tracing::info!(address = %listener.local_addr()?, public_url = app.urls.public(), "serving");
    let served = web::serve(app, listener, stop()).await;
    publisher.abort();
    pins.abort();
    authority.abort();
    logger.abort();
    delivering.abort();
    counting.abort();
    recognising.abort();
    reading.abort();
    served?;
    say::aside("stopped");
    Ok(())
}

/// Log lines to standard error as the settings say.
pub(super) fn log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log.level);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = match config.log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    if let Err(error) = set {
        say::aside(&format!("log lines go elsewhere: {error}"));
    }
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
