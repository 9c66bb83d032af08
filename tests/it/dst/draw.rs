//! Any run at all: each number of a [`Plan`] drawn from the seed, within what RULES of proof promise.

use fastrand::Rng;
use gcrec::config::Api;
use gcrec::model::{Action, Target};
use gcrec::sim::State;

use super::plan::{
    Act, Call, Client, Hand, Net, Order, Plan, Process, Trouble, Wish, Work, between, happens, pick, polls,
};

impl Plan {
    /// The plan of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let dice = &mut dice;
        let api = *pick(dice, &[Api::Events, Api::Platform, Api::Platform]);
        let settle = between(dice, 2.0, 10.0);
        // All that was sent has acted before `settle` is over: what is beyond that is a limit.
        let late = settle * between(dice, 0.1, 0.9);
        let propagation = 0.9 * late * dice.f64();
        let calm = happens(dice, 0.5);
        let processes = if happens(dice, 0.15) { 2 } else { 1 };
        let calls = (0..*pick(dice, &[1, 1, 1, 2, 3])).map(|_| draw_call(dice, api)).collect::<Vec<_>>();
        let net = Net {
            travel: ((late - propagation) * 0.5).min(*pick(dice, &[0.02, 0.1, 0.5])),
            command_faults: *pick(dice, &[0.0, 0.2, 0.5]),
            read_faults: *pick(dice, &[0.0, 0.1, 0.3]),
            budget: None,
            kinds: draw_kinds(dice, processes),
            late,
            propagation,
            order: *pick(dice, &[Order::Sent, Order::Answered]),
            conflicts: happens(dice, 0.2),
            stale: 0.0,
        };
        let mut plan = Self {
            seed,
            api,
            secure_pause: happens(dice, 0.8),
            propagation: (if dice.bool() { 0.0 } else { propagation * dice.f64() }, propagation),
            settle,
            timeout: *pick(dice, &[2.0, 6.0, 30.0]),
            retries: dice.u32(0..4),
            rate: happens(dice, 0.2).then(|| between(dice, 60.0, 600.0)),
            net,
            calls,
            processes: Vec::new(),
            hands: Vec::new(),
            excused: Vec::new(),
        };
        for _ in 0..processes {
            let process = plan.draw_process(dice, calm);
            plan.processes.push(process);
        }
        if happens(dice, 0.4) {
            plan.hands = (0..dice.u32(1..5)).map(|_| plan.draw_hand(dice)).collect();
        }
        plan
    }

    fn draw_process(&self, dice: &mut Rng, calm: bool) -> Process {
        let clients = (0..*pick(dice, &[1, 1, 2, 3])).map(|_| {
            let count = dice.u32(1..=if self.api == Api::Platform { 3 } else { 6 });
            Client { wishes: (0..count).map(|_| self.draw_wish(dice, calm)).collect() }
        });
        let clients = clients.collect();
        let dies = if !calm && happens(dice, 0.4) { vec![polls(dice)] } else { Vec::new() };
        let stalls = if !calm && happens(dice, 0.2) {
            vec![(polls(dice), between(dice, 0.1, 1.5 * self.settle))]
        } else {
            Vec::new()
        };
        Process { clients, dies, stalls }
    }

    fn draw_wish(&self, dice: &mut Rng, undisturbed: bool) -> Wish {
        let call = dice.usize(..self.calls.len());
        let work = if self.api == Api::Events { self.draw_events(dice) } else { self.draw_platform(dice) };
        let mut wish = Wish::new(call, work);
        if dice.bool() {
            wish.gap = between(dice, 0.0, self.settle);
        }
        if !undisturbed {
            if happens(dice, 0.15) {
                wish.cancel = Some(polls(dice));
            }
            if matches!(wish.work, Work::Block { .. }) && happens(dice, 0.4) {
                wish.interrupts = (0..dice.u32(1..3)).map(|_| polls(dice)).collect();
            }
        }
        wish
    }

    fn draw_timeout(&self, dice: &mut Rng) -> f64 {
        let most = *pick(dice, &[1.0, 6.0, 3.0 * self.settle]);
        between(dice, 0.3, most)
    }

    fn draw_events(&self, dice: &mut Rng) -> Work {
        let timeout = self.draw_timeout(dice);
        match dice.u32(..10) {
            0 => Work::Command(Action::Start),
            1 => Work::Command(Action::Stop),
            2 => Work::Look,
            3 => Work::Wait { target: *pick(dice, &[Target::Recording, Target::Stopped]), timeout },
            n => {
                let target = if n % 2 == 0 { Target::Recording } else { Target::Stopped };
                Work::Ensure { target, timeout, resume_paused: false }
            }
        }
    }

    fn draw_platform(&self, dice: &mut Rng) -> Work {
        let timeout = self.draw_timeout(dice);
        match dice.u32(..16) {
            12 => Work::Command(Action::Start),
            13 => Work::Command(Action::Stop),
            14 | 15 => Work::Ensure { target: Target::Stopped, timeout, resume_paused: false },
            0 => Work::Command(Action::Pause),
            1 => Work::Command(Action::Resume),
            2 => Work::Wait { target: *pick(dice, &[Target::Recording, Target::Paused]), timeout },
            3 | 4 => Work::Ensure { target: Target::Paused, timeout, resume_paused: false },
            5 | 6 => Work::Ensure { target: Target::Recording, timeout, resume_paused: true },
            7 => Work::Ensure { target: Target::Recording, timeout, resume_paused: false },
            _ => Work::Block {
                timeout,
                watch: *pick(dice, &[0.2, 1.0, 5.0]),
                max_seconds: happens(dice, 0.1).then(|| between(dice, 0.1, 4.0)),
                resume_timeout: self.settle + between(dice, 0.1, 20.0),
                body: between(dice, 0.0, 5.0),
            },
        }
    }

    fn draw_hand(&self, dice: &mut Rng) -> Hand {
        use gcrec::sim::Action::{Pause, Resume, Start, Stop};
        let act = match dice.u32(..10) {
            0 | 1 => Act::Press(Pause),
            2 | 3 => Act::Press(Resume),
            4 => Act::Press(Start),
            5 => Act::Press(Stop),
            6 => Act::Hold(true),
            7 => Act::Hold(false),
            8 => Act::Transfer,
            _ => Act::End,
        };
        Hand { at: between(dice, 0.0, 20.0), call: dice.usize(..self.calls.len()), act }
    }
}

fn draw_call(dice: &mut Rng, api: Api) -> Call {
    use State::{Held, Paused, Recording, Stopped};
    let state = match api {
        Api::Events => *pick(dice, &[Stopped, Stopped, Stopped, Recording, Recording, Paused]),
        Api::Platform => *pick(dice, &[Recording, Recording, Recording, Recording, Recording, Held, Paused, Stopped]),
    };
    Call { state, policy: happens(dice, 0.15) }
}

fn draw_kinds(dice: &mut Rng, processes: usize) -> Vec<Trouble> {
    let mut kinds = vec![Trouble::LostAfter, Trouble::LostBefore, Trouble::Status];
    if dice.bool() {
        kinds.push(Trouble::Busy);
    }
    if dice.bool() {
        kinds.push(Trouble::Garbled);
    }
    // Together with a second process it is a limit: see the model's README.
    if processes == 1 && happens(dice, 0.3) {
        kinds.push(Trouble::Never);
    }
    kinds
}
