//! Everything that is true in a simulator, in one place and without I/O: time is handed in, answers are values.

use std::collections::HashMap;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::Call;
use super::calls::{Calls, Denied, NewCall, Order};
use super::dice::{Dice, Purpose};
use super::directory::Directory;
use super::error::SimError;
use super::evidence::{self, Evidence};
use super::faults::Faults;
use super::log::{Log, Seat};
use super::moment::{Moment, iso};
use super::notify::{Channels, SimChannel};
use super::options::{Published, Settings};
use super::parties::Party;
use super::queue::{Aim, Command, Fate, SimCommand};
use super::recording::{Action, Recording, State};
use super::reply::Failure;
use super::tokens::{Holder, Tokens};

/// The state of a simulator.
pub(super) struct World {
    pub tokens: Tokens,
    pub faults: Faults,
    pub log: Log,
    pub channels: Channels,
    pub directory: Directory,
    pub published: Published,
    calls: Calls,
    listening: bool,
    /// When the media of which recording are ready.
    transcodings: HashMap<Uuid, Moment>,
    ids: Dice,
    requests: Dice,
    start: Moment,
    now: Moment,
}

impl World {
    pub(super) fn new(settings: &Settings, start: Moment) -> Self {
        let directory = Directory::new(settings.seed);
        Self {
            tokens: Tokens::new(settings),
            faults: Faults::new(settings.seed),
            log: Log::default(),
            channels: Channels::new(settings.notifications, settings.seed),
            calls: Calls::new(settings, start, &directory),
            directory,
            listening: false,
            published: settings.published,
            transcodings: HashMap::new(),
            ids: Dice::new(settings.seed, Purpose::Annotations),
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
        self.channels.tick(self.now);
    }

    /// A request is noted; it gets its id, and a place in the log for its answer's status.
    pub(super) fn arrive(&mut self, method: Method, path: String) -> (Seat, Uuid) {
        let request_id = self.requests.uuid();
        let at = self.now.saturating_sub(self.start);
        (self.log.arrived(method, path, at, request_id), request_id)
    }

    /// Opens the socket of a notification channel; gives its number, or None where there is no such channel.
    pub(super) fn connect(&mut self, channel: &str) -> Option<u64> {
        let number = self.channels.connect(self.now, channel)?;
        self.listen();
        Some(number)
    }

    /// A socket of a notification channel is gone.
    pub(super) fn disconnect(&mut self, number: u64) {
        self.channels.disconnect(number);
        self.listen();
    }

    /// Tells those who listen what has happened in calls, and when something will happen by itself.
    pub(super) fn publish(&mut self) {
        if self.channels.listening() {
            for change in self.calls.take_changes(self.now) {
                self.channels.publish(&change);
            }
            self.channels.know_due(self.calls.next_due());
        }
    }

    /// When something will happen in a call by itself, if nothing comes before.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.calls.next_due()
    }

    /// Calls note what happens in them only where somebody wants to know.
    fn listen(&mut self) {
        if self.listening != self.channels.listening() {
            self.listening = !self.listening;
            self.calls.listen(self.now, self.listening);
        }
    }

    /// The notification channels, oldest first.
    pub(super) fn channels(&self) -> Vec<SimChannel> {
        self.channels.shown(self.now)
    }

    pub(super) fn close_sockets(&mut self, notice: Duration) -> usize {
        self.channels.close_sockets(self.now, notice)
    }

    /// Calls for a listing, active or ended.
    pub(super) fn listed(&self, active: bool) -> impl Iterator<Item = &Call> {
        let now = self.now;
        self.calls.all().filter(move |call| call.active(now) == active)
    }

