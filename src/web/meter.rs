//! What the service counts of itself: numbers only, nothing of a person or an institution.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::verify::State;

/// A group of routes counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Issuing.
    Issue,
    /// Verifying, credentials and presentations.
    Verify,
    /// Changing a status.
    SetStatus,
    /// The pages and documents of credentials.
    Show,
    /// DID documents and status lists.
    Publish,
    /// Resolving DIDs.
    Resolve,
    /// Everything else.
    Other,
}

const FAMILIES: &[(Family, &str)] = &[
    (Family::Issue, "issue"),
    (Family::Verify, "verify"),
    (Family::SetStatus, "set-status"),
    (Family::Show, "show"),
    (Family::Publish, "publish"),
    (Family::Resolve, "resolve"),
    (Family::Other, "other"),
];

const STATES: &[State] =
    &[State::Genuine, State::GenuineBut, State::Withdrawn, State::CouldNotBeChecked, State::NotGenuine];

/// Upper edges of the buckets of durations, microseconds.
const EDGES: [u64; 10] = [250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 3_000_000];

impl Family {
    /// The family of a request path.
    pub fn of(path: &str) -> Self {
        match path {
            super::routes::VERIFY | super::routes::VERIFY_PRESENTATION | super::routes::VERIFY_PAGE => {
                Self::Verify
            }
            super::routes::ISSUE => Self::Issue,
            super::routes::STATUS => Self::SetStatus,
            _ if path.starts_with("/c/") || path.starts_with("/C/") => Self::Show,
            _ if path.starts_with("/institutions/") => Self::Publish,
            _ if path.starts_with("/1.0/identifiers/") => Self::Resolve,
            _ => Self::Other,
        }
    }
}

/// The counters.
#[derive(Default)]
pub struct Meter {
    /// Answers by family and first digit of the status.
    answers: [[AtomicU64; 6]; FAMILIES.len()],
    durations: [Histogram; FAMILIES.len()],
    verdicts: [AtomicU64; STATES.len()],
    /// Turned away: too much from one address.
    pub rate_limited: AtomicU64,
    /// Turned away: too much in all.
    pub overloaded: AtomicU64,
    /// Handlers that panicked.
    pub panics: AtomicU64,
    /// Connections open now.
    pub connections: AtomicU64,
}

#[derive(Default)]
struct Histogram {
    buckets: [AtomicU64; EDGES.len() + 1],
    sum: AtomicU64,
}

impl Meter {
    /// Counts an answer.
    pub fn answered(&self, family: Family, status: u16, took: Duration) {
        let row = family as usize;
        self.answers[row][usize::from(status / 100).min(5)].fetch_add(1, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = EDGES.iter().position(|edge| micros <= *edge).unwrap_or(EDGES.len());
        self.durations[row].buckets[bucket].fetch_add(1, Relaxed);
        self.durations[row].sum.fetch_add(micros, Relaxed);
    }

    /// Counts a verdict.
    pub fn judged(&self, state: State) {
        self.verdicts[state as usize].fetch_add(1, Relaxed);
    }

    /// All of it in the Prometheus text format 0.0.4.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(8 << 10);
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        out.push_str("# HELP testamur_http_answers_total Answers by what was asked and class of status.\n");
        out.push_str("# TYPE testamur_http_answers_total counter\n");
        for (family, name) in FAMILIES {
            for class in 2..=5 {
                let count = read(&self.answers[*family as usize][class]);
                let _ = writeln!(
                    out,
                    "testamur_http_answers_total{{what=\"{name}\",class=\"{class}xx\"}} {count}"
                );
            }
        }
        out.push_str("# HELP testamur_http_seconds Time from request head to answer head.\n");
        out.push_str("# TYPE testamur_http_seconds histogram\n");
        for (family, name) in FAMILIES {
            let histogram = &self.durations[*family as usize];
            let mut count = 0;
            for (edge, bucket) in EDGES.iter().zip(&histogram.buckets) {
                count += read(bucket);
                let edge = *edge as f64 / 1e6;
                let _ =
                    writeln!(out, "testamur_http_seconds_bucket{{what=\"{name}\",le=\"{edge}\"}} {count}");
            }
            count += read(&histogram.buckets[EDGES.len()]);
            let _ = writeln!(out, "testamur_http_seconds_bucket{{what=\"{name}\",le=\"+Inf\"}} {count}");
            let _ = writeln!(
                out,
                "testamur_http_seconds_sum{{what=\"{name}\"}} {}",
                read(&histogram.sum) as f64 / 1e6
            );
            let _ = writeln!(out, "testamur_http_seconds_count{{what=\"{name}\"}} {count}");
        }
        out.push_str(
            "# HELP testamur_verdicts_total Verdicts by state.\n# TYPE testamur_verdicts_total counter\n",
        );
        for state in STATES {
            let count = read(&self.verdicts[*state as usize]);
            let _ = writeln!(out, "testamur_verdicts_total{{state=\"{}\"}} {count}", state.as_str());
        }
        for (name, kind, help, counter) in [
            (
                "testamur_http_rate_limited_total",
                "counter",
                "Turned away: too much from one address.",
                &self.rate_limited,
            ),
            ("testamur_http_overloaded_total", "counter", "Turned away: too much in all.", &self.overloaded),
            ("testamur_http_panics_total", "counter", "Handlers that panicked.", &self.panics),
            ("testamur_http_connections", "gauge", "Connections open now.", &self.connections),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}", read(counter));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_where_their_numbers_say() {
        for (at, (family, _)) in FAMILIES.iter().enumerate() {
            assert_eq!(*family as usize, at);
        }
        for (at, state) in STATES.iter().enumerate() {
            assert_eq!(*state as usize, at);
        }
    }

    #[test]
    fn what_is_counted_is_told() {
        let meter = Meter::default();
        meter.answered(Family::of("/credentials/verify"), 422, Duration::from_micros(300));
        meter.answered(Family::of("/C/X"), 200, Duration::from_secs(9));
        meter.judged(State::NotGenuine);
        let text = meter.text();
        for line in [
            "testamur_http_answers_total{what=\"verify\",class=\"4xx\"} 1",
            "testamur_http_seconds_bucket{what=\"verify\",le=\"0.00025\"} 0",
            "testamur_http_seconds_bucket{what=\"verify\",le=\"0.0005\"} 1",
            "testamur_http_seconds_bucket{what=\"show\",le=\"3\"} 0",
            "testamur_http_seconds_bucket{what=\"show\",le=\"+Inf\"} 1",
            "testamur_verdicts_total{state=\"not-genuine\"} 1",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
