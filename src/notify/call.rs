//! One call in a stream: what is known of it, and through which topics that was heard.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::told::Told;
use crate::model::Flaw;
use crate::wire::platform::{Known, Picture, fingerprint};

/// The same change comes through the topic of a queue and through that of each user, one after the other: so long at most.
const ECHO: Duration = Duration::from_secs(10);
/// So many changes are remembered for their echoes.
const REMEMBERED: usize = 32;

/// A call that is followed.
#[derive(Debug, Default)]
pub(super) struct FollowedCall {
    known: Option<Known>,
    pub(super) told: Told,
    /// How many events changed it: a read that was under way meanwhile may be older than they are.
    pub(super) version: u64,
    /// A read is wanted or under way.
    pub(super) to_read: bool,
    /// When it ended, if it has.
    pub(super) ended_at: Option<SystemTime>,
    heard: VecDeque<Heard>,
    /// Up to where each topic has told what was heard.
    cursors: HashMap<String, u64>,
    next: u64,
}

#[derive(Debug)]
struct Heard {
    number: u64,
    print: u64,
    at: SystemTime,
}

/// What came of an event.
#[derive(Debug)]
pub(super) enum Change {
    /// Another topic has told it before.
    Echo,
    /// It changed what is known.
    Known(Picture),
    /// It does not say enough of a call that was not known: that has to be read.
    TooLean,
}

impl FollowedCall {
    pub(super) fn picture(&self) -> Option<Picture> {
        self.known.as_ref()?.picture().ok()
    }

    /// Takes what a topic tells. Each topic is in order, so its echoes are too: what it tells is looked for among what
    /// others have told since its own last word, and only what is not there is new.
    pub(super) fn hear(&mut self, topic: &str, body: &Value, at: SystemTime) -> Result<Change, Flaw> {
        let print = fingerprint(body).ok_or_else(|| Flaw::new("", "cannot be read"))?;
        let fresh = |heard: &Heard| at.duration_since(heard.at).is_ok_and(|age| age <= ECHO);
        let told_up_to = self.cursors.get(topic).copied();
        let echo = self
            .heard
            .iter()
            .find(|heard| told_up_to.is_none_or(|up_to| heard.number > up_to) && heard.print == print && fresh(heard));
        if let Some(number) = echo.map(|heard| heard.number) {
            self.cursors.insert(topic.to_owned(), number);
            return Ok(Change::Echo);
        }
        let known = match &self.known {
            Some(known) => known.with(body)?,
            None => Known::of(body)?,
        };
        let picture = known.picture()?;
        self.cursors.insert(topic.to_owned(), self.next);
        self.heard.push_back(Heard { number: self.next, print, at });
        self.next += 1;
        if self.heard.len() > REMEMBERED {
            self.heard.pop_front();
        }
        self.version += 1;
        let first = self.known.replace(known).is_none();
        Ok(if first && picture.active && !picture.telling { Change::TooLean } else { Change::Known(picture) })
    }

    /// Takes what a read shows.
    pub(super) fn read(&mut self, known: Known) -> Result<Picture, Flaw> {
        let picture = known.picture()?;
        self.known = Some(known);
        Ok(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(state: &str) -> Value {
        let leg = json!({"id": "1", "state": "connected", "recording": true, "recordingState": state});
        json!({"id": "c", "participants": [{"id": "a", "userId": "u", "calls": [leg]}]})
    }

    /// How many of these were new.
    fn new(words: &[(&str, &str, u64)]) -> usize {
        let mut call = FollowedCall::default();
        let is_new = |(topic, state, second): &(&str, &str, u64)| {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(*second);
            matches!(call.hear(topic, &body(state), at).unwrap(), Change::Known(_))
        };
        words.iter().map(is_new).filter(|new| *new).count()
    }

    #[test]
    fn what_two_topics_tell_is_one_change_even_where_one_lags_behind() {
        assert_eq!(new(&[("q", "active", 1), ("u", "active", 1), ("q", "paused", 2), ("u", "paused", 2)]), 2);
        let lagging =
            [("q", "active", 1), ("q", "paused", 1), ("q", "active", 1), ("u", "active", 2), ("u", "paused", 2)];
        assert_eq!(new(&lagging), 3);
        assert_eq!(new(&[lagging.as_slice(), &[("u", "active", 2)]].concat()), 3);
    }

    #[test]
    fn what_one_topic_alone_tells_is_new() {
        // The queue's topic fell silent after a transfer.
        assert_eq!(new(&[("q", "active", 1), ("u", "active", 1), ("u", "paused", 2), ("u", "active", 3)]), 3);
        // Long after: no echo.
        assert_eq!(new(&[("q", "active", 1), ("q", "paused", 2), ("u", "active", 60)]), 3);
    }

    #[test]
    fn an_event_that_says_nothing_of_the_recording_is_too_lean_to_begin_with() {
        let lean = json!({"id": "c", "participants": [{"id": "a", "calls": [{"id": "1", "state": "connected"}]}]});
        let mut call = FollowedCall::default();
        assert!(matches!(call.hear("q", &lean, SystemTime::UNIX_EPOCH).unwrap(), Change::TooLean));
    }
}
