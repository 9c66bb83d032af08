//! What the bodies of the published API say of a participant and its leg, before they say it each in their own way.

use serde::Serialize;
use uuid::Uuid;

use super::call::Call;
use super::moment::Moment;
use super::parties::{Leaving, Party, Purpose};
use super::queue::{Aim, Command};
use super::recorders;
use super::recording::{Recorder, Recording, State};

/// What the three states of recording are called where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub upper: &'static str,
    pub lower: &'static str,
}

const NONE: Words = Words { upper: "NONE", lower: "none" };
const ACTIVE: Words = Words { upper: "ACTIVE", lower: "active" };
const PAUSED: Words = Words { upper: "PAUSED", lower: "paused" };

/// `recordersState`, in upper case wherever it stands.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct RecordersState {
    #[serde(rename = "adhocState")]
    adhoc: &'static str,
    #[serde(rename = "customerExperienceState")]
    customer_experience: &'static str,
    #[serde(rename = "agentExperienceState")]
    agent_experience: &'static str,
    #[serde(rename = "snippetState")]
    snippet: &'static str,
}

/// A leg of a call that was settled.
pub(super) struct Leg<'a> {
    pub party: &'a Party,
    pub state: &'static str,
    pub ended: Option<Moment>,
    /// In the words of conversations; analytics has its own.
    pub disconnect_type: Option<&'static str>,
    pub recording: bool,
    pub words: Words,
    pub recorders: RecordersState,
    pub secure_pause: Option<bool>,
    pub recording_id: Option<Uuid>,
    pub held: Option<Moment>,
    /// Who is on hold hears music.
    pub confined: bool,
}

/// The words of some recordings together, as of the last settling.
pub(super) struct Summary {
    pub words: Words,
    pub secure_pause: Option<bool>,
}

impl Call {
    pub(super) fn legs(&self) -> impl Iterator<Item = Leg<'_>> {
        self.parties.all().map(|party| self.leg(party))
    }

    /// What the body says at its top.
    pub(super) fn summary(&self) -> Summary {
        self.sum(self.recorders.live())
    }

    /// The words that answer a command: what its recorders will be once it has acted.
    pub(super) fn words_after(&self, command: &Command) -> Words {
        let mut coming = self.coming();
        coming.apply(command, self.parties.agent.id);
        let meant = |one: &&Recording| match command.aim {
            Aim::Call => true,
            Aim::Recorder(recorder) => one.recorder == recorder,
        };
        self.sum(coming.live().filter(meant)).words
    }

    fn leg<'a>(&'a self, party: &'a Party) -> Leg<'a> {
        let (state, ended, disconnect_type) = match (party.left, self.ended()) {
            (Some((left, how)), _) => ("disconnected", Some(left), Some(how.word())),
            (None, Some(end)) => ("terminated", Some(end), Some("endpoint")),
            (None, None) => ("connected", None, None),
        };
        let live = ended.is_none();
        let records = |one: &&Recording| live && one.records(party);
        let of = || self.recorders.live().filter(records);
        let (agent, customer) = (party.purpose == Purpose::Agent, party.purpose == Purpose::Customer);
        let word = |which: &dyn Fn(Recorder) -> bool| self.sum(of().filter(|one| which(one.recorder))).words.upper;
        let policy = |recorder| recorder == Recorder::Policy;
        let sum = self.sum(of());
        Leg {
            party,
            state,
            ended,
            disconnect_type,
            recording: of().next().is_some(),
            words: sum.words,
            recorders: RecordersState {
                adhoc: word(&|recorder| matches!(recorder, Recorder::Adhoc(_))),
                customer_experience: word(&|recorder| customer && policy(recorder)),
                agent_experience: word(&|recorder| agent && policy(recorder)),
                snippet: word(&|recorder| matches!(recorder, Recorder::Snippet(_))),
            },
            secure_pause: sum.secure_pause,
            recording_id: of().last().map(|one| one.id),
            // Who put the call on hold hears silence.
            held: self.held().filter(|_| live && party.id == self.parties.agent.id),
            confined: live && customer && self.held().is_some(),
        }
    }

    /// One that is paused makes them all read paused: whether another one records is for `recordersState` to tell.
    fn sum<'a>(&self, recordings: impl Iterator<Item = &'a Recording>) -> Summary {
        let (mut words, mut secure_pause) = (NONE, false);
        for recording in recordings {
            let state = recorders::state(recording, self.suppressed());
            secure_pause |= state == State::Paused;
            words = match state {
                State::Paused | State::Held => PAUSED,
                State::Recording if words.upper == NONE.upper => ACTIVE,
                State::Recording | State::Stopped => words,
            };
        }
        Summary { words, secure_pause: self.traits.secure_pause.then_some(secure_pause) }
    }
}

impl Recording {
    /// Whether it is what this participant says.
    pub(super) fn records(&self, party: &Party) -> bool {
        match self.recorder {
            Recorder::Policy => matches!(party.purpose, Purpose::Customer | Purpose::Agent),
            Recorder::Adhoc(whose) | Recorder::Snippet(whose) => whose == party.id,
        }
    }
}

impl Leaving {
    fn word(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::ConsultTransfer => "transfer.consult",
            Self::Conference => "transfer.conference",
        }
    }
}
