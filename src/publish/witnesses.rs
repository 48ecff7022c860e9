//! Takes the log's newest checkpoint to its witnesses (C2SP tlog-witness), and keeps it once a quorum has cosigned.
//!
//! Nothing waits for them: the log grows meanwhile. But whoever signs on top of a store that is older than what its
//! witnesses have seen forks the log, so they are asked before the first growth after a start.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;

use super::log::LogError;
use super::proof;
use crate::app::{App, RolledBack};
use crate::log::note::{Signature, signature_lines};
use crate::log::policy::{Policy, Witness};
use crate::log::witness::AddCheckpoint;
use crate::log::{SignedCheckpoint, VerifierKey, cosign, merkle};
use crate::resolve::fetch::Answered;
use crate::store::{Change, Conflict, LogState, StoreError};

/// The clock of a witness may differ this much from ours.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// The longest answer read, in bytes: some dozens of signature lines.
const MAX_ANSWER: usize = 16 * 1024;

/// A witness that fails is asked again after this time, then after twice as long, up to the longest.
const SOON: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(300);

/// Whoever asks the witnesses.
pub struct Collector {
    app: Arc<App>,
    policy: Policy,
    /// By log and witness.
    known: HashMap<(String, VerifierName), Known>,
    /// The newest checkpoint of each log, with the cosignatures there are.
    gathered: HashMap<String, SignedCheckpoint>,
    /// Logs whose witnesses were asked once since the start.
    looked: Vec<String>,
    /// Whether it was said that the policy can not be met.
    told: bool,
}

type VerifierName = (String, u32);

#[derive(Default, Clone, Copy)]
struct Known {
    /// The size it cosigned last, as far as we know.
    size: u64,
    failures: u32,
    not_before: Option<Instant>,
}

/// What a witness answered.
enum Said {
    /// A good cosignature, made at that time.
    Cosigned(Signature, Timestamp),
    /// It knows another tree.
    RolledBack(u64),
    /// The log has grown meanwhile, and another has told the witness.
    Overtaken(u64),
    /// Nothing of use.
    Trouble(String),
}

impl Collector {
    /// One that asks the witnesses of the settings; `None` when there are none.
    pub fn new(app: Arc<App>) -> Option<Collector> {
        let policy = app.config.transparency.policy.clone()?;
        for witness in policy.witnesses().iter().filter(|witness| witness.url.is_none()) {
            tracing::warn!(witness = %witness.key.name(), "a witness without an address is not asked");
        }
        let (known, gathered, looked) = (HashMap::new(), HashMap::new(), Vec::new());
        Some(Collector { app, policy, known, gathered, looked, told: false })
    }

    /// Asks, once, whoever has not cosigned the newest checkpoint yet. Says whether one still lacks its quorum.
    pub async fn round(&mut self) -> Result<bool, LogError> {
        let mut waiting = false;
        let logs = self.app.store.logs().await?;
        // The last checkpoint of the year before may wait for a witness that was down at New Year.
        for log in logs.iter().rev().take(2) {
            waiting |= !self.gather(log).await?;
        }
        if let Some(log) = logs.last() {
            let witnessed = self.is_witnessed(log).await?;
            let (_, before) = self.app.witnesses.sizes();
            self.app.witnesses.grown(log.size, if witnessed { log.size } else { before.min(log.size) });
        }
        Ok(waiting)
    }

    async fn is_witnessed(&self, log: &LogState) -> Result<bool, StoreError> {
        Ok(self.app.store.log_witnessed(log.year, log.size.saturating_sub(1)).await?.is_some())
    }

