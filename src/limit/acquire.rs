//! The future that waits for a permit.
//!
//! There is no background task: the head of the line sleeps on the clock for all, and whoever changes something wakes it.
//! So a waiter that goes, served or not, must wake its successor.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::limiter::{Permit, Shared};
use super::line::Place;
use super::state::{Asker, Reply};
use super::{Priority, QueueTooLong};

/// The longest sleep in one piece: a server may say a time that no clock can hold.
const LONGEST_SLEEP: Duration = Duration::from_secs(86_400);

pub(super) struct Acquire {
    shared: Arc<Shared>,
    priority: Priority,
    by: Option<Duration>,
    /// The first poll: from then on it waits.
    since: Option<Duration>,
    place: Option<Place>,
    sleep: Option<(Duration, BoxFuture<'static, ()>)>,
}

impl Acquire {
    pub(super) fn new(shared: Arc<Shared>, priority: Priority, by: Option<Duration>) -> Self {
        Self { shared, priority, by, since: None, place: None, sleep: None }
    }

    /// Is it that time already?
    fn slept(&mut self, until: Duration, context: &mut Context<'_>) -> bool {
        if self.sleep.as_ref().is_none_or(|(at, _)| *at != until) {
            self.sleep = Some((until, self.shared.clock.sleep_until(until)));
        }
        self.sleep.as_mut().is_some_and(|(_, sleep)| sleep.poll_unpin(context).is_ready())
    }
}

impl Future for Acquire {
    type Output = Result<Permit, QueueTooLong>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let (now, reply) = this.shared.change(|state, now| {
                let place = &mut this.place;
                let mut asker = Asker { priority: this.priority, by: this.by, place, waker: context.waker() };
                let (reply, calls) = state.ask(now, &mut asker);
                ((now, reply), calls)
            });
            let since = *this.since.get_or_insert(now);
            let until = match reply {
                Reply::Granted(grant) => {
                    let waited = now.saturating_sub(since);
                    return Poll::Ready(Ok(Permit { shared: Arc::clone(&this.shared), grant, waited }));
                }
                Reply::TooLong(queue) => return Poll::Ready(Err(QueueTooLong { queue })),
                Reply::Wait(until) => until.map(|until| until.min(now.saturating_add(LONGEST_SLEEP))),
            };
            let Some(until) = until else {
                this.sleep = None;
                return Poll::Pending;
            };
            if !this.slept(until, context) {
                return Poll::Pending;
            }
            this.sleep = None;
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if self.place.is_some() {
            let place = &mut self.place;
            self.shared.change(|state, now| ((), state.give_up(now, place)));
        }
    }
}
