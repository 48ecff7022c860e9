//! Files that only we may touch: their modes, whole or not at all, on the disk before we say so.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::KeyringError;

/// No key file or passphrase is longer.
const MAX_LEN: u64 = 64 * 1024;

/// Refuses `path` when its mode has any of the bits `forbidden`.
pub(super) fn check_mode(path: &Path, wanted: u32, forbidden: u32) -> Result<(), KeyringError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(at(path))?.permissions().mode() & 0o7777;
        if mode & forbidden != 0 {
            return Err(KeyringError::Permissions { path: path.to_owned(), mode, wanted });
        }
    }
    #[cfg(not(unix))]
    let _ = (path, wanted, forbidden);
    Ok(())
}

/// Makes a folder of mode 700 with its parents, and puts its entry on the disk; one that exists is left as it is.
pub(super) fn make_folder(path: &Path) -> Result<(), KeyringError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(at(path))?;
    sync_parent(path)
}

/// Writes a new file of mode 600. It appears whole or not at all, and is on the disk on return.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyringError> {
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(path.file_name().unwrap_or_default());
    hidden.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(hidden);
    // What a crash left behind is of no use to anyone.
    let _ = fs::remove_file(&temporary);
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // A link, unlike a rename, never replaces a key that is already there; some file systems have none.
        match fs::hard_link(&temporary, path) {
            Err(_) if !path.exists() => fs::rename(&temporary, path),
            linked => linked,
        }
    };
    let written = write().map_err(at(path));
    let _ = fs::remove_file(&temporary);
    written?;
    sync_parent(path)
}

/// Reads a small text that is wiped when dropped.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let file = File::open(path).map_err(at(path))?;
    // Filled without growing, so that no part of it stays behind in freed memory.
    let length = file.metadata().map_err(at(path))?.len().min(MAX_LEN);
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    file.take(MAX_LEN).read_to_end(&mut bytes).map_err(at(path))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyringError::Damaged(path.to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// What lies in a folder, but for hidden names.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, KeyringError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if name(&path).is_some_and(|name| !name.starts_with('.')) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

fn sync_parent(path: &Path) -> Result<(), KeyringError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(at(parent))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> KeyringError {
    let path = path.to_owned();
    move |source| KeyringError::Io { path: path.clone(), source }
}
