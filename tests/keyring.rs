//! The keyring on a real folder: modes, passphrases, damage, and what other tools read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use testamur::crypto::PublicKey;
use testamur::institution::Slug;
use testamur::keyring::{Cost, Keyring, KeyringError, Passphrase};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn open(dir: &Path) -> Result<Keyring, KeyringError> {
    Keyring::open(dir, passphrase("đúng mật khẩu")).map(|keyring| keyring.with_cost(Cost::LIGHT))
}

fn hanoi() -> Slug {
    Slug::parse("cd-ha-noi").unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A keyring with one key: its folder, the key, the key's file.
fn one_key() -> (TempDir, String, PathBuf) {
    let folder = TempDir::new().unwrap();
    let key = open(folder.path()).unwrap().create(&hanoi()).unwrap();
    let file = folder.path().join("cd-ha-noi").join(format!("{key}.pem"));
    (folder, key, file)
}

#[test]
fn a_new_key_signs_now_and_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("deep/keys");
    let keyring = open(&dir).unwrap();
    assert!(keyring.list().unwrap().is_empty());
    let key = keyring.create(&hanoi()).unwrap();
    let method = format!("did:web:a.example#{key}");
    let signature = keyring.signer(&method, &key).unwrap().sign(b"message").unwrap();

    let again = open(&dir).unwrap();
    let signer = again.signer(&method, &key).unwrap();
    assert_eq!((signer.key_id(), signer.sign(b"message").unwrap()), (method.as_str(), signature.clone()));
    assert!(PublicKey::from_multikey(&key).unwrap().verify(b"message", &signature).is_ok());
    let listed = again.list().unwrap();
    assert_eq!((listed.len(), listed[0].slug.as_str(), &listed[0].key), (1, "cd-ha-noi", &key));
    assert_eq!((mode(&dir), mode(&dir.join("cd-ha-noi")), mode(&listed[0].path)), (0o700, 0o700, 0o600));
    assert_eq!(fs::read_dir(dir.join("cd-ha-noi")).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn a_key_made_by_another_process_is_found() {
    let (folder, _, _) = one_key();
    let (service, command) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
    let key = command.create(&hanoi()).unwrap();
    assert!(service.signer("did:web:a.example#k", &key).is_ok());
    let error = service.signer("did:web:a.example#k", "z6Mkmissing").err().unwrap();
    assert!(matches!(&error, KeyringError::Missing { key, .. } if key == "z6Mkmissing"), "{error}");
}

#[test]
fn the_store_key_is_made_once() {
    let folder = TempDir::new().unwrap();
    let keyring = open(folder.path()).unwrap();
    assert!(
        matches!(keyring.store_key(), Err(KeyringError::NoStoreKey(path)) if path.ends_with("store.key"))
    );
    let key = keyring.new_store_key().unwrap();
    assert_eq!(key, keyring.new_store_key().unwrap());
    assert_eq!(
        (key.clone(), key.clone()),
        (keyring.store_key().unwrap(), open(folder.path()).unwrap().store_key().unwrap())
    );
    assert_eq!(mode(&folder.path().join("store.key")), 0o600);
    assert!(key.iter().any(|byte| *byte != 0) && keyring.list().unwrap().is_empty());
}

#[test]
fn what_others_can_read_is_refused_with_the_remedy() {
    let (folder, _, file) = one_key();
    let refused = |path: &Path, wide: u32, right: u32| {
        chmod(path, wide);
        let error = open(folder.path()).unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, KeyringError::Permissions { mode, wanted, .. } if mode == wide && wanted == right),
            "{text}"
        );
        assert!(text.contains(&format!("chmod {right:o} {}", path.display())), "{text}");
        chmod(path, right);
        open(folder.path()).unwrap();
    };
    for wide in [0o640, 0o604, 0o660, 0o644] {
        refused(&file, wide, 0o600);
    }
    refused(file.parent().unwrap(), 0o750, 0o700);
    refused(folder.path(), 0o777, 0o700);
    open(folder.path()).unwrap().new_store_key().unwrap();
    refused(&folder.path().join("store.key"), 0o644, 0o600);
    // A checkout's folder may be seen by others: what matters lies deeper.
    chmod(folder.path(), 0o755);
    open(folder.path()).unwrap();
}

#[test]
fn a_wrong_passphrase_is_refused_at_start_and_not_repeated() {
    let (folder, _, file) = one_key();
    let error = Keyring::open(folder.path(), passphrase("hunter2")).unwrap_err();
    assert!(matches!(&error, KeyringError::WrongPassphrase(path) if *path == file));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    open(folder.path()).unwrap().new_store_key().unwrap();
    let error = Keyring::open(folder.path(), passphrase("hunter2")).unwrap_err();
    assert!(matches!(error, KeyringError::WrongPassphrase(path) if path.ends_with("store.key")));
}

