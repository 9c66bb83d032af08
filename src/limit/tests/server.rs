//! A server with fixed windows, each begun by the first request after the end of the last.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{Heard, Priority, Quota, World, millis};
use crate::clock::{Clock, ManualClock};

/// What one window saw.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub served: u32,
    pub refused: u32,
}

#[derive(Debug)]
pub(super) struct Server {
    pub allowed: u32,
    pub length: Duration,
    /// Does it tell its quota in headers?
    pub headers: bool,
    pub windows: Vec<Seen>,
    ends: Duration,
}

impl Server {
    pub(super) fn new(allowed: u32, length: Duration) -> Rc<RefCell<Self>> {
        let server = Self { allowed, length, headers: true, windows: Vec::new(), ends: Duration::ZERO };
        Rc::new(RefCell::new(server))
    }

    pub(super) fn serve(&mut self, now: Duration) -> Heard {
        if self.windows.is_empty() || now >= self.ends {
            self.windows.push(Seen::default());
            self.ends = now + self.length;
        }
        let window = self.windows.last_mut().unwrap();
        let refused = window.served >= self.allowed;
        *(if refused { &mut window.refused } else { &mut window.served }) += 1;
        let left = self.ends.saturating_sub(now);
        let reset = Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0));
        let quota = Quota { allowed: self.allowed, count: window.served, reset };
        Heard { quota: self.headers.then_some(quota), refused, pause: refused.then_some(reset) }
    }

    pub(super) fn refused(&self) -> u32 {
        self.windows.iter().map(|window| window.refused).sum()
    }
}

/// Workers that share a number of requests; each repeats one until it is served.
pub(super) struct Load {
    pub requests: u32,
    pub workers: usize,
    /// The longest way there, and the longest way back, in milliseconds.
    pub travel: u64,
    pub seed: u64,
}

impl Load {
    pub(super) fn tasks(&self, world: &World, server: &Rc<RefCell<Server>>) -> Vec<LocalBoxFuture<'static, ()>> {
        let left = Rc::new(RefCell::new(self.requests));
        let worker = |number: u64| {
            let (world, server, left, travel) = (world.clone(), Rc::clone(server), Rc::clone(&left), self.travel);
            let dice = ManualClock::new(self.seed.wrapping_mul(1_000).wrapping_add(number));
            let journey = move || millis(travel).mul_f64(dice.chance());
            let take = move || left.replace_with(|left| left.saturating_sub(1)) > 0;
            async move {
                while take() {
                    loop {
                        let permit = world.limiter.acquire(Priority::Command, None).await.unwrap();
                        world.sleep(journey()).await;
                        let heard = server.borrow_mut().serve(world.clock.now());
                        world.sleep(journey()).await;
                        permit.heard(&heard);
                        if !heard.refused {
                            break;
                        }
                    }
                }
            }
        };
        (0..self.workers).map(|number| worker(number as u64).boxed_local()).collect()
    }
}
