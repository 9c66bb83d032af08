//! What happened in a run, as the world saw it: for the judge, and to be told.

use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use gcrec::api::Recovered;
use gcrec::api::pause::{Known, PauseHandle};
use gcrec::error::Error;
use gcrec::model::{Action, Proof, Receipt, RecordingStatus};
use gcrec::sim::State;

use super::plan::{Act, Work};

/// A ledger that all parts of a run write into.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<Mutex<Ledger>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap()
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) story: Vec<String>,
    /// For what the polled task is; requests that leave now are its.
    pub(super) current: Option<usize>,
    pub(super) ops: Vec<Op>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) views: Vec<View>,
    pub(super) hands: Vec<(Duration, usize, Act)>,
    pub(super) now: Duration,
    /// For each process, the one that it descends from: it goes on with that one's journal.
    pub(super) roots: Vec<usize>,
    /// Rows that were open when a process died, by who asked.
    pub(super) open_at_death: Vec<String>,
}

/// A moment: its time, and its place among all that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) at: Duration,
    pub(super) place: usize,
}

/// One wish of one client.
#[derive(Debug)]
pub(super) struct Op {
    pub(super) process: usize,
    pub(super) call: usize,
    pub(super) work: Work,
    pub(super) began: Moment,
    pub(super) ended: Option<Moment>,
    pub(super) outcome: Option<Outcome>,
    pub(super) polls: u32,
    pub(super) handle: Weak<PauseHandle>,
    /// The body of a block ran from here on, with what was known of it.
    pub(super) entered: Option<(Moment, Known)>,
    pub(super) left: Option<Moment>,
    /// Who asks, in a journal.
    pub(super) label: String,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Receipt(Receipt),
    Proof(Box<Proof>),
    Status(RecordingStatus),
    /// A block whose body ran, and how it came to its end.
    Left(Result<(), Error>, Known),
    Failed(Error),
    /// What a recovery made of each conversation.
    Recovered(Vec<Recovered>),
    /// Dropped by its caller.
    Cancelled,
    /// Its process died.
    Died,
}

/// A command that left for the server.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) op: usize,
    pub(super) process: usize,
    pub(super) call: usize,
    pub(super) action: Action,
    pub(super) departed: Moment,
    pub(super) ended: Option<Moment>,
    pub(super) request_id: Option<String>,
    /// The server said that it did nothing.
    pub(super) refused: bool,
    pub(super) answered: bool,
    /// It would change nothing, said the server: 409.
    pub(super) conflict: bool,
}

/// A read as the server answered it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) op: usize,
    pub(super) at: Moment,
    pub(super) truth: State,
    /// When its answer reached the client, if it did and could be read.
    pub(super) delivered: Option<Moment>,
}

impl Ledger {
    pub(super) fn tell(&mut self, line: &str) -> Moment {
        let place = self.story.len();
        self.story.push(format!("{:.3} {line}", self.now.as_secs_f64()));
        Moment { at: self.now, place }
    }

    pub(super) fn begin(&mut self, process: usize, call: usize, work: &Work) -> usize {
        let op = self.ops.len();
        let began = self.tell(&format!("op{op} of process {process} begins on call {call}: {work:?}"));
        self.ops.push(Op {
            process,
            call,
            work: work.clone(),
            began,
            ended: None,
            outcome: None,
            polls: 0,
            handle: Weak::new(),
            entered: None,
            left: None,
            label: format!("op{op}"),
        });
        op
    }

    pub(super) fn finish(&mut self, op: usize, outcome: Outcome) {
        if self.ops[op].outcome.is_none() {
            let ended = self.tell(&format!("op{op} ends: {}", outcome.words()));
            self.ops[op].ended = Some(ended);
            self.ops[op].outcome = Some(outcome);
        }
    }
}

impl Outcome {
    fn words(&self) -> String {
        match self {
            Self::Receipt(receipt) => format!("{} answered {}", receipt.action, receipt.status_code),
            Self::Proof(proof) => format!("{} {:?}, state {}", proof.target, proof.settled, proof.state),
            Self::Status(status) => format!("status {}", status.state),
            Self::Left(Ok(()), known) => format!("block left, owner {:?}", known.owner),
            Self::Left(Err(error), _) => format!("block left: {} ({error})", error.kind().name()),
            Self::Failed(error) => format!("{} {:?} ({error})", error.kind().name(), error.sent()),
            Self::Recovered(all) => {
                let each =
                    all.iter().map(|it| format!("{:?} {:?}", it.closed, it.error.as_ref().map(ToString::to_string)));
                format!("recovered {}", each.collect::<Vec<_>>().join(", "))
            }
            Self::Cancelled => "cancelled".into(),
            Self::Died => "its process died".into(),
        }
    }

    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) | Self::Left(Err(error), _) => Some(error),
            _ => None,
        }
    }
}
