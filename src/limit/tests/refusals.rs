//! What a 429 does.

use futures_util::FutureExt;
use proptest::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

use super::{ANSWERED, Limits, NO_LIMIT, PRIORITIES, Priority, World, ask, millis, quota, refused, seconds};
use crate::clock::Clock;

#[test]
fn one_goes_first_after_a_pause_and_then_the_rest() {
    let world = World::warm(NO_LIMIT, &ANSWERED);
    world.granted().heard(&refused(Some(seconds(7))));
    assert_eq!(world.limiter.queue(), seconds(7));
    world.clock.advance(seconds(7));
    let first = world.granted();
    assert!(world.now(Priority::BlockResume).is_none());
    first.heard(&quota(300, 1, 60));
    let rest: Vec<_> = std::iter::from_fn(|| world.now(Priority::Command)).collect();
    assert_eq!(rest.len(), 299);
}

#[test]
fn one_that_went_first_and_was_lost_is_followed_by_another() {
    let world = World::warm(NO_LIMIT, &ANSWERED);
    world.granted().heard(&refused(Some(seconds(1))));
    world.clock.advance(seconds(1));
    let first = world.granted();
    let mut second = world.waiting(Priority::Command, None);
    drop(first);
    assert!(ask(&mut second).is_some());
}

#[test]
fn silent_refusals_in_a_row_double_the_pause_up_to_a_minute() {
    let world = World::warm(NO_LIMIT, &ANSWERED);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        world.granted().heard(&refused(None));
        assert_eq!(world.limiter.queue(), seconds(pause));
        world.clock.advance(seconds(pause));
    }
    world.granted().heard(&ANSWERED);
    world.granted().heard(&refused(None));
    assert_eq!(world.limiter.queue(), seconds(1));
}

#[test]
fn a_burst_of_refusals_counts_once() {
    let world = World::warm(NO_LIMIT, &quota(300, 1, 60));
    world.clock.advance(seconds(60));
    let burst = [(); 5].map(|()| world.granted());
    for permit in &burst {
        permit.heard(&refused(None));
    }
    assert_eq!(world.limiter.queue(), seconds(1));
    // Those of the burst that were served do not end the caution, and those that still travel do not lengthen it.
    for permit in &burst {
        permit.heard(&ANSWERED);
    }
    world.clock.advance(seconds(1));
    let _first = world.granted();
    assert!(world.now(Priority::Command).is_none());
}

#[test]
fn a_silent_refusal_lasts_until_the_windows_end() {
    let world = World::warm(NO_LIMIT, &quota(300, 1, 60));
    world.clock.advance(seconds(20));
    world.granted().heard(&refused(None));
    assert_eq!(world.limiter.queue(), seconds(40));
    let world = World::warm(NO_LIMIT, &ANSWERED);
    world.granted().heard(&super::Heard { refused: true, ..quota(300, 300, 9) });
    assert_eq!(world.limiter.queue(), seconds(9));
}

#[test]
fn absurd_pauses_do_not_panic() {
    let world = World::warm(NO_LIMIT, &ANSWERED);
    world.granted().heard(&refused(Some(std::time::Duration::MAX)));
    let mut waiting = world.waiting(Priority::BlockResume, None);
    world.clock.advance(seconds(200_000));
    assert!(ask(&mut waiting).is_none());
}

proptest! {
    #[test]
    fn a_refusal_pauses_everybody(
        rate in prop::option::of(60.0..60_000.0), pause in 0_u64..90_000, at in 0_u64..20_000,
        askers in prop::collection::vec((0_u64..60_000, 0_usize..6, 0_u64..2_000), 1..60),
    ) {
        let world = World::new(Limits { rate, max_in_flight: 20, ..NO_LIMIT });
        let paused = Rc::new(Cell::new((seconds(0), seconds(0))));
        let asker = |(start, priority, travel): (u64, usize, u64)| {
            let (world, paused) = (world.clone(), Rc::clone(&paused));
            async move {
                world.sleep(millis(start)).await;
                let permit = world.limiter.acquire(PRIORITIES[priority], None).await.unwrap();
                let (from, until) = paused.get();
                let now = world.clock.now();
                assert!(now < from || now >= until, "{now:?} in {from:?} to {until:?}");
                world.sleep(millis(travel)).await;
                let now = world.clock.now();
                if now >= millis(at) && until.is_zero() && paused.get().1.is_zero() {
                    paused.set((now, now + millis(pause)));
                    permit.heard(&refused(Some(millis(pause))));
                } else {
                    permit.heard(&ANSWERED);
                }
            }.boxed_local()
        };
        world.run(askers.into_iter().map(asker), || ());
    }
}
