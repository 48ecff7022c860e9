//! The registers' files, in the model.

use std::collections::BTreeMap;

use crate::institution::Slug;
use crate::store::filings::File;
use crate::store::{Conflict, Cursor, Filing, FilingErasure, Page, Register};

/// Every file, with its versions from the first on.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<(Slug, Register, String), (File, Vec<Filing>)>);

impl Files {
    pub fn file(&mut self, filing: Filing, cursor: u64) -> Result<(), Conflict> {
        let key = (filing.institution.clone(), filing.register, filing.id.clone());
        let file = filing.follow(self.0.get(&key).map(|(file, _)| file), cursor)?;
        let (known, versions) = self.0.entry(key).or_insert_with(|| (file.clone(), Vec::new()));
        *known = file;
        versions.push(filing);
        Ok(())
    }

    pub fn erase(&mut self, erasure: &FilingErasure) -> Result<(), Conflict> {
        let key = (erasure.institution.clone(), erasure.register, erasure.id.clone());
        let file = erasure.follow(self.0.get(&key).map(|(file, _)| file))?;
        if let Some((known, versions)) = self.0.get_mut(&key) {
            *known = file;
            versions.iter_mut().for_each(|filing| filing.body = None);
        }
        Ok(())
    }

    pub fn get(&self, slug: &Slug, register: Register, id: &str, version: Option<u64>) -> Option<Filing> {
        let (file, versions) = self.0.get(&(slug.clone(), register, id.to_owned()))?;
        let number = version.unwrap_or(file.newest);
        versions.iter().find(|filing| filing.version == number).cloned()
    }

    pub fn erasure(&self, slug: &Slug, register: Register, id: &str) -> Option<FilingErasure> {
        self.0.get(&(slug.clone(), register, id.to_owned()))?.0.erased.clone()
    }

    pub fn page(&self, slug: &Slug, register: Register, after: Option<Cursor>, limit: usize) -> Page<Filing> {
        let of = self.0.iter().filter(|((of, kind, _), _)| of == slug && *kind == register);
        let mut found: Vec<_> = of.map(|(_, file)| file).collect();
        found.retain(|(file, _)| after.is_none_or(|after| file.first > after.0));
        found.sort_by_key(|(file, _)| file.first);
        let more = found.len() > limit.max(1);
        found.truncate(limit.max(1));
        let next = found.last().filter(|_| more).map(|(file, _)| Cursor(file.first));
        Page { items: found.into_iter().filter_map(|(_, versions)| versions.last().cloned()).collect(), next }
    }
}
