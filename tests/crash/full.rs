//! A disk that takes no more: writes are refused as promised, everything else goes on, and writes come back.
//!
//! `VOLUME` is a mounted volume of some tens of MiB; a file of ours takes what the store leaves of it, then goes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::house::{House, Life};
use super::ledger::{Entry, Ledger};
use super::traffic::{self, Weather};
use super::{judge, kill};

/// How long the clients go on against a full disk.
const FULL_FOR: Duration = Duration::from_secs(3);
/// Writes come back so soon after there is room again.
const BACK_WITHIN: Duration = Duration::from_secs(10);

pub async fn run(binary: &str, folder: &str, volume: &str) -> Vec<String> {
    let house = House::found(binary, folder, &format!("{volume}/data"));
    let ledger = Arc::new(Ledger::default());
    let mut judged = 0;
    for left in [0, 200 << 10, 3 << 20] {
        let mut life = Arc::new(house.start(&[]).await.unwrap());
        let clients = traffic::begin(&life, &ledger, Weather::Full);
        tokio::time::sleep(Duration::from_millis(700)).await;
        let hog = fill(Path::new(volume), left);
        if let Err(fault) = while_full(&life, &ledger).await {
            ledger.fault(format!("{left} bytes left: {fault}"));
        }
        clients.end().await;
        if left > 0 {
            // Ended and started again while the disk is full.
            life.kill();
            life = match house.start(&[]).await {
                Ok(life) => Arc::new(life),
                Err(fault) => {
                    ledger.fault(format!("it does not start on a full disk: {fault}"));
                    break;
                }
            };
            if let Err(fault) = read(&life, &ledger).await {
                ledger.fault(format!("started on a full disk: {fault}"));
            }
        }
        std::fs::remove_file(hog).unwrap();
        match back(&life, &ledger).await {
            Some(after) => println!("{left} bytes left, then none: writes were back after {after:.1?}"),
            None => {
                ledger.fault(format!("{left} bytes left: writes did not come back: {}", house.last_words()))
            }
        }
        judge::after_start(&life, &ledger, judged, 0).await;
        judged = ledger.entries().len();
        life.kill();
    }
    kill::last(&house, &ledger, 0).await;
    let (issued, changed) = ledger.told();
    println!("{issued} credentials and {changed} changes of status acknowledged around three full disks");
    ledger.faults()
}

/// Takes all room of the volume but some.
fn fill(volume: &Path, left: usize) -> PathBuf {
    let path = volume.join("hog");
    let mut file = std::fs::File::create(&path).unwrap();
    let block = vec![7; 64 << 10];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(left as u64)).unwrap();
    path
}

/// Until the first refusal, and for some time after it: what is refused is refused in the right words, what was
/// acknowledged is read and judged as ever.
async fn while_full(life: &Life, ledger: &Ledger) -> Result<(), String> {
    let begun = Instant::now();
    let lost = |error: reqwest::Error| format!("no answer: {error}");
    loop {
        let draft = traffic::draft();
        let answer = life.post("/credentials/issue", draft.body.clone(), draft.key.as_deref()).await;
        let answer = answer.map_err(lost)?;
        match super::ledger::entry(&answer.body, &answer.location) {
            Some(entry) => ledger.issued(entry),
            None if answer.is_problem(507) => break,
            None => {
                return Err(format!("issue: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
            }
        }
        if begun.elapsed() > Duration::from_secs(60) {
            return Err("nothing was refused".to_owned());
        }
    }
    let begun = Instant::now();
    let mut refused = 0;
    while begun.elapsed() < FULL_FOR {
        let ready = life.get("/readyz").await.map_err(lost)?;
        if !ready.is_problem(507) && ready.status != 200 {
            return Err(format!("readyz: {}", ready.status));
        }
        let issued = life.post("/credentials/issue", traffic::draft().body, None).await.map_err(lost)?;
        match issued.status {
            // What the engine finds in its own log may take some more before it is over for good.
            201 => ledger.issued(super::ledger::entry(&issued.body, &issued.location).unwrap()),
            _ if issued.is_problem(507) => refused += 1,
            other => return Err(format!("issue: {other} {}", String::from_utf8_lossy(&issued.body))),
        }
        read(life, ledger).await?;
    }
    if refused == 0 { Err("nothing was refused for long".to_owned()) } else { Ok(()) }
}

/// One of what was acknowledged is read and judged as ever.
async fn read(life: &Life, ledger: &Ledger) -> Result<(), String> {
    let lost = |error: reqwest::Error| format!("no answer: {error}");
    let settled: Vec<Entry> = ledger.entries();
    let known = &settled[super::below(settled.len() as u64) as usize];
    let read = life.get(&format!("/c/{}.json", known.id)).await.map_err(lost)?;
    if !judge::is_same(known, &read) {
        return Err(format!("{} is read with {}", known.id, read.status));
    }
    let wrapped = [b"{\"verifiableCredential\":", read.body.as_slice(), b"}"].concat();
    let verdict = life.post("/credentials/verify", String::from_utf8(wrapped).unwrap(), None).await;
    let verdict = verdict.map_err(lost)?;
    match verdict.json()["state"].as_str() {
        Some("genuine" | "withdrawn") => Ok(()),
        _ => Err(format!("{}: the verdict is {}", known.id, verdict.status)),
    }
}

/// How long it took until a credential was issued again.
async fn back(life: &Life, ledger: &Ledger) -> Option<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < BACK_WITHIN {
        let draft = traffic::draft();
        let answer = life.post("/credentials/issue", draft.body.clone(), draft.key.as_deref()).await.ok()?;
        if let Some(entry) = super::ledger::entry(&answer.body, &answer.location) {
            ledger.issued(entry);
            return Some(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}