    /// Asks about one log; says whether a quorum has cosigned its newest checkpoint.
    async fn gather(&mut self, log: &LogState) -> Result<bool, LogError> {
        let checkpoint = SignedCheckpoint::parse(&log.checkpoint)?;
        let origin = checkpoint.claimed().origin.clone();
        if self.app.config.transparency.closed.contains(&origin) {
            return Ok(true);
        }
        let witnessed = self.is_witnessed(log).await?;
        if witnessed && self.looked.contains(&origin) && self.app.witnesses.alarm_of(&origin).is_none() {
            return Ok(true);
        }
        let gathered = self.gathered.get(&origin).filter(|old| old.note().text() == checkpoint.note().text());
        let mut gathered = gathered.unwrap_or(&checkpoint).clone();
        let now = Instant::now();
        let due: Vec<&Witness> = self
            .policy
            .witnesses()
            .iter()
            .filter(|witness| {
                let known = self.known.get(&(origin.clone(), name_of(&witness.key)));
                let waits = known.and_then(|known| known.not_before).is_some_and(|at| at > now);
                !waits && gathered.note().by(&witness.key).next().is_none()
            })
            .collect();
        let asked = join_all(due.iter().map(|witness| {
            let known = self.known.get(&(origin.clone(), name_of(&witness.key)));
            ask(&self.app, witness, &checkpoint, log.year, known.map_or(0, |known| known.size))
        }))
        .await;
        let due: Vec<VerifierKey> = due.into_iter().map(|witness| witness.key.clone()).collect();
        for (key, said) in due.iter().zip(asked) {
            if let Some(line) = self.hear(&origin, key, log.size, said?) {
                gathered.add(line);
            }
        }
        if !self.looked.contains(&origin) {
            self.looked.push(origin.clone());
        }
        let enough = witnessed || self.keep(log, &gathered).await?;
        self.gathered.insert(origin, gathered);
        Ok(enough)
    }

    /// Takes to heart what a witness said; its cosignature, when that is what it said.
    fn hear(&mut self, origin: &str, key: &VerifierKey, size: u64, said: Option<Said>) -> Option<Signature> {
        let known = self.known.entry((origin.to_owned(), name_of(key))).or_default();
        let name = key.name().as_str();
        let mut told = false;
        let trouble = match said? {
            Said::Cosigned(line, at) => {
                *known = Known { size, ..Known::default() };
                self.app.witnesses.cosigned(name, origin, at);
                return Some(line);
            }
            Said::Overtaken(size) => {
                known.size = size;
                return None;
            }
            Said::RolledBack(known) => {
                let alarm =
                    RolledBack { witness: name.to_owned(), origin: origin.to_owned(), known, ours: size };
                let why = alarm.to_string();
                if self.app.witnesses.rolled_back(alarm) {
                    tracing::error!("ROLLED BACK: {why}");
                }
                told = true;
                why
            }
            Said::Trouble(why) => why,
        };
        let known = self.known.entry((origin.to_owned(), name_of(key))).or_default();
        let wait = SOON.saturating_mul(1 << known.failures.min(10)).min(LONGEST);
        known.failures = known.failures.saturating_add(1);
        known.not_before = Some(Instant::now() + wait);
        if self.app.witnesses.failed(name, trouble.clone()) == 1 && !told {
            tracing::warn!(witness = name, because = trouble, "a witness does not cosign; it is asked again");
        }
        None
    }

