//! Every performance figure of the README as a ratio, measured in one run: `cargo bench --bench ratios`.
//!
//! R is the rate of raw `verify_strict` on one core, S that of raw `sign`; both are measured again beside every figure,
//! so that a noisy machine shifts both sides of a ratio alike.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should stop")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures the time and waits for it")]

mod engine;
#[path = "ratios/http.rs"]
mod http;
#[path = "ratios/process.rs"]
mod process;
#[path = "ratios/service.rs"]
mod service;

// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    println!("testamur {} · {} cores", env!("CARGO_PKG_VERSION"), cores());
    println!("{:<58} {:>10} {:>8} {:>8}", "figure", "measured", "floor", "goal");
    process::run();
    service::run();
}

/// One row: a ratio against its floor and goal.
fn row(what: &str, measured: f64, floor: f64, goal: f64, unit: &str) {
    let (floor, goal) = (format!("{floor:.2}"), format!("{goal:.2}"));
    println!("{what:<58} {:>8.2} {unit} {floor:>8} {goal:>8}", measured);
}

/// One row: a ratio nobody asks for.
fn told(what: &str, measured: f64) {
    println!("{what:<58} {measured:>8.2}");
}

/// One row: something that has to stay below a bound.
fn bound(what: &str, measured: f64, bound: f64, unit: &str) {
    println!("{what:<58} {measured:>8.1} {unit:<3} {:>8} {:>8}", format!("≤ {bound:.0}"), "");
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
