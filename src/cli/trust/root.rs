//! `testamur trust root`: an authority's root, made, signed key by key, rotated and published.

mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use url::Url;

use file::{load, proved, replace, sign, tell, write};

use super::super::remote::Remote;
use super::super::{Failure, open, say};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::did::Did;
use crate::issue::operator;
use crate::keyring::{Cost, Passphrase, offline};
use crate::publish;
use crate::trustlist::edit::root::{self, ListKey, NewRoot, Rotation};

/// Make, sign, rotate and publish the root of an authority.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
A root is a document that k of n keys sign. The keys belong on media of their own, in several hands, never on the machine
that serves. It says which keys sign the trust list, and until when; it alone survives a stolen list key.

In one room:            testamur trust root new --territory VN --list-url https://trust.vn.example/trust/VN/list \\
                          --keys 3 --threshold 2 --delegate 'did:web:…#z6Mk…' --out ceremony
The keys never meeting: testamur trust root key --out stick        each holder; tells the others the public key
                        testamur trust root new … --root-key z6Mk… --root-key z6Mk… --root-key z6Mk… --threshold 2 --out .
                        testamur trust root sign root-1.json --key stick/z6Mk….pem      each holder in turn")]
pub(in crate::cli) enum Root {
    /// Make the first root, with its keys or from keys made elsewhere
    New(New),
    /// Make one root key and tell its public half
    Key(Key),
    /// Sign a root with one key more
    Sign(Sign),
    /// Make the next root with a new set of keys; enough of the old and of the new have to sign it
    Rotate(Rotate),
    /// Make the next root with other keys that sign lists, or other dates
    Delegate(Delegate),
    /// Tell what a root says, who has signed it, and its fingerprint
    Show(Show),
    /// Give a root to the service of its authority
    Publish(Publish),
}

/// The passphrase of root keys.
#[derive(Debug, Args)]
struct Locked {
    /// The file whose first line is the passphrase of these keys [default: that of the settings]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// The keys of a new root.
#[derive(Debug, Args)]
struct Keys {
    /// Make so many keys
    #[arg(long, value_name = "N", default_value_t = 0)]
    keys: usize,
    /// A key made elsewhere, by its public half: z6Mk… (repeatable)
    #[arg(long, value_name = "KEY")]
    root_key: Vec<String>,
    /// How many of the keys a root takes
    #[arg(long, value_name = "K")]
    threshold: usize,
}

/// Make the first root.
#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// Two capital letters (ISO 3166-1)
    #[arg(long, value_name = "CC")]
    territory: String,
    /// Where the trust list will be served: PUBLIC-URL/trust/CC/list
    #[arg(long, value_name = "URL")]
    list_url: Url,
    /// The DID the root keys are named under [default: did:web:HOST:trust:CC:root]
    #[arg(long, value_name = "DID")]
    root_did: Option<String>,
    #[command(flatten)]
    keys: Keys,
    /// A key that may sign lists, by its full URL: did:web:…#z6Mk… (repeatable)
    #[arg(long, value_name = "KEY-URL")]
    delegate: Vec<String>,
    /// Until when it may [default: in 400 days]
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// The folder for root-1.json and the keys made here
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    locked: Locked,
}

/// Make one root key.
#[derive(Debug, Args)]
pub(in crate::cli) struct Key {
    /// The folder for it: a medium that leaves the machine
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    locked: Locked,
}

/// Sign a root with one key more.
#[derive(Debug, Args)]
pub(in crate::cli) struct Sign {
    /// The root; the signature is added to it
    file: PathBuf,
    /// The key (repeatable)
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// The root before it, where it is not the first
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    #[command(flatten)]
    locked: Locked,
}

/// Make the next root with a new set of keys.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rotate {
    /// The root in force
    file: PathBuf,
    #[command(flatten)]
    keys: Keys,
    /// A key of the root in force, to sign with (repeatable); others follow by `trust root sign`
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The folder for the next root and the keys made here
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    locked: Locked,
}

/// Make the next root with other list keys.
#[derive(Debug, Args)]
pub(in crate::cli) struct Delegate {
    /// The root in force
    file: PathBuf,
    /// A key that may sign lists, by its full URL; of one that may already the end is changed (repeatable)
    #[arg(long, value_name = "KEY-URL")]
    add: Vec<String>,
    /// Until when it may [default: in 400 days]
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// A key that may not any more: stolen, or replaced (repeatable)
    #[arg(long, value_name = "KEY-URL")]
    revoke: Vec<String>,
    /// A key of the root, to sign with (repeatable); others follow by `trust root sign`
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The folder for the next root
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    locked: Locked,
}

/// Tell what a root says.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The root
    file: PathBuf,
    /// The root before it, where it is not the first
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

/// Give a root to the service.
#[derive(Debug, Args)]
pub(in crate::cli) struct Publish {
    /// The root, signed by enough of its keys
    file: PathBuf,
    #[command(flatten)]
    settings: open::Settings,
    #[command(flatten)]
    remote: Remote,
}