    /// Records the checkpoint when a quorum has cosigned it.
    async fn keep(&mut self, log: &LogState, gathered: &SignedCheckpoint) -> Result<bool, LogError> {
        let key = log.key.parse().map_err(|error| LogError::Origin(log.key.clone(), error))?;
        let latest = self.app.now() + LEEWAY;
        let policy = self.policy.with_log(key);
        if let Err(error) = policy.judge(gathered, |_, at| at <= latest) {
            let cosigned = |witness: &Witness| gathered.note().by(&witness.key).next().is_some();
            if !self.told && policy.witnesses().iter().all(cosigned) {
                self.told = true;
                tracing::warn!(%error, "every witness has cosigned, and still [transparency] policy is not met");
            }
            return Ok(false);
        }
        let checkpoint = gathered.to_string().into_bytes();
        let change = Change::LogWitnessed { year: log.year, size: log.size, checkpoint };
        match self.app.commit(vec![change]).await {
            // Another publisher was faster: the first one stays.
            Ok(_) | Err(StoreError::Conflict(Conflict::LogMoved)) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Asks every witness whether it has seen anything of a log that is about to begin: `empty` states its tree without
/// leaves. A store restored from before New Year would begin it a second time.
pub(super) async fn ask_before_beginning(
    app: &App,
    empty: &SignedCheckpoint,
    year: i16,
) -> Result<(), LogError> {
    let Some(policy) = &app.config.transparency.policy else { return Ok(()) };
    let origin = empty.claimed().origin.as_str();
    let asked = join_all(policy.witnesses().iter().map(|witness| ask(app, witness, empty, year, 0))).await;
    for (witness, said) in policy.witnesses().iter().zip(asked) {
        if let Some(Said::RolledBack(known)) = said? {
            let name = witness.key.name().to_string();
            let alarm = RolledBack { witness: name, origin: origin.to_owned(), known, ours: 0 };
            app.witnesses.rolled_back(alarm.clone());
            return Err(LogError::RolledBack(alarm));
        }
    }
    Ok(())
}

/// Asks a witness to cosign a checkpoint of the log of a year, which it is thought to have seen at `old` leaves. `None`
/// for one without an address.
async fn ask(
    app: &App,
    witness: &Witness,
    checkpoint: &SignedCheckpoint,
    year: i16,
    old: u64,
) -> Result<Option<Said>, LogError> {
    let Some(url) = &witness.url else { return Ok(None) };
    let trouble = |why: String| Ok(Some(Said::Trouble(why)));
    let Ok(url) = Url::parse(&format!("{}/add-checkpoint", url.trim_end_matches('/'))) else {
        return trouble(format!("{url:?} is no address"));
    };
    let size = checkpoint.claimed().size;
    let mut old = old.min(size);
    for again in [false, true] {
        let ranges = merkle::consistency(old, size).map_err(|error| proof::damaged(year, &error))?;
        let proof = proof::hashes(app.store.as_ref(), year, &ranges, size).await?;
        let request = AddCheckpoint { old, proof, checkpoint: checkpoint.clone() };
        let name = witness.key.name().as_str();
        let answer = app.fetcher.post(name, &url, request.to_string(), MAX_ANSWER).await;
        let known = match answer {
            Err(error) => return trouble(error.to_string()),
            Ok(Answered { status: 200, body, .. }) => {
                let line = cosignature(&body, checkpoint, &witness.key, app.now());
                return Ok(Some(line.map_or_else(Said::Trouble, |(line, at)| Said::Cosigned(line, at))));
            }
            Ok(answer) if answer.status == 409 && answer.kind == KNOWN_SIZE => known_size(&answer.body),
            // Its tree of the size it knows is not a beginning of ours.
            Ok(answer) if answer.status == 422 && old > 0 => return Ok(Some(Said::RolledBack(old))),
            Ok(answer) if answer.status == 404 => {
                return trouble(
                    "it does not know this log: its operator has to add the log's key".to_owned(),
                );
            }
            Ok(answer) => return trouble(format!("it answers {}", answer.status)),
        };
        match known {
            None => return trouble("it answers 409 without a size".to_owned()),
            Some(known) if known > size => {
                // Unless another publisher has taken it further.
                let logs = app.store.logs().await?;
                let ours = logs.iter().find(|log| log.year == year).map_or(0, |log| log.size);
                return Ok(Some(if known > ours { Said::RolledBack(known) } else { Said::Overtaken(known) }));
            }
            Some(known) if known == old && old == size && size > 0 => {
                return Ok(Some(Said::RolledBack(known)));
            }
            Some(known) if known == old || again => {
                return trouble("it contradicts itself about the size it knows".to_owned());
            }
            Some(known) => old = known,
        }
    }
    Ok(None)
}

/// The content type of a 409.
const KNOWN_SIZE: &str = "text/x.tlog.size";

fn known_size(body: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(body).ok()?.strip_suffix('\n')?;
    let plain = digits.len() <= 19 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The cosignature in an answer: by the key of the witness, over this checkpoint, made now.
fn cosignature(
    body: &[u8],
    checkpoint: &SignedCheckpoint,
    key: &VerifierKey,
    now: Timestamp,
) -> Result<(Signature, Timestamp), String> {
    let text = str::from_utf8(body).map_err(|_| "its answer is no text".to_owned())?;
    let lines = signature_lines(text).map_err(|error| error.to_string())?;
    // Lines of keys we do not know are passed over; of several of its own the first counts.
    let own = lines.into_iter().find(|line| line.name == *key.name() && line.id == key.id());
    let own = own.ok_or("its answer holds no cosignature by its key: has it another one now?")?;
    let mut cosigned = checkpoint.clone();
    cosigned.add(own.clone());
    let times = cosign::times(&cosigned, key).map_err(|error| error.to_string())?;
    let at = times.first().copied().ok_or("there is no room for its cosignature")?;
    if at.duration_since(now).abs() > LEEWAY {
        return Err(format!("its clock says {at}"));
    }
    Ok((own, at))
}

fn name_of(key: &VerifierKey) -> VerifierName {
    (key.name().to_string(), key.id())
}
