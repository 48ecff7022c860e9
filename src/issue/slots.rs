//! Status slots of a credential to be: taken at random, given back when nothing was recorded.

use serde_json::{Map, Value};

use super::{IssueError, random};
use crate::app::App;
use crate::institution::{Institution, Slug};
use crate::status::entry;
use crate::store::{ListKey, Purpose, Slot};

/// Slots in our lists, held until they are recorded or dropped.
pub(super) struct Held<'a> {
    app: &'a App,
    slots: Vec<(ListKey, u32)>,
    recorded: bool,
}

impl<'a> Held<'a> {
    /// A fresh slot for each purpose.
    pub(super) fn take(
        app: &'a App,
        institution: &Institution,
        purposes: &[Purpose],
    ) -> Result<Self, IssueError> {
        let mut held = Self { app, slots: Vec::with_capacity(purposes.len()), recorded: false };
        let chance: [u8; 256] = random()?;
        let mut numbers =
            chance.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        for purpose in purposes {
            let slot =
                app.registry.take_slot(&institution.slug, *purpose, || numbers.next().unwrap_or_default());
            held.slots.push(slot);
        }
        Ok(held)
    }

    /// The slots that a prepared draft was given earlier, by its own status entries; `None` when no entry is in a
    /// list of this service. Entries of ours that were not given to a draft of this institution are refused: they
    /// would share a bit with somebody else's credential.
    pub(super) fn claim(
        app: &'a App,
        slug: &Slug,
        draft: &Map<String, Value>,
    ) -> Option<Result<Self, IssueError>> {
        let entries = entry::entries(draft);
        let mut slots = Vec::new();
        for entry in entries.iter().flatten() {
            if let (Some(key), Ok(index)) = (app.urls.list_of(&entry.list), u32::try_from(entry.index)) {
                slots.push((key, index));
            }
        }
        if slots.is_empty() {
            return None;
        }
        let given =
            |(key, index): &(ListKey, u32)| key.institution == *slug && app.registry.is_reserved(key, *index);
        if slots.len() == entries.len() && slots.iter().all(given) {
            Some(Ok(Self { app, slots, recorded: false }))
        } else {
            Some(Err(IssueError::NotPrepared))
        }
    }

    /// The status entries that name the slots.
    pub(super) fn entries(&self) -> Vec<Value> {
        let build =
            |(key, index): &(ListKey, u32)| entry::build(&self.app.urls.list(key), key.purpose, *index);
        self.slots.iter().map(build).collect()
    }

    /// The slots as they are recorded.
    pub(super) fn records(&self) -> Vec<Slot> {
        self.slots
            .iter()
            .map(|(key, index)| Slot { purpose: key.purpose, list: key.list, index: *index })
            .collect()
    }

    /// They are taken for good: by the credential just recorded, or by somebody else.
    pub(super) fn keep(mut self) {
        self.recorded = true;
        for (key, index) in &self.slots {
            self.app.registry.unreserve(key, *index);
        }
    }

    /// They stay taken for a draft that will come back.
    pub(super) fn reserve(mut self) {
        self.recorded = true;
        for (key, index) in &self.slots {
            self.app.registry.reserve(key, *index);
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.recorded {
            for (key, index) in &self.slots {
                // A reserved slot stays with its draft: the caller may mend it and come again.
                if !self.app.registry.is_reserved(key, *index) {
                    self.app.registry.release_slot(key, *index);
                }
            }
        }
    }
}
