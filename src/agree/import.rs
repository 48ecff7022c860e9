//! Files of agreements and activities are taken in: the whole file or nothing of it, and the same file again changes nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{AgreeError, filing, keep, keeper, listed, today};
use crate::access::TokenRecord;
use crate::app::App;
use crate::credential::validity::Day;
use crate::institution::{Institution, Slug};
use crate::recognition::import::{self, Batch, Fault, MAX_FAULTS, Row, Wanted};
use crate::recognition::register::{Entry, Step};
use crate::recognition::{Activity, Registered, State};
use crate::registry::agreements::Agreements;
use crate::store::{Change, Register};

/// What came, or would come, of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Of its agreements.
    pub agreements: Outcome,
    /// Of its activities.
    pub activities: Outcome,
    /// Whether it was only looked at.
    pub dry_run: bool,
}

/// How many rows were what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Not on record before.
    pub new: usize,
    /// On record, and now otherwise.
    pub changed: usize,
    /// On record as they are.
    pub unchanged: usize,
}

impl Imported {
    /// As it is answered.
    pub fn to_json(&self) -> Value {
        let outcome =
            |one: &Outcome| json!({"new": one.new, "changed": one.changed, "unchanged": one.unchanged});
        json!({
            "agreements": outcome(&self.agreements),
            "activities": outcome(&self.activities),
            "dryRun": self.dry_run,
        })
    }
}

/// Takes in a file, JSON or CSV, for the institution named or the only one within reach.
///
/// # Errors
/// [`AgreeError::Faults`]: every row at fault; nothing is taken in then.
pub async fn import(
    app: &App,
    caller: &TokenRecord,
    institution: Option<String>,
    bytes: &[u8],
    dry_run: bool,
) -> Result<Imported, AgreeError> {
    let member = keeper(app, caller, institution.map(Value::from))?;
    let batch = import::parse(bytes).map_err(AgreeError::Faults)?;
    let one_at_a_time = app.agreeing.lock().await;
    let known = app.registry.agreements();
    let today = today(app)?;
    let mut taking = Taking {
        caller,
        institution: &member.institution,
        keeper: &member.institution.slug,
        known: &known,
        imported: Imported { dry_run, ..Imported::default() },
        files: Vec::new(),
        faults: Vec::new(),
    };
    taking.take(&batch, today, app.now());
    if !taking.faults.is_empty() {
        return Err(AgreeError::Faults(taking.faults));
    }
    let Taking { imported, files, .. } = taking;
    if !dry_run && !files.is_empty() {
        let change = |(register, id, version, body): &(Register, String, u64, Value)| -> Change {
            filing(app, caller, &member.institution.slug, (*register, id, *version), body)
        };
        app.commit(files.iter().map(change).collect()).await?;
        drop(one_at_a_time);
        listed::tell(app, &member.institution.slug).await;
    }
    Ok(imported)
}

struct Taking<'a> {
    caller: &'a TokenRecord,
    institution: &'a Institution,
    keeper: &'a Slug,
    known: &'a Agreements,
    imported: Imported,
    files: Vec<(Register, String, u64, Value)>,
    faults: Vec<Fault>,
}

