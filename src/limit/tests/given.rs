//! A given rate: never more, never less.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::{Limits, NO_LIMIT, PRIORITIES, Priority, World, millis, quota, refused, seconds, shared};
use crate::clock::Clock;

fn at_rate(rate: f64) -> Limits {
    Limits { rate: Some(rate), ..NO_LIMIT }
}

#[test]
fn ten_go_at_once_and_then_one_by_one() {
    let world = World::new(at_rate(300.0));
    let permits: Vec<_> = (0..10).map(|_| world.granted()).collect();
    let mut next = world.waiting(Priority::Command, None);
    assert_eq!(world.limiter.queue().as_millis(), 400);
    world.clock.advance(millis(199));
    assert!(super::ask(&mut next).is_none());
    world.clock.advance(millis(2));
    assert_eq!(super::ask(&mut next).unwrap().unwrap().waited(), millis(201));
    drop(permits);
}

#[test]
fn a_stricter_server_is_obeyed() {
    let world = World::warm(at_rate(60_000.0), &quota(3, 1, 60));
    drop([world.granted(), world.granted()]);
    assert!(world.now(Priority::Command).is_none());
    assert_eq!(world.limiter.queue(), seconds(60));
    world.clock.advance(seconds(60));
    world.granted().heard(&refused(Some(seconds(5))));
    assert_eq!(world.limiter.queue(), seconds(5));
}

proptest! {
    #[test]
    fn no_interval_sees_more_than_the_rate_and_ten_saved(
        rate in prop_oneof![0.5..20.0, 20.0..5_000.0],
        askers in prop::collection::vec((0_u64..60_000, 0_usize..6, 0_u64..20_000), 1..120),
    ) {
        let (world, grants) = (World::new(at_rate(rate)), shared::<Vec<Duration>>());
        let asker = |(at, priority, hold): (u64, usize, u64)| {
            let (world, grants) = (world.clone(), Rc::clone(&grants));
            async move {
                world.sleep(millis(at)).await;
                let _permit = world.limiter.acquire(PRIORITIES[priority], None).await.unwrap();
                grants.borrow_mut().push(world.clock.now());
                world.sleep(millis(hold)).await;
            }.boxed_local()
        };
        let total = askers.len();
        world.run(askers.into_iter().map(asker), || ());
        let grants = grants.borrow();
        prop_assert_eq!(grants.len(), total);
        for (first, from) in grants.iter().enumerate() {
            for (last, to) in grants.iter().enumerate().skip(first) {
                let most = (to.as_secs_f64() - from.as_secs_f64()) * rate / 60.0 + 10.0;
                let seen = f64::from(u32::try_from(last - first + 1).unwrap());
                prop_assert!(seen <= most + 1e-6, "{} > {}", seen, most);
            }
        }
    }

    #[test]
    fn a_backlog_leaves_exactly_at_the_rate(rate in 1.0..10_000.0, backlog in 1_u32..200) {
        let world = World::new(at_rate(rate));
        let asker = |_| {
            let world = world.clone();
            async move { drop(world.limiter.acquire(Priority::Command, None).await.unwrap()); }.boxed_local()
        };
        world.run((0..backlog).map(asker), || ());
        let ideal = (f64::from(backlog) - rate.min(10.0)).max(0.0) * 60.0 / rate;
        let taken = world.clock.now().as_secs_f64();
        prop_assert!((taken - ideal).abs() < 1e-5, "{} for {}", taken, ideal);
    }
}
