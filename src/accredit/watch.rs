//! Looks at the logs that authorities here watch, adds up what was delivered, and raises the alarm.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::authorities;
use super::delivery::{self, Watched};
use crate::app::App;
use crate::count::{Count, Stand};
use crate::institution::Slug;
use crate::registry::Member;
use crate::store::{Behind, Change, Conflict, StoreError};

/// Between two looks at every log.
const LOOK: Duration = Duration::from_secs(60);

/// How much is read in one go.
const PAGE: usize = 256;

/// The count of an authority now.
///
/// # Errors
/// The store.
pub async fn count(app: &App, authority: &Slug) -> Result<Count, StoreError> {
    let mut counts = app.counts.lock().await;
    let held = counts.entry(authority.clone()).or_default();
    let logs = app.store.counted_logs(authority).await?;
    for log in &logs {
        loop {
            let from = held.tally.next(&log.origin);
            let page = app.store.deliveries(authority, &log.origin, from, PAGE).await?;
            page.iter().for_each(|delivery| held.tally.deliver(delivery));
            if page.len() < PAGE || held.tally.next(&log.origin) == from {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    loop {
        let page = app.store.cohorts(authority, held.cohorts, PAGE).await?;
        page.items.iter().for_each(|(_, cohort)| held.tally.announce(cohort));
        held.cohorts = page.items.last().map(|(at, _)| *at).or(held.cohorts);
        if page.next.is_none() {
            break;
        }
    }
    let mut stands: Vec<Stand> = logs
        .into_iter()
        .map(|log| Stand {
            size: held.sizes.get(&log.origin).copied(),
            origin: log.origin,
            behind: log.behind,
        })
        .collect();
    for watched in delivery::watched(app).into_iter().filter(|one| one.authority == *authority) {
        let origin = watched.origin();
        if !stands.iter().any(|stand| stand.origin == origin) {
            let size = held.sizes.get(origin).copied();
            stands.push(Stand { origin: origin.to_owned(), size, behind: None });
        }
    }
    Ok(held.tally.count(&stands, app.now(), app.config.authority.count_grace))
}

/// The count of an authority as a program reads it.
pub fn figures(member: &Member, count: &Count) -> Value {
    let mut told = count.to_json();
    if let Some(told) = told.as_object_mut() {
        told.insert("authority".to_owned(), json!(member.institution.territory()));
        told.insert("unaccounted".to_owned(), json!(count.unaccounted()));
        told.insert("differing".to_owned(), json!(count.differing()));
    }
    told
}

/// Looks at each log once: which it is longer than what is accounted for goes on record.
///
/// # Errors
/// The store; a log that does not answer is told in the log lines alone.
pub async fn look(app: &App, told: &mut HashSet<String>) -> Result<(), StoreError> {
    for watched in delivery::watched(app) {
        let origin = watched.origin().to_owned();
        match watched.size(app).await {
            Ok(size) => {
                told.remove(&origin);
                seen(app, &watched, size).await?;
            }
            Err(error) => {
                if told.insert(origin.clone()) {
                    tracing::warn!(log = origin, %error, "a log that is counted cannot be read; it is looked at again");
                }
            }
        }
    }
    Ok(())
}

async fn seen(app: &App, watched: &Watched, size: u64) -> Result<(), StoreError> {
    let origin = watched.origin().to_owned();
    let (authority, now) = (watched.authority.clone(), app.now());
    {
        let mut counts = app.counts.lock().await;
        let known = counts.entry(authority.clone()).or_default().sizes.entry(origin.clone()).or_default();
        *known = size.max(*known);
    }
    let logs = app.store.counted_logs(&authority).await?;
    let known = logs.iter().find(|log| log.origin == origin);
    let on_record = known.is_some_and(|log| log.behind.is_some());
    if on_record || size <= known.map_or(0, |log| log.next) {
        return Ok(());
    }
    let behind = Behind { size, since: now };
    match app.commit(vec![Change::LogSeen { authority, origin, behind }]).await {
        // A delivery was faster.
        Ok(_) | Err(StoreError::Conflict(Conflict::CountMoved)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Looks at every log and counts, until the task is dropped; an alarm that begins is told once.
pub async fn keep_counting(app: Arc<App>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut silent, mut alarmed) = (HashSet::new(), HashSet::new());
    loop {
        tick.tick().await;
        if let Err(error) = look(&app, &mut silent).await {
            tracing::error!(%error, "the logs cannot be counted");
        }
        for slug in authorities(&app) {
            match count(&app, &slug).await {
                Ok(count) => raise(&slug, &count, &mut alarmed),
                Err(error) => tracing::error!(authority = %slug, %error, "the leaves cannot be counted"),
            }
        }
    }
}

/// Tells each alarm that was not on before.
fn raise(authority: &Slug, count: &Count, alarmed: &mut HashSet<(Slug, String)>) {
    let on = count.alarms();
    let key = |about: &str| (authority.clone(), about.to_owned());
    for alarm in on.iter().filter(|alarm| !alarmed.contains(&key(&alarm.about))) {
        tracing::error!(%authority, "THE COUNT DIFFERS: {}", alarm.told);
    }
    alarmed.retain(|(slug, _)| slug != authority);
    alarmed.extend(on.iter().map(|alarm| key(&alarm.about)));
}
