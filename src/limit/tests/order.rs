//! Who goes first, and that nobody is forgotten.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use proptest::prelude::*;

use super::{ANSWERED, Limiter, Limits, NO_LIMIT, PRIORITIES, Priority, World, ask, millis, quota, seconds, shared};
use crate::clock::{Clock, SystemClock};

#[test]
fn a_newcomer_of_higher_priority_overtakes() {
    let world = World::warm(NO_LIMIT, &quota(1, 1, 60));
    let mut listing = world.waiting(Priority::Listing, None);
    let mut resume = world.waiting(Priority::BlockResume, None);
    world.clock.advance(seconds(60));
    assert!(ask(&mut listing).is_none());
    assert!(ask(&mut resume).is_some());
}

#[test]
fn a_head_that_was_woken_and_dropped_wakes_its_successor() {
    let world = World::warm(Limits { max_in_flight: 1, ..NO_LIMIT }, &ANSWERED);
    let permit = world.granted();
    let head = world.waiting(Priority::Command, None);
    let (woken, next) = (shared::<bool>(), world.clone());
    let said = Rc::clone(&woken);
    let task = async move {
        next.limiter.acquire(Priority::Command, None).await.unwrap();
        *said.borrow_mut() = true;
    };
    let gone = async move {
        drop(permit); // wakes the head, which is not polled any more
        drop(head);
    };
    world.run([task.boxed_local(), gone.boxed_local()], || ());
    assert!(*woken.borrow());
}

#[test]
fn a_head_that_slept_and_was_dropped_hands_the_sleep_on() {
    let world = World::warm(NO_LIMIT, &quota(1, 1, 60));
    let head = world.waiting(Priority::Command, None);
    let next = world.clone();
    let task = async move { drop(next.limiter.acquire(Priority::Listing, None).await.unwrap()) };
    let gone = async move { drop(head) };
    world.run([task.boxed_local(), gone.boxed_local()], || ());
    assert_eq!(world.clock.now(), seconds(60));
}

#[test]
fn good_news_wakes_the_head_that_sleeps() {
    let world = World::new(NO_LIMIT);
    let (first, second) = (world.granted(), world.granted());
    first.heard(&quota(2, 2, 60));
    let (next, served) = (world.clone(), shared::<Option<Duration>>());
    let at = Rc::clone(&served);
    let task = async move {
        next.limiter.acquire(Priority::Command, None).await.unwrap();
        *at.borrow_mut() = Some(next.clock.now());
    };
    let clock = world.clone();
    let news = async move {
        clock.sleep(seconds(5)).await;
        second.heard(&quota(100, 2, 55));
        clock.sleep(seconds(5)).await; // no slot comes back meanwhile
    };
    world.run([task.boxed_local(), news.boxed_local()], || ());
    assert_eq!(*served.borrow(), Some(seconds(5)));
}

#[test]
fn it_may_move_to_another_task_while_it_waits() {
    let world = World::warm(Limits { max_in_flight: 1, ..NO_LIMIT }, &ANSWERED);
    let permit = world.granted();
    let moved = world.waiting(Priority::Command, None); // polled with another waker
    let clock = world.clone();
    let release = async move {
        clock.sleep(seconds(1)).await;
        drop(permit);
    };
    world.run([moved.map(drop).boxed_local(), release.boxed_local()], || ());
}

#[test]
fn unpolled_it_is_not_in_the_line() {
    let world = World::warm(NO_LIMIT, &quota(2, 1, 60));
    let _never_polled = world.limiter.acquire(Priority::BlockResume, None);
    assert_eq!(world.limiter.snapshot().waiting, 0);
    drop(world.granted());
}

