//! The scenarios of the rules' model checker, played by the real code: each named, with its own settings, under some
//! hundreds of seeds. A tick of the model is a second here.
//!
//! What a scenario is excused from is what the model accepts in it (the last column of its README): limits that RULES of
//! proof, section 7, admit.

mod blocks;
mod pairs;
mod scripts;

use fastrand::Rng;
use gcrec::config::Api;
use gcrec::model::{Action, Target};
use gcrec::sim::{Action as Hands, State};

use super::judge::Rule;
use super::plan::{Act, Call, Client, Hand, Net, Order, Plan, Process, Trouble, Wish, Work, between, pick, polls};

const ALL: [Trouble; 4] = [Trouble::LostAfter, Trouble::LostBefore, Trouble::Never, Trouble::Status];
const LOST: [Trouble; 3] = [Trouble::LostAfter, Trouble::LostBefore, Trouble::Status];

/// The settings of a scenario, in the model's own letters and ticks.
#[derive(Clone)]
pub(super) struct Scenario {
    name: &'static str,
    first: State,
    processes: Vec<Vec<Work>>,
    /// Processes that begin at any time.
    late: &'static [usize],
    k: f64,
    l: f64,
    s: f64,
    t: f64,
    rt: f64,
    b: f64,
    stale: f64,
    order: Order,
    faults: u32,
    kinds: &'static [Trouble],
    hands: u32,
    acts: &'static [Act],
    interrupts: u32,
    dead: u32,
    conflicts: bool,
    no_secure_pause: bool,
    policy: bool,
    excused: &'static [Rule],
}

const PAUSE: Act = Act::Press(Hands::Pause);
const RESUME: Act = Act::Press(Hands::Resume);
const START: Act = Act::Press(Hands::Start);
const STOP: Act = Act::Press(Hands::Stop);
const HOLD: [Act; 2] = [Act::Hold(true), Act::Hold(false)];

impl Scenario {
    /// One pause block, and nothing that happens to it.
    fn block(name: &'static str) -> Self {
        Self {
            name,
            first: State::Recording,
            processes: vec![vec![block()]],
            late: &[],
            k: 2.0,
            l: 2.0,
            s: 3.0,
            t: 2.0,
            rt: 9.0,
            b: 2.0,
            stale: 0.0,
            order: Order::Answered,
            faults: 0,
            kinds: &ALL,
            hands: 0,
            acts: &[PAUSE, RESUME],
            interrupts: 0,
            dead: 0,
            conflicts: false,
            no_secure_pause: false,
            policy: false,
            excused: &[],
        }
    }

    /// One process that does this, one after the other.
    fn script(name: &'static str, first: State, works: &[Work]) -> Self {
        Self { first, processes: vec![works.to_vec()], ..Self::block(name) }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    fn api(&self) -> Api {
        let published = |work: &Work| match work {
            Work::Block { .. } | Work::Command(Action::Pause | Action::Resume) => true,
            Work::Ensure { target, resume_paused, .. } => *target == Target::Paused || *resume_paused || self.policy,
            _ => false,
        };
        if self.processes.iter().flatten().any(published) { Api::Platform } else { Api::Events }
    }

    /// One run of it.
    pub(super) fn plan(&self, seed: u64) -> Plan {
        let mut dice = Rng::with_seed(seed);
        let dice = &mut dice;
        let travel = 0.05;
        let net = Net {
            travel,
            command_faults: 0.5,
            read_faults: *pick(dice, &[0.0, 0.1]),
            budget: Some(self.faults),
            kinds: self.kinds.to_vec(),
            late: self.l,
            propagation: self.k,
            order: self.order,
            conflicts: self.conflicts,
            stale: self.stale,
        };
        let processes = self.processes.iter().enumerate();
        let processes = processes.map(|(place, works)| self.process(dice, place, works)).collect();
        let hands = (0..self.hands).map(|_| self.hand(dice)).collect();
        Plan {
            seed,
            api: self.api(),
            secure_pause: !self.no_secure_pause,
            propagation: (0.0, self.k),
            settle: self.s,
            timeout: self.t.max(1.0),
            retries: 1,
            rate: None,
            net,
            calls: vec![Call { state: self.first, policy: self.policy }],
            processes,
            hands,
            excused: self.excused.to_vec(),
        }
    }

    fn process(&self, dice: &mut Rng, place: usize, works: &[Work]) -> Process {
        let wishes = works.iter().enumerate().map(|(nth, work)| {
            let mut wish = Wish::new(0, self.scaled(work));
            if nth == 0 && self.late.contains(&place) {
                wish.gap = between(dice, 0.0, 5.0);
            }
            wish.interrupts = (0..self.interrupts).map(|_| polls(dice)).collect();
            wish
        });
        let clients = vec![Client { wishes: wishes.collect() }];
        let dies = if place == 0 { (0..self.dead).map(|_| polls(dice)).collect() } else { Vec::new() };
        Process { clients, dies, stalls: Vec::new() }
    }

    fn hand(&self, dice: &mut Rng) -> Hand {
        Hand { at: between(dice, 0.0, self.t + self.b + self.rt / 2.0), call: 0, act: *pick(dice, self.acts) }
    }

    fn scaled(&self, work: &Work) -> Work {
        match work {
            Work::Block { .. } => {
                Work::Block { timeout: self.t, watch: 1.0, max_seconds: None, resume_timeout: self.rt, body: self.b }
            }
            Work::Ensure { target, resume_paused, .. } => {
                Work::Ensure { target: *target, timeout: self.rt, resume_paused: *resume_paused }
            }
            other => other.clone(),
        }
    }
}

fn block() -> Work {
    Work::Block { timeout: 0.0, watch: 0.0, max_seconds: None, resume_timeout: 0.0, body: 0.0 }
}

fn ensure(target: Target) -> Work {
    Work::Ensure { target, timeout: 0.0, resume_paused: false }
}

/// Ensures recording of what may be paused.
fn lifted() -> Work {
    Work::Ensure { target: Target::Recording, timeout: 0.0, resume_paused: true }
}

/// All of them.
pub(super) fn all() -> Vec<Scenario> {
    [blocks::all(), pairs::all(), scripts::all()].concat()
}
