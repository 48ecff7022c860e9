//! For those who run the service: is it alive, can it work, what has it counted, what does it offer.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::problem::{Code, Problem};
use super::state::Web;
use crate::accredit::watch;
use crate::app::App;
use crate::recognise::{self, watch as watched};

/// This interface as OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

/// `GET /healthz`: the process answers.
pub async fn health() -> Json<Value> {
    Json(json!({"status": "alive", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /readyz`: it can do its work.
///
/// # Errors
/// 507 while nothing can be recorded; reading and verifying go on. 503 `log-rolled-back` when a witness has seen more of
/// the log than the store holds.
pub async fn ready(State(web): State<Web>) -> Result<Json<Value>, Problem> {
    web.app.store.writable().await?;
    if let Some(alarm) = web.app.witnesses.alarm() {
        return Err(Problem::inside(Code::LogRolledBack, &alarm));
    }
    Ok(Json(json!({"status": "ready"})))
}

/// `GET /metrics`
pub async fn metrics(State(web): State<Web>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let counted = counted(&web.app).await;
    let text =
        web.meter.text() + &witnesses(&web.app) + &lists(&web.app) + &counted + &recognition(&web.app).await;
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// How the log stands with its witnesses; nothing when nobody is to witness it.
fn witnesses(app: &App) -> String {
    if app.config.transparency.policy.is_none() {
        return String::new();
    }
    let (size, witnessed) = app.witnesses.sizes();
    let alarm = u8::from(app.witnesses.alarm().is_some());
    let mut out = String::new();
    for (name, help, value) in [
        ("testamur_log_leaves", "Leaves of the newest log.", size),
        ("testamur_log_witnessed_leaves", "Leaves of it that a quorum of witnesses has seen.", witnessed),
        (
            "testamur_log_rolled_back",
            "1: a witness has seen more of the log than the store holds.",
            alarm.into(),
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    let name = "testamur_log_witness_failures";
    let _ = writeln!(out, "# HELP {name} How often a witness has failed in a row.\n# TYPE {name} gauge");
    for (witness, standing) in app.witnesses.all() {
        let witness = witness.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "{name}{{witness=\"{witness}\"}} {}", standing.failures);
    }
    out
}

/// How the leaves of logs stand: those of the own log that wait for the authority, and what authorities here count.
async fn counted(app: &App) -> String {
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, rows: Vec<(String, u64)>| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in rows {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    if let (Some(behind), failures) = app.deliveries.standing() {
        let row = |value| vec![(String::new(), value)];
        gauge("testamur_log_undelivered_leaves", "Leaves that the authority has not taken yet.", row(behind));
        gauge("testamur_log_delivery_failures", "How often delivering has failed in a row.", row(failures));
    }
    let (mut differing, mut unaccounted, mut alarms) = (Vec::new(), Vec::new(), Vec::new());
    for member in app.registry.members() {
        let Some(territory) = member.institution.territory() else { continue };
        // A store that cannot be read shows in what is missing.
        let Ok(count) = watch::count(app, &member.institution.slug).await else { continue };
        let labels = format!("{{authority=\"{territory}\"}}");
        differing.push((labels.clone(), count.differing()));
        unaccounted.push((labels.clone(), count.unaccounted()));
        alarms.push((labels, count.alarms().len() as u64));
    }
    if !differing.is_empty() {
        gauge(
            "testamur_authority_cohorts_differing",
            "Cohorts with another number of leaves than graduates.",
            differing,
        );
        gauge(
            "testamur_authority_leaves_unaccounted",
            "Leaves of logs that no college has accounted for.",
            unaccounted,
        );
        gauge("testamur_authority_count_alarms", "Alarms of the count that are on.", alarms);
    }
    out
}

/// The applications that wait for officers, by authority; nothing where there is none.
async fn recognition(app: &App) -> String {
    let mut out = String::new();
    // A store that cannot be read shows in what is missing.
    let Ok(queue) = app.waiting().await else { return out };
    let authorities = recognise::authorities(app);
    let counts: Vec<_> = authorities
        .iter()
        .map(|one| {
            (
                one.institution.territory().unwrap_or_default(),
                watched::due(app, &queue, &one.institution.slug),
            )
        })
        .collect();
    if counts.is_empty() {
        return out;
    }
    for (name, help, of) in [
        ("testamur_recognition_waiting", "Applications that wait for an officer.", 0),
        ("testamur_recognition_due_soon", "Applications whose deadline is near.", 1),
        ("testamur_recognition_overdue", "Applications whose deadline has passed.", 2),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (territory, (waiting, near, overdue)) in &counts {
            let value = [waiting.len(), near.len(), overdue.len()].get(of).copied().unwrap_or_default();
            let _ = writeln!(out, "{name}{{authority=\"{territory}\"}} {value}");
        }
    }
    out
}

/// How old the trust lists are that this service publishes or goes by: seconds until a newer one is due, negative when
/// that is past. One without a list in force is left out, so an alarm is to ask for its absence, too.
fn lists(app: &App) -> String {
    let own = app
        .registry
        .members()
        .into_iter()
        .filter_map(|member| app.registry.own_trust(&member.institution.slug));
    let lists: Vec<_> = own
        .map(|own| ("own", own))
        .chain(app.registry.pinned().into_iter().map(|one| ("pinned", one)))
        .collect();
    if lists.is_empty() {
        return String::new();
    }
    let name = "testamur_trust_list_due_seconds";
    let mut out = format!(
        "# HELP {name} Seconds until a newer trust list is due; negative when it is stale.\n# TYPE {name} gauge\n"
    );
    for (whose, one) in lists {
        let Some(list) = &one.list else { continue };
        let due = app.now().duration_until(list.next_update).as_secs();
        let _ = writeln!(out, "{name}{{territory=\"{}\",whose=\"{whose}\"}} {due}", list.territory);
    }
    out
}

/// `GET /openapi.json`
pub async fn openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, OPENAPI).into_response()
}
