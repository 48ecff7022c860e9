//! Failing system calls: one call of the service fails, or kills it, and what was acknowledged stands all the same.
//!
//! strace counts the calls of each thread for itself: `when=N` is the Nth of every thread that comes so far.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::house::House;
use super::ledger::Ledger;
use super::traffic::{self, Weather};
use super::{below, judge, kill};

/// The calls by which the store and what is published reach the disk.
const CALLS: [&str; 9] = [
    "openat",
    "rename,renameat,renameat2",
    "fsync,fdatasync",
    "sync_file_range",
    "write",
    "pwrite64",
    READ,
    "ftruncate,fallocate",
    "unlink,unlinkat",
];
/// sled takes what it cannot read at opening for torn, and writes over it: the store reads the same bytes before, so that
/// a disk that fails is met with nothing at stake. A fault that is over in between cannot be met that way, so reads
/// fail either all at once or, one here and there, in a service that has opened its store.
const READ: &str = "pread64";
const BLOWS: [&str; 4] = ["error=EIO", "error=ENOSPC", "signal=SIGKILL", "error=EIO+"];
/// Which call is hit. The first ones are those of the opening, later ones those of the work.
const WHEN: [u64; 12] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 400];

pub async fn run(binary: &str, folder: &str, seconds: u64) -> Vec<String> {
    let house = House::found(binary, folder, &format!("{folder}/data"));
    let ledger = Arc::new(Ledger::default());
    let begun = Instant::now();
    let (mut tried, mut started, mut fell, mut refused, mut judged) = (0, 0, 0, 0, 0);
    // Every call with every blow in turn, at a place drawn at random.
    let mut cases: Vec<(&str, &str)> =
        CALLS.iter().flat_map(|call| BLOWS.iter().map(move |blow| (*call, *blow))).collect();
    while begun.elapsed() < Duration::from_secs(seconds) {
        if tried % cases.len() == 0 {
            for place in (1..cases.len()).rev() {
                cases.swap(place, below(place as u64 + 1) as usize);
            }
        }
        let (call, blow) = cases[tried % cases.len()];
        let when = WHEN[below(WHEN.len() as u64) as usize] + below(3);
        tried += 1;
        let (blow, on) = blow.strip_suffix('+').map_or((blow, ""), |blow| (blow, "+"));
        let when = if call == READ && on == "+" { 1 } else { when };
        let injected = format!("inject={call}:{blow}:when={when}{on}");
        let before = ledger.faults().len();
        let mut strace: Vec<String> = ["strace", "-f", "-qqq", "-o", "/dev/null"].map(str::to_owned).to_vec();
        let filter =
            ["-e", "signal=none", "-e", &format!("trace={call}"), "-e", &injected].map(str::to_owned);
        strace.extend(filter);
        let late = call == READ && blow.starts_with("error") && (on.is_empty() || below(2) == 0);
        let mut tracer = None;
        let life = if late {
            let life = house.start(&[]).await;
            if let Ok(life) = &life {
                let attached = Command::new("strace")
                    .args(&strace[1..])
                    .args(["-p", &life.process().to_string()])
                    .spawn();
                tracer = Some(attached.unwrap());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            life
        } else {
            strace.insert(1, "-D".to_owned()); // the service itself is our child
            house.start(&strace).await
        };
        // It may refuse to start; what is on record is judged below.
        if let Ok(life) = life {
            started += 1;
            let life = Arc::new(life);
            let clients = traffic::begin(&life, &ledger, Weather::Foul);
            tokio::time::sleep(Duration::from_millis(500)).await;
            refused += usize::from(life.get("/readyz").await.is_ok_and(|answer| answer.is_problem(507)));
            fell += usize::from(life.get("/healthz").await.is_err());
            life.kill();
            clients.end().await;
        }
        if let Some(mut tracer) = tracer {
            tracer.wait().unwrap();
        }
        match house.start(&[]).await {
            Ok(life) => {
                judge::after_start(&life, &ledger, judged, 50).await;
                judged = ledger.entries().len();
                life.kill();
            }
            Err(fault) => ledger.fault(format!("it does not start again: {fault}")),
        }
        judge::at_rest(&house, &ledger);
        if ledger.faults().len() > before {
            ledger.fault(format!("… after {injected}"));
            break;
        }
    }
    kill::last(&house, &ledger, 0).await;
    let (issued, changed) = ledger.told();
    println!(
        "{tried} blows ({} of {} kinds): {started} met a running service, {fell} ended it, {refused} left it refusing writes",
        tried.min(cases.len()),
        cases.len()
    );
    println!(
        "{issued} credentials and {changed} changes of status acknowledged, {} panics inside",
        house.panics()
    );
    ledger.faults()
}
