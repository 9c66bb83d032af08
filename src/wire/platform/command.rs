//! Commands of the published API: secure pause of a conversation, and the recorders of one of its participants.

use bytes::Bytes;

use super::super::Ask;
use super::permissions::{Endpoint, PARTICIPANT, RECORDING_STATE, SNIPPET};
use super::{path_of, request};
use crate::error::{Error, Missed, ParticipantError};
use crate::exchange::{Effect, Request, Response};
use crate::model::{Action, Command, ConversationId, Document, ParticipantId, Recorder};

/// A secure pause is the conversation's; all else is one participant's.
pub(super) fn is_aimed(command: &Command) -> bool {
    matches!(command.action, Action::Start | Action::Stop)
}

pub(super) fn check(command: &Command) -> Result<(), Error> {
    let Command { action, participant, recorder } = command;
    if !is_aimed(command) && (participant.is_some() || *recorder != Recorder::default()) {
        return Err(Error::Config(format!(
            "A {action} is for the whole conversation: participant= and recorder= belong to start and stop."
        )));
    }
    Ok(())
}

/// Sends it. All three endpoints answer a command that changes nothing like any other.
pub(super) fn ask(id: &ConversationId, command: &Command, aim: Option<&ParticipantId>) -> Result<Ask<Document>, Error> {
    let record = command.action == Action::Start;
    let participant =
        |aim: &ParticipantId| format!("/api/v2/conversations/calls/{}/participants/{}", id.segment(), aim.segment());
    let request = match (command.action, aim, command.recorder) {
        (Action::Start | Action::Stop, Some(aim), Recorder::Participant) => {
            sent(&PARTICIPANT, participant(aim), format!("{{\"recording\":{record}}}"))
        }
        (Action::Start | Action::Stop, Some(aim), recorder) => {
            let body = format!("{{\"type\":\"{recorder}\",\"record\":{record}}}");
            sent(&SNIPPET, format!("{}/snippet/record", participant(aim)), body)
        }
        (Action::Start | Action::Stop, None, _) => {
            return Err(ParticipantError::new(id.as_str(), Missed::Nobody).into());
        }
        (action @ (Action::Pause | Action::Resume), ..) => {
            // What setting NONE does is not documented: it is never sent.
            let state = if action == Action::Pause { "PAUSED" } else { "ACTIVE" };
            let path = format!("{}/recordingstate", path_of(id));
            sent(&RECORDING_STATE, path, format!("{{\"recordingState\":\"{state}\"}}"))
        }
    };
    Ok(Ask::new(request, |answer| {
        // 202 with an empty body, a word as a string, or an object of its own: none of them prove anything.
        let Response { body, .. } = answer?;
        Ok(Document::parse(&body).and_then(|raw| raw.presentable("")).unwrap_or_else(|_| Document::empty()))
    }))
}

fn sent(endpoint: &Endpoint, path: String, body: String) -> Request {
    Request { body: Some(Bytes::from(body)), effect: Effect::Command, ..request(endpoint, path) }
}
