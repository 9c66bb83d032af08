//! What one run is like: everything that its seed decides before it begins.

use fastrand::Rng;
use gcrec::config::Api;
use gcrec::model::{Action, Target};
use gcrec::sim::State;

use super::judge::Rule;

/// One run. Times are seconds.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) api: Api,
    /// Does the published API say `securePause`?
    pub(super) secure_pause: bool,
    pub(super) propagation: (f64, f64),
    pub(super) settle: f64,
    /// Bounds a single request of the client's, with its repeats.
    pub(super) timeout: f64,
    pub(super) retries: u32,
    /// Requests a minute.
    pub(super) rate: Option<f64>,
    pub(super) net: Net,
    pub(super) calls: Vec<Call>,
    pub(super) processes: Vec<Process>,
    pub(super) hands: Vec<Hand>,
    /// Limits that the documentation admits (RULES of proof, section 7), by the invariants that they break.
    pub(super) excused: Vec<Rule>,
}

/// What happens to requests on their way.
#[derive(Clone, Debug)]
pub(super) struct Net {
    /// One way takes at most this long, when nothing goes wrong.
    pub(super) travel: f64,
    /// How likely a command, or a read, meets a fault.
    pub(super) command_faults: f64,
    pub(super) read_faults: f64,
    /// How many commands may; None: any number.
    pub(super) budget: Option<u32>,
    pub(super) kinds: Vec<Trouble>,
    /// A command whose answer is lost acts at most so long after it was sent, one that was answered so long after that.
    pub(super) late: f64,
    pub(super) propagation: f64,
    pub(super) order: Order,
    /// A pause of what is paused is answered 409.
    pub(super) conflicts: bool,
    /// Reads may be this old.
    pub(super) stale: f64,
}

/// In which order commands act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As they were sent.
    Sent,
    /// Answered ones in the order of their answers, the others whenever.
    Answered,
    /// Whenever.
    Any,
}

/// What can happen to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No answer, and it acts.
    LostAfter,
    /// No answer, and it never arrived.
    LostBefore,
    /// Answered, and it never acts.
    Never,
    /// A 5xx, whatever came of it.
    Status,
    /// Refused for the moment: 429, 503 with a Retry-After, no connection.
    Busy,
    /// It acts, and its answer cannot be read.
    Garbled,
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) state: State,
    pub(super) policy: bool,
}

/// One process of ours, and what comes after it if it dies.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub(super) clients: Vec<Client>,
    /// It dies when its tasks have been polled so often, and its successor too.
    pub(super) dies: Vec<u32>,
    /// After so many polls it stands still for a while.
    pub(super) stalls: Vec<(u32, f64)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) wishes: Vec<Wish>,
}

#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) call: usize,
    /// From the end of the one before.
    pub(super) gap: f64,
    pub(super) work: Work,
    /// Dropped when it has been polled so often.
    pub(super) cancel: Option<u32>,
    /// A block is interrupted then, and then.
    pub(super) interrupts: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(super) enum Work {
    Command(Action),
    Ensure {
        target: Target,
        timeout: f64,
        resume_paused: bool,
    },
    Wait {
        target: Target,
        timeout: f64,
    },
    Look,
    /// Of the process's own journal.
    Recover,
    Block {
        timeout: f64,
        watch: f64,
        max_seconds: Option<f64>,
        resume_timeout: f64,
        body: f64,
    },
}

/// Somebody else does something.
#[derive(Clone, Debug)]
pub(super) struct Hand {
    pub(super) at: f64,
    pub(super) call: usize,
    pub(super) act: Act,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Press(gcrec::sim::Action),
    Hold(bool),
    Transfer,
    End,
}

impl Act {
    /// A hold suppresses, an end ends: neither is a command.
    pub(super) fn is_foreign(self) -> bool {
        matches!(self, Self::Press(_) | Self::Transfer)
    }
}

impl Wish {
    pub(super) fn new(call: usize, work: Work) -> Self {
        Self { call, gap: 0.0, work, cancel: None, interrupts: Vec::new() }
    }
}

/// Draws between two numbers of seconds, to the millisecond.
pub(super) fn between(dice: &mut Rng, low: f64, high: f64) -> f64 {
    ((low + (high - low) * dice.f64()) * 1000.0).round() / 1000.0
}

pub(super) fn happens(dice: &mut Rng, probability: f64) -> bool {
    dice.f64() < probability
}

/// A number of polls: mostly soon, sometimes late.
pub(super) fn polls(dice: &mut Rng) -> u32 {
    let most = *pick(dice, &[4, 10, 25, 60, 150]);
    dice.u32(1..=most)
}

pub(super) fn pick<'a, T>(dice: &mut Rng, from: &'a [T]) -> &'a T {
    &from[dice.usize(..from.len())]
}
