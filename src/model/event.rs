//! What is told of calls while it happens.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::State;

/// Something happened, or may have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Event {
    /// To a call.
    Call(CallEvent),
    /// Nobody listened for a while.
    Gap(Gap),
    /// A secure pause lasts longer than it may.
    Alarm(PauseAlarm),
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Happening {
    /// It is recorded now.
    RecordingStarted,
    /// A secure pause is on.
    RecordingPaused,
    /// The secure pause is over.
    RecordingResumed,
    /// It is not recorded any more, and goes on.
    RecordingStopped,
    /// Somebody was put on hold, or recording is suppressed as on hold.
    CallHeld,
    /// Somebody was connected, or taken off hold.
    CallConnected,
    /// Nobody is on the call any more.
    CallEnded,
}

impl Happening {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::RecordingStarted,
        Self::RecordingPaused,
        Self::RecordingResumed,
        Self::RecordingStopped,
        Self::CallHeld,
        Self::CallConnected,
        Self::CallEnded,
    ];

    /// Its name, which is that of its class in Python.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordingStarted => "RecordingStarted",
            Self::RecordingPaused => "RecordingPaused",
            Self::RecordingResumed => "RecordingResumed",
            Self::RecordingStopped => "RecordingStopped",
            Self::CallHeld => "CallHeld",
            Self::CallConnected => "CallConnected",
            Self::CallEnded => "CallEnded",
        }
    }
}

/// How it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum SeenBy {
    /// The server told it when it happened.
    Event,
    /// By a read: it happened at some time before.
    Read,
}

impl SeenBy {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Read => "read",
        }
    }
}

/// Something that happened to a call. Names and numbers of its people are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CallEvent {
    /// What.
    pub happening: Happening,
    /// To which conversation.
    pub conversation_id: String,
    /// To which participant of it; for a recording that of the agent, if there is one.
    pub participant_id: Option<String>,
    /// Who that participant is, if it is a user.
    pub user_id: Option<String>,
    /// The queue that led the call to that participant.
    pub queue_id: Option<String>,
    /// When it was noticed.
    pub at: SystemTime,
    /// The verdict over the recording since then.
    pub state: State,
    /// The verdict that was told last; None: it was seen for the first time, and may have been so before.
    pub before: Option<State>,
    /// How it was noticed.
    pub seen_by: SeenBy,
}

/// Why nobody listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum GapReason {
    /// The socket broke.
    Broken,
    /// The server said that it would close the socket, and it was opened anew.
    Closing,
    /// No heartbeat came.
    Silent,
    /// The channel would have expired.
    Renewed,
    /// Whoever reads the events was too slow for them.
    SlowReader,
    /// An event came that could not be read.
    Unreadable,
}

impl GapReason {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Closing => "closing",
            Self::Silent => "silent",
            Self::Renewed => "renewed",
            Self::SlowReader => "slow_reader",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A time in which something may have happened that was not told. After it the state is read, and what has changed is
/// told then; what changed and changed back is not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Gap {
    /// The last sign of life before it.
    pub since: SystemTime,
    /// From here on everything is told again.
    pub until: SystemTime,
    /// Why.
    pub reason: GapReason,
    /// In this conversation only; None: in all that are followed.
    pub conversation_id: Option<String>,
}

/// A secure pause has lasted longer than it may. Told once for each pause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PauseAlarm {
    /// Of which conversation.
    pub conversation_id: String,
    /// Whose recording it is, if that was told.
    pub participant_id: Option<String>,
    /// Who that participant is, if it is a user.
    pub user_id: Option<String>,
    /// The queue that led the call to that participant.
    pub queue_id: Option<String>,
    /// When the pause was noticed. The published API does not say when a pause that is on began.
    pub paused_at: SystemTime,
    /// How it was noticed. By a read: it may have been on for longer.
    pub seen_by: SeenBy,
    /// So long it has lasted at least.
    pub lasted: Duration,
    /// When the alarm was raised.
    pub at: SystemTime,
    /// A read just then showed the pause. False: it could not be read, and nothing says that the pause is over.
    pub confirmed: bool,
}
