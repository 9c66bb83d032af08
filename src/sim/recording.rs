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

/// Who makes a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorder {
    /// A policy: both sides, from the beginning of the call to its end, whatever is commanded.
    Policy,
    /// An agent's, on demand, by participant.
    Adhoc(Uuid),
    /// An agent's own cut-out, by participant. It is never paused.
    Snippet(Uuid),
}

#[derive(Debug, Clone)]
pub(super) struct Recording {
    pub id: Uuid,
    pub recorder: Recorder,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub pauses: Vec<Pause>,
}

/// A time without recording; a hold of a call too.
#[derive(Debug, Clone)]
pub(super) struct Pause {
    pub started: Moment,
    pub ended: Option<Moment>,
}

impl Recording {
    pub(super) fn new(id: Uuid, recorder: Recorder, started: Moment) -> Self {
        Self { id, recorder, started, ended: None, pauses: Vec::new() }
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

    /// Whether a pause or a hold can reach it.
    pub(super) fn pausable(&self) -> bool {
        !matches!(self.recorder, Recorder::Snippet(_))
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
}
