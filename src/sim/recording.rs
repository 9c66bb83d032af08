//! One recording, its secure pauses, and the phases between which commands move it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moment::Moment;

/// What may be done to a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Begin a new recording.
    Start,
    /// End the recording.
    Stop,
    /// Begin a secure pause.
    Pause,
    /// End the secure pause.
    Resume,
}

/// What is true of a call's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Something is being recorded.
    Recording,
    /// A secure pause is on, whether on hold or not.
    Paused,
    /// The recording is suppressed because the call is on hold.
    Held,
    /// Nothing is recorded; also of a call that has ended.
    Stopped,
}

/// What commands have made of a recording. A hold is not their business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Recording,
    Paused,
    /// Also where there never was a recording.
    Ended,
}

#[derive(Debug, Clone)]
pub(super) struct Recording {
    pub id: Uuid,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub pauses: Vec<Pause>,
}

#[derive(Debug, Clone)]
pub(super) struct Pause {
    pub started: Moment,
    pub ended: Option<Moment>,
}

impl Recording {
    pub(super) fn new(id: Uuid, started: Moment) -> Self {
        Self { id, started, ended: None, pauses: Vec::new() }
    }

    pub(super) fn end(&mut self, at: Moment) {
        self.ended.get_or_insert(at);
        self.resume(at);
    }

    pub(super) fn pause(&mut self, at: Moment) {
        self.pauses.push(Pause { started: at, ended: None });
    }

    pub(super) fn resume(&mut self, at: Moment) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.ended.get_or_insert(at);
        }
    }

    pub(super) fn phase(&self) -> Phase {
        if self.ended.is_some() {
            Phase::Ended
        } else if self.pauses.last().is_some_and(|pause| pause.ended.is_none()) {
            Phase::Paused
        } else {
            Phase::Recording
        }
    }
}

impl Phase {
    /// The tutorial's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    /// A secure pause is not lifted by a start: that takes a resume.
    pub(super) fn after(self, action: Action) -> Self {
        match (self, action) {
            (Self::Ended, Action::Start) | (Self::Paused, Action::Resume) => Self::Recording,
            (Self::Recording, Action::Pause) => Self::Paused,
            (Self::Recording | Self::Paused, Action::Stop) => Self::Ended,
            (phase, _) => phase,
        }
    }
}
