//! One run: the server, the hands and the processes of a plan, polled until nothing is left to do.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use futures_util::FutureExt;
use gcrec::clock::{Clock, ManualClock};
use gcrec::journal::{Entry, Reader};
use gcrec::sim::{Door, NewCall, Options, SimCommand, Simulator, State};
use http::{HeaderMap, Method, header};

use super::executor::{Executor, Owner};
use super::fate::seconds;
use super::ledger::{Outcome, Shared};
use super::network::Ways;
use super::plan::{Act, Plan, Wish, Work};
use super::process::Process;
use crate::sim_raw::{GRANT, basic};

/// More than any run needs: one that is not over by then never will be.
const MOST_POLLS: u64 = 300_000;

/// A run that is over, for the judge.
pub(super) struct Past {
    pub(super) plan: Plan,
    pub(super) ledger: Shared,
    /// For each call: what took effect, and its state at the end.
    pub(super) effects: Vec<Vec<SimCommand>>,
    pub(super) last: Vec<State>,
    /// What stands in the journals of the processes that lived last.
    pub(super) rows: Vec<Entry>,
    /// What was still to be settled there when all was done, and what after the last recovery.
    pub(super) pending: Vec<Entry>,
    pub(super) left: Vec<Entry>,
    pub(super) calls: Vec<String>,
    /// Why it did not come to its end.
    pub(super) stuck: Option<String>,
}

struct World<'a> {
    plan: &'a Plan,
    folder: &'a Path,
    ways: Ways,
    token: String,
    dice: Rng,
    executor: Executor,
    processes: Vec<Alive>,
    /// Which chaos its plan has for an op.
    chaos: Arc<Mutex<HashMap<usize, Wish>>>,
}

/// A process, or what is left of it.
struct Alive {
    process: Option<Process>,
    clients: Vec<Client>,
    polls: u32,
    dies: Vec<u32>,
    stalls: Vec<(u32, f64)>,
    stands_until: Duration,
}

#[derive(Clone)]
struct Client {
    wishes: Vec<Wish>,
    /// The wish that was begun last.
    begun: Arc<Mutex<Option<(usize, usize)>>>,
}

