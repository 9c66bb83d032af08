//! Which ids were done lately, so that one that comes twice is not commanded twice. Constant memory: what is older is
//! forgotten, and found in the journal only.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// So many ids are remembered.
const MOST: usize = 32_768;

/// The ids that were done last.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Two hashes of each: an id takes 16 bytes however long it is, and no two ids are ever taken for one.
    hashers: (RandomState, RandomState),
    known: HashSet<(u64, u64)>,
    oldest_first: VecDeque<(u64, u64)>,
}

impl Recent {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.known.contains(&self.key(id))
    }

    pub(super) fn insert(&mut self, id: &str) {
        let key = self.key(id);
        if self.known.insert(key) {
            self.oldest_first.push_back(key);
            if self.oldest_first.len() > MOST
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
    }

    fn key(&self, id: &str) -> (u64, u64) {
        (self.hashers.0.hash_one(id), self.hashers.1.hash_one(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_the_last_ones_and_does_not_grow() {
        let mut recent = Recent::default();
        for n in 0..2 * MOST {
            recent.insert(&n.to_string());
            recent.insert(&n.to_string());
        }
        assert_eq!((recent.known.len(), recent.oldest_first.len()), (MOST, MOST));
        assert!(recent.contains(&(2 * MOST - 1).to_string()) && !recent.contains("0"));
    }
}
