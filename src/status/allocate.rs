//! Giving out places in a status list: at random, so that a place tells nothing of when a credential was issued, and
//! never twice.

/// Which places of one list are taken. In memory; what is durable is the store's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocator {
    words: Vec<u64>,
    places: u32,
    free: u32,
}

impl Allocator {
    /// A list of so many places, those in `taken` taken. Places beyond the last are not counted.
    pub fn new(places: u32, taken: impl IntoIterator<Item = u32>) -> Self {
        let words = vec![0; places.div_ceil(64) as usize];
        let mut allocator = Self { words, places, free: places };
        for index in taken {
            allocator.mark(index);
        }
        allocator
    }

    /// How many places are free.
    pub fn free(&self) -> u32 {
        self.free
    }

    /// Takes one of the free places, each as likely as any other; `None` when the list is full.
    ///
    /// `random` gives uniformly random numbers, one or, rarely, more: those at the uneven end of their range are thrown
    /// away, so that no place is favoured. A `random` that only ever gives such numbers is not asked forever.
    pub fn take(&mut self, mut random: impl FnMut() -> u32) -> Option<u32> {
        if self.free == 0 {
            return None;
        }
        let even = u32::MAX - (u32::MAX % self.free + 1) % self.free;
        let drawn = (0..64).map(|_| random()).find(|drawn| *drawn <= even)?;
        let index = self.nth_free(drawn % self.free)?;
        self.mark(index);
        Some(index)
    }

    /// Takes this place; whether it was free.
    pub fn mark(&mut self, index: u32) -> bool {
        let was_free = index < self.places && self.words[(index / 64) as usize] & bit(index) == 0;
        if was_free {
            self.words[(index / 64) as usize] |= bit(index);
            self.free -= 1;
        }
        was_free
    }

    /// Gives a place back whose commit was refused. Never one that was ever signed into a credential.
    pub fn release(&mut self, index: u32) {
        if index < self.places && self.words[(index / 64) as usize] & bit(index) != 0 {
            self.words[(index / 64) as usize] &= !bit(index);
            self.free += 1;
        }
    }

    /// The free place that `skip` others precede.
    fn nth_free(&self, mut skip: u32) -> Option<u32> {
        for (at, word) in self.words.iter().enumerate() {
            let free = word.count_zeros();
            if skip < free {
                let mut open = !word;
                for _ in 0..skip {
                    open &= open - 1;
                }
                return Some(at as u32 * 64 + open.trailing_zeros());
            }
            skip -= free;
        }
        None
    }
}

fn bit(index: u32) -> u64 {
    1 << (index % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINIMUM: u32 = crate::status::bits::MIN_ENTRIES as u32;

    /// A small generator (SplitMix64), good enough to draw places in a test.
    fn numbers(mut seed: u64) -> impl FnMut() -> u32 {
        move || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed >> 32) as u32
        }
    }

    #[test]
    fn every_place_is_given_once_then_none() {
        let mut random = numbers(1);
        let mut list = Allocator::new(MINIMUM, []);
        let mut given = vec![false; MINIMUM as usize];
        for _ in 0..MINIMUM {
            let index = list.take(&mut random).unwrap() as usize;
            assert!(!std::mem::replace(&mut given[index], true));
        }
        assert_eq!((list.take(&mut random), list.free()), (None, 0));
        list.release(77);
        assert_eq!((list.take(&mut random), list.take(&mut random)), (Some(77), None));
    }

    #[test]
    fn places_are_drawn_evenly() {
        // Of 100 places 37 are taken; the 63 free ones are drawn 63,000 times.
        let mut random = numbers(2);
        let list = Allocator::new(100, (0..100).filter(|index| index % 8 < 3).take(37));
        let mut drawn = [0u32; 100];
        let free = list.free();
        for _ in 0..free * 1000 {
            drawn[list.clone().take(&mut random).unwrap() as usize] += 1;
        }
        for (index, times) in drawn.into_iter().enumerate() {
            let taken = !list.clone().mark(index as u32);
            // Five standard deviations of a binomial count with mean 1000.
            assert!(if taken { times == 0 } else { (840..1160).contains(&times) }, "{index}: {times}");
        }
    }

    #[test]
    fn uneven_numbers_are_thrown_away() {
        let mut list = Allocator::new(3, []);
        let mut numbers = [u32::MAX, 1].into_iter();
        assert_eq!(list.take(|| numbers.next().unwrap()), Some(1));
        assert_eq!(list.take(|| u32::MAX), Some(2)); // two free: every number is even
        assert_eq!(Allocator::new(3, []).take(|| u32::MAX), None);
    }

    proptest! {
        #[test]
        fn free_is_what_is_not_taken(places in 1..300u32, taken: Vec<u16>, given in 0..40usize, seed: u64) {
            let mut list = Allocator::new(places, taken.iter().map(|index| u32::from(*index) % 320));
            let mut random = numbers(seed);
            for _ in 0..given {
                let before = list.clone();
                match list.take(&mut random) {
                    Some(index) => {
                        prop_assert!(index < places && before.clone().mark(index));
                        let mut back = list.clone();
                        back.release(index);
                        prop_assert_eq!(back, before);
                    }
                    None => prop_assert_eq!(before.free(), 0),
                }
                let counted = (0..places).filter(|index| list.clone().mark(*index)).count();
                prop_assert_eq!(counted as u32, list.free());
            }
        }
    }
}
