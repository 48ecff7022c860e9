//! Writes every page × sample × language, and what the pages link to, into the folder named by the first argument.

use std::error::Error;
use std::fs;
use std::path::Path;

use testamur::pages::{CONTENT_SECURITY_POLICY, LOCALES, assets};

#[path = "../samples.rs"]
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: render_pages FOLDER")?;
    let folder = Path::new(&folder);
    let mut written = 0;
    for locale in LOCALES {
        for sample in samples::pages(locale) {
            let name = format!("{}.{}.html", sample.name, locale.tag);
            put(folder, &name, sample.html.as_bytes())?;
            written += 1;
        }
    }
    for asset in assets() {
        put(folder, &asset.path, &asset.bytes)?;
    }
    for (path, svg) in samples::symbols() {
        put(folder, &path, svg.as_bytes())?;
    }
    put(folder, "content-security-policy.txt", CONTENT_SECURITY_POLICY.as_bytes())?;
    println!("{written} pages in {}", folder.display());
    Ok(())
}

fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let file = folder.join(path.trim_start_matches('/'));
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(file, bytes)?)
}
