//! The agreements kept here and what was done under them, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::{Member, Registry};
use crate::codec::json;
use crate::institution::{Institution, Slug};
use crate::recognition::{Activity, Agreement, Kind, Registered};
use crate::store::{Change, Filing, Register, Store, StoreError};

/// Most agreements of this service.
pub const MAX_AGREEMENTS: usize = 20_000;
/// Most activities of this service.
pub const MAX_ACTIVITIES: usize = 200_000;
/// Most agreements that one college keeps: none fills the register for the others.
pub const MAX_OF_COLLEGE: usize = 1_000;
/// Most activities that one college keeps.
pub const MAX_ACTIVITIES_OF_COLLEGE: usize = 10_000;
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
    /// By id those of each keeper: an authority first, which holds the id then.
    files: BTreeMap<String, Vec<(Rank, Arc<AgreementFile>)>>,
    activities: BTreeMap<Slug, Arc<Activities>>,
}

/// Whose an id is where several have filed it: an authority's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Authority,
    College,
}

/// What one keeper has of activities.
#[derive(Debug, Default, Clone)]
struct Activities {
    by_id: BTreeMap<String, Arc<ActivityFile>>,
    /// Under each agreement, by id.
    under: BTreeMap<String, Arc<BTreeMap<String, Arc<ActivityFile>>>>,
}

impl Activities {
    fn put(&mut self, file: ActivityFile) {
        self.remove(&file.activity.id.clone());
        let (id, file) = (file.activity.id.clone(), Arc::new(file));
        let under = self.under.entry(file.activity.agreement.clone()).or_default();
        Arc::make_mut(under).insert(id.clone(), file.clone());
        self.by_id.insert(id, file);
    }

    fn remove(&mut self, id: &str) {
        let Some(file) = self.by_id.remove(id) else { return };
        if let Some(under) = self.under.get_mut(&file.activity.agreement) {
            Arc::make_mut(under).remove(id);
        }
    }
}

impl Agreements {
    /// Every agreement, by id: of each id the one that holds it.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<AgreementFile>> {
        self.files.values().filter_map(|each| Some(&each.first()?.1))
    }

    /// The agreement of an id: an authority's, where several institutions have filed it.
    pub fn get(&self, id: &str) -> Option<&Arc<AgreementFile>> {
        self.each(id).next()
    }

    /// The agreements of an id, one a keeper; the one that holds it first.
    pub fn each(&self, id: &str) -> impl Iterator<Item = &Arc<AgreementFile>> {
        self.files.get(id).into_iter().flatten().map(|(_, file)| file)
    }

    /// The agreement of an id that an institution keeps.
    pub fn kept_by(&self, keeper: &Slug, id: &str) -> Option<&Arc<AgreementFile>> {
        self.each(id).find(|file| file.keeper == *keeper)
    }

    /// Who stands in the way of an institution that files a new agreement under this id. An authority takes precedence over
    /// colleges: what they filed under the id stays theirs, and is told after its own.
    pub fn holder(&self, keeper: &Institution, id: &str) -> Option<&Slug> {
        let rank = Rank::of(keeper);
        let each = self.files.get(id).into_iter().flatten();
        let others = each.filter(|(_, file)| file.keeper != keeper.slug);
        others.filter(|(other, _)| *other <= rank).map(|(_, file)| &file.keeper).next()
    }

    /// How many ids of agreements there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// How many agreements an institution keeps.
    pub fn count_of(&self, keeper: &Slug) -> usize {
        self.files.values().flatten().filter(|(_, file)| file.keeper == *keeper).count()
    }

    /// Every activity, by keeper and id.
    pub fn activities(&self) -> impl Iterator<Item = &Arc<ActivityFile>> {
        self.activities.values().flat_map(|each| each.by_id.values())
    }

    /// What is done under an agreement, by id.
    pub fn under(&self, file: &AgreementFile) -> impl Iterator<Item = &Arc<ActivityFile>> {
        let own = self.activities.get(&file.keeper).and_then(|each| each.under.get(&file.terms.id));
        own.into_iter().flat_map(|each| each.values())
    }

    /// The activity of an id that an institution keeps.
    pub fn activity(&self, keeper: &Slug, id: &str) -> Option<&Arc<ActivityFile>> {
        self.activities.get(keeper)?.by_id.get(id)
    }

    /// How many activities there are.
    pub fn activity_count(&self) -> usize {
        self.activities.values().map(|each| each.by_id.len()).sum()
    }

    /// How many activities an institution keeps.
    pub fn activity_count_of(&self, keeper: &Slug) -> usize {
        self.activities.get(keeper).map_or(0, |each| each.by_id.len())
    }

    /// The agreements by which an institution may give recognition: those it keeps, and those kept by others here that bear
    /// its own signature and every other party's. Neither drafts nor training contracts.
    pub fn of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Arc<AgreementFile>> {
        let own = &member.institution;
        self.files.values().flatten().map(|(_, file)| file).filter(move |file| {
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
            read.take(filing, Rank::College)?;
        }
        Ok(read)
    }

    /// Reads what the store holds.
    pub(super) async fn load<'a>(
        store: &dyn Store,
        institutions: impl IntoIterator<Item = &'a Institution>,
    ) -> Result<Self, StoreError> {
        let mut read = Self::default();
        for record in institutions {
            let (institution, rank) = (&record.slug, Rank::of(record));
            for register in [Register::Agreement, Register::Activity] {
                let mut after = None;
                loop {
                    let page = store.filings(institution, register, after, PAGE).await?;
                    for filing in &page.items {
                        read.take(filing, rank)?;
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

    fn take(&mut self, filing: &Filing, rank: Rank) -> Result<(), StoreError> {
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
                let each = self.files.entry(filing.id.clone()).or_default();
                each.retain(|(_, other)| other.keeper != file.keeper);
                each.push((rank, Arc::new(file)));
                each.sort_by(|(one, file), (other, of)| (one, &file.keeper).cmp(&(other, &of.keeper)));
            }
            Register::Activity => {
                let activity = Activity::read(&body).map_err(first)?;
                let own = self.activities.entry(keeper.clone()).or_default();
                Arc::make_mut(own).put(ActivityFile { keeper, version, activity });
            }
            Register::Application | Register::Recognised | Register::Number => {}
        }
        Ok(())
    }

    fn forget(&mut self, register: Register, keeper: &Slug, id: &str) {
        match register {
            Register::Agreement => {
                if let Some(each) = self.files.get_mut(id) {
                    each.retain(|(_, file)| file.keeper != *keeper);
                    if each.is_empty() {
                        self.files.remove(id);
                    }
                }
            }
            Register::Activity => {
                if let Some(own) = self.activities.get_mut(keeper) {
                    Arc::make_mut(own).remove(id);
                }
            }
            Register::Application | Register::Recognised | Register::Number => {}
        }
    }
}

impl Rank {
    fn of(institution: &Institution) -> Self {
        if institution.territory().is_some() { Self::Authority } else { Self::College }
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
                Change::Filed(filing) => {
                    let keeper = self.member(&filing.institution);
                    let rank = keeper.map_or(Rank::College, |member| Rank::of(&member.institution));
                    agreements.take(filing, rank)?;
                }
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
