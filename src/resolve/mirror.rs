//! Evidence from a folder: DID documents and status lists saved earlier, for checking without a network.
//!
//! Everything under `DIR/public/` that ends in `.json` or `.jsonld` is looked at, and found again by the `id` inside
//! it, wherever it lies. Usual places: `institutions/SLUG/did.json`, `institutions/SLUG/status/PURPOSE/N.json`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::web::{MAX_LIST, read_document, read_list};
use super::{FetchedList, MAX_SERVED, ResolveError, Resolved, Resolver, Source};
use crate::codec::json;
use crate::did::Did;

/// The most files looked at.
const MAX_FILES: usize = 20_000;
/// The deepest folder looked into.
const MAX_DEPTH: usize = 8;

/// Why a folder is no mirror.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The folder or a file in it cannot be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: std::io::Error,
    },
    /// Too much of it.
    #[error("{}: more than {MAX_FILES} files", .0.display())]
    TooMany(PathBuf),
}

/// A folder of documents, by the `id` in each.
#[derive(Debug, Default)]
pub struct Mirror {
    by_id: HashMap<String, Vec<PathBuf>>,
    skipped: Vec<(PathBuf, String)>,
}

impl Mirror {
    /// Looks through `dir/public`.
    pub fn open(dir: &Path) -> Result<Self, MirrorError> {
        let mut mirror = Self::default();
        let mut files = Vec::new();
        collect(&dir.join("public"), 0, &mut files)?;
        files.sort();
        for path in files {
            match identify(&path) {
                Ok(Some(id)) => mirror.by_id.entry(id).or_default().push(path),
                Ok(None) => {}
                Err(why) => mirror.skipped.push((path, why)),
            }
        }
        Ok(mirror)
    }

    /// The files that could not be read as JSON, and why: worth a warning.
    pub fn skipped(&self) -> &[(PathBuf, String)] {
        &self.skipped
    }

    /// How many documents and lists there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The one file for `id`: its bytes and when it was written.
    fn file(&self, id: &str) -> Result<(Vec<u8>, Timestamp), ResolveError> {
        let paths = self.by_id.get(id).ok_or(ResolveError::Forbidden {
            what: id.to_owned(),
            because: "it is not among the mirrored files, and nothing is asked over the network here",
        })?;
        let mut found: Option<(Vec<u8>, Timestamp)> = None;
        for path in paths {
            let wrong = |because: String| ResolveError::Wrong { what: id.to_owned(), because };
            let bytes = read(path).map_err(|why| wrong(format!("{}: {why}", path.display())))?;
            match &found {
                // Two truths are none: better to be told than to be shown the convenient one.
                Some((other, _)) if *other != bytes => {
                    return Err(wrong(format!("{} and {} differ", paths[0].display(), path.display())));
                }
                Some(_) => {}
                None => found = Some((bytes, written(path))),
            }
        }
        found.ok_or_else(|| ResolveError::NotFound { what: id.to_owned() })
    }
}

#[async_trait]
impl Resolver for Mirror {
    async fn issuer(&self, did: &Did) -> Result<Arc<Resolved>, ResolveError> {
        let (bytes, fetched) = self.file(did.as_str())?;
        let document = Arc::new(read_document(did, &bytes)?);
        Ok(Arc::new(Resolved { document, fetched, from: Source::Mirror }))
    }

    async fn status_list(&self, url: &Url) -> Result<Arc<FetchedList>, ResolveError> {
        let (bytes, fetched) = self.file(url.as_str())?;
        read_list(url, bytes.into(), fetched).map(Arc::new)
    }

    async fn served(&self, url: &Url) -> Result<Arc<Bytes>, ResolveError> {
        let (bytes, _) = self.file(url.as_str())?;
        if bytes.len() > MAX_SERVED {
            let because = format!("the mirrored file has more than {MAX_SERVED} bytes");
            return Err(ResolveError::Wrong { what: url.to_string(), because });
        }
        Ok(Arc::new(bytes.into()))
    }
}

fn collect(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), MirrorError> {
    let unreadable = |why| MirrorError::Unreadable { path: dir.to_owned(), why };
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // Links to folders are not followed: they may lead round in circles.
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() && depth < MAX_DEPTH {
            collect(&path, depth + 1, files)?;
        } else if !kind.is_dir() && path.extension().is_some_and(|end| end == "json" || end == "jsonld") {
            if files.len() == MAX_FILES {
                return Err(MirrorError::TooMany(dir.to_owned()));
            }
            files.push(path);
        }
    }
    Ok(())
}

/// The `id` of the document in a file; `None` when it has none.
fn identify(path: &Path) -> Result<Option<String>, String> {
    let bytes = read(path)?;
    let document = json::parse(&bytes).map_err(|why| why.to_string())?;
    let id = document.get("id").and_then(Value::as_str);
    // Lists are asked for by URL, and a URL may be written in several ways.
    Ok(id.map(|id| {
        Url::parse(id).ok().filter(|_| !id.starts_with("did:")).map_or(id.to_owned(), String::from)
    }))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::metadata(path).map_err(|why| why.to_string())?;
    if !file.is_file() || file.len() > MAX_LIST as u64 {
        return Err("not a file of at most 4 MiB".to_owned());
    }
    std::fs::read(path).map_err(|why| why.to_string())
}

fn written(path: &Path) -> Timestamp {
    let modified = std::fs::metadata(path).and_then(|file| file.modified()).ok();
    modified.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}
