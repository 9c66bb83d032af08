//! What is known once a command was taken, and once its effect was seen.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Action, Basis, Document, State, Target};

/// The server took a command. That is no proof that it acted.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Receipt {
    /// To which conversation.
    pub conversation_id: String,
    /// What was commanded.
    pub action: Action,
    /// The status code of the answer.
    pub status_code: u16,
    /// Requests sent for it, repeats included.
    pub attempts: u32,
    /// When it was sent.
    pub sent_at: SystemTime,
    /// From then to the answer.
    pub elapsed: Duration,
    /// The server's id of the exchange.
    pub correlation_id: Option<String>,
    /// The server's own words.
    pub raw: Document,
}

/// How a wish came true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Settled {
    /// By a command of ours whose effect was read.
    Proven,
    /// It held before; nothing of ours changed it.
    Already,
    /// The call ended, and with it what was to be stopped.
    Ended,
}

/// The server said that what was wanted is so, and no open command of ours could still change it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Proof {
    /// Of which conversation.
    pub conversation_id: String,
    /// What was wanted.
    pub target: Target,
    /// How it came about.
    pub settled: Settled,
    /// The state that shows it.
    pub state: State,
    /// The state before; None where the server knew of none.
    pub before: Option<State>,
    /// What the state before rests on.
    pub before_basis: Option<Basis>,
    /// Commands that were sent for it.
    pub commands_sent: u32,
    /// The last command that was taken.
    pub receipt: Option<Receipt>,
    /// Reads, the first included.
    pub polls: u32,
    /// From the beginning to the proof.
    pub elapsed: Duration,
    /// When the server said so.
    pub observed_at: SystemTime,
}

/// What one look shows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct RecordingStatus {
    /// Of which conversation.
    pub conversation_id: String,
    /// The verdict.
    pub state: State,
    /// Is the call live? None where the wire does not say.
    pub active: Option<bool>,
    /// What the verdict rests on.
    pub basis: Basis,
    /// When the server said so.
    pub observed_at: SystemTime,
    /// The server's own words.
    pub raw: Document,
}
