//! The whole service as its own process: processor time of a verification, durable issues, memory, start.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testamur::store::{Change, open};

use super::engine::{self, scratch};
use super::http::{Connection, request};
use super::process::raw_verify_seconds;

const BINARY: &str = env!("CARGO_BIN_EXE_testamur");
/// Requests per figure of processor time.
const REQUESTS: u32 = 4_000;
/// Clients that issue at once.
const CLIENTS: usize = 64;
/// The threads they share.
const CLIENT_THREADS: usize = 2;
/// How long they issue, each time.
const ISSUING: Duration = Duration::from_secs(3);
/// Records that the store alone is given, each time.
const ISSUES: u64 = 15_000;
/// How often service and store take turns.
const TURNS: usize = 5;

/// A service that ends with its owner.
struct Service {
    child: Child,
    address: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn start(command: &[&str], data: &Path) -> (Self, Duration) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let started = Instant::now();
        let child = Command::new(BINARY)
            .args(command)
            .args(["--listen", &address, "--data", data.to_str().unwrap()])
            .current_dir(data)
            .env("TESTAMUR_LIMITS_RATE", "0")
            .env("TESTAMUR_LIMITS_CONCURRENCY", "1000")
            .env("TESTAMUR_KEYS_PASSPHRASE_FILE", data.join("passphrase"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let service = Self { child, address };
        loop {
            if let Ok(mut connection) = Connection::open(&service.address) {
                let (status, _) = connection.send(&request("GET", "/healthz", None, b""));
                assert_eq!(status, 200);
                return (service, started.elapsed());
            }
            assert!(started.elapsed() < Duration::from_secs(60), "the service does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Seconds of processor time so far, all threads.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks / 100.0
    }

    fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir_in(scratch()).unwrap();
    let file = folder.path().join("passphrase");
    std::fs::write(&file, "benchmark").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    folder
}

fn issued(service: &Service, token: &str, suite: &str) -> Vec<u8> {
    let draft: Value = serde_json::from_str(include_str!("../../src/cli/demo/diploma-vn.json")).unwrap();
    let body = json!({"credential": draft, "options": {"cryptosuite": suite, "institution": "vn-college"}});
    let mut connection = Connection::open(&service.address).unwrap();
    let (status, body) =
        connection.send(&request("POST", "/credentials/issue", Some(token), body.to_string().as_bytes()));
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    body
}

pub fn run() {
    let empty = folder();
    let (service, first_answer) = Service::start(&["serve"], empty.path());
    std::thread::sleep(Duration::from_secs(2));
    super::bound("idle memory, empty store", service.resident_mb(), 40.0, "MB");
    super::bound("start to first answer, empty store", first_answer.as_secs_f64() * 1e3, 50.0, "ms");
    drop(service);

    let data = folder();
    let (service, _) = Service::start(&["demo"], data.path());
    let token = std::fs::read_to_string(data.path().join("demo-token")).unwrap().trim().to_owned();
    for (suite, floor, goal) in [("eddsa-jcs-2022", 0.30, 0.35), ("eddsa-rdfc-2022", 0.18, 0.25)] {
        let body = issued(&service, &token, suite);
        let verify = request("POST", "/credentials/verify", None, &body);
        let measured = cpu_ratio(&service, &verify);
        super::row(&format!("verify {suite} over HTTP, processor time"), measured, floor, goal, "R");
    }
    let body = issued(&service, &token, "eddsa-rdfc-2022");
    half_load(&service, &request("POST", "/credentials/verify", None, &body));
    drop(service);

    issuing();
}

/// R by the processor time the service spends on one request.
fn cpu_ratio(service: &Service, request: &[u8]) -> f64 {
    let mut ratios: Vec<f64> = (0..5)
        .map(|_| {
            let raw = raw_verify_seconds();
            let before = service.cpu();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let mut connection = Connection::open(&service.address).unwrap();
                        for _ in 0..REQUESTS / 4 {
                            let (status, body) = connection.send(request);
                            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                        }
                    });
                }
            });
            raw / ((service.cpu() - before) / f64::from(REQUESTS))
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

/// The slowest of a hundred answers while half of what the service can do is asked of it.
fn half_load(service: &Service, request: &[u8]) {
    let mut connection = Connection::open(&service.address).unwrap();
    let start = Instant::now();
    for _ in 0..500 {
        connection.send(request);
    }
    let one = start.elapsed() / 500;
    let mut times: Vec<Duration> = (0..2_000)
        .map(|_| {
            let asked = Instant::now();
            let (status, _) = connection.send(request);
            assert_eq!(status, 200);
            let took = asked.elapsed();
            std::thread::sleep(one);
            took
        })
        .collect();
    times.sort();
    super::bound("verify over HTTP at half load, p99", times[1_980].as_secs_f64() * 1e3, 10.0, "ms");
}

/// Durable issues of many clients, as a share of what the engine alone makes durable: the two take turns, and the
/// median of the shares counts.
fn issuing() {
    let mut turns: Vec<(f64, f64)> = (0..TURNS).map(|_| (service_rate(), store_rate(ISSUES))).collect();
    turns.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (rate, store) = turns[TURNS / 2];
    let sled = engine::raw(4096);
    println!("{:<58} {rate:>8.0} /s", "durable issues over HTTP, 64 clients");
    println!("{:<58} {store:>8.0} /s", "durable records of the store alone, 64 writers");
    println!("{:<58} {sled:>8.0} /s", "sled alone, one row of 4 KB a record, flushed and synced");
    super::row("durable issues, share of the store's own rate", rate / store, 0.3, 0.4, " ");
    super::told("  its lowest and", turns[0].0 / turns[0].1);
    super::told("  its highest", turns[TURNS - 1].0 / turns[TURNS - 1].1);
    super::told("durable issues, share of sled's with nothing of ours", rate / sled);
}

/// Durable issues a second of many clients.
fn service_rate() -> f64 {
    let data = folder();
    let (service, _) = Service::start(&["demo"], data.path());
    let token = std::fs::read_to_string(data.path().join("demo-token")).unwrap().trim().to_owned();
    let draft: Value = serde_json::from_str(include_str!("../../src/cli/demo/diploma-vn.json")).unwrap();
    let body = json!({"credential": draft, "options": {"institution": "vn-college"}}).to_string();
    let issue = request("POST", "/credentials/issue", Some(&token), body.as_bytes());
    let issued = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        // Each client waits for its answer before it asks again. A thread for each would cost the service, on the
        // same cores, a good part of what is to be measured.
        for _ in 0..CLIENT_THREADS {
            scope.spawn(|| {
                let open = || Connection::open(&service.address).unwrap();
                let mut clients: Vec<_> = (0..CLIENTS / CLIENT_THREADS).map(|_| open()).collect();
                clients.iter_mut().for_each(|client| client.ask(&issue));
                let mut more = true;
                while more {
                    more = start.elapsed() < ISSUING;
                    for client in &mut clients {
                        let (status, body) = client.answer();
                        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                        issued.fetch_add(1, Ordering::Relaxed);
                        if more {
                            client.ask(&issue);
                        }
                    }
                }
            });
        }
    });
    issued.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

/// Records a second of the store alone.
fn store_rate(records: u64) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::Builder::new().prefix("bench-engine").tempdir_in(scratch()).unwrap();
    let store = open(folder.path().to_str().unwrap(), [7; 32]).unwrap();
    runtime.block_on(store.commit(vec![Change::InstitutionFounded(engine::institution())])).unwrap();
    let records: Vec<_> = (0..records).map(|number| engine::record(number, engine::body(number))).collect();
    let count = records.len() as f64;
    count / runtime.block_on(engine::issue(&store, records)).as_secs_f64()
}
