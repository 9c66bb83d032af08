//! Everything that is true in a simulator, in one place and without I/O: time is handed in, answers are values.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Call, Command, SimCommand};
use super::calls::{Calls, Denied, NewCall};
use super::dice::{Dice, Purpose};
use super::error::SimError;
use super::faults::Faults;
use super::log::{Log, Seat};
use super::moment::{Moment, iso};
use super::options::Settings;
use super::recording::{Action, Recording, State};
use super::reply::Failure;
use super::tokens::Tokens;

/// The state of a simulator.
pub(super) struct World {
    pub tokens: Tokens,
    pub faults: Faults,
    pub log: Log,
    calls: Calls,
    requests: Dice,
    start: Moment,
    now: Moment,
}

impl World {
    pub(super) fn new(settings: &Settings, start: Moment) -> Self {
        Self {
            tokens: Tokens::new(settings),
            faults: Faults::new(settings.seed),
            log: Log::default(),
            calls: Calls::new(settings, start),
            requests: Dice::new(settings.seed, Purpose::Requests),
            start,
            now: start,
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// Time passes.
    pub(super) fn tick(&mut self, now: Moment) {
        self.now = self.now.max(now);
        self.calls.tick(self.now);
    }

    /// A request is noted; it gets its id, and a place in the log for its answer's status.
    pub(super) fn arrive(&mut self, method: Method, path: String) -> (Seat, Uuid) {
        let request_id = self.requests.uuid();
        let at = self.now.saturating_sub(self.start);
        (self.log.arrived(method, path, at, request_id), request_id)
    }

    /// Calls for a listing, active or ended.
    pub(super) fn listed(&self, active: bool) -> impl Iterator<Item = &Call> {
        let now = self.now;
        self.calls.all().filter(move |call| call.active(now) == active)
    }

    /// Accepts a command; a lost one never acts.
    pub(super) fn command(&mut self, id: &str, action: Action, request_id: Uuid, lost: bool) -> Result<(), Failure> {
        self.calls.command(self.now, id, action, request_id, lost).map_err(|denied| match denied {
            Denied::NotFound => Failure::no_such_conversation(id),
            Denied::NoChange(state) => {
                let state = match state {
                    State::Recording => "recording",
                    State::Paused => "paused",
                    State::Stopped => "not recording",
                };
                let message =
                    format!("The recording of conversation {id} cannot change: it is {state}, or about to be.");
                Failure::new(StatusCode::CONFLICT, "conflict", message).parameter("conversationId", id)
            }
        })
    }

    /// The recordings of a live call, newest first.
    pub(super) fn recordings(&mut self, id: &str) -> Result<impl Iterator<Item = &Recording>, Failure> {
        let call = self.calls.find_active(self.now, id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(call.recordings.iter().rev())
    }

    pub(super) fn active_ids(&self) -> Vec<String> {
        self.calls.active(self.now).map(|call| call.id.clone()).collect()
    }

    pub(super) fn add_call(&mut self, new: NewCall) -> Result<String, SimError> {
        self.calls.add(self.now, new)
    }

    pub(super) fn end_call(&mut self, id: &str) -> Result<(), SimError> {
        let now = self.now;
        self.call(id)?.end(now);
        Ok(())
    }

    pub(super) fn state(&mut self, id: &str) -> Result<State, SimError> {
        Ok(self.call(id)?.state())
    }

    pub(super) fn commands(&mut self, id: &str) -> Result<Vec<SimCommand>, SimError> {
        let start = self.start;
        Ok(self.call(id)?.effects.iter().map(|command| command.shown(start)).collect())
    }

    /// All about one call, for whoever steers.
    pub(super) fn show_call(&mut self, id: &str) -> Result<Value, SimError> {
        let commands = self.commands(id)?;
        let now = self.now;
        let call = self.call(id)?;
        Ok(json!({
            "id": call.id,
            "active": call.active(now),
            "state": call.state(),
            "startTime": iso(call.started),
            "endTime": call.ends.filter(|end| *end <= now).map(iso),
            "recordings": call.recordings.iter().rev().map(show_recording).collect::<Vec<_>>(),
            "commands": commands,
            "pending": call.pending(),
        }))
    }

    /// The whole in short, for whoever steers.
    pub(super) fn show(&self) -> Value {
        json!({
            "client_id": self.tokens.client_id(),
            "client_secret": self.tokens.client_secret(),
            "now": self.now.saturating_sub(self.start).as_secs_f64(),
            "calls": self.active_ids(),
            "faults": self.faults.all(),
            "requests": self.log.total(),
        })
    }

    fn call(&mut self, id: &str) -> Result<&mut Call, SimError> {
        self.calls.find(self.now, id).ok_or_else(|| SimError::UnknownCall(id.into()))
    }
}

impl Command {
    fn shown(&self, start: Moment) -> SimCommand {
        SimCommand {
            action: self.action,
            at: self.due.saturating_sub(start).as_secs_f64(),
            request_id: self.request_id.to_string(),
        }
    }
}

fn show_recording(recording: &Recording) -> Value {
    let pauses = recording.pauses.iter();
    json!({
        "id": recording.id.to_string(),
        "status": recording.status(),
        "startTime": iso(recording.started),
        "endTime": recording.ended.map(iso),
        "pauses": pauses
            .map(|pause| json!({ "startTime": iso(pause.started), "endTime": pause.ended.map(iso) }))
            .collect::<Vec<_>>(),
    })
}
