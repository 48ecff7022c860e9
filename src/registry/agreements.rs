//! The agreements kept here and what was done under them, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::{Member, Registry};
use crate::codec::json;
use crate::institution::Slug;
use crate::recognition::{Activity, Agreement, Kind, Registered};
use crate::store::{Change, Filing, Register, Store, StoreError};

/// Most agreements of this service.
pub const MAX_AGREEMENTS: usize = 20_000;
/// Most activities of this service.
pub const MAX_ACTIVITIES: usize = 200_000;
/// How many files are read at a time.
const PAGE: usize = 500;

/// An agreement as the register has it now.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementFile {
    /// Which institution keeps it.
    pub keeper: Slug,
    /// The number of its newest version.
    pub version: u64,
    /// What the rules read: its terms with the history of its states.
    pub terms: Agreement,
    /// The same in the form in which a store of the rules keeps it ([`crate::recognition::Store`]).
    pub document: Value,
    /// Whether every party has signed it, each proof verified here.
    pub signed: bool,
    /// Whether it counts as signed by an instrument on paper.
    pub on_paper: bool,
    /// All that is on record of it.
    pub registered: Registered,
}

/// An activity as the register has it now.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityFile {
    /// Which institution keeps it: the one that keeps the agreement.
    pub keeper: Slug,
    /// The number of its newest version.
    pub version: u64,
    /// What it says.
    pub activity: Activity,
}

/// Every agreement and activity as of one moment.
#[derive(Debug, Default, Clone)]
pub struct Agreements {
    files: BTreeMap<String, Arc<AgreementFile>>,
    activities: BTreeMap<String, Arc<ActivityFile>>,
}

impl Agreements {
    /// Every agreement, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<AgreementFile>> {
        self.files.values()
    }

    /// The agreement of an id.
    pub fn get(&self, id: &str) -> Option<&Arc<AgreementFile>> {
        self.files.get(id)
    }

    /// How many agreements there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Every activity, by id.
    pub fn activities(&self) -> impl Iterator<Item = &Arc<ActivityFile>> {
        self.activities.values()
    }

    /// The activity of an id.
    pub fn activity(&self, id: &str) -> Option<&Arc<ActivityFile>> {
        self.activities.get(id)
    }

    /// How many activities there are.
    pub fn activity_count(&self) -> usize {
        self.activities.len()
    }

    /// The agreements by which an institution may give recognition: those it keeps, and those kept by others here that bear
    /// its own signature and every other party's. Neither drafts nor training contracts.
    pub fn of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Arc<AgreementFile>> {
        let own = &member.institution;
        self.iter().filter(move |file| {
            let party = || file.terms.parties.iter().any(|party| party.id == own.did.as_str());
            file.terms.kind != Kind::TrainingContract
                && !file.registered.history().is_empty()
                && (file.keeper == own.slug || (file.signed && party()))
        })
    }

    /// The agreements and activities of these files, in the order in which they were filed.
    ///
    /// # Errors
    /// A file that does not read.
    pub fn of_files<'a>(filings: impl IntoIterator<Item = &'a Filing>) -> Result<Self, StoreError> {
        let mut read = Self::default();
        for filing in filings {
            read.take(filing)?;
        }
        Ok(read)
    }

    /// Reads what the store holds.
    pub(super) async fn load(store: &dyn Store, institutions: &[Slug]) -> Result<Self, StoreError> {
        let mut read = Self::default();
        for institution in institutions {
            for register in [Register::Agreement, Register::Activity] {
                let mut after = None;
                loop {
                    let page = store.filings(institution, register, after, PAGE).await?;
                    for filing in &page.items {
                        read.take(filing)?;
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(read)
    }

    fn take(&mut self, filing: &Filing) -> Result<(), StoreError> {
        let Some(body) = &filing.body else {
            self.forget(filing.register, &filing.institution, &filing.id);
            return Ok(());
        };
        let damaged = |because: String| {
            let Filing { institution, register, id, version, .. } = filing;
            StoreError::Damaged { key: format!("{register}/{institution}/{id}/{version}"), because }
        };
        let body = json::parse(body).map_err(|why| damaged(why.to_string()))?;
        let (keeper, version) = (filing.institution.clone(), filing.version);
        let first = |problems: Vec<crate::credential::Problem>| {
            damaged(problems.first().map(ToString::to_string).unwrap_or_default())
        };
        match filing.register {
            Register::Agreement => {
                let registered = Registered::read(&body).map_err(first)?;
                let file = AgreementFile {
                    keeper,
                    version,
                    terms: registered.agreement().clone(),
                    document: Value::Object(registered.in_store_form()),
                    signed: registered.is_signed_by_all(),
                    on_paper: registered.is_on_paper(),
                    registered,
                };
                self.files.insert(filing.id.clone(), Arc::new(file));
            }
            Register::Activity => {
                let activity = Activity::read(&body).map_err(first)?;
                self.activities
                    .insert(filing.id.clone(), Arc::new(ActivityFile { keeper, version, activity }));
            }
            Register::Application | Register::Recognised => {}
        }
        Ok(())
    }

    fn forget(&mut self, register: Register, keeper: &Slug, id: &str) {
        match register {
            Register::Agreement if self.files.get(id).is_some_and(|file| file.keeper == *keeper) => {
                self.files.remove(id);
            }
            Register::Activity if self.activities.get(id).is_some_and(|file| file.keeper == *keeper) => {
                self.activities.remove(id);
            }
            _ => {}
        }
    }
}

impl Registry {
    /// The agreements kept here, as of now.
    pub fn agreements(&self) -> Arc<Agreements> {
        self.agreements.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a fact is about an agreement or an activity.
    pub(super) fn is_of_agreements(change: &Change) -> bool {
        let ours = |register| matches!(register, Register::Agreement | Register::Activity);
        match change {
            Change::Filed(filing) => ours(filing.register),
            Change::FilingErased(erasure) => ours(erasure.register),
            _ => false,
        }
    }

    /// Takes over what became of agreements and activities; the caller lets one change happen at a time.
    pub(super) fn agree(&self, changes: &[Change]) -> Result<(), StoreError> {
        if !changes.iter().any(Self::is_of_agreements) {
            return Ok(());
        }
        let mut agreements = Agreements::clone(&self.agreements());
        for change in changes {
            match change {
                Change::Filed(filing) => agreements.take(filing)?,
                Change::FilingErased(erasure) => {
                    agreements.forget(erasure.register, &erasure.institution, &erasure.id);
                }
                _ => {}
            }
        }
        *self.agreements.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(agreements);
        Ok(())
    }
}
