//! A wait that cannot end in time ends at once.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::{ANSWERED, Limits, NO_LIMIT, PRIORITIES, Priority, QueueTooLong, World, millis, quota, refused, seconds};
use crate::clock::Clock;

fn fails(world: &World, priority: Priority, by: u64) -> Option<QueueTooLong> {
    world.limiter.acquire(priority, Some(seconds(by))).now_or_never().and_then(Result::err)
}

/// When a wait failed, and how long the queue was said to be.
type Failed = Rc<Cell<Option<(Duration, Duration)>>>;

/// One who waits with a deadline, as a task.
fn hurried(world: &World, by: u64) -> (Failed, impl Future<Output = ()> + use<>) {
    let (end, world) = (Rc::new(Cell::new(None)), world.clone());
    let said = Rc::clone(&end);
    let task = async move {
        if let Err(error) = world.limiter.acquire(Priority::Command, Some(seconds(by))).await {
            said.set(Some((world.clock.now(), error.queue)));
        }
    };
    (end, task)
}

#[test]
fn a_queue_that_is_too_long_is_refused_with_its_length() {
    let world = World::warm(NO_LIMIT, &quota(2, 2, 60));
    assert_eq!(fails(&world, Priority::Command, 59), Some(QueueTooLong { queue: seconds(60) }));
    let _waiting = [(); 2].map(|()| world.waiting(Priority::Command, Some(seconds(60))));
    assert_eq!(fails(&world, Priority::Command, 60), Some(QueueTooLong { queue: seconds(120) }));
    assert_eq!(fails(&world, Priority::BlockPause, 59), Some(QueueTooLong { queue: seconds(60) }));
    assert_eq!(
        fails(&world, Priority::Command, 59).unwrap().to_string(),
        "the queue for the rate limit is 120.0 s long"
    );
}

#[test]
fn a_refusal_makes_some_of_the_waiters_hopeless_at_once() {
    let world = World::warm(Limits { max_in_flight: 1, ..NO_LIMIT }, &ANSWERED);
    let held = world.granted();
    let ((late, first), (early, second)) = (hurried(&world, 31), hurried(&world, 29));
    let clock = world.clone();
    let news = async move {
        clock.sleep(seconds(1)).await;
        held.heard(&refused(Some(seconds(29))));
        clock.sleep(seconds(5)).await; // no slot comes back meanwhile
    };
    world.run([first.boxed_local(), second.boxed_local(), news.boxed_local()], || ());
    assert_eq!(early.get(), Some((seconds(1), seconds(29))));
    assert_eq!((late.get(), world.clock.now()), (None, seconds(30)));
}

#[test]
fn the_overtaken_fail_at_once() {
    let world = World::warm(NO_LIMIT, &quota(1, 1, 60));
    let (end, task) = hurried(&world, 100);
    let clock = world.clone();
    let overtaking = async move {
        clock.sleep(seconds(5)).await;
        drop(clock.limiter.acquire(Priority::BlockPause, None).await);
    };
    world.run([task.boxed_local(), overtaking.boxed_local()], || ());
    assert_eq!(end.get(), Some((seconds(5), seconds(115))));
}

#[test]
fn who_only_lacks_a_slot_waits_until_the_deadline() {
    let world = World::warm(Limits { max_in_flight: 1, ..NO_LIMIT }, &ANSWERED);
    let _held = world.granted();
    let (end, task) = hurried(&world, 3);
    world.run([task.boxed_local()], || ());
    assert_eq!(end.get(), Some((seconds(3), Duration::ZERO)));
}

#[test]
fn a_deadline_that_has_passed_is_not_served() {
    let world = World::warm(NO_LIMIT, &ANSWERED);
    world.clock.advance(seconds(2));
    assert!(fails(&world, Priority::Command, 1).is_some());
    assert!(fails(&world, Priority::Command, 2).is_none());
}

proptest! {
    #[test]
    fn nobody_is_served_late_and_nobody_waits_beyond_the_deadline(
        rate in prop::option::of(30.0..3_000.0), assumed in prop::option::of(1_u32..40), max_in_flight in 1_usize..8,
        askers in prop::collection::vec((0_u64..20, 0_usize..6, 0_u64..20, 0_u64..100, 0_u64..300), 1..60),
    ) {
        let world = World::new(Limits { rate, assumed, max_in_flight });
        let asker = |(at, priority, hold, patience, pause): (u64, usize, u64, u64, u64)| {
            let world = world.clone();
            async move {
                world.sleep(millis(at * 100)).await;
                let by = millis((at + patience) * 100);
                let turn = world.limiter.acquire(PRIORITIES[priority], Some(by)).await;
                assert!(world.clock.now() <= by);
                let Ok(permit) = turn else { return };
                world.sleep(millis(hold * 100)).await;
                permit.heard(&if pause < 30 { refused(Some(millis(pause * 100))) } else { ANSWERED });
            }.boxed_local()
        };
        world.run(askers.into_iter().map(asker), || ());
    }
}
