//! The real service under blows: killed, on a full disk, with failing system calls; and how long it takes to start.
//!
//! The driver of tests/stages/60-crash-service. `crash_service kill BINARY FOLDER ROUNDS` · `full BINARY FOLDER VOLUME`
//! · `inject BINARY FOLDER SECONDS` · `million BINARY FOLDER RECORDS`. Several clients issue, suspend, restore and
//! revoke over HTTP; what was acknowledged is kept in a ledger and held against what the service answers afterwards.
//! Exit 0 when nothing acknowledged is lost or changed.
#![expect(clippy::unwrap_used, reason = "a test driver that cannot go on should stop")]

mod full;
mod house;
mod inject;
mod judge;
mod kill;
mod ledger;
mod million;
mod traffic;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    // Already installed is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let faults = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["kill", binary, folder, rounds] => kill::run(binary, folder, rounds.parse().unwrap()).await,
        ["full", binary, folder, volume] => full::run(binary, folder, volume).await,
        ["inject", binary, folder, seconds] => inject::run(binary, folder, seconds.parse().unwrap()).await,
        ["million", binary, folder, records] => million::run(binary, folder, records.parse().unwrap()).await,
        _ => {
            eprintln!(
                "usage: crash_service kill BINARY FOLDER ROUNDS | full BINARY FOLDER VOLUME \
                 | inject BINARY FOLDER SECONDS | million BINARY FOLDER RECORDS"
            );
            return ExitCode::from(2);
        }
    };
    for fault in faults.iter().take(40) {
        println!("FAULT {fault}");
    }
    println!("{} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A number below `end`.
fn below(end: u64) -> u64 {
    u64::from_be_bytes(random()) % end
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
