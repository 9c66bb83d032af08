//! The verdict over a conversation of the published API: all live legs, first match wins (RULES of proof, section 1).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::{Basis, Document, Flaw, Reading, Recorder, State};

/// A word of `recordingState` and of the recorders, in either case; the API uses both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Active,
    Paused,
    None,
    /// Any other, and null: proves nothing.
    Other,
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(word) = Option::<String>::deserialize(deserializer)? else { return Ok(Self::Other) };
        Ok(match word.to_ascii_lowercase().as_str() {
            "active" => Self::Active,
            "paused" => Self::Paused,
            "none" => Self::None,
            _ => Self::Other,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Conversation {
    #[serde(default)]
    participants: Option<Vec<Participant>>,
    #[serde(default, rename = "recordingState", deserialize_with = "present")]
    recording_state: Option<Word>,
    #[serde(default, rename = "securePause")]
    secure_pause: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Participant {
    #[serde(default)]
    calls: Option<Vec<Leg>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leg {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    recording: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    recording_state: Option<Word>,
    #[serde(default)]
    secure_pause: Option<bool>,
    #[serde(default)]
    held: Option<bool>,
    #[serde(default)]
    recorders_state: Option<Recorders>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
struct Recorders {
    #[serde(default, deserialize_with = "present")]
    adhoc_state: Option<Word>,
    #[serde(default, deserialize_with = "present")]
    customer_experience_state: Option<Word>,
    #[serde(default, deserialize_with = "present")]
    agent_experience_state: Option<Word>,
    #[serde(default, deserialize_with = "present")]
    snippet_state: Option<Word>,
}

/// A member that is there, null too: a null enum is a word that we do not know, an absent one says nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    Word::deserialize(deserializer).map(Some).map_err(D::Error::custom)
}

impl Recorders {
    fn words(&self) -> impl Iterator<Item = Word> {
        let all = [self.adhoc_state, self.customer_experience_state, self.agent_experience_state, self.snippet_state];
        all.into_iter().flatten()
    }
}

impl Leg {
    fn is_live(&self) -> bool {
        is_live(self.state.as_deref())
    }

    fn is_recorded(&self) -> bool {
        self.recording == Some(true) || matches!(self.recording_state, Some(Word::Active | Word::Paused))
    }

    fn recorders(&self) -> impl Iterator<Item = Word> {
        self.recorders_state.iter().flat_map(Recorders::words)
    }
}

/// A state word that we do not know is a call that may be live.
pub(super) fn is_live(state: Option<&str>) -> bool {
    let state = state.unwrap_or_default();
    !["disconnected", "terminated"].iter().any(|ended| state.eq_ignore_ascii_case(ended))
}

/// The live legs of a conversation, and what it says about them as a whole.
#[derive(Debug)]
pub(super) struct Legs {
    live: Vec<Leg>,
    recording_state: Option<Word>,
    secure_pause: Option<bool>,
    /// There are people, and of none it is said that there ever was a call.
    no_calls: bool,
}

impl Legs {
    /// Reads what the verdict rests on. Strict in types (`"false"` is no boolean), open to fields that we do not know.
    pub(super) fn read(raw: &Document) -> Result<Self, Flaw> {
        let all: Conversation = serde_json::from_slice(raw.text()).map_err(|error| {
            // Its words may quote the body; its place does not.
            Flaw::new("", format!("is no conversation (line {}, column {})", error.line(), error.column()))
        })?;
        // Without them it is no conversation: else an empty object, from whatever stands in front, would end the call.
        let participants = all.participants.ok_or_else(|| Flaw::new("", "has no participants"))?;
        let no_calls = !participants.is_empty() && participants.iter().all(|participant| participant.calls.is_none());
        let legs = participants.into_iter().flat_map(|participant| participant.calls.unwrap_or_default());
        Ok(Self {
            live: legs.filter(Leg::is_live).collect(),
            recording_state: all.recording_state,
            secure_pause: all.secure_pause,
            no_calls,
        })
    }

    /// The same, if it is about a call: an answer that leaves the calls out, or is about a chat, would end a call that is
    /// being recorded.
    pub(super) fn of_a_call(self) -> Result<Self, Flaw> {
        if self.no_calls { Err(Flaw::new("participants", "have no calls")) } else { Ok(self) }
    }

    pub(super) fn any_live(&self) -> bool {
        !self.live.is_empty()
    }

    pub(super) fn verdict(self, raw: Document) -> Reading {
        let has_secure_pause = self.secure_pause.is_some() || self.live.iter().any(|leg| leg.secure_pause.is_some());
        let (active, state) = if self.live.is_empty() { (false, State::Stopped) } else { (true, self.state()) };
        let recorders = self.live.iter().filter_map(|leg| leg.recorders_state.as_ref());
        let recorders: Vec<_> = recorders.collect();
        let on_demand = recorders.iter().any(|all| is_on(all.adhoc_state));
        let snippet = recorders.iter().any(|all| is_on(all.snippet_state));
        Reading {
            state,
            active: Some(active),
            basis: if has_secure_pause { Basis::SecurePause } else { Basis::RecordingState },
            by_policy: !recorders.is_empty()
                && !on_demand
                && !snippet
                && matches!(state, State::Recording | State::Paused | State::Held),
            stoppable: if snippet && !on_demand { Recorder::Snippet } else { Recorder::Participant },
            raw,
        }
    }

    fn state(&self) -> State {
        let legs = &self.live;
        if legs.iter().any(|leg| leg.recorders().any(|word| word == Word::Active) || plainly_recording(leg)) {
            return State::Recording;
        }
        let words = legs.iter().flat_map(|leg| leg.recording_state.into_iter().chain(leg.recorders()));
        if words.chain(self.recording_state).any(|word| word == Word::Other) {
            return State::Unknown;
        }
        let mut recorded = legs.iter().filter(|leg| leg.is_recorded()).peekable();
        let all_secure = recorded.peek().is_some() && recorded.all(|leg| leg.secure_pause == Some(true));
        if self.secure_pause == Some(true) || all_secure {
            return State::Paused;
        }
        let anybody_held = legs.iter().any(|leg| leg.held == Some(true));
        let nowhere_secure = self.secure_pause.is_none() && legs.iter().all(|leg| leg.secure_pause.is_none());
        let mut paused = legs.iter().filter(|leg| leg.recording_state == Some(Word::Paused)).peekable();
        if paused.peek().is_some() || self.recording_state == Some(Word::Paused) {
            let not_secure = self.secure_pause == Some(false)
                || paused.any(|leg| leg.secure_pause == Some(false) || leg.held == Some(true));
            // The hold of one leg may suppress the recording that another tells of.
            return match (not_secure || (nowhere_secure && anybody_held), nowhere_secure) {
                (true, _) => State::Held,
                (false, true) => State::Paused,
                // Some legs say that it is secure, and not all: no proof of anything.
                (false, false) => State::Unknown,
            };
        }
        if legs.iter().any(contradicts_stopped) { State::Unknown } else { State::Stopped }
    }
}

/// A word that we do not know may mean that too.
fn is_on(recorder: Option<Word>) -> bool {
    matches!(recorder, Some(Word::Active | Word::Paused | Word::Other))
}

/// Recording on, active, and its own secure pause not true.
fn plainly_recording(leg: &Leg) -> bool {
    leg.recording == Some(true) && leg.recording_state == Some(Word::Active) && leg.secure_pause != Some(true)
}

/// Half of what recording would take, or words that contradict each other: no proof that nothing is recorded.
fn contradicts_stopped(leg: &Leg) -> bool {
    leg.recording_state == Some(Word::Active) || (leg.recording == Some(true) && leg.recording_state.is_none())
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