    /// All calls as they are now, in the order of their appearance.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &Call> {
        self.calls.settled(self.now)
    }

    /// What the analytics have heard of, until when.
    pub(super) fn heard_until(&self) -> Moment {
        self.now.saturating_sub(self.published.search_lag)
    }

    /// In the vendor's word, what the recorders that a command is meant for will be once it has acted.
    pub(super) fn words_after(&mut self, id: &str, action: Action, aim: Aim) -> &'static str {
        let command = Command { action, aim, due: self.now, request_id: None, recording_id: Uuid::nil() };
        self.conversation(id).map(|call| call.words_after(&command).upper).unwrap_or_default()
    }

    /// The recordings of a call that have ended, or that one of them, and when their media are ready, if anybody wants
    /// them: to want them first begins their transcoding. None if there never was such a call.
    pub(super) fn evidence(
        &mut self,
        id: &str,
        wanted: Option<&str>,
        with_media: bool,
    ) -> Option<(Moment, Vec<Evidence<'_>>)> {
        let (now, transcoding) = (self.now, self.published.transcoding);
        let call = &*self.calls.find(now, id)?;
        let is_wanted = |one: &&Recording| wanted.is_none_or(|wanted| one.id.to_string() == wanted);
        let (mut ready, mut found) = (now, Vec::new());
        for recording in evidence::ended(call).filter(is_wanted) {
            if with_media {
                ready = ready.max(*self.transcodings.entry(recording.id).or_insert(now + transcoding));
            }
            found.push(Evidence::of(call, recording, with_media, &mut self.ids));
        }
        Some((ready, found))
    }

    /// Accepts a command, or says why not.
    pub(super) fn command(&mut self, id: &str, order: Order) -> Result<(), Denied> {
        self.calls.command(self.now, id, order)
    }

    /// A call, active or not; None if there never was one.
    pub(super) fn conversation(&mut self, id: &str) -> Option<&Call> {
        self.calls.find(self.now, id).map(|call| &*call)
    }

    /// The recordings of a live call, newest first.
    pub(super) fn recordings(&mut self, id: &str) -> Result<impl Iterator<Item = &Recording>, Failure> {
        let call = self.calls.find_active(self.now, id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(call.recorders.all().rev())
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

    /// The agent of a live call puts it on hold, or takes it back.
    pub(super) fn hold(&mut self, id: &str, on: bool) -> Result<(), SimError> {
        let now = self.now;
        self.live(id)?.hold(now, on);
        Ok(())
    }

    /// Another agent takes over a live call: whom its agent consulted, who is in its conference, or else a new one.
    pub(super) fn transfer(&mut self, id: &str) -> Result<(), SimError> {
        let now = self.now;
        self.bring(id, |call, next| call.transfer(now, next))
    }

    /// The agent of a live call asks another one, while the customer waits.
    pub(super) fn consult(&mut self, id: &str) -> Result<(), SimError> {
        let now = self.now;
        self.bring(id, |call, next| call.consult(now, next))
    }

    /// Another agent joins a live call: whom its agent consulted, or else a new one.
    pub(super) fn conference(&mut self, id: &str) -> Result<(), SimError> {
        let now = self.now;
        self.bring(id, |call, next| call.conference(now, next))
    }

    fn bring(&mut self, id: &str, how: impl FnOnce(&mut Call, Party)) -> Result<(), SimError> {
        self.live(id)?;
        self.calls.bring(self.now, id, how);
        Ok(())
    }

    /// The agent of a live call gives a command on the vendor's screen.
    pub(super) fn by_hand(&mut self, id: &str, action: Action) -> Result<(), SimError> {
        self.live(id)?;
        let order = Order { action, aim: Aim::Call, request_id: None, fate: Fate::InOrder, must_change: false };
        // Nothing speaks against a command to a live call that need not change anything.
        let _ = self.command(id, order);
        Ok(())
    }

    pub(super) fn state(&mut self, id: &str) -> Result<State, SimError> {
        Ok(self.call(id)?.state())
    }

    pub(super) fn commands(&mut self, id: &str) -> Result<Vec<SimCommand>, SimError> {
        let start = self.start;
        Ok(self.call(id)?.effects.iter().map(|command| command.shown(start)).collect())
    }

    /// A token of a user, as if they had logged in.
    pub(super) fn user_token(&mut self, word: &str) -> Result<String, SimError> {
        let person = self.directory.find_user(word).ok_or_else(|| SimError::UnknownUser(word.into()))?;
        Ok(self.tokens.issue(self.now, Holder::User(person.id)))
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
            "policy": call.policy(),
            "held": call.held().is_some(),
            "startTime": iso(call.started),
            "endTime": call.ends.filter(|end| *end <= now).map(iso),
            "recordings": call.recorders.all().rev().map(show_recording).collect::<Vec<_>>(),
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
            "directory": self.directory.show(),
        })
    }

    fn live(&mut self, id: &str) -> Result<&mut Call, SimError> {
        let now = self.now;
        let call = self.call(id)?;
        if call.active(now) { Ok(call) } else { Err(SimError::EndedCall(id.into())) }
    }

    fn call(&mut self, id: &str) -> Result<&mut Call, SimError> {
        self.calls.find(self.now, id).ok_or_else(|| SimError::UnknownCall(id.into()))
    }
}

fn show_recording(recording: &Recording) -> Value {
    let pauses = recording.pauses.iter();
    json!({
        "id": recording.id.to_string(),
        "status": recording.phase().word(),
        "startTime": iso(recording.started),
        "endTime": recording.ended.map(iso),
        "pauses": pauses
            .map(|pause| json!({ "startTime": iso(pause.started), "endTime": pause.ended.map(iso) }))
            .collect::<Vec<_>>(),
    })
}
