//! One thread that polls everything, in an order that the seed fixes.
//!
//! A task is polled only after it was woken, as a runtime does; which of the woken ones comes next is drawn. Every await
//! at which a task stops is a place where it can be dropped for good.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use fastrand::Rng;

/// Whose task it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    /// The process that it dies with; None: the world's own.
    pub(super) process: Option<usize>,
    /// What it is done for.
    pub(super) op: Option<usize>,
    /// It outlives whoever asked for it: the life of a pause block.
    pub(super) outlives: bool,
}

struct Task {
    owner: Owner,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// The way for new tasks into the executor, also from inside a task.
#[derive(Clone, Default)]
pub(super) struct Spawner(Arc<Mutex<Vec<Task>>>);

impl Spawner {
    pub(super) fn spawn(&self, owner: Owner, future: impl Future<Output = ()> + Send + 'static) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.0.lock().unwrap().push(Task { owner, future: Box::pin(future), woken });
    }
}

#[derive(Default)]
pub(super) struct Executor {
    pub(super) spawner: Spawner,
    tasks: Vec<Task>,
    pub(super) polls: u64,
}

impl Executor {
    /// Polls one task that can go on, and gives whose it was; None if none can. `begin` hears of it before.
    pub(super) fn turn(
        &mut self,
        dice: &mut Rng,
        may_run: impl Fn(Owner) -> bool,
        begin: impl FnOnce(Owner),
    ) -> Option<Owner> {
        self.adopt();
        let can = |task: &&Task| task.woken.0.load(Ordering::Acquire) && may_run(task.owner);
        let ready = self.tasks.iter().filter(can).count();
        if ready == 0 {
            return None;
        }
        let chosen = dice.usize(..ready);
        let places = self.tasks.iter().enumerate().filter(|(_, task)| can(task));
        let place = places.map(|(place, _)| place).nth(chosen).unwrap();
        let task = &mut self.tasks[place];
        let owner = task.owner;
        begin(owner);
        task.woken.0.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&task.woken));
        self.polls += 1;
        if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            drop(self.tasks.remove(place));
        }
        Some(owner)
    }

    /// Drops all tasks of which this is true.
    pub(super) fn kill(&mut self, doomed: impl Fn(Owner) -> bool) {
        self.adopt();
        // One after the other: what a drop wakes or spawns is seen by nobody else.
        while let Some(place) = self.tasks.iter().position(|task| doomed(task.owner)) {
            drop(self.tasks.remove(place));
        }
    }

    pub(super) fn is_empty(&mut self) -> bool {
        self.adopt();
        self.tasks.is_empty()
    }

    fn adopt(&mut self) {
        self.tasks.append(&mut self.spawner.0.lock().unwrap());
    }
}
