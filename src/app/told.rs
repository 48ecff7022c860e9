//! Which state of the register each list in force was last compared with: the next look finds nothing changed without comparing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::institution::Slug;
use crate::registry::agreements::Agreements;

/// By authority: the agreements as they were, and the number of the list that tells all that it can of them.
#[derive(Debug, Default)]
pub struct Told(Mutex<HashMap<Slug, (Weak<Agreements>, u64)>>);

impl Told {
    /// Whether nothing has changed since list `number` was found to tell all that it can.
    pub(crate) fn remembers(&self, authority: &Slug, agreements: &Arc<Agreements>, number: u64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // While it is remembered its place in memory is nobody else's, so the same place is the same state.
        let is = |(then, of): &(Weak<_>, u64)| *of == number && then.as_ptr() == Arc::as_ptr(agreements);
        known.get(authority).is_some_and(is)
    }

    pub(crate) fn remember(&self, authority: &Slug, agreements: &Arc<Agreements>, number: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(authority.clone(), (Arc::downgrade(agreements), number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_state_of_the_register_another_list_or_another_authority_is_compared() {
        let (told, moet, molisa) = (Told::default(), slug("moet"), slug("molisa"));
        let agreements = Arc::new(Agreements::default());
        assert!(!told.remembers(&moet, &agreements, 7));
        told.remember(&moet, &agreements, 7);
        assert!(told.remembers(&moet, &agreements.clone(), 7));
        assert!(!told.remembers(&moet, &agreements, 8));
        assert!(!told.remembers(&molisa, &agreements, 7));
        drop(agreements);
        assert!(!told.remembers(&moet, &Arc::new(Agreements::default()), 7));
    }

    fn slug(text: &str) -> Slug {
        Slug::parse(text).unwrap()
    }
}
