//! Keeps the lists of this service true while it runs: signed anew in time, told of keys that ended, and statuses set on
//! the day a decision takes effect.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{AccreditError, authorities, follow, standing};
use crate::app::App;
use crate::institution::Slug;
use crate::publish::trust::list;

/// How long before its end a list key is spoken of: a root is not signed in a day.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);

/// Looks after every list until the task is dropped.
pub async fn keep_lists(app: Arc<App>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = HashMap::new();
    let mut done = HashSet::new();
    loop {
        tick.tick().await;
        if let Err(error) = follow(&app).await {
            hear(&mut told, "keys", &error.to_string());
        }
        match standing::due_now(&app, &mut done).await {
            Ok(0) => {}
            Ok(changed) => tracing::info!(changed, "accreditations changed their status on the day decided"),
            Err(error) => hear(&mut told, "statuses", &error.to_string()),
        }
        for slug in authorities(&app) {
            if let Some(until) = ending(&app, &slug) {
                let because =
                    format!("its key may sign it until {until} alone: testamur trust root delegate");
                hear(&mut told, &format!("{slug}, list key"), &because);
            }
            match list::renew(&app, &slug).await.map_err(AccreditError::from) {
                Ok(true) => tracing::info!(authority = %slug, "the trust list was signed anew"),
                Ok(false) => {}
                Err(error) => hear(&mut told, slug.as_str(), &error.to_string()),
            }
        }
    }
}

/// When the key of the list in force ends, where that is soon.
fn ending(app: &App, authority: &Slug) -> Option<Timestamp> {
    let own = app.registry.own_trust(authority)?;
    let key = &own.list.as_ref()?.key;
    let until = own.root.delegations.iter().filter(|one| one.key == *key).map(|one| one.not_after).max()?;
    (app.now().duration_until(until) < SOON).then_some(until)
}

/// Every few seconds the same: once is enough to be heard.
fn hear(told: &mut HashMap<String, String>, about: &str, error: &str) {
    if told.insert(about.to_owned(), error.to_owned()).as_deref() != Some(error) {
        tracing::error!(about, error, "a trust list is not as it should be");
    }
}
