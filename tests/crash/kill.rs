//! kill -9 of the whole service at random moments, while clients issue and change statuses.

use std::sync::Arc;
use std::time::Duration;

use super::house::House;
use super::ledger::Ledger;
use super::traffic::{self, Weather};
use super::{below, judge};

/// The service is to answer again within 2 s, which is said; on a machine with much else to do, after so long.
const START: Duration = Duration::from_secs(10);
/// After so many rounds the whole ledger is read back, and the store is checked at rest.
const EVERY: u64 = 50;
/// How many older credentials are read back after each kill, besides those of the last life.
const SAMPLE: usize = 100;

pub async fn run(binary: &str, folder: &str, rounds: u64) -> Vec<String> {
    let house = House::found(binary, folder, &format!("{folder}/data"));
    let ledger = Arc::new(Ledger::default());
    let mut starts = Vec::new();
    let mut judged = 0;
    for round in 1..=rounds {
        if below(6) == 0 {
            // Killed while it opens what the kill before left.
            let (mut child, _) = house.spawn(&[]);
            tokio::time::sleep(Duration::from_millis(below(250))).await;
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let life = match house.start(&[]).await {
            Ok(life) => Arc::new(life),
            Err(fault) => {
                ledger.fault(format!("round {round}: it does not start again: {fault}"));
                break;
            }
        };
        starts.push(life.started_in);
        let before = ledger.faults().len();
        let sample = if round % EVERY == 0 { usize::MAX } else { SAMPLE };
        judge::after_start(&life, &ledger, judged, sample).await;
        judged = ledger.entries().len();
        let clients = traffic::begin(&life, &ledger, Weather::Fair);
        let milliseconds = below(600);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        life.kill();
        clients.end().await;
        if ledger.faults().len() > before {
            ledger.fault(format!("… in round {round}, then killed after {milliseconds} ms"));
        }
        if round % EVERY == 0 {
            last(&house, &ledger, judged).await;
            eprintln!("{round} rounds, {:?} acknowledged", ledger.told());
        }
    }
    last(&house, &ledger, 0).await;
    starts.sort();
    let (median, slowest) = (starts[starts.len() / 2], starts[starts.len() - 1]);
    if slowest > START {
        ledger.fault(format!("a start took {slowest:.2?}"));
    }
    if house.panics() > 0 {
        ledger.fault(format!("{} panics: {}", house.panics(), house.last_words()));
    }
    let (issued, changed) = ledger.told();
    println!(
        "killed {} times; {issued} credentials and {changed} changes of status acknowledged",
        starts.len()
    );
    let slow = starts.iter().filter(|start| start.as_secs() >= 2).count();
    println!("start after a kill: median {median:.2?}, slowest {slowest:.2?}, {slow} of them over 2 s");
    ledger.faults()
}

/// Starts once more, reads back, settles, kills, and checks the store at rest.
pub async fn last(house: &House, ledger: &Ledger, newest_from: usize) {
    match house.start(&[]).await {
        Ok(life) => {
            judge::after_start(&life, ledger, newest_from, 0).await;
            life.kill();
        }
        Err(fault) => ledger.fault(format!("it does not start again: {fault}")),
    }
    judge::at_rest(house, ledger);
}
