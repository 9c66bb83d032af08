//! One recording, its pauses, and the states between which commands move it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moment::Moment;

/// What may be done to a recording on this wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Begin a new recording.
    Start,
    /// End the recording.
    Stop,
}

/// What is true of a call's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Something is being recorded.
    Recording,
    /// A secure pause is on.
    Paused,
    /// Nothing is recorded; also of a call that has ended.
    Stopped,
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
        if let Some(pause) = self.pauses.last_mut() {
            pause.ended.get_or_insert(at);
        }
    }

    /// The tutorial's word: `recording`, `paused` or `ended`.
    pub(super) fn status(&self) -> &'static str {
        match self.state() {
            State::Recording => "recording",
            State::Paused => "paused",
            State::Stopped => "ended",
        }
    }

    pub(super) fn state(&self) -> State {
        if self.ended.is_some() {
            State::Stopped
        } else if self.pauses.last().is_some_and(|pause| pause.ended.is_none()) {
            State::Paused
        } else {
            State::Recording
        }
    }
}

impl State {
    /// A secure pause is not lifted by a start: that takes a resume, which this wire does not have.
    pub(super) fn after(self, action: Action) -> Self {
        match (self, action) {
            (Self::Stopped, Action::Start) => Self::Recording,
            (Self::Recording | Self::Paused, Action::Stop) => Self::Stopped,
            (state, _) => state,
        }
    }
}
