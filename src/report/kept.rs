//! The statistics kept on file: a start goes on from there instead of reading the whole record again, and what was erased
//! meanwhile stays counted as it was.
//!
//! Without the file the record is read from its beginning. It is written once for each release.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;

use crate::app::{App, Statistics};
use crate::statistics::definitions;
use crate::store::{Cursor, StoreError};

/// The form of the file.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    /// By which definitions it was counted: by others it is counted again.
    definitions: String,
    /// The store it was counted from.
    public_url: String,
    statistics: S,
}

fn path(app: &App) -> PathBuf {
    app.config.server.data.join("statistics.json")
}

/// Goes on from the file, if there is one that fits.
pub(super) async fn take_up(app: &App, held: &mut Statistics) -> Result<(), StoreError> {
    held.looked = true;
    let Ok(bytes) = tokio::fs::read(path(app)).await else { return Ok(()) };
    let Ok(kept) = serde_json::from_slice::<Kept<Statistics>>(&bytes) else {
        tracing::warn!(file = %path(app).display(), "is no file of statistics; the record is read again");
        return Ok(());
    };
    let mut found = kept.statistics;
    let fits = kept.definitions == definitions().version
        && kept.public_url == app.urls.public()
        && found.ledger.releases().every() == held.ledger.releases().every()
        && found.ledger.is_whole();
    // A store older than the file, as one that was restored, is read again.
    let there = match found.after {
        Some(after) => {
            let next = app.store.changes(after.0.checked_sub(1).map(Cursor), 1).await?;
            next.items.first().is_some_and(|one| one.cursor == after)
        }
        None => false,
    };
    if fits && there {
        found.looked = true;
        found.kept = found.ledger.releases().last();
        *held = found;
    } else {
        let file = path(app);
        tracing::warn!(file = %file.display(), "is of other definitions, settings or another store: the record is counted again, \
            and where something was erased, figures of before and after are not to be compared");
    }
    Ok(())
}

/// Writes the file after a release. What cannot be written is told, and counted again after a start.
pub(super) async fn keep(app: &App, held: &mut Statistics) {
    let last = held.ledger.releases().last();
    if last == held.kept {
        return;
    }
    held.kept = last;
    let kept = Kept {
        definitions: definitions().version.clone(),
        public_url: app.urls.public().to_owned(),
        statistics: &*held,
    };
    let path = path(app);
    let written = match serde_json::to_vec(&kept) {
        Ok(bytes) => write(&path, &bytes).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = written {
        tracing::warn!(file = %path.display(), %error, "the statistics are not kept");
    }
}

/// Beside it first, then in its place: a crash leaves the one or the other. It tells how many there are of few: its owner's.
async fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("json.new");
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&beside).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(&beside, path).await
}
