//! What was asked lately: answers and refusals, bounded in number and weight, each question asked once at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::ResolveError;

/// Nothing is kept longer, whatever its maker says; also what bounds the harm of a clock set back.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// A cache of shared values by name.
#[derive(Debug)]
pub struct Cache<V> {
    places: Mutex<Places<V>>,
    /// The most names.
    names: usize,
    /// The most weight, in bytes or so.
    weight: usize,
}

/// What was made for a name.
pub struct Made<V> {
    /// The answer or the refusal.
    pub value: Result<Arc<V>, ResolveError>,
    /// How long it may be kept.
    pub keep: SignedDuration,
    /// What it weighs.
    pub weight: usize,
}

#[derive(Debug)]
struct Places<V> {
    by_name: HashMap<String, Place<V>>,
    weight: usize,
    tick: u64,
}

#[derive(Debug)]
struct Place<V> {
    slot: Arc<Slot<V>>,
    weight: usize,
    used: u64,
}

/// Whoever holds the lock asks; the others wait and find the answer.
type Slot<V> = tokio::sync::Mutex<Option<Held<V>>>;

#[derive(Debug)]
struct Held<V> {
    value: Result<Arc<V>, ResolveError>,
    until: Timestamp,
}

impl<V> Cache<V> {
    /// An empty cache for at most this many names and this much weight.
    pub fn new(names: usize, weight: usize) -> Self {
        let places = Places { by_name: HashMap::new(), weight: 0, tick: 0 };
        Self { places: Mutex::new(places), names, weight }
    }

    /// The value of `name` as kept, or as `make` makes it now. If a maker is dropped half-way the next waiter makes it.
    pub async fn get(
        &self,
        name: &str,
        now: Timestamp,
        make: impl Future<Output = Made<V>>,
    ) -> Result<Arc<V>, ResolveError> {
        let slot = self.slot(name);
        let mut held = slot.lock().await;
        if let Some(held) = held.as_ref()
            && now < held.until
            && held.until.duration_since(now) <= LONGEST
        {
            return held.value.clone();
        }
        let made = make.await;
        let keep = made.keep.clamp(SignedDuration::ZERO, LONGEST);
        let until = now.saturating_add(keep).unwrap_or(now);
        *held = Some(Held { value: made.value.clone(), until });
        drop(held);
        self.weigh(name, &slot, made.weight);
        made.value
    }

    /// How many names are known.
    pub fn len(&self) -> usize {
        self.lock().by_name.len()
    }

    /// Whether no name is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slot(&self, name: &str) -> Arc<Slot<V>> {
        let mut places = self.lock();
        places.tick += 1;
        let tick = places.tick;
        if let Some(place) = places.by_name.get_mut(name) {
            place.used = tick;
            return place.slot.clone();
        }
        let slot = Arc::new(Slot::new(None));
        let weight = name.len() + 256;
        places.weight += weight;
        places.by_name.insert(name.to_owned(), Place { slot: slot.clone(), weight, used: tick });
        self.make_room(&mut places);
        slot
    }

    fn weigh(&self, name: &str, slot: &Arc<Slot<V>>, weight: usize) {
        let mut places = self.lock();
        let places = &mut *places;
        if let Some(place) = places.by_name.get_mut(name).filter(|place| Arc::ptr_eq(&place.slot, slot)) {
            let weight = weight + name.len() + 256;
            places.weight = places.weight - place.weight + weight;
            place.weight = weight;
        }
        self.make_room(places);
    }

    /// Forgets what was not used for longest. What is being made is forgotten too: its maker still answers.
    fn make_room(&self, places: &mut Places<V>) {
        while places.by_name.len() > self.names || places.weight > self.weight {
            let oldest =
                places.by_name.iter().min_by_key(|(_, place)| place.used).map(|(name, _)| name.clone());
            let Some(place) = oldest.and_then(|name| places.by_name.remove(&name)) else { return };
            places.weight -= place.weight;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Places<V>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
