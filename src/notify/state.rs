//! What one stream knows: its calls, what is to be read, what waits to be taken.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::{Duration, SystemTime};

use super::call::FollowedCall;
use crate::error::Error;
use crate::model::Event;
use crate::wire::platform::notifications::{Topic, queue, user};
use crate::wire::platform::{Person, Picture};

/// An ended call is remembered so long: other topics may tell of it yet.
const REMEMBERED: Duration = Duration::from_secs(60);
/// Ended calls are looked for when so many have been added.
const SWEEP: usize = 256;

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four questions with four answers")]
pub(super) struct State {
    pub(super) calls: HashMap<String, FollowedCall>,
    pub(super) added: usize,
    pub(super) waiting: VecDeque<Event>,
    /// Since when events did not fit.
    pub(super) missed: Option<SystemTime>,
    pub(super) to_read: VecDeque<String>,
    /// Topics that carry the conversations that are followed by their ids.
    pub(super) carriers: HashSet<String>,
    /// Conversations that none of them carries now.
    pub(super) unheard: BTreeSet<String>,
    pub(super) refused: Vec<Topic>,
    /// The server has decided on the topics.
    pub(super) begun: bool,
    /// All calls that may be concerned are to be looked for.
    pub(super) to_list: bool,
    /// That is under way.
    pub(super) listing: bool,
    pub(super) failure: Option<Error>,
    pub(super) over: bool,
}

impl State {
    pub(super) fn call(&mut self, id: &str) -> &mut FollowedCall {
        if !self.calls.contains_key(id) {
            self.added += 1;
        }
        self.calls.entry(id.to_owned()).or_default()
    }

    pub(super) fn want_read(&mut self, id: String) {
        if !std::mem::replace(&mut self.call(&id).to_read, true) {
            self.to_read.push_back(id);
        }
    }

    /// A read that is under way already may show what was before.
    pub(super) fn want_new_read(&mut self, id: String) {
        self.call(&id).version += 1;
        self.want_read(id);
    }

    /// Follows the people of a call that is followed by its id. Who has left may be told of its end yet.
    pub(super) fn carry(&mut self, id: &str, picture: &Picture) {
        let live = picture.people.iter().filter(|person| person.live);
        let topics = |person: &Person| [person.user_id.as_deref().map(user), person.queue_id.as_deref().map(queue)];
        let topics: Vec<_> = live.flat_map(topics).flatten().collect();
        if picture.active && topics.is_empty() {
            self.unheard.insert(id.to_owned());
        } else {
            self.unheard.remove(id);
        }
        self.carriers.extend(topics);
    }

    /// Lets go of calls that ended some time ago.
    pub(super) fn sweep(&mut self, now: SystemTime) {
        if self.added >= SWEEP {
            self.added = 0;
            let over = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age > REMEMBERED);
            // The end of a call that was told of has to be told, however slow the reader.
            self.calls.retain(|_, call| !call.ended_at.is_some_and(over) || call.told.is_owed());
        }
    }
}
