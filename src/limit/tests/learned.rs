//! A limit learned from the server's headers.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::server::{Load, Server};
use super::{ANSWERED, Limits, NO_LIMIT, Permit, Priority, World, millis, quota, seconds};
use crate::clock::Clock;

/// Everything that goes at once.
fn burst(world: &World) -> Vec<Permit> {
    std::iter::from_fn(|| world.now(Priority::Command)).take(1_000).collect()
}

#[test]
fn ten_go_before_the_first_answer() {
    let world = World::new(NO_LIMIT);
    let permits = burst(&world);
    assert_eq!(permits.len(), 10);
    permits[0].heard(&quota(300, 1, 60));
    assert_eq!(burst(&world).len(), 290);
}

#[test]
fn without_headers_the_start_is_slow_and_then_free() {
    let world = World::new(Limits { max_in_flight: 100, ..NO_LIMIT });
    for expected in [10, 20, 40, 80, 100, 100] {
        let permits = burst(&world);
        assert_eq!(permits.len(), expected);
        for permit in &permits {
            permit.heard(&ANSWERED);
        }
    }
}

#[test]
fn an_assumed_limit_holds_until_the_server_says_another() {
    let world = World::warm(Limits { assumed: Some(30), ..NO_LIMIT }, &ANSWERED);
    let mut sent = 1;
    while let Some(permit) = world.now(Priority::Command) {
        permit.heard(&ANSWERED);
        sent += 1;
    }
    assert_eq!((sent, world.limiter.queue()), (30, seconds(60)));
    world.clock.advance(seconds(60));
    world.granted().heard(&quota(50, 1, 60));
    assert_eq!(burst(&world).len(), 49);
}

#[test]
fn the_count_of_others_is_believed() {
    let world = World::warm(NO_LIMIT, &quota(300, 290, 10));
    assert_eq!(burst(&world).len(), 10);
    assert_eq!(world.limiter.queue(), seconds(10));
}

#[test]
fn the_earliest_end_counts_and_the_next_window_is_as_long_as_the_last() {
    let world = World::new(NO_LIMIT);
    let [first, second] = [world.granted(), world.granted()];
    first.heard(&quota(2, 1, 20));
    world.clock.advance(millis(1_500));
    second.heard(&quota(2, 2, 18));
    second.heard(&quota(2, 2, 19));
    assert_eq!(world.limiter.queue(), seconds(18));
    world.clock.advance(seconds(18));
    assert_eq!(burst(&world).len(), 2);
    assert_eq!(world.limiter.queue(), seconds(20));
}

#[test]
fn a_late_answer_of_an_old_window_changes_nothing() {
    let world = World::new(NO_LIMIT);
    let late = world.granted();
    world.granted().heard(&quota(5, 2, 10));
    world.clock.advance(seconds(10));
    let _first = world.granted();
    late.heard(&quota(5, 5, 9));
    assert_eq!(burst(&world).len(), 4);
}

#[test]
fn a_window_that_the_server_began_earlier_is_taken_over() {
    let world = World::new(NO_LIMIT);
    world.granted().heard(&quota(10, 1, 60));
    world.clock.advance(seconds(59) + millis(500));
    // Its window ended a second ago; ours has half a second to go.
    world.granted().heard(&quota(10, 4, 60));
    assert_eq!(burst(&world).len(), 6);
    assert_eq!(world.limiter.queue(), seconds(60));
}

#[test]
fn a_changed_allowance_is_followed_both_ways() {
    let world = World::warm(NO_LIMIT, &quota(10, 1, 60));
    world.granted().heard(&quota(4, 2, 60));
    assert_eq!(burst(&world).len(), 2);
    world.clock.advance(seconds(60));
    world.granted().heard(&quota(100, 1, 60));
    assert_eq!(burst(&world).len(), 99);
}

#[test]
fn a_queue_is_counted_in_windows() {
    let world = World::warm(NO_LIMIT, &quota(2, 2, 60));
    assert_eq!(world.limiter.queue(), seconds(60));
    let _waiting = [(); 4].map(|()| world.waiting(Priority::ConfirmingRead, None));
    assert_eq!(world.limiter.queue(), seconds(180));
    // First reads go after it; but a read that can wait leaves them their turn.
    let _later = [(); 4].map(|()| world.waiting(Priority::FirstRead, None));
    assert_eq!(world.limiter.queue(), seconds(300));
}