#[test]
fn damage_is_noticed() {
    let (folder, key, file) = one_key();
    let keyring = open(folder.path()).unwrap();
    keyring.new_store_key().unwrap();
    for path in [file, folder.path().join("store.key")] {
        let good = fs::read(&path).unwrap();
        let body = good.iter().position(|b| *b == b'\n').unwrap()..good.len();
        for at in body.step_by(7) {
            let mut bad = good.clone();
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            fs::write(&path, &bad).unwrap();
            let fresh = open(folder.path());
            let signed = fresh.as_ref().map(|keyring| {
                keyring.signer("did:web:a.example#k", &key).is_ok() && keyring.store_key().is_ok()
            });
            assert!(!matches!(signed, Ok(true)), "a change at byte {at} of {} went unseen", path.display());
        }
        fs::write(&path, &good).unwrap();
        open(folder.path()).unwrap();
    }
}

#[test]
fn a_passphrase_comes_from_a_file_or_the_settings() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("passphrase");
    fs::write(&file, "đúng mật khẩu\r\nsecond line\n").unwrap();
    chmod(&file, 0o644);
    assert!(matches!(Passphrase::from_file(&file), Err(KeyringError::Permissions { wanted: 0o600, .. })));
    chmod(&file, 0o600);
    let (dir, _, _) = one_key();
    Keyring::open(dir.path(), Passphrase::from_settings(Some(&file), None).unwrap()).unwrap();
    fs::write(&file, "\n").unwrap();
    assert!(matches!(Passphrase::from_file(&file), Err(KeyringError::EmptyPassphrase(Some(_)))));
    assert!(matches!(Passphrase::from_settings(None, None), Err(KeyringError::NoPassphrase)));
    assert!(matches!(Passphrase::from_settings(None, Some("")), Err(KeyringError::EmptyPassphrase(None))));
    assert_eq!(format!("{:?}", passphrase("secret")), "Passphrase(..)");
}

#[test]
fn openssl_reads_the_keys() {
    let Ok(version) = Command::new("openssl").arg("version").output() else {
        eprintln!("skipped: openssl is not installed");
        return;
    };
    assert!(version.status.success());
    let folder = TempDir::new().unwrap();
    for cost in [Cost::LIGHT, Cost::STANDARD] {
        let keyring = Keyring::open(folder.path(), passphrase("đúng mật khẩu")).unwrap().with_cost(cost);
        let key = keyring.create(&hanoi()).unwrap();
        let file = folder.path().join("cd-ha-noi").join(format!("{key}.pem"));
        let openssl = |passphrase: &str| {
            let mut command = Command::new("openssl");
            command.args([
                "pkey",
                "-pubout",
                "-outform",
                "DER",
                "-passin",
                &format!("pass:{passphrase}"),
                "-in",
            ]);
            command.arg(&file).output().unwrap()
        };
        let read = openssl("đúng mật khẩu");
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let multikey = testamur::codec::multibase::decode(&key, 34).unwrap();
        assert!(read.stdout.ends_with(&multikey[2..]), "openssl reads another public key");
        assert!(!openssl("hunter2").status.success());
    }
}

#[test]
fn a_witness_has_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = open(folder.path()).unwrap().witness_key().unwrap();
    assert_eq!(key, open(folder.path()).unwrap().witness_key().unwrap());
    assert!(open(folder.path()).unwrap().list().unwrap().is_empty());
    let text = std::fs::read_to_string(folder.path().join("witness.key")).unwrap();
    assert!(text.starts_with("The key that cosigns the logs of others. Check: "));
}

#[test]
fn a_log_key_is_made_once_a_year() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = open(folder.path()).unwrap();
    assert!(
        matches!(keyring.log_key(2026), Err(KeyringError::NoLogKey(path)) if path.ends_with("log-2026.key"))
    );
    let key = keyring.new_log_key(2026).unwrap();
    assert_eq!(key, keyring.new_log_key(2026).unwrap());
    assert_ne!(key, keyring.new_log_key(2027).unwrap());
    assert_eq!(key, open(folder.path()).unwrap().log_key(2026).unwrap());
    assert_eq!(keyring.list().unwrap(), vec![]);
    let path = folder.path().join("log-2026.key");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("The key that signs the log of 2026. Check: "));
    std::fs::write(&path, text.replacen("Check: z", "Check: zz", 1)).unwrap();
    assert!(matches!(open(folder.path()).unwrap().log_key(2026), Err(KeyringError::Damaged(_))));
}