#[test]
fn threads_with_runtimes_of_their_own_share_it() {
    const THREADS: usize = 8;
    let limits = Limits { max_in_flight: 2, ..NO_LIMIT };
    let limiter = Limiter::new(limits, Arc::new(SystemClock::new()));
    let out = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (limiter, out) = (limiter.clone(), &out);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                for round in 0..500 {
                    let permit = runtime.block_on(limiter.acquire(PRIORITIES[(number + round) % 6], None)).unwrap();
                    assert!(out.fetch_add(1, Ordering::SeqCst) < limits.max_in_flight);
                    permit.heard(&ANSWERED);
                    out.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(limiter.snapshot().waiting, 0);
}

/// Who waits, as the test sees it.
type Waiters = Rc<RefCell<BTreeSet<(Priority, usize)>>>;

/// Leaves the set however the wait ends.
struct Seat {
    waiters: Waiters,
    place: (Priority, usize),
}

impl Seat {
    fn take(waiters: &Waiters, priority: Priority, arrivals: &RefCell<usize>) -> Self {
        *arrivals.borrow_mut() += 1;
        let place = (priority, *arrivals.borrow());
        waiters.borrow_mut().insert(place);
        Self { waiters: Rc::clone(waiters), place }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.waiters.borrow_mut().remove(&self.place);
    }
}

fn limits() -> impl Strategy<Value = Limits> {
    let rate = prop::option::of(30.0..3_000.0);
    let assumed = prop::option::of(1_u32..40);
    (rate, assumed, 1_usize..8).prop_map(|(rate, assumed, max_in_flight)| Limits { rate, assumed, max_in_flight })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Arrivals, holding times and patience on a coarse grid, so that many things happen in one moment. `World::run`
    /// fails where a wake-up is lost.
    #[test]
    fn the_first_of_the_highest_priority_goes_next_and_nobody_is_forgotten(
        limits in limits(),
        askers in prop::collection::vec((0_u64..20, 0_usize..6, 0_u64..20, prop::option::of(0_u64..30), any::<bool>()), 1..60),
    ) {
        let world = World::new(limits);
        let (waiters, arrivals, served) = (Waiters::default(), shared::<usize>(), shared::<usize>());
        let patient = askers.iter().filter(|asker| asker.3.is_none()).count();
        let asker = |(at, priority, hold, patience, answered): (u64, usize, u64, Option<u64>, bool)| {
            let (world, waiters, arrivals) = (world.clone(), Rc::clone(&waiters), Rc::clone(&arrivals));
            let served = Rc::clone(&served);
            async move {
                world.sleep(millis(at * 100)).await;
                let seat = Seat::take(&waiters, PRIORITIES[priority], &arrivals);
                let turn = world.limiter.acquire(PRIORITIES[priority], None);
                let permit = if let Some(patience) = patience {
                    // The sleep is polled first: patience may end just when the turn has come.
                    match select(Box::pin(world.sleep(millis(patience * 100))), Box::pin(turn)).await {
                        Either::Left(_) => return,
                        Either::Right((permit, _)) => permit,
                    }
                } else {
                    turn.await
                }.unwrap();
                assert_eq!(waiters.borrow().first(), Some(&seat.place));
                drop(seat);
                *served.borrow_mut() += usize::from(patience.is_none());
                world.sleep(millis(hold * 100)).await;
                if answered {
                    permit.heard(&ANSWERED);
                }
            }.boxed_local()
        };
        world.run(askers.into_iter().map(asker), || {
            assert!(world.limiter.snapshot().in_flight <= limits.max_in_flight);
            assert_eq!(world.limiter.snapshot().waiting, waiters.borrow().len());
        });
        prop_assert_eq!(*served.borrow(), patient);
        let end = world.limiter.snapshot();
        prop_assert_eq!((end.in_flight, end.waiting), (0, 0));
    }

    /// Only slots are short: then nobody waits while one is free.
    #[test]
    fn a_free_slot_is_never_left_while_somebody_waits(
        max_in_flight in 1_usize..8,
        askers in prop::collection::vec((0_u64..20, 0_usize..6, 0_u64..20, 0_u64..30), 1..60),
    ) {
        let world = World::warm(Limits { max_in_flight, ..NO_LIMIT }, &quota(1_000_000, 1, 60));
        let asker = |(at, priority, hold, patience): (u64, usize, u64, u64)| {
            let world = world.clone();
            async move {
                world.sleep(millis(at * 100)).await;
                let turn = world.limiter.acquire(PRIORITIES[priority], None);
                if let Either::Right((permit, _)) =
                    select(Box::pin(world.sleep(millis(patience * 100))), Box::pin(turn)).await
                {
                    world.sleep(millis(hold * 100)).await;
                    drop(permit);
                }
            }.boxed_local()
        };
        world.run(askers.into_iter().map(asker), || {
            let seen = world.limiter.snapshot();
            assert!(seen.waiting == 0 || seen.in_flight == max_in_flight, "{seen:?}");
        });
    }
}
