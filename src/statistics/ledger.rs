//! Every cube of a service, filled in the order of facts, and when the public is told.
//!
//! When a release is cut follows from the times of the facts alone. Whoever reads the record again, after a start or on a
//! copy, cuts the same releases, and so tells the same figures, as long as nothing was erased: figures that differ by a
//! restart could be differenced.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::cube::Tally;
use super::definition::{Subject, definitions};

/// How long nothing has to be recorded before a release is cut: what is issued together is told together.
pub const SETTLE: SignedDuration = SignedDuration::from_secs(60);
/// How much longer is waited before a release is shown, so that no fact with an earlier time is still on its way.
const ARRIVING: SignedDuration = SignedDuration::from_secs(5);

/// When releases are cut.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Releases {
    every: SignedDuration,
    /// The time of the newest fact.
    newest: Option<Timestamp>,
    /// The last release.
    last: Option<Timestamp>,
    /// Whether something came since.
    open: bool,
}

impl Releases {
    /// At least `every` apart.
    pub fn new(every: SignedDuration) -> Self {
        Self { every, newest: None, last: None, open: false }
    }

    /// When what came is told, if nothing more comes.
    pub fn due(&self) -> Option<Timestamp> {
        let settled = self.newest.filter(|_| self.open)?.checked_add(SETTLE).ok()?;
        let apart = self.last.and_then(|last| last.checked_add(self.every).ok());
        Some(apart.map_or(settled, |apart| apart.max(settled)))
    }

    /// Between two releases, at least.
    pub fn every(&self) -> SignedDuration {
        self.every
    }

    /// Up to when facts are told.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }
}

/// The cubes of a service, in the order of the definitions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ledger {
    tallies: Vec<Tally>,
    releases: Releases,
}

impl Ledger {
    /// An empty one, with releases at least `every` apart.
    pub fn new(every: SignedDuration) -> Self {
        let tally = |subject: &Subject| Tally::new(subject.dimensions.len(), subject.outer);
        Self { tallies: definitions().subjects.iter().map(tally).collect(), releases: Releases::new(every) }
    }

    /// Counts a fact recorded at `at`, after all that came before; a value for each dimension of the subject. A subject
    /// that is not defined is passed over.
    pub fn count(&mut self, at: Timestamp, subject: &str, values: &[&str]) {
        let Some(tally) = self.at(at, subject) else { return };
        tally.add(values);
        self.releases.newest = self.releases.newest.max(Some(at));
        self.releases.open = true;
    }

    /// Counts a fact on record that the public is not told: of its award it was told another one.
    pub fn note(&mut self, at: Timestamp, subject: &str, values: &[&str]) {
        if let Some(tally) = self.at(at, subject) {
            tally.note(values);
        }
    }

    /// The cube of a subject, once what is due before `at` was cut.
    fn at(&mut self, at: Timestamp, subject: &str) -> Option<&mut Tally> {
        if self.releases.due().is_some_and(|due| due < at) {
            self.cut();
        }
        let place = definitions().subjects.iter().position(|known| known.id == subject)?;
        self.tallies.get_mut(place)
    }

    /// Cuts the release that is due at `now`, when every fact of before has been counted.
    pub fn settle(&mut self, now: Timestamp) {
        let due = self.releases.due().and_then(|due| due.checked_add(ARRIVING).ok());
        if due.is_some_and(|due| due < now) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.releases.last = self.releases.due();
        self.releases.open = false;
        self.tallies.iter_mut().for_each(Tally::release);
    }

    /// The cube of a subject.
    pub fn tally(&self, subject: &str) -> Option<&Tally> {
        let place = definitions().subjects.iter().position(|known| known.id == subject)?;
        self.tallies.get(place)
    }

    /// Whether it has a cube for each subject, each with its dimensions: one that was read may not.
    pub fn is_whole(&self) -> bool {
        let subjects = &definitions().subjects;
        let fits = |(tally, subject): (&Tally, &Subject)| tally.has(subject.dimensions.len(), subject.outer);
        self.tallies.len() == subjects.len() && self.tallies.iter().zip(subjects).all(fits)
    }

    /// When the public is told.
    pub fn releases(&self) -> &Releases {
        &self.releases
    }
}
