//! Drawing a sample from a list of unknown length, so that anybody who has the list and the seed draws the same.

use crate::model::plan::Sample;

/// A sample that is being drawn: Vitter's algorithm R over the numbers of SplitMix64.
#[derive(Clone, Debug)]
pub struct Draw<T> {
    wanted: u64,
    state: u64,
    seen: u64,
    kept: Vec<T>,
}

impl<T> Draw<T> {
    /// Nothing drawn yet.
    pub const fn new(sample: Sample) -> Self {
        Self { wanted: sample.count, state: sample.seed, seen: 0, kept: Vec::new() }
    }

    /// The next of the list.
    pub fn offer(&mut self, item: T) {
        self.seen += 1;
        if self.seen <= self.wanted {
            self.kept.push(item);
            return;
        }
        // Of so many numbers the bias of the remainder does not show.
        let place = self.number() % self.seen;
        if let Some(kept) = usize::try_from(place).ok().and_then(|place| self.kept.get_mut(place)) {
            *kept = item;
        }
    }

    /// How many were offered.
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// What was drawn.
    pub fn done(self) -> Vec<T> {
        self.kept
    }

    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(count: u64, seed: u64, list: u64) -> Vec<u64> {
        let mut draw = Draw::new(Sample { count, seed });
        (0..list).for_each(|n| draw.offer(n));
        assert_eq!(draw.seen(), list);
        draw.done()
    }

    #[test]
    fn a_sample_is_repeatable_of_the_size_asked_for_and_even() {
        assert_eq!(draw(5, 7, 1_000), draw(5, 7, 1_000));
        assert_ne!(draw(5, 7, 1_000), draw(5, 8, 1_000));
        assert_eq!(draw(5, 7, 3), [0, 1, 2]);
        assert!(draw(0, 7, 3).is_empty());
        // Over many seeds each of ten is drawn about as often: 4,000 draws of 2 give 800 each.
        let mut counts = [0_u32; 10];
        for seed in 0..4_000 {
            let drawn = draw(2, seed, 10);
            assert!(drawn.len() == 2 && drawn[0] != drawn[1]);
            drawn.iter().for_each(|n| counts[*n as usize] += 1);
        }
        assert!(counts.iter().all(|count| (680..920).contains(count)), "{counts:?}");
    }
}
