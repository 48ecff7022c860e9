//! What the store does by itself: durable commits, reads, openings, and how much room a credential takes.
//!
//! `cargo bench --bench store`; `-- RECORDS` writes more than the default 20,000. The first line is the figure that
//! others are measured against: records a second that 64 waiting writers get acknowledged, each with a 4 KB body.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

mod engine;

use std::path::Path;
use std::time::{Duration, Instant};

use engine::{WRITERS, body, id, institution, issue, raw, record, scratch, slug};
use testamur::store::{Change, ListKey, Purpose, StatusEvent, open};

fn main() {
    let records = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(20_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::Builder::new().prefix("bench-store").tempdir_in(scratch()).unwrap();

    let started = Instant::now();
    let store = open(folder.path().to_str().unwrap(), [7; 32]).unwrap();
    let opened_empty = started.elapsed();
    runtime.block_on(store.commit(vec![Change::InstitutionFounded(institution())])).unwrap();

    let written: Vec<_> = (0..records).map(|number| record(number, body(number))).collect();
    let sizes = written.iter().flat_map(|record| &record.body).map(Vec::len);
    let size = sizes.sum::<usize>() as u64 / records;
    let before = cpu();
    let elapsed = runtime.block_on(issue(&store, written));
    let per_second = records as f64 / elapsed.as_secs_f64();
    println!(
        "store.durable_records_per_second {per_second:.0}   ({WRITERS} writers, bodies of {size} bytes, {records} records)"
    );
    println!("store.cpu_microseconds_per_record {:.0}", (cpu() - before).as_micros() as f64 / records as f64);

    let started = Instant::now();
    for number in 0..200 {
        let event = StatusEvent {
            credential: id(number),
            purpose: Purpose::Revocation,
            value: true,
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: "bench".to_owned(),
            reason: "measured".to_owned(),
            successor: None,
        };
        runtime.block_on(store.commit(vec![Change::StatusSet { event, expect: false }])).unwrap();
    }
    println!("store.lone_commit_microseconds {}", started.elapsed().as_micros() / 200);

    let started = Instant::now();
    for number in 0..2000 {
        let number = number * 7919 % records;
        assert!(runtime.block_on(store.credential(id(number))).unwrap().unwrap().body.is_some());
    }
    println!("store.read_microseconds {}", started.elapsed().as_micros() / 2000);

    let key = ListKey { institution: slug(), purpose: Purpose::Revocation, list: 1, mirror: false };
    let started = Instant::now();
    let state = runtime.block_on(store.list(&key)).unwrap();
    println!("store.list_milliseconds {}   ({} slots)", started.elapsed().as_millis(), state.taken.len());

    let started = Instant::now();
    assert_eq!(runtime.block_on(store.check(&|_, _| {})), Ok(vec![]));
    println!("store.check_microseconds_per_record {}", started.elapsed().as_micros() as u64 / records);
    println!("store.disk_bytes_per_record {}", room(folder.path()) / records);

    drop(store);
    for name in ["after_writing", "again"] {
        let started = Instant::now();
        let store = open(folder.path().to_str().unwrap(), [7; 32]).unwrap();
        println!("store.open_milliseconds_{name} {}", started.elapsed().as_millis());
        drop(store);
    }
    println!("store.open_milliseconds_empty {:.1}", opened_empty.as_secs_f64() * 1000.0);
    println!(
        "store.raw_engine_records_per_second {:.0}   (sled alone: batches of 64 values of {size} bytes, flushed and synced)",
        raw(size as usize)
    );
}

fn room(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.metadata().unwrap() {
            data if data.is_dir() => room(&entry.path()),
            data => data.len(),
        })
        .sum()
}

/// Processor time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(12).unwrap_or(&0) + fields.get(13).unwrap_or(&0);
    Duration::from_millis(ticks * 10)
}