impl Root {
    pub(in crate::cli) async fn run(self) -> Result<ExitCode, Failure> {
        let now = SystemClock.now();
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        match self {
            Self::New(new) => new.run(now)?,
            Self::Key(key) => {
                let (key, path) = offline::make(&key.out, &key.locked.passphrase()?, Cost::STANDARD)?;
                say::line(&key);
                say::aside(&format!("{} holds it; only the line above is for others", path.display()));
            }
            Self::Sign(sign) => sign.run(now)?,
            Self::Rotate(rotate) => rotate.run(now)?,
            Self::Delegate(delegate) => delegate.run(now)?,
            Self::Show(show) => {
                let before = show.before.as_deref().map(proved).transpose()?;
                tell(&show.file, &load(&show.file)?, before.as_ref())?;
            }
            Self::Publish(publish) => publish.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Locked {
    fn passphrase(&self) -> Result<Passphrase, Failure> {
        if let Some(file) = &self.passphrase_file {
            return Ok(Passphrase::from_file(file)?);
        }
        let keys = Config::load(None, std::env::vars())?.keys;
        let secret = keys.passphrase.as_ref().map(|passphrase| passphrase.reveal());
        Ok(Passphrase::from_settings(keys.passphrase_file.as_deref(), secret)?)
    }
}

impl Keys {
    /// Every key of the set, and the files of those made here.
    fn make(&self, out: &Path, passphrase: &Passphrase) -> Result<(Vec<String>, Vec<PathBuf>), Failure> {
        let (mut keys, mut files) = (self.root_key.clone(), Vec::new());
        if self.keys > 32 || self.threshold == 0 || self.threshold > self.keys + keys.len() {
            return Err(
                "--threshold is from 1 to the number of keys (--keys N, --root-key KEY), at most 32".into()
            );
        }
        for key in &keys {
            crate::crypto::PublicKey::from_multikey(key).map_err(|why| format!("--root-key {key}: {why}"))?;
        }
        for _ in 0..self.keys {
            let (key, file) = offline::make(out, passphrase, Cost::STANDARD)?;
            keys.push(key);
            files.push(file);
        }
        Ok((keys, files))
    }
}

impl New {
    fn run(self, now: Timestamp) -> Result<(), Failure> {
        let host = self.list_url.origin().ascii_serialization();
        let host = host.split_once("://").map_or("", |(_, host)| host).replace(':', "%3A");
        let did = self.root_did.unwrap_or_else(|| format!("did:web:{host}:trust:{}:root", self.territory));
        let did = Did::parse(&did)?;
        let passphrase = self.locked.passphrase()?;
        let (keys, files) = self.keys.make(&self.out, &passphrase)?;
        let document = root::first(&NewRoot {
            territory: &self.territory,
            did: &did,
            list_url: &self.list_url,
            keys: &keys,
            threshold: self.keys.threshold,
            delegations: &list_keys(&self.delegate, self.until, now),
            now,
        })?;
        write(&self.out, document, &files, &passphrase, None, now)
    }
}

impl Sign {
    fn run(self, now: Timestamp) -> Result<(), Failure> {
        let mut document = load(&self.file)?;
        let before = self.before.as_deref().map(proved).transpose()?;
        sign(&mut document, &self.key, &self.locked.passphrase()?, now)?;
        // Read before it is written: a signature on something else than a root helps nobody.
        root::signers(&document)?;
        replace(&self.file, &document)?;
        tell(&self.file, &document, before.as_ref())
    }
}

impl Rotate {
    fn run(self, now: Timestamp) -> Result<(), Failure> {
        let before = proved(&self.file)?;
        let passphrase = self.locked.passphrase()?;
        let (keys, mut files) = self.keys.make(&self.out, &passphrase)?;
        let change = Rotation { keys: Some((&keys, self.keys.threshold)), ..Rotation::default() };
        let document = root::next(&before, &change, now)?;
        files.extend(self.key);
        write(&self.out, document, &files, &passphrase, Some(&before), now)
    }
}

impl Delegate {
    fn run(self, now: Timestamp) -> Result<(), Failure> {
        let before = proved(&self.file)?;
        let delegate = list_keys(&self.add, self.until, now);
        let change = Rotation { delegate: &delegate, revoke: &self.revoke, ..Rotation::default() };
        let document = root::next(&before, &change, now)?;
        write(&self.out, document, &self.key, &self.locked.passphrase()?, Some(&before), now)
    }
}

impl Publish {
    async fn run(self) -> Result<(), Failure> {
        let document = load(&self.file)?;
        let territory = if let Some(client) = self.remote.client()? {
            let answer = client.post("/authority/roots", &json!({ "root": document })).await?;
            answer.get("territory").and_then(Value::as_str).unwrap_or_default().to_owned()
        } else {
            let app = open::app(self.settings.load()?).await?;
            publish::trust::root(&app, &operator(app.now()), Value::Object(document)).await?.territory
        };
        say::line(&format!("{}: the root of {territory} is published", self.file.display()));
        Ok(())
    }
}

fn list_keys(ids: &[String], until: Option<Timestamp>, now: Timestamp) -> Vec<ListKey> {
    let until = until.unwrap_or_else(|| now.saturating_add((400 * 24).hours()).unwrap_or(now));
    ids.iter().map(|id| ListKey { id: id.clone(), until }).collect()
}