impl Taking<'_> {
    fn take(&mut self, batch: &Batch, today: Day, now: jiff::Timestamp) {
        let mut standing: BTreeMap<&str, bool> = BTreeMap::new();
        for row in &batch.agreements {
            let draft = self.agreement(row, today, now).is_some_and(|next| next.history().is_empty());
            standing.insert(&row.of.draft.agreement().id, draft);
        }
        for row in &batch.activities {
            self.activity(row, &standing);
        }
        let (agreements, activities) = (self.imported.agreements.new, self.imported.activities.new);
        if let Err(full) = keep::room(self.known, self.institution, (agreements, activities)) {
            self.fault("agreements", 0, "", full);
        }
    }

    fn fault(&mut self, list: &'static str, row: usize, column: &str, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            let (column, message) = (column.to_owned(), message.into());
            self.faults.push(Fault { list, row, column, message });
        }
    }

    /// The agreement as it is on record after this row.
    fn agreement(&mut self, row: &Row<Wanted>, today: Day, now: jiff::Timestamp) -> Option<Registered> {
        let Wanted { draft, state } = &row.of;
        let id = draft.agreement().id.as_str();
        let known = self.known.kept_by(self.keeper, id);
        let holder = self.known.holder(self.institution, id).filter(|_| known.is_none());
        if let Err((column, rule)) = keep::terms(self.institution, draft.agreement()) {
            self.fault("agreements", row.row, column, rule);
            return None;
        }
        if !keep::binds(self.caller, self.institution, draft.agreement()) {
            self.fault("agreements", row.row, "kind", AgreeError::NotAuthority.to_string());
            return None;
        }
        if let Some(holder) = holder {
            let rule = format!("{holder} has filed an agreement of this id: give yours another");
            self.fault("agreements", row.row, "agreementId", rule);
            return None;
        }
        let same = known.is_some_and(|known| known.registered.terms() == draft.terms());
        let on_record = known.filter(|_| same).map(|known| known.registered.clone());
        if known.is_some_and(|known| !known.registered.history().is_empty()) && !same {
            let rule = "it is on record with other terms and signed: file another that supersedes it";
            self.fault("agreements", row.row, "agreementId", rule);
            return None;
        }
        let mut next = on_record.unwrap_or_else(|| draft.clone());
        if *state != State::Draft && next.history().is_empty() {
            let signed_on = draft.terms().get("signedOn").and_then(Value::as_str);
            let since = signed_on.and_then(|day| Day::parse(day).ok()).unwrap_or(today);
            let entry = Entry { state: State::Signed, since, recorded_at: now, reason: None };
            match next.followed(Step { entry, by: None }) {
                Ok(signed) => next = signed,
                Err(problem) => {
                    self.fault("agreements", row.row, "signedOn", problem.message);
                    return None;
                }
            }
        }
        if *state == State::InForce && draft.agreement().from > today {
            let rule = "its first day is to come: it is signed, and in force from then on";
            self.fault("agreements", row.row, "state", rule);
            return None;
        }
        let outcome = &mut self.imported.agreements;
        let version = match known {
            Some(known) if known.registered == next => {
                outcome.unchanged += 1;
                return Some(next);
            }
            Some(known) => {
                outcome.changed += 1;
                known.version + 1
            }
            None => {
                outcome.new += 1;
                1
            }
        };
        self.files.push((Register::Agreement, id.to_owned(), version, next.to_value()));
        Some(next)
    }

    fn activity(&mut self, row: &Row<Activity>, standing: &BTreeMap<&str, bool>) {
        let activity = &row.of;
        let on_record = self.known.kept_by(self.keeper, &activity.agreement);
        let in_file = standing.get(activity.agreement.as_str()).copied();
        match in_file.or_else(|| on_record.map(|file| file.registered.history().is_empty())) {
            Some(false) => {}
            Some(true) => {
                self.fault("activities", row.row, "agreementId", "nothing is done under a draft");
                return;
            }
            None => {
                self.fault(
                    "activities",
                    row.row,
                    "agreementId",
                    "no such agreement is on record or in the file",
                );
                return;
            }
        }
        let outcome = &mut self.imported.activities;
        let version = match self.known.activity(self.keeper, &activity.id) {
            Some(known) if known.activity.agreement != activity.agreement => {
                self.fault(
                    "activities",
                    row.row,
                    "activityId",
                    "an activity under another agreement has this id",
                );
                return;
            }
            Some(known) if known.activity == *activity => {
                outcome.unchanged += 1;
                return;
            }
            Some(known) => {
                outcome.changed += 1;
                known.version + 1
            }
            None => {
                outcome.new += 1;
                1
            }
        };
        self.files.push((Register::Activity, activity.id.clone(), version, activity.to_value()));
    }
}
