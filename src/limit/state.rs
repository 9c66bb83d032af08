//! What is granted when. Pure: the time is handed in, and who is to be woken is handed back.

use std::task::Waker;
use std::time::Duration;

use super::bucket::Bucket;
use super::line::{Line, Place, Waiter};
use super::window::{Grant, Window};
use super::{Heard, Limits, Priority, Snapshot};

/// In flight before the first answer: a limit smaller than that is learned without a storm of 429s.
const FIRST_IN_FLIGHT: usize = 10;
/// After a 429 that does not say how long: doubled with each in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct State {
    limits: Limits,
    in_flight: usize,
    /// Of those, granted since the last 429.
    recent: usize,
    /// Slow start: how many recent ones may be in flight while nothing is known of the window; None: all.
    cautious: Option<usize>,
    bucket: Option<Bucket>,
    window: Window,
    paused_until: Duration,
    /// 429s in a row, those of one burst counted once.
    refusals: u32,
    /// The first window after the last 429. What was granted before tells nothing new of the pause.
    since_refusal: u64,
    line: Line,
}

/// May the head of the line go?
enum Gate {
    Open,
    /// Not before then.
    Until(Duration),
    /// Not before a permit comes back.
    NoSlot,
}

/// Somebody who asks for a permit.
pub(super) struct Asker<'a> {
    pub priority: Priority,
    pub by: Option<Duration>,
    /// Where they stand in the line; None: not in it.
    pub place: &'a mut Option<Place>,
    pub waker: &'a Waker,
}

pub(super) enum Reply {
    Granted(Grant),
    /// Hopeless; so long is the queue.
    TooLong(Duration),
    /// Ask again when called, and at this moment.
    Wait(Option<Duration>),
}

/// What is to be done once the lock is released: whom to wake, and a waker to drop. That can be the last sign of a task,
/// whose end may give up permits and places of its own.
#[derive(Debug, Default)]
pub(super) struct Calls {
    head: Option<Waker>,
    hopeless: Vec<Waker>,
    gone: Option<Waker>,
}

