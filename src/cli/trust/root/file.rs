//! A root as a file that travels from one holder of a key to the next.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::{Failure, say};
use crate::codec::json;
use crate::keyring::{Passphrase, offline};
use crate::trust::pins::read;
use crate::trustlist::edit::root;
use crate::trustlist::{MAX_ROOT, Root as Proved, spoken};

/// Adds the signatures of these keys.
pub(super) fn sign(
    document: &mut Map<String, Value>,
    files: &[PathBuf],
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<(), Failure> {
    let did = crate::credential::View::of(document).issuer_id().unwrap_or_default().to_owned();
    for file in files {
        let key = offline::open(file, passphrase, &did)?;
        root::add_signature(document, &key, now)?;
    }
    Ok(())
}

/// Signs the root with the keys at hand and writes it as root-N.json.
pub(super) fn write(
    out: &Path,
    mut document: Map<String, Value>,
    keys: &[PathBuf],
    passphrase: &Passphrase,
    before: Option<&Proved>,
    now: Timestamp,
) -> Result<(), Failure> {
    sign(&mut document, keys, passphrase, now)?;
    let version = document.get("credentialSubject").and_then(|subject| subject.get("rootVersion")?.as_u64());
    std::fs::create_dir_all(out).map_err(|why| format!("{}: {why}", out.display()))?;
    let file = out.join(format!("root-{}.json", version.unwrap_or_default()));
    if file.exists() {
        return Err(format!("{} is there already", file.display()).into());
    }
    replace(&file, &document)?;
    tell(&file, &document, before)
}

/// Says how far a root is: who has signed it, what is missing, and once it is whole its fingerprint.
pub(super) fn tell(
    file: &Path,
    document: &Map<String, Value>,
    before: Option<&Proved>,
) -> Result<(), Failure> {
    say::line(&format!("{}", file.display()));
    for key in root::signers(document)? {
        let old = before.is_some_and(|before| before.keys().any(|known| known == key));
        say::line(&format!("    signed by {key}{}", if old { " (a key of the root before)" } else { "" }));
    }
    let whole = Proved::parse(Value::Object(document.clone()).to_string().as_bytes());
    let whole = whole.and_then(|root| before.map_or(Ok(()), |before| root.succeeds(before)).map(|()| root));
    match whole {
        Err(why) => say::line(&format!("    not whole yet: {why}; `testamur trust root sign` adds a key")),
        Ok(root) => {
            let aloud = spoken(&root.fingerprint).unwrap_or_default();
            say::line(&format!(
                "    {} root {}, {} keys sign it",
                root.territory, root.version, root.threshold
            ));
            for one in &root.delegations {
                say::line(&format!("    {} signs lists until {}", one.id, one.not_after));
            }
            say::line(&format!("\nFingerprint, to be read aloud:\n    {aloud}"));
            say::line(&format!(
                "The same for the annex of the agreement:\n    {}\nWhoever believes it runs:\n    testamur trust pin {} --fingerprint {}",
                root.fingerprint, root.id, root.fingerprint
            ));
            if root.version == 1 {
                say::aside(
                    "One signature more would change the fingerprint: tell it only when this is the root you publish.",
                );
            }
        }
    }
    Ok(())
}

/// A root that is whole.
pub(super) fn proved(file: &Path) -> Result<Proved, Failure> {
    Ok(Proved::parse(&read(file, MAX_ROOT)?).map_err(|why| format!("{}: {why}", file.display()))?)
}

/// A root document, signed or not.
pub(super) fn load(file: &Path) -> Result<Map<String, Value>, Failure> {
    match json::parse(&read(file, MAX_ROOT)?).map_err(|why| format!("{}: {why}", file.display()))? {
        Value::Object(document) => Ok(document),
        _ => Err(format!("{}: a JSON object is needed", file.display()).into()),
    }
}

/// Replaces a file whole: a root half-written is no root.
pub(super) fn replace(file: &Path, document: &Map<String, Value>) -> Result<(), Failure> {
    let text = format!("{:#}\n", Value::Object(document.clone()));
    let partial = file.with_extension("json.partial");
    let write = || std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, file));
    Ok(write().map_err(|why| format!("{}: {why}", file.display()))?)
}
