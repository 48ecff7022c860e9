//! Reading a whole log again, as a stranger would: every tile from the entries, the root from the tiles.

use crate::log::checkpoint::CheckpointError;
use crate::log::edge::Full;
use crate::log::tile::{FULL, Level, Tile, TileError};
use crate::log::{Checkpoint, Edge, SignedCheckpoint, VerifierKey};

/// What is wrong with a log. Each is an alarm, but for what could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Alarm<E> {
    /// A file could not be had: no answer, no alarm.
    #[error("{0}: {1}")]
    Unavailable(Tile, E),
    /// A checkpoint is not the log's.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file is not what a file of that name can be.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// A tile is not what the entries below it give.
    #[error("{0} is not what the entries give")]
    Differs(Tile),
    /// The entries give another root than the checkpoint states.
    #[error("the entries do not give the root of the checkpoint at {0}")]
    Root(u64),
    /// An older checkpoint of the log has more leaves: the log has shrunk.
    #[error("the log has shrunk: it had {old} leaves and has {new}")]
    Shrunk {
        /// Then.
        old: u64,
        /// Now.
        new: u64,
    },
    /// An older checkpoint of the log states another tree: the log has been forked.
    #[error("the log is forked: at {0} leaves it is not the tree that the older checkpoint states")]
    Forked(u64),
    /// More leaves than a log can have.
    #[error(transparent)]
    Full(#[from] Full),
}

/// Walks a log up to its checkpoint: each bundle and each tile asked of `file` once. An older checkpoint, `since`, has to
/// be one of the same log.
pub async fn audit<E>(
    key: &VerifierKey,
    checkpoint: &SignedCheckpoint,
    since: Option<&SignedCheckpoint>,
    mut file: impl AsyncFnMut(Tile) -> Result<Vec<u8>, E>,
) -> Result<Checkpoint, Alarm<E>> {
    let head = checkpoint.verified(key)?;
    let since = since.map(|since| since.verified(key)).transpose()?;
    if let Some(since) = since.filter(|since| since.size > head.size) {
        return Err(Alarm::Shrunk { old: since.size, new: head.size });
    }
    let mut edge = Edge::default();
    let forked = |edge: &Edge| since.is_some_and(|old| old.size == edge.size() && old.root != edge.root());
    for index in 0..head.size.div_ceil(u64::from(FULL)) {
        let Some(bundle) = Tile::at(Level::Entries, index, head.size) else { break };
        let bytes = file(bundle).await.map_err(|error| Alarm::Unavailable(bundle, error))?;
        let entries = bundle.entries(&bytes)?;
        // The older tree may end within this bundle.
        let split = since.map_or(0, |old| old.size.saturating_sub(edge.size()));
        let (before, after) =
            entries.split_at(entries.len().min(usize::try_from(split).unwrap_or(usize::MAX)));
        let mut written = edge.append(before)?;
        if forked(&edge) {
            return Err(Alarm::Forked(edge.size()));
        }
        written.extend(edge.append(after)?);
        for (tile, bytes) in written.into_iter().filter(|(tile, _)| served(*tile, head.size)) {
            let found = file(tile).await.map_err(|error| Alarm::Unavailable(tile, error))?;
            if found != bytes {
                return Err(Alarm::Differs(tile));
            }
        }
    }
    if forked(&edge) {
        return Err(Alarm::Forked(edge.size()));
    }
    if edge.root() != head.root {
        return Err(Alarm::Root(head.size));
    }
    Ok(head.clone())
}

/// Whether a file is a tile of a tree of that size: those that the older tree ended in are not, nor is a bundle again.
fn served(tile: Tile, size: u64) -> bool {
    tile.level != Level::Entries && Tile::at(tile.level, tile.index, size) == Some(tile)
}