#[test]
fn an_allowance_that_is_used_in_haste_counts_as_a_queue() {
    let world = World::warm(NO_LIMIT, &quota(1_200, 100, 60));
    assert_eq!(world.limiter.queue(), Duration::ZERO);
    let world = World::warm(NO_LIMIT, &quota(1_200, 620, 60));
    assert_eq!(world.limiter.queue(), seconds(25));
    world.clock.advance(seconds(20));
    assert_eq!(world.limiter.queue(), seconds(5));
    world.clock.advance(seconds(10));
    assert_eq!(world.limiter.queue(), Duration::ZERO);
}

/// In the line at once, served at last: what a window model could do at best, the last requests' travel left out.
fn ideal(requests: u32, allowed: u32, length: Duration) -> Duration {
    length * (requests.div_ceil(allowed) - 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Tolerance: in the first window the requests that may be in flight before the first answer. Later none.
    #[test]
    fn alone_it_learns_the_limit_and_keeps_to_it(
        allowed in 1_u32..400, length in 20_u64..120, windows in 1_u32..5, part in 1_u32..100, slots in 20_usize..200,
        travel in 0_u64..300, seed: u64, assumed in prop::option::of(1_u32..600),
    ) {
        let length = seconds(length);
        let world = World::new(Limits { rate: None, assumed, max_in_flight: slots });
        let server = Server::new(allowed, length);
        let requests = allowed * (windows - 1) + 1 + part * (allowed - 1) / 100;
        world.run(Load { requests, workers: slots * 2, travel, seed }.tasks(&world, &server), || ());
        let server = server.borrow();
        let before_the_first_answer = 10_u32.saturating_sub(allowed);
        prop_assert!(server.refused() <= before_the_first_answer, "{:?}", server.windows);
        prop_assert!(server.windows.iter().skip(1).all(|window| window.refused == 0), "{:?}", server.windows);
        // The travel: there and back for each round of the slots.
        let rounds = requests.div_ceil(u32::try_from(slots.min(allowed as usize)).unwrap()) + 2;
        let most = ideal(requests, allowed, length).mul_f64(1.1) + millis(travel) * 2 * rounds;
        prop_assert!(world.clock.now() <= most, "{:?} > {:?}", world.clock.now(), most);
    }

    /// Tolerance: what is in flight when others use up the window.
    #[test]
    fn others_on_the_same_token_cost_a_few_refusals(
        allowed in 20_u32..400, slots in 1_usize..64, travel in 0_u64..300, theirs in 50_u64..2_000, seed: u64,
    ) {
        let world = World::new(Limits { max_in_flight: slots, ..NO_LIMIT });
        let server = Server::new(allowed, seconds(60));
        let load = Load { requests: allowed * 2, workers: slots * 2, travel, seed };
        let (ours, others) = (server.clone(), (world.clone(), server.clone()));
        let mut tasks = load.tasks(&world, &server);
        let refusals = Rc::new(std::cell::Cell::new(0));
        let counted = Rc::clone(&refusals);
        tasks.push(async move {
            for _ in 0..300_000 / theirs {
                others.0.sleep(millis(theirs)).await;
                if others.1.borrow_mut().serve(others.0.clock.now()).refused { counted.set(counted.get() + 1); }
            }
        }.boxed_local());
        world.run(tasks, || ());
        let windows = u32::try_from(ours.borrow().windows.len()).unwrap();
        let refused = ours.borrow().refused() - refusals.get();
        prop_assert!(refused <= windows * u32::try_from(slots).unwrap(), "{} in {} windows", refused, windows);
    }

    /// Without headers each end of a window is found by a refusal: what is in flight then, and one that goes first.
    #[test]
    fn a_server_without_headers_is_not_stormed(
        allowed in 20_u32..200, slots in 1_usize..64, travel in 0_u64..300, seed: u64,
    ) {
        let world = World::new(Limits { max_in_flight: slots, ..NO_LIMIT });
        let server = Server::new(allowed, seconds(60));
        server.borrow_mut().headers = false;
        world.run(Load { requests: allowed * 3, workers: slots * 2, travel, seed }.tasks(&world, &server), || ());
        let most = u32::try_from(slots).unwrap() + 1;
        let windows = &server.borrow().windows;
        prop_assert!(windows.iter().all(|window| window.refused <= most), "{:?}", windows);
    }
}