impl Calls {
    pub(super) fn wake(self) {
        self.head.into_iter().chain(self.hopeless).for_each(Waker::wake);
    }
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            in_flight: 0,
            recent: 0,
            cautious: limits.rate.is_none().then_some(FIRST_IN_FLIGHT),
            bucket: limits.rate.map(Bucket::new),
            window: Window::new(limits.assumed),
            paused_until: Duration::ZERO,
            refusals: 0,
            since_refusal: 0,
            line: Line::default(),
        }
    }

    pub(super) fn ask(&mut self, now: Duration, asker: &mut Asker<'_>) -> (Reply, Calls) {
        let mut calls = Calls::default();
        let before = match *asker.place {
            None => self.line.before_newcomer(asker.priority),
            Some(place) if self.line.head().is_some_and(|(head, _)| head == place) => 0,
            // Exact only for who can be late: counting is the dear part.
            Some(place) => asker.by.map_or(1, |_| self.line.before(place)),
        };
        let gate = self.gate(now);
        if before == 0 && matches!(gate, Gate::Open) && asker.by.is_none_or(|by| now <= by) {
            let grant = self.grant(now);
            if let Some(place) = asker.place.take() {
                calls.gone = self.line.leave(place);
                calls.head = self.call_head(now);
            } else {
                // Those whom this one overtook may be late now.
                calls.hopeless = self.hopeless(now);
            }
            return (Reply::Granted(grant), calls);
        }
        let ready = self.ready(before, now);
        if asker.by.is_some_and(|by| ready > by || now >= by) {
            return (Reply::TooLong(ready.saturating_sub(now)), self.give_up(now, asker.place));
        }
        if let Some(place) = *asker.place {
            calls.gone = self.line.renew(place, asker.waker);
        } else {
            let waiter = Waiter { waker: asker.waker.clone(), by: asker.by };
            *asker.place = Some(self.line.join(asker.priority, waiter));
            calls.hopeless = self.hopeless(now);
        }
        let turn = match gate {
            Gate::Until(at) if before == 0 => Some(at),
            _ => None,
        };
        (Reply::Wait([turn, asker.by].into_iter().flatten().min()), calls)
    }

    /// Somebody waits no longer, in the line or not.
    pub(super) fn give_up(&mut self, now: Duration, place: &mut Option<Place>) -> Calls {
        let Some(place) = place.take() else { return Calls::default() };
        let gone = self.line.leave(place);
        Calls { head: self.call_head(now), gone, ..Calls::default() }
    }

    /// A permit comes back.
    pub(super) fn release(&mut self, now: Duration, grant: Grant) -> Calls {
        self.in_flight -= 1;
        self.recent -= usize::from(grant.serial >= self.since_refusal);
        Calls { head: self.call_head(now), ..Calls::default() }
    }

    pub(super) fn hear(&mut self, now: Duration, grant: Grant, heard: &Heard) -> Calls {
        self.window.turn(now);
        if let Some(quota) = heard.quota {
            self.window.hear(now, grant, quota, self.in_flight);
        }
        let news = grant.serial >= self.since_refusal;
        if heard.refused || heard.pause.is_some() {
            self.refuse(now, grant, heard, news);
        } else if news {
            self.refusals = 0;
            self.cautious = match self.cautious {
                Some(cap) if heard.quota.is_none() && cap < self.limits.max_in_flight => Some(cap + 1),
                _ => None,
            };
        }
        Calls { head: self.call_head(now), hopeless: self.hopeless(now), gone: None }
    }

    /// A 429: nobody goes before its pause is over, then one goes first.
    fn refuse(&mut self, now: Duration, grant: Grant, heard: &Heard, news: bool) {
        let rest = || self.window.told_end(grant).map(|end| end.saturating_sub(now));
        let mut pause = heard.pause.or_else(rest);
        if news {
            pause = pause.or(Some(FIRST_PAUSE.saturating_mul(1 << self.refusals.min(6)).min(LONGEST_PAUSE)));
            self.refusals += 1;
            self.cautious = Some(1);
            self.recent = 0;
            // Used up: what comes after the pause is a new window.
            self.window.close();
            self.since_refusal = self.window.serial;
        }
        self.paused_until = self.paused_until.max(now.saturating_add(pause.unwrap_or_default()));
    }

    /// Did the user give a rate?
    pub(super) fn is_given(&self) -> bool {
        self.bucket.is_some()
    }

    pub(super) fn queue(&self, now: Duration) -> Duration {
        let line = self.ready(self.line.before_newcomer(Priority::Listing), now).saturating_sub(now);
        // A rate that was given is kept evenly anyway.
        if self.is_given() { line } else { line.max(self.window.ahead(now)) }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            rate: self.limits.rate,
            allowed: self.window.allowed,
            window: self.window.length,
            in_flight: self.in_flight,
            waiting: self.line.len(),
        }
    }

    /// The earliest moment of a request with `before` others before it, as far as slots do not matter.
    fn ready(&self, before: usize, now: Duration) -> Duration {
        let from = now.max(self.paused_until);
        let by_window = self.window.ready(before, from);
        self.bucket.as_ref().map_or(by_window, |bucket| by_window.max(bucket.ready(before, from)))
    }

    fn gate(&self, now: Duration) -> Gate {
        let full = self.in_flight >= self.limits.max_in_flight.max(1);
        if full || self.cautious.is_some_and(|most| self.recent >= most) {
            return Gate::NoSlot;
        }
        let at = self.ready(0, now);
        if at > now { Gate::Until(at) } else { Gate::Open }
    }

    fn grant(&mut self, now: Duration) -> Grant {
        self.in_flight += 1;
        self.recent += 1;
        if let Some(bucket) = &mut self.bucket {
            bucket.take(now);
        }
        self.window.take(now)
    }

    /// The head must learn that it is the head, and when its moment changes: it sleeps on the clock for all.
    fn call_head(&self, now: Duration) -> Option<Waker> {
        let (_, head) = self.line.head()?;
        // Without a slot there is no moment to sleep for; whoever brings one back calls again.
        (!matches!(self.gate(now), Gate::NoSlot)).then(|| head.waker.clone())
    }

    /// Whoever cannot be served in time any more.
    fn hopeless(&self, now: Duration) -> Vec<Waker> {
        if !self.line.is_hurried() {
            return Vec::new();
        }
        let waiters = self.line.waiters().enumerate();
        let late = waiters.filter(|(before, waiter)| waiter.by.is_some_and(|by| self.ready(*before, now) > by));
        late.map(|(_, waiter)| waiter.waker.clone()).collect()
    }
}
