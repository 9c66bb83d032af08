//! Who waits for a permit, in which order.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

use super::Priority;

/// A place in the line. Smaller ones go first.
pub(super) type Place = (Priority, u64);

#[derive(Debug)]
pub(super) struct Waiter {
    pub waker: Waker,
    /// The latest moment at which the permit is still of use.
    pub by: Option<Duration>,
}

/// An ordered map, so that a waiter who gives up leaves from the middle as cheaply as from the ends.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: BTreeMap<Place, Waiter>,
    joined: u64,
    counts: [usize; Priority::Listing as usize + 1],
    hurried: usize,
}

impl Line {
    pub(super) fn join(&mut self, priority: Priority, waiter: Waiter) -> Place {
        self.joined += 1;
        self.counts[priority as usize] += 1;
        self.hurried += usize::from(waiter.by.is_some());
        let place = (priority, self.joined);
        self.waiting.insert(place, waiter);
        place
    }

    /// Gives back the waker: see [`super::state::Calls`].
    pub(super) fn leave(&mut self, place: Place) -> Option<Waker> {
        let waiter = self.waiting.remove(&place)?;
        self.counts[place.0 as usize] -= 1;
        self.hurried -= usize::from(waiter.by.is_some());
        Some(waiter.waker)
    }

    /// Wakers change when a future moves to another task. Gives back the old one.
    pub(super) fn renew(&mut self, place: Place, waker: &Waker) -> Option<Waker> {
        let old = &mut self.waiting.get_mut(&place)?.waker;
        (!old.will_wake(waker)).then(|| std::mem::replace(old, waker.clone()))
    }

    pub(super) fn head(&self) -> Option<(Place, &Waiter)> {
        self.waiting.first_key_value().map(|(place, waiter)| (*place, waiter))
    }

    /// In order.
    pub(super) fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        self.waiting.values()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Does anybody wait who cannot wait for ever?
    pub(super) fn is_hurried(&self) -> bool {
        self.hurried > 0
    }

    /// How many go before a newcomer.
    pub(super) fn before_newcomer(&self, priority: Priority) -> usize {
        self.counts[..=priority as usize].iter().sum()
    }

    /// How many go before this one.
    pub(super) fn before(&self, place: Place) -> usize {
        self.waiting.range(..place).count()
    }
}
