//! What was recorded: the evidence, once a call or a part of it is over.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Document;

/// One recording of a conversation. What a server does not say is None; its words are its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Recording {
    /// Its id.
    pub id: String,
    /// Of which conversation.
    pub conversation_id: String,
    /// When it begins; None where there is nothing to be played.
    pub start_time: Option<SystemTime>,
    /// When it ends.
    pub end_time: Option<SystemTime>,
    /// What it is of: `audio`, `screen`.
    pub media: Option<String>,
    /// Where it was taken: `Trunk`, `Station`, `Consult`, `Screen`, `Snippet`.
    pub media_subtype: Option<String>,
    /// What has become of its file: `AVAILABLE`, `ARCHIVED`, `DELETED`.
    pub file_state: Option<String>,
    /// Who made it: `CUSTOMER_EXPERIENCE` (a policy) or `ADHOC` (on demand).
    pub recording_file_role: Option<String>,
    /// Of which session of the conversation.
    pub session_id: Option<String>,
    /// How long what can be played is, in milliseconds.
    pub output_duration_ms: Option<i64>,
    /// Where its media are; empty unless media were asked for. Whoever has such an address can listen.
    pub media_uris: BTreeMap<String, String>,
    /// What is noted along it, pauses among others.
    pub annotations: Vec<Annotation>,
    /// The server's own words.
    pub raw: Document,
}

/// A note along a recording. Its text, which may hold anything, is in the recording's `raw`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Annotation {
    /// Its id, which all pauses of a recording share.
    pub id: Option<String>,
    /// Of which kind, in the server's word.
    pub kind: Option<String>,
    /// Why, if it is a pause: `SecurePause`, `Hold`, `FlowOrQueue`, `Pause`.
    pub reason: Option<String>,
    /// Where it begins, in milliseconds. The API does not say whether pauses before it count.
    pub location: Option<i64>,
    /// How long it lasts, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Where it begins in real time, pauses before it included, in milliseconds.
    pub realtime_location: Option<i64>,
    /// Where it begins in what can be played, pauses before it taken out, in milliseconds.
    pub absolute_location: Option<i64>,
}

/// A pause in a recording, as its annotations tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Pause {
    /// In which conversation.
    pub conversation_id: String,
    /// In which recording.
    pub recording_id: String,
    /// Why: `SecurePause`, `Hold`, `FlowOrQueue`, `Pause`, or the server's own word.
    pub reason: Option<String>,
    /// When it began; None where the server does not say enough.
    pub start: Option<SystemTime>,
    /// When it ended.
    pub end: Option<SystemTime>,
    /// How long it was.
    pub duration: Option<Duration>,
    /// Which of the server's fields `start` rests on: `realtimeLocation`, or the less certain `location`.
    pub basis: Option<String>,
}

impl Recording {
    /// Its pauses, in the order of their beginnings.
    pub fn pauses(&self) -> Vec<Pause> {
        self.annotations.iter().filter(|note| note.is_pause()).map(|note| self.pause(note)).collect()
    }

    /// The real time of a pause is the recording's beginning and the real time that passed in it. `location` alone may leave
    /// out earlier pauses: then the later ones of several began later than it says.
    fn pause(&self, note: &Annotation) -> Pause {
        let (offset, basis) = match (note.realtime_location, note.location) {
            (Some(offset), _) => (Some(offset), Some("realtimeLocation")),
            (None, Some(offset)) => (Some(offset), Some("location")),
            (None, None) => (None, None),
        };
        let start = self.start_time.zip(offset.and_then(milliseconds)).and_then(|(at, offset)| at.checked_add(offset));
        let duration = note.duration_ms.and_then(milliseconds);
        Pause {
            conversation_id: self.conversation_id.clone(),
            recording_id: self.id.clone(),
            reason: note.reason.clone().or_else(|| note.kind.clone()),
            start,
            end: start.zip(duration).and_then(|(start, duration)| start.checked_add(duration)),
            duration,
            basis: basis.filter(|_| start.is_some()).map(str::to_owned),
        }
    }
}

impl Annotation {
    /// Only pauses have a reason; where that is left out, the kind tells.
    fn is_pause(&self) -> bool {
        let named = |word: &&str| self.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(word));
        self.reason.is_some() || ["pause", "hold", "securepause"].iter().any(named)
    }
}

/// A length of time; None where it would be negative.
fn milliseconds(count: i64) -> Option<Duration> {
    u64::try_from(count).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(kind: Option<&str>, reason: Option<&str>) -> Annotation {
        Annotation {
            id: None,
            kind: kind.map(str::to_owned),
            reason: reason.map(str::to_owned),
            location: Some(5_000),
            duration_ms: Some(2_000),
            realtime_location: None,
            absolute_location: None,
        }
    }

    fn recording(annotations: Vec<Annotation>) -> Recording {
        Recording {
            id: "r".into(),
            conversation_id: "c".into(),
            start_time: Some(at(100)),
            end_time: None,
            media: None,
            media_subtype: None,
            file_state: None,
            recording_file_role: None,
            session_id: None,
            output_duration_ms: None,
            media_uris: BTreeMap::new(),
            annotations,
            raw: Document::empty(),
        }
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_has_a_reason_or_is_called_so_is_a_pause() {
        let all = recording(vec![
            note(Some("bookmark"), None),
            note(Some("Hold"), None),
            note(Some("pause"), Some("SecurePause")),
            note(None, Some("a new word")),
            note(None, None),
        ]);
        let reasons: Vec<_> = all.pauses().into_iter().map(|pause| pause.reason.unwrap()).collect();
        assert_eq!(reasons, ["Hold", "SecurePause", "a new word"]);
    }

    #[test]
    fn real_time_goes_before_a_location_that_may_leave_out_pauses() {
        let mut pause = note(None, Some("SecurePause"));
        let of = |note: &Annotation| recording(vec![note.clone()]).pauses().remove(0);
        assert_eq!((of(&pause).start, of(&pause).end), (Some(at(105)), Some(at(107))));
        assert_eq!(of(&pause).basis.as_deref(), Some("location"));
        pause.realtime_location = Some(9_000);
        assert_eq!((of(&pause).start, of(&pause).end), (Some(at(109)), Some(at(111))));
        assert_eq!(of(&pause).basis.as_deref(), Some("realtimeLocation"));
    }

    #[test]
    fn what_is_not_said_is_not_made_up() {
        let mut silent = recording(vec![note(None, Some("Hold"))]);
        silent.start_time = None;
        let pause = silent.pauses().remove(0);
        assert_eq!((pause.start, pause.end, pause.basis), (None, None, None));
        assert_eq!(pause.duration, Some(Duration::from_secs(2)));
        let mut open = note(None, Some("Hold"));
        (open.duration_ms, open.location) = (Some(-1), Some(-1));
        let pause = recording(vec![open]).pauses().remove(0);
        assert_eq!((pause.start, pause.end, pause.duration), (None, None, None));
    }
}