/// Runs a plan. Its journals lie in `folder`, which must be empty, and begin as copies of `blank`: to make one
/// takes long.
pub(super) fn run(plan: &Plan, folder: &Path, blank: &Path) -> Past {
    let mut world = World::new(plan, folder);
    for (index, process) in plan.processes.iter().enumerate() {
        let clients = process.clients.iter();
        let clients =
            clients.map(|client| Client { wishes: client.wishes.clone(), begun: Arc::default() }).collect::<Vec<_>>();
        let path = folder.join(format!("{index}.db"));
        fs::copy(blank, &path).unwrap();
        world.begin(None, clients, process.dies.clone(), process.stalls.clone(), &path);
    }
    world.hands();
    let mut stuck = world.turn_until_done();
    let pending = world.pending();
    if !pending.is_empty() && stuck.is_none() {
        world.recover_all();
        stuck = world.turn_until_done();
    }
    // All that may still act has its time.
    let end = seconds(2.0 * (plan.settle + plan.net.late + plan.propagation.1));
    world.ways.clock.advance(end);
    world.past(stuck, pending)
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, folder: &'a Path) -> Self {
        let clock = Arc::new(ManualClock::new(plan.seed));
        let options = Options {
            calls: 0,
            propagation: plan.propagation,
            seed: plan.seed,
            secure_pause: plan.secure_pause,
            ..Options::default()
        };
        let (sim, door) = Simulator::in_process(&options, clock.clone()).unwrap();
        let calls: Vec<_> = plan
            .calls
            .iter()
            .map(|call| sim.add_call(NewCall { state: call.state, policy: call.policy, ..NewCall::default() }).unwrap())
            .collect();
        let token = token(&sim, &door);
        let executor = Executor::default();
        let mut dice = Rng::with_seed(plan.seed ^ 0x5EED);
        let ways = Ways {
            sim,
            door,
            clock,
            spawner: executor.spawner.clone(),
            ledger: Shared::default(),
            net: Arc::new(plan.net.clone()),
            dice: Arc::new(Mutex::new(dice.fork())),
            calls: calls.into(),
            budget: Arc::new(Mutex::new(plan.net.budget.unwrap_or(u32::MAX))),
            snapshots: Arc::default(),
        };
        Self { plan, folder, ways, token, dice, executor, processes: Vec::new(), chaos: Arc::default() }
    }

    fn begin(
        &mut self,
        after: Option<usize>,
        clients: Vec<Client>,
        dies: Vec<u32>,
        stalls: Vec<(u32, f64)>,
        path: &Path,
    ) {
        let index = self.processes.len();
        {
            let mut ledger = self.ways.ledger.lock();
            let root = after.map_or(index, |before| ledger.roots[before]);
            ledger.roots.push(root);
        }
        let process = Process::begin(index, &self.ways, self.plan, &self.token, path);
        for client in &clients {
            let (begun, chaos) = (Arc::clone(&client.begun), Arc::clone(&self.chaos));
            let wishes = client.wishes.clone();
            let note = {
                let wishes = wishes.clone();
                move |place: usize, op| {
                    *begun.lock().unwrap() = Some((place, op));
                    chaos.lock().unwrap().insert(op, wishes[place].clone());
                }
            };
            let owner = Owner { process: Some(index), ..Owner::default() };
            self.ways.spawner.spawn(owner, process.clone().client(wishes, note));
        }
        let process = Some(process);
        self.processes.push(Alive { process, clients, polls: 0, dies, stalls, stands_until: Duration::ZERO });
    }

    fn hands(&self) {
        for hand in &self.plan.hands {
            let (ways, hand) = (self.ways.clone(), hand.clone());
            self.ways.spawner.spawn(Owner::default(), async move {
                ways.clock.sleep_until(seconds(hand.at)).await;
                let id = &ways.calls[hand.call];
                let done = match hand.act {
                    Act::Press(action) => ways.sim.by_hand(id, action),
                    Act::Hold(on) => ways.sim.hold(id, on),
                    Act::Transfer => ways.sim.transfer(id),
                    Act::End => ways.sim.end_call(id),
                };
                let mut ledger = ways.ledger.lock();
                let moment = ledger.tell(&format!("somebody on call {}: {:?} ({done:?})", hand.call, hand.act));
                if done.is_ok() {
                    ledger.hands.push((moment.at, hand.call, hand.act));
                }
            });
        }
    }

    /// Why it never ends, if it does not.
    fn turn_until_done(&mut self) -> Option<String> {
        loop {
            let now = self.ways.clock.now();
            let standing: Vec<bool> = self.processes.iter().map(|alive| now < alive.stands_until).collect();
            let may_run = |owner: Owner| owner.process.is_none_or(|process| !standing[process]);
            let ledger = self.ways.ledger.clone();
            let polled = self.executor.turn(&mut self.dice, may_run, |owner| {
                let mut ledger = ledger.lock();
                ledger.now = now;
                ledger.current = owner.op;
            });
            match polled {
                Some(owner) => self.after(owner),
                None if self.executor.is_empty() => return None,
                None if self.ways.clock.advance_to_next().is_none() => {
                    return Some("nothing can ever happen again, and something is not over".into());
                }
                None => {}
            }
            if self.executor.polls > MOST_POLLS {
                return Some(format!("it is not over after {MOST_POLLS} polls"));
            }
        }
    }

    /// What the plan has in store for a task that was just polled.
    fn after(&mut self, owner: Owner) {
        let Some(process) = owner.process else { return };
        if let Some(op) = owner.op {
            self.disturb(op);
        }
        let alive = &mut self.processes[process];
        alive.polls += 1;
        if let Some((_, time)) = alive.stalls.iter().find(|(polls, _)| *polls == alive.polls) {
            let until = self.ways.clock.now() + seconds(*time);
            alive.stands_until = until;
            let clock = self.ways.clock.clone();
            self.ways.spawner.spawn(Owner::default(), async move { clock.sleep_until(until).await });
            self.ways.ledger.lock().tell(&format!("process {process} stands still for {time} s"));
        }
        if alive.dies.first() == Some(&alive.polls) {
            self.die(process);
        }
    }

    fn disturb(&mut self, op: usize) {
        let chaos = self.chaos.lock().unwrap();
        let Some(wish) = chaos.get(&op) else { return };
        let mut ledger = self.ways.ledger.lock();
        ledger.ops[op].polls += 1;
        let polls = ledger.ops[op].polls;
        if wish.interrupts.contains(&polls)
            && let Some(handle) = ledger.ops[op].handle.upgrade()
        {
            ledger.tell(&format!("op{op} is interrupted"));
            drop(ledger);
            handle.interrupt();
            return;
        }
        if wish.cancel == Some(polls) && ledger.ops[op].outcome.is_none() {
            ledger.finish(op, Outcome::Cancelled);
            drop(ledger);
            drop(chaos);
            self.executor.kill(|owner| owner.op == Some(op) && !owner.outlives);
        }
    }

    /// A process dies. Of its journal stays what is on disk at this moment; its successor goes on with that.
    fn die(&mut self, index: usize) {
        let dead = self.processes[index].process.take().unwrap();
        let path = self.folder.join(format!("{}.db", self.processes.len() + 100));
        for ending in ["", "-wal"] {
            let name = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
            if name(&dead.path()).exists() {
                fs::copy(name(&dead.path()), name(&path)).unwrap();
            }
        }
        self.ways.ledger.lock().tell(&format!("process {index} dies"));
        {
            let mut ledger = self.ways.ledger.lock();
            for op in 0..ledger.ops.len() {
                if ledger.ops[op].process == index {
                    ledger.finish(op, Outcome::Died);
                }
            }
        }
        self.executor.kill(|owner| owner.process == Some(index));
        drop(dead);
        let alive = &self.processes[index];
        let mut clients: Vec<_> = alive.clients.iter().map(Client::rest).collect();
        let dies = alive.dies[1..].to_vec();
        // Mostly what was left behind is settled first; else everybody goes on at once, or both.
        match (self.dice.u32(..4), clients.first_mut()) {
            (0, _) | (_, None) => {}
            (1, _) => clients.push(Client { wishes: vec![Wish::new(0, Work::Recover)], begun: Arc::default() }),
            (_, Some(first)) => first.wishes.insert(0, Wish::new(0, Work::Recover)),
        }
        let open = Reader::open(&path).unwrap().pending().unwrap();
        self.ways.ledger.lock().open_at_death.extend(open.into_iter().map(|row| row.client_id));
        self.begin(Some(index), clients, dies, Vec::new(), &path);
    }

    fn alive(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter_map(|alive| alive.process.as_ref())
    }

    /// What is still to be settled in the journals of the processes that live.
    fn pending(&self) -> Vec<Entry> {
        self.alive().flat_map(|process| process.journal.pending().now_or_never().unwrap().unwrap()).collect()
    }

    /// When all is done, each process recovers what its journal still holds.
    fn recover_all(&mut self) {
        self.ways.ledger.lock().tell("all is done that was wanted; what is left is recovered");
        for process in self.alive() {
            let owner = Owner { process: Some(process.index), ..Owner::default() };
            let wishes = vec![Wish::new(0, Work::Recover)];
            self.ways.spawner.spawn(owner, process.clone().client(wishes, |_, _| {}));
        }
        self.processes.iter_mut().for_each(|alive| alive.dies.clear());
    }

    fn past(self, stuck: Option<String>, pending: Vec<Entry>) -> Past {
        let (sim, calls) = (&self.ways.sim, &self.ways.calls);
        let readers = self.alive().map(|process| Reader::open(&process.path()).unwrap());
        Past {
            plan: self.plan.clone(),
            effects: calls.iter().map(|id| sim.commands(id).unwrap()).collect(),
            last: calls.iter().map(|id| sim.state(id).unwrap()).collect(),
            ledger: self.ways.ledger.clone(),
            rows: readers.flat_map(Reader::entries).map(Result::unwrap).collect(),
            left: self.pending(),
            pending,
            calls: calls.to_vec(),
            stuck,
        }
    }
}

impl Client {
    /// What is left to do: the wish under way is tried again.
    fn rest(&self) -> Self {
        let begun = self.begun.lock().unwrap().map_or(0, |(place, _)| place);
        let calm = |wish: &Wish| Wish { cancel: None, interrupts: Vec::new(), ..wish.clone() };
        Self { wishes: self.wishes[begun..].iter().map(calm).collect(), begun: Arc::default() }
    }
}

fn token(sim: &Simulator, door: &Door) -> String {
    let basic = basic(sim.client_id(), sim.client_secret());
    let headers = HeaderMap::from_iter([
        (header::AUTHORIZATION, basic.parse().unwrap()),
        (header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap()),
    ]);
    let asking = door.ask(Method::POST, "/oauth/token", headers, Bytes::from_static(GRANT.as_bytes()));
    let (_, _, body) = asking.now_or_never().unwrap().unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}
